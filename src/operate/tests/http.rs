//! The API over a real socket, with a thread in the engine's place.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::*;

pub(super) const TOKEN: &str = "0123456789abcdef";

/// The server with its engine; both end when it is dropped.
pub(super) struct Api {
    pub(super) address: SocketAddr,
    /// Makes the engine stand still, for all that can be seen.
    pub(super) stall: Box<dyn Fn()>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<std::thread::JoinHandle<()>>,
    engine: Option<std::thread::JoinHandle<()>>,
}

impl Api {
    pub(super) fn new(token: Option<&str>) -> Api {
        let bench = Bench::new();
        let (asks, asked) = crossbeam_channel::bounded(4);
        let handle = Handle::new(bench.view(), asks);
        let past = bench.past.clone();
        let served = Served {
            handle: handle.clone(),
            past: Arc::new(move |_| Ok(Box::new(past.clone()))),
            token: token.map(|text| Arc::new(Token::new(text).unwrap())),
            now: Arc::new(|| Time::from_micros(2_000_000_000)),
        };
        let (publish, stall) = (handle.publisher(), Box::new(handle.staller()));
        drop(handle);
        let engine = std::thread::spawn(move || engine(bench, &publish, &asked));
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, address) = std::sync::mpsc::channel();
        let serving = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                bound.send(listener.local_addr().unwrap()).unwrap();
                let shutdown = async { drop(stopped.await) };
                serve(listener, served, shutdown).await.unwrap();
            });
        });
        Api {
            address: address.recv().unwrap(),
            stall,
            stop: Some(stop),
            serving: Some(serving),
            engine: Some(engine),
        }
    }

    /// Sends a request as it stands (`HOST` is filled in) and returns what comes back: (status, all of it).
    fn send(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request = request.replace("HOST", &self.address.to_string());
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A server that refuses a body may close while it is still sent.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        (status.unwrap_or(0), answer)
    }

    pub(super) fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
        ))
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{headers}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    pub(super) fn act(&self, path: &str, body: &str) -> (u16, String) {
        self.post(path, &format!("Authorization: Bearer {TOKEN}\r\n"), body)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        drop(self.stop.take());
        for thread in [self.serving.take(), self.engine.take()] {
            thread.unwrap().join().unwrap();
        }
    }
}

/// What the engine does with a verb, until nobody can ask any more.
fn engine(mut bench: Bench, publish: &dyn Fn(View), asked: &crossbeam_channel::Receiver<Ask>) {
    for ask in asked {
        let (solution, request) = (ask.solution, ask.request);
        assert!(Arc::ptr_eq(&ask.topology, &bench.config.topology));
        let entries = bench.take(2_000, &Input::Operator { solution, request });
        publish(bench.view());
        ask.reply.send(Answer::of(&entries, &ask.topology)).unwrap();
    }
}

const SIGNED: &str = "\"by\": \"alice\", \"why\": \"new cables\"";

pub(super) fn pause(length: &str) -> String {
    format!("{{ \"solution\": \"east\", \"for\": \"{length}\", {SIGNED} }}")
}

