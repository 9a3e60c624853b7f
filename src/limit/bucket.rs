//! The token bucket.
//!
//! A bucket holds up to `capacity + burst_allowance` tokens and gains `refill_rate` of them every
//! `refill_interval` milliseconds, continuously. Taking is all or nothing. Time is an argument: the same
//! calls with the same times give the same answers.

use crate::error::{Error, Result};
use serde::Deserialize;

/// The largest amount of tokens in one field. Products of two such numbers are exact enough in an `f64`.
const MAX_TOKENS: f64 = u32::MAX as f64;

/// The longest interval: a year, in milliseconds.
const MAX_INTERVAL: f64 = 366.0 * 86_400_000.0;

/// Tokens that differ by less than this are equal: sums of fractions carry the rounding of an `f64`.
const ROUNDING: f64 = 1e-6;

/// What a bucket may hold and how it fills. All amounts are tokens, all times milliseconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BucketConfig {
    /// What the bucket holds without the burst, from 1.
    pub capacity: f64,
    /// Tokens gained each interval, above 0.
    pub refill_rate: f64,
    /// The interval in milliseconds, from 1.
    pub refill_interval: f64,
    /// Tokens at the start; the capacity if not given.
    #[serde(default)]
    pub initial_tokens: Option<f64>,
    /// What the bucket holds beyond its capacity.
    #[serde(default)]
    pub burst_allowance: f64,
}

/// A configuration whose ranges are checked: the arithmetic of [`Bucket`] cannot overflow or divide by zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValidBucketConfig {
    maximum: f64,
    initial: f64,
    per_ms: f64,
}

impl BucketConfig {
    /// A bucket without burst that starts full.
    #[must_use]
    pub const fn new(capacity: f64, refill_rate: f64, refill_interval: f64) -> Self {
        Self { capacity, refill_rate, refill_interval, initial_tokens: None, burst_allowance: 0.0 }
    }

    /// Checks the ranges once.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    pub fn validate(self) -> Result<ValidBucketConfig> {
        let whole = |value: f64| value.fract() == 0.0;
        let field =
            |holds: bool, message: &'static str| holds.then_some(()).ok_or_else(|| Error::config(message));
        field(
            whole(self.capacity) && (1.0..=MAX_TOKENS).contains(&self.capacity),
            "limit: capacity must be a whole number from 1 to 4294967295",
        )?;
        field(
            self.refill_rate > 0.0 && self.refill_rate <= MAX_TOKENS,
            "limit: refillRate must be a number above 0, at most 4294967295",
        )?;
        field(
            (1.0..=MAX_INTERVAL).contains(&self.refill_interval),
            "limit: refillInterval must be from 1 to 31622400000 milliseconds",
        )?;
        field(
            whole(self.burst_allowance) && (0.0..=MAX_TOKENS).contains(&self.burst_allowance),
            "limit: burstAllowance must be a whole number from 0 to 4294967295",
        )?;
        let maximum = self.capacity + self.burst_allowance;
        let initial = self.initial_tokens.unwrap_or(self.capacity);
        field(
            (0.0..=maximum).contains(&initial),
            "limit: initialTokens must be from 0 to capacity + burstAllowance",
        )?;
        Ok(ValidBucketConfig { maximum, initial, per_ms: self.refill_rate / self.refill_interval })
    }
}

/// A bucket's state: two numbers, sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    tokens: f64,
    refilled_at: f64,
}

/// The answer to a take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Take {
    /// The tokens were there and are taken.
    Granted {
        /// Tokens left.
        remaining: f64,
    },
    /// Nothing was taken.
    Refused {
        /// Milliseconds until the tokens are there; infinite if the bucket never holds so many.
        retry_after: f64,
    },
}

impl Take {
    /// Milliseconds to wait: 0 when granted.
    #[must_use]
    pub const fn wait(self) -> f64 {
        match self {
            Self::Granted { .. } => 0.0,
            Self::Refused { retry_after } => retry_after,
        }
    }
}

impl Bucket {
    /// A bucket at its start.
    #[must_use]
    pub const fn new(config: &ValidBucketConfig, now: f64) -> Self {
        Self { tokens: config.initial, refilled_at: now }
    }

