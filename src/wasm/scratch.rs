//! A little memory that JavaScript writes and reads itself: up to four short texts on their way in, a few numbers on
//! their way out. On a hot path this saves an allocation for each text and an array for each answer.

use crate::error::{Error, Result};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::wasm_bindgen;

/// Texts of one call.
const TEXTS: usize = 4;

/// Bytes of all of them: each has at most 4096 UTF-16 units checked as bytes, and half a pair becomes three bytes.
const BYTES: usize = TEXTS * 6_144;

/// Numbers of one answer.
const NUMBERS: usize = 5;

thread_local! {
    static LENGTHS: [Cell<u32>; TEXTS] = const { [const { Cell::new(0) }; TEXTS] };
    static TEXT: RefCell<[u8; BYTES]> = const { RefCell::new([0; BYTES]) };
    static ANSWER: [Cell<f64>; NUMBERS] = const { [const { Cell::new(0.0) }; NUMBERS] };
}

/// Where that memory is: 0 the lengths of the texts in bytes, 1 the texts, one after the other, 2 the numbers.
#[wasm_bindgen(js_name = scratchAddress)]
pub fn scratch_address(part: u32) -> usize {
    match part {
        0 => LENGTHS.with(|lengths| lengths.as_ptr().expose_provenance()),
        1 => TEXT.with(|text| text.as_ptr().expose_provenance()),
        _ => ANSWER.with(|answer| answer.as_ptr().expose_provenance()),
    }
}

/// How many bytes of text there is room for.
#[wasm_bindgen(js_name = scratchBytes)]
pub fn scratch_bytes() -> usize {
    BYTES
}

/// Works with the texts that JavaScript wrote.
#[inline]
pub(super) fn with_texts<R>(work: impl FnOnce([&str; TEXTS]) -> Result<R>) -> Result<R> {
    let lengths = LENGTHS.with(|lengths| lengths.each_ref().map(Cell::get));
    TEXT.with_borrow(|bytes| {
        let mut rest = bytes.as_slice();
        let mut texts = [""; TEXTS];
        for (text, length) in texts.iter_mut().zip(lengths) {
            let (head, tail) = rest.split_at_checked(length as usize).ok_or_else(refuse)?;
            if !head.is_empty() {
                *text = std::str::from_utf8(head).map_err(|_| refuse())?;
            }
            rest = tail;
        }
        work(texts)
    })
}

/// Puts the numbers of an answer where JavaScript reads them.
pub(super) fn answer(numbers: [f64; NUMBERS]) {
    ANSWER.with(|answer| answer.iter().zip(numbers).for_each(|(cell, number)| cell.set(number)));
}

fn refuse() -> Error {
    Error::argument("engine: the texts of a call are not where they should be")
}
