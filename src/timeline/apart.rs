//! Marks that would lie on each other are put into rows; where all rows are full, they become one mark that counts.

use super::scale::Percent;

/// How far two marks of one row are apart at least: a mark's width on a narrow screen.
pub(super) const GAP: f64 = 3.4;
pub(super) const ROWS_MAX: usize = 5;

/// One mark, and which of the things it stands for.
#[derive(Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) x: Percent,
    pub(super) row: usize,
    pub(super) members: Vec<usize>,
    /// Up to the next mark of its row, or to the right edge.
    pub(super) free: f64,
}

/// Places for things at `xs`, which do not descend. Each thing is in one spot, and keeps its place across but where it
/// joined another.
pub(super) fn apart(xs: &[Percent]) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    let mut last_of_row: [Option<usize>; ROWS_MAX] = [None; ROWS_MAX];
    for (member, &x) in xs.iter().enumerate() {
        let is_free = |last: &Option<usize>| {
            last.and_then(|spot| spots.get(spot))
                .is_none_or(|spot| x.0 - spot.x.0 >= GAP)
        };
        let mut rows = last_of_row.iter_mut().enumerate();
        if let Some((row, last)) = rows.find(|(_, last)| is_free(last)) {
            if let Some(before) = last.and_then(|spot| spots.get_mut(spot)) {
                before.free = x.0 - before.x.0;
            }
            *last = Some(spots.len());
            spots.push(Spot {
                x,
                row,
                members: vec![member],
                free: 100.0 - x.0,
            });
        } else if let Some(latest) = spots.last_mut() {
            latest.members.push(member);
        }
    }
    spots
}

/// How many rows the spots need.
pub(super) fn rows(spots: &[Spot]) -> usize {
    spots.iter().map(|spot| spot.row + 1).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spots(xs: &[f64]) -> Vec<Spot> {
        apart(&xs.iter().copied().map(Percent).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_far_apart_shares_a_row_and_what_is_close_does_not() {
        let places: Vec<_> = spots(&[10.0, 11.0, 11.5, 50.0])
            .iter()
            .map(|spot| (spot.x.0, spot.row))
            .collect();
        assert_eq!(places, [(10.0, 0), (11.0, 1), (11.5, 2), (50.0, 0)]);
    }

    #[test]
    fn a_flood_at_one_moment_is_counted_by_the_last_mark() {
        let spots = spots(&[20.0; 200]);
        assert_eq!(spots.len(), ROWS_MAX);
        assert_eq!(spots[ROWS_MAX - 1].members.len(), 200 - ROWS_MAX + 1);
    }

    proptest! {
        #[test]
        fn no_two_marks_lie_on_each_other_and_nothing_is_lost(mut xs in prop::collection::vec(0.0..100.0, 0..200)) {
            xs.sort_by(f64::total_cmp);
            let spots = spots(&xs);
            let mut members: Vec<usize> = spots.iter().flat_map(|spot| spot.members.clone()).collect();
            members.sort_unstable();
            prop_assert_eq!(members, (0..xs.len()).collect::<Vec<_>>());
            for (index, spot) in spots.iter().enumerate() {
                prop_assert!(spot.row < ROWS_MAX);
                for other in &spots[index + 1..] {
                    prop_assert!(spot.row != other.row || (other.x.0 - spot.x.0).abs() >= GAP);
                }
            }
        }
    }
}
