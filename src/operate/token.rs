//! The token that lets an operator's verbs through.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use subtle::ConstantTimeEq;

use crate::config::{Files, TokenFile};
use crate::time::Time;

const BYTES_MAX: usize = 4 << 10;
/// A shorter one could be guessed.
const CHARS_MIN: usize = 16;
/// So many wrong tokens in so long; then even the right one has to wait.
const WRONG_MAX: u32 = 20;
const WRONG_WITHIN: Duration = Duration::from_secs(60);

/// Prints as `***`. It counts the wrong ones that were tried instead.
pub struct Token {
    text: String,
    wrong: Mutex<Wrong>,
}

struct Wrong {
    count: u32,
    since: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    Right,
    Wrong,
    TooMany,
}

impl Token {
    /// One line of at least 16 printable characters; blanks around it do not count.
    pub fn new(text: &str) -> Result<Token, String> {
        let text = text.trim();
        if !text.chars().all(|each| each.is_ascii_graphic()) {
            return Err("a token is one line of ASCII letters, digits and marks".into());
        }
        if text.len() < CHARS_MIN {
            return Err(format!("a token has at least {CHARS_MIN} characters"));
        }
        let wrong = Wrong {
            count: 0,
            since: Time::default(),
        };
        Ok(Token {
            text: text.into(),
            wrong: Mutex::new(wrong),
        })
    }

    /// Reads the file that the configuration names. The message never holds what was read.
    pub fn read(files: &dyn Files, file: &TokenFile) -> Result<Token, String> {
        let shown = file.path.display();
        let bytes = files
            .read(&file.path, BYTES_MAX)
            .map_err(|error| format!("cannot read the token file {shown}: {error}"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("{shown} is not UTF-8 text"))?;
        Token::new(&text).map_err(|error| format!("{shown}: {error}"))
    }

    /// For the one header that needs it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// In a time that does not depend on how much of it is right.
    pub(super) fn check(&self, offered: &[u8], now: Time) -> Checked {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if now.distance(wrong.since) > WRONG_WITHIN {
            (wrong.count, wrong.since) = (0, now);
        }
        if wrong.count >= WRONG_MAX {
            return Checked::TooMany;
        }
        if bool::from(self.text.as_bytes().ct_eq(offered)) {
            return Checked::Right;
        }
        wrong.count += 1;
        Checked::Wrong
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_could_be_guessed_or_mistyped_is_none() {
        for text in ["", "short", "sixteen chars ok?", "ümlaut-ümlaut-ümlaut"] {
            assert!(Token::new(text).is_err(), "{text}");
        }
        let token = Token::new("  0123456789abcdef\n").unwrap();
        assert_eq!(token.reveal(), "0123456789abcdef");
        assert_eq!(format!("{token:?}"), "***");
    }

    #[test]
    fn after_many_wrong_tokens_all_wait_for_a_minute() {
        let token = Token::new("0123456789abcdef").unwrap();
        let now = Time::from_micros(1_000_000_000);
        for _ in 0..WRONG_MAX {
            assert_eq!(token.check(b"0123456789abcdeX", now), Checked::Wrong);
        }
        let right = token.reveal().as_bytes();
        assert_eq!(token.check(right, now), Checked::TooMany);
        let later = now.plus(WRONG_WITHIN + Duration::from_secs(1));
        assert_eq!(token.check(right, later), Checked::Right);
    }
}
