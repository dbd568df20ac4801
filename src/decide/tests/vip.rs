//! Where the VIP is, what makes that doubtful, and what brings it back.

use super::acting::check_active;
use super::*;
use crate::topology::ActionMode;

#[test]
fn a_vip_that_is_seen_does_not_end_the_command_that_brings_it() {
    check_active(
        "10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         11 SIPS-2 vip-ok
         12 VMS-2 became-primary
         15 ended vip-enable H2 timed-out
         16 ended vip-disable H1 succeeded",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         11.0 echo SIPS-2 vip-ok: confirms-step
         12.0 echo VMS-2 became-primary: confirms-step
         15.0   vip-disable H1 started: vip-off-old-host
         16.0   vip-disable H1 done: command-succeeded
         42.0 H1 -> H2 completed, 3 events",
    );
}

#[test]
fn a_vip_enable_waits_for_the_payment_of_its_own_hosts_debt() {
    check_active(
        "9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         13 SIPS-1 became-primary
         14 debt H1 succeeded
         14.5 ended vip-enable H1 succeeded",
        "9.0 ignore H1 host-lost: host-evidence
         10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   vip-disable H1 owed: host-lost
         10.0   switch-to-primary VMS-2 started: moves-together
         10.0 H1 is asked to pay
         10.0 alert owed:east:H1
         10.1   vip-enable H2 done: command-succeeded
         11.0 echo VMS-2 became-primary: confirms-step
         13.0 H1 -> H2 completed, 2 events
         13.0 open SIPS-1 became-primary: vip-follows-4563
         13.0   switch-to-primary SIPS-1 already-so: already-so
         13.0   switch-to-primary VMS-1 started: moves-together
         14.0 H1 paid: done, command-succeeded
         14.0   vip-enable H1 started: vip-to-primary
         14.0 clear owed:east:H1
         14.5   vip-enable H1 done: command-succeeded
         14.5   vip-disable H2 started: vip-off-old-host",
    );
}

#[test]
fn a_vip_that_was_seen_before_its_server_fell_is_brought_again() {
    check_active(
        "10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         11 SIPS-2 vip-ok
         12 VMS-2 became-primary
         100 H2 host-lost
         100.1 scs SIPS-2 failed
         150 H2 host-back
         151 SIPS-2 became-primary
         151.2 ended vip-enable H2 succeeded",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         11.0 echo SIPS-2 vip-ok: confirms-step
         12.0 echo VMS-2 became-primary: confirms-step
         42.0 H1 -> H2 completed, 3 events
         100.0 ignore H2 host-lost: host-evidence
         101.1 ignore SIPS-2 failed: waits-for-4563
         150.0 ignore H2 host-back: host-evidence
         151.0 open SIPS-2 became-primary: returned-as-primary
         151.0   switch-to-primary SIPS-2 already-so: already-so
         151.0   vip-enable H2 started: vip-to-primary
         151.0   switch-to-primary VMS-2 already-so: already-so
         151.2   vip-enable H2 done: command-succeeded
         151.2   vip-disable H1 started: vip-off-old-host",
    );
}

#[test]
fn a_server_that_falls_within_the_window_and_returns_as_primary_gets_the_vip_again() {
    check_active(
        "10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 VMS-2 became-primary
         20 scs SIPS-2 failed
         30 SIPS-2 became-primary
         30.2 ended vip-enable H2 succeeded",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0 echo VMS-2 became-primary: confirms-step
         21.0 ignore SIPS-2 failed: waits-for-4563
         30.0 H1 -> H2 completed, 2 events
         30.0 open SIPS-2 became-primary: returned-as-primary
         30.0   switch-to-primary SIPS-2 already-so: already-so
         30.0   vip-enable H2 started: vip-to-primary
         30.0   switch-to-primary VMS-2 already-so: already-so
         30.2   vip-enable H2 done: command-succeeded
         30.2   vip-disable H1 started: vip-off-old-host",
    );
}

#[test]
fn an_old_word_about_the_vip_that_is_read_again_counts_for_nothing() {
    check_active(
        "5 SIPS-1 vip-ok
         10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 VMS-2 became-primary
         20 @5 SIPS-1 vip-ok
         50 SIPS-1 became-primary",
        "5.0 ignore SIPS-1 vip-ok: vip-evidence
         10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0 echo VMS-2 became-primary: confirms-step
         20.0 ignore SIPS-1 vip-ok: vip-evidence
         42.0 H1 -> H2 completed, 2 events
         50.0 open SIPS-1 became-primary: vip-follows-4563
         50.0   switch-to-primary SIPS-1 already-so: already-so
         50.0   vip-enable H1 started: vip-to-primary
         50.0   switch-to-primary VMS-1 started: moves-together",
    );
}

#[test]
fn a_peer_that_became_backup_a_moment_later_says_the_same_as_the_4563() {
    check(
        "0 history @1.01 SIPS-1 became-backup
         0 history @1 SIPS-2 became-primary
         10 SIPS-1 became-primary",
        "10.0 open SIPS-1 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-1 already-so: already-so
         10.0   vip-enable H1 would-run: vip-to-primary
         10.0   vip-disable H2 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-1 would-run: moves-together
         40.0 H2 -> H1 partial, 1 events",
    );
}

