//! Single values by type. Each reader says what it found, what it expected, and how that is written.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::quantity;
use super::read::Value;
use super::wording::nearest;

impl<'a> Value<'a> {
    /// Any text, as it is written; numbers and `yes` are text too.
    pub fn text(&self) -> Option<&'a str> {
        match self.scalar() {
            Some(scalar) => Some(&scalar.text),
            None => self.expected("a text", None),
        }
    }

    /// A text of one line that holds more than blanks.
    pub fn line(&self) -> Option<&'a str> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return self.expected("a text that is not blank", None);
        }
        if text.chars().any(char::is_control) {
            return self.expected("a text without control characters", None);
        }
        Some(text)
    }

    /// A name: one line without blanks around it, that no program can take for an option.
    pub fn name(&self) -> Option<Arc<str>> {
        let text = self.line()?;
        match name_fault(text) {
            None => Some(text.into()),
            Some(hint) => self.expected("a name", Some(hint.to_owned())),
        }
    }

    /// An IP address or a host name.
    pub fn address(&self) -> Option<Arc<str>> {
        let text = self.line()?;
        if is_address(text) {
            return Some(text.into());
        }
        let hint = text
            .contains('/')
            .then(|| "without the length of the network".to_owned());
        self.expected("an IP address or a host name", hint)
    }

    pub fn flag(&self) -> Option<bool> {
        let plain = self.scalar().filter(|scalar| !scalar.quoted);
        match plain
            .map(|scalar| scalar.text.to_ascii_lowercase())
            .as_deref()
        {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some("yes" | "on" | "y") => self.expected("true or false", Some("write true".into())),
            Some("no" | "off" | "n") => self.expected("true or false", Some("write false".into())),
            _ => self.expected("true or false", None),
        }
    }

    /// A whole number, written in decimal digits and not quoted.
    pub fn integer<T: FromStr + PartialOrd + ToString>(&self, least: T, most: T) -> Option<T> {
        let what = format!(
            "a whole number from {} to {}",
            least.to_string(),
            most.to_string()
        );
        let Some(scalar) = self.scalar() else {
            return self.expected(&what, None);
        };
        let text = &scalar.text;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = digits && (text.len() == 1 || !text.starts_with('0'));
        let number = text.parse().ok().filter(|n| *n >= least && *n <= most);
        match number {
            Some(_) if canonical && scalar.quoted => {
                self.expected(&what, Some(format!("write {text} without quotes")))
            }
            Some(number) if canonical => Some(number),
            Some(_) => self.expected(
                &what,
                Some("decimal digits without zeros before them".into()),
            ),
            None => self.expected(&what, None),
        }
    }

    /// A duration that may be zero.
    pub fn duration(&self) -> Option<Duration> {
        let hint = "as in 250ms, 5s, 2m, 1h30m";
        match self.scalar().map(|scalar| quantity::duration(&scalar.text)) {
            Some(Some(duration)) => Some(duration),
            _ => self.expected("a duration", Some(hint.to_owned())),
        }
    }

    /// A duration over zero.
    pub fn period(&self) -> Option<Duration> {
        let duration = self.duration()?;
        if duration.is_zero() {
            return self.expected("a duration over zero", None);
        }
        Some(duration)
    }

    /// A duration with a sign, in microseconds.
    pub fn offset(&self) -> Option<i64> {
        match self.scalar().map(|scalar| quantity::span(&scalar.text)) {
            Some(Some(micros)) => Some(micros),
            _ => self.expected("a duration with a sign", Some("as in +40s, -2m".to_owned())),
        }
    }

    pub fn size(&self, least: u64, most: u64) -> Option<usize> {
        let size = self
            .scalar()
            .and_then(|scalar| quantity::size(&scalar.text));
        let Some(size) = size else {
            return self.expected("a size", Some("as in 512, 256KiB, 1MiB".to_owned()));
        };
        if size < least || size > most {
            return self.expected(&format!("a size from {least} to {most} bytes"), None);
        }
        usize::try_from(size).ok()
    }

    /// One word of a closed set.
    pub fn word<T: Copy>(&self, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
        let text = self.scalar().map_or("", |scalar| scalar.text.as_str());
        if let Some(found) = all.iter().find(|each| word(**each) == text) {
            return Some(*found);
        }
        let words: Vec<&str> = all.iter().map(|each| word(*each)).collect();
        self.expected(&words.join(", "), nearest(text, words))
    }
}

/// Why a text is no name.
pub(super) fn name_fault(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() || text == "~" || text == "null" {
        return Some("a name is not blank");
    }
    if text.chars().any(char::is_control) {
        return Some("a name has no control characters");
    }
    if text != text.trim() {
        return Some("without blanks before and behind it");
    }
    if text.starts_with('-') {
        return Some("a program would take it for an option");
    }
    None
}

fn is_address(text: &str) -> bool {
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    // All digits and dots is an address that failed to be one.
    let numeric = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    !numeric && text.len() <= 253 && text.split('.').all(label)
}
