//! Signed documents: W3C Data Integrity with the cryptosuite `eddsa-jcs-2022`.
//!
//! What is signed is SHA-256 of the canonical proof options, then SHA-256 of the canonical document without
//! its proof (Data Integrity EdDSA Cryptosuites v1.0, section 3.3). The signing key is named as `did:key`:
//! the public key itself, so that nothing has to be looked up. A document that names its own key proves
//! nothing: whoever verifies says which key it must be.

use super::canonical::canonical;
use super::text::rfc3339;
use crate::crypto::{PUBLIC_KEY, SIGNATURE, SigningKey};
use crate::error::{Error, ErrorCode, Result};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The multicodec prefix of an Ed25519 public key.
const ED25519: [u8; 2] = [0xed, 0x01];

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// A public key as Multikey writes it: `z6Mk…`.
#[must_use]
pub fn multikey(public_key: &[u8; PUBLIC_KEY]) -> String {
    let [a, b] = ED25519;
    let bytes: Vec<u8> = [a, b].into_iter().chain(public_key.iter().copied()).collect();
    base58(&bytes)
}

/// Reads a public key: a Multikey, or a `did:key` with or without its fragment.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] if it is not one of Ed25519.
pub fn read_multikey(text: &str) -> Result<[u8; PUBLIC_KEY]> {
    let invalid = || Error::argument("consent: the public key must be an Ed25519 Multikey, such as z6Mk…");
    let key = text.strip_prefix("did:key:").unwrap_or(text);
    let key = key.split('#').next().unwrap_or_default();
    let bytes = unbase58(key, ED25519.len() + PUBLIC_KEY).ok_or_else(invalid)?;
    let rest = bytes.strip_prefix(&ED25519).ok_or_else(invalid)?;
    rest.try_into().map_err(|_| invalid())
}

/// Signs a document: adds its `proof`.
///
/// # Errors
/// As [`canonical`].
pub fn sign(mut document: Map<String, Value>, key: &SigningKey, now: u64) -> Result<Value> {
    document.remove("proof");
    let name = multikey(&key.public_key());
    let mut options = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": rfc3339(now),
        "verificationMethod": format!("did:key:{name}#{name}"),
        "proofPurpose": "assertionMethod",
    });
    if let (Some(context), Some(options)) = (document.get("@context"), options.as_object_mut()) {
        options.insert("@context".to_owned(), context.clone());
    }
    let document = Value::Object(document);
    let signature = key.sign(&digest(&options, &document)?);
    let (mut document, mut options) = (document, options);
    if let (Some(document), Some(fields)) = (document.as_object_mut(), options.as_object_mut()) {
        fields.insert("proofValue".to_owned(), base58(&signature).into());
        document.insert("proof".to_owned(), options);
    }
    Ok(document)
}

/// Whether a document was signed with this key, and not changed since.
///
/// # Errors
/// [`ErrorCode::ConsentReceiptInvalid`] if it has no proof of the kind that is made here.
pub fn verify(document: &Value, public_key: &[u8; PUBLIC_KEY]) -> Result<bool> {
    let invalid = |why| Error::new(ErrorCode::ConsentReceiptInvalid, why);
    let mut document = document
        .as_object()
        .cloned()
        .ok_or_else(|| invalid("consent: a signed document must be a JSON object"))?;
    let Some(Value::Object(mut proof)) = document.remove("proof") else {
        return Err(invalid("consent: the document has no proof"));
    };
    let is = |field: &str, value: &str| proof.get(field).and_then(Value::as_str) == Some(value);
    if !is("type", "DataIntegrityProof") || !is("cryptosuite", "eddsa-jcs-2022") {
        return Err(invalid("consent: the proof must be a DataIntegrityProof of eddsa-jcs-2022"));
    }
    let context_kept = proof.get("@context").is_none_or(|it| document.get("@context") == Some(it));
    let purpose_kept = is("proofPurpose", "assertionMethod");
    let signature = match proof.remove("proofValue") {
        Some(Value::String(text)) => unbase58(&text, SIGNATURE),
        _ => None,
    };
    let signature = signature.ok_or_else(|| invalid("consent: the proof holds no signature"))?;
    let digest = digest(&Value::Object(proof), &Value::Object(document))?;
    Ok(context_kept && purpose_kept && crate::crypto::verify(public_key, &digest, &signature)?)
}

fn digest(options: &Value, document: &Value) -> Result<Vec<u8>> {
    let hash = |value| Ok::<_, Error>(Sha256::digest(canonical(value)?.as_bytes()));
    Ok([hash(options)?, hash(document)?].concat())
}

