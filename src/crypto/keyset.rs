//! A keyset: numbered keys, one of which seals.
//!
//! Rotating makes a new primary key and keeps the old ones, which still open what they sealed. Every change
//! counts the generation up, so that an older copy put back is noticed. Times are the caller's wall clock in
//! milliseconds.

use super::cobblestone::MessageKey;
use super::commitment::CommitmentKey;
use super::context::{Context, Kind};
use super::passphrase::PassphraseKey;
use super::record::{self, DataKey, Prepared, SealingKey, fresh_id, unknown_key};
use super::secret::scrub_stack;
use super::signing::SigningKey;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use serde::Serialize;
use zeroize::Zeroizing;

/// How many keys a keyset holds, destroyed ones included.
pub const MAX_KEYS: usize = 1024;

/// How long a primary key seals before a new one is due, in milliseconds: 90 days.
pub const ROTATION_PERIOD: f64 = 90.0 * 86_400_000.0;

/// What a key may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum KeyStatus {
    /// Seals and opens; a keyset has one.
    Primary,
    /// Opens what it sealed.
    Enabled,
    /// Does nothing until it is enabled again.
    Disabled,
    /// Is gone for good; its id and dates remain.
    Destroyed,
}

/// What may be shown of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    /// The id that stands in its records.
    pub id: u32,
    /// What it may still do.
    pub status: KeyStatus,
    /// When it was made, in milliseconds.
    pub created: u64,
    /// Records it sealed, as far as this copy of the keyset knows.
    pub uses: u64,
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) info: KeyInfo,
    // None once destroyed.
    pub(super) sealing: Option<SealingKey>,
}

/// Numbered keys, one of which seals.
#[derive(Debug)]
pub struct Keyset {
    pub(super) keys: Vec<Key>,
    // Not rotated with the others: a look-up must find what was stored before.
    pub(super) commitments: CommitmentKey,
    pub(super) recovery: Option<PassphraseKey>,
    pub(super) generation: u64,
    pub(super) rotation_period: u64,
}

