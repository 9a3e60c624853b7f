//! Keys, and what is sealed, committed to and signed with them.
//!
//! A [`Keyset`] seals records of bytes under a [`Context`]; a record opens only with its key, under its
//! context, and unchanged. The format of a record is Cobblestone-256 of C2SP behind a version byte and the
//! key's id. A [`DataKey`] seals the records of one subject, so that destroying it erases them. A
//! [`CommitmentKey`] names values for look-ups without showing them, a [`SigningKey`] signs what others
//! verify.
//!
//! ```
//! use vespera_security::crypto::{Context, Keyset};
//! use vespera_security::host::HostEntropy;
//!
//! let mut keyset = Keyset::generate(1_700_000_000_000.0, &mut HostEntropy)?;
//! let context = Context::record("note/1", "17", "ada", "backup")?;
//! let sealed = keyset.seal(b"a note", &context, &mut HostEntropy)?;
//! assert_eq!(keyset.open(&sealed, &context)?.as_slice(), b"a note");
//! assert!(keyset.open(&sealed, &Context::record("note/1", "18", "ada", "backup")?).is_err());
//! # Ok::<(), vespera_security::Error>(())
//! ```

pub mod cobblestone;
mod commitment;
mod context;
mod export;
mod keyset;
mod passphrase;
mod record;
mod secret;
mod signing;
mod state;
pub mod vault;

pub use commitment::{Commitment, CommitmentKey};
pub use context::{Context, MAX_CONTEXT};
pub use export::{MAX_EXPORT, Recovery};
pub use keyset::{KeyInfo, KeyStatus, Keyset, MAX_KEYS, ROTATION_PERIOD};
pub use passphrase::{MAX_PASSPHRASE, MIN_PASSPHRASE, PassphraseCost};
pub use record::{DataKey, HEAD, MAX_PLAINTEXT, MAX_USES, Prepared, key_id, sealed_length};
pub use secret::{KEY_LENGTH, Secret, scrub_stack};
pub use signing::{PUBLIC_KEY, SIGNATURE, SigningKey, verify};
pub use state::{Evidence, KekState, check_generation};
