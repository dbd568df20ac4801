//! Reading a tree by type. Nothing here stops at a fault: every value of the file is looked at, and what is
//! wrong with it is kept with its place, so that one look at the list is enough to repair the file.

use std::cell::RefCell;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::{Content, Entry, Node, Scalar, quantity};
use crate::fault::{Fault, Place, Severity};

/// The faults found so far. Shared by all values of one reading.
#[derive(Debug, Default)]
pub struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    pub fn add(&self, fault: Fault) {
        self.0.borrow_mut().push(fault);
    }

    pub fn extend(&self, faults: Vec<Fault>) {
        self.0.borrow_mut().extend(faults);
    }

    /// In the order of files, lines and columns.
    pub fn into_sorted(self) -> Vec<Fault> {
        let mut faults = self.0.into_inner();
        faults.sort();
        faults.dedup();
        faults
    }
}

/// A value and the path that leads to it.
#[derive(Clone, Debug)]
pub struct Value<'a> {
    node: &'a Node,
    path: Vec<Arc<str>>,
    faults: &'a Faults,
}

/// Where a value stood and what it was called: enough to find fault with it after the tree is gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct At {
    pub place: Place,
    /// The dotted path.
    pub key: String,
}

impl At {
    pub fn fault(
        &self,
        severity: Severity,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Fault {
        Fault {
            place: self.place.clone(),
            severity,
            key: self.key.clone(),
            message: message.into(),
            hint,
        }
    }
}

/// A map whose possible keys are known.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    value: Value<'a>,
    entries: &'a [Entry],
}

impl<'a> Value<'a> {
    pub fn root(node: &'a Node, faults: &'a Faults) -> Value<'a> {
        Value {
            node,
            path: Vec::new(),
            faults,
        }
    }

    pub fn at(&self) -> At {
        At {
            place: self.node.place.clone(),
            key: joined(&self.path),
        }
    }

    /// An error at this value.
    pub fn fault(&self, message: impl Into<String>, hint: Option<String>) {
        self.faults
            .add(self.at().fault(Severity::Error, message, hint));
    }

    pub fn warn(&self, message: impl Into<String>, hint: Option<String>) {
        self.faults
            .add(self.at().fault(Severity::Warning, message, hint));
    }

    /// Faults that were found elsewhere.
    pub fn add(&self, faults: Vec<Fault>) {
        self.faults.extend(faults);
    }

    /// `found X, expected Y`; answers none, so that a reader can end with it.
    pub fn expected<T>(&self, what: &str, hint: Option<String>) -> Option<T> {
        let found = match &self.node.content {
            _ if self.node.is_nothing() => "nothing".to_owned(),
            Content::Scalar(scalar) => shown(&scalar.text),
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
        };
        self.fault(format!("found {found}, expected {what}"), hint);
        None
    }

    fn scalar(&self) -> Option<&'a Scalar> {
        match &self.node.content {
            Content::Scalar(scalar) if !self.node.is_nothing() => Some(scalar),
            _ => None,
        }
    }

    pub fn is_map(&self) -> bool {
        matches!(self.node.content, Content::Map(_))
    }

    pub fn is_text(&self) -> bool {
        self.scalar().is_some()
    }

    pub fn is_list(&self) -> bool {
        matches!(self.node.content, Content::List(_))
    }

    pub fn is_nothing(&self) -> bool {
        self.node.is_nothing()
    }

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
            Some((expected, hint)) => self.expected(expected, Some(hint.to_owned())),
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

    pub fn list(&self) -> Option<Vec<Value<'a>>> {
        let Content::List(list) = &self.node.content else {
            return self.expected("a list", None);
        };
        Some(
            list.iter()
                .enumerate()
                .map(|(index, node)| self.inner(index.to_string().into(), node))
                .collect(),
        )
    }

    /// A map with these keys and no others. `get` and `need` know only them.
    pub fn table(&self, known: &[&'static str]) -> Option<Table<'a>> {
        let Content::Map(entries) = &self.node.content else {
            return self.expected("a map", None);
        };
        for entry in entries {
            if !known.contains(&&*entry.key) {
                let hint = nearest(&entry.key, known.iter().copied());
                self.named_entry(entry).fault("unknown key", hint);
            }
        }
        Some(Table {
            value: self.clone(),
            entries,
        })
    }

    /// A map whose keys are names: each name with the place where it stands, and its value.
    pub fn named(&self) -> Option<Vec<(Named<'a>, Value<'a>)>> {
        let Content::Map(entries) = &self.node.content else {
            return self.expected("a map of names", None);
        };
        let mut named = Vec::with_capacity(entries.len());
        for entry in entries {
            let name = self.named_entry(entry);
            match name_fault(&entry.key) {
                Some((expected, hint)) => {
                    let message = format!("found {}, expected {expected}", shown(&entry.key));
                    name.fault(message, Some(hint.to_owned()));
                }
                None => named.push((name, self.inner(entry.key.clone(), &entry.value))),
            }
        }
        Some(named)
    }

    fn named_entry(&self, entry: &Entry) -> Named<'a> {
        let mut path = self.path.clone();
        path.push(entry.key.clone());
        let at = At {
            place: entry.key_place.clone(),
            key: joined(&path),
        };
        Named {
            name: entry.key.clone(),
            at,
            faults: self.faults,
        }
    }

    fn inner(&self, key: Arc<str>, node: &'a Node) -> Value<'a> {
        let mut path = self.path.clone();
        path.push(key);
        Value {
            node,
            path,
            faults: self.faults,
        }
    }
}

/// A name used as a key; its place is the key's.
#[derive(Clone, Debug)]
pub struct Named<'a> {
    pub name: Arc<str>,
    pub at: At,
    faults: &'a Faults,
}

