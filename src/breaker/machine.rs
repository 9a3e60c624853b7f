//! The state machine.
//!
//! A call asks for a [`Permit`] and reports with it. Every permit carries a number that is never used again:
//! the permit of a closed breaker is the number of that closed period, each probe has its own. A report counts
//! only if its number is still awaited, so that a call that outlives its period or its probe changes nothing.

use super::backoff::next_unit;
use super::config::{Mode, ValidBreakerConfig};
use super::sketch::Sketch;
use super::stats::{Counts, Stats};
use super::ticker::Ticker;
use super::weight::Weight;
use super::window::{Call, Tally, Window};
use serde::{Deserialize, Serialize};

/// What a breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass, to see whether the service is back.
    HalfOpen,
    /// All calls are refused until the mode changes.
    Isolated,
    /// All calls pass, and none is counted, until the mode changes.
    Disabled,
}

/// Why a breaker opened last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// It has not opened yet.
    None,
    /// The failures in the window reached the threshold.
    Failures,
    /// Their share did.
    FailureRate,
    /// The share of slow calls did.
    SlowCallRate,
    /// Too many probes failed.
    Probe,
    /// The service asked for a pause.
    RateLimited,
}

/// The leave to make one call, to be handed back with its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit(u64);

impl Permit {
    /// The permit of a call that is not counted.
    const UNCOUNTED: Self = Self(0);

    /// The permit as a number, to be kept where no type can go.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The permit of a number. One that was not given out reports without effect.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// The answer to a call that asks to pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Admission {
    /// The call may start.
    Admitted(Permit),
    /// The call must not start.
    Refused {
        /// Milliseconds until asking again makes sense; infinite while isolated.
        retry_after: f64,
    },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// The service did what it was asked.
    Success,
    /// The service failed.
    Failure(Weight),
    /// The call says nothing about the service: it was cancelled, or refused for a reason of its own. A probe gives
    /// its place back.
    Ignored,
    /// The service asks for a pause: the breaker opens for so long, whatever the window holds.
    RateLimited {
        /// Milliseconds, cut to `retry_after_maximum`; the recovery timeout if the service does not say.
        retry_after: Option<f64>,
    },
}

/// A circuit breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct Breaker {
    pub(super) ticker: Ticker,
    pub(super) mode: Mode,
    pub(super) phase: Phase,
    pub(super) window: Window,
    /// Why it opened last.
    pub(super) cause: Cause,
    /// How often it opened since it was closed.
    pub(super) openings: u32,
    /// How long it opened for the last time, for the back-off.
    pub(super) delay: f64,
    pub(super) counts: Counts,
    pub(super) latency: Option<Box<Sketch>>,
    /// The number that the next permit gets.
    next: u64,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Closed { permit: u64 },
    Open { until: f64 },
    HalfOpen { probes: Vec<Probe>, successes: u32, failures: u32 },
}

/// A probe that has not reported yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Probe {
    permit: u64,
    started_at: f64,
}

impl Breaker {
    /// A closed breaker that has seen nothing. The seed spreads the delays of a back-off with jitter: random for
    /// clients that must not come back together, fixed to replay.
    #[must_use]
    pub fn new(config: &ValidBreakerConfig, seed: u64, now: f64) -> Self {
        Self {
            ticker: Ticker::new(now),
            mode: config.mode,
            phase: Phase::Closed { permit: 1 },
            window: Window::new(config),
            cause: Cause::None,
            openings: 0,
            delay: 0.0,
            counts: Counts::default(),
            latency: config.latency.then(Box::default),
            next: 2,
            seed,
        }
    }

    /// The state at this time: an open breaker whose time is over is half-open.
    pub fn state(&mut self, config: &ValidBreakerConfig, now: f64) -> State {
        self.advance(config, now);
        match (self.mode, &self.phase) {
            (Mode::Isolated, _) => State::Isolated,
            (Mode::Disabled, _) => State::Disabled,
            (_, Phase::Closed { .. }) => State::Closed,
            (_, Phase::Open { .. }) => State::Open,
            (_, Phase::HalfOpen { .. }) => State::HalfOpen,
        }
    }

