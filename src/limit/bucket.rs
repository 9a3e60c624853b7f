//! The token bucket.
//!
//! A bucket holds up to `capacity + burst_allowance` tokens and gains `refill_rate` of them every
//! `refill_interval` milliseconds, evenly or a whole interval at a time. Taking is all or nothing. Time is an
//! argument: the same calls with the same times give the same answers.
//!
//! The arithmetic is exact. A config fixes a *unit*, a fraction of a token such that a token and the gain of a
//! *tick* of time are both whole numbers of units; a bucket counts units and ticks in integers, so that no
//! remainder is lost and none is invented, however often a bucket is asked.

use super::take::Take;
use crate::error::{Error, Result};
use serde::Deserialize;

/// The largest amount of tokens in one field.
pub(super) const MAX_TOKENS: f64 = u32::MAX as f64;

/// The longest interval: a leap year, in milliseconds.
pub(super) const MAX_INTERVAL: f64 = 366.0 * 86_400_000.0;

/// A rate is read to six decimals, and never rounded down by more than one in a million.
const RATE_DECIMALS: f64 = 1e6;

/// The finest tick is 2⁻¹⁶ ms, 15 ns: in an `i64` it reaches past the year 6000.
const FINEST_TICK: u32 = 16;

/// The most units a bucket may count, so that sums of two levels fit an `i64`.
const MAX_UNITS: u128 = 1 << 61;

/// What a bucket may hold and how it fills. All amounts are tokens, all times milliseconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BucketConfig {
    /// What the bucket holds without the burst, a whole number from 1.
    pub capacity: f64,
    /// Tokens gained each interval, from 0.000001; read to six decimals.
    pub refill_rate: f64,
    /// The interval in whole milliseconds, from 1.
    pub refill_interval: f64,
    /// Tokens at the start; the capacity if not given.
    #[serde(default)]
    pub initial_tokens: Option<f64>,
    /// What the bucket holds beyond its capacity, a whole number.
    #[serde(default)]
    pub burst_allowance: f64,
    /// Whether tokens come evenly or a whole interval at a time.
    #[serde(default)]
    pub refill: Refill,
}

/// How tokens come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Refill {
    /// Evenly: half of the rate after half of the interval.
    #[default]
    Continuous,
    /// All of the rate at the end of each whole interval, counted from the bucket's start.
    Interval,
}

/// A configuration whose ranges are checked: the arithmetic of [`Bucket`] cannot overflow or divide by zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValidBucketConfig {
    /// Ticks in a millisecond, a power of two: scaling by it is exact.
    ticks_per_ms: f64,
    /// Units in a token.
    token: i64,
    /// What the bucket holds, in units.
    maximum: i64,
    /// What it starts with, in units.
    initial: i64,
    /// Ticks between two gains: 1, or the interval.
    step: i64,
    /// Units gained each step.
    gain: i64,
    /// Steps after which even the deepest debt is paid and the bucket full.
    full_after: i64,
    /// What the bucket holds without the burst, in tokens.
    capacity: f64,
    /// What it holds, in tokens.
    maximum_tokens: f64,
}

impl BucketConfig {
    /// A bucket without burst that starts full and fills evenly.
    #[must_use]
    pub const fn new(capacity: f64, refill_rate: f64, refill_interval: f64) -> Self {
        Self {
            capacity,
            refill_rate,
            refill_interval,
            initial_tokens: None,
            burst_allowance: 0.0,
            refill: Refill::Continuous,
        }
    }

