//! Source files: the language's own syntax is no threat, what is planted in it is.
//!
//! One pass over the file points at the few places worth a look: keywords of secrets, orders to a
//! model, and words of attacks. An attack counts only inside a string literal, decoded as its program would, and
//! only if nothing else could be meant. A file without a keyword costs one pass.

use super::finding::Hit;
use super::keywords::Keywords;
use super::{command, path, prompt, secret, sql, template, xss};
use crate::text::Readings;
use crate::text::cursor::{at, floor, is_word, part};
use crate::text::glance::Glance;
use std::ops::Range;
use std::sync::OnceLock;

/// Words of attacks, in lower case.
const ATTACKS: &[&str] = &[
    "<script",
    "alert(",
    "alert`",
    "confirm(",
    "prompt(",
    "eval(",
    "document.cookie",
    "document.domain",
    "string.fromcharcode",
    "msgbox",
    "expression(",
    "javascript:",
    "javascript&",
    "&#",
    "alert&",
    "&lpar;",
    "onerror",
    "onload=",
    "vbscript:",
    "union",
    "sleep(",
    "benchmark(",
    "waitfor delay",
    "xp_cmdshell",
    "extractvalue(",
    "updatexml(",
    "load_file(",
    "drop table",
    "information_schema",
    "' or",
    "\\\" or",
    "' and",
    "'or",
    "'='",
    "1=1",
    "@@version",
    "'||",
    "')",
    "../../..",
    "..\\\\..\\\\",
    "..\\\\\\\\",
    "%2e%2e",
    "..%2f",
    "..%5c",
    "..%c0",
    "%c0%ae",
    "%c0%2e",
    "%252e",
    "..%25",
    "%uff0e",
    "..%u",
    "0x2e0x2e",
    "0x2f",
    "0x5c",
    "%%32",
    "....//",
    "....\\\\",
    "etc/passwd",
    "etc/shadow",
    "boot.ini",
    "win.ini",
    "/..\\\\",
    "..//",
    "../.\\\\",
    "...\\\\",
    ".../...",
    "__class__",
    "__globals__",
    "__subclasses__",
    "getruntime",
    "?new(",
    "java.lang",
    "os.system",
    "os.popen",
    ".popen(",
    "{{7*",
    "7*7",
    "processbuilder",
    "getengine",
    "|filter(",
    "|attr(",
    "<%=",
    "#{7",
    "${7",
    "getclass(",
    "/dev/tcp/",
    "() {",
    "whoami",
    "rm -rf",
    "nc -",
    "$(",
    "`id",
    ";id",
    "|id",
    "; id",
    "| id",
    "/bin/",
    "wget ",
    "curl ",
    "uname",
    "system('",
    "ping -",
    "perl -e",
    "netstat",
    "ifconfig",
];

/// What a literal could do harm with.
const STRICT: &[super::Judge] = &[
    xss::detect_strict,
    sql::detect_strict,
    path::detect_strict,
    template::detect_strict,
    command::detect_strict,
];

/// A string literal longer than this is data.
const MAX_LITERAL: usize = 8_192;

/// At most so many bytes of literals are decoded in one file.
const MAX_DECODED: usize = 1 << 20;

/// Keywords of attacks, then of prompts, then of secrets; made when first needed.
fn keywords() -> &'static Keywords {
    static KEYWORDS: OnceLock<Keywords> = OnceLock::new();
    KEYWORDS.get_or_init(|| {
        Keywords::new(ATTACKS.iter().chain(prompt::ANCHORS).copied().chain(secret::keywords()))
    })
}

/// Keywords of secrets alone.
fn secret_keywords() -> &'static Keywords {
    static KEYWORDS: OnceLock<Keywords> = OnceLock::new();
    KEYWORDS.get_or_init(|| Keywords::new(secret::keywords()))
}

/// Where in a source file a hit stands: in the file, or in a decoded literal.
pub(super) struct Planted {
    pub(super) hit: Hit,
    /// The decoding steps and the decoded text, for a hit in a literal.
    pub(super) evidence: Option<(Vec<crate::text::Step>, String)>,
}

/// Finds what is planted in a source file.
pub(super) fn detect(text: &str, secrets: bool, found: &mut Vec<Planted>, steps: &mut u64) {
    let keywords = keywords();
    let mut literals = Literals::new(text);
    let mut seen = prompt::Seen::default();
    let mut judged = 0;
    let mut decoded = 0;
    let mut hits = Vec::new();
    keywords.each(text, |word, start| {
        *steps += 1;
        if let Some(secret) = word.checked_sub(ATTACKS.len() + prompt::ANCHORS.len()) {
            if secrets {
                let place = start..start + keywords.length(word);
                secret::detect_at(text, secret, place, &mut hits, steps);
            }
        } else if word >= ATTACKS.len() {
            prompt::detect_at(text, start, &mut seen, &mut hits, steps);
        } else if start >= judged
            && let Some(literal) = literals.at(start)
        {
            judged = literal.end;
            if literal.len() <= MAX_LITERAL && decoded <= MAX_DECODED {
                decoded += literal.len();
                judge(text, literal, found, steps);
            }
        }
        found.extend(hits.drain(..).map(|hit| Planted { hit, evidence: None }));
    });
}

