//! `limit` through its public API, against naive models.

use proptest::prelude::*;
use vespera_security::limit::{Bucket, BucketConfig, Refill, Take, ValidWindowConfig, Window};

/// The model's clock: 1/64 ms, so that a time is exact in an `f64`, in the core's ticks and in the model.
const TICKS: i128 = 64;

fn ms(ticks: i128) -> f64 {
    ticks as f64 / TICKS as f64
}

/// A bucket as its definition reads: every event is kept, and the level is worked out from the first one on,
/// in fractions of a millionth of a token over the interval.
struct Log {
    maximum: i128,
    initial: i128,
    rate_millionths: i128,
    interval: i128,
    refill: Refill,
    start: i128,
    /// Time and tokens taken (or given back, below zero).
    events: Vec<(i128, i128)>,
}

impl Log {
    fn new(config: &BucketConfig, start: i128) -> Self {
        Self {
            maximum: (config.capacity + config.burst_allowance) as i128,
            initial: config.initial_tokens.unwrap_or(config.capacity) as i128,
            rate_millionths: (config.refill_rate * 1e6).round() as i128,
            interval: config.refill_interval as i128,
            refill: config.refill,
            start,
            events: Vec::new(),
        }
    }

    /// So many parts make a token: the gain of one tick is then a whole number.
    fn part(&self) -> i128 {
        1_000_000 * self.interval * TICKS
    }

