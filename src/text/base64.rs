//! Base64 inside a text: long runs that decode to something a person or a parser could read.

use super::cursor::{at, skip};
use super::reading::Writer;

/// A shorter run is a word, a name or a number.
const MIN_DIGITS: usize = 20;

/// How many islands are decoded, and how many digits of each.
const MAX_ISLANDS: usize = 8;
const MAX_DIGITS: usize = 1 << 16;

/// Whether a byte is a digit of base64 or base64url.
const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn value(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// Decodes digits without their padding.
pub(crate) fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for digit in digits {
        bits = (bits << 6) | value(*digit)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

/// Whether a run of digits is long enough to be an island. Only the bytes that could end a gap are read.
pub(super) fn has_run(bytes: &[u8]) -> bool {
    let mut end = MIN_DIGITS;
    while let Some(window) = bytes.get(end - MIN_DIGITS..end) {
        match window.iter().rposition(|byte| !is_digit(*byte)) {
            Some(gap) => end += gap + 1,
            None => return true,
        }
    }
    false
}

/// Puts what readable islands say in their place.
pub(super) fn island(source: &str, writer: &mut Writer<'_>) {
    let bytes = source.as_bytes();
    let mut islands = 0;
    let mut index = 0;
    while index < bytes.len() && islands < MAX_ISLANDS {
        let start = skip(bytes, index, |byte| !is_digit(byte));
        let end = skip(bytes, start, is_digit);
        index = end.max(start + 1);
        if (MIN_DIGITS..=MAX_DIGITS).contains(&(end - start))
            && let Some(text) = bytes.get(start..end).and_then(decode).and_then(readable)
        {
            islands += 1;
            let padding = skip(bytes, end, |byte| byte == b'=').min(end + 2);
            writer.replace(start..padding, &text);
            index = padding;
            debug_assert!(at(bytes, start) != 0);
        }
    }
}

/// The text of bytes, if they are one: UTF-8, nearly all of it printable, with a space or a bracket.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let strange = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).count();
    let speaks = text.bytes().any(|byte| matches!(byte, b' ' | b'<' | b'(' | b'{' | b'\'' | b'/'));
    (strange * 20 <= text.len() && speaks).then_some(text)
}

#[cfg(test)]
mod tests {
    use crate::text::Readings;

    #[test]
    fn only_readable_islands_are_read() {
        let readings = |text: &str| Readings::of(text, 1 << 12).iter().count();
        assert_eq!(readings("say PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="), 2);
        assert_eq!(readings("sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP"), 1);
        assert_eq!(readings("internationalization_of_the_application"), 1);
    }
}
