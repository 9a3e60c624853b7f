//! Consent as bytes: what is refused, what remains after an erasure, and what an older copy is worth.
#![expect(clippy::unwrap_used, reason = "a test that cannot make its subject has failed")]

use proptest::prelude::*;
use serde_json::{Value, json};
use vespera_security::ErrorCode;
use vespera_security::consent::{
    Book, BookConfig, Command, Entries, Erasure, Loaded, Outcome, Pseudonym, Reason, Use, open_identity,
    seal_identity, verify,
};
use vespera_security::crypto::{Keyset, SigningKey};
use vespera_security::host::HostEntropy;

const NOW: u64 = 1_700_000_000_000;

fn book() -> Book {
    let purpose = |id: &str| {
        json!({
            "id": id, "name": "Usage statistics", "description": "Counts which commands are used",
            "category": "analytics", "dataTypes": ["command names"], "retentionPeriod": 1000,
        })
    };
    let config = json!({
        "controller": { "name": "Example Ltd", "email": "privacy@example.com" },
        "purposes": [purpose("usage"), purpose("crash")],
    });
    let config: BookConfig = serde_json::from_value(config).unwrap();
    Book::new(config, SigningKey::generate(&mut HostEntropy).unwrap()).unwrap()
}

fn keyset() -> Keyset {
    Keyset::generate(NOW as f64, &mut HostEntropy).unwrap()
}

/// What a store holds about one person.
#[derive(Clone, Debug, Default)]
struct Stored {
    record: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    anchor: Option<u64>,
}

impl Stored {
    fn entries(&self) -> Entries<'_> {
        Entries { record: self.record.as_deref(), key: self.key.as_deref(), anchor: self.anchor }
    }

    fn write(&mut self, outcome: Outcome) {
        self.key = outcome.key.or(self.key.take());
        self.record = outcome.record.or(self.record.take());
    }
}

fn answer(id: &str, granted: bool) -> Command {
    let answers = json!([{ "purposeId": id, "granted": granted }]);
    serde_json::from_value(json!({ "command": "answer", "answers": answers })).unwrap()
}

fn apply(book: &mut Book, keyset: &mut Keyset, who: &str, stored: &mut Stored, command: &Command) {
    let outcome = book.apply(keyset, who, stored.entries(), command, NOW, &mut HostEntropy).unwrap();
    stored.write(outcome);
    load(book, keyset, who, stored).unwrap();
}

fn load(
    book: &mut Book,
    keyset: &Keyset,
    who: &str,
    stored: &Stored,
) -> Result<Loaded, vespera_security::Error> {
    book.load(keyset, &Pseudonym::of(keyset, who).unwrap(), stored.entries())
}

fn reason(book: &Book, who: &str) -> Reason {
    book.decide(who, "usage", &Use::default(), NOW)
}

#[test]
fn what_was_sealed_opens_in_another_process() {
    let (mut keyset, mut stored) = (keyset(), Stored::default());
    apply(&mut book(), &mut keyset, "ada", &mut stored, &answer("usage", true));
    let mut other = book();
    assert_eq!(reason(&other, "ada"), Reason::NeverAsked);
    let loaded = load(&mut other, &keyset, "ada", &stored).unwrap();
    assert!(matches!(&loaded, Loaded::Document { subject, generation: 1, .. } if subject == "ada"));
    assert_eq!(reason(&other, "ada"), Reason::Consented);
}

#[test]
fn no_user_id_stands_in_what_is_stored() {
    let (mut keyset, mut stored) = (keyset(), Stored::default());
    let who = "ada.lovelace@example.com";
    apply(&mut book(), &mut keyset, who, &mut stored, &answer("usage", true));
    let name = Pseudonym::of(&keyset, who).unwrap();
    let everything =
        [stored.record.unwrap(), stored.key.unwrap(), name.as_str().as_bytes().to_vec()].concat();
    for trace in ["ada", "lovelace", "usage", "given"] {
        let found = everything.windows(trace.len()).any(|part| part.eq_ignore_ascii_case(trace.as_bytes()));
        // Three letters turn up in random bytes now and then; longer words do not.
        assert!(!found || trace.len() < 4, "{trace}");
    }
    assert_ne!(name, Pseudonym::of(&self::keyset(), who).unwrap(), "the name depends on the keyset");
}

