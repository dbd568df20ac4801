//! Receivers for tests, on ports of the loopback address, and what they are sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::alerts::notice::EventNote;
use crate::alerts::{Notice, Phase};
use crate::config::{AlertSink, InMemory, Secrets, load};
use crate::fault::Severity;
use crate::topology::AlertClass;

/// Long enough for a machine that has much else to do.
pub(in crate::alerts) const PATIENCE: Duration = Duration::from_secs(60);

/// What a caller chose is in every text of it.
pub(in crate::alerts) fn hostile() -> Notice {
    let text = "a\r\nBcc: x@evil\r\n.\r\nQUIT\r\n\0\"]\\'</pre><script>alert(1)</script>\u{202e}\u{fffd}{{7*7}}";
    Notice {
        time: "2026-11-02T20:31:07.412Z".parse().unwrap(),
        class: AlertClass::Incident,
        severity: Severity::Error,
        key: format!("east-{text}").into(),
        phase: Phase::Open,
        title: format!("east moves {text}"),
        text: format!("{text}\n{}", "x".repeat(64 << 10)),
        solution: Some("east".into()),
        event: Some(EventNote {
            id: "05064".into(),
            text: text.into(),
            application: Some(text.into()),
            file: text.into(),
            line: 12,
        }),
        opened: None,
    }
}

/// As it comes from the daemon.
pub(in crate::alerts) fn ordinary() -> Notice {
    Notice {
        key: "east-20261102T203107".into(),
        title: "east moves to vmhost2".into(),
        text: "RM_1 05064: the host of a primary component failed".into(),
        event: None,
        ..hostile()
    }
}

/// Its end, as a sink is told it.
pub(in crate::alerts) fn closing(of: &Notice) -> Notice {
    let closing = Arc::new(Notice {
        time: of.time.plus(Duration::from_secs(4)),
        severity: Severity::Info,
        phase: Phase::Close,
        title: "east: move to vmhost2 completed".into(),
        text: "switch-to-primary VM_Server_2: done (4563 seen)".into(),
        ..of.clone()
    });
    Notice::clone(&closing.following(of))
}

/// The one sink of such a configuration, with the secret `token`.
pub(in crate::alerts) fn sink(sink: &str) -> (AlertSink, Secrets) {
    let path = Path::new("/etc/tailswitch/tailswitch.yaml");
    let text = format!(
        "solutions:
  east:
    hosts: {{ vmhost1: , vmhost2: }}
    applications:
      S_1: {{ dbid: 151, component: vm-sip-server, host: vmhost1 }}
      S_2: {{ dbid: 152, component: vm-sip-server, host: vmhost2 }}
secrets: {{ token: {{ env: TOKEN }} }}
alerts:
  - {sink}
"
    );
    let files = InMemory::default()
        .file(path, text, 0o644)
        .with_variable("TOKEN", "geheim-4711");
    let loaded = load(&files, path, &[]);
    let config = loaded
        .config
        .unwrap_or_else(|| panic!("{:?}", loaded.faults));
    let mut secrets = config.secrets.clone();
    assert_eq!(secrets.read(&files), []);
    (config.alerts[0].clone(), secrets)
}

/// A self-made authority in a folder, and a server's certificate of `localhost` from it.
pub(in crate::alerts) struct Authority {
    pub ca: PathBuf,
    pub server: Arc<ServerConfig>,
}

impl Authority {
    pub fn new(folder: &Path) -> Authority {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(params, key);
        let own = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&own, &issuer).unwrap();
        let ca = folder.join("ca.pem");
        std::fs::write(&ca, root.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Authority {
            ca,
            server: Arc::new(server),
        }
    }
}

/// A request as it came: its first line and headers, and its body.
pub(in crate::alerts) struct Request {
    pub head: String,
    pub body: String,
}

/// Answers each connection's one request with the next of the answers.
pub(in crate::alerts) fn http(
    answers: Vec<(u16, &'static str)>,
    tls: Option<Arc<ServerConfig>>,
) -> (u16, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (requests_in, requests) = channel();
    std::thread::spawn(move || {
        for (status, said) in answers {
            let (stream, _) = listener.accept().unwrap();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:{port}/other\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}",
                said.len()
            );
            let request = match &tls {
                None => answered(stream, &answer),
                Some(config) => {
                    let connection = ServerConnection::new(config.clone()).unwrap();
                    answered(StreamOwned::new(connection, stream), &answer)
                }
            };
            // One that does not come through is of no interest.
            if let Ok(request) = request {
                requests_in.send(request).unwrap();
            }
        }
    });
    (port, requests)
}

fn answered(stream: impl Read + Write, answer: &str) -> std::io::Result<Request> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    stream.read_exact(&mut body)?;
    stream.get_mut().write_all(answer.as_bytes())?;
    stream.get_mut().flush()?;
    Ok(Request {
        head,
        body: String::from_utf8(body).unwrap(),
    })
}
