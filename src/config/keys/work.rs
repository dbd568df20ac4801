//! The keys of what is read and what is run: sources, actions, the status command, secrets.

use super::{Key, NAME, Number, PATH, PERIOD, Shape, Table, Unless, ZONE, text};

pub static SOURCE: Table = Table {
    keys: &[&[
        Key {
            name: "path",
            shape: text("a glob: `*` stays in one folder, `**` does not"),
            unless: Unless::Needed,
            doc: "Its files. Relative to the folder of the configuration, as every path here.",
        },
        Key {
            name: "application",
            shape: NAME,
            unless: Unless::Nothing,
            doc: "Who writes them. Without it each file's header block says so.",
        },
        Key {
            name: "host",
            shape: NAME,
            unless: Unless::Nothing,
            doc: "On which host. Without it each file's header block says so.",
        },
        Key {
            name: "pack",
            shape: NAME,
            unless: Unless::Nothing,
            doc: "Which pattern pack reads them. Without it the header's `Application type:` chooses.",
        },
        Key {
            name: "clock_offset",
            shape: Shape::Text {
                said: "a duration with a sign, as in `+40s`, `-2m`",
                pattern: Some("^[+-]?(0|([0-9]+(ms|s|m|h|d) *)+)$"),
                number: Number::Zero,
            },
            unless: Unless::Default("0s"),
            doc: "How far the writer's clock is ahead: taken off every stamp. A daemon learns it by itself.",
        },
        Key {
            name: "time_zone",
            shape: ZONE,
            unless: Unless::Nothing,
            doc: "Of the stamps; wins over the header's `Time zone:`. Where neither is known they are read as UTC.",
        },
        Key {
            name: "encoding",
            shape: text("`utf-8`, `utf-16le`, `windows-1252` or another name of these"),
            unless: Unless::Nothing,
            doc: "How the text is encoded. Without it the first bytes of each file tell.",
        },
        Key {
            name: "silent_after",
            shape: PERIOD,
            unless: Unless::Nothing,
            doc: "A log that does not grow for so long is told of. Without it none is.",
        },
    ]],
    one_of: &[],
};

const RETRIES: Shape = Shape::Whole { least: 0, most: 10 };

/// `actions` of the file, by what a step does.
pub static ACTIONS: Table = Table {
    keys: &[&[
        Key {
            name: "switch-to-primary",
            shape: Shape::Table(&ACTION),
            unless: Unless::Nothing,
            doc: "Makes the application `{application}` (`{dbid}`) on `{host}` primary.",
        },
        Key {
            name: "vip-enable",
            shape: Shape::Table(&ACTION),
            unless: Unless::Nothing,
            doc: "Enables the VIP `{vip}` on `{host}` (`{address}`).",
        },
        Key {
            name: "vip-disable",
            shape: Shape::Table(&ACTION),
            unless: Unless::Nothing,
            doc: "Disables the VIP on `{host}`.",
        },
        Key {
            name: "vip-announce",
            shape: Shape::Table(&ACTION),
            unless: Unless::Nothing,
            doc: "Announces the VIP on `{host}` again, once the other has let go. It may be left out.",
        },
    ]],
    one_of: &[],
};

/// `actions` of a solution or a host.
pub static ACTIONS_ABOVE: Table = Table {
    keys: &[&[
        Key {
            name: "switch-to-primary",
            shape: Shape::Table(&ACTION_ABOVE),
            unless: Unless::Nothing,
            doc: "As above.",
        },
        Key {
            name: "vip-enable",
            shape: Shape::Table(&ACTION_ABOVE),
            unless: Unless::Nothing,
            doc: "As above.",
        },
        Key {
            name: "vip-disable",
            shape: Shape::Table(&ACTION_ABOVE),
            unless: Unless::Nothing,
            doc: "As above.",
        },
        Key {
            name: "vip-announce",
            shape: Shape::Table(&ACTION_ABOVE),
            unless: Unless::Nothing,
            doc: "As above.",
        },
    ]],
    one_of: &[],
};

pub static ACTION: Table = Table {
    keys: &[&[
        Key {
            name: "command",
            shape: Shape::Argv,
            unless: Unless::Needed,
            doc: "No shell reads it, and what fills a placeholder stays inside its argument. Placeholders are `{application}`, \
                  `{dbid}`, `{host}`, `{address}`, `{peer_host}`, `{vip}`, `{solution}`, `{incident}`, `{step}`, \
                  `{secret:NAME}`; `{{` is a brace.",
        },
        Key {
            name: "timeout",
            shape: PERIOD,
            unless: Unless::Default("10s"),
            doc: "After this the command and all that it started is ended.",
        },
        Key {
            name: "retries",
            shape: RETRIES,
            unless: Unless::Default("0"),
            doc: "How often it is started again if it failed and its effect is not seen.",
        },
        Key {
            name: "probe",
            shape: Shape::Table(&PROBE),
            unless: Unless::Nothing,
            doc: "Asks whether the effect is there already.",
        },
    ]],
    one_of: &[],
};

/// What it leaves out is as the level above says.
static ACTION_ABOVE: Table = Table {
    keys: &[&[
        Key {
            name: "command",
            shape: Shape::Argv,
            unless: Unless::Nothing,
            doc: "Needed where the level above has no such action.",
        },
        Key {
            name: "timeout",
            shape: PERIOD,
            unless: Unless::Nothing,
            doc: "As above.",
        },
        Key {
            name: "retries",
            shape: RETRIES,
            unless: Unless::Nothing,
            doc: "As above.",
        },
        Key {
            name: "probe",
            shape: Shape::Table(&PROBE),
            unless: Unless::Nothing,
            doc: "As above.",
        },
    ]],
    one_of: &[],
};

pub static PROBE: Table = Table {
    keys: &[&[
        Key {
            name: "command",
            shape: Shape::Argv,
            unless: Unless::Needed,
            doc: "Exit code 0 says that it is so.",
        },
        Key {
            name: "timeout",
            shape: PERIOD,
            unless: Unless::Default("5s"),
            doc: "After this nothing is known.",
        },
    ]],
    one_of: &[],
};

pub static STATUS: Table = Table {
    keys: &[&[
        Key {
            name: "command",
            shape: Shape::Argv,
            unless: Unless::Needed,
            doc: "Prints what `mlcmd -getallappstatus` prints.",
        },
        Key {
            name: "every",
            shape: PERIOD,
            unless: Unless::Default("30s"),
            doc: "How often it is asked without a cause.",
        },
        Key {
            name: "timeout",
            shape: PERIOD,
            unless: Unless::Default("10s"),
            doc: "After this there is no answer.",
        },
    ]],
    one_of: &[],
};

pub static SECRET: Table = Table {
    keys: &[&[
        Key {
            name: "file",
            shape: PATH,
            unless: Unless::Nothing,
            doc: "A file that nobody else can read.",
        },
        Key {
            name: "env",
            shape: text("the name of a variable"),
            unless: Unless::Nothing,
            doc: "An environment variable of the daemon.",
        },
        Key {
            name: "credential",
            shape: text("a name"),
            unless: Unless::Nothing,
            doc: "A credential that systemd hands over (`LoadCredential=`).",
        },
    ]],
    one_of: SECRETS,
};

pub const SECRETS: &[&str] = &["file", "env", "credential"];