impl Keyset {
    /// A keyset with one fresh key.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn generate(now: f64, entropy: &mut impl Entropy) -> Result<Self> {
        let mut keyset = Self {
            keys: Vec::new(),
            commitments: CommitmentKey::generate(entropy)?,
            recovery: None,
            generation: 0,
            rotation_period: whole_ms(ROTATION_PERIOD),
        };
        keyset.rotate(now, entropy)?;
        Ok(keyset)
    }

    /// Makes a fresh primary key and answers its id. The former one still opens what it sealed.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] beyond [`MAX_KEYS`]; as [`Entropy::fill`].
    pub fn rotate(&mut self, now: f64, entropy: &mut impl Entropy) -> Result<u32> {
        if self.keys.len() >= MAX_KEYS {
            return Err(Error::new(ErrorCode::CryptoKeyInvalid, "crypto: a keyset holds at most 1024 keys"));
        }
        let id = fresh_id(entropy, |id| self.keys.iter().any(|key| key.info.id == id))?;
        let sealing = SealingKey::generate(id, entropy)?;
        for key in &mut self.keys {
            if key.info.status == KeyStatus::Primary {
                key.info.status = KeyStatus::Enabled;
            }
        }
        let info = KeyInfo { id, status: KeyStatus::Primary, created: whole_ms(now), uses: 0 };
        self.keys.push(Key { info, sealing: Some(sealing) });
        self.generation += 1;
        Ok(id)
    }

    /// Lets a disabled key open again what it sealed.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] if there is no such key or it is destroyed.
    pub fn enable(&mut self, id: u32) -> Result<()> {
        self.change(id, KeyStatus::Enabled)
    }

    /// Keeps a key from opening anything, until it is enabled again.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] if there is no such key, or it is destroyed or the primary one.
    pub fn disable(&mut self, id: u32) -> Result<()> {
        self.change(id, KeyStatus::Disabled)
    }

    /// Wipes a key for good: nobody opens again what it sealed. Exports made before still hold it.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] if there is no such key, or it is the primary one.
    pub fn destroy(&mut self, id: u32) -> Result<()> {
        self.change(id, KeyStatus::Destroyed)
    }

    /// When a new primary key is due, in milliseconds.
    #[must_use]
    pub fn rotation_due_at(&self) -> f64 {
        let created = self.keys().find(|key| key.status == KeyStatus::Primary).map_or(0, |key| key.created);
        created.saturating_add(self.rotation_period) as f64
    }

    /// Sets how long a primary key seals before a new one is due, in milliseconds, from one hour to ten years.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] outside of that.
    pub fn set_rotation_period(&mut self, period: f64) -> Result<()> {
        if !(3_600_000.0..=315_576_000_000.0).contains(&period) {
            return Err(Error::config("crypto: the rotation period must be from one hour to ten years"));
        }
        self.rotation_period = whole_ms(period);
        Ok(())
    }

    /// Seals a record under a context with the primary key.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] above [`record::MAX_PLAINTEXT`]; [`ErrorCode::CryptoKeyExhausted`] after
    /// [`record::MAX_USES`] records; as [`Entropy::fill`].
    pub fn seal(
        &mut self,
        plaintext: &[u8],
        context: &Context,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        self.primary()?.seal(Kind::Record, context, plaintext, entropy)
    }

    /// Opens a record with the key that sealed it.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoOpenFailed`] if it was sealed with another key or context, or changed in any byte;
    /// [`ErrorCode::CryptoKeyDisabled`] if its key is disabled or destroyed.
    pub fn open(&self, record: &[u8], context: &Context) -> Result<Zeroizing<Vec<u8>>> {
        self.key_of(record)?.open(Kind::Record, context, record)
    }

    /// Begins a record whose chunks a cipher of the host seals, to the same bytes as [`Keyset::seal`].
    ///
    /// # Errors
    /// As [`Keyset::seal`].
    pub fn prepare_seal(&mut self, context: &Context, entropy: &mut impl Entropy) -> Result<Prepared> {
        self.primary()?.prepare(Kind::Record, context, entropy)
    }

    /// Verifies a record's first [`HEAD`](record::HEAD) bytes and answers the key of its chunks, for a cipher of
    /// the host. The chunks themselves, and that the last one is short, are the caller's to verify.
    ///
    /// # Errors
    /// As [`Keyset::open`].
    pub fn prepare_open(&self, head: &[u8], context: &Context) -> Result<MessageKey> {
        self.key_of(head)?.resume(Kind::Record, context, head)
    }

    /// Whether a record was sealed with the primary key; if not, the next write seals it anew.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoOpenFailed`] if the bytes do not start like a record.
    pub fn is_current(&self, record: &[u8]) -> Result<bool> {
        let id = record::key_id(record)?;
        Ok(self.keys.iter().any(|key| key.info.id == id && key.info.status == KeyStatus::Primary))
    }

    /// The record sealed anew with the primary key.
    ///
    /// # Errors
    /// As [`Keyset::open`] and [`Keyset::seal`].
    pub fn reseal(
        &mut self,
        record: &[u8],
        context: &Context,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        let plaintext = self.open(record, context)?;
        self.seal(&plaintext, context, entropy)
    }

    /// Seals a subject's key under a context, to be stored beside the subject's records.
    ///
    /// # Errors
    /// As [`Keyset::seal`].
    pub fn seal_data_key(
        &mut self,
        key: &DataKey,
        context: &Context,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        self.primary()?.seal(Kind::DataKey, context, &key.to_bytes(), entropy)
    }

    /// Opens a subject's key.
    ///
    /// # Errors
    /// As [`Keyset::open`].
    pub fn open_data_key(&self, sealed: &[u8], context: &Context) -> Result<DataKey> {
        let bytes = self.key_of(sealed)?.open(Kind::DataKey, context, sealed)?;
        DataKey::from_bytes(&bytes)
    }

    /// Seals a signing key under a context.
    ///
    /// # Errors
    /// As [`Keyset::seal`].
    pub fn seal_signing_key(
        &mut self,
        key: &SigningKey,
        context: &Context,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        self.primary()?.seal(Kind::SigningKey, context, key.seed().expose(), entropy)
    }

    /// Opens a signing key.
    ///
    /// # Errors
    /// As [`Keyset::open`].
    pub fn open_signing_key(&self, sealed: &[u8], context: &Context) -> Result<SigningKey> {
        SigningKey::copied(&self.key_of(sealed)?.open(Kind::SigningKey, context, sealed)?)
    }

    /// The key that names values for look-ups; it stays the same when the keyset is rotated.
    #[must_use]
    pub const fn commitments(&self) -> &CommitmentKey {
        &self.commitments
    }

    /// Counts the changes of keys and of the passphrase, from 1. An older copy has a lower one.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// What may be shown of the keys, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = KeyInfo> {
        self.keys.iter().map(|key| KeyInfo {
            uses: key.sealing.as_ref().map_or(key.info.uses, SealingKey::uses),
            ..key.info
        })
    }

    fn change(&mut self, id: u32, status: KeyStatus) -> Result<()> {
        let refuse = |message| Err(Error::new(ErrorCode::CryptoKeyInvalid, message));
        let Some(key) = self.keys.iter_mut().find(|key| key.info.id == id) else {
            return refuse("crypto: the keyset holds no key of this id");
        };
        match (key.info.status, status) {
            (from, to) if from == to => return Ok(()),
            (KeyStatus::Primary, KeyStatus::Enabled) => return Ok(()),
            (KeyStatus::Primary, _) => {
                return refuse("crypto: the primary key stays, rotate the keyset first");
            }
            (KeyStatus::Destroyed, _) => return refuse("crypto: a destroyed key does not come back"),
            _ => {}
        }
        key.info.status = status;
        if status == KeyStatus::Destroyed {
            key.info.uses = key.sealing.take().map_or(key.info.uses, |sealing| sealing.uses());
            scrub_stack();
        }
        self.generation += 1;
        Ok(())
    }

    fn primary(&mut self) -> Result<&mut SealingKey> {
        self.keys
            .iter_mut()
            .find(|key| key.info.status == KeyStatus::Primary)
            .and_then(|key| key.sealing.as_mut())
            .ok_or_else(|| Error::new(ErrorCode::CryptoKeyInvalid, "crypto: the keyset has no primary key"))
    }

    fn key_of(&self, record: &[u8]) -> Result<&SealingKey> {
        let id = record::key_id(record)?;
        let key = self.keys.iter().find(|key| key.info.id == id).ok_or_else(unknown_key)?;
        match (key.info.status, &key.sealing) {
            (KeyStatus::Primary | KeyStatus::Enabled, Some(sealing)) => Ok(sealing),
            _ => Err(Error::new(
                ErrorCode::CryptoKeyDisabled,
                "crypto: the record's key is disabled or destroyed; a disabled one can be enabled again",
            )),
        }
    }
}

/// Milliseconds as the format counts them.
fn whole_ms(time: f64) -> u64 {
    time.max(0.0) as u64
}
