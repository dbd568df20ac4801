//! One marked alert through every sink, at once and without a daemon: what `tailswitch alert test` asks for.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crossbeam_channel::{bounded, unbounded};

use super::backlog::Backlog;
use super::deliver::Delivery;
use super::spool::Left;
use super::{LAST_WAIT, Notice, Phase, Setup, thread};
use crate::config::AlertSink;
use crate::time::Time;

/// What became of it at one sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The sink's place in what was handed in.
    pub position: usize,
    /// Why it was not delivered.
    pub outcome: Result<(), String>,
}

/// Sends a test alert through each of the sinks, whatever they want to hear, all at the same time. What is not
/// delivered when the longest timeout is over counts as not delivered. In the order of the sinks.
pub fn try_sinks(sinks: &[AlertSink], setup: &Setup<'_>, now: Time) -> std::io::Result<Vec<Tried>> {
    let notice = Arc::new(notice(now));
    let (outcomes_in, outcomes) = unbounded();
    for (position, sink) in sinks.iter().enumerate() {
        let backlog = Arc::new(Backlog::new(sink.clone(), Left::default()));
        let (keeper, _) = bounded(1);
        let mut delivery = Delivery::new(backlog, setup, Arc::new(AtomicBool::new(false)), keeper);
        let (notice, outcomes) = (notice.clone(), outcomes_in.clone());
        thread("alert-test", move || {
            let outcome = delivery.deliver(&notice);
            let outcome = outcome.map_err(|error| error.text().to_owned());
            // Nobody may wait for it any more.
            let _ = outcomes.send(Tried { position, outcome });
            delivery.end();
        })?;
    }
    let longest = sinks.iter().map(|sink| sink.timeout).max();
    let over = crossbeam_channel::after(longest.unwrap_or_default() + LAST_WAIT);
    let late = |position| Tried {
        position,
        outcome: Err("it did not answer in time".to_owned()),
    };
    let mut tried: Vec<Tried> = (0..sinks.len()).map(late).collect();
    for _ in sinks {
        crossbeam_channel::select! {
            recv(outcomes) -> one => {
                let Ok(one) = one else { break };
                if let Some(place) = tried.get_mut(one.position) {
                    *place = one;
                }
            }
            recv(over) -> _ => break,
        }
    }
    Ok(tried)
}

/// An update, since nothing is open: what keeps an alert until it is closed keeps this one for a moment only.
fn notice(now: Time) -> Notice {
    let title = "TEST of tailswitch's alerts: nothing has happened, and nothing is to be done";
    let text = "Sent by `tailswitch alert test`.";
    let notice = Notice::of_daemon("alert-test", title, now).with_text(text);
    Notice {
        phase: Phase::Update,
        ..notice
    }
}
