//! Any text, under every profile: no panic, an answer that stays what it is and that the second line leaves alone,
//! nothing in ammonia's own answer that the second line would have to cut out, and the same answer as ammonia's. Then
//! the standard's configuration and DOMPurify's, whose answers must stay what they are too.
#![no_main]

#[path = "../../support/reference.rs"]
mod reference;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use vespera_security::html::{BuiltIn, Options, Profile, PurifyOptions, Sanitizer, StandardOption};

/// Above this, an input may pass our bounds of depth and attributes, which ammonia does not have.
const COMPARABLE: usize = 512;

static SANITIZERS: LazyLock<Vec<(&str, Sanitizer)>> = LazyLock::new(|| {
    let of = |options| Sanitizer::new(options).expect("a profile is a configuration");
    let profiles = Profile::ALL.iter().map(|profile| {
        (profile.data().name, of(Options { profile: *profile, ..Options::default() }))
    });
    let standard = Options { sanitizer: Some(StandardOption::BuiltIn(BuiltIn::Default)), ..Options::default() };
    let purify = Sanitizer::purify(PurifyOptions::default()).expect("no option is a configuration");
    profiles.chain([("setHTML", of(standard)), ("DOMPurify", purify)]).collect()
});

fuzz_target!(|html: &str| {
    // One configuration an input, chosen by the input: more inputs.
    let at = html.bytes().fold(0_usize, |sum, byte| sum + usize::from(byte)) % SANITIZERS.len();
    let (name, sanitizer) = &SANITIZERS[at];
    let Ok(once) = sanitizer.sanitize(html) else { return };
    assert_eq!(sanitizer.sanitize(&once).expect("an answer is within the limits"), once, "not a fixed point");
    assert!(sanitizer.passes_audit(&once), "the audit objects to an answer: {once}");
    if !Profile::ALL.iter().any(|profile| profile.data().name == *name) || html.len() > COMPARABLE {
        return;
    }
    if let Some(reference) = sanitizer.reference(html) {
        assert!(sanitizer.passes_audit(&reference), "the audit objects to ammonia: {reference}");
    }
    if let Err(difference) = reference::agree(name, sanitizer, html) {
        panic!("not ammonia's answer: {difference}");
    }
});
