//! A keyset on its way out of the process, and back.
//!
//! An exported keyset is sealed with a fresh file key, and the file key once for each recipient: the
//! key-encryption key, and a passphrase if one was chosen. `docs/formats/crypto.md` has the bytes.

use super::cobblestone::{self, InputKey, SALT};
use super::commitment::CommitmentKey;
use super::keyset::{Key, KeyInfo, KeyStatus, Keyset, MAX_KEYS};
use super::passphrase::{PASSPHRASE_SALT, PassphraseCost, PassphraseKey};
use super::record::SealingKey;
use super::secret::{KEY_LENGTH, Secret, scrubbed};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use zeroize::Zeroizing;

/// What an exported keyset starts with: its name and its version.
const MAGIC: [u8; 5] = *b"VSKS\x01";
/// The largest exported keyset, in bytes: a full one has 60 KiB.
pub const MAX_EXPORT: usize = 128 * 1024;

/// Bytes of a file key sealed for one recipient.
const WRAPPED: usize = cobblestone::sealed_length(KEY_LENGTH);

const FOR_KEK: u8 = 1;
const FOR_PASSPHRASE: u8 = 2;

const KEK_CONTEXT: &[u8] = b"vespera-security/keyset/1/kek";
const PASSPHRASE_CONTEXT: &[u8] = b"vespera-security/keyset/1/passphrase";
const KEYS_CONTEXT: &[u8] = b"vespera-security/keyset/1/keys";

/// What becomes of the passphrase that recovers a keyset.
#[derive(Clone, Copy)]
pub enum Recovery<'a> {
    /// It stays as it is.
    Keep,
    /// The keyset is recoverable by its key-encryption key alone.
    Remove,
    /// This passphrase, from [`MIN_PASSPHRASE`](super::MIN_PASSPHRASE) bytes, recovers it.
    Set(&'a [u8], PassphraseCost),
}

impl std::fmt::Debug for Recovery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Remove => "Remove",
            Self::Set(..) => "Set",
        })
    }
}

impl Keyset {
    /// The keyset, sealed for a key-encryption key and, if chosen, for a passphrase.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for a passphrase that is too short, [`ErrorCode::InputTooLarge`] for
    /// one that is too long or costs more memory than there is; as [`Entropy::fill`].
    pub fn export(
        &mut self,
        kek: &Secret,
        recovery: Recovery<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        match recovery {
            Recovery::Keep => {}
            // Counted like a change of keys: a copy that a former passphrase opens must not come back.
            Recovery::Remove => self.generation += u64::from(self.recovery.take().is_some()),
            Recovery::Set(passphrase, cost) => {
                self.recovery = Some(PassphraseKey::choose(passphrase, cost, entropy)?);
                self.generation += 1;
            }
        }
        // Fresh each time: who could open an older export does not open this one with what it held.
        let file_key = Secret::random(entropy)?;
        let mut out = MAGIC.to_vec();
        out.push(1 + u8::from(self.recovery.is_some()));
        out.push(FOR_KEK);
        seal(kek, KEK_CONTEXT, file_key.expose(), &mut out, entropy)?;
        if let Some(recovery) = &self.recovery {
            out.push(FOR_PASSPHRASE);
            out.extend_from_slice(&recovery.salt);
            put_cost(&mut out, recovery.cost);
            seal(&recovery.key, PASSPHRASE_CONTEXT, file_key.expose(), &mut out, entropy)?;
        }
        let context = [KEYS_CONTEXT, &out].concat();
        seal(&file_key, &context, &self.to_bytes(), &mut out, entropy)?;
        Ok(out)
    }

    /// Opens an exported keyset with its key-encryption key.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyInvalid`] if the bytes are no exported keyset of this version,
    /// [`ErrorCode::CryptoOpenFailed`] if the key is another one or a byte was changed.
    pub fn import(exported: &[u8], kek: &Secret) -> Result<Self> {
        let parsed = Exported::parse(exported)?;
        Self::unseal(&parsed, &open(kek, KEK_CONTEXT, parsed.for_kek)?)
    }

    /// Opens an exported keyset with its passphrase.
    ///
    /// # Errors
    /// As [`Keyset::import`]; [`ErrorCode::CryptoKeyInvalid`] if it was exported without a passphrase;
    /// [`ErrorCode::InputTooLarge`] if there is not the memory that the passphrase costs.
    pub fn recover(exported: &[u8], passphrase: &[u8]) -> Result<Self> {
        let parsed = Exported::parse(exported)?;
        let (salt, cost, wrapped) = parsed.for_passphrase.ok_or_else(|| {
            Error::new(ErrorCode::CryptoKeyInvalid, "crypto: this keyset was exported without a passphrase")
        })?;
        let passphrase = PassphraseKey::derive(passphrase, salt, cost)?;
        Self::unseal(&parsed, &open(&passphrase.key, PASSPHRASE_CONTEXT, wrapped)?)
    }

    fn unseal(parsed: &Exported<'_>, file_key: &[u8]) -> Result<Self> {
        let context = [KEYS_CONTEXT, parsed.header].concat();
        let bytes = open(&Secret::copied(file_key)?, &context, parsed.sealed)?;
        Self::from_bytes(&mut Reader(&bytes))
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Reserved in full: a buffer that grows leaves a copy of the keys behind.
        let mut out = Zeroizing::new(Vec::with_capacity(128 + self.keys.len() * 64));
        out.extend_from_slice(&self.generation.to_be_bytes());
        out.extend_from_slice(&self.rotation_period.to_be_bytes());
        out.extend_from_slice(self.commitments.expose());
        out.push(u8::from(self.recovery.is_some()));
        if let Some(recovery) = &self.recovery {
            out.extend_from_slice(&recovery.salt);
            put_cost(&mut out, recovery.cost);
            out.extend_from_slice(recovery.key.expose());
        }
        out.extend_from_slice(&u16::try_from(self.keys.len()).unwrap_or(u16::MAX).to_be_bytes());
        for (key, info) in self.keys.iter().zip(self.keys()) {
            out.extend_from_slice(&info.id.to_be_bytes());
            out.push(status_code(info.status));
            out.extend_from_slice(&info.created.to_be_bytes());
            out.extend_from_slice(&info.uses.to_be_bytes());
            if let Some(sealing) = &key.sealing {
                out.extend_from_slice(sealing.secret().expose());
            }
        }
        out
    }

