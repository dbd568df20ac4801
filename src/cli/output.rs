//! What leaves a command: lines on standard output, diagnostics beside or between them, a progress bar below.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use clap::ValueEnum;
use indicatif::ProgressBar;

use super::{Exit, Global};
use crate::escape::escape;
use crate::fault::{Diagnostic, Fault, Severity};
use crate::json;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One object a line
    Json,
}

pub(super) struct Output {
    stdout: BufWriter<Stdout>,
    /// Each line is shown at once: someone is watching.
    watched: bool,
    diagnostics_as: Format,
    paint: Paint,
    bar: ProgressBar,
    unreadable: bool,
}

impl Output {
    pub(super) fn new(global: &Global, diagnostics_as: Format, bar: ProgressBar) -> Output {
        Output {
            stdout: BufWriter::with_capacity(64 * 1024, io::stdout()),
            watched: io::stdout().is_terminal(),
            diagnostics_as,
            paint: global.paint(),
            bar,
            unreadable: false,
        }
    }

    /// Writes one line of data; the text is already escaped.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        if !self.watched {
            return writeln!(self.stdout, "{text}");
        }
        let stdout = &mut self.stdout;
        self.bar.suspend(|| {
            writeln!(stdout, "{text}")?;
            stdout.flush()
        })
    }

    /// Writes a text of many lines, already escaped.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        text.lines().try_for_each(|line| self.line(line))
    }

    /// One of severity `error` means that an input was not read.
    pub(super) fn diagnostic(&mut self, diagnostic: &Diagnostic) -> io::Result<()> {
        self.unreadable |= diagnostic.severity == Severity::Error;
        match self.diagnostics_as {
            Format::Json => self.line(&json::line(&json::diagnostic(diagnostic))?),
            Format::Text => {
                self.aside(&self.paint.diagnostic(diagnostic));
                Ok(())
            }
        }
    }

    /// A fault of a configuration, beside the data.
    pub(super) fn fault(&mut self, fault: &Fault) -> io::Result<()> {
        match self.diagnostics_as {
            Format::Json => self.line(&json::line(&json::fault(fault))?),
            Format::Text => {
                self.aside(&escape(&fault.to_string()));
                Ok(())
            }
        }
    }

    /// A word to whoever watches, beside the data; escaped here.
    pub(super) fn note(&self, text: &str) {
        self.aside(&escape(text));
    }

    /// Shows what was written until now.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }

    /// Shows everything. The exit code that the inputs ask for.
    pub(super) fn finish(&mut self) -> io::Result<Exit> {
        self.bar.finish_and_clear();
        self.stdout.flush()?;
        Ok(if self.unreadable {
            Exit::Unreadable
        } else {
            Exit::Ok
        })
    }

    /// On standard error, which may be closed; that is no reason to stop.
    fn aside(&self, line: &str) {
        self.bar.suspend(|| drop(writeln!(io::stderr(), "{line}")));
    }
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    on: bool,
}

impl Paint {
    pub(super) fn new(on: bool) -> Paint {
        Paint { on }
    }

    pub(super) fn error(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// `dir/a.log:12: warning: message [code]`
    fn diagnostic(self, diagnostic: &Diagnostic) -> String {
        let Diagnostic {
            severity,
            code,
            file,
            line,
            message,
        } = diagnostic;
        let word = severity.to_string();
        let word = match severity {
            Severity::Error => self.error(&word),
            Severity::Warning => self.with("1;33", &word),
            Severity::Info => self.with("1;36", &word),
        };
        let place = match line {
            0 => String::new(),
            line => format!(":{line}"),
        };
        format!(
            "{}{place}: {word}: {} [{code}]",
            escape(file),
            escape(message)
        )
    }

    fn with(self, colour: &str, text: &str) -> String {
        if self.on {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Code;

    #[test]
    fn a_diagnostic_is_one_safe_line_with_its_place() {
        let mut one = Diagnostic {
            severity: Severity::Warning,
            code: Code::LongLine,
            file: "a\n.log".into(),
            line: 12,
            message: "odd \u{1b}[2J".into(),
        };
        let plain = Paint::new(false);
        assert_eq!(
            plain.diagnostic(&one),
            "a\\n.log:12: warning: odd \\x1b[2J [long-line]"
        );
        one.line = 0;
        assert_eq!(
            plain.diagnostic(&one),
            "a\\n.log: warning: odd \\x1b[2J [long-line]"
        );
        let painted = Paint::new(true).diagnostic(&one);
        assert!(
            painted.contains("\u{1b}[1;33mwarning\u{1b}[0m"),
            "{painted:?}"
        );
    }
}
