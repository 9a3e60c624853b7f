//! Code that a message quotes: fenced blocks and code spans of Markdown.

use super::cursor::{at, part, skip};
use std::ops::Range;

/// The ranges of fenced code blocks, and of code spans that stand inside prose, in order.
///
/// A message that is nothing but a code span quotes nothing: it is read as it stands. So is a span inside a tag.
#[must_use]
pub fn quoted(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'`') && !text.contains("~~~") {
        return Vec::new();
    }
    let fences = fences(text);
    let mut ranges = Vec::new();
    let mut from = 0;
    for fence in fences.iter().cloned().chain(std::iter::once(text.len()..text.len())) {
        spans(text, from..fence.start, &mut ranges);
        from = fence.end;
        if !fence.is_empty() {
            ranges.push(fence);
        }
    }
    ranges
}

/// Lines between a line of three or more backticks or tildes and its like, or the end.
fn fences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut ranges = Vec::new();
    let mut open: Option<(usize, u8, usize)> = None;
    let mut line = 0;
    while line < bytes.len() {
        let end = skip(bytes, line, |byte| byte != b'\n') + 1;
        let indent = skip(bytes, line, |byte| matches!(byte, b' ' | b'\t' | b'>'));
        let mark = at(bytes, indent);
        let width = skip(bytes, indent, |byte| byte == mark) - indent;
        let rest = part(text, indent + width..end.min(text.len()));
        if matches!(mark, b'`' | b'~') && width >= 3 {
            match open {
                None if !rest.contains('`') => open = Some((line, mark, width)),
                Some((start, opener, least))
                    if mark == opener && width >= least && rest.trim().is_empty() =>
                {
                    ranges.push(start..end.min(text.len()));
                    open = None;
                }
                _ => {}
            }
        }
        line = end;
    }
    if let Some((start, ..)) = open {
        ranges.push(start..text.len());
    }
    ranges
}

/// Code spans: a run of backticks up to a run of the same length, with prose outside and no tag around.
fn spans(text: &str, within: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let first = ranges.len();
    let mut outside = 0;
    let mut tag = false;
    let mut index = within.start;
    // Where the closing run of each length is looked for from: a length that found none is not looked for again.
    let mut hopeless = [false; 32];
    while index < within.end {
        match at(bytes, index) {
            b'<' if at(bytes, index + 1).is_ascii_alphabetic() || at(bytes, index + 1) == b'/' => tag = true,
            b'>' => tag = false,
            b'`' => {
                let run = skip(bytes, index, |byte| byte == b'`');
                let width = run - index;
                let before = at(bytes, index.wrapping_sub(1));
                let free = index == within.start
                    || matches!(
                        before,
                        b' ' | b'\n'
                            | b'\t'
                            | b'('
                            | b'['
                            | b'"'
                            | b'*'
                            | b'/'
                            | b'|'
                            | b':'
                            | b'-'
                            | b'>'
                            | b','
                    );
                let known = hopeless.get(width).copied().unwrap_or(true);
                if !tag && free && !known {
                    if let Some(end) = closing(bytes, run, within.end, width) {
                        ranges.push(index..end);
                        index = end;
                        continue;
                    }
                    if let Some(slot) = hopeless.get_mut(width) {
                        *slot = true;
                    }
                }
                index = run;
                continue;
            }
            byte if byte.is_ascii_alphabetic()
                && !super::cursor::is_word(at(bytes, index.wrapping_sub(1))) =>
            {
                outside += 1
            }
            _ => {}
        }
        index += 1;
    }
    if outside < 2 {
        ranges.truncate(first);
    }
}

fn closing(bytes: &[u8], from: usize, limit: usize, width: usize) -> Option<usize> {
    let mut index = from;
    while index < limit {
        index = skip(bytes, index, |byte| byte != b'`');
        let run = skip(bytes, index, |byte| byte == b'`');
        if run - index == width && run <= limit {
            return Some(run);
        }
        index = run.max(index + 1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        quoted(text).into_iter().filter_map(|range| text.get(range)).collect()
    }

    #[test]
    fn spans_in_prose_and_fences_are_quoted() {
        assert_eq!(cut("Run `rm -rf x` now, please"), ["`rm -rf x`"]);
        assert_eq!(cut("see\n```sh\nid; ls\n```\nthen"), ["```sh\nid; ls\n```\n"]);
        assert_eq!(cut("see\n~~~\nid"), ["~~~\nid"]);
        assert_eq!(cut("use ``a ` b`` and more"), ["``a ` b``"]);
    }

    #[test]
    fn a_bare_span_and_a_span_in_a_tag_are_not_quoted() {
        assert!(cut("`whoami`").is_empty());
        assert!(cut("<img src=`x` onerror=`alert(1)`> two words").is_empty());
        assert!(cut("no backticks at all").is_empty());
    }
}
