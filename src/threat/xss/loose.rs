//! Script outside any tag: a handler that leaves an attribute, a string that is closed, a script URL.

use super::super::finding::Hit;
use super::markup::squeezed;
use super::payload::shows_payload;
use super::words::EVENTS;
use super::{BREAKOUT, HANDLER, SCRIPT_URL};
use crate::text::cursor::{at, ceil, floor, part, skip};
use crate::text::glance::Glance;

/// Script outside any tag: a handler that leaves an attribute, a string that is closed, a script URL.
pub(super) fn loose(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64, strict: bool) {
    let text = glance.text;
    let bytes = text.as_bytes();
    let handlers = glance.has(b'=') && glance.may_pair(b'o', b'n');
    let urls = glance.has(b':') && glance.may_hold("script");
    let mut index = if handlers || urls { 0 } else { bytes.len() };
    let mut found = None;
    while index < bytes.len() {
        let start = skip(bytes, index, |byte| !byte.is_ascii_alphabetic());
        let end = skip(bytes, start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
        *steps += 1;
        if start >= bytes.len() {
            break;
        }
        index = end.max(start + 1);
        let telling = matches!(
            (at(bytes, start) | 0x20, at(bytes, start + 1) | 0x20),
            (b'o', b'n') | (b'j', b'a') | (b'v', b'b') | (b'l', b'i')
        );
        if end - start > 40 || end - start < 4 || !telling {
            continue;
        }
        let word = part(text, start..end).to_ascii_lowercase();
        let before = at(bytes, start.wrapping_sub(1));
        if EVENTS.has(&word)
            && matches!(
                before,
                b'"' | b'\''
                    | b' '
                    | b'/'
                    | b'`'
                    | b'\t'
                    | b'\n'
                    | b'\r'
                    | 0x0b
                    | 0x0c
                    | 0
                    | b'+'
                    | b';'
                    | b'>'
                    | b'<'
                    | b'\\'
            )
        {
            let sign = skip(bytes, end, |byte| byte <= b' ');
            let value = part(text, (sign + 1).min(text.len())..floor(text, sign + 200));
            if at(bytes, sign) == b'='
                && at(bytes, sign + 1) != b'='
                && at(bytes, sign + 1) != b'>'
                && calls(value)
                && !value.trim_start().starts_with(['{', '('])
                && (!strict || shows_payload(value))
                && !is_assignment(text, start)
            {
                found = Some((&HANDLER, start, 0.85));
                break;
            }
        }
        if matches!(word.as_str(), "javascript" | "vbscript" | "livescript") {
            let sign = skip(bytes, end, |byte| byte <= b' ');
            let rest = part(text, sign..floor(text, sign + 200));
            let rest = rest.trim_start_matches(['\\', '&', 'c', 'o', 'l', 'n', ';']);
            let code = rest.strip_prefix(':').unwrap_or("");
            if (at(bytes, sign) == b':') && runs(code) && (!strict || shows_payload(code)) {
                found = Some((&SCRIPT_URL, start, 0.85));
                break;
            }
        }
    }
    if found.is_none() && !strict && escapes(glance) {
        found = Some((&BREAKOUT, 0, 0.7));
    }
    if let Some((rule, start, sure)) = found {
        hits.push(Hit::new(rule, start..text.len().min(floor(text, start + 512)), sure));
    }
}

/// `element.onclick = …` and `const onload = …` are assignments of ordinary code.
fn is_assignment(text: &str, start: usize) -> bool {
    let line =
        part(text, ceil(text, start.saturating_sub(64))..start).rsplit('\n').next().unwrap_or("").trim_end();
    line.ends_with('.')
        || ["const", "let", "var", "function", "export", "static", "public", "private"]
            .iter()
            .any(|word| line.ends_with(word))
}

/// Whether a value calls something.
fn calls(value: &str) -> bool {
    let value = value.split(['\n', '>']).next().unwrap_or("");
    value.contains('(')
        || value.contains('`')
        || value.contains('=')
        || value.to_ascii_lowercase().contains("javascript:")
}

/// Whether what stands behind `javascript:` is code and not a title.
fn runs(code: &str) -> bool {
    let line = code.split('\n').next().unwrap_or("");
    let first = line.trim_start().bytes().next().unwrap_or(0);
    let spaced = line.starts_with(' ');
    let called = line.contains('(')
        || line.contains('`')
        || line.contains('=')
        || line.contains("//")
        || line.contains("/*");
    called && (!spaced || matches!(first, b'\\' | b'/' | b'(') || shows_payload(line)) || first == b'\\'
}

/// Whether a value closes a string or a bracket of script and calls a sink.
fn escapes(glance: &Glance<'_>) -> bool {
    let trimmed = glance.text.trim();
    if trimmed.len() > 2_000 || !glance.has_any(b"\"'`*\\()[]{}!+-") {
        return false;
    }
    let squeezed: String = squeezed(trimmed);
    let bytes = squeezed.as_bytes();
    // One of the first characters must leave something, or the text is nothing but the call.
    let quote = matches!(
        at(bytes, 0),
        b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'-' | b'+' | b'\\' | b';' | b'/' | b'*' | b'x' | b'>'
    );
    let breaks = || {
        [
            "\";", "';", "\"-", "'-", "\"+", "'+", "\"*", "'*", "\")", "')", "*/", "\\x3c", "\"}", "'}",
            "`;", "\",", "',", "\"|", "'|", "\"&", "'&",
        ]
        .iter()
        .any(|sign| squeezed.find(sign).is_some_and(|place| place < 24))
    };
    let ends = || {
        squeezed.ends_with("//")
            || squeezed.ends_with("-\"")
            || squeezed.ends_with("-'")
            || squeezed.ends_with("+'")
            || squeezed.ends_with("+\"")
            || squeezed.ends_with(";")
            || squeezed.ends_with("/*")
            || squeezed.ends_with(')')
            || squeezed.ends_with("<!--")
            || squeezed.ends_with('"')
            || squeezed.ends_with('\'')
    };
    let sinks = [
        "alert(",
        "alert`",
        "confirm(",
        "prompt(",
        "confirm`",
        "prompt`",
        "eval(",
        "document.cookie",
        "settimeout(",
        "document.location",
        "window[",
        "self[",
        "top[",
        "location=",
        "fromcharcode",
        "constructor(",
    ];
    let sink = || sinks.iter().any(|sink| squeezed.contains(sink));
    if quote && ends() && breaks() && sink() && trimmed.split_whitespace().count() <= 12 {
        return true;
    }
    // Brackets instead of dots hide a sink from a filter.
    let hidden = (squeezed.contains("[\"") || squeezed.contains("['") || squeezed.contains("*/\""))
        && squeezed.contains('(')
        && ["(self[", "(window[", "(top[", "(this[", "(globalthis[", "(frames[", "(parent["]
            .iter()
            .any(|object| squeezed.contains(object) || squeezed.starts_with(object.trim_start_matches('(')));
    // `[][(![]+[])[+[]]…` is script written in brackets alone.
    let brackets = bytes.len() > 20
        && bytes
            .iter()
            .filter(|byte| matches!(byte, b'[' | b']' | b'(' | b')' | b'!' | b'+' | b'{' | b'}'))
            .count()
            * 10
            >= bytes.len() * 9;
    // The whole text is one call, or script in UTF-7.
    let call =
        ["alert(", "prompt(", "confirm(", "eval(", "atob("].iter().any(|sink| squeezed.starts_with(sink))
            && squeezed.ends_with(')')
            && !trimmed.contains('\n');
    hidden || brackets || call || squeezed.contains("adw-script")
}
