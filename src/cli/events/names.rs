//! What a configuration knows about an event that its record does not say.

use crate::event::Event;
use crate::topology::{Subject, Topology};

/// Fills in the application's name, DBID and host where the record left them out; the name of the solution that the
/// event concerns, if it is one. An event that contradicts the configuration stays as it is.
pub(super) fn complete<'a>(topology: &'a Topology, event: &mut Event) -> Option<&'a str> {
    let bound = topology.bind(event).ok()?;
    let [(index, subject)] = bound.as_slice() else {
        return None;
    };
    let solution = topology.solutions.get(*index)?;
    if let Subject::Application(index) = subject {
        let application = solution.applications.get(*index)?;
        let home = application.host.and_then(|host| solution.hosts.get(host));
        event.application.get_or_insert(application.name.clone());
        event.dbid.get_or_insert(application.dbid);
        if let (None, Some(home)) = (&event.host, home) {
            event.host = Some(home.name.clone());
        }
    }
    Some(&solution.name)
}
