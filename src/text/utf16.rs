//! From byte offsets to UTF-16 offsets, which is what editors and JavaScript count in.

/// Turns byte offsets, in ascending order, into UTF-16 offsets in one pass over the text.
///
/// An offset inside a character counts as the character's start, one beyond the end as the end.
#[must_use]
pub fn offsets(text: &str, ascending: &[usize]) -> Vec<usize> {
    let mut units = 0;
    let mut from = 0;
    let mut answer = Vec::with_capacity(ascending.len());
    for offset in ascending {
        let offset = super::cursor::floor(text, *offset).max(from);
        units += length(super::cursor::part(text, from..offset));
        from = offset;
        answer.push(units);
    }
    answer
}

/// The length of a text in UTF-16 units.
#[must_use]
pub fn length(text: &str) -> usize {
    // One unit for every byte that starts a character, and a second one for those of four bytes.
    text.bytes().map(|byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_as_javascript_does() {
        let text = "aé€😀b";
        assert_eq!(length(text), text.encode_utf16().count());
        assert_eq!(offsets(text, &[0, 1, 3, 6, 10, 11]), [0, 1, 2, 3, 5, 6]);
        assert_eq!(offsets(text, &[7, 99]), [3, 6]);
    }
}
