//! Character references (§13.2.5.72 and after).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// It is no reference: the text stands for itself.
    Literal,
    One(char),
    Two(char, char),
}

/// Decodes the reference that `text` begins with; `text` begins with `&`. Answers how many bytes it took.
pub(super) fn decode(text: &str, in_attribute: bool) -> (Decoded, usize) {
    match text.as_bytes().get(1) {
        Some(b'#') => numeric(text),
        Some(byte) if byte.is_ascii_alphanumeric() => named(text, in_attribute),
        _ => (Decoded::Literal, 1),
    }
}

fn named(text: &str, in_attribute: bool) -> (Decoded, usize) {
    for (name, c) in [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", '\u{a0}')] {
        if text.starts_with(name) {
            return (Decoded::One(c), name.len());
        }
    }
    let mut longest = None;
    let mut end = 2;
    // The table holds every beginning of every name.
    while let Some(entry) = text.get(1..end).and_then(|name| NAMED_ENTITIES.get(name)) {
        if entry.0 != 0 {
            longest = Some((end, *entry));
        }
        end += 1;
    }
    let Some((end, (first, second))) = longest else { return (Decoded::Literal, 1) };
    let ended = text.as_bytes().get(end - 1) == Some(&b';');
    let next = text.as_bytes().get(end);
    if in_attribute && !ended && next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric()) {
        return (Decoded::Literal, 1);
    }
    match (char::from_u32(first), char::from_u32(second)) {
        (Some(first), Some('\0')) => (Decoded::One(first), end),
        (Some(first), Some(second)) => (Decoded::Two(first, second), end),
        _ => (Decoded::Literal, 1),
    }
}

fn numeric(text: &str) -> (Decoded, usize) {
    let bytes = text.as_bytes();
    let (radix, start) = if matches!(bytes.get(2), Some(b'x' | b'X')) { (16, 3) } else { (10, 2) };
    let mut code = 0_u32;
    let mut end = start;
    while let Some(digit) = bytes.get(end).and_then(|byte| char::from(*byte).to_digit(radix)) {
        code = code.saturating_mul(radix).saturating_add(digit);
        end += 1;
    }
    if end == start {
        return (Decoded::Literal, start);
    }
    let length = if bytes.get(end) == Some(&b';') { end + 1 } else { end };
    let replaced = code.checked_sub(0x80).and_then(|at| *C1_REPLACEMENTS.get(at as usize)?);
    let c = match code {
        0 => '\u{fffd}',
        _ => replaced.or_else(|| char::from_u32(code)).unwrap_or('\u{fffd}'),
    };
    (Decoded::One(c), length)
}
