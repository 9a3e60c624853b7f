//! ammonia under the same policy: the reference that decides what the answer is.

use super::policy::Policy;
use super::url::Verdict;
use std::sync::Arc;

/// What ammonia makes of a fragment.
#[expect(
    clippy::disallowed_types,
    reason = "ammonia's interface asks for these sets; their keys are the configuration's"
)]
pub(super) fn clean(policy: &Arc<Policy>, html: &str) -> String {
    let elements: Vec<_> = policy.elements().collect();
    let (global, prefixes) = policy.global();
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(elements.iter().map(|(name, _)| *name).collect())
        .clean_content_tags(policy.dropped().collect())
        .tag_attributes(elements.iter().map(|(name, own)| (*name, own.iter().copied().collect())).collect())
        .generic_attributes(global.into_iter().collect())
        .generic_attribute_prefixes(prefixes.iter().map(String::as_str).collect())
        .url_schemes(policy.schemes().into_iter().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true);
    let mut forced = std::collections::HashMap::<&str, std::collections::HashMap<&str, &str>>::new();
    for (element, _) in &elements {
        for (name, value) in policy.forced(element) {
            forced.entry(element).or_default().insert(name, value);
        }
    }
    builder.set_tag_attribute_values(forced);
    let judge = Arc::clone(policy);
    builder.attribute_filter(move |element, attribute, value| {
        if judge.forced(element).iter().any(|(name, _)| name == attribute) {
            return Some(value.to_owned().into());
        }
        match judge.judge(element, attribute, value) {
            Verdict::Keep => Some(value.to_owned().into()),
            Verdict::Change(value) => Some(value.into()),
            Verdict::Drop(_) => None,
        }
    });
    builder.clean(html).to_string()
}
