//! Keyed commitments: a name for a value that shows nothing of it without the key.
//!
//! A plain hash of an address or a user id is undone by guessing; an HMAC under a secret key is not, and once
//! the key is destroyed it names nobody any more.

use super::secret::{KEY_LENGTH, Secret, scrubbed};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A commitment: HMAC-SHA-256 over the length of the domain, the domain and the value.
pub type Commitment = [u8; 32];

/// The key that commitments are made with.
#[derive(Debug)]
pub struct CommitmentKey(Secret);

impl CommitmentKey {
    /// A fresh key.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn generate(entropy: &mut impl Entropy) -> Result<Self> {
        Secret::random(entropy).map(Self)
    }

    /// A key from 32 bytes, which the caller wipes.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] if there are not exactly 32 of them.
    pub fn copied(bytes: &[u8]) -> Result<Self> {
        Secret::copied(bytes).map(Self)
    }

    /// The bytes, to be sealed and not kept.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LENGTH] {
        self.0.expose()
    }

    /// Commits to a value. The domain says what kind of value it is: the same value has another commitment
    /// in another domain.
    ///
    /// # Errors
    /// None in practice: HMAC takes a key of any length.
    pub fn commit(&self, domain: &str, value: &[u8]) -> Result<Commitment> {
        scrubbed(|| Ok(self.mac(domain, value)?.finalize().into_bytes().into()))
    }

    /// Whether this is the commitment to that value, in constant time.
    ///
    /// # Errors
    /// As [`CommitmentKey::commit`].
    pub fn verify(&self, domain: &str, value: &[u8], commitment: &[u8]) -> Result<bool> {
        scrubbed(|| Ok(self.mac(domain, value)?.verify_slice(commitment).is_ok()))
    }

    fn mac(&self, domain: &str, value: &[u8]) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose())
            .map_err(|_| Error::new(ErrorCode::CryptoKeyInvalid, "crypto: the key does not fit HMAC"))?;
        mac.update(&u32::try_from(domain.len()).unwrap_or(u32::MAX).to_be_bytes());
        mac.update(domain.as_bytes());
        mac.update(value);
        Ok(mac)
    }
}
