//! The keys of a pair: its hosts, its applications, and the settings by which it is decided.

use super::work::ACTIONS_ABOVE;
use super::{ADDRESS, DURATION, Key, LINE, NAME, Number, PERIOD, Shape, Table, Unless, ZONE, text};
use crate::topology::{ActionMode, Trigger, VipOrder};

pub static SOLUTION: Table = Table {
    keys: &[OF_PAIR, POLICY],
    one_of: &[],
};

const OF_PAIR: &[Key] = &[
    Key {
        name: "mode",
        shape: Shape::Word(ActionMode::WORDS),
        unless: Unless::Default("alert-only"),
        doc: "Whether steps are carried out, or only told.",
    },
    Key {
        name: "profile",
        shape: NAME,
        unless: Unless::Default("voicemail"),
        doc: "What its components mean: a built-in profile (`voicemail`, `sip-server`) or one of `profiles`.",
    },
    Key {
        name: "hosts",
        shape: Shape::Names {
            what: "host",
            of: &Shape::Either(&[Shape::Table(&HOST), Shape::Nothing]),
        },
        unless: Unless::Needed,
        doc: "The two hosts, by the names that the logs use.",
    },
    Key {
        name: "vip",
        shape: ADDRESS,
        unless: Unless::Nothing,
        doc: "The virtual IP address. Without it there are no VIP steps.",
    },
    Key {
        name: "applications",
        shape: Shape::Names {
            what: "application",
            of: &Shape::Table(&APPLICATION),
        },
        unless: Unless::Needed,
        doc: "Its applications, by their names in the Genesys configuration. What is not listed is never waited for.",
    },
    Key {
        name: "actions",
        shape: Shape::Table(&ACTIONS_ABOVE),
        unless: Unless::Nothing,
        doc: "Commands of this pair's own. What they leave out is as in `actions` of the file.",
    },
    Key {
        name: "maintenance",
        shape: Shape::List(&Shape::Table(&MAINTENANCE)),
        unless: Unless::Nothing,
        doc: "Times in which this pair is worked on.",
    },
];

pub static HOST: Table = Table {
    keys: &[&[
        Key {
            name: "address",
            shape: ADDRESS,
            unless: Unless::Nothing,
            doc: "What `{address}` stands for; the host's name where there is none.",
        },
        Key {
            name: "aliases",
            shape: Shape::List(&NAME),
            unless: Unless::Nothing,
            doc: "Other names that logs may use for it.",
        },
        Key {
            name: "actions",
            shape: Shape::Table(&ACTIONS_ABOVE),
            unless: Unless::Nothing,
            doc: "Commands for this host alone. What they leave out is as in the pair's `actions`.",
        },
    ]],
    one_of: &[],
};

pub static APPLICATION: Table = Table {
    keys: &[&[
        Key {
            name: "dbid",
            shape: Shape::Whole {
                least: 1,
                most: u32::MAX,
            },
            unless: Unless::Needed,
            doc: "Its DBID in the Genesys configuration.",
        },
        Key {
            name: "component",
            shape: NAME,
            unless: Unless::Needed,
            doc: "A component of the pair's profile. Of `voicemail`: `vm-sip-server`, `vm-server`, `resource-manager`, \
                  `media-control-platform`, `premise-sip-server`.",
        },
        Key {
            name: "host",
            shape: NAME,
            unless: Unless::Nothing,
            doc: "A host of the pair. Only a component that moves nothing may do without.",
        },
    ]],
    one_of: &[],
};

pub static COMPONENT: Table = Table {
    keys: &[&[
        Key {
            name: "trigger",
            shape: Shape::Word(Trigger::WORDS),
            unless: Unless::Needed,
            doc: "What moves the pair: that it became primary (4563), that it failed on the primary host (5064, 5091), \
                  or nothing of it.",
        },
        Key {
            name: "switched",
            shape: Shape::Flag,
            unless: Unless::Default("false"),
            doc: "It is switched to primary when the pair moves.",
        },
        Key {
            name: "vip_follows",
            shape: Shape::Flag,
            unless: Unless::Default("false"),
            doc: "The VIP follows its 4563: exactly one component of a profile.",
        },
    ]],
    one_of: &[],
};

