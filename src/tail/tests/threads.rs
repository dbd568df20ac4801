//! The threads, the channel, and notifications of the real system.

use crossbeam_channel::{Receiver, bounded, unbounded};

use super::*;
use crate::clock::{Clock, SystemClock};

const LONG: Duration = Duration::from_secs(60);

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

/// The next event's number; positions are kept.
fn next(received: &Receiver<Tailed>, positions: &mut Positions) -> String {
    loop {
        let tailed = received.recv_timeout(LONG).unwrap();
        positions.take(&tailed);
        if let Tailed::Event(told) = tailed {
            return told.event.text.rsplit('#').next().unwrap().to_owned();
        }
    }
}

fn caught_up(received: &Receiver<Tailed>) {
    while received.recv_timeout(LONG).unwrap() != Tailed::CaughtUp {}
}

#[test]
fn a_thread_reads_what_is_written_until_it_is_stopped() {
    let bench = Bench::new(&["*.log", "absent/*.log"]);
    let (sender, received) = unbounded();
    let mut positions = Positions::default();
    let begin = |positions: &mut Positions| {
        let settings = Settings {
            // Longer than the test waits: without notifications it would not end.
            poll: LONG * 2,
            list_every: LONG * 2,
            ..Settings::default()
        };
        start(
            bench.plan.clone(),
            settings,
            positions,
            sender.clone(),
            clock(),
        )
        .unwrap()
    };
    let tailer = begin(&mut Positions::default());
    caught_up(&received);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    assert_eq!(next(&received, &mut positions), "1");
    bench.write("a.log", event(2));
    assert_eq!(next(&received, &mut positions), "2");
    tailer.stop();
    for tailed in received.try_iter() {
        positions.take(&tailed);
    }
    bench.write("a.log", event(3));
    let tailer = begin(&mut positions.clone());
    assert_eq!(next(&received, &mut positions), "3");
    drop(tailer);
}

#[test]
fn a_full_channel_makes_the_reader_wait_and_loses_nothing() {
    let bench = Bench::new(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", events(0..500)));
    let (sender, received) = bounded(1);
    let mut positions = Positions::default();
    let settings = Settings::default();
    let tailer = start(
        bench.plan.clone(),
        settings,
        &mut positions,
        sender,
        clock(),
    )
    .unwrap();
    for number in 0..500 {
        assert_eq!(next(&received, &mut positions), number.to_string());
    }
    // And a reader that waits can be stopped.
    bench.write("a.log", events(500..600));
    assert_eq!(next(&received, &mut positions), "500");
    tailer.stop();
}

#[test]
fn without_notifications_polling_finds_everything() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.settings.list_every = Duration::from_secs(1);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.now += Duration::from_secs(1);
    bench.look();
    bench.write("a.log", event(2));
    bench.look();
    assert_eq!(bench.events(), "1 2");
}

/// With the system's limits for notifications at their lowest. Run by `tests/inotify-limits.sh`, which sets them.
#[test]
#[ignore = "changes nothing by itself: tests/inotify-limits.sh runs it under tiny limits"]
fn tiny_limits_make_it_slower_and_lose_nothing() {
    let bench = Bench::new(&["*.log"]);
    let (sender, received) = unbounded();
    let mut positions = Positions::default();
    let settings = Settings::default();
    let tailer = start(
        bench.plan.clone(),
        settings,
        &mut positions,
        sender,
        clock(),
    )
    .unwrap();
    let mut polling = None;
    loop {
        match received.recv_timeout(LONG).unwrap() {
            Tailed::CaughtUp => break,
            Tailed::State(state) if state.condition == Condition::Polling => {
                polling = Some(state.text);
            }
            _ => {}
        }
    }
    for number in 0..200 {
        let name = format!(
            "sips.20261102_20{:02}{:02}_000.log",
            number / 60,
            number % 60
        );
        bench.write(&name, format!("{HEAD}{}", event(number)));
    }
    for number in 0..200 {
        assert_eq!(next(&received, &mut positions), number.to_string());
    }
    match std::env::var("EXPECTED").as_deref() {
        Ok("polling") => assert!(polling.unwrap().contains("fs.inotify")),
        Ok("rescans") => {
            assert_eq!(polling, None);
            println!(
                "{} rescans",
                tailer.rescans().load(std::sync::atomic::Ordering::Relaxed)
            );
        }
        _ => {}
    }
    tailer.stop();
}
