//! Secrets: keys, tokens and passwords that stand in the open.
//!
//! A prefix found by the automaton is a suspicion; alphabet, length, entropy and checksum decide. A value beside
//! a word such as `api_key` needs an entropy that no word has. Placeholders and examples are neither. The value
//! itself never leaves this module: a finding says what it is and where.

mod formats;

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, find_word, floor, has_word, is_word, part, skip_most};
use formats::{Check, FORMATS, Format};
use std::ops::Range;

static PRIVATE_KEY: Rule = Rule::new(
    "secret.private_key",
    ThreatType::Secret,
    Severity::Critical,
    "CWE-321",
    "a private key stands in the text",
);
static JWT: Rule = Rule::new(
    "secret.jwt",
    ThreatType::Secret,
    Severity::Low,
    "CWE-522",
    "a signed token stands in the text",
);
static GENERIC: Rule = Rule::new(
    "secret.generic",
    ThreatType::Secret,
    Severity::Medium,
    "CWE-798",
    "a value beside the name of a secret looks random",
);
static URL: Rule = Rule::new(
    "secret.url_password",
    ThreatType::Secret,
    Severity::Medium,
    "CWE-522",
    "a URL carries a password",
);
static TELEGRAM: Rule = Rule::new(
    "secret.telegram",
    ThreatType::Secret,
    Severity::Critical,
    "CWE-798",
    "a Telegram bot token stands in the text",
);

/// What else is looked for, behind the prefixes of the formats.
const OTHERS: &[&str] = &[
    "private key-----",
    "eyj",
    "://",
    ":aa",
    "passw",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "auth_key",
    "encryption_key",
    "credential",
];

/// The words that an automaton looks for, in the order that [`detect_at`] knows them by.
pub(super) fn keywords() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.prefix).chain(OTHERS.iter().copied())
}

/// Judges one place that a keyword points at.
pub(super) fn detect_at(
    text: &str,
    keyword: usize,
    place: Range<usize>,
    hits: &mut Vec<Hit>,
    steps: &mut u64,
) {
    *steps += 4;
    if let Some(format) = FORMATS.get(keyword) {
        hits.extend(provider(text, format, place));
        return;
    }
    hits.extend(match OTHERS.get(keyword - FORMATS.len()).copied() {
        Some("private key-----") => private_key(text, place),
        Some("eyj") => jwt(text, place.start),
        Some("://") => url(text, place),
        Some(":aa") => telegram(text, place.start),
        Some(_) => generic(text, place, steps),
        None => None,
    });
}

fn provider(text: &str, format: &'static Format, place: Range<usize>) -> Option<Hit> {
    let bytes = text.as_bytes();
    let glued = place.start > 0 && is_word(at(bytes, place.start - 1));
    if glued || part(text, place.clone()) != format.prefix {
        return None;
    }
    let end = skip_most(bytes, place.end, format.most + 1, |byte| format.alphabet.has(byte));
    let body = part(text, place.end..end).trim_end_matches(['.', ':', '=', '/']);
    let body = if format.prefix.ends_with('=') { part(text, place.end..end) } else { body };
    let end = place.end + body.len();
    if !(format.least..=format.most).contains(&body.len()) || is_word(at(bytes, end)) || is_placeholder(body)
    {
        return None;
    }
    let random = entropy(body);
    let least = if body.len() < 20 { 2.8 } else { 3.0 };
    if random < least || !body.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let proved = format.check == Check::Crc32 && is_crc32(body);
    Some(Hit::new(&format.rule, place.start..end, if proved { 0.99 } else { 0.85 }))
}

/// Whether the last six characters are the CRC-32 of the rest, in base 62 with the digits first.
fn is_crc32(body: &str) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((random, check)) = body.len().checked_sub(6).and_then(|cut| body.split_at_checked(cut)) else {
        return false;
    };
    let mut crc = u32::MAX;
    for byte in random.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut rest = !crc as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = at(DIGITS, rest % 62);
        rest /= 62;
    }
    digits.as_slice() == check.as_bytes()
}