    fn level(&self, now: i128) -> i128 {
        let most = self.maximum * self.part();
        let (mut level, mut seen, mut anchor) = (self.initial * self.part(), self.start, self.start);
        for (time, taken) in self.events.iter().copied().chain([(now, 0)]) {
            if time < anchor {
                anchor = time; // the clock jumped back: count on from there
            }
            let gained = match self.refill {
                Refill::Continuous => (time - seen).max(0) * self.rate_millionths,
                Refill::Interval => {
                    let intervals = (time - anchor) / (self.interval * TICKS);
                    anchor += intervals * self.interval * TICKS;
                    intervals * self.rate_millionths * self.interval * TICKS
                }
            };
            seen = time;
            level = ((level + gained).min(most) - taken * self.part()).clamp(-most, most);
        }
        level
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Take { after: i128, cost: i128 },
    Back { by: i128 },
    Charge { cost: i128 },
    Refund { cost: i128 },
    Wait { cost: i128 },
}

prop_compose! {
    fn config()(
        capacity in 1_u32..50,
        burst in prop_oneof![Just(0_u32), 1_u32..20],
        rate in prop_oneof![(1_u32..200).prop_map(f64::from), (1_u32..5_000_000).prop_map(|n| f64::from(n) / 1e6)],
        interval in prop_oneof![Just(1_000_u32), Just(60_000), 1_u32..5_000],
        start in 0.0..=1.0_f64,
        by_interval: bool,
    ) -> BucketConfig {
        BucketConfig {
            initial_tokens: Some((f64::from(capacity + burst) * start).floor()),
            burst_allowance: f64::from(burst),
            refill: if by_interval { Refill::Interval } else { Refill::Continuous },
            ..BucketConfig::new(f64::from(capacity), rate, f64::from(interval))
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![4 => 0_i128..TICKS * 100, 1 => 0..TICKS * 100_000, 2 => Just(0)];
    let cost = prop_oneof![3 => Just(1_i128), 1 => 0_i128..80];
    prop_oneof![
        10 => (after, cost.clone()).prop_map(|(after, cost)| Step::Take { after, cost }),
        1 => (0..TICKS * 10_000).prop_map(|by| Step::Back { by }),
        1 => cost.clone().prop_map(|cost| Step::Charge { cost }),
        1 => cost.clone().prop_map(|cost| Step::Refund { cost }),
        2 => cost.prop_map(|cost| Step::Wait { cost }),
    ]
}

/// `PROPTEST_CASES` widens the search; a case that was found becomes a test with a name.
fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_bucket_answers_as_its_log_of_events(config in config(), steps in prop::collection::vec(step(), 1..60)) {
        let mut now = 1_000 * TICKS;
        let mut log = Log::new(&config, now);
        let valid = config.validate().unwrap();
        let mut bucket = Bucket::new(&valid, ms(now));
        for step in steps {
            match step {
                Step::Take { after, cost } => {
                    now += after;
                    let level = log.level(now);
                    let granted = cost * log.part() <= level;
                    let answer = bucket.take(&valid, cost as f64, ms(now));
                    prop_assert_eq!(matches!(answer, Take::Granted { .. }), granted, "level {}", level);
                    log.events.push((now, if granted { cost } else { 0 }));
                }
                Step::Back { by } => {
                    now -= by;
                    bucket.available(&valid, ms(now));
                    log.events.push((now, 0));
                }
                Step::Charge { cost } => {
                    bucket.charge(&valid, cost as f64, ms(now));
                    log.events.push((now, cost));
                }
                Step::Refund { cost } => {
                    bucket.refund(&valid, cost as f64, ms(now));
                    log.events.push((now, -cost));
                }
                Step::Wait { cost } => {
                    let wait = bucket.wait(&valid, cost as f64, ms(now));
                    let needed = cost * log.part();
                    // The core's ticks are finer than the model's: round outwards.
                    let due = |early: i128| now + (wait * TICKS as f64).ceil() as i128 - early;
                    if cost > log.maximum {
                        prop_assert_eq!(wait, f64::INFINITY);
                    } else if wait == 0.0 {
                        prop_assert!(log.level(now) >= needed);
                    } else {
                        prop_assert!(log.level(due(0)) >= needed, "still missing after {} ms", wait);
                        prop_assert!(due(1) <= now || log.level(due(1)) < needed, "{} ms is too long", wait);
                    }
                }
            }
            let level = log.level(now) as f64 / log.part() as f64;
            prop_assert!((bucket.balance(&valid, ms(now)) - level).abs() < 1e-9);
        }
    }

    #[test]
    fn no_window_lets_more_pass_than_its_share(
        config in config(),
        steps in prop::collection::vec((0_i128..TICKS * 3_000, 1_u32..6, 0_u32..40), 1..80),
    ) {
        let log = Log::new(&config, 0);
        let valid = config.validate().unwrap();
        let mut bucket = Bucket::new(&valid, 0.0);
        // The clock, and the time that passed: what the clock went forward, its jumps back left out.
        let (mut now, mut passed, mut told) = (0, 0, 0);
        let mut granted: Vec<i128> = Vec::new();
        for (after, calls, event) in steps {
            match event {
                0 => now -= after * 5,
                1 if told == passed => bucket = Bucket::restore(&valid, bucket.balance(&valid, ms(now)), ms(now)),
                _ => {
                    now += after;
                    passed += after;
                }
            }
            for call in 0..calls {
                // Now and then a clock that says nothing: the bucket stays at the time it was last told.
                let silent = event == 2 && call == 0;
                told = if silent { told } else { passed };
                if bucket.take(&valid, 1.0, if silent { f64::NAN } else { ms(now) }).wait() == 0.0 {
                    granted.push(told);
                }
            }
        }
        let ticks = log.interval * TICKS;
        for (first, from) in granted.iter().enumerate() {
            for (count, to) in (1..).zip(granted.iter().skip(first)) {
                let window = to - from;
                let share = match log.refill {
                    Refill::Continuous => log.rate_millionths * window,
                    Refill::Interval => log.rate_millionths * ((window + ticks - 1) / ticks) * ticks,
                };
                let over: i128 = (count - log.maximum) * log.part();
                prop_assert!(over <= share, "{} in {} ms", count, ms(window));
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_sliding_window_answers_as_its_log_of_events(
        limit in 1_u32..12,
        interval in 1_u32..2_000,
        steps in prop::collection::vec((0_i128..TICKS * 500, 1_u32..4, prop::bool::weighted(0.1)), 1..80),
    ) {
        let config = BucketConfig::new(f64::from(limit), f64::from(limit), f64::from(interval));
        let config = ValidWindowConfig::new(&config).unwrap();
        let mut window = Window::new(0.0);
        // The time that passed is what the clock went forward; the log is kept in that.
        let (mut now, mut passed) = (0, 0);
        let mut log: Vec<(i128, u32)> = Vec::new();
        for (after, cost, back) in steps {
            if back {
                now -= after * 3;
                prop_assert!(window.available(&config, ms(now)) >= 0.0);
            } else {
                now += after;
                passed += after;
            }
            let used = |at: i128| -> u32 {
                log.iter().filter(|(time, _)| *time + i128::from(interval) * TICKS > at).map(|(_, cost)| cost).sum()
            };
            let wait = window.wait(&config, f64::from(cost), ms(now));
            if cost > limit {
                prop_assert_eq!(wait, f64::INFINITY);
            } else if used(passed) + cost <= limit {
                prop_assert_eq!(wait, 0.0);
            } else {
                let due = passed + (wait * TICKS as f64) as i128;
                prop_assert!(used(due) + cost <= limit && used(due - 1) + cost > limit, "{} ms", wait);
            }
            if window.take(&config, f64::from(cost), ms(now)).wait() == 0.0 {
                log.push((passed, cost));
            }
        }
    }
}
