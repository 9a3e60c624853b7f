//! Words that mix Latin letters with look-alikes of another script (UTS #39, mixed-script confusables).
//!
//! Only a word whose every foreign letter looks Latin is reported: `kΩ`, `μm` and `Δx` are ordinary, and so is
//! a word written wholly in its own script.

use super::cursor::{at, is_word, part};
use super::script::{Script, script};
use std::ops::Range;

/// A word that reads as something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusable {
    /// Where the word is, in bytes.
    pub range: Range<usize>,
    /// What a reader takes it for.
    pub looks_like: String,
}

/// Letters that look like an ASCII letter, in the order of their code points (from the confusables of UTS #39).
const LOOKS: &[(char, char)] = &[
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
    ('ι', 'i'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('υ', 'u'),
    ('ϲ', 'c'),
    ('ϳ', 'j'),
    ('Ѕ', 'S'),
    ('І', 'I'),
    ('Ј', 'J'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('У', 'Y'),
    ('Х', 'X'),
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('ѕ', 's'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ү', 'y'),
    ('һ', 'h'),
    ('ԁ', 'd'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('Տ', 'S'),
    ('Օ', 'O'),
    ('հ', 'h'),
    ('ո', 'n'),
    ('ս', 'u'),
    ('օ', 'o'),
    ('Ꭺ', 'A'),
    ('Ꭼ', 'E'),
    ('Ꮇ', 'M'),
    ('Ꮋ', 'H'),
    ('Ꮤ', 'W'),
    ('Ꮪ', 'S'),
    ('Ꮲ', 'P'),
    ('Ꮯ', 'C'),
];

fn looks(c: char) -> Option<char> {
    LOOKS.iter().find(|(known, _)| *known == c).map(|(_, latin)| *latin)
}

/// Finds words in which look-alikes stand among Latin letters.
#[must_use]
pub fn confusables(text: &str) -> Vec<Confusable> {
    let mut found = Vec::new();
    if text.is_ascii() {
        return found;
    }
    let bytes = text.as_bytes();
    let mut from = 0;
    // Only a word with a character beyond ASCII can have a look-alike.
    while let Some(wide) = bytes.get(from..).and_then(|rest| rest.iter().position(|byte| *byte >= 0x80)) {
        let mut start = from + wide;
        while start > from && is_word(at(bytes, start - 1)) {
            start -= 1;
        }
        let mut word = Word::default();
        let rest = part(text, start..text.len()).char_indices().map(|(index, c)| (start + index, c));
        for (at, c) in rest.chain(std::iter::once((text.len(), ' '))) {
            from = at + c.len_utf8();
            if c.is_alphanumeric() || c == '_' {
                word.see(at, c);
            } else {
                found.extend(std::mem::take(&mut word).judge(at));
                if c.is_ascii() {
                    break;
                }
            }
        }
    }
    found
}

#[derive(Debug, Default)]
struct Word {
    start: Option<usize>,
    latin: usize,
    foreign: usize,
    skeleton: String,
    honest: bool,
}

impl Word {
    fn see(&mut self, at: usize, c: char) {
        self.start.get_or_insert(at);
        if c.is_ascii() {
            self.latin += usize::from(c.is_ascii_alphabetic());
            self.skeleton.push(c);
        } else if matches!(script(c), Script::Greek | Script::Cyrillic | Script::Armenian | Script::Cherokee)
            && let Some(latin) = looks(c)
        {
            self.foreign += 1;
            self.skeleton.push(latin);
        } else {
            self.honest = true;
        }
    }

    fn judge(self, end: usize) -> Option<Confusable> {
        let start = self.start?;
        (self.latin > 0
            && self.foreign > 0
            && self.latin > self.foreign
            && self.latin + self.foreign > 3
            && !self.honest)
            .then_some(Confusable { range: start..end, looks_like: self.skeleton })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_look_alikes_is_found_and_read() {
        let found = confusables("login at pаypal now");
        assert_eq!(found[0].looks_like, "paypal");
        assert_eq!("login at pаypal now".get(found[0].range.clone()), Some("pаypal"));
    }

    #[test]
    fn ordinary_scripts_and_symbols_are_not() {
        for text in [
            "Привет, world",
            "10 kΩ und 5 μm, Δx, λ1",
            "Ελλάδα και C++",
            "версия API2",
            "naïve façade",
            "x = νt",
        ] {
            assert_eq!(confusables(text), [], "{text}");
        }
    }
}
