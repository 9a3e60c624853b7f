//! `consent` for JavaScript.
//!
//! What is hot is one number; the rest crosses as JSON texts, which the core bounds and reads itself. Entries
//! of a store cross as bytes. An anchor that holds nothing is NaN.

use super::crypto::with_keyset;
use super::{Slab, parse};
use crate::consent::{
    Book, BookConfig, Command, Entries, Erasure, Form, Pseudonym, Purpose, Purposes, Reason, Use,
    diff_purposes, due, export, export_csv, issue, multikey, notice_hash, open_identity, read, read_multikey,
    register, register_csv, seal_identity, time, verify,
};
use crate::crypto::SigningKey;
use crate::error::{Error, Result};
use crate::host::HostEntropy;
use crate::json;
use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static BOOKS: Slab<Book> = const { Slab::new() };
}

fn with<R>(handle: u32, work: impl FnOnce(&mut Book) -> Result<R>) -> Result<R> {
    BOOKS.with(|books| books.with(handle, work))
}

fn written(value: &impl Serialize) -> Result<String> {
    json::write(value).ok_or_else(|| Error::argument("consent: the value has no JSON form"))
}

fn ids(text: Option<&str>) -> Result<Option<Vec<String>>> {
    text.map(|text| read("the list of purposes", text)).transpose()
}

/// What a store holds about a person, as it crosses.
fn entries<'a>(record: Option<&'a Vec<u8>>, key: Option<&'a Vec<u8>>, anchor: f64) -> Entries<'a> {
    let anchor = (anchor >= 0.0).then_some(anchor as u64); // a generation, counted up from 0
    Entries { record: record.map(Vec::as_slice), key: key.map(Vec::as_slice), anchor }
}

/// A fresh signing key, sealed.
#[wasm_bindgen(js_name = consentNewIdentity)]
pub fn consent_new_identity(keyset: u32) -> Result<Vec<u8>, Error> {
    let key = SigningKey::generate(&mut HostEntropy)?;
    with_keyset(keyset, |keyset| seal_identity(keyset, &key, &mut HostEntropy))
}

/// Makes a book from its configuration and the sealed signing key, and answers its handle.
#[wasm_bindgen(js_name = consentNew)]
pub fn consent_new(config: JsValue, keyset: u32, identity: &[u8]) -> Result<u32, Error> {
    let config = parse::<BookConfig>("consent", config)?;
    let key = with_keyset(keyset, |keyset| open_identity(keyset, identity))?;
    let book = Book::new(config, key)?;
    BOOKS.with(|books| books.put(book))
}

/// Forgets a book.
#[wasm_bindgen(js_name = consentFree)]
pub fn consent_free(handle: u32) {
    BOOKS.with(|books| books.take(handle));
    crate::crypto::scrub_stack();
}

/// Declares other purposes.
#[wasm_bindgen(js_name = consentDeclare)]
pub fn consent_declare(handle: u32, purposes: JsValue) -> Result<(), Error> {
    let purposes = parse::<Vec<Purpose>>("consent", purposes)?;
    with(handle, |book| book.declare(purposes))
}

/// 0 if consent allows the use, 1 if not, NaN if the book is gone.
#[wasm_bindgen(js_name = consentHas)]
pub fn consent_has(
    handle: u32,
    subject: &str,
    purpose: &str,
    data_type: Option<String>,
    third_party: Option<String>,
    now: f64,
) -> f64 {
    let wanted = Use { data_type: data_type.as_deref(), third_party: third_party.as_deref() };
    BOOKS.with(|books| {
        books.number(handle, |book| match time(now) {
            Ok(now) if book.decide(subject, purpose, &wanted, now) == Reason::Consented => 0.0,
            _ => 1.0,
        })
    })
}

/// Why consent allows the use, or why not.
#[wasm_bindgen(js_name = consentReason)]
pub fn consent_reason(
    handle: u32,
    subject: &str,
    purpose: &str,
    data_type: Option<String>,
    third_party: Option<String>,
    now: f64,
) -> Result<String, Error> {
    let wanted = Use { data_type: data_type.as_deref(), third_party: third_party.as_deref() };
    let now = time(now)?;
    with(handle, |book| written(&book.decide(subject, purpose, &wanted, now)))
}

/// The name of a person in keys and files.
#[wasm_bindgen(js_name = consentPseudonym)]
pub fn consent_pseudonym(keyset: u32, subject: &str) -> Result<String, Error> {
    with_keyset(keyset, |keyset| Ok(Pseudonym::of(keyset, subject)?.as_str().to_owned()))
}

