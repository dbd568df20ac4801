//! Every key of a configuration, once: what it is called, what is written there, what holds without it, what it is for.
//!
//! The reader takes the keys of each section from these tables, so that it knows no other. JSON Schema, reference and
//! the resolved configuration are made from them too. A test changes each value in turn and proves that it is read,
//! and that the default told here is the reader's.

mod pairs;
mod reference;
mod sinks;
mod work;

pub(super) use self::pairs::{
    APPLICATION, COMPONENT, FLAP, HOST, MAINTENANCE, MAINTENANCE_OF_ALL, SOLUTION,
};
pub use self::reference::reference;
pub(super) use self::sinks::{EMAIL, SINK, SINKS, SNMP, STREAM, SYSLOG, WEBHOOK};
pub(super) use self::work::{ACTION, PROBE, SECRET, SECRETS, SOURCE, STATUS};

/// One key of a section.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub shape: Shape,
    pub unless: Unless,
    /// What it is for: a sentence or two, for someone who writes the file.
    pub doc: &'static str,
}

/// What holds where the key is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unless {
    /// It must not be left out.
    Needed,
    /// Nothing, or what its text says.
    Nothing,
    /// This, as it would be written.
    Default(&'static str),
    /// What the level above says; at the top, this.
    Above(&'static str),
}

/// What is written there.
#[derive(Debug)]
pub enum Shape {
    /// One line.
    Text {
        /// `a path`
        said: &'static str,
        /// A regular expression that holds what may be written, and perhaps more.
        pattern: Option<&'static str>,
        number: Number,
    },
    /// A text that may be a secret: shown as `***`.
    Hidden {
        said: &'static str,
    },
    Flag,
    Whole {
        least: u32,
        most: u32,
    },
    /// One of a closed set.
    Word(&'static [&'static str]),
    /// A program and its arguments.
    Argv,
    /// A map with these keys and no others.
    Table(&'static Table),
    /// A map whose keys are names of `what`.
    Names {
        what: &'static str,
        of: &'static Shape,
    },
    List(&'static Shape),
    Either(&'static [Shape]),
    /// The key alone.
    Nothing,
}

/// Whether a text may be written in a way that is a number to other readers of YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    Any,
    Zero,
    Never,
}

/// A section.
#[derive(Debug)]
pub struct Table {
    /// Groups that other sections may share.
    pub keys: &'static [&'static [Key]],
    /// Of these exactly one has to be there.
    pub one_of: &'static [&'static str],
}

impl Table {
    pub fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }

    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }

    /// As `yaml::Value::table` asks for them.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.keys().map(|key| key.name).collect()
    }
}

const LINE: Shape = text("a text");
const NAME: Shape = text("a name");
const PATH: Shape = text("a path");
const ADDRESS: Shape = text("an IP address or a host name");
const ENDPOINT: Shape = text("`host:port`");
const ZONE: Shape = text("a time zone, as in `Europe/Berlin` or `+02:00`");
const PERIOD: Shape = Shape::Text {
    said: "a duration over zero, as in `250ms`, `5s`, `1h30m`",
    pattern: Some("^([0-9]+(ms|s|m|h|d) *)+$"),
    number: Number::Never,
};
const DURATION: Shape = Shape::Text {
    said: "a duration, as in `0s`, `5s`, `1h30m`",
    pattern: Some("^(0|([0-9]+(ms|s|m|h|d) *)+)$"),
    number: Number::Zero,
};
const SIZE: Shape = Shape::Text {
    said: "a size from 1 KiB to 256 MiB, as in `64KiB`, `1MiB`",
    pattern: Some("^[0-9]+ *(B|KiB|MiB|GiB|kB|MB)?$"),
    number: Number::Any,
};

const fn text(said: &'static str) -> Shape {
    Shape::Text {
        said,
        pattern: None,
        number: Number::Any,
    }
}

