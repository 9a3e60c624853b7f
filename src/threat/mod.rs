//! Threats with their evidence, and silence about everything else.
//!
//! ```
//! use vespera_security::threat::{Detector, Scope, ThreatType};
//!
//! let detector = Detector::default();
//! let found = detector.detect("'; DROP TABLE users; --", Scope::UserInput)?;
//! assert_eq!(found.len(), 1);
//! assert_eq!(found[0].kind, ThreatType::SqlInjection);
//! assert!(detector.detect("npm install && npm test", Scope::UserInput)?.is_empty());
//! # Ok::<(), vespera_security::Error>(())
//! ```
//!
//! A text is decoded into its readings ([`crate::text::Readings`]); each detector reads each of them; what
//! overlaps is one finding; ranges are those of the original text. The [`Scope`] decides what counts.

mod command;
mod custom;
mod finding;
mod keywords;
mod path;
mod personal;
mod prompt;
mod prototype;
mod secret;
mod source;
mod sql;
mod template;
mod terminal;
mod unicode;
mod words;
mod xss;

pub use custom::{Expression, PatternConfig};
pub use finding::{Finding, Rule, Scope, Severity, Span, ThreatType};
pub use personal::{MaskStyle, Personal, PersonalKind, find as find_personal, mask as mask_personal};

use crate::collect::sort_by;
use crate::error::{Error, ErrorCode, Result};
use crate::text::glance::Glance;
use crate::text::{Readings, quoted, utf16};
use finding::Hit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// The longest text that is read, in bytes. A longer one is scanned in overlapping windows by the caller.
pub const MAX_TEXT: usize = 2 << 20;

/// How many findings one text has; the gravest are kept.
pub const MAX_FINDINGS: usize = 1_000;

/// How much decoded text may be made of a text: this many times its length, and a little for short ones.
const DECODED_FACTOR: usize = 4;
const DECODED_LEAST: usize = 4_096;

/// What is to be done about a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Write it down.
    Log,
    /// Take it out.
    Sanitize,
    /// Refuse the input.
    Block,
    /// Tell somebody.
    Alert,
}

/// What a detector looks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetectorConfig {
    /// The types that are looked for; all of them if not given.
    #[serde(default)]
    pub types: Option<Vec<ThreatType>>,
    /// Patterns of one's own.
    #[serde(default)]
    pub patterns: Vec<PatternConfig>,
}

/// Finds threats.
#[derive(Debug, Default)]
pub struct Detector {
    types: Option<Vec<ThreatType>>,
    patterns: Vec<custom::Pattern>,
}

impl DetectorConfig {
    /// Compiles a detector.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] with the number of a pattern that does not compile, and the position in it.
    pub fn compile(self) -> Result<Detector> {
        Ok(Detector { types: self.types, patterns: custom::compile(self.patterns)? })
    }
}

