//! Writes text and attributes in the one form that every output has: escaped, quoted, in double quotes.

/// Writes text: `&`, `<`, `>` and the no-break space as references; a carriage return as the line feed that the
/// next parse would make of it.
pub(super) fn text(out: &mut String, text: &str) {
    escape(out, text, false);
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
    escape(out, value, true);
}

fn escape(out: &mut String, text: &str, in_quotes: bool) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let (written, length) = match byte {
            b'&' => ("&amp;", 1),
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'"' if in_quotes => ("&quot;", 1),
            b'\r' => ("\n", 1),
            // U+00A0 is C2 A0 in UTF-8.
            0xC2 if bytes.get(at + 1) == Some(&0xA0) => ("&nbsp;", 2),
            _ => continue,
        };
        out.push_str(text.get(copied..at).unwrap_or(""));
        out.push_str(written);
        copied = at + length;
    }
    out.push_str(text.get(copied..).unwrap_or(""));
}
