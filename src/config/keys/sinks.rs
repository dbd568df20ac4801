//! The keys of those who are told: each sink, and which alerts it wants.

use super::{ENDPOINT, Key, LINE, NAME, Number, PATH, PERIOD, Shape, Table, Unless, text};
use crate::config::alerts::{Auth, Body, Facility, Privacy, Tls, Version};
use crate::topology::AlertClass;

pub const SINKS: &[&str] = &[
    "command", "webhook", "email", "syslog", "file", "snmp", "stream",
];

pub static SINK: Table = Table {
    keys: &[&[
        Key {
            name: "name",
            shape: NAME,
            unless: Unless::Nothing,
            doc: "What people call it; each name once.",
        },
        Key {
            name: "on",
            shape: Shape::List(&Shape::Word(AlertClass::WORDS)),
            unless: Unless::Default(
                "[incident, step, hold, owed, redundancy, source, clock, daemon]",
            ),
            doc: "Of what it is told. `event` is every extracted event line, before any is dropped as a repetition.",
        },
        Key {
            name: "solutions",
            shape: Shape::List(&NAME),
            unless: Unless::Nothing,
            doc: "Only of these pairs; without it of all. What concerns no pair concerns all.",
        },
        Key {
            name: "severity",
            shape: Shape::Text {
                said: "`info`, `warning`, `minor`, `error`, `major` or `critical`",
                pattern: Some(r"^(info|warning|minor|error|major|critical)\+?$"),
                number: Number::Never,
            },
            unless: Unless::Default("info"),
            doc: "From this one on. `minor` is a warning; `major` and `critical` are errors.",
        },
        Key {
            name: "timeout",
            shape: PERIOD,
            unless: Unless::Default("10s"),
            doc: "After this a try has failed; it is made again, later and later.",
        },
        Key {
            name: "command",
            shape: Shape::Argv,
            unless: Unless::Nothing,
            doc: "Run for each alert. Its placeholders are those of an action, and `{severity}`, `{title}`, `{text}`, \
                  `{event.id}`, `{event.text}`, `{event.application}`.",
        },
        Key {
            name: "stream",
            shape: Shape::Table(&STREAM),
            unless: Unless::Nothing,
            doc: "One long-lived program that reads a line of JSON for each alert.",
        },
        Key {
            name: "webhook",
            shape: Shape::Either(&[URL, Shape::Table(&WEBHOOK)]),
            unless: Unless::Nothing,
            doc: "An HTTP POST for each alert.",
        },
        Key {
            name: "email",
            shape: Shape::Table(&EMAIL),
            unless: Unless::Nothing,
            doc: "A mail for each alert.",
        },
        Key {
            name: "syslog",
            shape: Shape::Either(&[SYSLOG_ADDRESS, Shape::Table(&SYSLOG)]),
            unless: Unless::Nothing,
            doc: "A syslog message (RFC 5424) for each alert.",
        },
        Key {
            name: "file",
            shape: PATH,
            unless: Unless::Nothing,
            doc: "A file to which a line of JSON is added for each alert.",
        },
        Key {
            name: "snmp",
            shape: Shape::Table(&SNMP),
            unless: Unless::Nothing,
            doc: "An SNMP trap or inform for each alert.",
        },
    ]],
    one_of: SINKS,
};

pub static STREAM: Table = Table {
    keys: &[&[Key {
        name: "command",
        shape: Shape::Argv,
        unless: Unless::Needed,
        doc: "Started once, and again when it ends.",
    }]],
    one_of: &[],
};

const URL: Shape = Shape::Hidden {
    said: "a URL that begins with `https://` or `http://`",
};
const CA: Key = Key {
    name: "ca",
    shape: PATH,
    unless: Unless::Nothing,
    doc: "Certificates (PEM) of the authority that vouches for the receiver; without it this machine's own count.",
};

pub static WEBHOOK: Table = Table {
    keys: &[&[
        Key {
            name: "url",
            shape: URL,
            unless: Unless::Nothing,
            doc: "Where to. Only `body: pagerduty` can do without.",
        },
        Key {
            name: "body",
            shape: Shape::Word(Body::WORDS),
            unless: Unless::Default("json"),
            doc: "Whose words it is written in.",
        },
        Key {
            name: "headers",
            shape: Shape::Names {
                what: "header",
                of: &Shape::Hidden { said: "a text" },
            },
            unless: Unless::Nothing,
            doc: "More headers, as in `{ Authorization: \"Bearer {secret:hook}\" }`.",
        },
        Key {
            name: "routing_key",
            shape: Shape::Hidden { said: "a text" },
            unless: Unless::Nothing,
            doc: "What PagerDuty knows a service by; needed with `body: pagerduty`, and only there.",
        },
        CA,
    ]],
    one_of: &[],
};