    /// Checks the ranges once.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    pub fn validate(&self) -> Result<ValidBucketConfig> {
        self.check_ranges()?;
        let maximum = self.capacity + self.burst_allowance;
        let initial = self.initial_tokens.unwrap_or(self.capacity);
        within(initial, 0.0, maximum, "limit: initialTokens must be from 0 to capacity + burstAllowance")?;
        self.in_units(maximum, initial)
    }

    /// Checks the fields that every algorithm has.
    pub(super) fn check_ranges(&self) -> Result<()> {
        whole(self.capacity, 1.0, MAX_TOKENS, "limit: capacity must be a whole number from 1 to 4294967295")?;
        within(
            self.refill_rate,
            1.0 / RATE_DECIMALS,
            MAX_TOKENS,
            "limit: refillRate must be a number from 0.000001 to 4294967295",
        )?;
        whole(
            self.refill_interval,
            1.0,
            MAX_INTERVAL,
            "limit: refillInterval must be a whole number of milliseconds from 1 to 31622400000",
        )?;
        whole(
            self.burst_allowance,
            0.0,
            MAX_TOKENS,
            "limit: burstAllowance must be a whole number from 0 to 4294967295",
        )
    }

    /// Finds the unit and the tick. Every number here is whole and in range.
    fn in_units(&self, maximum_tokens: f64, initial: f64) -> Result<ValidBucketConfig> {
        let rate = (self.refill_rate * RATE_DECIMALS).round() as u128;
        let interval = self.refill_interval as u128;
        let span = interval * RATE_DECIMALS as u128;
        let shared = gcd(rate, span);
        // So many units a millisecond, while a token is `token` units; then the same in ticks.
        let (mut gain, mut token) = (rate / shared, span / shared);
        let fits = |token: u128| maximum_tokens as u128 * token <= MAX_UNITS;
        let shift = (0..=FINEST_TICK).rev().find(|shift| fits(token << shift)).unwrap_or(0);
        token <<= shift;
        while !fits(token) {
            // Too many digits for both: drop some, so that the bucket fills slower, by one part in a million.
            (gain, token) = (gain / 2, token.div_ceil(2));
            if gain < RATE_DECIMALS as u128 {
                return Err(Error::config(
                    "limit: refillRate is too small for so large a capacity and refillInterval",
                ));
            }
        }
        let maximum = maximum_tokens as u128 * token;
        let (step, gain) = match self.refill {
            Refill::Continuous => (1, gain),
            Refill::Interval => (interval << shift, gain * (interval << shift)),
        };
        let gain = gain.min(2 * maximum); // one step may fill the bucket from its deepest debt
        Ok(ValidBucketConfig {
            ticks_per_ms: f64::from(1_u32 << shift),
            token: token as i64,
            maximum: maximum as i64,
            initial: units(initial, token as i64, f64::floor),
            step: step as i64,
            gain: gain as i64,
            full_after: (2 * maximum).div_ceil(gain) as i64,
            capacity: self.capacity,
            maximum_tokens,
        })
    }
}

impl ValidBucketConfig {
    /// What the bucket holds without the burst, in tokens.
    #[must_use]
    pub const fn capacity(&self) -> f64 {
        self.capacity
    }

    /// What the bucket holds at most, in tokens.
    #[must_use]
    pub const fn maximum(&self) -> f64 {
        self.maximum_tokens
    }

    /// The tick of a time; the last known one if the clock says nothing.
    fn tick(&self, now: f64, last: i64) -> i64 {
        if now.is_finite() { (now * self.ticks_per_ms).floor() as i64 } else { last }
    }

    /// A cost in units, rounded up; more than any bucket holds if it is no number.
    #[inline]
    fn cost(&self, cost: f64) -> i64 {
        if cost == 1.0 {
            self.token // as most do: nothing to convert
        } else if cost <= self.maximum_tokens {
            units(cost.max(0.0), self.token, f64::ceil)
        } else {
            i64::MAX
        }
    }

    /// What a charge or a refund moves, in units: from the deepest debt to the maximum at most.
    fn change(&self, cost: f64) -> i64 {
        if cost <= 2.0 * self.maximum_tokens { units(cost.max(0.0), self.token, f64::ceil) } else { i64::MAX }
    }
}

/// A bucket's state: two numbers, sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Units that are there; below zero after a penalty.
    level: i64,
    /// The tick up to which they are counted.
    at: i64,
}

