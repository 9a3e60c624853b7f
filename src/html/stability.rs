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
#[inline(never)]
pub(super) fn holds(html: &str, limits: Limits, may_stay: &impl Fn(Ref<'_>) -> bool) -> bool {
    let limits = Limits { nodes: Limits::CEILING.nodes, ..limits };
    let places: [(Namespace, &str, bool); 8] = [
        (ns!(html), "body", true),
        (ns!(svg), "svg", true),
        (ns!(svg), "desc", true),
        (ns!(mathml), "math", true),
        (ns!(html), "table", true),
        (ns!(html), "select", true),
        (ns!(html), "template", true),
        (ns!(html), "noscript", false),
    ];
    let parses_well = |html: &str, namespace: Namespace, name: &str, scripting| {
        let context = QualName::new(None, namespace, LocalName::from(name));
        let arena = typed_arena::Arena::new();
        let (root, parsed) = parse_in(&arena, html, context, scripting, limits);
        !parsed.overflowed && allowed(root, may_stay)
    };
    places.into_iter().all(|(namespace, name, scripting)| parses_well(html, namespace, name, scripting))
        && RAW
            .into_iter()
            .all(|name| behind_end(html, name).is_none_or(|rest| parses_well(rest, ns!(html), "body", true)))
}

/// Elements whose text is not markup. Around an output, the first end tag of their name in it ends them, even one that
/// stands in a comment, and what follows is read as markup.
const RAW: [&str; 9] =
    ["iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"];

/// What follows the first end tag of this name, wherever it stands.
fn behind_end<'h>(html: &'h str, name: &str) -> Option<&'h str> {
    let ends = html.match_indices("</").filter_map(|(at, _)| {
        let (word, rest) = html.get(at + 2..)?.split_at_checked(name.len())?;
        let ends = rest.starts_with(['\t', '\n', '\u{c}', ' ', '/', '>']);
        (ends && word.eq_ignore_ascii_case(name)).then_some(rest)
    });
    let rest = ends.into_iter().next()?;
    Some(rest.split_once('>').map_or("", |(_, rest)| rest))
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
    let tag = policy.tag_in_any_case(local);
    // Elements that a parser makes by itself carry nothing.
    let made = matches!(local, "html" | "head" | "body" | "tbody" | "tr" | "colgroup")
        && attributes.borrow().is_empty();
    (made || tag.fate == Fate::Keep)
        && attributes.borrow().iter().all(|attribute| {
            let required = tag.required.iter().any(|(name, _)| **name == *attribute.name.local);
            required
                || policy
                    .kind_in_any_case(tag, local, &attribute.name.local)
                    .is_some_and(|kind| !matches!(policy.judge(kind, &attribute.value), Verdict::Drop(_)))
        })
}
