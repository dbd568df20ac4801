//! A process that owes nothing to whoever started it. All of it is inherited by the command, except that signals get
//! their defaults back.

use std::io;
use std::os::unix::net::UnixStream;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getpid, setrlimit, setsid, umask};
use signal_hook::consts::{
    SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGKILL, SIGPIPE, SIGSEGV, SIGSTOP, SIGSYS, SIGTRAP,
};
use signal_hook::low_level::pipe;

/// All there can be, those for real time too.
const SIGNALS: std::ops::RangeInclusive<i32> = 1..=64;
/// Faults of this process itself, and those that nobody can catch. A fault that is caught happens again for ever:
/// SIGBUS comes where the program's file was cut short under the running process. So would SIGPIPE, raised by its own
/// byte to a loop that is gone; the standard library ignores it here and gives the command its default.
const NOT_CAUGHT: [i32; 9] = [
    SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGSYS, SIGTRAP, SIGPIPE, SIGKILL, SIGSTOP,
];

/// Returns what wakes the loop: a byte for each signal, the death of a child among them.
pub(super) fn isolate() -> io::Result<UnixStream> {
    // Not if this is a leader already, as when started by hand.
    let _ = setsid();
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(getpid()))?;
    umask(Mode::from_raw_mode(0o077));
    // Secrets are in the memory of this process and in that of the command.
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    close_fds::set_fds_cloexec(3, &[]);
    signals()
}

/// A caught signal does not end this process, and has its default in the command; an ignored one would stay ignored
/// there.
fn signals() -> io::Result<UnixStream> {
    let (wake, signalled) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    for signal in SIGNALS.filter(|signal| !NOT_CAUGHT.contains(signal)) {
        let caught = pipe::register(signal, signalled.try_clone()?);
        // Some number means nothing on some system; but without this one nobody tells of the end.
        if signal == SIGCHLD {
            caught?;
        }
    }
    Ok(wake)
}
