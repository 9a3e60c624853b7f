//! Small things about text that every part of this domain needs: bounds, hexadecimal digits, times, ids, JSON.

use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use crate::json::{self, Refusal};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt::Write as _;

/// The largest JSON text that is read, in bytes.
pub const MAX_JSON: usize = 4 * 1024 * 1024;

/// Entries that one list may hold.
const MAX_ENTRIES: usize = 64;

/// The latest time that is accepted: the end of the year 9999, in milliseconds since 1970.
pub const MAX_TIME: u64 = 253_402_300_799_999;

/// How many bytes a text may have.
#[derive(Clone, Copy)]
pub(super) struct Bounded {
    pub(super) least: usize,
    pub(super) most: usize,
}

/// Refuses a configuration unless the condition holds.
pub(super) fn one_of(holds: bool, message: impl Into<Cow<'static, str>>) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::config(message)) }
}

/// Checks the length of a text and that it holds no control characters but tabs and line ends.
pub(super) fn field(what: &str, text: &str, length: Bounded) -> Result<()> {
    let Bounded { least, most } = length;
    one_of((least..=most).contains(&text.len()), format!("consent: {what} must be {least} to {most} bytes"))?;
    one_of(
        text.chars().all(|it| !it.is_control() || matches!(it, '\n' | '\r' | '\t')),
        format!("consent: {what} must not hold control characters"),
    )
}

/// Checks a list of short texts.
pub(super) fn list(what: &str, entries: &[String], least: usize) -> Result<()> {
    one_of(
        (least..=MAX_ENTRIES).contains(&entries.len()),
        format!("consent: {what} must be a list of {least} to {MAX_ENTRIES} texts"),
    )?;
    entries
        .iter()
        .try_for_each(|entry| field(&format!("an entry of {what}"), entry, Bounded { least: 1, most: 200 }))
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A random UUID of version 4 (RFC 9562, section 5.4).
pub(super) fn uuid(entropy: &mut impl Entropy) -> Result<String> {
    let random = u128::from_be_bytes(entropy.bytes()?);
    let marked = random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{marked:032x}");
    let mut text = String::with_capacity(36);
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Ok(text)
}

/// A time as RFC 3339 writes it, in UTC with milliseconds. Civil days after Howard Hinnant's
/// `civil_from_days`.
pub(super) fn rfc3339(ms: u64) -> String {
    let ms = ms.min(MAX_TIME);
    let (days, rest) = (ms / 86_400_000, ms % 86_400_000);
    let shifted = days + 719_468; // days since 0000-03-01
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, millis) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// A length of time as ISO 8601 writes it: whole days if it is whole days, else seconds.
pub(super) fn duration(ms: u64) -> String {
    if ms > 0 && ms.is_multiple_of(86_400_000) {
        format!("P{}D", ms / 86_400_000)
    } else if ms.is_multiple_of(1_000) {
        format!("PT{}S", ms / 1_000)
    } else {
        format!("PT{}.{:03}S", ms / 1_000, ms % 1_000)
    }
}

/// A time that JavaScript handed in, in whole milliseconds.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] if it is not a time between 1970 and 9999.
pub fn time(now: f64) -> Result<u64> {
    if now.is_finite() && (0.0..=MAX_TIME as f64).contains(&now) {
        Ok(now as u64) // the range is checked
    } else {
        Err(Error::argument("consent: the time must be milliseconds since 1970, before the year 10000"))
    }
}

/// Reads JSON that a caller handed in. The message names the field, never its value.
///
/// # Errors
/// [`ErrorCode::InputTooLarge`] above [`MAX_JSON`] bytes, [`ErrorCode::ConfigInvalid`] otherwise.
pub fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    if text.len() > MAX_JSON {
        return Err(Error::new(ErrorCode::InputTooLarge, format!("consent: {what} is larger than 4 MiB")));
    }
    json::read(text).map_err(|refusal| {
        Error::config(match refusal {
            Refusal::Syntax => format!("consent: {what} is not JSON"),
            Refusal::Missing { field } => format!("consent: {what}: the field `{field}` is missing"),
            // The names in it come from the caller's data: not even they are passed on.
            Refusal::Unknown { .. } => format!("consent: {what} has a field that it should not have"),
            Refusal::Kind { field, choices } if !choices.is_empty() => {
                format!("consent: {what}: {field} must be {}", json::one_of(choices))
            }
            Refusal::Kind { field, .. } => format!("consent: {what}: {field} is not of the kind it must be"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostEntropy;

    #[test]
    fn times_are_written_as_rfc_3339() {
        // date -u -d @N +%FT%T
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_709_164_799, "2024-02-28T23:59:59.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(rfc3339(seconds * 1_000), text);
        }
        assert_eq!(rfc3339(1_007), "1970-01-01T00:00:01.007Z");
    }

    #[test]
    fn lengths_of_time_are_written_as_iso_8601() {
        assert_eq!(duration(30 * 86_400_000), "P30D");
        assert_eq!(duration(90_000), "PT90S");
        assert_eq!(duration(1_050), "PT1.050S");
        assert_eq!(duration(0), "PT0S");
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        let one = uuid(&mut HostEntropy).unwrap();
        assert_eq!(one.len(), 36);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&one.as_bytes()[19]));
        assert_ne!(one, uuid(&mut HostEntropy).unwrap());
    }

    #[test]
    fn a_refusal_names_the_field_and_never_the_value() {
        let refusal = |text: &str| read::<super::super::Purpose>("a purpose", text).unwrap_err();
        assert!(refusal("{\"id\":\"x\"}").message().contains("`name`"));
        assert!(refusal("{\"id\": 7}").message().contains("id"));
        let hostile = refusal("{\"secret-of-mine\": \"secret-of-mine\"}");
        assert!(!hostile.message().contains("secret"), "{hostile}");
        assert!(!refusal("{\"id\":\"x\",\"category\":\"secret\"}").message().contains("secret"));
        let nested = "[".repeat(10_000);
        assert!(read::<serde_json::Value>("it", &nested).is_err());
        assert_eq!(
            read::<serde_json::Value>("it", &" ".repeat(MAX_JSON + 1)).unwrap_err().code(),
            ErrorCode::InputTooLarge
        );
    }

    #[test]
    fn only_times_are_times() {
        assert_eq!(time(1.5).unwrap(), 1);
        for bad in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert!(time(bad).is_err());
        }
    }
}
