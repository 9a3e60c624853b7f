//! The three algorithms under one roof, for whoever holds many states of different rules.

use super::bucket::{Bucket, BucketConfig, ValidBucketConfig};
use super::gcra::{Gcra, ValidGcraConfig};
use super::take::Take;
use super::window::{ValidWindowConfig, Window};
use crate::error::{Error, Result};
use serde::Deserialize;

/// How a rule counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Fills evenly or by intervals; keeps debts; sixteen bytes a key.
    #[default]
    TokenBucket,
    /// Fills evenly; eight bytes a key.
    Gcra,
    /// Exact in every window, for limits up to 1000; sixteen bytes a take.
    SlidingWindow,
}

/// A checked configuration of any algorithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meter {
    /// See [`Bucket`].
    TokenBucket(ValidBucketConfig),
    /// See [`Gcra`].
    Gcra(ValidGcraConfig),
    /// See [`Window`].
    SlidingWindow(ValidWindowConfig),
}

/// What is counted for one key.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// See [`Bucket`].
    TokenBucket(Bucket),
    /// See [`Gcra`].
    Gcra(Gcra),
    /// See [`Window`].
    SlidingWindow(Box<Window>),
}

/// Passes a call on to the algorithm that a meter and its state agree on.
macro_rules! dispatch {
    ($meter:expr, $state:expr, |$config:ident, $own:ident| $work:expr, $otherwise:expr) => {
        match ($meter, $state) {
            (Meter::TokenBucket($config), State::TokenBucket($own)) => $work,
            (Meter::Gcra($config), State::Gcra($own)) => $work,
            (Meter::SlidingWindow($config), State::SlidingWindow($own)) => $work,
            _ => $otherwise,
        }
    };
}

impl Meter {
    /// Checks a configuration.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) naming the first field out of range.
    pub fn new(algorithm: Algorithm, config: &BucketConfig) -> Result<Self> {
        Ok(match algorithm {
            Algorithm::TokenBucket => Self::TokenBucket(config.validate()?),
            Algorithm::Gcra => Self::Gcra(ValidGcraConfig::new(config)?),
            Algorithm::SlidingWindow => Self::SlidingWindow(ValidWindowConfig::new(config)?),
        })
    }

    /// Tokens that are there at most.
    #[must_use]
    pub fn maximum(&self) -> f64 {
        match self {
            Self::TokenBucket(config) => config.maximum(),
            Self::Gcra(config) => config.maximum(),
            Self::SlidingWindow(config) => config.maximum(),
        }
    }

    /// A state at its start.
    #[must_use]
    pub fn start(&self, now: f64) -> State {
        match self {
            Self::TokenBucket(config) => State::TokenBucket(Bucket::new(config, now)),
            Self::Gcra(config) => State::Gcra(Gcra::new(config, now)),
            Self::SlidingWindow(_) => State::SlidingWindow(Box::new(Window::new(now))),
        }
    }

    /// A state that holds so many tokens at this time; below zero is a debt, where the algorithm knows one.
    #[must_use]
    pub fn restore(&self, tokens: f64, now: f64) -> State {
        match self {
            Self::TokenBucket(config) => State::TokenBucket(Bucket::restore(config, tokens, now)),
            Self::Gcra(config) => State::Gcra(Gcra::restore(config, tokens, now)),
            Self::SlidingWindow(config) => {
                State::SlidingWindow(Box::new(Window::restore(config, tokens, now)))
            }
        }
    }

    /// Takes `cost` tokens if all of them are there.
    pub fn take(&self, state: &mut State, cost: f64, now: f64) -> Take {
        dispatch!(
            self,
            state,
            |config, own| own.take(config, cost, now),
            Take::Refused { retry_after: f64::INFINITY }
        )
    }

    /// [`Meter::take`] for those who only want to know the milliseconds to wait: 0 if the tokens are taken.
    #[inline]
    pub fn spend(&self, state: &mut State, cost: f64, now: f64) -> f64 {
        dispatch!(self, state, |config, own| own.spend(config, cost, now), f64::INFINITY)
    }

