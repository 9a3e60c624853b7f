//! Pieces of a query that fit where a value is expected.

use super::lexer::Context;
use super::query::Query;
use super::shape;
use super::words::{self, *};
use crate::text::cursor::{at, is_word, part};

impl Query<'_> {
    /// A query without its beginning or its end, as it stands where a value is put in.
    pub(super) fn is_fragment(&self, folded: &[shape::Folded]) -> bool {
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
                    && is_word(at(self.text.as_bytes(), at_comment - 1))
                    && (is_word(at(self.text.as_bytes(), end)) || at(self.text.as_bytes(), end) == b'@')
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

fn skip_left(tokens: &[super::lexer::Token]) -> usize {
    tokens.iter().position(|token| token.class != LEFT).unwrap_or(0)
}