impl Bucket {
    /// A bucket at its start.
    #[must_use]
    pub fn new(config: &ValidBucketConfig, now: f64) -> Self {
        Self { level: config.initial, at: config.tick(now, 0) }
    }

    /// A bucket that holds so many tokens at this time, as a snapshot says: rounded down, never more than the
    /// maximum and never deeper in debt than that. What is no number is an empty bucket.
    #[must_use]
    pub fn restore(config: &ValidBucketConfig, tokens: f64, now: f64) -> Self {
        let most = config.maximum_tokens;
        let tokens = if tokens.is_nan() { 0.0 } else { tokens.clamp(-most, most) };
        Self { level: units(tokens, config.token, f64::floor), at: config.tick(now, 0) }
    }

    /// Takes `cost` tokens if all of them are there.
    pub fn take(&mut self, config: &ValidBucketConfig, cost: f64, now: f64) -> Take {
        let wait = self.spend(config, cost, now);
        if wait > 0.0 {
            Take::Refused { retry_after: wait }
        } else {
            Take::Granted { remaining: self.tokens(config) }
        }
    }

    /// [`Bucket::take`] for those who only want to know the milliseconds to wait: 0 if the tokens are taken.
    #[inline]
    pub fn spend(&mut self, config: &ValidBucketConfig, cost: f64, now: f64) -> f64 {
        self.refill(config, now);
        let units = config.cost(cost);
        if units > self.level {
            return self.time_to(config, units, now);
        }
        self.level -= units;
        0.0
    }

    /// Tokens that are there.
    pub fn available(&mut self, config: &ValidBucketConfig, now: f64) -> f64 {
        self.balance(config, now).max(0.0)
    }

    /// Tokens that are there, or what is owed as a negative number.
    pub fn balance(&mut self, config: &ValidBucketConfig, now: f64) -> f64 {
        self.refill(config, now);
        self.tokens(config)
    }

    /// Milliseconds until `cost` tokens are there; 0 if they are, infinite if they never will be.
    pub fn wait(&mut self, config: &ValidBucketConfig, cost: f64, now: f64) -> f64 {
        self.refill(config, now);
        let units = config.cost(cost);
        if units > self.level { self.time_to(config, units, now) } else { 0.0 }
    }

    /// Takes `cost` tokens whether they are there or not: what is missing is owed, and the refill pays it first.
    /// The debt ends at one maximum.
    pub fn charge(&mut self, config: &ValidBucketConfig, cost: f64, now: f64) {
        self.refill(config, now);
        self.level = self.level.saturating_sub(config.change(cost)).max(-config.maximum);
    }

    /// Gives back `cost` tokens that were taken and not used, at most up to the maximum.
    pub fn refund(&mut self, config: &ValidBucketConfig, cost: f64, now: f64) {
        self.refill(config, now);
        let units = if cost.is_nan() { 0 } else { config.change(cost) };
        self.level = self.level.saturating_add(units).min(config.maximum);
    }

    /// Whether the bucket holds all it may: it can be forgotten, and nobody gains a token.
    pub fn is_full(&mut self, config: &ValidBucketConfig, now: f64) -> bool {
        self.refill(config, now);
        self.level >= config.maximum
    }

    /// Takes what may have been taken at times that nobody knows, at most what is there, so that no later moment
    /// has more than the truth.
    pub fn deduct(&mut self, config: &ValidBucketConfig, spent: f64, now: f64) {
        let there = self.available(config, now);
        self.charge(config, spent.min(there), now);
        if config.step > 1 && spent > 0.0 {
            // The end of the interval that runs now may have come already, and been used.
            self.at = config.tick(now, self.at);
        }
    }

    /// Whole tokens apart, because a level may have more digits than an `f64`.
    fn tokens(self, config: &ValidBucketConfig) -> f64 {
        (self.level / config.token) as f64 + (self.level % config.token) as f64 / config.token as f64
    }

