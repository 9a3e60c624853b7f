//! SQL injection: a value that ends its place in the host's query and goes on with SQL of its own.
//!
//! The value is tokenized in every quote context it could stand in, folded to a fingerprint and looked up in a
//! table of shapes ([`shape`]); phrases that no ordinary value holds (UNION SELECT, a stacked statement) are
//! known wherever they stand. A whole query that a developer writes begins with its verb and breaks out of
//! nothing: it is left alone. The idea of fingerprints is that of libinjection (N. Galbreath, 2012); lexer,
//! folding and table are our own.

mod lexer;
mod shape;
mod words;

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, part, skip};
use crate::text::glance::Glance;
use lexer::{Context, Token, lower};
use std::ops::Range;
use words::*;

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::SqlInjection, severity, "CWE-89", message)
}

static UNION_SELECT: Rule =
    rule("sql.union_select", Severity::High, "a second query is joined with UNION SELECT");
static STACKED: Rule =
    rule("sql.stacked_statement", Severity::Critical, "the value ends the statement and begins another one");
static BREAKOUT: Rule =
    rule("sql.breakout", Severity::High, "the value leaves its place in a query and changes the condition");
static CUT: Rule = rule(
    "sql.comment_cut",
    Severity::Medium,
    "the value closes a string and comments the rest of the query out",
);
static MACHINE: Rule = rule(
    "sql.machine_access",
    Severity::High,
    "a database function that delays, reads files or runs commands",
);
static FRAGMENT: Rule =
    rule("sql.fragment", Severity::Medium, "a piece of a query that fits where a value is expected");

/// The longest value that is judged as one; beyond it lines are.
const MAX_VALUE: usize = 1 << 16;

/// Finds SQL injection in a text and in the values inside it.
pub(super) fn detect(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    for value in values(glance) {
        *steps += value.len() as u64;
        hits.extend(judge(part(text, value.clone()), value.start, steps));
    }
}

/// Finds only what no ordinary text holds, for a string inside a source file.
pub(super) fn detect_strict(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    *steps += text.len() as u64;
    if !unmistakable(glance) {
        return;
    }
    if let Some(hit) = judge(text, 0, steps) {
        let strong = hit.confidence >= 0.8 || hit.rule.severity >= Severity::High;
        if strong {
            hits.push(hit);
        }
    }
}

/// Whether a string shows its will: a tautology between constants, UNION SELECT, a catalog, a comment that cuts.
fn unmistakable(glance: &Glance<'_>) -> bool {
    let text = glance.text;
    let has = |word: &str| glance.find(word).is_some();
    let quoted = matches!(text.trim_start().as_bytes().first(), Some(b'\'' | b'"'));
    has("union")
        && has("select")
        && (has("1,")
            || has("null")
            || has("0x")
            || has("concat")
            || has("information_schema")
            || text.trim_end().ends_with("--"))
        || quoted && (has(" or ") || has(" and ")) && has("=")
        || [
            "sleep(",
            "benchmark(",
            "waitfor delay",
            "xp_cmdshell",
            "extractvalue(",
            "updatexml(",
            "load_file(",
            "drop table",
        ]
        .iter()
        .any(|word| has(word))
            && text.contains('\'')
}

/// The text itself, its lines, and the values of a query string or of markup attributes.
fn values(glance: &Glance<'_>) -> Vec<Range<usize>> {
    let text = glance.text;
    let bytes = text.as_bytes();
    let mut values = Vec::new();
    if text.len() <= MAX_VALUE {
        values.push(0..text.len());
    }
    if glance.has(b'\n') {
        let mut start = 0;
        while start < bytes.len() {
            let end = skip(bytes, start, |byte| byte != b'\n');
            if end - start > 3
                && end - start <= MAX_VALUE
                && end - start < text.len()
                && !continues(part(text, start..end))
            {
                values.push(start..end);
            }
            start = end + 1;
        }
    }
    if let Some(from) = query(bytes) {
        let mut start = from;
        while start < bytes.len() {
            let end = skip(bytes, start, |byte| byte != b'&');
            let value = skip(bytes, start, |byte| byte != b'=') + 1;
            if value < end {
                values.push(value..end);
            }
            start = end + 1;
        }
    }
    // attribute="value"
    let mut index = 0;
    while glance.has(b'<')
        && let Some(start) = glance.find_from(index, "=\"")
    {
        let end = skip(bytes, start + 2, |byte| byte != b'"');
        if end - start > 5 && at(bytes, end) == b'"' {
            values.push(start + 2..end);
        }
        index = end + 1;
    }
    values
}

