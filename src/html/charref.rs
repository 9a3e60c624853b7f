//! Character references (§13.2.5.72 and after).

use html5ever::data::C1_REPLACEMENTS;
use std::cmp::Ordering;

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
    let bytes = text.as_bytes();
    let run = bytes.iter().skip(1).take(LONGEST_NAME).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = |length: usize| text.get(1..=length).unwrap_or_default();
    if bytes.get(run + 1) == Some(&b';')
        && let Some(entry) = find(name(run))
    {
        return (entry.decoded, run + 2);
    }
    let open =
        |length| find(name(length)).filter(|entry| entry.stands_alone).map(|entry| (entry, length + 1));
    let Some((entry, end)) = (1..=run.min(LONGEST_ALONE)).rev().find_map(open) else {
        return (Decoded::Literal, 1);
    };
    let next = bytes.get(end);
    if in_attribute && next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric()) {
        return (Decoded::Literal, 1);
    }
    (entry.decoded, end)
}

/// The names of the HTML standard (§13.5), a line each in the order of their bytes: the name, a `?` if it also stands
/// without a semicolon, and its code points in hexadecimal. As text it takes a tenth of html5ever's own table.
const NAMES: &str = include_str!("entities.txt");

/// Characters of the longest name, and of the longest that stands without a semicolon.
const LONGEST_NAME: usize = 31;
const LONGEST_ALONE: usize = 6;

struct Entry {
    decoded: Decoded,
    stands_alone: bool,
}

/// Looks a name up: halves the text, not a list of its lines, so that nothing has to be prepared.
fn find(name: &str) -> Option<Entry> {
    let (mut low, mut high) = (0, NAMES.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = NAMES.get(low..middle)?.rfind('\n').map_or(low, |at| low + at + 1);
        let (line, _) = NAMES.get(start..)?.split_once('\n')?;
        let (listed, code) = line.split_once(' ')?;
        let (listed, stands_alone) =
            listed.strip_suffix('?').map_or((listed, false), |listed| (listed, true));
        match listed.cmp(name) {
            Ordering::Less => low = start + line.len() + 1,
            Ordering::Greater => high = start,
            Ordering::Equal => return Some(Entry { decoded: characters(code)?, stands_alone }),
        }
    }
    None
}

fn characters(code: &str) -> Option<Decoded> {
    let character = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).ok()?);
    Some(match code.split_once(' ') {
        None => Decoded::One(character(code)?),
        Some((first, second)) => Decoded::Two(character(first)?, character(second)?),
    })
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
