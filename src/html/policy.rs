//! A configuration, checked and compiled: the one place that decides about elements and attributes.
//!
//! Our own pass and ammonia ask the same policy, so that they can only differ in how they walk the tree.

use super::audit::Level;
use super::class::{self, Class};
use super::css;
use super::names::Names;
use super::options::{Limits, Options, Relative, check_limits};
use super::profile::DROPPED;
use super::purify::Purify;
use super::url::{Place, UrlPolicy, Verdict};
use crate::collect::gather;
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What happens to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    /// The element goes, its content stays.
    Unwrap,
    /// The element goes with its content.
    Drop,
}

/// A compiled configuration.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    tags: Names<Tag>,
    /// What every element is that has no entry.
    unknown: Tag,
    prefixes: Vec<String>,
    classes: Classes,
    urls: UrlPolicy,
    id_prefix: String,
    /// DOMPurify's rules instead of ours.
    pub(super) purify: Option<Purify>,
    pub(super) limits: Limits,
}

/// An element that stays, while a policy is being made.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) attributes: Vec<(String, Kind)>,
    pub(super) required: Vec<(String, String)>,
}

/// What is decided about the elements of one name.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) fate: Fate,
    class: Option<Class>,
    attributes: Names<Kind>,
    /// Attributes without which the element goes, and the values they are written with; an empty one stands for any.
    pub(super) required: Vec<(String, String)>,
}

impl Tag {
    /// How the element takes part in tree construction.
    pub(super) fn class_of(&self, name: &str) -> Class {
        self.class.unwrap_or_else(|| class::class_of(name))
    }

    /// What an attribute is written with if the element needs it: nothing if it does not, `Some(None)` if the value is
    /// not the one that is needed.
    pub(super) fn requires(&self, attribute: &str, value: &str) -> Option<Option<&str>> {
        let (_, wanted) = self.required.iter().find(|(name, _)| name == attribute)?;
        Some((wanted.is_empty() || wanted.eq_ignore_ascii_case(value)).then_some(wanted.as_str()))
    }

    /// The names of the attributes that the element may have.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name)
    }
}

/// Elements that no configuration may allow: they run, load or rewrite the page by being there.
#[rustfmt::skip]
const NEVER: &[&str] = &[
    "animate", "animateColor", "animateMotion", "animateTransform", "applet", "base", "body", "discard", "embed",
    "fencedframe", "foreignObject", "frame", "frameset", "head", "html", "iframe", "link", "math", "meta", "noembed",
    "noframes", "noscript", "object", "param", "plaintext", "portal", "script", "selectedcontent", "set", "style",
    "template", "textarea", "title", "use", "xmp",
];

/// What `fill`, `clip-path` and their like may call beside what computes a colour or a length.
const PAINT_FUNCTIONS: &[&str] = &["circle", "ellipse", "inset", "path", "polygon", "rect", "url", "xywh"];

/// Attributes that no configuration may allow: they name code, or what is loaded as code.
const NEVER_ATTRIBUTES: &[&str] = &[
    "attributename",
    "attributionsrc",
    "code",
    "codebase",
    "classid",
    "is",
    "nonce",
    "http-equiv",
    "sandbox",
    "slot",
    "srcdoc",
    "xmlns:xlink",
];

