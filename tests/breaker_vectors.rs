//! Snapshots of a breaker, as `tests/vectors/breaker.json` holds them: what one version wrote, all later ones read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde::Deserialize;
use vespera_security::ErrorCode;
use vespera_security::breaker::{Admission, Breaker, BreakerConfig, Snapshot};

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
