//! What happens in the pair: what people and accidents do to it, and how its parts answer, each after its own delay.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cast::{Host, Kind, Who};
use super::wording::{self, DETECTED, TERMINATED};
use super::world::{Line, Target, World};
use crate::time::Time;

/// SCS misses the agent of a host that is gone, or meets one that is back.
const NOTICED: Duration = Duration::from_millis(300);
/// From there to the first failure that it reports, between two applications, and between the two events of one.
const REPORTED: Duration = Duration::from_millis(112);
const NEXT_REPORTED: Duration = Duration::from_millis(94);
const TERMINATION: Duration = Duration::from_millis(18);
/// Message Server passes an event on.
const PASSED_ON: Duration = Duration::from_millis(71);
/// SCS makes the backup of a failed SIP Server primary, and much later that of a VM Server: it goes through its list.
const TAKES_OVER: Duration = Duration::from_millis(650);
const TAKES_OVER_LATER: Duration = Duration::from_millis(2_400);
/// A requested switchover, from the request to the new primary, and from there to what the others say of it.
const SWITCHES: Duration = Duration::from_millis(120);
const PEER_FOLLOWS: Duration = Duration::from_millis(60);
const MODE_TOLD: Duration = Duration::from_millis(75);
/// A SIP Server looks at its address.
const VIP_SEEN: Duration = Duration::from_millis(150);
/// After a host is up its applications start, one after another, and each takes a while to be ready.
const STARTS: Duration = Duration::from_millis(600);
const NEXT_STARTS: Duration = Duration::from_millis(120);
const INITIALIZES: Duration = Duration::from_millis(250);

