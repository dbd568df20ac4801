use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::alerts::remote::Remote;
use crate::alerts::tests::receivers::{Authority, PATIENCE, closing, hostile, ordinary, sink};

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// What a server saw: the commands in their order, and the message between DATA and its dot.
#[derive(Debug, Default)]
struct Seen {
    commands: Vec<String>,
    message: String,
}

/// How a server behaves.
#[derive(Clone, Default)]
struct Server {
    starttls: Option<Arc<ServerConfig>>,
    encrypted: Option<Arc<ServerConfig>>,
    /// What it answers to a message.
    answer: &'static str,
    login: &'static str,
}

impl Server {
    /// Serves one connection.
    fn start(self) -> (u16, Receiver<Seen>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen_in, seen) = channel();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut stream: Box<dyn Stream> = match &self.encrypted {
                None => Box::new(stream),
                Some(config) => encrypted(config, stream),
            };
            let mut seen = Seen::default();
            let greeted = stream.write_all(b"220 mail.example.com ESMTP\r\n");
            let mut lines = BufReader::new(stream);
            if greeted.is_ok() && self.talk(&mut lines, &mut seen) == Some("STARTTLS") {
                let config = self.starttls.clone().unwrap();
                lines = BufReader::new(encrypted(&config, lines.into_inner()));
                self.talk(&mut lines, &mut seen);
            }
            // A test that does not ask for it has ended.
            let _ = seen_in.send(seen);
        });
        (port, seen)
    }

    /// Until the client asks for encryption or is gone.
    fn talk(
        &self,
        lines: &mut BufReader<Box<dyn Stream>>,
        seen: &mut Seen,
    ) -> Option<&'static str> {
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let command = line.trim_end().to_owned();
            let verb = command.split(' ').next().unwrap_or_default().to_owned();
            let was_encrypted = seen.commands.iter().any(|each| each == "STARTTLS");
            seen.commands.push(command);
            let answer = match verb.as_str() {
                "EHLO" if self.starttls.is_some() && !was_encrypted => {
                    "250-mail.example.com\r\n250 STARTTLS"
                }
                "EHLO" => "250-mail.example.com\r\n250-AUTH PLAIN\r\n250 8BITMIME",
                "STARTTLS" => "220 go on",
                "AUTH" => self.login,
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            lines
                .get_mut()
                .write_all(format!("{answer}\r\n").as_bytes())
                .ok()?;
            match verb.as_str() {
                "STARTTLS" => return Some("STARTTLS"),
                "DATA" => {
                    while !seen.message.ends_with("\r\n.\r\n") {
                        if lines.read_line(&mut seen.message).ok()? == 0 {
                            return None;
                        }
                    }
                    let answer = format!("{}\r\n", self.answer);
                    lines.get_mut().write_all(answer.as_bytes()).ok()?;
                }
                _ => {}
            }
        }
    }
}

fn encrypted(config: &Arc<ServerConfig>, stream: impl Stream + 'static) -> Box<dyn Stream> {
    let connection = ServerConnection::new(config.clone()).unwrap();
    Box::new(StreamOwned::new(connection, stream))
}

fn sent(yaml: &str, port: u16, notice: &Notice) -> Result<(), Undelivered> {
    let yaml = yaml.replace("PORT", &port.to_string());
    let (sink, secrets) = sink(&yaml);
    Remote::to(&sink).unwrap().send(notice, &secrets)
}

const PLAIN: &str = "{ email: { to: [noc@example.com, 'Night <night@example.com>'], from: 'tailswitch <ts@example.com>', server: 127.0.0.1, port: PORT, tls: none } }";

/// The message as a server gets it over a way without encryption.
fn message(notice: &Notice) -> Seen {
    let server = Server {
        answer: "250 queued",
        ..Server::default()
    };
    let (port, seen) = server.start();
    assert_eq!(sent(PLAIN, port, notice), Ok(()));
    seen.recv_timeout(PATIENCE).unwrap()
}

/// The value of a header that stands there once, its lines joined.
fn header<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let of_it = head
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    of_it.collect()
}