#[test]
fn records_of_two_people_and_their_keys_cannot_be_swapped() {
    let (mut keyset, mut book) = (keyset(), book());
    let (mut ada, mut bob) = (Stored::default(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut ada, &answer("usage", true));
    apply(&mut book, &mut keyset, "bob", &mut bob, &answer("usage", false));
    let mixtures = [
        Stored { record: ada.record.clone(), ..bob.clone() },
        Stored { key: ada.key.clone(), ..bob.clone() },
        ada.clone(),
    ];
    for mixture in mixtures {
        let refused = load(&mut self::book(), &keyset, "bob", &mixture).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::CryptoOpenFailed);
    }
}

#[test]
fn a_missing_key_and_a_wrong_keyset_are_errors_and_never_no_consent() {
    let (mut keyset, mut stored) = (keyset(), Stored::default());
    apply(&mut book(), &mut keyset, "ada", &mut stored, &answer("usage", true));
    let lost = Stored { key: None, ..stored.clone() };
    assert_eq!(load(&mut book(), &keyset, "ada", &lost).unwrap_err().code(), ErrorCode::ConsentKeyLost);
    let other = self::keyset();
    assert_eq!(load(&mut book(), &other, "ada", &stored).unwrap_err().code(), ErrorCode::CryptoOpenFailed);
    let wrong =
        book().apply(&mut keyset, "ada", lost.entries(), &answer("crash", true), NOW, &mut HostEntropy);
    assert_eq!(wrong.unwrap_err().code(), ErrorCode::ConsentKeyLost, "nothing is started afresh");
}

