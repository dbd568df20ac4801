//! What an event teaches: roles, states, and where the VIP must be. Each belief has the stamp of its evidence,
//! and older evidence never overwrites newer.

use std::sync::Arc;

use super::entry::Lesson;
use super::state::{Debt, FACTS_MAX, Fact, HostBelief, Member, Pair, Report, Scs};
use crate::event::{Event, EventKind, Mode, Origin, Status, Witness};
use crate::time::Time;
use crate::topology::{Solution, Subject};

/// Kinds that are the same fact when told twice.
pub(super) fn is_fact(kind: EventKind) -> bool {
    use EventKind::*;
    matches!(
        kind,
        BecamePrimary | BecameBackup | Failed | Started | PlannedStop
    )
}

impl Pair {
    pub(super) fn learn(
        &mut self,
        solution: &Solution,
        subject: Subject,
        event: &Arc<Event>,
        stamp: Time,
        at: Time,
        lesson: Lesson,
    ) {
        if let Subject::Application(application) = subject {
            self.doubt_vip(solution, application, event.kind, lesson, stamp, at);
        }
        match subject {
            Subject::Host(host) => {
                self.learn_host(host, event.kind == EventKind::HostLost, stamp, at);
            }
            Subject::Application(application) => {
                self.learn_application(solution, application, event, stamp, at, lesson);
            }
        }
        self.find_primary(solution);
        self.notice_unclear(solution, at);
    }

    /// A machine that was down may come back without the VIP, and its VM SIP Server fell with it. Which of fall and
    /// return is read first does not matter. The same where it was backup, and turned back too long ago to follow.
    /// While nobody knows where the VIP is, it may have been with any that was not backup.
    fn doubt_vip(
        &mut self,
        solution: &Solution,
        application: usize,
        kind: EventKind,
        lesson: Lesson,
        stamp: Time,
        at: Time,
    ) {
        let described = &solution.applications[application];
        let may_have_had = match self.vip_at {
            Some(host) => described.host == Some(host),
            None => self.members[application].mode != Some(Mode::Backup),
        };
        let has_vip = described.component.vip_follows && described.host.is_some() && may_have_had;
        let since = self.vip_since.is_none_or(|since| since < stamp);
        let doubtful = match (kind, lesson) {
            (_, Lesson::History) => false,
            (EventKind::Failed | EventKind::PlannedStop, _) => true,
            (EventKind::BecamePrimary, Lesson::Late) => {
                self.members[application].mode == Some(Mode::Backup)
            }
            _ => false,
        };
        if has_vip && since && doubtful {
            self.vip_doubted = Some(at);
        }
    }

    fn learn_host(&mut self, host: usize, lost: bool, stamp: Time, at: Time) {
        let belief = &mut self.hosts[host];
        if stamp < belief.stamp {
            return;
        }
        let is_back = belief.lost && !lost;
        (belief.lost, belief.stamp) = (lost, stamp);
        if lost {
            belief.forget_vip(stamp);
        } else {
            belief.seen_at = Some(at);
        }
        // What failed while it was away says nothing of now.
        if is_back {
            let waiting = |debt: &&mut Debt| debt.host == host && !debt.running;
            for debt in self.owed.iter_mut().filter(waiting) {
                debt.next_try = Some(at);
            }
        }
    }

