//! Masks in the place of personal data.

use super::{PersonalKind, find};
use crate::text::cursor::part;
use serde::{Deserialize, Serialize};

/// How a mask looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskStyle {
    /// `[EMAIL]`.
    Label,
    /// The first and the last characters, as far as they name nobody.
    Partial,
}

/// Puts masks in the place of personal data of the kinds given.
#[must_use]
pub fn mask(text: &str, kinds: &[PersonalKind], style: MaskStyle) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut kept = 0;
    for found in find(text).into_iter().filter(|found| kinds.contains(&found.kind)) {
        masked.push_str(part(text, kept..found.range.start));
        let value = part(text, found.range.clone());
        match style {
            MaskStyle::Label => {
                masked.push('[');
                masked.push_str(found.kind.label());
                masked.push(']');
            }
            MaskStyle::Partial => partial(value, found.kind, &mut masked),
        }
        kept = found.range.end;
    }
    masked.push_str(part(text, kept..text.len()));
    masked
}

/// Keeps what helps a person to know the thing again, and hides the rest.
fn partial(value: &str, kind: PersonalKind, masked: &mut String) {
    let count = value.bytes().filter(u8::is_ascii_alphanumeric).count();
    let shown = match kind {
        PersonalKind::Card | PersonalKind::Iban => 4,
        PersonalKind::Phone | PersonalKind::NationalId => 2,
        PersonalKind::Email | PersonalKind::Ip | PersonalKind::Mac => 0,
    };
    let host = value.find('@').unwrap_or(value.len());
    let top = value.rfind('.').unwrap_or(value.len());
    let mut seen = 0;
    for (index, c) in value.char_indices() {
        let hidden = c.is_ascii_alphanumeric();
        seen += usize::from(hidden);
        let keeps = match kind {
            PersonalKind::Email => index == 0 || index == host + 1 || index > top,
            PersonalKind::Ip | PersonalKind::Mac => seen <= 3 && count > 6,
            _ => seen + shown > count,
        };
        masked.push(if hidden && !keeps { '*' } else { c });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hide_what_names_a_person() {
        let text = "ann@example.org pays with 4111 1111 1111 1111";
        assert_eq!(mask(text, PersonalKind::ALL, MaskStyle::Label), "[EMAIL] pays with [CARD]");
        assert_eq!(
            mask(text, PersonalKind::ALL, MaskStyle::Partial),
            "a**@e******.org pays with **** **** **** 1111"
        );
        assert_eq!(mask(text, &[PersonalKind::Card], MaskStyle::Label), "ann@example.org pays with [CARD]");
    }
}