/// For every solution at the top of the file, in a solution for itself.
pub const POLICY: &[Key] = &[
    Key {
        name: "window",
        shape: PERIOD,
        unless: Unless::Above("30s"),
        doc: "So long after its last event an incident takes further events of the same direction in.",
    },
    Key {
        name: "window_max",
        shape: PERIOD,
        unless: Unless::Above("2m"),
        doc: "So long after its first event it takes them in at most.",
    },
    Key {
        name: "confirm",
        shape: DURATION,
        unless: Unless::Above("1s"),
        doc: "So long a failure (5064, 5091) waits for a better picture. A SIP Server's 4563 never waits.",
    },
    Key {
        name: "block",
        shape: DURATION,
        unless: Unless::Above("5m"),
        doc: "So long after a reaction no failure moves the pair again.",
    },
    Key {
        name: "event_age_max",
        shape: PERIOD,
        unless: Unless::Above("60s"),
        doc: "An event that is older when it is read teaches roles and never acts.",
    },
    Key {
        name: "role_tolerance",
        shape: DURATION,
        unless: Unless::Above("2s"),
        doc: "So long both may be primary in a switchover; and so far apart two logs may tell of the same fact.",
    },
    Key {
        name: "verify",
        shape: PERIOD,
        unless: Unless::Above("10s"),
        doc: "So long the effect of a step is awaited.",
    },
    Key {
        name: "flap",
        shape: Shape::Table(&FLAP),
        unless: Unless::Above("{ moves: 3, within: 30m }"),
        doc: "When a pair that moves too often is locked.",
    },
    Key {
        name: "vip_order",
        shape: Shape::Word(VipOrder::WORDS),
        unless: Unless::Above("enable-first"),
        doc: "In which order the VIP is enabled on the new host and disabled on the old one.",
    },
    Key {
        name: "yield",
        shape: DURATION,
        unless: Unless::Above("0s"),
        doc: "Over zero: SCS's own reactions may do a switch first, and only what is missing is done. The VIP waits for \
              nobody.",
    },
    Key {
        name: "vip_follows_in_maintenance",
        shape: Shape::Flag,
        unless: Unless::Above("false"),
        doc: "The VIP follows a SIP Server's 4563 during a pause and maintenance too.",
    },
];

pub static FLAP: Table = Table {
    keys: &[&[
        Key {
            name: "moves",
            shape: Shape::Whole {
                least: 1,
                most: 1_000,
            },
            unless: Unless::Above("3"),
            doc: "After so many moves",
        },
        Key {
            name: "within",
            shape: PERIOD,
            unless: Unless::Above("30m"),
            doc: "in this time it is locked until somebody acknowledges it.",
        },
    ]],
    one_of: &[],
};

pub static MAINTENANCE: Table = Table {
    keys: &[WHEN],
    one_of: &[],
};

pub static MAINTENANCE_OF_ALL: Table = Table {
    keys: &[
        &[Key {
            name: "solution",
            shape: NAME,
            unless: Unless::Nothing,
            doc: "Only this pair; without it all of them.",
        }],
        WHEN,
    ],
    one_of: &[],
};

const WHEN: &[Key] = &[
    Key {
        name: "every",
        shape: Shape::Text {
            said: "days and two times of day, as in `sun 02:00-04:00`, `mon-fri 22:00-01:00`, `daily 03:00-03:30`",
            pattern: Some("^([A-Za-z,-]+ +)?[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"),
            number: Number::Never,
        },
        unless: Unless::Nothing,
        doc: "A time that comes again; or `from` and `to`.",
    },
    Key {
        name: "from",
        shape: TIME,
        unless: Unless::Nothing,
        doc: "When it begins, with `to`.",
    },
    Key {
        name: "to",
        shape: TIME,
        unless: Unless::Nothing,
        doc: "When it ends, with `from`.",
    },
    Key {
        name: "time_zone",
        shape: ZONE,
        unless: Unless::Default("UTC"),
        doc: "Where these times are meant.",
    },
    Key {
        name: "why",
        shape: LINE,
        unless: Unless::Default("maintenance"),
        doc: "What it is called where it holds something.",
    },
];

const TIME: Shape = text("a date and time, as in `2026-11-02T22:00:00Z`");