/// Something that is to happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Due {
    pub at: Time,
    pub change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Change {
    /// SCS finds that a host is gone, or back.
    NoticeHost(Host),
    /// SCS reports that an application is gone: the first event, or the second.
    Report(Who, Event),
    /// Message Server passes such a report on.
    PassOn(Who, Event),
    /// SCS makes it primary in the place of its peer, if it has to.
    TakeOver(Who),
    /// SCS is asked for a switchover.
    Request(Who),
    Promote(Who),
    Demote(Who),
    /// SCS tells which mode it has now.
    TellMode(Who),
    Start(Who),
    Ready(Who),
    /// It ends because it was told to.
    End(Who),
    /// A host takes or lets go the address.
    SetVip(Host, bool),
    /// The SIP Server there tells whether it has its address.
    TellVip(Host),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Event {
    Detected,
    Terminated,
}

impl World {
    /// A host or an application dies. False if it was dead already.
    pub fn fail(&mut self, now: Time, target: Target) -> bool {
        match target {
            Target::Host(host) => self.fail_host(now, host),
            Target::Application(who) => self.fail_application(now, who),
        }
    }

    /// It is started again, a host with all that runs on it. False if it runs already, or its host is down.
    pub fn start(&mut self, now: Time, target: Target) -> bool {
        match target {
            Target::Host(host) => {
                let machine = &mut self.machines[host as usize];
                if machine.up {
                    return false;
                }
                machine.up = true;
                self.plan(now.plus(NOTICED), Change::NoticeHost(host));
                let mut at = now.plus(NOTICED + STARTS);
                for who in host.applications() {
                    self.plan(at, Change::Start(who));
                    at = at.plus(NEXT_STARTS);
                }
                true
            }
            Target::Application(who) => {
                let can = !self.is_running(who) && who.host().is_none_or(|host| self.is_up(host));
                if can {
                    self.plan(now, Change::Start(who));
                }
                can
            }
        }
    }

    /// Somebody stops an application through the Management Layer, which is no failure.
    pub fn stop(&mut self, now: Time, who: Who) -> bool {
        if self.is_running(who) {
            self.plan(now, Change::End(who));
        }
        self.is_running(who)
    }

    /// An operator, or a command, makes it primary. False if it cannot be or is.
    pub fn switch(&mut self, now: Time, who: Who) -> bool {
        let can = who.is_switched() && self.is_running(who) && !self.is_primary(who);
        if can {
            self.plan(now, Change::Request(who));
        }
        can
    }

    pub(super) fn perform(&mut self, now: Time, change: Change, lines: &mut Vec<Line>) {
        match change {
            Change::NoticeHost(host) => self.notice_host(now, host, lines),
            Change::Report(who, event) => self.report(now, who, event, lines),
            Change::PassOn(who, event) => {
                let text = wording::message(now, who, event.told());
                lines.push(self.line(Who::Messages, text, true));
            }
            Change::TakeOver(who) => {
                let failed = who.peer().is_none_or(|peer| !self.is_running(peer));
                if failed {
                    self.promote(now, who, lines);
                }
            }
            Change::Request(who) => {
                lines.push(self.scs(now, &wording::mode_requested(who)));
                self.plan(now.plus(SWITCHES), Change::Promote(who));
            }
            Change::Promote(who) => self.promote(now, who, lines),
            Change::Demote(who) => self.demote(now, who, lines),
            Change::TellMode(who) => self.tell_mode(now, who, lines),
            Change::Start(who) => self.begin_process(now, who, lines),
            Change::Ready(who) => self.ready(now, who, lines),
            Change::End(who) => self.end(now, who, lines),
            Change::SetVip(host, on) => self.set_vip(now, host, on),
            Change::TellVip(host) => self.tell_vip(now, host, lines),
        }
    }

    fn fail_host(&mut self, now: Time, host: Host) -> bool {
        if !self.is_up(host) {
            return false;
        }
        self.machines[host as usize].up = false;
        let noticed = now.plus(NOTICED);
        self.plan(noticed, Change::NoticeHost(host));
        let mut at = noticed.plus(REPORTED);
        // As it happened in the field: what the Management Layer watches closest is told first.
        let order = |kind| host.applications().filter(move |who| who.kind() == kind);
        let kinds = [
            Kind::ResourceManager,
            Kind::MediaControlPlatform,
            Kind::VmSipServer,
            Kind::VmServer,
        ];
        for who in kinds.into_iter().flat_map(order) {
            if self.is_running(who) {
                self.fall(noticed, at, who);
                at = at.plus(NEXT_REPORTED);
            }
        }
        true
    }

    fn fail_application(&mut self, now: Time, who: Who) -> bool {
        let was = self.is_running(who);
        if was {
            let noticed = now.plus(REPORTED);
            self.fall(now, noticed, who);
        }
        was
    }

    /// It is gone now, SCS reports it at the time given, and its peer takes over.
    fn fall(&mut self, noticed: Time, reported: Time, who: Who) {
        let process = &mut self.processes[who as usize];
        process.running = false;
        let was_primary = std::mem::take(&mut process.primary);
        self.plan(reported, Change::Report(who, Event::Detected));
        self.plan(
            reported.plus(TERMINATION),
            Change::Report(who, Event::Terminated),
        );
        let Some(peer) = who.peer().filter(|_| was_primary && who.is_switched()) else {
            return;
        };
        let delay = match who.kind() {
            Kind::VmSipServer => TAKES_OVER,
            _ => TAKES_OVER_LATER,
        };
        self.plan(noticed.plus(delay), Change::TakeOver(peer));
    }

    fn notice_host(&mut self, now: Time, host: Host, lines: &mut Vec<Line>) {
        let up = self.is_up(host);
        let status = if up { "Running" } else { "Unavailable" };
        lines.push(self.scs(now, &wording::host_is(host, status)));
        for who in host.applications().filter(|_| !up) {
            let text = wording::status_changed(who, "UNKNOWN", "UNKNOWN", "RUNNING");
            lines.push(self.scs(now, &text));
        }
    }

    fn report(&mut self, now: Time, who: Who, event: Event, lines: &mut Vec<Line>) {
        if self.is_running(who) {
            return;
        }
        // Of a host that is gone SCS knows nothing more; it has said so.
        let here = who.host().is_none_or(|host| self.is_up(host));
        if here && event == Event::Detected {
            let text = wording::status_changed(who, "STOPPED", "EXITING", "RUNNING");
            lines.push(self.scs(now, &text));
        }
        self.alarms += 1;
        let text = wording::alarm(now, who, self.alarms, event.told());
        lines.push(self.line(Who::Scs, text, true));
        self.plan(now.plus(PASSED_ON), Change::PassOn(who, event));
    }

    fn promote(&mut self, now: Time, who: Who, lines: &mut Vec<Line>) {
        if !self.is_running(who) || self.is_primary(who) {
            return;
        }
        self.processes[who as usize].primary = true;
        lines.push(self.own(who, now, "Std 04563 Hot Standby (Primary) mode activated"));
        self.plan(now.plus(MODE_TOLD), Change::TellMode(who));
        if let Some(peer) = who.peer().filter(|peer| self.is_primary(*peer)) {
            self.plan(now.plus(PEER_FOLLOWS), Change::Demote(peer));
        }
    }

    fn demote(&mut self, now: Time, who: Who, lines: &mut Vec<Line>) {
        let other = who.peer().is_some_and(|peer| self.is_primary(peer));
        if !other || !self.is_primary(who) {
            return;
        }
        self.processes[who as usize].primary = false;
        lines.push(self.own(who, now, "Std 04561 Hot Standby (backup) mode activated"));
        self.plan(now.plus(MODE_TOLD), Change::TellMode(who));
    }

    fn tell_mode(&mut self, now: Time, who: Who, lines: &mut Vec<Line>) {
        if !self.is_running(who) {
            return;
        }
        let (mode, previous) = match self.is_primary(who) {
            true => ("PRIMARY", "BACKUP"),
            false => ("BACKUP", "PRIMARY"),
        };
        let pid = self.processes[who as usize].pid;
        lines.push(self.scs(now, &wording::mode_changed(who, pid, mode, previous)));
    }

    /// A new process writes a new segment.
    fn begin_process(&mut self, now: Time, who: Who, lines: &mut Vec<Line>) {
        let is_down = who.host().is_some_and(|host| !self.is_up(host));
        if is_down || self.is_running(who) {
            return;
        }
        let primary = !who.is_switched() && who.kind() != Kind::ResourceManager;
        let process = &mut self.processes[who as usize];
        process.running = true;
        process.primary = primary;
        process.pid += 100;
        process.created = now;
        lines.push(self.header(who, now));
        lines.push(self.own(who, now, "Std 05060 Application started"));
        self.plan(now.plus(INITIALIZES), Change::Ready(who));
    }

    fn ready(&mut self, now: Time, who: Who, lines: &mut Vec<Line>) {
        if !self.is_running(who) {
            return;
        }
        lines.push(self.own(who, now, "Std 05061 Initialization completed"));
        if who.is_switched() {
            match who.peer().is_some_and(|peer| self.is_primary(peer)) {
                true => {
                    lines.push(self.own(who, now, "Std 04561 Hot Standby (backup) mode activated"))
                }
                false => self.promote(now, who, lines),
            }
        }
        let text = wording::status_changed(who, "RUNNING", self.mode(who), "INITIALIZING");
        lines.push(self.scs(now, &text));
    }

    fn end(&mut self, now: Time, who: Who, lines: &mut Vec<Line>) {
        if !self.is_running(who) {
            return;
        }
        let text = wording::status_changed(who, "STOP_TRANSITION", self.mode(who), "RUNNING");
        lines.push(self.scs(now, &text));
        lines.push(self.own(who, now, "Std 05063 Normal termination"));
        let process = &mut self.processes[who as usize];
        process.running = false;
        let was_primary = std::mem::take(&mut process.primary);
        if let Some(peer) = who.peer().filter(|_| was_primary && who.is_switched()) {
            self.plan(now.plus(TAKES_OVER), Change::TakeOver(peer));
        }
    }

    fn set_vip(&mut self, now: Time, host: Host, on: bool) {
        let machine = &mut self.machines[host as usize];
        if machine.up && machine.vip != on {
            machine.vip = on;
            self.plan(now.plus(VIP_SEEN), Change::TellVip(host));
        }
    }

    fn tell_vip(&mut self, now: Time, host: Host, lines: &mut Vec<Line>) {
        let server = host.sip_server();
        if self.is_primary(server) {
            let text = match self.has_vip(host) {
                true => "Std 52030 Virtual IP address is operational",
                false => "Std 52029 Virtual IP address failure detected",
            };
            lines.push(self.own(server, now, text));
        }
    }
}

impl Event {
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Event::Detected => DETECTED,
            Event::Terminated => TERMINATED,
        }
    }
}
