//! The records of processing activities that GDPR article 30 (1) asks of a controller, from the purposes.

use super::controller::Controller;
use super::csv;
use super::purpose::{Purpose, Purposes};
use super::text::{duration, rfc3339};
use serde::Serialize;

/// The form of the register.
pub const REGISTER_SCHEMA: &str = "vespera-processing-register/1";

/// The register: letters a to g of article 30 (1).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Register {
    /// [`REGISTER_SCHEMA`].
    pub schema: &'static str,
    /// When it was drawn up, as RFC 3339 writes it.
    pub created: String,
    /// Letter a: who is responsible, and whom to write to.
    pub controller: Controller,
    /// One entry for each purpose.
    pub activities: Vec<Activity>,
    /// Letter g: how the data are protected.
    pub security_measures: Vec<String>,
}

/// What is done for one purpose.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The purpose's id.
    pub purpose_id: String,
    /// Letter b: the purpose.
    pub purpose: String,
    /// What is done with the data.
    pub description: String,
    /// The ground, with its article.
    pub legal_basis: String,
    /// Letter c: whose data.
    pub data_subjects: Vec<String>,
    /// Letter c: which data.
    pub data_categories: Vec<String>,
    /// Whether they are of the special categories of article 9.
    pub special_categories: bool,
    /// Letter d: who receives them.
    pub recipients: Vec<String>,
    /// Where they are stored.
    pub storage_locations: Vec<String>,
    /// Letter e: other countries they go to.
    pub transfers: Vec<String>,
    /// Letter f: when they are erased, as ISO 8601 writes a length of time.
    pub erasure_after: String,
}

/// What this package itself does to protect the data it holds.
const OWN_MEASURES: [&str; 4] = [
    "consent records are sealed with AES-256-GCM under a key of each person",
    "older copies of a record are refused",
    "receipts and erasure certificates are signed with Ed25519",
    "user ids stand in no key and no file name",
];

/// Draws up the register.
#[must_use]
pub fn register(purposes: &Purposes, controller: &Controller, now: u64) -> Register {
    let own = OWN_MEASURES.iter().map(|measure| (*measure).to_owned());
    Register {
        schema: REGISTER_SCHEMA,
        created: rfc3339(now),
        controller: controller.clone(),
        activities: purposes.iter().map(|purpose| activity(purpose, controller)).collect(),
        security_measures: own.chain(controller.security_measures.iter().cloned()).collect(),
    }
}

fn activity(purpose: &Purpose, controller: &Controller) -> Activity {
    let places = if purpose.storage_locations.is_empty() {
        &controller.storage_locations
    } else {
        &purpose.storage_locations
    };
    Activity {
        purpose_id: purpose.id.clone(),
        purpose: purpose.name.clone(),
        description: purpose.description.clone(),
        legal_basis: format!(
            "{}, GDPR article {}",
            purpose.legal_basis.as_str(),
            purpose.legal_basis.article()
        ),
        data_subjects: controller.data_subjects.clone(),
        data_categories: purpose.data_types.clone(),
        special_categories: purpose.special_categories,
        recipients: purpose.third_parties.clone(),
        storage_locations: places.clone(),
        transfers: controller.transfers.clone(),
        erasure_after: duration(purpose.retention_period),
    }
}

/// The register as a table: one line for each purpose.
#[must_use]
pub fn register_csv(register: &Register) -> String {
    let mut table = csv::Table::new(&[
        "purpose id",
        "purpose",
        "description",
        "legal basis",
        "data subjects",
        "data categories",
        "special categories",
        "recipients",
        "storage locations",
        "transfers",
        "erasure after",
        "controller",
        "contact",
    ]);
    for activity in &register.activities {
        table.row(&[
            &activity.purpose_id,
            &activity.purpose,
            &activity.description,
            &activity.legal_basis,
            &activity.data_subjects.join("; "),
            &activity.data_categories.join("; "),
            if activity.special_categories { "yes" } else { "no" },
            &activity.recipients.join("; "),
            &activity.storage_locations.join("; "),
            &activity.transfers.join("; "),
            &activity.erasure_after,
            &register.controller.name,
            &register.controller.email,
        ]);
    }
    table.finish()
}
