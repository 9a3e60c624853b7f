//! One consent of one person to one purpose, with its evidence.
//!
//! A record keeps the purpose as it was declared when the person answered, so that a later declaration can be
//! compared with it, and an entry for everything that happened. Expiry is not a job that runs: a record past
//! its time reads as expired.

use super::purpose::{Purpose, Purposes};
use super::state::{Act, State};
use super::text::{self, Bounded, MAX_TIME, field, list, one_of};
use crate::error::Result;
use crate::host::Entropy;
use serde::{Deserialize, Serialize};

/// Events that a record keeps: the first one, and the newest. Those between are counted.
pub const MAX_EVENTS: usize = 32;

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The person the data are about.
    Subject,
    /// Whoever is responsible for the processing.
    Controller,
    /// Time: nobody acted.
    System,
}

/// How an answer reached us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A dialogue.
    UiInteraction,
    /// A call of the interface, by the program that embeds this one.
    #[default]
    ApiCall,
    /// A setting.
    Configuration,
    /// A record from another system.
    Import,
}

impl Method {
    /// The word as it is written in records and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UiInteraction => "ui_interaction",
            Self::ApiCall => "api_call",
            Self::Configuration => "configuration",
            Self::Import => "import",
        }
    }
}

/// What shows that something happened. Nothing is collected here: what is not given is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// How the answer reached us.
    #[serde(default)]
    pub method: Method,
    /// The program that showed the question, at most 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The address the answer came from, at most 64 bytes; kept only if the caller gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The language of the dialogue, as BCP 47 writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The SHA-256 of the notice that was shown, as hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_hash: Option<String>,
}

impl Evidence {
    pub(super) fn check(&self) -> Result<()> {
        let short = |what: &str, value: &Option<String>, most| match value {
            Some(value) => field(what, value, Bounded { least: 1, most }),
            None => Ok(()),
        };
        short("the evidence's userAgent", &self.user_agent, 256)?;
        short("the evidence's ipAddress", &self.ip_address, 64)?;
        short("the evidence's language", &self.language, 35)?;
        let is_hash = |it: &String| it.len() == 64 && it.bytes().all(|byte| byte.is_ascii_hexdigit());
        one_of(
            self.notice_hash.as_ref().is_none_or(is_hash),
            "consent: the evidence's noticeHash must be the 64 hexadecimal digits of a SHA-256",
        )
    }
}

/// Limits that a person put on a yes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conditions {
    /// When the yes ends, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<u64>,
    /// The kinds of data that the yes is for; all that the purpose names if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_types: Option<Vec<String>>,
    /// The recipients that the yes is for; all that the purpose names if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_parties: Option<Vec<String>>,
}

impl Conditions {
    pub(super) fn check(&self) -> Result<()> {
        one_of(
            self.expiry_date.is_none_or(|it| it <= MAX_TIME),
            "consent: a condition's expiryDate must be milliseconds since 1970, before the year 10000",
        )?;
        list("a condition's dataTypes", self.data_types.as_deref().unwrap_or_default(), 0)?;
        list("a condition's thirdParties", self.third_parties.as_deref().unwrap_or_default(), 0)
    }

    /// Whether a use keeps within the limits. A use that does not say what it is fits no limit.
    fn cover(&self, wanted: &Use<'_>) -> bool {
        let within = |limit: &Option<Vec<String>>, it: Option<&str>| match (limit, it) {
            (None, _) => true,
            (Some(allowed), Some(it)) => allowed.iter().any(|entry| entry == it),
            (Some(_), None) => false,
        };
        within(&self.data_types, wanted.data_type) && within(&self.third_parties, wanted.third_party)
    }
}

/// What a consent is wanted for, where it matters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Use<'a> {
    /// The kind of data.
    pub data_type: Option<&'a str>,
    /// The recipient.
    pub third_party: Option<&'a str>,
}

/// Something that happened to a consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Event {
    /// Where the consent stood after it.
    pub state: State,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Who acted.
    pub by: Actor,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// Why the data of a purpose must be deleted by whoever holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CleanupReason {
    /// The consent ended.
    Ended,
    /// The data are older than the purpose allows.
    Retention,
}

