//! A rule: from the fields taken from a line to what they mean.

use std::borrow::Cow;
use std::sync::Arc;

use super::Meaning;
use super::pattern::{Field, Pattern, Taken};
use super::wording::Wording;
use crate::event::{EventKind, Mode, Status};

/// What both kinds of rule share.
#[derive(Debug)]
pub(super) struct Rule {
    /// The event's id as printed.
    pub(super) name: Arc<str>,
    pub(super) by_scs: bool,
    /// The first that holds decides.
    pub(super) cases: Vec<Case>,
    /// The kind where no case holds; none: the line means nothing.
    pub(super) otherwise: Option<EventKind>,
    pub(super) wording: Arc<Wording>,
}

/// A rule over all lines of one form.
#[derive(Debug)]
pub(super) struct LineRule {
    pub(super) pattern: Pattern,
    pub(super) rule: Rule,
}

/// A rule over the records with one id, whatever their shape.
#[derive(Debug)]
pub(super) struct IdRule {
    /// The record's text must match this.
    pub(super) text: Option<Pattern>,
    /// Fields that the record's text may name; the first that matches counts, and none need.
    pub(super) names: Vec<Pattern>,
    pub(super) rule: Rule,
}

#[derive(Debug)]
pub(super) struct Case {
    pub(super) mode: Allowed<Mode>,
    pub(super) previous: Allowed<Mode>,
    pub(super) status: Allowed<Status>,
    pub(super) kind: EventKind,
}

#[derive(Debug)]
pub(super) struct Allowed<T> {
    /// Empty: any.
    pub(super) only: Vec<T>,
    pub(super) not: Vec<T>,
}

impl<T: PartialEq> Allowed<T> {
    fn holds(&self, value: &T) -> bool {
        (self.only.is_empty() || self.only.contains(value)) && !self.not.contains(value)
    }
}

impl LineRule {
    pub(super) fn read(&self, line: &[u8]) -> Option<Meaning> {
        let taken = self.pattern.take(line)?;
        self.rule
            .meaning(&taken, taken.get(Field::Text).unwrap_or(line))
    }
}

impl IdRule {
    /// `taken` by a shape, or by two joined lines.
    pub(super) fn read(&self, taken: &Taken<'_>) -> Option<Meaning> {
        let text = taken.get(Field::Text).unwrap_or_default();
        let mut whole = taken.clone();
        if self.rule.by_scs {
            // The record names its writer, which is SCS; whom SCS speaks of, only the text can tell.
            for writer in [Field::Application, Field::Dbid, Field::Host] {
                whole.set(writer, None);
            }
        }
        if let Some(condition) = &self.text {
            whole = whole.overlaid(&condition.take(text)?);
        }
        if let Some(named) = self.names.iter().find_map(|pattern| pattern.take(text)) {
            whole = whole.overlaid(&named);
        }
        self.rule.meaning(&whole, text)
    }
}

impl Rule {
    fn meaning(&self, taken: &Taken<'_>, text: &[u8]) -> Option<Meaning> {
        let word = |field| taken.get(field).map(decode);
        let mode = word(Field::Mode).map(|word| self.wording.mode(&word));
        let previous = word(Field::Previous).map(|word| self.wording.mode(&word));
        let status = word(Field::Status).map(|word| self.wording.status(&word));
        let name = |field| word(field).filter(|name| !name.is_empty()).map(Arc::from);
        Some(Meaning {
            id: self.name.clone(),
            kind: self.kind(mode, previous, status)?,
            level: name(Field::Level),
            text: decode(text).into(),
            application: name(Field::Application),
            dbid: word(Field::Dbid).and_then(|digits| digits.parse().ok()),
            host: name(Field::Host),
            mode,
            status,
            by_scs: self.by_scs,
        })
    }

    /// What the line does not state is unknown, and unknown is what a condition sees.
    fn kind(
        &self,
        mode: Option<Mode>,
        previous: Option<Mode>,
        status: Option<Status>,
    ) -> Option<EventKind> {
        let mode = mode.unwrap_or(Mode::Unknown);
        let previous = previous.unwrap_or(Mode::Unknown);
        let status = status.unwrap_or(Status::Unknown);
        let holds = |case: &&Case| {
            case.mode.holds(&mode) && case.previous.holds(&previous) && case.status.holds(&status)
        };
        let case = self.cases.iter().find(holds);
        case.map(|case| case.kind).or(self.otherwise)
    }
}

/// As UTF-8 where it is, else as the Windows code page of the field; no byte is an error.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
        }
    }
}
