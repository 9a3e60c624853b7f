//! The breaker against a table of states.
//!
//! The model is written from the sentences of the documentation, not from the code: it keeps every call that
//! ever was in a list, and looks each question up in it. `PROPTEST_CASES=1000000 cargo test --release --test breaker`
//! runs a million traces.

#![expect(clippy::indexing_slicing, reason = "the model owns its list; a test may stop")]
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use proptest::prelude::*;
use vespera_security::breaker::{
    Admission, Backoff, Breaker, BreakerConfig, Outcome, Permit, State, ValidBreakerConfig, WindowConfig,
};

/// One step of a trace. A number of a call counts modulo the calls it may mean.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time goes by.
    Wait(u16),
    /// The clock is set back; no time goes by.
    SetBack(u16),
    /// A call asks to pass.
    Ask,
    /// A call that is out reports.
    Report(usize, Ending),
    /// A call that has reported reports again.
    ReportAgain(usize, Ending),
    /// The process ends; another one starts after that time, on another clock.
    Restart(u16),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ending {
    kind: Kind,
    slow: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Success,
    Failure,
    Grave,
    Ignored,
    RateLimited(u16),
}

/// How long a call may take before it is slow.
const SLOW: f64 = 100.0;

/// What a grave failure weighs.
const GRAVE: f64 = 2.5;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ending = || {
        let kind = prop_oneof![
            6 => Just(Kind::Failure),
            2 => Just(Kind::Grave),
            8 => Just(Kind::Success),
            2 => Just(Kind::Ignored),
            1 => (1u16..2_000).prop_map(Kind::RateLimited),
        ];
        (kind, prop::bool::weighted(0.3)).prop_map(|(kind, slow)| Ending { kind, slow })
    };
    let step = prop_oneof![
        20 => (0u16..400).prop_map(Step::Wait),
        1 => any::<u16>().prop_map(Step::SetBack),
        30 => Just(Step::Ask),
        40 => (any::<usize>(), ending()).prop_map(|(n, ending)| Step::Report(n, ending)),
        5 => (any::<usize>(), ending()).prop_map(|(n, ending)| Step::ReportAgain(n, ending)),
        1 => (0u16..3_000).prop_map(Step::Restart),
    ];
    prop::collection::vec(step, 0..300)
}

#[derive(Clone, Debug)]
struct Limits {
    window: Window,
    failure_threshold: Option<usize>,
    failure_rate: Option<f64>,
    slow_call_rate: Option<f64>,
    minimum_calls: usize,
    recovery_timeout: u64,
    exponential: bool,
    half_open_max_calls: usize,
    success_threshold: usize,
}

#[derive(Clone, Copy, Debug)]
enum Window {
    Failures { period: u64 },
    Consecutive,
    Count { size: usize },
    Time { buckets: u64, width: u64 },
}

fn limits() -> impl Strategy<Value = Limits> {
    let window = prop_oneof![
        3 => (1u64..1_500).prop_map(|period| Window::Failures { period }),
        1 => Just(Window::Consecutive),
        3 => (1usize..70).prop_map(|size| Window::Count { size }),
        3 => (1u64..8, 1u64..400).prop_map(|(buckets, width)| Window::Time { buckets, width }),
    ];
    let rate = || prop::option::of((1u32..=10).prop_map(|tenths| f64::from(tenths) / 10.0));
    let probes = (1usize..5).prop_flat_map(|most| (Just(most), 1..=most));
    (window, prop::option::of(1usize..6), rate(), rate(), 1usize..8, 1u64..1_500, any::<bool>(), probes)
        .prop_map(
            |(window, threshold, failure_rate, slow_call_rate, minimum, recovery, exponential, probes)| {
                let rated = matches!(window, Window::Count { .. } | Window::Time { .. });
                let size = if let Window::Count { size } = window { size } else { usize::MAX };
                let unset = failure_rate.is_none() && slow_call_rate.is_none();
                Limits {
                    window,
                    failure_threshold: threshold.or((!rated || unset).then_some(5)),
                    failure_rate: failure_rate.filter(|_| rated),
                    slow_call_rate: slow_call_rate.filter(|_| rated),
                    minimum_calls: minimum.min(size),
                    recovery_timeout: recovery,
                    exponential,
                    half_open_max_calls: probes.0,
                    success_threshold: probes.1,
                }
            },
        )
}

