//! The daemon of the live demo: `run` of this very program as a child, and what its API says.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::clock::wall;
use crate::dispatch::own_program;
use crate::standin::{Folder, SOLUTION};

const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
const LOG: &str = "daemon.log";

/// It is ended when this is dropped.
pub(super) struct Running {
    child: Child,
    listens: SocketAddr,
    log: String,
    agent: ureq::Agent,
}

impl Running {
    #[expect(
        clippy::disallowed_methods,
        reason = "its end is held here: it is stopped, or killed when this is dropped"
    )]
    pub(super) fn start(folder: &Folder, listens: SocketAddr) -> anyhow::Result<Running> {
        let log = folder.path().join(LOG);
        let errors = File::create(&log).context("cannot write the daemon's log")?;
        let child = Command::new(own_program()?)
            .arg("run")
            .arg("--config")
            .arg(folder.configuration())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .context("cannot start the daemon")?;
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWERS_WITHIN))
            .proxy(None)
            .build()
            .into();
        Ok(Running {
            child,
            listens,
            log: log.display().to_string(),
            agent,
        })
    }

    /// An error if it has ended by itself.
    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            Some(status) => anyhow::bail!("the daemon ended ({status}); see {}", self.log),
            None => Ok(()),
        }
    }

    /// True if it has read the logs and would act.
    pub(super) fn is_ready(&mut self) -> bool {
        // It does not answer before it listens.
        let Ok(status) = self.status() else {
            return false;
        };
        let is = |at: &str| status.pointer(at).is_some_and(|value| value == true);
        let primary = pair(&status).and_then(|pair| pair.get("primary"));
        is("/daemon/armed") && primary.is_some_and(Value::is_string)
    }

    pub(super) fn status(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.get("status", "json")?)?)
    }

    /// How many VIP-disables are owed.
    pub(super) fn owes(&self) -> anyhow::Result<usize> {
        let status = self.status()?;
        let owed = pair(&status).and_then(|pair| pair.get("owed")?.as_array().map(Vec::len));
        owed.context("the daemon tells nothing of what is owed")
    }

    /// Every incident of its journal, the newest first.
    pub(super) fn incidents(&self) -> anyhow::Result<Vec<Value>> {
        let text = self.get("incidents", "lines")?;
        let lines = text.lines().map(serde_json::from_str);
        Ok(lines.collect::<Result<_, _>>()?)
    }

    pub(super) fn get(&self, what: &str, form: &str) -> anyhow::Result<String> {
        let url = format!("http://{}/api/v1/{what}?format={form}", self.listens);
        let mut answer = self.agent.get(url).call()?;
        Ok(answer.body_mut().read_to_string()?)
    }

    /// Ends it in order.
    pub(super) fn stop(&mut self, within: Duration) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        #[cfg(unix)]
        {
            let pid = rustix::process::Pid::from_child(&self.child);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        }
        #[cfg(not(unix))]
        self.child.kill()?;
        let until = wall().plus(within);
        loop {
            if let Some(status) = self.child.try_wait()? {
                anyhow::ensure!(
                    status.success(),
                    "the daemon ended with {status}; see {}",
                    self.log
                );
                return Ok(());
            }
            anyhow::ensure!(wall() < until, "the daemon does not stop; see {}", self.log);
            super::pause();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended long ago, unless something went wrong that is told elsewhere.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pair(status: &Value) -> Option<&Value> {
    let mut pairs = status.get("solutions")?.as_array()?.iter();
    pairs.find(|pair| pair.get("name").is_some_and(|name| name == SOLUTION))
}
