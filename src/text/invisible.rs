//! Characters that a reader does not see: bidirectional controls, zero-width characters, tags, variation
//! selectors, fillers, and the messages that are spelled with them.
//!
//! Most of them have honest work in some script: a joiner holds an emoji family together, a non-joiner shapes
//! Persian, a mark orders a Hebrew sentence. What stands where its script puts it is not reported. Sources:
//! Trojan Source (Boucher and Anderson, 2021), UTS #55 (source code), UTS #51 (emoji), UAX #9 (bidi).

use super::script::{Script, script};
use crate::collect::sort_by;
use std::fmt::Write as _;
use std::ops::Range;

/// The longest message that is decoded, in characters of the hiding.
const MAX_MESSAGE: usize = 4_096;

/// What hides in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HiddenKind {
    /// An embedding, override or isolate: the text reads in another order than it is stored.
    Bidi,
    /// One or a few zero-width characters inside a word or an identifier.
    ZeroWidth,
    /// Zero-width characters in numbers, where no script uses them.
    ZeroWidthRun,
    /// Tag characters, which spell ASCII invisibly.
    Tags,
    /// Variation selectors in numbers, which can carry any byte.
    Selectors,
    /// A letter that draws nothing, such as a Hangul filler: a legal name in most languages.
    Filler,
    /// Zero-width characters outside words, as pasted web pages have them.
    Stray,
}

/// Invisible characters in a text, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Where they are, in bytes.
    pub range: Range<usize>,
    /// What they are.
    pub kind: HiddenKind,
    /// The message they spell, if they spell one.
    pub message: Option<String>,
}

/// Whether a character draws nothing and is no ordinary space or line end.
#[must_use]
pub(crate) const fn is_invisible(c: char) -> bool {
    c >= '\u{ad}' && (is_bidi(c) || is_zero_width(c) || is_tag(c) || is_selector(c) || is_filler(c))
}

const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{1bca0}'..='\u{1bca3}')
}

const fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

const fn is_filler(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}')
}

/// Finds what hides in a text. What its script needs is not reported.
#[must_use]
pub fn hidden(text: &str) -> Vec<Hidden> {
    let mut found = Vec::new();
    if text.is_ascii() {
        return found;
    }
    let mut isolates = Line::default();
    let mut previous = '\n';
    let mut letter = '\n';
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if !is_invisible(c) {
            isolates.see(start, c, &mut found);
            previous = c;
            if !c.is_ascii_punctuation() {
                letter = c;
            }
            continue;
        }
        if is_bidi(c) {
            isolates.control(start, c);
            continue;
        }
        // A run of invisible characters is judged as a whole, with the two visible ones beside it.
        let mut run = vec![c];
        let mut end = start + c.len_utf8();
        while let Some((at, next)) = chars.next_if(|(_, next)| is_invisible(*next) && !is_bidi(*next)) {
            end = at + next.len_utf8();
            run.push(next);
        }
        let next = chars.peek().map_or('\n', |(_, next)| *next);
        if let Some((kind, message)) = judge(&run, previous, letter, next, start) {
            found.push(Hidden { range: start..end, kind, message });
        }
    }
    isolates.end(&mut found);
    sort_by(&mut found, |one, other| one.range.start.cmp(&other.range.start));
    found
}

fn judge(
    run: &[char],
    before: char,
    letter: char,
    after: char,
    start: usize,
) -> Option<(HiddenKind, Option<String>)> {
    let tags = run.iter().filter(|c| is_tag(**c)).count();
    let selectors = run.iter().filter(|c| is_selector(**c)).count();
    let zero_width = run.iter().filter(|c| is_zero_width(**c)).count();
    if tags > 0 {
        return (!is_flag(run, before)).then(|| (HiddenKind::Tags, tag_message(run)));
    }
    if selectors >= 3 {
        return Some((HiddenKind::Selectors, selector_message(run)));
    }
    if zero_width >= 6 {
        return Some((HiddenKind::ZeroWidthRun, bit_message(run)));
    }
    if run.iter().any(|c| is_filler(*c)) {
        let at_home = matches!(script(before), Script::Hangul | Script::SouthEastAsian)
            || matches!(script(after), Script::Hangul)
            // A literal of this one character names it and hides nothing.
            || matches!((before, after), ('\'', '\'') | ('"', '"') | ('`', '`'));
        return (!at_home).then_some((HiddenKind::Filler, None));
    }
    if run.iter().all(|c| is_ordinary(*c, before, letter, after, start)) {
        return None;
    }
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let inside = word(before) && word(after) && !run.iter().all(|c| *c == '\u{ad}');
    Some((if inside { HiddenKind::ZeroWidth } else { HiddenKind::Stray }, None))
}

