//! ammonia under the same policy: the reference that decides what the answer is.

use super::policy::{Fate, Policy};
use super::url::Verdict;
use std::sync::Arc;

/// What ammonia makes of a fragment.
pub(super) fn clean(policy: &Policy, html: &str) -> String {
    let elements: Vec<_> = policy.elements(Fate::Keep).collect();
    let forced = elements.iter().filter(|(_, tag)| !tag.forced.is_empty());
    let forced = forced.map(|(name, tag)| {
        (*name, tag.forced.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
    });
    let judge = Arc::new(policy.clone());
    let filter = move |element: &str, attribute: &str, value: &str| {
        let tag = judge.tag(element);
        if tag.forced.iter().any(|(name, _)| name == attribute) {
            return Some(value.to_owned());
        }
        match judge.judge(judge.kind(tag, element, attribute)?, value) {
            Verdict::Keep => Some(value.to_owned()),
            Verdict::Change(value) => Some(value),
            Verdict::Drop(_) => None,
        }
    };
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(elements.iter().map(|(name, _)| *name).collect())
        .clean_content_tags(policy.elements(Fate::Drop).map(|(name, _)| name).collect())
        .tag_attributes(elements.iter().map(|(name, tag)| (*name, tag.attributes().collect())).collect())
        .generic_attribute_prefixes(policy.prefixes().iter().map(String::as_str).collect())
        .set_tag_attribute_values(forced.collect())
        .url_schemes(policy.schemes().into_iter().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter(move |element, attribute, value| filter(element, attribute, value).map(Into::into));
    builder.clean(html).to_string()
}
