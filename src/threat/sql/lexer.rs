//! The SQL lexer: a text as tokens, read as the rest of a query that began in one of three ways.

use super::words::{self, *};
use crate::text::cursor::{at, find_byte, find_word, is_word, part, skip};
use std::ops::Range;

/// A token and its place in the text.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) class: Class,
    pub(super) range: Range<usize>,
    /// The quote of a string; `*` for a multiplication sign.
    pub(super) sign: u8,
}

/// How the host's query stands where the value goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// Outside a string, as a number is.
    Plain,
    /// Inside single quotes.
    Single,
    /// Inside double quotes.
    Double,
}

/// A text as tokens. Comments vanish, except the last of a line, which cuts the host's query off.
pub(super) fn tokens(text: &str, context: Context) -> Vec<Token> {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), tokens: Vec::with_capacity(16), at: 0 };
    match context {
        Context::Plain => {}
        Context::Single => lexer.host_string(b'\''),
        Context::Double => lexer.host_string(b'"'),
    }
    while lexer.at < lexer.bytes.len() {
        lexer.token();
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    tokens: Vec<Token>,
    at: usize,
}

impl Lexer<'_> {
    fn push(&mut self, class: Class, end: usize, sign: u8) {
        self.tokens.push(Token { class, range: self.at..end, sign });
        self.at = end;
    }

    fn token(&mut self) {
        let (start, byte) = (self.at, at(self.bytes, self.at));
        let next = at(self.bytes, start + 1);
        match byte {
            0..=b' ' | 0x7f => self.at += 1,
            b'\'' | b'"' => self.string(start, start + 1, byte),
            b'`' => {
                let end = find_byte(self.bytes, start + 1, b'`').filter(|end| end - start < 128);
                self.push(if end.is_some() { NAME } else { OTHER }, end.unwrap_or(start) + 1, 0);
            }
            b'[' => {
                let end = skip(self.bytes, start + 1, |byte| is_word(byte) || byte == b' ').min(start + 64);
                let closed = at(self.bytes, end) == b']' && end > start + 1;
                self.push(if closed { NAME } else { OTHER }, if closed { end + 1 } else { start + 1 }, b'[');
            }
            b'-' if next == b'-' => self.line_comment(),
            // The operators of JSON in PostgreSQL, and its casts.
            b'#' if matches!(next, b'>' | b'-') && at(self.bytes, start + 2) != b'-' => {
                self.push(OPERATOR, start + 2 + usize::from(at(self.bytes, start + 2) == b'>'), byte)
            }
            b'@' if next == b'>' => self.push(COMPARE, start + 2, byte),
            b'<' if next == b'@' => self.push(COMPARE, start + 2, byte),
            b'-' if next == b'>' => {
                self.push(OPERATOR, start + 2 + usize::from(at(self.bytes, start + 2) == b'>'), byte)
            }
            b'?' if matches!(next, b'|' | b'&') => self.push(COMPARE, start + 2, byte),
            b':' if next == b':' => self.at = skip(self.bytes, start + 2, is_word),
            b'#' => self.line_comment(),
            b'/' if next == b'*' => self.block_comment(),
            b'*' if next == b'/' => self.at += 2,
            b'0'..=b'9' => self.number(),
            b'.' if next.is_ascii_digit() => self.number(),
            b'@' => {
                let end = skip(self.bytes, start, |byte| byte == b'@').min(start + 2);
                let end = skip(self.bytes, end, |byte| is_word(byte) || byte == b'$');
                self.push(if end > start + 1 { VARIABLE } else { OTHER }, end, 0);
            }
            b'\\' if next == b'N' && !is_word(at(self.bytes, start + 2)) => self.push(NUMBER, start + 2, 0),
            b'$' if next == b'$' => match find_word(self.bytes, start + 2, "$$") {
                Some(end) => self.push(STRING, end + 2, b'$'),
                None => self.push(OTHER, start + 2, 0),
            },
            byte if is_word(byte) || byte == b'$' => self.word(),
            // ODBC's escape: `{if …}` and `{ts …}` are what stands in them.
            b'{' if next.is_ascii_alphabetic() => {
                let end = skip(self.bytes, start + 1, is_word);
                if at(self.bytes, end) == b' ' { self.at = end } else { self.push(OTHER, start + 1, byte) }
            }
            b'(' => self.push(LEFT, start + 1, 0),
            b')' => self.push(RIGHT, start + 1, 0),
            b',' => self.push(COMMA, start + 1, 0),
            b';' => self.push(SEMICOLON, start + 1, 0),
            _ => self.operator(byte, next),
        }
    }

    /// The string that the host's query has begun. A backslash does not save it: standard SQL knows none.
    fn host_string(&mut self, quote: u8) {
        let mut index = 0;
        while index < self.bytes.len() {
            if at(self.bytes, index) == quote {
                if at(self.bytes, index + 1) != quote || index == 0 {
                    return self.push(STRING, index + 1, quote);
                }
                index += 1;
            }
            index += 1;
        }
        self.push(OPEN, self.bytes.len(), quote);
    }

    /// A string to its closing quote; a doubled or escaped quote stays inside.
    fn string(&mut self, start: usize, from: usize, quote: u8) {
        self.at = start;
        let mut index = from;
        loop {
            match at(self.bytes, index) {
                0 if index >= self.bytes.len() => return self.push(OPEN, self.bytes.len(), quote),
                b'\\' => index += 2,
                // A doubled quote at the very start closes the host's string and opens another one.
                byte if byte == quote && at(self.bytes, index + 1) == quote && index > from => index += 2,
                byte if byte == quote => return self.push(STRING, index + 1, quote),
                _ => index += 1,
            }
        }
    }

    fn line_comment(&mut self) {
        let end = find_byte(self.bytes, self.at, b'\n').unwrap_or(self.bytes.len());
        self.push(COMMENT, end, at(self.bytes, self.at));
    }

    fn block_comment(&mut self) {
        if at(self.bytes, self.at + 2) == b'!' {
            // MySQL runs what stands in `/*! … */`, from the version given on.
            self.at = skip(self.bytes, self.at + 3, |byte| byte.is_ascii_digit()).min(self.at + 9);
            return;
        }
        match find_word(self.bytes, self.at + 2, "*/") {
            Some(end) => self.at = end + 2,
            None => self.push(COMMENT, self.bytes.len(), b'/'),
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let digits = |from: usize| skip(self.bytes, from, |byte| byte.is_ascii_digit());
        let mut end = digits(start);
        if at(self.bytes, start) == b'0' && matches!(at(self.bytes, start + 1), b'x' | b'X') {
            end = skip(self.bytes, start + 2, |byte| byte.is_ascii_hexdigit());
        } else {
            if at(self.bytes, end) == b'.' {
                end = digits(end + 1);
            }
            if matches!(at(self.bytes, end), b'e' | b'E') {
                let sign = usize::from(matches!(at(self.bytes, end + 1), b'+' | b'-'));
                let exponent = digits(end + 1 + sign);
                let dotted = at(self.bytes, end.wrapping_sub(1)) == b'.';
                if exponent > end + 1 + sign || (dotted && !is_word(at(self.bytes, end + 1))) {
                    end = exponent;
                }
            }
        }
        let rest = skip(self.bytes, end, is_word);
        if rest == end {
            return self.push(NUMBER, end, 0);
        }
        // `1or 2` is a number and a word, `1st` is a name; Oracle's suffixes d and f may stand between.
        let suffix = usize::from(matches!(at(self.bytes, end), b'd' | b'D' | b'f' | b'F'));
        for width in [0, suffix] {
            let word = part(self.text, end + width..rest);
            if matches!(
                lower(word).as_str().map(|word| words::class(word, false)),
                Some(LOGIC | UNION | VERB | COMPARE)
            ) {
                return self.push(NUMBER, end + width, 0);
            }
        }
        self.push(NAME, rest, 0);
    }

    fn word(&mut self) {
        let start = self.at;
        let mut end = skip(self.bytes, start, |byte| is_word(byte) || byte == b'$').max(start + 1);
        // N'…', x'…', b'…' and q'…' are strings with a prefix.
        if end == start + 1
            && at(self.bytes, end) == b'\''
            && matches!(at(self.bytes, start), b'n' | b'N' | b'x' | b'X' | b'b' | b'B')
        {
            let closed = find_byte(self.bytes, end + 1, b'\'').is_some();
            if closed {
                return self.string(start, end + 1, b'\'');
            }
        }
        // `schema.table`, `master..xp_cmdshell`: one name, known by its first or last part.
        let mut dotted = false;
        let mut last = start;
        while at(self.bytes, end) == b'.' {
            let from = skip(self.bytes, end, |byte| byte == b'.').min(end + 2);
            let from = from + usize::from(matches!(at(self.bytes, from), b'`' | b'['));
            let to = skip(self.bytes, from, |byte| is_word(byte) || byte == b'$');
            if to == from {
                break;
            }
            dotted = true;
            last = from;
            end = to + usize::from(matches!(at(self.bytes, to), b'`' | b']'));
        }
        let called = at(self.bytes, skip(self.bytes, end, |byte| byte.is_ascii_whitespace())) == b'(';
        let name = if dotted { part(self.text, last..end) } else { part(self.text, start..end) };
        let class = lower(name).as_str().map_or(NAME, |word| words::class(word, called));
        let first = part(self.text, start..end).split('.').next().unwrap_or("");
        let class = match class {
            _ if dotted && lower(first).as_str().is_some_and(words::is_strong) => STRONG_CALL,
            CALL | STRONG_CALL => class,
            _ if dotted => NAME,
            _ => class,
        };
        self.push(class, end, 0);
    }

    fn operator(&mut self, byte: u8, next: u8) {
        let start = self.at;
        let two = |class, lexer: &mut Self| lexer.push(class, start + 2, byte);
        match (byte, next) {
            (b'&', b'&') | (b'|', b'|') => two(LOGIC, self),
            (b'<', b'=') if at(self.bytes, start + 2) == b'>' => self.push(COMPARE, start + 3, byte),
            (b'<' | b'>' | b'!' | b'=', b'=') | (b'<', b'>') => two(COMPARE, self),
            (b':', b'=') => two(OPERATOR, self),
            (b'<', b'<') | (b'>', b'>') => two(OPERATOR, self),
            (b'=' | b'<' | b'>', _) => self.push(COMPARE, start + 1, byte),
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'|' | b'&', _) => {
                self.push(OPERATOR, start + 1, byte)
            }
            (b'!' | b'~', _) => self.push(UNARY, start + 1, byte),
            _ => self.push(OTHER, start + 1, byte),
        }
    }
}