/// Whether an invisible character stands where ordinary writing puts it.
fn is_ordinary(c: char, before: char, letter: char, after: char, start: usize) -> bool {
    let (left, right) = (script(before), script(after));
    let near = |scripts: &[Script]| {
        scripts.contains(&left) || scripts.contains(&right) || scripts.contains(&script(letter))
    };
    match c {
        // A byte-order mark.
        '\u{feff}' => start == 0,
        // Joiner and non-joiner: emoji sequences, Arabic and Indic shaping.
        '\u{200c}' | '\u{200d}' => near(&[
            Script::RightToLeft,
            Script::Indic,
            Script::SouthEastAsian,
            Script::Mongolian,
            Script::Emoji,
        ]),
        // Marks of direction beside text that has one.
        '\u{200e}' | '\u{200f}' | '\u{61c}' => {
            near(&[Script::RightToLeft]) || before.is_whitespace() || after.is_whitespace()
        }
        // A place to break a line, in scripts without spaces, and beside slashes in long paths.
        '\u{200b}' | '\u{2060}' => {
            near(&[Script::SouthEastAsian, Script::EastAsian, Script::RightToLeft, Script::Indic])
        }
        '\u{34f}' => near(&[Script::RightToLeft, Script::Indic]),
        '\u{ad}' => before.is_alphabetic() && after.is_alphabetic() && !(before.is_ascii() && after == '_'),
        '\u{180b}'..='\u{180e}' => near(&[Script::Mongolian]),
        // Text and emoji presentation, keycaps, standardized and ideographic variants.
        '\u{fe00}'..='\u{fe0f}' => {
            matches!(left, Script::Emoji | Script::EastAsian | Script::SouthEastAsian | Script::Mongolian)
                || !before.is_alphanumeric() && !before.is_whitespace()
                || before.is_ascii_digit()
        }
        '\u{e0100}'..='\u{e01ef}' => left == Script::EastAsian,
        _ => false,
    }
}

/// Whether tags spell a subdivision flag: a black flag, lower-case letters and digits, a cancel tag (UTS #51).
fn is_flag(run: &[char], before: char) -> bool {
    let tags = run.strip_suffix(&['\u{e007f}']).unwrap_or_default();
    before == '\u{1f3f4}'
        && (3..=6).contains(&tags.len())
        && tags.iter().all(|c| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}'))
}

fn tag_message(run: &[char]) -> Option<String> {
    let tags = run.iter().filter(|c| matches!(c, '\u{e0020}'..='\u{e007e}')).take(MAX_MESSAGE);
    let message: String = tags.filter_map(|c| char::from_u32(u32::from(*c) - 0xe0000)).collect();
    (!message.is_empty()).then_some(message)
}

/// Bytes spelled as selectors: VS1 to VS16 are 0 to 15, VS17 to VS256 the rest (P. Butler, 2025).
fn selector_message(run: &[char]) -> Option<String> {
    let byte = |c: &char| match u32::from(*c) {
        code @ 0xfe00..=0xfe0f => u8::try_from(code - 0xfe00).ok(),
        code @ 0xe0100..=0xe01ef => u8::try_from(code - 0xe0100 + 16).ok(),
        _ => None,
    };
    spoken(run.iter().filter_map(byte).take(MAX_MESSAGE).collect())
}

/// Bits spelled as two different characters, either of which may be the zero.
fn bit_message(run: &[char]) -> Option<String> {
    let mut kinds: Vec<char> = Vec::new();
    for c in run.iter().take(MAX_MESSAGE) {
        if !kinds.contains(c) {
            kinds.push(*c);
        }
    }
    // The two that occur most are the bits; a third one separates.
    let mut kinds: Vec<_> =
        kinds.iter().map(|kind| (kind, run.iter().filter(|c| c == &kind).count())).collect();
    sort_by(&mut kinds, |(_, one), (_, other)| other.cmp(one));
    let (&(one, _), &(two, _)) = (kinds.first()?, kinds.get(1)?);
    for (zero, set) in [(one, two), (two, one)] {
        let bits: Vec<u8> = run
            .iter()
            .take(MAX_MESSAGE)
            .filter_map(|c| {
                if c == zero {
                    Some(0)
                } else if c == set {
                    Some(1)
                } else {
                    None
                }
            })
            .collect();
        let bytes =
            bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| (value << 1) | bit)).collect();
        if let Some(message) = spoken(bytes) {
            return Some(message);
        }
    }
    None
}

/// A message that a person could read.
fn spoken(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let readable = text.chars().filter(|c| !c.is_control() || c.is_whitespace()).count();
    (!text.is_empty() && readable * 10 >= text.chars().count() * 9).then_some(text)
}

/// The bidirectional controls of one line: they end with it, as UAX #9 says.
#[derive(Debug, Default)]
struct Line {
    open: Vec<(usize, char)>,
    controls: Option<Range<usize>>,
    right_to_left: bool,
    overrides: bool,
    unbalanced: bool,
}

impl Line {
    fn control(&mut self, start: usize, c: char) {
        let end = start + c.len_utf8();
        self.controls = Some(self.controls.as_ref().map_or(start, |range| range.start)..end);
        match c {
            '\u{202c}' | '\u{2069}' => {
                let closes = |open: char| (c == '\u{2069}') == matches!(open, '\u{2066}'..='\u{2068}');
                if self.open.last().is_some_and(|(_, open)| closes(*open)) {
                    self.open.pop();
                } else {
                    self.unbalanced = true;
                }
            }
            _ => {
                self.overrides |= matches!(c, '\u{202d}' | '\u{202e}');
                // UAX #9 stops at a depth of 125; deeper controls have no effect.
                if self.open.len() < 125 {
                    self.open.push((start, c));
                }
            }
        }
    }

