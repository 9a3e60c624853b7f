//! The formats of `consent` do not change unnoticed: under known random bytes they give the committed bytes, and
//! the committed bytes open.
//!
//! `UPDATE=1 cargo test --test consent_format` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/known.rs"]
mod known;

use known::{Counting, hex};
use serde_json::{Value, json};
use std::path::Path;
use vespera_security::consent::{
    Book, BookConfig, Command, Entries, Entry, Erasure, Pseudonym, open_entry, open_identity, read_multikey,
    seal_identity, verify,
};
use vespera_security::crypto::{Keyset, Recovery, Secret, SigningKey};

const NOW: u64 = 1_700_000_000_000;

fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn config() -> Value {
    json!({
        "controller": { "name": "Example Ltd", "email": "privacy@example.com" },
        "purposes": [{
            "id": "usage", "name": "Usage statistics", "description": "Counts which commands are used",
            "category": "analytics", "dataTypes": ["command names"], "retentionPeriod": 2_592_000_000_u64,
        }],
    })
}

fn vectors() -> Value {
    let entropy = &mut Counting(0);
    let kek = [0x17; 32];
    let mut keyset = Keyset::generate(NOW as f64, entropy).unwrap();
    let signing = SigningKey::generate(entropy).unwrap();
    let identity = seal_identity(&mut keyset, &signing, entropy).unwrap();
    let config_value = config();
    let book = Book::new(
        serde_json::from_value::<BookConfig>(config_value.clone()).unwrap(),
        open_identity(&keyset, &identity).unwrap(),
    )
    .unwrap();
    let command = json!({
        "command": "answer", "answers": [{ "purposeId": "usage", "granted": true }],
        "evidence": { "method": "ui_interaction", "userAgent": "Editor 1.2", "language": "en" },
    });
    let parsed: Command = serde_json::from_value(command.clone()).unwrap();
    let written = book.apply(&mut keyset, "ada", Entries::default(), &parsed, NOW, entropy).unwrap();
    let (record, key) = (written.record.unwrap(), written.key.unwrap());
    let entries = Entries { record: Some(&record), key: Some(&key), anchor: None };
    let document = book.document(&keyset, "ada", entries, NOW).unwrap();
    let (erasure, certificate) =
        book.erase(&mut keyset, "ada", entries, &Erasure::default(), NOW + 1, entropy).unwrap();
    json!({
        "kek": hex(&kek),
        "keyset": hex(&keyset.export(&Secret::copied(&kek).unwrap(), Recovery::Keep, entropy).unwrap()),
        "config": config_value,
        "userId": "ada",
        "name": Pseudonym::of(&keyset, "ada").unwrap().as_str(),
        "publicKey": vespera_security::consent::multikey(&signing.public_key()),
        "identity": hex(&identity),
        "command": command,
        "key": hex(&key),
        "record": hex(&record),
        "document": document,
        "erasure": hex(&erasure),
        "certificate": certificate,
    })
}

fn committed() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/consent.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&vectors()).unwrap() + "\n").unwrap();
    }
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

#[test]
fn known_random_bytes_give_the_committed_entries() {
    let (committed, made) = (committed(), vectors());
    for field in ["name", "publicKey", "identity", "key", "record", "document", "erasure", "certificate"] {
        assert_eq!(committed[field], made[field], "{field}");
    }
}

#[test]
fn committed_entries_open() {
    let vector = committed();
    let kek = Secret::copied(&bytes(&vector["kek"])).unwrap();
    let keyset = Keyset::import(&bytes(&vector["keyset"]), &kek).unwrap();
    let name = Pseudonym::of(&keyset, "ada").unwrap();
    assert_eq!(name.as_str(), vector["name"]);

    let key = bytes(&vector["key"]);
    let Entry::Document(document) =
        open_entry(&keyset, &name, &bytes(&vector["record"]), Some(&key)).unwrap()
    else {
        panic!("the record holds a document");
    };
    assert_eq!(serde_json::to_value(&document).unwrap(), vector["document"]);

    let erased = open_entry(&keyset, &name, &bytes(&vector["erasure"]), None).unwrap();
    let Entry::Erased { generation, certificates, .. } = erased else {
        panic!("the erasure holds certificates");
    };
    assert_eq!((generation, &certificates[0]), (2, &vector["certificate"]));

    let public = read_multikey(vector["publicKey"].as_str().unwrap()).unwrap();
    assert_eq!(open_identity(&keyset, &bytes(&vector["identity"])).unwrap().public_key(), public);
    assert!(verify(&vector["certificate"], &public).unwrap());
}
