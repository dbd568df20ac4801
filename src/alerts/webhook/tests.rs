use std::sync::mpsc::Receiver;

use serde_json::Value;

use std::sync::Arc;

use super::*;
use crate::alerts::remote::Remote;
use crate::alerts::tests::receivers::{
    Authority, PATIENCE, Request, closing, hostile, http, ordinary, sink,
};
use crate::escape::is_unsafe;

/// Sends it to a receiver that answers so, by a sink whose `URL` stands for the receiver's.
fn sent(
    yaml: &str,
    answer: (u16, &'static str),
    notice: &Notice,
) -> (Result<(), Undelivered>, Receiver<Request>) {
    let (port, requests) = http(vec![answer], None);
    let yaml = yaml.replace("URL", &format!("http://127.0.0.1:{port}/hook"));
    let (sink, secrets) = sink(&yaml);
    let mut remote = Remote::to(&sink).unwrap();
    (remote.send(notice, &secrets), requests)
}

fn body(yaml: &str, notice: &Notice) -> Value {
    let (sent, requests) = sent(yaml, (202, ""), notice);
    assert_eq!(sent, Ok(()));
    let request = requests.recv_timeout(PATIENCE).unwrap();
    assert!(!request.body.chars().any(is_unsafe), "{}", request.body);
    serde_json::from_str(&request.body).unwrap()
}

#[test]
fn a_notice_arrives_as_json_with_the_headers_that_are_configured() {
    let yaml = "{ webhook: { url: URL, headers: { Authorization: 'Bearer {secret:token}' } } }";
    for notice in [ordinary(), hostile(), closing(&hostile())] {
        let (sent, requests) = sent(yaml, (200, "ok"), &notice);
        assert_eq!(sent, Ok(()));
        let request = requests.recv_timeout(PATIENCE).unwrap();
        assert!(
            request.head.starts_with("POST /hook HTTP/1.1\r\n"),
            "{}",
            request.head
        );
        let head = request.head.to_lowercase();
        assert!(
            head.contains("\r\nauthorization: bearer geheim-4711\r\n"),
            "{head}"
        );
        assert!(
            head.contains("\r\ncontent-type: application/json\r\n"),
            "{head}"
        );
        let arrived: Notice = serde_json::from_str(&request.body).unwrap();
        assert_eq!(arrived, notice);
    }
}

/// As in `bodies/`: the opening, which `docs/alerts.md` shows too, and the closing.
#[test]
fn each_receiver_gets_the_body_that_it_knows() {
    let told = |yaml: &str, notice| serde_json::to_string_pretty(&body(yaml, notice)).unwrap();
    let (open, close) = (ordinary(), closing(&ordinary()));
    let page = include_str!("../../../docs/alerts.md");
    for (name, yaml) in BODIES {
        let shown = told(yaml, &open).replace("geheim-4711", "…");
        assert!(page.contains(&shown), "docs/alerts.md: {name}");
        let text = format!("{}\n{}\n", told(yaml, &open), told(yaml, &close));
        let path = format!(
            "{}/src/alerts/webhook/bodies/{name}.txt",
            env!("CARGO_MANIFEST_DIR")
        );
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{path}");
    }
}

const BODIES: [(&str, &str); 4] = [
    (
        "alertmanager",
        "{ webhook: { url: URL, body: alertmanager } }",
    ),
    ("slack", "{ webhook: { url: URL, body: slack } }"),
    ("teams", "{ webhook: { url: URL, body: teams } }"),
    (
        "pagerduty",
        "{ webhook: { url: URL, body: pagerduty, routing_key: '{secret:token}' } }",
    ),
];

#[test]
fn what_a_log_says_breaks_no_body_and_no_limit() {
    let bytes = |value: &Value| value.to_string().len();
    for (name, yaml) in BODIES {
        let body = body(yaml, &hostile());
        assert!(bytes(&body) < 28_000, "{name}: {}", bytes(&body));
        match name {
            "slack" => {
                let text = |at: &str| body.pointer(at).unwrap().as_str().unwrap().to_owned();
                assert!(text("/blocks/0/text/text").chars().count() <= 150);
                assert!(text("/blocks/1/text/text").chars().count() <= 3_000);
                assert_eq!(text("/blocks/1/text/type"), "plain_text");
                assert!(!text("/text").contains('<'));
            }
            "pagerduty" => {
                let text = |at: &str| body.pointer(at).unwrap().as_str().unwrap().to_owned();
                assert!(text("/dedup_key").chars().count() <= 255);
                assert!(text("/payload/summary").chars().count() <= 1_024);
            }
            _ => {}
        }
    }
}

#[test]
fn a_long_key_opens_and_resolves_under_the_same_name() {
    let (_, yaml) = BODIES[3];
    let open = Notice {
        key: "k".repeat(300).into(),
        ..ordinary()
    };
    let key = |notice: &Notice| body(yaml, notice)["dedup_key"].clone();
    assert_eq!(key(&open), key(&closing(&open)));
    assert_eq!(key(&open).as_str().unwrap().len(), 64);
    assert_ne!(key(&open), key(&ordinary()));
}

/// Alertmanager knows an alert by its labels, whatever was said of it in between.
#[test]
fn an_alertmanagers_labels_are_the_same_from_the_opening_to_the_closing() {
    let (_, yaml) = BODIES[0];
    let labels = |notice: &Notice| body(yaml, notice)[0]["labels"].clone();
    let step = Arc::new(Notice {
        class: crate::topology::AlertClass::Step,
        severity: crate::fault::Severity::Info,
        phase: crate::alerts::Phase::Update,
        ..ordinary()
    });
    let open = ordinary();
    assert_eq!(labels(&open), labels(&step.following(&open)));
    assert_eq!(labels(&open), labels(&closing(&open)));
    let passing = body(yaml, &step);
    assert_eq!(passing[0]["startsAt"], "2026-11-02T20:31:07.412Z");
    assert_eq!(passing[0]["endsAt"], "2026-11-02T20:36:07.412Z");
}

#[test]
fn an_answer_decides_whether_it_is_tried_again_and_is_told_without_secrets() {
    let later = |text: &str| Err(Undelivered::Later(format!("the receiver answered {text}")));
    let refused = |text: &str| {
        Err(Undelivered::Refused(format!(
            "the receiver answered {text}"
        )))
    };
    for (answer, outcome) in [
        ((200, "ok"), Ok(())),
        ((202, ""), Ok(())),
        ((302, ""), later("302")),
        ((400, "invalid_blocks"), refused("400: invalid_blocks")),
        ((413, ""), refused("413")),
        ((422, "no"), refused("422: no")),
        ((401, "who is geheim-4711?"), later("401: who is ***?")),
        ((404, "a\r\n\u{1b}[2J"), later("404: a\\r\\n\\x1b[2J")),
        ((429, "slow down"), later("429: slow down")),
        ((503, ""), later("503")),
    ] {
        let (sent, _requests) = sent("{ webhook: URL }", answer, &ordinary());
        assert_eq!(sent, outcome, "{answer:?}");
    }
}

/// Nothing is told of it for ever; what waits behind it is not held up for ever either.
#[test]
fn what_a_receiver_refuses_again_and_again_is_counted_and_lets_the_next_one_pass() {
    let refusals = [(400, "invalid_blocks"); 4];
    let (port, requests) = http([&refusals[..], &[(200, "ok")]].concat(), None);
    let (sink, secrets) = sink(&format!("{{ webhook: 'http://127.0.0.1:{port}/' }}"));
    let setup = crate::alerts::Setup {
        secrets: &Arc::new(secrets),
        folder: None,
        base: std::path::Path::new("/"),
        run_command: Arc::new(|_, _| Err("no command is configured".to_owned())),
    };
    let running = crate::alerts::Alerts::start(&[sink], &setup, ordinary().time).unwrap();
    let alerts = running.alerts();
    let next = Notice {
        key: "next".into(),
        ..ordinary()
    };
    alerts.tell(ordinary());
    alerts.tell(next.clone());
    let keys: Vec<String> = (0..5)
        .map(|_| requests.recv_timeout(PATIENCE).unwrap())
        .map(|request| {
            serde_json::from_str::<Notice>(&request.body)
                .unwrap()
                .key
                .to_string()
        })
        .collect();
    let first = &*ordinary().key;
    assert_eq!(keys, [first, first, first, first, "next"]);
    assert_eq!(alerts.dropped(), 1);
    running.stop();
}

#[test]
fn a_receiver_that_is_not_there_or_does_not_answer_is_told_without_its_secret_url() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for (url, timeout) in [
        (format!("http://127.0.0.1:{port}/{{secret:token}}"), "300ms"),
        ("http://127.0.0.1:1/{secret:token}".to_owned(), "10s"),
        ("{secret:token}".to_owned(), "10s"),
        ("http://[{secret:token}".to_owned(), "10s"),
        ("http://{secret:token}.invalid/".to_owned(), "10s"),
    ] {
        let (sink, secrets) = sink(&format!("{{ webhook: '{url}', timeout: {timeout} }}"));
        let sent = Remote::to(&sink).unwrap().send(&ordinary(), &secrets);
        let Err(Undelivered::Later(text)) = sent else {
            panic!("{url}: {sent:?}")
        };
        assert!(
            !text.is_empty() && !text.contains("geheim"),
            "{url}: {text}"
        );
    }
}

#[test]
fn a_certificate_counts_only_if_its_authority_is_trusted_and_its_name_is_the_receivers() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let ca = authority.ca.display();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    for (host, more, arrives) in [
        ("localhost", format!(", ca: '{ca}'"), true),
        ("127.0.0.1", format!(", ca: '{ca}'"), false),
        ("localhost", String::new(), false),
        ("localhost", format!(", ca: '{}'", empty.display()), false),
        ("localhost", ", ca: /nowhere/ca.pem".to_owned(), false),
    ] {
        let (port, requests) = http(vec![(200, "ok")], Some(authority.server.clone()));
        let yaml = format!("{{ webhook: {{ url: 'https://{host}:{port}/'{more} }} }}");
        let (sink, secrets) = sink(&yaml);
        let sent = Remote::to(&sink).unwrap().send(&ordinary(), &secrets);
        assert_eq!(sent.is_ok(), arrives, "{yaml}: {sent:?}");
        if arrives {
            requests.recv_timeout(PATIENCE).unwrap();
        }
    }
}
