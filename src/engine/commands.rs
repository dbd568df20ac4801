//! The commands of one configuration, and the way to start them.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Config, Secrets};
use crate::dispatch::{Dispatcher, Job};

#[derive(Clone)]
pub(super) struct Commands {
    pub dispatcher: Dispatcher,
    pub config: Arc<Config>,
    pub secrets: Arc<Secrets>,
}

impl Commands {
    /// Starts a job where relative paths mean what they mean in the configuration, with every secret masked.
    pub fn start(&self, job: Job, timeout: Duration) {
        let job = job.within(timeout).in_folder(self.config.base());
        self.dispatcher.start(job.masking(&self.secrets));
    }
}