/// One consent of one person to one purpose. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    /// A random UUID.
    pub id: String,
    /// The purpose it is about.
    pub purpose_id: String,
    /// Where it stands, as written; [`Record::state_at`] says where it stands now.
    pub state: State,
    /// The purpose as it was declared at the last question or answer, without its notice.
    pub purpose: Purpose,
    /// The limits of the yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// When the person said yes last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_at: Option<u64>,
    /// When the yes ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// What happened: the first event and the newest ones.
    pub events: Vec<Event>,
    /// Events between them that are no longer kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted_events: u64,
    /// Whether data were collected under this consent that may still be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holds_data: bool,
    /// Why the data of this purpose still have to be deleted; cleared when they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<CleanupReason>,
    /// Data from before this time are deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleaned_before: Option<u64>,
}

const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Why a consent does or does not allow something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The person said yes and it still holds.
    Consented,
    /// The person was never asked.
    NeverAsked,
    /// The person has not answered yet.
    Unanswered,
    /// The person said no.
    Refused,
    /// The person took the yes back.
    Withdrawn,
    /// The time of the yes is over.
    Expired,
    /// The yes was ended by someone else.
    Revoked,
    /// The yes was found not to be valid.
    Invalidated,
    /// The purpose is no longer what the person said yes to.
    PurposeChanged,
    /// The yes has limits, and this use is not within them.
    OutsideConditions,
    /// The purpose is not registered.
    UnknownPurpose,
    /// The purpose rests on another legal basis: it is not asked for, and no consent is claimed.
    NotConsent,
}

impl Record {
    /// A record of a purpose about which nothing has happened yet.
    pub(super) fn new(purpose: &Purpose, entropy: &mut impl Entropy) -> Result<Self> {
        Ok(Self {
            id: text::uuid(entropy)?,
            purpose_id: purpose.id.clone(),
            state: State::Unknown,
            purpose: purpose.snapshot(),
            conditions: None,
            given_at: None,
            expires_at: None,
            events: Vec::new(),
            omitted_events: 0,
            holds_data: false,
            cleanup: None,
            cleaned_before: None,
        })
    }

    /// Where the consent stands at this time: past its end it is expired, whether or not that was written.
    #[must_use]
    pub fn state_at(&self, now: u64) -> State {
        let over = self.state.allows_processing() && self.expires_at.is_none_or(|end| now >= end);
        if over { State::Expired } else { self.state }
    }

    /// When the consent ended, if it did.
    #[must_use]
    pub fn ended_at(&self, now: u64) -> Option<u64> {
        match self.state_at(now) {
            State::Expired if self.state.allows_processing() => self.expires_at,
            state if state.allows_processing() => None,
            _ => self.events.last().map(|event| event.at),
        }
    }

    /// Whether this consent allows a use, and why. The purpose is as it is declared now.
    #[must_use]
    pub fn decide(&self, declared: Option<&Purpose>, wanted: &Use<'_>, now: u64) -> Reason {
        self.decide_if(declared, wanted, now, |declared| super::diff::is_material(&self.purpose, declared))
    }

    /// As [`Record::decide`], for a caller that knows whether the purpose has changed.
    pub(super) fn decide_if(
        &self,
        declared: Option<&Purpose>,
        wanted: &Use<'_>,
        now: u64,
        outdated: impl Fn(&Purpose) -> bool,
    ) -> Reason {
        let Some(declared) = declared else { return Reason::UnknownPurpose };
        if !declared.rests_on_consent() {
            return Reason::NotConsent;
        }
        match self.state_at(now) {
            State::Unknown => Reason::NeverAsked,
            State::Requested | State::Deferred => Reason::Unanswered,
            State::Refused => Reason::Refused,
            State::Withdrawn => Reason::Withdrawn,
            State::Expired => Reason::Expired,
            State::Revoked => Reason::Revoked,
            State::Invalidated => Reason::Invalidated,
            State::Given | State::Renewed => {
                if outdated(declared) {
                    Reason::PurposeChanged
                } else if self.conditions.as_ref().is_none_or(|it| it.cover(wanted)) {
                    Reason::Consented
                } else {
                    Reason::OutsideConditions
                }
            }
        }
    }

