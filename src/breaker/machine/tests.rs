use super::super::{Backoff, BreakerConfig, WindowConfig};
use super::*;

const FAILURE: Outcome = Outcome::Failure(Weight::ONE);

fn config(change: impl FnOnce(&mut BreakerConfig)) -> ValidBreakerConfig {
    let mut config = BreakerConfig {
        failure_threshold: Some(3.0),
        recovery_timeout: 1_000.0,
        monitoring_period: 10_000.0,
        half_open_max_calls: 2.0,
        ..BreakerConfig::default()
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
    timed_call(breaker, config, outcome, None, now);
}

fn timed_call(
    breaker: &mut Breaker,
    config: &ValidBreakerConfig,
    outcome: Outcome,
    duration: Option<f64>,
    now: f64,
) {
    let permit = pass(breaker, config, now);
    assert!(breaker.report(config, permit, outcome, duration, now));
}

fn opened(config: &ValidBreakerConfig) -> Breaker {
    let mut breaker = Breaker::new(config, 0, 0.0);
    while breaker.state(config, 0.0) == State::Closed {
        call(&mut breaker, config, FAILURE, 0.0);
    }
    breaker
}

#[test]
fn failures_older_than_the_monitoring_period_do_not_count() {
    let config = config(|_| {});
    let mut breaker = Breaker::new(&config, 0, 0.0);
    for now in [0.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0] {
        call(&mut breaker, &config, FAILURE, now);
        assert_eq!(breaker.state(&config, now), State::Closed);
    }
    call(&mut breaker, &config, FAILURE, 20_001.0);
    assert_eq!(breaker.state(&config, 20_001.0), State::Open);
    assert_eq!(breaker.cause(), Cause::Failures);
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
    assert!(breaker.report(&config, first, FAILURE, None, 1_500.0));
    assert_eq!(breaker.cause(), Cause::Probe);
    assert_eq!(breaker.acquire(&config, 1_500.0), Admission::Refused { retry_after: 1_000.0 });
    assert!(!breaker.report(&config, second, Outcome::Success, None, 1_600.0));
    assert_eq!(breaker.state(&config, 1_600.0), State::Open);
}

#[test]
fn with_a_success_threshold_some_probes_may_fail() {
    let config = config(|config| {
        config.half_open_max_calls = 3.0;
        config.success_threshold = Some(2.0);
    });
    let mut breaker = opened(&config);
    call(&mut breaker, &config, FAILURE, 1_000.0);
    call(&mut breaker, &config, Outcome::Success, 1_000.0);
    assert_eq!(breaker.state(&config, 1_000.0), State::HalfOpen);
    call(&mut breaker, &config, Outcome::Success, 1_000.0);
    assert_eq!(breaker.state(&config, 1_000.0), State::Closed);

    let mut breaker = opened(&config);
    call(&mut breaker, &config, FAILURE, 1_000.0);
    call(&mut breaker, &config, FAILURE, 1_000.0);
    assert_eq!(breaker.state(&config, 1_000.0), State::Open);
}

#[test]
fn a_probe_that_never_reports_is_released_and_its_late_report_is_ignored() {
    let config = config(|config| config.half_open_max_calls = 1.0);
    let mut breaker = opened(&config);
    let lost = pass(&mut breaker, &config, 1_000.0);
    assert_eq!(breaker.acquire(&config, 1_999.0), Admission::Refused { retry_after: 1.0 });
    let probe = pass(&mut breaker, &config, 2_000.0);
    assert!(!breaker.report(&config, lost, FAILURE, None, 2_001.0));
    assert_eq!(breaker.state(&config, 2_001.0), State::HalfOpen);
    assert!(breaker.report(&config, probe, Outcome::Success, None, 2_002.0));
    assert_eq!(breaker.state(&config, 2_002.0), State::Closed);
    assert_eq!(breaker.stats(&config, 2_002.0).total.late, 1);
}

#[test]
fn a_call_of_an_earlier_closed_period_changes_nothing_in_the_next() {
    let config = config(|config| {
        config.half_open_max_calls = 1.0;
        config.failure_threshold = Some(1.0);
    });
    let mut breaker = Breaker::new(&config, 0, 0.0);
    let slow = pass(&mut breaker, &config, 0.0);
    call(&mut breaker, &config, FAILURE, 0.0);
    call(&mut breaker, &config, Outcome::Success, 1_000.0);
    assert_eq!(breaker.state(&config, 1_000.0), State::Closed);
    assert!(!breaker.report(&config, slow, FAILURE, None, 1_001.0));
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

#[test]
fn a_success_ends_a_row_of_failures() {
    let config = config(|config| config.window = Some(WindowConfig::Consecutive));
    let mut breaker = Breaker::new(&config, 0, 0.0);
    for outcome in [FAILURE, FAILURE, Outcome::Success, FAILURE, FAILURE, Outcome::Ignored] {
        call(&mut breaker, &config, outcome, 0.0);
    }
    assert_eq!(breaker.state(&config, 0.0), State::Closed);
    call(&mut breaker, &config, FAILURE, 1e9);
    assert_eq!(breaker.state(&config, 1e9), State::Open);
}

#[test]
fn a_rate_waits_for_enough_calls() {
    let config = config(|config| {
        config.failure_threshold = None;
        config.failure_rate = Some(0.5);
        config.minimum_calls = Some(4.0);
        config.window = Some(WindowConfig::Count { size: 10.0 });
    });
    let mut breaker = Breaker::new(&config, 0, 0.0);
    for outcome in [FAILURE, FAILURE, Outcome::Success] {
        call(&mut breaker, &config, outcome, 0.0);
        assert_eq!(breaker.state(&config, 0.0), State::Closed);
    }
    call(&mut breaker, &config, Outcome::Success, 0.0);
    assert_eq!((breaker.state(&config, 0.0), breaker.cause()), (State::Open, Cause::FailureRate));
}

#[test]
fn slow_calls_open_it_even_when_they_succeed() {
    let config = config(|config| {
        config.slow_call_duration = Some(100.0);
        config.slow_call_rate = Some(0.3);
        config.window = Some(WindowConfig::Count { size: 10.0 });
    });
    let mut breaker = Breaker::new(&config, 0, 0.0);
    for n in 0..9 {
        let duration = if n < 2 { 100.0 } else { 99.0 };
        timed_call(&mut breaker, &config, Outcome::Success, Some(duration), 0.0);
    }
    assert_eq!(breaker.state(&config, 0.0), State::Closed);
    timed_call(&mut breaker, &config, Outcome::Success, Some(500.0), 0.0);
    assert_eq!((breaker.state(&config, 0.0), breaker.cause()), (State::Open, Cause::SlowCallRate));
    timed_call(&mut breaker, &config, Outcome::Success, Some(500.0), 1_000.0);
    assert_eq!((breaker.state(&config, 1_000.0), breaker.cause()), (State::Open, Cause::Probe));
}

#[test]
fn a_grave_failure_counts_for_several() {
    for window in [None, Some(WindowConfig::Count { size: 2.0 }), Some(WindowConfig::Consecutive)] {
        let config = config(|config| {
            config.classes = [("timeout".to_owned(), 2.5), ("flaky".to_owned(), 0.25)].into();
            config.window = window;
        });
        let mut breaker = Breaker::new(&config, 0, 0.0);
        call(&mut breaker, &config, Outcome::Failure(config.weight("timeout")), 0.0);
        call(&mut breaker, &config, Outcome::Failure(config.weight("flaky")), 0.0);
        assert_eq!(breaker.state(&config, 0.0), State::Closed, "{window:?}");
        call(&mut breaker, &config, Outcome::Failure(config.weight("timeout")), 0.0);
        let opens = !matches!(window, Some(WindowConfig::Count { .. }));
        assert_eq!(breaker.state(&config, 0.0) == State::Open, opens, "{window:?}");
        call(&mut breaker, &config, Outcome::Failure(config.weight("anything")), 1_000.0);
        assert_eq!(breaker.state(&config, 1_000.0), State::Open, "{window:?}");
    }
}

#[test]
fn each_opening_in_a_row_is_longer_and_closing_starts_over() {
    let config = config(|config| {
        config.backoff = Backoff::Exponential { factor: 3.0, maximum: Some(5_000.0) };
        config.half_open_max_calls = 1.0;
    });
    let mut breaker = opened(&config);
    let mut now = 0.0;
    for delay in [1_000.0, 3_000.0, 5_000.0, 5_000.0] {
        assert_eq!(breaker.acquire(&config, now), Admission::Refused { retry_after: delay });
        now += delay;
        call(&mut breaker, &config, FAILURE, now);
    }
    now += 5_000.0;
    call(&mut breaker, &config, Outcome::Success, now);
    (0..3).for_each(|_| call(&mut breaker, &config, FAILURE, now));
    assert_eq!(breaker.acquire(&config, now), Admission::Refused { retry_after: 1_000.0 });
}

#[test]
fn a_request_for_a_pause_is_kept_but_not_beyond_reason() {
    let config = config(|config| config.retry_after_maximum = 60_000.0);
    for (asked, kept) in
        [(Some(20_000.0), 20_000.0), (Some(1e12), 60_000.0), (None, 1_000.0), (Some(f64::NAN), 1_000.0)]
    {
        let mut breaker = Breaker::new(&config, 0, 0.0);
        call(&mut breaker, &config, Outcome::RateLimited { retry_after: asked }, 0.0);
        assert_eq!(breaker.acquire(&config, 0.0), Admission::Refused { retry_after: kept });
        assert_eq!(breaker.cause(), Cause::RateLimited);
        call(&mut breaker, &config, Outcome::Success, kept);
    }
}

#[test]
fn an_isolated_breaker_refuses_until_told_otherwise() {
    let config = config(|_| {});
    let mut breaker = Breaker::new(&config, 0, 0.0);
    let running = pass(&mut breaker, &config, 0.0);
    breaker.set_mode(&config, Mode::Isolated);
    assert_eq!(breaker.state(&config, 1e9), State::Isolated);
    assert_eq!(breaker.acquire(&config, 1e9), Admission::Refused { retry_after: f64::INFINITY });
    assert!(!breaker.report(&config, running, FAILURE, None, 1e9));
    breaker.set_mode(&config, Mode::Normal);
    assert_eq!(breaker.state(&config, 1e9), State::Closed);
    assert!(!breaker.report(&config, running, FAILURE, None, 1e9));
}

#[test]
fn a_disabled_breaker_counts_nothing() {
    let config = config(|config| config.mode = Mode::Disabled);
    let mut breaker = Breaker::new(&config, 0, 0.0);
    for _ in 0..10 {
        let permit = pass(&mut breaker, &config, 0.0);
        assert!(!breaker.report(&config, permit, FAILURE, None, 0.0));
    }
    assert_eq!(breaker.state(&config, 0.0), State::Disabled);
    assert_eq!(breaker.stats(&config, 0.0).total, Counts::default());
}

#[test]
fn a_breaker_for_metrics_only_opens_but_refuses_nothing() {
    let config = config(|config| config.mode = Mode::MetricsOnly);
    let mut breaker = opened(&config);
    assert_eq!(breaker.state(&config, 0.0), State::Open);
    let permit = pass(&mut breaker, &config, 0.0);
    assert!(!breaker.report(&config, permit, FAILURE, None, 0.0));
    let total = breaker.stats(&config, 0.0).total;
    assert_eq!((total.would_refuse, total.refused, total.opened), (1, 0, 1));
    breaker.set_mode(&config, Mode::Normal);
    assert!(matches!(breaker.acquire(&config, 0.0), Admission::Refused { .. }));
}

#[test]
fn the_closed_permit_is_there_exactly_while_calls_pass_unasked() {
    let config = config(|_| {});
    let mut breaker = Breaker::new(&config, 0, 0.0);
    assert_eq!(breaker.closed_permit(), Some(pass(&mut breaker, &config, 0.0)));
    breaker.set_mode(&config, Mode::Isolated);
    assert_eq!(breaker.closed_permit(), None);
    assert_eq!(opened(&config).closed_permit(), None);
}
