//! Personal data: what names, reaches or pays for a person, believed by its check digits.
//!
//! An address or a telephone number in a chat is ordinary, so it is a finding but no alarm; a payment card, a
//! bank account or a national number is one.

mod ids;
mod mask;

pub use mask::{MaskStyle, mask};

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, floor, is_word, part, skip_most};
use ids::{IDS, Needs};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What kind of personal data a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalKind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A payment card.
    Card,
    /// An international bank account number.
    Iban,
    /// A national identity number.
    NationalId,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A hardware address.
    Mac,
}

impl PersonalKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Email, Self::Phone, Self::Card, Self::Iban, Self::NationalId, Self::Ip, Self::Mac];

    /// The label that a mask shows.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Card => "CARD",
            Self::Iban => "IBAN",
            Self::NationalId => "NATIONAL_ID",
            Self::Ip => "IP",
            Self::Mac => "MAC",
        }
    }
}

/// Personal data at a place of a text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal {
    /// What it is.
    pub kind: PersonalKind,
    /// Where it is.
    pub range: Range<usize>,
}

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::PersonalData, severity, "CWE-359", message)
}

static EMAIL: Rule = rule("personal.email", Severity::Low, "an e-mail address");
static PHONE: Rule = rule("personal.phone", Severity::Low, "a telephone number");
static CARD: Rule = rule("personal.card", Severity::High, "the number of a payment card");
static IBAN: Rule = rule("personal.iban", Severity::High, "the number of a bank account");
static NATIONAL: Rule = rule("personal.national_id", Severity::High, "a national identity number");
static IP: Rule = rule("personal.ip", Severity::Low, "an IP address");
static MAC: Rule = rule("personal.mac", Severity::Low, "a hardware address");

/// Finds personal data as threats.
pub(super) fn detect(text: &str, hits: &mut Vec<Hit>, steps: &mut u64) {
    *steps += text.len() as u64;
    for found in find(text) {
        let (rule, sure) = match found.kind {
            PersonalKind::Email => (&EMAIL, 0.9),
            PersonalKind::Phone => (&PHONE, 0.6),
            PersonalKind::Card => (&CARD, 0.95),
            PersonalKind::Iban => (&IBAN, 0.97),
            PersonalKind::NationalId => (&NATIONAL, 0.85),
            PersonalKind::Ip => (&IP, 0.8),
            PersonalKind::Mac => (&MAC, 0.8),
        };
        hits.push(Hit::new(rule, found.range, sure));
    }
}

/// Finds personal data in a text, in order and without overlaps.
#[must_use]
pub fn find(text: &str) -> Vec<Personal> {
    let bytes = text.as_bytes();
    let mut found: Vec<Personal> = Vec::new();
    let mut index = 0;
    while index < bytes.len() {
        let byte = at(bytes, index);
        let begins = index == 0 || !is_word(at(bytes, index - 1));
        let next = match byte {
            b'@' => email(bytes, index, found.last().map_or(0, |last| last.range.end)),
            b'+' if at(bytes, index + 1).is_ascii_digit() => phone(text, index),
            b'(' if at(bytes, index + 1).is_ascii_digit() => phone(text, index),
            b':' if begins && at(bytes, index + 1) == b':' => ipv6(text, index),
            byte if byte.is_ascii_alphanumeric() && begins => token(text, index),
            _ => None,
        };
        match next {
            Some(personal) => {
                index = personal.range.end.max(index + 1);
                found.push(personal);
            }
            None => index += 1,
        }
    }
    found
}

/// What begins with a letter or a digit: the more telling kinds first.
fn token(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    let digit = at(bytes, start).is_ascii_digit();
    // Most words are neither hexadecimal groups nor begin as an identifier does.
    if at(bytes, start).is_ascii_lowercase() {
        return mac(text, start).or_else(|| ipv6(text, start));
    }
    mac(text, start)
        .or_else(|| ipv6(text, start))
        .or_else(|| digit.then(|| ipv4(text, start)).flatten())
        .or_else(|| iban(text, start))
        .or_else(|| digit.then(|| card(text, start)).flatten())
        .or_else(|| national(text, start))
        .or_else(|| digit.then(|| phone(text, start)).flatten())
}

