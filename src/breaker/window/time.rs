//! The calls of a period, in buckets.

use super::{Call, Tally};

/// A ring of buckets, each `width` milliseconds wide. A call counts until its bucket leaves, between
/// `(buckets - 1) × width` and `buckets × width` after it ended.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::breaker) struct TimeWindow {
    width: f64,
    /// The number of the newest bucket, counted from time 0.
    newest: u64,
    total: Tally,
    buckets: Box<[Tally]>,
}

impl TimeWindow {
    pub(super) fn new(buckets: u32, width: f64) -> Self {
        let buckets = vec![Tally::default(); buckets as usize].into();
        Self { width, newest: 0, total: Tally::default(), buckets }
    }

    pub(super) fn record(&mut self, call: Call, time: f64) -> Tally {
        self.turn(time);
        if let Some(bucket) = self.bucket(self.newest) {
            bucket.add(call);
            self.total.add(call);
        }
        self.total
    }

    pub(super) fn tally(&mut self, time: f64) -> Tally {
        self.turn(time);
        self.total
    }

    pub(super) fn save(&self, time: f64) -> (f64, Vec<Tally>) {
        let mut now = self.clone();
        now.turn(time);
        let count = now.buckets.len() as u64;
        let oldest = now.newest.saturating_sub(count - 1);
        let mut buckets: Vec<_> =
            (oldest..=now.newest).rev().filter_map(|number| now.bucket(number).copied()).collect();
        while buckets.pop_if(|oldest| *oldest == Tally::default()).is_some() {}
        (time - now.newest as f64 * now.width, buckets)
    }

    /// Takes over what was saved and answers the time of the saving; nothing if it cannot be.
    pub(super) fn restore(&mut self, into: f64, saved: &[Tally]) -> Option<f64> {
        if !into.is_finite() || into < 0.0 {
            return None;
        }
        self.newest = self.buckets.len() as u64;
        for (number, tally) in (1..=self.newest).rev().zip(saved) {
            *self.bucket(number)? = *tally;
            self.total.calls = self.total.calls.checked_add(tally.calls)?;
            self.total.failed = self.total.failed.checked_add(tally.failed)?;
            self.total.slow = self.total.slow.checked_add(tally.slow)?;
        }
        Some(self.newest as f64 * self.width + into.min(self.width))
    }

    /// Empties the buckets that time has passed over.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "time is not negative, and a year in ms over the least width fits"
    )]
    fn turn(&mut self, time: f64) {
        let now = (time / self.width) as u64;
        let passed = now.saturating_sub(self.newest);
        if passed >= self.buckets.len() as u64 {
            self.buckets.fill(Tally::default());
            self.total = Tally::default();
        } else {
            for number in self.newest + 1..=now {
                let left = self.bucket(number).map(std::mem::take);
                self.total.subtract(left.unwrap_or_default());
            }
        }
        self.newest += passed;
    }

    fn bucket(&mut self, number: u64) -> Option<&mut Tally> {
        let index = number.checked_rem(self.buckets.len() as u64)?;
        self.buckets.get_mut(usize::try_from(index).ok()?)
    }
}
