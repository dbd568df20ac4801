//! The command line: what can be asked for, and how an answer leaves the process.
//!
//! Each command is a file of this folder with its arguments and its `run`. Data goes to standard output; what was odd
//! goes to standard error as text, or between the data as JSON objects. The exit code says the rest.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

mod alert;
mod check;
mod completions;
mod configuration;
mod daemon;
mod demo;
mod events;
mod exit;
mod incidents;
mod man;
mod operate;
mod output;
mod owed;
mod progress;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
mod replay;
mod run;
mod run_step;
mod schema;
mod settle;
mod stand_in;
mod status;
mod test;
mod values;
mod why;

pub use exit::{Exit, Failure};

/// One incident, one coordinated reaction set for a Genesys SIP Voicemail pair.
#[derive(Debug, Parser)]
#[command(name = "tailswitch", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
struct Global {
    /// The configuration; else ./tailswitch.yaml, then /etc/tailswitch/tailswitch.yaml
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        env = "TAILSWITCH_CONFIG"
    )]
    config: Option<PathBuf>,
    /// Colours in messages
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Replay(replay::Replay),
    Events(events::Events),
    Test(test::Test),
    Check(check::Check),
    Demo(demo::Demo),
    Status(status::Status),
    Incidents(incidents::Incidents),
    Why(why::Why),
    Owed(owed::Owed),
    Alert(alert::Alert),
    Pause(operate::Pause),
    Resume(operate::Resume),
    Ack(operate::Ack),
    Force(operate::Force),
    Settle(settle::Settle),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
    #[command(hide = true)]
    RunStep(run_step::RunStep),
    #[command(hide = true)]
    StandIn(stand_in::StandIn),
}

/// Reads the process's arguments and does what they ask for.
pub fn run() -> Exit {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(message) => {
            // Help that nobody reads any more is no failure.
            let _ = message.print();
            return if message.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            };
        }
    };
    let global = cli.global.clone();
    let result = match cli.command {
        Command::Run(args) => args.run(&global),
        Command::Replay(args) => args.run(&global),
        Command::Events(args) => args.run(&global),
        Command::Test(args) => args.run(&global),
        Command::Check(args) => args.run(&global),
        Command::Demo(args) => args.run(&global),
        Command::Status(args) => args.run(&global),
        Command::Incidents(args) => args.run(&global),
        Command::Why(args) => args.run(&global),
        Command::Owed(args) => args.run(&global),
        Command::Alert(args) => args.run(&global),
        Command::Pause(args) => args.run(&global),
        Command::Resume(args) => args.run(&global),
        Command::Ack(args) => args.run(&global),
        Command::Force(args) => args.run(&global),
        Command::Settle(args) => args.run(&global),
        Command::Schema(args) => args.run(),
        Command::Completions(args) => args.run(&command()),
        Command::Man(args) => args.run(&command()),
        Command::RunStep(args) => args.run(),
        Command::StandIn(args) => args.run(),
    };
    result.unwrap_or_else(|error| told(&error, &global))
}

fn parse() -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command().try_get_matches()?)
}

/// The whole command line, each command with the table of exit codes under its help.
fn command() -> clap::Command {
    let exit_codes = Exit::table();
    Cli::command()
        .after_help(exit_codes.clone())
        .mut_subcommands(|each| each.after_help(exit_codes.clone()))
}

/// The reader of standard output may leave at any time (`| head`); everything else is said.
fn told(error: &anyhow::Error, global: &Global) -> Exit {
    let closed = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe);
    if closed {
        return Exit::Ok;
    }
    let message = crate::escape::escape(&format!("{error:#}")).into_owned();
    let label = global.paint().error("error");
    // Standard error may be closed, which changes nothing.
    let _ = writeln!(io::stderr(), "{label}: {message}");
    error
        .downcast_ref::<Failure>()
        .map_or(Exit::Failed, |failure| failure.exit)
}

impl Global {
    /// Colours for standard error.
    fn paint(&self) -> output::Paint {
        let wanted = match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                io::stderr().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        output::Paint::new(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_command_tells_the_exit_codes() {
        for each in command().get_subcommands() {
            let help = each
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(help.contains("65"), "{}", each.get_name());
        }
    }
}
