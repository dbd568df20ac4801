//! A stand-in as a process: it does to the pair what its arguments ask for, and ends as it was told to.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::command::{Answer, Behaviour};
use super::folder::Folder;
use super::ledger::Start;
use crate::clock::wall;

/// Whatever hangs or is left behind ends by itself then.
const LONGEST: Duration = Duration::from_secs(120);
/// The arguments of the process that is left behind.
const LINGER: &str = "linger";

/// What the process is to print, and the code with which it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub out: String,
    pub err: String,
    pub exit: u8,
}

/// Carries out one command in the pair of that folder. The ledger has its start on disk before anything is done.
pub fn run(folder: &Path, argv: &[String]) -> io::Result<Ended> {
    let began = wall();
    if matches!(argv, [only] if only == LINGER) {
        return linger();
    }
    let folder = Folder::open(folder);
    let password = folder.password()?;
    let answer = folder.change_with(|world, now| {
        let answer = world.command(now, argv, &password);
        let leaves = match answer.behaviour {
            Behaviour::Grandchild => Some(leave_behind()?),
            _ => None,
        };
        folder.enter(&Start::of(began, argv, &answer, leaves))?;
        Ok((answer, Vec::new()))
    })?;
    wait(answer.takes.unwrap_or(LONGEST));
    // What it caused may have become due meanwhile.
    folder.change(|_, _| ())?;
    let Answer { out, err, exit, .. } = answer;
    Ok(Ended { out, err, exit })
}

/// Starts a process that outlives this one, and keeps its output open.
#[expect(
    clippy::disallowed_methods,
    reason = "that nobody holds an end for it is its purpose; it ends by itself"
)]
fn leave_behind() -> io::Result<u32> {
    let arguments = [OsString::from("stand-in"), LINGER.into()];
    let child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()?;
    Ok(child.id())
}

/// The process left behind: in a session of its own, out of reach of whoever ends its parent's group.
fn linger() -> io::Result<Ended> {
    #[cfg(unix)]
    rustix::process::setsid()?;
    wait(LONGEST);
    Ok(Ended {
        out: String::new(),
        err: String::new(),
        exit: 0,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command takes its time, and it is a process of its own"
)]
pub(super) fn wait(duration: Duration) {
    std::thread::sleep(duration);
}
