//! Ed25519 signatures (RFC 8032), for receipts and checkpoints that anyone can verify.

use super::secret::{KEY_LENGTH, Secret, scrubbed};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use ed25519_dalek::{Signature, Signer, VerifyingKey};

/// Bytes of a public key.
pub const PUBLIC_KEY: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE: usize = 64;

/// A key that signs.
pub struct SigningKey {
    seed: Secret,
    expanded: Box<ed25519_dalek::SigningKey>,
}

impl SigningKey {
    /// A fresh key.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn generate(entropy: &mut impl Entropy) -> Result<Self> {
        Ok(Self::from_seed(Secret::random(entropy)?))
    }

    /// A key from its 32-byte seed, which the caller wipes.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] if there are not exactly 32 bytes.
    pub fn copied(seed: &[u8]) -> Result<Self> {
        Secret::copied(seed).map(Self::from_seed)
    }

    fn from_seed(seed: Secret) -> Self {
        let expanded = scrubbed(|| Box::new(ed25519_dalek::SigningKey::from_bytes(seed.expose())));
        Self { seed, expanded }
    }

    /// The seed, to be sealed and not kept.
    pub(super) const fn seed(&self) -> &Secret {
        &self.seed
    }

    /// The key that others verify with.
    #[must_use]
    pub fn public_key(&self) -> [u8; PUBLIC_KEY] {
        self.expanded.verifying_key().to_bytes()
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        scrubbed(|| self.expanded.sign(message).to_bytes())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Whether the signature over the message was made with the key of this public key. Weak public keys and
/// signatures that could be changed into another valid one are refused.
///
/// # Errors
/// [`ErrorCode::CryptoKeyInvalid`] if the public key is not a point of the curve in 32 bytes.
pub fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
    let invalid = || Error::new(ErrorCode::CryptoKeyInvalid, "crypto: the public key is not one of Ed25519");
    let public_key: &[u8; KEY_LENGTH] = public_key.try_into().map_err(|_| invalid())?;
    let public_key = VerifyingKey::from_bytes(public_key).map_err(|_| invalid())?;
    Ok(Signature::from_slice(signature).is_ok_and(|it| public_key.verify_strict(message, &it).is_ok()))
}
