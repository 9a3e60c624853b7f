//! The one error type, and the only table of error codes.
//!
//! A code is a contract: it never changes its meaning, and TypeScript's union of codes is generated from
//! [`ErrorCode::ALL`]. The words of a message may change. A message names the domain and what must hold, in
//! lower case and without a full stop; it never holds the input.

use std::borrow::Cow;

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// A stable name for a kind of failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode { $($(#[doc = $doc])+ $variant,)+ }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as JavaScript sees it, such as `ERR_CONFIG_INVALID`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What the code means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc,)+).trim_ascii(),)+ }
            }
        }
    };
}

error_codes! {
    /// An argument of a call is of the wrong kind or out of range.
    ArgumentInvalid = "ERR_ARGUMENT_INVALID",
    /// A configuration was refused; the message names the field and what it must be.
    ConfigInvalid = "ERR_CONFIG_INVALID",
    /// A configuration asks for something that this package does not do; the message names the alternative.
    ConfigUnsupported = "ERR_CONFIG_UNSUPPORTED",
    /// An input is larger than its limit and was not looked at.
    InputTooLarge = "ERR_INPUT_TOO_LARGE",
    /// More live objects of one kind than the engine holds; dispose of some.
    TooManyHandles = "ERR_TOO_MANY_HANDLES",
    /// The object was disposed of before this call.
    Disposed = "ERR_DISPOSED",
    /// A threat remains in the input, at or above the threshold of its scope; it was not let through.
    ThreatBlocked = "ERR_THREAT_BLOCKED",
    /// The circuit is open: the operation was not started.
    CircuitOpen = "ERR_CIRCUIT_OPEN",
    /// The operation took longer than its timeout; its signal was aborted.
    Timeout = "ERR_TIMEOUT",
    /// As many operations run and wait as the bulkhead allows: this one was not started.
    BulkheadFull = "ERR_BULKHEAD_FULL",
    /// A sealed record did not open: another key, another context, or it was changed.
    CryptoOpenFailed = "ERR_CRYPTO_OPEN_FAILED",
    /// A key or keyset could not be imported or does not fit its use.
    CryptoKeyInvalid = "ERR_CRYPTO_KEY_INVALID",
    /// The record's key is disabled or destroyed.
    CryptoKeyDisabled = "ERR_CRYPTO_KEY_DISABLED",
    /// The key has sealed as many records as it may: rotate the keyset.
    CryptoKeyExhausted = "ERR_CRYPTO_KEY_EXHAUSTED",
    /// There is no key yet, and nothing that one had sealed: create a keyset.
    CryptoNoKey = "ERR_CRYPTO_NO_KEY",
    /// A keyset or records are there, but not the key that opens them: recover it, or give them up on purpose.
    CryptoKeyLost = "ERR_CRYPTO_KEY_LOST",
    /// The key would be gone at the end of the session: the secret storage keeps it in memory only.
    CryptoKeyVolatile = "ERR_CRYPTO_KEY_VOLATILE",
    /// The stored keyset is not the one that the call knows: open it and repeat the change.
    CryptoKeysetChanged = "ERR_CRYPTO_KEYSET_CHANGED",
    /// A keyset or record is older than one that was used before.
    CryptoRolledBack = "ERR_CRYPTO_ROLLED_BACK",
    /// A consent record opened, but is not one that this version reads.
    ConsentRecordInvalid = "ERR_CONSENT_RECORD_INVALID",
    /// The person has not allowed this purpose: ask before using the data.
    ConsentRequired = "ERR_CONSENT_REQUIRED",
    /// A consent record exists, but the key of its person is missing; nothing was taken for "no consent".
    ConsentKeyLost = "ERR_CONSENT_KEY_LOST",
    /// A consent record is older than one that was there before, or gone: restore it, or erase the person.
    ConsentRolledBack = "ERR_CONSENT_ROLLED_BACK",
    /// Others wrote the same record at every attempt: try again.
    ConsentConflict = "ERR_CONSENT_CONFLICT",
    /// Data that must go could not be deleted where they are held; the cleanup is still due.
    ConsentCleanupFailed = "ERR_CONSENT_CLEANUP_FAILED",
    /// A receipt or certificate is not of a form that can be verified.
    ConsentReceiptInvalid = "ERR_CONSENT_RECEIPT_INVALID",
    /// A store could not be read or written; nothing was taken for missing.
    StoreFailed = "ERR_STORE_FAILED",
    /// The host gave no random bytes.
    EntropyUnavailable = "ERR_ENTROPY_UNAVAILABLE",
    /// The engine stopped in the middle of a call; nothing was decided, and the next call starts it again.
    EngineFault = "ERR_ENGINE_FAULT",
    /// The engine has no bytes yet: the slim entry needs `init(bytes)` first.
    EngineNotReady = "ERR_ENGINE_NOT_READY",
    /// The bytes are missing, or are not the core of this package and version.
    EngineBytesInvalid = "ERR_ENGINE_BYTES_INVALID",
    /// The page's Content-Security-Policy forbids WebAssembly: add `'wasm-unsafe-eval'` to `script-src`.
    WasmBlockedByCsp = "ERR_WASM_BLOCKED_BY_CSP",
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure: its code, and a message for the person who reads the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl Error {
    /// Makes an error. The message names the domain first and never holds the input.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// A configuration field that is not what it must be.
    #[must_use]
    pub fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::ConfigInvalid, message)
    }

    /// A call's argument that is not what it must be.
    #[must_use]
    pub fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::ArgumentInvalid, message)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_and_well_formed() {
        let mut codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert!(codes.iter().all(|code| code.starts_with("ERR_")
            && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn a_meaning_is_one_sentence() {
        assert!(ErrorCode::ALL.iter().all(|code| code.meaning().ends_with('.')));
    }
}
