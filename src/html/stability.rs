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

/// Whether nothing appears in any place that the policy would not let stay.
pub(super) fn holds(html: &str, policy: &Policy) -> bool {
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
        let limits = Limits { nodes: Limits::CEILING.nodes, ..policy.limits };
        let (root, parsed) = parse_in(&arena, html, context, scripting, limits);
        !parsed.overflowed && allowed(root, policy)
    })
}

fn allowed(root: Ref<'_>, policy: &Policy) -> bool {
    let mut node = root;
    loop {
        if !std::ptr::eq(node, root) && !may_stay(node, policy) {
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

fn may_stay(node: Ref<'_>, policy: &Policy) -> bool {
    let Data::Element { name, attributes, .. } = &node.data else { return true };
    let local = &*name.local;
    let tag = policy.tag(local);
    // Elements that a parser makes by itself carry nothing.
    let made = matches!(local, "html" | "head" | "body" | "tbody" | "tr" | "colgroup")
        && attributes.borrow().is_empty();
    (made || tag.fate == Fate::Keep)
        && attributes.borrow().iter().all(|attribute| {
            let forced = tag.forced.iter().any(|(name, _)| **name == *attribute.name.local);
            forced
                || policy
                    .kind(tag, local, &attribute.name.local)
                    .is_some_and(|kind| !matches!(policy.judge(kind, &attribute.value), Verdict::Drop(_)))
        })
}
