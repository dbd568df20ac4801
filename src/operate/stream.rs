//! Server-sent events: how things stand, told at once and again whenever that changed.
//!
//! Each event is the whole, so none is ever repeated: whoever comes back or was slow hears the newest only. The `id`
//! names the view that was told. The engine shows a view at least every few seconds; a stream that is silent for
//! longer than that tells of an engine that stands still.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use super::failure::Failure;
use super::server::{Cut, Served};
use super::{Handle, View};
use crate::json::line;
use crate::snapshot::Summary;

/// So many clients; the other connections are left for whoever asks once.
const STREAMS_MAX: usize = 32;
/// One client is told at most so often.
const APART: Duration = Duration::from_millis(200);
/// A client that does not take an event within this loses its connection.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// A client that is gone is noticed at the latest when this is written to it.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// Shorter than the life of a connection, so that the end of a stream is an orderly one.
const LIFE: Duration = Duration::from_secs(240);
/// A browser comes back so long after the end.
const BEGIN: &str = "retry: 1000\n\n";

/// What all streams share.
#[derive(Debug)]
pub(super) struct Streams {
    places: Arc<Semaphore>,
    ending: watch::Receiver<bool>,
    /// What was last written of each, and the number of its view.
    written: Mutex<[Option<(u64, Bytes)>; 2]>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    of: Of,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Of {
    /// As `/api/v1/status`.
    #[default]
    Status,
    /// As `/api/v1/summary`.
    Summary,
}

impl Streams {
    pub(super) fn new(ending: watch::Receiver<bool>) -> Streams {
        Streams {
            places: Arc::new(Semaphore::new(STREAMS_MAX)),
            ending,
            written: Mutex::default(),
        }
    }

    /// The event for the newest view, written once for all clients.
    fn event(&self, handle: &Handle, of: Of) -> Result<Bytes, serde_json::Error> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let [status, summary] = &mut *written;
        let written = match of {
            Of::Status => status,
            Of::Summary => summary,
        };
        let (number, view) = handle.numbered();
        if let Some((_, event)) = written.as_ref().filter(|(of, _)| *of == number) {
            return Ok(event.clone());
        }
        let event = Bytes::from(told(of, number, &view)?);
        *written = Some((number, event.clone()));
        Ok(event)
    }
}

fn told(of: Of, number: u64, view: &View) -> Result<String, serde_json::Error> {
    let (name, data) = match of {
        Of::Status => ("status", line(&view.snapshot)?),
        Of::Summary => ("summary", line(&Summary::of(&view.snapshot))?),
    };
    let began = view.snapshot.daemon.started.unwrap_or_default().micros();
    Ok(format!(
        "id: {began}-{number}\nevent: {name}\ndata: {data}\n\n"
    ))
}

pub(super) async fn stream(
    State(served): State<Arc<Served>>,
    Extension(streams): Extension<Arc<Streams>>,
    Extension(cut): Extension<Cut>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(wanted) = wanted.map_err(|error| Failure::bad(error.body_text()))?;
    let place = streams.places.clone().try_acquire_owned();
    let place = place.map_err(|_| Failure::too_many_streams(STREAMS_MAX))?;
    let (frames, taken) = mpsc::channel(1);
    let client = Client {
        handle: served.handle.clone(),
        streams,
        of: wanted.of,
        frames,
        cut,
        _place: place,
    };
    tokio::spawn(client.feed());
    let kind = HeaderValue::from_static("text/event-stream");
    Ok(([(CONTENT_TYPE, kind)], Body::new(Frames(taken))).into_response())
}

struct Client {
    handle: Handle,
    streams: Arc<Streams>,
    of: Of,
    frames: mpsc::Sender<Bytes>,
    cut: Cut,
    _place: OwnedSemaphorePermit,
}

enum Next {
    Changed,
    Quiet,
    End,
}

impl Client {
    /// Until the client is gone or too slow, the stream is old, or the daemon ends.
    async fn feed(self) {
        let mut ending = self.streams.ending.clone();
        let mut changes = self.handle.changes();
        let old = tokio::time::sleep(LIFE);
        tokio::pin!(old);
        if self
            .give(Bytes::from_static(BEGIN.as_bytes()))
            .await
            .is_none()
        {
            return;
        }
        let mut next = Next::Changed;
        loop {
            let event = match next {
                Next::Changed => {
                    changes.mark_unchanged();
                    self.written().await
                }
                Next::Quiet => Some(Bytes::from_static(b":\n\n")),
                Next::End => return,
            };
            let Some(event) = event else { return };
            if self.give(event).await.is_none() {
                return;
            }
            let changed = async {
                tokio::time::sleep(APART).await;
                match tokio::time::timeout(COMMENT_EVERY, changes.changed()).await {
                    Ok(Ok(())) => Next::Changed,
                    Ok(Err(_)) => Next::End,
                    Err(_) => Next::Quiet,
                }
            };
            next = tokio::select! {
                next = changed => next,
                () = &mut old => Next::End,
                () = self.frames.closed() => Next::End,
                _ = ending.wait_for(|ends| *ends) => Next::End,
            };
        }
    }

    /// Where rendering many pairs keeps nobody waiting.
    async fn written(&self) -> Option<Bytes> {
        let (streams, handle, of) = (self.streams.clone(), self.handle.clone(), self.of);
        let written = tokio::task::spawn_blocking(move || streams.event(&handle, of));
        written.await.ok()?.ok()
    }

    /// None if it was not taken: then there is nobody to feed any more.
    async fn give(&self, bytes: Bytes) -> Option<()> {
        match tokio::time::timeout(TAKEN_WITHIN, self.frames.send(bytes)).await {
            Ok(sent) => sent.ok(),
            Err(_) => {
                self.cut.now();
                None
            }
        }
    }
}

/// A body that ends with its channel.
struct Frames(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.poll_recv(context);
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operate::tests::Bench;

    /// A client of a stream, with what it would read from.
    fn client(streams: &Arc<Streams>) -> (Client, mpsc::Receiver<Bytes>) {
        let (asks, _) = crossbeam_channel::bounded(1);
        let (frames, taken) = mpsc::channel(1);
        let client = Client {
            handle: Handle::new(Bench::new().view(), asks),
            streams: streams.clone(),
            of: Of::Summary,
            frames,
            cut: Cut::default(),
            _place: streams.places.clone().try_acquire_owned().unwrap(),
        };
        (client, taken)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_loses_its_connection_and_its_place() {
        let (_ends, ending) = watch::channel(false);
        let streams = Arc::new(Streams::new(ending));
        let (client, _taken) = client(&streams);
        let (cut, began) = (client.cut.clone(), tokio::time::Instant::now());
        client.feed().await;
        assert_eq!(began.elapsed().as_secs(), TAKEN_WITHIN.as_secs());
        cut.wanted().await;
        assert_eq!(streams.places.available_permits(), STREAMS_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_in_order_before_its_connection_does() {
        let (_ends, ending) = watch::channel(false);
        let streams = Arc::new(Streams::new(ending));
        let (client, mut taken) = client(&streams);
        let feeding = tokio::spawn(client.feed());
        let (mut events, mut comments) = (0, 0);
        while let Some(bytes) = taken.recv().await {
            events += usize::from(bytes.starts_with(b"id: "));
            comments += usize::from(bytes.as_ref() == b":\n\n");
        }
        feeding.await.unwrap();
        assert_eq!(events, 1, "nothing changed");
        assert!(comments > 10, "{comments}");
    }
}
