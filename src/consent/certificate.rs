//! What remains after an erasure: a signed statement that it was done, and of what.
//!
//! Erasing must not erase the proof: the controller still has to show that consent had been given, and that
//! the erasure took place (GDPR articles 5 (2), 7 (1) and 17 (3)). The certificate holds no user id and none
//! of the data: purposes, times and hashes, and the person as a keyed commitment.

use super::controller::Controller;
use super::proof;
use super::record::Record;
use super::sealed::Pseudonym;
use super::subject::Subject;
use super::text::{self, hex, list, rfc3339};
use crate::crypto::SigningKey;
use crate::error::Result;
use crate::host::Entropy;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The form of a certificate; `schemas/erasure-certificate-1.schema.json` describes it.
pub const CERTIFICATE_SCHEMA: &str = "vespera-erasure-certificate/1";

/// Who asked for the erasure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requester {
    /// The person.
    #[default]
    Subject,
    /// The controller.
    Controller,
    /// Nobody: the time of all proof was over.
    Retention,
}

/// The circumstances of an erasure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Erasure {
    /// Who asked.
    #[serde(default)]
    pub requested_by: Requester,
    /// Purposes whose data could not be deleted where they are held; the certificate says so.
    #[serde(default)]
    pub incomplete: Vec<String>,
    /// Whether to erase also what does not open.
    #[serde(default)]
    pub unreadable: bool,
}

/// What an erasure takes away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replaced<'a> {
    pub(super) whose: &'a Pseudonym,
    /// The record entry.
    pub(super) entry: &'a [u8],
    /// What it held, if it opened.
    pub(super) document: Option<&'a Subject>,
    /// The id of the key; 0 if it was not there.
    pub(super) key_id: u32,
}

/// Draws up and signs a certificate.
///
/// # Errors
/// As [`proof::sign`].
pub(super) fn certificate(
    replaced: &Replaced<'_>,
    erasure: &Erasure,
    (controller, key): (&Controller, &SigningKey),
    now: u64,
    entropy: &mut impl Entropy,
) -> Result<Value> {
    list("the erasure's incomplete", &erasure.incomplete, 0)?;
    let now = replaced.document.map_or(now, |document| document.time(now));
    let listed = |document: &Subject| -> Vec<Value> {
        let line = |record: &Record| {
            json!({
                "recordId": record.id,
                "purposeId": record.purpose_id,
                "purposeVersion": record.purpose.version,
                "legalBasis": record.purpose.legal_basis.as_str(),
                "state": record.state_at(now).as_str(),
                "noticeSha256": record.notice_hash(),
                "givenAt": record.given_at.map(rfc3339),
                "endedAt": record.ended_at(now).map(rfc3339),
            })
        };
        document.records.iter().map(line).collect()
    };
    let statement = json!({
        "schema": CERTIFICATE_SCHEMA,
        "id": text::uuid(entropy)?,
        "subject": replaced.whose.as_str(),
        "erasedAt": rfc3339(now),
        "requestedBy": erasure.requested_by,
        "method": "crypto-shredding: the only key of this person's records was destroyed",
        "keyId": format!("{:08x}", replaced.key_id),
        "sealedRecordSha256": hex(&Sha256::digest(replaced.entry)),
        "records": replaced.document.map(listed),
        "incomplete": erasure.incomplete,
        "controller": { "name": controller.name, "email": controller.email },
    });
    let Value::Object(statement) = statement else { return Ok(statement) };
    proof::sign(statement, key, now)
}
