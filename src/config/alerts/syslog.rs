//! `syslog`: where the messages go, and under which facility.

use std::path::{Path, PathBuf};

use super::endpoint::endpoint;
use crate::config::keys;
use crate::words::words;
use crate::yaml::Value;

const LOCAL: &str = "/dev/log";
const WHAT: &str = "`local`, udp://host:port, tcp://host:port, or the path of a socket";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    pub address: SyslogAddress,
    pub facility: Facility,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyslogAddress {
    Udp(String),
    Tcp(String),
    /// A datagram socket of this machine.
    Socket(PathBuf),
}

words! {
    /// In the order of their codes (RFC 5424, table 1).
    Facility {
        Kern = "kern",
        User = "user",
        Mail = "mail",
        Daemon = "daemon",
        Auth = "auth",
        Syslog = "syslog",
        Lpr = "lpr",
        News = "news",
        Uucp = "uucp",
        Cron = "cron",
        Authpriv = "authpriv",
        Ftp = "ftp",
        Ntp = "ntp",
        Audit = "audit",
        Alert = "alert",
        Clock = "clock",
        Local0 = "local0",
        Local1 = "local1",
        Local2 = "local2",
        Local3 = "local3",
        Local4 = "local4",
        Local5 = "local5",
        Local6 = "local6",
        Local7 = "local7",
    }
}

/// An address alone, or with its facility.
pub(super) fn read(value: &Value<'_>, base: &Path) -> Option<Syslog> {
    if !value.is_map() {
        return Some(Syslog {
            address: address(value, base)?,
            facility: Facility::Daemon,
        });
    }
    let table = value.table(&keys::SYSLOG.names())?;
    let facility = match table.get("facility") {
        Some(value) => value.word(Facility::ALL, Facility::word),
        None => Some(Facility::Daemon),
    };
    let address = table
        .need("address")
        .and_then(|value| address(&value, base));
    Some(Syslog {
        address: address?,
        facility: facility?,
    })
}

fn address(value: &Value<'_>, base: &Path) -> Option<SyslogAddress> {
    let text = value.line()?;
    if text == "local" {
        return Some(SyslogAddress::Socket(LOCAL.into()));
    }
    if let Some(address) = text.strip_prefix("tcp://") {
        return endpoint(value, address, WHAT).map(SyslogAddress::Tcp);
    }
    if let Some(address) = text.strip_prefix("udp://") {
        return endpoint(value, address, WHAT).map(SyslogAddress::Udp);
    }
    match text.contains('/') && !text.contains("://") {
        true => Some(SyslogAddress::Socket(base.join(text))),
        false => endpoint(value, text, WHAT).map(SyslogAddress::Udp),
    }
}