    /// What the breaker does with its findings.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Why the breaker opened last.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// The permit that any call gets without asking, while the breaker is closed: it stays good until a report
    /// or a change of mode changes the state.
    #[must_use]
    pub const fn closed_permit(&self) -> Option<Permit> {
        match (self.mode, &self.phase) {
            (Mode::Normal | Mode::MetricsOnly, Phase::Closed { permit }) => Some(Permit(*permit)),
            _ => None,
        }
    }

    /// Changes the mode. A breaker that comes out of isolation, or is enabled again, starts closed with an empty
    /// window, and calls from before do not count.
    pub fn set_mode(&mut self, config: &ValidBreakerConfig, mode: Mode) {
        let apart = |mode| matches!(mode, Mode::Isolated | Mode::Disabled);
        if self.mode != mode && (apart(self.mode) || apart(mode)) {
            self.close(config);
        }
        self.mode = mode;
    }

    /// Closes the breaker and empties its window; the mode and the counts since the start stay.
    pub fn reset(&mut self, config: &ValidBreakerConfig) {
        self.close(config);
    }

    /// Asks for leave to make one call.
    pub fn acquire(&mut self, config: &ValidBreakerConfig, now: f64) -> Admission {
        let time = self.advance(config, now);
        let admission = match self.mode {
            Mode::Disabled => Admission::Admitted(Permit::UNCOUNTED),
            Mode::Isolated => Admission::Refused { retry_after: f64::INFINITY },
            Mode::Normal => self.admit(config, time),
            Mode::MetricsOnly => match self.admit(config, time) {
                Admission::Refused { .. } => {
                    self.counts.would_refuse = self.counts.would_refuse.saturating_add(1);
                    Admission::Admitted(Permit::UNCOUNTED)
                }
                admitted => admitted,
            },
        };
        if matches!(admission, Admission::Refused { .. }) {
            self.counts.refused = self.counts.refused.saturating_add(1);
        }
        admission
    }

    fn admit(&mut self, config: &ValidBreakerConfig, time: f64) -> Admission {
        match &mut self.phase {
            Phase::Closed { permit } => Admission::Admitted(Permit(*permit)),
            Phase::Open { until } => Admission::Refused { retry_after: *until - time },
            Phase::HalfOpen { probes, successes, failures } => {
                if probes.len() as u64 + u64::from(*successes + *failures) < config.half_open_max_calls.into()
                {
                    let permit = self.next;
                    self.next += 1;
                    probes.push(Probe { permit, started_at: time });
                    return Admission::Admitted(Permit(permit));
                }
                // Without a probe that is out, the last report would have closed or opened the breaker.
                let oldest = probes.first().map_or(time, |probe| probe.started_at);
                Admission::Refused { retry_after: oldest + config.recovery_timeout - time }
            }
        }
    }

    /// Tells how a call ended and, if it was measured, how many milliseconds it took. Answers whether the report
    /// counted: one with a permit that is no longer awaited does not.
    pub fn report(
        &mut self,
        config: &ValidBreakerConfig,
        permit: Permit,
        outcome: Outcome,
        duration: Option<f64>,
        now: f64,
    ) -> bool {
        let time = self.advance(config, now);
        if permit == Permit::UNCOUNTED {
            return false;
        }
        if !self.awaits(permit) {
            self.counts.late = self.counts.late.saturating_add(1);
            return false;
        }
        let slow = self.measure(config, duration);
        self.counts.add(outcome, slow);
        if let Outcome::RateLimited { retry_after } = outcome {
            let pause = retry_after.filter(|pause| *pause > 0.0).unwrap_or(config.recovery_timeout);
            self.open(Cause::RateLimited, time + pause.min(config.retry_after_maximum));
            return true;
        }
        if let Phase::HalfOpen { successes, failures, .. } = &mut self.phase {
            match outcome {
                Outcome::Failure(_) => *failures += 1,
                Outcome::Success if slow && config.slow_call_rate.is_some() => *failures += 1,
                Outcome::Success => *successes += 1,
                Outcome::Ignored | Outcome::RateLimited { .. } => {}
            }
            if *successes >= config.success_threshold {
                self.close(config);
            } else if *failures > config.half_open_max_calls - config.success_threshold {
                self.open_for_a_while(config, Cause::Probe, time);
            }
            return true;
        }
        let failed = match outcome {
            Outcome::Success => 0,
            Outcome::Failure(weight) => weight.sixteenths(),
            Outcome::Ignored | Outcome::RateLimited { .. } => return true,
        };
        let tally = self.window.record(config, Call { failed, slow }, time);
        if let Some(cause) = verdict(config, tally) {
            self.open_for_a_while(config, cause, time);
        }
        true
    }

