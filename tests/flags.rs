//! `flags` through its public API.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use vespera_security::ErrorCode;
use vespera_security::flags::{Flag, Flags, PHASES, Reason, murmur3_32};

fn rollout(percentage: f64) -> Flag {
    Flag { rollout_percentage: Some(percentage), ..Flag::on() }
}

fn all_phases() -> Flags {
    let mut flags = Flags::new();
    PHASES.iter().for_each(|phase| flags.set(phase, Flag::on()).unwrap());
    flags
}

// Values of the reference implementation (SMHasher), as the article on MurmurHash lists them.
#[test]
fn the_hash_is_murmur3() {
    for (text, seed, hash) in [
        ("", 0, 0),
        ("", 1, 0x514e_28b7),
        ("", 0xffff_ffff, 0x81f1_6f39),
        ("test", 0, 0xba6b_d213),
        ("test", 0x9747_b28c, 0x704b_81dc),
        ("Hello, world!", 0, 0xc036_3e43),
        ("Hello, world!", 0x9747_b28c, 0x2488_4cba),
        ("The quick brown fox jumps over the lazy dog", 0, 0x2e4f_f723),
        ("The quick brown fox jumps over the lazy dog", 0x9747_b28c, 0x2fa8_26cd),
    ] {
        assert_eq!(murmur3_32(text.as_bytes(), seed), hash, "{text} {seed}");
    }
}

#[test]
fn a_phase_is_closed_without_each_earlier_one() {
    for missing in PHASES {
        let mut flags = all_phases();
        flags.set(missing, Flag { enabled: false, ..Flag::on() }).unwrap();
        let open: Vec<&str> = PHASES.into_iter().filter(|phase| flags.evaluate(phase, None).on).collect();
        assert_eq!(open, PHASES.into_iter().take_while(|phase| *phase != missing).collect::<Vec<_>>());
    }
}

#[test]
fn a_flag_of_a_phase_needs_it_and_those_before_it() {
    let mut flags = all_phases();
    let feature = Flag { phase: Some("consentManagement".into()), ..Flag::on() };
    flags.set("receipts", feature).unwrap();
    assert!(flags.evaluate("receipts", None).on);
    flags.remove("fullIntegration");
    assert!(flags.evaluate("receipts", None).on);
    for needed in ["consentManagement", "foundation"] {
        let mut without = flags.clone();
        assert!(without.remove(needed));
        assert_eq!(without.evaluate("receipts", None).reason, Reason::PhaseClosed);
    }
}

#[test]
fn an_emergency_stop_turns_everything_off_and_back() {
    let mut flags = all_phases();
    flags.set("off", Flag { enabled: false, ..Flag::on() }).unwrap();
    let before = flags.clone();
    flags.stop();
    assert!(PHASES.iter().all(|phase| flags.evaluate(phase, None).reason == Reason::Stopped));
    flags.resume();
    assert_eq!(flags, before);
    assert_eq!(flags.evaluate("off", None).reason, Reason::Disabled);
    assert_eq!(flags.evaluate("never set", None).reason, Reason::Unknown);
}

#[test]
fn a_rollout_is_for_subjects_and_close_to_its_percentage() {
    let mut flags = Flags::new();
    flags.set("half", rollout(50.0)).unwrap();
    flags.set("other", rollout(50.0)).unwrap();
    assert!(!flags.evaluate("half", None).on);
    let on = |flag: &str, n: u32| flags.evaluate(flag, Some(&format!("user-{n}"))).on;
    let count = (0..10_000).filter(|n| on("half", *n)).count();
    assert!((4_800..5_200).contains(&count), "{count}");
    let both = (0..10_000).filter(|n| on("half", *n) && on("other", *n)).count();
    assert!((2_300..2_700).contains(&both), "two flags choose their people apart: {both}");
}

#[test]
fn what_is_out_of_range_is_refused() {
    let mut flags = Flags::new();
    for percentage in [-0.1, 100.1, f64::NAN] {
        assert_eq!(flags.set("a", rollout(percentage)).unwrap_err().code(), ErrorCode::ConfigInvalid);
    }
    let phase = Flag { phase: Some("final".into()), ..Flag::on() };
    assert_eq!(flags.set("a", phase).unwrap_err().code(), ErrorCode::ConfigInvalid);
    assert_eq!(flags.set("", Flag::on()).unwrap_err().code(), ErrorCode::ArgumentInvalid);
    assert!(serde_json::from_str::<Flags>(r#"{"version":2,"stopped":false,"flags":{}}"#).is_err());
    let kept = serde_json::to_string(&all_phases()).unwrap();
    assert_eq!(serde_json::from_str::<Flags>(&kept).unwrap().checked().unwrap(), all_phases());
}

proptest! {
    #[test]
    fn growing_a_rollout_takes_nobody_out(subject in ".{0,40}", from in 0.0..100.0_f64, more in 0.0..100.0_f64) {
        let mut flags = Flags::new();
        flags.set("grows", rollout(from)).unwrap();
        let before = flags.evaluate("grows", Some(&subject)).on;
        prop_assert_eq!(flags.clone().evaluate("grows", Some(&subject)).on, before, "sticky");
        flags.set("grows", rollout((from + more).min(100.0))).unwrap();
        prop_assert!(!before || flags.evaluate("grows", Some(&subject)).on);
        flags.set("grows", rollout(100.0)).unwrap();
        prop_assert!(flags.evaluate("grows", Some(&subject)).on);
        flags.set("grows", rollout(0.0)).unwrap();
        prop_assert!(!flags.evaluate("grows", Some(&subject)).on);
    }
}
