//! `html` for JavaScript.

use super::{Slab, parse};
use crate::error::Error;
use crate::html::{Limits, PurifyOptions, Sanitizer};
use std::borrow::Cow;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static SANITIZERS: Slab<Sanitizer> = const { Slab::new() };
}

/// Makes a sanitizer from `HtmlSanitizerOptions` and answers its handle.
#[wasm_bindgen(js_name = htmlNew)]
pub fn html_new(options: JsValue) -> Result<u32, Error> {
    // Without options nothing is read: the reader of all of them takes the engine a while to compile.
    let sanitizer =
        if options.is_undefined() { Sanitizer::default() } else { Sanitizer::new(parse("html", options)?)? };
    SANITIZERS.with(|sanitizers| sanitizers.put(sanitizer))
}

/// Makes a sanitizer from DOMPurify's options and answers its handle.
#[wasm_bindgen(js_name = htmlPurify)]
pub fn html_purify(options: JsValue) -> Result<u32, Error> {
    let sanitizer = Sanitizer::purify(parse::<PurifyOptions>("html", options)?)?;
    SANITIZERS.with(|sanitizers| sanitizers.put(sanitizer))
}

/// Cleans markup; nothing if it is clean as it stands.
#[wasm_bindgen(js_name = htmlSanitize)]
pub fn html_sanitize(handle: u32, html: &str) -> Result<Option<String>, Error> {
    with(handle, |sanitizer| {
        Ok(match sanitizer.sanitize(html)? {
            Cow::Borrowed(_) => None,
            Cow::Owned(cleaned) => Some(cleaned),
        })
    })
}

/// Cleans many pieces of markup.
#[wasm_bindgen(js_name = htmlSanitizeMany)]
pub fn html_sanitize_many(handle: u32, pieces: Vec<String>) -> Result<Vec<String>, Error> {
    with(handle, |sanitizer| {
        pieces.iter().map(|piece| sanitizer.sanitize(piece).map(Cow::into_owned)).collect()
    })
}

/// What a reader would read of markup.
#[wasm_bindgen(js_name = htmlToText)]
pub fn html_to_text(html: &str) -> Result<String, Error> {
    crate::html::html_to_text(html, Limits { bytes: Limits::CEILING.bytes, ..Limits::default() })
}

/// Cleans markup and answers what was done, as an `HtmlInspection`.
#[wasm_bindgen(js_name = htmlInspect)]
pub fn html_inspect(handle: u32, html: &str) -> Result<JsValue, Error> {
    let inspection = with(handle, |sanitizer| sanitizer.inspect(html))?;
    serde_wasm_bindgen::to_value(&inspection)
        .map_err(|_| Error::argument("html: the inspection could not be handed out"))
}

/// Forgets a sanitizer.
#[wasm_bindgen(js_name = htmlFree)]
pub fn html_free(handle: u32) {
    SANITIZERS.with(|sanitizers| sanitizers.take(handle));
}

fn with<R>(handle: u32, work: impl FnOnce(&Sanitizer) -> Result<R, Error>) -> Result<R, Error> {
    SANITIZERS.with(|sanitizers| sanitizers.with(handle, |sanitizer| work(sanitizer)))
}
