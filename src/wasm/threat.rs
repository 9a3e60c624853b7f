//! `threat` for JavaScript. Findings cross as JSON: there are rarely any, and one string is cheaper than objects.

use super::{Slab, parse};
use crate::error::Error;
use crate::json;
use crate::text::utf16;
use crate::threat::{
    Detector, DetectorConfig, Expression, MaskStyle, PersonalKind, Scope, find_personal, mask_personal,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static DETECTORS: Slab<Detector> = const { Slab::new() };
    static EXPRESSIONS: Slab<Expression> = const { Slab::new() };
}

/// Makes a detector from `ThreatDetectorOptions` and answers its handle.
#[wasm_bindgen(js_name = threatNew)]
pub fn threat_new(options: JsValue) -> Result<u32, Error> {
    let detector = parse::<DetectorConfig>("threat", options)?.compile()?;
    DETECTORS.with(|detectors| detectors.put(detector))
}

/// The findings of a text as JSON; nothing if there are none. The scope is its place in `Scope::ALL`.
#[wasm_bindgen(js_name = threatDetect)]
pub fn threat_detect(handle: u32, text: &str, scope: u32) -> Result<Option<String>, Error> {
    let scope = Scope::ALL.get(scope as usize).copied();
    let scope = scope.ok_or_else(|| Error::argument("threat: the scope is none of those that are known"))?;
    let findings =
        DETECTORS.with(|detectors| detectors.with(handle, |detector| detector.detect(text, scope)))?;
    Ok((!findings.is_empty()).then(|| written(&findings)))
}

/// Forgets a detector.
#[wasm_bindgen(js_name = threatFree)]
pub fn threat_free(handle: u32) {
    DETECTORS.with(|detectors| detectors.take(handle));
}

/// The names of the scopes, in the order of their numbers, separated by spaces.
#[wasm_bindgen(js_name = threatScopes)]
pub fn threat_scopes() -> String {
    Scope::ALL.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
}

/// Personal data as JSON `[[kind, start, end], …]` in UTF-16 units; nothing if there is none.
#[wasm_bindgen(js_name = personalFind)]
pub fn personal_find(text: &str) -> Option<String> {
    let found = find_personal(text);
    let ends: Vec<usize> = found.iter().flat_map(|found| [found.range.start, found.range.end]).collect();
    let units = utf16::offsets(text, &ends);
    let rows: Vec<_> = found
        .iter()
        .zip(units.chunks_exact(2))
        .map(|(found, ends)| (found.kind, ends.first().copied(), ends.last().copied()))
        .collect();
    (!rows.is_empty()).then(|| written(&rows))
}

/// A text with masks; nothing if nothing was masked. `kinds` has a bit for each kind, in the order of `ALL`.
#[wasm_bindgen(js_name = personalMask)]
pub fn personal_mask(text: &str, kinds: u32, partial: bool) -> Option<String> {
    let wanted = |(bit, kind): (usize, &PersonalKind)| (kinds >> bit & 1 == 1).then_some(*kind);
    let kinds: Vec<_> = PersonalKind::ALL.iter().enumerate().filter_map(wanted).collect();
    let style = if partial { MaskStyle::Partial } else { MaskStyle::Label };
    Some(mask_personal(text, &kinds, style)).filter(|masked| masked != text)
}

/// Compiles a regular expression of linear time and answers its handle.
#[wasm_bindgen(js_name = expressionNew)]
pub fn expression_new(pattern: &str, field: &str) -> Result<u32, Error> {
    let expression = Expression::new(pattern, field)?;
    EXPRESSIONS.with(|expressions| expressions.put(expression))
}

/// 1 if the expression matches somewhere in a text, 0 if not, NaN if there is no such expression.
#[wasm_bindgen(js_name = expressionTest)]
pub fn expression_test(handle: u32, text: &str) -> f64 {
    EXPRESSIONS.with(|expressions| {
        expressions.number(handle, |expression| f64::from(u8::from(expression.is_match(text))))
    })
}

/// A text with every match replaced.
#[wasm_bindgen(js_name = expressionReplace)]
pub fn expression_replace(handle: u32, text: &str, replacement: &str) -> Result<String, Error> {
    EXPRESSIONS
        .with(|expressions| expressions.with(handle, |expression| expression.replace(text, replacement)))
}

/// Forgets an expression.
#[wasm_bindgen(js_name = expressionFree)]
pub fn expression_free(handle: u32) {
    EXPRESSIONS.with(|expressions| expressions.take(handle));
}

fn written(value: &impl serde::Serialize) -> String {
    // The types here serialize without failing: strings, numbers and lists.
    json::write(value).unwrap_or_default()
}
