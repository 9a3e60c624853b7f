//! `limit::Gcra` against the `governor` crate, on one clock: every decision and every wait is the same.
//!
//! `LIMIT_TRACES` widens the search: `LIMIT_TRACES=1000000 cargo test --release --test limit_governor`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use governor::clock::{Clock, FakeRelativeClock};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;
use vespera_security::limit::{BucketConfig, Gcra, Take, ValidGcraConfig};

/// Both clocks count 1/64 ms exactly: 15,625 ns here, a power of two there.
const NANOS: u64 = 15_625;

/// SplitMix64 (Steele, Lea, Flood 2014): a trace is named by its number.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn trace(number: u64) {
    let mut random = Random(number);
    let burst = 1 + random.below(20) as u32;
    // A whole number of milliseconds over a power of two is a whole number of 1/64 ms.
    let (rate, interval) = (1_u64 << random.below(7), 1 + random.below(5_000));
    let spacing = interval * 64 / rate;
    let clock = FakeRelativeClock::default();
    let period = Duration::from_nanos(spacing * NANOS);
    let quota = Quota::with_period(period).unwrap().allow_burst(NonZeroU32::new(burst).unwrap());
    let theirs = RateLimiter::direct_with_clock(quota, clock.clone());
    let config = BucketConfig::new(f64::from(burst), rate as f64, interval as f64);
    let config = ValidGcraConfig::new(&config).unwrap();
    let mut now = 0;
    let mut ours = Gcra::new(&config, 0.0);
    for step in 0..24 {
        if random.below(3) > 0 {
            let most = [spacing, spacing * u64::from(burst), spacing / 2 + 1][random.below(3) as usize];
            let after = random.below(most + 2);
            clock.advance(Duration::from_nanos(after * NANOS));
            now += after;
        }
        let cost = 1 + random.below(u64::from(burst) + 1) as u32 * random.below(2) as u32;
        let time = now as f64 / 64.0;
        let wait = match ours.take(&config, f64::from(cost), time) {
            Take::Granted { .. } => 0.0,
            Take::Refused { retry_after } => retry_after,
        };
        let expected = match theirs.check_n(NonZeroU32::new(cost).unwrap()) {
            Err(_) => f64::INFINITY,
            Ok(Ok(())) => 0.0,
            Ok(Err(until)) => until.wait_time_from(clock.now()).as_nanos() as f64 / 1e6,
        };
        assert_eq!(wait, expected, "trace {number}, step {step}: {cost} of {burst} at {time} ms");
    }
}

#[test]
fn gcra_decides_as_governor_does() {
    let traces = std::env::var("LIMIT_TRACES").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    (0..traces).for_each(trace);
}
