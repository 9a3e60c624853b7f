//! A configuration, checked and compiled: the one place that decides about elements and attributes.
//!
//! Our own pass and ammonia ask the same policy, so that they can only differ in how they walk the tree.

mod changes;

use super::audit::Level;
use super::class::{Class, class_of};
use super::css;
use super::names::Names;
use super::options::Limits;
use super::profile::{DROPPED, Profile};
use super::purify::Purify;
use super::url::{Place, UrlPolicy, Verdict};
use std::borrow::Cow;
use std::collections::BTreeSet;

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
    /// Attributes that every element may have that stays.
    attributes: Names<Kind>,
    prefixes: &'static [&'static str],
    classes: Classes,
    urls: UrlPolicy,
    id_prefix: Cow<'static, str>,
    /// DOMPurify's rules instead of ours.
    pub(super) purify: Option<Purify>,
    pub(super) limits: Limits,
}

/// What is decided about the elements of one name.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) fate: Fate,
    class: Option<Class>,
    /// Attributes that other elements may not have.
    attributes: Names<Kind>,
    /// Attributes without which the element goes, and the values they are written with; an empty one stands for any.
    pub(super) required: Vec<(&'static str, &'static str)>,
}

impl Tag {
    fn new(fate: Fate, name: &str, attributes: Names<Kind>) -> Self {
        Self { fate, class: Some(class_of(name)), attributes, required: Vec::new() }
    }

    /// What is decided about every name that has no entry.
    fn unknown(fate: Fate) -> Self {
        Self { fate, class: None, attributes: Names::default(), required: Vec::new() }
    }

    /// How the element takes part in tree construction.
    pub(super) fn class_of(&self, name: &str) -> Class {
        self.class.unwrap_or_else(|| class_of(name))
    }

    /// What an attribute is written with if the element needs it: nothing if it does not, `Some(None)` if the value is
    /// not the one that is needed.
    pub(super) fn requires(&self, attribute: &str, value: &str) -> Option<Option<&str>> {
        let (_, wanted) = self.required.iter().find(|(name, _)| *name == attribute)?;
        Some((wanted.is_empty() || wanted.eq_ignore_ascii_case(value)).then_some(*wanted))
    }
}

/// What `fill`, `clip-path` and their like may call beside what computes a colour or a length.
const PAINT_FUNCTIONS: &[&str] = &["circle", "ellipse", "inset", "path", "polygon", "rect", "url", "xywh"];

impl Policy {
    /// What a profile allows.
    pub(super) fn of_profile(profile: Profile) -> Self {
        let data = profile.data();
        let mut tags = Names::with_room(DROPPED.len() + data.elements.len());
        for name in DROPPED {
            tags.put(*name, Tag::new(Fate::Drop, name, Names::default()));
        }
        for (name, own) in data.elements {
            tags.put(*name, Tag::new(Fate::Keep, name, kinds(name, own)));
        }
        for (element, name, value) in data.required {
            if let Some(tag) = tags.get_mut(element) {
                tag.required.push((name, value));
            }
        }
        Self {
            tags,
            unknown: Tag::unknown(Fate::Unwrap),
            attributes: kinds(OF_ALL, data.attributes),
            prefixes: data.attribute_prefixes,
            classes: Classes::of(data.classes),
            urls: UrlPolicy::of_profile(data, ID_PREFIX),
            id_prefix: ID_PREFIX.into(),
            purify: None,
            limits: Limits::default(),
        }
    }

    /// A policy that decides as DOMPurify does.
    pub(super) fn of(
        elements: BTreeSet<String>,
        dropped: BTreeSet<String>,
        keep_content: bool,
        purify: Purify,
    ) -> Self {
        let dropped = dropped.into_iter().map(|name| (name, Fate::Drop));
        let kept = elements.into_iter().chain([CUSTOM.to_owned()]).map(|name| (name, Fate::Keep));
        let tags = dropped.chain(kept).map(|(name, fate)| {
            let tag = Tag::new(fate, &name, Names::default());
            (name, tag)
        });
        Self {
            tags: Names::new(tags),
            unknown: Tag::unknown(if keep_content { Fate::Unwrap } else { Fate::Drop }),
            attributes: Names::default(),
            prefixes: &[],
            classes: Classes::default(),
            urls: UrlPolicy::of_profile(Profile::default().data(), ""),
            id_prefix: "".into(),
            purify: Some(purify),
            limits: Limits::default(),
        }
    }

    /// What is decided about elements of this local name.
    pub(super) fn tag(&self, element: &str) -> &Tag {
        if let Some(tag) = self.tags.get(element) {
            return tag;
        }
        match &self.purify {
            Some(purify) => self.tag_of_purify(purify, element),
            None => &self.unknown,
        }
    }

