//! The `SanitizerConfig` of the HTML standard, and what `setHTML` does with it.
//!
//! The safe baseline always applies: what runs code is removed whatever the configuration says. The steps follow
//! "sanitize" and "canonicalize the configuration" of the HTML standard. The browser cleans while it parses;
//! this cleans the parsed tree, so that the answers differ where removing an element changes the parse.

use super::standard_default::{ATTRIBUTES, ELEMENTS};
use crate::collect::gather;
use crate::error::{Error, Result};
use html5ever::{Namespace, ns};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A namespace that elements come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    Html,
    MathMl,
    Svg,
    /// Of attributes: none. Of elements: one that the parser never gives.
    Other,
}

impl Space {
    pub(super) fn of(namespace: &Namespace) -> Self {
        match *namespace {
            ns!(html) => Self::Html,
            ns!(mathml) => Self::MathMl,
            ns!(svg) => Self::Svg,
            _ => Self::Other,
        }
    }

    fn named(url: Option<&str>) -> Self {
        match url {
            Some("http://www.w3.org/1999/xhtml") => Self::Html,
            Some("http://www.w3.org/1998/Math/MathML") => Self::MathMl,
            Some("http://www.w3.org/2000/svg") => Self::Svg,
            _ => Self::Other,
        }
    }
}

/// A configuration as the standard has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SanitizerConfig {
    /// Elements that stay; all others go with their content.
    pub elements: Option<Vec<ElementEntry>>,
    /// Elements that go with their content; all others stay.
    pub remove_elements: Option<Vec<Name>>,
    /// Elements that are replaced with their content.
    pub replace_with_children_elements: Option<Vec<Name>>,
    /// Attributes that stay; all others go.
    pub attributes: Option<Vec<Name>>,
    /// Attributes that go; all others stay.
    pub remove_attributes: Option<Vec<Name>>,
    /// Whether comments stay.
    pub comments: Option<bool>,
    /// Whether `data-*` attributes stay beside `attributes`.
    pub data_attributes: Option<bool>,
    /// Processing instructions that stay, by target; none if neither list is given.
    pub processing_instructions: Option<Vec<Instruction>>,
    /// Processing instructions that go.
    pub remove_processing_instructions: Option<Vec<Instruction>>,
}

/// A name, with its namespace if it is not the usual one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Name {
    /// An element of HTML, or an attribute without a namespace.
    Plain(String),
    /// A name and its namespace.
    Full {
        /// The local name.
        name: String,
        /// The namespace's URL.
        #[serde(default, deserialize_with = "given")]
        namespace: Option<Option<String>>,
    },
}

/// An element and what is said about its own attributes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ElementEntry {
    /// An element of HTML.
    Plain(String),
    /// An element with its attributes.
    Full {
        /// The local name.
        name: String,
        /// The namespace's URL.
        #[serde(default, deserialize_with = "given")]
        namespace: Option<Option<String>>,
        /// Attributes that stay beside the global ones.
        #[serde(default)]
        attributes: Option<Vec<Name>>,
        /// Attributes that go although they are not removed globally.
        #[serde(default, rename = "removeAttributes")]
        remove_attributes: Option<Vec<Name>>,
    },
}

/// The target of a processing instruction.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Instruction {
    /// The target.
    Plain(String),
    /// The target, as an object.
    Full {
        /// The target.
        target: String,
    },
}

/// Tells a namespace that is `null` from one that is not given.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

type Element = (Space, String);
/// An attribute's namespace prefix as the parser gives it (empty for none), and its name.
type Attribute = (String, String);

#[derive(Clone, Debug, Default)]
struct Own {
    attributes: Option<BTreeSet<Attribute>>,
    removed: BTreeSet<Attribute>,
}

/// A configuration, checked, with the safe baseline applied.
#[derive(Clone, Debug)]
pub(super) struct Standard {
    elements: Option<BTreeMap<Element, Own>>,
    removed: BTreeSet<Element>,
    replaced: BTreeSet<Element>,
    attributes: Option<BTreeSet<Attribute>>,
    removed_attributes: BTreeSet<Attribute>,
    pub(super) comments: bool,
    data_attributes: bool,
    instructions: Instructions,
}

/// Processing instructions, by target.
#[derive(Clone, Debug)]
enum Instructions {
    Listed(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}

/// What happens to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Replace,
    Remove,
}

/// Elements that run code or load a document (standard, "built-in safe baseline configuration").
const UNSAFE: &[(Space, &str)] = &[
    (Space::Html, "base"),
    (Space::Html, "embed"),
    (Space::Html, "frame"),
    (Space::Html, "iframe"),
    (Space::Html, "object"),
    (Space::Html, "script"),
    (Space::Svg, "script"),
    (Space::Svg, "use"),
];

