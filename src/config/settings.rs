//! The single settings at the top of the file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::Command;
use super::secrets::Secrets;
use super::{StatusCommand, TokenFile, keys};
use crate::yaml::Table;

const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 9563);
const STATUS_EVERY: Duration = Duration::from_secs(30);
const STATUS_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn line_bytes_max(table: &Table<'_>) -> usize {
    let value = table.get("line_bytes_max");
    value
        .and_then(|value| value.size(1 << 10, 1 << 28))
        .unwrap_or(1 << 20)
}

pub(super) fn trace_bytes_max(table: &Table<'_>) -> usize {
    let value = table.get("trace_bytes_max");
    value
        .and_then(|value| value.size(1 << 10, 1 << 28))
        .unwrap_or(256 << 10)
}

pub(super) fn poll(table: &Table<'_>) -> Duration {
    let value = table.get("poll");
    value
        .and_then(|value| value.period())
        .unwrap_or(Duration::from_millis(250))
}

pub(super) fn state(table: &Table<'_>, base: &Path) -> PathBuf {
    let value = table.get("state");
    base.join(value.and_then(|value| value.line()).unwrap_or("state"))
}

pub(super) fn token_file(table: &Table<'_>, base: &Path) -> Option<TokenFile> {
    let value = table.get("token_file")?;
    Some(TokenFile {
        path: base.join(value.line()?),
        at: value.at(),
    })
}

pub(super) fn listen(table: &Table<'_>) -> Option<SocketAddr> {
    let default = Some(SocketAddr::from(LISTEN));
    let Some(value) = table.get("listen") else {
        return default;
    };
    let text = value.text()?;
    if text == "off" {
        return None;
    }
    let numeric = text
        .strip_prefix("localhost:")
        .map_or(text.to_owned(), |port| format!("127.0.0.1:{port}"));
    let Ok(address) = numeric.parse::<SocketAddr>() else {
        let hint = "as in 127.0.0.1:9563, or off".to_owned();
        return value.expected("an IP address and a port", Some(hint));
    };
    if !address.ip().is_loopback() {
        let message = format!("{address} is open to other hosts");
        let hint = "127.0.0.1 is not; the page and its verbs then need a proxy in front".to_owned();
        value.warn(message, Some(hint));
    }
    Some(address)
}

pub(super) fn status(table: &Table<'_>, secrets: &Secrets) -> Option<StatusCommand> {
    let table = table.get("status")?.table(&keys::STATUS.names())?;
    let every = table.get("every").and_then(|value| value.period());
    let timeout = table.get("timeout").and_then(|value| value.period());
    Some(StatusCommand {
        command: Command::read(&table.need("command")?, &[], secrets)?,
        every: every.unwrap_or(STATUS_EVERY),
        timeout: timeout.unwrap_or(STATUS_TIMEOUT),
    })
}
