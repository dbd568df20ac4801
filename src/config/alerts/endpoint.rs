//! What several sinks are reached by: an address with its port, certificates, a text that is a secret.

use std::path::{Path, PathBuf};

use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::config::command::Template;
use crate::config::secrets::Secrets;
use crate::yaml::{At, Table, Value};

/// A file of certificates as PEM, read whenever a connection is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemFile {
    pub path: PathBuf,
    pub at: At,
}

/// The certificates of a text; none if there is none, or if something of it is none.
pub fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.ok()? {
            found.push(certificate);
        }
    }
    (!found.is_empty()).then_some(found)
}

/// `host:port`, an IPv6 address in brackets.
pub(super) fn endpoint(value: &Value<'_>, text: &str, what: &str) -> Option<String> {
    match parts(text) {
        Some((_, Some(_))) => Some(text.to_owned()),
        _ => value.expected(what, None),
    }
}

/// The host, and the port if there is one.
pub(super) fn parts(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port = match port {
        Some(port) => Some(port.parse().ok().filter(|port| *port > 0)?),
        None => None,
    };
    let is_host = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c == '/');
    is_host.then_some((host, port))
}

pub(super) fn ca(table: &Table<'_>, base: &Path) -> Option<PemFile> {
    let value = table.get("ca")?;
    Some(PemFile {
        path: base.join(value.line()?),
        at: value.at(),
    })
}

/// A text that may hold secrets and nothing that comes from a log.
pub(super) fn secret_text(value: &Value<'_>, secrets: &Secrets) -> Option<Template> {
    value.line()?;
    Template::read(value, &[], secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port_and_a_port_is_one() {
        for (text, found) in [
            ("mail", Some(("mail", None))),
            ("mail:25", Some(("mail", Some(25)))),
            ("[::1]:25", Some(("[::1]", Some(25)))),
            ("::1", Some(("::1", None))),
            ("mail:0", None),
            ("mail:70000", None),
            ("mail:", None),
            (":25", None),
            ("a b:25", None),
            ("smtp://mail:25", None),
        ] {
            assert_eq!(parts(text), found, "{text}");
        }
    }
}
