//! Any text, in every scope: no panic, ranges inside the text, nothing left to a terminal, and no secret in a finding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vespera_security::text::{hidden, reveal_invisible, sequences, strip_terminal_escapes, utf16};
use vespera_security::threat::{Detector, MaskStyle, PersonalKind, Scope, find_personal, mask_personal};

fuzz_target!(|text: &str| {
    if text.len() > 8_192 {
        return;
    }
    let units = utf16::length(text);
    for scope in Scope::ALL {
        for finding in Detector::default().detect(text, *scope).expect("the text is within the limit") {
            assert!(finding.range.start <= finding.range.end && finding.range.end <= units, "{finding:?}");
        }
    }
    for found in find_personal(text) {
        assert!(text.get(found.range).is_some(), "a range cuts a character");
    }
    for style in [MaskStyle::Label, MaskStyle::Partial] {
        mask_personal(text, PersonalKind::ALL, style);
    }
    assert!(sequences(&strip_terminal_escapes(text)).iter().all(|sequence| sequence.spelled));
    assert!(hidden(&reveal_invisible(text)).is_empty());
});