#[test]
fn everyone_on_this_host_may_read() {
    let api = Api::new(None);
    for (path, status, part) in [
        ("/healthz", 200, "{\"status\":\"ok\"}"),
        ("/readyz", 200, "{\"status\":\"ok\"}"),
        ("/api/v1/status", 200, "\"primary\":\"vmhost1\""),
        (
            "/api/v1/status?format=text",
            200,
            "east (alert-only): vmhost1 is primary",
        ),
        ("/api/v1/owed", 200, "{\"owed\":[]}"),
        ("/api/v1/incidents", 200, "\"cause\":{\"id\":\"04563\""),
        (
            "/api/v1/incidents?solution=west",
            200,
            "{\"incidents\":[],\"before\":null}",
        ),
        (
            "/api/v1/incidents?limit=1&format=lines",
            200,
            "{\"type\":\"incident\",\"id\":\"east-",
        ),
        ("/api/v1/events?limit=1", 200, "\"type\":\"decision\""),
        (
            "/api/v1/why?about=RM_1&format=text",
            200,
            "RM_1 is on vmhost1, which is primary",
        ),
        (
            "/api/v1/why?about=east-19700101T000000-1",
            200,
            "\"gates\":[{\"gate\"",
        ),
        (
            "/api/v1/why?about=nothing",
            400,
            "\"error\":\"bad-request\"",
        ),
        (
            "/api/v1/why",
            400,
            "ask about an incident, a time or an application",
        ),
        (
            "/api/v1/incidents?limit=many",
            400,
            "\"error\":\"bad-request\"",
        ),
        ("/api/v1/incidents/east-1", 404, "\"error\":\"not-found\""),
        (
            "/api/v1/incidents/%2e%2e%2f%2e%2e",
            404,
            "\"error\":\"not-found\"",
        ),
        ("/nothing", 404, "\"error\":\"not-found\""),
        ("/api/v1/pause", 403, "\"error\":\"forbidden\""),
    ] {
        let (found, answer) = api.get(path);
        assert_eq!(found, status, "{path}: {answer}");
        assert!(answer.contains(part), "{path}: no {part} in {answer}");
        assert!(answer.contains("cache-control: no-store"), "{path}");
    }
}

