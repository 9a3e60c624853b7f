//! The straight way: cleans markup that parses as it is written, without building a tree.
//!
//! Most markup is properly nested. For it, a stack of open elements is all that the tree construction of the HTML
//! standard (§13.2.6) amounts to, and cleaning is one pass from the input to the output. Where the standard would
//! do more (foster parents, the adoption agency, implied tags beyond the usual ones, foreign content, raw text), this
//! pass gives up and the tree decides. Tests hold both ways to the same answer.

use super::charref::{Decoded, decode};
use super::class::Class;
use super::policy::{Fate, Policy, Tag};
use super::tokenizer::decode_value;
use super::url::Verdict;
use super::write;

/// What the straight way came to.
pub(super) struct Straight {
    pub(super) html: String,
    /// Whether the answer is certain to parse to itself: nothing that gives structure was replaced with its content.
    pub(super) settled: bool,
}

/// Cleans markup that parses as it is written; nothing if it takes a tree. What not every message asks for is kept apart:
/// an engine compiles what is called.
pub(super) fn clean(html: &str, policy: &Policy) -> Option<Straight> {
    if html.starts_with('\u{feff}') || html.bytes().any(|byte| matches!(byte, b'\r' | 0)) {
        return None;
    }
    // A tag makes four nodes at most: a row and a body around a cell, and its text. The tree counts them.
    let nodes = policy.limits.nodes;
    if html.len() * 2 > nodes && tags(html) * 4 + 2 > nodes {
        return None;
    }
    let mut pass = Pass {
        text: html,
        at: 0,
        policy,
        out: String::with_capacity(html.len() + html.len() / 8 + 16),
        open: Vec::with_capacity(16),
        muted: 0,
        anchors: 0,
        line_feed_matters: None,
        settled: true,
        seen: Vec::new(),
        missing: 0,
    };
    while pass.at < html.len() {
        pass.step()?;
    }
    while pass.open.last().is_some() {
        pass.pop();
    }
    let fits = pass.out.len() <= policy.limits.output && !pass.out.starts_with('\u{feff}');
    fits.then_some(Straight { html: pass.out, settled: pass.settled })
}

