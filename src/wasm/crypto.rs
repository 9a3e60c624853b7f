//! `crypto` for JavaScript.
//!
//! Secrets arrive as `Vec<u8>`, because those are ours to wipe, and not as texts, which the glue copies about
//! while they grow. They leave as a `Uint8Array`, because that is copied out before ours is wiped.

use super::Slab;
use crate::crypto::vault::{self, Entry};
use crate::crypto::{
    Context, DataKey, Evidence, KekState, Keyset, PassphraseCost, Recovery, Secret, SigningKey,
    check_generation, scrub_stack, verify,
};
use crate::error::Error;
use crate::host::HostEntropy;
use crate::json;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

thread_local! {
    static KEYSETS: Slab<Keyset> = const { Slab::new() };
    static DATA_KEYS: Slab<DataKey> = const { Slab::new() };
    static SIGNING_KEYS: Slab<SigningKey> = const { Slab::new() };
}

/// Works with a keyset, for the domains that seal.
pub(super) fn with_keyset<R>(
    handle: u32,
    work: impl FnOnce(&mut Keyset) -> Result<R, Error>,
) -> Result<R, Error> {
    KEYSETS.with(|keysets| keysets.with(handle, work))
}

fn with_data_key<R>(handle: u32, work: impl FnOnce(&mut DataKey) -> Result<R, Error>) -> Result<R, Error> {
    DATA_KEYS.with(|keys| keys.with(handle, work))
}

fn with_signing_key<R>(
    handle: u32,
    work: impl FnOnce(&mut SigningKey) -> Result<R, Error>,
) -> Result<R, Error> {
    SIGNING_KEYS.with(|keys| keys.with(handle, work))
}

