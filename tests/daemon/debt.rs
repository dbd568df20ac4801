//! The dead host's VIP: owed, remembered over a kill, and paid, void or forgiven.

use tailswitch::decide::IncidentState;

use crate::field::Settings;
use crate::process::Daemon;
use crate::recorded::Recorded;
use crate::site::{Site, text, until};

/// Host 1 dies, and host 2 has taken over.
fn with_a_debt() -> Site {
    let site = Site::new(Settings {
        api: true,
        ..Settings::default()
    });
    site.acts("down", "vmhost1", "exit 255");
    site
}

fn dies<'a>(site: &'a Site) -> Daemon<'a> {
    let daemon = site.start();
    site.says("scs", "> Notify Host: Unavailable {104, vmhost1}");
    site.becomes_primary("sips2");
    let incidents = site.until_closed(1);
    assert_eq!(incidents[0].state, IncidentState::Completed);
    until("it was tried", || {
        site.state().pairs[0]
            .owed
            .iter()
            .any(|debt| debt.next_try.is_some())
    });
    daemon
}

fn debts(site: &Site) -> usize {
    site.state().pairs[0].owed.len()
}

fn starts_of(site: &Site, start: &str) -> usize {
    site.ledger().iter().filter(|each| *each == start).count()
}

#[test]
fn a_host_that_comes_back_lets_go_of_the_vip_and_that_is_announced() {
    let site = with_a_debt();
    dies(&site).kill();
    let daemon = site.start();
    assert_eq!(debts(&site), 1, "remembered");
    let owed = site.asks(Some(&daemon), &["owed"]);
    assert!(text(&owed).contains("east:vmhost1"), "{}", text(&owed));
    assert_eq!(starts_of(&site, "announce vmhost2"), 1);
    site.acts_well("down", "vmhost1");
    site.says("scs", "> Notify Host: Running {104, vmhost1}");
    until("it is paid", || debts(&site) == 0);
    until("it is announced", || {
        starts_of(&site, "announce vmhost2") == 2
    });
    assert_eq!(starts_of(&site, "down vmhost1"), 2);
    assert_eq!(site.vip(), ["vmhost2"]);
    let alerts = site.alerts();
    for phase in ["owed open", "owed close"] {
        let count = alerts
            .iter()
            .filter(|alert| alert.starts_with(phase))
            .count();
        assert_eq!(count, 1, "{phase}: {alerts:#?}");
    }
}

#[test]
fn a_debt_is_void_once_the_host_rightly_has_the_vip() {
    let site = with_a_debt();
    let _daemon = dies(&site);
    // Nobody has said yet that it is back.
    site.becomes_primary("sips1");
    site.until_closed(2);
    assert_eq!(debts(&site), 0);
    assert_eq!(starts_of(&site, "down vmhost1"), 1);
    assert_eq!(site.vip(), ["vmhost1"]);
}

#[test]
fn a_debt_can_be_forgiven() {
    let site = with_a_debt();
    let daemon = dies(&site);
    let forgive = [
        "owed",
        "forgive",
        "east:vmhost1",
        "--by",
        "alice",
        "--why",
        "scrapped",
    ];
    let told = site.asks(Some(&daemon), &forgive);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told));
    assert_eq!(debts(&site), 0);
    let again = site.asks(Some(&daemon), &forgive);
    assert_ne!(again.status.code(), Some(0));
}
