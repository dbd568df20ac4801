//! The page, the stream, the metrics and the description, over a real socket.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::http::{Api, TOKEN, pause};
use super::*;

#[test]
fn the_page_is_whole_without_its_script() {
    let api = Api::new(None);
    let (status, page) = api.get("/");
    assert_eq!(status, 200);
    has(
        &page,
        &[
            "content-type: text/html; charset=utf-8",
            "<h1>Not armed</h1>",
            "<h3>east</h3>",
            "alert-only: steps are told, none is carried out",
            "<tr class=\"up\"><th scope=\"row\">VM_SIPServer_1 <span class=\"soft\">vm-sip-server</span></th>",
            "<td class=\"number\" data-label=\"DBID \">151</td>",
            "<td class=\"by\" title=\"sips.log:1\">sips.log:1</td>",
            "VIP 10.0.0.10 on vmhost1",
            "<a href=\"/incidents/east-19700101T000000-1\">",
            "No verb is taken here",
        ],
    );
    assert!(!page.contains("class=\"act"), "no verb, no button");
}

#[test]
fn the_script_and_the_style_are_those_that_the_policy_allows() {
    let api = Api::new(None);
    for path in ["/", "/incidents/east-19700101T000000-1"] {
        let (_, page) = api.get(path);
        let policy = page
            .lines()
            .find_map(|line| line.strip_prefix("content-security-policy: "))
            .expect("a policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let inline = ["<style>", "<script>"]
            .into_iter()
            .flat_map(|tag| page.split(tag).skip(1));
        for text in inline {
            let text = text.split("</s").next().unwrap();
            let hash = super::super::page::hash(text);
            assert!(policy.contains(&hash), "{path}: {hash} is not in {policy}");
        }
        assert!(
            !page.contains(" style=") && !page.contains(" onclick="),
            "{path}"
        );
    }
}

#[test]
fn an_incident_has_its_timeline_its_lines_and_its_reasons() {
    let api = Api::new(None);
    let (status, page) = api.get("/incidents/east-19700101T000000-1");
    assert_eq!(status, 200);
    has(
        &page,
        &[
            "<svg class=\"picture\"",
            "<code>sips.log:1</code>",
            "gates at the decision",
            "enable the VIP",
        ],
    );
    assert_eq!(api.get("/incidents/east-1").0, 404);
    assert_eq!(api.get("/incidents/%3Cscript%3E").0, 404);
}

/// One event of a stream: (id, name, data).
fn event(lines: &mut impl Iterator<Item = String>) -> (String, String, Value) {
    let mut field = |name: &str| -> String {
        let prefix = format!("{name}: ");
        let mut found = lines
            .by_ref()
            .filter_map(|line| line.strip_prefix(&prefix).map(str::to_owned));
        found.next().expect("the stream goes on")
    };
    let (id, name, data) = (field("id"), field("event"), field("data"));
    (id, name, serde_json::from_str(&data).unwrap())
}

fn listen(api: &Api, of: &str) -> impl Iterator<Item = String> + use<> {
    let mut stream = TcpStream::connect(api.address).unwrap();
    let host = api.address;
    write!(
        stream,
        "GET /api/v1/stream?of={of} HTTP/1.1\r\nHost: {host}\r\n\r\n"
    )
    .unwrap();
    BufReader::new(stream).lines().map_while(Result::ok)
}

#[test]
fn a_stream_tells_how_things_stand_and_again_when_that_changed() {
    let api = Api::new(Some(TOKEN));
    let mut told = listen(&api, "summary");
    let mut status = listen(&api, "status");
    let (first, name, data) = event(&mut told);
    assert_eq!(
        (name.as_str(), &data["pairs"]["held"]),
        ("summary", &Value::Null),
        "{data}"
    );
    assert_eq!(event(&mut status).2["type"], "status");
    api.act("/api/v1/pause", &pause("2h"));
    let (second, _, data) = event(&mut told);
    assert_ne!(first, second);
    assert_eq!(data["pairs"]["held"], 1, "{data}");
    let (_, name, data) = event(&mut status);
    assert_eq!(name, "status");
    assert_eq!(
        data["solutions"][0]["holds"][0]["reason"], "paused",
        "{data}"
    );
    drop(api);
    assert_eq!(
        told.filter(|line| line.starts_with("id:")).count(),
        0,
        "it ended with the daemon"
    );
}

#[test]
fn streams_leave_room_for_whoever_asks_once() {
    let api = Api::new(None);
    let mut streams: Vec<_> = (0..32).map(|_| listen(&api, "summary")).collect();
    for stream in &mut streams {
        event(stream);
    }
    let (status, answer) = api.get("/api/v1/stream");
    assert_eq!(status, 503, "{answer}");
    assert!(answer.contains("too-many-streams"), "{answer}");
    assert_eq!(api.get("/healthz").0, 200);
}

#[test]
fn metrics_are_in_the_text_format() {
    let (status, answer) = Api::new(None).get("/metrics");
    assert_eq!(status, 200);
    has(
        &answer,
        &[
            "content-type: text/plain; version=0.0.4; charset=utf-8",
            "tailswitch_armed 0\n",
            "tailswitch_pair_outlook{solution=\"east\",outlook=\"well\"} 1\n",
        ],
    );
}

#[test]
fn an_engine_that_stands_still_is_told_wherever_somebody_looks() {
    let api = Api::new(None);
    let mut told = listen(&api, "summary");
    assert_eq!(event(&mut told).2["not_armed"], Value::Null);
    (api.stall)();
    assert_eq!(event(&mut told).2["not_armed"], "a disk may not answer");
    let (status, answer) = api.get("/healthz");
    assert_eq!(status, 503, "{answer}");
    has(&answer, &["\"error\":\"stands-still\""]);
    let (_, page) = api.get("/");
    has(
        &page,
        &[
            "<h1>Standing still</h1>",
            "Nothing is carried out: a disk may not answer",
        ],
    );
}
