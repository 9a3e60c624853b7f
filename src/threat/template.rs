//! Template injection: expressions that an engine would evaluate, not placeholders that it fills in.
//!
//! `{{ user.name }}` names a value; `{{ 7*7 }}` and `{{ ''.__class__ }}` compute. The delimiters of Jinja, Twig,
//! Handlebars, Angular, ERB, JSP EL, Velocity, Freemarker, Smarty, Pug and Razor are known; what stands between
//! them is lexed for arithmetic between constants, reflection, and calls into a runtime.

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, find_word, is_word, part, skip};
use crate::text::glance::Glance;
use std::ops::Range;

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::TemplateInjection, severity, "CWE-1336", message)
}

static RUNTIME: Rule =
    rule("template.runtime", Severity::Critical, "a template expression reaches into the engine's runtime");
static EVALUATES: Rule = rule(
    "template.evaluates",
    Severity::Medium,
    "a template expression that computes instead of naming a value",
);
static DIRECTIVE: Rule = rule("template.directive", Severity::High, "a template directive that runs code");

/// The longest expression that is read.
const MAX_EXPRESSION: usize = 4_096;

/// Opening and closing delimiters; what one engine writes, another one may nest.
const DELIMITERS: &[(&str, &str)] = &[
    ("{{", "}}"),
    ("${", "}"),
    ("<%", "%>"),
    ("#{", "}"),
    ("{%", "%}"),
    ("*{", "}"),
    ("@{", "}"),
    ("{php}", "{/php}"),
    ("[[", "]]"),
    ("<#assign", ">"),
    ("#set(", ")"),
    ("#set (", ")"),
    ("~{", "}"),
    ("@(", ")"),
];

/// Words that only reflection and escapes from a sandbox need, in lower case.
const REFLECTION: &[&str] = &[
    "__class__",
    "__mro__",
    "__subclasses__",
    "__globals__",
    "__builtins__",
    "__import__",
    "__init__",
    "__getitem__",
    "__base__",
    "__bases__",
    "__proto__",
    "mro()",
    "subclasses()",
    "getclass(",
    "forname(",
    "getruntime",
    "processbuilder",
    "scriptenginemanager",
    "java.lang",
    "java.util.scanner",
    "newinstance",
    "?new(",
    "t(java",
    "os.system",
    "os.popen",
    "popen(",
    "subprocess",
    "linecache",
    "_templatereference__",
    "_tplcontext",
    "freemarker.template",
    "template.utility",
    "utility.execute",
    "getengine",
    "getmethod",
    "constructor.constructor",
    "constructor(",
    "process.mainmodule",
    "child_process",
    "mainmodule.require",
    "require('child",
    "global.process",
    "registerundefinedfiltercallback",
    "_self.env",
    "self::",
    "smarty",
    "system(",
    "exec(",
    "passthru",
    "shell_exec",
    "file_get_contents",
    "file_put_contents",
    "phpinfo",
    "filter('system')",
    "filter(\"system\")",
    "'system'",
    "\"system\"",
    "map('system",
    "request.application",
    "config.items",
    "config.from_pyfile",
    "lipsum",
    "cycler",
    "joiner",
    "url_for.",
    "get_flashed_messages.",
    "attr(",
    "request|attr",
    "class.inspect",
    "class.forname",
    "runtime",
    "getattribute(",
    "io.file",
    "file.open",
    "dir.entries",
    "kernel.",
    "`id`",
    "%x(",
    "eval(",
    "$class.",
    "#set($",
    "xstream",
    "\\x5f\\x5f",
    "_wrapped",
    "'constructor'",
    "\"constructor\"",
];

/// What a Velocity reference needs to leave its sandbox, in lower case: `$x.class.forName(…)`. A reference has no
/// closing delimiter.
const REFERENCES: &[&str] = &[".class.forname(", ".getclass().forname(", "class.inspect("];

/// The longest reference before such a call.
const MAX_REFERENCE: usize = 64;

/// Finds template expressions that compute.
pub(super) fn detect(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    scan(glance, hits, steps, false);
}

/// Finds only expressions that reach into a runtime or multiply numbers, for a string inside a source file.
pub(super) fn detect_strict(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    scan(glance, hits, steps, true);
}

