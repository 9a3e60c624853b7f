//! Sealing, as its users see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot make its subject has failed")]

use proptest::prelude::*;
use vespera_security::ErrorCode;
use vespera_security::crypto::cobblestone::InputKey;
use vespera_security::crypto::{
    Context, DataKey, KeyStatus, Keyset, Secret, SigningKey, sealed_length, verify,
};
use vespera_security::host::HostEntropy;

const NOW: f64 = 1_700_000_000_000.0;

fn keyset() -> Keyset {
    Keyset::generate(NOW, &mut HostEntropy).unwrap()
}

fn text(context: &str) -> Context {
    Context::text(context).unwrap()
}

fn refused(keyset: &Keyset, record: &[u8], context: &str) -> bool {
    keyset.open(record, &text(context)).is_err_and(|error| error.code() == ErrorCode::CryptoOpenFailed)
}

#[test]
fn what_was_sealed_opens() {
    let mut keyset = keyset();
    for length in [0, 1, 15, 16, 17, 511, 16_383, 16_384, 16_385, 32_768, 100_000] {
        let plaintext: Vec<u8> = (0..length).map(|at: usize| at as u8).collect();
        let sealed = keyset.seal(&plaintext, &text("a"), &mut HostEntropy).unwrap();
        assert_eq!(sealed.len(), sealed_length(length));
        assert_eq!(*keyset.open(&sealed, &text("a")).unwrap(), plaintext, "{length} bytes");
    }
}

#[test]
fn sealing_twice_gives_different_records() {
    let mut keyset = keyset();
    let mut seal = || keyset.seal(b"the same", &text("a"), &mut HostEntropy).unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn another_context_is_refused() {
    let mut keyset = keyset();
    let sealed = keyset.seal(b"secret", &text("a"), &mut HostEntropy).unwrap();
    for context in ["", "b", "A", "a ", "aa", "a\0"] {
        assert!(refused(&keyset, &sealed, context));
    }
    let record = Context::record("a", "", "", "").unwrap();
    assert!(keyset.open(&sealed, &record).is_err());
}

#[test]
fn another_keyset_is_refused() {
    let sealed = keyset().seal(b"secret", &text("a"), &mut HostEntropy).unwrap();
    assert!(refused(&keyset(), &sealed, "a"));
}

#[test]
fn every_flipped_bit_is_refused() {
    let mut keyset = keyset();
    let sealed = keyset.seal(b"secret", &text("a"), &mut HostEntropy).unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(refused(&keyset, &changed, "a"), "bit {bit}");
    }
}

#[test]
fn every_truncation_and_every_addition_is_refused() {
    let mut keyset = keyset();
    for length in [0, 6, 16_384] {
        let sealed = keyset.seal(&vec![7; length], &text("a"), &mut HostEntropy).unwrap();
        for end in 0..sealed.len().min(200) {
            assert!(refused(&keyset, &sealed[..end], "a"), "the first {end} bytes");
            assert!(refused(&keyset, &sealed[..sealed.len() - end - 1], "a"), "without the last {}", end + 1);
        }
        assert!(refused(&keyset, &[&sealed[..], &[0]].concat(), "a"));
    }
}

proptest! {
    #[test]
    fn a_change_anywhere_in_a_long_record_is_refused(
        length in 0_usize..40_000, at in any::<prop::sample::Index>(), mask in 1_u8..,
    ) {
        let mut keyset = keyset();
        let mut sealed = keyset.seal(&vec![7; length], &text("a"), &mut HostEntropy).unwrap();
        let at = at.index(sealed.len());
        sealed[at] ^= mask;
        prop_assert!(refused(&keyset, &sealed, "a"));
    }

    #[test]
    fn records_of_two_subjects_or_purposes_do_not_change_places(
        a in ("[a-b]{0,2}", "[a-b]{0,2}", "[a-b]{0,2}", "[a-b]{0,2}"),
        b in ("[a-b]{0,2}", "[a-b]{0,2}", "[a-b]{0,2}", "[a-b]{0,2}"),
    ) {
        let mut keyset = keyset();
        let context = |it: &(String, String, String, String)| Context::record(&it.0, &it.1, &it.2, &it.3).unwrap();
        let sealed = keyset.seal(b"secret", &context(&a), &mut HostEntropy).unwrap();
        prop_assert_eq!(keyset.open(&sealed, &context(&b)).is_ok(), a == b);
    }

    #[test]
    fn bytes_of_a_stranger_never_open_and_never_stop_the_process(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert!(refused(&keyset(), &bytes, "a"));
    }
}

