//! The boundary to JavaScript, and the only `wasm_bindgen` in the crate.
//!
//! The boundary is not API: its names are private to `js/src/engine/`. A function here takes numbers, strings
//! and bytes, calls the core, and hands out the answer; it makes no decision. What lives on between two calls
//! is a number in a [`Slab`], never a wasm_bindgen class: a class object of a stopped instance would reach
//! into the memory of the next one.
//!
//! A hot function answers one plain number, NaN when its object is gone: a `Result` crosses as three values,
//! which JavaScript receives as an array, and that costs more than the work itself.
//!
//! Every export is called through `js/src/engine/`, which has checked the size of every input before it is
//! copied in.

pub mod breaker;
pub mod consent;
pub mod crypto;
pub mod flags;
pub mod html;
pub mod limit;
pub mod scratch;
mod slab;
pub mod text;
pub mod threat;

use crate::error::{Error, ErrorCode};
use crate::json::{self, Refusal};
use slab::Slab;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The table of error codes, as lines `CODE meaning`, for the generator of the TypeScript union.
#[wasm_bindgen(js_name = errorCodes)]
pub fn error_codes() -> String {
    ErrorCode::ALL.iter().map(|code| format!("{code} {}\n", code.meaning())).collect()
}

/// Bytes of linear memory.
#[wasm_bindgen(js_name = memoryBytes)]
pub fn memory_bytes() -> f64 {
    core::arch::wasm32::memory_size::<0>() as f64 * 65_536.0
}

/// Stops the engine in the middle of a call.
#[cfg(feature = "trap")]
#[wasm_bindgen(js_name = trap)]
#[expect(clippy::panic, reason = "stopping is what this export is for")]
pub fn trap() {
    panic!("a trap provoked on purpose");
}

/// An error as JavaScript receives it: an `Error` whose `name` is the code.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let thrown = js_sys::Error::new(error.message());
        thrown.set_name(error.code().as_str());
        thrown.into()
    }
}

/// Reads a configuration object that JavaScript handed in. The message names the field, never its value.
#[inline(never)]
fn parse<T: serde::de::DeserializeOwned>(domain: &str, value: JsValue) -> Result<T, Error> {
    // Through a value tree: read directly, serde-wasm-bindgen asks an object for the fields it wants and never
    // sees the ones nobody knows.
    let tree: serde_json::Value = serde_wasm_bindgen::from_value(value)
        .map_err(|_| Error::config(format!("{domain}: the configuration is not plain data")))?;
    json::read_tree(&tree).map_err(|refusal| match refusal {
        Refusal::Syntax => Error::config(format!("{domain}: the configuration is not plain data")),
        Refusal::Missing { field } => Error::config(format!("{domain}: missing field `{field}`")),
        Refusal::Unknown { words } => Error::config(format!("{domain}: {words}")),
        Refusal::Kind { field, choices } if !choices.is_empty() => {
            Error::config(format!("{domain}: {field} must be {}", json::one_of(choices)))
        }
        Refusal::Kind { field, .. } => {
            Error::config(format!("{domain}: {field} is not of the kind that the configuration asks for"))
        }
    })
}
