//! Carries out commands: each in a process of its own that outlives the daemon, each with a deadline, each with one
//! report.
//!
//! The daemon does not start a command itself. It starts a **shim**, this same program as `tailswitch run-step`, in a
//! session of its own. The shim starts the command, holds its deadline, ends all that it started, keeps the head and
//! the tail of its output and writes the report to disk. So the daemon may die at any moment: the command still ends in
//! time, and the next daemon *adopts* it and finds out how.
//!
//! ```text
//! daemon                                   state/steps/ID/                shim                        command
//! start(job) ── queue (limits) ── spawn ──▶ order     ── rename ──▶ claimed ── guard ── spawn ───────▶ argv
//!                    secrets, argv ── stdin ────────────────────▶             deadline, output ◀────── stdout, stderr
//! report ◀────────────────────────── stdout ◀── result (synced) ◀── ended ◀───────────────────────── exit
//! ```
//!
//! Whoever renames the file `order` decides: the shim makes it `claimed` directly before it starts the command, the
//! daemon makes it `cancelled`. So "it never ran" is always a fact, and never a guess.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Sender;
use tokio::runtime::Handle;

mod adopt;
mod clock;
mod job;
mod kept;
mod mask;
mod order;
#[cfg(unix)]
mod process;
mod queue;
mod report;
mod runner;
#[cfg(unix)]
mod shim;
mod spool;
mod status_text;
mod text;
mod warm;

pub use job::{Job, JobId, Urgency};
pub use queue::Limits;
pub use report::{Ended, Output, Report};
#[cfg(unix)]
pub use shim::run_step;
pub use status_text::{AppStatus, Note, Oddity, StatusText, status_text};

use queue::Queue;
use spool::Spools;
use warm::Shims;

/// What a dispatcher needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The state folder; each job has a folder under `steps/` in it.
    pub state: PathBuf,
    /// This program, which is started again as the shim; see [`own_program`].
    pub program: PathBuf,
    pub limits: Limits,
    /// So many shims wait for an order: a command then starts without a program being loaded first.
    pub warm: usize,
}

/// Starts jobs and reports their ends. Cheap to clone; all clones are one dispatcher.
#[derive(Clone)]
pub struct Dispatcher(Arc<Shared>);

struct Shared {
    shims: Shims,
    spools: Spools,
    runtime: Handle,
    reports: Sender<Report>,
    queue: Mutex<Queue>,
}

impl Dispatcher {
    /// Makes the folder of the jobs. Reports go to `reports`, which must not be bounded: a slow engine would hold up
    /// the deadlines of others.
    pub fn new(
        settings: Settings,
        runtime: Handle,
        reports: Sender<Report>,
    ) -> io::Result<Dispatcher> {
        let spools = Spools::create(&settings.state)?;
        let steps = spools.folder().to_owned();
        let dispatcher = Dispatcher(Arc::new(Shared {
            shims: Shims::new(settings.program, steps, settings.warm),
            spools,
            runtime,
            reports,
            queue: Mutex::new(Queue::new(settings.limits)),
        }));
        dispatcher.warm_up();
        Ok(dispatcher)
    }

    /// Starts a job now, or as soon as the limits allow. There will be exactly one report of it, if this process lives
    /// until then; else the next one adopts it.
    pub fn start(&self, job: Job) {
        let (id, start_by) = (job.id.clone(), job.start_by());
        self.queue().push(job);
        self.start_waiting();
        if self.queue().is_waiting(&id) {
            let this = self.clone();
            self.0.runtime.spawn(async move {
                tokio::time::sleep(start_by.ahead()).await;
                let job = this.queue().take(&id);
                if job.is_some() {
                    this.report(Report::not_run(
                        id,
                        "the limits left no place for it in time",
                    ));
                }
            });
        }
    }

    /// Carries out a question now, past the queue, and waits for its end. Not to be called on the runtime's threads.
    pub fn ask(&self, job: Job) -> Report {
        let run = runner::run(&self.0.shims, &self.0.spools, job);
        let report = self.0.runtime.block_on(run);
        self.warm_up();
        report
    }

    /// Takes back a job that has not begun: its report will be [`Ended::NotRun`]. False if it is too late.
    pub fn cancel(&self, id: &JobId) -> bool {
        if self.queue().take(id).is_some() {
            self.report(Report::not_run(id.clone(), "it was cancelled"));
            return true;
        }
        self.0.spools.of(id).cancel().unwrap_or(false)
    }

    /// After a restart: reports each of these jobs, now or when it ends, and removes the traces of all others. To be
    /// called once, before the first start.
    pub fn adopt(&self, in_doubt: &[JobId]) {
        adopt::adopt(self, in_doubt);
    }

    /// Removes what is kept of a job, once its report is safe elsewhere.
    pub fn forget(&self, id: &JobId) {
        self.0.spools.of(id).remove();
    }

    /// How many jobs run or wait.
    pub fn unfinished(&self) -> usize {
        self.queue().len()
    }

    fn start_waiting(&self) {
        loop {
            let Some(job) = self.queue().next() else {
                return;
            };
            let this = self.clone();
            self.0.runtime.spawn(async move {
                let report = runner::run(&this.0.shims, &this.0.spools, job).await;
                this.ended(report);
            });
        }
    }

    fn ended(&self, report: Report) {
        self.queue().ended(&report.id);
        self.report(report);
        self.start_waiting();
        self.warm_up();
    }

    /// Shims are loaded while nothing hangs on it.
    fn warm_up(&self) {
        let this = self.clone();
        self.0.runtime.spawn(async move { this.0.shims.fill() });
    }

    /// An engine that is gone needs no report: the next one adopts the job.
    fn report(&self, report: Report) {
        if let Ended::Lost(_) = report.ended {
            adopt::end_orphans(self, &report.id);
        }
        let _ = self.0.reports.send(report);
    }

    /// The queue holds no invariant that a panic elsewhere could have broken half-way.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The program of this process, also after its file was replaced by a newer one.
pub fn own_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    std::env::current_exe()
}
