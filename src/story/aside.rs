//! What stands beside the incidents: events that moved nothing, alerts, debts that ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Story;
use super::clock::Clock;
use super::columns::aligned;
use super::incident::who;
use super::names::Names;
use super::sentences::{counted, state};
use crate::decide::{Decision, Reason};
use crate::escape::escape;
use crate::report::{Outside, Report};

/// What SCS tells all day, and what was long ago, is counted and not told.
pub(crate) const QUIET: [Reason; 4] = [
    Reason::History,
    Reason::RoleEvidence,
    Reason::Noted,
    Reason::ScsEvidence,
];

impl Story<'_> {
    pub(super) fn outside(&self, report: &Report, names: &Names, clock: &Clock) -> Vec<String> {
        if report.outside.is_empty() {
            return Vec::new();
        }
        let mut lines = vec!["Nothing moved for:".to_string()];
        let (quiet, told): (Vec<_>, Vec<_>) = report
            .outside
            .iter()
            .partition(|(reason, _)| QUIET.contains(reason));
        for (reason, outside) in told {
            lines.push(format!("  {} × {}", outside.count, reason.sentence()));
            lines.extend(self.examples(outside, names, clock));
        }
        for (reason, outside) in quiet {
            lines.push(format!("  {} × {}", outside.count, reason.sentence()));
        }
        lines
    }

    /// The same thing said again is one line.
    fn examples(&self, outside: &Outside, names: &Names, clock: &Clock) -> Vec<String> {
        let mut same: BTreeMap<_, Vec<&Decision>> = BTreeMap::new();
        for decision in &outside.examples {
            let event = &decision.event;
            let key = (self.name(decision), event.id.clone(), event.kind);
            same.entry(key).or_default().push(decision);
        }
        let mut groups: Vec<_> = same.into_iter().collect();
        groups.sort_by_key(|(_, decisions)| decisions.iter().map(|each| each.stamp).min());
        let rows: Vec<_> = groups
            .into_iter()
            .filter_map(|((who, id, kind), decisions)| {
                let first = decisions.iter().min_by_key(|decision| decision.stamp)?;
                let more = match (decisions.len() - 1) as u64 {
                    0 => String::new(),
                    more => format!("and {more} more"),
                };
                Some([
                    clock.tell(first.stamp),
                    who,
                    escape(&id).into_owned(),
                    kind.to_string(),
                    names.place(&first.event.origin),
                    detail(first.detail.as_ref()),
                    more,
                ])
            })
            .collect();
        let mut lines = aligned(&rows);
        let untold = outside.count - outside.examples.len() as u64;
        if untold > 0 {
            lines.push(format!("… and {} more", counted(untold, "event")));
        }
        lines.iter().map(|line| format!("    {line}")).collect()
    }

    fn name(&self, decision: &Decision) -> String {
        if let Some(solution) = decision.solution {
            return who(&self.topology.solutions[solution], decision);
        }
        let event = &decision.event;
        let named = event.application.as_deref().or(event.host.as_deref());
        let name = escape(named.unwrap_or("(nobody named)"));
        match event.dbid {
            Some(dbid) => format!("{name} (DBID {dbid})"),
            None => name.into_owned(),
        }
    }

    pub(super) fn alerts(&self, report: &Report, clock: &Clock) -> Vec<String> {
        let mut open: BTreeMap<&str, &str> = BTreeMap::new();
        let mut rows = Vec::new();
        for alert in &report.alerts {
            // What closes is told in the words in which it was opened.
            let (word, text) = if alert.open {
                open.insert(&alert.key, &alert.text);
                ("opens", &*alert.text)
            } else {
                ("closes", open.remove(&*alert.key).unwrap_or(&alert.key))
            };
            rows.push([
                clock.tell(alert.at),
                word.into(),
                self.of_solution(alert.solution),
                escape(text).into_owned(),
            ]);
        }
        for settled in &report.settled {
            let solution = &self.topology.solutions[settled.solution];
            let host = &solution.hosts[settled.host].name;
            rows.push([
                clock.tell(settled.at),
                "settled".into(),
                self.of_solution(Some(settled.solution)),
                format!(
                    "the VIP disable that {host} owed ({}): {}",
                    state(settled.state),
                    settled.reason.sentence()
                ),
            ]);
        }
        if rows.is_empty() {
            return Vec::new();
        }
        let mut lines = vec!["Alerts:".to_string()];
        lines.extend(aligned(&rows).iter().map(|line| format!("  {line}")));
        lines
    }

    /// The solution's name, where there are several.
    fn of_solution(&self, solution: Option<usize>) -> String {
        let several = self.topology.solutions.len() > 1;
        let named = solution.filter(|_| several);
        named.map_or(String::new(), |index| {
            self.topology.solutions[index].name.to_string()
        })
    }
}

fn detail(detail: Option<&Arc<str>>) -> String {
    detail.map_or(String::new(), |detail| format!("({})", escape(detail)))
}
