//! The door to the host: randomness comes in here, and nowhere else.
//!
//! Time needs no door: it is an argument, in milliseconds, of every call that depends on it. The same calls
//! with the same times and the same random bytes give the same answers.

use crate::error::{Error, ErrorCode, Result};

/// A source of random bytes fit for keys and nonces.
pub trait Entropy {
    /// Fills the buffer.
    ///
    /// # Errors
    /// [`ErrorCode::EntropyUnavailable`] if the source has nothing to give; the buffer is then not to be used.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()>;

    /// Random bytes by value, for nonces and seeds. A secret is filled in place instead.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut buffer = [0; N];
        self.fill(&mut buffer)?;
        Ok(buffer)
    }
}

/// The host's generator: `crypto.getRandomValues` in JavaScript, the operating system elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostEntropy;

impl Entropy for HostEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the one door")]
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        getrandom::fill(buffer).map_err(|_| {
            Error::new(ErrorCode::EntropyUnavailable, "host: the generator gave no random bytes")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_gives_different_bytes_each_time() {
        let (first, second) = (HostEntropy.bytes::<32>().unwrap(), HostEntropy.bytes::<32>().unwrap());
        assert_ne!(first, second);
    }
}
