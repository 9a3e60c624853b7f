//! How long calls take, in constant memory.

/// Buckets of the sketch.
const BUCKETS: usize = 236;

/// The upper bound of a bucket over its lower one: an answer is off by at most 3 %.
const GAMMA: f64 = 1.0618;

/// The shortest time told from zero, in milliseconds. The longest is about 90 seconds.
const SHORTEST: f64 = 0.0625;

/// When so many calls are counted, all counts are halved: recent calls weigh more than old ones.
const CALLS: u32 = 16_384;

/// A histogram of durations with buckets that grow geometrically, as in DDSketch (C. Masson, J. Rim, H. Lee, VLDB
/// 2019). 480 bytes, whatever happens; two of them can be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    counts: [u16; BUCKETS],
    total: u32,
}

impl Default for Sketch {
    fn default() -> Self {
        Self { counts: [0; BUCKETS], total: 0 }
    }
}

impl Sketch {
    /// Counts a duration in milliseconds; below zero or no number counts nothing.
    pub fn record(&mut self, duration: f64) {
        if duration.is_nan() || duration < 0.0 {
            return;
        }
        if let Some(count) = self.counts.get_mut(bucket(duration)) {
            *count += 1;
            self.total += 1;
        }
        if self.total >= CALLS {
            self.halve();
        }
    }

    /// The duration that a share `q` (0 to 1) of the calls did not exceed, to within 3 %; nothing if none is counted.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let rank = (q.clamp(0.0, 1.0) * f64::from(self.total)).ceil().max(1.0);
        let mut seen = 0.0;
        let position = self.counts.iter().position(|count| {
            seen += f64::from(*count);
            seen >= rank
        });
        position.map(middle)
    }

    /// Calls counted, after the halvings.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.total
    }

    /// Adds what another sketch counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, added) in self.counts.iter_mut().zip(&other.counts) {
            *count += added;
        }
        self.total += other.total;
        if self.total >= CALLS {
            self.halve();
        }
    }

    /// The pairs of bucket and count that are not empty, for a snapshot.
    pub(super) fn save(&self) -> Vec<(u16, u16)> {
        let pairs = (0u16..).zip(self.counts);
        pairs.filter(|(_, count)| *count > 0).collect()
    }

    /// What was saved; nothing if no sketch saves that.
    pub(super) fn restore(saved: &[(u16, u16)]) -> Option<Self> {
        let mut sketch = Self::default();
        for (index, count) in saved {
            let slot = sketch.counts.get_mut(usize::from(*index))?;
            if *slot != 0 {
                return None;
            }
            *slot = *count;
            sketch.total += u32::from(*count);
        }
        (sketch.total < CALLS).then_some(sketch)
    }

    fn halve(&mut self) {
        self.counts.iter_mut().for_each(|count| *count /= 2);
        self.total = self.counts.iter().map(|count| u32::from(*count)).sum();
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float turns into the nearest number of its range"
)]
fn bucket(duration: f64) -> usize {
    let steps = (duration / SHORTEST).max(1.0).ln() / GAMMA.ln();
    (steps.ceil() as usize).min(BUCKETS - 1)
}

/// The duration whose relative distance to both ends of a bucket is the same.
#[expect(clippy::cast_precision_loss, reason = "there are 236 buckets")]
fn middle(bucket: usize) -> f64 {
    if bucket == 0 { SHORTEST } else { SHORTEST * GAMMA.powf(bucket as f64) * 2.0 / (1.0 + GAMMA) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(durations: impl IntoIterator<Item = f64>) -> Sketch {
        let mut sketch = Sketch::default();
        durations.into_iter().for_each(|duration| sketch.record(duration));
        sketch
    }

    #[test]
    fn it_takes_less_than_512_bytes() {
        assert!(size_of::<Sketch>() <= 480, "{}", size_of::<Sketch>());
    }

    #[test]
    fn quantiles_are_within_three_per_cent() {
        let sketch = of((1..=10_000).map(|n| f64::from(n) * 0.7));
        for q in [0.01, 0.5, 0.95, 0.99, 1.0] {
            let (exact, answer) = (q * 7_000.0, sketch.quantile(q).unwrap());
            assert!((answer / exact - 1.0).abs() <= 0.031, "{q}: {answer} for {exact}");
        }
    }

    #[test]
    fn what_is_too_short_or_too_long_lands_at_the_ends() {
        let sketch = of([0.0, 1e-9, f64::INFINITY]);
        assert_eq!(sketch.quantile(0.5), Some(SHORTEST));
        assert!(sketch.quantile(1.0).unwrap() > 75_000.0);
        assert_eq!(of([-1.0, f64::NAN]).quantile(0.5), None);
    }

    #[test]
    fn recent_calls_outweigh_old_ones() {
        let mut sketch = of((0..100_000).map(|_| 10.0));
        (0..40_000).for_each(|_| sketch.record(1_000.0));
        assert!(sketch.quantile(0.5).unwrap() > 900.0);
        assert!(sketch.total() < CALLS);
    }

    #[test]
    fn two_sketches_add_up() {
        let mut sketch = of((0..100).map(|_| 10.0));
        sketch.merge(&of((0..300).map(|_| 100.0)));
        assert_eq!(sketch.total(), 400);
        assert!(sketch.quantile(0.2).unwrap() < 11.0 && sketch.quantile(0.3).unwrap() > 90.0);
    }

    #[test]
    fn a_saved_sketch_comes_back() {
        let sketch = of((1..=1_000).map(f64::from));
        assert_eq!(Sketch::restore(&sketch.save()), Some(sketch));
        assert_eq!(Sketch::restore(&[(999, 1)]), None);
        assert_eq!(Sketch::restore(&[(1, 1), (1, 1)]), None);
    }
}
