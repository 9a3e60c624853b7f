//! The purposes of one controller, and the consents that are at hand.
//!
//! A [`Book`] turns what a store holds into answers. It does no input and no output: it is given the bytes
//! that were read and gives back the bytes to write, with the rule that a write counts only if nobody wrote in
//! between. What was read or written is put into its view, and the view answers whether data may be used.
//!
//! An older record that someone puts back opens as well as it ever did. Two things refuse it: the highest
//! generation seen since this book was made, and the anchor, a number that the host keeps where whoever
//! writes the records cannot write. The record is written first and the anchor advanced after it, so that the
//! record may be one ahead.

use super::certificate::{Erasure, Replaced, certificate};
use super::controller::Controller;
use super::purpose::{Purpose, Purposes};
use super::record::{Reason, Record, Use};
use super::sealed::{
    Entry, Pseudonym, generation, open_entry, open_key, seal_document, seal_erasure, seal_key,
};
use super::subject::{Command, Moved, Question, Subject};
use super::text::one_of;
use super::view::{View, moved};
use crate::crypto::{DataKey, Keyset, SigningKey};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// People whose consents may be in the view at once.
pub const MAX_VIEWS: usize = 10_000;

/// What a book is made of. Times are milliseconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookConfig {
    /// What data are used for.
    pub purposes: Vec<Purpose>,
    /// Who is responsible.
    pub controller: Controller,
    /// How long a consent holds if its purpose does not say; 365 days if not given.
    #[serde(default = "year")]
    pub validity: u64,
    /// How long the proof of a consent is kept after its end; three years if not given.
    #[serde(default = "three_years")]
    pub proof_retention: u64,
}

const DAY: u64 = 86_400_000;
/// The longest of both periods: a hundred years.
const MAX_PERIOD: u64 = 36_600 * DAY;

const fn year() -> u64 {
    365 * DAY
}

const fn three_years() -> u64 {
    3 * 365 * DAY
}

/// What was written for a command, to be stored in this order: the key, then the record.
#[derive(Debug)]
pub struct Outcome {
    /// The person's key, if it is new or was sealed anew.
    pub key: Option<Vec<u8>>,
    /// The record entry; `None` if the command changed nothing.
    pub record: Option<Vec<u8>>,
    /// The generation of the record entry.
    pub generation: u64,
    /// What moved.
    pub moved: Vec<Moved>,
}

/// The entries of a person as they were read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entries<'a> {
    /// The record entry.
    pub record: Option<&'a [u8]>,
    /// The key entry.
    pub key: Option<&'a [u8]>,
    /// The generation that the host's anchor holds, if there is an anchor and it holds one.
    pub anchor: Option<u64>,
}

/// What putting entries into the view found there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Loaded {
    /// Nothing is kept about this person.
    Nothing,
    /// A document, now in the view.
    Document {
        /// The person.
        subject: String,
        /// Its generation, to which the anchor may be advanced.
        generation: u64,
        /// What stands elsewhere than in the former view.
        moved: Vec<Moved>,
    },
    /// An erasure.
    Erased {
        /// Its generation, to which the anchor may be advanced.
        generation: u64,
        /// Whether the key that it destroyed is still there: the caller removes it.
        key_remains: bool,
    },
}

/// The purposes of one controller, and the consents that are at hand.
#[derive(Debug)]
pub struct Book {
    purposes: Purposes,
    controller: Controller,
    validity: u64,
    proof_retention: u64,
    signing: SigningKey,
    views: BTreeMap<String, View>,
    // The highest generation of each person that was read or written here.
    highest: BTreeMap<Pseudonym, u64>,
    // Consents taken back by calls whose write is not done; `None` stands for every purpose.
    blocked: BTreeMap<String, BTreeMap<Option<String>, u32>>,
}

