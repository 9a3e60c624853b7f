//! What a breaker tolerates, and for how long it opens.

use super::backoff::Backoff;
use super::weight::Weight;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest time a field may hold: a year, in milliseconds.
const MAX_TIME: f64 = 366.0 * 86_400_000.0;

/// The highest count of failures: their times are kept, 16 bytes each, only while they count.
const MAX_FAILURES: f64 = 10_000.0;

/// The most probes at once: each one that is out takes 16 bytes.
const MAX_PROBES: f64 = 1_000.0;

/// The largest count window: 20 kB with slow calls, and half of that again with weights.
const MAX_WINDOW: f64 = 10_000.0;

/// The most buckets of a time window.
const MAX_BUCKETS: f64 = 1_000.0;

/// The most classes of failures, and the bytes of a name.
const MAX_CLASSES: usize = 64;

/// Calls that a rate asks for unless `minimumCalls` says otherwise: one failure in one call is no rate.
const MINIMUM_CALLS: u32 = 10;

/// When a breaker opens and how it closes again. All times are milliseconds, all rates from 0 to 1.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BreakerConfig {
    /// Failures in the window that open the breaker, from 1 to 10,000; 5 if no rate is given either.
    pub failure_threshold: Option<f64>,
    /// The share of failures in the window that opens the breaker, above 0.
    pub failure_rate: Option<f64>,
    /// How long a call may take before it is slow.
    pub slow_call_duration: Option<f64>,
    /// The share of slow calls in the window that opens the breaker, above 0. A slow probe has then failed.
    pub slow_call_rate: Option<f64>,
    /// Calls in the window below which no rate opens the breaker; 10, or the window's size if that is less.
    pub minimum_calls: Option<f64>,
    /// What the breaker looks back on: the failures of the monitoring period, or with a rate its calls.
    pub window: Option<WindowConfig>,
    /// How long a failure counts, and with a time window a call.
    pub monitoring_period: f64,
    /// How long the breaker refuses once open, and how long a probe may be out before it is given up.
    pub recovery_timeout: f64,
    /// How the time of refusal grows when the breaker opens again without having closed.
    pub backoff: Backoff,
    /// The longest that a service's `Retry-After` may keep the breaker open.
    pub retry_after_maximum: f64,
    /// Probes that pass while half-open.
    pub half_open_max_calls: f64,
    /// Probes that must succeed for the breaker to close; all of them if not given. It opens again as soon as so
    /// many have failed that the rest is too few.
    pub success_threshold: Option<f64>,
    /// Weights of classes of failures, from 1/16 to 15; one that is not named weighs 1.
    pub classes: BTreeMap<String, f64>,
    /// Whether the breaker keeps a sketch of how long calls take.
    pub latency: bool,
    /// What the breaker does with its findings at the start.
    pub mode: Mode,
}

/// What a breaker looks back on.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WindowConfig {
    /// The failures since the last success.
    Consecutive,
    /// The last calls.
    Count {
        /// How many, from 1 to 10,000.
        size: f64,
    },
    /// The calls of the monitoring period.
    Time {
        /// In how many parts the period is counted, from 1 to 1,000; 10 if not given.
        #[serde(default = "ten")]
        buckets: f64,
    },
}

const fn ten() -> f64 {
    10.0
}

/// What a breaker does with its findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It refuses when it is open.
    #[default]
    Normal,
    /// It goes through its states and counts what it would refuse, but refuses nothing.
    MetricsOnly,
    /// It refuses everything.
    Isolated,
    /// It lets everything through and counts nothing.
    Disabled,
}

impl Default for BreakerConfig {
    /// Opens at 5 failures within a minute, for 30 seconds, and closes after one probe.
    fn default() -> Self {
        Self {
            failure_threshold: None,
            failure_rate: None,
            slow_call_duration: None,
            slow_call_rate: None,
            minimum_calls: None,
            window: None,
            monitoring_period: 60_000.0,
            recovery_timeout: 30_000.0,
            backoff: Backoff::Constant,
            retry_after_maximum: 3_600_000.0,
            half_open_max_calls: 1.0,
            success_threshold: None,
            classes: BTreeMap::new(),
            latency: false,
            mode: Mode::Normal,
        }
    }
}

/// A configuration whose ranges are checked. Breakers that share one take it by reference.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidBreakerConfig {
    /// In sixteenths.
    pub(super) failure_threshold: Option<u32>,
    pub(super) failure_rate: Option<f64>,
    pub(super) slow_call_duration: Option<f64>,
    pub(super) slow_call_rate: Option<f64>,
    pub(super) minimum_calls: u32,
    pub(super) window: WindowKind,
    pub(super) monitoring_period: f64,
    pub(super) recovery_timeout: f64,
    pub(super) backoff: Backoff,
    pub(super) retry_after_maximum: f64,
    pub(super) half_open_max_calls: u32,
    pub(super) success_threshold: u32,
    pub(super) classes: BTreeMap<String, Weight>,
    /// Whether a class weighs something else than 1.
    pub(super) weighted: bool,
    pub(super) latency: bool,
    pub(super) mode: Mode,
}

