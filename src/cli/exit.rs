//! How a command ends, for scripts.

use std::process::ExitCode;

/// The exit codes; published, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done. Holds and warnings are no errors.
    Ok,
    /// A test, a verification or an action failed.
    Failed,
    /// The command line is wrong.
    Usage,
    /// Warnings, where `--strict` asks for none.
    Warnings,
    /// An input could not be read; the others were.
    Unreadable,
    /// The daemon does not answer.
    Unreachable,
    /// Paused, held, or not the leader.
    Held,
    /// The configuration is missing or invalid.
    Config,
}

impl Exit {
    pub const ALL: [Exit; 8] = [
        Exit::Ok,
        Exit::Failed,
        Exit::Usage,
        Exit::Warnings,
        Exit::Unreadable,
        Exit::Unreachable,
        Exit::Held,
        Exit::Config,
    ];

    pub const fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Warnings => 3,
            Exit::Unreadable => 65,
            Exit::Unreachable => 69,
            Exit::Held => 75,
            Exit::Config => 78,
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Exit::Ok => "done; holds and warnings are no errors",
            Exit::Failed => "a test, verification or action failed",
            Exit::Usage => "wrong command line",
            Exit::Warnings => "warnings, under --strict",
            Exit::Unreadable => "an input could not be read; the others were",
            Exit::Unreachable => "the daemon does not answer",
            Exit::Held => "paused, held, or not the leader",
            Exit::Config => "missing or invalid configuration",
        }
    }

    /// The table for help and man pages.
    pub(super) fn table() -> String {
        Exit::ALL
            .iter()
            .fold(String::from("Exit codes:"), |table, exit| {
                format!("{table}\n  {:>2}  {}", exit.code(), exit.meaning())
            })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// An error that ends the command with a code of its own. Any other error ends it as `Failed`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
}
