//! SNMP notifications, as `packaging/TAILSWITCH-MIB.txt` describes them: version 2c, or 3 with signed messages.
//!
//! A trap is sent and nobody answers; an inform is acknowledged by its receiver. In a trap of version 3 the sender's
//! engine is the one whose boots and time are compared, and a receiver drops what is older than what it has seen.
//! There each message counts as a boot, numbered by the wall clock, so that a restart and `alert test` beside a
//! daemon need to know nothing of each other.

use std::time::Duration;

use async_snmp::client::Auth as Credentials;
use async_snmp::v3::{AuthoritativeEngine, PersistedAuthoritativeEngine};
use async_snmp::{AuthProtocol, Client, Oid, PrivProtocol, Retry, UsmConfig, Value, VarBind};
use tokio::runtime::{self, Runtime};
use tracing::subscriber::{NoSubscriber, with_default};

use super::remote::{NO_SECRET, Undelivered};
use super::wording::{cut_bytes, lines, one_line};
use super::{Notice, Phase};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Auth, Privacy, Secrets, Security, User};
use crate::fault::Severity;

/// `tailswitchMIB`: below net-snmp's playground, since we have no number of our own.
const MIB: [u32; 10] = [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 9563];
/// 2026-01-01T00:00:00Z: boots are the seconds since then.
const BOOTS_SINCE: i64 = 1_767_225_600;
/// A datagram should not be cut on its way.
const TITLE_BYTES_MAX: usize = 255;
const TEXT_BYTES_MAX: usize = 700;

pub(super) struct Snmp {
    to: config::Snmp,
    within: Duration,
    runtime: Option<Runtime>,
}

impl Snmp {
    pub fn new(to: config::Snmp, within: Duration) -> Snmp {
        Snmp {
            to,
            within,
            runtime: None,
        }
    }

    pub fn send(&mut self, notice: &Notice, secrets: &Secrets) -> Result<(), Undelivered> {
        let runtime = match self.runtime.take() {
            Some(runtime) => runtime,
            None => runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| error.to_string())?,
        };
        // The library logs every failure as an error of its own; ours is told once.
        let sent = with_default(NoSubscriber::default(), || {
            runtime.block_on(self.notify(notice, secrets))
        });
        self.runtime = Some(runtime);
        sent.map_err(Undelivered::Later)
    }

    async fn notify(&self, notice: &Notice, secrets: &Secrets) -> Result<(), String> {
        let clock = SystemClock::new();
        let mut client = Client::builder(&self.to.address, credentials(&self.to, secrets)?)
            .construction_timeout(self.within)
            .request_timeout(self.within)
            .send_timeout(self.within)
            .retry(Retry::none());
        if let Security::User(User {
            engine_id: Some(id),
            ..
        }) = &self.to.security
        {
            client = client.local_authoritative_engine(engine(id, &clock)?);
        }
        let client = client.connect().await.map_err(told)?;
        // Hundredths of a second since the machine booted; it begins anew after 497 days.
        let uptime = (clock.boottime().as_millis() / 10) as u32;
        let kind = oid(&[0, phase(notice.phase)]);
        let sent = match self.to.inform {
            true => client.send_inform(&kind, uptime, objects(notice)).await,
            false => client.send_trap(&kind, uptime, objects(notice)).await,
        };
        sent.map_err(told)
    }
}

fn credentials(to: &config::Snmp, secrets: &Secrets) -> Result<Credentials, String> {
    let user = match &to.security {
        Security::Community(community) => {
            let community = community.with_secrets(secrets).ok_or(NO_SECRET)?;
            return Ok(Credentials::v2c(community));
        }
        Security::User(user) => user,
    };
    let auth = match user.auth {
        Auth::Md5 => AuthProtocol::Md5,
        Auth::Sha => AuthProtocol::Sha1,
        Auth::Sha224 => AuthProtocol::Sha224,
        Auth::Sha256 => AuthProtocol::Sha256,
        Auth::Sha384 => AuthProtocol::Sha384,
        Auth::Sha512 => AuthProtocol::Sha512,
    };
    let password = user.auth_password.with_secrets(secrets).ok_or(NO_SECRET)?;
    let known = UsmConfig::new(user.name.clone());
    let known = match &user.privacy {
        None => known.auth(auth, password),
        Some((privacy, secret)) => {
            let privacy = match privacy {
                Privacy::Aes128 => PrivProtocol::Aes128,
                Privacy::Aes192 => PrivProtocol::Aes192Blumenthal,
                Privacy::Aes256 => PrivProtocol::Aes256Blumenthal,
            };
            let secret = secret.with_secrets(secrets).ok_or(NO_SECRET)?;
            known.auth_priv(auth, password, privacy, secret)
        }
    };
    known.map(Into::into).map_err(|error| error.to_string())
}

/// Ours, as of now.
fn engine(id: &[u8], clock: &dyn Clock) -> Result<AuthoritativeEngine, String> {
    let boots = clock.wall().micros() / 1_000_000 - BOOTS_SINCE;
    let boots = u32::try_from(boots).unwrap_or_default();
    let before = PersistedAuthoritativeEngine::new(id.to_vec(), boots).map_err(told)?;
    let nothing_to_keep = |_: &PersistedAuthoritativeEngine| Ok::<(), std::io::Error>(());
    AuthoritativeEngine::restart(before, nothing_to_keep).map_err(told)
}

/// The columns of the MIB, in its order.
fn objects(notice: &Notice) -> Vec<VarBind> {
    let severity = match notice.severity {
        Severity::Info => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    };
    let event = notice.event.as_ref();
    let application = event.and_then(|event| event.application.as_deref());
    let text = |text: &str, most| Value::from(cut_bytes(&one_line(text, most), most));
    let story = cut_bytes(&lines(&notice.text, TEXT_BYTES_MAX), TEXT_BYTES_MAX);
    let values = [
        text(&notice.time.to_string(), TITLE_BYTES_MAX),
        Value::from(severity),
        text(notice.class.word(), TITLE_BYTES_MAX),
        text(&notice.key, TITLE_BYTES_MAX),
        text(notice.solution.as_deref().unwrap_or_default(), 128),
        text(&notice.title, TITLE_BYTES_MAX),
        Value::from(story),
        text(event.map_or("", |event| &event.id), 32),
        text(application.unwrap_or_default(), 128),
    ];
    let numbered = (1..).zip(values);
    numbered
        .map(|(column, value)| VarBind::new(oid(&[1, column, 0]), value))
        .collect()
}

fn phase(phase: Phase) -> u32 {
    match phase {
        Phase::Open => 1,
        Phase::Update => 2,
        Phase::Close => 3,
    }
}

fn oid(below: &[u32]) -> Oid {
    Oid::new(MIB.iter().chain(below).copied())
}

fn told(error: Box<async_snmp::Error>) -> String {
    error.to_string()
}