    /// A bucket that holds so many tokens at this time, as a snapshot says; never more than its maximum.
    #[must_use]
    pub fn restore(config: &ValidBucketConfig, tokens: f64, now: f64) -> Self {
        Self { tokens: if tokens > 0.0 { tokens.min(config.maximum) } else { 0.0 }, refilled_at: now }
    }

    /// Takes `cost` tokens if all of them are there.
    pub fn take(&mut self, config: &ValidBucketConfig, cost: f64, now: f64) -> Take {
        let wait = self.wait(config, cost, now);
        if wait > 0.0 {
            return Take::Refused { retry_after: wait };
        }
        self.tokens = (self.tokens - cost).max(0.0);
        Take::Granted { remaining: self.tokens }
    }

    /// Tokens that are there.
    pub fn available(&mut self, config: &ValidBucketConfig, now: f64) -> f64 {
        self.refill(config, now);
        self.tokens
    }

    /// Milliseconds until `cost` tokens are there; 0 if they are, infinite if they never will be.
    pub fn wait(&mut self, config: &ValidBucketConfig, cost: f64, now: f64) -> f64 {
        self.refill(config, now);
        let missing = cost - self.tokens;
        if missing <= ROUNDING {
            0.0
        } else if cost > config.maximum {
            f64::INFINITY
        } else {
            (missing / config.per_ms).max(f64::MIN_POSITIVE)
        }
    }

    /// Adds what has come since the last call. A clock that jumped back gives nothing and takes nothing.
    fn refill(&mut self, config: &ValidBucketConfig, now: f64) {
        let elapsed = now - self.refilled_at;
        if elapsed > 0.0 {
            self.tokens = (elapsed.mul_add(config.per_ms, self.tokens)).min(config.maximum);
        }
        if now.is_finite() {
            self.refilled_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_polled_faster_than_it_fills_loses_nothing() {
        let config = BucketConfig { initial_tokens: Some(0.0), ..BucketConfig::new(10.0, 10.0, 1_000.0) };
        let config = config.validate().unwrap();
        let mut bucket = Bucket::new(&config, 0.0);
        let mut taken = 0;
        for now in (0..=10_000).step_by(199) {
            while matches!(bucket.take(&config, 1.0, f64::from(now)), Take::Granted { .. }) {
                taken += 1;
            }
        }
        assert!(taken == 99 || taken == 100, "{taken}");
    }

    #[test]
    fn a_clock_that_jumps_back_takes_nothing_and_gives_nothing() {
        let config = BucketConfig { initial_tokens: Some(3.0), ..BucketConfig::new(10.0, 1.0, 1_000.0) };
        let config = config.validate().unwrap();
        let mut bucket = Bucket::new(&config, 50_000.0);
        assert_eq!(bucket.available(&config, 1_000.0), 3.0);
        assert_eq!(bucket.available(&config, 2_000.0), 4.0);
    }

    #[test]
    fn the_burst_fills_up_again() {
        let config = BucketConfig { burst_allowance: 5.0, ..BucketConfig::new(10.0, 1.0, 1_000.0) };
        let config = config.validate().unwrap();
        let mut bucket = Bucket::new(&config, 0.0);
        assert_eq!(bucket.available(&config, 0.0), 10.0);
        assert_eq!(bucket.available(&config, 60_000.0), 15.0);
    }

    #[test]
    fn a_cost_beyond_the_maximum_never_comes() {
        let config = BucketConfig::new(10.0, 1.0, 1_000.0).validate().unwrap();
        assert_eq!(Bucket::new(&config, 0.0).wait(&config, 11.0, 0.0), f64::INFINITY);
    }

    #[test]
    fn fields_out_of_range_are_named() {
        let refused = |config: BucketConfig| config.validate().unwrap_err().message().to_owned();
        let good = BucketConfig::new(10.0, 1.0, 1_000.0);
        assert!(refused(BucketConfig { capacity: 0.5, ..good.clone() }).contains("capacity"));
        assert!(refused(BucketConfig { refill_rate: f64::NAN, ..good.clone() }).contains("refillRate"));
        assert!(refused(BucketConfig { refill_interval: 0.0, ..good.clone() }).contains("refillInterval"));
        assert!(refused(BucketConfig { burst_allowance: -1.0, ..good.clone() }).contains("burstAllowance"));
        assert!(refused(BucketConfig { initial_tokens: Some(11.0), ..good }).contains("initialTokens"));
    }
}
