//! The tokenizer of the HTML standard (§13.2.5), with bounds.
//!
//! html5ever's own looks at every earlier attribute of a tag for each new one and copies text in small pieces.
//! This one keeps a bounded number of attributes and hands out slices of the input. It feeds html5ever's tree builder
//! through the same interface; a property test holds it to html5ever's tokens.

use super::charref::{Decoded, decode};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{Attribute, LocalName, QualName, ns};
use std::borrow::Cow;

/// How text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Data,
    /// References count, tags do not: `title`, `textarea`.
    Rcdata,
    /// Nothing counts but the end tag: `style`, `iframe`.
    Rawtext,
    Script,
    Plaintext,
}

impl From<RawKind> for Mode {
    fn from(kind: RawKind) -> Self {
        match kind {
            RawKind::Rcdata => Self::Rcdata,
            RawKind::Rawtext => Self::Rawtext,
            RawKind::ScriptData | RawKind::ScriptDataEscaped(_) => Self::Script,
        }
    }
}

/// Turns markup into tokens.
pub(super) struct Tokenizer<'s, S> {
    sink: &'s S,
    text: Cow<'s, str>,
    shared: StrTendril,
    at: usize,
    mode: Mode,
    last_start: Option<LocalName>,
    max_attributes: usize,
    /// Attributes that were too many for their tag.
    pub(super) dropped_attributes: usize,
}

