//! Chance that can be repeated: one seed, one sequence (SplitMix64).

use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed ^ 0x5DEE_CE66_D1CE_4E5B);
        dice.roll();
        dice
    }

    /// A sequence of its own, so that what one part asks does not change what another gets.
    pub fn split(&mut self) -> Dice {
        Dice(self.roll())
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Zero where `end` is zero.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % (end as u64).max(1)) as usize
    }

    pub fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance as usize
    }

    pub fn flip(&mut self) -> bool {
        self.percent(50)
    }

    /// From `low` to `high` milliseconds, in steps of 10 µs.
    pub fn millis(&mut self, low: u64, high: u64) -> Duration {
        let spread = high.saturating_sub(low) * 100;
        Duration::from_micros(low * 1000 + self.below(spread as usize + 1) as u64 * 10)
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_sequence_and_another_seed_another() {
        let rolls = |seed| -> Vec<usize> {
            let mut dice = Dice::new(seed);
            (0..8).map(|_| dice.below(1000)).collect()
        };
        assert_eq!(rolls(7), rolls(7));
        assert_ne!(rolls(7), rolls(8));
    }

    #[test]
    fn a_duration_lies_between_its_ends() {
        let mut dice = Dice::new(1);
        for _ in 0..1000 {
            let drawn = dice.millis(5, 9);
            assert!(drawn >= Duration::from_millis(5) && drawn <= Duration::from_millis(9));
        }
    }
}
