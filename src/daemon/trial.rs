//! A test alert through the sinks of a configuration, beside a daemon or without one.

use std::io;
use std::path::Path;

use crossbeam_channel::unbounded;
use tokio::runtime;

use super::{WORKERS, tell};
use crate::alerts::{Setup, Tried, try_sinks};
use crate::clock::{Clock, SystemClock};
use crate::config::AlertSink;
use crate::dispatch::{Dispatcher, Limits, Settings, own_program};
use crate::engine::Ready;

/// Sends a test alert through these sinks. `folder` is for the commands that are run on the way: no daemon's.
pub fn try_alerts(ready: &Ready, sinks: &[AlertSink], folder: &Path) -> io::Result<Vec<Tried>> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()?;
    let (reports, _) = unbounded();
    let settings = Settings {
        state: folder.to_owned(),
        program: own_program()?,
        limits: Limits::default(),
        warm: 0,
    };
    let dispatcher = Dispatcher::new(settings, runtime.handle().clone(), reports)?;
    let setup = Setup {
        secrets: &ready.secrets,
        folder: None,
        base: ready.config.base(),
        run_command: tell::commands(ready, &dispatcher),
    };
    try_sinks(sinks, &setup, SystemClock::new().wall())
}
