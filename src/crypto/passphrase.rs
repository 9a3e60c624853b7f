//! A key from a passphrase: Argon2id (RFC 9106).

use super::secret::{Secret, scrubbed};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

/// The shortest passphrase, in bytes.
pub const MIN_PASSPHRASE: usize = 12;
/// The longest passphrase, in bytes.
pub const MAX_PASSPHRASE: usize = 1024;

/// Bytes of the salt that a passphrase is hashed with.
pub(super) const PASSPHRASE_SALT: usize = 16;

/// What guessing one passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl PassphraseCost {
    /// 64 MiB, 3 passes, 4 lanes: the second recommended choice of RFC 9106, section 4.
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// The least that may be chosen: 19 MiB, 2 passes, 1 lane (OWASP, Password Storage Cheat Sheet).
    pub const LEAST: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// What a file may demand of the machine that opens it.
    const MOST: Self = Self { memory_kib: 256 * 1024, passes: 16, lanes: 16 };

    /// A cost between [`PassphraseCost::LEAST`] and 256 MiB, 16 passes, 16 lanes.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] outside of that.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self> {
        let within = |least: u32, value, most: u32| (least..=most).contains(&value);
        let holds = within(Self::LEAST.memory_kib, memory_kib, Self::MOST.memory_kib)
            && within(Self::LEAST.passes, passes, Self::MOST.passes)
            && within(Self::LEAST.lanes, lanes, Self::MOST.lanes);
        holds.then_some(Self { memory_kib, passes, lanes }).ok_or_else(|| {
            Error::config(
                "crypto: a passphrase costs from 19456 to 262144 KiB, from 2 to 16 passes and from 1 to 16 lanes",
            )
        })
    }

    /// Memory, in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes that could run at once.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }
}

/// The key of a passphrase. It is kept inside the keyset, so that a later export is still recoverable
/// although the passphrase is not known any more.
#[derive(Debug)]
pub(super) struct PassphraseKey {
    pub(super) salt: [u8; PASSPHRASE_SALT],
    pub(super) cost: PassphraseCost,
    pub(super) key: Secret,
}

impl PassphraseKey {
    pub(super) fn choose(
        passphrase: &[u8],
        cost: PassphraseCost,
        entropy: &mut impl Entropy,
    ) -> Result<Self> {
        if passphrase.len() < MIN_PASSPHRASE {
            return Err(Error::argument("crypto: a passphrase must be at least 12 bytes long"));
        }
        Self::derive(passphrase, entropy.bytes()?, cost)
    }

    pub(super) fn derive(
        passphrase: &[u8],
        salt: [u8; PASSPHRASE_SALT],
        cost: PassphraseCost,
    ) -> Result<Self> {
        if passphrase.len() > MAX_PASSPHRASE {
            return Err(Error::new(
                ErrorCode::InputTooLarge,
                "crypto: a passphrase must be at most 1024 bytes long",
            ));
        }
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(|_| unusable())?;
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(params.block_count()).map_err(|_| {
            Error::new(ErrorCode::InputTooLarge, "crypto: there is not the memory that this passphrase costs")
        })?;
        blocks.resize(params.block_count(), Block::new());
        let mut blocks = Zeroizing::new(blocks);
        let key = Secret::filled(|key| {
            scrubbed(|| {
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into_with_memory(passphrase, &salt, key, blocks.as_mut_slice())
                    .map_err(|_| unusable())
            })
        })?;
        Ok(Self { salt, cost, key })
    }
}

fn unusable() -> Error {
    Error::new(ErrorCode::CryptoKeyInvalid, "crypto: the passphrase could not be made into a key")
}
