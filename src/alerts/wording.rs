//! A notice in the words of whoever reads it: short lines that nothing from a log can break.

use super::{Notice, Phase};
use crate::escape::escape;
use crate::fault::Severity;

/// What stands where a text was cut.
const CUT: char = '…';

/// How bad it is, in the words of alarms.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// One line: how bad it is, or that it is over, and what it is.
pub(super) fn headline(notice: &Notice, chars_max: usize) -> String {
    let word = match (notice.phase, notice.severity) {
        (Phase::Close, _) => "OVER",
        (_, Severity::Error) => "CRITICAL",
        (_, Severity::Warning) => "WARNING",
        (_, Severity::Info) => "INFO",
    };
    cut(&format!("{word}: {}", escape(&notice.title)), chars_max)
}

/// Its text as safe lines, at most so many characters of it.
pub(super) fn lines(text: &str, chars_max: usize) -> String {
    let lines: Vec<_> = text.lines().map(escape).collect();
    cut(&lines.join("\n"), chars_max)
}

/// What else is known of it, in the order in which it is read.
pub(super) fn facts(notice: &Notice) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("severity", severity(notice.severity).to_owned()),
        ("class", notice.class.word().to_owned()),
    ];
    let mut add = |name, text: &str| {
        if !text.is_empty() {
            facts.push((name, one_line(text, 200)));
        }
    };
    add("solution", notice.solution.as_deref().unwrap_or_default());
    if let Some(event) = &notice.event {
        add("event", &event.id);
        let application = event.application.as_deref();
        add("application", application.unwrap_or_default());
        add("log", &format!("{}:{}", event.file, event.line));
    }
    add("time", &notice.time.to_string());
    if let Some(opened) = &notice.opened {
        add("since", &opened.time.to_string());
    }
    add("key", &notice.key);
    facts
}

pub(super) fn one_line(text: &str, chars_max: usize) -> String {
    cut(&escape(text), chars_max)
}

/// The text, or as many of its characters as fit with a mark that says so.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some(_) => {
            let kept = text.chars().take(chars_max.saturating_sub(1));
            kept.chain([CUT]).collect()
        }
    }
}

/// As [`cut`], where what counts are octets.
pub(super) fn cut_bytes(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let most = bytes_max.saturating_sub(CUT.len_utf8());
    let kept = (0..=most).rev().find_map(|end| text.get(..end));
    format!("{}{CUT}", kept.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_cut_begins_as_the_text_and_fits(text in ".{0,40}", most in 1usize..30) {
            let short = cut(&text, most);
            prop_assert!(short.chars().count() <= most);
            let kept = short.strip_suffix(CUT).unwrap_or(&short);
            prop_assert!(short == text || text.starts_with(kept));
            let short = cut_bytes(&text, most + 2);
            prop_assert!(short.len() <= most + 2);
            let kept = short.strip_suffix(CUT).unwrap_or(&short);
            prop_assert!(short == text || text.starts_with(kept));
        }
    }
}