impl Standard {
    /// Checks a configuration and applies the safe baseline. Without one, the standard's default applies.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) where the standard throws a `TypeError`.
    pub(super) fn new(config: Option<SanitizerConfig>) -> Result<Self> {
        let Some(config) = config else { return Ok(Self::built_in()) };
        let refuse = |message: &'static str| Err(Error::config(message));
        if config.elements.is_some() && config.remove_elements.is_some() {
            return refuse("html: a SanitizerConfig has elements or removeElements, not both");
        }
        if config.attributes.is_some() && config.remove_attributes.is_some() {
            return refuse("html: a SanitizerConfig has attributes or removeAttributes, not both");
        }
        if config.processing_instructions.is_some() && config.remove_processing_instructions.is_some() {
            return refuse(
                "html: a SanitizerConfig has processingInstructions or removeProcessingInstructions, not both",
            );
        }
        for list in
            [&config.processing_instructions, &config.remove_processing_instructions].into_iter().flatten()
        {
            if targets(list).len() < list.len() {
                return refuse("html: a list of a SanitizerConfig names the same target twice");
            }
        }
        let replaced = elements(config.replace_with_children_elements.as_deref())?;
        let removed = elements(config.remove_elements.as_deref())?;
        let attributes = config.attributes.as_deref().map(attributes).transpose()?;
        let removed_attributes = attributes_of(config.remove_attributes.as_deref())?;
        if replaced.iter().any(|element| removed.contains(element)) {
            return refuse(
                "html: an element stands both in removeElements and in replaceWithChildrenElements",
            );
        }
        if config.data_attributes.is_some() && attributes.is_none() {
            return refuse("html: dataAttributes goes with attributes, not with removeAttributes");
        }
        let data_attributes = config.data_attributes.unwrap_or(false);
        let is_data = |attribute: &Attribute| attribute.0.is_empty() && attribute.1.starts_with("data-");
        if data_attributes && attributes.iter().flatten().any(is_data) {
            return refuse("html: dataAttributes is true and attributes lists a data attribute");
        }
        let mut listed = None;
        if let Some(entries) = &config.elements {
            let mut map = BTreeMap::new();
            for entry in entries {
                let (element, own) = entry.canonical()?;
                if replaced.contains(&element) {
                    return refuse(
                        "html: an element stands both in elements and in replaceWithChildrenElements",
                    );
                }
                let mine = own.attributes.iter().flatten();
                match &attributes {
                    Some(all) => {
                        if mine.clone().any(|attribute| all.contains(attribute)) {
                            return refuse("html: an element's attributes repeat what attributes lists");
                        }
                        if own.removed.iter().any(|attribute| !all.contains(attribute)) {
                            return refuse(
                                "html: an element's removeAttributes names what attributes does not list",
                            );
                        }
                        if data_attributes && mine.clone().any(is_data) {
                            return refuse(
                                "html: dataAttributes is true and an element lists a data attribute",
                            );
                        }
                    }
                    None => {
                        if own.attributes.is_some() && entry.removes() {
                            return refuse("html: an element has attributes or removeAttributes, not both");
                        }
                        if mine
                            .clone()
                            .chain(&own.removed)
                            .any(|attribute| removed_attributes.contains(attribute))
                        {
                            return refuse(
                                "html: an element's attributes repeat what removeAttributes lists",
                            );
                        }
                    }
                }
                if map.insert(element, own).is_some() {
                    return refuse("html: elements names the same element twice");
                }
            }
            listed = Some(map);
        }
        Ok(Self {
            elements: listed,
            removed,
            replaced,
            attributes,
            removed_attributes,
            comments: config.comments.unwrap_or(false),
            data_attributes,
            instructions: match (&config.processing_instructions, &config.remove_processing_instructions) {
                (None, Some(removed)) => Instructions::AllBut(targets(removed)),
                (listed, _) => Instructions::Listed(targets(listed.as_deref().unwrap_or(&[]))),
            },
        })
    }

    /// Lets everything stay but what runs.
    pub(super) const fn empty() -> Self {
        Self {
            elements: None,
            removed: BTreeSet::new(),
            replaced: BTreeSet::new(),
            attributes: None,
            removed_attributes: BTreeSet::new(),
            comments: true,
            data_attributes: false,
            instructions: Instructions::AllBut(BTreeSet::new()),
        }
    }

    fn built_in() -> Self {
        let plain = |names: &[&str]| gather(names.iter().map(|name| (String::new(), (*name).to_owned())));
        let elements = ELEMENTS.iter().map(|(space, name, own)| {
            ((*space, (*name).to_owned()), Own { attributes: Some(plain(own)), removed: BTreeSet::new() })
        });
        Self {
            elements: Some(gather(elements)),
            removed: BTreeSet::new(),
            replaced: BTreeSet::new(),
            attributes: Some(plain(ATTRIBUTES)),
            removed_attributes: BTreeSet::new(),
            comments: false,
            data_attributes: false,
            instructions: Instructions::Listed(BTreeSet::new()),
        }
    }

    /// What happens to an element.
    pub(super) fn fate(&self, space: Space, name: &str) -> Fate {
        let element = (space, name.to_owned());
        if UNSAFE.iter().any(|(unsafe_space, unsafe_name)| *unsafe_space == space && *unsafe_name == name) {
            // The baseline comes last: what is unsafe goes even if it is replaced with its content.
            return Fate::Remove;
        }
        if self.replaced.contains(&element) {
            return Fate::Replace;
        }
        let listed = self.elements.as_ref().is_none_or(|elements| elements.contains_key(&element));
        if listed && !self.removed.contains(&element) { Fate::Keep } else { Fate::Remove }
    }

