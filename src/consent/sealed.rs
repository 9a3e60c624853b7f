//! The consents of one person as bytes, on disk or wherever the host keeps them.
//!
//! Two entries for each person, named by a keyed commitment to the user id, never by the id itself:
//!
//! *The key*, [`Keyset::seal_data_key`] of the person's own [`DataKey`]. Destroying it erases the record and
//! everything else sealed with it, copies included.
//!
//! *The record*:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version, 1 |
//! | 1 | 1: a document · 2: an erasure |
//! | 8 | generation, big-endian, from 1; one more with every write |
//! | rest | a sealed record (`crypto`): of a document, under the person's key; of an erasure, under the keyset |
//!
//! The sealed part is bound to its schema, the generation, the commitment and what it is, so that no part of
//! one entry opens in another place: not another person's, and not an older one under a newer number.

use super::subject::{Subject, check_subject};
use super::text::hex;
use crate::crypto::{Context, DataKey, Keyset, SigningKey};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use crate::json;
use serde_json::Value;

/// The version of a record entry.
const VERSION: u8 = 1;
/// Bytes before the sealed part.
const HEADER: usize = 10;

/// What stands in the second byte.
const DOCUMENT: u8 = 1;
const ERASURE: u8 = 2;

/// The name of a person in keys and files: 64 hexadecimal digits of HMAC-SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pseudonym(String);

impl Pseudonym {
    /// The name of a person under this keyset; it stays the same when the keyset is rotated.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] unless the id is 1 to 512 bytes without control characters.
    pub fn of(keyset: &Keyset, subject: &str) -> Result<Self> {
        check_subject(subject)?;
        let commitment = keyset.commitments().commit("vespera-consent-subject/1", subject.as_bytes())?;
        Ok(Self(hex(&commitment)))
    }

