//! How far the reading is: stored bytes, with the time that is left, on a terminal's standard error.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::capture::{Found, OnRead};

/// A bar over all bytes of the logs; one without an end where a size is not known. It hides itself off a terminal.
pub(super) fn bar(found: &Found) -> ProgressBar {
    let (length, template) = match found.size() {
        Some(size) => (
            Some(size),
            "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        ),
        None => (None, "{spinner} {bytes}, {bytes_per_sec}"),
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Moves the bar with each read of a log.
pub(super) fn moves(bar: &ProgressBar) -> OnRead {
    let bar = bar.clone();
    Arc::new(move |bytes| bar.inc(bytes))
}
