//! The number of a log event, in the spellings that logs and people use.

use std::fmt;
use std::str::FromStr;

/// A log event's number within its facility: `00` is common to all components, `43` is SCS.
///
/// Read from `4563`, `04563`, `00-04563` and `GCTI-00-04563`; printed as `04563`, and as `43-10327` outside facility `00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    facility: u8,
    number: u32,
}

/// An id as a record spells it, which need not name the facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    facility: Option<u8>,
    number: u32,
}

impl Id {
    /// Digits that stand in every spelling of this id.
    pub(super) fn literal(self) -> Box<[u8]> {
        format!("{:04}", self.number).into_bytes().into()
    }

    /// What stands before the digits where the facility is spelled too.
    pub(super) fn facility_spelled(self) -> Vec<u8> {
        format!("{:02}-", self.facility).into_bytes()
    }
}

impl Spelled {
    pub(super) fn read(text: &[u8]) -> Option<Spelled> {
        let (facility, digits) = match text.strip_prefix(b"GCTI-").unwrap_or(text) {
            &[a, b, b'-', ref digits @ ..] => (Some(number(&[a, b])?), digits),
            // `GCTI-` never stands without a facility.
            digits if digits.len() == text.len() => (None, digits),
            _ => return None,
        };
        matches!(digits.len(), 4 | 5).then_some(())?;
        Some(Spelled {
            facility: facility.and_then(|facility| u8::try_from(facility).ok()),
            number: number(digits)?,
        })
    }

    /// The id that is meant, where a record without a facility may speak of this one.
    pub(super) fn within(self, facility: u8) -> Id {
        Id {
            facility: self.facility.unwrap_or(facility),
            number: self.number,
        }
    }
}

/// Two decimal digits, as a pack names its facility.
pub(super) fn facility(text: &str) -> Option<u8> {
    let &[a, b] = text.as_bytes() else {
        return None;
    };
    u8::try_from(number(&[a, b])?).ok()
}

/// At most five digits, so nothing overflows.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

/// Four or five digits were expected, with or without the facility.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an event id (as in 04563 or 43-10327)")]
pub struct NotAnId(String);

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Id, NotAnId> {
        let spelled = Spelled::read(text.as_bytes());
        spelled
            .map(|spelled| spelled.within(0))
            .ok_or_else(|| NotAnId(text.to_owned()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.facility {
            0 => write!(f, "{:05}", self.number),
            facility => write!(f, "{facility:02}-{:05}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_four_spellings_and_printed_in_one() {
        for (spelling, printed) in [
            ("4563", "04563"),
            ("04563", "04563"),
            ("00-04563", "04563"),
            ("GCTI-00-04563", "04563"),
            ("43-10327", "43-10327"),
            ("GCTI-43-10327", "43-10327"),
            ("0123", "00123"),
        ] {
            assert_eq!(spelling.parse::<Id>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_only_resembles_an_id_is_none() {
        for text in [
            "",
            "-",
            "456",
            "004563",
            "0456x",
            "4563 ",
            "+4563",
            "GCTI-4563",
            "gcti-00-04563",
            "0-04563",
            "000-04563",
            "00-",
            "00-456",
            "00-004563",
            "GCTI-",
            "GCTI-00-",
            "-04563",
            "00--4563",
            "45.63",
            "٤٥٦٣",
        ] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }

    #[test]
    fn neighbours_of_4563_are_other_ids() {
        let id: Id = "4563".parse().unwrap();
        for text in ["14563", "45630", "43-04563", "0456", "5634"] {
            assert_ne!(text.parse::<Id>().unwrap(), id, "{text}");
        }
    }

    #[test]
    fn every_spelling_holds_the_literal() {
        for (id, spellings) in [
            ("4563", ["4563", "04563", "00-04563", "GCTI-00-04563"]),
            ("0123", ["0123", "00123", "00-0123", "GCTI-00-00123"]),
            ("10327", ["10327", "43-10327", "00-10327", "GCTI-43-10327"]),
        ] {
            let literal = String::from_utf8(id.parse::<Id>().unwrap().literal().into()).unwrap();
            assert!(spellings.iter().all(|each| each.contains(&literal)), "{id}");
        }
    }
}