    /// Whether nothing is lost with this breaker: it is closed, in the mode it started in, and no failure or slow call
    /// counts.
    pub fn is_idle(&mut self, config: &ValidBreakerConfig, now: f64) -> bool {
        let time = self.advance(config, now);
        let tally = self.window.tally(config, time);
        let closed = matches!(self.phase, Phase::Closed { .. });
        closed && self.mode == config.mode && tally.failed == 0 && tally.slow == 0
    }

    /// What the breaker has seen, at this time.
    pub fn stats(&mut self, config: &ValidBreakerConfig, now: f64) -> Stats {
        let state = self.state(config, now);
        let time = self.ticker.time();
        let tally = self.window.tally(config, time);
        let retry_after = match (&self.phase, state) {
            (_, State::Isolated) => f64::INFINITY,
            (Phase::Open { until }, State::Open) => *until - time,
            _ => 0.0,
        };
        Stats::new(state, self.mode, self.cause, retry_after, tally, self.counts, self.latency.as_deref())
    }

    /// Whether a report with this permit counts; a probe is then no longer out.
    fn awaits(&mut self, permit: Permit) -> bool {
        match &mut self.phase {
            Phase::Closed { permit: awaited } => *awaited == permit.0,
            Phase::Open { .. } => false,
            Phase::HalfOpen { probes, .. } => {
                let index = probes.iter().position(|probe| probe.permit == permit.0);
                index.map(|index| probes.remove(index)).is_some()
            }
        }
    }

    /// Keeps how long a call took and answers whether that was slow.
    fn measure(&mut self, config: &ValidBreakerConfig, duration: Option<f64>) -> bool {
        let Some(duration) = duration else { return false };
        if let Some(latency) = &mut self.latency {
            latency.record(duration);
        }
        config.slow_call_duration.is_some_and(|limit| duration >= limit)
    }

    /// Moves to this time: opens the way for probes, and gives up those that have been out for too long.
    pub(super) fn advance(&mut self, config: &ValidBreakerConfig, now: f64) -> f64 {
        let time = self.ticker.advance(now);
        match &mut self.phase {
            Phase::Closed { .. } => {}
            Phase::Open { until } => {
                if time >= *until {
                    self.phase = Phase::HalfOpen { probes: Vec::new(), successes: 0, failures: 0 };
                }
            }
            Phase::HalfOpen { probes, .. } => {
                probes.retain(|probe| time - probe.started_at < config.recovery_timeout);
            }
        }
        time
    }

    fn open_for_a_while(&mut self, config: &ValidBreakerConfig, cause: Cause, time: f64) {
        self.openings = self.openings.saturating_add(1);
        let random = next_unit(&mut self.seed);
        self.delay = config.backoff.delay(config.recovery_timeout, self.openings, self.delay, random);
        self.open(cause, time + self.delay);
    }

    fn open(&mut self, cause: Cause, until: f64) {
        self.counts.opened = self.counts.opened.saturating_add(1);
        self.cause = cause;
        self.phase = Phase::Open { until };
    }

    fn close(&mut self, config: &ValidBreakerConfig) {
        self.phase = Phase::Closed { permit: self.next };
        self.next += 1;
        self.window = Window::new(config);
        self.openings = 0;
        self.delay = 0.0;
    }
}

/// Whether what the window counts opens the breaker, and why.
fn verdict(config: &ValidBreakerConfig, tally: Tally) -> Option<Cause> {
    let calls = f64::from(tally.calls);
    let reached = |limit: Option<f64>, count: f64| {
        // The sliver is the rounding of a product: 3 of 10 calls are a rate of 0.3.
        limit.is_some_and(|rate| tally.calls >= config.minimum_calls && count >= rate * calls - 1e-9)
    };
    if config.failure_threshold.is_some_and(|threshold| tally.failed >= threshold) {
        Some(Cause::Failures)
    } else if reached(config.failure_rate, f64::from(tally.failed) / 16.0) {
        Some(Cause::FailureRate)
    } else if reached(config.slow_call_rate, f64::from(tally.slow)) {
        Some(Cause::SlowCallRate)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
