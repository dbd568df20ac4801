//! Secrets in what a command wrote, found by value in the bytes.

use std::ops::Range;

use aho_corasick::AhoCorasick;

const STARS: &str = "***";

/// Finds secrets in each form in which a program may print them.
pub(super) struct Mask {
    finder: Option<AhoCorasick>,
    /// What is written in place of each form.
    stars: Vec<Vec<u8>>,
    longest: usize,
    /// The forms are more than a finder can hold: then nothing may be shown.
    blind: bool,
}

/// Bytes to be replaced, and by what.
pub(super) struct Hidden<'a> {
    range: Range<usize>,
    stars: &'a [u8],
}

impl Mask {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Mask {
        let (mut forms, mut stars) = (Vec::new(), Vec::new());
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            for encode in [utf_8, windows_1252, utf_16_le, utf_16_be] {
                if let Some(form) = encode(secret) {
                    forms.push(form);
                    stars.push(encode(STARS).unwrap_or_else(|| STARS.into()));
                }
            }
        }
        let finder = (!forms.is_empty()).then(|| AhoCorasick::new(&forms));
        Mask {
            longest: forms.iter().map(Vec::len).max().unwrap_or(0),
            blind: matches!(finder, Some(Err(_))),
            finder: finder.and_then(Result::ok),
            stars,
        }
    }

    /// How many bytes before and behind a place can belong to a secret that reaches over it.
    pub(super) fn reach(&self) -> usize {
        self.longest.saturating_sub(1)
    }

    /// Every place where a secret stands, in order and merged where they overlap: then each of them is gone.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<Hidden<'_>> {
        if self.blind {
            let stars = STARS.as_bytes();
            return vec![Hidden {
                range: 0..bytes.len(),
                stars,
            }];
        }
        let Some(finder) = &self.finder else {
            return Vec::new();
        };
        let mut found: Vec<Hidden<'_>> = Vec::new();
        for hit in finder.find_overlapping_iter(bytes) {
            let mut start = hit.start();
            // Hits come in the order of their ends: a later one may begin before earlier ones.
            while let Some(last) = found.last_mut().filter(|last| last.range.end > start) {
                start = start.min(last.range.start);
                found.pop();
            }
            let stars = self.stars.get(hit.pattern().as_usize());
            found.push(Hidden {
                range: start..hit.end(),
                stars: stars.map_or(STARS.as_bytes(), Vec::as_slice),
            });
        }
        found
    }

    pub(super) fn text(&self, text: &str) -> String {
        let shown = show(text.as_bytes(), 0..text.len(), &self.find(text.as_bytes()));
        String::from_utf8_lossy(&shown).into_owned()
    }
}

/// The bytes of a part, with stars for every hidden place that reaches into it.
pub(super) fn show(bytes: &[u8], part: Range<usize>, hidden: &[Hidden<'_>]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(part.len());
    let mut at = part.start;
    for each in hidden {
        if each.range.end <= part.start || each.range.start >= part.end {
            continue;
        }
        shown.extend(bytes.get(at..each.range.start).unwrap_or_default());
        shown.extend(each.stars);
        at = each.range.end.min(part.end);
    }
    shown.extend(bytes.get(at..part.end).unwrap_or_default());
    shown
}

fn utf_8(text: &str) -> Option<Vec<u8>> {
    Some(text.as_bytes().to_vec())
}

/// Only where it differs from UTF-8.
fn windows_1252(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
    (!lost && !text.is_ascii()).then(|| bytes.into_owned())
}

fn utf_16_le(text: &str) -> Option<Vec<u8>> {
    Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

fn utf_16_be(text: &str) -> Option<Vec<u8>> {
    Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_masked_in_every_form() {
        let mask = Mask::new(["gehäim", "pass", "password", "sword!"]);
        for (bytes, shown) in [
            (b"-p pass,password".to_vec(), b"-p ***,***".to_vec()),
            (b"password!".to_vec(), b"***".to_vec()),
            ("<gehäim>".into(), b"<***>".to_vec()),
            (b"<geh\xE4im>".to_vec(), b"<***>".to_vec()),
            (utf_16_le("<pass>").unwrap(), utf_16_le("<***>").unwrap()),
            (utf_16_be("<pass>").unwrap(), utf_16_be("<***>").unwrap()),
        ] {
            let found = mask.find(&bytes);
            assert_eq!(show(&bytes, 0..bytes.len(), &found), shown);
        }
        assert_eq!(Mask::new([]).text("nothing to hide"), "nothing to hide");
    }

    proptest! {
        /// The oracle marks every byte of every occurrence, one by one.
        #[test]
        fn exactly_the_bytes_of_secrets_are_hidden(
            secrets in prop::collection::vec("[ab]{1,4}", 0..4),
            text in "[abc]{0,40}",
        ) {
            let mask = Mask::new(secrets.iter().map(String::as_str));
            let bytes = text.as_bytes();
            let mut secret = vec![false; bytes.len()];
            for word in &secrets {
                for at in 0..=bytes.len().saturating_sub(word.len()) {
                    if bytes[at..].starts_with(word.as_bytes()) {
                        secret[at..at + word.len()].fill(true);
                    }
                }
            }
            let mut hidden = vec![false; bytes.len()];
            for each in mask.find(bytes) {
                hidden[each.range].fill(true);
            }
            prop_assert_eq!(hidden, secret);
        }
    }
}
