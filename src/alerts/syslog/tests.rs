use std::collections::BTreeMap;
use std::io::Read;
use std::net::TcpListener;

use proptest::prelude::*;

use super::*;
use crate::alerts::remote::Remote;
use crate::alerts::tests::receivers::{PATIENCE, closing, hostile, ordinary, sink};
use crate::escape::is_unsafe;

fn told(notice: &Notice) -> String {
    message(notice, Facility::Local3, "bridge1", MESSAGE_BYTES_MAX)
}

#[test]
fn a_message_carries_the_time_of_what_it_tells() {
    let process = std::process::id();
    assert_eq!(
        told(&ordinary()),
        format!(
            "<154>1 2026-11-02T20:31:07.412Z bridge1 tailswitch {process} incident \
             [tailswitch@32473 phase=\"open\" key=\"east-20261102T203107\" solution=\"east\"] \
             CRITICAL: east moves to vmhost2 | RM_1 05064: the host of a primary component failed"
        )
    );
    let closing = told(&closing(&ordinary()));
    assert!(
        closing.starts_with("<158>1 2026-11-02T20:31:11.412Z "),
        "{closing}"
    );
    assert!(closing.contains(" phase=\"close\" "), "{closing}");
}

#[test]
fn facilities_have_the_codes_of_the_rfc() {
    for (facility, code) in [
        (Facility::Kern, 0),
        (Facility::Daemon, 3),
        (Facility::Cron, 9),
        (Facility::Clock, 15),
        (Facility::Local0, 16),
        (Facility::Local7, 23),
    ] {
        assert_eq!(facility as usize, code);
    }
}

/// The grammar of RFC 5424 a second time: the parameters of the one element, and the text behind it.
fn parsed(message: &str) -> Option<(BTreeMap<String, String>, String)> {
    let (header, rest) = message.split_once(" [")?;
    let fields: Vec<&str> = header.split(' ').collect();
    let (priority, version) = fields.first()?.strip_prefix('<')?.split_once('>')?;
    let is_sound = priority.parse::<u8>().is_ok() && version == "1" && fields.len() == 6;
    let mut parameters = BTreeMap::new();
    let mut rest = rest.strip_prefix("tailswitch@32473").filter(|_| is_sound)?;
    loop {
        if let Some(said) = rest.strip_prefix("] ") {
            return Some((parameters, said.to_owned()));
        }
        let (name, value) = rest.strip_prefix(' ')?.split_once("=\"")?;
        let mut text = String::new();
        let mut letters = value.char_indices();
        let end = loop {
            match letters.next()? {
                (at, '"') => break at,
                (_, ']') => return None,
                (_, '\\') => match letters.next()? {
                    (_, each @ ('"' | '\\' | ']')) => text.push(each),
                    (_, each) => text.extend(['\\', each]),
                },
                (_, each) => text.push(each),
            }
        };
        parameters.insert(name.to_owned(), text);
        rest = value.get(end + 1..)?;
    }
}

proptest! {
    #[test]
    fn a_message_is_read_back_whatever_stands_in_it(key in ".{0,99}", title in ".{0,40}", text in "[\\PC\n]{0,40}") {
        let notice = Notice {
            key: key.clone().into(),
            title: title.clone(),
            text,
            ..ordinary()
        };
        let message = told(&notice);
        prop_assert!(!message.chars().any(is_unsafe), "{message}");
        let (parameters, said) = parsed(&message).unwrap();
        let key = one_line(&key, 100);
        prop_assert_eq!(parameters.get("key"), Some(&key).filter(|key| !key.is_empty()));
        let begin = format!("CRITICAL: {}", one_line(&title, 8_000));
        prop_assert!(said.starts_with(&begin), "{said}");
    }
}

#[test]
fn what_a_log_says_stays_in_its_place_and_within_a_datagram() {
    let message = message(&hostile(), Facility::Kern, "-", DATAGRAM_BYTES_MAX);
    assert!(message.len() <= DATAGRAM_BYTES_MAX, "{}", message.len());
    let (parameters, said) = parsed(&message).unwrap();
    let names: Vec<&str> = parameters.keys().map(String::as_str).collect();
    assert_eq!(names, ["application", "event", "key", "phase", "solution"]);
    assert!(
        said.starts_with("CRITICAL: east moves a\\r\\nBcc: x@evil"),
        "{said}"
    );
}

/// One message that was told to this address.
fn sent(address: &str, notice: &Notice) -> Result<(), Undelivered> {
    let yaml = format!("{{ syslog: {{ address: '{address}', facility: local3 }}, timeout: 5s }}");
    let (sink, secrets) = sink(&yaml);
    Remote::to(&sink).unwrap().send(notice, &secrets)
}

#[test]
fn a_datagram_is_one_message() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    receiver.set_read_timeout(Some(PATIENCE)).unwrap();
    let address = format!("udp://{}", receiver.local_addr().unwrap());
    assert_eq!(sent(&address, &hostile()), Ok(()));
    let mut bytes = [0; 65_536];
    let length = receiver.recv(&mut bytes).unwrap();
    assert!(parsed(std::str::from_utf8(&bytes[..length]).unwrap()).is_some());
}

#[cfg(unix)]
#[test]
fn a_socket_of_this_machine_is_told_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let receiver = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    receiver.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(sent(&path.display().to_string(), &ordinary()), Ok(()));
    let mut bytes = [0; 65_536];
    let length = receiver.recv(&mut bytes).unwrap();
    assert!(parsed(std::str::from_utf8(&bytes[..length]).unwrap()).is_some());
    assert!(sent("/nowhere/log", &ordinary()).is_err());
}

/// The messages of a stream that are whole, each behind its length.
fn counted(mut bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let (length, rest) = (&bytes[..space], &bytes[space + 1..]);
        let length: usize = std::str::from_utf8(length).unwrap().parse().unwrap();
        if rest.len() < length {
            break;
        }
        messages.push(String::from_utf8(rest[..length].to_vec()).unwrap());
        bytes = &rest[length..];
    }
    messages
}

#[test]
fn a_stream_has_each_message_behind_its_length_and_is_made_anew_once_its_receiver_has_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sink, secrets) = sink(&format!("{{ syslog: 'tcp://{address}', timeout: 5s }}"));
    let mut remote = Remote::to(&sink).unwrap();
    let mut send = |notice: &Notice| remote.send(notice, &secrets).unwrap();
    send(&hostile());
    send(&ordinary());
    let (mut first, _) = listener.accept().unwrap();
    let mut begin = [0; 1];
    first.read_exact(&mut begin).unwrap();
    // Both are there, and it goes.
    let mut seen = begin.to_vec();
    while counted(&seen).len() < 2 {
        let mut more = [0; 4096];
        let length = first.read(&mut more).unwrap();
        seen.extend(&more[..length]);
    }
    assert!(counted(&seen).iter().all(|each| parsed(each).is_some()));
    drop(first);
    // The end of a connection takes its way.
    let accepting = std::thread::spawn(move || listener.accept().unwrap().0);
    while !accepting.is_finished() {
        send(&ordinary());
        std::thread::yield_now();
    }
    drop(remote);
    let mut rest = Vec::new();
    accepting.join().unwrap().read_to_end(&mut rest).unwrap();
    assert!(!counted(&rest).is_empty());
}