/// Multibase with base58btc: `z`, then the digits.
fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = Vec::new(); // little-endian
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8; // below 58
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8); // below 58
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = digits.iter().rev().filter_map(|digit| ALPHABET.get(usize::from(*digit)).copied());
    std::iter::once(b'z').chain(std::iter::repeat_n(b'1', zeros)).chain(digits).map(char::from).collect()
}

/// Reads what [`base58`] writes, when it stands for exactly so many bytes.
fn unbase58(text: &str, length: usize) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('z')?;
    if digits.len() > length * 2 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(length); // little-endian
    for digit in digits.bytes() {
        let mut carry = ALPHABET.iter().position(|it| *it == digit)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8; // the low byte
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8); // the low byte
            carry >>= 8;
        }
    }
    bytes.extend(digits.bytes().take_while(|digit| *digit == b'1').map(|_| 0));
    bytes.reverse();
    (bytes.len() == length).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostEntropy;

    // Data Integrity EdDSA Cryptosuites v1.0, appendix B.2
    const PUBLISHED: &str = r#"{"@context":["https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/examples/v2"],
        "id":"urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33","type":["VerifiableCredential","AlumniCredential"],
        "name":"Alumni Credential","description":"A minimum viable example of an Alumni Credential.",
        "issuer":"https://vc.example/issuers/5678","validFrom":"2023-01-01T00:00:00Z",
        "credentialSubject":{"id":"did:example:abcdefgh","alumniOf":"The School of Examples"},
        "proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","created":"2023-02-24T23:36:38Z",
        "verificationMethod":"did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "proofPurpose":"assertionMethod","@context":["https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/examples/v2"],
        "proofValue":"z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"}}"#;
    const PUBLISHED_KEY: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

    #[test]
    fn the_published_document_verifies() {
        let document: Value = serde_json::from_str(PUBLISHED).unwrap();
        let key = read_multikey(PUBLISHED_KEY).unwrap();
        assert_eq!(multikey(&key), PUBLISHED_KEY);
        assert!(verify(&document, &key).unwrap());
        // The same appendix: the hash of the options, then that of the document.
        let mut plain = document.as_object().unwrap().clone();
        let mut proof = plain.remove("proof").unwrap();
        proof.as_object_mut().unwrap().remove("proofValue");
        assert_eq!(
            super::super::text::hex(&digest(&proof, &Value::Object(plain)).unwrap()),
            "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db\
             59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
        );
        let changed = PUBLISHED.replace("Alumni Credential", "Alumni Credentials");
        assert!(!verify(&serde_json::from_str(&changed).unwrap(), &key).unwrap());
    }

    #[test]
    fn what_is_signed_here_verifies_with_its_key_only() {
        let key = SigningKey::generate(&mut HostEntropy).unwrap();
        let other = SigningKey::generate(&mut HostEntropy).unwrap();
        let document =
            json!({ "@context": { "dpv": "https://w3id.org/dpv#" }, "state": "given", "count": 3 });
        let signed = sign(document.as_object().unwrap().clone(), &key, 1_700_000_000_000).unwrap();
        assert!(verify(&signed, &key.public_key()).unwrap());
        assert!(!verify(&signed, &other.public_key()).unwrap());
        for field in ["created", "verificationMethod", "proofPurpose", "@context"] {
            let mut forged = signed.clone();
            forged["proof"][field] = "2030".into();
            assert!(!verify(&forged, &key.public_key()).unwrap(), "{field}");
        }
        let mut forged = signed.clone();
        forged["state"] = "withdrawn".into();
        assert!(!verify(&forged, &key.public_key()).unwrap());
        let mut bare = signed;
        bare.as_object_mut().unwrap().remove("proof");
        assert_eq!(verify(&bare, &key.public_key()).unwrap_err().code(), ErrorCode::ConsentReceiptInvalid);
    }

    #[test]
    fn base58_keeps_every_byte() {
        for bytes in [vec![0, 0, 1], vec![255; 34], (0..64).collect::<Vec<u8>>()] {
            assert_eq!(unbase58(&base58(&bytes), bytes.len()).unwrap(), bytes);
        }
        // draft-msporny-base58, section 5
        assert_eq!(base58(b"Hello World!"), "z2NEpo7TZRRrLZSi2U");
        assert!(unbase58(&"z1".repeat(200), 34).is_none());
        assert!(unbase58("z0OIl", 3).is_none());
    }
}