impl Book {
    /// Checks a configuration and makes a book with an empty view.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] naming what must hold.
    pub fn new(config: BookConfig, signing: SigningKey) -> Result<Self> {
        let BookConfig { purposes, controller, validity, proof_retention } = config;
        one_of(
            (1..=MAX_PERIOD).contains(&validity),
            "consent: validity must be from 1 to 3162240000000 milliseconds",
        )?;
        one_of(
            proof_retention <= MAX_PERIOD,
            "consent: proofRetention must be from 0 to 3162240000000 milliseconds",
        )?;
        let (purposes, controller) = (Purposes::new(purposes)?, controller.validate()?);
        Ok(Self {
            purposes,
            controller,
            validity,
            proof_retention,
            signing,
            views: BTreeMap::new(),
            highest: BTreeMap::new(),
            blocked: BTreeMap::new(),
        })
    }

    /// The registered purposes.
    #[must_use]
    pub const fn purposes(&self) -> &Purposes {
        &self.purposes
    }

    /// Who is responsible.
    #[must_use]
    pub const fn controller(&self) -> &Controller {
        &self.controller
    }

    /// The key that receipts and certificates are signed with.
    #[must_use]
    pub const fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// How long proof is kept, in milliseconds.
    #[must_use]
    pub const fn proof_retention(&self) -> u64 {
        self.proof_retention
    }

    /// Declares other purposes. Consents that no longer cover theirs stop counting at once.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] naming what must hold; the former purposes then stay.
    pub fn declare(&mut self, purposes: Vec<Purpose>) -> Result<()> {
        self.purposes = Purposes::new(purposes)?;
        for view in self.views.values_mut() {
            view.declare(&self.purposes);
        }
        Ok(())
    }

    /// Whether a use of data is allowed by consent, and why: from the view alone.
    #[must_use]
    pub fn decide(&self, subject: &str, purpose_id: &str, wanted: &Use<'_>, now: u64) -> Reason {
        let Some(view) = self.views.get(subject) else {
            return match self.purposes.get(purpose_id) {
                None => Reason::UnknownPurpose,
                Some(purpose) if purpose.rests_on_consent() => Reason::NeverAsked,
                Some(_) => Reason::NotConsent,
            };
        };
        let reason = view.decide(&self.purposes, purpose_id, wanted, now);
        if reason == Reason::Consented && self.blocks(subject, purpose_id) {
            Reason::Withdrawn
        } else {
            reason
        }
    }

    /// What is in the view of a person.
    #[must_use]
    pub fn view(&self, subject: &str) -> Option<&Subject> {
        self.views.get(subject).map(View::subject)
    }

    /// The consents of a person in the view, as they stand now.
    #[must_use]
    pub fn records(&self, subject: &str, now: u64) -> Vec<Record> {
        let Some(view) = self.views.get(subject) else { return Vec::new() };
        let mut records = view.subject().records.clone();
        for record in &mut records {
            record.write_expiry(view.subject().time(now));
        }
        records
    }

    /// What a person in the view has to be asked; somebody else has to be asked everything.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] if one of the ids is not registered.
    pub fn questions(&self, subject: &str, ids: &[String], now: u64) -> Result<Vec<Question>> {
        match self.views.get(subject) {
            Some(view) => view.subject().questions(&self.purposes, ids, now),
            None => Subject::new(subject, now)?.questions(&self.purposes, ids, now),
        }
    }

