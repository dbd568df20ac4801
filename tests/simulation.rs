//! The core under a virtual clock, with everything around it going wrong. See `tailswitch::sim`.
//!
//! `SIM_SEEDS=20000 cargo test --release --test simulation` runs more seeds, from `SIM_FIRST` on;
//! `SIM_SEED=n cargo test --test simulation -- --nocapture` repeats one and tells it.

use std::sync::atomic::{AtomicU64, Ordering};

use tailswitch::sim::{self, Bug, Check, Failure, Figures};

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn every_seed_keeps_what_is_promised() {
    if let Some(seed) = setting("SIM_SEED") {
        let told = sim::trace(seed, &mut |line| println!("{line}"));
        match told {
            Ok(figures) => println!("{figures:#?}"),
            Err(failure) => panic!("{failure}"),
        }
        return;
    }
    let first = setting("SIM_FIRST").unwrap_or(1);
    let (figures, failures) = run_all(first, setting("SIM_SEEDS").unwrap_or(300));
    println!("{figures:#?}");
    let mut told: Vec<String> = failures.iter().map(Failure::to_string).collect();
    told.truncate(20);
    assert!(
        failures.is_empty(),
        "{} of {} seeds failed; SIM_SEED=n repeats one:\n{}",
        failures.len(),
        figures.runs + failures.len() as u64,
        told.join("\n")
    );
}

/// All seeds from `first` on, on all cores.
fn run_all(first: u64, seeds: u64) -> (Figures, Vec<Failure>) {
    let next = AtomicU64::new(first);
    let work = || {
        let (mut figures, mut failures) = (Figures::default(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + seeds {
                return (figures, failures);
            }
            match std::panic::catch_unwind(|| sim::run(seed)) {
                Ok(Ok(more)) => figures += more,
                Ok(Err(failure)) => failures.push(failure),
                Err(_) => panic!("seed {seed}: the core panicked"),
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let (mut figures, mut failures) = (Figures::default(), Vec::new());
        for worker in workers {
            let (more, failed) = worker.join().expect("a worker");
            figures += more;
            failures.extend(failed);
        }
        failures.sort_by_key(|failure| failure.seed);
        (figures, failures)
    })
}

#[test]
fn one_seed_is_one_run() {
    for seed in 1..20 {
        let tell = || {
            let mut told = Vec::new();
            let end = sim::trace(seed, &mut |line| told.push(line.to_string()));
            (told, end.map_err(|failure| failure.to_string()))
        };
        assert_eq!(tell(), tell(), "seed {seed}");
    }
}

/// Each planted error, and the check that must find it.
const PLANTED: [(Bug, Check); 21] = [
    (Bug::SkipsTheSync, Check::DurableFirst),
    (Bug::RunsTwice, Check::OncePerIntent),
    (Bug::ForgetsPauses, Check::NotWhileWorkedOn),
    (Bug::ForgetsMaintenance, Check::NotWhileWorkedOn),
    (Bug::OutlivesTheJournal, Check::NotWhileDisarmed),
    (Bug::TrustsTheClock, Check::NotWhileDoubted),
    (Bug::HistoryIsNews, Check::NothingFromHistory),
    (Bug::OldLinesAreNews, Check::NothingOld),
    (Bug::GuessesThePrimary, Check::NotInTheDark),
    (Bug::MixesUpHosts, Check::VipFollowsTheLead),
    (Bug::MovesBackByItself, Check::CauseForEveryMove),
    (Bug::AnswersTooSoon, Check::NoTwoVipCommands),
    (Bug::ForgetsWhatRuns, Check::NoTwoSwitches),
    (Bug::ForgetsWhatWasOvertaken, Check::OneDirection),
    (Bug::ForgetsEchoes, Check::NoPingPong),
    (Bug::RunsInAlertOnly, Check::AlertOnlyRunsNothing),
    (Bug::NeverWakes, Check::EveryIncidentCloses),
    (Bug::NeverPaid, Check::TimersRunDry),
    (Bug::LiesAboutTheVip, Check::VipEndsRight),
    (Bug::LosesAnEntry, Check::FoldIsLiveState),
    (Bug::DecidesByChance, Check::SameDecisionTwice),
];

#[test]
fn every_check_finds_the_error_that_is_planted_for_it() {
    let mut missed = Vec::new();
    for (bug, check) in PLANTED {
        let found = (1..2000).find_map(|seed| {
            let failure = sim::run_with(seed, bug).err()?;
            (failure.violation.check == check).then_some(seed)
        });
        println!("{bug:?}: {check:?} finds it, seed {found:?}");
        if found.is_none() {
            missed.push((bug, check));
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
