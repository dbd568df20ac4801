//! One word for a pair, and one for all of them: what the wall shows to someone who passes by.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::{AlertView, PairView, Snapshot, SourceState};
use crate::decide::Reason;
use crate::time::Time;
use crate::topology::{ActionMode, AlertClass};
use crate::words::{typed, words};

words! {
    /// How things stand, the most urgent first.
    Outlook {
        /// Nothing is carried out, whatever happens.
        NotArmed = "not-armed",
        /// A reaction is running.
        Moving = "moving",
        /// The service of a pair may be gone.
        InDanger = "in-danger",
        /// Something keeps a pair from being moved.
        Held = "held",
        /// A host may still have a VIP that is not its own.
        Owed = "owed",
        /// Some logs are not seen, so what is believed may be old.
        Blind = "blind",
        /// The backup host could not take over.
        RedundancyLost = "redundancy-lost",
        /// A pair is blocked for a while, as after each move.
        JustMoved = "just-moved",
        Well = "well",
    }
}

/// The snapshot in a few numbers: what the stream tells whoever only wants to know when to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "summary")]
#[schemars(transform = typed("summary"))]
pub struct Summary {
    pub time: Time,
    pub outlook: Outlook,
    pub armed: bool,
    pub not_armed: Option<Arc<str>>,
    /// How many pairs stand how; those of which there is none are left out.
    pub pairs: BTreeMap<Outlook, usize>,
    /// Pairs whose steps are only told.
    pub alert_only: usize,
    pub open_incidents: usize,
    pub owed: usize,
    pub sources: usize,
    pub sources_fresh: usize,
}

impl Outlook {
    /// What it means, for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Outlook::NotArmed => "Not armed",
            Outlook::Moving => "Moving",
            Outlook::InDanger => "In danger",
            Outlook::Held => "Held",
            Outlook::Owed => "VIP owed",
            Outlook::Blind => "Logs not seen",
            Outlook::RedundancyLost => "Redundancy lost",
            Outlook::JustMoved => "Just moved",
            Outlook::Well => "All well",
        }
    }
}

impl Summary {
    pub fn of(snapshot: &Snapshot) -> Summary {
        let mut pairs: BTreeMap<Outlook, usize> = BTreeMap::new();
        for pair in &snapshot.solutions {
            *pairs.entry(pair.outlook).or_default() += 1;
        }
        let is_fresh = |state: SourceState| state == SourceState::Fresh;
        let fresh = snapshot
            .sources
            .iter()
            .filter(|source| is_fresh(source.state));
        let mut summary = Summary {
            time: snapshot.time,
            outlook: Outlook::Well,
            armed: snapshot.daemon.armed,
            not_armed: snapshot.daemon.not_armed.clone(),
            alert_only: count(snapshot, |pair| {
                usize::from(pair.mode == ActionMode::AlertOnly)
            }),
            open_incidents: count(snapshot, |pair| pair.incidents.len()),
            owed: count(snapshot, |pair| pair.owed.len()),
            sources: snapshot.sources.len(),
            sources_fresh: fresh.count(),
            pairs,
        };
        summary.outlook = summary.worst(&snapshot.alerts);
        summary
    }

    fn worst(&self, alerts: &[AlertView]) -> Outlook {
        let all_seen = self.sources == self.sources_fresh;
        let of_all = [
            (!self.armed).then_some(Outlook::NotArmed),
            (!all_seen).then_some(Outlook::Blind),
            of_alerts(alerts),
        ];
        let of_pairs = self.pairs.keys().next().copied();
        let of_all = of_all.into_iter().flatten().min();
        of_all
            .into_iter()
            .chain(of_pairs)
            .min()
            .unwrap_or(Outlook::Well)
    }
}

fn count(snapshot: &Snapshot, of: impl Fn(&PairView) -> usize) -> usize {
    snapshot.solutions.iter().map(of).sum()
}