/// Finds secrets, and nothing else, in any text.
pub(super) fn secrets(text: &str, hits: &mut Vec<Hit>, steps: &mut u64) {
    let keywords = secret_keywords();
    keywords.each(text, |word, start| {
        secret::detect_at(text, word, start..start + keywords.length(word), hits, steps);
    });
}

/// Judges one literal through its readings.
fn judge(text: &str, literal: Range<usize>, found: &mut Vec<Planted>, steps: &mut u64) {
    let content = part(text, literal.clone());
    if content.len() < 4 {
        return;
    }
    let glance = Glance::of(content);
    let readings = Readings::behind(&glance, content.len() * 4 + 256);
    let mut hits = Vec::new();
    for (reading, text) in readings.iter() {
        *steps += text.len() as u64;
        let decoded = (reading > 0).then(|| Glance::of(text));
        let glance = decoded.as_ref().unwrap_or(&glance);
        for detect in STRICT {
            detect(glance, &mut hits, steps);
        }
        for mut hit in hits.drain(..) {
            let decoded = part(text, hit.range.clone()).chars().take(200).collect();
            let origin = readings.origin(reading, hit.range.clone());
            hit.range = literal.start + origin.start..literal.start + origin.end;
            found.push(Planted { hit, evidence: (reading > 0).then(|| (readings.path(reading), decoded)) });
        }
    }
}

/// The string literals of the lines that are asked about. Every byte is lexed once.
struct Literals<'a> {
    text: &'a str,
    at: usize,
    open: Option<(u8, usize)>,
    /// Where a literal began that nothing closes.
    endless: Option<usize>,
}

impl<'a> Literals<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: None, endless: None }
    }

    /// The inside of the literal that a position stands in.
    fn at(&mut self, position: usize) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let from = floor(self.text, position.saturating_sub(1 << 16).max(self.at));
        let line = part(self.text, from..position).rfind('\n').map_or(from, |line| from + line + 1);
        if line > self.at {
            self.at = line;
            self.open = None;
        }
        while self.at < position {
            self.step(bytes);
        }
        let (quote, start) = self.open.filter(|(_, start)| self.endless != Some(*start))?;
        self.endless = Some(start);
        let mut end = self.at;
        while end < bytes.len() && end - start <= MAX_LITERAL + 1 {
            match at(bytes, end) {
                b'\\' => end += 1,
                b'\n' => return None,
                byte if byte == quote => {
                    self.at = end;
                    self.endless = None;
                    return Some(start..end);
                }
                _ => {}
            }
            end += 1;
        }
        None
    }

    fn step(&mut self, bytes: &[u8]) {
        let byte = at(bytes, self.at);
        match self.open {
            Some(_) if byte == b'\\' => self.at += 1,
            Some((quote, _)) if byte == quote || byte == b'\n' => self.open = None,
            Some(_) => {}
            None => match byte {
                b'"' | b'`' => self.open = Some((byte, self.at + 1)),
                // `it's`, `&'a str`: an apostrophe opens a string only where a word does not end.
                b'\''
                    if self.at == 0
                        || !is_word(at(bytes, self.at - 1))
                            && !matches!(at(bytes, self.at - 1), b'&' | b'<') =>
                {
                    self.open = Some((byte, self.at + 1));
                }
                _ => {}
            },
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let mut found = Vec::new();
        detect(text, true, &mut found, &mut 0);
        let alarms =
            found.into_iter().filter(|planted| planted.hit.severity >= super::super::Severity::Medium);
        let mut rules: Vec<_> = alarms.map(|planted| planted.hit.rule.id).collect();
        rules.dedup();
        rules
    }

    #[test]
    fn attacks_in_literals_are_found() {
        assert_eq!(found("run(\"<script>alert(1)</script>\", 7);"), ["xss.script_element"]);
        assert_eq!(found("x = '../../../../etc/passwd'"), ["path.sensitive_file"]);
        assert_eq!(found("q(\"x' UNION SELECT 1,2,user() -- \")"), ["sql.union_select"]);
        assert_eq!(found("t('{{\\'\\'.__class__.__mro__}}')"), ["template.runtime"]);
    }

    #[test]
    fn the_languages_own_syntax_is_left_alone() {
        for text in [
            "if (a && b) { alert(x); }",
            "SELECT a FROM t WHERE b = 1 AND c = 2;",
            "const q = \"SELECT * FROM users WHERE id = ? OR 1 = ?\";",
            "import x from '../../../lib/x';",
            "let s = `${a.exec(b)} and ${c}`;",
            "fn f<'a>(x: &'a str) -> &'a str { x }",
            "element.innerHTML = \"<b>\" + name + \"</b>\";",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