impl Named<'_> {
    pub fn fault(&self, message: impl Into<String>, hint: Option<String>) {
        self.faults
            .add(self.at.fault(Severity::Error, message, hint));
    }

    pub fn warn(&self, message: impl Into<String>, hint: Option<String>) {
        self.faults
            .add(self.at.fault(Severity::Warning, message, hint));
    }
}

impl<'a> Table<'a> {
    /// The map itself, for what is wrong with it as a whole.
    pub fn value(&self) -> &Value<'a> {
        &self.value
    }

    /// The value of a key, if there is one. A key without a value is as if it were not there.
    pub fn get(&self, key: &'static str) -> Option<Value<'a>> {
        let entry = self.entries.iter().find(|entry| &*entry.key == key)?;
        (!entry.value.is_nothing()).then(|| self.value.inner(key.into(), &entry.value))
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &'static str) -> Option<Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            self.value.fault(format!("`{key}` is missing"), None);
        }
        value
    }
}

/// Why a text is no name, and what to do.
fn name_fault(text: &str) -> Option<(&'static str, &'static str)> {
    if text.trim().is_empty() || text == "~" || text == "null" {
        return Some(("a name", "a name is not blank"));
    }
    if text.chars().any(char::is_control) {
        return Some(("a name", "a name has no control characters"));
    }
    if text != text.trim() {
        return Some(("a name", "without blanks before and behind it"));
    }
    if text.starts_with('-') {
        return Some(("a name", "a program would take it for an option"));
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

/// `did you mean` the one of these that is near enough to be meant.
pub fn nearest<'w>(found: &str, words: impl IntoIterator<Item = &'w str>) -> Option<String> {
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
        .map(|(_, word)| format!("did you mean `{word}`?"))
}

/// A found text as a message quotes it: short, on one line, without anything a terminal obeys.
pub fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    format!("`{}`", shown.replace("\\\"", "\"").replace("\\'", "'"))
}

/// A dotted path. The keys are the file's own words, so they are escaped.
pub fn joined(path: &[Arc<str>]) -> String {
    let words: Vec<String> = path
        .iter()
        .map(|word| shown(word).trim_matches('`').to_owned())
        .collect();
    words.join(".")
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