    /// DOMPurify compares names without case.
    #[inline(never)]
    fn tag_of_purify(&self, purify: &Purify, element: &str) -> &Tag {
        let lower = element.to_ascii_lowercase();
        match self.tags.get(&lower) {
            Some(tag) => tag,
            None if purify.is_custom(&lower) => self.tags.get(CUSTOM).unwrap_or(&self.unknown),
            None => &self.unknown,
        }
    }

    /// What kind of value an attribute has, if the element may have it at all.
    pub(super) fn kind(&self, tag: &Tag, element: &str, attribute: &str) -> Option<Kind> {
        if let Some(kind) = tag.attributes.get(attribute).or_else(|| self.attributes.get(attribute)) {
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
        let listed = self.prefixes.iter().any(|prefix| attribute.strip_prefix(prefix).is_some_and(plain));
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
        self.kind(tag, element, attribute).or_else(|| self.attributes(tag).find(spelt).map(|(_, kind)| *kind))
    }

    /// What happens to the value of an attribute that is listed. Each larger judgement is a function that is kept apart:
    /// an engine compiles what is called.
    pub(super) fn judge(&self, kind: Kind, value: &str) -> Verdict {
        match kind {
            Kind::Plain => Verdict::Keep,
            Kind::Checked { safe, data, named, trimmed } => match &self.purify {
                Some(purify) => purify.judge(safe, data, named, trimmed, value),
                None => Verdict::Keep,
            },
            Kind::Url(place) => self.urls.judge(place, value),
            Kind::Urls => self.urls.judge_list(value),
            Kind::Srcset => self.urls.judge_srcset(value),
            Kind::Style => judge_style(value),
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

    /// The attributes that an element may have.
    pub(super) fn attributes<'p>(&'p self, tag: &'p Tag) -> impl Iterator<Item = (&'p str, &'p Kind)> {
        tag.attributes.iter().chain(self.attributes.iter())
    }

    /// The starts of attribute names that every element may have.
    pub(super) const fn prefixes(&self) -> &'static [&'static str] {
        self.prefixes
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

    #[inline(never)]
    fn judge_class(&self, value: &str) -> Verdict {
        let Classes { listed, removed } = &self.classes;
        if listed.is_none() && removed.is_empty() {
            return Verdict::Keep;
        }
        let names = |list: &[Cow<'static, str>], class: &str| {
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

    #[inline(never)]
    fn prefix_all(&self, value: &str, list: bool) -> Verdict {
        let prefix = &*self.id_prefix;
        let has = |id: &str| id.starts_with(prefix);
        if prefix.is_empty() {
            Verdict::Keep
        } else if list {
            if value.split_ascii_whitespace().all(has) {
                return Verdict::Keep;
            }
            let ids = value.split_ascii_whitespace();
            let ids = ids.map(|id| if has(id) { id.to_owned() } else { [prefix, id].concat() });
            Verdict::Change(ids.collect::<Vec<_>>().join(" "))
        } else if value.is_empty() {
            Verdict::Drop("the id is empty")
        } else if has(value) {
            Verdict::Keep
        } else {
            Verdict::Change([prefix, value].concat())
        }
    }

    /// `fill`, `mask` and their like: a plain value, or a reference inside the document.
    #[inline(never)]
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
                if original.starts_with(&*self.id_prefix) {
                    Verdict::Keep
                } else {
                    let before = value.get(..start).unwrap_or("");
                    Verdict::Change([before, "url(#", &self.id_prefix, original].concat())
                }
            }
            _ => Verdict::Drop("the reference leaves the document"),
        }
    }
}

#[inline(never)]
fn judge_style(value: &str) -> Verdict {
    match css::filter(value) {
        None => Verdict::Keep,
        Some(style) if style.is_empty() => Verdict::Drop("no property of the style may stay"),
        Some(style) => Verdict::Change(style),
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

/// What stands before every `id` and `name` if options name nothing else.
const ID_PREFIX: &str = "user-content-";

/// The name of no element: what the value of an attribute is that all elements may have, but for those on which it is
/// another.
const OF_ALL: &str = "";

fn kinds(element: &str, attributes: &[&'static str]) -> Names<Kind> {
    Names::new(attributes.iter().map(|attribute| (*attribute, kind(element, attribute))))
}

/// What the value of an attribute is.
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

/// Which classes may stay.
#[derive(Clone, Debug, Default)]
struct Classes {
    /// Those that are listed; every one if none is.
    listed: Option<Vec<Cow<'static, str>>>,
    /// Those that go all the same.
    removed: Vec<Cow<'static, str>>,
}

impl Classes {
    fn of(profile: &[&'static str]) -> Self {
        let listed: Vec<_> = profile.iter().map(|class| Cow::Borrowed(*class)).collect();
        Self { listed: (!listed.is_empty()).then_some(listed), removed: Vec::new() }
    }
}
