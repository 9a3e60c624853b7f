//! Purposes: what personal data are used for, and on what ground.
//!
//! A purpose is declared by the controller and shown to the person. It is checked once; what is left after
//! that is a [`Purposes`], in which every id is there once and every required purpose rests on a legal basis
//! of its own (GDPR article 6), never on consent.

use super::text::{Bounded, field, list, one_of};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Purposes that one registry may hold.
pub const MAX_PURPOSES: usize = 256;

/// The longest retention or validity: a hundred years, in milliseconds.
const MAX_PERIOD: u64 = 100 * 366 * 86_400_000;

/// What kind of purpose it is. The words are those that people know from consent dialogues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Without it the service does not work.
    Essential,
    /// A feature that the person may want or not.
    Functional,
    /// Measuring how the service is used.
    Analytics,
    /// Advertising and newsletters.
    Marketing,
    /// Remembering what the person chose.
    Preferences,
}

impl Category {
    /// The term of the Data Privacy Vocabulary (2.3, module `purposes`).
    #[must_use]
    pub const fn dpv(self) -> &'static str {
        match self {
            Self::Essential => "dpv:ServiceProvision",
            Self::Functional => "dpv:ServiceOptimisation",
            Self::Analytics => "dpv:ServiceUsageAnalytics",
            Self::Marketing => "dpv:Marketing",
            Self::Preferences => "dpv:ServicePersonalisation",
        }
    }

    /// The word as it is written in records and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Functional => "functional",
            Self::Analytics => "analytics",
            Self::Marketing => "marketing",
            Self::Preferences => "preferences",
        }
    }
}

/// The ground on which data are processed: GDPR article 6 (1), letters a to f.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    /// Letter a: the person said yes.
    Consent,
    /// Letter b: a contract with the person asks for it.
    Contract,
    /// Letter c: a law asks for it.
    LegalObligation,
    /// Letter d: someone's life depends on it.
    VitalInterests,
    /// Letter e: a task in the public interest.
    PublicTask,
    /// Letter f: an interest that outweighs the person's.
    LegitimateInterests,
}

impl LegalBasis {
    /// The term of the Data Privacy Vocabulary (2.3, module `legal_basis`).
    #[must_use]
    pub const fn dpv(self) -> &'static str {
        match self {
            Self::Consent => "dpv:ExplicitlyExpressedConsent",
            Self::Contract => "dpv:Contract",
            Self::LegalObligation => "dpv:LegalObligation",
            Self::VitalInterests => "dpv:VitalInterest",
            Self::PublicTask => "dpv:PublicInterest",
            Self::LegitimateInterests => "dpv:LegitimateInterest",
        }
    }

    /// The article of the GDPR.
    #[must_use]
    pub const fn article(self) -> &'static str {
        match self {
            Self::Consent => "6(1)(a)",
            Self::Contract => "6(1)(b)",
            Self::LegalObligation => "6(1)(c)",
            Self::VitalInterests => "6(1)(d)",
            Self::PublicTask => "6(1)(e)",
            Self::LegitimateInterests => "6(1)(f)",
        }
    }

    /// The word as it is written in records and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal_obligation",
            Self::VitalInterests => "vital_interests",
            Self::PublicTask => "public_task",
            Self::LegitimateInterests => "legitimate_interests",
        }
    }
}

/// One purpose, as the controller declares it. Times are milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Purpose {
    /// Its name in the program: 1 to 64 characters of `A-Z a-z 0-9 . _ : -`.
    pub id: String,
    /// Its name for people: 1 to 200 bytes.
    pub name: String,
    /// What is done with the data: 1 to 2000 bytes.
    pub description: String,
    /// What kind of purpose it is.
    pub category: Category,
    /// Whether the service needs it. Then `legalBasis` is not consent.
    #[serde(default)]
    pub required: bool,
    /// Categories of personal data: 1 to 64 of them.
    pub data_types: Vec<String>,
    /// How long data of this purpose are kept; 0 if they are not kept at all.
    pub retention_period: u64,
    /// Who else receives the data.
    #[serde(default)]
    pub third_parties: Vec<String>,
    /// The ground of the processing.
    #[serde(default = "LegalBasis::of_consent")]
    pub legal_basis: LegalBasis,
    /// The controller's own count of wordings; a text, or a whole number.
    #[serde(default = "first_version", deserialize_with = "text_or_number")]
    pub version: String,
    /// The text that is shown when consent is asked for, at most 16 KiB; name and description if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// How long a consent holds; what the manager is configured with if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<u64>,
    /// Where the data are stored; what the controller says if not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage_locations: Vec<String>,
    /// Whether the data are of the special categories of GDPR article 9.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub special_categories: bool,
}

impl LegalBasis {
    const fn of_consent() -> Self {
        Self::Consent
    }
}

fn first_version() -> String {
    "1".to_owned()
}

fn text_or_number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    struct Version;
    impl serde::de::Visitor<'_> for Version {
        type Value = String;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text or a whole number")
        }
        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
        fn visit_u64<E>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }
        fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<String, E> {
            if number.fract() == 0.0 && (0.0..1e15).contains(&number) {
                Ok(number.to_string())
            } else {
                Err(E::custom("not a whole number"))
            }
        }
    }
    from.deserialize_any(Version)
}

impl Purpose {
    /// Whether this purpose is asked for at all, or rests on another ground.
    #[must_use]
    pub fn rests_on_consent(&self) -> bool {
        self.legal_basis == LegalBasis::Consent
    }

