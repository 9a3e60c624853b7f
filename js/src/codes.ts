// Generated from the table in src/error.rs: `UPDATE=1 cargo test --test generated`.

/** A stable name for a kind of failure. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Every code, with its meaning. */
export const ERROR_CODES = {
  /** An argument of a call is of the wrong kind or out of range. */
  ERR_ARGUMENT_INVALID: "An argument of a call is of the wrong kind or out of range.",
  /** A configuration was refused; the message names the field and what it must be. */
  ERR_CONFIG_INVALID: "A configuration was refused; the message names the field and what it must be.",
  /** A configuration asks for something that this package does not do; the message names the alternative. */
  ERR_CONFIG_UNSUPPORTED: "A configuration asks for something that this package does not do; the message names the alternative.",
  /** An input is larger than its limit and was not looked at. */
  ERR_INPUT_TOO_LARGE: "An input is larger than its limit and was not looked at.",
  /** More live objects of one kind than the engine holds; dispose of some. */
  ERR_TOO_MANY_HANDLES: "More live objects of one kind than the engine holds; dispose of some.",
  /** The object was disposed of before this call. */
  ERR_DISPOSED: "The object was disposed of before this call.",
  /** A threat remains in the input, at or above the threshold of its scope; it was not let through. */
  ERR_THREAT_BLOCKED: "A threat remains in the input, at or above the threshold of its scope; it was not let through.",
  /** The circuit is open: the operation was not started. */
  ERR_CIRCUIT_OPEN: "The circuit is open: the operation was not started.",
  /** The operation took longer than its timeout; its signal was aborted. */
  ERR_TIMEOUT: "The operation took longer than its timeout; its signal was aborted.",
  /** As many operations run and wait as the bulkhead allows: this one was not started. */
  ERR_BULKHEAD_FULL: "As many operations run and wait as the bulkhead allows: this one was not started.",
  /** A sealed record did not open: another key, another context, or it was changed. */
  ERR_CRYPTO_OPEN_FAILED: "A sealed record did not open: another key, another context, or it was changed.",
  /** A key or keyset could not be imported or does not fit its use. */
  ERR_CRYPTO_KEY_INVALID: "A key or keyset could not be imported or does not fit its use.",
  /** The record's key is disabled or destroyed. */
  ERR_CRYPTO_KEY_DISABLED: "The record's key is disabled or destroyed.",
  /** The key has sealed as many records as it may: rotate the keyset. */
  ERR_CRYPTO_KEY_EXHAUSTED: "The key has sealed as many records as it may: rotate the keyset.",
  /** There is no key yet, and nothing that one had sealed: create a keyset. */
  ERR_CRYPTO_NO_KEY: "There is no key yet, and nothing that one had sealed: create a keyset.",
  /** A keyset or records are there, but not the key that opens them: recover it, or give them up on purpose. */
  ERR_CRYPTO_KEY_LOST: "A keyset or records are there, but not the key that opens them: recover it, or give them up on purpose.",
  /** The key would be gone at the end of the session: the secret storage keeps it in memory only. */
  ERR_CRYPTO_KEY_VOLATILE: "The key would be gone at the end of the session: the secret storage keeps it in memory only.",
  /** The stored keyset is not the one that the call knows: open it and repeat the change. */
  ERR_CRYPTO_KEYSET_CHANGED: "The stored keyset is not the one that the call knows: open it and repeat the change.",
  /** A keyset or record is older than one that was used before. */
  ERR_CRYPTO_ROLLED_BACK: "A keyset or record is older than one that was used before.",
  /** A consent record opened, but is not one that this version reads. */
  ERR_CONSENT_RECORD_INVALID: "A consent record opened, but is not one that this version reads.",
  /** The person has not allowed this purpose: ask before using the data. */
  ERR_CONSENT_REQUIRED: "The person has not allowed this purpose: ask before using the data.",
  /** A consent record exists, but the key of its person is missing; nothing was taken for "no consent". */
  ERR_CONSENT_KEY_LOST: "A consent record exists, but the key of its person is missing; nothing was taken for \"no consent\".",
  /** A consent record is older than one that was there before, or gone: restore it, or erase the person. */
  ERR_CONSENT_ROLLED_BACK: "A consent record is older than one that was there before, or gone: restore it, or erase the person.",
  /** Others wrote the same record at every attempt: try again. */
  ERR_CONSENT_CONFLICT: "Others wrote the same record at every attempt: try again.",
  /** Data that must go could not be deleted where they are held; the cleanup is still due. */
  ERR_CONSENT_CLEANUP_FAILED: "Data that must go could not be deleted where they are held; the cleanup is still due.",
  /** A receipt or certificate is not of a form that can be verified. */
  ERR_CONSENT_RECEIPT_INVALID: "A receipt or certificate is not of a form that can be verified.",
  /** A store could not be read or written; nothing was taken for missing. */
  ERR_STORE_FAILED: "A store could not be read or written; nothing was taken for missing.",
  /** The host gave no random bytes. */
  ERR_ENTROPY_UNAVAILABLE: "The host gave no random bytes.",
  /** The engine stopped in the middle of a call; nothing was decided, and the next call starts it again. */
  ERR_ENGINE_FAULT: "The engine stopped in the middle of a call; nothing was decided, and the next call starts it again.",
  /** The engine has no bytes yet: the slim entry needs `init(bytes)` first. */
  ERR_ENGINE_NOT_READY: "The engine has no bytes yet: the slim entry needs `init(bytes)` first.",
  /** The bytes are missing, or are not the core of this package and version. */
  ERR_ENGINE_BYTES_INVALID: "The bytes are missing, or are not the core of this package and version.",
  /** The page's Content-Security-Policy forbids WebAssembly: add `'wasm-unsafe-eval'` to `script-src`. */
  ERR_WASM_BLOCKED_BY_CSP: "The page's Content-Security-Policy forbids WebAssembly: add `'wasm-unsafe-eval'` to `script-src`.",
} as const;