fn email(bytes: &[u8], sign: usize, least: usize) -> Option<Personal> {
    let mut start = sign;
    while start > least
        && sign - start < 64
        && (at(bytes, start - 1).is_ascii_alphanumeric()
            || matches!(at(bytes, start - 1), b'.' | b'_' | b'%' | b'+' | b'-'))
    {
        start -= 1;
    }
    let end =
        skip_most(bytes, sign + 1, 254, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let host = bytes.get(sign + 1..end)?;
    let host = host.strip_suffix(b".").unwrap_or(host);
    let dot = host.iter().rposition(|byte| *byte == b'.')?;
    let top = host.get(dot + 1..)?;
    let good =
        top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic) && dot > 0 && host.first() != Some(&b'-');
    (start < sign && good && at(bytes, start) != b'.')
        .then(|| Personal { kind: PersonalKind::Email, range: start..sign + 1 + host.len() })
}

/// Digits in groups: their count and where they end. Separators stand one at a time.
fn groups(bytes: &[u8], start: usize, separators: &[u8], most: usize) -> (Vec<u8>, usize) {
    let mut digits = Vec::with_capacity(20);
    let mut index = start;
    let mut end = start;
    while digits.len() < most {
        let byte = at(bytes, index);
        if byte.is_ascii_digit() {
            digits.push(byte);
            end = index + 1;
        } else if !(separators.contains(&byte) && at(bytes, index + 1).is_ascii_digit()) {
            break;
        }
        index += 1;
    }
    (digits, end)
}