impl Policy {
    /// Checks and compiles options.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) for what contradicts itself or is never safe.
    pub(super) fn new(mut options: Options) -> Result<Self> {
        // HTML's names have no case, SVG's do: what is added is added in both spellings.
        both_spellings(&mut options.add.tags);
        options.add.attributes.values_mut().for_each(both_spellings);
        let data = options.profile.data();
        let (add, remove) = (&options.add, &options.remove);
        check_limits(&options.limits)?;
        check_changes("add", add)?;
        check_changes("remove", remove)?;
        if add.tags.iter().any(|tag| lists(&remove.tags, tag)) {
            return Err(Error::config("html: a tag stands both in add.tags and in remove.tags"));
        }
        if add.tags.iter().any(|tag| NEVER.iter().any(|never| never.eq_ignore_ascii_case(tag))) {
            return Err(Error::config("html: add.tags names an element that is never safe"));
        }
        for attribute in add.attributes.values().flatten() {
            let name = attribute.to_ascii_lowercase();
            if name.starts_with("on") || NEVER_ATTRIBUTES.contains(&name.as_str()) {
                return Err(Error::config("html: add.attributes names an attribute that is never safe"));
            }
        }
        if add.schemes.iter().any(|scheme| is_script_scheme(scheme)) {
            return Err(Error::config(
                "html: add.schemes names a scheme that runs code or carries a document",
            ));
        }

        let elements = data
            .elements
            .iter()
            .map(|(name, attributes)| (*name, gather(attributes.iter().copied())))
            .filter(|(name, _)| !lists(&remove.tags, name));
        let mut elements: BTreeMap<&str, BTreeSet<&str>> = gather(elements);
        for tag in &add.tags {
            elements.entry(tag.as_str()).or_default();
        }
        let mut global: BTreeSet<&str> = gather(data.attributes.iter().copied());
        for (element, names) in &add.attributes {
            if element == "*" {
                global.extend(names.iter().map(String::as_str));
                continue;
            }
            let mut allowed = false;
            for (_, attributes) in elements.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(element))
            {
                attributes.extend(names.iter().map(String::as_str));
                allowed = true;
            }
            if !allowed {
                return Err(Error::config("html: add.attributes names an element that is not allowed"));
            }
        }
        for (element, names) in &remove.attributes {
            if element == "*" {
                global.retain(|name| !lists(names, name));
            } else if global.iter().any(|name| lists(names, name)) {
                return Err(Error::config(
                    "html: remove.attributes takes from one element what all may have: use `*`",
                ));
            }
            for (name, attributes) in &mut elements {
                if element == "*" || name.eq_ignore_ascii_case(element) {
                    attributes.retain(|name| !lists(names, name));
                }
            }
        }
        // Who adds an element by its name wants all of them.
        let added = |element: &str| lists(&add.tags, element);
        let required = |element: &str| {
            let of_element = data.required.iter().filter(|(name, _, _)| *name == element && !added(name));
            of_element.map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let id_prefix = options.id_prefix.clone().unwrap_or_else(|| "user-content-".to_owned());
        if !id_prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            || id_prefix.len() > 64
        {
            return Err(Error::config("html: idPrefix must be letters, digits, - and _, at most 64"));
        }
        let elements = elements.into_iter().map(|(name, own)| {
            let attributes = own.iter().chain(&global);
            let attributes = attributes.map(|attribute| ((*attribute).to_owned(), kind(name, attribute)));
            (name.to_owned(), Element { attributes: gather(attributes), required: required(name) })
        });
        let (tags, unknown) = compile(gather(elements), &gather(DROPPED.iter().copied()), Fate::Unwrap);
        Ok(Self {
            tags,
            unknown,
            prefixes: data.attribute_prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
            classes: Classes::of(data.classes, &add.classes, &remove.classes),
            urls: url_policy(&options, &id_prefix)?,
            id_prefix,
            purify: None,
            limits: options.limits,
        })
    }

    /// A policy that decides as DOMPurify does.
    pub(super) fn of(
        elements: BTreeMap<String, Element>,
        dropped: &BTreeSet<&str>,
        keep_content: bool,
        purify: Purify,
        limits: Limits,
    ) -> Result<Self> {
        let (tags, unknown) =
            compile(elements, dropped, if keep_content { Fate::Unwrap } else { Fate::Drop });
        Ok(Self {
            tags,
            unknown,
            prefixes: Vec::new(),
            classes: Classes::default(),
            urls: url_policy(&Options::default(), "")?,
            id_prefix: String::new(),
            purify: Some(purify),
            limits,
        })
    }

    /// What is decided about elements of this local name.
    pub(super) fn tag(&self, element: &str) -> &Tag {
        if let Some(tag) = self.tags.get(element) {
            return tag;
        }
        let Some(purify) = &self.purify else { return &self.unknown };
        // DOMPurify compares names without case.
        let lower = element.to_ascii_lowercase();
        match self.tags.get(&lower) {
            Some(tag) => tag,
            None if purify.is_custom(&lower) => self.tags.get(CUSTOM).unwrap_or(&self.unknown),
            None => &self.unknown,
        }
    }

    /// What kind of value an attribute has, if the element may have it at all.
    pub(super) fn kind(&self, tag: &Tag, element: &str, attribute: &str) -> Option<Kind> {
        if let Some(kind) = tag.attributes.get(attribute) {
            return Some(*kind);
        }
        if let Some(purify) = &self.purify {
            let lower = attribute.to_ascii_lowercase();
            return purify.kind(&element.to_ascii_lowercase(), &lower);
        }
        // What follows the prefix must be a name in every parser, not only in one of HTML.
        let plain = |tail: &str| {
            !tail.is_empty()
                && tail.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
        };
        let listed =
            self.prefixes.iter().any(|prefix| attribute.strip_prefix(prefix.as_str()).is_some_and(plain));
        listed.then(|| kind(element, attribute))
    }

