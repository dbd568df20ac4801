//! Alerts as real receivers get them: rsyslogd, snmptrapd, Alertmanager, and whatever `alert test` reaches.
//!
//! A test whose receiver is not installed says so and passes; `.ci/run` installs them where it can.

mod alertmanager;
mod command;
mod documents;
mod mib;
mod receiver;
mod rsyslogd;
mod snmptrapd;
