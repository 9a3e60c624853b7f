//! Our own pass: walks the parsed tree once, writes what may stay and notes what may not.
//!
//! It walks as ammonia does: an element that is not listed is replaced with its content, a listed few go with
//! their content, and an element whose namespace its new parent could not give it goes too. Tests hold both to the
//! same answer.

use super::policy::{Fate, Policy, Tag};
use super::purify::HEAD;
use super::report::{Report, Rule};
use super::tree::{Data, Ref, is_void};
use super::url::Verdict;
use super::write;
use html5ever::{Attribute, QualName, local_name, ns};

/// Writes what the policy lets stay of a parsed fragment.
pub(super) fn clean(root: Ref<'_>, policy: &Policy, report: &mut Report, out: &mut String) {
    Walk { policy, report, out, after_pre: None }.run(root);
}

/// Takes out what a parser of documents would not put into the body: what comes before the first thing that it would.
pub(super) fn behead(root: Ref<'_>, report: &mut Report) {
    let space = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{c}' | ' ');
    let mut next = root.first.get();
    while let Some(node) = next {
        next = node.next.get();
        match &node.data {
            Data::Element { name, .. } if name.ns == ns!(html) && HEAD.contains(&&*name.local) => {
                report.element(&name.local, Rule::Dropped);
                node.detach();
            }
            Data::Text(text) => {
                let mut text = text.borrow_mut();
                let rest = text.trim_start_matches(space);
                if rest.is_empty() {
                    node.detach();
                    continue;
                }
                *text = rest.into();
                return;
            }
            Data::Comment(_) | Data::Instruction(..) => {}
            _ => return,
        }
    }
}

struct Walk<'w> {
    policy: &'w Policy,
    report: &'w mut Report,
    out: &'w mut String,
    /// Where the output stood behind `<pre>`: a parser drops a line feed that is written there.
    after_pre: Option<usize>,
}

impl Walk<'_> {
    fn run(&mut self, root: Ref<'_>) {
        // Elements around the node that stay, and of each element around it whether it stayed.
        let mut open: Vec<Ref<'_>> = Vec::new();
        let mut stayed: Vec<bool> = Vec::new();
        let Some(mut node) = root.first.get() else { return };
        while self.out.len() <= self.policy.limits.output {
            let stays = self.enter(node, open.last().copied().unwrap_or(root));
            if let (Some(stays), Some(first)) = (stays, node.first.get()) {
                if stays {
                    open.push(node);
                }
                stayed.push(stays);
                node = first;
                continue;
            }
            if stays == Some(true) {
                self.close(node);
            }
            while node.next.get().is_none() {
                let Some(stays) = stayed.pop() else { return };
                if stays && let Some(element) = open.pop() {
                    self.close(element);
                }
                let Some(above) = node.parent.get() else { return };
                node = above;
            }
            let Some(next) = node.next.get() else { return };
            node = next;
        }
    }

    /// Writes a node's beginning. Answers whether the element stays; nothing if its content is not to be looked at.
    fn enter(&mut self, node: Ref<'_>, parent: Ref<'_>) -> Option<bool> {
        match &node.data {
            Data::Element { name, attributes, .. } => {
                let tag = self.policy.tag(&name.local);
                if tag.fate == Fate::Drop {
                    self.report.element(&name.local, Rule::Dropped);
                    return None;
                }
                if !namespace_fits(parent, name) {
                    self.report.element(&name.local, Rule::Namespace);
                    return None;
                }
                if tag.fate == Fate::Unwrap {
                    self.report.element(&name.local, Rule::Unlisted);
                    return Some(false);
                }
                if !complete(tag, &attributes.borrow()) {
                    self.report.element(&name.local, Rule::Required);
                    return Some(false);
                }
                self.start(name, tag, &attributes.borrow());
                if name.ns == ns!(html) && matches!(&*name.local, "pre" | "listing") {
                    self.after_pre = Some(self.out.len());
                }
                return Some(true);
            }
            Data::Text(text) => {
                let text = text.borrow();
                let raw = parent.name().is_some_and(|name| name.ns == ns!(html) && &*name.local == "style");
                let text = match &self.policy.purify {
                    Some(purify) if !purify.text => return None,
                    Some(purify) => purify.text(&text),
                    None => (&**text).into(),
                };
                if self.after_pre == Some(self.out.len()) && text.starts_with('\n') {
                    self.out.push('\n');
                }
                if raw { self.out.push_str(&text) } else { write::text(self.out, &text) }
            }
            Data::Comment(_) => self.report.comment(),
            Data::Instruction(..) => self.report.instruction(),
            Data::Document => {}
        }
        None
    }

    fn start(&mut self, name: &QualName, tag: &Tag, attributes: &[Attribute]) {
        self.out.push('<');
        self.out.push_str(&name.local);
        for attribute in attributes {
            let local = &*attribute.name.local;
            if tag.required.iter().any(|(name, _)| *name == local) {
                continue;
            }
            let Some(kind) = self.policy.kind(tag, &name.local, local) else {
                self.report.attribute(local, Rule::Unlisted, "the attribute is not listed");
                continue;
            };
            match self.policy.judge(kind, &attribute.value) {
                Verdict::Keep => write::attribute(self.out, prefix(attribute), local, &attribute.value),
                Verdict::Change(value) => {
                    self.report.changes += 1;
                    write::attribute(self.out, prefix(attribute), local, &value);
                }
                Verdict::Drop(reason) => self.report.attribute(local, Rule::of(local), reason),
            }
        }
        for (name, value) in &tag.required {
            write::attribute(self.out, "", name, value);
        }
        self.out.push('>');
    }

    fn close(&mut self, node: Ref<'_>) {
        if let Some(name) = node.name().filter(|name| name.ns != ns!(html) || !is_void(&name.local)) {
            self.out.push_str("</");
            self.out.push_str(&name.local);
            self.out.push('>');
        }
    }
}