/// Whether a line goes on with a query that began above it.
fn continues(line: &str) -> bool {
    let trimmed = line.trim_start();
    let word = trimmed.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    trimmed.starts_with([')', '(', '&', '|', ',', '#', '-', '/', '*'])
        || lower(word).as_str().is_some_and(|word| {
            matches!(words::class(word, false), LOGIC | VERB | KEYWORD | CLAUSE | UNION | COMPARE | UNARY)
        })
}

/// Where the first `name=value` of a query string begins.
fn query(bytes: &[u8]) -> Option<usize> {
    let start = bytes.iter().take(2_048).position(|byte| *byte == b'?').map_or(0, |mark| mark + 1);
    let name = skip(bytes, start, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']')
    });
    (name > start && at(bytes, name) == b'=' && at(bytes, name + 1) != b'=').then_some(start)
}

fn judge(value: &str, offset: usize, steps: &mut u64) -> Option<Hit> {
    let bytes = value.as_bytes();
    let contexts = [
        (Context::Plain, true),
        (Context::Single, bytes.contains(&b'\'')),
        (Context::Double, bytes.contains(&b'"')),
    ];
    let mut best: Option<Hit> = None;
    for (context, _) in contexts.into_iter().filter(|(_, present)| *present) {
        let tokens = lexer::tokens(value, context);
        *steps += tokens.len() as u64;
        let query = Query { text: value, tokens: &tokens, context };
        if let Some((rule, range, confidence)) = query.judge()
            && best.as_ref().is_none_or(|best| best.confidence < confidence)
        {
            best = Some(Hit::new(rule, offset + range.start..offset + range.end, confidence));
        }
    }
    best
}

/// A value as tokens in one context.
struct Query<'a> {
    text: &'a str,
    tokens: &'a [Token],
    context: Context,
}

