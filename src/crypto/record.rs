//! A sealed record: a version byte, the key's id, and a Cobblestone-256 message.

use super::cobblestone::{self, InputKey, MessageKey, SALT};
use super::context::{Context, Kind};
use super::secret::{KEY_LENGTH, Secret, scrubbed};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use zeroize::Zeroizing;

/// The version that every record starts with.
pub(super) const VERSION: u8 = 1;

/// Bytes in front of the message: the version and the key's id.
pub(super) const HEADER: usize = 5;

/// Bytes of a record in front of its chunks: the header, the salt and the commitment.
pub const HEAD: usize = HEADER + SALT + cobblestone::COMMITMENT;

/// The largest plaintext of one record, in bytes.
pub const MAX_PLAINTEXT: usize = 64 * 1024 * 1024;

/// How many records one key seals. The format's own bound is 2^45 messages of 1 GiB, so that records which a
/// restored copy of the key sealed without being counted do not matter.
pub const MAX_USES: u64 = 1 << 32;

/// The bytes of a record sealed from so many bytes of plaintext.
#[must_use]
pub const fn sealed_length(plaintext: usize) -> usize {
    HEADER + cobblestone::sealed_length(plaintext)
}

/// The start of a record whose chunks a cipher of the host seals.
#[derive(Debug)]
pub struct Prepared {
    /// Its first [`HEAD`] bytes.
    pub head: Vec<u8>,
    /// The key and the nonces of its chunks.
    pub message: MessageKey,
}

/// The id of the key that a record says it was sealed with.
///
/// # Errors
/// [`ErrorCode::CryptoOpenFailed`] if the bytes do not start like a record of this version.
pub fn key_id(record: &[u8]) -> Result<u32> {
    Ok(split(record)?.0)
}

fn split(record: &[u8]) -> Result<(u32, &[u8])> {
    match record.split_first() {
        Some((&VERSION, rest)) => rest.split_first_chunk::<4>(),
        _ => None,
    }
    .map(|(id, message)| (u32::from_be_bytes(*id), message))
    .ok_or_else(|| {
        Error::new(ErrorCode::CryptoOpenFailed, "crypto: these bytes are not a record of version 1")
    })
}

/// A key that seals records, with its id and the count of what it sealed.
#[derive(Debug)]
pub(super) struct SealingKey {
    id: u32,
    secret: Secret,
    input: InputKey,
    uses: u64,
}

impl SealingKey {
    pub(super) fn new(id: u32, secret: Secret, uses: u64) -> Result<Self> {
        let input = scrubbed(|| InputKey::new(&secret))?;
        Ok(Self { id, secret, input, uses })
    }

    pub(super) fn generate(id: u32, entropy: &mut impl Entropy) -> Result<Self> {
        Self::new(id, Secret::random(entropy)?, 0)
    }

    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    pub(super) const fn uses(&self) -> u64 {
        self.uses
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(super) fn seal(
        &mut self,
        kind: Kind,
        context: &Context,
        plaintext: &[u8],
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(Error::new(
                ErrorCode::InputTooLarge,
                "crypto: one record holds at most 67108864 bytes, split larger data",
            ));
        }
        let salt = self.next_salt(entropy)?;
        let mut record = Vec::with_capacity(sealed_length(plaintext.len()));
        record.push(VERSION);
        record.extend_from_slice(&self.id.to_be_bytes());
        let context = self.bind(kind, context);
        scrubbed(|| self.input.seal(&salt, &context, plaintext, &mut record))?;
        Ok(record)
    }

    /// Opens a record whose id is this key's.
    pub(super) fn open(&self, kind: Kind, context: &Context, record: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (id, message) = split(record)?;
        if id != self.id {
            return Err(unknown_key());
        }
        let context = self.bind(kind, context);
        scrubbed(|| self.input.open(&context, message))
    }

    /// What a cipher of the host needs to seal a record: its first bytes, and the key of its chunks.
    pub(super) fn prepare(
        &mut self,
        kind: Kind,
        context: &Context,
        entropy: &mut impl Entropy,
    ) -> Result<Prepared> {
        let salt = self.next_salt(entropy)?;
        let message = self.derive(kind, context, &salt)?;
        let mut head = Vec::with_capacity(HEAD);
        head.push(VERSION);
        head.extend_from_slice(&self.id.to_be_bytes());
        head.extend_from_slice(&salt);
        head.extend_from_slice(&message.commitment);
        Ok(Prepared { head, message })
    }

