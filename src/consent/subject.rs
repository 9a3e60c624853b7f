//! Everything that is known about the consents of one person: what one sealed file holds.
//!
//! A document changes by [`Command`]s only. A command is applied to what was read, the answer is written if
//! nobody wrote in between, and applied again to the newer document otherwise: nothing is lost, and whoever
//! speaks last is heard last.

use super::purpose::{Purpose, Purposes, notice_hash};
use super::record::{Actor, Conditions, Deed, Evidence, Reason, Record, Use, check_conditions};
use super::state::{Act, State};
use super::text::{Bounded, field, one_of};
use crate::collect::gather;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The form of a document; changes when an older program could not read it.
pub const SCHEMA: &str = "vespera-consent/1";

/// The consents of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subject {
    /// [`SCHEMA`].
    pub schema: String,
    /// The person's id, as the caller names it.
    pub subject: String,
    /// Counts every write, from 1.
    pub generation: u64,
    /// When the document began.
    pub created_at: u64,
    /// When it was written last. Time never runs backwards in it.
    pub updated_at: u64,
    /// One record for each purpose, in the order they came.
    pub records: Vec<Record>,
    /// Erasures of earlier documents about the same person: the certificates, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erasures: Vec<serde_json::Value>,
}

/// One answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// The purpose.
    pub purpose_id: String,
    /// Yes or no.
    pub granted: bool,
    /// Limits of the yes.
    #[serde(default)]
    pub conditions: Option<Conditions>,
}

/// What may happen to a document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Command {
    /// The person is asked about these purposes.
    Request {
        /// Ids of registered purposes.
        purposes: Vec<String>,
    },
    /// The person closes the question.
    Defer {
        /// Ids of registered purposes.
        purposes: Vec<String>,
    },
    /// The person answers.
    Answer {
        /// The answers.
        answers: Vec<Answer>,
        /// What shows them. A missing `noticeHash` is that of each purpose's own notice.
        #[serde(default)]
        evidence: Evidence,
    },
    /// The person takes consents back.
    Withdraw {
        /// Ids of purposes, registered or not; every one if not given.
        #[serde(default)]
        purposes: Option<Vec<String>>,
        /// What shows it.
        #[serde(default)]
        evidence: Evidence,
    },
    /// The controller ends consents.
    Revoke {
        /// Ids of purposes; every one if not given.
        #[serde(default)]
        purposes: Option<Vec<String>>,
    },
    /// Consents are found invalid.
    Invalidate {
        /// Ids of purposes; every one if not given.
        #[serde(default)]
        purposes: Option<Vec<String>>,
    },
    /// Time has passed: what is over is written down as expired.
    Expire,
    /// Whoever holds the data of a purpose has deleted them.
    Cleaned {
        /// The purpose.
        purpose_id: String,
        /// Data from before this time are gone; all of them if not given.
        #[serde(default)]
        before: Option<u64>,
    },
    /// Records whose proof is no longer needed leave the document.
    Forget {
        /// Ids of records.
        records: Vec<String>,
    },
}

/// A consent that stands elsewhere than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// The purpose.
    pub purpose_id: String,
    /// Where it stood.
    pub from: State,
    /// Where it stands.
    pub to: State,
}

/// A purpose that a person has to be asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The purpose.
    pub purpose_id: String,
    /// Why the person is asked.
    pub reason: Reason,
    /// What changed since the last yes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<super::diff::Change>,
}

impl Subject {
    /// A document about a person of whom nothing is known. Its first write has generation 1.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] unless the id is 1 to 512 bytes.
    pub fn new(subject: &str, now: u64) -> Result<Self> {
        check_subject(subject)?;
        Ok(Self {
            schema: SCHEMA.to_owned(),
            subject: subject.to_owned(),
            generation: 0,
            created_at: now,
            updated_at: now,
            records: Vec::new(),
            erasures: Vec::new(),
        })
    }

