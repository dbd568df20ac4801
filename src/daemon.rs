//! The daemon, put together: journal, readers, commands, alerts, API, and the engine between them.
//!
//! The journal is taken once and held to the end. Everything else is made anew when the configuration is read anew,
//! so that there is one way to begin.

mod api;
mod handles;
mod signals;
mod tell;
mod trial;
mod watchdog;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use tokio::runtime::{self, Runtime};

use self::api::Api;
pub use self::trial::try_alerts;
use self::watchdog::Watchdog;
use crate::alerts::{self, Notice};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::dispatch::{self, Dispatcher, Limits, Report, own_program};
use crate::engine::{Begun, Ended, Engine, Inputs, Parts, Ready, Reload, Signal};
use crate::escape::escape;
use crate::journal::{FolderError, Journal, Moment, OpenError, Setup};
use crate::snapshot::VERSION;
use crate::tail::{self, Plan};

/// So much may be read and not decided on yet; then the readers wait.
const TAILED_MAX: usize = 1024;
/// So many operators may wait.
const ASKS_MAX: usize = 16;
/// So many commands of one reaction begin at the same time.
const WARM: usize = 4;
/// Threads for commands, alerts and the API; all of them wait most of the time.
const WORKERS: usize = 2;

/// Why the daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Journal(OpenError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs until it is told to stop. `reload` reads the configuration anew.
pub fn run(ready: Ready, reload: Reload) -> Result<(), StartError> {
    let daemon = Daemon {
        clock: Arc::new(SystemClock::new()),
        runtime: runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_all()
            .build()?,
        signals: signals::listen()?,
        reload,
    };
    let mut ready = ready;
    let (mut journal, mut begun, notices) = daemon.open(&ready.config)?;
    loop {
        let (ended, alerts) = daemon.engine(&ready, journal, begun, &notices)?;
        let Some(next) = ended.reload.clone() else {
            daemon.close(ended);
            alerts.stop();
            tracing::info!("stopped");
            return Ok(());
        };
        alerts.stop();
        ready = next;
        begun = Begun::reloaded(&ended, &ready.config.topology);
        journal = daemon.reconfigured(ended.journal, &ready.config);
    }
}

struct Daemon {
    clock: Arc<dyn Clock>,
    runtime: Runtime,
    signals: Receiver<Signal>,
    reload: Reload,
}

type Opened = (Option<Journal>, Begun, Vec<Notice>);

impl Daemon {
    /// Takes the journal. Without one nothing acts, but whoever watches is told; a folder that another daemon holds,
    /// or a newer one wrote, is left alone.
    fn open(&self, config: &Config) -> Result<Opened, StartError> {
        let now = self.clock.wall();
        match Journal::open(&config.state, &config.topology, &self.setup()) {
            Ok((journal, found)) => {
                let notices = tell::found(&found, now);
                let begun = Begun::recovered(found, &*self.clock);
                Ok((Some(journal), begun, notices))
            }
            Err(
                error @ (OpenError::Folder(FolderError::Held { .. }) | OpenError::Newer { .. }),
            ) => Err(StartError::Journal(error)),
            Err(error) => {
                tracing::error!(
                    "no journal, so nothing acts: {}",
                    escape(&error.to_string())
                );
                let title = format!("there is no journal, so nothing acts: {error}");
                let notice = Notice::of_daemon("no-journal", &title, now);
                let begun = Begun::without_journal(config.topology.clone());
                Ok((None, begun, vec![notice]))
            }
        }
    }

