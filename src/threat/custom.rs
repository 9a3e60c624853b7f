//! Patterns of one's own: Rust's regular expressions, which run in linear time, compiled once under a size limit.

use super::Action;
use super::finding::{Finding, Severity, Span, ThreatType};
use crate::error::{Error, ErrorCode, Result};
use crate::text::utf16;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

/// How many patterns a detector takes, and how long one may be.
const MAX_PATTERNS: usize = 256;
const MAX_LENGTH: usize = 4_096;

/// What one compiled pattern may weigh, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// How long a text with replacements may become, in bytes.
const MAX_ANSWER: usize = 8 << 20;

/// How many findings one pattern gives for one text.
const MAX_MATCHES: usize = 1_000;

/// A pattern of one's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatternConfig {
    /// The name that its findings carry.
    pub id: String,
    /// The kind of threat that a match is.
    #[serde(rename = "type")]
    pub kind: ThreatType,
    /// The expression, in Rust's syntax.
    pub pattern: String,
    /// How grave a match is.
    pub severity: Severity,
    /// What is to be done about a match, if it differs from the scope's rule.
    #[serde(default)]
    pub action: Option<Action>,
}

/// A regular expression of Rust's syntax, compiled under the limits of this module. It runs in linear time.
#[derive(Debug)]
pub struct Expression(Regex);

impl Expression {
    /// Compiles an expression; `field` is what a message calls it.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) with the position, in bytes, of what was refused.
    pub fn new(pattern: &str, field: &str) -> Result<Self> {
        if pattern.len() > MAX_LENGTH {
            return Err(Error::config(format!("{field} must have at most 4096 bytes")));
        }
        expression(pattern, field).map(Self)
    }

    /// Whether the expression matches somewhere in a text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The text with every match replaced; `$1` stands for a group.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] if the answer would have more than 8 MiB.
    pub fn replace(&self, text: &str, replacement: &str) -> Result<String> {
        let groups = replacement.matches('$').count();
        let mut answer = String::new();
        let mut kept = 0;
        for found in self.0.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            answer.push_str(text.get(kept..whole.start()).unwrap_or(""));
            kept = whole.end();
            // A group is at most the whole match: what is written is bounded before it is.
            let most = replacement.len().saturating_add(whole.len().saturating_mul(groups));
            if answer.len().saturating_add(most) > MAX_ANSWER {
                return Err(Error::new(
                    ErrorCode::InputTooLarge,
                    "threat: the replacements would make the text longer than 8388608 bytes",
                ));
            }
            found.expand(replacement, &mut answer);
        }
        answer.push_str(text.get(kept..).unwrap_or(""));
        Ok(answer)
    }
}

#[derive(Debug)]
pub(super) struct Pattern {
    config: PatternConfig,
    regex: Regex,
}

/// Compiles patterns.
///
/// # Errors
/// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) with the pattern's number and the position in it.
pub(super) fn compile(patterns: Vec<PatternConfig>) -> Result<Vec<Pattern>> {
    if patterns.len() > MAX_PATTERNS {
        return Err(Error::config("threat: at most 256 patterns are taken"));
    }
    patterns.into_iter().enumerate().map(|(number, config)| one(number, config)).collect()
}

fn one(number: usize, config: PatternConfig) -> Result<Pattern> {
    if config.id.is_empty()
        || config.id.len() > 128
        || config.pattern.is_empty()
        || config.pattern.len() > MAX_LENGTH
    {
        return Err(Error::config(format!(
            "threat: patterns[{number}] must have an id of 1 to 128 bytes and a pattern of 1 to 4096"
        )));
    }
    let regex = expression(&config.pattern, &format!("threat: patterns[{number}]"))?;
    Ok(Pattern { config, regex })
}

/// Compiles one expression under the limits of this module.
///
/// # Errors
/// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) with the position, in bytes, of what was refused.
fn expression(pattern: &str, field: &str) -> Result<Regex> {
    let syntax = |position: usize, words: String| {
        Error::config(format!("{field} is not valid at position {position}: {words}"))
    };
    let ast = regex_syntax::ast::parse::Parser::new()
        .parse(pattern)
        .map_err(|error| syntax(error.span().start.offset, error.kind().to_string()))?;
    regex_syntax::hir::translate::Translator::new()
        .translate(pattern, &ast)
        .map_err(|error| syntax(error.span().start.offset, error.kind().to_string()))?;
    RegexBuilder::new(pattern).size_limit(MAX_SIZE).dfa_size_limit(MAX_SIZE).build().map_err(|_| {
        Error::config(format!("{field} compiles to more than 1048576 bytes: make its repetitions shorter"))
    })
}

impl Pattern {
    /// Finds the matches of this pattern.
    pub(super) fn detect(&self, text: &str, findings: &mut Vec<Finding>) {
        let matches: Vec<_> =
            self.regex.find_iter(text).filter(|found| !found.is_empty()).take(MAX_MATCHES).collect();
        let ends: Vec<usize> = matches.iter().flat_map(|found| [found.start(), found.end()]).collect();
        let units = utf16::offsets(text, &ends);
        for pair in units.chunks_exact(2) {
            if let [start, end] = pair {
                findings.push(Finding {
                    id: self.config.id.clone().into(),
                    kind: self.config.kind,
                    severity: self.config.severity,
                    confidence: 1.0,
                    range: Span { start: *start, end: *end },
                    decoded: None,
                    path: Vec::new(),
                    cwe: "".into(),
                    message: "a pattern of one's own matches".into(),
                    action: self.config.action,
                });
            }
        }
    }
}
