//! Limits what is repeated.
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

mod algorithm;
mod bucket;
mod gcra;
mod take;
mod window;

pub use algorithm::{Algorithm, Meter, MeterConfig, State};
pub use bucket::{Bucket, BucketConfig, Refill, ValidBucketConfig};
pub use gcra::{Gcra, ValidGcraConfig};
pub use take::Take;
pub use window::{ValidWindowConfig, Window};
