//! What the keys of a store are like when it is opened.
//!
//! A key that is lost looks like a key that never was. Whoever takes one for the other makes a new key over
//! records that then never open again. So the two are told apart here, and making a fresh key is always its
//! own, spoken decision.

use crate::error::{Error, ErrorCode, Result};

/// Where the key-encryption key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KekState {
    /// The secret storage has none.
    Absent,
    /// It is there and stays.
    Stored,
    /// It is there, but the secret storage forgets at the end of the session: an editor without a keyring.
    Volatile,
}

/// What a store finds when it is opened.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    /// Where the key-encryption key is.
    pub kek: KekState,
    /// Whether an exported keyset is there.
    pub keyset: bool,
    /// Whether anything is there that was sealed with it.
    pub records: bool,
    /// Whether the owner has said that a key which lasts for one session is enough.
    pub volatile_allowed: bool,
}

impl Evidence {
    /// Whether the keyset can be imported now.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoKeyLost`] if there are records or a keyset, but not what opens them;
    /// [`ErrorCode::CryptoNoKey`] if there is nothing yet; [`ErrorCode::CryptoKeyVolatile`] if the key would be
    /// gone tomorrow and nobody allowed that.
    pub fn judge(self) -> Result<()> {
        let error = |code, message| Err(Error::new(code, message));
        match (self.kek, self.keyset, self.records) {
            (KekState::Absent, true, _) => error(
                ErrorCode::CryptoKeyLost,
                "crypto: the key of the keyset is lost: recover it with its passphrase, or start fresh and give the records up",
            ),
            (_, false, true) => error(
                ErrorCode::CryptoKeyLost,
                "crypto: the keyset is lost but its records are there: restore it from a copy, or start fresh and give them up",
            ),
            _ if self.kek == KekState::Volatile && !self.volatile_allowed => error(
                ErrorCode::CryptoKeyVolatile,
                "crypto: the secret storage forgets its keys at the end of the session: set up a keyring, or allow volatile keys",
            ),
            (_, false, false) => {
                error(ErrorCode::CryptoNoKey, "crypto: there is no key yet, create a keyset first")
            }
            (_, true, _) => Ok(()),
        }
    }
}

/// Refuses a keyset that is older than the newest one seen.
///
/// # Errors
/// [`ErrorCode::CryptoRolledBack`] if it is.
pub fn check_generation(found: u64, newest_seen: u64) -> Result<()> {
    if found >= newest_seen {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::CryptoRolledBack,
        "crypto: the keyset is older than one that was used before: restore the newest copy",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_own_answer() {
        use ErrorCode::{CryptoKeyLost as Lost, CryptoKeyVolatile as Volatile, CryptoNoKey as NoKey};
        use KekState::{Absent, Stored};
        let table = [
            (Absent, false, false, Some(NoKey)),
            (Absent, false, true, Some(Lost)),
            (Absent, true, false, Some(Lost)),
            (Absent, true, true, Some(Lost)),
            (Stored, false, false, Some(NoKey)),
            (Stored, false, true, Some(Lost)),
            (Stored, true, false, None),
            (Stored, true, true, None),
            (KekState::Volatile, false, false, Some(Volatile)),
            (KekState::Volatile, false, true, Some(Lost)),
            (KekState::Volatile, true, false, Some(Volatile)),
            (KekState::Volatile, true, true, Some(Volatile)),
        ];
        for (kek, keyset, records, expected) in table {
            let evidence = Evidence { kek, keyset, records, volatile_allowed: false };
            assert_eq!(evidence.judge().err().map(|error| error.code()), expected, "{evidence:?}");
        }
    }

    #[test]
    fn a_volatile_key_is_used_only_where_that_was_said() {
        let evidence =
            Evidence { kek: KekState::Volatile, keyset: true, records: true, volatile_allowed: true };
        assert_eq!(evidence.judge(), Ok(()));
        assert_eq!(
            Evidence { keyset: false, ..evidence }.judge().unwrap_err().code(),
            ErrorCode::CryptoKeyLost
        );
    }

    #[test]
    fn an_older_generation_is_refused() {
        assert_eq!(check_generation(4, 5).unwrap_err().code(), ErrorCode::CryptoRolledBack);
        assert!(check_generation(5, 5).is_ok() && check_generation(6, 5).is_ok());
    }
}
