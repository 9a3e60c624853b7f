//! What a text really says: hidden characters, terminal escapes, and the readings behind its encodings.
//!
//! ```
//! use vespera_security::text::{Readings, reveal_invisible, strip_terminal_escapes};
//!
//! assert_eq!(strip_terminal_escapes("\u{1b}[31mred\u{1b}[0m"), "red");
//! assert_eq!(reveal_invisible("a\u{200b}b"), "a⟦U+200B⟧b");
//!
//! let readings = Readings::of("%3Cb%3E", 1 << 16);
//! assert!(readings.iter().any(|(_, text)| text == "<b>"));
//! ```
//!
//! Offsets inside the crate are bytes; [`utf16`] turns them into what an editor counts in.

mod base64;
mod confusable;
pub(crate) mod cursor;
mod entities;
mod escapes;
pub(crate) mod glance;
mod invisible;
mod normal;
mod quoted;
mod reading;
pub(crate) mod script;
mod terminal;
pub mod utf16;

pub use confusable::{Confusable, confusables};
pub use invisible::{Hidden, HiddenKind, hidden, reveal_invisible};
pub use quoted::quoted;
pub use reading::{Reading, Readings, Step};
pub use terminal::{Sequence, SequenceKind, sequences, strip_terminal_escapes};
