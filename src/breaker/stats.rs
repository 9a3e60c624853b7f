//! What a breaker has seen, for people and monitors.

use super::config::Mode;
use super::machine::{Cause, Outcome, State};
use super::sketch::Sketch;
use super::window::Tally;
use serde::{Deserialize, Serialize};

/// Calls since the start, by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counts {
    /// Calls that succeeded.
    pub successes: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Calls that say nothing about the service.
    pub ignored: u32,
    /// Calls that the service answered with a request for a pause.
    pub rate_limited: u32,
    /// Calls that took too long, whether they succeeded or failed.
    pub slow: u32,
    /// Reports that came too late to count.
    pub late: u32,
    /// Calls that a breaker in the mode `metrics-only` would have refused.
    pub would_refuse: u32,
    /// How often the breaker opened.
    pub opened: u32,
}

impl Counts {
    pub(super) const fn add(&mut self, outcome: Outcome, slow: bool) {
        match outcome {
            Outcome::Success => self.successes = self.successes.saturating_add(1),
            Outcome::Failure(_) => self.failures = self.failures.saturating_add(1),
            Outcome::Ignored => self.ignored = self.ignored.saturating_add(1),
            Outcome::RateLimited { .. } => self.rate_limited = self.rate_limited.saturating_add(1),
        }
        self.slow = self.slow.saturating_add(slow as u32);
    }
}

/// A breaker at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// What it does with calls.
    pub state: State,
    /// What it does with its findings.
    pub mode: Mode,
    /// Why it opened last.
    pub cause: Cause,
    /// Milliseconds until a probe passes; 0 unless open.
    pub retry_after_ms: f64,
    /// Calls in the window; failures in the window if it keeps nothing else.
    pub calls: u32,
    /// The weight of the failures in the window.
    pub failures: f64,
    /// The share of the failures in the window.
    pub failure_rate: f64,
    /// The share of slow calls in the window.
    pub slow_call_rate: f64,
    /// Calls since the start.
    pub total: Counts,
    /// How long calls take, if the breaker keeps a sketch and has seen one.
    pub latency: Option<Latency>,
}

/// How long calls take, in milliseconds, to within 3 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// Half of the calls took no longer.
    pub p50: f64,
    /// 95 of 100 calls took no longer.
    pub p95: f64,
    /// 99 of 100 calls took no longer.
    pub p99: f64,
    /// Calls that these figures rest on.
    pub calls: u32,
}

impl Stats {
    pub(super) fn new(
        state: State,
        mode: Mode,
        cause: Cause,
        retry_after_ms: f64,
        tally: Tally,
        total: Counts,
        latency: Option<&Sketch>,
    ) -> Self {
        let calls = f64::from(tally.calls.max(1));
        let failures = f64::from(tally.failed) / 16.0;
        Self {
            state,
            mode,
            cause,
            retry_after_ms,
            calls: tally.calls,
            failures,
            failure_rate: (failures / calls).min(1.0),
            slow_call_rate: f64::from(tally.slow) / calls,
            total,
            latency: latency.and_then(Latency::of),
        }
    }
}

impl Latency {
    fn of(sketch: &Sketch) -> Option<Self> {
        Some(Self {
            p50: sketch.quantile(0.5)?,
            p95: sketch.quantile(0.95)?,
            p99: sketch.quantile(0.99)?,
            calls: sketch.total(),
        })
    }
}