    /// Adds what has come since the last call. A clock that jumped back gives nothing and takes nothing.
    #[inline]
    fn refill(&mut self, config: &ValidBucketConfig, now: f64) {
        let tick = config.tick(now, self.at);
        let elapsed = tick.saturating_sub(self.at);
        if elapsed <= 0 {
            self.at = tick;
            return;
        }
        let steps = if config.step == 1 { elapsed } else { elapsed / config.step };
        self.level = if steps >= config.full_after {
            config.maximum
        } else {
            // Fewer steps than `full_after`: the product is below twice the maximum.
            (self.level + steps.wrapping_mul(config.gain)).min(config.maximum)
        };
        self.at += steps.wrapping_mul(config.step); // at most `elapsed`: the rest of an interval is kept
    }

    /// Milliseconds until there are so many units, counted from the last refill.
    #[inline]
    fn time_to(self, config: &ValidBucketConfig, units: i64, now: f64) -> f64 {
        if units > config.maximum || !now.is_finite() {
            return f64::INFINITY;
        }
        // At most two maxima are missing: the time they take is less than 2⁶³ ticks (see `full_after`).
        let steps = (units - self.level).saturating_add(config.gain - 1) / config.gain;
        let due = self.at.saturating_add(steps.wrapping_mul(config.step)) as f64 / config.ticks_per_ms;
        wait_until(due, now)
    }
}

/// Milliseconds from now until then, above 0. The difference may be rounded down: whoever waits it must not come
/// a tick early.
pub(super) fn wait_until(due: f64, now: f64) -> f64 {
    let wait = (due - now).max(f64::MIN_POSITIVE);
    if now + wait < due { wait.next_up() } else { wait }
}

