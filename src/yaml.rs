//! YAML as people write it in a configuration: a tree whose every value knows where it stands.
//!
//! The parser decides what is YAML; this module decides what of YAML a configuration may use. Numbers and
//! booleans stay text until a reader asks for them, so `04563`, `12:30` and `no` mean what was written.

use std::sync::Arc;

use crate::fault::Place;

mod parse;
mod quantity;
mod read;
mod scalar;
mod set;
mod wording;

pub use parse::{BYTES_MAX, document, parse};
pub use quantity::{duration, size, span};
pub use read::{At, Faults, Named, Table, Value};
pub use set::set;
pub use wording::{nearest, shown};

/// A value and its place: of its first character, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub place: Place,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Scalar(Scalar),
    List(Vec<Node>),
    /// In the order of the file, each key once.
    Map(Vec<Entry>),
}

/// A scalar's text: what a plain one spells, what a quoted one or a block holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    pub text: String,
    pub quoted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: Arc<str>,
    pub key_place: Place,
    pub value: Node,
}

impl Node {
    /// An empty map, for a file that holds nothing.
    pub fn empty(place: Place) -> Node {
        Node {
            place,
            content: Content::Map(Vec::new()),
        }
    }

    /// True for a value that was left out: `key:`, `key: ~`, `key: null`.
    pub fn is_nothing(&self) -> bool {
        match &self.content {
            Content::Scalar(scalar) => {
                !scalar.quoted
                    && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }
}
