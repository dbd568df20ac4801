//! Secrets in what a command wrote, found by value in the bytes.

use std::ops::Range;

use aho_corasick::AhoCorasick;

const STARS: &str = "***";
/// In UTF-16 of either byte order, without the outer NUL.
const INNER_STARS: &[u8] = b"*\0*\0*";

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
            for (form, star) in in_all_forms(secret) {
                forms.push(form);
                stars.push(star);
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

/// A secret's bytes in each encoding, and what stands for them there.
fn in_all_forms(secret: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut forms = vec![(secret.into(), STARS.into())];
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(secret);
    if !lost && !secret.is_ascii() {
        forms.push((bytes.into_owned(), STARS.into()));
    }
    // Latin letters are the same in both byte orders, but for an outer NUL. Without it a hit is never off by one byte,
    // which would turn all the text behind it.
    let little = |text: &str| utf_16(text, u16::to_le_bytes);
    forms.push(match little(secret).strip_suffix(&[0]) {
        Some(inner) => (inner.to_vec(), INNER_STARS.into()),
        None => (little(secret), little(STARS)),
    });
    let big = |text: &str| utf_16(text, u16::to_be_bytes);
    forms.push(match big(secret).strip_prefix(&[0]) {
        Some(inner) => (inner.to_vec(), INNER_STARS.into()),
        None => (big(secret), big(STARS)),
    });
    forms
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_masked_in_every_form() {
        let mask = Mask::new(["gehäim", "pass", "password", "sword!", "密"]);
        let little = |text| utf_16(text, u16::to_le_bytes);
        let big = |text| utf_16(text, u16::to_be_bytes);
        for (bytes, shown) in [
            (b"-p pass,password".to_vec(), b"-p ***,***".to_vec()),
            (b"password!".to_vec(), b"***".to_vec()),
            ("<gehäim>".into(), b"<***>".to_vec()),
            (b"<geh\xE4im>".to_vec(), b"<***>".to_vec()),
            (little("<pass>"), little("<***>")),
            (big("<pass>"), big("<***>")),
            (little("<密>"), little("<***>")),
            (big("<密>"), big("<***>")),
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
