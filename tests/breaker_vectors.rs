//! Snapshots of a breaker, as `tests/vectors/breaker.json` holds them: what one version wrote, all later ones read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use vespera_security::ErrorCode;
use vespera_security::breaker::{Admission, Breaker, BreakerConfig, Outcome, Snapshot};

#[derive(Deserialize)]
struct Vectors {
    snapshots: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    config: BreakerConfig,
    snapshot: Snapshot,
    later: Vec<Later>,
}

/// What the breaker is, so many milliseconds after the snapshot.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Later {
    after: f64,
    state: String,
    failures: f64,
    retry_after_ms: f64,
    /// How many probes pass.
    probes: Option<usize>,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str::<Vectors>(include_str!("vectors/breaker.json")).unwrap().snapshots
}

/// When the snapshots say that they were taken.
fn saved_at(snapshot: &Snapshot) -> f64 {
    serde_json::to_value(snapshot).unwrap().get("savedAt").unwrap().as_f64().unwrap()
}

#[test]
fn a_snapshot_restores_and_saves_as_the_same() {
    for Vector { name, config, snapshot, .. } in vectors() {
        let (config, wall) = (config.validate().unwrap(), saved_at(&snapshot));
        let mut breaker = Breaker::restore(&config, snapshot.clone(), 0, 7.0, wall).unwrap();
        assert_eq!(breaker.save(&config, 7.0, wall), snapshot, "{name}");
    }
}

#[test]
fn a_snapshot_ages_with_the_wall_clock_and_then_with_the_clock() {
    for Vector { name, config, snapshot, later } in vectors() {
        let (config, wall) = (config.validate().unwrap(), saved_at(&snapshot));
        for Later { after, state, failures, retry_after_ms, probes } in later {
            let half = (after / 2.0).floor();
            let restored = Breaker::restore(&config, snapshot.clone(), 0, 7.0, wall + half);
            let mut breaker = restored.unwrap();
            let now = 7.0 + after - half;
            let stats = breaker.stats(&config, now);
            let found = serde_json::to_value(stats.state).unwrap();
            assert_eq!(found, state.as_str(), "{name} after {after}");
            assert_eq!(
                (stats.failures, stats.retry_after_ms),
                (failures, retry_after_ms),
                "{name} after {after}"
            );
            if let Some(probes) = probes {
                let admitted =
                    |breaker: &mut Breaker| matches!(breaker.acquire(&config, now), Admission::Admitted(_));
                let passed = (0..probes + 5).filter(|_| admitted(&mut breaker)).count();
                assert_eq!(passed, probes, "{name}");
            }
        }
    }
}

#[test]
fn a_wall_clock_that_was_set_back_ages_nothing() {
    for Vector { name, config, snapshot, .. } in vectors() {
        let (config, wall) = (config.validate().unwrap(), saved_at(&snapshot));
        for earlier in [0.0, -1e300, f64::NAN] {
            let mut breaker = Breaker::restore(&config, snapshot.clone(), 0, 7.0, earlier).unwrap();
            assert_eq!(breaker.save(&config, 7.0, wall), snapshot, "{name}");
        }
    }
}

#[test]
fn another_version_is_refused() {
    for Vector { config, snapshot, .. } in vectors() {
        let mut other = serde_json::to_value(&snapshot).unwrap();
        *other.get_mut("version").unwrap() = 2.into();
        let other: Snapshot = serde_json::from_value(other).unwrap();
        let refused = Breaker::restore(&config.validate().unwrap(), other, 0, 0.0, 0.0);
        assert_eq!(refused.unwrap_err().code(), ErrorCode::ConfigInvalid);
    }
}

#[test]
fn a_window_of_another_kind_starts_anew_and_the_state_stays() {
    let consecutive = |config: BreakerConfig| BreakerConfig {
        failure_rate: None,
        slow_call_rate: None,
        window: Some(vespera_security::breaker::WindowConfig::Consecutive),
        ..config
    };
    for Vector { name, config, snapshot, .. } in vectors() {
        let same = config.clone().validate().unwrap();
        let other = consecutive(config).validate().unwrap();
        let wall = saved_at(&snapshot);
        let before = Breaker::restore(&same, snapshot.clone(), 0, 0.0, wall).unwrap().state(&same, 0.0);
        let mut breaker = Breaker::restore(&other, snapshot, 0, 0.0, wall).unwrap();
        assert_eq!(breaker.state(&other, 0.0), before, "{name}");
    }
}

/// Puts another number in the place of the n-th one.
fn replace(value: &mut Value, n: &mut usize, other: &Value) {
    match value {
        Value::Number(_) => {
            if *n == 0 {
                *value = other.clone();
            }
            *n = n.wrapping_sub(1);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, n, other)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, n, other)),
        _ => {}
    }
}

fn strange_numbers() -> impl Strategy<Value = Value> {
    const NAMED: [f64; 10] = [0.0, -1.0, 0.5, 1e-300, 255.0, 65_535.0, 4_294_967_295.0, 1e15, 1e300, -1e300];
    prop_oneof![
        prop::sample::select(&NAMED[..]).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn a_forged_snapshot_is_refused_or_makes_a_breaker_that_works(
        vector in 0usize..6,
        places in prop::collection::vec((0usize..40, strange_numbers()), 1..4),
        wall in prop::sample::select(&[0.0, 1.75e12, 1e300, f64::INFINITY, f64::NAN][..]),
    ) {
        let Vector { config, snapshot, .. } = vectors().swap_remove(vector);
        let config = config.validate().unwrap();
        let mut forged = serde_json::to_value(snapshot).unwrap();
        for (mut place, number) in places {
            replace(&mut forged, &mut place, &number);
        }
        let Ok(snapshot) = serde_json::from_value::<Snapshot>(forged) else { return Ok(()) };
        let Ok(mut breaker) = Breaker::restore(&config, snapshot, 0, 0.0, wall) else { return Ok(()) };
        for now in [0.0, 1.0, 1_000.0, 1e12] {
            if let Admission::Admitted(permit) = breaker.acquire(&config, now) {
                breaker.report(&config, permit, Outcome::Failure(config.weight("timeout")), Some(1.0), now);
            }
            let saved = breaker.save(&config, now, now);
            prop_assert!(Breaker::restore(&config, saved, 0, 0.0, now).is_ok());
            breaker.stats(&config, now);
        }
        // Whatever was forged, an hour later a call passes: nothing refuses for longer than the configuration allows.
        prop_assert!(matches!(breaker.acquire(&config, 2e12), Admission::Admitted(_)));
    }
}