#[test]
fn a_mail_has_the_story_as_plain_text_and_goes_to_everybody() {
    let seen = message(&ordinary());
    let (_, body) = seen.message.split_once("\r\n\r\n").unwrap();
    let commands: Vec<&str> = seen.commands.iter().map(String::as_str).collect();
    let [hello, mail, rest @ ..] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert!(hello.starts_with("EHLO ") && mail.starts_with("MAIL FROM:<ts@example.com>"));
    assert_eq!(
        rest,
        [
            "RCPT TO:<noc@example.com>",
            "RCPT TO:<night@example.com>",
            "DATA",
            "QUIT"
        ]
    );
    let header = |name| header(&seen.message, name);
    assert_eq!(
        header("Subject"),
        ["[tailswitch] CRITICAL: east moves to vmhost2"]
    );
    assert_eq!(header("Auto-Submitted"), ["auto-generated"]);
    assert_eq!(header("Content-Type"), ["text/plain; charset=utf-8"]);
    assert_eq!(
        body,
        "CRITICAL: east moves to vmhost2\r\n\r\nRM_1 05064: the host of a primary component failed\r\n\r\n\
         severity    critical\r\nclass       incident\r\nsolution    east\r\n\
         time        2026-11-02T20:31:07.412Z\r\nkey         east-20261102T203107\r\n.\r\n"
    );
}

#[test]
fn the_mails_of_one_alert_are_one_thread() {
    let (first, last) = (message(&ordinary()), message(&closing(&ordinary())));
    let id = header(&first.message, "Message-ID");
    assert_eq!(header(&last.message, "References"), id);
    assert_ne!(header(&last.message, "Message-ID"), id);
    assert_eq!(header(&first.message, "References"), [""; 0]);
    let subject = "[tailswitch] OVER: east: move to vmhost2 completed";
    assert_eq!(header(&last.message, "Subject"), [subject]);
}

#[test]
fn what_a_log_says_becomes_no_header_no_command_and_no_end() {
    let seen = message(&hostile());
    assert_eq!(seen.commands.len(), 6, "{:?}", seen.commands);
    let (head, body) = seen.message.split_once("\r\n\r\n").unwrap();
    let names: Vec<&str> = head
        .lines()
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(": ").unwrap().0)
        .collect();
    let known = [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Content-Type",
        "Auto-Submitted",
        "Content-Transfer-Encoding",
        "Date",
        "MIME-Version",
    ];
    assert!(names.iter().all(|name| known.contains(name)), "{head}");
    assert!(head.is_ascii() && !seen.message.contains('\0'), "{head}");
    assert!(body.lines().all(|line| line.len() <= 998));
}

#[test]
fn nothing_is_said_to_a_server_before_it_is_known_and_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let good = Server {
        answer: "250 queued",
        login: "235 welcome",
        ..Server::default()
    };
    let starttls = Server {
        starttls: Some(authority.server.clone()),
        ..good.clone()
    };
    let encrypted = Server {
        encrypted: Some(authority.server.clone()),
        ..good.clone()
    };
    let ca = format!(", ca: '{}'", authority.ca.display());
    for (name, server, tls, host, ca, arrives) in [
        ("starttls", &starttls, "starttls", "localhost", &*ca, true),
        ("tls", &encrypted, "tls", "localhost", &*ca, true),
        ("not offered", &good, "starttls", "localhost", &*ca, false),
        ("unknown", &starttls, "starttls", "localhost", "", false),
        ("another's", &starttls, "starttls", "127.0.0.1", &*ca, false),
        ("in the clear", &good, "tls", "localhost", &*ca, false),
    ] {
        let (port, seen) = server.clone().start();
        let yaml = format!(
            "{{ email: {{ to: [noc@example.com], from: ts@example.com, server: {host}, port: PORT, tls: {tls}, user: ts, password: '{{secret:token}}'{ca} }}, timeout: 5s }}"
        );
        let sent = sent(&yaml, port, &ordinary());
        assert_eq!(sent.is_ok(), arrives, "{name}: {sent:?}");
        let seen = seen.recv_timeout(PATIENCE).unwrap();
        let login = seen
            .commands
            .iter()
            .any(|each| each.starts_with("AUTH PLAIN "));
        assert_eq!(login, arrives, "{name}: {:?}", seen.commands);
        assert_eq!(seen.message.is_empty(), !arrives, "{name}");
    }
}

#[test]
fn a_servers_answer_decides_whether_it_is_tried_again_and_holds_no_secret() {
    for (answer, refused) in [
        ("451 later", false),
        ("550 who is geheim-4711", false),
        ("552 too big", true),
        ("554 spam", true),
    ] {
        let server = Server {
            answer,
            ..Server::default()
        };
        let (port, _seen) = server.start();
        let error = sent(PLAIN, port, &ordinary()).unwrap_err();
        assert_eq!(
            matches!(error, Undelivered::Refused(_)),
            refused,
            "{error:?}"
        );
        assert!(error.text().contains(&answer[..3]) && !error.text().contains("geheim"));
    }
}
