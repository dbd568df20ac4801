//! What SCS did by itself beside an incident, read back from the journal.

use std::time::Duration;

use crate::decide::Incident;
use crate::past::{Page, Past, PastError, Wanted};
use crate::report::{Beside, Shadow};
use crate::time::Time;
use crate::topology::Topology;

/// The first event came at most so long before the incident opened.
const BEFORE: Duration = Duration::from_secs(300);
/// So many entries are looked at, newest first.
const ENTRIES_MAX: usize = 20_000;

/// None if the steps were carried out, or if SCS was not seen to do anything. `index` is the solution's.
pub fn beside(
    topology: &Topology,
    past: &mut dyn Past,
    index: usize,
    incident: &Incident,
) -> Result<Option<Beside>, PastError> {
    let until = incident.closed.unwrap_or(Time::from_micros(i64::MAX));
    let span = Wanted::Between(incident.opened.minus(BEFORE), until);
    let mut shadow = Shadow::default();
    for written in past.entries(&span, Page::newest(ENTRIES_MAX))?.iter().rev() {
        shadow.take(&written.entry);
    }
    let solution = topology.solutions.get(index);
    Ok(solution.and_then(|solution| shadow.closed(index, incident).beside(solution, incident)))
}
