//! Decoders for percent-encoding, JavaScript and CSS escapes, `0x` bytes and comments.
//!
//! They read as the most lenient consumer does: what one parser takes for text, another one decodes.

use super::cursor::{at, find_byte, find_word, skip};
use super::reading::Writer;

/// The value of a hexadecimal digit.
const fn digit(byte: u8) -> Option<u32> {
    (byte as char).to_digit(16)
}

/// Up to `max` hexadecimal digits: their value and how many there are.
fn number(bytes: &[u8], from: usize, max: usize) -> (u32, usize) {
    let mut value: u32 = 0;
    let mut count = 0;
    while count < max
        && let Some(next) = digit(at(bytes, from + count))
    {
        value = value.saturating_mul(16).saturating_add(next);
        count += 1;
    }
    (value, count)
}

fn put(writer: &mut Writer<'_>, range: std::ops::Range<usize>, code: u32) {
    let mut buffer = [0; 4];
    writer.replace(range, char::from_u32(code).unwrap_or('\u{fffd}').encode_utf8(&mut buffer));
}

/// Decodes `%3C`, `%u003C` and overlong UTF-8, and `+` as a space where the text looks like a query.
pub(super) fn url(source: &str, writer: &mut Writer<'_>) {
    let bytes = source.as_bytes();
    let plus_is_space = bytes.contains(&b'=') && bytes.contains(&b'+') && !bytes.contains(&b' ');
    let mut index = 0;
    while index < bytes.len() {
        match at(bytes, index) {
            b'+' if plus_is_space => {
                writer.replace(index..index + 1, " ");
                index += 1;
            }
            b'%' if matches!(at(bytes, index + 1), b'u' | b'U') && number(bytes, index + 2, 4).1 == 4 => {
                put(writer, index..index + 6, number(bytes, index + 2, 4).0);
                index += 6;
            }
            b'%' if number(bytes, index + 1, 2).1 == 2 => index = percent(bytes, index, writer),
            _ => index += 1,
        }
    }
}

/// One character spelled as percent-encoded bytes. Overlong forms give the character they stand for.
fn percent(bytes: &[u8], index: usize, writer: &mut Writer<'_>) -> usize {
    let lead = number(bytes, index + 1, 2).0;
    let (more, bits) = match lead {
        0xc0..=0xdf => (1, lead & 0x1f),
        0xe0..=0xef => (2, lead & 0x0f),
        0xf0..=0xf7 => (3, lead & 0x07),
        0xf8..=0xfb => (4, lead & 0x03),
        0xfc..=0xfd => (5, lead & 0x01),
        _ => (0, lead),
    };
    let mut code = bits;
    let mut end = index + 3;
    for _ in 0..more {
        let next = number(bytes, end + 1, 2);
        if at(bytes, end) != b'%' || next.1 != 2 {
            break;
        }
        // A lenient decoder takes `%c0%2f` for a slash although 0x2f continues nothing.
        code = if next.0 & 0xc0 == 0x80 {
            (code << 6) | (next.0 & 0x3f)
        } else if more == 1 && lead <= 0xc1 {
            if next.0 < 0x40 && lead == 0xc1 { 0x40 | next.0 } else { next.0 }
        } else {
            break;
        };
        end += 3;
    }
    if more > 0 && end == index + 3 {
        code = 0xfffd;
    }
    put(writer, index..end, code);
    end
}

