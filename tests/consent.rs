//! Consent, from the question to the receipt.
#![expect(clippy::unwrap_used, reason = "a test that cannot make its subject has failed")]

use proptest::prelude::*;
use serde_json::{Value, json};
use vespera_security::consent::{
    CleanupReason, Command, Controller, Duty, Form, Purpose, Purposes, Question, Reason, State, Subject, Use,
    due, export, export_csv, issue, multikey, notice_hash, read, register, register_csv, verify,
};
use vespera_security::crypto::SigningKey;
use vespera_security::host::HostEntropy;

const DAY: u64 = 86_400_000;
const YEAR: u64 = 365 * DAY;
const START: u64 = 1_700_000_000_000;

fn purpose(id: &str, change: Value) -> Purpose {
    let mut value = json!({
        "id": id, "name": "Usage statistics", "description": "Counts which commands are used",
        "category": "analytics", "dataTypes": ["command names", "times"], "retentionPeriod": 30 * DAY,
        "thirdParties": ["Beta Ltd"], "version": "1",
    });
    value.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn purposes() -> Purposes {
    Purposes::new(vec![
        purpose("usage", json!({})),
        purpose("crash", json!({ "validity": 10 * DAY, "notice": "We send crash reports." })),
        purpose("core", json!({ "required": true, "legalBasis": "contract", "category": "essential" })),
    ])
    .unwrap()
}

fn controller() -> Controller {
    let value = json!({ "name": "Example Ltd", "email": "privacy@example.com" });
    serde_json::from_value::<Controller>(value).unwrap().validate().unwrap()
}

fn ada() -> Subject {
    Subject::new("ada@example.com", START).unwrap()
}

fn run_with(subject: &mut Subject, purposes: &Purposes, command: Value, now: u64) -> usize {
    let command: Command = serde_json::from_value(command).unwrap();
    subject.apply(purposes, &command, YEAR, now, &mut HostEntropy).unwrap().len()
}

fn run(subject: &mut Subject, command: Value, now: u64) -> usize {
    run_with(subject, &purposes(), command, now)
}

fn answer(subject: &mut Subject, id: &str, granted: bool, now: u64) -> usize {
    run(subject, json!({ "command": "answer", "answers": [{ "purposeId": id, "granted": granted }] }), now)
}

fn asked(subject: &Subject, purposes: &Purposes, now: u64) -> Vec<Question> {
    let ids: Vec<String> = purposes.iter().map(|it| it.id.clone()).collect();
    subject.questions(purposes, &ids, now).unwrap()
}

fn reason(subject: &Subject, id: &str, now: u64) -> Reason {
    subject.decide(&purposes(), id, &Use::default(), now)
}

#[test]
fn nothing_is_allowed_before_a_yes() {
    let mut ada = ada();
    assert_eq!(reason(&ada, "usage", START), Reason::NeverAsked);
    run(&mut ada, json!({ "command": "request", "purposes": ["usage"] }), START);
    assert_eq!(reason(&ada, "usage", START), Reason::Unanswered);
    run(&mut ada, json!({ "command": "defer", "purposes": ["usage"] }), START);
    assert_eq!(reason(&ada, "usage", START), Reason::Unanswered);
    answer(&mut ada, "usage", false, START);
    assert_eq!(reason(&ada, "usage", START), Reason::Refused);
    answer(&mut ada, "usage", true, START);
    assert_eq!(reason(&ada, "usage", START), Reason::Consented);
    assert_eq!(reason(&ada, "nothing", START), Reason::UnknownPurpose);
}

#[test]
fn a_required_purpose_is_never_claimed_as_consent() {
    let mut ada = ada();
    assert_eq!(reason(&ada, "core", START), Reason::NotConsent);
    assert!(asked(&ada, &purposes(), START).iter().all(|question| question.purpose_id != "core"));
    for command in [
        json!({ "command": "answer", "answers": [{ "purposeId": "core", "granted": true }] }),
        json!({ "command": "request", "purposes": ["core"] }),
        json!({ "command": "withdraw", "purposes": ["core"] }),
    ] {
        let command: Command = serde_json::from_value(command).unwrap();
        let refused = ada.apply(&purposes(), &command, YEAR, START, &mut HostEntropy).unwrap_err();
        assert_eq!(refused.code().as_str(), "ERR_ARGUMENT_INVALID");
    }
}

#[test]
fn a_consent_ends_by_itself_at_the_time_it_says() {
    let mut ada = ada();
    answer(&mut ada, "crash", true, START);
    assert_eq!(reason(&ada, "crash", START + 10 * DAY - 1), Reason::Consented);
    assert_eq!(reason(&ada, "crash", START + 10 * DAY), Reason::Expired);
    // Nobody wrote it down, and it is over all the same.
    assert_eq!(ada.record("crash").unwrap().state, State::Given);
    run(&mut ada, json!({ "command": "expire" }), START + 20 * DAY);
    let written = ada.record("crash").unwrap();
    assert_eq!((written.state, written.events.last().unwrap().at), (State::Expired, START + 10 * DAY));
    answer(&mut ada, "crash", true, START + 21 * DAY);
    assert_eq!(ada.record("crash").unwrap().state, State::Renewed);
}

#[test]
fn a_clock_that_is_set_back_does_not_bring_a_consent_back() {
    let mut ada = ada();
    answer(&mut ada, "crash", true, START);
    answer(&mut ada, "usage", true, START + 11 * DAY);
    assert_eq!(reason(&ada, "crash", START), Reason::Expired);
}

#[test]
fn withdrawing_without_a_list_takes_everything_back() {
    let mut ada = ada();
    answer(&mut ada, "usage", true, START);
    answer(&mut ada, "crash", true, START);
    assert_eq!(run(&mut ada, json!({ "command": "withdraw" }), START + 1), 2);
    assert_eq!(reason(&ada, "usage", START + 1), Reason::Withdrawn);
    assert_eq!(reason(&ada, "crash", START + 1), Reason::Withdrawn);
    assert_eq!(ada.record("usage").unwrap().cleanup, Some(CleanupReason::Ended));
    let written = ada.clone();
    assert_eq!(run(&mut ada, json!({ "command": "withdraw" }), START + 2), 0);
    assert_eq!(ada, written, "a withdrawal said twice is written once");
}

#[test]
fn a_refusal_after_a_yes_is_a_withdrawal() {
    let mut ada = ada();
    answer(&mut ada, "usage", true, START);
    answer(&mut ada, "usage", false, START + 1);
    assert_eq!(ada.record("usage").unwrap().state, State::Withdrawn);
}

#[test]
fn a_purpose_that_is_gone_can_still_be_withdrawn() {
    let mut ada = ada();
    answer(&mut ada, "usage", true, START);
    let fewer = Purposes::new(vec![purpose("crash", json!({}))]).unwrap();
    assert_eq!(ada.decide(&fewer, "usage", &Use::default(), START), Reason::UnknownPurpose);
    assert_eq!(
        run_with(&mut ada, &fewer, json!({ "command": "withdraw", "purposes": ["usage"] }), START + 1),
        1
    );
}

#[test]
fn only_what_is_missing_or_materially_changed_is_asked() {
    let mut ada = ada();
    answer(&mut ada, "usage", true, START);
    let ids = |questions: Vec<Question>| -> Vec<String> {
        questions.into_iter().map(|question| question.purpose_id).collect()
    };
    assert_eq!(ids(asked(&ada, &purposes(), START)), ["crash"]);

    let typo =
        Purposes::new(vec![purpose("usage", json!({ "description": "Counts wich commands are used" }))]);
    assert!(asked(&ada, &typo.unwrap(), START).is_empty());

    let wider =
        Purposes::new(vec![purpose("usage", json!({ "thirdParties": ["Beta Ltd", "Acme"] }))]).unwrap();
    assert_eq!(ada.decide(&wider, "usage", &Use::default(), START), Reason::PurposeChanged);
    let question = asked(&ada, &wider, START).remove(0);
    assert_eq!(question.reason, Reason::PurposeChanged);
    assert_eq!(
        (question.changes[0].field, &question.changes[0].added[..]),
        ("thirdParties", &["Acme".to_owned()][..])
    );

    run_with(&mut ada, &wider, json!({ "command": "request", "purposes": ["usage"] }), START + 1);
    assert_eq!(ada.record("usage").unwrap().state, State::Requested);
    assert_eq!(ada.record("usage").unwrap().cleanup, None, "an open question deletes nothing");
    let yes = json!({ "command": "answer", "answers": [{ "purposeId": "usage", "granted": true }] });
    run_with(&mut ada, &wider, yes, START + 2);
    assert_eq!(ada.decide(&wider, "usage", &Use::default(), START + 2), Reason::Consented);
}

#[test]
fn limits_of_a_yes_are_kept() {
    let mut ada = ada();
    let yes = json!({ "command": "answer", "answers": [{ "purposeId": "usage", "granted": true,
        "conditions": { "dataTypes": ["times"], "expiryDate": START + 5 } }] });
    run(&mut ada, yes, START);
    let decide = |wanted: Use<'_>, now| ada.decide(&purposes(), "usage", &wanted, now);
    let times = Use { data_type: Some("times"), ..Use::default() };
    assert_eq!(decide(times, START + 1), Reason::Consented);
    assert_eq!(
        decide(Use { data_type: Some("command names"), ..times }, START + 1),
        Reason::OutsideConditions
    );
    assert_eq!(decide(Use::default(), START + 1), Reason::OutsideConditions);
    assert_eq!(decide(times, START + 5), Reason::Expired);
    assert!(asked(&ada, &purposes(), START).iter().all(|question| question.purpose_id != "usage"));
}

#[test]
fn conditions_and_evidence_out_of_range_change_nothing() {
    let mut ada = ada();
    let before = ada.clone();
    for answer in [
        json!({ "purposeId": "usage", "granted": true, "conditions": { "dataTypes": ["faces"] } }),
        json!({ "purposeId": "usage", "granted": true, "conditions": { "expiryDate": u64::MAX } }),
        json!({ "purposeId": "usage", "granted": false, "conditions": { "dataTypes": ["times"] } }),
        json!({ "purposeId": "nothing", "granted": true }),
    ] {
        let both = json!([{ "purposeId": "crash", "granted": true }, answer]);
        let command: Command =
            serde_json::from_value(json!({ "command": "answer", "answers": both })).unwrap();
        assert!(ada.apply(&purposes(), &command, YEAR, START, &mut HostEntropy).is_err());
        assert_eq!(ada, before);
    }
    let command: Command = serde_json::from_value(json!({ "command": "answer",
        "answers": [{ "purposeId": "usage", "granted": true }], "evidence": { "noticeHash": "abc" } }))
    .unwrap();
    assert!(ada.apply(&purposes(), &command, YEAR, START, &mut HostEntropy).is_err());
}

#[test]
fn the_notice_that_was_shown_is_hashed_into_the_record_and_no_address_is_kept() {
    let mut ada = ada();
    let yes = json!({ "command": "answer",
        "answers": [{ "purposeId": "crash", "granted": true }],
        "evidence": { "method": "ui_interaction", "userAgent": "Editor 1.2", "language": "en" } });
    run(&mut ada, yes, START);
    let record = ada.record("crash").unwrap();
    assert_eq!(record.notice_hash().unwrap(), notice_hash("We send crash reports."));
    let written = serde_json::to_string(record).unwrap();
    assert!(!written.contains("ipAddress"), "{written}");
    assert!(!written.contains("We send"), "the text is hashed, not copied");
}

#[test]
fn a_record_keeps_the_first_event_and_the_newest_ones() {
    let mut ada = ada();
    for turn in 0..100 {
        answer(&mut ada, "usage", turn % 2 == 0, START + turn);
    }
    let record = ada.record("usage").unwrap();
    assert_eq!(record.events.len(), 32);
    assert_eq!(record.events[0].at, START);
    assert_eq!(record.events[31].at, START + 99);
    assert_eq!(record.omitted_events, 68);
}

#[test]
fn a_sweep_says_what_is_over() {
    let mut ada = ada();
    answer(&mut ada, "usage", true, START);
    answer(&mut ada, "crash", true, START);
    let keep = 3 * YEAR;
    let duties = |ada: &Subject, now| -> Vec<(Duty, String)> {
        due(ada, keep, now).into_iter().map(|it| (it.duty, it.purpose_id)).collect()
    };
    assert_eq!(duties(&ada, START + 5 * DAY), []);
    let at = START + 12 * DAY;
    assert_eq!(duties(&ada, at), [(Duty::Expire, "crash".into()), (Duty::DeleteData, "crash".into())]);
    let before = ada.clone();
    let _ = due(&ada, keep, at);
    assert_eq!(ada, before, "a sweep only looks");

    run(&mut ada, json!({ "command": "expire" }), at);
    run(&mut ada, json!({ "command": "cleaned", "purposeId": "crash" }), at);
    assert_eq!(duties(&ada, at), []);
    // Data of a consent that still holds grow old too.
    let at = START + 31 * DAY;
    let found = due(&ada, keep, at);
    assert_eq!(
        (found.len(), found[0].reason, found[0].before),
        (1, Some(CleanupReason::Retention), Some(START + DAY))
    );
    run(&mut ada, json!({ "command": "cleaned", "purposeId": "usage", "before": START + DAY }), at);
    assert_eq!(duties(&ada, at), []);
    // The proof outlives the consent, but not for ever.
    let at = START + 10 * DAY + keep;
    assert_eq!(duties(&ada, at - 1).iter().filter(|it| it.0 == Duty::ForgetRecord).count(), 0);
    let over: Vec<_> = due(&ada, keep, at).into_iter().filter(|it| it.duty == Duty::ForgetRecord).collect();
    assert_eq!(over.len(), 1);
    run(&mut ada, json!({ "command": "forget", "records": [over[0].record_id] }), at);
    assert!(ada.record("crash").is_none());
}

#[test]
fn a_consent_that_holds_is_not_forgotten() {
    let mut ada = ada();
    answer(&mut ada, "usage", true, START);
    let id = ada.record("usage").unwrap().id.clone();
    run(&mut ada, json!({ "command": "forget", "records": [id] }), START + 1);
    assert!(ada.record("usage").is_some());
}

#[test]
fn a_receipt_says_what_was_agreed_and_verifies_without_the_store() {
    let mut ada = ada();
    answer(&mut ada, "usage", true, START);
    answer(&mut ada, "crash", false, START);
    let key = SigningKey::generate(&mut HostEntropy).unwrap();
    for form in [Form::Iso27560, Form::Kantara] {
        let receipt = issue(form, &ada, None, &controller(), &key, START + 1, &mut HostEntropy).unwrap();
        assert!(verify(&receipt, &key.public_key()).unwrap());
        let text = receipt.to_string();
        let again: Value = serde_json::from_str(&text).unwrap();
        assert!(verify(&again, &key.public_key()).unwrap());
        let forged: Value = serde_json::from_str(&text.replace("Beta Ltd", "Gamma Ltd")).unwrap();
        assert_ne!(forged, again);
        assert!(!verify(&forged, &key.public_key()).unwrap());
    }
    let iso = issue(Form::Iso27560, &ada, None, &controller(), &key, START + 1, &mut HostEntropy).unwrap();
    assert_eq!(iso["dct:conformsTo"], "https://w3id.org/dpv/schema/dpv-27560#receipt-record");
    let record = &iso["dpv:hasRecordOfActivity"][0];
    assert_eq!(record["dpv:hasConsentStatus"][0]["@type"], "dpv:ConsentGiven");
    assert_eq!(record["dpv:hasConsentStatus"][0]["dpv:isIndicatedAtTime"], "2023-11-14T22:13:20.000Z");
    assert_eq!(record["dpv:hasConsentStatus"][0]["dpv:hasDuration"], "P365D");
    assert_eq!(iso["dpv:hasRecordOfActivity"][1]["dpv:hasConsentStatus"][0]["@type"], "dpv:ConsentRefused");

    let only = ["usage".to_owned()];
    let kantara =
        issue(Form::Kantara, &ada, Some(&only), &controller(), &key, START, &mut HostEntropy).unwrap();
    assert_eq!(kantara["version"], "KI-CR-v1.1.0");
    assert_eq!(kantara["consentTimestamp"], START / 1_000);
    assert_eq!(kantara["publicKey"], multikey(&key.public_key()));
    assert_eq!(kantara["services"][0]["purposes"].as_array().unwrap().len(), 1);
    assert_eq!(kantara["services"][0]["purposes"][0]["thirdPartyName"], "Beta Ltd");

    let missing = ["nothing".to_owned()];
    assert!(
        issue(Form::Kantara, &ada, Some(&missing), &controller(), &key, START, &mut HostEntropy).is_err()
    );
}

#[test]
fn the_register_holds_every_purpose_with_its_ground() {
    let register = register(&purposes(), &controller(), START);
    assert_eq!(register.activities.len(), 3);
    assert_eq!(register.activities[2].legal_basis, "contract, GDPR article 6(1)(b)");
    assert_eq!(register.activities[0].erasure_after, "P30D");
    assert_eq!(register_csv(&register).lines().count(), 4);
}

#[test]
fn an_export_shows_everything_as_it_is_now() {
    let mut ada = ada();
    answer(&mut ada, "crash", true, START);
    let export = export(&ada, &purposes(), &controller(), START + 11 * DAY);
    assert_eq!(export.consents[0].state, State::Expired);
    let standing = |id: &str| export.purposes.iter().find(|it| it.purpose.id == id).unwrap().reason;
    assert_eq!(standing("crash"), Reason::Expired);
    assert_eq!(standing("core"), Reason::NotConsent);
    let table = export_csv(&export);
    assert_eq!(table.lines().count(), 3);
    assert!(table.contains("\"expired\",\"2023-11-24T22:13:20.000Z\""), "{table}");
}

#[test]
fn a_document_of_another_version_is_not_read() {
    let text = serde_json::to_string(&ada()).unwrap();
    assert_eq!(Subject::from_json(text.as_bytes()).unwrap(), ada());
    for bad in [text.replace("consent/1", "consent/2"), text.replace("generation", "count"), "[]".to_owned()]
    {
        let refused = Subject::from_json(bad.as_bytes()).unwrap_err();
        assert_eq!(refused.code().as_str(), "ERR_CONSENT_RECORD_INVALID");
    }
}

proptest! {
    // The model is one line: the last word of the person decides, unless its time is over.
    #[test]
    fn the_last_word_decides(
        words in proptest::collection::vec((0_u8..5, 0_u64..4 * DAY), 1..40), after in 0_u64..12 * DAY,
    ) {
        let (mut ada, mut now) = (ada(), START);
        let mut until: Option<u64> = None;
        for (word, pause) in words {
            now += pause;
            match word {
                0 | 1 => { answer(&mut ada, "crash", true, now); until = Some(now + 10 * DAY); }
                2 => { answer(&mut ada, "crash", false, now); until = None; }
                3 => { run(&mut ada, json!({ "command": "withdraw" }), now); until = None; }
                _ => { run(&mut ada, json!({ "command": "request", "purposes": ["crash"] }), now); }
            }
            let allowed = reason(&ada, "crash", now) == Reason::Consented;
            prop_assert_eq!(allowed, until.is_some_and(|end| now < end));
        }
        now += after;
        let allowed = reason(&ada, "crash", now) == Reason::Consented;
        prop_assert_eq!(allowed, until.is_some_and(|end| now < end));
        let text = serde_json::to_string(&ada).unwrap();
        prop_assert_eq!(&Subject::from_json(text.as_bytes()).unwrap(), &ada);
    }

    #[test]
    fn nothing_that_is_read_panics(text in "\\PC{0,200}") {
        let _ = read::<Purpose>("a purpose", &text);
        let _ = read::<Command>("a command", &text);
        let _ = Subject::from_json(text.as_bytes());
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let _ = verify(&value, &[0; 32]);
        }
    }
}
