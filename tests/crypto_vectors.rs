//! Every Wycheproof vector of the algorithms that `crypto` is built from gives its expected answer.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};
use vespera_security::crypto::cobblestone::{InputKey, opened_length, sealed_length};
use vespera_security::crypto::{Secret, verify};
use wycheproof::{TestResult, aead, chunked_encryption, eddsa, hkdf as hkdf_vectors, mac};

#[test]
fn cobblestone_256() {
    let set = chunked_encryption::TestSet::load(chunked_encryption::TestName::Cobblestone256).unwrap();
    let mut count = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        count += 1;
        let sealed = miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).unwrap();
        let opened = Secret::copied(&test.key)
            .and_then(|key| InputKey::new(&key))
            .and_then(|key| key.open(&test.ctx, &sealed));
        assert_eq!(opened.is_ok(), test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
        let (Ok(opened), Some(digest)) = (opened, &test.msg_sha512) else { continue };
        assert_eq!(Some(opened.len()), test.msg_length);
        assert_eq!(Sha512::digest(opened.as_slice())[..], digest[..]);
        assert_eq!(opened_length(sealed.len()), Some(opened.len()));
        assert_eq!(sealed_length(opened.len()), sealed.len());

        let key = InputKey::new(&Secret::copied(&test.key).unwrap()).unwrap();
        let salt = sealed.first_chunk().unwrap();
        let derived = key.derive(salt, &test.ctx).unwrap();
        assert_eq!(derived.key.expose()[..], test.aead_key.as_ref().unwrap()[..]);
        assert_eq!(derived.base_nonce[..], test.base_nonce.as_ref().unwrap()[..]);
        let mut again = Vec::new();
        key.seal(salt, &test.ctx, &opened, &mut again).unwrap();
        assert!(again == sealed, "{}: sealing with the same salt gives the same bytes", test.tc_id);
    }
    assert_eq!(count, 35);
}

#[test]
fn aes_256_gcm() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let mut count = 0;
    for group in
        set.test_groups.iter().filter(|it| (it.key_size, it.nonce_size, it.tag_size) == (256, 96, 128))
    {
        for test in &group.tests {
            count += 1;
            let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
            let nonce = test.nonce[..].try_into().unwrap();
            let mut bytes = test.ct.to_vec();
            let opened = test.tag[..].try_into().is_ok_and(|tag| {
                cipher.decrypt_inout_detached(nonce, &test.aad, bytes.as_mut_slice().into(), tag).is_ok()
            });
            assert_eq!(opened, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            if opened {
                assert_eq!(bytes, test.pt[..]);
                let tag =
                    cipher.encrypt_inout_detached(nonce, &test.aad, bytes.as_mut_slice().into()).unwrap();
                assert_eq!((&bytes[..], &tag[..]), (&test.ct[..], &test.tag[..]));
            }
        }
    }
    assert!(count >= 66, "{count} vectors");
}

#[test]
fn hkdf() {
    use hkdf_vectors::{TestName, TestSet};
    for (name, sha512) in [(TestName::HkdfSha256, false), (TestName::HkdfSha512, true)] {
        let set = TestSet::load(name).unwrap();
        let mut count = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            count += 1;
            let mut output = vec![0; test.size];
            let expanded = if sha512 {
                Hkdf::<Sha512>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut output)
            } else {
                Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut output)
            };
            assert_eq!(
                expanded.is_ok(),
                test.result == TestResult::Valid,
                "{}: {}",
                test.tc_id,
                test.comment
            );
            assert!(expanded.is_err() || output == test.okm[..]);
        }
        assert!(count >= 83, "{count} vectors");
    }
}

#[test]
fn hmac() {
    for (name, sha512) in [(mac::TestName::HmacSha256, false), (mac::TestName::HmacSha512, true)] {
        let set = mac::TestSet::load(name).unwrap();
        let mut count = 0;
        for group in &set.test_groups {
            for test in &group.tests {
                count += 1;
                let tag = if sha512 {
                    let mut mac = <Hmac<Sha512> as hmac::KeyInit>::new_from_slice(&test.key).unwrap();
                    mac.update(&test.msg);
                    mac.finalize().into_bytes().to_vec()
                } else {
                    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&test.key).unwrap();
                    mac.update(&test.msg);
                    mac.finalize().into_bytes().to_vec()
                };
                let same = tag[..group.tag_size / 8] == test.tag[..];
                assert_eq!(same, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            }
        }
        assert!(count >= 174, "{count} vectors");
    }
}

#[test]
fn ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            count += 1;
            let valid = verify(&group.key.pk, &test.msg, &test.sig).unwrap();
            assert_eq!(valid, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
        }
    }
    assert!(count >= 150, "{count} vectors");
}
