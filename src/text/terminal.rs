//! Terminal escapes: what a terminal would do instead of showing it.
//!
//! Grammar: ECMA-48 and the control sequences of xterm. Beside the raw forms (ESC and the 8-bit C1 controls)
//! the spelled-out ones are known, such as `\x1b[`, `\033]` and `^[[`, because a model or a shell turns them
//! back into raw ones.

use super::cursor::{at, find_byte, has_word, part, skip};
use std::ops::Range;

/// The longest sequence that is taken as one, in bytes. A longer string control ends there.
const MAX_SEQUENCE: usize = 1 << 16;

/// What a sequence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceKind {
    /// Colours and weights.
    Style,
    /// Text made invisible (SGR 8).
    Conceal,
    /// Moves the cursor or erases, so that shown text is rewritten.
    Rewrite,
    /// Asks the terminal to answer, as if the user had typed.
    Report,
    /// Switches a mode of the terminal.
    Mode,
    /// Sets the window's title.
    Title,
    /// A hyperlink (OSC 8).
    Link,
    /// Writes to the clipboard, or reads it (OSC 52).
    Clipboard,
    /// Another operating system command.
    Command,
    /// A device control, privacy message or application string.
    Device,
    /// A lone control character.
    Control,
}

/// A terminal escape in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// What it does.
    pub kind: SequenceKind,
    /// Whether it is spelled out in letters instead of being raw.
    pub spelled: bool,
    /// The place of what it carries: the parameters or the string.
    pub body: Range<usize>,
}

/// Finds the terminal escapes of a text, raw and spelled out.
#[must_use]
pub fn sequences(text: &str) -> Vec<Sequence> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut index = 0;
    while index < bytes.len() {
        index = skip(
            bytes,
            index,
            |byte| !matches!(byte, 0..=0x08 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f | 0xc2 | b'\\' | b'^' | b'%' | b'&'),
        );
        if index >= bytes.len() {
            break;
        }
        let Some((width, spelled, control)) = introducer(bytes, index) else {
            index += 1;
            continue;
        };
        let sequence = parse(bytes, index, index + width, spelled, control);
        index = sequence.range.end.max(index + 1);
        // A spelled-out introducer with nothing behind it is a word about escapes, not an escape.
        if !(spelled && sequence.kind == SequenceKind::Control) {
            found.push(sequence);
        }
    }
    found
}

/// What introduces a sequence at a position: its width, whether it is spelled, and the 7-bit letter of a C1 form.
fn introducer(bytes: &[u8], index: usize) -> Option<(usize, bool, u8)> {
    let word = |word: &str| has_word(bytes, index, word).then_some(word.len());
    match at(bytes, index) {
        0x1b => Some((1, false, 0)),
        0xc2 if matches!(at(bytes, index + 1), 0x80..=0x9f) => Some((2, false, at(bytes, index + 1) - 0x40)),
        0x7f => Some((1, false, 1)),
        byte if byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r') => Some((1, false, 1)),
        b'\\' => ["\\x1b", "\\u001b", "\\u{1b}", "\\033", "\\e"]
            .iter()
            .find_map(|spelling| word(spelling))
            .map(|width| (width, true, 0))
            .or_else(|| {
                ["\\x9b", "\\u009b", "\\233"]
                    .iter()
                    .find_map(|spelling| word(spelling))
                    .map(|width| (width, true, b'['))
            })
            .or_else(|| {
                ["\\x9d", "\\u009d", "\\235"]
                    .iter()
                    .find_map(|spelling| word(spelling))
                    .map(|width| (width, true, b']'))
            }),
        b'^' if at(bytes, index + 1) == b'[' && matches!(at(bytes, index + 2), b'[' | b']') => {
            Some((2, true, 0))
        }
        b'%' => word("%1b").map(|width| (width, true, 0)),
        b'&' => ["&#27;", "&#x1b;"].iter().find_map(|spelling| word(spelling)).map(|width| (width, true, 0)),
        _ => None,
    }
}

fn parse(bytes: &[u8], start: usize, from: usize, spelled: bool, control: u8) -> Sequence {
    let (kind, from) = if control == 0 { (at(bytes, from), from + 1) } else { (control, from) };
    let make = |kind, body: Range<usize>, end| Sequence { range: start..end, kind, spelled, body };
    match kind {
        b'[' => {
            let body = skip(bytes, from, |byte| matches!(byte, 0x30..=0x3f)).min(from + 256);
            let end = skip(bytes, body, |byte| matches!(byte, 0x20..=0x2f)).min(body + 16);
            let last = at(bytes, end);
            if !matches!(last, 0x40..=0x7e) {
                return make(SequenceKind::Control, from..from, if spelled { start + 1 } else { from });
            }
            make(control_sequence(bytes, from..body, last), from..body, end + 1)
        }
        b']' => {
            let number = skip(bytes, from, |byte| byte.is_ascii_digit());
            if spelled && number == from {
                return make(SequenceKind::Control, from..from, start + 1);
            }
            let (body, end) = string(bytes, from, spelled);
            let kind = match bytes.get(from..number).unwrap_or_default() {
                b"0" | b"1" | b"2" => SequenceKind::Title,
                b"8" => SequenceKind::Link,
                b"52" => SequenceKind::Clipboard,
                _ => SequenceKind::Command,
            };
            make(kind, from..body, end)
        }
        b'P' | b'X' | b'^' | b'_' if !spelled => {
            let (body, end) = string(bytes, from, false);
            make(SequenceKind::Device, from..body, end)
        }
        _ if spelled || control != 0 => {
            make(SequenceKind::Control, from..from, if spelled { start + 1 } else { from })
        }
        // ESC c is a full reset, ESC and a digit saves or restores the cursor.
        b'c' | b'7' | b'8' | b'M' | b'D' | b'E' | b'H' => make(SequenceKind::Rewrite, from..from, from),
        0x20..=0x2f => {
            let end = skip(bytes, from, |byte| matches!(byte, 0x20..=0x2f)).min(from + 16);
            make(SequenceKind::Mode, from..from, end + usize::from(matches!(at(bytes, end), 0x30..=0x7e)))
        }
        0x30..=0x7e => make(SequenceKind::Mode, from..from, from),
        _ => make(SequenceKind::Control, from - 1..from - 1, from - 1),
    }
}

