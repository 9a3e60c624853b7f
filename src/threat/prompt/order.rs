//! Orders to a model, read as a sequence of words.

use super::super::finding::{Hit, Scope, Severity};
use super::words::{DROP, EARLIER, OPENERS, ORDERS, OWN_ORDERS};
use super::{CONCEAL, EXFILTRATION, OVERRIDE, PERSONA, REVEAL, SETTINGS};
use crate::text::cursor::{at, floor, has_word, is_word, part, skip};

/// The next words, in lower case, as far as one order reaches.
fn words(text: &str, start: usize) -> Vec<(String, usize)> {
    let bytes = text.as_bytes();
    let limit = floor(text, start + 240);
    let mut words = Vec::with_capacity(14);
    let mut index = start;
    while index < limit && words.len() < 14 {
        let from = skip(bytes, index, |byte| !is_word(byte) && !matches!(byte, b'.' | b'?' | b'!' | b'~'));
        // A sentence's end ends the order.
        if matches!(at(bytes, from), b'.' | b'?' | b'!') && matches!(at(bytes, from + 1), b' ' | b'\n' | 0) {
            break;
        }
        let end = skip(bytes, from, |byte| is_word(byte) || matches!(byte, b'\'' | b'.' | b'/' | b'~'));
        if end == from {
            index = from + 1;
            continue;
        }
        words.push((part(text, from..end).trim_end_matches('.').to_lowercase(), end));
        index = end;
    }
    words
}

pub(super) fn order(text: &str, start: usize, scope: Scope) -> Option<Hit> {
    let bytes = text.as_bytes();
    let end = skip(bytes, start, is_word);
    let first = part(text, start..end);
    if first.len() > 12 || first.len() < 2 {
        return None;
    }
    let mut buffer = [0; 12];
    let folded;
    let lower = if first.is_ascii() {
        let lower = buffer.get_mut(..first.len())?;
        lower.copy_from_slice(first.as_bytes());
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower).ok()?
    } else {
        folded = first.to_lowercase();
        folded.as_str()
    };
    if !OPENERS.has(lower) {
        return None;
    }
    if DROP.contains(&lower) {
        return dropped(text, start, scope);
    }
    match lower {
        "reveal" | "print" | "show" | "repeat" | "output" | "leak" | "display" | "expose" | "dump" => {
            let words = words(text, start);
            let at = words.windows(2).take(8).position(|pair| {
                matches!(pair, [(a, _), (b, _)] if a == "system" && b.starts_with("prompt") || matches!(a.as_str(), "hidden" | "initial" | "secret" | "your") && b.starts_with("instructions"))
            })?;
            (scope != Scope::FileContent
                && words.iter().any(|(word, _)| word == "your" || word == "hidden" || word == "initial"))
            .then(|| Hit::new(&REVEAL, start..words.get(at + 1).map_or(end, |word| word.1), 0.75))
        }
        "you" | "act" | "pretend" | "developer" | "jailbreak" | "enable" | "enter" | "do" | "don't"
        | "never" | "without" | "not" | "hide" | "keep" => persona(text, start, lower, scope),
        "chat" if has_word(bytes, start, "chat.tools.autoapprove") => {
            let rest = part(text, start..floor(text, start + 60));
            (rest.contains("true") && scope != Scope::FileContent || rest.contains("\": true"))
                .then(|| Hit::new(&SETTINGS, start..start + 22, 0.85))
        }
        "read" | "send" | "append" | "include" | "upload" | "pass" | "forward" | "exfiltrate" => {
            carried(text, start, scope)
        }
        _ => None,
    }
}

/// `ignore all previous instructions` and its kin.
pub(super) fn dropped(text: &str, start: usize, scope: Scope) -> Option<Hit> {
    let words = words(text, start);
    let mut earlier = false;
    let mut own = false;
    let mut all = false;
    for (word, end) in words.iter().skip(1).take(8) {
        let word = word.as_str();
        if EARLIER.contains(&word) {
            earlier = true;
        } else if matches!(word, "your" | "you" | "you've") {
            own = true;
        } else if matches!(word, "all" | "any" | "everything" | "every" | "these" | "those") {
            all = true;
        } else if ORDERS.contains(&word) && (earlier || own || all)
            || OWN_ORDERS.contains(&word) && (own || earlier && all)
        {
            let severity = if scope == Scope::FileContent && !own && !(earlier && all) {
                Severity::Low
            } else {
                OVERRIDE.severity
            };
            return Some(
                Hit::new(&OVERRIDE, start..*end, if earlier { 0.92 } else { 0.8 }).with_severity(severity),
            );
        } else if matches!(word, "in" | "from" | "when" | "if" | "on" | "by" | "for" | "and")
            && !(earlier || own || all)
        {
            return None;
        }
    }
    // `forget everything above`, `ignore what you were told`.
    let told =
        words.iter().take(9).any(|(word, _)| matches!(word.as_str(), "told" | "learned" | "instructed"));
    let everything = all && words.iter().take(7).any(|(word, _)| matches!(word.as_str(), "above" | "before"));
    let end = words.get(4).or(words.last()).map_or(start, |word| word.1);
    (scope != Scope::FileContent
        && (told && own
            || everything
                && words
                    .get(1)
                    .is_some_and(|(word, _)| word == "everything" || word == "all" && words.len() < 6)))
    .then(|| Hit::new(&OVERRIDE, start..end, 0.7))
}

