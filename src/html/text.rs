//! What a reader would read: markup as plain text.

use super::class::{Class, class_of};
use super::options::Limits;
use super::profile::DROPPED;
use super::tree::{Data, Ref, parse};
use crate::error::{Error, ErrorCode, Result};

/// The text of markup: what is not shown is left out, blocks and line breaks become line feeds, cells tabs, white space
/// is one space. The answer is text: escape it before it becomes markup again.
///
/// # Errors
/// [`ErrorCode::InputTooLarge`] for an input over one of the limits.
pub fn html_to_text(html: &str, limits: Limits) -> Result<String> {
    if html.len() > limits.bytes {
        return Err(Error::new(ErrorCode::InputTooLarge, "html: the input is over the limit of bytes"));
    }
    let arena = typed_arena::Arena::new();
    let (root, parsed) = parse(&arena, html, true, limits);
    if parsed.overflowed {
        return Err(Error::new(
            ErrorCode::InputTooLarge,
            "html: the markup parses to more nodes than allowed",
        ));
    }
    let mut writer =
        Writer { out: String::with_capacity(html.len() / 2), pending: Gap::None, preformatted: 0 };
    let mut node = root;
    loop {
        if let (true, Some(first)) = (writer.enter(node), node.first.get()) {
            node = first;
            continue;
        }
        loop {
            writer.leave(node);
            if let Some(next) = node.next.get().filter(|_| !std::ptr::eq(node, root)) {
                node = next;
                break;
            }
            match node.parent.get() {
                Some(above) if !std::ptr::eq(node, root) => node = above,
                _ => return Ok(writer.out),
            }
        }
    }
}

/// What is owed to the output before the next word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Cell,
    Line,
    Block,
}

struct Writer {
    out: String,
    pending: Gap,
    preformatted: usize,
}

impl Writer {
    /// Answers whether the node's content is read.
    fn enter(&mut self, node: Ref<'_>) -> bool {
        match &node.data {
            Data::Text(text) if self.preformatted > 0 => {
                self.flush();
                self.out.push_str(&text.borrow());
            }
            Data::Text(text) => self.words(&text.borrow()),
            Data::Element { name, .. } => {
                if DROPPED.contains(&&*name.local) {
                    return false;
                }
                if &*name.local == "br" {
                    self.flush();
                    self.out.push('\n');
                }
                self.around(&name.local);
                self.preformatted += usize::from(&*name.local == "pre");
            }
            _ => {}
        }
        true
    }

    fn leave(&mut self, node: Ref<'_>) {
        if let Some(name) = node.name().filter(|name| !DROPPED.contains(&&*name.local)) {
            self.preformatted = self.preformatted.saturating_sub(usize::from(&*name.local == "pre"));
            self.around(&name.local);
        }
    }

    /// A gap before and behind an element.
    fn around(&mut self, name: &str) {
        let gap = match class_of(name) {
            Class::Paragraph | Class::Heading | Class::Preformatted | Class::Table => Gap::Block,
            Class::Block
            | Class::List
            | Class::Definitions
            | Class::Item
            | Class::Definition
            | Class::Row
            | Class::Rows
            | Class::Caption
            | Class::Rule => Gap::Line,
            Class::Cell => Gap::Cell,
            _ => return,
        };
        self.pending = self.pending.max(gap);
    }

    fn words(&mut self, text: &str) {
        for (at, word) in text.split([' ', '\t', '\n', '\r', '\u{c}']).enumerate() {
            if at > 0 {
                self.pending = self.pending.max(Gap::Space);
            }
            if !word.is_empty() {
                self.flush();
                self.out.push_str(word);
            }
        }
    }

    fn flush(&mut self) {
        let gap = std::mem::replace(&mut self.pending, Gap::None);
        let fresh = self.out.is_empty() || (self.out.ends_with('\n') && gap < Gap::Block);
        self.out.push_str(match gap {
            _ if self.out.is_empty() => "",
            Gap::Block if self.out.ends_with("\n\n") => "",
            Gap::Block if self.out.ends_with('\n') => "\n",
            Gap::Block => "\n\n",
            _ if fresh => "",
            Gap::None => "",
            Gap::Space => " ",
            Gap::Cell => "\t",
            Gap::Line => "\n",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_reads_as_text() {
        for (html, text) in [
            ("<p>Hello <b>bold</b>\n  world</p><p>again</p>", "Hello bold world\n\nagain"),
            ("a<br>b<script>x()</script><style>y</style>c", "a\nbc"),
            ("<ul><li>one<li>two</ul>", "one\ntwo"),
            ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
            ("<pre>  x\n  y</pre>z", "  x\n  y\n\nz"),
            ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
            ("", ""),
        ] {
            assert_eq!(html_to_text(html, Limits::default()).unwrap(), text, "{html}");
        }
    }
}
