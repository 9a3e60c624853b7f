//! What every algorithm answers.

/// The answer to a take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Take {
    /// The tokens were there and are taken.
    Granted {
        /// Tokens left.
        remaining: f64,
    },
    /// Nothing was taken.
    Refused {
        /// Milliseconds until the tokens are there; infinite if the bucket never holds so many.
        retry_after: f64,
    },
}

impl Take {
    /// Milliseconds to wait: 0 when granted.
    #[must_use]
    pub const fn wait(self) -> f64 {
        match self {
            Self::Granted { .. } => 0.0,
            Self::Refused { retry_after } => retry_after,
        }
    }
}