fn persona(text: &str, start: usize, first: &str, scope: Scope) -> Option<Hit> {
    let words = words(text, start);
    let sentence: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
    let end = words.get(5).or(words.last()).map_or(start, |word| word.1);
    let has = |wanted: &[&str]| sentence.iter().any(|word| wanted.contains(word));
    // Keeping something from the user.
    if matches!(first, "do" | "don't" | "never" | "without" | "not" | "hide" | "keep") {
        let negated = matches!(
            sentence.as_slice(),
            ["do", "not", ..] | ["don't" | "never" | "without" | "not" | "hide" | "keep", ..]
        );
        let tells = sentence.iter().take(4).any(|word| {
            matches!(
                *word,
                "tell"
                    | "telling"
                    | "inform"
                    | "informing"
                    | "mention"
                    | "mentioning"
                    | "notify"
                    | "notifying"
                    | "alert"
                    | "alerting"
                    | "reveal"
                    | "hide"
                    | "asking"
            )
        });
        let user = sentence.iter().take(8).position(|word| *word == "user" || *word == "users")?;
        let secretive = negated && tells && has(&["the", "this", "that", "it", "any"]);
        // Interface guidelines also say "do not ask the user".
        let severity = if matches!(scope, Scope::FileContent | Scope::UserInput) || has(&["asking"]) {
            Severity::Low
        } else {
            CONCEAL.severity
        };
        return secretive.then(|| {
            Hit::new(&CONCEAL, start..words.get(user).map_or(end, |word| word.1), 0.8).with_severity(severity)
        });
    }
    if scope == Scope::FileContent {
        return None;
    }
    let unruled = has(&["unrestricted", "jailbroken", "uncensored", "dan", "unfiltered", "jailbreak"])
        || sentence.windows(2).take(12).any(|pair| {
            matches!(
                pair,
                ["no", "restrictions" | "rules" | "limits" | "filters" | "guidelines"]
                    | ["without", "restrictions" | "rules" | "filters"]
                    | ["developer", "mode"]
            )
        });
    let asked = match first {
        "you" => matches!(
            sentence.as_slice(),
            ["you", "are", "now", ..] | ["you", "will", "act", ..] | ["you", "must", "act", ..]
        ),
        "act" => matches!(sentence.as_slice(), ["act", "as", ..]),
        "pretend" => matches!(sentence.as_slice(), ["pretend", "to" | "you" | "that", ..]),
        "enable" | "enter" => {
            matches!(sentence.as_slice(), [_, "developer" | "dan" | "jailbreak", "mode", ..])
        }
        _ => false,
    };
    (asked && unruled && !matches!(sentence.as_slice(), ["enable" | "enter", "developer", ..]))
        .then(|| Hit::new(&PERSONA, start..end, 0.8))
}

/// Orders to read secrets and pass them on, as poisoned tool descriptions give them.
fn carried(text: &str, start: usize, scope: Scope) -> Option<Hit> {
    if !matches!(scope, Scope::ToolDefinition | Scope::Message | Scope::ApiResponse | Scope::Webview) {
        return None;
    }
    let window = part(text, start..floor(text, start + 240)).to_lowercase();
    let secret = [
        ".ssh",
        "id_rsa",
        ".env",
        "mcp.json",
        "credentials",
        ".aws",
        "private key",
        "api key",
        "environment variable",
        "conversation history",
        "chat history",
        "system prompt",
        "/etc/passwd",
        "access token",
    ]
    .iter()
    .find(|secret| window.contains(**secret))?;
    let away = [
        "pass ",
        "send",
        "http",
        "parameter",
        "sidenote",
        "as the value",
        "url",
        "append",
        "attach",
        "upload",
        "content",
    ]
    .iter()
    .any(|word| window.contains(word));
    let place = window.find(secret)?;
    (away || scope == Scope::ToolDefinition).then(|| {
        Hit::new(
            &EXFILTRATION,
            start..floor(text, start + place + secret.len()),
            if away { 0.85 } else { 0.6 },
        )
    })
}