impl Limits {
    fn config(&self) -> ValidBreakerConfig {
        let mut config = BreakerConfig {
            failure_threshold: self.failure_threshold.map(|it| it as f64),
            failure_rate: self.failure_rate,
            slow_call_duration: Some(SLOW),
            slow_call_rate: self.slow_call_rate,
            minimum_calls: Some(self.minimum_calls as f64),
            recovery_timeout: self.recovery_timeout as f64,
            half_open_max_calls: self.half_open_max_calls as f64,
            success_threshold: Some(self.success_threshold as f64),
            classes: [("grave".to_owned(), GRAVE)].into(),
            ..BreakerConfig::default()
        };
        if self.exponential {
            config.backoff = Backoff::Exponential { factor: 2.0, maximum: Some(20_000.0) };
        }
        match self.window {
            Window::Failures { period } => config.monitoring_period = period as f64,
            Window::Consecutive => config.window = Some(WindowConfig::Consecutive),
            Window::Count { size } => config.window = Some(WindowConfig::Count { size: size as f64 }),
            Window::Time { buckets, width } => {
                config.window = Some(WindowConfig::Time { buckets: buckets as f64 });
                config.monitoring_period = (buckets * width) as f64;
            }
        }
        config.validate().unwrap()
    }
}

/// A state is a row of the table: what it is, when it began and when it ends by itself.
#[derive(Debug)]
struct Model {
    limits: Limits,
    state: State,
    until: u64,
    row: usize,
    openings: u32,
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    row: usize,
    asked: u64,
    /// A call of a process that ended.
    gone: bool,
    reported: Option<(u64, Ending)>,
}

impl Model {
    fn enter(&mut self, state: State) {
        (self.state, self.row) = (state, self.row + 1);
        if state == State::Closed {
            self.openings = 0;
        }
    }

    fn open(&mut self, until: u64) {
        self.until = until;
        self.enter(State::Open);
    }

    fn open_for_a_while(&mut self, now: u64) {
        self.openings += 1;
        let doubled = if self.limits.exponential { 1u64 << (self.openings - 1).min(20) } else { 1 };
        let most = if self.limits.exponential { 20_000 } else { u64::MAX };
        self.open(now + (self.limits.recovery_timeout * doubled).min(most));
    }

    fn look(&mut self, now: u64) -> State {
        if self.state == State::Open && now >= self.until {
            self.enter(State::HalfOpen);
        }
        self.state
    }

    fn lost(&self, call: &Call, now: u64) -> bool {
        call.reported.is_none() && (call.gone || now >= call.asked + self.limits.recovery_timeout)
    }

    /// The index of the call if it passes.
    fn ask(&mut self, now: u64) -> Option<usize> {
        let passes = match self.look(now) {
            State::HalfOpen => {
                let here = self.calls.iter().filter(|call| call.row == self.row && !self.lost(call, now));
                let taken = here.filter(
                    |call| !matches!(call.reported, Some((_, ending)) if ending.kind == Kind::Ignored),
                );
                taken.count() < self.limits.half_open_max_calls
            }
            state => state == State::Closed,
        };
        passes.then(|| {
            self.calls.push(Call { row: self.row, asked: now, gone: false, reported: None });
            self.calls.len() - 1
        })
    }

    fn report(&mut self, index: usize, ending: Ending, now: u64) -> bool {
        let state = self.look(now);
        let call = &self.calls[index];
        if call.row != self.row || call.gone || (state == State::HalfOpen && self.lost(call, now)) {
            return false;
        }
        self.calls[index].reported = Some((now, ending));
        // In the order of the reports, not of the calls.
        let last = self.calls.remove(index);
        self.calls.push(last);
        if let Kind::RateLimited(pause) = ending.kind {
            self.open(now + u64::from(pause));
        } else if state == State::HalfOpen {
            let failed = self.row_reports(|it| self.probe_failed(it)).count();
            let succeeded = self.row_reports(|it| it.kind == Kind::Success && !self.probe_failed(it)).count();
            if succeeded == self.limits.success_threshold {
                self.enter(State::Closed);
            } else if failed > self.limits.half_open_max_calls - self.limits.success_threshold {
                self.open_for_a_while(now);
            }
        } else if ending.kind != Kind::Ignored && self.too_bad(now) {
            self.open_for_a_while(now);
        }
        true
    }

    fn probe_failed(&self, ending: Ending) -> bool {
        matches!(ending.kind, Kind::Failure | Kind::Grave)
            || (ending.kind == Kind::Success && ending.slow && self.limits.slow_call_rate.is_some())
    }

    fn row_reports(&self, which: impl Fn(Ending) -> bool) -> impl Iterator<Item = (u64, Ending)> {
        let here = self.calls.iter().filter(|call| call.row == self.row).filter_map(|call| call.reported);
        here.filter(move |(_, ending)| which(*ending))
    }