    /// As [`Self::tag`], for a name whose capitals are lost where SVG is not: `linearGradient` inside `math`.
    pub(super) fn tag_in_any_case(&self, element: &str) -> &Tag {
        let tag = self.tag(element);
        let spelt = |(name, tag): &(&str, &Tag)| tag.fate == Fate::Keep && name.eq_ignore_ascii_case(element);
        if tag.fate == Fate::Keep { tag } else { self.tags.iter().find(spelt).map_or(tag, |(_, tag)| tag) }
    }

    /// As [`Self::kind`], for a name whose capitals may be lost.
    pub(super) fn kind_in_any_case(&self, tag: &Tag, element: &str, attribute: &str) -> Option<Kind> {
        let spelt = |(name, _): &(&str, &Kind)| name.eq_ignore_ascii_case(attribute);
        self.kind(tag, element, attribute)
            .or_else(|| tag.attributes.iter().find(spelt).map(|(_, kind)| *kind))
    }

    /// What happens to the value of an attribute that is listed.
    pub(super) fn judge(&self, kind: Kind, value: &str) -> Verdict {
        match kind {
            Kind::Plain => Verdict::Keep,
            Kind::Checked { safe, data, named, trimmed } => match &self.purify {
                Some(purify) => purify.judge(safe, data, named, trimmed, value),
                None => Verdict::Keep,
            },
            Kind::Url(place) => self.urls.judge(place, value),
            Kind::Urls => match value
                .split_ascii_whitespace()
                .all(|url| self.urls.judge(Place::Link, url) == Verdict::Keep)
            {
                true => Verdict::Keep,
                false => Verdict::Drop("one of the URLs may not stay"),
            },
            Kind::Srcset => self.urls.judge_srcset(value),
            Kind::Style => match css::filter(value) {
                None => Verdict::Keep,
                Some(style) if style.is_empty() => Verdict::Drop("no property of the style may stay"),
                Some(style) => Verdict::Change(style),
            },
            Kind::Paint => self.judge_paint(value),
            Kind::Class => self.judge_class(value),
            Kind::Id => self.prefix_all(value, false),
            Kind::IdRefs => self.prefix_all(value, true),
            Kind::MapRef => match value.strip_prefix('#') {
                Some(_) => self.urls.judge(Place::Link, value),
                None => Verdict::Drop("the map is not of this document"),
            },
        }
    }

    /// The elements of one fate.
    pub(super) fn elements(&self, fate: Fate) -> impl Iterator<Item = (&str, &Tag)> {
        self.tags.iter().filter(move |(name, tag)| tag.fate == fate && *name != CUSTOM)
    }

    /// The starts of attribute names that every element may have.
    pub(super) fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// Whether markup that is properly nested may go without a tree.
    pub(super) fn goes_straight(&self, html: &str) -> bool {
        self.purify.as_ref().is_none_or(|purify| purify.goes_straight() && !purify.may_have_head(html))
    }

