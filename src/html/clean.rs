//! Our own pass: walks the parsed tree once, writes what may stay and notes what may not.
//!
//! It walks as ammonia does: an element that is not listed is replaced with its content, a listed few go with
//! their content, and an element whose namespace its new parent could not give it goes too. Tests hold both to the
//! same answer.

use super::policy::{Fate, Policy};
use super::report::{Report, Rule};
use super::tree::{Data, Ref, is_void};
use super::url::Verdict;
use super::write;
use html5ever::{Attribute, QualName, local_name, ns};
use std::cell::RefCell;

/// Writes what the policy lets stay of a parsed fragment.
pub(super) fn clean(root: Ref<'_>, policy: &Policy, report: &mut Report, out: &mut String) {
    let mut open: Vec<Ref<'_>> = Vec::new();
    let mut kept: Vec<bool> = Vec::new();
    let Some(mut node) = root.first.get() else { return };
    loop {
        let parent = open.last().copied().unwrap_or(root);
        let stays = enter(node, parent, policy, report, out);
        if let (Some(stays), Some(first)) = (stays, node.first.get()) {
            if stays {
                open.push(node);
            }
            kept.push(stays);
            node = first;
            continue;
        }
        if stays == Some(true) {
            close(node, out);
        }
        loop {
            if let Some(next) = node.next.get() {
                node = next;
                break;
            }
            let Some(stayed) = kept.pop() else { return };
            if stayed && let Some(element) = open.pop() {
                close(element, out);
            }
            let Some(above) = node.parent.get() else { return };
            node = above;
        }
        if out.len() > policy.limits.output {
            return;
        }
    }
}

/// Writes a node's beginning. Answers whether the element stays; nothing if its content is not to be looked at.
fn enter(
    node: Ref<'_>,
    parent: Ref<'_>,
    policy: &Policy,
    report: &mut Report,
    out: &mut String,
) -> Option<bool> {
    match &node.data {
        Data::Element { name, attributes, .. } => {
            let fate = policy.fate(&name.local);
            if fate == Fate::Drop {
                report.element(&name.local, Rule::Dropped);
                return None;
            }
            if !namespace_fits(parent, name) {
                report.element(&name.local, Rule::Namespace);
                return None;
            }
            if fate == Fate::Unwrap {
                report.element(&name.local, Rule::Unlisted);
                return Some(false);
            }
            start(name, attributes, policy, report, out);
            if let Some(first) = node.first.get()
                && matches!(&*name.local, "pre" | "listing")
                && name.ns == ns!(html)
                && matches!(&first.data, Data::Text(text) if text.borrow().starts_with('\n'))
            {
                // A parser drops the first line feed after the tag: the one that belongs to the text follows it.
                out.push('\n');
            }
            Some(true)
        }
        Data::Text(text) => {
            write::text(out, &text.borrow());
            None
        }
        Data::Comment => {
            report.comment();
            None
        }
        Data::Instruction => {
            report.instruction();
            None
        }
        Data::Document => None,
    }
}

fn start(
    name: &QualName,
    attributes: &RefCell<Vec<Attribute>>,
    policy: &Policy,
    report: &mut Report,
    out: &mut String,
) {
    out.push('<');
    out.push_str(&name.local);
    let forced = policy.forced(&name.local);
    for attribute in attributes.borrow().iter() {
        let local = &*attribute.name.local;
        if forced.iter().any(|(name, _)| name == local) {
            continue;
        }
        if !policy.lists(&name.local, local) {
            report.attribute(local, Rule::Unlisted, "the attribute is not listed");
            continue;
        }
        match policy.judge(&name.local, local, &attribute.value) {
            Verdict::Keep => write::attribute(out, prefix(attribute), local, &attribute.value),
            Verdict::Change(value) => {
                report.change(local);
                write::attribute(out, prefix(attribute), local, &value);
            }
            Verdict::Drop(reason) => report.attribute(local, Rule::of(local), reason),
        }
    }
    for (name, value) in forced {
        write::attribute(out, "", name, value);
    }
    out.push('>');
}

/// What stands before the colon when an attribute of foreign content is written.
fn prefix(attribute: &Attribute) -> &'static str {
    match attribute.name.ns {
        ns!(xlink) => "xlink:",
        ns!(xml) => "xml:",
        ns!(xmlns) if attribute.name.local != local_name!("xmlns") => "xmlns:",
        _ => "",
    }
}

fn close(node: Ref<'_>, out: &mut String) {
    if let Some(name) = node.name().filter(|name| name.ns != ns!(html) || !is_void(&name.local)) {
        out.push_str("</");
        out.push_str(&name.local);
        out.push('>');
    }
}

/// Whether a parser could give an element its namespace where it would now stand. Of all profiles only `svg`
/// has foreign content, and nothing of HTML may stand in it.
fn namespace_fits(parent: Ref<'_>, name: &QualName) -> bool {
    let around = parent.name().map_or(ns!(html), |parent| parent.ns.clone());
    match (&around, &name.ns) {
        (&ns!(html), &ns!(svg)) => name.local == local_name!("svg"),
        (&ns!(html), &ns!(html)) | (&ns!(svg), &ns!(svg)) => is_of(&name.ns, &name.local),
        _ => false,
    }
}

/// Whether an element of this name can be of this namespace after another parse.
fn is_of(namespace: &html5ever::Namespace, name: &str) -> bool {
    let svg = super::foreign::is_svg(name);
    match *namespace {
        ns!(svg) => svg,
        _ => {
            matches!(name, "title" | "style" | "font" | "a" | "script" | "span")
                || !(svg || super::foreign::is_mathml(name))
        }
    }
}