    /// Reads a name that a store listed.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] if it is not one.
    pub fn read(name: &str) -> Result<Self> {
        let is_name = name.len() == 64 && name.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        if is_name {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::argument("consent: a name in the store must be 64 hexadecimal digits"))
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a record entry holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A person's consents.
    Document(Subject),
    /// Nothing but the certificates of erasures, oldest first.
    Erased {
        /// The generation of the entry.
        generation: u64,
        /// The id of the key that was destroyed.
        key_id: u32,
        /// The certificates.
        certificates: Vec<Value>,
    },
}

/// The key that signs receipts, sealed, to be kept beside the records.
///
/// # Errors
/// As [`Keyset::seal_signing_key`].
pub fn seal_identity(keyset: &mut Keyset, key: &SigningKey, entropy: &mut impl Entropy) -> Result<Vec<u8>> {
    keyset.seal_signing_key(key, &identity()?, entropy)
}

/// Opens what [`seal_identity`] sealed.
///
/// # Errors
/// As [`Keyset::open`].
pub fn open_identity(keyset: &Keyset, sealed: &[u8]) -> Result<SigningKey> {
    keyset.open_signing_key(sealed, &identity()?)
}

fn identity() -> Result<Context> {
    Context::record("vespera-consent-identity/1", "", "", "")
}

fn key_context(whose: &Pseudonym) -> Result<Context> {
    Context::record("vespera-consent-key/1", "", whose.as_str(), "")
}

fn record_context(kind: u8, generation: u64, whose: &Pseudonym) -> Result<Context> {
    let schema = if kind == DOCUMENT { super::subject::SCHEMA } else { "vespera-consent-erasure/1" };
    Context::record(schema, &generation.to_string(), whose.as_str(), "consent")
}

/// Seals a person's key.
///
/// # Errors
/// As [`Keyset::seal_data_key`].
pub fn seal_key(
    keyset: &mut Keyset,
    whose: &Pseudonym,
    key: &DataKey,
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>> {
    keyset.seal_data_key(key, &key_context(whose)?, entropy)
}

/// Opens a person's key.
///
/// # Errors
/// As [`Keyset::open_data_key`].
pub fn open_key(keyset: &Keyset, whose: &Pseudonym, sealed: &[u8]) -> Result<DataKey> {
    keyset.open_data_key(sealed, &key_context(whose)?)
}

/// The generation that a record entry claims; opening it proves the claim.
///
/// # Errors
/// [`ErrorCode::ConsentRecordInvalid`] if the bytes are not a record entry of this version.
pub fn generation(entry: &[u8]) -> Result<u64> {
    Ok(split(entry)?.1)
}

fn split(entry: &[u8]) -> Result<(u8, u64, &[u8])> {
    let parts = || match entry.split_first_chunk::<2>()? {
        ([VERSION, kind @ (DOCUMENT | ERASURE)], rest) => {
            let (generation, sealed) = rest.split_first_chunk::<8>()?;
            Some((*kind, u64::from_be_bytes(*generation), sealed))
        }
        _ => None,
    };
    parts().ok_or_else(|| {
        Error::new(ErrorCode::ConsentRecordInvalid, "consent: these bytes are not a record of version 1")
    })
}

fn join(kind: u8, generation: u64, sealed: &[u8]) -> Vec<u8> {
    let mut entry = Vec::with_capacity(HEADER + sealed.len());
    entry.extend_from_slice(&[VERSION, kind]);
    entry.extend_from_slice(&generation.to_be_bytes());
    entry.extend_from_slice(sealed);
    entry
}

/// Seals a document with its own generation.
///
/// # Errors
/// As [`DataKey::seal`].
pub fn seal_document(
    key: &mut DataKey,
    whose: &Pseudonym,
    subject: &Subject,
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>> {
    let json = zeroize::Zeroizing::new(json::write(subject).ok_or_else(unreadable)?);
    let context = record_context(DOCUMENT, subject.generation, whose)?;
    Ok(join(DOCUMENT, subject.generation, &key.seal(json.as_bytes(), &context, entropy)?))
}

/// Seals what remains after an erasure.
///
/// # Errors
/// As [`Keyset::seal`].
pub fn seal_erasure(
    keyset: &mut Keyset,
    whose: &Pseudonym,
    generation: u64,
    key_id: u32,
    certificates: &[Value],
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>> {
    let json = json::write(&(key_id, certificates)).ok_or_else(unreadable)?;
    let context = record_context(ERASURE, generation, whose)?;
    Ok(join(ERASURE, generation, &keyset.seal(json.as_bytes(), &context, entropy)?))
}

/// Opens a record entry. A failure is never "no consent": it is an error, and the caller refuses.
///
/// # Errors
/// [`ErrorCode::ConsentKeyLost`] if the person's key is missing; [`ErrorCode::CryptoOpenFailed`] if the bytes
/// were changed, are another person's or another generation's; [`ErrorCode::ConsentRecordInvalid`] if what
/// opens is not a document of this version; as [`Keyset::open`].
pub fn open_entry(keyset: &Keyset, whose: &Pseudonym, entry: &[u8], key: Option<&[u8]>) -> Result<Entry> {
    let (kind, generation, sealed) = split(entry)?;
    let context = record_context(kind, generation, whose)?;
    if kind == ERASURE {
        let json = keyset.open(sealed, &context)?;
        let text = std::str::from_utf8(&json).map_err(|_| unreadable())?;
        let (key_id, certificates) = json::read(text).map_err(|_| unreadable())?;
        return Ok(Entry::Erased { generation, key_id, certificates });
    }
    let key = key.ok_or_else(|| {
        Error::new(
            ErrorCode::ConsentKeyLost,
            "consent: a record exists, but the key of its person is missing: restore the key entry from a \
             backup, or erase the person",
        )
    })?;
    let json = open_key(keyset, whose, key)?.open(sealed, &context)?;
    let subject = Subject::from_json(&json)?;
    // The seal binds these already; a document that says otherwise was sealed by a faulty program.
    if subject.generation == generation && Pseudonym::of(keyset, &subject.subject)? == *whose {
        Ok(Entry::Document(subject))
    } else {
        Err(unreadable())
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::ConsentRecordInvalid, "consent: the record opens, but does not hold what it should")
}
