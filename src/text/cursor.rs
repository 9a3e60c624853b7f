//! Reading bytes and parts of a text without an index that could be out of range.

use std::ops::Range;

/// The byte at a position; 0 beyond the end.
#[inline]
pub(crate) fn at(bytes: &[u8], index: usize) -> u8 {
    match bytes.get(index) {
        Some(byte) => *byte,
        None => 0,
    }
}

/// A part of a text; empty if the range is not inside it or cuts a character.
#[inline]
pub(crate) fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or("")
}

/// The largest character boundary at or before a position.
pub(crate) fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// The smallest character boundary at or after a position.
pub(crate) fn ceil(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index += 1;
    }
    index
}

/// Whether `bytes` has `word`, written in lower case, at a position, in any case.
#[inline]
pub(crate) fn has_word(bytes: &[u8], index: usize, word: &str) -> bool {
    bytes.get(index..index + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
}

/// Where `word`, in any case, begins at or after a position.
pub(crate) fn find_word(bytes: &[u8], from: usize, word: &str) -> Option<usize> {
    let first = at(word.as_bytes(), 0);
    let last = bytes.len().checked_sub(word.len())?;
    let mut index = from;
    while index <= last {
        let found = bytes.get(index..=last)?.iter().position(|byte| byte.to_ascii_lowercase() == first)?;
        index += found;
        if has_word(bytes, index, word) {
            return Some(index);
        }
        index += 1;
    }
    None
}

/// Where a byte is at or after a position.
#[inline]
pub(crate) fn find_byte(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    bytes.get(from..)?.iter().position(|found| *found == byte).map(|offset| from + offset)
}

/// The position behind the bytes that fit.
#[inline]
pub(crate) fn skip(bytes: &[u8], from: usize, fits: impl Fn(u8) -> bool) -> usize {
    let mut index = from;
    while index < bytes.len() && fits(at(bytes, index)) {
        index += 1;
    }
    index
}

/// As [`skip`], over at most so many bytes.
#[inline]
pub(crate) fn skip_most(bytes: &[u8], from: usize, most: usize, fits: impl Fn(u8) -> bool) -> usize {
    let end = bytes.len().min(from.saturating_add(most));
    let mut index = from;
    while index < end && fits(at(bytes, index)) {
        index += 1;
    }
    index
}

/// Whether a byte is a letter, a digit, an underscore or part of a character beyond ASCII.
#[inline]
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a text has a control character beside tab, line ends and form feed, or may have an 8-bit one. Eight
/// bytes are asked at once.
pub(crate) fn controls(text: &str) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c) || *byte == 0xc2;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let any = words.iter().any(|word| {
        let bytes = u64::from_le_bytes(*word);
        // The high bit of a byte below 0x20 or above 0x7f; a borrow may add a neighbour, which is then looked at.
        (bytes.wrapping_sub(0x20 * ONES) | bytes) & (0x80 * ONES) != 0 && word.iter().any(control)
    });
    any || rest.iter().any(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_seen_at_every_place_of_a_word() {
        for at in 0..20 {
            for (sign, seen) in
                [("\u{1b}", true), ("\u{9b}", true), ("\0", true), ("\n\t\r", false), ("é", false)]
            {
                assert_eq!(
                    controls(&format!("{}{sign}{}", "a".repeat(at), "z".repeat(19 - at))),
                    seen,
                    "{sign:?}"
                );
            }
        }
    }
}
