//! The state machine.
//!
//! A call asks for a [`Permit`] and reports with it. Every permit carries a number that is never used again:
//! the permit of a closed breaker is the number of that closed period, each probe has its own. A report counts
//! only if its number is still awaited, so that a call that outlives its period or its probe changes nothing.

use super::config::ValidBreakerConfig;
use super::ticker::Ticker;
use super::window::FailureLog;

/// What a breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass, to see whether the service is back.
    HalfOpen,
}

/// The leave to make one call, to be handed back with its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit(u64);

/// The answer to a call that asks to pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Admission {
    /// The call may start.
    Admitted(Permit),
    /// The call must not start.
    Refused {
        /// Milliseconds until asking again makes sense.
        retry_after: f64,
    },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service did what it was asked.
    Success,
    /// The service failed.
    Failure,
    /// The call says nothing about the service: it was cancelled, say. A probe gives its place back.
    Ignored,
}

/// A circuit breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct Breaker {
    ticker: Ticker,
    /// The number that the next permit gets.
    next: u64,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Closed { permit: u64, failures: FailureLog },
    Open { until: f64 },
    HalfOpen { probes: Vec<Probe>, successes: usize },
}

/// A probe that has not reported yet.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Probe {
    permit: u64,
    started_at: f64,
}

impl Breaker {
    /// A closed breaker that has seen nothing.
    #[must_use]
    pub fn new(_config: &ValidBreakerConfig, now: f64) -> Self {
        let phase = Phase::Closed { permit: 0, failures: FailureLog::default() };
        Self { ticker: Ticker::new(now), next: 1, phase }
    }

    /// The state at this time: an open breaker whose time is over is half-open.
    pub fn state(&mut self, config: &ValidBreakerConfig, now: f64) -> State {
        self.advance(config, now);
        match self.phase {
            Phase::Closed { .. } => State::Closed,
            Phase::Open { .. } => State::Open,
            Phase::HalfOpen { .. } => State::HalfOpen,
        }
    }

    /// Asks for leave to make one call.
    pub fn acquire(&mut self, config: &ValidBreakerConfig, now: f64) -> Admission {
        let time = self.advance(config, now);
        match &mut self.phase {
            Phase::Closed { permit, .. } => Admission::Admitted(Permit(*permit)),
            Phase::Open { until } => Admission::Refused { retry_after: *until - time },
            Phase::HalfOpen { probes, successes } => {
                if probes.len() + *successes < config.half_open_max_calls {
                    let permit = self.next;
                    self.next += 1;
                    probes.push(Probe { permit, started_at: time });
                    return Admission::Admitted(Permit(permit));
                }
                // All places are taken, so at least one probe is out: else the breaker would have closed.
                let oldest = probes.first().map_or(time, |probe| probe.started_at);
                Admission::Refused { retry_after: oldest + config.recovery_timeout - time }
            }
        }
    }

    /// Tells how a call ended. Answers whether the report counted: one with a permit that is no longer awaited
    /// does not.
    pub fn report(
        &mut self,
        config: &ValidBreakerConfig,
        permit: Permit,
        outcome: Outcome,
        now: f64,
    ) -> bool {
        let time = self.advance(config, now);
        match &mut self.phase {
            Phase::Closed { permit: awaited, failures } => {
                if *awaited != permit.0 {
                    return false;
                }
                let opens = outcome == Outcome::Failure
                    && failures.push(time, config.monitoring_period) >= config.failure_threshold;
                if opens {
                    self.open(config, time);
                }
            }
            Phase::Open { .. } => return false,
            Phase::HalfOpen { probes, successes } => {
                let Some(index) = probes.iter().position(|probe| probe.permit == permit.0) else {
                    return false;
                };
                probes.remove(index);
                match outcome {
                    Outcome::Ignored => {}
                    Outcome::Failure => self.open(config, time),
                    Outcome::Success => {
                        *successes += 1;
                        if *successes >= config.half_open_max_calls {
                            self.close();
                        }
                    }
                }
            }
        }
        true
    }

    /// Moves to this time: opens the way for probes, and gives up those that have been out for too long.
    fn advance(&mut self, config: &ValidBreakerConfig, now: f64) -> f64 {
        let time = self.ticker.advance(now);
        match &mut self.phase {
            Phase::Closed { .. } => {}
            Phase::Open { until } => {
                if time >= *until {
                    self.phase = Phase::HalfOpen { probes: Vec::new(), successes: 0 };
                }
            }
            Phase::HalfOpen { probes, .. } => {
                probes.retain(|probe| time - probe.started_at < config.recovery_timeout);
            }
        }
        time
    }

    fn open(&mut self, config: &ValidBreakerConfig, time: f64) {
        self.phase = Phase::Open { until: time + config.recovery_timeout };
    }