    fn see(&mut self, _start: usize, c: char, found: &mut Vec<Hidden>) {
        if c == '\n' {
            self.end(found);
        } else if !c.is_ascii() && script(c) == Script::RightToLeft {
            self.right_to_left = true;
        }
    }

    /// Controls that are balanced in a line with right-to-left letters only arrange it; all others deceive.
    fn end(&mut self, found: &mut Vec<Hidden>) {
        let line = std::mem::take(self);
        if let Some(range) = line.controls
            && (line.overrides || line.unbalanced || !line.open.is_empty() || !line.right_to_left)
        {
            found.push(Hidden { range, kind: HiddenKind::Bidi, message: None });
        }
    }
}

/// Puts a visible stand-in such as `⟦U+202E⟧` in the place of every invisible character and control character
/// that hides something. Tags are shown as the letters they spell, in one bracket.
#[must_use]
pub fn reveal_invisible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut kept = 0;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let mut marks: Vec<Range<usize>> = hidden(text).into_iter().map(|hidden| hidden.range).collect();
    marks.extend(text.char_indices().filter(|(_, c)| control(*c)).map(|(at, c)| at..at + c.len_utf8()));
    sort_by(&mut marks, |one, other| one.start.cmp(&other.start));
    for range in marks {
        if range.start < kept {
            continue;
        }
        shown.push_str(super::cursor::part(text, kept..range.start));
        for c in super::cursor::part(text, range.clone()).chars() {
            if is_tag(c)
                && let Some(letter) = char::from_u32(u32::from(c) - 0xe0000).filter(|c| !c.is_control())
            {
                let _ = write!(shown, "⟦tag {letter}⟧");
            } else if is_invisible(c) || control(c) {
                let _ = write!(shown, "⟦U+{:04X}⟧", u32::from(c));
            } else {
                shown.push(c);
            }
        }
        kept = range.end;
    }
    shown.push_str(super::cursor::part(text, kept..text.len()));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<HiddenKind> {
        hidden(text).into_iter().map(|hidden| hidden.kind).collect()
    }

    #[test]
    fn ordinary_writing_raises_nothing() {
        for text in [
            "👨‍👩‍👧‍👦 and 🏴󠁧󠁢󠁥󠁮󠁧󠁿 and ❤️ and 1️⃣ and 👩🏽‍💻 and 🏳️‍🌈",
            "می‌خواهم کتاب‌ها را ببینم",
            "क्‍ष और श्रीमान्‌को",
            "שלום \u{200f}(world)\u{200e} עולם",
            "\u{feff}a file with a byte-order mark",
            "ภาษา\u{200b}ไทย",
            "漢字\u{e0100}",
            "soft\u{ad}ware",
            "\u{2067}שלום\u{2069} עולם",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn hidden_messages_are_decoded() {
        let tags: String = "run it".chars().map(|c| char::from_u32(0xe0000 + c as u32).unwrap()).collect();
        let found = hidden(&format!("Hello{tags} there"));
        assert_eq!((found[0].kind, found[0].message.as_deref()), (HiddenKind::Tags, Some("run it")));

        let selectors: String = "eval(x)"
            .bytes()
            .map(|byte| {
                char::from_u32(if byte < 16 { 0xfe00 } else { 0xe0100 - 16 } + u32::from(byte)).unwrap()
            })
            .collect();
        let found = hidden(&format!("😀{selectors}"));
        assert_eq!((found[0].kind, found[0].message.as_deref()), (HiddenKind::Selectors, Some("eval(x)")));

        let bits: String = "hi"
            .bytes()
            .flat_map(|byte| {
                (0..8).rev().map(move |bit| if byte >> bit & 1 == 1 { '\u{200c}' } else { '\u{200b}' })
            })
            .collect();
        let found = hidden(&format!("a{bits}b"));
        assert_eq!((found[0].kind, found[0].message.as_deref()), (HiddenKind::ZeroWidthRun, Some("hi")));
    }

    #[test]
    fn controls_that_reorder_code_are_found() {
        assert_eq!(
            kinds("access_level != \"user\u{202e} \u{2066}// admin\u{2069} \u{2066}\""),
            [HiddenKind::Bidi]
        );
        assert_eq!(kinds("pass\u{200b}word"), [HiddenKind::ZeroWidth]);
        assert_eq!(kinds("const \u{3164} = 1"), [HiddenKind::Filler]);
        assert_eq!(kinds("a \u{200b} b"), [HiddenKind::Stray]);
    }

    #[test]
    fn revealing_shows_what_hides_and_nothing_else() {
        assert_eq!(reveal_invisible("pass\u{200b}word 👩‍💻 می‌خواهم"), "pass⟦U+200B⟧word 👩‍💻 می‌خواهم");
        assert_eq!(reveal_invisible("x\u{1b}[0m\u{e0041}"), "x⟦U+001B⟧[0m⟦tag A⟧");
    }
}
