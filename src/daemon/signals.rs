//! What the service manager or a terminal asks for: TERM and INT to stop, HUP to read the configuration anew.

use std::io;

use crossbeam_channel::{Receiver, unbounded};

use crate::engine::Signal;

/// From now on these signals do nothing but arrive here.
#[cfg(unix)]
pub(super) fn listen() -> io::Result<Receiver<Signal>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let (sender, receiver) = unbounded();
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || {
        for signal in signals.forever() {
            let signal = match signal {
                SIGHUP => Signal::Reload,
                _ => Signal::Stop,
            };
            if sender.send(signal).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

#[cfg(not(unix))]
pub(super) fn listen() -> io::Result<Receiver<Signal>> {
    let (sender, receiver) = unbounded();
    // Nobody sends yet, and a channel without a sender means the end.
    std::mem::forget(sender);
    Ok(receiver)
}
