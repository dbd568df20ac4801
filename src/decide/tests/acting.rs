//! An active pair: commands end well, badly, late or not at all, and people take part.

use super::*;
use crate::topology::ActionMode;

#[track_caller]
pub(super) fn check_active(script: &str, expected: &str) {
    let script = format!("{ROLES}\n{script}");
    check_with(|policy| policy.mode = ActionMode::Active, &script, expected);
}

#[test]
fn a_move_is_done_when_its_commands_ended_and_its_effects_were_seen() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         10.5 ended switch-to-primary VMS-2 succeeded
         12 VMS-2 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         12.0 echo VMS-2 became-primary: confirms-step
         42.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn a_switch_that_lies_fails_after_verify_and_locks_the_pair_until_acknowledged() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         10.5 ended switch-to-primary VMS-2 succeeded
         400 scs MCP-2 failed
         500 ack
         600 scs RM-2 failed",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         20.5   switch-to-primary VMS-2 failed: no-effect
         40.0 H1 -> H2 partial, 1 events
         401.0 hold MCP-2 failed: locked
         431.0 H2 -> H1 held, 1 events
         601.0 open RM-2 failed: primary-host-failure
         601.0   switch-to-primary SIPS-1 started: moves-first
         601.0   switch-to-primary VMS-1 already-so: already-so",
    );
}

#[test]
fn a_command_that_hung_is_judged_by_the_late_effect() {
    check_active(
        "10 SIPS-2 became-primary
         10.2 ended vip-enable H2 succeeded
         10.4 ended vip-disable H1 succeeded
         25 ended switch-to-primary VMS-2 timed-out
         27 asked VMS-2 primary running",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.2   vip-enable H2 done: command-succeeded
         10.2   vip-disable H1 started: vip-off-old-host
         10.4   vip-disable H1 done: command-succeeded
         25.0   switch-to-primary VMS-2 unknown: timed-out
         40.0 H1 -> H2 completed, 1 events",
    );
}

#[test]
fn a_failed_vip_enable_is_tried_again_as_often_as_set_and_the_disable_runs_all_the_same() {
    let script = format!(
        "{ROLES}
         10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         10.2 ended vip-enable H2 failed
         12 ended vip-enable H2 failed
         12.5 ended vip-disable H1 succeeded
         13 VMS-2 became-primary"
    );
    check_with(
        |policy| {
            policy.mode = ActionMode::Active;
            policy.retries = [[0, 1, 0, 0]; 2];
        },
        &script,
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         step 2 is tried again: command-failed
         11.2   vip-enable H2 started: vip-to-primary
         12.0   vip-enable H2 failed: command-failed
         12.0   vip-disable H1 started: vip-off-old-host
         12.5   vip-disable H1 done: command-succeeded
         13.0 echo VMS-2 became-primary: confirms-step
         43.0 H1 -> H2 failed, 2 events",
    );
}

#[test]
fn a_host_that_is_back_soon_is_asked_at_once_and_not_after_the_pause() {
    check_active(
        "9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         11.5 debt H1 failed
         12 H1 host-back
         12.2 debt H1 succeeded",
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
         12.0 absorb H1 host-back: host-evidence
         12.0 H1 is asked to pay
         12.2 H1 paid: done, command-succeeded
         12.2 clear owed:east:H1
         42.0 H1 -> H2 completed, 3 events",
    );
}

/// A debt of H1 that is paid at 12.2, in a pair that announces.
#[track_caller]
fn check_paid(then: &str, expected: &str) {
    let script = format!(
        "{ROLES}
         9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         10.3 ended vip-announce H2 succeeded
         11 VMS-2 became-primary
         11.5 debt H1 failed
         12 H1 host-back
         {then}"
    );
    let expected = format!(
        "9.0 ignore H1 host-lost: host-evidence
         10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   vip-disable H1 owed: host-lost
         10.0   switch-to-primary VMS-2 started: moves-together
         10.0 H1 is asked to pay
         10.0 alert owed:east:H1
         10.1   vip-enable H2 done: command-succeeded
         10.1   vip-announce H2 started: tell-neighbours
         10.3   vip-announce H2 done: command-succeeded
         11.0 echo VMS-2 became-primary: confirms-step
         12.0 absorb H1 host-back: host-evidence
         12.0 H1 is asked to pay
         {expected}"
    );
    check_with(
        |policy| (policy.mode, policy.announces) = (ActionMode::Active, true),
        &script,
        &expected,
    );
}

#[test]
fn a_paid_debt_is_followed_by_an_announcement_with_an_intent_of_its_own() {
    check_paid(
        "12.2 debt H1 succeeded
         12.4 announced H2 succeeded",
        "12.2 H1 paid: done, command-succeeded
         12.2 the VIP is announced again on H2
         12.2 clear owed:east:H1
         12.4 announced again: command-succeeded
         42.0 H1 -> H2 completed, 3 events",
    );
}