    /// What the second line asks of the output.
    pub(super) fn audit_level(&self) -> Level<'_> {
        if self.purify.is_some() {
            return Level::Execution;
        }
        Level::Full { id_prefix: &self.id_prefix }
    }

    /// Every scheme that some URL may have.
    pub(super) fn schemes(&self) -> Vec<&str> {
        self.urls.schemes()
    }

    fn judge_class(&self, value: &str) -> Verdict {
        let Classes { listed, removed } = &self.classes;
        if listed.is_none() && removed.is_empty() {
            return Verdict::Keep;
        }
        let names = |list: &[String], class: &str| {
            list.iter().any(|listed| match listed.strip_suffix('*') {
                Some(start) => class.starts_with(start),
                None => class == listed,
            })
        };
        let stays = |class: &&str| {
            listed.as_ref().is_none_or(|listed| names(listed, class)) && !names(removed, class)
        };
        let kept: Vec<_> = value.split_ascii_whitespace().filter(stays).collect();
        if kept.is_empty() {
            Verdict::Drop("no class may stay")
        } else if kept.len() == value.split_ascii_whitespace().count() {
            Verdict::Keep
        } else {
            Verdict::Change(kept.join(" "))
        }
    }

    fn prefix_all(&self, value: &str, list: bool) -> Verdict {
        let prefix = self.id_prefix.as_str();
        let has = |id: &str| id.starts_with(prefix);
        if prefix.is_empty() {
            Verdict::Keep
        } else if list {
            if value.split_ascii_whitespace().all(has) {
                return Verdict::Keep;
            }
            let ids = value.split_ascii_whitespace();
            let ids = ids.map(|id| if has(id) { id.to_owned() } else { format!("{prefix}{id}") });
            Verdict::Change(ids.collect::<Vec<_>>().join(" "))
        } else if value.is_empty() {
            Verdict::Drop("the id is empty")
        } else if has(value) {
            Verdict::Keep
        } else {
            Verdict::Change(format!("{prefix}{value}"))
        }
    }

    /// `fill`, `mask` and their like: a plain value, or a reference inside the document.
    fn judge_paint(&self, value: &str) -> Verdict {
        if value.contains('\\') || value.contains("/*") {
            return Verdict::Drop("the value holds an escape or a comment");
        }
        if !css::calls_only(value, PAINT_FUNCTIONS) {
            return Verdict::Drop("the value may load something");
        }
        let lower = value.to_ascii_lowercase();
        let Some(start) = lower.find("url") else { return Verdict::Keep };
        let inner = lower.get(start..).and_then(|rest| rest.strip_prefix("url(#"));
        let id = inner.and_then(|rest| rest.split_once(')')).map(|(id, _)| id);
        let is_id =
            |id: &&str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
        let rest = inner.and_then(|rest| rest.split_once(')')).map_or("", |(_, rest)| rest);
        match id.filter(is_id) {
            Some(_) if !rest.contains("url") => {
                let original = value.get(start + 5..).unwrap_or("");
                if original.starts_with(&self.id_prefix) {
                    Verdict::Keep
                } else {
                    let before = value.get(..start).unwrap_or("");
                    Verdict::Change(format!("{before}url(#{}{original}", self.id_prefix))
                }
            }
            _ => Verdict::Drop("the reference leaves the document"),
        }
    }
}

/// What an attribute's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// What DOMPurify checks: `safe` from being a URL, may hold image `data`, is a name, is `trimmed`.
    Checked {
        safe: bool,
        data: bool,
        named: bool,
        trimmed: bool,
    },
    Url(Place),
    /// URLs divided by spaces: `ping`.
    Urls,
    Srcset,
    Style,
    /// A presentation attribute of SVG, which may refer to an element or load an image.
    Paint,
    Class,
    Id,
    IdRefs,
    /// `usemap`: a name after `#`.
    MapRef,
}

/// The entry of custom elements; no element has this name.
const CUSTOM: &str = "#custom";

/// Compiles the table of elements.
fn compile(
    mut elements: BTreeMap<String, Element>,
    dropped: &BTreeSet<&str>,
    unlisted: Fate,
) -> (Names<Tag>, Tag) {
    elements.insert(CUSTOM.to_owned(), elements.get("span").cloned().unwrap_or_default());
    let special = class::SPECIAL.iter().chain(class::BEYOND).copied();
    let names: BTreeSet<String> =
        gather(elements.keys().cloned().chain(dropped.iter().copied().chain(special).map(str::to_owned)));
    let tags = names.into_iter().map(|name| {
        let own = elements.remove(&name);
        let fate = match own {
            Some(_) => Fate::Keep,
            None if dropped.contains(name.as_str()) => Fate::Drop,
            None => unlisted,
        };
        let own = own.unwrap_or_default();
        let class = Some(class::class_of(&name));
        let tag = Tag { fate, class, attributes: Names::new(own.attributes), required: own.required };
        (name, tag)
    });
    (Names::new(tags), Tag { fate: unlisted, class: None, attributes: Names::new([]), required: Vec::new() })
}

fn kind(element: &str, attribute: &str) -> Kind {
    match attribute {
        "href" | "xlink:href" if matches!(element, "a" | "area") => Kind::Url(Place::Link),
        "cite" | "longdesc" | "action" | "formaction" => Kind::Url(Place::Link),
        "ping" => Kind::Urls,
        "href" | "xlink:href" | "src" | "poster" | "background" | "data" | "lowsrc" | "dynsrc"
        | "manifest" | "codebase" | "classid" | "archive" | "profile" | "icon" | "itemtype" => {
            Kind::Url(Place::Resource)
        }
        "srcset" | "imagesrcset" => Kind::Srcset,
        "style" => Kind::Style,
        "clip-path" | "cursor" | "fill" | "filter" | "marker" | "marker-end" | "marker-mid"
        | "marker-start" | "mask" | "stroke" => Kind::Paint,
        "class" => Kind::Class,
        "id" | "name" => Kind::Id,
        "for"
        | "form"
        | "headers"
        | "itemref"
        | "list"
        | "popovertarget"
        | "commandfor"
        | "aria-activedescendant"
        | "aria-controls"
        | "aria-describedby"
        | "aria-details"
        | "aria-errormessage"
        | "aria-flowto"
        | "aria-labelledby"
        | "aria-owns" => Kind::IdRefs,
        "usemap" => Kind::MapRef,
        _ => Kind::Plain,
    }
}

