//! Writes text and attributes in the one form that every output has: escaped, quoted, in double quotes.

/// Writes text: `&`, `<`, `>` and the no-break space as references; a carriage return as the line feed that the
/// next parse would make of it.
pub(super) fn text(out: &mut String, text: &str) {
    escape(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("\n"),
        _ => None,
    });
}

/// Writes an attribute with a space before it.
pub(super) fn attribute(out: &mut String, prefix: &str, name: &str, value: &str) {
    out.push(' ');
    out.push_str(prefix);
    out.push_str(name);
    out.push_str("=\"");
    quoted(out, value);
    out.push('"');
}

/// Writes the value of an attribute as it stands between double quotes.
pub(super) fn quoted(out: &mut String, value: &str) {
    escape(out, value, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\r' => Some("\n"),
        _ => None,
    });
}

fn escape(out: &mut String, text: &str, replacement: impl Fn(u8) -> Option<&'static str>) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let (written, length) = match replacement(byte) {
            Some(written) => (written, 1),
            // U+00A0 is C2 A0 in UTF-8.
            None if byte == 0xC2 && bytes.get(at + 1) == Some(&0xA0) => ("&nbsp;", 2),
            None => continue,
        };
        out.push_str(text.get(copied..at).unwrap_or(""));
        out.push_str(written);
        copied = at + length;
    }
    out.push_str(text.get(copied..).unwrap_or(""));
}