pub static EMAIL: Table = Table {
    keys: &[&[
        Key {
            name: "to",
            shape: Shape::List(&MAILBOX),
            unless: Unless::Needed,
            doc: "Who reads it.",
        },
        Key {
            name: "from",
            shape: MAILBOX,
            unless: Unless::Needed,
            doc: "Who writes it.",
        },
        Key {
            name: "server",
            shape: text("a host, or `host:port`"),
            unless: Unless::Needed,
            doc: "The mail server.",
        },
        Key {
            name: "port",
            shape: Shape::Whole {
                least: 1,
                most: 65_535,
            },
            unless: Unless::Nothing,
            doc: "Its port; else 587, 465 or 25, as `tls` says.",
        },
        Key {
            name: "tls",
            shape: Shape::Word(Tls::WORDS),
            unless: Unless::Default("starttls"),
            doc: "How the way there is encrypted.",
        },
        Key {
            name: "user",
            shape: Shape::Hidden { said: "a text" },
            unless: Unless::Nothing,
            doc: "As whom to log in, with `password`.",
        },
        Key {
            name: "password",
            shape: Shape::Hidden { said: "a text" },
            unless: Unless::Nothing,
            doc: "`{secret:NAME}`, with `user`.",
        },
        CA,
    ]],
    one_of: &[],
};

const MAILBOX: Shape = text("a mail address, as in `noc@example.com` or `NOC <noc@example.com>`");

const SYSLOG_ADDRESS: Shape =
    text("`local`, `udp://host:port`, `tcp://host:port`, or the path of a socket");

pub static SYSLOG: Table = Table {
    keys: &[&[
        Key {
            name: "address",
            shape: SYSLOG_ADDRESS,
            unless: Unless::Needed,
            doc: "Where to.",
        },
        Key {
            name: "facility",
            shape: Shape::Word(Facility::WORDS),
            unless: Unless::Default("daemon"),
            doc: "Under which facility.",
        },
    ]],
    one_of: &[],
};

pub static SNMP: Table = Table {
    keys: &[&[
        Key {
            name: "address",
            shape: ENDPOINT,
            unless: Unless::Needed,
            doc: "The trap receiver.",
        },
        Key {
            name: "version",
            shape: Shape::Word(Version::WORDS),
            unless: Unless::Default("2c"),
            doc: "`2c` goes with `community`, `3` with all the keys from `user` on.",
        },
        Key {
            name: "inform",
            shape: Shape::Flag,
            unless: Unless::Default("false"),
            doc: "The receiver acknowledges each one; else nobody knows whether it arrived.",
        },
        Key {
            name: "community",
            shape: Shape::Hidden { said: "a text" },
            unless: Unless::Nothing,
            doc: "Needed with version 2c.",
        },
        Key {
            name: "user",
            shape: LINE,
            unless: Unless::Nothing,
            doc: "Needed with version 3.",
        },
        Key {
            name: "auth",
            shape: Shape::Word(Auth::WORDS),
            unless: Unless::Nothing,
            doc: "How a message is signed; `sha256` without it.",
        },
        Key {
            name: "auth_password",
            shape: Shape::Hidden { said: "a text" },
            unless: Unless::Nothing,
            doc: "Needed with version 3.",
        },
        Key {
            name: "priv",
            shape: Shape::Word(Privacy::WORDS),
            unless: Unless::Nothing,
            doc: "How a message is encrypted; `aes128` without it. Without `priv_password` none is.",
        },
        Key {
            name: "priv_password",
            shape: Shape::Hidden { said: "a text" },
            unless: Unless::Nothing,
            doc: "By which it is encrypted.",
        },
        Key {
            name: "engine_id",
            shape: text("10 to 64 hexadecimal digits"),
            unless: Unless::Nothing,
            doc: "As whom a trap of version 3 is sent; an inform has its receiver's.",
        },
    ]],
    one_of: &[],
};
