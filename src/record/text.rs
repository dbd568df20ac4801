//! Bytes of a line → text, never failing.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use super::lines::Encoding;

/// Where no encoding is set, what is UTF-8 is UTF-8 and anything else is Windows-1252, which has a character for
/// every byte. A sequence that a cut line broke off does not make the rest Windows-1252.
pub fn decode(bytes: &[u8], encoding: Option<Encoding>) -> Cow<'_, str> {
    let guess = || match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_some() => windows_1252(bytes),
        _ => String::from_utf8_lossy(bytes),
    };
    match encoding {
        None => guess(),
        Some(Encoding::Windows1252) => windows_1252(bytes),
        // UTF-16 comes as UTF-8 from the lines already.
        Some(Encoding::Utf8 | Encoding::Utf16Le) => String::from_utf8_lossy(bytes),
    }
}

fn windows_1252(bytes: &[u8]) -> Cow<'_, str> {
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf_8_where_it_can_be_and_windows_1252_elsewhere() {
        for (bytes, encoding, text) in [
            (b"plain".as_slice(), None, "plain"),
            ("Gr\u{fc}n".as_bytes(), None, "Gr\u{fc}n"),
            (b"Gr\xFCn \x80", None, "Gr\u{fc}n \u{20ac}"),
            (b"Gr\xC3\xBCn\xC3", None, "Gr\u{fc}n\u{FFFD}"),
            (
                b"Gr\xC3\xBCn",
                Some(Encoding::Windows1252),
                "Gr\u{c3}\u{bc}n",
            ),
            (b"Gr\xFCn", Some(Encoding::Utf8), "Gr\u{FFFD}n"),
        ] {
            assert_eq!(decode(bytes, encoding), text);
        }
    }
}
