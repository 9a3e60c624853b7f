//! The security core of a VS Code extension.
//!
//! This crate cleans what is shown, limits what is repeated, breaks what keeps failing and seals what is
//! personal. It holds no clock and no randomness of its own: time is an argument, in milliseconds, and
//! random bytes come in through [`host::Entropy`]. The only part that knows JavaScript is the private
//! boundary below `src/wasm/`, which exists on WebAssembly targets alone.
//!
//! The modules, in reading order:
//!
//! | module | what it does |
//! |---|---|
//! | [`error`] | the one error type and the table of its codes |
//! | [`host`] | the door to randomness |
//! | [`json`] | reads a document, and names the field that did not fit; writes one |
//! | [`keymap`] | a bounded, seeded map for keys that a stranger chooses |
//! | [`html`] | makes hostile markup harmless |
//! | [`text`] | says what a text hides |
//! | [`threat`] | finds threats, with evidence |
//! | [`limit`] | limits requests |
//! | [`breaker`] | cuts off a service that keeps failing |
//! | [`crypto`] | seals bytes |
//! | [`consent`] | keeps what a person allowed |
//! | [`flags`] | turns features on, phase by phase |

mod collect;
pub mod error;
pub mod host;
pub mod json;
pub mod keymap;

pub mod html;

pub mod text;
pub mod threat;

pub mod limit;

pub mod breaker;

pub mod crypto;

pub mod consent;

pub mod flags;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod wasm;

pub use error::{Error, ErrorCode, Result};