    fn learn_application(
        &mut self,
        solution: &Solution,
        application: usize,
        event: &Arc<Event>,
        stamp: Time,
        at: Time,
        lesson: Lesson,
    ) {
        use EventKind::*;
        let claimed = self.claimed(solution, application, stamp, at);
        let member = &mut self.members[application];
        if is_fact(event.kind) {
            if member.facts.len() == FACTS_MAX {
                member.facts.pop_front();
            }
            member.facts.push_back(Fact {
                kind: event.kind,
                stamp,
                incident: None,
            });
        }
        if event.witness == Witness::Own && !matches!(event.kind, Failed | PlannedStop) {
            member.life = member.life.max(stamp);
        }
        match event.kind {
            BecamePrimary => {
                member.set_up(true, stamp);
                self.learn_primary(solution, application, event, claimed, at, lesson);
            }
            BecameBackup => {
                member.set_mode(Mode::Backup, Some(&event.origin), claimed);
                member.set_up(true, stamp);
            }
            Failed => {
                member.set_up(false, stamp);
                self.forget_vip(solution, application, stamp);
            }
            Started => member.set_up(true, stamp),
            PlannedStop => {
                member.planned_stop |= stamp >= member.up_stamp;
                member.set_up(false, stamp);
                self.forget_vip(solution, application, stamp);
            }
            StateReported => {
                let report = Report {
                    mode: event.mode,
                    status: event.status,
                    at,
                };
                self.learn_report(solution, application, report, stamp, Some(&event.origin));
            }
            VipOk | VipLost => {
                if let Some(host) = solution.applications[application].host
                    && self.hosts[host].learn_vip(event.kind == VipOk, stamp)
                    && event.kind == VipOk
                {
                    self.vip_doubted = None;
                }
            }
            SplitBrain => self.scs_split_since = self.scs_split_since.or(Some(at)),
            NoPrimary => self.scs_none_since = self.scs_none_since.or(Some(at)),
            OnePrimary => (self.scs_split_since, self.scs_none_since) = (None, None),
            _ => {}
        }
        let lives = event.witness == Witness::Own
            && matches!(
                event.kind,
                BecamePrimary | BecameBackup | Started | VipOk | VipLost
            );
        if let (true, Some(host)) = (lives, solution.applications[application].host) {
            self.learn_host(host, false, stamp, at);
        }
    }

    /// The time from which a change of mode counts. One that was only just written is the newest, whatever the stamp
    /// says: clocks of hosts differ, and a wrong clock cannot silence a fresh line.
    fn claimed(&self, solution: &Solution, application: usize, stamp: Time, at: Time) -> Time {
        if at.since(stamp) > solution.policy.role_tolerance {
            return stamp;
        }
        let of_kind = [Some(application), solution.peer(application)];
        let stamps = of_kind.into_iter().flatten();
        stamps
            .map(|index| self.members[index].mode_stamp)
            .fold(stamp, Time::max)
    }

    /// A VM SIP Server that is down no longer knows that its host has the VIP.
    fn forget_vip(&mut self, solution: &Solution, application: usize, stamp: Time) {
        let described = &solution.applications[application];
        if let (true, Some(host)) = (described.component.vip_follows, described.host) {
            self.hosts[host].forget_vip(stamp);
        }
    }

    /// A change to primary says at the same time that the peer is not.
    fn learn_primary(
        &mut self,
        solution: &Solution,
        application: usize,
        event: &Arc<Event>,
        stamp: Time,
        at: Time,
        lesson: Lesson,
    ) {
        let member = &mut self.members[application];
        let newest = member.set_mode(Mode::Primary, Some(&event.origin), stamp);
        // One that is known by now, from a word that implies nothing of the peer, still says what its peer was then.
        if !newest && member.mode != Some(Mode::Primary) {
            return;
        }
        let mut denied = false;
        if let Some(peer) = solution.peer(application) {
            let peer = &mut self.members[peer];
            let newest = peer.mode_stamp <= stamp;
            // A peer that says a moment later that it is backup says the same.
            denied = !newest && peer.mode == Some(Mode::Primary);
            // Also of one that was backup already: an older line that comes late cannot say otherwise.
            if newest && peer.mode != Some(Mode::Exiting) {
                (peer.mode, peer.mode_stamp, peer.mode_evidence) =
                    (Some(Mode::Backup), stamp, None);
            }
        }
        let described = &solution.applications[application];
        let Some(host) = described
            .host
            .filter(|_| described.component.vip_follows && !denied)
        else {
            return;
        };
        // Where the other host had the VIP, it has it no longer for certain.
        self.hosts[1 - host].forget_vip(stamp);
        let missed = lesson == Lesson::Late && self.vip_at.is_none();
        if lesson == Lesson::History || missed {
            (self.vip_at, self.vip_assumed) = (Some(host), Some(at));
        }
        if missed {
            self.vip_doubted = Some(at);
        }
    }

    /// The status command's word.
    pub(super) fn report(&mut self, solution: &Solution, application: usize, report: Report) {
        let member = &mut self.members[application];
        member.reported = Some(report);
        self.learn_report(solution, application, report, report.at, None);
        self.find_primary(solution);
        self.notice_unclear(solution, report.at);
    }

