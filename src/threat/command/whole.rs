//! Texts that are a command from beginning to end: batch files, lines that explore or delay, mail protocols.

use super::super::finding::Hit;
use super::around::reads_system;
use super::lexer::{Argument, argument, command};
use super::words::{self, Class};
use super::{BARE, BATCH, DISGUISED, PROTOCOL};
use crate::text::cursor::{floor, has_word, part};

/// `FOR %i IN (…) DO …` and `IF EXIST …` of Windows batch files.
pub(super) fn batch(text: &str, hits: &mut Vec<Hit>) {
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

/// A short text that is a command of exploration or delay, and nothing else.
pub(super) fn bare(text: &str, hits: &mut Vec<Hit>) {
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
pub(super) fn protocol(text: &str, hits: &mut Vec<Hit>) {
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
