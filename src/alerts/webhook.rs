//! Webhooks: one POST for each notice, in the words of whoever receives it.
//!
//! An answer of 200 to 299 is a delivery. 400, 413 and 422 say that the receiver will never take this body, so that it
//! is given up after a few tries; whatever else goes wrong may be over later. Redirections are not followed: a
//! secret would go where nobody configured it to go.

mod alertmanager;
mod pagerduty;
mod slack;
mod teams;

use std::time::Duration;

use ureq::Agent;
use ureq::http::header::CONTENT_TYPE;
use ureq::tls::{RootCerts, TlsConfig};

use super::Notice;
use super::remote::{NO_SECRET, Undelivered, pem};
use crate::config::{self, Body, PemFile, Secrets, certificates};

/// So much of an answer is read, for what it says of a failure.
const ANSWER_BYTES_MAX: u64 = 4096;

pub(super) struct Webhook {
    to: config::Webhook,
    within: Duration,
    /// Keeps its connections; none before the first one, and after a failure.
    agent: Option<Agent>,
}

impl Webhook {
    pub fn new(to: config::Webhook, within: Duration) -> Webhook {
        Webhook {
            to,
            within,
            agent: None,
        }
    }

    pub fn send(&mut self, notice: &Notice, secrets: &Secrets) -> Result<(), Undelivered> {
        let agent = match self.agent.take() {
            Some(agent) => agent,
            None => agent(self.to.ca.as_ref(), self.within)?,
        };
        let body = self.body(notice, secrets)?;
        let url = self.to.url.with_secrets(secrets).ok_or(NO_SECRET)?;
        let mut request = agent.post(url);
        if !self
            .to
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()))
        {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in &self.to.headers {
            let value = value.with_secrets(secrets).ok_or(NO_SECRET)?;
            request = request.header(&**name, value);
        }
        let mut answer = request.send(body).map_err(told)?;
        let status = answer.status().as_u16();
        let said = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let said = said.lossy_utf8(true).read_to_string().unwrap_or_default();
        judged(status, &said)?;
        self.agent = Some(agent);
        Ok(())
    }

    fn body(&self, notice: &Notice, secrets: &Secrets) -> Result<String, Undelivered> {
        let key = match &self.to.routing_key {
            Some(key) => key.with_secrets(secrets).ok_or(NO_SECRET)?,
            None => String::new(),
        };
        let body = match self.to.body {
            Body::Json => crate::json::line(notice),
            Body::Alertmanager => crate::json::line(&alertmanager::alerts(notice)),
            Body::Slack => crate::json::line(&slack::message(notice)),
            Body::Teams => crate::json::line(&teams::message(notice)),
            Body::PagerDuty => crate::json::line(&pagerduty::event(notice, &key)),
        };
        body.map_err(|error| error.to_string().into())
    }
}

/// What this machine trusts, or only what the file says.
fn agent(ca: Option<&PemFile>, within: Duration) -> Result<Agent, String> {
    let roots = match ca {
        None => RootCerts::PlatformVerifier,
        Some(file) => certificates(&pem(file)?)
            .ok_or_else(|| format!("{}: there is no certificate in it", file.path.display()))?
            .into(),
    };
    let config = Agent::config_builder()
        .timeout_global(Some(within))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("tailswitch/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots).build());
    Ok(config.build().into())
}

fn judged(status: u16, said: &str) -> Result<(), Undelivered> {
    let text = match said.trim() {
        "" => format!("the receiver answered {status}"),
        said => format!("the receiver answered {status}: {said}"),
    };
    match status {
        200..=299 => Ok(()),
        400 | 413 | 422 => Err(Undelivered::Refused(text)),
        _ => Err(Undelivered::Later(text)),
    }
}

/// Nothing of the URL, whose parts may be secret.
fn told(error: ureq::Error) -> Undelivered {
    match error {
        ureq::Error::BadUri(_) => "the URL is not one".into(),
        error => error.to_string().into(),
    }
}

#[cfg(test)]
mod tests;
