//! Any text, under every profile: no panic, an answer that stays what it is, and nothing in ammonia's own answer that
//! the second line would have to cut out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use vespera_security::html::{Options, Profile, Sanitizer};

static SANITIZERS: LazyLock<Vec<Sanitizer>> = LazyLock::new(|| {
    let of = |profile| Sanitizer::new(Options { profile, ..Options::default() }).expect("a profile is a configuration");
    Profile::ALL.iter().copied().map(of).collect()
});

fuzz_target!(|html: &str| {
    if html.len() > 4_096 {
        return;
    }
    // One profile an input, chosen by the input: five times as many inputs.
    let at = html.bytes().fold(0_usize, |sum, byte| sum + usize::from(byte)) % SANITIZERS.len();
    let sanitizer = &SANITIZERS[at];
    let Ok(once) = sanitizer.sanitize(html) else { return };
    assert_eq!(sanitizer.sanitize(&once).expect("an answer is within the limits"), once, "not a fixed point");
    if let Some(reference) = sanitizer.reference(html) {
        assert!(sanitizer.passes_audit(&reference), "the audit objects to ammonia: {reference}");
    }
});