/// Decodes `\x3c`, `\u003c`, `\u{3c}`, octal `\74`, and the short escapes of JavaScript and JSON.
pub(super) fn script(source: &str, writer: &mut Writer<'_>) {
    let bytes = source.as_bytes();
    let mut from = 0;
    while let Some(index) = find_byte(bytes, from, b'\\') {
        let next = at(bytes, index + 1);
        let (hex, octal) =
            (number(bytes, index + 2, 4), skip(bytes, index + 1, |byte| matches!(byte, b'0'..=b'7')));
        from = index + 2;
        match next {
            b'x' if hex.1 >= 2 => {
                from = index + 4;
                put(writer, index..from, number(bytes, index + 2, 2).0);
            }
            b'u' if hex.1 == 4 => {
                from = index + 6;
                let mut code = hex.0;
                let low = number(bytes, from + 2, 4);
                if (0xd800..0xdc00).contains(&code) && at(bytes, from + 1) == b'u' && low.1 == 4 {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low.0.saturating_sub(0xdc00) & 0x3ff);
                    from += 6;
                }
                put(writer, index..from, code);
            }
            b'u' if at(bytes, index + 2) == b'{' => {
                let (code, count) = number(bytes, index + 3, 6);
                if count > 0 && at(bytes, index + 3 + count) == b'}' {
                    from = index + 4 + count;
                    put(writer, index..from, code);
                }
            }
            b'0'..=b'7' if octal > index + 2 || next == b'0' => {
                from = octal.min(index + 4);
                let code = bytes.get(index + 1..from).unwrap_or_default().iter();
                put(
                    writer,
                    index..from,
                    code.fold(0, |value, digit| value * 8 + u32::from(digit - b'0')) & 0xff,
                );
            }
            b'n' | b'r' => writer.replace(index..from, "\n"),
            b't' => writer.replace(index..from, "\t"),
            b'/' => writer.replace(index..from, "/"),
            b'"' => writer.replace(index..from, "\""),
            b'\'' => writer.replace(index..from, "'"),
            b'`' => writer.replace(index..from, "`"),
            b'\\' => writer.replace(index..from, "\\"),
            b'\n' => writer.replace(index..from, ""),
            _ => {}
        }
    }
}

/// Decodes CSS escapes: a backslash, one to six hexadecimal digits and one space; or a backslash and a letter.
pub(super) fn css(source: &str, writer: &mut Writer<'_>) {
    let bytes = source.as_bytes();
    let mut from = 0;
    while let Some(index) = find_byte(bytes, from, b'\\') {
        let (code, count) = number(bytes, index + 1, 6);
        from = index + 1 + count.max(1);
        if count >= 2 {
            from += usize::from(at(bytes, from) == b' ');
            put(writer, index..from, code);
        } else if count == 0 && at(bytes, index + 1).is_ascii_alphabetic() {
            from = index + 1;
            writer.replace(index..from, "");
        }
    }
}

/// Decodes bytes spelled as `0x2e`, as some path filters and databases do. Only punctuation counts: numbers in
/// code stay numbers.
pub(super) fn hex(source: &str, writer: &mut Writer<'_>) {
    let bytes = source.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let (code, count) = number(bytes, index + 2, 3);
        let ends = count == 2 || (count == 3 && at(bytes, index + 4) == b'0' && at(bytes, index + 5) == b'x');
        let code = if count == 3 { code >> 4 } else { code };
        if at(bytes, index) == b'0'
            && at(bytes, index + 1) == b'x'
            && ends
            && matches!(code, 0x2e | 0x2f | 0x5c)
        {
            put(writer, index..index + 4, code);
            index += 4;
        } else {
            index += 1;
        }
    }
}

/// Takes out `/* … */` and `<!-- … -->`, which split words for a filter but not for a parser.
pub(super) fn comments(source: &str, writer: &mut Writer<'_>) {
    let bytes = source.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let (open, close) = match (at(bytes, index), at(bytes, index + 1)) {
            // `/*!` runs in MySQL: its words stay.
            (b'/', b'*') if at(bytes, index + 2) != b'!' => (2, "*/"),
            (b'<', b'!') if at(bytes, index + 2) == b'-' && at(bytes, index + 3) == b'-' => (4, "-->"),
            _ => {
                index += 1;
                continue;
            }
        };
        let Some(end) = find_word(bytes, index + open, close) else { return };
        writer.replace(index..end + close.len(), "");
        index = end + close.len();
    }
}
