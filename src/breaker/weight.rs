//! How much one failure counts.

use crate::error::{Error, Result};

/// How much one failure counts, in sixteenths: a byte in a window. An ordinary failure weighs 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u8);

impl Weight {
    /// An ordinary failure.
    pub const ONE: Self = Self(16);

    /// A weight from 1/16 to 15, rounded to sixteenths.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) if it is out of range.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked in the line before"
    )]
    pub fn new(weight: f64) -> Result<Self> {
        let sixteenths = (weight * 16.0).round();
        if (1.0..=240.0).contains(&sixteenths) {
            Ok(Self(sixteenths as u8))
        } else {
            Err(Error::config("breaker: the weight of a class must be from 0.0625 to 15"))
        }
    }

    /// The weight nearest to a number; 1 for what is no number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped before")]
    pub(super) fn nearest(weight: f64) -> Self {
        if weight.is_nan() { Self::ONE } else { Self((weight * 16.0).round().clamp(1.0, 240.0) as u8) }
    }

    /// The weight in sixteenths.
    pub(super) const fn sixteenths(self) -> u8 {
        self.0
    }
}
