//! Processes of the machine: whose child each is, which one is meant, and signals that reach no other.

use std::time::Duration;

use rustix::process::{Pid, Signal};

const END_ROUNDS_MAX: u32 = 50;
const END_ROUND: Duration = Duration::from_millis(20);

/// A process, told from a later one with the same number by its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    /// In the kernel's ticks since the machine was started.
    pub(super) start: u64,
}

/// A live process as `/proc` shows it.
struct Seen {
    process: Process,
    parent: i32,
    session: i32,
}

impl Process {
    pub(super) fn this() -> Option<Process> {
        see(rustix::process::getpid()).map(|seen| seen.process)
    }

    /// None if the number is out of range.
    pub(super) fn of(pid: u32, start: u64) -> Option<Process> {
        let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
        Some(Process { pid, start })
    }

    pub(super) fn number(self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    pub(super) fn is_alive(self) -> bool {
        see(self.pid).is_some_and(|seen| seen.process == self)
    }

    /// True if the word is one of the arguments that it was started with.
    pub(super) fn has_argument(self, word: &[u8]) -> bool {
        let path = format!("/proc/{}/cmdline", self.number());
        let line = std::fs::read(path).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|each| each == word)
    }

    /// Sends a signal to this process and to none that has its number by now.
    #[cfg(target_os = "linux")]
    pub(super) fn signal(self, signal: Signal) {
        use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
        match pidfd_open(self.pid, PidfdFlags::empty()) {
            Ok(handle) if self.is_alive() => {
                let _ = pidfd_send_signal(handle, signal);
            }
            // A kernel before 5.3.
            Err(rustix::io::Errno::NOSYS) if self.is_alive() => {
                let _ = rustix::process::kill_process(self.pid, signal);
            }
            // It is gone, or another one.
            Ok(_) | Err(_) => {}
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn signal(self, signal: Signal) {
        let _ = rustix::process::kill_process(self.pid, signal);
    }
}

/// All that descends from a process and lives. Empty where there is no `/proc`.
pub(super) fn descendants(of: Pid) -> Vec<Process> {
    let everyone = everyone();
    let mut family: Vec<Process> = Vec::new();
    let mut parents = vec![of.as_raw_nonzero().get()];
    while let Some(parent) = parents.pop() {
        let children = everyone.iter().filter(|seen| seen.parent == parent);
        for child in children.map(|seen| seen.process) {
            if !family.contains(&child) {
                family.push(child);
                parents.push(child.pid.as_raw_nonzero().get());
            }
        }
    }
    family
}

/// Ends all of the session that a process led which is gone, as far as it did not leave that session.
pub(super) fn end_session(leader: Process) {
    let number = leader.pid.as_raw_nonzero().get();
    for _ in 0..END_ROUNDS_MAX {
        // The number is another's by now: so nobody of the session was left.
        if see(leader.pid).is_some_and(|seen| seen.process != leader) {
            return;
        }
        let members = || everyone().into_iter().filter(|seen| seen.session == number);
        // A stopped process starts no other.
        members().for_each(|seen| seen.process.signal(Signal::STOP));
        members().for_each(|seen| seen.process.signal(Signal::KILL));
        if members().next().is_none() {
            return;
        }
        wait_a_round();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing tells of the end of a process that is not our child"
)]
fn wait_a_round() {
    std::thread::sleep(END_ROUND);
}

fn everyone() -> Vec<Seen> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| see(Pid::from_raw(pid)?))
        .collect()
}

fn see(pid: Pid) -> Option<Seen> {
    let number = pid.as_raw_nonzero();
    let line = std::fs::read(format!("/proc/{number}/stat")).ok()?;
    stat(pid, &String::from_utf8_lossy(&line))
}

/// `4711 (name) S 1 …`: the name may hold anything, blanks and brackets too. None for a zombie.
fn stat(pid: Pid, line: &str) -> Option<Seen> {
    let (_, fields) = line.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    // Field 22 of proc_pid_stat(5); the session is field 6.
    let start = fields.nth(15)?.parse().ok()?;
    Some(Seen {
        process: Process { pid, start },
        parent,
        session,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let pid = Pid::from_raw(7).unwrap();
        let rest = "S 42 6 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 991 0";
        for name in ["sh", "a b", "x) S 1", ""] {
            let seen = stat(pid, &format!("7 ({name}) {rest}")).unwrap();
            let found = (seen.parent, seen.session, seen.process.start);
            assert_eq!(found, (42, 5, 991), "{name}");
        }
        assert!(stat(pid, "7 (sh) Z 42 7 7 0 -1 0 1 0 0 0 0 0 0 0 20 0 1 0 991 0").is_none());
        assert!(stat(pid, "7 (sh").is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_is_known_by_its_number_and_its_start() {
        let this = Process::this().unwrap();
        assert!(this.is_alive());
        assert_eq!(this.number(), std::process::id());
        let other = Process {
            start: this.start + 1,
            ..this
        };
        assert!(!other.is_alive());
    }
}