/// Puts entries into the view and answers what was found, as JSON.
#[wasm_bindgen(js_name = consentLoad)]
pub fn consent_load(
    handle: u32,
    keyset: u32,
    name: &str,
    record: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    anchor: f64,
) -> Result<String, Error> {
    let whose = Pseudonym::read(name)?;
    with(handle, |book| {
        with_keyset(keyset, |keyset| {
            written(&book.load(keyset, &whose, entries(record.as_ref(), key.as_ref(), anchor))?)
        })
    })
}

/// Takes a person out of the view.
#[wasm_bindgen(js_name = consentForget)]
pub fn consent_forget(handle: u32, subject: &str) -> Result<(), Error> {
    with(handle, |book| {
        book.forget(subject);
        Ok(())
    })
}

/// Lets consents no longer count, before their withdrawal is written.
#[wasm_bindgen(js_name = consentBlock)]
pub fn consent_block(handle: u32, subject: &str, purposes: Option<String>) -> Result<(), Error> {
    let purposes = ids(purposes.as_deref())?;
    with(handle, |book| {
        book.block(subject, purposes.as_deref());
        Ok(())
    })
}

/// Takes one block back.
#[wasm_bindgen(js_name = consentUnblock)]
pub fn consent_unblock(handle: u32, subject: &str, purposes: Option<String>) -> Result<(), Error> {
    let purposes = ids(purposes.as_deref())?;
    with(handle, |book| {
        book.unblock(subject, purposes.as_deref());
        Ok(())
    })
}

/// Lets a command happen: answers the record entry, the key entry, and generation and moves as JSON; an entry
/// that need not be written is undefined.
#[wasm_bindgen(js_name = consentApply)]
#[expect(clippy::too_many_arguments, reason = "entries cross one by one")]
pub fn consent_apply(
    handle: u32,
    keyset: u32,
    subject: &str,
    record: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    anchor: f64,
    command: &str,
    now: f64,
) -> Result<Vec<JsValue>, Error> {
    let (command, now) = (read::<Command>("the command", command)?, time(now)?);
    let outcome = with(handle, |book| {
        with_keyset(keyset, |keyset| {
            let entries = entries(record.as_ref(), key.as_ref(), anchor);
            book.apply(keyset, subject, entries, &command, now, &mut HostEntropy)
        })
    })?;
    let bytes =
        |entry: Option<Vec<u8>>| entry.map_or(JsValue::UNDEFINED, |it| Uint8Array::from(&it[..]).into());
    let told = serde_json::json!({ "generation": outcome.generation, "moved": outcome.moved });
    Ok(vec![bytes(outcome.record), bytes(outcome.key), written(&told)?.into()])
}

/// Erases a person: answers the entry that takes the record's place, and the certificate as JSON.
#[wasm_bindgen(js_name = consentErase)]
#[expect(clippy::too_many_arguments, reason = "entries cross one by one")]
pub fn consent_erase(
    handle: u32,
    keyset: u32,
    subject: &str,
    record: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    anchor: f64,
    erasure: &str,
    now: f64,
) -> Result<Vec<JsValue>, Error> {
    let (erasure, now) = (read::<Erasure>("the erasure", erasure)?, time(now)?);
    let (entry, certificate) = with(handle, |book| {
        with_keyset(keyset, |keyset| {
            let entries = entries(record.as_ref(), key.as_ref(), anchor);
            book.erase(keyset, subject, entries, &erasure, now, &mut HostEntropy)
        })
    })?;
    Ok(vec![Uint8Array::from(&entry[..]).into(), written(&certificate)?.into()])
}

/// What a person has to be asked, as JSON.
#[wasm_bindgen(js_name = consentQuestions)]
pub fn consent_questions(handle: u32, subject: &str, purposes: &str, now: f64) -> Result<String, Error> {
    let (ids, now) = (read::<Vec<String>>("the list of purposes", purposes)?, time(now)?);
    with(handle, |book| written(&book.questions(subject, &ids, now)?))
}

/// The records of a person in the view, as JSON.
#[wasm_bindgen(js_name = consentRecords)]
pub fn consent_records(handle: u32, subject: &str, now: f64) -> Result<String, Error> {
    let now = time(now)?;
    with(handle, |book| written(&book.records(subject, now)))
}

/// What is due for a person in the view, as JSON.
#[wasm_bindgen(js_name = consentDue)]
pub fn consent_due(handle: u32, subject: &str, now: f64) -> Result<String, Error> {
    let now = time(now)?;
    with(handle, |book| {
        written(&book.view(subject).map(|it| due(it, book.proof_retention(), now)).unwrap_or_default())
    })
}