fn private_key(text: &str, place: Range<usize>) -> Option<Hit> {
    let line = part(text, floor(text, place.start.saturating_sub(40))..place.end);
    let start = line.rfind("-----BEGIN ").map(|begin| place.end - (line.len() - begin))?;
    // A header alone is a constant of a parser; the body makes it a key.
    let bytes = text.as_bytes();
    let body = skip_most(bytes, place.end, 64, |byte| {
        matches!(byte, b'\n' | b'\r' | b' ' | b'\\' | b'n' | b'"' | b'\'' | b'+' | b'\t' | b',' | b'`')
    });
    let run = skip_most(bytes, body, 4_096, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
    }) - body;
    let random = run >= 40 && entropy(part(text, body..body + run)) > 3.5;
    let end = find_word(bytes.get(..bytes.len().min(body + 16_384)).unwrap_or_default(), body, "-----end")
        .filter(|end| end - start < 16_384)
        .unwrap_or(body + run);
    random.then(|| Hit::new(&PRIVATE_KEY, start..floor(text, end), 0.97))
}

fn jwt(text: &str, start: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    if start > 0 && is_word(at(bytes, start - 1)) || part(text, start..start + 3) != "eyJ" {
        return None;
    }
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let first = skip_most(bytes, start, 4_096, digit);
    let second = skip_most(bytes, first + 1, 4_096, digit);
    let third = skip_most(bytes, second + 1, 4_096, digit);
    let whole = at(bytes, first) == b'.'
        && at(bytes, second) == b'.'
        && first - start >= 16
        && second - first > 8
        && third - second > 20;
    whole.then(|| Hit::new(&JWT, start..third, 0.6))
}

fn telegram(text: &str, colon: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let mut start = colon;
    while start > 0 && colon - start < 11 && at(bytes, start - 1).is_ascii_digit() {
        start -= 1;
    }
    let end =
        skip_most(bytes, colon + 1, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let body = part(text, colon + 1..end);
    ((8..=10).contains(&(colon - start))
        && body.starts_with("AA")
        && body.len() == 35
        && entropy(body) > 4.0
        && (start == 0 || !is_word(at(bytes, start - 1))))
    .then(|| Hit::new(&TELEGRAM, start..end, 0.9))
}

/// `scheme://user:password@host`.
fn url(text: &str, place: Range<usize>) -> Option<Hit> {
    let bytes = text.as_bytes();
    let end = skip_most(bytes, place.end, 256, |byte| {
        byte > b' '
            && byte < 0x7f
            && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'?' | b'#' | b')' | b'\\')
    });
    let authority = part(text, place.end..end);
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let random = password.len() >= 10
        && entropy(password) >= 3.2
        && mixed(password)
        && !is_placeholder(password)
        && !password.contains(['$', '{', '%', '*', '[', '(', '+']);
    random.then(|| Hit::new(&URL, place.end..place.end + user.len(), 0.7))
}

/// A random value beside the name of a secret.
fn generic(text: &str, place: Range<usize>, steps: &mut u64) -> Option<Hit> {
    let bytes = text.as_bytes();
    // The rest of the name, its quotes, and the sign of an assignment.
    let name = skip_most(bytes, place.end, 24, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
    });
    let sign = skip_most(bytes, name, 8, |byte| matches!(byte, b' ' | b'"' | b'\'' | b'`' | b']' | b'\t'));
    if !matches!(at(bytes, sign), b'=' | b':') {
        return None;
    }
    let value = skip_most(bytes, sign, 8, |byte| matches!(byte, b'=' | b':' | b'>' | b' ' | b'\t'));
    let quote = at(bytes, value);
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    let start = value + usize::from(quoted);
    let end = skip_most(bytes, start, 200, |byte| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'+' | b'/'
                    | b'='
                    | b'_'
                    | b'-'
                    | b'.'
                    | b'!'
                    | b'@'
                    | b'#'
                    | b'$'
                    | b'%'
                    | b'^'
                    | b'&'
                    | b'*'
                    | b'~'
            )
    });
    *steps += (end - place.start) as u64;
    let body = part(text, start..end);
    // Without quotes only a line of an environment file counts.
    let closed = if quoted {
        at(bytes, end) == quote
    } else {
        sign == name
            && at(bytes, sign) == b'='
            && at(bytes, sign + 1) != b' '
            && matches!(at(bytes, end), b'\n' | b'\r' | 0)
    };
    let keyed = !has_word(bytes, place.start, "passw");
    let hex =
        keyed && body.len() >= 32 && body.len() <= 128 && body.bytes().all(|byte| byte.is_ascii_hexdigit());
    let random = body.len() >= 20
        && body.len() <= 160
        && if hex { entropy(body) >= 3.2 } else { entropy(body) >= 4.1 && mixed(body) };
    let codelike = body.contains("..")
        || body.contains("::")
        || body.contains("->")
        || body.matches(['.', '/']).count() > 2
        || body.starts_with(['$', '/', '%', '.', '-', '#', '@'])
        || body.contains("${");
    let digest = ["sha256", "sha512", "sha1", "md5", "integrity", "hash", "checksum"].iter().any(|word| {
        find_word(part(text, floor(text, place.start.saturating_sub(32))..end).as_bytes(), 0, word).is_some()
    });
    (closed && random && !codelike && !digest && !is_placeholder(body))
        .then(|| Hit::new(&GENERIC, start..end, 0.6))
}

