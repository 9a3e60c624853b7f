//! Reads JSON into a type, and names the field that did not fit; writes JSON.
//!
//! A text becomes a tree of values, and the tree becomes the type. serde compiles a reader anew for every type, so
//! what such a reader calls is kept small here: only the shapes that a document has are read (a structure is an
//! object, never an array), and errors are made in one place.

use serde::Serialize;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::ser::Formatter;
use serde_json::{Map, Number, Value};
use std::fmt::{self, Display, Write as _};
use std::io;

/// Why a document was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not JSON, or an object in it names a field twice.
    Syntax,
    /// A field that must be there is not.
    Missing {
        /// Its name.
        field: String,
    },
    /// A field is there that nobody knows.
    Unknown {
        /// A sentence about it: its name, and the names there are.
        words: String,
    },
    /// A field is of another kind than it must be.
    Kind {
        /// The path of the field, such as `rules[2].pattern`; `.` is the document.
        field: String,
        /// The words of which it must be one; empty if it is not one of a few words.
        choices: &'static [&'static str],
    },
}

/// What a field must be that is one of a few words: their names, as a message has them.
#[must_use]
pub fn one_of(choices: &[&str]) -> String {
    format!("one of `{}`", choices.join("`, `"))
}

/// Reads a document.
///
/// # Errors
/// A [`Refusal`], which holds names of fields but never a value.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let Tree(tree) = serde_json::from_str(text).map_err(|_| Refusal::Syntax)?;
    read_tree(&tree)
}

/// Reads a tree of values. The same errors as [`read`].
///
/// # Errors
/// A [`Refusal`].
pub fn read_tree<T: DeserializeOwned>(tree: &Value) -> Result<T, Refusal> {
    T::deserialize(Node(tree)).map_err(|refused| match *refused.0 {
        Refusal::Kind { field, choices } if field.is_empty() => {
            Refusal::Kind { field: ".".to_owned(), choices }
        }
        Refusal::Kind { field, choices } => {
            Refusal::Kind { field: field.trim_start_matches('.').to_owned(), choices }
        }
        other => other,
    })
}

/// Reads a field in a function of its own, for fields that are large and seldom given: an engine compiles what is called.
#[inline(never)]
pub(crate) fn apart<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<T, D::Error> {
    T::deserialize(field)
}

/// Writes a value as compact JSON; nothing for what has no such form.
pub fn write(value: &impl Serialize) -> Option<String> {
    let mut text = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Compact)).ok()?;
    String::from_utf8(text).ok()
}

/// serde_json's compact form, with core's way of writing numbers: a second one would bring 17 KB of tables.
struct Compact;

impl Formatter for Compact {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write!(writer, "{value:?}")
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        write!(writer, "{value:?}")
    }
}

/// A tree of values in which no object names a field twice: two readers of one text must not see two documents.
struct Tree(Value);

