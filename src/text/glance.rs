//! What a glance at a text shows: which bytes, and which pairs of bytes, occur in it at all.
//!
//! Detectors look for hundreds of words, and an ordinary text holds none of them. One pass notes every pair of
//! neighbouring bytes, whatever their case; a word with a pair that is missing is nowhere in the text and is not
//! looked for. "No" is always right; "perhaps" means: look.

use super::cursor::{at, find_word};

/// The pairs of ASCII, folded, fit into so many bits without meeting; others may share a bit.
const BITS: usize = 4_096;

/// A text and what occurs in it.
#[derive(Clone, Debug)]
pub(crate) struct Glance<'a> {
    /// The text itself.
    pub(crate) text: &'a str,
    pairs: [u64; BITS / 64],
    /// The bytes of ASCII, capitals as small letters.
    bytes: [bool; 128],
    wide: bool,
}

/// The word and the bit of a pair in lower case.
const fn place(first: u8, second: u8) -> (usize, u32) {
    let pair = ((first as usize) << 5 ^ second as usize) % BITS;
    (pair / 64, (pair % 64) as u32)
}

impl<'a> Glance<'a> {
    /// Looks over a text.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut glance = Self { text, pairs: [0; BITS / 64], bytes: [false; 128], wide: false };
        let mut before = 0;
        for byte in text.bytes() {
            let byte = byte.to_ascii_lowercase();
            let (word, bit) = place(before, byte);
            if let Some(word) = glance.pairs.get_mut(word) {
                *word |= 1 << bit;
            }
            match glance.bytes.get_mut(usize::from(byte)) {
                Some(seen) => *seen = true,
                None => glance.wide = true,
            }
            before = byte;
        }
        glance
    }

    /// As if everything occurred: nothing is ruled out.
    #[cfg(test)]
    pub(crate) fn blind(text: &'a str) -> Self {
        Self { pairs: [u64::MAX; BITS / 64], bytes: [true; 128], ..Self::of(text) }
    }

    /// Whether every byte is ASCII.
    pub(crate) const fn is_ascii(&self) -> bool {
        !self.wide
    }

    /// Whether a byte of ASCII occurs; letters in any case.
    #[inline]
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.bytes.get(usize::from(byte.to_ascii_lowercase())).is_some_and(|seen| *seen)
    }

    /// Whether one of some bytes of ASCII occurs.
    pub(crate) fn has_any(&self, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| self.has(*byte))
    }

    /// Whether two bytes may stand side by side, in any case.
    #[inline]
    pub(crate) fn may_pair(&self, first: u8, second: u8) -> bool {
        let (word, bit) = place(first.to_ascii_lowercase(), second.to_ascii_lowercase());
        self.pairs.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    /// Whether a word may stand somewhere, in any case.
    #[inline]
    pub(crate) fn may_hold(&self, word: &str) -> bool {
        word.as_bytes().windows(2).all(|pair| self.may_pair(at(pair, 0), at(pair, 1)))
    }

    /// Whether one of some words may stand somewhere, in any case.
    pub(crate) fn may_hold_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.may_hold(word))
    }

    /// Where a word, written in lower case, begins first, in any case.
    pub(crate) fn find(&self, word: &str) -> Option<usize> {
        self.find_from(0, word)
    }

    /// Where a word, written in lower case, begins at or after a position, in any case.
    pub(crate) fn find_from(&self, from: usize, word: &str) -> Option<usize> {
        if self.may_hold(word) { find_word(self.text.as_bytes(), from, word) } else { None }
    }

    /// Whether the text has one of some words exactly as they are written.
    pub(crate) fn contains_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.may_hold(word) && self.text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_no_is_always_right(text in "[ -~\u{e9}\u{1f600}\n]{0,60}", word in "[a-z./<' ]{1,3}") {
            let glance = Glance::of(&text);
            let held = text.to_ascii_lowercase().contains(&word);
            prop_assert!(glance.may_hold(&word) || !held);
            prop_assert_eq!(glance.find(&word).is_some(), held);
            prop_assert_eq!(glance.contains_any(&[&word]), text.contains(&word));
            prop_assert_eq!(glance.is_ascii(), text.is_ascii());
            prop_assert_eq!(glance.has(b'a'), text.contains(['a', 'A']));
        }
    }
}
