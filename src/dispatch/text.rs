//! Bytes that a command wrote, as text: UTF-8, UTF-16 as Windows tools write it, else Windows-1252.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// So many bytes tell the encoding.
const PROBE_BYTES: usize = 4096;
/// A character of UTF-8 may be cut at the ends of what was kept.
const CUT_BYTES_MAX: usize = 3;

pub(super) fn decode(bytes: &[u8]) -> String {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| (guessed(bytes), 0));
    let text = bytes.get(mark..).unwrap_or_default();
    encoding.decode_without_bom_handling(text).0.into_owned()
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let probe = bytes.get(..PROBE_BYTES).unwrap_or(bytes);
    let (mut first, mut second) = (0, 0);
    for pair in probe.chunks_exact(2) {
        first += usize::from(pair.first() == Some(&0));
        second += usize::from(pair.last() == Some(&0));
    }
    // Latin text in UTF-16: nearly every other byte is a NUL.
    let many = (probe.len() / 2).div_ceil(2).max(1);
    if second >= many && first * 4 < second {
        return UTF_16LE;
    }
    if first >= many && second * 4 < first {
        return UTF_16BE;
    }
    let is_utf_8 = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => {
            bytes.len() - error.valid_up_to() <= CUT_BYTES_MAX && error.error_len().is_none()
        }
    };
    let starts = bytes.iter().take(CUT_BYTES_MAX);
    let cut = starts.take_while(|byte| **byte & 0xC0 == 0x80).count();
    if is_utf_8(bytes.get(cut..).unwrap_or_default()) {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_encoding_is_told_by_the_bytes() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"a", "a"),
            (b"\0", "\0"),
            ("Zürich 東京".as_bytes(), "Zürich 東京"),
            (b"\xEF\xBB\xBFabc", "abc"),
            (b"Z\xFCrich", "Zürich"),
            (b"\xFF\xFEa\0\xFC\0", "aü"),
            (b"\xFE\xFF\0a", "a"),
            (b"D\0B\0I\0D\0:\0", "DBID:"),
            (b"\0D\0B\0I\0D\0:", "DBID:"),
            ("é…".as_bytes().split_at(4).0, "é\u{FFFD}"),
            (&"é…".as_bytes()[1..], "\u{FFFD}…"),
        ] {
            assert_eq!(decode(bytes), text, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn utf_8_is_itself(text in "[^\0\u{FEFF}]*") {
            prop_assert_eq!(decode(text.as_bytes()), text);
        }

        #[test]
        fn any_bytes_are_some_text(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            decode(&bytes);
        }
    }
}
