//! The readings of a text: what it says after each layer of encoding, mapped back to the original.
//!
//! A reading is made from another reading by one [`Step`]. Steps are tried in breadth until nothing new
//! appears or a bound is met, so that `%253c` is read twice and `&#x5c;u003c` through two different
//! decoders. Every reading remembers where its bytes came from: a finding in the third layer marks the
//! characters of the original text that carry it.

use super::cursor::{ceil, floor, part};
use super::glance::Glance;
use super::{base64, entities, escapes, normal};
use std::ops::Range;

/// How many readings a text may have beside itself.
const MAX_READINGS: usize = 12;

/// How many layers deep a reading may be.
const MAX_DEPTH: usize = 6;

/// One layer of encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Percent-encoding, `%u` and overlong UTF-8 forms included.
    Url,
    /// HTML character references.
    Html,
    /// JavaScript and JSON escapes: `\x3c`, `\u003c`, `\u{3c}`, `\74`.
    Script,
    /// CSS escapes: a backslash and up to six hexadecimal digits.
    Css,
    /// Compatibility forms: full-width letters, look-alike slashes (NFKC and best fit).
    Normal,
    /// Base64 inside the text.
    Base64,
    /// Comments of SQL, C and markup taken out.
    Comments,
    /// Invisible characters taken out.
    Invisible,
    /// Bytes spelled as `0x2e`.
    Hex,
}

impl Step {
    /// The name that a finding carries in its path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Html => "html",
            Self::Script => "script",
            Self::Css => "css",
            Self::Normal => "normal",
            Self::Base64 => "base64",
            Self::Comments => "comments",
            Self::Invisible => "invisible",
            Self::Hex => "hex",
        }
    }
}

/// A decoded form of a text.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What this reading says.
    pub text: String,
    step: Step,
    parent: usize,
    depth: usize,
    marks: Vec<(usize, usize)>,
}

/// Writes a reading and remembers where its bytes come from.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    source: &'a str,
    text: String,
    marks: Vec<(usize, usize)>,
    kept: usize,
    changed: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            text: String::with_capacity(source.len()),
            marks: vec![(0, 0)],
            kept: 0,
            changed: false,
        }
    }

    /// Puts `new` in place of a range of the source; what lies between the last replacement and this one is kept.
    pub(super) fn replace(&mut self, range: Range<usize>, new: &str) {
        self.keep_to(range.start);
        self.marks.push((self.text.len(), range.start));
        self.text.push_str(new);
        self.marks.push((self.text.len(), range.end));
        self.kept = range.end;
        self.changed = true;
    }

    fn keep_to(&mut self, end: usize) {
        self.text.push_str(part(self.source, self.kept..end));
        self.kept = self.kept.max(end);
    }

    /// The reading, if it differs from its source.
    fn finish(mut self) -> Option<(String, Vec<(usize, usize)>)> {
        self.keep_to(self.source.len());
        (self.changed && self.text != self.source).then_some((self.text, self.marks))
    }
}

/// A text and its decoded forms.
#[derive(Debug)]
pub struct Readings<'a> {
    original: &'a str,
    derived: Vec<Reading>,
}

impl<'a> Readings<'a> {
    /// Reads a text through every layer of encoding it has, with at most `budget` bytes of decoded text in all.
    #[must_use]
    pub fn of(original: &'a str, budget: usize) -> Self {
        Self::behind(&Glance::of(original), budget)
    }

    /// As [`Readings::of`], for a text that was looked over.
    pub(crate) fn behind(original: &Glance<'a>, budget: usize) -> Self {
        let mut readings = Self { original: original.text, derived: Vec::new() };
        let mut left = budget;
        readings.expand(0, Signs::of(original), &mut left);
        let mut next = 1;
        while next <= readings.derived.len() {
            if readings.depth(next) < MAX_DEPTH && readings.derived.len() < MAX_READINGS {
                readings.expand(next, Signs::of(&Glance::of(readings.text(next))), &mut left);
            }
            next += 1;
        }
        readings
    }

    /// The text alone, without any decoding.
    #[must_use]
    pub const fn plain(original: &'a str) -> Self {
        Self { original, derived: Vec::new() }
    }

