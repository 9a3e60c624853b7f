//! JavaScript's regular expressions as Rust's, which run in linear time.

use super::purify::Expression;
use crate::error::{Error, ErrorCode, Result};
use regex::{Regex, RegexBuilder};

/// The longest source that is translated, in bytes.
const MAX_SOURCE: usize = 4_096;

/// The largest compiled expression, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// Translates an expression.
///
/// # Errors
/// [`ErrorCode::ConfigUnsupported`] for look-around, back-references, and what Rust's syntax lacks.
pub(super) fn translate(expression: &Expression) -> Result<Regex> {
    let refuse = || {
        Error::new(
            ErrorCode::ConfigUnsupported,
            "html: the regular expression cannot run in linear time (look-around and back-references cannot); use lists of names or of schemes",
        )
    };
    let has = |flag| expression.flags.contains(flag);
    if expression.source.len() > MAX_SOURCE || expression.flags.contains(['y', 'v']) {
        return Err(refuse());
    }
    let mut out = String::with_capacity(expression.source.len() + 16);
    let mut chars = expression.source.chars().peekable();
    let mut class = false;
    while let Some(c) = chars.next() {
        match (c, class) {
            ('\\', _) => match chars.next() {
                Some('d') => out.push_str(if class { "0-9" } else { "[0-9]" }),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str(if class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('b') if !class => out.push_str("(?-u:\\b)"),
                Some('B') if !class => return Err(refuse()),
                Some('b') => out.push_str("\\x08"),
                Some('s') => out.push_str("[\\t\\n\\x0b\\x0c\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]"),
                Some('S') => out.push_str("[^\\t\\n\\x0b\\x0c\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]"),
                Some('u') if chars.peek() != Some(&'{') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    if digits.len() < 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return Err(refuse());
                    }
                    out.push_str(&format!("\\x{{{digits}}}"));
                }
                Some('u') => out.push_str("\\x"),
                Some('0') if !chars.peek().is_some_and(char::is_ascii_digit) => out.push_str("\\x00"),
                Some('1'..='9' | 'k' | 'c' | '0' | 'p' | 'P') | None => return Err(refuse()),
                Some(c @ ('t' | 'n' | 'r' | 'f' | 'v' | 'x')) => out.extend(['\\', c]),
                // Of a letter that means nothing, JavaScript takes the letter.
                Some(c) if c.is_ascii_alphanumeric() => out.push(c),
                Some(c) if c.is_ascii() => out.extend(['\\', c]),
                Some(c) => out.push(c),
            },
            ('[', false) => {
                class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    if chars.peek() == Some(&']') {
                        chars.next();
                        class = false;
                        out.pop();
                        out.push_str("(?s:.)");
                        continue;
                    }
                    out.push('^');
                } else if chars.peek() == Some(&']') {
                    return Err(refuse());
                }
            }
            (']', true) => {
                class = false;
                out.push(']');
            }
            // In a class these have a meaning of their own in Rust's syntax.
            ('[' | '&' | '~', true) => out.extend(['\\', c]),
            ('-', true) if out.ends_with('-') => out.push_str("\\-"),
            ('(', false) if chars.peek() == Some(&'?') => {
                chars.next();
                match chars.next() {
                    Some(':') => out.push_str("(?:"),
                    _ => return Err(refuse()),
                }
            }
            ('.', false) => out.push_str(if has('s') { "(?s:.)" } else { "[^\\n\\r\\x{2028}\\x{2029}]" }),
            ('{', false) if !chars.peek().is_some_and(char::is_ascii_digit) => out.push_str("\\{"),
            ('#' | ' ', _) => out.extend(['\\', c]),
            (c, _) => out.push(c),
        }
    }
    RegexBuilder::new(&out)
        .case_insensitive(has('i'))
        .multi_line(has('m'))
        .size_limit(MAX_COMPILED)
        .build()
        .map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(source: &str, flags: &str, text: &str) -> Option<bool> {
        translate(&Expression { source: source.to_owned(), flags: flags.to_owned() })
            .ok()
            .map(|regex| regex.is_match(text))
    }

    #[test]
    fn expressions_mean_what_they_mean_in_javascript() {
        for (source, flags, text, wanted) in [
            ("^https?:\\/\\/", "i", "HTTPS://x", true),
            ("^\\w+$", "", "é", false),
            ("^\\d$", "", "٣", false),
            ("^[\\w.-]+$", "", "a.b-c", true),
            ("^[^]$", "", "\n", true),
            ("^.$", "", "\r", false),
            ("^[[&&a]$", "", "&", true),
            ("^\\u0061$", "", "a", true),
            ("a{,2}", "", "a{,2}", true),
            ("^[a-z+.\\-]+(?:[^a-z+.\\-:]|$)", "i", "x/y", true),
            ("^\\s$", "", "\u{feff}", true),
        ] {
            assert_eq!(matches(source, flags, text), Some(wanted), "{source}");
        }
    }

    #[test]
    fn what_has_no_linear_form_is_refused() {
        for source in
            ["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1", "(?<n>a)\\k<n>", "(", "(a{1000}){1000}"]
        {
            assert_eq!(matches(source, "", "a"), None, "{source}");
        }
    }
}
