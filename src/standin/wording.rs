//! How each writer puts what happens into its log. A text here is a whole record, stamped, with its line end.

use super::cast::{Host, Who};
use crate::time::Time;

/// What the Management Layer says of a failure: number and text.
pub(super) const DETECTED: (&str, &str) = (
    "5091",
    "Application termination detected by Management Layer",
);
pub(super) const TERMINATED: (&str, &str) =
    ("5064", "Application terminated due to internal condition");

/// The current segment's file name: every start of an application makes a new one.
pub(super) fn file_name(who: Who, created: Time) -> String {
    let created = created.jiff().strftime("%Y%m%d_%H%M%S_%3f");
    format!("{who}.{created}.log")
}

/// The header block, and the check point that follows it.
pub(super) fn header(who: Who, created: Time) -> String {
    let kind = who.kind();
    let (local, seconds) = (iso(created), created.jiff().strftime("%Y-%m-%dT%H:%M:%S"));
    let fields = [
        ("Application name", who.to_string()),
        ("Application type", kind.in_header().to_string()),
        ("Version", kind.version().to_string()),
        (
            "Command line",
            format!("-host cfghost -port 2020 -app \"{who}\" (simulated)"),
        ),
        ("Host name", who.machine().to_string()),
        ("Time zone", "0".to_string()),
        ("Local time", local),
        ("Start time (UTC)", seconds.to_string()),
        (
            "File",
            format!("(1) /var/log/genesys/{}", file_name(who, created)),
        ),
    ];
    let head: String = fields
        .iter()
        .map(|(name, value)| format!("{:<20}{value}\n", format!("{name}:")))
        .collect();
    format!(
        "{head}\n{}",
        record(created, &format!("Trc 04120 Check point {seconds}"))
    )
}

/// A record of an application in the short format.
pub(super) fn record(now: Time, text: &str) -> String {
    format!("{} {text}\n", iso(now))
}

/// A line of SCS, which states the time of day only.
pub(super) fn scs(now: Time, text: &str) -> String {
    format!("{} > {text}\n", now.clock())
}

/// Message Server's copy of what happened to an application.
pub(super) fn message(now: Time, who: Who, (id, text): (&str, &str)) -> String {
    let machine = who.machine();
    format!(
        "{}   Standard   {machine}   {who}   GCTI-00-0{id}   {text}\n",
        iso(now)
    )
}

/// SCS on a message that came in: the message, then the alarm that names its application.
pub(super) fn alarm(now: Time, who: Who, number: u32, (id, text): (&str, &str)) -> String {
    let dbid = who.dbid();
    let created = format!(
        "CREATE ActiveAlarm  <{number}, {who} 0{id}> for  App=<{dbid}, {who}> category=Critical under control=1"
    );
    scs(now, &format!("### MESSAGE#={id},  '{text}'")) + &scs(now, &created)
}

pub(super) fn host_is(host: Host, status: &str) -> String {
    format!("Notify Host: {status} {{{}, {host}}}", host.dbid())
}

pub(super) fn application_is(who: Who, pid: u32, mode: &str) -> String {
    format!(
        "'{}': NotifyApp: status= APP_STATUS_RUNNING mode=APP_MODE_{mode} pid={pid} {{{}, {who}}}",
        who.machine(),
        who.dbid()
    )
}

pub(super) fn status_changed(who: Who, status: &str, mode: &str, previous: &str) -> String {
    format!(
        "#### App{{{},{who}}} status changed to APP_STATUS_{status} mode=APP_MODE_{mode}, [prev=APP_STATUS_{previous}]",
        who.dbid()
    )
}

pub(super) fn mode_changed(who: Who, pid: u32, mode: &str, previous: &str) -> String {
    format!(
        "AppRunModeChanged newMode='{mode}', App <DBID={}, {who}, PID={pid}>, [prevMode={previous}], <APP_STATUS_RUNNING>",
        who.dbid()
    )
}

pub(super) fn mode_requested(who: Who) -> String {
    format!(
        "##### Request change RUNMODE for Application <{},{who}> from 'BACKUP' to 'PRIMARY'",
        who.dbid()
    )
}

pub(super) fn iso(now: Time) -> String {
    format!("{}T{}", now.day(), now.clock())
}
