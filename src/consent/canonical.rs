//! JSON in one form only, so that it can be hashed and signed (RFC 8785, JSON Canonicalization Scheme).
//!
//! What is signed here holds texts, whole numbers, truth values, lists and objects. Numbers with a fraction
//! are refused: their canonical form is the one thing in RFC 8785 that needs more than sorting.

use crate::collect::sort_by;
use crate::error::{Error, ErrorCode, Result};
use crate::json;
use serde_json::Value;
use std::fmt::Write as _;

/// Levels of lists and objects that are followed.
const MAX_DEPTH: usize = 32;

/// The largest whole number that JavaScript holds exactly.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// The canonical form of a value.
///
/// # Errors
/// [`ErrorCode::ConsentReceiptInvalid`] for numbers with a fraction or beyond 2^53, and nesting beyond 32
/// levels.
pub fn canonical(value: &Value) -> Result<String> {
    let mut out = String::new();
    write(value, 0, &mut out)?;
    Ok(out)
}

fn write(value: &Value, depth: usize, out: &mut String) -> Result<()> {
    let invalid = |why| Error::new(ErrorCode::ConsentReceiptInvalid, why);
    if depth > MAX_DEPTH {
        return Err(invalid("consent: the document is nested deeper than 32 levels"));
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let safe = number.as_u64().is_some_and(|it| it <= MAX_SAFE)
                || number.as_i64().is_some_and(|it| it.unsigned_abs() <= MAX_SAFE);
            if !safe {
                return Err(invalid("consent: a signed document holds whole numbers below 2^53 only"));
            }
            _ = match number.as_u64() {
                Some(number) => write!(out, "{number}"),
                None => write!(out, "{}", number.as_i64().unwrap_or(0)),
            };
        }
        Value::String(text) => out.push_str(&quoted(text)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, depth + 1, out)?;
            }
            out.push(']');
        }
        Value::Object(fields) => {
            // Keys are sorted as UTF-16, which is not the order of their bytes.
            let mut sorted: Vec<_> = fields.iter().map(|(key, value)| (utf16(key), key, value)).collect();
            sort_by(&mut sorted, |one, other| one.0.cmp(&other.0));
            out.push('{');
            for (index, (_, key, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(key));
                out.push(':');
                write(value, depth + 1, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

// serde_json writes strings as RFC 8785, section 3.2.2.2, asks: the shortest form, hexadecimal digits small.
fn quoted(text: &str) -> String {
    json::write(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_strings_are_those_of_the_rfc() {
        // RFC 8785, section 3.2.3: the input and its order; and 3.2.2.2: the string.
        let sorted: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
                "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",
                "\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        let order = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"];
        let text = canonical(&sorted).unwrap();
        let at: Vec<_> = order.iter().map(|it| text.find(it).unwrap()).collect();
        assert!(at.is_sorted(), "{text}");

        let string: Value = serde_json::from_str(
            r#"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&string).unwrap(),
            r#"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
    }

    #[test]
    fn what_has_no_plain_form_is_refused() {
        for bad in ["1.5", "9007199254740993", "-9007199254740993", "1e400"] {
            let Ok(value) = serde_json::from_str::<Value>(bad) else { continue };
            assert!(canonical(&value).is_err(), "{bad}");
        }
        let deep = (0..40).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(canonical(&deep).is_err());
    }
}
