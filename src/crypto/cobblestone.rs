//! Cobblestone-256: C2SP chunked encryption with HKDF-SHA-512 and AES-256-GCM.
//!
//! One random salt gives each message a key, a base nonce and a commitment of its own; the message is sealed
//! in chunks of 16 KiB, the last one always shorter, chunk `i` under `base nonce XOR i`. The commitment ties
//! the ciphertext to one key and one context, and the short last chunk shows a truncation.
//!
//! Source: <https://c2sp.org/chunked-encryption>.

use super::secret::{KEY_LENGTH, Secret};
use crate::error::{Error, ErrorCode, Result};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of plaintext in every chunk but the last.
pub const CHUNK: usize = 16 * 1024;
/// Bytes of the authentication tag behind every chunk.
pub const TAG: usize = 16;
/// Bytes of the random salt in front of a message.
pub const SALT: usize = 24;
/// Bytes of the commitment behind the salt.
pub const COMMITMENT: usize = 32;
/// Bytes of a chunk's nonce.
pub const NONCE: usize = 12;

/// What the derivation starts with: the name of the format and of the cipher, closed by a zero byte.
const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// The bytes of a message sealed from so many bytes of plaintext.
#[must_use]
pub const fn sealed_length(plaintext: usize) -> usize {
    SALT + COMMITMENT + plaintext + (plaintext / CHUNK + 1) * TAG
}

/// The bytes of plaintext in a sealed message of this length; `None` if no message has this length.
#[must_use]
pub const fn opened_length(sealed: usize) -> Option<usize> {
    match sealed.checked_sub(SALT + COMMITMENT) {
        Some(body) if body % (CHUNK + TAG) >= TAG => Some(body - (body / (CHUNK + TAG) + 1) * TAG),
        _ => None,
    }
}

/// The key that the keys of messages are derived from.
pub struct InputKey {
    // The hash states after the key went in, which saves two blocks for each message. They never move.
    hkdf: Box<Hkdf<Sha512>>,
}

impl InputKey {
    /// Takes the key in.
    ///
    /// # Errors
    /// None in practice: the length fits.
    pub fn new(key: &Secret) -> Result<Self> {
        // HMAC pads a key with zero bytes, so these 64 bytes are the same key as the 32; the crate asks for 64.
        let mut padded = Box::new(Zeroizing::new([0_u8; 2 * KEY_LENGTH]));
        for (to, from) in padded.iter_mut().zip(key.expose()) {
            *to = *from;
        }
        let hkdf = Hkdf::from_prk(padded.as_slice()).map_err(|_| unusable())?;
        Ok(Self { hkdf: Box::new(hkdf) })
    }

    /// Derives a message's key, base nonce and commitment from its salt and context.
    ///
    /// # Errors
    /// None in practice: the length fits.
    pub fn derive(&self, salt: &[u8; SALT], context: &[u8]) -> Result<MessageKey> {
        let mut output = Box::new(Zeroizing::new([0_u8; KEY_LENGTH + NONCE + COMMITMENT]));
        self.hkdf
            .expand_multi_info(&[LABEL, salt, context], output.as_mut_slice())
            .map_err(|_| unusable())?;
        let (key, rest) = output.split_at(KEY_LENGTH);
        let (nonce, commitment) = rest.split_at(NONCE);
        let mut message =
            MessageKey { key: Secret::copied(key)?, base_nonce: [0; NONCE], commitment: [0; COMMITMENT] };
        message.base_nonce.copy_from_slice(nonce);
        message.commitment.copy_from_slice(commitment);
        Ok(message)
    }

    /// Seals a message behind what `out` already holds.
    ///
    /// # Errors
    /// None in practice: every message that fits into memory is below the format's limit.
    pub fn seal(&self, salt: &[u8; SALT], context: &[u8], plaintext: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let key = self.derive(salt, context)?;
        let cipher = key.cipher();
        out.reserve_exact(sealed_length(plaintext.len()));
        out.extend_from_slice(salt);
        out.extend_from_slice(&key.commitment);
        let mut rest = plaintext;
        for number in 0.. {
            let (chunk, behind) = rest.split_at_checked(CHUNK).unwrap_or((rest, &[]));
            let start = out.len();
            out.extend_from_slice(chunk);
            let place = out.get_mut(start..).ok_or_else(unusable)?;
            let tag = cipher
                .encrypt_inout_detached(&key.nonce(number).into(), &[], place.into())
                .map_err(|_| unusable())?;
            out.extend_from_slice(&tag);
            if chunk.len() < CHUNK {
                break;
            }
            rest = behind;
        }
        Ok(())
    }

    /// Opens a message. Nothing of it is handed out before all of it is verified.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoOpenFailed`] if it was sealed with another key or context, or changed in any byte.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let length = opened_length(sealed.len()).ok_or_else(refused)?;
        let (salt, sealed) = sealed.split_first_chunk::<SALT>().ok_or_else(refused)?;
        let (commitment, mut rest) = sealed.split_first_chunk::<COMMITMENT>().ok_or_else(refused)?;
        let key = self.derive(salt, context)?;
        key.verify(commitment)?;
        let cipher = key.cipher();
        let mut plaintext = Zeroizing::new(Vec::with_capacity(length));
        for number in 0.. {
            let (chunk, behind) = rest.split_at_checked(CHUNK + TAG).unwrap_or((rest, &[]));
            let (body, tag) = chunk.split_last_chunk::<TAG>().ok_or_else(refused)?;
            let start = plaintext.len();
            plaintext.extend_from_slice(body);
            let place = plaintext.get_mut(start..).ok_or_else(refused)?;
            cipher
                .decrypt_inout_detached(&key.nonce(number).into(), &[], place.into(), tag.into())
                .map_err(|_| refused())?;
            if body.len() < CHUNK {
                break;
            }
            rest = behind;
        }
        Ok(plaintext)
    }
}

impl std::fmt::Debug for InputKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InputKey")
    }
}

/// The key, base nonce and commitment of one message.
#[derive(Debug)]
pub struct MessageKey {
    /// The key of its chunks.
    pub key: Secret,
    /// What a chunk's number is XORed into.
    pub base_nonce: [u8; NONCE],
    /// What stands in the message to show that key and context are the right ones.
    pub commitment: [u8; COMMITMENT],
}

impl MessageKey {
    fn cipher(&self) -> Box<Aes256Gcm> {
        Box::new(Aes256Gcm::new(self.key.expose().into()))
    }

    /// Refuses another commitment than this message's, in constant time.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoOpenFailed`] if it is another one.
    pub fn verify(&self, commitment: &[u8]) -> Result<()> {
        if bool::from(self.commitment.ct_eq(commitment)) { Ok(()) } else { Err(refused()) }
    }

    /// The base nonce with a chunk's number XORed into its end.
    #[must_use]
    pub fn nonce(&self, chunk: u64) -> [u8; NONCE] {
        let mut nonce = self.base_nonce;
        for (byte, count) in nonce.iter_mut().rev().zip(chunk.to_le_bytes()) {
            *byte ^= count;
        }
        nonce
    }
}

pub(super) fn refused() -> Error {
    Error::new(
        ErrorCode::CryptoOpenFailed,
        "crypto: the record does not open: it was sealed with another key or context, or changed",
    )
}

fn unusable() -> Error {
    Error::new(ErrorCode::CryptoKeyInvalid, "crypto: the key does not fit the cipher")
}
