//! Any text, under every profile: no panic, an answer that stays what it is and that the second line leaves alone,
//! nothing in ammonia's own answer that the second line would have to cut out, and the same answer as ammonia's. Then
//! the standard's configuration and DOMPurify's, whose answers must stay what they are too.
#![no_main]

#[path = "../../support/reference.rs"]
mod reference;

use libfuzzer_sys::fuzz_target;
use reference::PAIRS;
use std::sync::LazyLock;
use vespera_security::html::{BuiltIn, Options, PurifyOptions, Sanitizer, StandardOption};

/// Above this, an input may pass our bounds of depth and attributes, which ammonia does not have.
const COMPARABLE: usize = 512;

/// The configurations that are not ammonia's.
static OTHERS: LazyLock<[Sanitizer; 2]> = LazyLock::new(|| {
    let standard = Options { sanitizer: Some(StandardOption::BuiltIn(BuiltIn::Default)), ..Options::default() };
    [Sanitizer::new(standard), Sanitizer::purify(PurifyOptions::default())]
        .map(|sanitizer| sanitizer.expect("the default is a configuration"))
});

fuzz_target!(|html: &str| {
    // One configuration an input, chosen by the input: more inputs.
    let at = html.bytes().fold(0_usize, |sum, byte| sum + usize::from(byte)) % (PAIRS.len() + OTHERS.len());
    let pair = PAIRS.get(at);
    let sanitizer = pair.map_or_else(|| &OTHERS[at - PAIRS.len()], |pair| pair.sanitizer);
    let Ok(once) = sanitizer.sanitize(html) else { return };
    assert_eq!(sanitizer.sanitize(&once).expect("an answer is within the limits"), once, "not a fixed point");
    assert!(sanitizer.passes_audit(&once), "the audit objects to an answer: {once}");
    if let Some(pair) = pair.filter(|_| html.len() <= COMPARABLE) {
        let reference = pair.reference.clean(html);
        assert!(sanitizer.passes_audit(&reference), "the audit objects to ammonia: {reference}");
        if let Err(difference) = pair.agree(html) {
            panic!("not ammonia's answer: {difference}");
        }
    }
});