/// Everything about a person in the view, as JSON or as a table.
#[wasm_bindgen(js_name = consentExport)]
#[expect(clippy::too_many_arguments, reason = "entries cross one by one")]
pub fn consent_export(
    handle: u32,
    keyset: u32,
    subject: &str,
    record: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    anchor: f64,
    table: bool,
    now: f64,
) -> Result<String, Error> {
    let now = time(now)?;
    with(handle, |book| {
        with_keyset(keyset, |keyset| {
            let entries = entries(record.as_ref(), key.as_ref(), anchor);
            let document = book.document(keyset, subject, entries, now)?;
            let export = export(&document, book.purposes(), book.controller(), now);
            if table { Ok(export_csv(&export)) } else { written(&export) }
        })
    })
}

/// The register of processing, as JSON or as a table.
#[wasm_bindgen(js_name = consentRegister)]
pub fn consent_register(handle: u32, table: bool, now: f64) -> Result<String, Error> {
    let now = time(now)?;
    with(handle, |book| {
        let register = register(book.purposes(), book.controller(), now);
        if table { Ok(register_csv(&register)) } else { written(&register) }
    })
}

/// A signed receipt for a person in the view, as JSON.
#[wasm_bindgen(js_name = consentReceipt)]
pub fn consent_receipt(
    handle: u32,
    subject: &str,
    kantara: bool,
    purposes: Option<String>,
    now: f64,
) -> Result<String, Error> {
    let (ids, now) = (ids(purposes.as_deref())?, time(now)?);
    let form = if kantara { Form::Kantara } else { Form::Iso27560 };
    with(handle, |book| {
        let nothing = || Error::argument("consent: nothing is kept about this person");
        let document = book.view(subject).ok_or_else(nothing)?;
        let (controller, key) = (book.controller(), book.signing());
        written(&issue(form, document, ids.as_deref(), controller, key, now, &mut HostEntropy)?)
    })
}

/// The key that receipts and certificates verify with, as a Multikey.
#[wasm_bindgen(js_name = consentPublicKey)]
pub fn consent_public_key(handle: u32) -> Result<String, Error> {
    with(handle, |book| Ok(multikey(&book.signing().public_key())))
}

/// Whether a receipt or certificate was signed with this key.
#[wasm_bindgen(js_name = consentVerify)]
pub fn consent_verify(document: &str, public_key: &str) -> Result<bool, Error> {
    verify(&read("the document", document)?, &read_multikey(public_key)?)
}

/// What changed between two declarations, as JSON.
#[wasm_bindgen(js_name = consentDiff)]
pub fn consent_diff(old: JsValue, new: JsValue) -> Result<String, Error> {
    let read = |value| Purposes::new(parse::<Vec<Purpose>>("consent", value)?);
    written(&diff_purposes(&read(old)?, &read(new)?))
}

/// The hash of a notice.
#[wasm_bindgen(js_name = consentNoticeHash)]
pub fn consent_notice_hash(text: &str) -> String {
    notice_hash(text)
}

/// Seals data of a person for a purpose.
#[wasm_bindgen(js_name = consentSealData)]
#[expect(clippy::too_many_arguments, reason = "each part is bound into the seal")]
pub fn consent_seal_data(
    handle: u32,
    keyset: u32,
    subject: &str,
    purpose: &str,
    id: &str,
    key: &[u8],
    plaintext: Vec<u8>,
    now: f64,
) -> Result<Vec<u8>, Error> {
    let (plaintext, now) = (zeroize::Zeroizing::new(plaintext), time(now)?);
    with(handle, |book| {
        with_keyset(keyset, |keyset| {
            book.seal_data(keyset, subject, purpose, id, key, &plaintext, now, &mut HostEntropy)
        })
    })
}

/// Opens data of a person for a purpose.
#[wasm_bindgen(js_name = consentOpenData)]
#[expect(clippy::too_many_arguments, reason = "each part is bound into the seal")]
pub fn consent_open_data(
    handle: u32,
    keyset: u32,
    subject: &str,
    purpose: &str,
    id: &str,
    key: &[u8],
    sealed: &[u8],
    now: f64,
) -> Result<Uint8Array, Error> {
    let now = time(now)?;
    let plaintext = with(handle, |book| {
        with_keyset(keyset, |keyset| book.open_data(keyset, subject, purpose, id, key, sealed, now))
    })?;
    Ok(Uint8Array::from(&plaintext[..]))
}