    fn setup(&self) -> Setup<'_> {
        Setup {
            clock: &*self.clock,
            version: VERSION,
            config: "",
        }
    }

    /// One configuration, from its begin to its end.
    fn engine(
        &self,
        ready: &Ready,
        journal: Option<Journal>,
        begun: Begun,
        notices: &[Notice],
    ) -> io::Result<(Ended<Journal>, alerts::Running)> {
        let config = &ready.config;
        let (reports_in, reports) = unbounded();
        let is_held = journal.is_some();
        let dispatcher = self.dispatcher(config, is_held, reports_in)?;
        // A folder that is not held may be another's.
        let folder = is_held.then(|| config.state.join("alerts"));
        let now = self.clock.wall();
        let telling = tell::start(ready, &dispatcher, folder, now)?;
        let alerts = telling.alerts();
        tell::again(&alerts, config);
        notices
            .iter()
            .for_each(|notice| alerts.tell(notice.clone()));
        let listening = Api::bind(config);
        if let Err(error) = &listening {
            tracing::error!("{error}");
            alerts.tell(Notice::of_daemon("no-api", error, now));
        }
        let (tailed_in, tailed) = bounded(TAILED_MAX);
        let (asks_in, asks) = bounded(ASKS_MAX);
        let plan = Arc::new(Plan::new(config));
        let mut settings = tail::Settings {
            poll: config.poll,
            ..tail::Settings::default()
        };
        let (handles, few) = handles::for_logs(handles::limit(), plan.groups().len());
        let most = handles.unwrap_or(usize::MAX);
        settings.handles_max = settings.handles_max.min(most);
        if let Some(few) = few {
            tracing::warn!("{few}");
            alerts.tell(Notice::of_daemon("few-handles", &few, now));
        }
        let mut positions = begun.positions();
        let clock = self.clock.clone();
        let tailer = tail::start(plan, settings, &mut positions, tailed_in, clock)?;
        let parts = Parts {
            config: config.clone(),
            secrets: ready.secrets.clone(),
            clock: self.clock.clone(),
            journal,
            dispatcher,
            alerts: alerts.clone(),
            inputs: Inputs {
                tailed,
                reports,
                asks,
                signals: self.signals.clone(),
            },
            asks: asks_in,
            reload: self.reload.clone(),
            rescans: tailer.rescans(),
        };
        let engine = Engine::new(parts, begun);
        let watchdog = Watchdog::start(engine.handle(), alerts, self.clock.clone())?;
        let listener = listening.ok().flatten();
        let api = listener.map(|it| it.serve(&self.runtime, ready, engine.handle(), &self.clock));
        told_modes(config);
        let ended = engine.run();
        drop(watchdog);
        if let Some(api) = api {
            api.stop(&self.runtime);
        }
        tailer.stop();
        Ok((ended, telling))
    }

    /// Where the state folder cannot be used nothing acts, but alerts and questions run on.
    fn dispatcher(
        &self,
        config: &Config,
        is_held: bool,
        reports: Sender<Report>,
    ) -> io::Result<Dispatcher> {
        let program = own_program()?;
        let start = |state: PathBuf| {
            let settings = dispatch::Settings {
                state,
                program: program.clone(),
                limits: Limits::default(),
                warm: WARM,
            };
            Dispatcher::new(settings, self.runtime.handle().clone(), reports.clone())
        };
        let elsewhere = || std::env::temp_dir().join(format!("tailswitch-{}", std::process::id()));
        match is_held {
            true => start(config.state.clone()).or_else(|_| start(elsewhere())),
            false => start(elsewhere()),
        }
    }

    /// What follows in the journal is named as in the new configuration.
    fn reconfigured(&self, journal: Option<Journal>, config: &Config) -> Option<Journal> {
        let mut journal = journal?;
        if let Err(dead) = journal.reconfigure(&config.topology, &self.setup()) {
            tracing::error!(%dead, "nothing acts any more until the daemon starts anew");
        }
        Some(journal)
    }

    fn close(&self, ended: Ended<Journal>) {
        let at = Moment::now(ended.now, &*self.clock);
        if let Some(journal) = ended.journal
            && let Err(dead) = journal.close(at, &ended.state)
        {
            tracing::error!(%dead, "the journal was not closed in order");
        }
    }
}

fn told_modes(config: &Config) {
    for solution in &config.topology.solutions {
        let name = escape(&solution.name);
        tracing::info!(solution = %name, mode = %solution.policy.mode, "watching");
    }
}
