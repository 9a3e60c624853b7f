//! Receipts: what a person takes home of what they agreed to.
//!
//! Two forms of the same facts. ISO/IEC TS 27560:2023 in terms of the Data Privacy Vocabulary, as the
//! vocabulary's guide for it lays them out (profile `receipt-record`: a copy of the consent records); and the
//! Kantara Consent Receipt 1.1, which older systems read. Both are signed and verified without the store.

use super::controller::Controller;
use super::proof;
use super::purpose::{Category, Purpose};
use super::record::{Actor, Event, Record};
use super::subject::Subject;
use super::text::{self, duration, rfc3339};
use crate::crypto::SigningKey;
use crate::error::{Error, Result};
use crate::host::Entropy;
use serde_json::{Map, Value, json};

/// The form of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// ISO/IEC TS 27560:2023, as JSON-LD.
    Iso27560,
    /// Kantara Consent Receipt, version 1.1.0.
    Kantara,
}

/// Where a mandatory field has nothing to say.
const NOT_PROVIDED: &str = "not provided";

/// Issues a signed receipt of the records of these purposes; of all that were asked for if none is named.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`](crate::ErrorCode::ArgumentInvalid) if there is no such record.
pub fn issue(
    form: Form,
    subject: &Subject,
    purposes: Option<&[String]>,
    controller: &Controller,
    key: &SigningKey,
    now: u64,
    entropy: &mut impl Entropy,
) -> Result<Value> {
    let wanted = |record: &&Record| purposes.is_none_or(|ids| ids.contains(&record.purpose_id));
    let records: Vec<&Record> = subject.records.iter().filter(wanted).collect();
    if records.is_empty() || purposes.is_some_and(|ids| ids.iter().any(|id| subject.record(id).is_none())) {
        return Err(Error::argument("consent: there is no record of this purpose to give a receipt of"));
    }
    let id = text::uuid(entropy)?;
    let receipt = match form {
        Form::Iso27560 => iso_27560(&id, subject, &records, controller, now),
        Form::Kantara => kantara(&id, subject, &records, controller, key, now),
    };
    proof::sign(receipt, key, now)
}

fn iso_27560(
    id: &str,
    subject: &Subject,
    records: &[&Record],
    controller: &Controller,
    now: u64,
) -> Map<String, Value> {
    let records: Vec<Value> =
        records.iter().map(|record| consent_record(record, subject, controller, now)).collect();
    object(json!({
        "@context": {
            "dct": "http://purl.org/dc/terms/",
            "dpv": "https://w3id.org/dpv#",
            "loc": "https://w3id.org/dpv/loc#",
            "schema": "https://schema.org/",
            "skos": "http://www.w3.org/2004/02/skos/core#",
        },
        "@id": format!("urn:uuid:{id}"),
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": id,
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#receipt-record",
        "dct:created": rfc3339(now),
        "dct:publisher": controller_id(controller),
        "schema:recipient": { "@type": "dpv:DataSubject", "dct:identifier": subject.subject },
        "dpv:hasRecordOfActivity": records,
    }))
}

fn consent_record(record: &Record, subject: &Subject, controller: &Controller, now: u64) -> Value {
    let purpose = &record.purpose;
    json!({
        "@id": format!("urn:uuid:{}", record.id),
        "@type": "dpv:ConsentRecord",
        "dct:identifier": record.id,
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#record",
        "dpv:hasDataSubject": { "@type": "dpv:DataSubject", "dct:identifier": subject.subject },
        "dpv:hasNotice": notice(record, controller),
        "dpv:hasProcess": process(purpose, controller),
        "dpv:hasEntity": [entity(controller)],
        "dpv:hasConsentStatus": events(record, now),
    })
}

fn notice(record: &Record, controller: &Controller) -> Value {
    let mut notice = json!({ "@type": "dpv:ConsentNotice", "dct:language": language(record, controller) });
    if let Some(fields) = notice.as_object_mut() {
        if let Some(hash) = record.notice_hash() {
            fields.insert("schema:sha256".to_owned(), hash.into());
        }
        if let Some(url) = &controller.policy_url {
            fields.insert("schema:url".to_owned(), url.as_str().into());
        }
    }
    notice
}