    /// Reads a document that was unsealed.
    ///
    /// # Errors
    /// [`ErrorCode::ConsentRecordInvalid`] if it is not a document of this version.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let invalid = |why| Error::new(ErrorCode::ConsentRecordInvalid, why);
        let text = std::str::from_utf8(json).ok();
        let read: Self = text
            .and_then(|text| json::read(text).ok())
            .ok_or_else(|| invalid("consent: the record opens, but is not a document this version reads"))?;
        if read.schema == SCHEMA {
            Ok(read)
        } else {
            Err(invalid("consent: the record was written by another version of this package"))
        }
    }

    /// The record of a purpose.
    #[must_use]
    pub fn record(&self, purpose_id: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.purpose_id == purpose_id)
    }

    /// The time that counts: a clock that was set back does not make a consent last longer.
    #[must_use]
    pub const fn time(&self, now: u64) -> u64 {
        if now > self.updated_at { now } else { self.updated_at }
    }

    /// Whether a use of data is allowed by consent, and why.
    #[must_use]
    pub fn decide(&self, purposes: &Purposes, purpose_id: &str, wanted: &Use<'_>, now: u64) -> Reason {
        let declared = purposes.get(purpose_id);
        match (self.record(purpose_id), declared) {
            (Some(record), _) => record.decide(declared, wanted, self.time(now)),
            (None, None) => Reason::UnknownPurpose,
            (None, Some(purpose)) if purpose.rests_on_consent() => Reason::NeverAsked,
            (None, Some(_)) => Reason::NotConsent,
        }
    }

    /// What the person has to be asked: purposes that rest on consent and have no yes that covers them.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] if one of the ids is not registered.
    pub fn questions(&self, purposes: &Purposes, ids: &[String], now: u64) -> Result<Vec<Question>> {
        let mut found: Vec<Question> = Vec::new();
        for id in ids {
            let declared = purposes.known(id)?;
            // A yes with limits is an answer: only what was not answered is asked.
            let reason = match self.decide(purposes, id, &Use::default(), now) {
                Reason::Consented | Reason::OutsideConditions | Reason::NotConsent => continue,
                reason => reason,
            };
            if found.iter().any(|question| question.purpose_id == *id) {
                continue;
            }
            let changes = match self.record(id) {
                Some(record) if record.given_at.is_some() => super::diff::changes(&record.purpose, declared),
                _ => Vec::new(),
            };
            found.push(Question { purpose_id: id.clone(), reason, changes });
        }
        Ok(found)
    }

    /// Lets a command happen. Answers what moved; if nothing is written down, the document is as it was.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for a purpose that is not registered or does not rest on consent,
    /// [`ErrorCode::ConfigInvalid`] for evidence or conditions out of range. The document is then unchanged.
    pub fn apply(
        &mut self,
        purposes: &Purposes,
        command: &Command,
        validity: u64,
        now: u64,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<Moved>> {
        let mut next = self.clone();
        next.run(purposes, command, validity, self.time(now), entropy)?;
        if next.records == self.records {
            return Ok(Vec::new());
        }
        let before: BTreeMap<_, _> =
            gather(self.records.iter().map(|record| (record.purpose_id.as_str(), record.state)));
        let moved = next.records.iter().filter_map(|record| {
            let from = before.get(record.purpose_id.as_str()).copied().unwrap_or(State::Unknown);
            let purpose_id = record.purpose_id.clone();
            // A yes said again is news, even where the state keeps its name.
            let said_again = self.record(&purpose_id).is_some_and(|it| it.given_at != record.given_at);
            (from != record.state || said_again).then_some(Moved { purpose_id, from, to: record.state })
        });
        let moved = moved.collect();
        next.generation = self.generation + 1;
        next.updated_at = self.time(now);
        *self = next;
        Ok(moved)
    }

    fn run(
        &mut self,
        purposes: &Purposes,
        command: &Command,
        validity: u64,
        now: u64,
        entropy: &mut impl Entropy,
    ) -> Result<()> {
        let deed =
            Deed { declared: None, conditions: None, evidence: None, by: Actor::Subject, validity, now };
        let controller = Deed { by: Actor::Controller, ..deed };
        match command {
            Command::Request { purposes: ids } => {
                for id in ids {
                    let declared = asked(purposes, id)?;
                    let deed = Deed { declared: Some(declared), ..controller };
                    self.record_mut(declared, entropy)?.act(Act::Request, deed);
                }
            }
            Command::Defer { purposes: ids } => {
                for id in ids {
                    let declared = asked(purposes, id)?;
                    self.record_mut(declared, entropy)?
                        .act(Act::Defer, Deed { declared: Some(declared), ..deed });
                }
            }
            Command::Answer { answers, evidence } => {
                evidence.check()?;
                for answer in answers {
                    let declared = asked(purposes, &answer.purpose_id)?;
                    if let Some(conditions) = &answer.conditions {
                        one_of(answer.granted, "consent: a refusal has no conditions")?;
                        check_conditions(purposes, &answer.purpose_id, conditions)?;
                    }
                    let shown = Evidence {
                        notice_hash: evidence
                            .notice_hash
                            .clone()
                            .or_else(|| Some(notice_hash(&declared.notice_text()))),
                        ..evidence.clone()
                    };
                    let deed = Deed {
                        declared: Some(declared),
                        conditions: answer.conditions.as_ref(),
                        evidence: Some(&shown),
                        ..deed
                    };
                    let act = if answer.granted { Act::Give } else { Act::Refuse };
                    self.record_mut(declared, entropy)?.act(act, deed);
                }
            }
            Command::Withdraw { purposes: ids, evidence } => {
                evidence.check()?;
                for id in ids.iter().flatten() {
                    if purposes.get(id).is_none() && self.record(id).is_none() {
                        return Err(Error::argument("consent: this purpose is not registered"));
                    }
                    // Saying yes to withdrawing what does not rest on consent would promise what is not done.
                    purposes.get(id).map_or(Ok(()), |_| asked(purposes, id).map(drop))?;
                }
                self.each(ids.as_deref(), Act::Withdraw, Deed { evidence: Some(evidence), ..deed });
            }
            Command::Revoke { purposes: ids } => self.each(ids.as_deref(), Act::Revoke, controller),
            Command::Invalidate { purposes: ids } => self.each(ids.as_deref(), Act::Invalidate, controller),
            Command::Expire => {
                for record in &mut self.records {
                    record.write_expiry(now);
                }
            }
            Command::Cleaned { purpose_id, before } => {
                for record in self.records.iter_mut().filter(|it| it.purpose_id == *purpose_id) {
                    record.clean(before.unwrap_or(now).min(now), now);
                }
            }
            Command::Forget { records } => {
                self.records.retain(|record| {
                    record.state_at(now).allows_processing() || !records.contains(&record.id)
                });
            }
        }
        Ok(())
    }

    fn each(&mut self, ids: Option<&[String]>, act: Act, deed: Deed<'_>) {
        for record in &mut self.records {
            if ids.is_none_or(|ids| ids.contains(&record.purpose_id)) {
                record.act(act, deed);
            }
        }
    }

    fn record_mut(&mut self, declared: &Purpose, entropy: &mut impl Entropy) -> Result<&mut Record> {
        let found = self.records.iter().position(|record| record.purpose_id == declared.id);
        let index = match found {
            Some(index) => index,
            None => {
                one_of(
                    self.records.len() < super::purpose::MAX_PURPOSES * 2,
                    "consent: the document holds as many records as it may, sweep those that are over",
                )?;
                self.records.push(Record::new(declared, entropy)?);
                self.records.len() - 1
            }
        };
        self.records
            .get_mut(index)
            .ok_or_else(|| Error::new(ErrorCode::ConsentRecordInvalid, "consent: the record is gone"))
    }
}

/// A purpose that people are asked about.
fn asked<'a>(purposes: &'a Purposes, id: &str) -> Result<&'a Purpose> {
    let purpose = purposes.known(id)?;
    if purpose.rests_on_consent() {
        Ok(purpose)
    } else {
        Err(Error::argument("consent: this purpose rests on another legal basis and is not asked for"))
    }
}

/// A person's id: anything the caller likes, of bounded length.
pub(super) fn check_subject(subject: &str) -> Result<()> {
    field("a user id", subject, Bounded { least: 1, most: 512 })
        .map_err(|error| Error::argument(error.message().to_owned()))
}
