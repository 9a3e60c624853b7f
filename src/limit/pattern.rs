//! Which rules a resource falls under: every pattern in one pass.
//!
//! A pattern is a glob or a regular expression. A glob of text and stars is looked for as it is; other globs become
//! regular expressions, all of which go into one [`RegexSet`], and the set runs in linear time whatever the resource is.

use super::glob::Glob;
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

/// The patterns of all rules, compiled. Rules go by their place.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    globs: Vec<(u16, Glob)>,
    set: RegexSet,
    /// The rules of the set's members.
    of_set: Vec<u16>,
    /// What a resource begins with that any member of the set is for.
    beginnings: Vec<Box<str>>,
}

impl Patterns {
    /// The first rule that is for a resource.
    pub(super) fn first(&self, resource: &str) -> Option<u16> {
        let glob = self.globs.iter().find(|(_, glob)| glob.matches(resource)).map(|(rule, _)| *rule);
        if self.of_set.first().is_none_or(|first| glob.is_some_and(|glob| glob < *first)) {
            return glob;
        }
        self.in_set(resource).next().into_iter().chain(glob).min()
    }

    /// All rules that are for a resource, in their order.
    pub(super) fn all(&self, resource: &str) -> Box<[u16]> {
        let globs = self.globs.iter().filter(|(_, glob)| glob.matches(resource)).map(|(rule, _)| *rule);
        let mut rules: Vec<u16> = globs.chain(self.in_set(resource)).collect();
        rules.sort_unstable();
        rules.into()
    }

    fn in_set(&self, resource: &str) -> impl Iterator<Item = u16> {
        let possible = self.beginnings.iter().any(|beginning| resource.starts_with(&**beginning));
        let matched = possible.then(|| self.set.matches(resource).into_iter());
        matched.into_iter().flatten().filter_map(|at| self.of_set.get(at).copied())
    }
}

/// Compiles the patterns of all rules; each comes with the number that a message names it by.
///
/// # Errors
/// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first rule whose pattern is refused.
pub(super) fn compile<'a>(patterns: impl Iterator<Item = (usize, &'a Pattern)>) -> Result<Patterns> {
    let (mut globs, mut expressions, mut of_set) = (Vec::new(), Vec::new(), Vec::new());
    let mut beginnings = Vec::new();
    for (place, (rule, pattern)) in (0..).zip(patterns) {
        let expression = pattern.expression(rule)?;
        if let Pattern::Glob(glob) = pattern
            && let Some(glob) = Glob::read(glob)
        {
            globs.push((place, glob));
            continue;
        }
        if regex_syntax_refuses(&expression) {
            return Err(refuse(
                rule,
                "is not a regular expression of the regex crate (no look-around, no \\1)",
            ));
        }
        beginnings.push(beginning(&expression).into());
        expressions.push(expression);
        of_set.push(place);
    }
    let set = RegexSetBuilder::new(expressions)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
        .map_err(|_| Error::config("limit: the patterns need more than 4 MiB: simplify them or use fewer"))?;
    Ok(Patterns { globs, set, of_set, beginnings })
}

/// The text with which everything begins that an expression matches; none if that is not to be seen at a glance.
fn beginning(expression: &str) -> &str {
    let Some(anchored) = expression.strip_prefix('^').filter(|rest| !rest.contains('|')) else { return "" };
    let plain = |next: char| next.is_alphanumeric() || "/:-_ ,;@%=~\"'<>!".contains(next);
    let text = anchored.split_once(|next| !plain(next)).map_or(anchored, |(text, _)| text);
    match anchored.get(text.len()..).and_then(|rest| rest.chars().next()) {
        // The last character may be missing.
        Some('*' | '?' | '{' | '+') => {
            text.char_indices().next_back().and_then(|(last, _)| text.get(..last)).unwrap_or_default()
        }
        _ => text,
    }
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
        compile([(0, &pattern)].into_iter()).unwrap().first(resource).is_some()
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

    /// Every text of so many of these letters at most.
    fn texts(letters: &str, most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..most {
            let longer =
                |text: &String| letters.chars().map(|letter| format!("{text}{letter}")).collect::<Vec<_>>();
            last = last.iter().flat_map(longer).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    #[test]
    fn a_glob_that_is_looked_for_matches_as_its_expression_does() {
        let resources = texts("aé,", 5);
        for glob in texts("aé*,", 5).into_iter().filter(|glob| !glob.is_empty()) {
            let (looked_for, expression) = (Glob::read(&glob).unwrap(), translate(&glob).unwrap());
            let expression = regex::Regex::new(&expression).unwrap();
            for resource in &resources {
                assert_eq!(looked_for.matches(resource), expression.is_match(resource), "{glob} {resource}");
            }
        }
        assert_eq!(Glob::read("a?"), None);
    }

    #[test]
    fn rules_come_in_their_order_whatever_they_are() {
        let regex = |text: &str| Pattern::Regex(RegexPattern { regex: text.into() });
        let glob = |text: &str| Pattern::Glob(text.into());
        let patterns = [glob("x*"), regex("b"), glob("a*"), glob("?b"), glob("*"), regex("a")];
        let patterns = compile(patterns.iter().enumerate()).unwrap();
        assert_eq!((patterns.first("ab"), &*patterns.all("ab")), (Some(1), [1, 2, 3, 4, 5].as_slice()));
        assert_eq!((patterns.first("ax"), &*patterns.all("ax")), (Some(2), [2, 4, 5].as_slice()));
        assert_eq!((patterns.first("xb"), &*patterns.all("xb")), (Some(0), [0, 1, 3, 4].as_slice()));
        assert_eq!((patterns.first(""), &*patterns.all("")), (Some(4), [4].as_slice()));
        let none = compile([(0, &glob("a"))].into_iter()).unwrap();
        assert_eq!((none.first("b"), none.all("b").len()), (None, 0));
    }

    #[test]
    fn a_beginning_rules_out_only_what_the_expression_does() {
        for (expression, expected) in [
            ("^resource-1/[a-z]+$", "resource-1/"),
            ("^abc", "abc"),
            ("^ab?c", "a"),
            ("^ab*", "a"),
            ("^ab{0,2}c", "a"),
            ("^ab+c", "a"),
            ("^é*", ""),
            ("^a|b", ""),
            ("^a(b|c)", ""),
            ("^(?i)a", ""),
            ("(?i)^a", ""),
            (r"^a\.b", "a"),
            ("a", ""),
            ("^", ""),
            ("", ""),
        ] {
            assert_eq!(beginning(expression), expected, "{expression}");
        }
        let pieces = ["a", "b", "é", "/", "?", "*", "+", "{0,1}", ".", "(a)", "$", "|"];
        let resources = texts("abé/", 4);
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let expression = format!("^{first}{second}{third}");
                    let Ok(compiled) = regex::Regex::new(&expression) else { continue };
                    let beginning = beginning(&expression);
                    for resource in resources.iter().filter(|resource| compiled.is_match(resource)) {
                        assert!(resource.starts_with(beginning), "{expression} {resource}");
                    }
                }
            }
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
