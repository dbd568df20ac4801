//! The words in which a log states modes and statuses, brought to the published ones.

use crate::event::{Mode, Status};

/// A pack's spellings of modes and statuses. The published words need no entry.
///
/// Compared without case and without anything but letters and digits, so that `APP_RUNMODE_PRIMARY`, `<Primary>`
/// and `primary` are one word once the prefix is known.
#[derive(Debug, Default)]
pub(super) struct Wording {
    prefixes: Vec<String>,
    modes: Vec<(String, Mode)>,
    statuses: Vec<(String, Status)>,
}

impl Wording {
    /// A word before others that says nothing: `APP_STATUS_`. Refused if it is blank.
    pub(super) fn add_prefix(&mut self, prefix: &str) -> bool {
        let prefix = plain(prefix);
        let accepted = !prefix.is_empty();
        self.prefixes.extend(accepted.then_some(prefix));
        accepted
    }

    pub(super) fn add_mode(&mut self, spelling: &str, mode: Mode) {
        self.modes.push((plain(spelling), mode));
    }

    pub(super) fn add_status(&mut self, spelling: &str, status: Status) {
        self.statuses.push((plain(spelling), status));
    }

    /// The mode of that name. A word that nobody explained is `Unknown`, never a guess.
    pub(super) fn mode(&self, word: &str) -> Mode {
        let published = Mode::ALL.iter().map(|&mode| (plain(mode.word()), mode));
        self.find(word, &self.modes, published)
            .unwrap_or(Mode::Unknown)
    }

    /// The status of that name; `Unknown` where the word is.
    pub(super) fn status(&self, word: &str) -> Status {
        let published = Status::ALL
            .iter()
            .map(|&status| (plain(status.word()), status));
        self.find(word, &self.statuses, published)
            .unwrap_or(Status::Unknown)
    }

    fn find<T: Copy>(
        &self,
        word: &str,
        own: &[(String, T)],
        published: impl Iterator<Item = (String, T)>,
    ) -> Option<T> {
        let known: Vec<(String, T)> = published.chain(own.iter().cloned()).collect();
        let mut word = plain(word);
        loop {
            if let Some((_, meant)) = known.iter().find(|(spelling, _)| *spelling == word) {
                return Some(*meant);
            }
            // Prefixes may stand before one another: `CFG` and `APP_STATUS_`. Each turn shortens the word.
            word = self
                .prefixes
                .iter()
                .find_map(|prefix| word.strip_prefix(prefix.as_str()))?
                .to_owned();
        }
    }
}

fn plain(word: &str) -> String {
    word.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording() -> Wording {
        let mut wording = Wording::default();
        for prefix in ["CFG", "APP_STATUS_", "APP_RUNMODE_"] {
            assert!(wording.add_prefix(prefix));
        }
        wording.add_status("Unreachable", Status::Unavailable);
        wording
    }

    #[test]
    fn spellings_of_a_mode_are_one_mode() {
        for word in [
            "primary",
            "PRIMARY",
            "APP_RUNMODE_PRIMARY",
            "CFGPrimary",
            "CFG_APP_RUNMODE_primary",
            "<Primary>",
        ] {
            assert_eq!(wording().mode(word), Mode::Primary, "{word}");
        }
    }

    #[test]
    fn spellings_of_a_status_are_one_status() {
        for word in [
            "StopTransition",
            "STOP_TRANSITION",
            "stop-transition",
            "Stop Transition",
            "APP_STATUS_STOP_TRANSITION",
        ] {
            assert_eq!(wording().status(word), Status::StopTransition, "{word}");
        }
        assert_eq!(wording().status("UNREACHABLE"), Status::Unavailable);
    }

    #[test]
    fn a_strange_word_is_unknown_and_never_primary() {
        for word in [
            "",
            "NOT_PRIMARY",
            "primary2",
            "primarybackup",
            "APP_RUNMODE_",
            "XPrimary",
            "pr\u{131}mary",
        ] {
            assert_eq!(wording().mode(word), Mode::Unknown, "{word}");
        }
        assert_eq!(wording().status("Primary"), Status::Unknown);
    }

    #[test]
    fn a_blank_prefix_is_refused() {
        assert!(!Wording::default().add_prefix("_-"));
    }
}