impl<'s, S: TokenSink> Tokenizer<'s, S> {
    pub(super) fn new(sink: &'s S, html: &'s str, mode: Mode, max_attributes: usize) -> Self {
        let html = html.strip_prefix('\u{feff}').unwrap_or(html);
        // The standard normalizes line ends before it tokenizes.
        let text = if html.contains('\r') {
            Cow::Owned(html.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            Cow::Borrowed(html)
        };
        let shared = StrTendril::from(&*text);
        Self { sink, text, shared, at: 0, mode, last_start: None, max_attributes, dropped_attributes: 0 }
    }

    /// Reads to the end.
    pub(super) fn run(&mut self) {
        while self.at < self.text.len() {
            match self.mode {
                Mode::Data => self.data(),
                Mode::Rcdata => self.rcdata(),
                Mode::Rawtext => self.rawtext(),
                Mode::Script => self.script(),
                Mode::Plaintext => {
                    self.raw_text(self.at, self.text.len());
                    self.at = self.text.len();
                }
            }
        }
        let _ = self.sink.process_token(Token::EOFToken, 1);
        self.sink.end();
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or("")
    }

    fn starts_with(&self, at: usize, prefix: &str) -> bool {
        let bytes = self.text.as_bytes().get(at..at + prefix.len());
        bytes.is_some_and(|bytes| bytes.eq_ignore_ascii_case(prefix.as_bytes()))
    }

    /// The first place from `from` on whose byte is one of three, or the end.
    fn find(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let bytes = self.text.as_bytes().get(from..).unwrap_or(&[]);
        bytes.iter().position(|byte| wanted(*byte)).map_or(self.text.len(), |offset| from + offset)
    }

    fn slice(&self, from: usize, to: usize) -> StrTendril {
        match (u32::try_from(from), u32::try_from(to.saturating_sub(from))) {
            (Ok(from), Ok(length)) => self.shared.try_subtendril(from, length).unwrap_or_default(),
            _ => StrTendril::new(),
        }
    }

    fn emit(&self, token: Token) -> TokenSinkResult<S::Handle> {
        self.sink.process_token(token, 1)
    }

    /// Emits text without NUL.
    fn emit_slice(&self, from: usize, to: usize) {
        if from < to {
            let _ = self.emit(Token::CharacterTokens(self.slice(from, to)));
        }
    }

    /// Emits text in which NUL becomes U+FFFD.
    fn raw_text(&self, from: usize, to: usize) {
        let text = self.text.get(from..to).unwrap_or("");
        if text.contains('\0') {
            let _ = self.emit(Token::CharacterTokens(text.replace('\0', "\u{fffd}").into()));
        } else {
            self.emit_slice(from, to);
        }
    }

    fn data(&mut self) {
        let stop = self.find(self.at, |byte| matches!(byte, b'<' | b'&' | 0));
        self.emit_slice(self.at, stop);
        self.at = stop;
        match self.byte(stop) {
            Some(b'<') => self.tag_open(),
            Some(b'&') => self.reference(),
            Some(_) => {
                let _ = self.emit(Token::NullCharacterToken);
                self.at += 1;
            }
            None => {}
        }
    }

    fn reference(&mut self) {
        let (decoded, length) = decode(self.rest(self.at), false);
        match decoded {
            Decoded::Literal => self.emit_slice(self.at, self.at + length),
            Decoded::One(c) => drop(self.emit(Token::CharacterTokens(StrTendril::from_char(c)))),
            Decoded::Two(a, b) => {
                let mut text = StrTendril::from_char(a);
                text.push_char(b);
                let _ = self.emit(Token::CharacterTokens(text));
            }
        }
        self.at += length;
    }

    /// At `<`.
    fn tag_open(&mut self) {
        match (self.byte(self.at + 1), self.byte(self.at + 2)) {
            (Some(b'a'..=b'z' | b'A'..=b'Z'), _) => self.tag(TagKind::StartTag, self.at + 1),
            (Some(b'/'), Some(b'a'..=b'z' | b'A'..=b'Z')) => self.tag(TagKind::EndTag, self.at + 2),
            (Some(b'/'), Some(b'>')) => self.at += 3,
            (Some(b'/'), None) => {
                self.emit_slice(self.at, self.at + 2);
                self.at += 2;
            }
            (Some(b'/'), Some(_)) => self.bogus_comment(self.at + 2),
            (Some(b'?'), _) => self.instruction(),
            (Some(b'!'), _) => self.declaration(),
            _ => {
                self.emit_slice(self.at, self.at + 1);
                self.at += 1;
            }
        }
    }

    fn declaration(&mut self) {
        let start = self.at + 2;
        if self.starts_with(start, "--") {
            self.comment(start + 2);
        } else if self.starts_with(start, "doctype") {
            // In every state of a doctype, `>` ends it.
            let end = self.find(start, |byte| byte == b'>');
            let _ = self.emit(Token::DoctypeToken(Doctype::default()));
            self.at = (end + 1).min(self.text.len());
        } else if self.rest(start).starts_with("[CDATA[")
            && self.sink.adjusted_current_node_present_but_not_in_html_namespace()
        {
            self.cdata(start + "[CDATA[".len());
        } else {
            self.bogus_comment(start);
        }
    }

    fn bogus_comment(&mut self, start: usize) {
        let end = self.find(start, |byte| byte == b'>');
        self.emit_comment(start, end);
        self.at = (end + 1).min(self.text.len());
    }

    /// At `<?`. html5ever knows no processing instructions: the sink tells them from comments by the NUL in the
    /// place of the `?`, which no comment can hold.
    fn instruction(&mut self) {
        let start = self.at + 2;
        let end = self.find(start, |byte| byte == b'>');
        let text = self.text.get(start..end).unwrap_or("").replace('\0', "\u{fffd}");
        let _ = self.emit(Token::CommentToken(["\0", &text].concat().into()));
        self.at = (end + 1).min(self.text.len());
    }

    fn comment(&mut self, start: usize) {
        let rest = self.rest(start);
        if rest.starts_with('>') || rest.starts_with("->") {
            self.emit_comment(start, start);
            self.at = start + if rest.starts_with('>') { 1 } else { 2 };
            return;
        }
        let mut from = start;
        while let Some(offset) = self.rest(from).find("--") {
            let dashes = from + offset;
            let length = if self.starts_with(dashes, "-->") {
                3
            } else if self.starts_with(dashes, "--!>") {
                4
            } else {
                from = dashes + 1;
                continue;
            };
            self.emit_comment(start, dashes);
            self.at = dashes + length;
            return;
        }
        // At the end of the input, what could have begun the end is not part of the comment.
        let rest = self.rest(start);
        let unfinished = ["--!", "--", "-"].into_iter().find(|tail| rest.ends_with(tail)).map_or(0, str::len);
        self.emit_comment(start, self.text.len() - unfinished);
        self.at = self.text.len();
    }

    fn emit_comment(&self, from: usize, to: usize) {
        let text = self.text.get(from..to).unwrap_or("");
        let text =
            if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { self.slice(from, to) };
        let _ = self.emit(Token::CommentToken(text));
    }

    fn cdata(&mut self, start: usize) {
        let end = self.rest(start).find("]]>").map(|offset| start + offset);
        let stop = end.unwrap_or(self.text.len());
        let mut from = start;
        while from < stop {
            let null = self.find(from, |byte| byte == 0).min(stop);
            self.emit_slice(from, null);
            if null < stop {
                let _ = self.emit(Token::NullCharacterToken);
            }
            from = null + 1;
        }
        self.at = end.map_or(self.text.len(), |end| end + 3);
    }

    /// Reads a tag whose name starts at `name`. A tag that the input does not end is no tag and no text.
    fn tag(&mut self, kind: TagKind, name: usize) {
        let end = self.find(name, |byte| matches!(byte, b'\t' | b'\n' | 0x0C | b' ' | b'/' | b'>'));
        let local = self.name(name, end);
        self.finish_tag(kind, local, end);
    }

    /// Reads a tag from behind its name, and emits it.
    fn finish_tag(&mut self, kind: TagKind, name: LocalName, from: usize) {
        let mut attributes: Vec<Attribute> = Vec::new();
        let mut had_duplicate_attributes = false;
        let mut dropped = 0;
        let mut at = from;
        let mut self_closing = false;
        loop {
            match self.byte(at) {
                None => {
                    self.at = self.text.len();
                    return;
                }
                Some(b'\t' | b'\n' | 0x0C | b' ') => at += 1,
                Some(b'/') => {
                    at += 1;
                    self_closing = self.byte(at) == Some(b'>');
                }
                Some(b'>') => {
                    at += 1;
                    break;
                }
                Some(_) => {
                    let start = at;
                    // A name may begin with `=`, and with nothing else that ends one.
                    at = self.find(at + 1, |byte| {
                        matches!(byte, b'\t' | b'\n' | 0x0C | b' ' | b'/' | b'>' | b'=')
                    });
                    let name_end = at;
                    let value = match self.value(&mut at) {
                        Some(value) => value,
                        None => {
                            self.at = self.text.len();
                            return;
                        }
                    };
                    if kind == TagKind::EndTag {
                        continue;
                    }
                    if attributes.len() >= self.max_attributes {
                        dropped += 1;
                        continue;
                    }
                    let local = self.name(start, name_end);
                    if attributes.iter().any(|known| known.name.local == local) {
                        had_duplicate_attributes = true;
                    } else {
                        attributes.push(Attribute { name: QualName::new(None, ns!(), local), value });
                    }
                }
            }
        }
        self.at = at;
        self.mode = Mode::Data;
        self.dropped_attributes += dropped;
        if kind == TagKind::StartTag {
            self.last_start = Some(name.clone());
        }
        let tag = Tag { kind, name, self_closing, attrs: attributes, had_duplicate_attributes };
        match self.emit(Token::TagToken(tag)) {
            TokenSinkResult::RawData(kind) => self.mode = kind.into(),
            TokenSinkResult::Plaintext => self.mode = Mode::Plaintext,
            TokenSinkResult::Continue
            | TokenSinkResult::Script(_)
            | TokenSinkResult::EncodingIndicator(_) => {}
        }
    }

    /// The value of the attribute whose name ends at `at`, and `at` behind it; nothing if the input ends in it.
    fn value(&self, at: &mut usize) -> Option<StrTendril> {
        let space = |byte: u8| matches!(byte, b'\t' | b'\n' | 0x0C | b' ');
        let after_name = self.find(*at, |byte| !space(byte));
        if self.byte(after_name) != Some(b'=') {
            *at = after_name;
            return Some(StrTendril::new());
        }
        let start = self.find(after_name + 1, |byte| !space(byte));
        let (from, end, next) = match self.byte(start)? {
            b'>' => {
                *at = start;
                return Some(StrTendril::new());
            }
            quote @ (b'"' | b'\'') => {
                let end = self.find(start + 1, |byte| byte == quote);
                (start + 1, end, end + 1)
            }
            _ => {
                let end = self.find(start, |byte| space(byte) || byte == b'>');
                (start, end, end)
            }
        };
        if end >= self.text.len() {
            return None;
        }
        *at = next;
        let raw = self.text.get(from..end).unwrap_or("");
        Some(if raw.bytes().any(|byte| byte == b'&' || byte == 0) {
            decode_value(raw).into()
        } else {
            self.slice(from, end)
        })
    }

    /// A name in lower case, NUL as U+FFFD.
    fn name(&self, from: usize, to: usize) -> LocalName {
        let raw = self.text.get(from..to).unwrap_or("");
        if raw.bytes().any(|byte| byte.is_ascii_uppercase() || byte == 0) {
            LocalName::from(raw.to_ascii_lowercase().replace('\0', "\u{fffd}"))
        } else {
            LocalName::from(raw)
        }
    }

    fn rcdata(&mut self) {
        let stop = self.find(self.at, |byte| matches!(byte, b'<' | b'&' | 0));
        self.emit_slice(self.at, stop);
        self.at = stop;
        match self.byte(stop) {
            Some(b'<') => self.end_or_text(),
            Some(b'&') => self.reference(),
            Some(_) => {
                self.raw_text(stop, stop + 1);
                self.at += 1;
            }
            None => {}
        }
    }

    fn rawtext(&mut self) {
        let stop = self.find(self.at, |byte| byte == b'<');
        self.raw_text(self.at, stop);
        self.at = stop;
        if stop < self.text.len() {
            self.end_or_text();
        }
    }

    /// At `<` in raw text: the end tag that fits, or a `<`.
    fn end_or_text(&mut self) {
        match self.fitting_end(self.at) {
            Some(name_end) => self.end_tag(name_end),
            None => {
                self.emit_slice(self.at, self.at + 1);
                self.at += 1;
            }
        }
    }

    fn end_tag(&mut self, name_end: usize) {
        if let Some(name) = self.last_start.clone() {
            self.finish_tag(TagKind::EndTag, name, name_end);
        }
    }

    /// Where the name of the end tag at `at` ends, if it is the one that ends this raw text.
    fn fitting_end(&self, at: usize) -> Option<usize> {
        let name = self.last_start.as_ref()?;
        let end = at + 2 + name.len();
        let fits = self.starts_with(at, "</")
            && self.starts_with(at + 2, name)
            && matches!(self.byte(end), Some(b'\t' | b'\n' | 0x0C | b' ' | b'/' | b'>'));
        fits.then_some(end)
    }

    /// A script's text has an escape of its own: `<!-- <script> … </script> -->` does not end it.
    fn script(&mut self) {
        enum Escape {
            None,
            Once,
            Twice,
        }
        let start = self.at;
        let mut escape = Escape::None;
        let mut dashes = 0;
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            match (&escape, byte) {
                (Escape::None | Escape::Once, b'<') => {
                    if let Some(name_end) = self.fitting_end(at) {
                        self.raw_text(start, at);
                        self.at = at;
                        self.end_tag(name_end);
                        return;
                    }
                    if matches!(escape, Escape::None) {
                        if self.rest(at).starts_with("<!--") {
                            escape = Escape::Once;
                            dashes = 2;
                            at += 4;
                            continue;
                        }
                    } else {
                        let (word, next) = self.word(at + 1);
                        if word == Some(true) {
                            escape = Escape::Twice;
                        }
                        dashes = 0;
                        at = next.max(at + 1);
                        continue;
                    }
                }
                (Escape::Twice, b'<') if self.byte(at + 1) == Some(b'/') => {
                    let (word, next) = self.word(at + 2);
                    if word == Some(true) {
                        escape = Escape::Once;
                    }
                    dashes = 0;
                    at = next.max(at + 2);
                    continue;
                }
                (Escape::Once | Escape::Twice, b'-') => {
                    dashes += 1;
                    at += 1;
                    continue;
                }
                (Escape::Once | Escape::Twice, b'>') if dashes >= 2 => escape = Escape::None,
                _ => {}
            }
            dashes = 0;
            at += 1;
        }
        self.raw_text(start, self.text.len());
        self.at = self.text.len();
    }

