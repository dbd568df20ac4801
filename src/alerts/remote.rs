//! Sinks that are reached over a network. Each keeps its connection, if it has one, and makes it anew after a failure.

use super::Notice;
use super::email::Email;
use super::snmp::Snmp;
use super::syslog::Syslog;
use super::webhook::Webhook;
use super::wording::one_line;
use crate::config::{AlertSink, PemFile, Secrets, SinkKind};

/// So much of a certificates' file is read.
const PEM_BYTES_MAX: u64 = 1 << 20;
/// So much is told of why something was not delivered.
const REASON_CHARS_MAX: usize = 300;

/// Why a notice did not arrive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// It may arrive later.
    Later(String),
    /// Its receiver took a look at this one and will not have it.
    Refused(String),
}

pub(super) enum Remote {
    Webhook(Webhook),
    Email(Email),
    Syslog(Syslog),
    Snmp(Snmp),
}

impl Remote {
    /// None for a sink of this machine.
    pub fn to(sink: &AlertSink) -> Option<Remote> {
        let within = sink.timeout;
        match sink.kind.clone() {
            SinkKind::Command(_) | SinkKind::Stream(_) | SinkKind::File(_) => None,
            SinkKind::Webhook(to) => Some(Remote::Webhook(Webhook::new(to, within))),
            SinkKind::Email(to) => Some(Remote::Email(Email::new(to, within))),
            SinkKind::Syslog(to) => Some(Remote::Syslog(Syslog::new(to, within))),
            SinkKind::Snmp(to) => Some(Remote::Snmp(Snmp::new(to, within))),
        }
    }

    /// Waits for the receiver as long as the sink's timeout allows. No error holds a secret.
    pub fn send(&mut self, notice: &Notice, secrets: &Secrets) -> Result<(), Undelivered> {
        let sent = match self {
            Remote::Webhook(webhook) => webhook.send(notice, secrets),
            Remote::Email(email) => email.send(notice, secrets),
            Remote::Syslog(syslog) => syslog.send(notice),
            Remote::Snmp(snmp) => snmp.send(notice, secrets),
        };
        // What a server answers is told, and it may repeat what it was sent.
        sent.map_err(|error| error.map(|text| one_line(&secrets.mask(&text), REASON_CHARS_MAX)))
    }
}

impl Undelivered {
    pub fn text(&self) -> &str {
        match self {
            Undelivered::Later(text) | Undelivered::Refused(text) => text,
        }
    }

    fn map(self, with: impl FnOnce(String) -> String) -> Undelivered {
        match self {
            Undelivered::Later(text) => Undelivered::Later(with(text)),
            Undelivered::Refused(text) => Undelivered::Refused(with(text)),
        }
    }
}

impl From<String> for Undelivered {
    fn from(text: String) -> Undelivered {
        Undelivered::Later(text)
    }
}

impl From<&str> for Undelivered {
    fn from(text: &str) -> Undelivered {
        text.to_owned().into()
    }
}

/// What a sink that is configured with a secret says where it was not read.
pub(super) const NO_SECRET: &str = "a secret is missing";

/// The certificates of a file.
pub(super) fn pem(file: &PemFile) -> Result<Vec<u8>, String> {
    use std::io::Read;
    let read = || {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&file.path)?;
        file.take(PEM_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error: std::io::Error| format!("{}: {error}", file.path.display()))
}