#[test]
fn whoever_asks_by_another_name_or_from_another_page_is_refused() {
    let api = Api::new(Some(TOKEN));
    let get = |headers: &str| {
        let request = format!("GET /healthz HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
        api.send(&request).0
    };
    let port = api.address.port();
    for (headers, status) in [
        ("Host: HOST\r\n".to_owned(), 200),
        (format!("Host: localhost:{port}\r\n"), 200),
        (
            format!("Host: LocalHost:{port}\r\nOrigin: http://localhost:{port}\r\n"),
            200,
        ),
        (format!("Host: [::1]:{port}\r\n"), 200),
        ("".to_owned(), 403),
        ("Host: 127.0.0.1\r\n".to_owned(), 403),
        (format!("Host: evil.example:{port}\r\n"), 403),
        (format!("Host: 127.0.0.1.evil.example:{port}\r\n"), 403),
        ("Host: HOST\r\nHost: HOST\r\n".to_owned(), 403),
        (
            "Host: HOST\r\nOrigin: http://evil.example\r\n".to_owned(),
            403,
        ),
        ("Host: HOST\r\nOrigin: null\r\n".to_owned(), 403),
        (
            format!("Host: HOST\r\nOrigin: https://127.0.0.1:{port}\r\n"),
            403,
        ),
    ] {
        assert_eq!(get(&headers), status, "{headers:?}");
    }
    let absolute =
        "GET http://evil.example/healthz HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    assert_eq!(api.send(absolute).0, 403);
}

#[test]
fn a_verb_needs_the_token() {
    let api = Api::new(Some(TOKEN));
    for (headers, status) in [
        ("", 401),
        ("Authorization: Bearer\r\n", 401),
        ("Authorization: Bearer 0123456789abcdeX\r\n", 401),
        ("Authorization: Bearer 0123456789abcde\r\n", 401),
        ("Authorization: Bearer 0123456789abcdef0\r\n", 401),
        ("Authorization: Basic 0123456789abcdef\r\n", 401),
        ("Authorization: bearer 0123456789abcdef\r\n", 200),
    ] {
        let (found, answer) = api.post("/api/v1/pause", headers, &pause("2h"));
        assert_eq!(found, status, "{headers:?}: {answer}");
    }
    let none = Api::new(None);
    let (found, answer) = none.act("/api/v1/pause", &pause("2h"));
    assert_eq!(found, 403, "{answer}");
    assert!(answer.contains("token_file"), "{answer}");
}

#[test]
fn a_verb_with_a_wrong_body_changes_nothing() {
    let api = Api::new(Some(TOKEN));
    let long = format!("{{\"why\": \"{}\"}}", "x".repeat(17 << 10));
    for (path, body, status) in [
        ("pause", "", 400),
        ("pause", "{", 400),
        ("pause", "[]", 400),
        ("pause", &pause("soon"), 400),
        ("pause", &pause("0s"), 400),
        ("pause", &pause("8d"), 400),
        ("pause", &pause("1000h"), 400),
        (
            "pause",
            "{\"solution\": \"east\", \"for\": \"2h\", \"by\": \" \", \"why\": \"w\"}",
            400,
        ),
        (
            "pause",
            "{\"solution\": \"east\", \"for\": \"2h\", \"by\": \"a\\nb\", \"why\": \"w\"}",
            400,
        ),
        (
            "pause",
            "{\"solution\": \"east\", \"for\": \"2h\", \"by\": \"a\"}",
            400,
        ),
        (
            "pause",
            &format!("{{\"solution\": \"east\", \"for\": \"2h\", \"x\": 1, {SIGNED}}}"),
            400,
        ),
        (
            "pause",
            &format!("{{\"solution\": \"west\", \"for\": \"2h\", {SIGNED}}}"),
            404,
        ),
        (
            "force",
            &format!("{{\"solution\": \"east\", \"to\": \"vmhost3\", {SIGNED}}}"),
            404,
        ),
        (
            "ack",
            &format!("{{\"incident\": \"west-1\", {SIGNED}}}"),
            404,
        ),
        (
            "owed/forgive",
            &format!("{{\"id\": \"east:vmhost1\", {SIGNED}}}"),
            404,
        ),
        ("pause", &long, 413),
    ] {
        let (found, answer) = api.act(&format!("/api/v1/{path}"), body);
        assert_eq!(found, status, "{path} {body:.200}: {answer}");
        assert!(answer.contains("\"reason\":"), "{answer}");
    }
    assert_eq!(api.get("/api/v1/status").1.matches("alice").count(), 0);
    let put = "PUT /api/v1/status HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    let (status, answer) = api.send(put);
    assert_eq!(status, 405);
    assert!(answer.contains("allow: GET"), "{answer}");
    let plain = format!(
        "POST /api/v1/resume HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    assert_eq!(api.send(&plain).0, 415);
}

#[test]
fn a_verb_is_done_or_refused_with_its_reason_and_the_status_follows() {
    let api = Api::new(Some(TOKEN));
    let resume = format!("{{ \"solution\": \"east\", {SIGNED} }}");
    let (status, answer) = api.act("/api/v1/resume", &resume);
    assert_eq!(status, 409, "{answer}");
    assert!(answer.contains("\"error\":\"nothing-to-do\""), "{answer}");
    assert!(answer.contains("the pair is not paused"), "{answer}");
    let (status, answer) = api.act("/api/v1/pause", &pause("2h"));
    assert_eq!(status, 200, "{answer}");
    assert!(
        answer.contains("alice paused east until 02:33:20.000: new cables"),
        "{answer}"
    );
    assert!(
        api.get("/api/v1/status")
            .1
            .contains("\"reason\":\"paused\"")
    );
    assert_eq!(api.act("/api/v1/resume", &resume).0, 200);
    let force = format!("{{ \"solution\": \"east\", \"to\": \"vmhost2.\", {SIGNED} }}");
    assert_eq!(api.act("/api/v1/force", &force).0, 404);
    let force = force.replace("vmhost2.", "10.0.0.12");
    let (status, answer) = api.act("/api/v1/force", &force);
    assert_eq!(status, 200, "{answer}");
    assert!(
        answer.contains("\"incident\":\"east-19700101T003320-"),
        "{answer}"
    );
    let (status, answer) = api.act("/api/v1/force", &force);
    assert_eq!(status, 409, "{answer}");
    assert!(
        answer.contains("\"error\":\"reaction-running\""),
        "{answer}"
    );
}

#[test]
fn a_head_without_an_end_or_beyond_all_measure_is_refused() {
    let api = Api::new(Some(TOKEN));
    let long = format!(
        "GET /healthz HTTP/1.1\r\nHost: HOST\r\nX: {}\r\n\r\n",
        "x".repeat(64 << 10)
    );
    assert_eq!(api.send(&long).0, 431);
    let many = format!(
        "GET /healthz HTTP/1.1\r\nHost: HOST\r\n{}\r\n",
        "X: y\r\n".repeat(100)
    );
    assert_eq!(api.send(&many).0, 431);
    assert_eq!(api.get("/healthz").0, 200);
}
