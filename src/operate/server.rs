//! The server: connections taken, limited in number, size and time, and ended when the daemon ends.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};

use super::failure::Failure;
use super::guard::Names;
use super::stream::Streams;
use super::{Handle, Token, routes};
use crate::past::OpenPast;
use crate::time::Time;

/// More wait in the system's queue.
const CONNECTIONS_MAX: usize = 64;
/// Of a request's head, so many bytes, header lines and seconds; also how long a connection may be idle.
const HEAD_BYTES_MAX: usize = 16 << 10;
const HEADERS_MAX: usize = 64;
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// A request with its body is answered within this.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Then the client has to come again: whoever does not read his answer gives the place back.
const CONNECTION_LIFE: Duration = Duration::from_secs(300);
/// So long a connection may go on when the daemon ends.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// After a failed `accept` (too many open files), before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// All that the server is handed.
pub struct Served {
    pub handle: Handle,
    pub past: OpenPast,
    /// Without one no verb is taken.
    pub token: Option<Arc<Token>>,
    /// The wall clock, for the end of a pause.
    pub now: Arc<dyn Fn() -> Time + Send + Sync>,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

/// Serves until `shutdown` is ready, and a little longer for requests under way.
pub async fn serve(
    listener: TcpListener,
    served: Served,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let names = Names::of(listener.local_addr()?);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (ends, ending) = watch::channel(false);
    let router = routes::router(Arc::new(served), names)
        .layer(Extension(Arc::new(Streams::new(ending.clone()))))
        .layer(middleware::from_fn(within_its_time));
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let (Some(stream), Some(place)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (router, ending) = (router.clone(), ending.clone());
        tokio::spawn(async move {
            talk(stream, router, ending).await;
            drop(place);
        });
    }
    drop(listener);
    // Nobody may be left to hear it.
    let _ = ends.send(true);
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(LAST_WORDS, places.acquire_many(all)).await;
    Ok(())
}

/// A connection with a place for it; none if it could not be taken.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (Option<TcpStream>, Option<tokio::sync::OwnedSemaphorePermit>) {
    let place = places.clone().acquire_owned().await.ok();
    let stream = listener.accept().await.ok().map(|(stream, _)| stream);
    (stream, place)
}

/// Ends a connection from within, without another word.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut(Arc<Notify>);

impl Cut {
    pub(super) fn now(&self) {
        self.0.notify_one();
    }

    pub(super) async fn wanted(&self) {
        self.0.notified().await;
    }
}

async fn talk(stream: TcpStream, router: axum::Router, mut ending: watch::Receiver<bool>) {
    let cut = Cut::default();
    let service = TowerToHyperService::new(router.layer(Extension(cut.clone())));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A client that breaks off is its own affair.
        _ = connection.as_mut() => return,
        () = cut.wanted() => return,
        _ = ending.wait_for(|ends| *ends) => {}
        () = tokio::time::sleep(CONNECTION_LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(LAST_WORDS, connection).await;
}

async fn within_its_time(request: Request, next: Next) -> Result<Response, Failure> {
    tokio::time::timeout(ANSWER_WITHIN, next.run(request))
        .await
        .map_err(|_| Failure::timeout())
}
