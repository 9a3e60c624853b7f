//! What stands around a separator: code, a table, or a command line that a developer typed.

use super::words::{self, Class};
use crate::text::cursor::{at, floor, part, skip, skip_most};

/// Arguments that make a plain word a command: `net view`, `cat ET`, `echo <…`.
pub(super) fn known_argument(text: &str, end: usize) -> bool {
    let rest = part(text, end..floor(text, end + 64)).trim_start().to_ascii_lowercase();
    ["view", "user", "localgroup", "share", "start", "accounts", "use "]
        .iter()
        .any(|word| rest.starts_with(word))
        || rest.contains(":\\")
}

pub(super) fn width_one(bytes: &[u8], sign: usize) -> bool {
    at(bytes, sign + 1) != at(bytes, sign) && at(bytes, sign.wrapping_sub(1)) != at(bytes, sign)
}

pub(super) fn has_trailing(bytes: &[u8], end: usize) -> bool {
    matches!(
        at(bytes, skip(bytes, end, |byte| matches!(byte, b' ' | b'"' | b'\''))),
        b'|' | b';' | b'&' | b'\\'
    )
}

/// A flag or a path of the system, not just any word with a dot.
pub(super) fn strong(text: &str, end: usize) -> bool {
    let rest = part(text, end..text.len()).trim_start();
    rest.starts_with(['-', '/', '%', '~', '\\', '<', '>', '$'])
        || rest.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether what follows reads as code: a call, an assignment, a member.
pub(super) fn is_code(text: &str, end: usize) -> bool {
    let rest = part(text, end..floor(text, end + 80));
    let line = rest.split(['\n', ';', '|', '&']).next().unwrap_or("");
    let trimmed = line.trim_start();
    trimmed.starts_with(['=', '>', '<', '*', '+', '?', '%', '!'])
        && trimmed.get(1..2).is_some_and(|next| next == "=" || next == " ")
        || line.contains(" = ")
        || line.contains("==")
        || trimmed.starts_with("- ")
        || trimmed.starts_with("/ ")
        || line.trim_end().ends_with([')', '{', ',']) && line.contains('(') && !line.contains('\'')
}

pub(super) fn is_code_end(text: &str, end: usize) -> bool {
    let rest = part(text, end..floor(text, end + 200));
    rest.starts_with([')', '}']) && !rest.starts_with(");") || rest.starts_with(";") && rest.contains('\n')
}

/// Whether the arguments of a command reach for the system.
pub(super) fn reads_system(text: &str, end: usize) -> bool {
    let line = part(text, end..text.len()).lines().next().unwrap_or("");
    ["/etc/", "/proc/", "/var/", "/root", "/home/", "/dev/", "C:\\"].iter().any(|path| line.contains(path))
}

/// Whether what stands left of a separator is itself a command line, as developers type and quote them.
pub(super) fn is_shell_line(text: &str, left: usize, sign: usize) -> bool {
    let segment = part(text, crate::text::cursor::ceil(text, sign.saturating_sub(200).max(left))..sign);
    let line = segment.rsplit('\n').next().unwrap_or("");
    let mut words =
        line.split_whitespace().map(|word| word.trim_matches(['`', '"', '\'', '$', '(', '>', ':']));
    let first = words.next().unwrap_or("");
    let known = |word: &str| words::class(word).is_some() || word.starts_with("./") && word.len() > 2;
    let many = line.split_whitespace().count() > 1;
    (known(first)
        && (many || words::class(first) != Some(Class::English) || at(text.as_bytes(), sign) == b'|')
        && first != "time")
        || words.any(|word| known(word) && words::class(word) != Some(Class::English))
        || line.contains('=')
            && many
            && line.split('=').next().is_some_and(|name| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            })
}

/// Whether a pipe belongs to a table of Markdown.
pub(super) fn is_table(text: &str, sign: usize) -> bool {
    let bytes = text.as_bytes();
    if at(bytes, sign) != b'|' {
        return false;
    }
    let from = crate::text::cursor::ceil(text, sign.saturating_sub(1_000));
    let start = part(text, from..sign).rfind('\n').map_or(from, |line| from + line + 1);
    let end = skip_most(bytes, sign, 1_000, |byte| byte != b'\n');
    let line = part(text, start..floor(text, end)).trim();
    line.len() > 2
        && line.starts_with('|')
        && (line.ends_with('|') && (line.contains(" | ") || line.starts_with("| ") || line.contains("---"))
            || line.matches(" | ").count() >= 2)
}
