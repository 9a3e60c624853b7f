//! Tables of words that nearly every word of a text is not in.

/// Words in the order of their bytes, of at most 31 bytes each.
#[derive(Debug)]
pub(super) struct Words {
    list: &'static [&'static str],
    /// Which lengths the words have that begin with a letter, by the letter's last five bits.
    lengths: [u32; 32],
}

const fn place(word: &[u8]) -> usize {
    match word.first() {
        Some(first) => (*first & 31) as usize,
        None => 0,
    }
}

impl Words {
    /// Makes a table; a test asks whether it [`Words::is_sorted`].
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, which refuses an index out of range"
    )]
    pub(super) const fn new(list: &'static [&'static str]) -> Self {
        let mut lengths = [0; 32];
        let mut index = 0;
        while index < list.len() {
            lengths[place(list[index].as_bytes())] |= 1 << list[index].len();
            index += 1;
        }
        Self { list, lengths }
    }

    /// Whether a word is in the table, exactly as it is written.
    pub(super) fn has(&self, word: &str) -> bool {
        let lengths = self.lengths.get(place(word.as_bytes())).copied().unwrap_or(0);
        word.len() < 32 && lengths >> word.len() & 1 == 1 && self.list.binary_search(&word).is_ok()
    }

    #[cfg(test)]
    pub(super) fn is_sorted(&self) -> bool {
        self.list.windows(2).all(|pair| pair[0] < pair[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_words_and_no_others() {
        static TABLE: Words = Words::new(&["at", "cat", "cut", "rm"]);
        assert!(["at", "cat", "cut", "rm"].iter().all(|word| TABLE.has(word)));
        assert!(
            ["", "a", "cot", "cats", "RM", "rmrmrmrmrmrmrmrmrmrmrmrmrmrmrmrmrm"]
                .iter()
                .all(|word| !TABLE.has(word))
        );
    }
}
