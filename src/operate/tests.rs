//! The read side and the verbs as texts: a script for the core, then what is shown and what is answered.

mod described;
mod http;
mod page;
mod recorded;

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::config::{self, InMemory};
use crate::decide::tests::{ROLES, play};
use crate::decide::{Core, Input};
use crate::event::{Event, EventKind, Origin, Witness};
use crate::past::{Page, Past, Remembered, Wanted};
use crate::snapshot::{Daemon, SourceState, SourceView};
use crate::snapshot::{Extras, snapshot};
use crate::time::Time;
use crate::topology::{ActionMode, Policy};

/// What `status` shows after a script.
fn shown(change: impl FnOnce(&mut Policy), script: &str) -> String {
    let (core, _) = play(change, &format!("{ROLES}\n{script}"));
    let extras = Extras {
        daemon: Daemon {
            version: "0.0.0",
            started: Some(Time::from_micros(0)),
            armed: true,
            ..Daemon::default()
        },
        ..Extras::default()
    };
    table::status(&snapshot(&core.state, core.state.now, extras))
}

#[track_caller]
pub(crate) fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
}

#[test]
fn a_quiet_pair_is_one_table() {
    let told = shown(|_| {}, "");
    assert_eq!(
        told,
        "\
tailswitch 0.0.0  running for 0s  1970-01-01T00:00:00.000Z
armed: steps of active pairs are carried out

east (alert-only): H1 is primary, VIP 10.0.0.10 on H1 (assumed)
  application  dbid  host  role     state    since                by
  SIPS-1       151   H1    primary  running  1970-01-01 00:00:00  script:1
  VMS-1        152   H1    primary  running  1970-01-01 00:00:00  script:2
  RM-1         153   H1    unknown  unknown  -                    -
  MCP-1        154   H1    unknown  unknown  -                    -
  SIPS-2       155   H2    backup   unknown  1970-01-01 00:00:00  its peer
  VMS-2        156   H2    backup   unknown  1970-01-01 00:00:00  its peer
  RM-2         157   H2    unknown  unknown  -                    -
  MCP-2        158   H2    unknown  unknown  -                    -
  Premise      101   -     unknown  unknown  -                    -

sources: 0 followed, 0 of them fresh
"
    );
    assert!(told.lines().all(|line| line.len() <= 100), "{told}");
}

#[test]
fn what_stands_in_the_way_is_shown_with_its_end_and_its_remedy() {
    let active = |policy: &mut Policy| policy.mode = ActionMode::Active;
    has(
        &shown(active, "10 pause 7210"),
        &["HELD: an operator paused the pair (by alice until 02:00:10.000: because), 2h left"],
    );
    let failed = "10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         10.2 ended vip-enable H2 failed
         10.3 ended vip-disable H1 failed
         60 RM-1 alive";
    has(
        &shown(active, failed),
        &[
            "HELD: an earlier reaction failed and is not acknowledged",
            "ends with: tailswitch ack east-19700101T000010-1",
            "OWED: H1 must disable the VIP, since 1970-01-01 00:00:10",
            "ALERT owed: H1 owes a VIP disable",
        ],
    );
    has(
        &shown(active, "10 disarm"),
        &["NOT ARMED: the journal cannot be written"],
    );
}

#[test]
fn a_running_reaction_and_an_awaited_failure_are_shown() {
    let active = |policy: &mut Policy| policy.mode = ActionMode::Active;
    has(
        &shown(active, "10 SIPS-2 became-primary"),
        &[
            "INCIDENT east-19700101T000010-1 open: H1 -> H2, SIPS-2 became-primary:",
            "2. enable the VIP on H2: started 00:00:10.000;",
        ],
    );
    has(
        &shown(|_| {}, "10 scs RM-1 failed"),
        &[
            "AWAITED: the failure of RM-1 waits until 00:00:11.000",
            "DOWN",
        ],
    );
}

