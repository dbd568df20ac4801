//! Who may ask: the address it was asked by, the page it was asked from, and the token of whoever wants to act.
//!
//! A page on the web can make a browser send requests to the loopback address. Its name for that address gives it
//! away (`Host`), its own address does (`Origin`), and it has no token.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::failure::Failure;
use super::server::Served;
use super::token::Checked;

/// The names by which the server answers, with its port.
#[derive(Clone, Debug)]
pub(super) struct Names(Arc<[String]>);

impl Names {
    pub(super) fn of(bound: SocketAddr) -> Names {
        let port = bound.port();
        let mut names = vec![
            format!("127.0.0.1:{port}"),
            format!("localhost:{port}"),
            format!("[::1]:{port}"),
        ];
        if !bound.ip().is_loopback() && !bound.ip().is_unspecified() {
            names.push(bound.to_string());
        }
        if port == 80 {
            let bare: Vec<String> = names
                .iter()
                .filter_map(|name| name.strip_suffix(":80").map(str::to_owned))
                .collect();
            names.extend(bare);
        }
        Names(names.into())
    }

    fn know(&self, name: &str) -> bool {
        self.0.iter().any(|each| each.eq_ignore_ascii_case(name))
    }

    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        let named = host.is_some_and(|host| self.know(host)) && hosts.next().is_none();
        let absolute = uri.authority().is_none_or(|name| self.know(name.as_str()));
        if !named || !absolute {
            return Err(Failure::forbidden(format!(
                "this is not the host that was asked for; it is {}",
                self.0.join(", ")
            )));
        }
        let same = |origin: &axum::http::HeaderValue| {
            let text = origin.to_str().unwrap_or_default();
            let name = text.strip_prefix("http://").unwrap_or_default();
            self.know(name)
        };
        if !headers.get_all(ORIGIN).iter().all(same) {
            return Err(Failure::forbidden("another page asks; it may not"));
        }
        Ok(())
    }
}

/// Lets through what was asked of this host, by nobody else's page.
pub(super) async fn same_host(
    State(names): State<Names>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    names.check(request.uri(), request.headers())?;
    Ok(next.run(request).await)
}

/// Lets through whoever has the token.
pub(super) async fn with_token(
    State(served): State<Arc<Served>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let Some(token) = &served.token else {
        return Err(Failure::forbidden(
            "no verb is taken: the configuration names no token_file",
        ));
    };
    let offered = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| bearer(value.as_bytes()))
        .ok_or_else(|| Failure::unauthorized("send the token: Authorization: Bearer …"))?;
    match token.check(offered, (served.now)()) {
        Checked::Right => Ok(next.run(request).await),
        Checked::Wrong => Err(Failure::unauthorized("this is not the token")),
        Checked::TooMany => Err(Failure::too_many()),
    }
}

fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then(|| token.trim_ascii())
}
