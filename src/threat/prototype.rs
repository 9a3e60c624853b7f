//! Prototype pollution: key paths that reach an object's prototype, in JSON, in query strings and in brackets.
//!
//! Code that names `__proto__` is code. A key does it: `"__proto__":` in JSON, `__proto__[x]=` in a query,
//! `constructor.prototype.x=` in a path that a deep merge will follow.

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, floor, is_word, part, skip};
use crate::text::glance::Glance;

static KEY: Rule = Rule::new(
    "prototype.key",
    ThreatType::PrototypePollution,
    Severity::High,
    "CWE-1321",
    "a key that reaches an object's prototype",
);

/// Finds keys that reach a prototype.
pub(super) fn detect(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    for name in ["__proto__", "constructor"] {
        let mut from = 0;
        while let Some(start) = glance.find_from(from, name) {
            from = start + name.len();
            *steps += 1;
            if let Some(end) = key(text, start, name) {
                hits.push(Hit::new(&KEY, start..end, 0.9));
                from = end;
            }
        }
    }
}

/// The end of a key path that begins here, if something is assigned through it.
fn key(text: &str, start: usize, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let before = at(bytes, start.wrapping_sub(1));
    if is_word(before) && start > 0 {
        return None;
    }
    // What follows, with the quotes and brackets of every notation taken for the same dot.
    let tail = part(text, start + name.len()..floor(text, start + 256));
    let mut rest = tail;
    let quoted = matches!(before, b'"' | b'\'');
    if quoted {
        rest = rest.strip_prefix(['"', '\''])?;
    }
    let json = rest.trim_start();
    if name == "constructor" {
        if quoted && json.starts_with(':') {
            return json
                .split(['}', ';'])
                .next()
                .filter(|inner| inner.contains("\"prototype\""))
                .map(|inner| start + name.len() + inner.len().min(tail.len()));
        }
        rest = rest.trim_start_matches(['.', '[', ']', '"', '\'']);
        rest = rest.strip_prefix("prototype")?;
    } else if quoted && json.starts_with(':') {
        return Some(start + name.len() + 1);
    }
    let steps = skip(rest.as_bytes(), 0, |byte| {
        is_word(byte) || matches!(byte, b'.' | b'[' | b']' | b'"' | b'\'' | b'-')
    });
    let path = part(rest, 0..steps);
    let assigned = at(rest.as_bytes(), steps) == b'='
        && at(rest.as_bytes(), steps + 1) != b'='
        && at(rest.as_bytes(), steps + 1) != b'>';
    let deep = path.starts_with(['[', '.', ']', '"', '\'']) && path.len() > 1;
    // `x.__proto__.y = z` with blanks is a line of code.
    (assigned && deep).then(|| start + (tail.len() - rest.len()) + name.len() + steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> bool {
        rules(detect, text).next().is_some()
    }

    #[test]
    fn keys_in_every_notation_are_found() {
        for text in [
            "{\"__proto__\": {\"admin\": true}}",
            "__proto__[admin]=1",
            "a[__proto__][b]=1",
            "constructor[prototype][x]=1",
            "constructor.prototype.x=1",
            "{\"constructor\": {\"prototype\": {\"x\": 1}}}",
            "a.__proto__.b=c",
        ] {
            assert!(found(text), "{text}");
        }
    }

    #[test]
    fn code_and_talk_are_left_alone() {
        for text in [
            "Foo.prototype.__proto__ = Bar.prototype",
            "obj.constructor.prototype.x = 1",
            "what does __proto__ do?",
            "class A { constructor(x) { this.x=x } }",
            "{\"constructor\": \"Ford\"}",
        ] {
            assert!(!found(text), "{text}");
        }
    }
}
