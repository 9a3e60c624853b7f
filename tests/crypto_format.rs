//! The formats of `crypto` do not change unnoticed: under known random bytes they give the committed bytes.
//!
//! `UPDATE=1 cargo test --test crypto_format` writes them anew. `tests/node/crypto-format.test.mjs` opens them
//! with node:crypto alone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/known.rs"]
mod known;

use known::{Counting, hex};
use serde_json::{Value, json};
use std::path::Path;
use vespera_security::crypto::{
    Context, DataKey, Keyset, PassphraseCost, Recovery, Secret, SigningKey, vault,
};

fn record(
    keyset: &mut Keyset,
    context: &Context,
    shown: Value,
    length: usize,
    entropy: &mut Counting,
) -> Value {
    let plaintext: Vec<u8> = (0..length).map(|at| (at * 31) as u8).collect();
    let sealed = keyset.seal(&plaintext, context, entropy).unwrap();
    assert_eq!(*keyset.open(&sealed, context).unwrap(), plaintext);
    json!({ "context": shown, "length": length, "sealed": hex(&sealed) })
}

fn vectors() -> Value {
    let entropy = &mut Counting(0);
    let mut keyset = Keyset::generate(1_700_000_000_000.0, entropy).unwrap();
    let text = Context::text("notes/17 \u{1f511}").unwrap();
    let parts = ["note/1", "17", "ada", "backup"];
    let [schema, id, subject, purpose] = parts;
    let four = Context::record(schema, id, subject, purpose).unwrap();
    let mut records = vec![record(&mut keyset, &text, json!(["notes/17 \u{1f511}"]), 0, entropy)];
    keyset.rotate(1_700_000_001_000.0, entropy).unwrap();
    records.push(record(&mut keyset, &four, json!(parts), 5, entropy));
    records.push(record(&mut keyset, &four, json!(parts), 16_384, entropy));

    let mut data_key = DataKey::generate(entropy).unwrap();
    let sealed_data_key = keyset.seal_data_key(&data_key, &text, entropy).unwrap();
    let by_data_key = data_key.seal(b"of one subject", &four, entropy).unwrap();
    let signing_key = SigningKey::generate(entropy).unwrap();
    let kek = Secret::copied(&[7; 32]).unwrap();
    let passphrase = "correct horse battery";
    let recovery = Recovery::Set(passphrase.as_bytes(), PassphraseCost::LEAST);
    let exported = keyset.export(&kek, recovery, entropy).unwrap();
    let again = Keyset::import(&exported, &kek).unwrap();
    assert_eq!(again.keys().collect::<Vec<_>>(), keyset.keys().collect::<Vec<_>>());
    json!({
        "kek": hex(kek.expose()),
        "passphrase": passphrase,
        "exported": hex(&exported),
        "records": records,
        "dataKey": {
            "context": ["notes/17 \u{1f511}"],
            "sealed": hex(&sealed_data_key),
            "record": { "context": parts, "text": "of one subject", "sealed": hex(&by_data_key) },
        },
        "commitment": {
            "domain": "user",
            "value": "ada",
            "hmac": hex(&keyset.commitments().commit("user", b"ada").unwrap()),
        },
        "vault": {
            "vault": "tokens",
            "name": "github",
            "key": hex(&vault::entry_key(&keyset, "tokens", "github").unwrap()),
            "value": "ghp_example",
            "generation": 2,
            "sealed": hex(
                &vault::seal_entry(&mut keyset, "tokens", "github", b"ghp_example", 2, entropy).unwrap()
            ),
        },
        "signature": {
            "publicKey": hex(&signing_key.public_key()),
            "message": "receipt",
            "signature": hex(&signing_key.sign(b"receipt")),
            "sealed": hex(&keyset.seal_signing_key(&signing_key, &text, entropy).unwrap()),
        },
    })
}

#[test]
fn the_formats_give_the_committed_bytes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/crypto.json");
    let wanted = format!("{:#}\n", vectors());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == wanted, "the format of sealed bytes has changed");
}
