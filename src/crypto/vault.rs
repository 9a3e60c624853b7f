//! Entries of a vault: a token under a name, neither of them readable in the store.
//!
//! An entry's key in the store is a keyed commitment to its name, so that the name shows nowhere and is still
//! found; the sealed entry is bound to that commitment, so that two entries cannot change places. It counts how
//! often the name was written, so that whoever remembers the highest count notices an older one put back.

use super::commitment::Commitment;
use super::context::Context;
use super::keyset::Keyset;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The longest name and the longest value of an entry, in bytes.
pub const MAX_VAULT_VALUE: usize = 64 * 1024;

const NAME: &str = "vespera-security/vault/name";

/// What stands in the store for a name.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] if the name is empty, [`ErrorCode::InputTooLarge`] above [`MAX_VAULT_VALUE`].
pub fn entry_key(keyset: &Keyset, vault: &str, name: &str) -> Result<Commitment> {
    if name.is_empty() {
        return Err(Error::argument("crypto: the name of an entry must not be empty"));
    }
    bounded(name)?;
    keyset.commitments().commit(NAME, &pair(vault, name))
}

/// Seals an entry: its name, its value, and how often the name was written.
///
/// # Errors
/// As [`entry_key`] and [`Keyset::seal`].
pub fn seal_entry(
    keyset: &mut Keyset,
    vault: &str,
    name: &str,
    value: &[u8],
    generation: u64,
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>> {
    let value =
        str::from_utf8(value).map_err(|_| Error::argument("crypto: the value of an entry must be UTF-8"))?;
    bounded(value)?;
    let context = context(vault, &entry_key(keyset, vault, name)?)?;
    let pair = pair(name, value);
    let mut entry = Zeroizing::new(Vec::with_capacity(8 + pair.len()));
    entry.extend_from_slice(&generation.to_be_bytes());
    entry.extend_from_slice(&pair);
    keyset.seal(&entry, &context, entropy)
}

/// The entry that the store holds under this key, sealed anew with the primary key.
///
/// # Errors
/// As [`Keyset::reseal`].
pub fn reseal_entry(
    keyset: &mut Keyset,
    vault: &str,
    key: &[u8],
    sealed: &[u8],
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>> {
    keyset.reseal(sealed, &context(vault, key)?, entropy)
}

/// A vault's entry, opened.
#[derive(Debug)]
pub struct Entry(Zeroizing<Vec<u8>>);

impl Entry {
    /// Opens the entry that the store holds under this key.
    ///
    /// # Errors
    /// As [`Keyset::open`].
    pub fn open(keyset: &Keyset, vault: &str, key: &[u8], sealed: &[u8]) -> Result<Self> {
        let entry = Self(keyset.open(sealed, &context(vault, key)?)?);
        entry.parts().map(|_| ()).ok_or_else(|| {
            Error::new(ErrorCode::CryptoOpenFailed, "crypto: the record opens but is no entry of a vault")
        })?;
        Ok(entry)
    }

    /// How often its name was written, as it says.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.parts().map_or(0, |(generation, ..)| generation)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parts().map_or("", |(_, name, _)| name)
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &str {
        self.parts().map_or("", |(.., value)| value)
    }

    /// Whether this is its value, in time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, candidate: &[u8]) -> bool {
        bool::from(self.value().as_bytes().ct_eq(candidate))
    }

    fn parts(&self) -> Option<(u64, &str, &str)> {
        let (generation, rest) = self.0.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (name, value) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        Some((u64::from_be_bytes(*generation), str::from_utf8(name).ok()?, str::from_utf8(value).ok()?))
    }
}

fn context(vault: &str, key: &[u8]) -> Result<Context> {
    let mut shown = String::with_capacity(64);
    for byte in key {
        shown.extend(
            [byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')),
        );
    }
    Context::record("vespera-security/vault/1", &shown, vault, "")
}

/// The length of the first text, the first, and the second.
fn pair(first: &str, second: &str) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4 + first.len() + second.len()));
    bytes.extend_from_slice(&u32::try_from(first.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(first.as_bytes());
    bytes.extend_from_slice(second.as_bytes());
    bytes
}

fn bounded(text: &str) -> Result<()> {
    if text.len() <= MAX_VAULT_VALUE {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::InputTooLarge,
        "crypto: an entry's name and value have at most 65536 bytes each",
    ))
}