    /// SCS's or the status command's word about mode and status: it teaches, and implies nothing of the peer.
    fn learn_report(
        &mut self,
        solution: &Solution,
        application: usize,
        report: Report,
        stamp: Time,
        evidence: Option<&Origin>,
    ) {
        let member = &mut self.members[application];
        match report.status {
            Some(Status::Running) => member.set_up(true, stamp),
            Some(Status::Stopped | Status::Unavailable | Status::ServiceUnavailable) => {
                member.set_up(false, stamp);
            }
            _ => {}
        }
        let Some(mode) = report.mode.filter(|mode| *mode != Mode::Unknown) else {
            return;
        };
        if !member.set_mode(mode, evidence, stamp) || mode != Mode::Primary {
            return;
        }
        let described = &solution.applications[application];
        if described.component.vip_follows && self.vip_at.is_none() {
            (self.vip_at, self.vip_assumed) = (described.host, Some(report.at));
        }
    }

    /// Since when both VM SIP Servers are stated primary, or neither is.
    pub(super) fn notice_unclear(&mut self, solution: &Solution, at: Time) {
        let since = |so: bool, since: Option<Time>| so.then(|| since.unwrap_or(at));
        self.double_since = since(self.is_double(solution), self.double_since);
        self.nobody_since = since(self.is_nobody(solution), self.nobody_since);
    }

    /// The host whose VM SIP Server claims to be primary, as long as only one that is not known down does. While none
    /// or both do, it stays the host that was.
    fn find_primary(&mut self, solution: &Solution) {
        let claims = |host: &usize, also_down: bool| {
            solution.lead(*host).is_some_and(|lead| {
                let member = &self.members[lead];
                member.mode == Some(Mode::Primary) && (also_down || member.up != Some(false))
            })
        };
        let alone = |also_down| {
            let mut claiming = (0..2).filter(|host| claims(host, also_down));
            claiming.next().filter(|_| claiming.next().is_none())
        };
        self.primary = alone(true).or_else(|| alone(false)).or(self.primary);
    }
}

impl HostBelief {
    /// What was said before `stamp` of the VIP being here says nothing of later, also where it is read later.
    pub(super) fn forget_vip(&mut self, stamp: Time) {
        self.vip_ok = self.vip_ok.filter(|said| *said > stamp);
        self.vip_stamp = self.vip_stamp.max(stamp);
    }

    /// True if the statement is newer than all that is known of the VIP here.
    fn learn_vip(&mut self, here: bool, stamp: Time) -> bool {
        let newer = stamp > self.vip_stamp;
        if newer {
            self.vip_stamp = stamp;
            (self.vip_ok, self.vip_lost) = match here {
                true => (Some(stamp), None),
                false => (None, Some(stamp)),
            };
        }
        newer
    }
}

impl Member {
    /// True if the statement is not older than what is believed.
    fn set_mode(&mut self, mode: Mode, evidence: Option<&Origin>, stamp: Time) -> bool {
        let newer = self.mode.is_none() || stamp >= self.mode_stamp;
        if newer {
            self.mode = Some(mode);
            self.mode_stamp = stamp;
            self.mode_evidence = evidence.cloned();
        }
        newer
    }

    fn set_up(&mut self, up: bool, stamp: Time) {
        if self.up.is_none() || stamp >= self.up_stamp {
            (self.up, self.up_stamp) = (Some(up), stamp);
            self.planned_stop &= !up;
        }
    }
}

impl Scs {
    pub(super) fn learn(&mut self, event: &Event) {
        use EventKind::*;
        match event.kind {
            ScsPrimary | ScsBackup => {
                let mode = if event.kind == ScsPrimary {
                    Mode::Primary
                } else {
                    Mode::Backup
                };
                if let Some(writer) = &event.writer {
                    self.modes.insert(writer.clone(), mode);
                }
            }
            ScsFlapping => self.flapping = true,
            ScsStable => self.flapping = false,
            SplitBrain => self.split_brain = true,
            OnePrimary => self.split_brain = false,
            _ => {}
        }
    }
}