#[test]
fn an_announcement_that_never_began_is_started_again_and_one_that_fails_is_let_be() {
    check_paid(
        "12.2 debt H1 succeeded
         12.4 announced H2 not-done
         13 announced H2 failed",
        "12.2 H1 paid: done, command-succeeded
         12.2 the VIP is announced again on H2
         12.2 clear owed:east:H1
         12.4 the VIP is announced again on H2
         13.0 announced again: command-failed
         42.0 H1 -> H2 completed, 3 events",
    );
}

#[test]
fn an_announcement_waits_for_the_end_of_a_pause_and_is_dropped_where_roles_have_turned() {
    check_paid(
        "12.1 pause 100
         12.2 debt H1 succeeded
         50 SIPS-1 became-primary",
        "12.2 H1 paid: done, command-succeeded
         12.2 clear owed:east:H1
         42.0 H1 -> H2 completed, 3 events
         50.0 hold SIPS-1 became-primary: paused
         50.0 announced again: roles-turned
         52.0 alert vip-elsewhere:east
         80.0 H2 -> H1 held, 1 events",
    );
}

#[test]
fn a_dead_hosts_debt_is_tried_once_at_once_and_paid_when_the_host_is_seen_again() {
    check_active(
        "9 H1 host-lost
         10 SIPS-2 became-primary
         10.1 ended vip-enable H2 succeeded
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         13 debt H1 timed-out
         100 H1 host-back
         101 debt H1 failed
         112 debt H1 succeeded",
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
         100.0 H1 is asked to pay
         121.0 H1 is asked to pay",
    );
}

#[test]
fn a_step_that_was_lost_with_the_daemon_is_settled_by_reading_the_world() {
    check_active(
        "10 SIPS-2 became-primary
         10.1 ended switch-to-primary VMS-2 succeeded
         11 VMS-2 became-primary
         12 ended vip-enable H2 lost
         12.1 ended vip-enable H2 not-done
         14 ended vip-enable H2 succeeded
         15 ended vip-disable H1 lost
         15.1 ended vip-disable H1 unknowable",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         11.0 echo VMS-2 became-primary: confirms-step
         12.0   vip-enable H2 unknown: in-doubt
         step 2 is tried again: in-doubt
         12.1   vip-enable H2 started: vip-to-primary
         14.0   vip-enable H2 done: command-succeeded
         14.0   vip-disable H1 started: vip-off-old-host
         15.0   vip-disable H1 unknown: in-doubt
         15.1   vip-disable H1 held: in-doubt
         41.0 H1 -> H2 held, 2 events",
    );
}

#[test]
fn a_pause_holds_both_and_ends_by_itself_without_running_what_it_held() {
    check_active(
        "5 pause 100
         10 SIPS-2 became-primary",
        "10.0 hold SIPS-2 became-primary: paused
         12.0 alert vip-elsewhere:east
         40.0 H1 -> H2 held, 1 events",
    );
}

#[test]
fn force_passes_the_block_and_never_a_running_reaction() {
    check_active(
        "10 SIPS-2 became-primary
         10.5 force H1
         11 ended vip-enable H2 succeeded
         11 ended switch-to-primary VMS-2 succeeded
         11 ended vip-disable H1 succeeded
         12 VMS-2 became-primary
         50 force H1
         51 ended switch-to-primary SIPS-1 succeeded
         52 SIPS-1 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 started: vip-to-primary
         10.0   switch-to-primary VMS-2 started: moves-together
         10.5 refused: reaction-running
         11.0   vip-enable H2 done: command-succeeded
         11.0   vip-disable H1 started: vip-off-old-host
         11.0   vip-disable H1 done: command-succeeded
         12.0 echo VMS-2 became-primary: confirms-step
         42.0 H1 -> H2 completed, 2 events
         50.0   switch-to-primary SIPS-1 started: moves-first
         52.0 echo SIPS-1 became-primary: confirms-step
         52.0   vip-enable H1 started: vip-to-primary
         52.0   switch-to-primary VMS-1 started: moves-together",
    );
}

#[test]
fn a_failure_that_the_status_command_denies_is_held() {
    check_active(
        "10 scs RM-1 failed
         10.5 asked RM-1 running",
        "11.0 hold RM-1 failed: contradicted-by-status
         41.0 H1 -> H2 held, 1 events",
    );
}

#[test]
fn while_the_clock_is_in_doubt_nothing_starts_and_nothing_is_lost() {
    check_active(
        "5 doubt
         10 SIPS-2 became-primary
         12 read
         12.1 ended vip-enable H2 succeeded",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         12.0   switch-to-primary SIPS-2 already-so: already-so
         12.0   vip-enable H2 started: vip-to-primary
         12.0   switch-to-primary VMS-2 started: moves-together
         12.1   vip-enable H2 done: command-succeeded
         12.1   vip-disable H1 started: vip-off-old-host",
    );
}

#[test]
fn without_a_journal_nothing_acts() {
    check_active(
        "5 disarm
         10 SIPS-2 became-primary",
        "10.0 hold SIPS-2 became-primary: journal-not-writable
         12.0 alert vip-elsewhere:east
         40.0 H1 -> H2 held, 1 events",
    );
}
