//! A value judged as the rest of a query: phrases, shapes, cuts and fragments.

use super::super::finding::Rule;
use super::lexer::{self, Context, Token, lower};
use super::words::{self, *};
use super::{BREAKOUT, CUT, FRAGMENT, MACHINE, STACKED, UNION_SELECT, shape};
use crate::text::cursor::part;
use std::ops::Range;

/// A value as tokens in one context.
pub(super) struct Query<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) context: Context,
}

pub(super) type Judgement = Option<(&'static Rule, Range<usize>, f32)>;

impl Query<'_> {
    /// The gravest thing that this value does to a query.
    pub(super) fn judge(&self) -> Judgement {
        let whole = || {
            let end = self.text.trim_end().len();
            self.text.len() - self.text.trim_start().len()..end
        };
        if let Some((rule, range, sure)) = self.phrases() {
            return Some((rule, range, sure));
        }
        let folded = shape::fold(self.text, self.tokens);
        if let Some((shape, sure)) = shape::judge(&folded, self.context)
            && self.is_plausible(shape, &folded)
        {
            return Some((&BREAKOUT, whole(), sure));
        }
        if self.is_cut() {
            return Some((&CUT, whole(), 0.7));
        }
        self.is_fragment(&folded).then(|| (&FRAGMENT, whole(), 0.5))
    }

    pub(super) fn class(&self, index: usize) -> Class {
        self.tokens.get(index).map_or(0, |token| token.class)
    }

    pub(super) fn word(&self, index: usize) -> lexer::Lower {
        self.tokens.get(index).map_or_else(|| lower(""), |token| lower(part(self.text, token.range.clone())))
    }

    pub(super) fn is_word(&self, index: usize, words: &[&str]) -> bool {
        self.word(index).as_str().is_some_and(|word| words.contains(&word))
    }

    /// What stands anywhere: UNION SELECT, stacked statements, procedures and catalogs in a query.
    fn phrases(&self) -> Judgement {
        let end = self.tokens.last().map_or(0, |token| token.range.end);
        let script = matches!(self.class(0), VERB | KEYWORD) && self.context == Context::Plain;
        let catalogs = self.tokens.iter().any(|token| token.class == UNION)
            && self.tokens.iter().any(|token| self.is_catalog(token));
        let mut from_seen = false;
        let mut select_seen = false;
        for (index, token) in self.tokens.iter().enumerate() {
            let range = token.range.start..end;
            match token.class {
                UNION => {
                    if let Some(sure) = self.union(index, script && select_seen && from_seen && !catalogs) {
                        return Some((&UNION_SELECT, range, sure));
                    }
                }
                SEMICOLON
                    if !script
                        && (index <= 4 || self.has_tail())
                        && self.statement(index + 1)
                        && self.is_value_before(index) =>
                {
                    return Some((&STACKED, range, 0.95));
                }
                VERB if self.is_word(index, &["exec", "execute"]) && self.names_procedure(index + 1) => {
                    return Some((&MACHINE, range, 0.95));
                }
                VERB if index == 1
                    && (self.context != Context::Plain || self.class(0) == NUMBER)
                    && self.statement(index) =>
                {
                    return Some((&STACKED, range, 0.85));
                }
                VERB if !script && shape::is_select(self.text, token) && self.is_nested(index) => {
                    return Some((&BREAKOUT, range, 0.85));
                }
                VERB if shape::is_select(self.text, token)
                    && self.is_word(index + 1, &["sleep"])
                    && self.class(index + 1) == CALL =>
                {
                    return Some((&MACHINE, range, 0.8));
                }
                VERB if self.is_word(index, &["waitfor"])
                    && self.is_word(index + 1, &["delay", "time"])
                    && matches!(self.class(index + 2), STRING | OPEN) =>
                {
                    return Some((&MACHINE, range, 0.95));
                }
                VERB if self.is_word(index, &["select"]) => select_seen = true,
                KEYWORD if self.is_word(index, &["from"]) => {
                    from_seen = true;
                    if !script
                        && select_seen
                        && self.tokens.get(index + 1).is_some_and(|token| self.is_catalog(token))
                    {
                        return Some((&MACHINE, token.range.clone(), 0.85));
                    }
                }
                KEYWORD
                    if self.is_word(index, &["into"])
                        && self.is_word(index + 1, &["outfile", "dumpfile"])
                        && self.class(index + 2) != NAME =>
                {
                    return Some((&MACHINE, range, 0.9));
                }
                STRONG_CALL if self.is_word(index, &["benchmark"]) && self.class(index + 2) == NUMBER => {
                    return Some((&MACHINE, range, 0.85));
                }
                SEMICOLON if index == 0 && self.class(1) == CALL && self.is_word(1, &["sleep"]) => {
                    return Some((&MACHINE, range, 0.8));
                }
                _ => {}
            }
        }
        None
    }

    /// A SELECT in brackets behind an operator or in a list of values.
    fn is_nested(&self, index: usize) -> bool {
        let mut before = index;
        while before > 0 && matches!(self.class(before - 1), LEFT | UNARY) {
            before -= 1;
        }
        let bracketed = before < index && before > 0;
        bracketed
            && self.statement(index)
            && (matches!(self.class(before - 1), OPERATOR | LOGIC | COMPARE)
                && self.class(0) != NAME
                && self.class(0) != KEYWORD
                || self.class(before - 1) == COMMA
                    && matches!(self.class(0), STRING | NUMBER | NAME)
                    && index < 40)
    }

    /// UNION, its modifiers and brackets, and a SELECT with something to select.
    fn union(&self, index: usize, script: bool) -> Option<f32> {
        let mut next = index + 1;
        while matches!(self.class(next), UNARY | LEFT | COMMENT | OPERATOR | NUMBER) && next < index + 64 {
            next += 1;
        }
        if !self.is_word(next, &["select", "values"]) {
            // A UNION between comments, with nothing behind it yet.
            let cut = matches!(self.class(next), 0 | UNION) && self.class(0) == NUMBER && index <= 6;
            return (cut && ["/*", "#", "--"].iter().any(|sign| self.text.contains(sign))).then_some(0.6);
        }
        let mut item = next + 1;
        while matches!(self.class(item), UNARY | LEFT | OPERATOR | COMMENT) && item < next + 64 {
            item += 1;
        }
        let listed = match self.class(item) {
            NUMBER | STRING | OPEN | VARIABLE | CALL | STRONG_CALL | SUBSELECT | VERB | COMMENT | OTHER
            | 0 => true,
            NAME => {
                matches!(self.class(item + 1), COMMA | 0 | COMMENT | OPERATOR | LEFT | RIGHT | LOGIC)
                    || (item + 1..item + 5).any(|at| self.is_word(at, &["from"]))
            }
            KEYWORD => self.is_word(item, &["case", "from", "top"]),
            _ => self.class(item) == OPERATOR,
        };
        if !listed || script && !self.has_tail() {
            return None;
        }
        Some(if index == 0 { 0.85 } else { 0.98 })
    }

    pub(super) fn is_catalog(&self, token: &Token) -> bool {
        let text = part(self.text, token.range.clone());
        let first = text.split(['.', '`', '$']).find(|part| !part.is_empty()).unwrap_or("");
        lower(first).as_str().is_some_and(words::is_catalog)
    }

    /// Whether what stands before a semicolon is a value and not a sentence.
    fn is_value_before(&self, index: usize) -> bool {
        let names = (0..index).filter(|at| self.class(*at) == NAME).count();
        names <= 1 || (self.context != Context::Plain && index <= 4)
    }

    /// Whether the text ends in a comment, which cuts the rest of the host's query off.
    pub(super) fn has_tail(&self) -> bool {
        self.tokens.last().is_some_and(|token| token.class == COMMENT)
    }

    /// Whether a statement that could run begins here.
    pub(super) fn statement(&self, mut index: usize) -> bool {
        while matches!(self.class(index), SEMICOLON | LEFT) {
            index += 1;
        }
        let next = self.class(index + 1);
        let word = self.word(index);
        // A string of a program that holds a query: what stands before it is code or a sentence.
        let opener = part(self.text, self.tokens.first().map_or(0..0, |token| token.range.clone()));
        if self.context != Context::Plain && index == 1 && opener.contains(['(', ' ', '=']) {
            return false;
        }
        match word.as_str().unwrap_or("") {
            "select" => {
                matches!(next, NUMBER | VARIABLE | STRING | CALL | STRONG_CALL | OPERATOR | LEFT)
                    || self.has_from(index)
            }
            "insert" | "merge" => self.is_word(index + 1, &["into"]),
            "delete" => self.is_word(index + 1, &["from"]),
            "update" => self.is_word(index + 2, &["set"]),
            "drop" | "create" | "alter" | "truncate" => {
                self.is_word(
                    index + 1,
                    &[
                        "table",
                        "database",
                        "view",
                        "index",
                        "procedure",
                        "function",
                        "user",
                        "schema",
                        "login",
                        "trigger",
                        "column",
                        "role",
                    ],
                ) || (self.context != Context::Plain || self.has_tail())
                    && next == NAME
                    && matches!(self.class(index + 2), 0 | COMMENT | SEMICOLON)
            }
            "exec" | "execute" => {
                matches!(next, NAME | VARIABLE | STRING | OPEN | LEFT)
                    && (self.names_procedure(index + 1) || next != NAME || self.context != Context::Plain)
            }
            "declare" => next == VARIABLE,
            "waitfor" => self.is_word(index + 1, &["delay", "time"]),
            "shutdown" => matches!(next, 0 | COMMENT | SEMICOLON) || self.is_word(index + 1, &["with"]),
            "grant" | "backup" | "dbcc" => matches!(next, NAME | KEYWORD | UNARY),
            "load" => self.is_word(index + 1, &["xml", "data"]),
            "goto" => next == NAME && self.context != Context::Plain,
            "handler" => next == NAME && self.is_word(index + 2, &["open", "read"]),
            "print" => matches!(next, STRING | OPEN | VARIABLE | NUMBER),
            "begin" | "if" | "while" | "set" | "do" | "use" | "call" => {
                self.tokens
                    .get(index + 1..(index + 8).min(self.tokens.len()))
                    .unwrap_or_default()
                    .iter()
                    .any(|token| matches!(token.class, VARIABLE | VERB | SUBSELECT | STRONG_CALL))
                    && (self.context != Context::Plain || self.has_tail())
                    || word.as_str() == Some("if") && self.is_word(index + 1, &["exists"])
                    || word.as_str() == Some("set") && next == VARIABLE
                    || word.as_str() == Some("if")
                        && self.tokens.iter().skip(index).take(40).any(|token| token.class == VERB)
                    || word.as_str() == Some("do") && next == LEFT
            }
            _ => false,
        }
    }

    pub(super) fn has_from(&self, index: usize) -> bool {
        (index + 1..index + 40).any(|at| self.is_word(at, &["from"]))
    }

    fn names_procedure(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| {
            let name = part(self.text, token.range.clone());
            let last = name.rsplit('.').next().unwrap_or("");
            let word = lower(last);
            word.as_str().is_some_and(|word| {
                words::is_strong(word) || word.starts_with("xp_") || word.starts_with("sp_")
            })
        })
    }

    /// Shapes that everyday text also has are believed only with more of a query around them.
    fn is_plausible(&self, shape: &str, folded: &[shape::Folded]) -> bool {
        let names = folded
            .windows(2)
            .filter(|pair| matches!(pair, [a, b] if a.class == NAME && b.class == NAME))
            .count();
        // `true && false || x` is logic of any language.
        let first = folded.first().map_or("", |token| part(self.text, token.range.clone()));
        if names > 2 && shape.len() < 5
            || shape.starts_with("1&1") && first.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            return false;
        }
        // What is left of a string that the host closes must be a plain value.
        let Some(open) = shape.bytes().position(|class| class == OPEN) else { return true };
        let rest = folded.get(open).map_or("", |token| part(self.text, token.range.clone()));
        let rest = rest.get(1..).unwrap_or("");
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%' | b'-' | b'(' | b'.');
        rest.trim().len() <= 24
            && rest.trim().bytes().all(plain)
            && (rest.len() <= 2 || !rest.starts_with(' '))
    }

    /// `admin'--`: a string closed by the value, and nothing behind the comment.
    fn is_cut(&self) -> bool {
        if self.context == Context::Plain {
            return false;
        }
        let mut index = 1;
        while self.class(index) == RIGHT {
            index += 1;
        }
        let (Some(first), Some(comment)) = (self.tokens.first(), self.tokens.get(index)) else {
            return false;
        };
        if first.class != STRING || comment.class != COMMENT || self.tokens.len() > index + 1 {
            return false;
        }
        let before = part(self.text, first.range.clone());
        let rest = part(self.text, comment.range.clone());
        let rest = rest.trim_start_matches(['-', '#', '/', '*', '+', ' ']);
        let plain = !before.contains(' ') && before.len() > 1;
        match comment.sign {
            b'#' => {
                plain
                    && rest.is_empty()
                    && self.context == Context::Single
                    && comment.range.start == first.range.end
            }
            _ => rest.len() <= 8 && !rest.contains(' ') && (plain || index > 1) && before.len() > 2,
        }
    }
}
