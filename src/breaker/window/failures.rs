//! The exact log of failures.

use super::{Call, Tally};
use std::collections::VecDeque;

/// The failures that still count, oldest first. The breaker opens and drops the log at the threshold, so that it
/// is never longer than the threshold divided by the smallest weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::breaker) struct FailureLog {
    entries: VecDeque<Failure>,
    failed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Failure {
    at: f64,
    weight: u8,
}

impl FailureLog {
    pub(super) fn record(&mut self, call: Call, time: f64, period: f64) -> Tally {
        self.forget(time, period);
        if call.failed > 0 {
            self.push(Failure { at: time, weight: call.failed });
        }
        self.count()
    }

    pub(super) fn tally(&mut self, time: f64, period: f64) -> Tally {
        self.forget(time, period);
        self.count()
    }

    pub(super) fn save(&self, time: f64) -> Vec<(f64, u8)> {
        self.entries.iter().map(|failure| (time - failure.at, failure.weight)).collect()
    }

    /// Takes over what was saved at time 0, but no more than reaches the threshold; nothing if it is out of order or
    /// from the future.
    pub(super) fn restore(&mut self, entries: Vec<(f64, u8)>, threshold: Option<u32>) -> Option<()> {
        let mut oldest = f64::INFINITY;
        for (age, weight) in entries {
            if !(0.0..=oldest).contains(&age) || !age.is_finite() || weight == 0 {
                return None;
            }
            oldest = age;
            self.push(Failure { at: -age, weight });
            while self.entries.front().is_some_and(|oldest| {
                threshold.is_some_and(|threshold| self.failed - u32::from(oldest.weight) >= threshold)
            }) {
                self.pop();
            }
        }
        Some(())
    }

    fn push(&mut self, failure: Failure) {
        self.failed = self.failed.saturating_add(u32::from(failure.weight));
        self.entries.push_back(failure);
    }

    /// A failure counts while it is younger than the period.
    fn forget(&mut self, time: f64, period: f64) {
        while self.entries.front().is_some_and(|failure| time - failure.at >= period) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let oldest = self.entries.pop_front();
        self.failed = self.failed.saturating_sub(oldest.map_or(0, |failure| u32::from(failure.weight)));
    }

    fn count(&self) -> Tally {
        let calls = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        Tally { calls, failed: self.failed, slow: 0 }
    }
}
