//! Prometheus' text format, version 0.0.4: families, each with its samples.

use std::fmt::{Display, Write};

use crate::escape::escape;
use crate::metrics::{BOUNDS, Histogram};

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
    /// Of the family whose samples come.
    name: &'static str,
}

type Labels<'a> = [(&'a str, &'a str)];

// Writing to a String cannot fail, so its results are dropped here.
impl Text {
    /// Begins a family. `help` is one line without backslashes.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        self.name = name;
    }

    pub(super) fn sample(&mut self, labels: &Labels<'_>, value: impl Display) {
        self.line("", labels, value);
    }

    pub(super) fn histogram(&mut self, labels: &Labels<'_>, histogram: &Histogram) {
        let bounds = BOUNDS.map(|millis| (millis as f64 / 1_000.0).to_string());
        let infinite = ("+Inf".to_owned(), histogram.count());
        let buckets = bounds.into_iter().zip(histogram.up_to()).chain([infinite]);
        for (bound, count) in buckets {
            let labels = [labels, &[("le", &*bound)]].concat();
            self.line("_bucket", &labels, count);
        }
        self.line("_sum", labels, histogram.sum().as_secs_f64());
        self.line("_count", labels, histogram.count());
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn line(&mut self, suffix: &str, labels: &Labels<'_>, value: impl Display) {
        let _ = write!(self.text, "{}{suffix}", self.name);
        for (position, (label, value)) in labels.iter().enumerate() {
            let before = if position == 0 { '{' } else { ',' };
            // What steers a terminal is written out first; then only these two mean anything here.
            let value = escape(value).replace('\\', "\\\\").replace('"', "\\\"");
            let _ = write!(self.text, "{before}{label}=\"{value}\"");
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{end} {value}");
    }
}
