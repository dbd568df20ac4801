//! What stands nowhere, or in one place only: most invariants are of this kind.

use super::source::Source;

/// Names that stand nowhere but in the files that begin with one of `only_in`.
pub struct Absent {
    names: &'static [&'static str],
    only_in: &'static [&'static str],
    instead: &'static str,
}

pub const ABSENT: &[Absent] = &[
    Absent {
        names: &[
            "Instant::now",
            "SystemTime::now",
            "UNIX_EPOCH",
            "Timestamp::now",
            "Zoned::now",
            "clock_gettime",
            "thread::sleep",
        ],
        // A process that is not our child tells nobody of its end.
        only_in: &[
            "src/clock.rs",
            "src/dispatch/process.rs",
            // A stand-in for a command takes its time.
            "src/standin/program.rs",
        ],
        instead: "take the time as an argument: the core says when it wants to be woken",
    },
    Absent {
        names: &[
            "fs::",
            "File::",
            "OpenOptions",
            ".exists()",
            ".is_dir()",
            ".is_file()",
            ".canonicalize()",
            ".read_dir()",
        ],
        only_in: &[
            "src/capture/",
            "src/config/files.rs",
            "src/cli",
            "src/alerts",
            "src/dispatch",
            "src/journal",
            "src/tail/disk.rs",
            "src/tail/folder.rs",
            // The simulated pair lives in files.
            "src/standin/folder.rs",
            // Which boot this is.
            "src/clock.rs",
        ],
        instead: "take bytes or a reader; what a configuration asks of the machine goes through `config::Files`",
    },
    Absent {
        names: &[
            "env::var",
            "env::var_os",
            "env::vars",
            "env::args",
            "env::current_dir",
            "env::temp_dir",
            "env::home_dir",
        ],
        // Where commands are told of while the state folder is unusable.
        only_in: &[
            "src/config/files.rs",
            "src/cli",
            "src/dispatch",
            "src/daemon.rs",
        ],
        instead: "take the value as an argument: the environment is read where the command line is, or by `config::Files`",
    },
    Absent {
        names: &[
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "UnixStream",
            "UnixListener",
            "UnixDatagram",
            "ToSocketAddrs",
        ],
        // A shim wakes itself through a pair of sockets that no one else sees.
        only_in: &[
            "src/dispatch/shim",
            "src/operate/server.rs",
            "src/daemon/api.rs",
            "src/alerts/syslog.rs",
            // A port that is free at the moment.
            "src/cli/demo/live.rs",
        ],
        instead: "nothing here talks to a network yet: name the module that will in this rule",
    },
    Absent {
        names: &[
            "process::Command",
            "process::Child",
            "process::exit",
            "process::abort",
            "rustix",
            "tokio",
        ],
        // Whose folder it is, and the boot clock.
        only_in: &[
            "src/dispatch",
            "src/alerts/stream.rs",
            // Its library is asynchronous.
            "src/alerts/snmp.rs",
            "src/journal/folder.rs",
            "src/tail/disk.rs",
            "src/clock.rs",
            "src/operate",
            "src/daemon",
            // A stand-in for a command is a process, and may leave one behind.
            "src/standin/program.rs",
            // A daemon that panicked ends.
            "src/cli/run.rs",
            "src/cli/demo/live",
        ],
        instead: "a replay runs nothing: hand a job to `dispatch`, which has a deadline and an end for it",
    },
    Absent {
        names: &[
            "thread::",
            "crossbeam_channel",
            "static mut",
            "thread_local!",
        ],
        only_in: &[
            "src/cli/events",
            // Who waits for a line of the keyboard.
            "src/cli/demo/live.rs",
            "src/alerts",
            "src/dispatch",
            "src/operate.rs",
            "src/tail/run.rs",
            "src/tail/watch.rs",
            "src/engine",
            "src/daemon",
            "src/standin/writer.rs",
            "src/standin/program.rs",
        ],
        instead: "threads belong to a driver; what is below it is a function of its input",
    },
    Absent {
        names: &[
            "println!",
            "print!",
            "eprintln!",
            "eprint!",
            "dbg!",
            "io::stdout",
            "io::stderr",
            "stdout()",
            "stderr()",
        ],
        // A shim answers the daemon on its standard output.
        only_in: &["src/cli", "src/dispatch/shim"],
        instead: "return the text or write it into what was handed in: only `cli` knows where output goes",
    },
    Absent {
        names: &[
            "clap",
            "clap_complete",
            "clap_mangen",
            "indicatif",
            "anyhow",
        ],
        only_in: &["src/cli", "src/timeline"],
        instead: "the terminal and `anyhow` are the command line's: a library's error is a type of its own",
    },
    Absent {
        names: &["serde_yaml"],
        only_in: &["src/yaml/parse.rs"],
        instead: "read a `yaml::Node`, which knows where each value stands and has passed the limits",
    },
    Absent {
        names: &["serde_json"],
        // Files that the daemon writes and reads back itself.
        only_in: &[
            "src/json",
            "src/cli",
            "src/alerts/spool.rs",
            // Bodies whose shapes are their receivers'.
            "src/alerts/webhook/",
            "src/dispatch",
            "src/journal",
            "src/operate/",
            "src/engine/saved.rs",
            "src/standin/",
        ],
        instead: "the published JSON has one home: add a shape to `json`",
    },
    Absent {
        names: &["flate2::", "zip::", "glob::"],
        only_in: &["src/capture/"],
        instead: "ask `capture` for the log: how it is packed or found is known there alone",
    },
    Absent {
        names: &["reveal"],
        // The shim puts the texts in the place of their marks, directly before it starts the command.
        only_in: &[
            "src/config/",
            "src/dispatch/order.rs",
            "src/operate/token.rs",
            "src/cli/daemon.rs",
        ],
        instead: "show `***` (`Command::argv`); a secret's text is for `Command::argv_with_secrets` and its like",
    },
    Absent {
        names: &[
            "Display for Secret",
            "Serialize for Secret",
            "Deref for Secret",
            "AsRef<str> for Secret",
        ],
        only_in: &[],
        instead: "leave a secret without a way to be printed by accident",
    },
    Absent {
        names: &[
            ".unwrap()",
            ".unwrap_err()",
            ".expect(",
            ".expect_err(",
            "panic!",
            "unreachable!",
            "todo!",
            "unimplemented!",
            "assert!",
            "assert_eq!",
            "assert_ne!",
        ],
        only_in: &[],
        instead: "bad input is a value: return a Fault, a Diagnostic or an Option, and go on",
    },
    Absent {
        names: &["unsafe"],
        only_in: &[],
        instead: "there is a safe way, or a well-kept crate that has one",
    },
];