fn scan(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64, strict: bool) {
    references(glance, hits, steps);
    if !DELIMITERS.iter().any(|(open, _)| glance.may_hold(open)) {
        return;
    }
    let text = glance.text;
    let bytes = text.as_bytes();
    let reflection: Vec<&str> = REFLECTION.iter().copied().filter(|word| glance.may_hold(word)).collect();
    // Up to where a closing delimiter of each kind is known to be missing.
    let mut missing = [0; DELIMITERS.len()];
    let mut index = 0;
    while index < bytes.len() {
        let sign = at(bytes, index);
        if !matches!(sign, b'{' | b'$' | b'<' | b'#' | b'*' | b'@' | b'[' | b'~') {
            index += 1;
            continue;
        }
        let opens = |(open, _): &(&str, &str)| bytes.get(index..index + open.len()) == Some(open.as_bytes());
        let Some(kind) = DELIMITERS
            .iter()
            .position(opens)
            .filter(|kind| missing.get(*kind).is_none_or(|end| index >= *end))
        else {
            index += 1;
            continue;
        };
        let Some((open, close)) = DELIMITERS.get(kind) else { return };
        let from = index + open.len();
        let window = part(text, from..crate::text::cursor::floor(text, from + MAX_EXPRESSION));
        let inner = expression(window, close);
        *steps += inner.len() as u64 + 1;
        let end = (from + inner.len() + close.len()).min(text.len());
        if let Some((rule, sure)) = judge(open, inner, &reflection, strict) {
            hits.push(Hit::new(rule, index..end, sure));
            index = end;
        } else {
            index = from;
            if inner.len() < window.len() {
                index = from.max(end - close.len());
            } else if let Some(slot) = missing.get_mut(kind) {
                *slot = from + window.len();
            }
        }
    }
}

/// Finds Velocity references that reflect.
fn references(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    for word in REFERENCES {
        let mut from = 0;
        while let Some(found) = glance.find_from(from, word) {
            from = found + word.len();
            *steps += MAX_REFERENCE as u64;
            let start = crate::text::cursor::floor(glance.text, found.saturating_sub(MAX_REFERENCE));
            let Some((_, name)) = part(glance.text, start..found).rsplit_once('$') else { continue };
            if !name.contains(|c: char| c.is_whitespace() || c == '>') {
                hits.push(Hit::new(&RUNTIME, found - name.len() - 1..from, 0.95));
            }
        }
    }
}

/// The expression up to its closing delimiter, or to the line's end if it has none.
fn expression<'a>(window: &'a str, close: &str) -> &'a str {
    let mut depth = 0usize;
    let bytes = window.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if depth == 0 && bytes.get(index..index + close.len()) == Some(close.as_bytes()) {
            return part(window, 0..index);
        }
        match at(bytes, index) {
            b'{' if close == "}" => depth += 1,
            b'}' if close == "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        index += 1;
    }
    window
}

fn judge(open: &str, inner: &str, reflection: &[&str], strict: bool) -> Option<(&'static Rule, f32)> {
    let lower = inner.to_ascii_lowercase();
    let trimmed = lower.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '=' | '{' | '}' | '!'));
    if trimmed.is_empty() {
        return None;
    }
    // `__ class __`: without the blanks a word may appear that the text as it stands does not hold.
    let reflects = if lower.contains("__ ") {
        let dense = lower.replace(' ', "");
        REFLECTION.iter().filter(|word| has(&dense, word)).count()
    } else {
        reflection.iter().filter(|word| has(&lower, word)).count()
    };
    let called = trimmed.contains('(')
        || trimmed.contains('|')
        || trimmed.contains('.')
        || trimmed.contains('`')
        || trimmed.contains('[');
    // JavaScript's own template literals call things all day: `${x.exec(y)}` is code, not an attack.
    let shell = open == "${"
        && (reflects < 2
            && !trimmed.contains("system(\"")
            && !trimmed.contains("java.lang")
            && !trimmed.contains("?new(")
            && !trimmed.contains("getruntime"));
    if reflects > 0 && called && !(shell && strict) {
        let weak = open == "${"
            && reflects < 2
            && !trimmed.contains("system(")
            && !trimmed.contains("java.")
            && !trimmed.contains("?new(")
            || matches!(open, "<%" | "{%" | "@(" | "[[" | "#{") && strict;
        if !weak {
            return Some((&RUNTIME, 0.95));
        }
    }
    if open == "{php}" || open == "<#assign" && trimmed.contains("?new") {
        return Some((&DIRECTIVE, 0.9));
    }
    // Velocity's assignment computes behind its sign.
    let value =
        trimmed.split_once('=').filter(|_| open.starts_with("#set")).map_or(trimmed, |(_, value)| value);
    if computes(value) && !(strict && open != "{{" && open != "${" && open != "<%" && open != "#{") {
        return Some((&EVALUATES, 0.85));
    }
    if strict {
        return None;
    }
    match open {
        // `{{self}}`, `{{config}}`, `{{settings.SECRET_KEY}}` print what the engine holds.
        "{{" if matches!(
            trimmed,
            "self"
                | "config"
                | "request"
                | "settings.secret_key"
                | "dump(app)"
                | "app.request.server.all|join(',')"
                | "this"
                | "_self"
        ) =>
        {
            (trimmed != "this" && trimmed != "config" && trimmed != "request").then_some((&EVALUATES, 0.7))
        }
        "{{" | "${{" if literal_call(trimmed) => Some((&EVALUATES, 0.75)),
        "<%" if constant_condition(trimmed) => Some((&EVALUATES, 0.75)),
        _ => None,
    }
}

