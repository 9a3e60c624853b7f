//! Who is responsible for the processing: what receipts and the register of processing say about them.

use super::text::{Bounded, field, list, one_of};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Whoever decides what personal data are used for (GDPR article 4 (7)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Controller {
    /// The legal name.
    pub name: String,
    /// Where people write to.
    pub email: String,
    /// The person or office to ask for; the name if not given.
    #[serde(default)]
    pub contact: Option<String>,
    /// The postal address.
    #[serde(default)]
    pub address: Option<String>,
    /// The telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// The web site.
    #[serde(default)]
    pub url: Option<String>,
    /// The privacy policy.
    #[serde(default)]
    pub policy_url: Option<String>,
    /// The service that people use.
    #[serde(default = "extension")]
    pub service: String,
    /// Whose law applies, as ISO 3166 writes it, or `EU`.
    #[serde(default = "union")]
    pub jurisdiction: String,
    /// The language of the notices, as BCP 47 writes it.
    #[serde(default = "english")]
    pub language: String,
    /// Where data are stored, for purposes that do not say.
    #[serde(default = "own_device")]
    pub storage_locations: Vec<String>,
    /// How a person takes a consent back.
    #[serde(default = "in_the_dialogue")]
    pub withdrawal_method: String,
    /// The data protection officer, name and address to write to.
    #[serde(default)]
    pub data_protection_officer: Option<String>,
    /// The representative in the Union (GDPR article 27).
    #[serde(default)]
    pub representative: Option<String>,
    /// The authority that hears complaints.
    #[serde(default)]
    pub authority: Option<String>,
    /// Whose data are processed.
    #[serde(default = "users")]
    pub data_subjects: Vec<String>,
    /// Countries outside the jurisdiction that data go to, with the safeguards.
    #[serde(default)]
    pub transfers: Vec<String>,
    /// How the data are protected, beside what this package does.
    #[serde(default)]
    pub security_measures: Vec<String>,
}

fn extension() -> String {
    "editor extension".to_owned()
}

fn union() -> String {
    "EU".to_owned()
}

fn english() -> String {
    "en".to_owned()
}

fn own_device() -> Vec<String> {
    vec!["the person's own device".to_owned()]
}

fn in_the_dialogue() -> String {
    "in the consent dialogue of the service, at any time".to_owned()
}

fn users() -> Vec<String> {
    vec!["users of the service".to_owned()]
}

impl Controller {
    /// Checks the lengths once.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the field.
    pub fn validate(self) -> Result<Self> {
        let short = Bounded { least: 1, most: 400 };
        field("the controller's name", &self.name, short)?;
        field("the controller's email", &self.email, short)?;
        one_of(self.email.contains('@'), "consent: the controller's email must be an address with an @")?;
        field("the controller's service", &self.service, short)?;
        field("the controller's jurisdiction", &self.jurisdiction, short)?;
        field("the controller's language", &self.language, Bounded { least: 1, most: 35 })?;
        field("the controller's withdrawalMethod", &self.withdrawal_method, short)?;
        for (what, value) in [
            ("the controller's contact", &self.contact),
            ("the controller's address", &self.address),
            ("the controller's phone", &self.phone),
            ("the controller's url", &self.url),
            ("the controller's policyUrl", &self.policy_url),
            ("the controller's dataProtectionOfficer", &self.data_protection_officer),
            ("the controller's representative", &self.representative),
            ("the controller's authority", &self.authority),
        ] {
            value.as_deref().map_or(Ok(()), |value| field(what, value, short))?;
        }
        list("the controller's storageLocations", &self.storage_locations, 1)?;
        list("the controller's dataSubjects", &self.data_subjects, 1)?;
        list("the controller's transfers", &self.transfers, 0)?;
        list("the controller's securityMeasures", &self.security_measures, 0)?;
        Ok(self)
    }
}