type Judgement = Option<(&'static Rule, Range<usize>, f32)>;

impl Query<'_> {
    fn judge(&self) -> Judgement {
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

    fn class(&self, index: usize) -> Class {
        self.tokens.get(index).map_or(0, |token| token.class)
    }

    fn word(&self, index: usize) -> lexer::Lower {
        self.tokens.get(index).map_or_else(|| lower(""), |token| lower(part(self.text, token.range.clone())))
    }

    fn is_word(&self, index: usize, words: &[&str]) -> bool {
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

    fn is_catalog(&self, token: &Token) -> bool {
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
    fn has_tail(&self) -> bool {
        self.tokens.last().is_some_and(|token| token.class == COMMENT)
    }

    /// Whether a statement that could run begins here.
    fn statement(&self, mut index: usize) -> bool {
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

    fn has_from(&self, index: usize) -> bool {
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

    /// A query without its beginning or its end, as it stands where a value is put in.
    fn is_fragment(&self, folded: &[shape::Folded]) -> bool {
        if self.context != Context::Plain {
            return false;
        }
        let any = |wanted: &[Class]| self.tokens.iter().any(|token| wanted.contains(&token.class));
        let count = |wanted: Class| self.tokens.iter().filter(|token| token.class == wanted).count();
        let selects = self.is_word(0, &["select"]);
        let open = count(LEFT) != count(RIGHT);
        // The host's own WHERE would follow.
        if selects
            && self.has_from(0)
            && (self.is_word(self.tokens.len() - 1, &["where"]) && any(&[COMMA, VARIABLE, CALL])
                || open && any(&[COMMA]))
        {
            return true;
        }
        let last = self.tokens.len().saturating_sub(1);
        // A query cut in the middle of an expression or a call.
        if selects
            && open
            && (self.is_word(last, &["case", "select", "where", "limit"])
                || self.class(last) == LEFT && last == 2 && matches!(self.class(1), CALL | STRONG_CALL))
        {
            return true;
        }
        // `FROM information_schema…` without the SELECT before it.
        if self.is_word(0, &["from"]) && self.tokens.get(1).is_some_and(|token| self.is_catalog(token)) {
            return true;
        }
        // `name(…)::int`: an expression of PostgreSQL.
        let trimmed = self.text.trim_end();
        let cast = trimmed.rsplit_once(")::").is_some_and(|(_, kind)| {
            !kind.is_empty()
                && kind.len() < 20
                && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ')
        });
        // `1.e(…)`: an exponent that only one parser reads.
        let exponent = self.tokens.iter().any(|token| {
            let after = at(self.text.as_bytes(), token.range.end);
            token.class == NUMBER
                && part(self.text, token.range.clone()).ends_with(".e")
                && matches!(after, b'(' | b'.' | b' ')
        });
        // `SELECT/**/x/**/FROM`: comments instead of blanks.
        let glued = self.text.contains("*/")
            && self.class(0) == VERB
            && (self.text.contains("/*!") && selects || {
                let at_comment = self.text.find("/*").unwrap_or(0);
                let end = self.text.find("*/").map_or(0, |end| end + 2);
                at_comment > 0
                    && crate::text::cursor::is_word(at(self.text.as_bytes(), at_comment - 1))
                    && (crate::text::cursor::is_word(at(self.text.as_bytes(), end))
                        || at(self.text.as_bytes(), end) == b'@')
            });
        // `DROP x;--`
        let cut = self.class(0) == VERB
            && self.has_tail()
            && self.class(last.saturating_sub(1)) == SEMICOLON
            && trimmed.ends_with("--")
            && self.tokens.len() <= 8;
        let probe = self.tokens.len() == 1 && self.word(0).as_str().is_some_and(words::is_probe);
        let literal = at(trimmed.trim_start().as_bytes(), 0).is_ascii_digit()
            && self.class(0) == NUMBER
            && self.class(1) == LOGIC
            && self.is_word(2, &["true", "false"]);
        if cast || exponent || glued || cut || probe || literal {
            return true;
        }
        // Nothing writes NUL between words but a filter's evader.
        if self.class(0) == VERB && self.text.contains('\0') {
            return true;
        }
        // `) AS t FROM`: the tail of a subquery.
        if self.class(0) == RIGHT
            && self.is_word(1, &["as"])
            && self.class(2) == NAME
            && self.is_word(3, &["from"])
        {
            return true;
        }
        // `(SELECT …)` and nothing else.
        if self.class(0) == LEFT
            && self.is_word(skip_left(self.tokens), &["select"])
            && self.statement(skip_left(self.tokens))
        {
            return true;
        }
        // Nothing but SQL, cut by a comment.
        let sql = folded.iter().all(|token| !matches!(token.class, NAME | OTHER | KEYWORD | OPEN));
        let works = any(&[CALL, STRONG_CALL, UNARY, LOGIC, OPERATOR, COMPARE, VARIABLE]);
        let bare = self.tokens.last().is_some_and(|token| {
            part(self.text, token.range.clone()).trim_matches(['-', '#', '/', '*', ' ']).is_empty()
        });
        self.has_tail()
            && bare
            && sql
            && (self.class(0) == LEFT && works
                || matches!(self.class(0), NUMBER | VARIABLE) && self.tokens.len() <= 4)
    }
}

fn skip_left(tokens: &[Token]) -> usize {
    tokens.iter().position(|token| token.class != LEFT).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> Option<&'static str> {
        rules(detect, text).next()
    }

    #[test]
    fn values_that_break_out_are_found() {
        assert_eq!(found("'; DROP TABLE users; --"), Some("sql.stacked_statement"));
        assert_eq!(found("1' or '1'='1"), Some("sql.breakout"));
        assert_eq!(found("1) or (1=1"), Some("sql.breakout"));
        assert_eq!(found("admin'--"), Some("sql.comment_cut"));
        assert_eq!(found("-1 union all select 1,2,user() from users"), Some("sql.union_select"));
        assert_eq!(found("1 un/**/ion select 1"), None);
        assert_eq!(found("id=7&name=x' or 1=1 -- "), Some("sql.breakout"));
        assert_eq!(found("1; waitfor delay '0:0:5'"), Some("sql.stacked_statement"));
    }

    #[test]
    fn queries_and_sentences_are_left_alone() {
        for text in [
            "SELECT name FROM users WHERE id = 1 AND active = 1",
            "WHERE a = 1 AND b = 2",
            "union was a great select",
            "DELETE FROM users WHERE id = 5;",
            "INSERT INTO t (a, b) VALUES ('x', 'y');",
            "it's Bob's or Anne's",
            "rock 'n' roll and 5 or 6 more",
            "\"foo\" AND \"bar\"",
            "const x = a ? 'yes' : 'no';",
            "' and '.join(names)",
            "SELECT a FROM t UNION SELECT b FROM u",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
