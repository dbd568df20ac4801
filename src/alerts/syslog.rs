//! Syslog as RFC 5424 has it: over UDP, over TCP with each message's length before it (RFC 6587), or to a socket of
//! this machine.
//!
//! A message carries the time of what it tells, which may have waited in a spool; that is why the line is made here.
//! Nobody acknowledges syslog: what a receiver had not read when its connection broke is lost.

use std::io::{self, ErrorKind, Write};
use std::net::{TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use super::remote::Undelivered;
use super::wording::{cut_bytes, headline, lines, one_line};
use super::{Notice, Phase};
use crate::config::{self, Facility, SyslogAddress};
use crate::fault::Severity;

/// What a receiver takes of a datagram by RFC 5426.
const DATAGRAM_BYTES_MAX: usize = 2048;
/// What rsyslogd takes as it comes: it makes two messages of one with 8,192.
const MESSAGE_BYTES_MAX: usize = 8000;
/// The number is the one that RFC 5612 keeps for examples: there is none of our own.
const DATA_ID: &str = "tailswitch@32473";

pub(super) struct Syslog {
    to: config::Syslog,
    within: Duration,
    host: String,
    way: Option<Way>,
}

enum Way {
    Udp(UdpSocket),
    Tcp(TcpStream),
    #[cfg(unix)]
    Socket(std::os::unix::net::UnixDatagram),
}

impl Syslog {
    pub fn new(to: config::Syslog, within: Duration) -> Syslog {
        let host = hostname::get().ok();
        let host = host.and_then(|host| host.into_string().ok());
        let host =
            host.filter(|host| !host.is_empty() && host.chars().all(|c| c.is_ascii_graphic()));
        Syslog {
            to,
            within,
            host: host.unwrap_or_else(|| "-".to_owned()),
            way: None,
        }
    }

    pub fn send(&mut self, notice: &Notice) -> Result<(), Undelivered> {
        let bytes_max = match self.to.address {
            SyslogAddress::Tcp(_) => MESSAGE_BYTES_MAX,
            SyslogAddress::Udp(_) | SyslogAddress::Socket(_) => DATAGRAM_BYTES_MAX,
        };
        let message = message(notice, self.to.facility, &self.host, bytes_max);
        self.write(&message)
            .map_err(|error| error.to_string().into())
    }

    fn write(&mut self, message: &str) -> io::Result<()> {
        let way = match self.way.take().filter(Way::is_open) {
            Some(way) => way,
            None => Way::to(&self.to.address, self.within)?,
        };
        match &way {
            Way::Udp(socket) => drop(socket.send(message.as_bytes())?),
            Way::Tcp(stream) => {
                let framed = format!("{} {message}", message.len());
                (&*stream).write_all(framed.as_bytes())?;
            }
            #[cfg(unix)]
            Way::Socket(socket) => drop(socket.send(message.as_bytes())?),
        }
        self.way = Some(way);
        Ok(())
    }
}

impl Way {
    fn to(address: &SyslogAddress, within: Duration) -> io::Result<Way> {
        match address {
            SyslogAddress::Udp(address) => each(address, |to| {
                let ours = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                let socket = UdpSocket::bind(ours)?;
                socket.connect(to)?;
                Ok(Way::Udp(socket))
            }),
            SyslogAddress::Tcp(address) => each(address, |to| {
                let stream = TcpStream::connect_timeout(&to, within)?;
                stream.set_write_timeout(Some(within))?;
                Ok(Way::Tcp(stream))
            }),
            #[cfg(unix)]
            SyslogAddress::Socket(path) => {
                let socket = std::os::unix::net::UnixDatagram::unbound()?;
                socket.connect(path)?;
                socket.set_write_timeout(Some(within))?;
                Ok(Way::Socket(socket))
            }
            #[cfg(not(unix))]
            SyslogAddress::Socket(_) => Err(ErrorKind::Unsupported.into()),
        }
    }

    /// A receiver that has closed its end would still take what is written to it.
    fn is_open(&self) -> bool {
        let Way::Tcp(stream) = self else { return true };
        let looked = || {
            stream.set_nonblocking(true)?;
            let seen = stream.peek(&mut [0]);
            stream.set_nonblocking(false)?;
            seen
        };
        match looked() {
            Ok(bytes) => bytes > 0,
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// By the first of the addresses that works.
fn each(address: &str, way: impl Fn(std::net::SocketAddr) -> io::Result<Way>) -> io::Result<Way> {
    let mut failed = ErrorKind::NotFound.into();
    for address in address.to_socket_addrs()? {
        match way(address) {
            Ok(way) => return Ok(way),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn message(notice: &Notice, facility: Facility, host: &str, bytes_max: usize) -> String {
    let code = match notice.severity {
        Severity::Error => 2,
        Severity::Warning => 4,
        Severity::Info => 6,
    };
    // Facilities are numbered in their order.
    let priority = facility as usize * 8 + code;
    let header = format!(
        "<{priority}>1 {} {host} tailswitch {} {} {}",
        notice.time,
        std::process::id(),
        notice.class.word(),
        data(notice)
    );
    let mut said = headline(notice, bytes_max);
    // One line a message, also where a receiver writes them as they are.
    for line in lines(&notice.text, bytes_max).lines() {
        said.push_str(" | ");
        said.push_str(line);
    }
    cut_bytes(&format!("{header} {said}"), bytes_max)
}

/// The structured data. Its values are short enough that the message keeps room.
fn data(notice: &Notice) -> String {
    let phase = match notice.phase {
        Phase::Open => "open",
        Phase::Update => "update",
        Phase::Close => "close",
    };
    let mut data = format!("[{DATA_ID} phase=\"{phase}\"");
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            data.push_str(&format!(" {name}=\"{}\"", quoted(&one_line(value, 100))));
        }
    };
    add("key", &notice.key);
    add("solution", notice.solution.as_deref().unwrap_or_default());
    if let Some(event) = &notice.event {
        add("event", &event.id);
        add(
            "application",
            event.application.as_deref().unwrap_or_default(),
        );
    }
    data.push(']');
    data
}

/// RFC 5424, 6.3.3: these three are written behind a backslash.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len());
    for each in value.chars() {
        if matches!(each, '"' | '\\' | ']') {
            quoted.push('\\');
        }
        quoted.push(each);
    }
    quoted
}

#[cfg(test)]
mod tests;