/// What the decision does not know, and what it does not name.
pub const NOT_IN_DECIDE: Absent = Absent {
    names: &[
        "u8", "Path", "PathBuf", "io::", "Read", "Write", "Regex", "memchr", "HashMap", "HashSet",
        "f32", "f64",
    ],
    only_in: &[],
    instead: "`decide` sees events, outcomes and times. No bytes; no order or rounding that differs between two runs",
};
pub const DECIDE_NAMES: &[&str] = &["decide", "event", "time", "topology", "words"];

pub fn present(rule: &Absent, sources: &[Source]) -> Vec<String> {
    let allowed = |source: &&Source| {
        !rule
            .only_in
            .iter()
            .any(|begin| source.path.starts_with(begin))
    };
    let mut wrong = Vec::new();
    for source in sources.iter().filter(allowed) {
        for name in rule.names {
            let places = source.places(name).into_iter();
            wrong.extend(places.map(|place| format!("{place}: `{name}`: {}", rule.instead)));
        }
    }
    wrong
}

pub fn strangers(sources: &[Source], known: &[&str]) -> Vec<String> {
    let arrows = sources.iter().flat_map(Source::arrows);
    arrows
        .filter(|(to, _)| !known.contains(&to.as_str()))
        .map(|(to, place)| {
            format!(
                "{place}: names `{to}`: it may name {} only",
                known.join(", ")
            )
        })
        .collect()
}
