//! The breaker against a table of states.
//!
//! The model is written from the sentences of the documentation, not from the code: it keeps every call that
//! ever was in a list, and looks each question up in it.

#![expect(clippy::indexing_slicing, reason = "the model owns its list; a test may stop")]

use proptest::prelude::*;
use vespera_security::breaker::{Admission, Breaker, BreakerConfig, Outcome, Permit, State};

/// One step of a trace.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time goes by.
    Wait(u16),
    /// A call asks to pass.
    Ask,
    /// The call that asked as the n-th of those still out reports; n counts modulo their number.
    Report(usize, Outcome),
    /// A call that has reported or was given up reports again.
    ReportAgain(usize, Outcome),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = || {
        prop_oneof![
            3 => Just(Outcome::Failure),
            3 => Just(Outcome::Success),
            1 => Just(Outcome::Ignored),
        ]
    };
    let step = prop_oneof![
        2 => (0u16..400).prop_map(Step::Wait),
        3 => Just(Step::Ask),
        4 => (any::<usize>(), outcome()).prop_map(|(n, outcome)| Step::Report(n, outcome)),
        1 => (any::<usize>(), outcome()).prop_map(|(n, outcome)| Step::ReportAgain(n, outcome)),
    ];
    prop::collection::vec(step, 0..300)
}

#[derive(Clone, Debug)]
struct Limits {
    failure_threshold: usize,
    recovery_timeout: u64,
    monitoring_period: u64,
    half_open_max_calls: usize,
}

fn limits() -> impl Strategy<Value = Limits> {
    (1usize..6, 1u64..1_500, 1u64..1_500, 1usize..5).prop_map(
        |(failure_threshold, recovery_timeout, monitoring_period, half_open_max_calls)| Limits {
            failure_threshold,
            recovery_timeout,
            monitoring_period,
            half_open_max_calls,
        },
    )
}

/// Every state is a row; `entered` is when and `period` is the how-manieth row it is.
#[derive(Debug)]
struct Model {
    limits: Limits,
    state: State,
    entered: u64,
    period: usize,
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    period: usize,
    asked: u64,
    reported: Option<(u64, Outcome)>,
}

impl Model {
    fn enter(&mut self, state: State, now: u64) {
        (self.state, self.entered, self.period) = (state, now, self.period + 1);
    }

    fn look(&mut self, now: u64) -> State {
        if self.state == State::Open && now >= self.entered + self.limits.recovery_timeout {
            self.enter(State::HalfOpen, now);
        }
        self.state
    }

    fn lost(&self, call: &Call, now: u64) -> bool {
        call.reported.is_none() && now >= call.asked + self.limits.recovery_timeout
    }

    /// The index of the call if it passes.
    fn ask(&mut self, now: u64) -> Option<usize> {
        let passes = match self.look(now) {
            State::Closed => true,
            State::Open => false,
            State::HalfOpen => {
                let taken = self.calls.iter().filter(|call| {
                    call.period == self.period
                        && !self.lost(call, now)
                        && !matches!(call.reported, Some((_, Outcome::Ignored)))
                });
                taken.count() < self.limits.half_open_max_calls
            }
        };
        passes.then(|| {
            self.calls.push(Call { period: self.period, asked: now, reported: None });
            self.calls.len() - 1
        })
    }

    fn report(&mut self, index: usize, outcome: Outcome, now: u64) -> bool {
        let state = self.look(now);
        let call = &self.calls[index];
        let late = state == State::HalfOpen && self.lost(call, now);
        if call.period != self.period || late {
            return false;
        }
        self.calls[index].reported = Some((now, outcome));
        let alike: Vec<u64> = self
            .calls
            .iter()
            .filter(|call| call.period == self.period)
            .filter_map(|call| call.reported)
            .filter_map(|(at, reported)| (reported == outcome).then_some(at))
            .collect();
        let young = alike.iter().filter(|at| now - **at < self.limits.monitoring_period).count();
        match (state, outcome) {
            (State::Closed, Outcome::Failure) if young >= self.limits.failure_threshold => {
                self.enter(State::Open, now);
            }
            (State::HalfOpen, Outcome::Failure) => self.enter(State::Open, now),
            (State::HalfOpen, Outcome::Success) if alike.len() == self.limits.half_open_max_calls => {
                self.enter(State::Closed, now);
            }
            _ => {}
        }
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_breaker_does_what_the_table_says(limits in limits(), steps in steps()) {
        let config = BreakerConfig {
            failure_threshold: Some(limits.failure_threshold as f64),
            recovery_timeout: limits.recovery_timeout as f64,
            monitoring_period: limits.monitoring_period as f64,
            half_open_max_calls: limits.half_open_max_calls as f64,
        }.validate().unwrap();
        let mut breaker = Breaker::new(&config, 0.0);
        let mut model = Model { limits, state: State::Closed, entered: 0, period: 0, calls: Vec::new() };
        let mut now = 0u64;
        let (mut out, mut done) = (Vec::<(usize, Permit)>::new(), Vec::<(usize, Permit)>::new());
        for step in steps {
            match step {
                Step::Wait(time) => now += u64::from(time),
                Step::Ask => match (breaker.acquire(&config, now as f64), model.ask(now)) {
                    (Admission::Admitted(permit), Some(index)) => out.push((index, permit)),
                    (Admission::Refused { retry_after }, None) => prop_assert!(retry_after > 0.0),
                    (answer, expected) => prop_assert!(false, "{answer:?} but {expected:?}"),
                },
                Step::Report(n, outcome) => if !out.is_empty() {
                    let (index, permit) = out.swap_remove(n % out.len());
                    let counted = breaker.report(&config, permit, outcome, now as f64);
                    prop_assert_eq!(counted, model.report(index, outcome, now));
                    done.push((index, permit));
                },
                // A permit of a closed period is shared by its calls, so only probes can be told from doubles.
                Step::ReportAgain(n, outcome) => if !done.is_empty() {
                    let (index, permit) = done[n % done.len()];
                    if model.look(now) != State::Closed || model.calls[index].period != model.period {
                        prop_assert!(!breaker.report(&config, permit, outcome, now as f64));
                    }
                },
            }
            prop_assert_eq!(breaker.state(&config, now as f64), model.look(now));
        }
    }
}