    /// Tokens that are there.
    pub fn available(&self, state: &mut State, now: f64) -> f64 {
        dispatch!(self, state, |config, own| own.available(config, now), 0.0)
    }

    /// Tokens that are there, or what is owed as a negative number.
    pub fn balance(&self, state: &mut State, now: f64) -> f64 {
        match (self, state) {
            (Self::TokenBucket(config), State::TokenBucket(bucket)) => bucket.balance(config, now),
            (_, state) => self.available(state, now),
        }
    }

    /// Milliseconds until `cost` tokens are there; 0 if they are, infinite if they never will be.
    #[inline]
    pub fn wait(&self, state: &mut State, cost: f64, now: f64) -> f64 {
        dispatch!(self, state, |config, own| own.wait(config, cost, now), f64::INFINITY)
    }

    /// Takes `cost` tokens whether they are there or not.
    pub fn charge(&self, state: &mut State, cost: f64, now: f64) {
        dispatch!(self, state, |config, own| own.charge(config, cost, now), ());
    }

    /// Gives back `cost` tokens that were taken and not used.
    pub fn refund(&self, state: &mut State, cost: f64, now: f64) {
        dispatch!(self, state, |config, own| own.refund(config, cost, now), ());
    }

    /// Takes what may have been taken at times nobody knows, so that no later moment has more than the truth.
    pub(super) fn deduct(&self, state: &mut State, spent: f64, now: f64) {
        let there = self.available(state, now);
        match (self, state) {
            (Self::TokenBucket(config), State::TokenBucket(bucket)) => bucket.deduct(config, spent, now),
            (Self::Gcra(config), State::Gcra(cell)) => cell.charge(config, spent.min(there), now),
            // Beyond what is there: it may have been taken after older takes, known here, had run out.
            (meter, state) => meter.charge(state, spent.min(meter.maximum()), now),
        }
    }

    /// Whether a state can be forgotten, and nobody gains a token.
    pub fn is_full(&self, state: &mut State, now: f64) -> bool {
        dispatch!(self, state, |config, own| own.is_full(config, now), false)
    }
}

/// A bucket's configuration with its algorithm, as a rule has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeterConfig {
    /// How it counts.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// As in [`BucketConfig`].
    pub capacity: f64,
    /// As in [`BucketConfig`]; equal to the capacity for a sliding window, and then it may be left out.
    #[serde(default)]
    pub refill_rate: Option<f64>,
    /// As in [`BucketConfig`]; the length of a sliding window.
    pub refill_interval: f64,
    /// As in [`BucketConfig`].
    #[serde(default)]
    pub initial_tokens: Option<f64>,
    /// As in [`BucketConfig`].
    #[serde(default)]
    pub burst_allowance: f64,
    /// As in [`BucketConfig`].
    #[serde(default)]
    pub refill: super::bucket::Refill,
}

impl MeterConfig {
    /// Checks the configuration.
    ///
    /// # Errors
    /// As [`Meter::new`].
    pub fn validate(&self) -> Result<Meter> {
        let refill_rate = match (self.refill_rate, self.algorithm) {
            (Some(rate), _) => rate,
            (None, Algorithm::SlidingWindow) => self.capacity,
            (None, _) => return Err(Error::config("limit: refillRate is missing")),
        };
        let config = BucketConfig {
            capacity: self.capacity,
            refill_rate,
            refill_interval: self.refill_interval,
            initial_tokens: self.initial_tokens,
            burst_allowance: self.burst_allowance,
            refill: self.refill,
        };
        Meter::new(self.algorithm, &config)
    }
}

impl From<BucketConfig> for MeterConfig {
    fn from(config: BucketConfig) -> Self {
        Self {
            algorithm: Algorithm::TokenBucket,
            capacity: config.capacity,
            refill_rate: Some(config.refill_rate),
            refill_interval: config.refill_interval,
            initial_tokens: config.initial_tokens,
            burst_allowance: config.burst_allowance,
            refill: config.refill,
        }
    }
}
