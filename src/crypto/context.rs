//! What a record is bound to.
//!
//! A record opens only under the context it was sealed with, so that it cannot be put in the place of
//! another one. The parts are counted and carry their lengths: no two contexts give the same bytes.

use crate::error::{Error, ErrorCode, Result};

/// The longest context, in bytes of all its parts together.
pub const MAX_CONTEXT: usize = 4096;

/// What kind of thing is sealed; keeps a record of one kind from opening as another.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Kind {
    Record = 1,
    DataKey = 2,
    SigningKey = 3,
}

/// What a record is bound to: one text, or schema, record id, subject and purpose.
#[derive(Clone, PartialEq, Eq)]
pub struct Context {
    // Count of parts, then for each its length as four bytes, big-endian, and the part itself.
    bytes: Vec<u8>,
}

impl Context {
    /// A context of one text.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] above [`MAX_CONTEXT`] bytes.
    pub fn text(text: &str) -> Result<Self> {
        Self::parts(&[text])
    }

    /// The context of a stored record: which form it has, which one it is, whose, and what for.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] above [`MAX_CONTEXT`] bytes in all.
    pub fn record(schema: &str, record_id: &str, subject: &str, purpose: &str) -> Result<Self> {
        Self::parts(&[schema, record_id, subject, purpose])
    }

    fn parts(parts: &[&str]) -> Result<Self> {
        let length: usize = parts.iter().map(|part| part.len()).fold(0, usize::saturating_add);
        if length > MAX_CONTEXT {
            return Err(Error::new(
                ErrorCode::InputTooLarge,
                "crypto: a context must be at most 4096 bytes in all its parts",
            ));
        }
        let mut bytes = Vec::with_capacity(1 + parts.len() * 4 + length);
        bytes.extend(u8::try_from(parts.len()));
        for part in parts {
            bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Ok(Self { bytes })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A context may name a person: it is never printed.
impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Context")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_two_contexts_give_the_same_bytes(
            a in proptest::collection::vec("[a-c|]{0,4}", 4), b in proptest::collection::vec("[a-c|]{0,4}", 4),
        ) {
            let of = |parts: &[String]| Context::record(&parts[0], &parts[1], &parts[2], &parts[3]).unwrap();
            prop_assert_eq!(a == b, of(&a) == of(&b));
            prop_assert_ne!(of(&a), Context::text(&a.join("|")).unwrap());
        }
    }

    #[test]
    fn a_context_is_bounded() {
        assert!(Context::text(&"x".repeat(MAX_CONTEXT)).is_ok());
        assert_eq!(Context::text(&"x".repeat(MAX_CONTEXT + 1)).unwrap_err().code(), ErrorCode::InputTooLarge);
    }
}
