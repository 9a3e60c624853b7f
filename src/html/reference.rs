//! ammonia under the same policy: the reference that decides what the answer is.

use super::policy::{Fate, Policy};
use super::url::Verdict;
use std::sync::Arc;

/// ammonia, built once for a policy: building it takes longer than most inputs do.
#[derive(Debug)]
pub struct Reference<'p> {
    policy: &'p Policy,
    builder: ammonia::Builder<'p>,
}

impl<'p> Reference<'p> {
    pub(super) fn new(policy: &'p Policy) -> Self {
        Self { policy, builder: builder(policy) }
    }

    /// What ammonia makes of a fragment. The work is not bounded.
    #[must_use]
    pub fn clean(&self, html: &str) -> String {
        without_incomplete(self.policy, &self.builder.clean(html).to_string())
    }
}

fn builder(policy: &Policy) -> ammonia::Builder<'_> {
    let elements: Vec<_> = policy.elements(Fate::Keep).collect();
    let judge = Arc::new(policy.clone());
    let filter = move |element: &str, attribute: &str, value: &str| {
        let tag = judge.tag(element);
        if let Some(written) = tag.requires(attribute, value) {
            return written.map(str::to_owned);
        }
        match judge.judge(judge.kind(tag, element, attribute)?, value) {
            Verdict::Keep => Some(value.to_owned()),
            Verdict::Change(value) => Some(value),
            Verdict::Drop(_) => None,
        }
    };
    let attributes = |tag| policy.attributes(tag).map(|(name, _)| name).collect();
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(elements.iter().map(|(name, _)| *name).collect())
        .clean_content_tags(policy.elements(Fate::Drop).map(|(name, _)| name).collect())
        .tag_attributes(elements.iter().map(|(name, tag)| (*name, attributes(tag))).collect())
        .generic_attribute_prefixes(policy.prefixes().iter().copied().collect())
        .url_schemes(policy.schemes().into_iter().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter(move |element, attribute, value| filter(element, attribute, value).map(Into::into));
    builder
}

/// ammonia judges attributes, not elements by their attributes: its output without the void elements that lack one they
/// must have.
fn without_incomplete(policy: &Policy, html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    // Not by `<` alone: the name of an attribute may hold one.
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        rest = after;
        let required = &policy.tag(tag.split(' ').next().unwrap_or("")).required;
        if required.iter().all(|(name, value)| tag.contains(&format!(" {name}=\"{value}\""))) {
            out.extend(["<", tag, ">"]);
        }
    }
    out.push_str(rest);
    out
}
