//! What goes wrong with a request, as the client reads it: `{"error": word, "reason": sentence}`.

use axum::http::StatusCode;
use axum::http::header::{ALLOW, HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};

use super::openapi::FailureShown;
use crate::decide::Reason;
use crate::past::PastError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    status: StatusCode,
    error: &'static str,
    reason: String,
}

impl Failure {
    fn new(status: StatusCode, error: &'static str, reason: impl Into<String>) -> Failure {
        Failure {
            status,
            error,
            reason: reason.into(),
        }
    }

    pub(super) fn bad(reason: impl Into<String>) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "bad-request", reason)
    }

    pub(super) fn unauthorized(reason: &str) -> Failure {
        Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", reason)
    }

    pub(super) fn forbidden(reason: impl Into<String>) -> Failure {
        Failure::new(StatusCode::FORBIDDEN, "forbidden", reason)
    }

    pub(super) fn too_many() -> Failure {
        let reason = "too many wrong tokens; wait a minute";
        Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", reason)
    }

    pub(super) fn too_many_streams(streams_max: usize) -> Failure {
        let reason = format!("{streams_max} streams are open; no more are served");
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-streams", reason)
    }

    pub(super) fn stands_still() -> Failure {
        let reason = "the engine has not shown itself for a while";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "stands-still", reason)
    }

    pub(super) fn not_found(reason: impl Into<String>) -> Failure {
        Failure::new(StatusCode::NOT_FOUND, "not-found", reason)
    }

    pub(super) fn method(allowed: &'static str) -> Response {
        let reason = format!("this address answers {allowed} only");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let mut response = Failure::new(status, "method-not-allowed", reason).into_response();
        let headers = response.headers_mut();
        headers.insert(ALLOW, HeaderValue::from_static(allowed));
        response
    }

    pub(super) fn media_type() -> Failure {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Failure::new(status, "unsupported-media-type", "send application/json")
    }

    pub(super) fn too_large(bytes_max: usize) -> Failure {
        let reason = format!("a body may have {bytes_max} bytes");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", reason)
    }

    pub(super) fn timeout() -> Failure {
        let reason = "the request took too long";
        Failure::new(StatusCode::REQUEST_TIMEOUT, "timeout", reason)
    }

    /// The core's own refusal; it is journaled.
    pub(super) fn refused(reason: Reason, detail: Option<&str>) -> Failure {
        let detail = detail.map_or(String::new(), |detail| format!(" ({detail})"));
        let text = format!("{}{detail}", reason.sentence());
        Failure::new(StatusCode::CONFLICT, reason.word(), text)
    }

    pub(super) fn outdated() -> Failure {
        let reason = "the configuration changed meanwhile; nothing was done, ask again";
        Failure::new(StatusCode::CONFLICT, "outdated", reason)
    }

    pub(super) fn busy() -> Failure {
        let reason = "the engine does not take verbs now; nothing was done";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "busy", reason)
    }

    /// The verb was handed over, and no answer came.
    pub(super) fn unanswered() -> Failure {
        let reason = "the engine did not answer in time; look at the status before you repeat it";
        Failure::new(StatusCode::GATEWAY_TIMEOUT, "unanswered", reason)
    }

    pub(super) fn not_ready(reason: impl Into<String>) -> Failure {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", reason)
    }

    pub(super) fn internal(reason: impl Into<String>) -> Failure {
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", reason)
    }
}

impl From<PastError> for Failure {
    fn from(error: PastError) -> Failure {
        let reason = format!("the journal cannot be read: {error}");
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "journal", reason)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::internal(error.to_string())
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Failure {
        Failure::internal(error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = axum::Json(FailureShown {
            error: self.error,
            reason: self.reason,
        });
        let mut response = (self.status, body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