    /// What a cipher of the host needs to open the record that begins with this head.
    pub(super) fn resume(&self, kind: Kind, context: &Context, head: &[u8]) -> Result<MessageKey> {
        let (id, rest) = split(head)?;
        if id != self.id {
            return Err(unknown_key());
        }
        let (salt, commitment) = rest.split_first_chunk::<SALT>().ok_or_else(cobblestone::refused)?;
        let message = self.derive(kind, context, salt)?;
        message.verify(commitment)?;
        Ok(message)
    }

    fn derive(&self, kind: Kind, context: &Context, salt: &[u8; SALT]) -> Result<MessageKey> {
        let context = self.bind(kind, context);
        scrubbed(|| self.input.derive(salt, &context))
    }

    /// Counts one use and gives the salt for it.
    fn next_salt(&mut self, entropy: &mut impl Entropy) -> Result<[u8; SALT]> {
        if self.uses >= MAX_USES {
            return Err(Error::new(
                ErrorCode::CryptoKeyExhausted,
                "crypto: the key has sealed as many records as it may, rotate the keyset",
            ));
        }
        let salt = entropy.bytes()?;
        self.uses += 1;
        Ok(salt)
    }

    /// The message's context: the record's header, its kind, and what the caller binds it to.
    fn bind(&self, kind: Kind, context: &Context) -> Vec<u8> {
        let [a, b, c, d] = self.id.to_be_bytes();
        [&[VERSION, a, b, c, d, kind as u8], context.as_bytes()].concat()
    }
}

/// A record's id names no key at hand: for the caller the same as a record that was changed.
pub(super) fn unknown_key() -> Error {
    Error::new(
        ErrorCode::CryptoOpenFailed,
        "crypto: the record does not open: this keyset holds no key of the record's id",
    )
}

/// An id for a new key: random, not zero, and not taken.
pub(super) fn fresh_id(entropy: &mut impl Entropy, taken: impl Fn(u32) -> bool) -> Result<u32> {
    for _ in 0..16 {
        let id = u32::from_be_bytes(entropy.bytes()?);
        if id != 0 && !taken(id) {
            return Ok(id);
        }
    }
    Err(Error::new(ErrorCode::EntropyUnavailable, "crypto: the generator repeats itself"))
}

/// A key for the records of one subject. Destroying it, and every sealed copy of it, erases them all.
#[derive(Debug)]
pub struct DataKey(SealingKey);

impl DataKey {
    /// A fresh key.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn generate(entropy: &mut impl Entropy) -> Result<Self> {
        let id = fresh_id(entropy, |_| false)?;
        SealingKey::generate(id, entropy).map(Self)
    }

    /// The id that stands in its records.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.0.id()
    }

    /// Seals a record under a context.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] above [`MAX_PLAINTEXT`]; [`ErrorCode::CryptoKeyExhausted`] after
    /// [`MAX_USES`] records; as [`Entropy::fill`].
    pub fn seal(
        &mut self,
        plaintext: &[u8],
        context: &Context,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        self.0.seal(Kind::Record, context, plaintext, entropy)
    }

    /// Opens a record.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoOpenFailed`] if it was sealed with another key or context, or changed in any byte.
    pub fn open(&self, record: &[u8], context: &Context) -> Result<Zeroizing<Vec<u8>>> {
        self.0.open(Kind::Record, context, record)
    }

    /// What is sealed when this key is: its id and its bytes.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(4 + KEY_LENGTH));
        bytes.extend_from_slice(&self.id().to_be_bytes());
        bytes.extend_from_slice(self.0.secret().expose());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (id, secret) = bytes.split_first_chunk::<4>().ok_or_else(|| {
            Error::new(ErrorCode::CryptoKeyInvalid, "crypto: the sealed bytes are not a data key")
        })?;
        SealingKey::new(u32::from_be_bytes(*id), Secret::copied(secret)?, 0).map(Self)
    }
}
