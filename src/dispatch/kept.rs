//! The head and the tail of an output of any length.

use super::mask::{Mask, show};
use super::report::Output;
use super::text::decode;

/// Takes all that comes and keeps a bounded part. A little more is kept than is shown, so that a secret at a cut is
/// known to be one.
pub(super) struct Kept {
    shown_max: usize,
    kept_max: usize,
    head: Vec<u8>,
    tail: Vec<u8>,
    bytes: u64,
}

impl Kept {
    pub(super) fn new(shown_max: usize, mask: &Mask) -> Kept {
        Kept {
            shown_max,
            kept_max: shown_max.saturating_add(mask.reach()),
            head: Vec::new(),
            tail: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        let room = self.kept_max.saturating_sub(self.head.len());
        let (head, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend(head);
        self.tail.extend(rest);
        // Not on every push: moving the tail costs as much as it is long.
        if self.tail.len() > self.kept_max.saturating_mul(2) {
            self.trim();
        }
    }

    pub(super) fn finish(mut self, mask: &Mask) -> Output {
        self.trim();
        let dropped = self.bytes > (self.head.len() + self.tail.len()) as u64;
        if !dropped {
            self.head.append(&mut self.tail);
        }
        let all = &self.head;
        let fits = !dropped && all.len() <= self.shown_max.saturating_mul(2);
        let head_end = if fits { all.len() } else { self.shown_max };
        let head = show(all, 0..head_end.min(all.len()), &mask.find(all));
        if fits {
            return Output {
                head: decode(&head),
                tail: String::new(),
                bytes: self.bytes,
                bytes_left_out: 0,
            };
        }
        let end = if dropped { &self.tail } else { all };
        let from = end.len().saturating_sub(self.shown_max);
        let tail = show(end, from..end.len(), &mask.find(end));
        let shown = (self.shown_max as u64).saturating_mul(2);
        Output {
            head: decode(&head),
            tail: decode(&tail),
            bytes: self.bytes,
            bytes_left_out: self.bytes.saturating_sub(shown),
        }
    }

    fn trim(&mut self) {
        let over = self.tail.len().saturating_sub(self.kept_max);
        self.tail.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(shown_max: usize, secrets: &[&str], chunks: &[&[u8]]) -> Output {
        let mask = Mask::new(secrets.iter().copied());
        let mut kept = Kept::new(shown_max, &mask);
        for chunk in chunks {
            kept.push(chunk);
        }
        kept.finish(&mask)
    }

    #[test]
    fn a_secret_at_a_cut_is_hidden_whole() {
        let output = kept(4, &["SECRET"], &[b"abSEC", b"RETxxxxxxxxxxSECRETyz"]);
        assert_eq!((&*output.head, &*output.tail), ("ab***", "***yz"));
        assert_eq!((output.bytes, output.bytes_left_out), (26, 18));
    }

    proptest! {
        /// However it comes in pieces: what fits is kept, and of the rest head and tail.
        #[test]
        fn head_and_tail_are_those_of_the_whole(
            chunks in prop::collection::vec("[a-z]{0,9}", 0..12),
            shown_max in 1usize..12,
        ) {
            let pieces: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.as_bytes()).collect();
            let whole = chunks.concat();
            let output = kept(shown_max, &["never there"], &pieces);
            prop_assert_eq!(output.bytes, whole.len() as u64);
            if whole.len() <= 2 * shown_max {
                prop_assert_eq!((output.head, output.bytes_left_out), (whole, 0));
            } else {
                prop_assert_eq!(&output.head, &whole[..shown_max]);
                prop_assert_eq!(&output.tail, &whole[whole.len() - shown_max..]);
                prop_assert_eq!(output.bytes_left_out as usize, whole.len() - 2 * shown_max);
            }
        }

        #[test]
        fn no_piece_of_a_secret_is_shown(
            before in "[a-c]{0,30}", between in "[a-c]{0,30}", after in "[a-c]{0,30}", shown_max in 1usize..30,
        ) {
            let whole = format!("{before}XYZZY{between}XYZZY{after}");
            let output = kept(shown_max, &["XYZZY"], &[whole.as_bytes()]);
            prop_assert!(!output.head.contains(['X', 'Y', 'Z']));
            prop_assert!(!output.tail.contains(['X', 'Y', 'Z']));
        }
    }
}