/// A window whose size is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WindowKind {
    Failures,
    Consecutive,
    Count { size: u32 },
    Time { buckets: u32 },
}

impl ValidBreakerConfig {
    /// The weight of a class of failures: 1 if the configuration does not name it.
    #[must_use]
    pub fn weight(&self, class: &str) -> Weight {
        self.classes.get(class).copied().unwrap_or(Weight::ONE)
    }

    /// The weight nearest to a number, as classes outside the configuration may have it: 1 where all weigh the same.
    #[must_use]
    pub fn nearest_weight(&self, weight: f64) -> Weight {
        if self.weighted { Weight::nearest(weight) } else { Weight::ONE }
    }

    /// The longest that a breaker may refuse at a stretch.
    pub(super) fn longest_pause(&self) -> f64 {
        self.backoff.maximum(self.recovery_timeout).max(self.retry_after_maximum)
    }

    /// Whether the breaker must know how long a call took.
    #[must_use]
    pub const fn needs_duration(&self) -> bool {
        self.latency || self.slow_call_duration.is_some()
    }

    /// Whether a success while closed must carry its time.
    #[must_use]
    pub const fn needs_time_of_success(&self) -> bool {
        matches!(self.window, WindowKind::Time { .. })
    }
}

impl BreakerConfig {
    /// Checks the ranges once.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    pub fn validate(self) -> Result<ValidBreakerConfig> {
        let rated = self.failure_rate.is_some() || self.slow_call_rate.is_some();
        let failure_threshold = optional(self.failure_threshold, MAX_FAILURES, FAILURE_THRESHOLD)?
            .or_else(|| (!rated).then_some(5))
            .map(|failures| failures * u32::from(Weight::ONE.sixteenths()));
        let window = window(self.window, rated)?;
        let classes = classes(self.classes)?;
        let weighted = classes.values().any(|weight| *weight != Weight::ONE);
        if let WindowKind::Count { size } = window
            && !weighted
            && failure_threshold.is_some_and(|failures| failures > size * 16)
        {
            return Err(Error::config("breaker: failureThreshold must be at most window.size"));
        }
        let largest = if let WindowKind::Count { size } = window { f64::from(size) } else { 1e9 };
        let minimum_calls = optional(self.minimum_calls, largest, MINIMUM_CALLS_RANGE)?;
        if self.slow_call_rate.is_some() && self.slow_call_duration.is_none() {
            return Err(Error::config("breaker: slowCallRate needs slowCallDuration beside it"));
        }
        let recovery_timeout = time(self.recovery_timeout, RECOVERY_TIMEOUT)?;
        let half_open_max_calls = count(self.half_open_max_calls, MAX_PROBES, HALF_OPEN_MAX_CALLS)?;
        let success_threshold =
            optional(self.success_threshold, f64::from(half_open_max_calls), SUCCESS_THRESHOLD)?;
        Ok(ValidBreakerConfig {
            failure_threshold,
            failure_rate: rate(self.failure_rate, "breaker: failureRate must be above 0, at most 1")?,
            slow_call_duration: self.slow_call_duration.map(|it| time(it, SLOW_CALL_DURATION)).transpose()?,
            slow_call_rate: rate(self.slow_call_rate, "breaker: slowCallRate must be above 0, at most 1")?,
            minimum_calls: minimum_calls.unwrap_or(if largest < f64::from(MINIMUM_CALLS) {
                count(largest, largest, MINIMUM_CALLS_RANGE)?
            } else {
                MINIMUM_CALLS
            }),
            window,
            monitoring_period: time(self.monitoring_period, MONITORING_PERIOD)?,
            recovery_timeout,
            backoff: self.backoff.validate(recovery_timeout, MAX_TIME)?,
            retry_after_maximum: time(self.retry_after_maximum, RETRY_AFTER_MAXIMUM)?,
            half_open_max_calls,
            success_threshold: success_threshold.unwrap_or(half_open_max_calls),
            classes,
            weighted,
            latency: self.latency,
            mode: self.mode,
        })
    }
}

const FAILURE_THRESHOLD: &str = "breaker: failureThreshold must be a whole number from 1 to 10000";
const MINIMUM_CALLS_RANGE: &str =
    "breaker: minimumCalls must be a whole number from 1 to the size of the window";
const RECOVERY_TIMEOUT: &str = "breaker: recoveryTimeout must be from 1 to 31622400000 milliseconds";
const MONITORING_PERIOD: &str = "breaker: monitoringPeriod must be from 1 to 31622400000 milliseconds";
const RETRY_AFTER_MAXIMUM: &str = "breaker: retryAfterMaximum must be from 1 to 31622400000 milliseconds";
const SLOW_CALL_DURATION: &str = "breaker: slowCallDuration must be from 1 to 31622400000 milliseconds";
const HALF_OPEN_MAX_CALLS: &str = "breaker: halfOpenMaxCalls must be a whole number from 1 to 1000";
const SUCCESS_THRESHOLD: &str = "breaker: successThreshold must be a whole number from 1 to halfOpenMaxCalls";

