//! The calls that a closed breaker looks back on.
//!
//! | window | looks back on | memory |
//! |---|---|---|
//! | failures | the failures of a period, exact to the millisecond | 16 bytes for each that counts |
//! | consecutive | the failures since the last success | none |
//! | count | the last n calls | n bits; n more for slow calls; n bytes instead where weights differ |
//! | time | the calls of a period, in buckets | 12 bytes a bucket |

mod count;
mod failures;
mod time;

use super::config::{ValidBreakerConfig, WindowKind};
use crate::error::{Error, Result};
use count::CountWindow;
use failures::FailureLog;
use serde::{Deserialize, Serialize};
use time::TimeWindow;

/// A call that ended, as a window sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    /// The weight of its failure in sixteenths; 0 if it succeeded.
    pub(super) failed: u8,
    pub(super) slow: bool,
}

/// What a window counts now. Failures are sixteenths of a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) calls: u32,
    pub(super) failed: u32,
    pub(super) slow: u32,
}

impl Tally {
    const fn add(&mut self, call: Call) {
        self.calls = self.calls.saturating_add(1);
        self.failed = self.failed.saturating_add(call.failed as u32);
        self.slow = self.slow.saturating_add(call.slow as u32);
    }

    const fn subtract(&mut self, other: Self) {
        self.calls = self.calls.saturating_sub(other.calls);
        self.failed = self.failed.saturating_sub(other.failed);
        self.slow = self.slow.saturating_sub(other.slow);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Window {
    Failures(FailureLog),
    Consecutive { failed: u32 },
    Count(CountWindow),
    Time(TimeWindow),
}

impl Window {
    /// An empty window. It takes memory for a count or time window only.
    pub(super) fn new(config: &ValidBreakerConfig) -> Self {
        match config.window {
            WindowKind::Failures => Self::Failures(FailureLog::default()),
            WindowKind::Consecutive => Self::Consecutive { failed: 0 },
            WindowKind::Count { size } => {
                Self::Count(CountWindow::new(size, config.weighted, config.slow_call_duration.is_some()))
            }
            WindowKind::Time { buckets } => {
                Self::Time(TimeWindow::new(buckets, config.monitoring_period / f64::from(buckets)))
            }
        }
    }

    /// Adds a call and answers what counts now.
    pub(super) fn record(&mut self, config: &ValidBreakerConfig, call: Call, time: f64) -> Tally {
        match self {
            Self::Failures(log) => log.record(call, time, config.monitoring_period),
            Self::Consecutive { failed } => {
                *failed = if call.failed == 0 { 0 } else { failed.saturating_add(u32::from(call.failed)) };
                Tally { calls: 1, failed: *failed, slow: 0 }
            }
            Self::Count(window) => window.record(call),
            Self::Time(window) => window.record(call, time),
        }
    }

    /// What counts at this time.
    pub(super) fn tally(&mut self, config: &ValidBreakerConfig, time: f64) -> Tally {
        match self {
            Self::Failures(log) => log.tally(time, config.monitoring_period),
            Self::Consecutive { failed } => Tally { calls: 0, failed: *failed, slow: 0 },
            Self::Count(window) => window.tally(),
            Self::Time(window) => window.tally(time),
        }
    }

    /// The window as a snapshot keeps it.
    pub(super) fn save(&self, time: f64) -> WindowSnapshot {
        match self {
            Self::Failures(log) => WindowSnapshot::Failures { entries: log.save(time) },
            Self::Consecutive { failed } => WindowSnapshot::Consecutive { failed: *failed },
            Self::Count(window) => WindowSnapshot::Count { calls: window.save() },
            Self::Time(window) => {
                let (into, buckets) = window.save(time);
                WindowSnapshot::Time { into, buckets }
            }
        }
    }

    /// The window of a snapshot and the time at which it was saved. A window of another kind than the
    /// configuration's is left behind: the counting starts anew.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) if the snapshot holds what no breaker saves.
    pub(super) fn restore(config: &ValidBreakerConfig, saved: WindowSnapshot) -> Result<(Self, f64)> {
        let mut window = Self::new(config);
        let mut time = 0.0;
        match (&mut window, saved) {
            (Self::Failures(log), WindowSnapshot::Failures { entries }) => {
                log.restore(entries, config.failure_threshold).ok_or_else(broken)?;
            }
            (Self::Consecutive { failed }, WindowSnapshot::Consecutive { failed: saved }) => *failed = saved,
            (Self::Count(window), WindowSnapshot::Count { calls }) => {
                window.restore(&calls).ok_or_else(broken)?;
            }
            (Self::Time(window), WindowSnapshot::Time { into, buckets }) => {
                time = window.restore(into, &buckets).ok_or_else(broken)?;
            }
            _ => {}
        }
        Ok((window, time))
    }
}

fn broken() -> Error {
    Error::config("breaker: the window of initialState is not one that toJSON() gives")
}

/// A window in a snapshot. Ages and times are milliseconds before the snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum WindowSnapshot {
    /// `[age, weight in sixteenths]` of each failure, oldest first.
    Failures { entries: Vec<(f64, u8)> },
    /// The weight of the failures in a row, in sixteenths.
    Consecutive { failed: u32 },
    /// Of each call, oldest first, the weight of its failure in sixteenths times two, plus one if it was slow.
    Count { calls: Vec<u16> },
    /// The buckets, newest first, and how far the newest has come in milliseconds.
    Time { into: f64, buckets: Vec<Tally> },
}