fn language<'a>(record: &'a Record, controller: &'a Controller) -> &'a str {
    let told = record.events.iter().rev().find_map(|event| event.evidence.as_ref()?.language.as_deref());
    told.unwrap_or(&controller.language)
}

fn process(purpose: &Purpose, controller: &Controller) -> Value {
    let places = if purpose.storage_locations.is_empty() {
        &controller.storage_locations
    } else {
        &purpose.storage_locations
    };
    let mut storage: Vec<Value> = places
        .iter()
        .map(|place| json!({ "@type": "dpv:StorageLocation", "dpv:hasLocation": place }))
        .collect();
    storage.push(json!({
        "@type": "dpv:StorageDuration",
        "dpv:hasDuration": duration(purpose.retention_period),
    }));
    let kind =
        if purpose.special_categories { "dpv:SpecialCategoryPersonalData" } else { "dpv:PersonalData" };
    let data: Vec<Value> =
        purpose.data_types.iter().map(|name| json!({ "@type": kind, "dct:title": name })).collect();
    json!({
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "dct:identifier": purpose.id,
            "dct:title": purpose.name,
            "dct:description": purpose.description,
            "dct:hasVersion": purpose.version,
            "skos:broader": purpose.category.dpv(),
        },
        "dpv:hasPersonalData": data,
        "dpv:hasDataController": controller_id(controller),
        "dpv:hasLegalBasis": purpose.legal_basis.dpv(),
        "dpv:hasRecipient": recipients(purpose, controller),
        "dpv:hasStorageCondition": storage,
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dct:description": controller.withdrawal_method,
        },
        "dpv:hasJurisdiction": format!("loc:{}", controller.jurisdiction),
        "dpv:hasService": { "@type": "dpv:Service", "dct:title": controller.service },
        "dpv:hasRight": rights(),
    })
}

// The controller itself receives the data; ISO/IEC TS 27560 wants at least one recipient.
fn recipients(purpose: &Purpose, controller: &Controller) -> Vec<String> {
    std::iter::once(controller_id(controller)).chain(purpose.third_parties.iter().cloned()).collect()
}

// GDPR articles 7 (3), 15, 17 and 20: those that this package carries out.
fn rights() -> Value {
    let right = |title: &str| json!({ "@type": "dpv:DataSubjectRight", "dct:title": title });
    json!([
        right("withdraw consent, GDPR article 7(3)"),
        right("access, GDPR article 15"),
        right("erasure, GDPR article 17"),
        right("data portability, GDPR article 20"),
    ])
}

fn entity(controller: &Controller) -> Value {
    let value = |field: &Option<String>| field.clone().unwrap_or_else(|| NOT_PROVIDED.to_owned());
    json!({
        "@id": controller_id(controller),
        "@type": "dpv:DataController",
        "dpv:hasName": controller.name,
        "dpv:hasIdentifier": controller_id(controller),
        "schema:contactPoint": {
            "@type": "schema:ContactPoint",
            "schema:name": controller.contact.as_ref().unwrap_or(&controller.name),
            "schema:email": controller.email,
            "schema:telephone": value(&controller.phone),
        },
        "schema:address": { "@type": "schema:PostalAddress", "schema:streetAddress": value(&controller.address) },
    })
}

fn controller_id(controller: &Controller) -> String {
    controller.url.clone().unwrap_or_else(|| format!("mailto:{}", controller.email))
}

fn events(record: &Record, now: u64) -> Vec<Value> {
    let written = record.events.iter().map(|event| status(event, record));
    let ended = record.state_at(now) != record.state;
    let expiry = ended.then(|| {
        json!({
            "@type": record.state_at(now).dpv(),
            "dpv:isIndicatedAtTime": rfc3339(record.expires_at.unwrap_or(now)),
            "dpv:isIndicatedBy": "system",
            "dpv:hasDuration": "dpv:IndeterminateDuration",
        })
    });
    written.chain(expiry).collect()
}