/// Whether a phrase stands in an expression, not as the end of a longer word.
fn has(text: &str, phrase: &str) -> bool {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(index) = find_word(bytes, from, phrase) {
        if !is_word(at(phrase.as_bytes(), 0)) || index == 0 || !is_word(at(bytes, index - 1)) {
            return true;
        }
        from = index + phrase.len();
    }
    false
}

/// Arithmetic between two constants: `7*7`, `7 * '7'`, `"a"+"b"`.
fn computes(expression: &str) -> bool {
    let bytes = expression.as_bytes();
    let operand = |from: usize| -> Option<Range<usize>> {
        match at(bytes, from) {
            b'0'..=b'9' => Some(from..skip(bytes, from, |byte| byte.is_ascii_digit())),
            quote @ (b'\'' | b'"') => Some(from..skip(bytes, from + 1, |byte| byte != quote) + 1),
            _ => None,
        }
    };
    let blank = |from: usize| skip(bytes, from, |byte| byte == b' ');
    let Some(left) = operand(blank(0)) else { return false };
    let sign = blank(left.end);
    if !matches!(at(bytes, sign), b'*' | b'+' | b'/' | b'-') || left.len() > 16 {
        return false;
    }
    operand(blank(skip(bytes, sign, |byte| byte == at(bytes, sign)))).is_some_and(|right| {
        // A date such as 2024-01-01 and a version are no sums.
        let rest = blank(right.end);
        matches!(at(bytes, sign), b'*' | b'/')
            || matches!(at(bytes, left.start), b'\'' | b'"')
            || (rest >= bytes.len() && at(bytes, sign) == b'+')
    })
}

/// A method called on a literal: `'a'.toUpperCase()`, `['id']|filter('x')`.
fn literal_call(expression: &str) -> bool {
    let bytes = expression.as_bytes();
    let close = match at(bytes, 0) {
        quote @ (b'\'' | b'"') => quote,
        b'[' => b']',
        b'(' => b')',
        _ => return false,
    };
    let end = skip(bytes, 1, |byte| byte != close) + 1;
    matches!(at(bytes, end), b'.' | b'|') && expression.contains('(') && is_word(at(bytes, end + 1))
}

/// A condition that is a constant: a probe, not a page.
fn constant_condition(expression: &str) -> bool {
    let mut words = expression.split_whitespace();
    words.next() == Some("if") && matches!(words.next(), Some("true" | "1" | "1==1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> Option<&'static str> {
        rules(detect, text).next()
    }

    #[test]
    fn expressions_that_compute_are_found() {
        assert_eq!(found("{{7*7}}"), Some("template.evaluates"));
        assert_eq!(found("Hello <%= 7 * 7 %>"), Some("template.evaluates"));
        assert_eq!(found("${7*'7'}"), Some("template.evaluates"));
        assert_eq!(found("{{''.__class__.__mro__[1].__subclasses__()}}"), Some("template.runtime"));
        assert_eq!(found("${T(java.lang.Runtime).getRuntime().exec('id')}"), Some("template.runtime"));
        assert_eq!(found("{{'a'.toUpperCase()}}"), Some("template.evaluates"));
        assert_eq!(
            found("{{#with 's'}}{{lookup this.sub \"constructor\"}}{{/with}}"),
            Some("template.runtime")
        );
        assert_eq!(found("#set($x='')$x.class.forName('java.lang.Runtime')"), Some("template.runtime"));
        assert_eq!(found("$!e.getClass().forName('java.lang.Runtime')"), Some("template.runtime"));
        assert_eq!(found("#set($x = 7*7)$x"), Some("template.evaluates"));
        assert_eq!(found("$class.inspect('java.lang.Runtime').type"), Some("template.runtime"));
        assert_eq!(
            found("<#assign x=\"freemarker.template.utility.Execute\"?new()>"),
            Some("template.runtime")
        );
    }

    #[test]
    fn placeholders_are_left_alone() {
        for text in [
            "{{ config.site_name }}",
            "${name} and ${user.id}",
            "${{ secrets.TOKEN }}",
            "<%= user.name %>",
            "{% if user %}hello{% endif %}",
            "{{#each items}}{{name}}{{/each}}",
            "`${a + b} of ${items.length}`",
            "#{count} items",
            "{{ price | currency }}",
            "[[wiki link]]",
            "{{ 2024-01-01 }}",
            "Class.forName(\"com.mysql.jdbc.Driver\"); price.class.forName(x) costs $5",
            "$object->class.inspect(it)",
            "#set($name = \"Ann\") #set($i = $i + 1) #set( $total = 1 + $x )",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
