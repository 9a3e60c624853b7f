//! Which rules a resource falls under: every pattern in one pass.
//!
//! A pattern is a glob or a regular expression. Globs become regular expressions, all of them go into one
//! [`RegexSet`], and the set runs in linear time whatever the resource is.

use crate::error::{Error, Result};
use regex::{RegexSet, RegexSetBuilder};
use serde::Deserialize;

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 1_000;

/// What all patterns together may need once compiled, in bytes.
const MAX_COMPILED: usize = 4 << 20;

/// A resource that is limited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Pattern {
    /// The whole resource: `*` is any run of characters, `/` among them, `?` any one, `[a-z]` and `[!a-z]` one of
    /// a class, `{a,b}` either, `\` takes the next character as it is.
    Glob(String),
    /// A part of the resource, unless anchored.
    Regex(RegexPattern),
}

/// A regular expression in the syntax of the `regex` crate: no look-around, no back-references.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegexPattern {
    /// The expression.
    pub regex: String,
}

impl Pattern {
    /// The regular expression to run.
    fn expression(&self, rule: usize) -> Result<String> {
        let (Self::Glob(text) | Self::Regex(RegexPattern { regex: text })) = self;
        if text.is_empty() || text.len() > MAX_PATTERN {
            return Err(refuse(rule, "must have from 1 to 1000 bytes"));
        }
        match self {
            Self::Glob(glob) => translate(glob)
                .ok_or_else(|| refuse(rule, "is a glob with an open bracket, brace or backslash")),
            Self::Regex(_) => Ok(text.clone()),
        }
    }
}

/// Compiles the patterns of all rules.
///
/// # Errors
/// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first rule whose pattern is refused.
pub(super) fn compile<'a>(patterns: impl Iterator<Item = (usize, &'a Pattern)>) -> Result<RegexSet> {
    let mut expressions = Vec::new();
    for (rule, pattern) in patterns {
        let expression = pattern.expression(rule)?;
        if regex_syntax_refuses(&expression) {
            return Err(refuse(
                rule,
                "is not a regular expression of the regex crate (no look-around, no \\1)",
            ));
        }
        expressions.push(expression);
    }
    RegexSetBuilder::new(expressions)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
        .map_err(|_| Error::config("limit: the patterns need more than 4 MiB: simplify them or use fewer"))
}

/// Whether one expression alone is refused; a set does not say which of its members is.
fn regex_syntax_refuses(expression: &str) -> bool {
    matches!(
        regex::RegexBuilder::new(expression).size_limit(MAX_COMPILED).build(),
        Err(error) if !matches!(error, regex::Error::CompiledTooBig(_))
    )
}

fn refuse(rule: usize, words: &str) -> Error {
    Error::config(format!("limit: rules[{rule}].pattern {words}"))
}

/// A glob as a regular expression, or nothing if it is unfinished.
fn translate(glob: &str) -> Option<String> {
    let mut expression = String::from(r"(?s)\A(?:");
    let mut depth = 0_usize;
    let mut rest = glob.chars();
    while let Some(next) = rest.next() {
        match next {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => class(&mut rest, &mut expression)?,
            '{' => {
                depth += 1;
                expression.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                expression.push(')');
            }
            ',' if depth > 0 => expression.push('|'),
            '\\' => literal(rest.next()?, &mut expression),
            other => literal(other, &mut expression),
        }
    }
    expression.push_str(r")\z");
    (depth == 0).then_some(expression)
}

/// The rest of a class, after its opening bracket.
fn class(rest: &mut std::str::Chars<'_>, expression: &mut String) -> Option<()> {
    expression.push('[');
    let mut empty = true;
    let mut next = rest.next()?;
    if next == '!' || next == '^' {
        expression.push('^');
        next = rest.next()?;
    }
    while next != ']' || empty {
        empty = false;
        if next == '-' {
            expression.push('-');
        } else {
            literal(if next == '\\' { rest.next()? } else { next }, expression);
        }
        next = rest.next()?;
    }
    expression.push(']');
    Some(())
}

fn literal(character: char, expression: &mut String) {
    expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, resource: &str) -> bool {
        let pattern = Pattern::Glob(glob.to_owned());
        compile([(0, &pattern)].into_iter()).unwrap().is_match(resource)
    }

    #[test]
    fn globs_match_the_whole_resource() {
        for (glob, yes, no) in [
            ("*", "anything/at all\n", "\u{0}impossible"),
            ("api:*", "api:users/1", "xapi:users"),
            ("tool?", "tool1", "tool12"),
            ("[a-c]x", "bx", "dx"),
            ("[!a-c]x", "dx", "bx"),
            ("{chat,file}:*", "file:read", "net:read"),
            ("{a,b{c,d}}", "bd", "b"),
            (r"\*", "*", "x"),
            ("a.b", "a.b", "axb"),
            ("[]a]", "]", "b"),
            ("a,b", "a,b", "a"),
            ("(x|y)", "(x|y)", "x"),
        ] {
            assert!(matches(glob, yes), "{glob} {yes}");
            assert!(glob == "*" || !matches(glob, no), "{glob} {no}");
        }
    }

    #[test]
    fn what_is_unfinished_or_unknown_is_refused_by_its_rule() {
        for pattern in [
            Pattern::Glob("[a".into()),
            Pattern::Glob("{a".into()),
            Pattern::Glob("a\\".into()),
            Pattern::Glob(String::new()),
            Pattern::Glob("x".repeat(1_001)),
            Pattern::Regex(RegexPattern { regex: "(?=a)".into() }),
            Pattern::Regex(RegexPattern { regex: r"(a)\1".into() }),
            Pattern::Regex(RegexPattern { regex: "a{1000}{1000}".into() }),
        ] {
            let error = compile([(3, &pattern)].into_iter()).unwrap_err();
            assert!(error.message().contains("rules[3]") || error.message().contains("4 MiB"), "{error}");
        }
    }

    #[test]
    fn a_class_cannot_smuggle_an_expression_in() {
        assert!(!matches("[a&&b]", "b") || matches("[a&&b]", "&"));
        assert!(matches("[[:alpha:]]", ":]"));
    }
}