    fn from_bytes(bytes: &mut Reader<'_>) -> Result<Self> {
        let generation = u64::from_be_bytes(*bytes.take()?);
        let rotation_period = u64::from_be_bytes(*bytes.take()?);
        let commitments = CommitmentKey::copied(bytes.take::<KEY_LENGTH>()?)?;
        let recovery = match bytes.byte()? {
            0 => None,
            1 => Some(PassphraseKey {
                salt: *bytes.take()?,
                cost: bytes.cost()?,
                key: Secret::copied(bytes.take::<KEY_LENGTH>()?)?,
            }),
            _ => return Err(malformed()),
        };
        let count = usize::from(u16::from_be_bytes(*bytes.take()?));
        if count > MAX_KEYS {
            return Err(malformed());
        }
        let mut keys: Vec<Key> = Vec::with_capacity(count);
        for _ in 0..count {
            let key = bytes.key()?;
            if key.info.id == 0 || keys.iter().any(|other| other.info.id == key.info.id) {
                return Err(malformed());
            }
            keys.push(key);
        }
        let primaries = keys.iter().filter(|key| key.info.status == KeyStatus::Primary).count();
        if primaries != 1 || !bytes.0.is_empty() {
            return Err(malformed());
        }
        Ok(Self { keys, commitments, recovery, generation, rotation_period })
    }
}

/// The parts of an exported keyset.
struct Exported<'a> {
    /// Everything in front of the sealed keys; they are bound to it.
    header: &'a [u8],
    for_kek: &'a [u8],
    for_passphrase: Option<([u8; PASSPHRASE_SALT], PassphraseCost, &'a [u8])>,
    sealed: &'a [u8],
}

impl<'a> Exported<'a> {
    fn parse(exported: &'a [u8]) -> Result<Self> {
        if exported.len() > MAX_EXPORT {
            return Err(Error::new(
                ErrorCode::InputTooLarge,
                "crypto: an exported keyset has at most 131072 bytes",
            ));
        }
        let mut bytes = Reader(exported);
        if *bytes.take()? != MAGIC {
            return Err(malformed());
        }
        let recipients = bytes.byte()?;
        if bytes.byte()? != FOR_KEK {
            return Err(malformed());
        }
        let for_kek = bytes.take::<WRAPPED>()?.as_slice();
        let for_passphrase = match recipients {
            1 => None,
            2 if bytes.byte()? == FOR_PASSPHRASE => {
                Some((*bytes.take()?, bytes.cost()?, bytes.take::<WRAPPED>()?.as_slice()))
            }
            _ => return Err(malformed()),
        };
        let sealed = bytes.0;
        let header = exported.strip_suffix(sealed).ok_or_else(malformed)?;
        Ok(Self { header, for_kek, for_passphrase, sealed })
    }
}

/// Reads bytes from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take().map(|[byte]| *byte)
    }

    fn cost(&mut self) -> Result<PassphraseCost> {
        let memory_kib = u32::from_be_bytes(*self.take()?);
        let passes = u32::from_be_bytes(*self.take()?);
        let lanes = u32::from_be_bytes(*self.take()?);
        PassphraseCost::new(memory_kib, passes, lanes).map_err(|_| malformed())
    }

    fn key(&mut self) -> Result<Key> {
        let id = u32::from_be_bytes(*self.take()?);
        let status = status_of(self.byte()?).ok_or_else(malformed)?;
        let created = u64::from_be_bytes(*self.take()?);
        let uses = u64::from_be_bytes(*self.take()?);
        let sealing = match status {
            KeyStatus::Destroyed => None,
            _ => Some(SealingKey::new(id, Secret::copied(self.take::<KEY_LENGTH>()?)?, uses)?),
        };
        Ok(Key { info: KeyInfo { id, status, created, uses }, sealing })
    }
}

fn put_cost(out: &mut Vec<u8>, cost: PassphraseCost) {
    for number in [cost.memory_kib(), cost.passes(), cost.lanes()] {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

const STATUSES: [KeyStatus; 4] =
    [KeyStatus::Primary, KeyStatus::Enabled, KeyStatus::Disabled, KeyStatus::Destroyed];

fn status_code(status: KeyStatus) -> u8 {
    status as u8
}

fn status_of(code: u8) -> Option<KeyStatus> {
    STATUSES.get(usize::from(code)).copied()
}

fn seal(
    key: &Secret,
    context: &[u8],
    plaintext: &[u8],
    out: &mut Vec<u8>,
    entropy: &mut impl Entropy,
) -> Result<()> {
    let salt: [u8; SALT] = entropy.bytes()?;
    scrubbed(|| InputKey::new(key)?.seal(&salt, context, plaintext, out))
}

fn open(key: &Secret, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    scrubbed(|| InputKey::new(key)?.open(context, sealed))
}

fn malformed() -> Error {
    Error::new(ErrorCode::CryptoKeyInvalid, "crypto: these bytes are not an exported keyset of version 1")
}
