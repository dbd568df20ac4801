//! E-mail: one message for each notice, by SMTP. All messages of one alert are one thread.
//!
//! A server that does not offer the encryption that is configured is told nothing. 552 and 554 say that it will never
//! take this message; whatever else it answers may be changed by somebody.

use std::time::Duration;

use lettre::Transport;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Message, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::{Error, SmtpTransport};
use sha2::{Digest, Sha256};

use super::remote::{NO_SECRET, Undelivered, pem};
use super::wording::{facts, headline, lines};
use super::{Notice, Phase};
use crate::config::{self, Secrets};

const SUBJECT_CHARS_MAX: usize = 150;
const TEXT_CHARS_MAX: usize = 60_000;

pub(super) struct Email {
    to: config::Email,
    within: Duration,
}

impl Email {
    pub fn new(to: config::Email, within: Duration) -> Email {
        Email { to, within }
    }

    pub fn send(&self, notice: &Notice, secrets: &Secrets) -> Result<(), Undelivered> {
        let message = self.message(notice)?;
        match self.transport(secrets)?.send(&message) {
            Ok(_) => Ok(()),
            Err(error) => Err(told(&error)),
        }
    }

    fn message(&self, notice: &Notice) -> Result<Message, String> {
        let subject = format!("[tailswitch] {}", headline(notice, SUBJECT_CHARS_MAX));
        let message = Message::builder().from(self.to.from.clone());
        let to = self.to.to.iter().cloned();
        let message = to.fold(message, MessageBuilder::to);
        let said = format!("{} {:?} {}", notice.key, notice.phase, notice.time);
        let mut message = message
            .subject(subject)
            .message_id(Some(id(&said)))
            .header(ContentType::TEXT_PLAIN);
        // The opening is the thread's first message, whose id follows from what later ones know of it.
        let first = format!("{} {:?} {}", notice.key, Phase::Open, notice.opening().time);
        if first != said {
            message = message.references(id(&first));
        }
        if let Ok(name) = HeaderName::new_from_ascii("Auto-Submitted".to_owned()) {
            message = message.raw_header(HeaderValue::new(name, "auto-generated".to_owned()));
        }
        message
            .body(text(notice))
            .map_err(|error| error.to_string())
    }

    fn transport(&self, secrets: &Secrets) -> Result<SmtpTransport, String> {
        let tls = match self.to.tls {
            config::Tls::None => Tls::None,
            config::Tls::Starttls => Tls::Required(self.parameters()?),
            config::Tls::Tls => Tls::Wrapper(self.parameters()?),
        };
        let mut transport = SmtpTransport::builder_dangerous(&self.to.server)
            .port(self.to.port)
            .timeout(Some(self.within))
            .tls(tls);
        if let Some(login) = &self.to.login {
            let user = login.user.with_secrets(secrets).ok_or(NO_SECRET)?;
            let password = login.password.with_secrets(secrets).ok_or(NO_SECRET)?;
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(transport.build())
    }

    /// What this machine trusts, or only what the file says.
    fn parameters(&self) -> Result<TlsParameters, String> {
        let mut parameters = TlsParameters::builder(self.to.server.clone());
        if let Some(ca) = &self.to.ca {
            let certificates = Certificate::from_pem(&pem(ca)?);
            let certificates =
                certificates.map_err(|error| format!("{}: {error}", ca.path.display()))?;
            parameters = parameters
                .certificate_store(CertificateStore::None)
                .add_root_certificate(certificates);
        }
        parameters.build().map_err(|error| error.to_string())
    }
}

/// The title, the story, and what else is known.
fn text(notice: &Notice) -> String {
    let mut text = headline(notice, TEXT_CHARS_MAX);
    text.push_str("\n\n");
    let story = lines(&notice.text, TEXT_CHARS_MAX);
    if !story.is_empty() {
        text.push_str(&story);
        text.push_str("\n\n");
    }
    let facts = facts(notice).into_iter();
    let facts: Vec<String> = facts
        .map(|(name, fact)| format!("{name:<12}{fact}"))
        .collect();
    text + &facts.join("\n")
}

fn id(of: &str) -> String {
    let hash = Sha256::digest(of);
    let hash = hash.iter().take(16).map(|byte| format!("{byte:02x}"));
    format!("<{}@tailswitch.invalid>", hash.collect::<String>())
}

fn told(error: &Error) -> Undelivered {
    let text = error.to_string();
    match error.status().map(u16::from) {
        Some(552 | 554) => Undelivered::Refused(text),
        _ => Undelivered::Later(text),
    }
}

#[cfg(test)]
mod tests;