/// A pair as it is shown, but for its outlook.
pub(super) fn of_pair(pair: &PairView) -> Outlook {
    let is_down = pair
        .applications
        .iter()
        .any(|each| each.host.is_some() && each.up == Some(false));
    let is_lost = pair.hosts.iter().any(|host| host.lost);
    let all = [
        (pair.incidents.iter())
            .any(|incident| incident.reacting)
            .then_some(Outlook::Moving),
        pair.holds.iter().map(|hold| of_hold(hold.reason)).min(),
        (!pair.owed.is_empty()).then_some(Outlook::Owed),
        (is_down || is_lost).then_some(Outlook::RedundancyLost),
        of_alerts(&pair.alerts),
    ];
    all.into_iter().flatten().min().unwrap_or(Outlook::Well)
}

/// What holds because of something that is told by itself is that thing.
fn of_hold(reason: Reason) -> Outlook {
    match reason {
        Reason::TargetNotHealthy => Outlook::RedundancyLost,
        Reason::ReactionRunning => Outlook::Moving,
        Reason::Blocked => Outlook::JustMoved,
        _ => Outlook::Held,
    }
}

fn of_alerts(alerts: &[AlertView]) -> Option<Outlook> {
    let of_one = |alert: &AlertView| match AlertClass::from_word(&alert.class)? {
        AlertClass::Incident => Some(Outlook::InDanger),
        AlertClass::Hold => Some(Outlook::Held),
        AlertClass::Owed => Some(Outlook::Owed),
        AlertClass::Source => Some(Outlook::Blind),
        AlertClass::Redundancy => Some(Outlook::RedundancyLost),
        AlertClass::Event | AlertClass::Step | AlertClass::Clock | AlertClass::Daemon => None,
    };
    alerts.iter().filter_map(of_one).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{ROLES, play};
    use crate::snapshot::{Daemon, Extras, SourceView, snapshot};

    /// How the pair and the whole stand after a script.
    fn outlooks(script: &str, extras: Extras) -> (Outlook, Outlook) {
        let (core, _) = play(|_| {}, &format!("{ROLES}\n{script}"));
        let snapshot = snapshot(&core.state, core.state.now, extras);
        (
            snapshot.solutions[0].outlook,
            Summary::of(&snapshot).outlook,
        )
    }

    fn armed() -> Extras {
        Extras {
            daemon: Daemon {
                armed: true,
                ..Daemon::default()
            },
            ..Extras::default()
        }
    }

    #[test]
    fn the_most_urgent_thing_is_the_word_for_a_pair() {
        use Outlook::*;
        for (script, outlook) in [
            ("", Well),
            ("10 RM-2 failed\n13 RM-2 failed", RedundancyLost),
            ("10 RM-2 failed\n13 RM-2 failed\n20 RM-2 started", Well),
            ("10 SIPS-2 became-primary", Moving),
            (
                "10 SIPS-2 became-primary\n12 VMS-2 became-primary\n100 RM-2 started",
                JustMoved,
            ),
            ("10 pause 1000", Held),
            ("10 RM-2 failed\n13 RM-2 failed\n14 pause 1000", Held),
            ("10 scs H2 host-lost", RedundancyLost),
            (
                "10 scs H2 host-lost\n10 scs H1 host-lost\n20 pause 1000",
                InDanger,
            ),
        ] {
            assert_eq!(outlooks(script, armed()).0, outlook, "{script}");
        }
    }

    #[test]
    fn a_daemon_that_is_not_armed_or_does_not_see_is_not_well() {
        let unseen = |state| Extras {
            sources: vec![SourceView {
                file: "a.log".into(),
                state,
                application: None,
                host: None,
                offset: 0,
                grown: None,
                lag: None,
                detail: None,
            }],
            ..armed()
        };
        assert_eq!(outlooks("", armed()).1, Outlook::Well);
        assert_eq!(outlooks("", unseen(SourceState::Fresh)).1, Outlook::Well);
        assert_eq!(outlooks("", unseen(SourceState::Lost)).1, Outlook::Blind);
        assert_eq!(
            outlooks("10 pause 1000", unseen(SourceState::Lost)).1,
            Outlook::Held
        );
        assert_eq!(outlooks("", Extras::default()).1, Outlook::NotArmed);
    }
}
