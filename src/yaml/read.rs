//! Reading a tree by type. Nothing here stops at a fault: every value of the file is looked at, and what is
//! wrong with it is kept with its place, so that one look at the list is enough to repair the file.

use std::cell::RefCell;
use std::sync::Arc;

use super::scalar::name_fault;
use super::wording::{did_you_mean, joined, near, shown};
use super::{Content, Entry, Node, Scalar};
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
    /// Known keys that an unknown one was nearly: what they would say is not missing, but misspelt.
    misspelt: Vec<&'static str>,
}

impl<'a> Value<'a> {
    pub fn root(node: &'a Node, faults: &'a Faults) -> Value<'a> {
        Value {
            node,
            path: Vec::new(),
            faults,
        }
    }

    pub fn place(&self) -> &'a Place {
        &self.node.place
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
            Content::List(list) if list.is_empty() => "an empty list".to_owned(),
            Content::List(_) => "a list".to_owned(),
            Content::Map(map) if map.is_empty() => "an empty map".to_owned(),
            Content::Map(_) => "a map".to_owned(),
        };
        self.fault(format!("found {found}, expected {what}"), hint);
        None
    }

    pub(super) fn scalar(&self) -> Option<&'a Scalar> {
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
        let mut misspelt = Vec::new();
        for entry in entries.iter().filter(|entry| !known.contains(&&*entry.key)) {
            let meant = near(&entry.key, known.iter().copied());
            misspelt.extend(meant);
            let hint = meant.map(did_you_mean);
            self.named_entry(entry).fault("unknown key", hint);
        }
        Some(Table {
            value: self.clone(),
            entries,
            misspelt,
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
                Some(hint) => {
                    let message = format!("found {}, expected a name", shown(&entry.key));
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
        if value.is_none() && !self.misspelt.contains(&key) {
            self.value.fault(format!("`{key}` is missing"), None);
        }
        value
    }

    /// The one value among keys of which exactly one must be there.
    pub fn one_of(&self, keys: &[&'static str]) -> Option<(&'static str, Value<'a>)> {
        let mut given = keys.iter().filter_map(|key| Some((*key, self.get(key)?)));
        match (given.next(), given.next()) {
            (Some(one), None) => Some(one),
            (None, _) if keys.iter().any(|key| self.misspelt.contains(key)) => None,
            _ => self
                .value
                .expected(&format!("exactly one of {}", keys.join(", ")), None),
        }
    }
}

#[cfg(test)]
mod tests;
