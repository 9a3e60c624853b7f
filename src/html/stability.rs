//! Whether an output means the same wherever it is put.
//!
//! Output without foreign content, raw text and comments is the same tokens in every place: its only `<` begin
//! tags. For the rest, the output is parsed in each kind of place, and whatever elements and attributes a parser
//! finds there must be ones that the policy lets stay.

use super::options::Limits;
use super::policy::{Fate, Policy};
use super::tree::{Data, Ref, parse_in};
use super::url::Verdict;
use html5ever::{LocalName, Namespace, QualName, ns};

/// Whether nothing appears in any place that may not stay.
pub(super) fn holds(html: &str, limits: Limits, may_stay: impl Fn(Ref<'_>) -> bool) -> bool {
    let limits = Limits { nodes: Limits::CEILING.nodes, ..limits };
    let places: [(Namespace, &str, bool); 12] = [
        (ns!(html), "body", true),
        (ns!(svg), "svg", true),
        (ns!(svg), "desc", true),
        (ns!(mathml), "math", true),
        (ns!(html), "table", true),
        (ns!(html), "select", true),
        (ns!(html), "template", true),
        (ns!(html), "noscript", true),
        (ns!(html), "noscript", false),
        (ns!(html), "textarea", true),
        (ns!(html), "title", true),
        (ns!(html), "style", true),
    ];
    places.into_iter().all(|(namespace, name, scripting)| {
        let context = QualName::new(None, namespace, LocalName::from(name));
        let arena = typed_arena::Arena::new();
        let (root, parsed) = parse_in(&arena, html, context, scripting, limits);
        !parsed.overflowed && allowed(root, &may_stay)
    })
}

fn allowed(root: Ref<'_>, may_stay: &impl Fn(Ref<'_>) -> bool) -> bool {
    let mut node = root;
    loop {
        if !std::ptr::eq(node, root) && !may_stay(node) {
            return false;
        }
        if let Some(first) = node.first.get() {
            node = first;
            continue;
        }
        while node.next.get().is_none() {
            match node.parent.get() {
                Some(above) if !std::ptr::eq(node, root) && !std::ptr::eq(above, root) => node = above,
                _ => return true,
            }
        }
        match node.next.get() {
            Some(next) => node = next,
            None => return true,
        }
    }
}

/// Whether a policy lets a node stay that a parser found somewhere.
pub(super) fn may_stay(node: Ref<'_>, policy: &Policy) -> bool {
    let Data::Element { name, attributes, .. } = &node.data else { return true };
    let local = &*name.local;
    let tag = policy.tag(local);
    // Elements that a parser makes by itself carry nothing.
    let made = matches!(local, "html" | "head" | "body" | "tbody" | "tr" | "colgroup")
        && attributes.borrow().is_empty();
    (made || tag.fate == Fate::Keep)
        && attributes.borrow().iter().all(|attribute| {
            let required = tag.required.iter().any(|(name, _)| **name == *attribute.name.local);
            required
                || policy
                    .kind(tag, local, &attribute.name.local)
                    .is_some_and(|kind| !matches!(policy.judge(kind, &attribute.value), Verdict::Drop(_)))
        })
}
