//! HUP: the configuration is read anew, and a reaction that runs keeps its own.

use rustix::process::Signal;

use crate::commands::WAITS;
use crate::field::Settings;
use crate::life::WHOLE_PLAN;
use crate::recorded::Recorded;
use crate::site::{Site, until};

/// From now on a VIP is `raise`d on a host.
fn raise(site: &Site) {
    for host in ["vmhost1", "vmhost2"] {
        site.acts("raise", host, &format!("effect up {host}"));
    }
    let text = site.read("tailswitch.yaml");
    let changed = text.replace("./act, up,", "./act, raise,");
    assert_ne!(text, changed);
    site.write("tailswitch.yaml", changed);
}

fn starts_of(site: &Site, start: &str) -> usize {
    site.ledger().iter().filter(|each| *each == start).count()
}

#[test]
fn a_new_configuration_counts_for_what_happens_then() {
    let site = Site::new(Settings {
        api: true,
        ..Settings::default()
    });
    let daemon = site.start();
    let address = daemon.address();
    raise(&site);
    daemon.signal(Signal::HUP);
    until("it has begun anew", || daemon.address() != address);
    site.becomes_primary("sips2");
    site.until_closed(1);
    assert_eq!(starts_of(&site, "raise vmhost2"), 1);
    assert_eq!(starts_of(&site, "up vmhost2"), 0);
    assert_eq!(site.vip(), ["vmhost2"]);
}

#[test]
fn a_wrong_configuration_is_refused_and_the_old_one_goes_on() {
    let site = Site::new(Settings::default());
    let daemon = site.start();
    site.configure("solutons: {}\n");
    daemon.signal(Signal::HUP);
    let told = |alert: &String| alert.contains("the new configuration is wrong");
    until("it is told", || site.alerts().iter().any(told));
    assert!(daemon.log().contains("did you mean"), "{}", daemon.log());
    site.configure("");
    site.rm_fails();
    site.until_closed(1);
    assert_eq!(site.starts(), WHOLE_PLAN);
}

#[test]
fn a_reaction_that_runs_keeps_its_own_configuration() {
    let site = Site::new(Settings::default());
    site.acts("switch", "152", WAITS);
    let daemon = site.start();
    site.rm_fails();
    until("the switch runs", || site.ledger() == ["switch 152"]);
    raise(&site);
    daemon.signal(Signal::HUP);
    until("it was read", || {
        daemon.log().contains("the new configuration counts")
    });
    site.write("go", "");
    site.until_closed(1);
    assert_eq!(site.starts(), WHOLE_PLAN);
    site.becomes_primary("sips1");
    site.until_closed(2);
    assert_eq!(starts_of(&site, "raise vmhost1"), 1);
    assert_eq!(starts_of(&site, "up vmhost1"), 0);
    assert_eq!(site.vip(), ["vmhost1"]);
}
