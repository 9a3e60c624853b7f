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
    TEXT.with_borrow(|bytes| {
        LENGTHS.with(|[first, second, third, fourth]| {
            let mut rest = bytes.as_slice();
            // One by one: as a loop over arrays, each text is copied through memory twice.
            let texts = [
                next_text(&mut rest, first)?,
                next_text(&mut rest, second)?,
                next_text(&mut rest, third)?,
                next_text(&mut rest, fourth)?,
            ];
            work(texts)
        })
    })
}

#[inline(always)]
fn next_text<'a>(rest: &mut &'a [u8], length: &Cell<u32>) -> Result<&'a str> {
    if length.get() == 0 {
        return Ok("");
    }
    let (head, tail) = rest.split_at_checked(length.get() as usize).ok_or_else(refuse)?;
    *rest = tail;
    std::str::from_utf8(head).map_err(|_| refuse())
}

/// Puts the numbers of an answer where JavaScript reads them.
pub(super) fn answer(numbers: [f64; NUMBERS]) {
    ANSWER.with(|answer| answer.iter().zip(numbers).for_each(|(cell, number)| cell.set(number)));
}

fn refuse() -> Error {
    Error::argument("engine: the texts of a call are not where they should be")
}
