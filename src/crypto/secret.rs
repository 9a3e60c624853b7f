//! Secret bytes: where they live and how they go.
//!
//! A secret is boxed before it is filled and never moves by value, so that a move leaves no copy on the
//! stack. Ciphers still spill key material there while they work; [`scrubbed`] overwrites what they left.

use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use zeroize::Zeroize;

/// The length of every symmetric key here, in bytes.
pub const KEY_LENGTH: usize = 32;

/// 32 secret bytes on the heap, wiped when dropped.
pub struct Secret(Box<[u8; KEY_LENGTH]>);

impl Secret {
    fn empty() -> Self {
        Self(Box::new([0; KEY_LENGTH]))
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn random(entropy: &mut impl Entropy) -> Result<Self> {
        let mut secret = Self::empty();
        entropy.fill(secret.0.as_mut_slice())?;
        Ok(secret)
    }

    /// A copy of 32 bytes, which the caller wipes.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] if there are not exactly 32 of them.
    pub fn copied(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != KEY_LENGTH {
            return Err(Error::new(ErrorCode::CryptoKeyInvalid, "crypto: a key must be 32 bytes"));
        }
        let mut secret = Self::empty();
        secret.0.copy_from_slice(bytes);
        Ok(secret)
    }

    /// 32 bytes that `fill` writes in place.
    pub(super) fn filled(fill: impl FnOnce(&mut [u8; KEY_LENGTH]) -> Result<()>) -> Result<Self> {
        let mut secret = Self::empty();
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// The bytes, to be used and not kept.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Stack below the caller that [`scrub_stack`] overwrites, in bytes.
const SCRUBBED: usize = 16 * 1024;

/// Does the work in a frame of its own and overwrites that part of the stack afterwards.
pub(super) fn scrubbed<R>(work: impl FnOnce() -> R) -> R {
    #[inline(never)]
    fn own_frame<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
    let answer = own_frame(work);
    scrub_stack();
    answer
}

/// Overwrites the stack below the caller's frame.
#[inline(never)]
pub fn scrub_stack() {
    let mut below = [0_u64; SCRUBBED / size_of::<u64>()];
    below.zeroize(); // volatile, so that it is not optimised away
    std::hint::black_box(&below);
}
