//! Work on several threads whose results come out in the order of the items, in bounded memory.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

/// How many results of one item wait for their turn before its worker waits too.
const WAITING_MAX: usize = 256;
/// How many items a thread may be ahead, so that small ones behind a large one are not held up.
const AHEAD: usize = 8;

/// Where a worker puts its results.
pub(super) struct Turn<'a, R> {
    results: Sender<R>,
    stop: &'a AtomicBool,
}

impl<R> Turn<'_, R> {
    /// Waits while too many results are not taken yet. False if nobody wants them any more.
    pub(super) fn give(&self, result: R) -> bool {
        self.results.send(result).is_ok()
    }

    /// False if nobody wants results any more; to be asked now and then by a worker that has none.
    pub(super) fn wanted(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

/// Runs `work` on each item and hands its results to `take`: those of the first item as they come, then those of the
/// second, and so on. The first error of `take` ends everything.
pub(super) fn in_order<T, R, E>(
    threads: NonZeroUsize,
    items: &[T],
    work: impl Fn(&T, Turn<'_, R>) + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    T: Sync,
    R: Send,
{
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (jobs, taken) = unbounded::<(&T, Sender<R>)>();
        for _ in 0..threads.get().min(items.len()) {
            let (taken, work, stop) = (taken.clone(), &work, &stop);
            scope.spawn(move || {
                for (item, results) in taken {
                    work(item, Turn { results, stop });
                }
            });
        }
        // Jobs are taken in order, so the item whose turn it is always has a worker, and no one waits for ever.
        let mut items = items.iter();
        let mut turns: VecDeque<Receiver<R>> = VecDeque::new();
        loop {
            while turns.len() < threads.get().saturating_mul(AHEAD) {
                let Some(item) = items.next() else { break };
                let (give, turn) = bounded(WAITING_MAX);
                // It is received as long as the workers live, which is until `jobs` is dropped.
                let _ = jobs.send((item, give));
                turns.push_back(turn);
            }
            let Some(turn) = turns.pop_front() else {
                return Ok(());
            };
            if let Err(error) = turn.iter().try_for_each(&mut take) {
                stop.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn threads(number: usize) -> NonZeroUsize {
        NonZeroUsize::new(number).unwrap()
    }

    proptest! {
        #[test]
        fn results_come_in_the_order_of_the_items(
            lengths in prop::collection::vec(0usize..600, 0..40),
            number in 1usize..6,
        ) {
            let expected: Vec<(usize, usize)> = lengths
                .iter()
                .enumerate()
                .flat_map(|(item, &length)| (0..length).map(move |each| (item, each)))
                .collect();
            let items: Vec<(usize, usize)> = lengths.into_iter().enumerate().collect();
            let mut all = Vec::new();
            in_order(
                threads(number),
                &items,
                |&(item, length), turn| {
                    for each in 0..length {
                        assert!(turn.give((item, each)));
                    }
                },
                |result| {
                    all.push(result);
                    Ok::<(), ()>(())
                },
            )
            .unwrap();
            prop_assert_eq!(all, expected);
        }
    }

    #[test]
    fn an_error_of_the_taker_ends_workers_that_would_never_end() {
        let ended = in_order(
            threads(2),
            &[(); 50],
            |(), turn| while turn.wanted() && turn.give(()) {},
            |()| Err("full"),
        );
        assert_eq!(ended, Err("full"));
    }
}