#[test]
fn nobody_is_told_where_the_vip_is_once_it_should_be_elsewhere() {
    let script = format!(
        "{ROLES}
         10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         10.2 ended vip-enable H2 succeeded
         11 pause 100
         12 VMS-2 became-primary
         13 SIPS-1 became-primary
         14 ended vip-disable H1 succeeded"
    );
    check_with(
        |policy| (policy.mode, policy.announces) = (ActionMode::Active, true),
        &script,
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         12.0 echo VMS-2 became-primary: confirms-step
         13.0 hold SIPS-1 became-primary: paused
         14.0   vip-disable H1 done: command-succeeded
         42.0   vip-announce H2 void: 4563-never-seen
         42.0 H1 -> H2 completed, 2 events
         42.0 alert vip-elsewhere:east
         43.0 H2 -> H1 held, 1 events",
    );
}

#[test]
fn a_fall_that_was_learned_too_late_leaves_the_vip_in_doubt() {
    check_active(
        "10 scs SIPS-1 planned-stop
         300 @200 SIPS-1 became-primary
         400 SIPS-1 vip-ok",
        "10.0 ignore SIPS-1 planned-stop: planned-stop
         300.0 ignore SIPS-1 became-primary: too-old
         300.0 alert vip-doubted:east
         400.0 ignore SIPS-1 vip-ok: vip-evidence
         400.0 clear vip-doubted:east",
    );
}

#[test]
fn a_server_that_scs_reports_started_before_its_4563_gets_the_vip_again_all_the_same() {
    check_active(
        "10 scs SIPS-1 failed
         20 scs SIPS-1 started
         20.4 SIPS-1 became-primary
         20.6 ended vip-enable H1 succeeded
         20.8 ended vip-disable H2 succeeded",
        "11.0 ignore SIPS-1 failed: waits-for-4563
         20.0 ignore SIPS-1 started: recovered
         20.4 open SIPS-1 became-primary: returned-as-primary
         20.4   switch-to-primary SIPS-1 already-so: already-so
         20.4   vip-enable H1 started: vip-to-primary
         20.4   switch-to-primary VMS-1 already-so: already-so
         20.6   vip-enable H1 done: command-succeeded
         20.6   vip-disable H2 started: vip-off-old-host
         20.8   vip-disable H2 done: command-succeeded
         50.4 nobody -> H1 completed, 1 events",
    );
}

#[test]
fn a_fall_before_anybody_knew_where_the_vip_was_leaves_it_in_doubt() {
    check_with(
        |policy| policy.mode = ActionMode::Active,
        "10 scs SIPS-1 failed
         60 asked SIPS-1 primary running
         60.1 asked SIPS-2 backup running",
        "11.0 ignore SIPS-1 failed: waits-for-4563
         62.0 alert vip-doubted:east",
    );
    check_with(
        |policy| policy.mode = ActionMode::Active,
        "10 asked SIPS-1 backup running
         20 scs SIPS-1 failed
         60 asked SIPS-2 primary running",
        "21.0 ignore SIPS-1 failed: waits-for-4563
         60.0 alert redundancy:east:SIPS-1",
    );
}

#[test]
fn a_fall_that_is_read_after_the_return_leaves_the_vip_in_doubt() {
    check_active(
        "40 @30 SIPS-1 became-primary
         41 scs @20 SIPS-1 failed",
        "40.0 ignore SIPS-1 became-primary: already-primary
         42.0 ignore SIPS-1 failed: waits-for-4563
         43.0 alert vip-doubted:east",
    );
}

#[test]
fn a_4563_that_the_status_command_came_before_still_moves_the_vip() {
    check_with(
        |policy| policy.mode = ActionMode::Active,
        "10 asked SIPS-1 primary running
         14 @9.8 SIPS-1 became-primary
         14.2 ended vip-enable H1 succeeded
         14.4 ended vip-disable H2 succeeded",
        "14.0 open SIPS-1 became-primary: vip-follows-4563
         14.0   switch-to-primary SIPS-1 already-so: already-so
         14.0   vip-enable H1 started: vip-to-primary
         14.0   switch-to-primary VMS-1 started: moves-together
         14.2   vip-enable H1 done: command-succeeded
         14.2   vip-disable H2 started: vip-off-old-host
         14.4   vip-disable H2 done: command-succeeded",
    );
}

#[test]
fn roles_that_turned_and_turned_back_within_the_window_move_the_vip_again() {
    check_active(
        "10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 VMS-2 became-primary
         20 SIPS-2 became-backup
         20 scs SIPS-1 state-reported primary running
         30 SIPS-2 became-primary
         30.2 ended vip-enable H2 succeeded
         30.4 ended vip-disable H1 succeeded",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0 echo VMS-2 became-primary: confirms-step
         20.0 ignore SIPS-2 became-backup: role-evidence
         20.0 ignore SIPS-1 state-reported: role-evidence
         30.0 H1 -> H2 completed, 2 events
         30.0 open SIPS-2 became-primary: returned-as-primary
         30.0   switch-to-primary SIPS-2 already-so: already-so
         30.0   vip-enable H2 started: vip-to-primary
         30.0   switch-to-primary VMS-2 already-so: already-so
         30.2   vip-enable H2 done: command-succeeded
         30.2   vip-disable H1 started: vip-off-old-host
         30.4   vip-disable H1 done: command-succeeded
         60.0 H1 -> H2 completed, 1 events",
    );
}