    /// Every reading with its number; number 0 is the text itself.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        std::iter::once(self.original)
            .chain(self.derived.iter().map(|reading| reading.text.as_str()))
            .enumerate()
    }

    /// The layers between the text and a reading, outermost first.
    #[must_use]
    pub fn path(&self, reading: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut number = reading;
        while let Some(reading) = number.checked_sub(1).and_then(|index| self.derived.get(index)) {
            steps.push(reading.step);
            number = reading.parent;
        }
        steps.reverse();
        steps
    }

    /// The bytes of the original text that a range of a reading came from, on character boundaries.
    #[must_use]
    pub fn origin(&self, reading: usize, range: Range<usize>) -> Range<usize> {
        let (mut start, mut end) = (range.start, range.end);
        let mut number = reading;
        while let Some(reading) = number.checked_sub(1).and_then(|index| self.derived.get(index)) {
            start = source_of(&reading.marks, start, false);
            end = source_of(&reading.marks, end, true);
            number = reading.parent;
        }
        let start = floor(self.original, start);
        start..ceil(self.original, end.max(start))
    }

    fn text(&self, number: usize) -> &str {
        match number.checked_sub(1) {
            None => self.original,
            Some(index) => self.derived.get(index).map_or("", |reading| reading.text.as_str()),
        }
    }

    fn depth(&self, number: usize) -> usize {
        number.checked_sub(1).and_then(|index| self.derived.get(index)).map_or(0, |reading| reading.depth)
    }

    fn expand(&mut self, number: usize, signs: Signs, left: &mut usize) {
        let depth = self.depth(number) + 1;
        for step in signs.steps() {
            if self.derived.len() >= MAX_READINGS {
                return;
            }
            let source = self.text(number);
            let mut writer = Writer::new(source);
            match step {
                Step::Url => escapes::url(source, &mut writer),
                Step::Html => entities::decode(source, &mut writer),
                Step::Script => escapes::script(source, &mut writer),
                Step::Css => escapes::css(source, &mut writer),
                Step::Hex => escapes::hex(source, &mut writer),
                Step::Comments => escapes::comments(source, &mut writer),
                Step::Normal => normal::fold(source, &mut writer),
                Step::Invisible => normal::without_invisible(source, &mut writer),
                Step::Base64 => base64::island(source, &mut writer),
            }
            let Some((text, marks)) = writer.finish() else { continue };
            if text.len() > *left || self.iter().any(|(_, known)| known == text) {
                continue;
            }
            *left -= text.len();
            self.derived.push(Reading { text, step, parent: number, depth, marks });
        }
    }
}

/// Where a byte of a decoded text stands in its source. Inside a replacement only its two ends are known.
fn source_of(marks: &[(usize, usize)], offset: usize, end: bool) -> usize {
    let next = marks.partition_point(|(decoded, _)| *decoded <= offset);
    // Marks at one decoded offset belong to text that vanished: an end stays in front of it.
    let first = marks.partition_point(|(decoded, _)| *decoded < offset);
    if end && first < next {
        return marks.get(first).map_or(0, |mark| mark.1);
    }
    let Some((decoded, source)) = next.checked_sub(1).and_then(|index| marks.get(index)) else {
        return offset;
    };
    let linear = source + (offset - decoded);
    marks.get(next).map_or(linear, |(_, limit)| linear.min(*limit))
}

/// What a text contains that a decoder could act on.
#[derive(Debug)]
struct Signs {
    percent: bool,
    ampersand: bool,
    backslash: bool,
    hex: bool,
    comment: bool,
    wide: bool,
    run: bool,
}

impl Signs {
    fn of(glance: &Glance<'_>) -> Self {
        Self {
            percent: glance.has(b'%'),
            ampersand: glance.has(b'&'),
            backslash: glance.has(b'\\'),
            hex: glance.may_pair(b'0', b'x'),
            comment: glance.may_pair(b'/', b'*') || glance.may_pair(b'<', b'!'),
            wide: !glance.is_ascii(),
            run: base64::has_run(glance.text.as_bytes()),
        }
    }

    fn steps(self) -> impl Iterator<Item = Step> {
        [
            (self.percent, Step::Url),
            (self.ampersand, Step::Html),
            (self.backslash, Step::Script),
            (self.backslash, Step::Css),
            (self.wide, Step::Normal),
            (self.wide, Step::Invisible),
            (self.hex, Step::Hex),
            (self.comment, Step::Comments),
            (self.run, Step::Base64),
        ]
        .into_iter()
        .filter_map(|(present, step)| present.then_some(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        Readings::of(text, 1 << 16).iter().map(|(_, text)| text.to_owned()).collect()
    }

    #[test]
    fn layers_are_read_one_after_the_other() {
        assert!(all("%253Cscript%253E").contains(&"<script>".to_owned()));
        assert!(all("&#x5c;u003cscript>").contains(&"<script>".to_owned()));
        assert!(all("%%32%65%%32%65/").contains(&"../".to_owned()));
        assert!(all("%c0%ae%c0%ae/").contains(&"../".to_owned()));
        assert!(all("\u{ff1c}script\u{ff1e}").contains(&"<script>".to_owned()));
    }

    #[test]
    fn a_range_in_the_deepest_layer_marks_the_characters_that_carry_it() {
        let original = "é ab%253Cb%253E cd";
        let readings = Readings::of(original, 1 << 16);
        let (number, text) = readings.iter().find(|(_, text)| text.contains("<b>")).unwrap();
        let start = text.find("<b>").unwrap();
        let origin = readings.origin(number, start..start + 3);
        assert_eq!(original.get(origin), Some("%253Cb%253E"));
        assert_eq!(readings.path(number), [Step::Url, Step::Url]);
    }

    #[test]
    fn an_ordinary_text_has_no_second_reading() {
        assert_eq!(
            all("Please look at line 42, it's broken (again)."),
            ["Please look at line 42, it's broken (again)."]
        );
    }

    #[test]
    fn the_budget_bounds_what_is_decoded() {
        let text = "%25".repeat(1_000);
        assert_eq!(Readings::of(&text, 10).iter().count(), 1);
        assert!(Readings::of(&text, usize::MAX).iter().count() <= MAX_READINGS + 1);
    }
}
