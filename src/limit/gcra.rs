//! The generic cell rate algorithm: a bucket in eight bytes.
//!
//! Its state is one time, the *theoretical arrival*: when the bucket would be full again. A token moves it on by
//! `refill_interval / refill_rate`, and a take is refused if that would put it further ahead than a whole bucket
//! takes to fill. It decides as a continuous token bucket does, for half of the memory; the price is that the
//! time between two tokens is rounded up to a nanosecond, and that a clock that jumps back empties the bucket
//! (it gives nothing, and never costs more than one filling).
//! (ATM Forum, Traffic Management 4.0, "virtual scheduling"; ITU-T I.371.)

use super::bucket::{BucketConfig, Refill, wait_until, within};
use super::take::Take;
use crate::error::{Error, Result};

/// A tick is 2⁻²⁰ ms, a nanosecond: in an `i64` it reaches past the year 2240.
const TICKS_PER_MS: f64 = 1_048_576.0;

/// The longest filling, 70 years, so that sums of two fit an `i64`.
const MAX_FILLING: u128 = 1 << 61;

/// A checked configuration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValidGcraConfig {
    /// Ticks between two tokens.
    spacing: i64,
    /// Ticks in which an empty bucket fills up.
    filling: i64,
    /// Ticks that are missing at the start.
    missing: i64,
    /// What the bucket holds, in tokens.
    maximum: f64,
}

impl ValidGcraConfig {
    /// Reads a bucket's configuration for this algorithm.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    pub fn new(config: &BucketConfig) -> Result<Self> {
        config.check_ranges()?;
        if config.refill == Refill::Interval {
            return Err(Error::config("limit: gcra fills evenly: leave refill out or use token-bucket"));
        }
        let maximum = config.capacity + config.burst_allowance;
        let initial = config.initial_tokens.unwrap_or(config.capacity);
        within(initial, 0.0, maximum, "limit: initialTokens must be from 0 to capacity + burstAllowance")?;
        let rate = (config.refill_rate * 1e6).round() as u128;
        let spacing = (config.refill_interval as u128 * TICKS_PER_MS as u128 * 1_000_000).div_ceil(rate);
        let filling = spacing * maximum as u128;
        if filling > MAX_FILLING {
            return Err(Error::config("limit: a bucket must fill within 70 years: raise refillRate"));
        }
        let mut valid = Self { spacing: spacing as i64, filling: filling as i64, missing: 0, maximum };
        valid.missing = valid.ticks(maximum - initial);
        Ok(valid)
    }

    /// What the bucket holds at most, in tokens.
    #[must_use]
    pub const fn maximum(&self) -> f64 {
        self.maximum
    }

    /// The ticks that so many tokens take, rounded up; more than a filling if that is no number.
    fn ticks(&self, tokens: f64) -> i64 {
        if tokens > self.maximum || tokens.is_nan() {
            return i64::MAX;
        }
        let tokens = tokens.max(0.0);
        let whole = tokens.trunc();
        let ticks = (whole as i64).wrapping_mul(self.spacing); // at most a filling, below 2⁶¹
        if whole == tokens { ticks } else { ticks + ((tokens - whole) * self.spacing as f64).ceil() as i64 }
    }
}

/// The state: one number, eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gcra {
    /// The tick at which the bucket is full.
    full_at: i64,
}

impl Gcra {
    /// A bucket at its start.
    #[must_use]
    pub fn new(config: &ValidGcraConfig, now: f64) -> Self {
        Self { full_at: tick(now, 0).saturating_add(config.missing) }
    }

    /// A bucket that holds so many tokens at this time, rounded down to a nanosecond's worth. What is no number is an
    /// empty bucket.
    #[must_use]
    pub fn restore(config: &ValidGcraConfig, tokens: f64, now: f64) -> Self {
        let tokens = if tokens.is_nan() { 0.0 } else { tokens };
        let missing = config.ticks(config.maximum - tokens.min(config.maximum)).min(config.filling);
        Self { full_at: tick(now, 0).saturating_add(missing) }
    }

    /// Takes `cost` tokens if all of them are there.
    pub fn take(&mut self, config: &ValidGcraConfig, cost: f64, now: f64) -> Take {
        let wait = self.spend(config, cost, now);
        if wait > 0.0 {
            return Take::Refused { retry_after: wait };
        }
        Take::Granted { remaining: self.available(config, now) }
    }

    /// [`Gcra::take`] for those who only want to know the milliseconds to wait: 0 if the tokens are taken.
    #[inline]
    pub fn spend(&mut self, config: &ValidGcraConfig, cost: f64, now: f64) -> f64 {
        let wait = self.wait(config, cost, now);
        if wait == 0.0 {
            self.full_at += config.ticks(cost);
        }
        wait
    }

