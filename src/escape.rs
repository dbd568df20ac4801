//! Text from a log, made safe to print: what a caller chose can neither steer a terminal nor break a column.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with every character that is not seen as itself written out: `\n`, `\t`, `\x1b`, `\u{202e}`.
///
/// A backslash stays as it is, since Windows paths are full of them; JSON is the output that can be read back exactly.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for each in text.chars() {
        let written = match each {
            '\n' => write!(safe, "\\n"),
            '\r' => write!(safe, "\\r"),
            '\t' => write!(safe, "\\t"),
            each if is_unsafe(each) && u32::from(each) < 0x100 => {
                write!(safe, "\\x{:02x}", u32::from(each))
            }
            each if is_unsafe(each) => write!(safe, "\\u{{{:x}}}", u32::from(each)),
            each => write!(safe, "{each}"),
        };
        debug_assert!(written.is_ok(), "a String takes all that is written to it");
    }
    Cow::Owned(safe)
}

/// Controls (C0, DEL, C1), line and paragraph ends, characters that reorder text, and those that cannot be seen.
pub fn is_unsafe(each: char) -> bool {
    each.is_control()
        || matches!(each,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        for (text, safe) in [
            (
                "Hot Standby (Primary) mode activated",
                "Hot Standby (Primary) mode activated",
            ),
            ("D:\\GCTI\\logs", "D:\\GCTI\\logs"),
            ("Zürich 東京", "Zürich 東京"),
            ("a\tb\r\nc", "a\\tb\\r\\nc"),
            ("\u{1b}[2J", "\\x1b[2J"),
            ("\u{9b}31m\u{7f}", "\\x9b31m\\x7f"),
            ("\u{202e}gol.exe", "\\u{202e}gol.exe"),
            ("a\u{200b}b\u{e0041}", "a\\u{200b}b\\u{e0041}"),
        ] {
            assert_eq!(escape(text), safe);
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_one_safe_line(text in ".*") {
            prop_assert!(!escape(&text).chars().any(is_unsafe));
        }
    }
}
