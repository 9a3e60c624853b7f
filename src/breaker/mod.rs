//! Cuts off a service that keeps failing.
//!
//! A [`Breaker`] is asked before each call and told how the call ended. It opens when too many calls fail,
//! refuses for a while, lets a few probes through, and closes again when they succeed.
//!
//! ```
//! use vespera_security::breaker::{Admission, Breaker, BreakerConfig, Outcome, State, Weight};
//!
//! let config = BreakerConfig { failure_threshold: Some(1.0), ..BreakerConfig::default() }.validate()?;
//! let mut breaker = Breaker::new(&config, 0, 0.0);
//! let Admission::Admitted(permit) = breaker.acquire(&config, 0.0) else { panic!("a new breaker is closed") };
//! breaker.report(&config, permit, Outcome::Failure(Weight::ONE), None, 12.0);
//! assert_eq!(breaker.state(&config, 12.0), State::Open);
//! assert_eq!(breaker.acquire(&config, 1_000.0), Admission::Refused { retry_after: 29_012.0 });
//! # Ok::<(), vespera_security::Error>(())
//! ```

mod backoff;
mod config;
mod machine;
mod retry;
mod sketch;
mod snapshot;
mod stats;
mod ticker;
mod weight;
mod window;

pub use backoff::Backoff;
pub use config::{BreakerConfig, Mode, ValidBreakerConfig, WindowConfig};
pub use machine::{Admission, Breaker, Cause, Outcome, Permit, State};
pub use retry::{Retry, RetryConfig};
pub use sketch::Sketch;
pub use snapshot::Snapshot;
pub use stats::{Counts, Latency, Stats};
pub use weight::Weight;