    fn too_bad(&self, now: u64) -> bool {
        let mut seen: Vec<_> = self.row_reports(|ending| ending.kind != Kind::Ignored).collect();
        match self.limits.window {
            Window::Failures { period } => seen.retain(|(at, _)| now - at < period),
            Window::Consecutive => {
                let success = seen.iter().rposition(|(_, ending)| ending.kind == Kind::Success);
                seen.drain(..success.map_or(0, |index| index + 1));
            }
            Window::Count { size } => drop(seen.drain(..seen.len().saturating_sub(size))),
            Window::Time { buckets, width } => seen.retain(|(at, _)| at / width + buckets > now / width),
        }
        let weight = |ending: Ending| match ending.kind {
            Kind::Failure => 1.0,
            Kind::Grave => GRAVE,
            _ => 0.0,
        };
        let failed: f64 = seen.iter().map(|(_, ending)| weight(*ending)).sum();
        let slow = seen.iter().filter(|(_, ending)| ending.slow).count() as f64;
        let enough = seen.len() >= self.limits.minimum_calls;
        let over = |rate: Option<f64>, count: f64| {
            enough
                && rate.is_some_and(|rate| (count * 1e6).round() >= (rate * seen.len() as f64 * 1e6).round())
        };
        self.limits.failure_threshold.is_some_and(|threshold| failed >= threshold as f64)
            || over(self.limits.failure_rate, failed)
            || over(self.limits.slow_call_rate, slow)
    }
}

fn outcome(config: &ValidBreakerConfig, kind: Kind) -> Outcome {
    match kind {
        Kind::Success => Outcome::Success,
        Kind::Failure => Outcome::Failure(config.weight("ordinary")),
        Kind::Grave => Outcome::Failure(config.weight("grave")),
        Kind::Ignored => Outcome::Ignored,
        Kind::RateLimited(pause) => Outcome::RateLimited { retry_after: Some(pause.into()) },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(2_000), ..ProptestConfig::default() })]

    #[test]
    fn the_breaker_does_what_the_table_says(limits in limits(), steps in steps()) {
        let config = limits.config();
        let mut breaker = Breaker::new(&config, 0, 0.0);
        let mut model =
            Model { limits, state: State::Closed, until: 0, row: 0, openings: 0, calls: Vec::new() };
        // What the clock shows is `now` less what it was set back.
        let (mut now, mut set_back) = (0u64, 0.0);
        let (mut out, mut done) = (Vec::<(u64, Permit)>::new(), Vec::<(u64, Permit)>::new());
        // Calls are known by the time they asked and their number, because the model sorts them.
        let mut ids = Vec::<u64>::new();
        let mut next_id = 0;
        for step in steps {
            match step {
                Step::Wait(time) => now += u64::from(time),
                Step::SetBack(time) => set_back += f64::from(time),
                Step::Ask => match (breaker.acquire(&config, now as f64 - set_back), model.ask(now)) {
                    (Admission::Admitted(permit), Some(_)) => {
                        ids.push(next_id);
                        out.push((next_id, permit));
                        next_id += 1;
                    }
                    (Admission::Refused { retry_after }, None) => prop_assert!(retry_after > 0.0),
                    (answer, expected) => prop_assert!(false, "{:?} but {:?}", answer, expected),
                },
                Step::Report(n, ending) => if !out.is_empty() {
                    let (id, permit) = out.swap_remove(n % out.len());
                    let duration = Some(if ending.slow { SLOW } else { SLOW - 1.0 });
                    let reported = outcome(&config, ending.kind);
                    let counted = breaker.report(&config, permit, reported, duration, now as f64 - set_back);
                    let index = ids.iter().position(|it| *it == id).unwrap();
                    let expected = model.report(index, ending, now);
                    prop_assert_eq!(counted, expected);
                    if expected {
                        ids.remove(index);
                        ids.push(id);
                    }
                    done.push((id, permit));
                },
                // A permit of a closed breaker is shared by its calls, so only others can be told from doubles.
                Step::ReportAgain(n, ending) => if !done.is_empty() {
                    let (id, permit) = done[n % done.len()];
                    let index = ids.iter().position(|it| *it == id).unwrap();
                    if model.look(now) != State::Closed || model.calls[index].row != model.row {
                        let reported = outcome(&config, ending.kind);
                        prop_assert!(!breaker.report(&config, permit, reported, None, now as f64 - set_back));
                    }
                },
                Step::Restart(time) => {
                    let snapshot = breaker.save(&config, now as f64 - set_back, now as f64);
                    now += u64::from(time);
                    set_back = now as f64;
                    breaker = Breaker::restore(&config, snapshot, 0, 0.0, now as f64).unwrap();
                    model.calls.iter_mut().for_each(|call| call.gone = true);
                    (out, done) = Default::default();
                }
            }
            prop_assert_eq!(breaker.state(&config, now as f64 - set_back), model.look(now));
        }
    }
}
