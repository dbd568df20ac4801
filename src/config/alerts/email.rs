//! `email`: a mail server, and who writes to whom.

use std::path::Path;

use lettre::message::Mailbox;

use super::endpoint::{PemFile, ca, parts, secret_text};
use crate::config::command::Template;
use crate::config::keys;
use crate::config::secrets::Secrets;
use crate::words::words;
use crate::yaml::{Table, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// Never empty.
    pub to: Vec<Mailbox>,
    pub from: Mailbox,
    pub server: String,
    pub port: u16,
    pub tls: Tls,
    pub login: Option<Login>,
    /// Who says that the server is the one that is meant; the machine's own authorities where there is none.
    pub ca: Option<PemFile>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub user: Template,
    pub password: Template,
}

words! {
    /// How the way to the mail server is encrypted.
    Tls {
        /// Begun in the clear, and nothing is said before it is encrypted.
        Starttls = "starttls",
        /// From the first byte.
        Tls = "tls",
        None = "none",
    }
}

impl Tls {
    const fn port(self) -> u16 {
        match self {
            Tls::Starttls => 587,
            Tls::Tls => 465,
            Tls::None => 25,
        }
    }
}

pub(super) fn read(value: &Value<'_>, secrets: &Secrets, base: &Path) -> Option<Email> {
    let table = value.table(&keys::EMAIL.names())?;
    let from = table.need("from").and_then(|value| mailbox(&value));
    let tls = match table.get("tls") {
        Some(value) => value.word(Tls::ALL, Tls::word),
        None => Some(Tls::Starttls),
    };
    let server = server(&table);
    let login = login(&table, secrets);
    let to = recipients(&table);
    let (tls, (server, port)) = (tls?, server?);
    let login = login?;
    if tls == Tls::None && login.is_some() {
        let hint = "`tls: starttls`, or leave `user` and `password` out";
        table.value().fault(
            "a password would go over the network unencrypted",
            Some(hint.to_owned()),
        );
        return None;
    }
    Some(Email {
        to: to?,
        from: from?,
        server,
        port: port.unwrap_or(tls.port()),
        tls,
        login,
        ca: ca(&table, base),
    })
}

/// `server: mail` with `port: 25` beside it, or `server: mail:25`.
fn server(table: &Table<'_>) -> Option<(String, Option<u16>)> {
    let port = table.get("port").map(|value| value.integer(1, u16::MAX));
    let value = table.need("server")?;
    let text = value.line()?;
    let Some((host, own)) = parts(text) else {
        return value.expected("a host, or host:port", None);
    };
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    match (own, port) {
        (Some(_), Some(_)) => value.expected("a host alone, since `port` is given", None),
        (own, None) => Some((host, own)),
        (None, Some(port)) => Some((host, Some(port?))),
    }
}

fn login(table: &Table<'_>, secrets: &Secrets) -> Option<Option<Login>> {
    let user = table.get("user");
    let password = table.get("password");
    if user.is_none() && password.is_none() {
        return Some(None);
    }
    let (user, password) = (table.need("user"), table.need("password"));
    let user = secret_text(&user?, secrets);
    let password = secret_text(&password?, secrets);
    Some(Some(Login {
        user: user?,
        password: password?,
    }))
}

fn recipients(table: &Table<'_>) -> Option<Vec<Mailbox>> {
    let value = table.need("to")?;
    let to: Vec<Option<Mailbox>> = value.list()?.iter().map(mailbox).collect();
    if to.is_empty() {
        return value.expected("mail addresses", None);
    }
    to.into_iter().collect()
}

/// `noc@example.com`, or `NOC <noc@example.com>`.
fn mailbox(value: &Value<'_>) -> Option<Mailbox> {
    match value.line()?.parse() {
        Ok(mailbox) => Some(mailbox),
        Err(_) => value.expected("a mail address", None),
    }
}