/// Whether an element has every attribute that it must have.
fn complete(tag: &Tag, attributes: &[Attribute]) -> bool {
    tag.required.iter().all(|(name, _)| {
        let mut found = attributes.iter().filter(|attribute| *attribute.name.local == **name);
        found.any(|attribute| matches!(tag.requires(name, &attribute.value), Some(Some(_))))
    })
}

/// What stands before the colon when an attribute of foreign content is written.
pub(super) fn prefix(attribute: &Attribute) -> &'static str {
    match attribute.name.ns {
        ns!(xlink) => "xlink:",
        ns!(xml) => "xml:",
        ns!(xmlns) if attribute.name.local != local_name!("xmlns") => "xmlns:",
        _ => "",
    }
}

/// Whether a parser could give an element its namespace where it would now stand: ammonia's rule, without the
/// points at which HTML may stand in SVG and in annotations, because nothing here lets those stay.
fn namespace_fits(parent: Ref<'_>, name: &QualName) -> bool {
    let around = parent.name().map_or(ns!(html), |parent| parent.ns.clone());
    match (&around, &name.ns) {
        (&ns!(html), &ns!(svg)) => name.local == local_name!("svg"),
        (&ns!(html), &ns!(mathml)) => name.local == *"math",
        (&ns!(html), &ns!(html)) | (&ns!(svg), &ns!(svg)) | (&ns!(mathml), &ns!(mathml)) => {
            is_of(&name.ns, &name.local)
        }
        (&ns!(mathml), _) => {
            let point =
                parent.name().is_some_and(|name| matches!(&*name.local, "mi" | "mo" | "mn" | "ms" | "mtext"));
            point && (name.ns != ns!(html) || is_of(&name.ns, &name.local))
        }
        _ => false,
    }
}

/// Whether an element of this name can be of this namespace after another parse.
fn is_of(namespace: &html5ever::Namespace, name: &str) -> bool {
    match *namespace {
        ns!(svg) => super::foreign::is_svg(name),
        ns!(mathml) => super::foreign::is_mathml(name),
        _ => !super::foreign::is_foreign_only(name),
    }
}