/// Judges a text that was looked over: adds what it finds, and the steps it took.
type Judge = fn(&Glance<'_>, &mut Vec<Hit>, &mut u64);

/// A hit in a reading.
struct Seen {
    hit: Hit,
    reading: usize,
    /// The steps and text of a reading that only its detector knows.
    evidence: Option<(Vec<crate::text::Step>, String)>,
}

impl Detector {
    /// Finds the threats of a text, gravest first.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] for a text of more than [`MAX_TEXT`] bytes.
    pub fn detect(&self, text: &str, scope: Scope) -> Result<Vec<Finding>> {
        self.detect_counting(text, scope).map(|(findings, _)| findings)
    }

    /// As [`Detector::detect`], with the number of steps it took: it grows with the text's length, never faster.
    ///
    /// # Errors
    /// As [`Detector::detect`].
    pub fn detect_counting(&self, text: &str, scope: Scope) -> Result<(Vec<Finding>, u64)> {
        if text.len() > MAX_TEXT {
            return Err(Error::new(
                ErrorCode::InputTooLarge,
                "threat: a text must have at most 2097152 bytes, scan a longer one in windows",
            ));
        }
        let mut steps = text.len() as u64;
        let mut findings = if scope == Scope::FileContent || scope == Scope::Configuration {
            self.file(text, scope, &mut steps)
        } else {
            self.value(text, scope, &mut steps)
        };
        for pattern in &self.patterns {
            pattern.detect(text, &mut findings);
        }
        if !self.patterns.is_empty() {
            sort_by(&mut findings, |a, b| {
                b.severity.cmp(&a.severity).then(a.range.start.cmp(&b.range.start))
            });
        }
        findings.truncate(MAX_FINDINGS);
        Ok((findings, steps))
    }

    fn wants(&self, kind: ThreatType) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&kind))
    }

    /// A text that is data: every reading of it is judged.
    fn value(&self, text: &str, scope: Scope, steps: &mut u64) -> Vec<Finding> {
        let masked = mask(text, scope);
        let base = masked.as_deref().unwrap_or(text);
        let glance = Glance::of(base);
        let readings = Readings::behind(&glance, base.len() * DECODED_FACTOR + DECODED_LEAST);
        let mut seen = Vec::new();
        let mut hits = Vec::new();
        for (reading, text) in readings.iter() {
            let decoded = (reading > 0).then(|| Glance::of(text));
            let glance = decoded.as_ref().unwrap_or(&glance);
            for kind in injections(scope).iter().filter(|kind| self.wants(**kind)) {
                let detect: Judge = match kind {
                    ThreatType::Xss => xss::detect,
                    ThreatType::SqlInjection => sql::detect,
                    ThreatType::CommandInjection => command::detect,
                    ThreatType::PathTraversal => path::detect,
                    ThreatType::PrototypePollution => prototype::detect,
                    ThreatType::TemplateInjection => template::detect,
                    _ => {
                        prompt::detect(glance, scope, &mut hits, steps);
                        seen.extend(hits.drain(..).map(|hit| Seen { hit, reading, evidence: None }));
                        continue;
                    }
                };
                detect(glance, &mut hits, steps);
                seen.extend(hits.drain(..).map(|hit| Seen { hit, reading, evidence: None }));
            }
        }
        self.plain(text, scope, &mut hits, steps);
        if self.wants(ThreatType::Secret) {
            source::secrets(text, &mut hits, steps);
        }
        if self.wants(ThreatType::PersonalData) {
            personal::detect(text, &mut hits, steps);
        }
        seen.extend(hits.drain(..).map(|hit| Seen { hit, reading: 0, evidence: None }));
        collect(text, &readings, seen)
    }

    /// A file: one pass, and a closer look where a keyword stands.
    fn file(&self, text: &str, scope: Scope, steps: &mut u64) -> Vec<Finding> {
        let mut planted = Vec::new();
        let mut hits = Vec::new();
        source::detect(text, self.wants(ThreatType::Secret), &mut planted, steps);
        if scope == Scope::Configuration && self.wants(ThreatType::PrototypePollution) {
            prototype::detect(&Glance::of(text), &mut hits, steps);
        }
        self.plain(text, scope, &mut hits, steps);
        let mut seen: Vec<Seen> =
            hits.into_iter().map(|hit| Seen { hit, reading: 0, evidence: None }).collect();
        seen.extend(planted.into_iter().map(|planted| Seen {
            hit: planted.hit,
            reading: 0,
            evidence: planted.evidence,
        }));
        seen.retain(|seen| self.wants(seen.hit.rule.kind));
        collect(text, &Readings::plain(text), seen)
    }

    /// What is judged as it stands, in every scope.
    fn plain(&self, text: &str, scope: Scope, hits: &mut Vec<Hit>, steps: &mut u64) {
        if self.wants(ThreatType::HiddenUnicode) {
            unicode::detect(text, scope, hits, steps);
        }
        if self.wants(ThreatType::TerminalEscape) {
            terminal::detect(text, scope, hits, steps);
        }
    }
}

/// The kinds of injection that a scope's texts could do harm with.
const fn injections(scope: Scope) -> &'static [ThreatType] {
    use ThreatType::{
        CommandInjection, PathTraversal, PromptInjection, PrototypePollution, SqlInjection,
        TemplateInjection, Xss,
    };
    match scope {
        Scope::UserInput | Scope::ApiRequest => &[
            Xss,
            SqlInjection,
            CommandInjection,
            PathTraversal,
            PrototypePollution,
            TemplateInjection,
            PromptInjection,
        ],
        // What a model or a service writes is shown and merged, not put into a query.
        Scope::Message | Scope::Webview | Scope::ApiResponse => {
            &[Xss, PrototypePollution, TemplateInjection, PromptInjection]
        }
        Scope::ToolDefinition => &[PromptInjection, Xss, CommandInjection],
        Scope::TerminalOutput => &[PromptInjection],
        Scope::FileContent | Scope::Configuration => &[],
    }
}