fn is_script_scheme(scheme: &str) -> bool {
    ["javascript", "vbscript", "livescript", "mocha", "data", "blob", "filesystem", "about", "command"]
        .iter()
        .any(|script| script.eq_ignore_ascii_case(scheme))
}

/// Which classes may stay.
#[derive(Clone, Debug, Default)]
struct Classes {
    /// Those that are listed; every one if none is.
    listed: Option<Vec<String>>,
    /// Those that go all the same.
    removed: Vec<String>,
}

impl Classes {
    fn of(profile: &[&str], add: &[String], remove: &[String]) -> Self {
        let profile = profile.iter().map(|class| (*class).to_owned());
        let listed: Vec<_> = profile.chain(add.iter().cloned()).collect();
        Self { listed: (!listed.is_empty()).then_some(listed), removed: remove.to_vec() }
    }
}

/// Whether a list holds a name, in whatever case.
fn lists(names: &[String], name: &str) -> bool {
    names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

/// Adds the lower-case spelling of names that have another one.
fn both_spellings(names: &mut Vec<String>) {
    let lower: Vec<_> =
        names.iter().map(|name| name.to_ascii_lowercase()).filter(|name| !names.contains(name)).collect();
    names.extend(lower);
}

fn url_policy(options: &Options, id_prefix: &str) -> Result<UrlPolicy> {
    let data = options.profile.data();
    let urls = &options.urls;
    let absolute = |value: &String| {
        Url::parse(value)
            .ok()
            .filter(|url| !url.cannot_be_a_base() && !is_script_scheme(url.scheme()))
            .ok_or_else(|| {
                Error::config("html: urls.resourceRoots and urls.relative.base must be absolute URLs")
            })
    };
    let base = match &urls.relative {
        Relative::Base(base) => Some(absolute(base)?),
        _ => None,
    };
    let host = |host: &String| {
        let name = host.strip_prefix("*.").unwrap_or(host);
        host == "*"
            || (!name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b)))
    };
    if !urls.remote_hosts.iter().all(host) {
        return Err(Error::config("html: urls.remoteHosts must be lower-case host names, `*.name` or `*`"));
    }
    let schemes = data.link_schemes.iter().map(|scheme| (*scheme).to_owned());
    Ok(UrlPolicy {
        link_schemes: schemes
            .chain(options.add.schemes.iter().map(|scheme| scheme.to_ascii_lowercase()))
            .filter(|scheme| !lists(&options.remove.schemes, scheme))
            .collect(),
        resource_schemes: data.resource_schemes.iter().map(|scheme| (*scheme).to_owned()).collect(),
        remote_hosts: urls.remote_hosts.clone(),
        data_image_bytes: urls.data_image_bytes.min(Limits::CEILING.bytes),
        commands: urls.commands.clone(),
        roots: urls.resource_roots.iter().map(absolute).collect::<Result<_>>()?,
        relative: urls.relative.clone(),
        base,
        id_prefix: id_prefix.to_owned(),
    })
}

/// Names must be names: what could end a tag or an attribute is no name.
fn check_changes(which: &str, changes: &super::options::Changes) -> Result<()> {
    let plain = |name: &String| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte))
            && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
    };
    let all = |names: Vec<&String>, field: &str| match names.into_iter().all(plain) {
        true => Ok(()),
        false => {
            Err(Error::config(format!("html: {which}.{field} must hold names of letters, digits and -_:.")))
        }
    };
    all(changes.tags.iter().collect(), "tags")?;
    all(changes.attributes.keys().filter(|name| *name != "*").collect(), "attributes")?;
    all(changes.attributes.values().flatten().collect(), "attributes")?;
    let scheme = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    if !changes.schemes.iter().all(scheme) {
        return Err(Error::config(format!("html: {which}.schemes must hold schemes without the colon")));
    }
    Ok(())
}
