//! Reads JSON into a type, and names the field that did not fit.
//!
//! serde says in which line a document went wrong. Printed with one field a line, the line is the field: no
//! wrapper around every type is needed to keep track of the path.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a document was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not JSON.
    Syntax,
    /// A field that must be there is not.
    Missing {
        /// Its name.
        field: String,
    },
    /// A field is there that nobody knows.
    Unknown {
        /// serde's sentence about it: its name, and the names there are.
        words: String,
    },
    /// A field is of another kind than it must be.
    Kind {
        /// The path of the field, such as `rules[2].pattern`; `.` is the document.
        field: String,
    },
}

/// Reads a document.
///
/// # Errors
/// A [`Refusal`], which holds names of fields but never a value.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|_| match serde_json::from_str::<Value>(text) {
        Ok(tree) => refusal::<T>(&tree),
        Err(_) => Refusal::Syntax,
    })
}

/// Reads a tree of values. The same errors as [`read`].
///
/// # Errors
/// A [`Refusal`].
pub fn read_tree<T: DeserializeOwned>(tree: &Value) -> Result<T, Refusal> {
    let text = serde_json::to_string(tree).map_err(|_| Refusal::Syntax)?;
    serde_json::from_str(&text).map_err(|_| refusal::<T>(tree))
}

fn refusal<T: DeserializeOwned>(tree: &Value) -> Refusal {
    let Ok(printed) = serde_json::to_string_pretty(tree) else { return Refusal::Syntax };
    let Err(error) = serde_json::from_str::<T>(&printed) else { return Refusal::Syntax };
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    // serde's sentences quote values as well as names: only the two about names are passed on.
    if let Some(name) = words.strip_prefix("missing field ") {
        Refusal::Missing { field: name.trim_matches('`').to_owned() }
    } else if words.starts_with("unknown field ") {
        Refusal::Unknown { words: words.to_owned() }
    } else {
        Refusal::Kind { field: path(&printed, error.line()) }
    }
}

/// The path of the field that stands in a line of a document printed with one field a line.
fn path(printed: &str, line: usize) -> String {
    let mut names: Vec<String> = Vec::new();
    // Of each open object or array: how many elements have begun, if it is an array.
    let mut counts: Vec<Option<usize>> = Vec::new();
    for text in printed.lines().take(line) {
        let trimmed = text.trim_start();
        let depth = (text.len() - trimmed.len()) / 2;
        if trimmed.starts_with(['}', ']']) {
            names.truncate(depth);
            counts.truncate(depth);
            continue;
        }
        if depth > 0 {
            names.truncate(depth - 1);
            names.push(match counts.get_mut(depth - 1) {
                Some(Some(count)) => {
                    *count += 1;
                    format!("[{}]", *count - 1)
                }
                _ => format!(".{}", key(trimmed)),
            });
        }
        match trimmed.trim_end_matches(',').chars().next_back() {
            Some('{') => counts.push(None),
            Some('[') => counts.push(Some(0)),
            _ => {}
        }
    }
    let path = names.concat();
    if path.is_empty() { ".".to_owned() } else { path.trim_start_matches('.').to_owned() }
}

/// The name at the start of a line such as `"name": …`.
fn key(line: &str) -> String {
    let mut names = serde_json::Deserializer::from_str(line).into_iter::<String>();
    names.next().and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read does not matter here")]
    struct Document {
        name: String,
        #[serde(default)]
        rules: Vec<Rule>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "what is read does not matter here")]
    struct Rule {
        weight: f64,
        #[serde(default)]
        words: Vec<String>,
    }

    fn field(text: &str) -> String {
        match read::<Document>(text).unwrap_err() {
            Refusal::Kind { field } => field,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_field_is_named_wherever_it_stands() {
        assert_eq!(field(r#"{"name": 1}"#), "name");
        assert_eq!(field(r#"{"name": {"a": 1}}"#), "name");
        assert_eq!(field(r#"{"name": "a", "rules": 1}"#), "rules");
        assert_eq!(
            field(r#"{"name": "a", "rules": [{"weight": 1}, {"weight": "heavy"}]}"#),
            "rules[1].weight"
        );
        assert_eq!(
            field(r#"{"name": "a\": [{", "rules": [{"weight": 1, "words": ["{", "x\": [", 7]}]}"#),
            "rules[0].words[2]"
        );
        assert_eq!(field("[]"), ".");
        assert_eq!(field("7"), ".");
    }

    #[test]
    fn names_are_passed_on_and_values_are_not() {
        assert_eq!(read::<Document>("{}").unwrap_err(), Refusal::Missing { field: "name".into() });
        let Refusal::Unknown { words } = read::<Document>(r#"{"name": "a", "nmae": "hunter2"}"#).unwrap_err()
        else {
            panic!("another refusal")
        };
        assert!(words.contains("nmae") && !words.contains("hunter2"), "{words}");
        assert_eq!(read::<Document>("{").unwrap_err(), Refusal::Syntax);
    }
}
