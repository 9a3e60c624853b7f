//! The word of a shell line that names a command, read as a shell reads it, and what follows it.

use super::words::{self, Class};
use crate::text::cursor::{at, is_word, part, skip};

/// How many spelled-out line ends and empty variables in front of a command are passed.
const MAX_ESCAPES: usize = 16;

/// What follows a command's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// Nothing, or the next separator.
    End,
    /// A flag, a path, a URL, a quoted string, a redirection, an expansion, a number.
    Typical,
    /// Another word.
    Plain,
}

pub(super) struct Command {
    pub(super) class: Class,
    pub(super) end: usize,
    /// Whether quotes, backslashes or empty expansions were taken out of the word.
    pub(super) disguised: bool,
    /// Whether a path stood in front of the word.
    pub(super) rooted: bool,
}

/// The command that begins at a position, behind blanks and quotes.
pub(super) fn command(text: &str, from: usize) -> Option<Command> {
    command_behind(text, from, &mut 0)
}

/// As [`command`]; up to `blank`, blanks and quotes were passed before and are not passed again.
pub(super) fn command_behind(text: &str, from: usize, blank: &mut usize) -> Option<Command> {
    let bytes = text.as_bytes();
    let mut start = from.max(*blank);
    for round in 0..MAX_ESCAPES {
        start = skip(bytes, start, |byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'(' | b'{' | b'@' | b'!' | b',' | b'|'
            )
        });
        if round == 0 {
            *blank = start;
        }
        if matches!(at(bytes, start), b'\\')
            && matches!(at(bytes, start + 1), b'n' | b'r' | b't')
            && !is_word(at(bytes, start + 2))
        {
            start += 2;
        } else if at(bytes, start) == b'$' && matches!(at(bytes, start + 1), b'"' | b'\'') {
            start += 1;
        } else if at(bytes, start) == b'$' && at(bytes, start + 1).is_ascii_alphabetic() && start == from {
            // `;$u wget x`: a variable that is empty vanishes.
            let end = skip(bytes, start + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if at(bytes, end) != b' ' || end - start > 3 {
                break;
            }
            start = end;
        } else {
            break;
        }
    }
    let mut word = String::new();
    let mut disguised = false;
    let mut quotes = 0;
    let mut index = start;
    while index < bytes.len() && index - start < 64 {
        match at(bytes, index) {
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b':') => {
                word.push(byte as char)
            }
            b'\\' if is_word(at(bytes, index + 1)) && word.len() < 3 || at(bytes, index + 1) == b'\\' => {
                // `c\at` is `cat`, `C:\x\cmd` a path.
                if word.ends_with(':') || word.contains('/') { word.push('/') } else { disguised = true }
            }
            b'\\' if word.contains(':') => word.push('/'),
            b'\'' | b'"'
                if is_word(at(bytes, index + 1))
                    || is_word(at(bytes, index.wrapping_sub(1))) && index > start =>
            {
                quotes += 1;
                let closes = !is_word(at(bytes, index + 1));
                if closes && !word.is_empty() {
                    index += 1;
                    continue;
                }
                disguised |= !word.is_empty();
            }
            b'$' if matches!(at(bytes, index + 1), b'@' | b'*' | b'$' | b'-' | b'!' | b'#' | b'?') => {
                disguised = true;
                index += 1;
            }
            b'$' if at(bytes, index + 1) == b'{' && !word.is_empty() => break,
            _ => break,
        }
        index += 1;
    }
    // One apostrophe is English.
    disguised &=
        quotes != 1 || at(bytes, start.wrapping_sub(1)) == b'\'' || at(bytes, start.wrapping_sub(1)) == b'"';
    let lower = word.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or("");
    // `bcdboot/r`: a Windows switch without a blank.
    let (lower, name) = match lower.split_once('/') {
        Some((front, _)) if words::class(front) == Some(Class::Sharp) => (front, front),
        _ => (lower.as_str(), name),
    };
    let rooted = lower.len() > name.len()
        && (lower.starts_with('/') || lower.contains("bin/") || lower.contains(":/"));
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let class = words::class(name).or_else(|| words::class(bare))?;
    // `id=7` is a parameter, `set.add` a member, `find(x)` a call in code.
    let next = at(bytes, index);
    if next == b'='
        || next == b'('
        || next == b':'
        || lower.contains('.') && !lower.contains('/') && !name.starts_with(bare)
    {
        return None;
    }
    Some(Command { class, end: index, disguised, rooted })
}

pub(super) fn argument(text: &str, end: usize) -> Argument {
    let bytes = text.as_bytes();
    let from = skip(bytes, end, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'+' | b'\\'));
    let byte = at(bytes, from);
    let word = skip(bytes, from, |byte| !byte.is_ascii_whitespace());
    let token = part(text, from..word);
    if from >= bytes.len() || matches!(byte, b';' | b'|' | b'&' | b'\n' | b'\r' | b'`' | b')' | b'}') {
        return Argument::End;
    }
    let quoted = from > end && matches!(at(bytes, from - 1), b'"' | b'\'') && at(bytes, end) == b' ';
    let typical = matches!(
        byte,
        b'-' | b'/' | b'~' | b'$' | b'<' | b'>' | b'%' | b'*' | b'0'..=b'9' | b'[' | b'{' | b'!'
    ) || quoted
        || token.contains("://")
        || token.contains('/')
        || token.contains(":\\")
        || token.contains('.') && token.find('.').is_some_and(|dot| is_word(at(token.as_bytes(), dot + 1)))
        || token.contains('@')
        || words::class(&token.to_ascii_lowercase()) == Some(Class::Sharp);
    if typical { Argument::Typical } else { Argument::Plain }
}
