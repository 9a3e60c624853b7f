//! How long to wait before the next try: for an open breaker, and between retries.

use crate::error::{Error, Result};
use serde::Deserialize;

/// How a delay grows from one try to the next. All times are milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Backoff {
    /// Always the same.
    #[default]
    Constant,
    /// Grows by a factor each time.
    Exponential {
        /// From 1 to 100; 2 if not given.
        #[serde(default = "two")]
        factor: f64,
        /// The longest delay; 64 times the first if not given.
        #[serde(default)]
        maximum: Option<f64>,
    },
    /// Anywhere between the first delay and three times the last one, so that clients do not come back together.
    /// (M. Brooker, "Exponential Backoff And Jitter", 2015.)
    Decorrelated {
        /// The longest delay; 64 times the first if not given.
        #[serde(default)]
        maximum: Option<f64>,
    },
}

const fn two() -> f64 {
    2.0
}

impl Backoff {
    /// Checks the ranges; `longest` is the longest delay that may be asked for.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the field.
    pub fn validate(self, base: f64, longest: f64) -> Result<Self> {
        let (factor, maximum) = match self {
            Self::Constant => return Ok(self),
            Self::Exponential { factor, maximum } => (factor, maximum),
            Self::Decorrelated { maximum } => (2.0, maximum),
        };
        if !(1.0..=100.0).contains(&factor) {
            return Err(Error::config("breaker: backoff.factor must be from 1 to 100"));
        }
        if maximum.is_some_and(|maximum| !(base..=longest).contains(&maximum)) {
            return Err(Error::config(
                "breaker: backoff.maximum must be from the first delay to 31622400000 milliseconds",
            ));
        }
        Ok(self)
    }

    /// The longest delay.
    #[must_use]
    pub fn maximum(self, base: f64) -> f64 {
        match self {
            Self::Constant => base,
            Self::Exponential { maximum, .. } | Self::Decorrelated { maximum } => {
                maximum.unwrap_or(base * 64.0)
            }
        }
    }

    /// The delay of the n-th try in a row, from 1. `previous` is the delay before it, and `random` is from 0 up to 1.
    #[must_use]
    pub fn delay(self, base: f64, attempt: u32, previous: f64, random: f64) -> f64 {
        let delay = match self {
            Self::Constant => base,
            Self::Exponential { factor, .. } => base * factor.powf(f64::from(attempt.saturating_sub(1))),
            Self::Decorrelated { .. } => random.mul_add(previous.max(base) * 3.0 - base, base),
        };
        delay.min(self.maximum(base))
    }
}

/// The next number from 0 up to 1 of a sequence (SplitMix64: S. Vigna, public domain description). Good enough to
/// spread clients, and the same seed gives the same delays again.
pub(super) fn next_unit(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    unit_of(z ^ (z >> 31))
}

/// A number from 0 up to 1 of 64 random bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64")]
pub(super) fn unit_of(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_delay_doubles_up_to_its_maximum() {
        let backoff = Backoff::Exponential { factor: 2.0, maximum: Some(5_000.0) };
        let delays: Vec<f64> = (1..=5).map(|n| backoff.delay(1_000.0, n, 0.0, 0.0)).collect();
        assert_eq!(delays, [1_000.0, 2_000.0, 4_000.0, 5_000.0, 5_000.0]);
        assert_eq!(backoff.delay(1_000.0, u32::MAX, 0.0, 0.0), 5_000.0);
    }

    #[test]
    fn a_decorrelated_delay_stays_between_the_first_and_three_times_the_last() {
        let backoff = Backoff::Decorrelated { maximum: Some(60_000.0) };
        let (mut seed, mut previous) = (7, 0.0f64);
        for attempt in 1..200 {
            let delay = backoff.delay(1_000.0, attempt, previous, next_unit(&mut seed));
            assert!((1_000.0..=60_000.0f64.min(previous.max(1_000.0) * 3.0)).contains(&delay), "{delay}");
            previous = delay;
        }
    }

    #[test]
    fn a_sequence_of_units_is_spread_and_repeats_under_its_seed() {
        let units = |mut seed: u64| (0..1_000).map(|_| next_unit(&mut seed)).collect::<Vec<_>>();
        assert_eq!(units(1), units(1));
        let mean = units(2).iter().sum::<f64>() / 1_000.0;
        assert!((0.45..0.55).contains(&mean) && units(3).iter().all(|unit| (0.0..1.0).contains(unit)));
    }
}
