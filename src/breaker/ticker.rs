//! Time that only moves forward.

/// No reading moves time by more than two years: every period has passed by then, and sums stay exact.
const LEAP: f64 = 2.0 * 366.0 * 86_400_000.0;

/// A clock's readings, turned into a time that never goes back: a reading before the last one adds nothing, and
/// the next reading counts from there. A breaker under a clock that was set back is late by the jump, not stuck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ticker {
    reading: f64,
    time: f64,
}

impl Ticker {
    pub(super) const fn new(reading: f64) -> Self {
        Self::at(reading, 0.0)
    }

    /// A time that goes on from there, at this reading.
    pub(super) const fn at(reading: f64, time: f64) -> Self {
        Self { reading, time }
    }

    /// Lets time go by without a reading; what is no number lets none go by.
    pub(super) const fn pass(&mut self, elapsed: f64) {
        if elapsed > 0.0 {
            self.time += elapsed.min(LEAP);
        }
    }

    /// The time of the last reading.
    pub(super) const fn time(&self) -> f64 {
        self.time
    }

    /// Milliseconds since the start. A reading that is no number is the last one again.
    pub(super) fn advance(&mut self, reading: f64) -> f64 {
        if reading.is_finite() {
            self.pass(reading - self.reading);
            self.reading = reading;
        }
        self.time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_back_stands_still_and_then_goes_on() {
        let mut ticker = Ticker::new(1_000.0);
        assert_eq!(ticker.advance(1_500.0), 500.0);
        assert_eq!(ticker.advance(200.0), 500.0);
        assert_eq!(ticker.advance(f64::NAN), 500.0);
        assert_eq!(ticker.advance(300.0), 600.0);
    }
}
