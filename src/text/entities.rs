//! HTML character references: the numeric ones, and the named ones that stand for ASCII.
//!
//! The names are those of the HTML standard whose character a browser's parser or a script engine acts on;
//! a name that gives a letter with an accent changes no finding and is left alone.

use super::cursor::{at, find_byte, part, skip};
use super::reading::Writer;

/// Names in the order of their bytes.
const NAMES: &[(&str, char)] = &[
    ("GT", '>'),
    ("LT", '<'),
    ("NewLine", '\n'),
    ("QUOT", '"'),
    ("Tab", '\t'),
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("nbsp", '\u{a0}'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("verbar", '|'),
];

/// Names that HTML knows without a semicolon.
const OPEN: &[&str] = &["amp", "gt", "lt", "nbsp", "quot", "GT", "LT", "QUOT"];

/// Decodes character references.
pub(super) fn decode(source: &str, writer: &mut Writer<'_>) {
    let bytes = source.as_bytes();
    let mut from = 0;
    while let Some(index) = find_byte(bytes, from, b'&') {
        from = index + 1;
        let found = if at(bytes, index + 1) == b'#' { numeric(bytes, index) } else { named(source, index) };
        if let Some((code, end)) = found {
            let mut buffer = [0; 4];
            writer.replace(index..end, code.encode_utf8(&mut buffer));
            from = end;
        }
    }
}

fn numeric(bytes: &[u8], index: usize) -> Option<(char, usize)> {
    let hex = matches!(at(bytes, index + 2), b'x' | b'X');
    let (start, radix) = if hex { (index + 3, 16) } else { (index + 2, 10) };
    let end = skip(bytes, start, |byte| (byte as char).is_digit(radix));
    let digits = bytes.get(start..end).filter(|digits| !digits.is_empty())?;
    let code = digits.iter().fold(0u32, |value, digit| {
        value.saturating_mul(radix).saturating_add((*digit as char).to_digit(radix).unwrap_or(0))
    });
    let code = char::from_u32(code).filter(|code| *code != '\0').unwrap_or('\u{fffd}');
    Some((code, end + usize::from(at(bytes, end) == b';')))
}

fn named(source: &str, index: usize) -> Option<(char, usize)> {
    let bytes = source.as_bytes();
    let end = skip(bytes, index + 1, |byte| byte.is_ascii_alphanumeric()).min(index + 9);
    let name = part(source, index + 1..end);
    let known = |name: &str| {
        let place = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        NAMES.get(place).map(|(_, code)| *code)
    };
    if at(bytes, end) == b';' {
        return known(name).map(|code| (code, end + 1));
    }
    let open = OPEN.iter().find(|open| name.starts_with(**open))?;
    known(open).map(|code| (code, index + 1 + open.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Readings;

    #[test]
    fn the_table_is_in_order() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn references_are_read_as_a_browser_reads_them() {
        let read = |text: &str| Readings::of(text, 1 << 12).iter().nth(1).map(|(_, text)| text.to_owned());
        assert_eq!(read("&lt;b&gt;").as_deref(), Some("<b>"));
        assert_eq!(read("&#106&#97;&#0000118&#X61;").as_deref(), Some("java"));
        assert_eq!(read("java&Tab;script&colon;").as_deref(), Some("java\tscript:"));
        assert_eq!(read("&ltb").as_deref(), Some("<b"));
        assert_eq!(read("a & b && c; &unknown; &#; &"), None);
    }
}
