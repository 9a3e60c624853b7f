//! What a person allowed: asked for, provable, and over at once when they say so.
//!
//! [`Purposes`] say what data are used for; a [`Subject`] holds what one person answered, and changes by
//! [`Command`]s; [`diff_purposes`] says when people must be asked again. Receipts, the register of processing
//! and exports are drawn from these. Time is an argument, in milliseconds since 1970.
//!
//! ```
//! use vespera_security::consent::{Command, Purpose, Purposes, Reason, Subject, Use};
//! use vespera_security::host::HostEntropy;
//!
//! let purpose: Purpose = serde_json::from_str(
//!     r#"{ "id": "usage", "name": "Usage statistics", "description": "Counts which commands are used",
//!          "category": "analytics", "dataTypes": ["command names"], "retentionPeriod": 2592000000 }"#,
//! ).unwrap();
//! let purposes = Purposes::new(vec![purpose])?;
//! let mut ada = Subject::new("ada", 0)?;
//! assert_eq!(ada.decide(&purposes, "usage", &Use::default(), 0), Reason::NeverAsked);
//!
//! let year = 365 * 86_400_000;
//! let yes: Command = serde_json::from_str(
//!     r#"{ "command": "answer", "answers": [{ "purposeId": "usage", "granted": true }] }"#,
//! ).unwrap();
//! ada.apply(&purposes, &yes, year, 0, &mut HostEntropy)?;
//! assert_eq!(ada.decide(&purposes, "usage", &Use::default(), 1), Reason::Consented);
//! assert_eq!(ada.decide(&purposes, "usage", &Use::default(), year), Reason::Expired);
//! # Ok::<(), vespera_security::Error>(())
//! ```

mod diff;
mod purpose;
mod record;
mod state;
mod subject;

mod controller;

mod canonical;
mod proof;
mod receipt;

mod certificate;
mod sealed;

mod book;
mod data;
mod view;

mod csv;
mod export;
mod register;
mod retention;

mod text;

pub use book::{Book, BookConfig, Entries, Loaded, MAX_VIEWS, Outcome};
pub use canonical::canonical;
pub use certificate::{CERTIFICATE_SCHEMA, Erasure, Requester};
pub use controller::Controller;
pub use diff::{Change, Fate, PurposeDiff, changes, diff_purposes, is_material};
pub use export::{EXPORT_SCHEMA, Export, Standing, export, export_csv};
pub use proof::{multikey, read_multikey, sign, verify};
pub use purpose::{Category, LegalBasis, MAX_PURPOSES, Purpose, Purposes, notice_hash};
pub use receipt::{Form, issue};
pub use record::{
    Actor, CleanupReason, Conditions, Event, Evidence, MAX_EVENTS, Method, Reason, Record, Use,
};
pub use register::{Activity, REGISTER_SCHEMA, Register, register, register_csv};
pub use retention::{Due, Duty, due};
pub use sealed::{
    Entry, Pseudonym, generation, open_entry, open_identity, open_key, seal_document, seal_erasure,
    seal_identity, seal_key,
};
pub use state::{Act, State};
pub use subject::{Answer, Command, Moved, Question, SCHEMA, Subject};
pub use text::{MAX_JSON, MAX_TIME, read, time};
