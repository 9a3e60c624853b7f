//! How often a failed call is tried again, and how long it waits before.

use super::backoff::{Backoff, unit_of};
use crate::error::{Error, Result};
use crate::host::Entropy;
use serde::Deserialize;

/// The longest first delay: an hour, in milliseconds.
const MAX_DELAY: f64 = 3_600_000.0;

/// Retries of one call.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RetryConfig {
    /// How often the operation runs at most, the first time included, from 1 to 100.
    pub attempts: f64,
    /// The delay before the second run, in milliseconds.
    pub delay: f64,
    /// How the delay grows.
    pub backoff: Backoff,
}

impl Default for RetryConfig {
    /// Three runs, about 200 ms apart at first, with decorrelated jitter up to 10 seconds.
    fn default() -> Self {
        Self { attempts: 3.0, delay: 200.0, backoff: Backoff::Decorrelated { maximum: Some(10_000.0) } }
    }
}

/// Retries whose ranges are checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    attempts: u32,
    delay: f64,
    backoff: Backoff,
}

impl RetryConfig {
    /// Checks the ranges once.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked in the line before"
    )]
    pub fn validate(self) -> Result<Retry> {
        if self.attempts.fract() != 0.0 || !(1.0..=100.0).contains(&self.attempts) {
            return Err(Error::config("breaker: retry.attempts must be a whole number from 1 to 100"));
        }
        if !(1.0..=MAX_DELAY).contains(&self.delay) {
            return Err(Error::config("breaker: retry.delay must be from 1 to 3600000 milliseconds"));
        }
        let mut backoff = self.backoff;
        // The default's maximum is no reason to refuse a first delay above it.
        if let Backoff::Decorrelated { maximum: Some(maximum) } = &mut backoff
            && self.backoff == Self::default().backoff
        {
            *maximum = maximum.max(self.delay);
        }
        let backoff = backoff.validate(self.delay, MAX_DELAY)?;
        Ok(Retry { attempts: self.attempts as u32, delay: self.delay, backoff })
    }
}

impl Retry {
    /// The delay in milliseconds after the n-th run failed, from 1; nothing if it was the last one. `previous` is the
    /// delay before that run.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn delay(&self, runs: u32, previous: f64, entropy: &mut impl Entropy) -> Result<Option<f64>> {
        if runs >= self.attempts {
            return Ok(None);
        }
        let random = unit_of(u64::from_le_bytes(entropy.bytes()?));
        Ok(Some(self.backoff.delay(self.delay, runs, previous, random)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostEntropy;

    #[test]
    fn the_last_run_is_followed_by_none() {
        let retry = RetryConfig { attempts: 2.0, ..RetryConfig::default() }.validate().unwrap();
        let delay = retry.delay(1, 0.0, &mut HostEntropy).unwrap().unwrap();
        assert!((200.0..600.0).contains(&delay), "{delay}");
        assert_eq!(retry.delay(2, delay, &mut HostEntropy), Ok(None));
    }

    #[test]
    fn fields_out_of_range_are_named() {
        let refused = |config: RetryConfig| config.validate().unwrap_err().message().to_owned();
        assert!(refused(RetryConfig { attempts: 0.0, ..RetryConfig::default() }).contains("attempts"));
        assert!(refused(RetryConfig { delay: f64::NAN, ..RetryConfig::default() }).contains("delay"));
        assert!(RetryConfig { delay: 60_000.0, ..RetryConfig::default() }.validate().is_ok());
    }
}