    /// Lets an act happen; answers whether anything changed. Writing down that time has passed is part of it.
    pub(super) fn act(&mut self, act: Act, deed: Deed<'_>) -> bool {
        self.write_expiry(deed.now);
        let before = self.state;
        // A yes to an older declaration does not stand in the way of the question about the new one.
        let outdated = act == Act::Request
            && deed.declared.is_some_and(|it| super::diff::is_material(&self.purpose, it));
        let from = if outdated && before.allows_processing() { State::Unknown } else { before };
        let Some(next) = from.after(act) else { return false };
        self.state = next;
        if let (Act::Give, Some(declared)) = (act, deed.declared) {
            let end = deed.now.saturating_add(declared.validity.unwrap_or(deed.validity));
            let wanted = deed.conditions.and_then(|it| it.expiry_date).unwrap_or(u64::MAX);
            self.purpose = declared.snapshot();
            self.conditions = deed.conditions.filter(|it| **it != Conditions::default()).cloned();
            self.given_at = Some(deed.now);
            self.expires_at = Some(end.min(wanted));
            self.holds_data = true;
            self.cleanup = None;
        }
        self.end_if_over();
        self.note(Event { state: next, at: deed.now, by: deed.by, evidence: deed.evidence.cloned() });
        true
    }

    /// Writes down that a consent has ended by itself, at the time it did; answers whether it had to.
    pub(super) fn write_expiry(&mut self, now: u64) -> bool {
        if self.state.allows_processing() && self.state_at(now) == State::Expired {
            self.state = State::Expired;
            self.end_if_over();
            let at = self.expires_at.unwrap_or(now);
            self.note(Event { state: State::Expired, at, by: Actor::System, evidence: None });
            return true;
        }
        false
    }

    /// Data of a consent that is over have to go. A question that is open does not end anything yet.
    fn end_if_over(&mut self) {
        let open = matches!(self.state, State::Unknown | State::Requested | State::Deferred);
        if self.holds_data && !open && !self.state.allows_processing() {
            self.cleanup = Some(CleanupReason::Ended);
        }
    }

    /// Writes down that data from before a time are deleted.
    pub(super) fn clean(&mut self, before: u64, now: u64) {
        self.cleaned_before = Some(self.cleaned_before.unwrap_or(0).max(before));
        if self.ended_at(now).is_some_and(|end| before >= end) {
            self.holds_data = false;
            self.cleanup = None;
        }
    }

    fn note(&mut self, event: Event) {
        if self.events.len() >= MAX_EVENTS {
            self.events.remove(1);
            self.omitted_events += 1;
        }
        self.events.push(event);
    }

    /// The hash of the notice that the last answer rests on.
    #[must_use]
    pub fn notice_hash(&self) -> Option<&str> {
        self.events.iter().rev().find_map(|event| event.evidence.as_ref()?.notice_hash.as_deref())
    }
}

/// The circumstances of an act.
#[derive(Clone, Copy)]
pub(super) struct Deed<'a> {
    pub(super) declared: Option<&'a Purpose>,
    pub(super) conditions: Option<&'a Conditions>,
    pub(super) evidence: Option<&'a Evidence>,
    pub(super) by: Actor,
    /// How long a consent holds if its purpose does not say.
    pub(super) validity: u64,
    pub(super) now: u64,
}

/// Refuses conditions that name what the purpose does not.
pub(super) fn check_conditions(purposes: &Purposes, id: &str, conditions: &Conditions) -> Result<()> {
    conditions.check()?;
    let purpose = purposes.known(id)?;
    let named =
        |limit: &Option<Vec<String>>, of: &[String]| limit.iter().flatten().all(|entry| of.contains(entry));
    one_of(
        named(&conditions.data_types, &purpose.data_types),
        "consent: a condition's dataTypes must be among those of its purpose",
    )?;
    one_of(
        named(&conditions.third_parties, &purpose.third_parties),
        "consent: a condition's thirdParties must be among those of its purpose",
    )
}