    /// Tokens that are there.
    pub fn available(&mut self, config: &ValidGcraConfig, now: f64) -> f64 {
        let there = config.filling - self.missing(config, now);
        (there / config.spacing) as f64 + (there % config.spacing) as f64 / config.spacing as f64
    }

    /// Milliseconds until `cost` tokens are there; 0 if they are, infinite if they never will be.
    pub fn wait(&mut self, config: &ValidGcraConfig, cost: f64, now: f64) -> f64 {
        let missing = self.missing(config, now);
        let ticks = config.ticks(cost);
        if ticks > config.filling {
            return f64::INFINITY;
        }
        if missing + ticks <= config.filling {
            return 0.0;
        }
        if !now.is_finite() {
            return f64::INFINITY;
        }
        wait_until((self.full_at + ticks - config.filling) as f64 / TICKS_PER_MS, now)
    }

    /// Takes `cost` tokens whether they are there or not; a bucket does not get emptier than empty.
    pub fn charge(&mut self, config: &ValidGcraConfig, cost: f64, now: f64) {
        let missing = self.missing(config, now);
        let more = config.ticks(cost).min(config.filling - missing);
        self.full_at += more;
    }

    /// Gives back `cost` tokens that were taken and not used.
    pub fn refund(&mut self, config: &ValidGcraConfig, cost: f64, now: f64) {
        let missing = self.missing(config, now);
        let less = if cost.is_nan() { 0 } else { config.ticks(cost).min(missing) };
        self.full_at -= less;
    }

    /// Whether the bucket holds all it may.
    pub fn is_full(&mut self, config: &ValidGcraConfig, now: f64) -> bool {
        self.missing(config, now) == 0
    }

    /// Ticks that are missing, from 0 to a filling; the state is moved into that range.
    fn missing(&mut self, config: &ValidGcraConfig, now: f64) -> i64 {
        let now = tick(now, self.full_at.saturating_sub(config.filling));
        let missing = self.full_at.saturating_sub(now).clamp(0, config.filling);
        self.full_at = now.saturating_add(missing);
        missing
    }
}

/// The tick of a time, or `unknown` if the clock says nothing.
fn tick(now: f64, unknown: i64) -> i64 {
    // Half of the range is left for the sums above.
    if now.is_finite() { (now * TICKS_PER_MS).floor().clamp(-4e18, 4e18) as i64 } else { unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ValidGcraConfig {
        let config = BucketConfig { burst_allowance: 1.0, ..BucketConfig::new(2.0, 1.0, 1_000.0) };
        ValidGcraConfig::new(&config).unwrap()
    }

    #[test]
    fn tokens_come_one_after_the_other() {
        let config = config();
        let mut bucket = Gcra::new(&config, 0.0);
        assert_eq!(bucket.take(&config, 2.0, 0.0), Take::Granted { remaining: 0.0 });
        assert_eq!(bucket.take(&config, 1.0, 400.0), Take::Refused { retry_after: 600.0 });
        assert_eq!(bucket.take(&config, 1.0, 1_000.0), Take::Granted { remaining: 0.0 });
        assert_eq!(bucket.available(&config, 10_000.0), 3.0);
        assert!(bucket.is_full(&config, 10_000.0));
        assert_eq!(bucket.wait(&config, 4.0, 10_000.0), f64::INFINITY);
    }

    #[test]
    fn a_clock_that_jumps_back_gives_nothing_and_costs_one_filling_at_most() {
        let config = config();
        let mut bucket = Gcra::new(&config, 1e9);
        assert_eq!(bucket.available(&config, 1e9), 2.0);
        assert_eq!(bucket.available(&config, 5e8), 0.0);
        assert_eq!(bucket.available(&config, 5e8 + 3_000.0), 3.0);
    }

    #[test]
    fn a_snapshot_that_names_no_number_gives_nothing() {
        let config = config();
        assert_eq!(Gcra::restore(&config, f64::NAN, 0.0).available(&config, 0.0), 0.0);
        assert_eq!(Gcra::restore(&config, f64::NEG_INFINITY, 0.0).available(&config, 0.0), 0.0);
        assert_eq!(Gcra::restore(&config, f64::INFINITY, 0.0).available(&config, 0.0), 3.0);
    }

    #[test]
    fn a_clock_without_an_answer_lets_nothing_pass() {
        let config = config();
        let mut bucket = Gcra::new(&config, 0.0);
        assert_eq!(bucket.wait(&config, 1.0, f64::NAN), f64::INFINITY);
    }
}
