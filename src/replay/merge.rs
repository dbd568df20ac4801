//! All sources as one stream in time: ties go by the order of the arguments, then by the place in the file.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Item;
use super::chain::Chain;
use crate::scan::Counts;
use crate::time::Time;

const READ_BYTES: usize = 64 * 1024;

/// Items of every chain, in the order of their arrival. One item of each chain is held, and no more.
pub struct Merge {
    chains: Vec<Chain>,
    heads: Vec<Option<Item>>,
    next: BinaryHeap<Reverse<(Time, usize)>>,
    buffer: Vec<u8>,
}

impl Merge {
    pub(super) fn new(chains: Vec<Chain>) -> Merge {
        let heads = chains.iter().map(|_| None).collect();
        let mut merge = Merge {
            chains,
            heads,
            next: BinaryHeap::new(),
            buffer: vec![0; READ_BYTES],
        };
        for chain in 0..merge.chains.len() {
            merge.pull(chain);
        }
        merge
    }

    /// What was read so far.
    pub fn counts(&self) -> Counts {
        self.chains
            .iter()
            .map(Chain::counts)
            .fold(Counts::default(), |sum, each| Counts {
                bytes: sum.bytes + each.bytes,
                lines: sum.lines + each.lines,
                records: sum.records + each.records,
            })
    }

    fn pull(&mut self, chain: usize) {
        self.heads[chain] = self.chains[chain].next(&mut self.buffer);
        if let Some(item) = &self.heads[chain] {
            self.next.push(Reverse((item.arrival, chain)));
        }
    }
}

impl Iterator for Merge {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let Reverse((_, chain)) = self.next.pop()?;
        let item = self.heads[chain].take();
        self.pull(chain);
        item
    }
}