/// The whole file.
pub static TOP: Table = Table {
    keys: &[SETTINGS, pairs::POLICY, SECTIONS],
    one_of: &[],
};

const SETTINGS: &[Key] = &[
    Key {
        name: "state",
        shape: PATH,
        unless: Unless::Default("state"),
        doc: "The folder of the journal, the positions and the alerts that wait.",
    },
    Key {
        name: "listen",
        shape: Shape::Text {
            said: "an IP address and a port, or `off`",
            pattern: Some("^(off|.+:[0-9]+)$"),
            number: Number::Never,
        },
        unless: Unless::Default("127.0.0.1:9563"),
        doc: "Where the page, the API and the metrics are. Another address than a loopback one is warned of.",
    },
    Key {
        name: "token_file",
        shape: PATH,
        unless: Unless::Nothing,
        doc: "The file whose text lets an operator's verbs through (`pause`, `resume`, `ack`, `force`). Without it the \
              daemon takes none.",
    },
    Key {
        name: "poll",
        shape: PERIOD,
        unless: Unless::Default("250ms"),
        doc: "How often the logs are looked at where no notification comes.",
    },
    Key {
        name: "line_bytes_max",
        shape: SIZE,
        unless: Unless::Default("1MiB"),
        doc: "Of a line so much is read; the rest is skipped, with a diagnostic.",
    },
    Key {
        name: "trace_bytes_max",
        shape: SIZE,
        unless: Unless::Default("256KiB"),
        doc: "Of a SIP message that a trace announces so much is skipped at most, so that an absurd length cannot blind \
              the reader.",
    },
    Key {
        name: "packs",
        shape: Shape::List(&PATH),
        unless: Unless::Nothing,
        doc: "Pattern packs of your own, beside the built-in ones. `patterns/README.md` says how they are written.",
    },
];

const SECTIONS: &[Key] = &[
    Key {
        name: "profiles",
        shape: Shape::Names {
            what: "profile",
            of: &Shape::Names {
                what: "component",
                of: &Shape::Table(&COMPONENT),
            },
        },
        unless: Unless::Nothing,
        doc: "What each kind of component means for its pair. Built in are `voicemail` and `sip-server`; one of the same \
              name takes their place.",
    },
    Key {
        name: "solutions",
        shape: Shape::Names {
            what: "solution",
            of: &Shape::Table(&SOLUTION),
        },
        unless: Unless::Needed,
        doc: "The pairs. Hundreds in one file are normal; `conf.d` has room for one file each.",
    },
    Key {
        name: "sources",
        shape: Shape::List(&Shape::Table(&SOURCE)),
        unless: Unless::Nothing,
        doc: "Which logs are read.",
    },
    Key {
        name: "actions",
        shape: Shape::Table(&work::ACTIONS),
        unless: Unless::Nothing,
        doc: "The command of each step, for every solution. A pair with `mode: active` needs one for each step of its plan.",
    },
    Key {
        name: "status",
        shape: Shape::Table(&STATUS),
        unless: Unless::Nothing,
        doc: "A command that lists every application's status and mode: a second opinion before a failure moves a pair.",
    },
    Key {
        name: "secrets",
        shape: Shape::Names {
            what: "secret",
            of: &Shape::Table(&SECRET),
        },
        unless: Unless::Nothing,
        doc: "Where each secret comes from. `{secret:NAME}` stands for it in commands, URLs, headers and passwords, and \
              no log, page, journal or error ever shows it.",
    },
    Key {
        name: "alerts",
        shape: Shape::List(&Shape::Table(&SINK)),
        unless: Unless::Nothing,
        doc: "Who is told of what. [alerts.md](alerts.md) has an example of each.",
    },
    Key {
        name: "maintenance",
        shape: Shape::List(&Shape::Table(&MAINTENANCE_OF_ALL)),
        unless: Unless::Nothing,
        doc: "Times in which pairs are worked on: everything is recorded, and nothing acts.",
    },
];