/// Shannon's entropy of the bytes, in bits for each.
fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = text.len().max(1) as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// Whether a value has capitals, small letters and digits, with digits in more than one place.
fn mixed(text: &str) -> bool {
    let count = |fits: fn(&u8) -> bool| text.as_bytes().iter().filter(|byte| fits(byte)).count();
    count(u8::is_ascii_uppercase) > 1 && count(u8::is_ascii_lowercase) > 1 && count(u8::is_ascii_digit) > 1
}

/// Whether a value says itself that it is none.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "example",
        "xxxx",
        "placeholder",
        "changeme",
        "your",
        "dummy",
        "sample",
        "redacted",
        "1234567",
        "abcdef",
        "00000",
        "test",
        "fake",
        "foobar",
        "replace",
        "insert",
        "secret",
        "password",
        "....",
        "deadbeef",
        "aaaaaa",
        "qwerty",
        "notreal",
        "not-real",
        "invalid",
        "mock",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::source;

    fn found(text: &str) -> Vec<&'static str> {
        let mut hits = Vec::new();
        source::secrets(text, &mut hits, &mut 0);
        hits.into_iter().filter(|hit| hit.severity >= Severity::Medium).map(|hit| hit.rule.id).collect()
    }

    /// Characters that look random and are the same in every run.
    fn noise(length: usize, alphabet: &[u8]) -> String {
        let mut state = 0x2545_f491_4f6c_dd1du64;
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                alphabet[(state % alphabet.len() as u64) as usize] as char
            })
            .collect()
    }

    #[test]
    fn every_format_knows_its_own_tokens() {
        assert!(FORMATS.len() >= 60);
        for format in FORMATS {
            let alphabet: Vec<u8> = (b'0'..=b'z')
                .filter(|byte| format.alphabet.has(*byte) && byte.is_ascii_alphanumeric())
                .collect();
            let token = format!("{}{}", format.prefix, noise(format.least, &alphabet));
            assert!(found(&format!("x = \"{token}\";")).contains(&format.rule.id), "{}", format.rule.id);
            let short = format!("x = \"{}{}\";", format.prefix, noise(format.least - 1, &alphabet));
            assert!(!found(&short).contains(&format.rule.id), "{} short", format.rule.id);
        }
    }

    #[test]
    fn a_checksum_makes_sure() {
        // zlib's CRC-32 of `123456789` is 0xcbf43926, which is `3jZRME` in base 62.
        assert!(is_crc32("1234567893jZRME"));
        let random = noise(30, b"abcdefghijkmnopqrstuvwxyzABCDEFGH23456789");
        assert!(!is_crc32(&format!("{random}000000")));
    }

    #[test]
    fn random_values_beside_names_are_found_and_placeholders_are_not() {
        assert_eq!(found("const apiKey = \"q8Zr2LwX9vT4nB7mKc3JdH6y\";"), ["secret.generic"]);
        assert_eq!(found("DB_PASSWORD=q8Zr2LwX9vT4nB7mKc3JdH6y\n"), ["secret.generic"]);
        assert_eq!(found("postgres://app:q8Zr2LwX9v@db.local/x"), ["secret.url_password"]);
        for text in [
            "password = \"changeme-please-now-123456789\"",
            "const token = getToken(request.headers)",
            "token: 'process.env.GITHUB_TOKEN'",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "https://user:pass@host/",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "-----BEGIN PRIVATE KEY-----",
            "secret: \"sha256-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcgSpIdNs6c5H0NE8XYXysP\"",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