fn status(event: &Event, record: &Record) -> Value {
    let holds = event.state.allows_processing() && record.given_at == Some(event.at);
    let lasts = match record.expires_at {
        Some(end) if holds => duration(end.saturating_sub(event.at)),
        _ => "dpv:IndeterminateDuration".to_owned(),
    };
    let by = match event.by {
        Actor::Subject => "dpv:DataSubject",
        Actor::Controller => "dpv:DataController",
        Actor::System => "system",
    };
    let mut status = json!({
        "@type": event.state.dpv(),
        "dpv:isIndicatedAtTime": rfc3339(event.at),
        "dpv:isIndicatedBy": by,
        "dpv:hasDuration": lasts,
    });
    if let (Some(evidence), Some(fields)) = (&event.evidence, status.as_object_mut()) {
        fields.insert("dpv:hasIndicationMethod".to_owned(), evidence.method.as_str().into());
        if let Some(hash) = &evidence.notice_hash {
            fields.insert("schema:sha256".to_owned(), hash.as_str().into());
        }
    }
    status
}

fn kantara(
    id: &str,
    subject: &Subject,
    records: &[&Record],
    controller: &Controller,
    key: &SigningKey,
    now: u64,
) -> Map<String, Value> {
    let value = |field: &Option<String>| field.clone().unwrap_or_else(|| NOT_PROVIDED.to_owned());
    let given = records.iter().filter_map(|record| record.given_at).max().unwrap_or(now);
    let mut answers =
        records.iter().flat_map(|record| &record.events).filter_map(|event| event.evidence.as_ref());
    let method = answers.next_back().map_or("api_call", |evidence| evidence.method.as_str());
    let special: Vec<&str> = records
        .iter()
        .filter(|record| record.purpose.special_categories)
        .flat_map(|record| record.purpose.data_types.iter().map(String::as_str))
        .collect();
    let purposes: Vec<Value> = records.iter().map(|record| kantara_purpose(record, now)).collect();
    object(json!({
        "version": "KI-CR-v1.1.0",
        "jurisdiction": controller.jurisdiction,
        "consentTimestamp": given / 1_000, // whole seconds, as the specification counts them
        "collectionMethod": method,
        "consentReceiptID": id,
        "publicKey": proof::multikey(&key.public_key()),
        "language": records.first().map_or(controller.language.as_str(), |it| language(it, controller)),
        "piiPrincipalId": subject.subject,
        "piiControllers": [{
            "piiController": controller.name,
            "onBehalf": false,
            "contact": controller.contact.as_ref().unwrap_or(&controller.name),
            "address": { "streetAddress": value(&controller.address) },
            "email": controller.email,
            "phone": value(&controller.phone),
            "piiControllerUrl": value(&controller.url),
        }],
        "policyUrl": value(&controller.policy_url),
        "services": [{ "service": controller.service, "purposes": purposes }],
        "sensitive": !special.is_empty(),
        "spiCat": special,
    }))
}

fn kantara_purpose(record: &Record, now: u64) -> Value {
    let purpose = &record.purpose;
    let state = record.state_at(now);
    let ends = match record.expires_at {
        Some(end) if state.allows_processing() => format!("withdrawal, or {}", rfc3339(end)),
        _ => state.as_str().to_owned(),
    };
    let mut fields = json!({
        "purpose": format!("{}: {}", purpose.name, purpose.description),
        "purposeCategory": [purpose.category.as_str()],
        "consentType": if state.allows_processing() { "EXPLICIT" } else { "NONE" },
        "piiCategory": purpose.data_types,
        "primaryPurpose": purpose.category == Category::Essential,
        "termination": ends,
        "thirdPartyDisclosure": !purpose.third_parties.is_empty(),
    });
    if let Some(fields) = fields.as_object_mut()
        && !purpose.third_parties.is_empty()
    {
        fields.insert("thirdPartyName".to_owned(), purpose.third_parties.join(", ").into());
    }
    fields
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
