//! An HTML tokenizer for hostile markup: as lenient as the most lenient browser was.

use crate::text::cursor::{at, find_byte, find_word, part, skip};
use std::ops::Range;

/// The most attributes of one tag that are read.
const MAX_ATTRIBUTES: usize = 64;

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) range: Range<usize>,
    /// The name in lower case, without NUL.
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
}

/// An attribute: its name in lower case, and where its value is.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) camel: bool,
    pub(super) value: Range<usize>,
}

const fn is_space(byte: u8) -> bool {
    byte <= b' ' || byte == b'/' || byte == 0xa0
}

/// Reads the start tag that opens at a `<`, if a letter follows.
pub(super) fn tag(text: &str, start: usize) -> Option<Tag> {
    let bytes = text.as_bytes();
    let from = start + 1 + usize::from(at(bytes, start + 1) == 0 && start + 1 < bytes.len());
    if !at(bytes, from).is_ascii_alphabetic() {
        return None;
    }
    let end = skip(bytes, from, |byte| {
        !matches!(
            byte,
            b'>' | b'/'
                | b'<'
                | b' '
                | b'\t'
                | b'\n'
                | b'\r'
                | 0x0b
                | 0x0c
                | b'"'
                | b'\''
                | b'='
                | b'`'
                | b'+'
                | b'&'
                | b'#'
        ) && byte >= 0x20
            || byte == 0
    });
    let name: String = part(text, from..end)
        .chars()
        .filter(|c| *c != '\0')
        .take(40)
        .collect::<String>()
        .to_ascii_lowercase();
    let mut tag = Tag { range: start..end, name, attributes: Vec::new() };
    let mut index = end;
    while index < bytes.len() && tag.attributes.len() < MAX_ATTRIBUTES {
        index = skip(bytes, index, |byte| {
            is_space(byte) || matches!(byte, b'"' | b'\'' | b'`' | b'=' | b'+' | b'&' | b'#')
        });
        if matches!(at(bytes, index), b'>' | b'<') || index >= bytes.len() {
            break;
        }
        let (attribute, next) = attribute(text, index);
        tag.attributes.push(attribute);
        index = next.max(index + 1);
    }
    tag.range.end = (index + usize::from(at(bytes, index) == b'>')).min(bytes.len());
    Some(tag)
}

fn attribute(text: &str, start: usize) -> (Attribute, usize) {
    let bytes = text.as_bytes();
    let named = |byte: u8| {
        !matches!(byte, b'=' | b'>' | b'<' | b'/' | b'"' | b'\'' | b'`' | b'{')
            && (byte > b' ' || byte == 0)
            && byte != 0xa0
    };
    let end = skip(bytes, start, named);
    let raw = part(text, start..end);
    let name: String = raw.chars().filter(|c| *c != '\0').take(64).collect();
    let camel = name.bytes().any(|byte| byte.is_ascii_uppercase())
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    let name = name.to_ascii_lowercase();
    let sign = skip(bytes, end, |byte| byte <= b' ' || byte == 0xa0);
    if at(bytes, sign) != b'=' {
        return (Attribute { name, camel, value: end..end }, end);
    }
    let from = skip(bytes, sign + 1, |byte| byte <= b' ' || byte == 0xa0);
    match at(bytes, from) {
        quote @ (b'"' | b'\'' | b'`') => {
            let close = find_byte(bytes, from + 1, quote).unwrap_or(bytes.len());
            (Attribute { name, camel, value: from + 1..close }, close + 1)
        }
        _ => {
            let close = skip(bytes, from, |byte| byte > b' ' && byte != b'>');
            (Attribute { name, camel, value: from..close }, close)
        }
    }
}

/// Where the end tag of each name is that was looked for last; beyond every text if there is none.
#[derive(Debug, Default)]
pub(super) struct OpenElements(Vec<(String, usize)>);

impl OpenElements {
    /// Where the raw text of an element ends: behind its end tag, or with its start tag if there is none.
    pub(super) fn end(&mut self, text: &str, tag: &Tag) -> usize {
        let bytes = text.as_bytes();
        let known = self.0.iter().position(|(name, _)| *name == tag.name);
        if let Some((_, end)) = known.and_then(|known| self.0.get(known))
            && *end >= tag.range.end
        {
            return if *end <= bytes.len() { *end } else { tag.range.end };
        }
        let close = find_word(bytes, tag.range.end, &format!("</{}", tag.name));
        let end = close.and_then(|close| find_byte(bytes, close, b'>')).map(|close| close + 1);
        let remembered = end.unwrap_or(usize::MAX);
        if let Some((_, slot)) = known.and_then(|known| self.0.get_mut(known)) {
            *slot = remembered;
        } else if self.0.len() < 64 {
            self.0.push((tag.name.clone(), remembered));
        }
        end.unwrap_or(tag.range.end)
    }
}

/// A value as a URL parser or a style engine sees its beginning: without spaces, controls and comments, lower case.
pub(super) fn squeezed(value: &str) -> String {
    let mut squeezed = String::with_capacity(value.len().min(512));
    if value.is_ascii() {
        let seen = value.bytes().take(512).filter(u8::is_ascii_graphic);
        squeezed.extend(seen.map(|byte| byte.to_ascii_lowercase() as char));
        return squeezed;
    }
    for c in value.chars().take(512) {
        if c > ' '
            && !c.is_control()
            && !matches!(
                c,
                '\u{a0}' | '\u{200b}'
                    ..='\u{200f}'
                        | '\u{2028}'
                        | '\u{2029}'
                        | '\u{180e}'
                        | '\u{3000}'
                        | '\u{fffd}'
                        | '\u{feff}'
            )
        {
            squeezed.extend(c.to_lowercase());
        }
    }
    squeezed
}
