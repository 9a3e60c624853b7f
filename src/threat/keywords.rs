//! Many keywords at once, in any case, in one pass over a text.
//!
//! A window of four bytes slides over the text; a table of 65,536 bits says whether a keyword begins as the window
//! does, which in ordinary text is seldom so. Only then is the keyword itself compared.

use crate::text::cursor::{at, has_word};

/// The bits of one table, in words.
const WORDS: usize = (1 << 16) / 64;

/// How many drawers the beginnings are sorted into.
const DRAWERS: usize = 256;

/// Keywords, known by their number.
#[derive(Debug)]
pub(super) struct Keywords {
    words: Vec<&'static str>,
    /// Which windows, hashed, begin a keyword of four bytes or more.
    windows: Box<[u64; WORDS]>,
    /// Which pairs begin a shorter one.
    pairs: Box<[u64; WORDS]>,
    /// The beginning of each keyword and its number, by drawer.
    begins: Vec<(u32, usize)>,
    /// Where each drawer begins.
    drawers: [usize; DRAWERS + 1],
}

const fn place(bit: u32) -> (usize, u32) {
    ((bit >> 6) as usize % WORDS, bit & 63)
}

fn set(table: &mut [u64; WORDS], bit: u32) {
    let (word, bit) = place(bit);
    if let Some(word) = table.get_mut(word) {
        *word |= 1 << bit;
    }
}

#[inline]
fn has(table: &[u64; WORDS], bit: u32) -> bool {
    let (word, bit) = place(bit);
    table.get(word).is_some_and(|word| word >> bit & 1 == 1)
}

const fn hash(window: u32) -> u32 {
    window.wrapping_mul(0x9e37_79b1) >> 16
}

const fn drawer(begin: u32) -> usize {
    hash(begin) as usize % DRAWERS
}

/// Marks a pair among the beginnings: no window of ASCII has its highest bit set.
const SHORT: u32 = 1 << 31;

impl Keywords {
    /// Takes keywords of at least two bytes of ASCII.
    pub(super) fn new(words: impl Iterator<Item = &'static str>) -> Self {
        let words: Vec<&'static str> = words.collect();
        let (mut windows, mut pairs) = (Box::new([0; WORDS]), Box::new([0; WORDS]));
        let mut begins = Vec::with_capacity(words.len());
        for (number, word) in words.iter().enumerate() {
            let byte = |index| u32::from(at(word.as_bytes(), index).to_ascii_lowercase());
            let pair = byte(0) << 8 | byte(1);
            if word.len() < 4 {
                set(&mut pairs, pair);
                begins.push((pair | SHORT, number));
            } else {
                let window = pair << 16 | byte(2) << 8 | byte(3);
                set(&mut windows, hash(window));
                begins.push((window, number));
            }
        }
        begins.sort_unstable_by_key(|(begin, number)| (drawer(*begin), *number));
        let mut drawers = [0; DRAWERS + 1];
        for (number, place) in drawers.iter_mut().enumerate() {
            *place = begins.partition_point(|(begin, _)| drawer(*begin) < number);
        }
        Self { words, windows, pairs, begins, drawers }
    }

    /// Calls `each` with the number and the place of every keyword of a text, in order of their places.
    pub(super) fn each(&self, text: &str, mut each: impl FnMut(usize, usize)) {
        let bytes = text.as_bytes();
        let mut window = 0;
        // Three bytes beyond the end let the last ones through the window.
        for (end, byte) in bytes.iter().chain(&[0; 3]).enumerate() {
            window = window << 8 | u32::from(byte.to_ascii_lowercase());
            let long = has(&self.windows, hash(window));
            let short = has(&self.pairs, window >> 16);
            if (long | short)
                && let Some(start) = end.checked_sub(3)
            {
                if long {
                    self.compare(bytes, start, window, &mut each);
                }
                if short {
                    self.compare(bytes, start, window >> 16 | SHORT, &mut each);
                }
            }
        }
    }

    fn compare(&self, bytes: &[u8], start: usize, begin: u32, each: &mut impl FnMut(usize, usize)) {
        let drawer = drawer(begin);
        let (Some(from), Some(to)) = (self.drawers.get(drawer), self.drawers.get(drawer + 1)) else { return };
        for (known, number) in self.begins.get(*from..*to).unwrap_or_default() {
            if *known == begin && self.words.get(*number).is_some_and(|word| has_word(bytes, start, word)) {
                each(*number, start);
            }
        }
    }

    /// The length of a keyword.
    pub(super) fn length(&self, number: usize) -> usize {
        self.words.get(number).map_or(0, |word| word.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_keyword_is_found_where_it_stands(text in "[abAB')é#&]{0,40}") {
            const WORDS: &[&str] = &["ab", "aba", "abab", "abaab", "')", "&#", "b'ab"];
            let mut found = Vec::new();
            Keywords::new(WORDS.iter().copied()).each(&text, |number, start| found.push((start, number)));
            let lower = text.to_ascii_lowercase();
            let wanted = (0..lower.len()).flat_map(|start| {
                let here = lower.get(start..).unwrap_or("").to_owned();
                (0..WORDS.len()).filter(move |number| here.starts_with(WORDS[*number])).map(move |number| (start, number))
            });
            prop_assert!(found.windows(2).all(|pair| pair[0].0 <= pair[1].0));
            found.sort_unstable();
            prop_assert_eq!(found, wanted.collect::<Vec<_>>());
        }
    }
}
