//! The last n calls, a bit each.

use super::{Call, Tally};

/// A ring of the last `size` calls.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::breaker) struct CountWindow {
    size: u32,
    /// Where the next call goes.
    position: u32,
    tally: Tally,
    failed: Failed,
    slow: Bits,
}

/// Which calls failed, and how gravely if that differs.
#[derive(Clone, Debug, PartialEq)]
enum Failed {
    /// All failures weigh 1.
    Alike(Bits),
    /// Sixteenths, a byte a call.
    Weighted(Box<[u8]>),
}

impl CountWindow {
    pub(super) fn new(size: u32, weighted: bool, slow: bool) -> Self {
        let failed = if weighted {
            Failed::Weighted(vec![0; size as usize].into())
        } else {
            Failed::Alike(Bits::new(size))
        };
        let slow = Bits::new(if slow { size } else { 0 });
        Self { size, position: 0, tally: Tally::default(), failed, slow }
    }

    pub(super) fn record(&mut self, call: Call) -> Tally {
        let index = self.position as usize;
        if self.tally.calls == self.size {
            let oldest = self.get(index);
            self.tally.subtract(Tally {
                calls: 1,
                failed: u32::from(oldest.failed),
                slow: u32::from(oldest.slow),
            });
        }
        match &mut self.failed {
            Failed::Alike(bits) => bits.set(index, call.failed > 0),
            Failed::Weighted(weights) => {
                if let Some(weight) = weights.get_mut(index) {
                    *weight = call.failed;
                }
            }
        }
        self.slow.set(index, call.slow);
        self.tally.add(self.get(index));
        self.position = (self.position + 1) % self.size;
        self.tally
    }

    pub(super) const fn tally(&self) -> Tally {
        self.tally
    }

    pub(super) fn save(&self) -> Vec<u16> {
        let start = self.position + self.size - self.tally.calls;
        (start..start + self.tally.calls)
            .map(|index| self.get((index % self.size) as usize))
            .map(|call| u16::from(call.failed) << 1 | u16::from(call.slow))
            .collect()
    }

    /// Takes over the newest calls of what was saved; nothing if a weight is beyond a byte.
    pub(super) fn restore(&mut self, calls: &[u16]) -> Option<()> {
        for call in calls.iter().skip(calls.len().saturating_sub(self.size as usize)) {
            self.record(Call { failed: u8::try_from(call >> 1).ok()?, slow: call & 1 == 1 });
        }
        Some(())
    }

    fn get(&self, index: usize) -> Call {
        let failed = match &self.failed {
            Failed::Alike(bits) => u8::from(bits.get(index)) * 16,
            Failed::Weighted(weights) => weights.get(index).copied().unwrap_or(0),
        };
        Call { failed, slow: self.slow.get(index) }
    }
}

/// A row of bits. One that was made too short for an index reads as not set there and keeps nothing.
#[derive(Clone, Debug, PartialEq)]
struct Bits(Box<[u32]>);

impl Bits {
    fn new(size: u32) -> Self {
        Self(vec![0; size.div_ceil(32) as usize].into())
    }

    fn get(&self, index: usize) -> bool {
        self.0.get(index / 32).is_some_and(|word| word >> (index % 32) & 1 == 1)
    }

    fn set(&mut self, index: usize, bit: bool) {
        if let Some(word) = self.0.get_mut(index / 32) {
            let mask = 1 << (index % 32);
            *word = if bit { *word | mask } else { *word & !mask };
        }
    }
}
