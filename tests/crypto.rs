//! Sealing, as its users see it.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use vespera_security::ErrorCode;
use vespera_security::crypto::cobblestone::InputKey;
use vespera_security::crypto::{
    Context, DataKey, KeyStatus, Keyset, MAX_EXPORT, PassphraseCost, ROTATION_PERIOD, Recovery, Secret,
    SigningKey, sealed_length, vault, verify,
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
    fn an_exported_keyset_of_a_stranger_is_refused_and_never_stops_the_process(
        start in 0_usize..8, recipients in 0_u8..4, bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let exported = [&b"VSKS\x01"[..start.min(5)], &[recipients, 1][..], &bytes].concat();
        prop_assert!(Keyset::import(&exported, &kek(1)).is_err());
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
    let anew = keyset.reseal(&first, &text("a"), &mut HostEntropy).unwrap();
    assert!(keyset.is_current(&anew).unwrap());
    assert_eq!(keyset.open(&anew, &text("a")).unwrap().as_slice(), b"old");
    assert!(keyset.reseal(&first, &text("b"), &mut HostEntropy).is_err());
    assert!(keyset.is_current(&second).unwrap());
    assert_eq!(keyset.generation(), 2);
    let keys: Vec<_> = keyset.keys().collect();
    assert_eq!(
        keys.iter().map(|key| key.status).collect::<Vec<_>>(),
        [KeyStatus::Enabled, KeyStatus::Primary]
    );
    assert_eq!(keys.iter().map(|key| key.uses).collect::<Vec<_>>(), [1, 2]);
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

fn kek(byte: u8) -> Secret {
    Secret::copied(&[byte; 32]).unwrap()
}

/// A keyset with a key of every status, and a record of each.
fn varied() -> (Keyset, Vec<(u32, Vec<u8>)>) {
    let mut keyset = keyset();
    let mut records = Vec::new();
    for step in 0..4 {
        if step > 0 {
            keyset.rotate(NOW + f64::from(step), &mut HostEntropy).unwrap();
        }
        let id = keyset.keys().last().unwrap().id;
        records.push((id, keyset.seal(&[step as u8], &text("a"), &mut HostEntropy).unwrap()));
    }
    keyset.disable(records[1].0).unwrap();
    keyset.destroy(records[2].0).unwrap();
    (keyset, records)
}

#[test]
fn the_status_of_a_key_decides_what_it_does() {
    let (mut keyset, records) = varied();
    let opened: Vec<_> = records
        .iter()
        .map(|(_, record)| keyset.open(record, &text("a")).map(|it| it[0]).map_err(|error| error.code()))
        .collect();
    let disabled = Err(ErrorCode::CryptoKeyDisabled);
    assert_eq!(opened, [Ok(0), disabled, disabled, Ok(3)]);
    keyset.enable(records[1].0).unwrap();
    assert_eq!(keyset.open(&records[1].1, &text("a")).unwrap().as_slice(), [1]);
    for refused in [
        keyset.enable(records[2].0),
        keyset.disable(records[3].0),
        keyset.destroy(records[3].0),
        keyset.destroy(0),
    ] {
        assert_eq!(refused.unwrap_err().code(), ErrorCode::CryptoKeyInvalid);
    }
}

#[test]
fn an_exported_keyset_comes_back_as_it_was() {
    let (mut keyset, records) = varied();
    keyset.set_rotation_period(7_200_000.0).unwrap();
    let exported = keyset.export(&kek(1), Recovery::Keep, &mut HostEntropy).unwrap();
    let again = Keyset::import(&exported, &kek(1)).unwrap();
    assert_eq!(again.keys().collect::<Vec<_>>(), keyset.keys().collect::<Vec<_>>());
    assert_eq!(again.generation(), keyset.generation());
    assert_eq!(again.rotation_due_at(), NOW + 3.0 + 7_200_000.0);
    assert_eq!(again.open(&records[0].1, &text("a")).unwrap().as_slice(), [0]);
    assert_eq!(again.open(&records[2].1, &text("a")).unwrap_err().code(), ErrorCode::CryptoKeyDisabled);
    assert_eq!(
        again.commitments().commit("a", b"b").unwrap(),
        keyset.commitments().commit("a", b"b").unwrap()
    );
}

#[test]
fn an_exported_keyset_opens_for_its_recipients_only() {
    let (mut keyset, _) = varied();
    let exported = keyset.export(&kek(1), Recovery::Keep, &mut HostEntropy).unwrap();
    let code = |result: vespera_security::Result<Keyset>| result.unwrap_err().code();
    assert_eq!(code(Keyset::import(&exported, &kek(2))), ErrorCode::CryptoOpenFailed);
    assert_eq!(code(Keyset::recover(&exported, b"correct horse battery")), ErrorCode::CryptoKeyInvalid);
    let short = keyset.export(&kek(1), Recovery::Set(b"short", PassphraseCost::LEAST), &mut HostEntropy);
    assert_eq!(short.unwrap_err().code(), ErrorCode::ArgumentInvalid);
}

#[test]
fn a_passphrase_recovers_also_what_was_exported_after_it_was_chosen() {
    let (mut keyset, records) = varied();
    let recovery = Recovery::Set(b"correct horse battery", PassphraseCost::LEAST);
    keyset.export(&kek(1), recovery, &mut HostEntropy).unwrap();
    keyset.rotate(NOW + 9.0, &mut HostEntropy).unwrap();
    let exported = keyset.export(&kek(2), Recovery::Keep, &mut HostEntropy).unwrap();

    let mut again = Keyset::recover(&exported, b"correct horse battery").unwrap();
    assert_eq!(again.generation(), keyset.generation());
    assert_eq!(again.open(&records[0].1, &text("a")).unwrap().as_slice(), [0]);
    assert_eq!(
        Keyset::recover(&exported, b"correct horse batterz").unwrap_err().code(),
        ErrorCode::CryptoOpenFailed
    );
    let exported = again.export(&kek(2), Recovery::Remove, &mut HostEntropy).unwrap();
    assert!(Keyset::recover(&exported, b"correct horse battery").is_err());
}

#[test]
fn an_exported_keyset_that_was_changed_is_refused() {
    let mut keyset = keyset();
    let exported = keyset.export(&kek(1), Recovery::Keep, &mut HostEntropy).unwrap();
    for bit in 0..exported.len() * 8 {
        let mut changed = exported.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(Keyset::import(&changed, &kek(1)).is_err(), "bit {bit}");
    }
    for end in 0..exported.len() {
        assert!(Keyset::import(&exported[..end], &kek(1)).is_err(), "the first {end} bytes");
    }
    assert!(Keyset::import(&[&exported[..], &[0]].concat(), &kek(1)).is_err());
    assert_eq!(
        Keyset::import(&vec![0; MAX_EXPORT + 1], &kek(1)).unwrap_err().code(),
        ErrorCode::InputTooLarge
    );
}

#[test]
fn a_passphrase_of_one_keyset_is_not_moved_to_another() {
    // Two recipients of different exports put together: the sealed keys are bound to both.
    let export = |byte| {
        let mut keyset = keyset();
        let recovery = Recovery::Set(b"correct horse battery", PassphraseCost::LEAST);
        keyset.export(&kek(byte), recovery, &mut HostEntropy).unwrap()
    };
    let (one, other) = (export(1), export(1));
    let passphrase_at = 5 + 1 + 1 + 104;
    let mut mixed = one.clone();
    mixed[passphrase_at..passphrase_at + 133].copy_from_slice(&other[passphrase_at..passphrase_at + 133]);
    assert!(Keyset::import(&one, &kek(1)).is_ok());
    assert!(Keyset::import(&mixed, &kek(1)).is_err());
}

#[test]
fn a_keyset_says_when_a_new_key_is_due() {
    let mut keyset = keyset();
    assert_eq!(keyset.rotation_due_at(), NOW + ROTATION_PERIOD);
    keyset.rotate(NOW + 5.0, &mut HostEntropy).unwrap();
    assert_eq!(keyset.rotation_due_at(), NOW + 5.0 + ROTATION_PERIOD);
    for period in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(keyset.set_rotation_period(period).unwrap_err().code(), ErrorCode::ConfigInvalid);
    }
}

#[test]
fn entries_of_a_vault_show_nothing_and_do_not_change_places() {
    let mut keyset = keyset();
    let mut entry = |vault: &str, name: &str, value: &str| {
        let key = vault::entry_key(&keyset, vault, name).unwrap();
        (key, vault::seal_entry(&mut keyset, vault, name, value.as_bytes(), 7, &mut HostEntropy).unwrap())
    };
    let (one, two, elsewhere) =
        (entry("v", "github", "ghp_1"), entry("v", "gitlab", "glp_2"), entry("w", "github", "ghp_1"));
    assert_ne!(one.0, elsewhere.0);
    let opened = vault::Entry::open(&keyset, "v", &one.0, &one.1).unwrap();
    assert_eq!((opened.name(), opened.value(), opened.generation()), ("github", "ghp_1", 7));
    assert!(opened.matches(b"ghp_1") && !opened.matches(b"ghp_2") && !opened.matches(b""));
    assert!(vault::Entry::open(&keyset, "v", &one.0, &two.1).is_err());
    assert!(vault::Entry::open(&keyset, "v", &one.0, &elsewhere.1).is_err());
    assert_eq!(vault::entry_key(&keyset, "v", "").unwrap_err().code(), ErrorCode::ArgumentInvalid);
    let not_a_text = vault::seal_entry(&mut keyset, "v", "github", &[0xff], 1, &mut HostEntropy);
    assert_eq!(not_a_text.unwrap_err().code(), ErrorCode::ArgumentInvalid);
}

#[test]
fn choosing_or_removing_a_passphrase_counts_as_a_change() {
    let mut keyset = keyset();
    let kek = Secret::copied(&[7; 32]).unwrap();
    let mut export = |recovery| {
        keyset.export(&kek, recovery, &mut HostEntropy).unwrap();
        keyset.generation()
    };
    let chosen = Recovery::Set(b"correct horse battery", PassphraseCost::LEAST);
    let generations =
        [Recovery::Keep, Recovery::Remove, chosen, Recovery::Keep, Recovery::Remove].map(&mut export);
    assert_eq!(generations, [1, 1, 2, 2, 3]);
}