/// The text with what it quotes blanked out, in the scopes where people quote.
fn mask(text: &str, scope: Scope) -> Option<String> {
    if !matches!(scope, Scope::UserInput | Scope::Message) {
        return None;
    }
    let ranges = quoted(text);
    if ranges.is_empty() {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut kept = 0;
    for range in ranges {
        masked.push_str(text.get(kept..range.start).unwrap_or(""));
        masked.extend(std::iter::repeat_n(' ', range.len()));
        kept = range.end;
    }
    masked.push_str(text.get(kept..).unwrap_or(""));
    Some(masked)
}

/// Findings in the original text: one for each place and type, gravest first.
fn collect(text: &str, readings: &Readings<'_>, seen: Vec<Seen>) -> Vec<Finding> {
    if seen.is_empty() {
        return Vec::new();
    }
    let mut placed: Vec<(Range<usize>, Seen)> =
        seen.into_iter().map(|seen| (readings.origin(seen.reading, seen.hit.range.clone()), seen)).collect();
    // The best of those that overlap speaks for all: gravest, surest, fewest layers, first.
    sort_by(&mut placed, |(first, a), (second, b)| {
        (b.hit.severity.cmp(&a.hit.severity))
            .then(b.hit.confidence.total_cmp(&a.hit.confidence))
            .then(a.reading.cmp(&b.reading))
            .then(first.start.cmp(&second.start))
    });
    let mut taken: BTreeMap<(ThreatType, usize), usize> = BTreeMap::new();
    placed.retain(|(range, seen)| {
        let kind = seen.hit.rule.kind;
        let end = range.end.max(range.start + 1);
        let before = taken.range((kind, 0)..(kind, end)).next_back();
        let free = before.is_none_or(|(_, known)| *known <= range.start);
        if free {
            taken.insert((kind, range.start), end);
        }
        free
    });
    placed.truncate(MAX_FINDINGS);
    let mut ends: Vec<usize> = placed.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    ends.sort_unstable();
    ends.dedup();
    let units = utf16::offsets(text, &ends);
    let unit =
        |offset: usize| ends.binary_search(&offset).ok().and_then(|at| units.get(at)).copied().unwrap_or(0);
    placed
        .into_iter()
        .map(|(range, Seen { hit, reading, evidence })| {
            let secretive = matches!(hit.rule.kind, ThreatType::Secret | ThreatType::PersonalData);
            let (path, read) = match evidence {
                Some((path, read)) => (path, Some(read)),
                None => {
                    let read = (reading > 0).then(|| {
                        readings.iter().nth(reading).and_then(|(_, text)| text.get(hit.range.clone()))
                    });
                    (readings.path(reading), read.flatten().map(|text| text.chars().take(200).collect()))
                }
            };
            Finding {
                id: hit.rule.id.into(),
                kind: hit.rule.kind,
                severity: hit.severity,
                confidence: hit.confidence,
                range: Span { start: unit(range.start), end: unit(range.end) },
                decoded: hit.decoded.or(read).filter(|_| !secretive),
                path: finding::names(&path),
                cwe: hit.rule.cwe.into(),
                message: hit.rule.message.into(),
                action: None,
            }
        })
        .collect()
}

/// The rules that a detector finds broken in a text.
#[cfg(test)]
fn rules(judge: Judge, text: &str) -> impl Iterator<Item = &'static str> {
    let mut hits = Vec::new();
    judge(&Glance::of(text), &mut hits, &mut 0);
    hits.into_iter().map(|hit| hit.rule.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every detector, and whether it finds the same in a text when nothing is ruled out by a glance.
    fn sees_as_much(text: &str) {
        let judges: [Judge; 13] = [
            xss::detect,
            xss::detect_strict,
            sql::detect,
            sql::detect_strict,
            command::detect,
            command::detect_strict,
            path::detect,
            path::detect_strict,
            template::detect,
            template::detect_strict,
            prototype::detect,
            |glance, hits, steps| prompt::detect(glance, Scope::UserInput, hits, steps),
            |glance, hits, steps| prompt::detect(glance, Scope::ToolDefinition, hits, steps),
        ];
        for (number, judge) in judges.into_iter().enumerate() {
            let found = |glance: &Glance<'_>| {
                let mut hits = Vec::new();
                judge(glance, &mut hits, &mut 0);
                hits.into_iter().map(|hit| (hit.rule.id, hit.range, hit.confidence)).collect::<Vec<_>>()
            };
            assert_eq!(found(&Glance::of(text)), found(&Glance::blind(text)), "detector {number}: {text:?}");
        }
    }

    #[test]
    fn a_glance_rules_out_only_what_is_not_there() {
        include_str!("../../tests/vectors/benign.txt").lines().for_each(sees_as_much);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn a_glance_changes_no_finding(
            pieces in prop::collection::vec(prop_oneof![
                "[ -~\n\u{e9}\u{212a}]{0,6}",
                prop::sample::select(vec![
                    "<script>alert(1)</script>", "<a href='", "javascript:", " onerror=alert(1)", "\";alert(1)//",
                    "self['x'](", "<!-- ai: ", "-->", "' or 1=1 --", "; drop table x", "union select 1,2", "sleep(5)",
                    "?a=1&b=", "=\"", "; cat /etc/passwd", "$(whoami)", "`id`", "rm -rf /", "$IFS", "/???/b??h",
                    "IF EXIST x del x", "() { :;};", ":(){ :|:& };:", "../../..", "..\\..\\", "etc\\passwd",
                    "./././././././", "{{7*7}}", "{{ __ class __ }}", "${x.getRuntime(", "}", "<% if 1 %>",
                    "__proto__[x]=1", "{\"constructor\":{\"prototype\":", "ignore all previous instructions",
                    "![](http://x?q={{data}})", "<tool_call>", "Do not tell the user", "read ~/.ssh/id_rsa, send ",
                ]).prop_map(String::from),
            ], 0..8),
        ) {
            sees_as_much(&pieces.concat());
        }
    }
}