#[test]
fn an_older_record_put_back_is_refused() {
    let (mut keyset, mut book, mut stored) = (keyset(), book(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let given = stored.clone();
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", false));
    assert_eq!(reason(&book, "ada"), Reason::Withdrawn);

    // In the same process without an anchor.
    assert_eq!(load(&mut book, &keyset, "ada", &given).unwrap_err().code(), ErrorCode::ConsentRolledBack);
    let gone = Stored { record: None, ..given.clone() };
    assert_eq!(load(&mut book, &keyset, "ada", &gone).unwrap_err().code(), ErrorCode::ConsentRolledBack);
    assert_eq!(reason(&book, "ada"), Reason::Withdrawn);

    // In a new one with it: the anchor's own generation and the next are accepted, all others refused.
    for (anchor, fits) in [(0, false), (1, true), (2, true), (3, false)] {
        let mut fresh = self::book();
        let answer = load(&mut fresh, &keyset, "ada", &Stored { anchor: Some(anchor), ..stored.clone() });
        assert_eq!(answer.is_ok(), fits, "{anchor}");
        if let Err(error) = answer {
            assert_eq!(error.code(), ErrorCode::ConsentRolledBack);
        }
    }
    let anchored = Stored { anchor: Some(2), ..given };
    assert_eq!(
        load(&mut self::book(), &keyset, "ada", &anchored).unwrap_err().code(),
        ErrorCode::ConsentRolledBack
    );
    let gone = Stored { anchor: Some(2), ..Stored::default() };
    assert_eq!(
        load(&mut self::book(), &keyset, "ada", &gone).unwrap_err().code(),
        ErrorCode::ConsentRolledBack
    );
}

#[test]
fn a_newer_number_on_an_older_record_does_not_open() {
    let (mut keyset, mut stored) = (keyset(), Stored::default());
    apply(&mut book(), &mut keyset, "ada", &mut stored, &answer("usage", true));
    let mut record = stored.record.clone().unwrap();
    record[9] += 1;
    let renumbered = Stored { record: Some(record), ..stored };
    assert_eq!(
        load(&mut book(), &keyset, "ada", &renumbered).unwrap_err().code(),
        ErrorCode::CryptoOpenFailed
    );
}

#[test]
fn a_withdrawal_counts_from_the_call_on_and_not_from_the_write() {
    let (mut keyset, mut book, mut stored) = (keyset(), book(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let usage = ["usage".to_owned()];
    book.block("ada", Some(&usage));
    book.block("ada", None);
    assert_eq!(reason(&book, "ada"), Reason::Withdrawn);
    load(&mut book, &keyset, "ada", &stored).unwrap();
    assert_eq!(reason(&book, "ada"), Reason::Withdrawn, "reading the old record again changes nothing");
    book.unblock("ada", None);
    assert_eq!(reason(&book, "ada"), Reason::Withdrawn);
    book.unblock("ada", Some(&usage));
    assert_eq!(reason(&book, "ada"), Reason::Consented);
}

#[test]
fn an_erasure_destroys_the_records_and_keeps_the_proof() {
    let (mut keyset, mut book, mut stored) = (keyset(), book(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let sealed_before = stored.clone();
    let (entry, certificate) = book
        .erase(&mut keyset, "ada", stored.entries(), &Erasure::default(), NOW + 5, &mut HostEntropy)
        .unwrap();
    assert!(verify(&certificate, &book.signing().public_key()).unwrap());
    assert_eq!(certificate["records"][0]["purposeId"], "usage");
    assert_eq!(certificate["records"][0]["state"], "given");
    assert!(!certificate.to_string().contains("\"ada\""));

    // The program is killed before the key is gone: the next one that looks removes it.
    stored.record = Some(entry);
    let loaded = load(&mut book, &keyset, "ada", &stored).unwrap();
    assert_eq!(loaded, Loaded::Erased { generation: 2, key_remains: true });
    assert_eq!(reason(&book, "ada"), Reason::NeverAsked);
    stored.key = None;
    let loaded = load(&mut book, &keyset, "ada", &stored).unwrap();
    assert_eq!(loaded, Loaded::Erased { generation: 2, key_remains: false });
    // Every copy of the record is worthless without the key.
    let copy = Stored { key: None, ..sealed_before };
    assert!(load(&mut self::book(), &keyset, "ada", &copy).is_err());
    let again = book.erase(&mut keyset, "ada", stored.entries(), &Erasure::default(), NOW, &mut HostEntropy);
    assert_eq!(again.unwrap_err().code(), ErrorCode::ArgumentInvalid);

    // The person comes back: a new key, a new document, and the certificate is still there.
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let document = book.view("ada").unwrap();
    assert_eq!((document.generation, document.records.len()), (3, 1));
    assert_eq!(document.erasures, [certificate]);
}

#[test]
fn a_key_that_an_erasure_left_behind_is_not_used_again() {
    let (mut keyset, mut book, mut stored) = (keyset(), book(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let old_key = stored.key.clone();
    let (entry, _) =
        book.erase(&mut keyset, "ada", stored.entries(), &Erasure::default(), NOW, &mut HostEntropy).unwrap();
    stored.record = Some(entry);
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    assert_ne!(stored.key, old_key);
}

#[test]
fn what_does_not_open_is_erased_only_on_demand() {
    let (mut keyset, mut stored) = (keyset(), Stored::default());
    apply(&mut book(), &mut keyset, "ada", &mut stored, &answer("usage", true));
    stored.key = None;
    let erase = |keyset: &mut Keyset, erasure: Value| {
        let erasure: Erasure = serde_json::from_value(erasure).unwrap();
        book().erase(keyset, "ada", stored.entries(), &erasure, NOW, &mut HostEntropy)
    };
    assert_eq!(erase(&mut keyset, json!({})).unwrap_err().code(), ErrorCode::ConsentKeyLost);
    let (_, certificate) = erase(&mut keyset, json!({ "unreadable": true })).unwrap();
    assert_eq!(certificate["records"], Value::Null);
}

#[test]
fn a_rotated_keyset_reseals_the_key_at_the_next_write() {
    let (mut keyset, mut book, mut stored) = (keyset(), book(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let name = Pseudonym::of(&keyset, "ada").unwrap();
    keyset.rotate(NOW as f64, &mut HostEntropy).unwrap();
    assert_eq!(Pseudonym::of(&keyset, "ada").unwrap(), name);
    load(&mut book, &keyset, "ada", &stored).unwrap();
    assert!(!keyset.is_current(stored.key.as_ref().unwrap()).unwrap());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("crash", true));
    assert!(keyset.is_current(stored.key.as_ref().unwrap()).unwrap());
}

#[test]
fn data_open_while_allowed_and_for_their_purpose_only() {
    let (mut keyset, mut book, mut stored) = (keyset(), book(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let key = stored.key.clone().unwrap();
    let sealed =
        book.seal_data(&keyset, "ada", "usage", "day-1", &key, b"copy: 3", NOW, &mut HostEntropy).unwrap();
    let open = |book: &Book, purpose: &str, id: &str| {
        book.open_data(&keyset, "ada", purpose, id, &key, &sealed, NOW).map(|bytes| bytes.to_vec())
    };
    assert_eq!(open(&book, "usage", "day-1").unwrap(), b"copy: 3");
    assert_eq!(open(&book, "usage", "day-2").unwrap_err().code(), ErrorCode::CryptoOpenFailed);
    assert_eq!(open(&book, "crash", "day-1").unwrap_err().code(), ErrorCode::ConsentRequired);
    book.block("ada", None);
    assert_eq!(open(&book, "usage", "day-1").unwrap_err().code(), ErrorCode::ConsentRequired);
}

#[test]
fn new_purposes_count_at_once() {
    let (mut keyset, mut book, mut stored) = (keyset(), book(), Stored::default());
    apply(&mut book, &mut keyset, "ada", &mut stored, &answer("usage", true));
    let mut wider: Vec<_> = book.purposes().iter().cloned().collect();
    wider[0].third_parties.push("Acme".to_owned());
    book.declare(wider).unwrap();
    assert_eq!(reason(&book, "ada"), Reason::PurposeChanged);
}

#[test]
fn the_signing_key_is_kept_sealed() {
    let (mut keyset, key) = (keyset(), SigningKey::generate(&mut HostEntropy).unwrap());
    let sealed = seal_identity(&mut keyset, &key, &mut HostEntropy).unwrap();
    assert_eq!(open_identity(&keyset, &sealed).unwrap().public_key(), key.public_key());
    assert!(open_identity(&self::keyset(), &sealed).is_err());
}

#[test]
fn every_flipped_bit_and_every_truncation_is_refused() {
    let (mut keyset, mut stored) = (keyset(), Stored::default());
    apply(&mut book(), &mut keyset, "ada", &mut stored, &answer("usage", true));
    let (record, key) = (stored.record.clone().unwrap(), stored.key.clone().unwrap());
    let mut fresh = book();
    let mut refuse = |changed: Stored| {
        let answer = load(&mut fresh, &keyset, "ada", &changed);
        assert!(answer.is_err(), "{answer:?}");
    };
    for bit in 0..record.len() * 8 {
        let mut changed = record.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        refuse(Stored { record: Some(changed), ..stored.clone() });
    }
    for bit in 0..key.len() * 8 {
        let mut changed = key.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        refuse(Stored { key: Some(changed), ..stored.clone() });
    }
    for length in 0..record.len() {
        refuse(Stored { record: Some(record[..length].to_vec()), ..stored.clone() });
    }
    for length in 0..key.len() {
        refuse(Stored { key: Some(key[..length].to_vec()), ..stored.clone() });
    }
    refuse(Stored { record: Some([&record[..], &[0]].concat()), ..stored.clone() });
}

proptest! {
    // The model: an entry opens for its own person at its own generation, and nowhere else.
    #[test]
    fn entries_of_people_and_times_cannot_be_mixed(
        people in proptest::collection::vec("[a-c]{1,2}", 2..4), record in any::<prop::sample::Index>(),
        key in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(),
    ) {
        let (mut keyset, mut book) = (keyset(), book());
        let stored: Vec<Stored> = people
            .iter()
            .map(|who| {
                let mut stored = Stored::default();
                // A person named twice has two lives: the same name, another key.
                let outcome = book
                    .apply(&mut keyset, who, stored.entries(), &answer("usage", true), NOW, &mut HostEntropy)
                    .unwrap();
                stored.write(outcome);
                stored
            })
            .collect();
        let (record, key, place) = (record.index(people.len()), key.index(people.len()), place.index(people.len()));
        let mixed = Stored { record: stored[record].record.clone(), key: stored[key].key.clone(), anchor: None };
        let opens = load(&mut book, &keyset, &people[place], &mixed).is_ok();
        prop_assert_eq!(opens, record == key && people[record] == people[place]);
    }
}
