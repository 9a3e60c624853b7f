//! What was taken out, and why. For people and tests: never a base for a decision about safety.

/// One thing that was taken out or changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Removal {
    /// `element`, `attribute`, `comment`, `instruction`, `doctype` or `text`.
    pub kind: &'static str,
    /// The element's or attribute's name, at most 64 bytes; empty for what has none.
    pub name: String,
    /// Why, in words.
    pub reason: &'static str,
    /// The rule that decided, by a stable name.
    pub rule: &'static str,
}

/// The rules, by stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The profile does not list the name.
    Unlisted,
    /// The element goes with its content.
    Dropped,
    /// The element lacks an attribute that it must have.
    Required,
    /// The element's namespace does not fit its new place.
    Namespace,
    Url,
    Css,
    Class,
    Id,
    /// Too deep.
    Depth,
    /// Too many attributes.
    Attributes,
    /// The second line.
    Audit,
    /// The output did not parse to itself.
    Stability,
}

impl Rule {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unlisted => "unlisted",
            Self::Dropped => "dropped",
            Self::Required => "required",
            Self::Namespace => "namespace",
            Self::Url => "url",
            Self::Css => "css",
            Self::Class => "class",
            Self::Id => "id",
            Self::Depth => "depth",
            Self::Attributes => "attributes",
            Self::Audit => "audit",
            Self::Stability => "stability",
        }
    }

    /// The rule that judges an attribute of this name.
    pub(super) fn of(attribute: &str) -> Self {
        match attribute {
            "style" => Self::Css,
            "class" => Self::Class,
            "id" | "name" => Self::Id,
            _ => Self::Url,
        }
    }
}

/// The most removals that are listed; later ones are only counted.
const MOST: usize = 10_000;

/// The longest name that is listed, in bytes.
const LONGEST_NAME: usize = 64;

/// Collects removals, or only counts them.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) count: usize,
    /// Values that were changed: a change is not a removal.
    pub(super) changes: usize,
    pub(super) removals: Option<Vec<Removal>>,
}

impl Report {
    /// A report that keeps what it is told.
    pub(super) fn listing() -> Self {
        Self { removals: Some(Vec::new()), ..Self::default() }
    }

    pub(super) fn element(&mut self, name: &str, rule: Rule) {
        let reason = match rule {
            Rule::Dropped => "the element goes with its content",
            Rule::Required => "the element lacks an attribute that it must have",
            Rule::Namespace => "the element's namespace does not fit where it would stand",
            Rule::Audit => "the second line found what must not be there",
            _ => "the element is not listed; its content stays",
        };
        self.add("element", name, reason, rule.name());
    }

    pub(super) fn attribute(&mut self, name: &str, rule: Rule, reason: &'static str) {
        self.add("attribute", name, reason, rule.name());
    }

    pub(super) fn comment(&mut self) {
        self.add("comment", "", "comments are removed", "comment");
    }

    pub(super) fn instruction(&mut self) {
        self.add("instruction", "", "processing instructions are removed", "instruction");
    }

    pub(super) fn add(&mut self, kind: &'static str, name: &str, reason: &'static str, rule: &'static str) {
        self.count += 1;
        if let Some(removals) = self.removals.as_mut().filter(|removals| removals.len() < MOST) {
            let end = (0..=LONGEST_NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
            let name = name.get(..end.unwrap_or(0)).unwrap_or("").to_owned();
            removals.push(Removal { kind, name, reason, rule });
        }
    }
}