/// How many tags, comments and declarations a text can have: any other opening bracket is text.
fn tags(html: &str) -> usize {
    let opens = |pair: &&[u8]| matches!(pair, [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!' | b'?']);
    html.as_bytes().windows(2).filter(opens).count()
}

struct Pass<'h, 'p> {
    text: &'h str,
    at: usize,
    policy: &'p Policy,
    out: String,
    open: Vec<Frame<'h>>,
    /// How many open elements go with their content.
    muted: usize,
    anchors: usize,
    /// Where the output stood behind `<pre>`: a line feed written there would be lost to the next parser.
    line_feed_matters: Option<usize>,
    settled: bool,
    seen: Vec<&'h str>,
    /// How many attributes the element still lacks without which it goes.
    missing: usize,
}

/// An open element.
#[derive(Clone, Copy)]
struct Frame<'h> {
    name: &'h str,
    class: Class,
    fate: Fate,
    /// Whether a `p` is in button scope here.
    paragraph: bool,
}

impl<'h, 'p> Pass<'h, 'p> {
    fn step(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let stop = rest.bytes().position(|byte| matches!(byte, b'<' | b'&')).unwrap_or(rest.len());
        if stop > 0 {
            self.write_text(rest.get(..stop)?)?;
            self.at += stop;
        }
        let special = rest.get(stop..)?;
        match (special.as_bytes().first(), special.as_bytes().get(1)) {
            (None, _) => Some(()),
            (Some(b'&'), _) => self.reference(special),
            (_, Some(b'a'..=b'z' | b'A'..=b'Z')) => self.start_tag(),
            (_, Some(b'/')) => self.end_tag(),
            (_, Some(b'!')) => self.comment(special),
            (_, Some(b'?')) => None,
            _ => {
                self.write_text("<")?;
                self.at += 1;
                Some(())
            }
        }
    }

    fn top(&self) -> Option<Class> {
        self.open.last().map(|frame| frame.class)
    }

    /// Whether text here would be moved in front of the table.
    fn in_table(&self) -> bool {
        matches!(self.top(), Some(Class::Table | Class::Rows | Class::Row | Class::Columns))
    }

    fn write_text(&mut self, text: &str) -> Option<()> {
        if self.in_table() && !text.bytes().all(|byte| matches!(byte, b' ' | b'\n' | b'\t' | 0x0C)) {
            return None;
        }
        if self.muted == 0 {
            if self.line_feed_matters == Some(self.out.len()) && text.starts_with('\n') {
                self.out.push('\n');
            }
            write::text(&mut self.out, text);
        }
        Some(())
    }

    #[inline(never)]
    fn reference(&mut self, text: &str) -> Option<()> {
        if self.in_table() {
            return None;
        }
        let (decoded, length) = decode(text, false);
        let mut buffer = [0; 4];
        match decoded {
            Decoded::Literal => self.write_text(text.get(..length)?)?,
            Decoded::One('\0' | '\r') => return None,
            Decoded::One(c) => self.write_text(c.encode_utf8(&mut buffer))?,
            Decoded::Two(a, b) => {
                self.write_text(a.encode_utf8(&mut buffer))?;
                self.write_text(b.encode_utf8(&mut buffer))?;
            }
        }
        self.at += length;
        Some(())
    }

    #[inline(never)]
    fn comment(&mut self, special: &str) -> Option<()> {
        let inner = special.strip_prefix("<!--")?;
        if inner.starts_with('>') || inner.starts_with("->") {
            return None;
        }
        let end = inner.find("--")?;
        inner.get(end..)?.strip_prefix("-->")?;
        self.at += 4 + end + 3;
        Some(())
    }

    /// The name at `from` and where it ends; nothing if it is not written in lower case.
    fn name(&self, from: usize) -> Option<(&'h str, usize)> {
        let rest = self.text.get(from..)?;
        let length =
            rest.bytes().position(|byte| matches!(byte, b'\t' | b'\n' | 0x0C | b' ' | b'/' | b'>' | b'='))?;
        let name = rest.get(..length)?;
        let plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b':')
        };
        (length > 0 && name.bytes().all(plain)).then_some((name, from + length))
    }

    fn start_tag(&mut self) -> Option<()> {
        let (name, at) = self.name(self.at + 1)?;
        let policy = self.policy;
        let tag = policy.tag(name);
        let class = tag.class_of(name);
        self.make_room(class)?;
        let mut keep = tag.fate == Fate::Keep && self.muted == 0;
        let before = self.out.len();
        self.missing = tag.required.len();
        if keep {
            self.out.push('<');
            self.out.push_str(name);
        }
        self.at = self.attributes(at, name, keep.then_some(tag))?;
        if keep && self.missing > 0 {
            self.out.truncate(before);
            keep = false;
        }
        if keep {
            for (name, value) in &tag.required {
                write::attribute(&mut self.out, "", name, value);
            }
            self.out.push('>');
        }
        match class {
            Class::Void | Class::Rule | Class::Column => {
                // An element that goes with its content has none if it is void.
                return Some(());
            }
            Class::Raw => return self.skip_raw(name, tag.fate),
            _ => {}
        }
        self.push(name, class, tag.fate)?;
        if class == Class::Preformatted {
            let rest = self.text.get(self.at..)?;
            if rest.starts_with('\n') {
                self.at += 1;
            } else if rest.starts_with('&') {
                return None;
            }
            self.line_feed_matters = keep.then_some(self.out.len());
        }
        Some(())
    }

    fn push(&mut self, name: &'h str, class: Class, fate: Fate) -> Option<()> {
        if self.open.len() >= self.policy.limits.depth {
            return None;
        }
        let above = self.open.last().is_some_and(|frame| frame.paragraph);
        let paragraph = match class {
            Class::Paragraph => true,
            Class::Cell | Class::Caption | Class::Table => false,
            _ => above,
        };
        if fate == Fate::Drop {
            self.muted += 1;
        }
        if fate == Fate::Unwrap && !matches!(class, Class::Ordinary | Class::Formatting | Class::Anchor) {
            self.settled = false;
        }
        // Headings that only an element between them keeps apart become neighbours without it.
        if class == Class::Heading && self.open.last().is_some_and(|above| above.fate == Fate::Unwrap) {
            self.settled = false;
        }
        self.anchors += usize::from(class == Class::Anchor);
        self.open.push(Frame { name, class, fate, paragraph });
        Some(())
    }

    fn pop(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        if frame.fate == Fate::Drop {
            self.muted -= 1;
        }
        self.anchors -= usize::from(frame.class == Class::Anchor);
        if frame.fate == Fate::Keep && self.muted == 0 {
            self.out.push_str("</");
            self.out.push_str(frame.name);
            self.out.push('>');
        }
    }

    /// Closes what the start of an element closes; nothing if that is more than the innermost elements.
    fn make_room(&mut self, class: Class) -> Option<()> {
        let top = self.top();
        match class {
            Class::Beyond => return None,
            Class::Caption | Class::Columns | Class::Column | Class::Rows | Class::Row | Class::Cell => {
                return self.make_room_in_table(class);
            }
            _ if self.in_table() => return None,
            Class::Anchor if self.anchors > 0 => return None,
            Class::Ordinary | Class::Formatting | Class::Anchor | Class::Void | Class::Raw => return Some(()),
            Class::Item => {
                if top == Some(Class::Paragraph) {
                    self.pop();
                }
                match self.top() {
                    Some(Class::Item) => self.pop(),
                    Some(Class::List) | None => {}
                    _ => return None,
                }
            }
            Class::Definition => {
                if top == Some(Class::Paragraph) {
                    self.pop();
                }
                match self.top() {
                    Some(Class::Definition) => self.pop(),
                    Some(Class::Definitions) | None => {}
                    _ => return None,
                }
            }
            _ => {}
        }
        if self.open.last().is_some_and(|frame| frame.paragraph) {
            if self.top() != Some(Class::Paragraph) {
                return None;
            }
            self.pop();
        }
        // A heading ends a heading, also one that only the paragraph hid.
        (class != Class::Heading || self.top() != Some(Class::Heading)).then_some(())
    }

    /// Closes what the start of a part of a table closes.
    #[inline(never)]
    fn make_room_in_table(&mut self, class: Class) -> Option<()> {
        let below = match class {
            Class::Column => Class::Columns,
            Class::Rows => {
                self.close_while(|class| matches!(class, Class::Cell | Class::Row | Class::Rows));
                Class::Table
            }
            Class::Row => {
                self.close_while(|class| matches!(class, Class::Cell | Class::Row));
                if self.top() == Some(Class::Table) {
                    self.open_implied("tbody")?;
                }
                Class::Rows
            }
            Class::Cell => {
                self.close_while(|class| class == Class::Cell);
                Class::Row
            }
            _ => Class::Table,
        };
        (self.top() == Some(below)).then_some(())
    }

    /// Closes parts of a table, if nothing but parts of a table is in the way.
    fn close_while(&mut self, part: impl Fn(Class) -> bool) {
        while let Some(class) = self.top() {
            match class {
                // A paragraph ends with its cell.
                Class::Paragraph if self.cell_below() => self.pop(),
                _ if part(class) => self.pop(),
                _ => break,
            }
        }
    }

    fn cell_below(&self) -> bool {
        self.open.iter().rev().nth(1).is_some_and(|frame| frame.class == Class::Cell)
    }

    fn open_implied(&mut self, name: &'static str) -> Option<()> {
        let tag = self.policy.tag(name);
        if tag.fate == Fate::Keep && self.muted == 0 {
            self.out.push('<');
            self.out.push_str(name);
            self.out.push('>');
        }
        self.push(name, Class::Rows, tag.fate)
    }

    fn end_tag(&mut self) -> Option<()> {
        let (name, at) = self.name(self.at + 2)?;
        let end =
            self.text.get(at..)?.bytes().position(|byte| !matches!(byte, b'\t' | b'\n' | 0x0C | b' '))? + at;
        if self.text.as_bytes().get(end) != Some(&b'>') {
            return None;
        }
        self.at = end + 1;
        if self.open.last().is_some_and(|frame| frame.name == name) {
            self.pop();
            return Some(());
        }
        let class = self.policy.tag(name).class_of(name);
        let may_imply = match class {
            Class::Ordinary | Class::Formatting | Class::Anchor | Class::Paragraph => false,
            Class::Void | Class::Rule | Class::Column | Class::Raw | Class::Beyond => return None,
            _ => true,
        };
        let table_part = matches!(class, Class::Table | Class::Rows | Class::Row);
        while let Some(frame) = self.open.last().copied() {
            if frame.name == name {
                self.pop();
                return Some(());
            }
            let implied =
                may_imply && matches!(frame.class, Class::Paragraph | Class::Item | Class::Definition);
            let part = table_part && matches!(frame.class, Class::Cell | Class::Row | Class::Rows);
            if !(implied || part) {
                return None;
            }
            self.pop();
        }
        None
    }

    /// Skips the text of a script or a style, which must go with its content.
    #[inline(never)]
    fn skip_raw(&mut self, name: &'h str, fate: Fate) -> Option<()> {
        if fate != Fate::Drop {
            return None;
        }
        let rest = self.text.get(self.at..)?;
        let mut from = 0;
        loop {
            let close = from + rest.get(from..)?.find("</")?;
            let after = rest.get(close + 2..)?.as_bytes();
            let (word, next) = (after.get(..name.len())?, after.get(name.len())?);
            if !word.eq_ignore_ascii_case(name.as_bytes())
                || !matches!(next, b'\t' | b'\n' | 0x0C | b' ' | b'/' | b'>')
            {
                from = close + 2;
                continue;
            }
            if *next != b'>' || (name == "script" && rest.get(..close)?.contains("<!--")) {
                return None;
            }
            self.at += close + 2 + name.len() + 1;
            return Some(());
        }
    }

    /// Reads the attributes at `at` and writes those that stay, if there is a tag to write. Answers where the tag ends.
    fn attributes(&mut self, mut at: usize, element: &str, tag: Option<&'p Tag>) -> Option<usize> {
        let bytes = self.text.as_bytes();
        self.seen.clear();
        let mut count = 0;
        loop {
            match bytes.get(at)? {
                b'\t' | b'\n' | 0x0C | b' ' | b'/' => at += 1,
                b'>' => return Some(at + 1),
                _ => {
                    let (name, end) = self.name(at)?;
                    let (value, next) = self.value(end)?;
                    at = next;
                    count += 1;
                    if count > self.policy.limits.attributes.min(32) {
                        return None;
                    }
                    if let Some(tag) = tag {
                        self.attribute(tag, element, name, value);
                    }
                }
            }
        }
    }

    /// The raw value of the attribute whose name ends at `at`, and where it ends.
    fn value(&self, at: usize) -> Option<(&'h str, usize)> {
        let bytes = self.text.as_bytes();
        if bytes.get(at)? != &b'=' {
            // Spaces before `=` are left to the tree.
            let next = bytes.get(at..)?.iter().find(|byte| !byte.is_ascii_whitespace())?;
            return (*next != b'=').then_some(("", at));
        }
        let rest = self.text.get(at + 1..)?;
        match rest.as_bytes().first()? {
            quote @ (b'"' | b'\'') => {
                let length = rest.bytes().skip(1).position(|byte| byte == *quote)?;
                Some((rest.get(1..=length)?, at + 1 + length + 2))
            }
            b'\t' | b'\n' | 0x0C | b' ' | b'>' => None,
            _ => {
                let length =
                    rest.bytes().position(|byte| matches!(byte, b'\t' | b'\n' | 0x0C | b' ' | b'>'))?;
                Some((rest.get(..length)?, at + 1 + length))
            }
        }
    }

    fn attribute(&mut self, tag: &Tag, element: &str, name: &'h str, raw: &str) {
        let Some(kind) = self.policy.kind(tag, element, name) else { return };
        if self.seen.contains(&name) {
            return;
        }
        self.seen.push(name);
        let decoded;
        let value = if raw.contains('&') {
            decoded = decode_value(raw);
            decoded.as_str()
        } else {
            raw
        };
        if let Some(written) = tag.requires(name, value) {
            self.missing -= usize::from(written.is_some());
            return;
        }
        match self.policy.judge(kind, value) {
            Verdict::Keep => write::attribute(&mut self.out, "", name, value),
            Verdict::Change(value) => write::attribute(&mut self.out, "", name, &value),
            Verdict::Drop(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
