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

mod bucket;
mod take;

pub use bucket::{Bucket, BucketConfig, Refill, ValidBucketConfig};
pub use take::Take;