#[test]
fn sources_that_are_not_fresh_are_shown_and_their_names_are_escaped() {
    let source = |file: &str, state| SourceView {
        file: file.into(),
        state,
        application: None,
        host: None,
        offset: 1,
        grown: Some(Time::from_micros(0)),
        lag: None,
        detail: Some("no \u{1b}[31mcolour".into()),
    };
    let (core, _) = play(|_| {}, ROLES);
    let extras = Extras {
        sources: vec![
            source("a.log", SourceState::Fresh),
            source("b\n.log", SourceState::Silent),
        ],
        ..Extras::default()
    };
    let snapshot = snapshot(&core.state, core.state.now, extras);
    let told = table::status(&snapshot);
    has(
        &told,
        &[
            "sources: 2 followed, 1 of them fresh",
            "silent     b\\n.log, last grown 1970-01-01 00:00:00: no \\x1b[31mcolour",
        ],
    );
    assert!(!told.contains('\u{1b}'));
    assert!(!snapshot.is_ready(), "nothing was started");
}

const PAIR: &str = "\
token_file: token
solutions:
  east:
    hosts:
      vmhost1: { address: 10.0.0.11, aliases: [vmhost1.example.com] }
      vmhost2: { address: 10.0.0.12 }
    vip: 10.0.0.10
    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
      VM_Server_1: { dbid: 153, component: vm-server, host: vmhost1 }
      VM_Server_2: { dbid: 154, component: vm-server, host: vmhost2 }
      RM_1: { dbid: 155, component: resource-manager, host: vmhost1 }
      RM_2: { dbid: 156, component: resource-manager, host: vmhost2 }
";

/// A pair as it is configured.
pub(crate) fn configured() -> Arc<Config> {
    let files = InMemory::default().file("tailswitch.yaml", PAIR, 0o644);
    let loaded = config::load(&files, Path::new("tailswitch.yaml"), &[]);
    Arc::new(loaded.config.expect("a configuration without errors"))
}

/// A core with its journal in memory.
pub(crate) struct Bench {
    pub(crate) config: Arc<Config>,
    pub(crate) core: Core,
    pub(crate) past: Remembered,
    pub(crate) metrics: Metrics,
    line: u64,
}

impl Bench {
    /// SIPS and VMS of the first host are known to be primary.
    pub(crate) fn new() -> Bench {
        let config = configured();
        let topology = config.topology.clone();
        let mut bench = Bench {
            config,
            core: Core::new(topology.clone()),
            past: Remembered::new(topology),
            metrics: Metrics::default(),
            line: 0,
        };
        bench.hear(0, "VM_SIPServer_1", EventKind::BecamePrimary);
        bench.hear(0, "VM_Server_1", EventKind::BecamePrimary);
        bench.wait(1_000);
        bench
    }

    pub(crate) fn hear(
        &mut self,
        second: i64,
        application: &str,
        kind: EventKind,
    ) -> Vec<crate::decide::Entry> {
        self.line += 1;
        let stamp = Time::from_micros(second * 1_000_000);
        let event = Arc::new(Event {
            time: stamp,
            id: "04563".into(),
            kind,
            application: Some(application.into()),
            dbid: None,
            host: None,
            mode: None,
            status: None,
            level: None,
            text: "".into(),
            witness: Witness::Own,
            writer: None,
            in_trace_gap: false,
            origin: Origin {
                file: "sips.log".into(),
                line: self.line,
                offset: 0,
            },
        });
        self.metrics.heard(&event);
        self.take(second, &Input::Event { event, stamp })
    }

    pub(crate) fn take(&mut self, second: i64, input: &Input) -> Vec<crate::decide::Entry> {
        self.wait(second);
        let now = Time::from_micros(second * 1_000_000);
        let entries = self.core.handle(now, input);
        self.remember(now, &entries);
        entries
    }

    pub(crate) fn wait(&mut self, second: i64) {
        let until = Time::from_micros(second * 1_000_000);
        while let Some(at) = self.core.state.next_wake().filter(|at| *at < until) {
            let entries = self.core.handle(at, &Input::Wake);
            self.remember(at, &entries);
        }
    }

    fn remember(&mut self, at: Time, entries: &[crate::decide::Entry]) {
        entries.iter().for_each(|entry| self.metrics.take(entry));
        self.past.remember(at, entries.to_vec());
    }

    pub(crate) fn view(&self) -> View {
        let extras = Extras {
            daemon: Daemon {
                version: "0.0.0",
                started: Some(Time::from_micros(0)),
                ..Daemon::default()
            },
            ..Extras::default()
        };
        View {
            snapshot: snapshot(&self.core.state, self.core.state.now, extras),
            config: self.config.clone(),
            metrics: self.metrics.clone(),
        }
    }
}
