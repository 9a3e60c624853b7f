//! `text` for JavaScript.

use crate::text::{reveal_invisible, strip_terminal_escapes};
use wasm_bindgen::prelude::wasm_bindgen;

/// A text without terminal escapes; nothing if it has none.
#[wasm_bindgen(js_name = textStripTerminal)]
pub fn text_strip_terminal(text: &str) -> Option<String> {
    Some(strip_terminal_escapes(text)).filter(|clean| clean != text)
}

/// A text with visible stand-ins for what hides in it; nothing if nothing does.
#[wasm_bindgen(js_name = textRevealInvisible)]
pub fn text_reveal_invisible(text: &str) -> Option<String> {
    Some(reveal_invisible(text)).filter(|shown| shown != text)
}