    /// Whether a processing instruction stays.
    pub(super) fn keeps_instruction(&self, target: &str) -> bool {
        match &self.instructions {
            Instructions::Listed(listed) => listed.contains(target),
            Instructions::AllBut(removed) => !removed.contains(target),
        }
    }

    /// Whether an attribute stays. `prefix` is that of the attribute's namespace, without the colon.
    pub(super) fn keeps(&self, space: Space, element: &str, prefix: &str, name: &str, value: &str) -> bool {
        let attribute = (prefix.to_owned(), name.to_owned());
        if prefix.is_empty() && name.starts_with("on") {
            return false;
        }
        let own = self.elements.as_ref().and_then(|elements| elements.get(&(space, element.to_owned())));
        if own.is_some_and(|own| own.removed.contains(&attribute)) {
            return false;
        }
        let mine = own.and_then(|own| own.attributes.as_ref());
        let listed = match &self.attributes {
            Some(all) => {
                all.contains(&attribute)
                    || mine.is_some_and(|mine| mine.contains(&attribute))
                    || (self.data_attributes && prefix.is_empty() && name.starts_with("data-"))
            }
            None => {
                mine.is_none_or(|mine| mine.contains(&attribute))
                    && !self.removed_attributes.contains(&attribute)
            }
        };
        listed && !runs(space, element, prefix, name, value)
    }
}

/// Whether an attribute navigates to code, or animates one that does.
fn runs(space: Space, element: &str, prefix: &str, name: &str, value: &str) -> bool {
    let navigates = matches!(
        (space, element, prefix, name),
        (Space::Html, "a" | "area" | "base", "", "href")
            | (Space::Html, "button" | "input", "", "formaction")
            | (Space::Html, "form", "", "action")
            | (Space::Html, "iframe", "", "src")
            | (Space::Svg, "a", "" | "xlink", "href")
            | (Space::MathMl, _, "" | "xlink", "href")
    );
    let animates = matches!(
        (space, element, prefix, name),
        (Space::Svg, "animate" | "animateMotion" | "animateTransform" | "set", "", "attributeName")
    );
    (navigates && url::Url::parse(value).is_ok_and(|url| url.scheme() == "javascript"))
        || (animates && matches!(value, "href" | "xlink:href"))
}

impl Name {
    fn parts(&self) -> (&str, Option<Option<&str>>) {
        match self {
            Self::Plain(name) => (name, None),
            Self::Full { name, namespace } => (name, namespace.as_ref().map(Option::as_deref)),
        }
    }

    fn element(&self) -> Element {
        let (name, namespace) = self.parts();
        (namespace.map_or(Space::Html, Space::named), name.to_owned())
    }

    fn attribute(&self) -> Attribute {
        let (name, namespace) = self.parts();
        let prefix = match namespace.flatten() {
            None | Some("") => "",
            Some("http://www.w3.org/1999/xlink") => "xlink",
            Some("http://www.w3.org/XML/1998/namespace") => "xml",
            Some("http://www.w3.org/2000/xmlns/") => "xmlns",
            Some(_) => "?",
        };
        (prefix.to_owned(), name.to_owned())
    }
}

impl ElementEntry {
    fn canonical(&self) -> Result<(Element, Own)> {
        match self {
            Self::Plain(name) => Ok(((Space::Html, name.clone()), Own::default())),
            Self::Full { name, namespace, attributes: own, remove_attributes } => {
                let space =
                    namespace.as_ref().map_or(Space::Html, |namespace| Space::named(namespace.as_deref()));
                let own = Own {
                    attributes: own.as_deref().map(attributes).transpose()?,
                    removed: attributes_of(remove_attributes.as_deref())?,
                };
                Ok(((space, name.clone()), own))
            }
        }
    }

    fn removes(&self) -> bool {
        matches!(self, Self::Full { remove_attributes: Some(_), .. })
    }
}

impl Instruction {
    fn target(&self) -> &str {
        match self {
            Self::Plain(target) | Self::Full { target } => target,
        }
    }
}

fn targets(list: &[Instruction]) -> BTreeSet<String> {
    gather(list.iter().map(|instruction| instruction.target().to_owned()))
}

fn elements(names: Option<&[Name]>) -> Result<BTreeSet<Element>> {
    let names = names.unwrap_or(&[]);
    let set: BTreeSet<_> = gather(names.iter().map(Name::element));
    if set.len() < names.len() {
        return Err(Error::config("html: a list of a SanitizerConfig names the same element twice"));
    }
    Ok(set)
}

fn attributes_of(names: Option<&[Name]>) -> Result<BTreeSet<Attribute>> {
    attributes(names.unwrap_or(&[]))
}

fn attributes(names: &[Name]) -> Result<BTreeSet<Attribute>> {
    let set: BTreeSet<_> = gather(names.iter().map(Name::attribute));
    if set.len() < names.len() {
        return Err(Error::config("html: a list of a SanitizerConfig names the same attribute twice"));
    }
    Ok(set)
}