    /// From now on consents to these purposes do not count, to all of them if none is named, whatever is put
    /// into the view; until as many [`Book::unblock`]s. A withdrawal counts from the call on, not from the write.
    pub fn block(&mut self, subject: &str, purposes: Option<&[String]>) {
        let blocked = self.blocked.entry(subject.to_owned()).or_default();
        for purpose in keys(purposes) {
            let count = blocked.entry(purpose).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Takes one [`Book::block`] back, because the withdrawal was written.
    pub fn unblock(&mut self, subject: &str, purposes: Option<&[String]>) {
        let Some(blocked) = self.blocked.get_mut(subject) else { return };
        for purpose in keys(purposes) {
            if let Some(count) = blocked.get_mut(&purpose) {
                *count = count.saturating_sub(1);
            }
        }
        blocked.retain(|_, count| *count > 0);
        if blocked.is_empty() {
            self.blocked.remove(subject);
        }
    }

    fn blocks(&self, subject: &str, purpose_id: &str) -> bool {
        self.blocked.get(subject).is_some_and(|blocked| {
            blocked.contains_key(&None) || blocked.contains_key(&Some(purpose_id.to_owned()))
        })
    }

    /// Takes a person out of the view.
    pub fn forget(&mut self, subject: &str) {
        self.views.remove(subject);
    }

    /// Puts what was read or written into the view. After an erasure, the person's view is gone.
    ///
    /// # Errors
    /// [`ErrorCode::ConsentRolledBack`] if the record is older than one that was there before; as
    /// [`open_entry`]; [`ErrorCode::TooManyHandles`] beyond [`MAX_VIEWS`] people. The view is then as it was.
    pub fn load(&mut self, keyset: &Keyset, whose: &Pseudonym, entries: Entries<'_>) -> Result<Loaded> {
        match self.open(keyset, whose, entries)? {
            None => Ok(Loaded::Nothing),
            Some(Entry::Erased { generation, key_id, certificates: _ }) => {
                self.highest.insert(whose.clone(), generation);
                self.views.retain(|id, _| Pseudonym::of(keyset, id).is_ok_and(|it| it != *whose));
                let left = entries.key.map(|key| open_key(keyset, whose, key)).transpose()?;
                Ok(Loaded::Erased { generation, key_remains: left.is_some_and(|key| key.id() == key_id) })
            }
            Some(Entry::Document(subject)) => {
                let id = subject.subject.clone();
                let known = self.views.contains_key(&id) && self.highest.contains_key(whose);
                if !known && (self.views.len() >= MAX_VIEWS || self.highest.len() >= MAX_VIEWS * 10) {
                    return Err(Error::new(
                        ErrorCode::TooManyHandles,
                        "consent: the consents of 10000 people are in the view, unload some",
                    ));
                }
                let moved = moved(self.views.get(&id).map(View::subject), &subject);
                let generation = subject.generation;
                self.highest.insert(whose.clone(), generation);
                self.views.insert(id.clone(), View::new(&self.purposes, subject));
                Ok(Loaded::Document { subject: id, generation, moved })
            }
        }
    }

    /// Opens a record entry that is not older than what was there before.
    fn open(&self, keyset: &Keyset, whose: &Pseudonym, entries: Entries<'_>) -> Result<Option<Entry>> {
        let refused = |why| Err(Error::new(ErrorCode::ConsentRolledBack, why));
        let highest = self.highest.get(whose).copied().unwrap_or(0);
        let Some(record) = entries.record else {
            return if highest > 0 || entries.anchor.is_some_and(|it| it > 0) {
                refused("consent: a record that was there is gone: restore it, or erase the person")
            } else {
                Ok(None)
            };
        };
        let entry = open_entry(keyset, whose, record, entries.key)?;
        let generation = generation(record)?;
        if generation < highest || entries.anchor.is_some_and(|anchor| generation < anchor) {
            return refused(
                "consent: the record is older than one that was there before: restore the newer one, or erase \
                 the person",
            );
        }
        if entries.anchor.is_some_and(|anchor| generation > anchor.saturating_add(1)) && highest == 0 {
            return refused(
                "consent: the anchor is older than the record by more than one write: restore the anchor, or \
                 erase the person",
            );
        }
        Ok(Some(entry))
    }

    /// The document of a person as it was read; a fresh one if there is none, or only an erasure.
    ///
    /// # Errors
    /// As [`Book::load`].
    pub fn document(
        &self,
        keyset: &Keyset,
        subject: &str,
        entries: Entries<'_>,
        now: u64,
    ) -> Result<Subject> {
        match self.open(keyset, &Pseudonym::of(keyset, subject)?, entries)? {
            None => Subject::new(subject, now),
            Some(Entry::Document(document)) => Ok(document),
            Some(Entry::Erased { generation, certificates, .. }) => {
                Ok(Subject { generation, erasures: certificates, ..Subject::new(subject, now)? })
            }
        }
    }

    /// Lets a command happen to the entries of a person, and seals the result.
    ///
    /// # Errors
    /// As [`Book::load`] and [`Subject::apply`].
    pub fn apply(
        &self,
        keyset: &mut Keyset,
        subject: &str,
        entries: Entries<'_>,
        command: &Command,
        now: u64,
        entropy: &mut impl Entropy,
    ) -> Result<Outcome> {
        let whose = Pseudonym::of(keyset, subject)?;
        let mut document = self.document(keyset, subject, entries, now)?;
        let before = document.generation;
        let moved = document.apply(&self.purposes, command, self.validity, now, entropy)?;
        if document.generation == before {
            return Ok(Outcome { key: None, record: None, generation: before, moved });
        }
        let (mut key, key_entry) = own_key(keyset, &whose, entries, entropy)?;
        let record = Some(seal_document(&mut key, &whose, &document, entropy)?);
        Ok(Outcome { key: key_entry, record, generation: document.generation, moved })
    }

    /// What remains of a person after an erasure: the entry that takes the record's place, and the
    /// certificate. The caller writes the entry, destroys the key, and only then hands out the certificate.
    ///
    /// A record that is older than it should be is erased like any other. One that does not open is erased
    /// only if `erasure.unreadable` says so; its certificate then lists nothing.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] if there is nothing to erase; as [`open_entry`].
    pub fn erase(
        &self,
        keyset: &mut Keyset,
        subject: &str,
        entries: Entries<'_>,
        erasure: &Erasure,
        now: u64,
        entropy: &mut impl Entropy,
    ) -> Result<(Vec<u8>, Value)> {
        let whose = Pseudonym::of(keyset, subject)?;
        let record =
            entries.record.ok_or_else(|| Error::argument("consent: nothing is kept about this person"))?;
        let document = match open_entry(keyset, &whose, record, entries.key) {
            Ok(Entry::Document(document)) => Some(document),
            Ok(Entry::Erased { .. }) => {
                return Err(Error::argument("consent: this person was erased already"));
            }
            Err(_) if erasure.unreadable => None,
            Err(error) => return Err(error),
        };
        let key_id = entries.key.and_then(|key| open_key(keyset, &whose, key).ok()).map_or(0, |key| key.id());
        let highest = self.highest.get(&whose).copied().unwrap_or(0).max(entries.anchor.unwrap_or(0));
        let replaced = Replaced { whose: &whose, entry: record, document: document.as_ref(), key_id };
        let by = (&self.controller, &self.signing);
        let signed = certificate(&replaced, erasure, by, now, entropy)?;
        let generation = generation(record).unwrap_or(0).max(highest) + 1;
        let mut certificates = document.map(|it| it.erasures).unwrap_or_default();
        certificates.push(signed.clone());
        let entry = seal_erasure(keyset, &whose, generation, key_id, &certificates, entropy)?;
        Ok((entry, signed))
    }
}

fn keys(purposes: Option<&[String]>) -> impl Iterator<Item = Option<String>> {
    let all = purposes.is_none().then_some(None);
    all.into_iter().chain(purposes.unwrap_or_default().iter().cloned().map(Some))
}

/// The person's key, and its entry if that has to be written: because there was none, because it was
/// destroyed by an erasure that did not get to the end, or because the keyset was rotated.
fn own_key(
    keyset: &mut Keyset,
    whose: &Pseudonym,
    entries: Entries<'_>,
    entropy: &mut impl Entropy,
) -> Result<(DataKey, Option<Vec<u8>>)> {
    let destroyed = match entries.record.map(|record| open_entry(keyset, whose, record, entries.key)) {
        Some(Ok(Entry::Erased { key_id, .. })) => Some(key_id),
        _ => None,
    };
    if let Some(sealed) = entries.key {
        let key = open_key(keyset, whose, sealed)?;
        if destroyed != Some(key.id()) {
            let current = keyset.is_current(sealed)?;
            let entry = if current { None } else { Some(seal_key(keyset, whose, &key, entropy)?) };
            return Ok((key, entry));
        }
    }
    let key = DataKey::generate(entropy)?;
    let entry = seal_key(keyset, whose, &key, entropy)?;
    Ok((key, Some(entry)))
}