impl<'de> serde::Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree(Value::Bool(value)))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree(Value::Number(value.into())))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree(Value::Number(value.into())))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree(Number::from_f64(value).map_or(Value::Null, Value::Number)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree(Value::String(value.to_owned())))
            }
            fn visit_string<E>(self, value: String) -> Result<Tree, E> {
                Ok(Tree(Value::String(value)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
                let mut array = Vec::new();
                while let Some(Tree(item)) = items.next_element()? {
                    array.push(item);
                }
                Ok(Tree(Value::Array(array)))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Tree, A::Error> {
                let mut object = Map::new();
                while let Some(name) = fields.next_key::<String>()? {
                    let Tree(value) = fields.next_value()?;
                    if object.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("a field stands twice"));
                    }
                }
                Ok(Tree(Value::Object(object)))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// A refusal on its way out: every object and array that it leaves adds its part of the path.
#[derive(Debug)]
struct Refused(Box<Refusal>);

impl Refused {
    fn kind() -> Self {
        Self(Box::new(Refusal::Kind { field: String::new(), choices: &[] }))
    }

    fn below(mut self, step: impl Display) -> Self {
        if let Refusal::Kind { field, .. } = &mut *self.0 {
            *field = format!("{step}{field}");
        }
        self
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("json: refused")
    }
}

impl std::error::Error for Refused {}

/// Every sentence about a value is dropped unread: it could quote the value.
impl serde::de::Error for Refused {
    fn custom<T: Display>(_: T) -> Self {
        Self::kind()
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::kind()
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::kind()
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::kind()
    }

    fn unknown_variant(_: &str, choices: &'static [&'static str]) -> Self {
        Self(Box::new(Refusal::Kind { field: String::new(), choices }))
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        let mut words = format!("unknown field `{field}`, ");
        match known {
            [] => words.push_str("there are no fields"),
            [only] => _ = write!(words, "expected `{only}`"),
            [one, other] => _ = write!(words, "expected `{one}` or `{other}`"),
            _ => _ = write!(words, "expected one of `{}`", known.join("`, `")),
        }
        Self(Box::new(Refusal::Unknown { words }))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(Box::new(Refusal::Missing { field: field.to_owned() }))
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::kind()
    }
}

/// A value that is being read.
#[derive(Clone, Copy)]
struct Node<'de>(&'de Value);

impl<'de> Node<'de> {
    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let Value::Number(number) = self.0 else { return Err(Refused::kind()) };
        match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => visitor.visit_u64(number),
            (_, Some(number), _) => visitor.visit_i64(number),
            (.., Some(number)) => visitor.visit_f64(number),
            _ => Err(Refused::kind()),
        }
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.0 {
            Value::String(text) => visitor.visit_borrowed_str(text),
            _ => Err(Refused::kind()),
        }
    }

    fn array<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items { items: items.iter(), next: 0 }),
            _ => Err(Refused::kind()),
        }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Fields { fields: fields.iter(), value: None }),
            _ => Err(Refused::kind()),
        }
    }
}

