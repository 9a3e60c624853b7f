//! Limits what is repeated.
//!
//! One bucket, for one thing:
//!
//! ```
//! use vespera_security::limit::{Bucket, BucketConfig, Take};
//!
//! let config = BucketConfig::new(5.0, 1.0, 1_000.0).validate()?;
//! let mut bucket = Bucket::new(&config, 0.0);
//! assert_eq!(bucket.take(&config, 5.0, 0.0), Take::Granted { remaining: 0.0 });
//! assert_eq!(bucket.take(&config, 1.0, 400.0), Take::Refused { retry_after: 600.0 });
//! # Ok::<(), vespera_security::Error>(())
//! ```
//!
//! A limiter, for many subjects under many rules:
//!
//! ```
//! use vespera_security::host::HostEntropy;
//! use vespera_security::limit::{Limiter, LimiterConfig, Request};
//!
//! let config: LimiterConfig = serde_json::from_str(r#"{ "presets": ["authentication"] }"#).unwrap();
//! let mut limiter = Limiter::new(&config, &mut HostEntropy, 0.0)?;
//! let sign_in = Request { user: Some("ada"), ..Request::new("auth:sign-in") };
//! let granted = (0..20).filter(|_| limiter.check(&sign_in, 1.0, 0.0).is_ok_and(|answer| answer.allowed));
//! assert_eq!(granted.count(), 10);
//! # Ok::<(), vespera_security::Error>(())
//! ```

mod address;
mod algorithm;
mod bucket;
mod decide;
mod gcra;
mod glob;
mod limiter;
mod pattern;
mod presets;
mod rule;
mod snapshot;
mod subject;
mod take;
mod window;

pub use algorithm::{Algorithm, Meter, MeterConfig, State};
pub use bucket::{Bucket, BucketConfig, Refill, ValidBucketConfig};
pub use gcra::{Gcra, ValidGcraConfig};
pub use limiter::{
    Decision, Limiter, LimiterConfig, LimiterStats, MAX_RULES, MAX_SUBJECT, Matching, Request,
};
pub use pattern::{Pattern, RegexPattern};
pub use presets::{PRESETS_JSON, presets};
pub use rule::{ActionConfig, ActionKind, FullAction, RuleConfig, Scope};
pub use snapshot::Since;
pub use take::Take;
pub use window::{ValidWindowConfig, Window};
