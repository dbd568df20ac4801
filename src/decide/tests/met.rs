//! What the simulator met first: each is the shortest script that shows it.

use super::acting::check_active;
use super::*;
use crate::topology::ActionMode;

#[test]
fn a_switch_whose_command_still_hangs_keeps_the_opposite_one_waiting() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 VMS-2 became-primary
         15 SIPS-1 became-primary
         15.2 ended vip-enable H1 succeeded
         15.4 ended vip-disable H2 succeeded
         25 ended switch-to-primary VMS-2 timed-out
         25.5 ended switch-to-primary VMS-1 succeeded
         26 VMS-1 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0 echo VMS-2 became-primary: confirms-step
         15.0 open SIPS-1 became-primary: vip-follows-4563
         15.0   switch-to-primary SIPS-1 already-so: already-so
         15.0   vip-enable H1 started: vip-to-primary
         15.2   vip-enable H1 done: command-succeeded
         15.2   vip-disable H2 started: vip-off-old-host
         15.4   vip-disable H2 done: command-succeeded
         25.0 H1 -> H2 superseded, 2 events
         25.0   switch-to-primary VMS-1 started: moves-together
         26.0 echo VMS-1 became-primary: confirms-step
         56.0 H2 -> H1 completed, 2 events",
    );
}

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
fn a_debt_that_is_being_paid_is_not_paid_beside_itself() {
    check_active(
        "9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         13 force H2
         14 ended vip-enable H2 succeeded
         20 debt H1 timed-out",
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
         13.0   switch-to-primary SIPS-2 already-so: already-so
         13.0   vip-enable H2 started: vip-to-primary
         13.0   vip-disable H1 owed: host-lost
         13.0   switch-to-primary VMS-2 already-so: already-so
         14.0   vip-enable H2 done: command-succeeded
         43.0 nobody -> H2 completed, 0 events",
    );
}

#[test]
fn a_pause_holds_the_payment_of_a_debt_and_its_end_frees_it() {
    check_active(
        "9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         13 debt H1 timed-out
         50 pause 200
         100 H1 host-back
         201 debt H1 succeeded",
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
         41.0 H1 -> H2 completed, 2 events
         100.0 ignore H1 host-back: host-evidence
         200.0 H1 is asked to pay
         201.0 H1 paid: done, command-succeeded
         201.0 clear owed:east:H1",
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
fn where_both_say_backup_an_alert_is_open_and_nothing_is_guessed() {
    check_active(
        "10 SIPS-1 became-backup
         20 scs RM-1 failed
         60 SIPS-1 became-primary",
        "10.0 ignore SIPS-1 became-backup: role-evidence
         12.0 alert no-primary:east
         21.0 hold RM-1 failed: primary-unknown
         51.0 H1 -> H2 held, 1 events
         60.0 ignore SIPS-1 became-primary: already-primary
         60.0 clear no-primary:east",
    );
}

#[test]
fn a_failure_whose_confirm_ended_while_the_clock_was_in_doubt_can_be_too_old() {
    check_active(
        "5 doubt
         10 scs RM-1 failed
         100 read",
        "100.0 ignore RM-1 failed: too-old",
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
fn a_switch_in_doubt_waits_for_whoever_looks() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 ended switch-to-primary VMS-2 lost
         28 ended switch-to-primary VMS-2 not-done
         29.5 ended switch-to-primary VMS-2 succeeded
         30 VMS-2 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0   switch-to-primary VMS-2 unknown: in-doubt
         step 4 is tried again: in-doubt
         29.0   switch-to-primary VMS-2 started: moves-together
         30.0 echo VMS-2 became-primary: confirms-step
         60.0 H1 -> H2 completed, 2 events",
    );
}
