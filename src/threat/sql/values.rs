//! The values in a text: itself, its lines, those of a query string and of markup attributes.

use super::lexer::lower;
use super::words::{self, *};
use crate::text::cursor::{at, part, skip};
use crate::text::glance::Glance;
use std::ops::Range;

/// The longest value that is judged as one; beyond it lines are.
const MAX_VALUE: usize = 1 << 16;

/// The text itself, its lines, and the values of a query string or of markup attributes.
pub(super) fn values(glance: &Glance<'_>) -> Vec<Range<usize>> {
    let text = glance.text;
    let bytes = text.as_bytes();
    let mut values = Vec::new();
    if text.len() <= MAX_VALUE {
        values.push(0..text.len());
    }
    if glance.has(b'\n') {
        let mut start = 0;
        while start < bytes.len() {
            let end = skip(bytes, start, |byte| byte != b'\n');
            if end - start > 3
                && end - start <= MAX_VALUE
                && end - start < text.len()
                && !continues(part(text, start..end))
            {
                values.push(start..end);
            }
            start = end + 1;
        }
    }
    if let Some(from) = query(bytes) {
        let mut start = from;
        while start < bytes.len() {
            let end = skip(bytes, start, |byte| byte != b'&');
            let value = skip(bytes, start, |byte| byte != b'=') + 1;
            if value < end {
                values.push(value..end);
            }
            start = end + 1;
        }
    }
    // attribute="value"
    let mut index = 0;
    let marked = bytes.contains(&b'<');
    while marked && let Some(start) = glance.find_from(index, "=\"") {
        let end = skip(bytes, start + 2, |byte| byte != b'"');
        if end - start > 5 && at(bytes, end) == b'"' {
            values.push(start + 2..end);
        }
        index = end + 1;
    }
    values
}

/// Whether a line goes on with a query that began above it.
fn continues(line: &str) -> bool {
    let trimmed = line.trim_start();
    let word = trimmed.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    trimmed.starts_with([')', '(', '&', '|', ',', '#', '-', '/', '*'])
        || lower(word).as_str().is_some_and(|word| {
            matches!(words::class(word, false), LOGIC | VERB | KEYWORD | CLAUSE | UNION | COMPARE | UNARY)
        })
}

/// Where the first `name=value` of a query string begins.
fn query(bytes: &[u8]) -> Option<usize> {
    let start = bytes.iter().take(2_048).position(|byte| *byte == b'?').map_or(0, |mark| mark + 1);
    let name = skip(bytes, start, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']')
    });
    (name > start && at(bytes, name) == b'=' && at(bytes, name + 1) != b'=').then_some(start)
}
