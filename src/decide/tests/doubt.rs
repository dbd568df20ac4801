//! What still runs, what is owed, and what nobody knows: nothing starts beside it, and nothing is guessed.

use super::acting::check_active;

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
fn where_both_say_backup_an_alert_is_open_and_nothing_is_guessed() {
    check_active(
        "10 SIPS-1 became-backup
         20 scs RM-1 failed
         60 SIPS-1 became-primary",
        "10.0 ignore SIPS-1 became-backup: role-evidence
         12.0 alert no-primary:east
         21.0 hold RM-1 failed: primary-unknown
         51.0 H1 -> H2 held, 1 events
         60.0 open SIPS-1 became-primary: returned-as-primary
         60.0   switch-to-primary SIPS-1 already-so: already-so
         60.0   vip-enable H1 started: vip-to-primary
         60.0   switch-to-primary VMS-1 already-so: already-so
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
         28.0   switch-to-primary VMS-2 started: moves-together
         30.0 echo VMS-2 became-primary: confirms-step
         60.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn a_debt_is_not_paid_while_nobody_leads() {
    check_active(
        "9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         13 debt H1 timed-out
         50 SIPS-2 became-backup
         60 H1 host-back
         70 SIPS-2 became-primary
         70.2 ended vip-enable H2 succeeded
         71 debt H1 succeeded",
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
         50.0 ignore SIPS-2 became-backup: role-evidence
         52.0 alert no-primary:east
         60.0 ignore H1 host-back: host-evidence
         70.0 open SIPS-2 became-primary: returned-as-primary
         70.0   switch-to-primary SIPS-2 already-so: already-so
         70.0   vip-enable H2 started: vip-to-primary
         70.0   switch-to-primary VMS-2 already-so: already-so
         70.0 H1 is asked to pay
         70.0 clear no-primary:east
         70.2   vip-enable H2 done: command-succeeded
         71.0 H1 paid: done, command-succeeded
         71.0   vip-disable H1 started: vip-off-old-host
         71.0 clear owed:east:H1",
    );
}

#[test]
fn what_is_lost_twice_is_lost_once() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 ended switch-to-primary VMS-2 lost
         13 ended switch-to-primary VMS-2 lost
         14 ended switch-to-primary VMS-2 timed-out
         15 VMS-2 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0   switch-to-primary VMS-2 unknown: in-doubt
         14.0   switch-to-primary VMS-2 unknown: timed-out
         15.0 echo VMS-2 became-primary: confirms-step
         45.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn a_lost_switch_whose_good_end_is_found_is_judged_by_its_effect() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 ended switch-to-primary VMS-2 lost
         14 ended switch-to-primary VMS-2 succeeded",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0   switch-to-primary VMS-2 unknown: in-doubt
         14.0   switch-to-primary VMS-2 unknown: command-succeeded
         24.0   switch-to-primary VMS-2 failed: no-effect
         40.0 H1 -> H2 partial, 1 events",
    );
}

#[test]
fn a_lost_switch_whose_effect_was_seen_still_runs_until_somebody_has_looked() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         12 ended switch-to-primary VMS-2 lost
         13 VMS-2 became-primary
         15 SIPS-1 became-primary
         15.2 ended vip-enable H1 succeeded
         15.4 ended vip-disable H2 succeeded
         26 ended switch-to-primary VMS-2 confirmed
         26.5 ended switch-to-primary VMS-1 succeeded
         27 VMS-1 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0   switch-to-primary VMS-2 unknown: in-doubt
         13.0 echo VMS-2 became-primary: confirms-step
         15.0 open SIPS-1 became-primary: vip-follows-4563
         15.0   switch-to-primary SIPS-1 already-so: already-so
         15.0   vip-enable H1 started: vip-to-primary
         15.2   vip-enable H1 done: command-succeeded
         15.2   vip-disable H2 started: vip-off-old-host
         15.4   vip-disable H2 done: command-succeeded
         26.0 H1 -> H2 superseded, 2 events
         26.0   switch-to-primary VMS-1 started: moves-together
         27.0 echo VMS-1 became-primary: confirms-step
         57.0 H2 -> H1 completed, 2 events",
    );
}

#[test]
fn a_debt_that_is_being_paid_cannot_be_forgiven() {
    check_active(
        "9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         12 forgive H1
         13 debt H1 timed-out
         14 forgive H1",
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
         12.0 refused: reaction-running
         14.0 H1 paid: void, forgiven
         14.0 clear owed:east:H1
         41.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn a_change_to_primary_that_is_read_late_still_says_what_its_peer_was_then() {
    let (core, _) = super::play(
        |_| {},
        "0 history SIPS-1 became-primary
         1 history SIPS-2 became-primary
         200 scs SIPS-1 state-reported primary
         201 @100 SIPS-1 became-primary",
    );
    let pair = &core.state.pairs[0];
    let mode = |application: usize| pair.members[application].mode;
    assert_eq!(
        (mode(0), mode(4)),
        (Some(super::Mode::Primary), Some(super::Mode::Backup))
    );
    assert_eq!(pair.primary, Some(0));
}
