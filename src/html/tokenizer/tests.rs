//! The tokenizer against html5ever's.

use super::*;
use html5ever::tokenizer::{BufferQueue, TokenizerOpts, states};
use proptest::prelude::*;
use std::cell::RefCell;

/// Writes down what it is given, and answers as a tree builder would.
struct Recorder {
    foreign: bool,
    tokens: RefCell<Vec<String>>,
    text: RefCell<String>,
}

impl Recorder {
    fn new(foreign: bool) -> Self {
        Self { foreign, tokens: RefCell::default(), text: RefCell::default() }
    }

    fn note(&self, token: String) {
        let text = std::mem::take(&mut *self.text.borrow_mut());
        if !text.is_empty() {
            self.tokens.borrow_mut().push(format!("text {text:?}"));
        }
        self.tokens.borrow_mut().push(token);
    }
}

impl TokenSink for Recorder {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::ParseError(_) => {}
            Token::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            Token::NullCharacterToken => self.note("null".into()),
            Token::DoctypeToken(_) => self.note("doctype".into()),
            Token::CommentToken(text) => self.note(format!("comment {:?}", text.replace('\0', "?"))),
            Token::EOFToken => self.note("end".into()),
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => self.note(format!("</{}>", tag.name)),
            Token::TagToken(tag) => {
                let attributes: Vec<_> =
                    tag.attrs.iter().map(|a| format!("{}={:?}", a.name.local, &*a.value)).collect();
                self.note(format!(
                    "<{} {attributes:?} {} {}>",
                    tag.name, tag.self_closing, tag.had_duplicate_attributes
                ));
                return match &*tag.name {
                    "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
                    "style" | "xmp" | "iframe" => TokenSinkResult::RawData(RawKind::Rawtext),
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "plaintext" => TokenSinkResult::Plaintext,
                    _ => TokenSinkResult::Continue,
                };
            }
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.foreign
    }
}

fn ours(html: &str, foreign: bool) -> Vec<String> {
    let recorder = Recorder::new(foreign);
    Tokenizer::new(&recorder, html, Mode::Data, usize::MAX).run();
    recorder.tokens.into_inner()
}

fn theirs(html: &str, foreign: bool) -> Vec<String> {
    let options = TokenizerOpts { initial_state: Some(states::Data), ..Default::default() };
    let tokenizer = html5ever::tokenizer::Tokenizer::new(Recorder::new(foreign), options);
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.tokens.into_inner()
}

fn piece() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "<!",
        "<!--",
        "-->",
        "--!>",
        "--",
        "-",
        "!",
        "<?",
        "<![CDATA[",
        "]]>",
        "]",
        "=",
        "\"",
        "'",
        "/",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\u{c}",
        "\0",
        "&",
        "&#",
        "&#x",
        ";",
        "&amp",
        "&amp;",
        "&notit;",
        "&not",
        "&nGt;",
        "&#x80;",
        "&#0;",
        "&#xD800;",
        "&#99999999;",
        "&#13;",
        "&lt",
        "&acE;",
        "&AMP=",
        "é",
        "\u{feff}",
        "`",
        "<script>",
        "</script>",
        "<SCRIPT ",
        "<style>",
        "</style>",
        "<title>",
        "</title >",
        "<textarea/>",
        "</textarea",
        "<plaintext>",
        "<xmp>",
        "</xmp/",
        "<!doctype html>",
        "<!DOCTYPE",
        "<a href=",
        "<b c='d' c=e>",
        "</b x>",
        "<br/>",
        "<p/ >",
        "abc",
        "script",
        "x",
        "A",
        "1",
    ]);
    prop_oneof![9 => special.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8_000, ..ProptestConfig::default() })]

    #[test]
    fn the_tokens_are_those_of_html5ever(pieces in prop::collection::vec(piece(), 0..24), foreign: bool) {
        let html = pieces.concat();
        prop_assert_eq!(ours(&html, foreign), theirs(&html, foreign), "{:?}", html);
    }
}

#[test]
fn every_named_reference_is_decoded_as_html5ever_does() {
    for name in html5ever::data::NAMED_ENTITIES.keys() {
        for after in ["", ";", "=", "x", " "] {
            for html in [format!("&{name}{after}"), format!("<a b='&{name}{after}'>")] {
                assert_eq!(ours(&html, false), theirs(&html, false), "{html}");
            }
        }
    }
}

#[test]
fn attributes_beyond_the_bound_are_counted_and_dropped() {
    let recorder = Recorder::new(false);
    let html = format!("<a {}>", (0..1_000).map(|n| format!("a{n}=1 ")).collect::<String>());
    let mut tokenizer = Tokenizer::new(&recorder, &html, Mode::Data, 256);
    tokenizer.run();
    assert_eq!(tokenizer.dropped_attributes, 744);
}