    fn close(&mut self) {
        self.phase = Phase::Closed { permit: self.next, failures: FailureLog::default() };
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::BreakerConfig;
    use super::*;

    fn config(change: impl FnOnce(&mut BreakerConfig)) -> ValidBreakerConfig {
        let mut config = BreakerConfig {
            failure_threshold: Some(3.0),
            recovery_timeout: 1_000.0,
            monitoring_period: 10_000.0,
            half_open_max_calls: 2.0,
        };
        change(&mut config);
        config.validate().unwrap()
    }

    fn pass(breaker: &mut Breaker, config: &ValidBreakerConfig, now: f64) -> Permit {
        match breaker.acquire(config, now) {
            Admission::Admitted(permit) => permit,
            Admission::Refused { retry_after } => panic!("refused for {retry_after} ms"),
        }
    }

    fn call(breaker: &mut Breaker, config: &ValidBreakerConfig, outcome: Outcome, now: f64) {
        let permit = pass(breaker, config, now);
        assert!(breaker.report(config, permit, outcome, now));
    }

    fn opened(config: &ValidBreakerConfig) -> Breaker {
        let mut breaker = Breaker::new(config, 0.0);
        (0..config.failure_threshold).for_each(|_| call(&mut breaker, config, Outcome::Failure, 0.0));
        assert_eq!(breaker.state(config, 0.0), State::Open);
        breaker
    }

    #[test]
    fn failures_older_than_the_monitoring_period_do_not_count() {
        let config = config(|_| {});
        let mut breaker = Breaker::new(&config, 0.0);
        for now in [0.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0] {
            call(&mut breaker, &config, Outcome::Failure, now);
            assert_eq!(breaker.state(&config, now), State::Closed);
        }
        call(&mut breaker, &config, Outcome::Failure, 20_001.0);
        assert_eq!(breaker.state(&config, 20_001.0), State::Open);
    }

    #[test]
    fn exactly_as_many_probes_pass_as_are_configured() {
        let config = config(|_| {});
        let mut breaker = opened(&config);
        assert_eq!(breaker.acquire(&config, 999.0), Admission::Refused { retry_after: 1.0 });
        pass(&mut breaker, &config, 1_000.0);
        pass(&mut breaker, &config, 1_100.0);
        assert_eq!(breaker.acquire(&config, 1_200.0), Admission::Refused { retry_after: 800.0 });
    }

    #[test]
    fn it_closes_when_all_probes_succeed_and_not_before() {
        let config = config(|_| {});
        let mut breaker = opened(&config);
        call(&mut breaker, &config, Outcome::Success, 1_000.0);
        assert_eq!(breaker.state(&config, 1_000.0), State::HalfOpen);
        call(&mut breaker, &config, Outcome::Success, 1_000.0);
        assert_eq!(breaker.state(&config, 1_000.0), State::Closed);
    }

    #[test]
    fn it_reopens_at_the_first_probe_that_fails() {
        let config = config(|_| {});
        let mut breaker = opened(&config);
        let (first, second) = (pass(&mut breaker, &config, 1_000.0), pass(&mut breaker, &config, 1_000.0));
        assert!(breaker.report(&config, first, Outcome::Failure, 1_500.0));
        assert_eq!(breaker.acquire(&config, 1_500.0), Admission::Refused { retry_after: 1_000.0 });
        assert!(!breaker.report(&config, second, Outcome::Success, 1_600.0));
        assert_eq!(breaker.state(&config, 1_600.0), State::Open);
    }

    #[test]
    fn a_probe_that_never_reports_is_released_and_its_late_report_is_ignored() {
        let config = config(|config| config.half_open_max_calls = 1.0);
        let mut breaker = opened(&config);
        let lost = pass(&mut breaker, &config, 1_000.0);
        assert_eq!(breaker.acquire(&config, 1_999.0), Admission::Refused { retry_after: 1.0 });
        let probe = pass(&mut breaker, &config, 2_000.0);
        assert!(!breaker.report(&config, lost, Outcome::Failure, 2_001.0));
        assert_eq!(breaker.state(&config, 2_001.0), State::HalfOpen);
        assert!(breaker.report(&config, probe, Outcome::Success, 2_002.0));
        assert_eq!(breaker.state(&config, 2_002.0), State::Closed);
    }

    #[test]
    fn a_call_of_an_earlier_closed_period_changes_nothing_in_the_next() {
        let config = config(|config| {
            config.half_open_max_calls = 1.0;
            config.failure_threshold = Some(1.0);
        });
        let mut breaker = Breaker::new(&config, 0.0);
        let slow = pass(&mut breaker, &config, 0.0);
        call(&mut breaker, &config, Outcome::Failure, 0.0);
        call(&mut breaker, &config, Outcome::Success, 1_000.0);
        assert_eq!(breaker.state(&config, 1_000.0), State::Closed);
        assert!(!breaker.report(&config, slow, Outcome::Failure, 1_001.0));
        assert_eq!(breaker.state(&config, 1_001.0), State::Closed);
    }

    #[test]
    fn an_ignored_probe_gives_its_place_back() {
        let config = config(|config| config.half_open_max_calls = 1.0);
        let mut breaker = opened(&config);
        call(&mut breaker, &config, Outcome::Ignored, 1_000.0);
        assert_eq!(breaker.state(&config, 1_000.0), State::HalfOpen);
        call(&mut breaker, &config, Outcome::Success, 1_000.0);
        assert_eq!(breaker.state(&config, 1_000.0), State::Closed);
    }

    #[test]
    fn a_clock_set_back_delays_the_probe_and_does_not_prevent_it() {
        let config = config(|_| {});
        let mut breaker = opened(&config);
        assert_eq!(breaker.acquire(&config, -1e12), Admission::Refused { retry_after: 1_000.0 });
        pass(&mut breaker, &config, -1e12 + 1_000.0);
    }
}
