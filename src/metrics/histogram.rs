//! Durations, counted by how long they were.

use std::time::Duration;

/// The upper bounds of the buckets, each included, in milliseconds: from a write to a fast disk to a command that hangs.
pub const BOUNDS: [u64; 14] = [
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000,
];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Of each bucket alone.
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: Duration,
}

impl Histogram {
    pub fn observe(&mut self, duration: Duration) {
        let fits = |(bound, _): &(&u64, &mut u64)| duration <= Duration::from_millis(**bound);
        if let Some((_, bucket)) = BOUNDS.iter().zip(&mut self.buckets).find(fits) {
            *bucket += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(duration);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn sum(&self) -> Duration {
        self.sum
    }

    /// How many were at most as long as each of [`BOUNDS`].
    pub fn up_to(&self) -> [u64; BOUNDS.len()] {
        let mut sum = 0;
        self.buckets.map(|bucket| {
            sum += bucket;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_bound_has_those_that_are_at_most_as_long(micros in prop::collection::vec(0..90_000_000_u64, 0..50)) {
            let mut histogram = Histogram::default();
            micros.iter().for_each(|each| histogram.observe(Duration::from_micros(*each)));
            prop_assert_eq!(histogram.count(), micros.len() as u64);
            prop_assert_eq!(histogram.sum(), Duration::from_micros(micros.iter().sum()));
            for (bound, count) in BOUNDS.iter().zip(histogram.up_to()) {
                let short = micros.iter().filter(|each| **each <= bound * 1_000).count();
                prop_assert_eq!(count, short as u64);
            }
        }
    }
}