fn window(config: Option<WindowConfig>, rated: bool) -> Result<WindowKind> {
    match config {
        None if rated => Ok(WindowKind::Time { buckets: 10 }),
        None => Ok(WindowKind::Failures),
        Some(WindowConfig::Consecutive) if rated => {
            Err(Error::config("breaker: a rate needs a window of kind count or time"))
        }
        Some(WindowConfig::Consecutive) => Ok(WindowKind::Consecutive),
        Some(WindowConfig::Count { size }) => Ok(WindowKind::Count {
            size: count(size, MAX_WINDOW, "breaker: window.size must be a whole number from 1 to 10000")?,
        }),
        Some(WindowConfig::Time { buckets }) => Ok(WindowKind::Time {
            buckets: count(
                buckets,
                MAX_BUCKETS,
                "breaker: window.buckets must be a whole number from 1 to 1000",
            )?,
        }),
    }
}

fn classes(weights: BTreeMap<String, f64>) -> Result<BTreeMap<String, Weight>> {
    if weights.len() > MAX_CLASSES || weights.keys().any(|name| name.len() > MAX_CLASSES) {
        return Err(Error::config("breaker: classes must be at most 64, with names of at most 64 bytes"));
    }
    let mut classes = BTreeMap::new();
    for (name, weight) in weights {
        classes.insert(name, Weight::new(weight)?);
    }
    Ok(classes)
}

fn optional(value: Option<f64>, maximum: f64, message: &'static str) -> Result<Option<u32>> {
    value.map(|value| count(value, maximum, message)).transpose()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked in the line before"
)]
fn count(value: f64, maximum: f64, message: &'static str) -> Result<u32> {
    if value.fract() == 0.0 && (1.0..=maximum).contains(&value) {
        Ok(value as u32)
    } else {
        Err(Error::config(message))
    }
}

fn time(value: f64, message: &'static str) -> Result<f64> {
    if (1.0..=MAX_TIME).contains(&value) { Ok(value) } else { Err(Error::config(message)) }
}

fn rate(value: Option<f64>, message: &'static str) -> Result<Option<f64>> {
    match value {
        Some(rate) if !(rate > 0.0 && rate <= 1.0) => Err(Error::config(message)),
        rate => Ok(rate),
    }
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
        assert!(refused(|c| c.failure_rate = Some(0.0)).contains("failureRate"));
        assert!(refused(|c| c.failure_rate = Some(f64::NAN)).contains("failureRate"));
        assert!(refused(|c| c.slow_call_rate = Some(0.5)).contains("slowCallDuration"));
        assert!(refused(|c| c.slow_call_duration = Some(0.0)).contains("slowCallDuration"));
        assert!(refused(|c| c.recovery_timeout = 0.0).contains("recoveryTimeout"));
        assert!(refused(|c| c.monitoring_period = f64::NAN).contains("monitoringPeriod"));
        assert!(refused(|c| c.retry_after_maximum = -1.0).contains("retryAfterMaximum"));
        assert!(refused(|c| c.half_open_max_calls = f64::INFINITY).contains("halfOpenMaxCalls"));
        assert!(refused(|c| c.success_threshold = Some(2.0)).contains("successThreshold"));
        assert!(refused(|c| c.minimum_calls = Some(0.0)).contains("minimumCalls"));
        assert!(refused(|c| c.window = Some(WindowConfig::Count { size: 0.0 })).contains("window.size"));
        assert!(refused(|c| c.window = Some(WindowConfig::Time { buckets: 1e6 })).contains("window.buckets"));
        assert!(refused(|c| c.classes = [("timeout".to_owned(), 16.0)].into()).contains("weight"));
        assert!(
            refused(|c| c.backoff = Backoff::Exponential { factor: 0.5, maximum: None }).contains("factor")
        );
        assert!(refused(|c| c.backoff = Backoff::Decorrelated { maximum: Some(1.0) }).contains("maximum"));
    }

    #[test]
    fn what_could_never_open_is_refused() {
        let window = Some(WindowConfig::Count { size: 10.0 });
        let config = BreakerConfig { failure_threshold: Some(11.0), window, ..BreakerConfig::default() };
        assert!(config.validate().unwrap_err().message().contains("failureThreshold"));
        let config = BreakerConfig {
            failure_rate: Some(0.5),
            minimum_calls: Some(11.0),
            window,
            ..Default::default()
        };
        assert!(config.validate().unwrap_err().message().contains("minimumCalls"));
        let window = Some(WindowConfig::Consecutive);
        let config = BreakerConfig { failure_rate: Some(0.5), window, ..BreakerConfig::default() };
        assert!(config.validate().unwrap_err().message().contains("window"));
    }
}