/// A word in lower case, if it is short and plain enough to be in a table.
pub(super) struct Lower([u8; 24], usize);

impl Lower {
    pub(super) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.0.get(..self.1)?).ok().filter(|word| !word.is_empty())
    }
}

/// A word in lower case; empty if it is longer than every known word.
pub(super) fn lower(word: &str) -> Lower {
    let mut buffer = [0; 24];
    let Some(place) = buffer.get_mut(..word.len()) else { return Lower(buffer, 0) };
    place.copy_from_slice(word.as_bytes());
    place.make_ascii_lowercase();
    Lower(buffer, word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str, context: Context) -> String {
        tokens(text, context).iter().map(|token| token.class as char).collect()
    }

    #[test]
    fn a_text_is_read_in_three_ways() {
        assert_eq!(classes("1 or '1'='1", Context::Plain), "1&s=q");
        assert_eq!(classes("1' or '1'='1", Context::Single), "s&s=q");
        assert_eq!(classes("1\" or \"\"=\"", Context::Double), "s&s=q");
    }

    #[test]
    fn numbers_names_and_comments() {
        assert_eq!(classes("1or 2", Context::Plain), "1&1");
        assert_eq!(classes("1st 0x4f 1.5e3 .5 1e0UNION", Context::Plain), "n1111U");
        assert_eq!(classes("a.b master..xp_cmdshell @@version @v", Context::Plain), "nnvv");
        assert_eq!(classes("un/**/ion /*!50000select*/ 1 -- x", Context::Plain), "nnE1c");
        assert_eq!(classes("sleep (5) sleep", Context::Plain), "f(1)n");
    }
}
