//! How messages quote what a file says.

use std::sync::Arc;

const SHOWN_CHARS_MAX: usize = 60;

/// A hint at the one of these words that is near enough to be meant.
pub fn nearest<'w>(found: &str, words: impl IntoIterator<Item = &'w str>) -> Option<String> {
    near(found, words).map(did_you_mean)
}

pub(super) fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

pub(super) fn near<'w>(found: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if found.len() > 100 {
        return None;
    }
    let found = found.to_lowercase();
    words
        .into_iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&found, &word.to_lowercase()),
                word,
            )
        })
        .filter(|(distance, word)| {
            let letters = word.chars().count();
            *distance <= (letters / 3).max(1) && *distance < letters
        })
        .min()
        .map(|(_, word)| word)
}

/// A found text as a message quotes it: short, on one line, without anything a terminal obeys.
pub fn shown(text: &str) -> String {
    format!("`{}`", escaped(text))
}

/// A dotted path. The keys are the file's own words, so they are escaped.
pub(super) fn joined(path: &[Arc<str>]) -> String {
    let words: Vec<String> = path.iter().map(|word| escaped(word)).collect();
    words.join(".")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars().take(SHOWN_CHARS_MAX) {
        match c {
            '"' | '\'' | '\\' => escaped.push(c),
            _ => escaped.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        escaped.push('…');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_quoted_short_and_on_one_line() {
        assert_eq!(shown("a\nb\u{7}\u{202E}"), "`a\\nb\\u{7}\\u{202e}`");
        assert_eq!(shown("say \"it's\" C:\\logs"), "`say \"it's\" C:\\logs`");
        assert_eq!(shown(&"x".repeat(100)), format!("`{}…`", "x".repeat(60)));
    }

    #[test]
    fn only_a_near_word_is_meant() {
        for (found, meant) in [
            ("windw", Some("window")),
            ("Window", Some("window")),
            ("widnow", Some("window")),
            ("x", None),
            ("wonderful", None),
            ("windoww_max", Some("window_max")),
        ] {
            assert_eq!(near(found, ["window", "window_max", "y"]), meant, "{found}");
        }
    }
}
