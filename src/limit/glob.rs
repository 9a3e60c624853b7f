//! Globs of nothing but text and `*`, which most patterns are: matched by looking for their parts one after the other.
//!
//! Many of them in one automaton multiply its states, and a stranger's resource could make each check build it anew.

/// Text between stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    first: Box<str>,
    middle: Box<[Box<str>]>,
    /// None if there is no star: then the resource is `first`.
    last: Option<Box<str>>,
}

impl Glob {
    /// Reads a glob; none if it has more than text and stars.
    pub(super) fn read(glob: &str) -> Option<Self> {
        if glob.contains(['?', '[', '{', '\\']) {
            return None;
        }
        let Some((first, rest)) = glob.split_once('*') else {
            return Some(Self { first: glob.into(), middle: Box::default(), last: None });
        };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let middle = middle.split('*').filter(|part| !part.is_empty()).map(Box::from).collect();
        Some(Self { first: first.into(), middle, last: Some(last.into()) })
    }

    /// Whether it is for a resource, in linear time: each part is taken where it comes first, which leaves the most to
    /// the others.
    pub(super) fn matches(&self, resource: &str) -> bool {
        let Some(rest) = resource.strip_prefix(&*self.first) else { return false };
        let Some(last) = &self.last else { return rest.is_empty() };
        let Some(mut rest) = rest.strip_suffix(&**last) else { return false };
        self.middle.iter().all(|part| {
            let found = rest.split_once(&**part);
            if let Some((_, after)) = found {
                rest = after;
            }
            found.is_some()
        })
    }
}
