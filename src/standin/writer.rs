//! What lets time pass in the pair: logs grow, and what is due happens.

use std::io;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use super::folder::Folder;
use super::program::wait;
use crate::clock::wall;

/// Commands are other processes: what they plan is looked for this often.
const LOOKS: Duration = Duration::from_millis(5);

/// A thread that writes the pair's logs until this is dropped.
#[derive(Debug)]
pub struct Writer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Folder {
    /// Starts to write.
    pub fn writer(&self) -> Writer {
        let (stop, stopped) = bounded(0);
        let folder = self.clone();
        let run = move || {
            while stopped.recv_timeout(LOOKS) == Err(RecvTimeoutError::Timeout) {
                folder.change_with(|world, now| Ok(((), world.noise(now))))?;
            }
            Ok(())
        };
        Writer {
            stop: Some(stop),
            thread: Some(thread::spawn(run)),
        }
    }

    /// Waits, and writes, until nothing more is to happen by itself: for whoever has no writer.
    pub fn settle(&self) -> io::Result<()> {
        while let Some(at) = self.change(|world, _| world.next())? {
            wait(at.since(wall()).max(Duration::from_millis(1)));
        }
        Ok(())
    }
}

impl Writer {
    /// Ends it, and says what went wrong while it ran.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        self.stop.take();
        let panicked = |_| io::Error::other("the writer of the logs panicked");
        self.thread
            .take()
            .map_or(Ok(()), |thread| thread.join().map_err(panicked)?)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Whoever wants to know has stopped it.
        let _ = self.end();
    }
}