/// An amount in units: whole tokens exactly, the fraction rounded as asked. At most two maxima: the product is below
/// 2⁶².
#[inline]
fn units(tokens: f64, token: i64, round: impl Fn(f64) -> f64) -> i64 {
    let whole = tokens.trunc();
    let units = (whole as i64).wrapping_mul(token); // a checked product of 64 bits is a library call in WebAssembly
    if whole == tokens { units } else { units.wrapping_add(round((tokens - whole) * token as f64) as i64) }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Refuses a number outside its range, or that is none.
pub(super) fn within(value: f64, least: f64, most: f64, message: &'static str) -> Result<()> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(Error::config(message)) }
}

/// Refuses a number that is not whole or outside its range.
pub(super) fn whole(value: f64, least: f64, most: f64, message: &'static str) -> Result<()> {
    if value.fract() == 0.0 { within(value, least, most, message) } else { Err(Error::config(message)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(config: BucketConfig) -> (ValidBucketConfig, Bucket) {
        let config = config.validate().unwrap();
        (config, Bucket::new(&config, 0.0))
    }

    #[test]
    fn a_bucket_polled_faster_than_it_fills_loses_nothing() {
        let (config, mut bucket) =
            bucket(BucketConfig { initial_tokens: Some(0.0), ..BucketConfig::new(10.0, 10.0, 1_000.0) });
        let mut taken = 0;
        for now in (0..=10_000).step_by(199) {
            while bucket.take(&config, 1.0, f64::from(now)).wait() == 0.0 {
                taken += 1;
            }
        }
        assert!(taken == 99 || taken == 100, "{taken}");
    }

    #[test]
    fn a_token_that_is_almost_there_is_not_there() {
        let (config, mut bucket) = bucket(BucketConfig::new(1.0, 1.0, 1_000.0));
        assert_eq!(bucket.take(&config, 1.0, 0.0).wait(), 0.0);
        assert!(bucket.take(&config, 1.0, 999.999_9).wait() > 0.0);
        assert_eq!(bucket.take(&config, 1.0, 1_000.0).wait(), 0.0);
    }

    #[test]
    fn a_third_of_a_token_three_times_is_a_token() {
        let (config, mut bucket) =
            bucket(BucketConfig { initial_tokens: Some(0.0), ..BucketConfig::new(5.0, 1.0, 3.0) });
        for round in 0..100_000 {
            let start = f64::from(round) * 3.0;
            assert_eq!(bucket.wait(&config, 1.0, start), 3.0);
            assert_eq!(bucket.wait(&config, 1.0, start + 1.0), 2.0);
            assert_eq!(bucket.take(&config, 1.0, start + 3.0).wait(), 0.0);
        }
    }

    #[test]
    fn whole_intervals_come_at_once() {
        let (config, mut bucket) = bucket(BucketConfig {
            initial_tokens: Some(0.0),
            refill: Refill::Interval,
            ..BucketConfig::new(10.0, 4.0, 1_000.0)
        });
        assert_eq!(bucket.available(&config, 999.0), 0.0);
        assert_eq!(bucket.wait(&config, 5.0, 999.0), 1_001.0);
        assert_eq!(bucket.available(&config, 1_500.0), 4.0);
        assert_eq!(bucket.available(&config, 2_000.0), 8.0);
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
        let (config, mut bucket) =
            bucket(BucketConfig { burst_allowance: 5.0, ..BucketConfig::new(10.0, 1.0, 1_000.0) });
        assert_eq!(bucket.available(&config, 0.0), 10.0);
        assert_eq!(bucket.available(&config, 60_000.0), 15.0);
    }

    #[test]
    fn a_cost_beyond_the_maximum_never_comes() {
        let (config, mut bucket) = bucket(BucketConfig::new(10.0, 1.0, 1_000.0));
        assert_eq!(bucket.wait(&config, 11.0, 0.0), f64::INFINITY);
        assert_eq!(bucket.take(&config, f64::NAN, 0.0).wait(), f64::INFINITY);
    }

    #[test]
    fn a_debt_is_paid_before_anything_passes() {
        let (config, mut bucket) = bucket(BucketConfig::new(10.0, 1.0, 1_000.0));
        bucket.charge(&config, 8.0, 0.0);
        bucket.charge(&config, 8.0, 0.0);
        assert_eq!((bucket.available(&config, 0.0), bucket.balance(&config, 0.0)), (0.0, -6.0));
        assert_eq!(bucket.wait(&config, 1.0, 0.0), 7_000.0);
        bucket.refund(&config, 100.0, 0.0);
        assert_eq!(bucket.balance(&config, 0.0), 10.0);
    }

    #[test]
    fn the_largest_fields_do_not_overflow() {
        let largest = BucketConfig {
            burst_allowance: MAX_TOKENS,
            ..BucketConfig::new(MAX_TOKENS, MAX_TOKENS, MAX_INTERVAL)
        };
        let (config, mut bucket) = bucket(largest);
        assert_eq!(bucket.available(&config, 1e15), 2.0 * MAX_TOKENS);
        assert_eq!(bucket.take(&config, 2.0 * MAX_TOKENS, 1e15), Take::Granted { remaining: 0.0 });
        let filled = bucket.available(&config, 1e15 + MAX_INTERVAL) / MAX_TOKENS;
        assert!(filled <= 1.0 && filled > 1.0 - 2e-6, "{filled}");
        let awkward = BucketConfig::new(MAX_TOKENS, 0.000_001, MAX_INTERVAL).validate().unwrap_err();
        assert!(awkward.message().contains("refillRate"));
    }

    #[test]
    fn fields_out_of_range_are_named() {
        let refused = |config: BucketConfig| config.validate().unwrap_err().message().to_owned();
        let good = BucketConfig::new(10.0, 1.0, 1_000.0);
        assert!(refused(BucketConfig { capacity: 0.5, ..good.clone() }).contains("capacity"));
        assert!(refused(BucketConfig { refill_rate: f64::NAN, ..good.clone() }).contains("refillRate"));
        assert!(refused(BucketConfig { refill_interval: 0.5, ..good.clone() }).contains("refillInterval"));
        assert!(refused(BucketConfig { burst_allowance: -1.0, ..good.clone() }).contains("burstAllowance"));
        assert!(refused(BucketConfig { initial_tokens: Some(11.0), ..good }).contains("initialTokens"));
    }
}
