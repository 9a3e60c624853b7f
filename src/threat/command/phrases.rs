//! What hands over a machine wherever it stands: calls of a shell, reverse shells, a root deleted, a fork bomb.

use super::super::finding::Hit;
use super::lexer::command;
use super::words::Class;
use super::{CALL, SHELL};
use crate::text::cursor::{at, floor, has_word, is_word, part, skip};
use crate::text::glance::Glance;

/// Calls that run a shell: `system('…')`, shellshock, server-side includes, PHP.
pub(super) fn calls(glance: &Glance<'_>, hits: &mut Vec<Hit>) {
    let text = glance.text;
    let bytes = text.as_bytes();
    let whole = 0..text.len().min(floor(text, 512));
    let trimmed = text.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ';' | '|' | '&' | '"' | '\'' | '{' | '$' | '@' | '`' | ':')
    });
    let offset = text.len() - trimmed.len();
    if glance.find("() {").is_some_and(|start| start < 8 && part(text, start..text.len()).contains("};")) {
        hits.push(Hit::new(&SHELL, whole, 0.97));
        return;
    }
    if has_word(bytes, offset, "<!--#exec") || glance.find("<!--#exec").is_some() {
        hits.push(Hit::new(&CALL, whole, 0.95));
        return;
    }
    if glance.may_hold("()") && is_fork_bomb(text) {
        hits.push(Hit::new(&SHELL, whole, 0.9));
        return;
    }
    if glance.find("${@").is_some_and(|start| part(text, start..text.len()).contains('(')) {
        hits.push(Hit::new(&CALL, whole, 0.8));
        return;
    }
    let php = glance.find("<?php").is_some() || glance.find("<?=").is_some();
    for name in [
        "system(",
        "exec(",
        "passthru(",
        "shell_exec(",
        "popen(",
        "phpinfo(",
        "phpversion(",
        "eval(",
        "proc_open(",
        "pcntl_exec(",
        "sleep(",
        "assert(",
    ] {
        let php_call = php && glance.find(name).is_some();
        if !php_call && !has_word(bytes, offset, name) {
            continue;
        }
        let inner = trimmed.get(name.len()..).unwrap_or("").trim_start();
        let braced = offset >= 2 && text.starts_with("{$");
        let shell = inner.starts_with(['\'', '"'])
            && !matches!(command(inner, 1).map(|found| found.class), Some(Class::Developer))
            && (command(inner, 1).is_some() || name != "exec(" || inner.contains('/'));
        let info = matches!(name, "phpinfo(" | "phpversion(");
        if php_call
            || info
            || shell && name != "sleep(" && trimmed.len() < 4_096
            || name == "sleep(" && braced
        {
            hits.push(Hit::new(&CALL, whole, 0.85));
            return;
        }
    }
}

/// A function that starts itself twice: `f(){ f|f& };f`.
fn is_fork_bomb(text: &str) -> bool {
    let Some(open) = text.find("()").filter(|open| (1..=24).contains(open)) else { return false };
    let name = part(text, 0..open).trim();
    let body = part(text, open + 2..text.len()).trim_start();
    let Some((body, rest)) = body.strip_prefix('{').and_then(|body| body.split_once('}')) else {
        return false;
    };
    let calls = body
        .split(|c: char| c.is_whitespace() || matches!(c, '|' | '&' | ';' | '(' | ')'))
        .filter(|word| *word == name)
        .count();
    !name.is_empty() && calls >= 2 && body.contains('&') && rest.contains(name)
}

/// What no developer types: reverse shells, a root deleted, a fork bomb.
pub(super) fn remote(glance: &Glance<'_>, hits: &mut Vec<Hit>) {
    let text = glance.text;
    let bytes = text.as_bytes();
    let has = |word: &str| glance.find(word);
    let found = has("/dev/tcp/")
        .or_else(|| has("/dev/udp/"))
        .or_else(|| {
            has("nc ").filter(|start| {
                (*start == 0 || !is_word(at(bytes, start - 1))) && {
                    let rest = part(text, *start..floor(text, start + 120));
                    rest.contains(" -e ")
                        || rest.contains(" -c ") && rest.contains("/bin/")
                        || rest.contains("e /bin/")
                }
            })
        })
        .or_else(|| has("mkfifo ").filter(|start| part(text, *start..text.len()).contains("nc ")))
        .or_else(|| has("bash -i").filter(|start| part(text, *start..floor(text, start + 40)).contains(">&")))
        .or_else(|| {
            has("use socket").filter(|start| {
                let rest = part(text, *start..text.len());
                rest.contains("/bin/sh") || rest.contains("exec(")
            })
        })
        .or_else(|| has("| rev | sh").or_else(|| has("|rev|sh")).or_else(|| has("| xxd -r -p | sh")))
        .or_else(|| has(":(){"))
        .or_else(|| {
            has("rm -rf / ")
                .or_else(|| has("rm -rf /*"))
                .or_else(|| text.trim_end().ends_with("rm -rf /").then(|| text.len() - 8))
        })
        .or_else(|| {
            has("base64 -d").filter(|start| {
                let rest = part(text, *start..floor(text, start + 60));
                rest.contains("| sh")
                    || rest.contains("|sh")
                    || rest.contains("| bash")
                    || rest.contains("|bash")
            })
        })
        .or_else(|| {
            has("powershell").filter(|start| {
                let rest = part(text, *start..floor(text, start + 160)).to_ascii_lowercase();
                rest.contains("downloadstring") || rest.contains(" -enc") || rest.contains("-encodedcommand")
            })
        });
    if let Some(start) = found {
        let end = skip(bytes, start, |byte| byte != b'\n').min(floor(text, start + 256));
        hits.push(Hit::new(&SHELL, start..end, 0.95));
    }
}