#[test]
fn a_rotated_keyset_opens_what_its_older_keys_sealed() {
    let mut keyset = keyset();
    let first = keyset.seal(b"old", &text("a"), &mut HostEntropy).unwrap();
    let id = keyset.rotate(NOW + 1.0, &mut HostEntropy).unwrap();
    let second = keyset.seal(b"new", &text("a"), &mut HostEntropy).unwrap();

    assert_eq!(keyset.open(&first, &text("a")).unwrap().as_slice(), b"old");
    assert_eq!(keyset.open(&second, &text("a")).unwrap().as_slice(), b"new");
    assert!(!keyset.is_current(&first).unwrap());
    assert!(keyset.is_current(&second).unwrap());
    assert_eq!(keyset.generation(), 2);
    let keys: Vec<_> = keyset.keys().collect();
    assert_eq!(
        keys.iter().map(|key| key.status).collect::<Vec<_>>(),
        [KeyStatus::Enabled, KeyStatus::Primary]
    );
    assert_eq!(keys.iter().map(|key| key.uses).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(keys[1].id, id);
}

#[test]
fn a_data_key_survives_being_sealed_and_opened() {
    let (mut keyset, mut key) = (keyset(), DataKey::generate(&mut HostEntropy).unwrap());
    let record = key.seal(b"secret", &text("a"), &mut HostEntropy).unwrap();
    let sealed = keyset.seal_data_key(&key, &text("ada"), &mut HostEntropy).unwrap();
    let again = keyset.open_data_key(&sealed, &text("ada")).unwrap();
    assert_eq!(again.open(&record, &text("a")).unwrap().as_slice(), b"secret");
    assert!(keyset.open_data_key(&sealed, &text("bob")).is_err());
}

#[test]
fn a_record_is_not_taken_for_a_key() {
    let mut keyset = keyset();
    let record = keyset.seal(&[7; 36], &text("a"), &mut HostEntropy).unwrap();
    assert!(keyset.open_data_key(&record, &text("a")).is_err());
    let record = keyset.seal(&[7; 32], &text("a"), &mut HostEntropy).unwrap();
    assert!(keyset.open_signing_key(&record, &text("a")).is_err());
    let key = DataKey::generate(&mut HostEntropy).unwrap();
    let sealed = keyset.seal_data_key(&key, &text("a"), &mut HostEntropy).unwrap();
    assert!(refused(&keyset, &sealed, "a"));
}

#[test]
fn a_commitment_names_a_value_under_one_key_and_domain() {
    let (one, other) = (keyset(), keyset());
    let commitment = one.commitments().commit("user", b"ada").unwrap();
    assert_eq!(one.commitments().commit("user", b"ada").unwrap(), commitment);
    assert!(one.commitments().verify("user", b"ada", &commitment).unwrap());
    assert!(!one.commitments().verify("user", b"bob", &commitment).unwrap());
    assert!(!one.commitments().verify("use", b"rada", &commitment).unwrap());
    assert!(!one.commitments().verify("user", b"ada", &commitment[..31]).unwrap());
    assert!(!other.commitments().verify("user", b"ada", &commitment).unwrap());
}

#[test]
fn a_signature_holds_for_one_message_and_key() {
    let key = SigningKey::generate(&mut HostEntropy).unwrap();
    let signature = key.sign(b"receipt");
    assert!(verify(&key.public_key(), b"receipt", &signature).unwrap());
    assert!(!verify(&key.public_key(), b"receipts", &signature).unwrap());
    assert!(!verify(&key.public_key(), b"receipt", &signature[..63]).unwrap());
    let other = SigningKey::generate(&mut HostEntropy).unwrap();
    assert!(!verify(&other.public_key(), b"receipt", &signature).unwrap());
    assert_eq!(verify(&[0; 31], b"", &signature).unwrap_err().code(), ErrorCode::CryptoKeyInvalid);
}

#[test]
fn a_signing_key_survives_being_sealed_and_opened() {
    let (mut keyset, key) = (keyset(), SigningKey::generate(&mut HostEntropy).unwrap());
    let sealed = keyset.seal_signing_key(&key, &text("receipts"), &mut HostEntropy).unwrap();
    let again = keyset.open_signing_key(&sealed, &text("receipts")).unwrap();
    assert_eq!(again.public_key(), key.public_key());
}

#[test]
fn what_is_printed_for_debugging_shows_no_key() {
    let secret = Secret::copied(&[171; 32]).unwrap();
    let shown = format!(
        "{secret:?} {:?} {:?} {:?}",
        InputKey::new(&secret),
        SigningKey::copied(&[171; 32]),
        text("ada"),
    );
    assert!(["171", "ab", "AB", "ada"].iter().all(|it| !shown.contains(it)), "{shown}");
}