/// The methods of [`Deserializer`] that read one shape.
macro_rules! read_as {
    ($($shape:ident: $($method:ident)+;)+) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.$shape(visitor)
        }
    )+)+};
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Refused;

    read_as! {
        number: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
            deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_f32 deserialize_f64;
        text: deserialize_str deserialize_string deserialize_char deserialize_identifier;
        array: deserialize_seq deserialize_bytes deserialize_byte_buf;
        object: deserialize_map;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(_) => self.number(visitor),
            Value::String(_) => self.text(visitor),
            Value::Array(_) => self.array(visitor),
            Value::Object(_) => self.object(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.0.as_bool().map_or_else(|| Err(Refused::kind()), |value| visitor.visit_bool(value))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if self.0.is_null() { visitor.visit_unit() } else { Err(Refused::kind()) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        self.array(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.array(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Object(fields) if fields.len() == 1 => match fields.iter().next() {
                Some((name, content)) => visitor.visit_enum(Variant { name, content: Some(Node(content)) }),
                None => Err(Refused::kind()),
            },
            _ => Err(Refused::kind()),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }
}

/// The elements of an array.
struct Items<'de> {
    items: std::slice::Iter<'de, Value>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        seed.deserialize(Node(item)).map(Some).map_err(|refused| refused.below(format_args!("[{index}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The fields of an object.
struct Fields<'de> {
    fields: serde_json::map::Iter<'de>,
    value: Option<(&'de str, Node<'de>)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        let Some((name, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some((name, Node(value)));
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Refused> {
        let (name, value) = self.value.take().ok_or_else(Refused::kind)?;
        seed.deserialize(value).map_err(|refused| refused.below(format_args!(".{name}")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.fields.len())
    }
}

/// A variant: its name alone, or an object whose one field is its name.
struct Variant<'de> {
    name: &'de str,
    content: Option<Node<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Refused> {
        Ok((seed.deserialize(BorrowedStrDeserializer::new(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        self.content.map_or(Ok(()), |_| Err(Refused::kind()))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        seed.deserialize(self.content.ok_or_else(Refused::kind)?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        self.content.ok_or_else(Refused::kind)?.array(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.content.ok_or_else(Refused::kind)?.object(visitor)
    }
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
            Refusal::Kind { field, .. } => field,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_word_that_is_none_of_a_few_brings_those_and_not_itself() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        enum Colour {
            DarkRed,
            Green,
        }
        let refused = read::<Vec<Colour>>(r#"["green", "secret"]"#).unwrap_err();
        let Refusal::Kind { field, choices } = &refused else { panic!("{refused:?}") };
        assert_eq!((field.as_str(), one_of(choices).as_str()), ("[1]", "one of `darkRed`, `green`"));
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

    #[test]
    fn what_is_written_is_what_serde_json_reads() {
        let value = serde_json::json!({ "a": [0.1, -0.0, 1e300, 5e-324, 1.0, 1e16, 7, -7, u64::MAX], "b\"\u{1}": null });
        let text = write(&value).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{text}");
        assert!(
            text.starts_with("{\"a\":[0.1,-0.0,1e300,5e-324,1.0,1e16,7,-7,18446744073709551615]"),
            "{text}"
        );
    }

    #[test]
    fn a_field_that_stands_twice_is_refused() {
        assert_eq!(read::<Document>(r#"{"name": "a", "name": "b"}"#).unwrap_err(), Refusal::Syntax);
        assert_eq!(read::<Value>(r#"{"a": [{"b": 1, "b": 1}]}"#).unwrap_err(), Refusal::Syntax);
    }

    #[test]
    fn every_shape_is_read_as_serde_json_reads_it() {
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(rename_all = "camelCase")]
        enum Shape {
            Unit,
            Newtype(Vec<Option<bool>>),
            Tuple(u8, i64),
            Struct { rate: f64, code: char, word: String },
        }
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(tag = "kind", deny_unknown_fields)]
        enum Tagged {
            One { limit: u64, rest: std::collections::BTreeMap<String, Value> },
        }
        #[derive(Debug, Deserialize, PartialEq)]
        struct Wrapper(u32);
        #[derive(Debug, Deserialize, PartialEq)]
        struct Nothing;
        #[derive(Debug, Deserialize, PartialEq)]
        struct All {
            shapes: Vec<Shape>,
            tagged: Option<Tagged>,
            wrapper: Option<Wrapper>,
            nothing: Option<Nothing>,
            pair: Option<(i8, String)>,
        }
        for text in [
            r#"{"shapes": ["unit", {"newtype": [true, null]}, {"tuple": [1, -9]}]}"#,
            r#"{"shapes": [{"struct": {"rate": 1, "code": "x", "word": "\u00e9"}}], "nothing": null, "else": [{}]}"#,
            r#"{"shapes": [], "tagged": {"kind": "One", "limit": 18446744073709551615, "rest": {"a": [1.5e3]}}}"#,
            r#"{"shapes": [], "wrapper": 7, "pair": [-128, "b"]}"#,
            r#"{"shapes": ["other"]}"#,
            r#"{"shapes": ["newtype"]}"#,
            r#"{"shapes": [{"unit": 1}]}"#,
            r#"{"shapes": [{"unit": null, "tuple": [1, 2]}]}"#,
            r#"{"shapes": [{"tuple": [1]}]}"#,
            r#"{"shapes": [{"tuple": [256, 1]}]}"#,
            r#"{"shapes": [], "wrapper": -1}"#,
            r#"{"shapes": [], "wrapper": 1.5}"#,
            r#"{"shapes": [], "wrapper": "1"}"#,
            r#"{"shapes": [], "tagged": {"kind": "One", "limit": 1, "rest": {}, "more": 1}}"#,
            r#"{"shapes": [], "tagged": {"kind": "Two"}}"#,
            r#"{"shapes": null}"#,
            r#"{}"#,
        ] {
            let ours = read::<All>(text);
            assert_eq!(
                ours.as_ref().ok(),
                serde_json::from_str::<All>(text).ok().as_ref(),
                "{text} {ours:?}"
            );
        }
    }
}
