//! What a breaker tolerates, and for how long it opens.

use crate::error::{Error, Result};
use serde::Deserialize;

/// The longest time a field may hold: a year, in milliseconds.
const MAX_TIME: f64 = 366.0 * 86_400_000.0;

/// The highest count of failures: their times are kept, 16 bytes each, only while they count.
const MAX_FAILURES: f64 = 10_000.0;

/// The most probes at once: each one that is out takes 16 bytes.
const MAX_PROBES: f64 = 1_000.0;

/// When a breaker opens and how it closes again. All times are milliseconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BreakerConfig {
    /// Failures within the monitoring period that open the breaker, from 1 to 10,000; 5 if not given.
    pub failure_threshold: Option<f64>,
    /// How long the breaker refuses once open, and how long a probe may be out before it is given up.
    pub recovery_timeout: f64,
    /// How long a failure counts.
    pub monitoring_period: f64,
    /// Probes that pass while half-open; all of them must succeed for the breaker to close.
    pub half_open_max_calls: f64,
}

impl Default for BreakerConfig {
    /// Opens at 5 failures within a minute, for 30 seconds, and closes after one probe.
    fn default() -> Self {
        Self {
            failure_threshold: None,
            recovery_timeout: 30_000.0,
            monitoring_period: 60_000.0,
            half_open_max_calls: 1.0,
        }
    }
}

/// A configuration whose ranges are checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidBreakerConfig {
    pub(super) failure_threshold: usize,
    pub(super) recovery_timeout: f64,
    pub(super) monitoring_period: f64,
    pub(super) half_open_max_calls: usize,
}

impl BreakerConfig {
    /// Checks the ranges once.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    pub fn validate(self) -> Result<ValidBreakerConfig> {
        Ok(ValidBreakerConfig {
            failure_threshold: count(
                self.failure_threshold.unwrap_or(5.0),
                MAX_FAILURES,
                "breaker: failureThreshold must be a whole number from 1 to 10000",
            )?,
            recovery_timeout: time(
                self.recovery_timeout,
                "breaker: recoveryTimeout must be from 1 to 31622400000 milliseconds",
            )?,
            monitoring_period: time(
                self.monitoring_period,
                "breaker: monitoringPeriod must be from 1 to 31622400000 milliseconds",
            )?,
            half_open_max_calls: count(
                self.half_open_max_calls,
                MAX_PROBES,
                "breaker: halfOpenMaxCalls must be a whole number from 1 to 1000",
            )?,
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked in the line before"
)]
fn count(value: f64, maximum: f64, message: &'static str) -> Result<usize> {
    if value.fract() == 0.0 && (1.0..=maximum).contains(&value) {
        Ok(value as usize)
    } else {
        Err(Error::config(message))
    }
}

fn time(value: f64, message: &'static str) -> Result<f64> {
    if (1.0..=MAX_TIME).contains(&value) { Ok(value) } else { Err(Error::config(message)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_out_of_range_are_named() {
        let refused = |change: fn(&mut BreakerConfig)| {
            let mut config = BreakerConfig::default();
            change(&mut config);
            config.validate().unwrap_err().message().to_owned()
        };
        assert!(refused(|c| c.failure_threshold = Some(0.0)).contains("failureThreshold"));
        assert!(refused(|c| c.failure_threshold = Some(1.5)).contains("failureThreshold"));
        assert!(refused(|c| c.recovery_timeout = 0.0).contains("recoveryTimeout"));
        assert!(refused(|c| c.monitoring_period = f64::NAN).contains("monitoringPeriod"));
        assert!(refused(|c| c.half_open_max_calls = f64::INFINITY).contains("halfOpenMaxCalls"));
    }
}