/// A context of one text, or of a record's four parts.
fn context(
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Context, Error> {
    match record_id {
        None => Context::text(text),
        Some(id) => Context::record(text, &id, &subject.unwrap_or_default(), &purpose.unwrap_or_default()),
    }
}

/// Makes a keyset with one fresh key and answers its handle.
#[wasm_bindgen(js_name = keysetGenerate)]
pub fn keyset_generate(now: f64) -> Result<u32, Error> {
    let keyset = Keyset::generate(now, &mut HostEntropy)?;
    KEYSETS.with(|keysets| keysets.put(keyset))
}

/// Opens an exported keyset with its key-encryption key.
#[wasm_bindgen(js_name = keysetImport)]
pub fn keyset_import(exported: &[u8], kek: Vec<u8>) -> Result<u32, Error> {
    let keyset = Keyset::import(exported, &Secret::copied(&Zeroizing::new(kek))?)?;
    KEYSETS.with(|keysets| keysets.put(keyset))
}

/// Opens an exported keyset with its passphrase.
#[wasm_bindgen(js_name = keysetRecover)]
pub fn keyset_recover(exported: &[u8], passphrase: Vec<u8>) -> Result<u32, Error> {
    let keyset = Keyset::recover(exported, &Zeroizing::new(passphrase))?;
    KEYSETS.with(|keysets| keysets.put(keyset))
}

/// The keyset sealed for a key-encryption key; the passphrase that recovers it stays as it is.
#[wasm_bindgen(js_name = keysetExport)]
pub fn keyset_export(handle: u32, kek: Vec<u8>) -> Result<Vec<u8>, Error> {
    export(handle, Zeroizing::new(kek), Recovery::Keep)
}

/// The same, recoverable by the key-encryption key alone.
#[wasm_bindgen(js_name = keysetExportWithoutPassphrase)]
pub fn keyset_export_without_passphrase(handle: u32, kek: Vec<u8>) -> Result<Vec<u8>, Error> {
    export(handle, Zeroizing::new(kek), Recovery::Remove)
}

/// The same, recoverable by a passphrase.
#[wasm_bindgen(js_name = keysetExportWithPassphrase)]
pub fn keyset_export_with_passphrase(
    handle: u32,
    kek: Vec<u8>,
    passphrase: Vec<u8>,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
) -> Result<Vec<u8>, Error> {
    let (kek, passphrase) = (Zeroizing::new(kek), Zeroizing::new(passphrase));
    let cost = PassphraseCost::new(memory_kib, passes, lanes)?;
    export(handle, kek, Recovery::Set(&passphrase, cost))
}

fn export(handle: u32, kek: Zeroizing<Vec<u8>>, recovery: Recovery<'_>) -> Result<Vec<u8>, Error> {
    let kek = Secret::copied(&kek)?;
    with_keyset(handle, |keyset| keyset.export(&kek, recovery, &mut HostEntropy))
}

/// Forgets a keyset and wipes its keys.
#[wasm_bindgen(js_name = keysetFree)]
pub fn keyset_free(handle: u32) {
    KEYSETS.with(|keysets| keysets.take(handle));
    scrub_stack();
}

/// Seals a record.
#[wasm_bindgen(js_name = keysetSeal)]
pub fn keyset_seal(
    handle: u32,
    plaintext: Vec<u8>,
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Vec<u8>, Error> {
    let plaintext = Zeroizing::new(plaintext);
    let context = context(text, record_id, subject, purpose)?;
    with_keyset(handle, |keyset| keyset.seal(&plaintext, &context, &mut HostEntropy))
}

/// Opens a record.
#[wasm_bindgen(js_name = keysetOpen)]
pub fn keyset_open(
    handle: u32,
    record: &[u8],
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Uint8Array, Error> {
    let context = context(text, record_id, subject, purpose)?;
    let plaintext = with_keyset(handle, |keyset| keyset.open(record, &context))?;
    Ok(Uint8Array::from(plaintext.as_slice()))
}

/// Seals a record anew with the primary key.
#[wasm_bindgen(js_name = keysetReseal)]
pub fn keyset_reseal(
    handle: u32,
    record: &[u8],
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Vec<u8>, Error> {
    let context = context(text, record_id, subject, purpose)?;
    with_keyset(handle, |keyset| keyset.reseal(record, &context, &mut HostEntropy))
}

/// Begins a record that the host's cipher seals: its head of 61 bytes, base nonce (12) and key (32).
#[wasm_bindgen(js_name = keysetPrepareSeal)]
pub fn keyset_prepare_seal(
    handle: u32,
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Uint8Array, Error> {
    let context = context(text, record_id, subject, purpose)?;
    let prepared = with_keyset(handle, |keyset| keyset.prepare_seal(&context, &mut HostEntropy))?;
    let key = prepared.message.key.expose();
    Ok(copied_out(&[&prepared.head, &prepared.message.base_nonce, key]))
}

/// Verifies the head of a record that the host's cipher opens, and answers base nonce (12) and key (32).
#[wasm_bindgen(js_name = keysetPrepareOpen)]
pub fn keyset_prepare_open(
    handle: u32,
    head: &[u8],
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Uint8Array, Error> {
    let context = context(text, record_id, subject, purpose)?;
    let message = with_keyset(handle, |keyset| keyset.prepare_open(head, &context))?;
    Ok(copied_out(&[&message.base_nonce, message.key.expose()]))
}

/// Bytes in a row, as JavaScript's own; ours are wiped.
fn copied_out(parts: &[&[u8]]) -> Uint8Array {
    let mut row = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in parts {
        row.extend_from_slice(part);
    }
    Uint8Array::from(row.as_slice())
}

/// Whether a record was sealed with the primary key.
#[wasm_bindgen(js_name = keysetIsCurrent)]
pub fn keyset_is_current(handle: u32, record: &[u8]) -> Result<bool, Error> {
    with_keyset(handle, |keyset| keyset.is_current(record))
}

/// Makes a fresh primary key and answers its id.
#[wasm_bindgen(js_name = keysetRotate)]
pub fn keyset_rotate(handle: u32, now: f64) -> Result<u32, Error> {
    with_keyset(handle, |keyset| keyset.rotate(now, &mut HostEntropy))
}

/// Enables a key.
#[wasm_bindgen(js_name = keysetEnable)]
pub fn keyset_enable(handle: u32, id: u32) -> Result<(), Error> {
    with_keyset(handle, |keyset| keyset.enable(id))
}

/// Disables a key.
#[wasm_bindgen(js_name = keysetDisable)]
pub fn keyset_disable(handle: u32, id: u32) -> Result<(), Error> {
    with_keyset(handle, |keyset| keyset.disable(id))
}

/// Destroys a key.
#[wasm_bindgen(js_name = keysetDestroy)]
pub fn keyset_destroy(handle: u32, id: u32) -> Result<(), Error> {
    with_keyset(handle, |keyset| keyset.destroy(id))
}

/// What may be shown of the keys, as JSON: `[{ id, status, created, uses }]`.
#[wasm_bindgen(js_name = keysetKeys)]
pub fn keyset_keys(handle: u32) -> Result<String, Error> {
    with_keyset(handle, |keyset| {
        json::write(&keyset.keys().collect::<Vec<_>>())
            .ok_or_else(|| Error::argument("crypto: the keys cannot be listed"))
    })
}

/// The keyset's generation.
#[wasm_bindgen(js_name = keysetGeneration)]
pub fn keyset_generation(handle: u32) -> Result<f64, Error> {
    with_keyset(handle, |keyset| Ok(keyset.generation() as f64))
}

/// When a new primary key is due.
#[wasm_bindgen(js_name = keysetRotationDueAt)]
pub fn keyset_rotation_due_at(handle: u32) -> Result<f64, Error> {
    with_keyset(handle, |keyset| Ok(keyset.rotation_due_at()))
}

/// Sets how long a primary key seals.
#[wasm_bindgen(js_name = keysetSetRotationPeriod)]
pub fn keyset_set_rotation_period(handle: u32, period: f64) -> Result<(), Error> {
    with_keyset(handle, |keyset| keyset.set_rotation_period(period))
}

/// Commits to a value.
#[wasm_bindgen(js_name = keysetCommit)]
pub fn keyset_commit(handle: u32, domain: &str, value: Vec<u8>) -> Result<Vec<u8>, Error> {
    let value = Zeroizing::new(value);
    with_keyset(handle, |keyset| keyset.commitments().commit(domain, &value).map(|it| it.to_vec()))
}

/// Whether this is the commitment to that value.
#[wasm_bindgen(js_name = keysetVerifyCommitment)]
pub fn keyset_verify_commitment(
    handle: u32,
    domain: &str,
    value: Vec<u8>,
    commitment: &[u8],
) -> Result<bool, Error> {
    let value = Zeroizing::new(value);
    with_keyset(handle, |keyset| keyset.commitments().verify(domain, &value, commitment))
}

/// Whether a keyset can be imported; `kek` is 0 for absent, 1 for stored, 2 for volatile.
#[wasm_bindgen(js_name = keysetJudge)]
pub fn keyset_judge(kek: u8, keyset: bool, records: bool, volatile_allowed: bool) -> Result<(), Error> {
    let kek = match kek {
        0 => KekState::Absent,
        1 => KekState::Stored,
        _ => KekState::Volatile,
    };
    Evidence { kek, keyset, records, volatile_allowed }.judge()
}

/// Refuses a keyset that is older than the newest one seen.
#[wasm_bindgen(js_name = keysetCheckGeneration)]
pub fn keyset_check_generation(handle: u32, newest_seen: f64) -> Result<(), Error> {
    with_keyset(handle, |keyset| check_generation(keyset.generation(), newest_seen.max(0.0) as u64))
}

/// Makes a data key and answers its handle.
#[wasm_bindgen(js_name = dataKeyGenerate)]
pub fn data_key_generate() -> Result<u32, Error> {
    let key = DataKey::generate(&mut HostEntropy)?;
    DATA_KEYS.with(|keys| keys.put(key))
}

/// Seals a data key under a keyset.
#[wasm_bindgen(js_name = keysetSealDataKey)]
pub fn keyset_seal_data_key(
    handle: u32,
    key: u32,
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Vec<u8>, Error> {
    let context = context(text, record_id, subject, purpose)?;
    with_keyset(handle, |keyset| {
        with_data_key(key, |key| keyset.seal_data_key(key, &context, &mut HostEntropy))
    })
}

/// Opens a sealed data key and answers its handle.
#[wasm_bindgen(js_name = keysetOpenDataKey)]
pub fn keyset_open_data_key(
    handle: u32,
    sealed: &[u8],
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<u32, Error> {
    let context = context(text, record_id, subject, purpose)?;
    let key = with_keyset(handle, |keyset| keyset.open_data_key(sealed, &context))?;
    DATA_KEYS.with(|keys| keys.put(key))
}

/// Seals a record with a data key.
#[wasm_bindgen(js_name = dataKeySeal)]
pub fn data_key_seal(
    handle: u32,
    plaintext: Vec<u8>,
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Vec<u8>, Error> {
    let plaintext = Zeroizing::new(plaintext);
    let context = context(text, record_id, subject, purpose)?;
    with_data_key(handle, |key| key.seal(&plaintext, &context, &mut HostEntropy))
}

/// Opens a record with a data key.
#[wasm_bindgen(js_name = dataKeyOpen)]
pub fn data_key_open(
    handle: u32,
    record: &[u8],
    text: &str,
    record_id: Option<String>,
    subject: Option<String>,
    purpose: Option<String>,
) -> Result<Uint8Array, Error> {
    let context = context(text, record_id, subject, purpose)?;
    let plaintext = with_data_key(handle, |key| key.open(record, &context))?;
    Ok(Uint8Array::from(plaintext.as_slice()))
}

/// Forgets a data key and wipes it.
#[wasm_bindgen(js_name = dataKeyFree)]
pub fn data_key_free(handle: u32) {
    DATA_KEYS.with(|keys| keys.take(handle));
    scrub_stack();
}

/// Makes a signing key and answers its handle.
#[wasm_bindgen(js_name = signingKeyGenerate)]
pub fn signing_key_generate() -> Result<u32, Error> {
    let key = SigningKey::generate(&mut HostEntropy)?;
    SIGNING_KEYS.with(|keys| keys.put(key))
}

/// Seals a signing key under a keyset.
#[wasm_bindgen(js_name = keysetSealSigningKey)]
pub fn keyset_seal_signing_key(handle: u32, key: u32, text: &str) -> Result<Vec<u8>, Error> {
    let context = Context::text(text)?;
    with_keyset(handle, |keyset| {
        with_signing_key(key, |key| keyset.seal_signing_key(key, &context, &mut HostEntropy))
    })
}

/// Opens a sealed signing key and answers its handle.
#[wasm_bindgen(js_name = keysetOpenSigningKey)]
pub fn keyset_open_signing_key(handle: u32, sealed: &[u8], text: &str) -> Result<u32, Error> {
    let context = Context::text(text)?;
    let key = with_keyset(handle, |keyset| keyset.open_signing_key(sealed, &context))?;
    SIGNING_KEYS.with(|keys| keys.put(key))
}

/// The public half of a signing key.
#[wasm_bindgen(js_name = signingKeyPublic)]
pub fn signing_key_public(handle: u32) -> Result<Vec<u8>, Error> {
    with_signing_key(handle, |key| Ok(key.public_key().to_vec()))
}

/// Signs a message.
#[wasm_bindgen(js_name = signingKeySign)]
pub fn signing_key_sign(handle: u32, message: &[u8]) -> Result<Vec<u8>, Error> {
    with_signing_key(handle, |key| Ok(key.sign(message).to_vec()))
}

/// Forgets a signing key and wipes it.
#[wasm_bindgen(js_name = signingKeyFree)]
pub fn signing_key_free(handle: u32) {
    SIGNING_KEYS.with(|keys| keys.take(handle));
    scrub_stack();
}

/// Whether a signature holds.
#[wasm_bindgen(js_name = verifySignature)]
pub fn verify_signature(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Error> {
    verify(public_key, message, signature)
}

/// What stands in a vault's store for a name.
#[wasm_bindgen(js_name = vaultKey)]
pub fn vault_key(handle: u32, vault: &str, name: &str) -> Result<Vec<u8>, Error> {
    with_keyset(handle, |keyset| vault::entry_key(keyset, vault, name).map(|key| key.to_vec()))
}

/// Seals an entry of a vault.
#[wasm_bindgen(js_name = vaultSeal)]
pub fn vault_seal(
    handle: u32,
    vault: &str,
    name: &str,
    value: Vec<u8>,
    generation: f64,
) -> Result<Vec<u8>, Error> {
    let value = Zeroizing::new(value);
    let generation = generation.max(0.0) as u64; // counted up from 1
    with_keyset(handle, |keyset| vault::seal_entry(keyset, vault, name, &value, generation, &mut HostEntropy))
}

/// How often the name of an entry was written.
#[wasm_bindgen(js_name = vaultGeneration)]
pub fn vault_generation(handle: u32, vault: &str, key: &[u8], sealed: &[u8]) -> Result<f64, Error> {
    with_keyset(handle, |keyset| {
        Entry::open(keyset, vault, key, sealed).map(|entry| entry.generation() as f64)
    })
}

/// Seals an entry anew with the primary key.
#[wasm_bindgen(js_name = vaultReseal)]
pub fn vault_reseal(handle: u32, vault: &str, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    with_keyset(handle, |keyset| vault::reseal_entry(keyset, vault, key, sealed, &mut HostEntropy))
}

/// The name of an entry.
#[wasm_bindgen(js_name = vaultName)]
pub fn vault_name(handle: u32, vault: &str, key: &[u8], sealed: &[u8]) -> Result<JsValue, Error> {
    with_keyset(handle, |keyset| {
        Entry::open(keyset, vault, key, sealed).map(|entry| JsValue::from_str(entry.name()))
    })
}

/// The value of an entry.
#[wasm_bindgen(js_name = vaultValue)]
pub fn vault_value(handle: u32, vault: &str, key: &[u8], sealed: &[u8]) -> Result<JsValue, Error> {
    with_keyset(handle, |keyset| {
        Entry::open(keyset, vault, key, sealed).map(|entry| JsValue::from_str(entry.value()))
    })
}

/// Whether this is the value of an entry.
#[wasm_bindgen(js_name = vaultMatches)]
pub fn vault_matches(
    handle: u32,
    vault: &str,
    key: &[u8],
    sealed: &[u8],
    candidate: Vec<u8>,
) -> Result<bool, Error> {
    let candidate = Zeroizing::new(candidate);
    with_keyset(handle, |keyset| {
        Entry::open(keyset, vault, key, sealed).map(|entry| entry.matches(&candidate))
    })
}
