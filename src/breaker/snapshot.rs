//! A breaker that outlives its process.
//!
//! A snapshot holds ages and remaining times, not points in time, because the clock of the next process starts
//! elsewhere; `saved_at` on the wall clock says how long ago that was. Probes that are out give their places back.

use super::config::{Mode, ValidBreakerConfig};
use super::machine::{Breaker, Cause, Phase};
use super::sketch::Sketch;
use super::stats::Counts;
use super::ticker::Ticker;
use super::window::{Window, WindowSnapshot};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The number of the snapshot's shape.
const VERSION: u32 = 1;

/// What [`Breaker::save`] gives and [`Breaker::restore`] takes. All times are milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    /// The wall clock at the saving.
    saved_at: f64,
    mode: Mode,
    phase: PhaseSnapshot,
    cause: Cause,
    openings: u32,
    delay: f64,
    window: WindowSnapshot,
    total: Counts,
    /// `[bucket, calls]` of the sketch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latency: Option<Vec<(u16, u16)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
enum PhaseSnapshot {
    Closed,
    /// `remaining` is how long it would have refused from then on.
    Open {
        remaining: f64,
    },
    HalfOpen {
        successes: u32,
        failures: u32,
    },
}

impl Breaker {
    /// The breaker as it is now; `wall` is the wall clock.
    pub fn save(&mut self, config: &ValidBreakerConfig, now: f64, wall: f64) -> Snapshot {
        let time = self.advance(config, now);
        let phase = match &self.phase {
            Phase::Closed { .. } => PhaseSnapshot::Closed,
            Phase::Open { until } => PhaseSnapshot::Open { remaining: *until - time },
            Phase::HalfOpen { successes, failures, .. } => {
                PhaseSnapshot::HalfOpen { successes: *successes, failures: *failures }
            }
        };
        Snapshot {
            version: VERSION,
            // A clock that says nothing: nobody knows the age, so nothing ages, as with a clock that was set back.
            saved_at: if wall.is_finite() { wall } else { f64::MAX },
            mode: self.mode,
            phase,
            cause: self.cause,
            openings: self.openings,
            delay: self.delay,
            window: self.window.save(time),
            total: self.counts,
            latency: self.latency.as_deref().map(Sketch::save),
        }
    }

    /// A breaker that goes on where the snapshot was taken, aged by the time since. A wall clock that was set back
    /// ages nothing. If the configuration asks for another kind of window, the counting starts anew; an open
    /// breaker stays open in any case.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) if the snapshot is of another version, or
    /// holds what no breaker saves.
    pub fn restore(
        config: &ValidBreakerConfig,
        snapshot: Snapshot,
        seed: u64,
        now: f64,
        wall: f64,
    ) -> Result<Self> {
        if snapshot.version != VERSION {
            return Err(Error::config("breaker: initialState must be of version 1"));
        }
        let (window, time) = Window::restore(config, snapshot.window)?;
        let mut breaker = Self::new(config, seed, now);
        breaker.mode = snapshot.mode;
        breaker.window = window;
        breaker.cause = snapshot.cause;
        breaker.counts = snapshot.total;
        if let (true, Some(saved)) = (config.latency, snapshot.latency) {
            breaker.latency = Some(Box::new(Sketch::restore(&saved).ok_or_else(broken)?));
        }
        match snapshot.phase {
            PhaseSnapshot::Closed => {}
            PhaseSnapshot::Open { remaining } if remaining >= 0.0 => {
                breaker.phase = Phase::Open { until: time + remaining.min(config.longest_pause()) };
            }
            PhaseSnapshot::Open { .. } => return Err(broken()),
            PhaseSnapshot::HalfOpen { successes, failures } => {
                let passing = successes < config.success_threshold
                    && failures <= config.half_open_max_calls - config.success_threshold;
                // Another configuration: the probes start anew.
                let (successes, failures) = if passing { (successes, failures) } else { (0, 0) };
                breaker.phase = Phase::HalfOpen { probes: Vec::new(), successes, failures };
            }
        }
        if !matches!(snapshot.phase, PhaseSnapshot::Closed) {
            breaker.openings = snapshot.openings;
            breaker.delay =
                if snapshot.delay > 0.0 { snapshot.delay.min(config.longest_pause()) } else { 0.0 };
        }
        breaker.ticker = Ticker::at(now, time);
        breaker.ticker.pass(wall - snapshot.saved_at);
        breaker.advance(config, now);
        Ok(breaker)
    }
}

fn broken() -> Error {
    Error::config("breaker: initialState is not one that toJSON() gives")
}