    /// The text that a person reads before answering.
    #[must_use]
    pub fn notice_text(&self) -> String {
        self.notice.clone().unwrap_or_else(|| format!("{}\n\n{}", self.name, self.description))
    }

    /// The purpose as a record keeps it: without the notice, whose hash stands in the evidence.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self { notice: None, ..self.clone() }
    }

    fn check(&self) -> Result<()> {
        identifier("a purpose's id", &self.id)?;
        field("a purpose's name", &self.name, Bounded { least: 1, most: 200 })?;
        field("a purpose's description", &self.description, Bounded { least: 1, most: 2000 })?;
        field("a purpose's version", &self.version, Bounded { least: 1, most: 32 })?;
        if let Some(notice) = &self.notice {
            field("a purpose's notice", notice, Bounded { least: 1, most: 16 * 1024 })?;
        }
        list("a purpose's dataTypes", &self.data_types, 1)?;
        list("a purpose's thirdParties", &self.third_parties, 0)?;
        list("a purpose's storageLocations", &self.storage_locations, 0)?;
        one_of(
            self.retention_period <= MAX_PERIOD,
            "consent: a purpose's retentionPeriod must be from 0 to 3162240000000 milliseconds",
        )?;
        one_of(
            self.validity.is_none_or(|it| (1..=MAX_PERIOD).contains(&it)),
            "consent: a purpose's validity must be from 1 to 3162240000000 milliseconds",
        )?;
        one_of(
            !(self.required && self.rests_on_consent()),
            "consent: a required purpose cannot rest on consent, which must be free: name its legalBasis",
        )
    }
}

/// An id that can stand in a key, a file and a table without being quoted.
pub(super) fn identifier(what: &str, id: &str) -> Result<()> {
    let fits = (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
    one_of(fits, format!("consent: {what} must be 1 to 64 characters of A-Z a-z 0-9 . _ : -"))
}

/// The SHA-256 of a notice, as 64 hexadecimal digits.
#[must_use]
pub fn notice_hash(text: &str) -> String {
    super::text::hex(&Sha256::digest(text.as_bytes()))
}

/// Purposes that were checked, by id.
#[derive(Clone, Debug, Default)]
pub struct Purposes {
    list: Vec<Purpose>,
}

impl Purposes {
    /// Checks a list of purposes.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming what must hold.
    pub fn new(list: Vec<Purpose>) -> Result<Self> {
        one_of(list.len() <= MAX_PURPOSES, "consent: a registry holds at most 256 purposes")?;
        let mut ids = std::collections::BTreeSet::new();
        for purpose in &list {
            purpose.check()?;
            one_of(ids.insert(purpose.id.as_str()), "consent: two purposes have the same id")?;
        }
        Ok(Self { list })
    }

    /// The purpose of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Purpose> {
        self.list.iter().find(|purpose| purpose.id == id)
    }

    /// The purpose of this id, for a caller that must name a known one.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`](crate::ErrorCode::ArgumentInvalid) if there is none.
    pub fn known(&self, id: &str) -> Result<&Purpose> {
        self.get(id).ok_or_else(|| Error::argument("consent: this purpose is not registered"))
    }

    /// Every purpose, in the order of the declaration.
    pub fn iter(&self) -> impl Iterator<Item = &Purpose> {
        self.list.iter()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::consent) fn purpose(id: &str) -> Purpose {
        Purpose {
            id: id.to_owned(),
            name: "Usage statistics".to_owned(),
            description: "Counts which commands are used".to_owned(),
            category: Category::Analytics,
            required: false,
            data_types: vec!["command names".to_owned()],
            retention_period: 30 * 86_400_000,
            third_parties: Vec::new(),
            legal_basis: LegalBasis::Consent,
            version: first_version(),
            notice: None,
            validity: None,
            storage_locations: Vec::new(),
            special_categories: false,
        }
    }

    fn refused(change: impl FnOnce(&mut Purpose)) -> String {
        let mut it = purpose("usage");
        change(&mut it);
        Purposes::new(vec![it]).unwrap_err().message().to_owned()
    }

    #[test]
    fn a_required_purpose_never_rests_on_consent() {
        assert!(refused(|it| it.required = true).contains("cannot rest on consent"));
        let on_contract = Purpose { required: true, legal_basis: LegalBasis::Contract, ..purpose("usage") };
        assert!(!Purposes::new(vec![on_contract]).unwrap().get("usage").unwrap().rests_on_consent());
    }

    #[test]
    fn fields_out_of_range_are_named() {
        assert!(refused(|it| it.id = "a b".to_owned()).contains("id"));
        assert!(refused(|it| it.name.clear()).contains("name"));
        assert!(refused(|it| it.description = "x".repeat(2001)).contains("description"));
        assert!(refused(|it| it.data_types.clear()).contains("dataTypes"));
        assert!(refused(|it| it.third_parties = vec![String::new()]).contains("thirdParties"));
        assert!(refused(|it| it.retention_period = u64::MAX).contains("retentionPeriod"));
        assert!(refused(|it| it.validity = Some(0)).contains("validity"));
        assert!(refused(|it| it.notice = Some(String::new())).contains("notice"));
        assert!(Purposes::new(vec![purpose("a"), purpose("a")]).unwrap_err().message().contains("same id"));
        assert!(Purposes::new(vec![purpose("a"); 257]).unwrap_err().message().contains("256"));
    }

    #[test]
    fn the_notice_that_is_hashed_is_the_one_that_is_shown() {
        let it = purpose("usage");
        assert_eq!(it.notice_text(), "Usage statistics\n\nCounts which commands are used");
        // printf 'abc' | sha256sum
        assert_eq!(notice_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
