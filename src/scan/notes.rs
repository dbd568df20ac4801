//! Diagnostics of one segment: each kind is told a few times, then counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Found;
use crate::fault::{Code, Diagnostic, Severity};

/// So many of a kind are told one by one.
const TOLD_MAX: u64 = 3;

#[derive(Clone, Debug)]
pub struct Notes {
    file: Arc<str>,
    counts: BTreeMap<Code, (Severity, u64)>,
}

impl Notes {
    pub fn new(file: Arc<str>) -> Notes {
        Notes {
            file,
            counts: BTreeMap::new(),
        }
    }

    /// `line` 0 means the whole file.
    pub fn note(
        &mut self,
        severity: Severity,
        code: Code,
        line: u64,
        message: impl FnOnce() -> String,
        found: &mut impl FnMut(Found),
    ) {
        let (_, count) = self.counts.entry(code).or_insert((severity, 0));
        *count += 1;
        if *count <= TOLD_MAX {
            found(Found::Diagnostic(Diagnostic {
                severity,
                code,
                file: self.file.clone(),
                line,
                message: message(),
            }));
        }
    }

    /// How many of each kind were not told.
    pub fn finish(self, found: &mut impl FnMut(Found)) {
        for (code, (severity, count)) in self.counts {
            if count > TOLD_MAX {
                found(Found::Diagnostic(Diagnostic {
                    severity,
                    code,
                    file: self.file.clone(),
                    line: 0,
                    message: format!("… and {} more", count - TOLD_MAX),
                }));
            }
        }
    }
}