/// What a CSI sequence does.
fn control_sequence(bytes: &[u8], parameters: Range<usize>, last: u8) -> SequenceKind {
    let parameters = bytes.get(parameters).unwrap_or_default();
    match last {
        b'm' if parameters.split(|byte| *byte == b';').any(|one| one == b"8")
            && !parameters.contains(&b'5') =>
        {
            SequenceKind::Conceal
        }
        b'm' => SequenceKind::Style,
        b'A'..=b'H'
        | b'J'..=b'M'
        | b'P'
        | b'S'
        | b'T'
        | b'X'
        | b'@'
        | b'd'
        | b'f'
        | b'a'
        | b'e'
        | b'`'
        | b's'
        | b'u' => SequenceKind::Rewrite,
        b'n' | b'c' | b'x' => SequenceKind::Report,
        b't' if matches!(parameters, b"20" | b"21") => SequenceKind::Report,
        _ => SequenceKind::Mode,
    }
}

/// The end of a string control: BEL, ST in its forms, or a line's end for what is spelled out.
fn string(bytes: &[u8], from: usize, spelled: bool) -> (usize, usize) {
    let limit = bytes.len().min(from + MAX_SEQUENCE);
    let mut index = from;
    while index < limit {
        match at(bytes, index) {
            0x07 => return (index, index + 1),
            0x1b => return (index, index + 1 + usize::from(at(bytes, index + 1) == b'\\')),
            0xc2 if at(bytes, index + 1) == 0x9c => return (index, index + 2),
            b'\\' if spelled => {
                for end in
                    ["\\x07", "\\a", "\\007", "\\u0007", "\\x1b\\\\", "\\033\\\\", "\\e\\\\", "\\u001b\\\\"]
                {
                    if has_word(bytes, index, end) {
                        return (index, index + end.len());
                    }
                }
            }
            b'\n' if spelled => return (index, index),
            _ => {}
        }
        index += 1;
    }
    // A cut in the middle of a character would not be a range of the text.
    while index > from && at(bytes, index) & 0xc0 == 0x80 {
        index -= 1;
    }
    (index, index)
}

/// Takes out every raw terminal escape and control character except tab and line ends, until none is left.
#[must_use]
pub fn strip_terminal_escapes(text: &str) -> String {
    if !text.bytes().any(|byte| byte < 0x20 || byte == 0x7f || byte == 0xc2) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut kept = 0;
    for sequence in sequences(text).into_iter().filter(|sequence| !sequence.spelled) {
        clean.push_str(part(text, kept..sequence.range.start));
        kept = sequence.range.end;
    }
    clean.push_str(part(text, kept..text.len()));
    // A spelled-out string may have held raw controls: they introduce nothing any more, and go too.
    if find_byte(clean.as_bytes(), 0, 0x1b).is_some() || clean.chars().any(is_control) {
        clean.retain(|c| !is_control(c));
    }
    clean
}

fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<SequenceKind> {
        sequences(text).into_iter().map(|sequence| sequence.kind).collect()
    }

    #[test]
    fn raw_eight_bit_and_spelled_forms_are_found() {
        assert_eq!(kinds("\u{1b}[31mred\u{1b}[0m"), [SequenceKind::Style; 2]);
        assert_eq!(kinds("\u{9b}2J"), [SequenceKind::Rewrite]);
        assert_eq!(kinds("\u{1b}]52;c;aGk=\u{7}"), [SequenceKind::Clipboard]);
        assert_eq!(kinds("\u{9d}0;title\u{9c}"), [SequenceKind::Title]);
        assert_eq!(kinds("\u{1b}]8;;http://a\u{1b}\\b\u{1b}]8;;\u{1b}\\"), [SequenceKind::Link; 2]);
        assert_eq!(kinds("\u{1b}[6n"), [SequenceKind::Report]);
        assert_eq!(kinds("\u{1b}Pq#0\u{1b}\\"), [SequenceKind::Device]);
        for spelled in
            ["\\x1b[2J", "\\033[2J", "\\e[2J", "\\u001b[2J", "\\u{1b}[2J", "^[[2J", "%1b[2J", "&#27;[2J"]
        {
            assert_eq!(kinds(spelled), [SequenceKind::Rewrite], "{spelled}");
        }
        assert_eq!(kinds("\\x1b]52;c;aGk=\\x07"), [SequenceKind::Clipboard]);
    }

    #[test]
    fn words_about_escapes_are_not_escapes() {
        for text in ["write \\e for ESC", "[0m is a colour", "a ^[ b", "C:\\edge\\x", "100%1b"] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn stripping_leaves_nothing_behind() {
        assert_eq!(strip_terminal_escapes("a\u{1b}[1mb\u{1b}]0;t\u{7}c\td\r\n"), "abc\td\r\n");
        assert_eq!(strip_terminal_escapes("\u{1b}\u{1b}[31m[31mx"), "[31mx");
        assert_eq!(strip_terminal_escapes("é\u{9b}31mü\u{8}\u{7f}"), "éü");
        assert_eq!(strip_terminal_escapes("plain é"), "plain é");
    }
}
