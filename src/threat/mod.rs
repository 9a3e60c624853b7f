//! Threats with their evidence, and silence about everything else.

mod finding;
mod path;
mod sql;
mod template;
mod xss;

pub use finding::{Finding, Rule, Scope, Severity, Span, ThreatType};

use crate::error::{Error, ErrorCode, Result};
use crate::text::{Readings, quoted, utf16};
use finding::Hit;
use serde::{Deserialize, Serialize};

/// The longest text that is read, in bytes. A longer one is scanned in overlapping windows by the caller.
pub const MAX_TEXT: usize = 2 << 20;

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

/// Finds threats.
#[derive(Debug, Default)]
pub struct Detector {}

/// A hit in a reading.
struct Seen {
    hit: Hit,
    reading: usize,
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
                "threat: a text must have at most 2097152 bytes",
            ));
        }
        let mut steps = text.len() as u64;
        let masked = mask(text, scope);
        let base = masked.as_deref().unwrap_or(text);
        let readings = Readings::of(base, base.len() * DECODED_FACTOR + DECODED_LEAST);
        let mut seen = Vec::new();
        let mut hits = Vec::new();
        for (reading, text) in readings.iter() {
            sql::detect(text, &mut hits, &mut steps);
            path::detect(text, &mut hits, &mut steps);
            let mut own = Vec::new();
            xss::detect(text, &mut own, &mut steps);
            hits.append(&mut own);
            template::detect(text, &mut hits, &mut steps);
            seen.extend(hits.drain(..).map(|hit| Seen { hit, reading }));
        }
        Ok((collect(text, &readings, seen), steps))
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
    let mut placed: Vec<_> = seen
        .into_iter()
        .map(|seen| (readings.origin(seen.reading, seen.hit.range.clone()), seen))
        .filter(|(range, _)| range.end <= text.len())
        .collect();
    // The best of those that overlap speaks for all: gravest, surest, fewest layers.
    placed.sort_by(|(_, a), (_, b)| {
        (b.hit.severity.cmp(&a.hit.severity))
            .then(b.hit.confidence.total_cmp(&a.hit.confidence))
            .then(a.reading.cmp(&b.reading))
    });
    let mut kept: Vec<(std::ops::Range<usize>, Seen)> = Vec::new();
    for (range, seen) in placed {
        let overlaps = |other: &std::ops::Range<usize>| range.start < other.end && other.start < range.end;
        if !kept.iter().any(|(other, known)| known.hit.rule.kind == seen.hit.rule.kind && overlaps(other)) {
            kept.push((range, seen));
        }
    }
    let mut ends: Vec<usize> = kept.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    ends.sort_unstable();
    ends.dedup();
    let units = utf16::offsets(text, &ends);
    let unit =
        |offset: usize| ends.binary_search(&offset).ok().and_then(|at| units.get(at)).copied().unwrap_or(0);
    kept.into_iter()
        .map(|(range, Seen { hit, reading })| {
            let decoded = hit.decoded.or_else(|| {
                let (_, text) = readings.iter().nth(reading).filter(|_| reading > 0)?;
                text.get(hit.range).map(|text| text.chars().take(200).collect())
            });
            Finding {
                id: hit.rule.id.into(),
                kind: hit.rule.kind,
                severity: hit.severity,
                confidence: hit.confidence,
                range: Span { start: unit(range.start), end: unit(range.end) },
                decoded,
                path: finding::names(&readings.path(reading)),
                cwe: hit.rule.cwe.into(),
                message: hit.rule.message.into(),
                action: None,
            }
        })
        .collect()
}