    /// Whether the letters at `at` are `script` and a character follows that ends a name; and the place behind it.
    fn word(&self, at: usize) -> (Option<bool>, usize) {
        let end = self.find(at, |byte| !byte.is_ascii_alphabetic());
        match self.byte(end) {
            Some(b'\t' | b'\n' | 0x0C | b' ' | b'/' | b'>') if end > at => {
                (Some(end - at == 6 && self.starts_with(at, "script")), end + 1)
            }
            _ => (None, end),
        }
    }
}

/// An attribute's value with its references decoded and NUL as U+FFFD.
pub(super) fn decode_value(raw: &str) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(stop) = rest.find(['&', '\0']) {
        let (before, special) = rest.split_at(stop);
        value.push_str(before);
        if special.starts_with('\0') {
            value.push('\u{fffd}');
            rest = special.get(1..).unwrap_or("");
            continue;
        }
        let (decoded, length) = decode(special, true);
        match decoded {
            Decoded::Literal => value.push_str(special.get(..length).unwrap_or("")),
            Decoded::One(c) => value.push(c),
            Decoded::Two(a, b) => value.extend([a, b]),
        }
        rest = special.get(length..).unwrap_or("");
    }
    value.push_str(rest);
    value
}

#[cfg(test)]
mod tests;
