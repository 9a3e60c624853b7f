//! The calls that a closed breaker looks back on.

use std::collections::VecDeque;

/// The times of the failures that still count, oldest first. Exact, and never longer than the threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FailureLog {
    times: VecDeque<f64>,
}

impl FailureLog {
    /// Adds a failure and answers how many count now: those younger than `period`.
    pub(super) fn push(&mut self, now: f64, period: f64) -> usize {
        while self.times.front().is_some_and(|time| now - time >= period) {
            self.times.pop_front();
        }
        self.times.push_back(now);
        self.times.len()
    }
}
