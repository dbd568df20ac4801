//! A whole reaction from the line in the log to the end.

use tailswitch::decide::IncidentState;

use crate::field::Settings;
use crate::recorded::Recorded;
use crate::site::Site;

pub const WHOLE_PLAN: [&str; 5] = [
    "announce vmhost2",
    "down vmhost1",
    "switch 152",
    "switch 154",
    "up vmhost2",
];

#[test]
fn each_command_of_the_plan_starts_once() {
    let site = Site::new(Settings::default());
    let _daemon = site.start();
    site.rm_fails();
    let incidents = site.until_closed(1);
    assert_eq!(site.starts(), WHOLE_PLAN);
    assert_eq!(site.vip(), ["vmhost2"]);
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].state, IncidentState::Completed);
}
