//! The sliding window: at most `capacity` tokens in any `refill_interval`, exactly.
//!
//! It keeps the time of every take of the last interval, so it is for small limits. A take counts from its own
//! time up to, but not at, one interval later.

use super::bucket::{BucketConfig, Refill, wait_until, whole};
use super::take::Take;
use crate::error::{Error, Result};
use std::collections::VecDeque;

/// The largest limit, and with it the longest log of one key.
pub(super) const MAX_WINDOW: f64 = 1_000.0;

/// A checked configuration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValidWindowConfig {
    limit: u32,
    interval: f64,
}

impl ValidWindowConfig {
    /// Reads a bucket's configuration for this algorithm.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    pub fn new(config: &BucketConfig) -> Result<Self> {
        config.check_ranges()?;
        whole(
            config.capacity,
            1.0,
            MAX_WINDOW,
            "limit: capacity of a sliding-window must be from 1 to 1000: use token-bucket for more",
        )?;
        let plain = config.refill_rate == config.capacity
            && config.burst_allowance == 0.0
            && config.initial_tokens.is_none()
            && config.refill == Refill::Continuous;
        if !plain {
            return Err(Error::config(
                "limit: a sliding-window has a refillRate equal to its capacity, and no initialTokens, \
                 burstAllowance or refill",
            ));
        }
        Ok(Self { limit: config.capacity as u32, interval: config.refill_interval })
    }

    /// The most that passes in one interval, in tokens.
    #[must_use]
    pub fn maximum(&self) -> f64 {
        f64::from(self.limit)
    }

    /// A cost in whole tokens, rounded up; more than the limit if it is no number.
    fn cost(&self, cost: f64) -> u32 {
        if cost <= self.maximum() { cost.max(0.0).ceil() as u32 } else { u32::MAX }
    }
}

/// The takes of the last interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Time and tokens, oldest first.
    taken: VecDeque<(f64, u32)>,
    /// Their sum.
    used: u32,
    /// The time of the last call.
    seen: f64,
}

impl Window {
    /// An empty window.
    #[must_use]
    pub fn new(now: f64) -> Self {
        Self { seen: if now.is_finite() { now } else { 0.0 }, ..Self::default() }
    }

    /// A window in which so many tokens are left; the others count as taken now.
    #[must_use]
    pub fn restore(config: &ValidWindowConfig, tokens: f64, now: f64) -> Self {
        let mut window = Self::new(now);
        let left = if tokens > 0.0 { tokens.min(config.maximum()) } else { 0.0 };
        window.push(config.limit - left.floor() as u32);
        window
    }

    /// Takes `cost` tokens if all of them are there.
    pub fn take(&mut self, config: &ValidWindowConfig, cost: f64, now: f64) -> Take {
        let wait = self.spend(config, cost, now);
        if wait > 0.0 {
            return Take::Refused { retry_after: wait };
        }
        Take::Granted { remaining: self.left(config) }
    }

    /// [`Window::take`] for those who only want to know the milliseconds to wait: 0 if the tokens are taken.
    pub fn spend(&mut self, config: &ValidWindowConfig, cost: f64, now: f64) -> f64 {
        let wait = self.wait(config, cost, now);
        if wait == 0.0 {
            self.push(config.cost(cost));
        }
        wait
    }

    /// Tokens that are there.
    pub fn available(&mut self, config: &ValidWindowConfig, now: f64) -> f64 {
        self.forget(config, now);
        self.left(config)
    }

    /// Milliseconds until `cost` tokens are there; 0 if they are, infinite if they never will be.
    pub fn wait(&mut self, config: &ValidWindowConfig, cost: f64, now: f64) -> f64 {
        self.forget(config, now);
        let cost = config.cost(cost);
        if cost > config.limit {
            return f64::INFINITY;
        }
        let mut over = (self.used + cost).saturating_sub(config.limit);
        if over == 0 {
            return 0.0;
        }
        for (time, tokens) in &self.taken {
            over = over.saturating_sub(*tokens);
            if over == 0 {
                return wait_until(time + config.interval, self.seen);
            }
        }
        f64::INFINITY
    }

