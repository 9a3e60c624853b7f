//! `flags` for JavaScript.

use super::{Slab, parse};
use crate::error::Result;
use crate::flags::{Flag, Flags, Reason};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static FLAGS: Slab<Flags> = const { Slab::new() };
}

/// Makes a set of flags from its JSON.
#[wasm_bindgen(js_name = flagsNew)]
pub fn flags_new(kept: JsValue) -> Result<u32> {
    let flags = parse::<Flags>("flags", kept)?.checked()?;
    FLAGS.with(|sets| sets.put(flags))
}

/// Sets a flag.
#[wasm_bindgen(js_name = flagsSet)]
pub fn flags_set(handle: u32, name: &str, flag: JsValue) -> Result<()> {
    let flag = parse::<Flag>("flags", flag)?;
    FLAGS.with(|sets| sets.with(handle, |flags| flags.set(name, flag)))
}

/// Forgets a flag.
#[wasm_bindgen(js_name = flagsRemove)]
pub fn flags_remove(handle: u32, name: &str) -> Result<bool> {
    FLAGS.with(|sets| sets.with(handle, |flags| Ok(flags.remove(name))))
}

/// Whether a flag is on: the number of the reason, doubled, and one more if it is; NaN without such a set.
#[wasm_bindgen(js_name = flagsEvaluate)]
pub fn flags_evaluate(handle: u32, name: &str, subject: Option<String>) -> f64 {
    FLAGS.with(|sets| {
        sets.number(handle, |flags| {
            let evaluation = flags.evaluate(name, subject.as_deref());
            let reason = match evaluation.reason {
                Reason::Unknown => 0,
                Reason::Stopped => 1,
                Reason::Disabled => 2,
                Reason::PhaseClosed => 3,
                Reason::Rollout => 4,
                Reason::Enabled => 5,
            };
            f64::from(reason * 2 + i32::from(evaluation.on))
        })
    })
}

/// Pulls or ends the emergency stop.
#[wasm_bindgen(js_name = flagsStop)]
pub fn flags_stop(handle: u32, stopped: bool) -> Result<()> {
    FLAGS.with(|sets| {
        sets.with(handle, |flags| {
            if stopped {
                flags.stop()
            } else {
                flags.resume()
            }
            Ok(())
        })
    })
}

/// The set as plain data.
#[wasm_bindgen(js_name = flagsJson)]
pub fn flags_json(handle: u32) -> Result<JsValue> {
    FLAGS.with(|sets| {
        sets.with(handle, |flags| {
            let plain = serde_wasm_bindgen::Serializer::json_compatible();
            flags.serialize(&plain).map_err(|_| crate::Error::argument("flags: the set cannot be written"))
        })
    })
}

/// Forgets a set.
#[wasm_bindgen(js_name = flagsFree)]
pub fn flags_free(handle: u32) {
    FLAGS.with(|sets| sets.take(handle));
}
