//! The daemon as the commands reach it: its API on this machine, and the journal where it does not answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::output::{Format, Output};
use super::{Exit, Failure, Global, configuration};
use crate::config::{Config, Disk};
use crate::escape::escape;
use crate::journal::Recorded;
use crate::operate::Token;
use crate::past::{Past, PastError};

/// Longer than the daemon itself takes to give up.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// Who a command asks.
pub(super) struct Daemon {
    pub(super) config: Config,
    agent: ureq::Agent,
}

/// What the daemon said.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Daemon {
    pub(super) fn new(global: &Global, output: &mut Output) -> anyhow::Result<Daemon> {
        let config = configuration::load(&global.config_path()?, &[], output)?;
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_WITHIN))
            .timeout_connect(Some(CONNECT_WITHIN))
            .http_status_as_error(false)
            .max_redirects(0)
            // The daemon is on this machine, whatever the environment says of proxies.
            .proxy(None)
            .build()
            .into();
        Ok(Daemon { config, agent })
    }

    /// Prints what the daemon answers, or what `offline` makes of the journal where it does not answer.
    pub(super) fn show(
        &self,
        output: &mut Output,
        path: &str,
        query: &[(&str, &str)],
        offline: impl FnOnce(&Config, &mut dyn Past) -> anyhow::Result<String>,
    ) -> anyhow::Result<Exit> {
        let text = match self.get(path, query) {
            Ok(answer) => answer.text()?,
            Err(unreachable) => {
                output.note(&format!("{unreachable}; this is what the journal says"));
                let mut past = journal(&self.config).map_err(|error| Failure {
                    exit: Exit::Unreachable,
                    message: format!("{unreachable}, and the journal cannot be read: {error}"),
                })?;
                offline(&self.config, past.as_mut())?
            }
        };
        // What answers on that port need not be the daemon.
        for line in text.lines() {
            output.line(&escape(line))?;
        }
        Ok(output.finish()?)
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Failure> {
        let request = self.agent.get(format!("{}{path}", self.base()?));
        answered(request.query_pairs(query.iter().copied()).call())
    }

    /// One of the operator's verbs, as JSON.
    pub(super) fn post(&self, path: &str, body: &str) -> anyhow::Result<Answer> {
        let url = format!("{}{path}", self.base()?);
        let token = self.token()?;
        let request = self
            .agent
            .post(url)
            .header("authorization", format!("Bearer {}", token.reveal()))
            .header("content-type", "application/json");
        Ok(answered(request.send(body))?)
    }

    fn token(&self) -> Result<Token, Failure> {
        let fails = |message| Failure {
            exit: Exit::Config,
            message,
        };
        let file = self.config.token_file.as_ref().ok_or_else(|| {
            fails("the configuration names no token_file, so the daemon takes no verb".into())
        })?;
        Token::read(&Disk, file).map_err(fails)
    }

    fn base(&self) -> Result<String, Failure> {
        let listen = self.config.listen.ok_or_else(|| Failure {
            exit: Exit::Unreachable,
            message: "the daemon has no API (`listen: off`)".into(),
        })?;
        Ok(format!("http://{}", reachable(listen)))
    }
}

impl Answer {
    /// The text of a good answer; of another, the failure that it tells.
    pub(super) fn text(self) -> Result<String, Failure> {
        if self.status == 200 {
            return Ok(self.body);
        }
        let told: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let reason = told.get("reason").and_then(|reason| reason.as_str());
        let message = reason.map_or(
            format!("the daemon answered {}", self.status),
            str::to_owned,
        );
        let exit = match self.status {
            409 => Exit::Held,
            400 | 404 => Exit::Usage,
            503 | 504 => Exit::Unreachable,
            _ => Exit::Failed,
        };
        Err(Failure { exit, message })
    }
}

/// The journal of the configuration, read only.
fn journal(config: &Config) -> Result<Box<dyn Past>, PastError> {
    let read = Recorded::open(&config.state, config.topology.clone())?;
    Ok(Box::new(read))
}

fn answered(
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, Failure> {
    let unreachable = |error: ureq::Error| Failure {
        exit: Exit::Unreachable,
        message: format!("the daemon does not answer ({error})"),
    };
    let mut answer = answer.map_err(unreachable)?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
    let body = body.read_to_string().map_err(unreachable)?;
    Ok(Answer { status, body })
}

/// What is bound to every address is reached by the loopback one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// How the API calls what is asked for by `--format`.
pub(super) fn form(format: Format) -> &'static str {
    match format {
        Format::Text => "text",
        Format::Json => "lines",
    }
}
