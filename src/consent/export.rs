//! What a person gets to see of what is kept about them (GDPR articles 15 and 20).

use super::controller::Controller;
use super::csv;
use super::purpose::{Purpose, Purposes};
use super::record::{Record, Use};
use super::subject::Subject;
use super::text::rfc3339;
use serde::Serialize;
use serde_json::Value;

/// The form of the export; `schemas/consent-export-1.schema.json` describes it.
pub const EXPORT_SCHEMA: &str = "vespera-consent-export/1";

/// Everything about one person. Times in records are milliseconds since 1970.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// [`EXPORT_SCHEMA`].
    pub schema: &'static str,
    /// When it was drawn up, as RFC 3339 writes it.
    pub created: String,
    /// The person.
    pub subject: String,
    /// Who is responsible, and whom to write to.
    pub controller: Controller,
    /// Each consent with all its events.
    pub consents: Vec<Record>,
    /// What each purpose allows now, whether by consent or on another ground.
    pub purposes: Vec<Standing>,
    /// Certificates of earlier erasures.
    pub erasures: Vec<Value>,
    /// When the document was written last, as RFC 3339 writes it; none if nothing was ever written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
}

/// How things stand with one purpose.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The purpose as it is declared.
    pub purpose: Purpose,
    /// Whether consent allows it now.
    pub consented: bool,
    /// Why it does or does not.
    pub reason: super::record::Reason,
}

/// Draws up the export.
#[must_use]
pub fn export(subject: &Subject, purposes: &Purposes, controller: &Controller, now: u64) -> Export {
    let standing = |purpose: &Purpose| {
        let reason = subject.decide(purposes, &purpose.id, &Use::default(), now);
        let purpose = purpose.clone();
        Standing { consented: reason == super::record::Reason::Consented, purpose, reason }
    };
    // Time that has passed is shown, whether or not it was written down.
    let mut consents = subject.records.clone();
    for record in &mut consents {
        record.write_expiry(subject.time(now));
    }
    Export {
        schema: EXPORT_SCHEMA,
        created: rfc3339(now),
        subject: subject.subject.clone(),
        controller: controller.clone(),
        consents,
        purposes: purposes.iter().map(standing).collect(),
        erasures: subject.erasures.clone(),
        updated: (subject.generation > 0).then(|| rfc3339(subject.updated_at)),
    }
}

/// The export as a table: one line for each event of each consent.
#[must_use]
pub fn export_csv(export: &Export) -> String {
    let mut table = csv::Table::new(&[
        "subject",
        "record id",
        "purpose id",
        "purpose",
        "event",
        "time",
        "by",
        "method",
        "user agent",
        "ip address",
        "language",
        "notice sha256",
        "state now",
        "expires",
    ]);
    for record in &export.consents {
        for event in &record.events {
            let evidence = event.evidence.clone().unwrap_or_default();
            let by = match event.by {
                super::record::Actor::Subject => "subject",
                super::record::Actor::Controller => "controller",
                super::record::Actor::System => "system",
            };
            let text = |value: Option<String>| value.unwrap_or_default();
            table.row(&[
                &export.subject,
                &record.id,
                &record.purpose_id,
                &record.purpose.name,
                event.state.as_str(),
                &rfc3339(event.at),
                by,
                if event.evidence.is_some() { evidence.method.as_str() } else { "" },
                &text(evidence.user_agent),
                &text(evidence.ip_address),
                &text(evidence.language),
                &text(evidence.notice_hash),
                record.state.as_str(),
                &record.expires_at.map(rfc3339).unwrap_or_default(),
            ]);
        }
    }
    table.finish()
}
