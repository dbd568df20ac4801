//! Values of options, each read once, here, with a message that shows what was expected.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::pack::Id;
use crate::topology::Action;
use crate::yaml;

/// `--set solutions.east.block=1m`: a dotted path of the configuration, and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) key: String,
    pub(super) value: String,
}

/// `--fail vip-enable@vmhost2=timeout`: how a step ends in the replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failing {
    pub(super) action: Action,
    /// The host or the application that the step is for.
    pub(super) target: String,
    pub(super) how: FailHow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailHow {
    Timeout,
    Error,
}

/// `--shift vmhost2=+40s`: the stamps of a host, moved. Signed microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) host: String,
    pub(super) micros: i64,
}

/// `--delay vmhost2=5s`: the lines of a host arrive later than they are stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delay {
    pub(super) host: String,
    pub(super) by: Duration,
}

/// An event's id as events carry it: a number in any of its spellings, or a word (`AppRunModeChanged`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventId(pub(super) Arc<str>);

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Setting, String> {
        let (key, value) = pair(text, "KEY=VALUE, such as solutions.east.block=1m")?;
        Ok(Setting {
            key: key.into(),
            value: value.into(),
        })
    }
}

impl FromStr for Failing {
    type Err = String;

    fn from_str(text: &str) -> Result<Failing, String> {
        let expected = "STEP=timeout or STEP=error, such as vip-enable@vmhost2=timeout";
        // A host has no `=` in its name, an application may.
        let (step, how) = text
            .rsplit_once('=')
            .ok_or_else(|| format!("expected {expected}"))?;
        let (action, target) = pair_at(step, '@', expected)?;
        let action = Action::from_word(action).ok_or_else(|| {
            let words: Vec<_> = Action::ALL.iter().map(|each| each.word()).collect();
            format!("`{action}` is no action; there are {}", words.join(", "))
        })?;
        let how = match how {
            "timeout" => FailHow::Timeout,
            "error" => FailHow::Error,
            _ => return Err(format!("expected {expected}")),
        };
        Ok(Failing {
            action,
            target: target.into(),
            how,
        })
    }
}

impl FromStr for Shift {
    type Err = String;

    fn from_str(text: &str) -> Result<Shift, String> {
        let expected = "HOST=TIME, such as vmhost2=+40s or vmhost2=-2m";
        let (host, time) = pair(text, expected)?;
        let micros = yaml::span(time).ok_or_else(|| format!("expected {expected}"))?;
        Ok(Shift {
            host: host.into(),
            micros,
        })
    }
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Delay, String> {
        let expected = "HOST=TIME, such as vmhost2=5s";
        let (host, time) = pair(text, expected)?;
        let by = yaml::duration(time).ok_or_else(|| format!("expected {expected}"))?;
        Ok(Delay {
            host: host.into(),
            by,
        })
    }
}

impl FromStr for EventId {
    type Err = String;

    fn from_str(text: &str) -> Result<EventId, String> {
        let text = text.trim();
        let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_word {
            return Ok(EventId(text.into()));
        }
        match text.parse::<Id>() {
            Ok(id) => Ok(EventId(id.to_string().into())),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn pair<'a>(text: &'a str, expected: &str) -> Result<(&'a str, &'a str), String> {
    pair_at(text, '=', expected)
}

fn pair_at<'a>(text: &'a str, mark: char, expected: &str) -> Result<(&'a str, &'a str), String> {
    match text.split_once(mark) {
        Some((left, right)) if !left.is_empty() && !right.is_empty() => Ok((left, right)),
        _ => Err(format!("expected {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_an_action_at_a_host_or_an_application() {
        let failing: Failing = "switch-to-primary@UR Server=2=error".parse().unwrap();
        assert_eq!(failing.action, Action::SwitchToPrimary);
        assert_eq!(failing.target, "UR Server=2");
        assert_eq!(failing.how, FailHow::Error);
        for text in [
            "",
            "vip-enable",
            "vip-enable@vmhost2",
            "vip-enable=error",
            "vip@vmhost2=error",
            "vip-enable@=error",
            "vip-enable@vmhost2=slow",
        ] {
            assert!(text.parse::<Failing>().is_err(), "{text}");
        }
    }

    #[test]
    fn shifts_have_a_sign_and_delays_have_none() {
        let shift: Shift = "vmhost2=-2m".parse().unwrap();
        assert_eq!(
            (shift.host.as_str(), shift.micros),
            ("vmhost2", -120_000_000)
        );
        let delay: Delay = "vmhost2=5s".parse().unwrap();
        assert_eq!(
            (delay.host.as_str(), delay.by),
            ("vmhost2", Duration::from_secs(5))
        );
        assert!("vmhost2=-5s".parse::<Delay>().is_err());
        assert!("=5s".parse::<Shift>().is_err());
        assert!("vmhost2".parse::<Shift>().is_err());
    }

    #[test]
    fn a_setting_keeps_later_equal_signs() {
        let setting: Setting = "a.b=c=d".parse().unwrap();
        assert_eq!(
            (setting.key.as_str(), setting.value.as_str()),
            ("a.b", "c=d")
        );
        assert!("a.b=".parse::<Setting>().is_err());
    }

    #[test]
    fn an_event_id_is_accepted_as_people_spell_it() {
        for (text, id) in [
            ("4563", "04563"),
            ("04563", "04563"),
            ("00-04563", "04563"),
            ("GCTI-00-04563", "04563"),
            ("43-10327", "43-10327"),
            (" 5091", "05091"),
            ("AppRunModeChanged", "AppRunModeChanged"),
        ] {
            assert_eq!(&*text.parse::<EventId>().unwrap().0, id);
        }
        for text in ["", "45", "45x3", "four!"] {
            assert!(text.parse::<EventId>().is_err(), "{text}");
        }
    }
}
