//! How long a sink or a disk that failed is left alone.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const MAX: Duration = Duration::from_secs(300);

/// 1 s, doubled each time, at most 5 min; and up to a quarter of it less, so that many daemons do not come back to
/// one receiver in the same moment.
pub(super) fn pause_after(failures: u32) -> Duration {
    // A new hasher has new keys, which are random.
    paused(failures, RandomState::new().hash_one(failures))
}

fn paused(failures: u32, roll: u64) -> Duration {
    let whole = FIRST.saturating_mul(1 << failures.min(9)).min(MAX);
    let hundredths = u32::try_from(roll % 26).unwrap_or_default();
    whole - whole * hundredths / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pause_grows_to_five_minutes_and_is_never_far_from_its_place(failures in 0u32..40, roll: u64) {
            let whole = (2f64.powi(failures as i32)).min(300.0);
            let pause = paused(failures, roll).as_secs_f64();
            prop_assert!(pause <= whole + 1e-9 && pause >= 0.75 * whole - 1e-9, "{pause} of {whole}");
        }
    }

    #[test]
    fn two_daemons_do_not_keep_step() {
        let pauses: std::collections::BTreeSet<_> = (0..50).map(|_| pause_after(9)).collect();
        assert!(pauses.len() > 1);
    }
}