fn card(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    let (digits, end) = groups(bytes, start, b" -", 19);
    if at(bytes, end).is_ascii_alphanumeric()
        || at(bytes, end) == b'.' && at(bytes, end + 1).is_ascii_digit()
        || start > 0 && at(bytes, start - 1) == b'.'
    {
        return None;
    }
    let head = |count: usize| {
        digits
            .get(..count)
            .unwrap_or_default()
            .iter()
            .fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    // Brands by their issuer's range and length (ISO/IEC 7812).
    let brand = match digits.len() {
        13 | 16 | 19 if head(1) == 4 => true,
        16 => {
            (51..=55).contains(&head(2))
                || (2221..=2720).contains(&head(4))
                || head(4) == 6011
                || head(2) == 65
                || (3528..=3589).contains(&head(4))
                || head(2) == 62
        }
        15 => matches!(head(2), 34 | 37),
        14 => (300..=305).contains(&head(3)) || matches!(head(2), 36 | 38),
        _ => false,
    };
    // Groups of a card are long; a list of small numbers is none.
    let grouped = end - start == digits.len()
        || bytes.get(start..start + 4).is_some_and(|first| first.iter().all(u8::is_ascii_digit));
    (brand && grouped && ids::luhn(&digits))
        .then_some(Personal { kind: PersonalKind::Card, range: start..end })
}

/// ISO 13616: two letters, two check digits, up to thirty more; the whole is 1 modulo 97.
fn iban(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    let head = bytes.get(start..start + 4)?;
    if !matches!(head, [a, b, c, d] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit())
    {
        return None;
    }
    let mut letters = Vec::with_capacity(34);
    let mut index = start;
    let mut end = start;
    while letters.len() < 34 {
        let byte = at(bytes, index);
        if byte.is_ascii_uppercase() || byte.is_ascii_digit() {
            letters.push(byte);
            end = index + 1;
        } else if !(byte == b' '
            && (at(bytes, index + 1).is_ascii_uppercase() || at(bytes, index + 1).is_ascii_digit())
            && letters.len() % 4 == 0)
        {
            break;
        }
        index += 1;
    }
    let expected = length(head.get(..2)?)?;
    let letters = letters.get(..expected)?;
    let digits = letters.iter().cycle().skip(4).take(letters.len());
    let rest = digits.fold(0u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        byte => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    // Spaces that were passed belong to the length that the country has.
    let mut count = 0;
    let mut stop = start;
    while count < expected && stop < end {
        count += usize::from(at(bytes, stop) != b' ');
        stop += 1;
    }
    (rest == 1 && !at(bytes, stop).is_ascii_alphanumeric())
        .then_some(Personal { kind: PersonalKind::Iban, range: start..stop })
}

/// The length of an account number by country (SWIFT's registry).
fn length(country: &[u8]) -> Option<usize> {
    const LENGTHS: &[(&str, usize)] = &[
        ("NO", 15),
        ("BE", 16),
        ("DK FI FO GL NL", 18),
        ("MK SI", 19),
        ("AT BA EE KZ LT LU XK", 20),
        ("CH HR LI LV", 21),
        ("BG BH CR DE GB GE IE ME RS VA", 22),
        ("AE GI IL IQ TL", 23),
        ("AD CZ ES MD PK RO SA SE SK TN VG", 24),
        ("PT ST", 25),
        ("IS TR", 26),
        ("FR GR IT MC SM MR", 27),
        ("AL AZ BY CY DO GT HU LB PL SV NI", 28),
        ("BR PS QA UA EG", 29),
        ("JO KW MU", 30),
        ("MT SC", 31),
    ];
    let country = std::str::from_utf8(country).ok()?;
    LENGTHS
        .iter()
        .find(|(countries, _)| countries.split(' ').any(|known| known == country))
        .map(|(_, length)| *length)
}

fn national(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    for id in IDS {
        let Some(end) = fits(bytes, start, id.shape) else { continue };
        if is_word(at(bytes, end))
            || matches!(at(bytes, end), b'-' | b'.') && at(bytes, end + 1).is_ascii_alphanumeric()
        {
            continue;
        }
        let plain: Vec<u8> = bytes
            .get(start..end)?
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_uppercase)
            .collect();
        let named = match id.needs {
            Needs::Form => true,
            Needs::Word(words) => {
                let near =
                    part(text, floor(text, start.saturating_sub(40))..floor(text, end + 20)).to_lowercase();
                words.iter().any(|word| {
                    near.split(|c: char| !c.is_alphanumeric() && c != '.').any(|found| found == *word)
                        || word.len() > 4 && near.contains(word)
                })
            }
        };
        if named && (id.valid)(&plain) {
            debug_assert!(id.country.len() == 2);
            return Some(Personal { kind: PersonalKind::NationalId, range: start..end });
        }
    }
    None
}

/// Where a shape that begins here ends.
fn fits(bytes: &[u8], start: usize, shape: &str) -> Option<usize> {
    for (offset, wanted) in shape.bytes().enumerate() {
        let byte = at(bytes, start + offset);
        let good = match wanted {
            b'A' => byte.is_ascii_uppercase(),
            b'*' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            b'0'..=b'8' => byte == wanted,
            b'9' => byte.is_ascii_digit(),
            wanted => byte == wanted,
        };
        if !good {
            return None;
        }
    }
    Some(start + shape.len())
}

/// E.164 with a plus sign, or the North American notation.
fn phone(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    let plus = at(bytes, start) == b'+';
    let mut digits = 0;
    let mut separators = 0;
    let mut index = start + usize::from(plus);
    let mut end = index;
    while digits < 16 {
        let byte = at(bytes, index);
        if byte.is_ascii_digit() {
            digits += 1;
            end = index + 1;
        } else if matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/')
            && index - end < 2
            && digits + usize::from(byte == b'(') > 0
        {
            separators += 1;
        } else {
            break;
        }
        index += 1;
    }
    if is_word(at(bytes, end))
        || start > 0 && (is_word(at(bytes, start - 1)) || matches!(at(bytes, start - 1), b'-' | b'.' | b'/'))
    {
        return None;
    }
    let shape: String =
        part(text, start..end).chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let american =
        matches!(shape.as_str(), "999-999-9999" | "(999) 999-9999" | "(999)999-9999" | "999.999.9999");
    (american || plus && (8..=15).contains(&digits) && separators <= 8)
        .then_some(Personal { kind: PersonalKind::Phone, range: start..end })
}

fn ipv4(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    let end = skip_most(bytes, start, 16, |byte| byte.is_ascii_digit() || byte == b'.');
    let address = part(text, start..end).trim_end_matches('.');
    let end = start + address.len();
    let mut parts = 0;
    for part in address.split('.') {
        parts += 1;
        let short = part.len() <= 3 && !part.is_empty() && (part.len() == 1 || !part.starts_with('0'));
        if !short || part.parse::<u16>().map_or(true, |value| value > 255) {
            return None;
        }
    }
    // Versions, masks and the machine itself name nobody.
    let nobody = address.starts_with("0.") || address.starts_with("127.") || address.starts_with("255.");
    (parts == 4
        && !nobody
        && !is_word(at(bytes, end))
        && at(bytes, end) != b'-'
        && (start == 0 || !matches!(at(bytes, start - 1), b'.' | b'-')))
    .then_some(Personal { kind: PersonalKind::Ip, range: start..end })
}

fn ipv6(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    if at(bytes, skip_most(bytes, start, 4, |byte| byte.is_ascii_hexdigit())) != b':' {
        return None;
    }
    let end = skip_most(bytes, start, 46, |byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.');
    let address = part(text, start..end).trim_end_matches('.');
    let colons = address.bytes().filter(|byte| *byte == b':').count();
    if colons < 2 || address.len() < 6 || is_word(at(bytes, start + address.len())) {
        return None;
    }
    let valid = address
        .parse::<std::net::Ipv6Addr>()
        .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified());
    // `12:34:56` is a time; an address shows a double colon or eight groups.
    valid.then_some(Personal { kind: PersonalKind::Ip, range: start..start + address.len() })
}

fn mac(text: &str, start: usize) -> Option<Personal> {
    let bytes = text.as_bytes();
    let separator = at(bytes, start + 2);
    if !matches!(separator, b':' | b'-') {
        return None;
    }
    for group in 0..6 {
        let from = start + group * 3;
        let hex = at(bytes, from).is_ascii_hexdigit() && at(bytes, from + 1).is_ascii_hexdigit();
        if !hex || group < 5 && at(bytes, from + 2) != separator {
            return None;
        }
    }
    let end = start + 17;
    let letters = part(text, start..end).bytes().any(|byte| byte.is_ascii_alphabetic());
    (letters && !is_word(at(bytes, end)) && !matches!(at(bytes, end), b':' | b'-'))
        .then_some(Personal { kind: PersonalKind::Mac, range: start..end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<PersonalKind> {
        find(text).into_iter().map(|found| found.kind).collect()
    }

    #[test]
    fn each_kind_is_found_by_its_form_and_check() {
        assert_eq!(kinds("mail a.b+c@example.co.uk now"), [PersonalKind::Email]);
        assert_eq!(kinds("card 4111 1111 1111 1111."), [PersonalKind::Card]);
        assert_eq!(kinds("pay to DE89 3704 0044 0532 0130 00 today"), [PersonalKind::Iban]);
        assert_eq!(kinds("GB82WEST12345698765432"), [PersonalKind::Iban]);
        assert_eq!(kinds("call +44 20 7946 0958 or (212) 555-0187"), [PersonalKind::Phone; 2]);
        assert_eq!(kinds("host 192.168.1.20 and 2001:db8::1"), [PersonalKind::Ip; 2]);
        assert_eq!(kinds("at 00:1A:2b:3c:4d:5e"), [PersonalKind::Mac]);
        assert_eq!(kinds("SSN 536-90-4399, dni 12345678Z"), [PersonalKind::NationalId; 2]);
        assert_eq!(kinds("my BSN is 111222333"), [PersonalKind::NationalId]);
    }

    #[test]
    fn ordinary_numbers_are_nobody() {
        for text in [
            "version 1.2.3.4.5 at 12:34:56",
            "4111 1111 1111 1112",
            "order 111222333 has 44051401359 rows",
            "127.0.0.1 and 0.0.0.0",
            "sha 9f86d081884c7d659a2feaa0c55ad015",
            "2024-01-01T00:00:00Z",
            "@decorator and user@host",
            "std::collections::BTreeMap",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