    /// Takes `cost` tokens whether they are there or not, at most as many as the limit on top of it.
    pub fn charge(&mut self, config: &ValidWindowConfig, cost: f64, now: f64) {
        self.forget(config, now);
        self.push(config.cost(cost).min(2 * config.limit - self.used));
    }

    /// Gives back `cost` tokens that were taken and not used, the newest first.
    pub fn refund(&mut self, config: &ValidWindowConfig, cost: f64, now: f64) {
        self.forget(config, now);
        let mut left = if cost.is_nan() { 0 } else { cost.clamp(0.0, MAX_WINDOW * 2.0).floor() as u32 };
        while left > 0
            && let Some((_, tokens)) = self.taken.back_mut()
        {
            let back = left.min(*tokens);
            (*tokens, left, self.used) = (*tokens - back, left - back, self.used - back);
            if *tokens == 0 {
                self.taken.pop_back();
            }
        }
    }

    /// Whether nothing was taken within the interval.
    pub fn is_full(&mut self, config: &ValidWindowConfig, now: f64) -> bool {
        self.forget(config, now);
        self.used == 0
    }

    fn left(&self, config: &ValidWindowConfig) -> f64 {
        f64::from(config.limit.saturating_sub(self.used))
    }

    /// Notes a take at the time of the last call.
    fn push(&mut self, tokens: u32) {
        if tokens == 0 {
            return;
        }
        self.used += tokens;
        match self.taken.back_mut() {
            Some((time, sum)) if *time == self.seen => *sum += tokens,
            _ => self.taken.push_back((self.seen, tokens)),
        }
    }

    /// Lets go of what is an interval old. A clock that jumped back moves the log along: nothing comes earlier
    /// or later than it would have.
    fn forget(&mut self, config: &ValidWindowConfig, now: f64) {
        if !now.is_finite() {
            return;
        }
        if now < self.seen {
            let jump = self.seen - now;
            self.taken.iter_mut().for_each(|(time, _)| *time -= jump);
        }
        self.seen = now;
        while let Some((time, tokens)) = self.taken.front()
            && time + config.interval <= now
        {
            self.used -= tokens;
            self.taken.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ValidWindowConfig {
        ValidWindowConfig::new(&BucketConfig::new(3.0, 3.0, 1_000.0)).unwrap()
    }

    #[test]
    fn the_edge_of_a_fixed_window_lets_nothing_slip_through() {
        let config = config();
        let mut window = Window::new(0.0);
        assert_eq!(window.take(&config, 3.0, 990.0), Take::Granted { remaining: 0.0 });
        assert_eq!(window.take(&config, 1.0, 1_010.0), Take::Refused { retry_after: 980.0 });
        assert_eq!(window.take(&config, 1.0, 1_990.0), Take::Granted { remaining: 2.0 });
    }

    #[test]
    fn a_heavy_take_waits_for_as_many_as_it_needs() {
        let config = config();
        let mut window = Window::new(0.0);
        for time in [0.0, 100.0, 200.0] {
            assert_eq!(window.take(&config, 1.0, time).wait(), 0.0);
        }
        assert_eq!(window.wait(&config, 2.0, 300.0), 800.0);
        assert_eq!(window.wait(&config, 4.0, 300.0), f64::INFINITY);
    }

    #[test]
    fn a_clock_that_jumps_back_moves_the_log_along() {
        let config = config();
        let mut window = Window::new(50_000.0);
        assert_eq!(window.take(&config, 3.0, 50_000.0).wait(), 0.0);
        assert_eq!(window.wait(&config, 1.0, 10_000.0), 1_000.0);
        assert_eq!(window.available(&config, 11_000.0), 3.0);
    }

    #[test]
    fn what_is_charged_and_given_back_is_bounded() {
        let config = config();
        let mut window = Window::new(0.0);
        for _ in 0..10 {
            window.charge(&config, 3.0, 0.0);
        }
        assert_eq!(window.used, 6);
        window.refund(&config, 4.0, 0.0);
        assert_eq!(window.available(&config, 0.0), 1.0);
        window.refund(&config, f64::INFINITY, 0.0);
        assert!(window.is_full(&config, 0.0));
    }
}
