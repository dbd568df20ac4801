//! Shims that wait for an order, so that a command starts without a program being loaded first: a VIP cannot wait.
//!
//! A shim that waits has done nothing and knows nothing: no secret, no job. When the daemon ends, so does its standard
//! input, and it ends too.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::process::{Child, Command};

pub(super) struct Shims {
    program: PathBuf,
    /// Told to each shim, so that everyone can see whose it is.
    steps: PathBuf,
    /// So many wait.
    wanted: usize,
    waiting: Mutex<VecDeque<Child>>,
}

impl Shims {
    pub fn new(program: PathBuf, steps: PathBuf, wanted: usize) -> Shims {
        Shims {
            program,
            steps,
            wanted,
            waiting: Mutex::default(),
        }
    }

    pub fn program(&self) -> std::path::Display<'_> {
        self.program.display()
    }

    /// One that waits, else a new one. To be called on the runtime.
    pub fn take(&self) -> io::Result<Child> {
        loop {
            let Some(mut shim) = self.waiting().pop_front() else {
                return self.start();
            };
            if let Ok(None) = shim.try_wait() {
                return Ok(shim);
            }
        }
    }

    /// Starts as many as are missing. To be called on the runtime; what cannot be started now may be later.
    pub fn fill(&self) {
        while self.waiting().len() < self.wanted {
            let Ok(shim) = self.start() else { return };
            self.waiting().push_back(shim);
        }
    }

    /// The shim gets no environment: secrets may be in ours.
    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        #[cfg(unix)]
        command.arg0("tailswitch");
        command
            .arg("run-step")
            .arg(&self.steps)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Child>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
