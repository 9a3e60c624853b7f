//! Known random bytes, and how vectors write bytes down: shared by the tests of the formats.

use std::fmt::Write as _;
use vespera_security::Result;
use vespera_security::host::Entropy;

/// Bytes that count up, so that each value shows where it came from.
pub(crate) struct Counting(pub(crate) u8);

impl Entropy for Counting {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        for byte in buffer {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
