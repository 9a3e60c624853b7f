//! What `setHTML` removes, on the parsed tree.

use super::clean::prefix;
use super::options::Limits;
use super::report::{Report, Rule};
use super::standard::{Fate, Space, Standard};
use super::tree::{Data, Node, Ref, is_void};
use super::write;
use html5ever::{QualName, ns};

/// Writes what the configuration lets stay of a parsed fragment.
pub(super) fn clean(
    root: Ref<'_>,
    standard: &Standard,
    limits: &Limits,
    report: &mut Report,
    out: &mut String,
) {
    struct Frame<'a> {
        node: Ref<'a>,
        child: Option<Ref<'a>>,
        stays: bool,
    }
    let mut after_pre = None;
    let mut open = vec![Frame { node: root, child: root.first.get(), stays: true }];
    while let Some(frame) = open.last_mut() {
        let Some(node) = frame.child else {
            if let Some(ended) = open.pop()
                && ended.stays
                && !open.is_empty()
            {
                close(ended.node, out);
            }
            continue;
        };
        frame.child = node.next.get();
        let parent = open.iter().rev().find(|frame| frame.stays).map_or(root, |frame| frame.node);
        match &node.data {
            Data::Element { name, attributes, template, .. } => {
                let space = Space::of(&name.ns);
                let fate = standard.fate(space, &name.local);
                if fate == Fate::Remove {
                    report.element(&name.local, Rule::Dropped);
                    continue;
                }
                if fate == Fate::Keep && !fits(parent, name) {
                    report.element(&name.local, Rule::Namespace);
                    continue;
                }
                if fate == Fate::Keep {
                    out.push('<');
                    out.push_str(&name.local);
                    for attribute in attributes.borrow().iter() {
                        let (prefix, local) = (prefix(attribute), &*attribute.name.local);
                        if standard.keeps(
                            space,
                            &name.local,
                            prefix.trim_end_matches(':'),
                            local,
                            &attribute.value,
                        ) {
                            write::attribute(out, prefix, local, &attribute.value);
                        } else {
                            report.attribute(
                                local,
                                Rule::Unlisted,
                                "the configuration does not let the attribute stay",
                            );
                        }
                    }
                    out.push('>');
                    if name.ns == ns!(html) && matches!(&*name.local, "pre" | "listing" | "textarea") {
                        after_pre = Some(out.len());
                    }
                } else {
                    report.element(&name.local, Rule::Unlisted);
                }
                let first = template.map_or(node.first.get(), |contents| contents.first.get());
                open.push(Frame { node, child: first, stays: fate == Fate::Keep });
            }
            Data::Text(text) => {
                let text = text.borrow();
                if after_pre == Some(out.len()) && text.starts_with('\n') {
                    out.push('\n');
                }
                if is_raw(parent) { out.push_str(&text) } else { write::text(out, &text) }
            }
            Data::Comment(text) if standard.comments => out.extend(["<!--", text, "-->"]),
            Data::Comment(_) => report.comment(),
            Data::Instruction(target, data) if standard.keeps_instruction(target) => {
                out.extend(["<?", target, " ", data, "?>"]);
            }
            Data::Instruction(..) => report.instruction(),
            Data::Document => {}
        }
        if out.len() > limits.output {
            return;
        }
    }
}

/// Whether nothing about a node runs: what is asked of it wherever the output is put.
pub(super) fn is_harmless(node: Ref<'_>) -> bool {
    let Data::Element { name, attributes, .. } = &node.data else { return true };
    // An empty configuration lets everything stay but what runs.
    let baseline = Standard::empty();
    // An element of HTML that a place in MathML takes in is still none that MathML gives links to.
    let space = match Space::of(&name.ns) {
        Space::MathMl if !super::foreign::is_mathml_only(&name.local) => Space::Other,
        space => space,
    };
    let attributes = attributes.borrow();
    baseline.fate(space, &name.local) == Fate::Keep
        && attributes.iter().all(|attribute| {
            let prefix = prefix(attribute).trim_end_matches(':');
            baseline.keeps(space, &name.local, prefix, &attribute.name.local, &attribute.value)
        })
}

fn close(node: &Node<'_>, out: &mut String) {
    if let Some(name) = node.name().filter(|name| name.ns != ns!(html) || !is_void(&name.local)) {
        out.extend(["</", &name.local, ">"]);
    }
}

/// Whether the text of an element is written as it is.
fn is_raw(parent: &Node<'_>) -> bool {
    parent.name().is_some_and(|name| {
        name.ns == ns!(html)
            && matches!(
                &*name.local,
                "style" | "script" | "xmp" | "iframe" | "noembed" | "noframes" | "plaintext"
            )
    })
}

/// Whether a parser could give an element its namespace where it would now stand.
fn fits(parent: &Node<'_>, name: &QualName) -> bool {
    let Some(parent) = parent.name() else { return name.ns == ns!(html) || is_root(name) };
    match (&parent.ns, &name.ns) {
        (&ns!(html), &ns!(html)) | (&ns!(svg), &ns!(svg)) | (&ns!(mathml), &ns!(mathml)) => true,
        (&ns!(html), _) => is_root(name),
        (&ns!(mathml), &ns!(svg)) => name.local == *"svg" && &*parent.local == "annotation-xml",
        (&ns!(mathml), _) => matches!(&*parent.local, "mi" | "mo" | "mn" | "ms" | "mtext" | "annotation-xml"),
        (&ns!(svg), _) => matches!(&*parent.local, "foreignObject" | "desc" | "title"),
        _ => false,
    }
}

fn is_root(name: &QualName) -> bool {
    (name.ns == ns!(svg) && &*name.local == "svg") || (name.ns == ns!(mathml) && &*name.local == "math")
}
