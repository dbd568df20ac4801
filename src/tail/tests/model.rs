//! The reader against a pure model of what can be known: two logs are written, rotated, truncated and deleted, and
//! the process that reads them is killed, at random.
//!
//! The model knows what each file holds and what of it has been read. Every event that can be read is told exactly
//! once, and nothing else is told; what stood in a file that was truncated before the next look may be lost.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Action {
    Write(Which),
    /// The beginning of a line, which the next write to the log ends.
    Begin(Which),
    Rotate(Which),
    DeleteOldest(Which),
    /// With or without a copy elsewhere: what is not read yet may be lost.
    Truncate,
    /// Beyond the place that was read to, before anyone looks.
    TruncateAndRefill,
    HardLink,
    Look,
    Round,
    Rest,
    Restart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// A new name with a date for each segment.
    Dated,
    /// The old segment is renamed.
    Renamed,
}

/// A file, whatever its name.
#[derive(Debug, Default)]
struct Stored {
    names: Vec<String>,
    unread: Vec<u32>,
    begun: Option<u32>,
    /// The reader knows it and has it open.
    seen: bool,
    /// The reader may know it: it lists the folder when it finds that a file was truncated.
    perhaps_seen: bool,
}

#[derive(Debug, Default)]
struct Model {
    dated: Vec<Stored>,
    renamed: Vec<Stored>,
    number: u32,
    names: u32,
    /// No look since the process began: the first one lists.
    fresh: bool,
    /// A file was truncated, and nobody looked since.
    truncated: bool,
    must: Vec<u32>,
    may: BTreeSet<u32>,
}

impl Model {
    fn log(&mut self, which: Which) -> &mut Vec<Stored> {
        match which {
            Which::Dated => &mut self.dated,
            Which::Renamed => &mut self.renamed,
        }
    }

    fn number(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    fn look(&mut self, list: bool) {
        let list = list || std::mem::take(&mut self.fresh);
        let perhaps_list = std::mem::take(&mut self.truncated);
        for stored in self.dated.iter_mut().chain(&mut self.renamed) {
            stored.seen |= list && !stored.names.is_empty();
            stored.perhaps_seen |= perhaps_list && !stored.names.is_empty();
            if stored.seen {
                self.must.append(&mut stored.unread);
            } else if stored.perhaps_seen {
                self.may.extend(&stored.unread);
            }
        }
    }

    fn restart(&mut self) {
        self.fresh = true;
        for log in [&mut self.dated, &mut self.renamed] {
            log.retain(|stored| !stored.names.is_empty());
            for stored in log {
                (stored.seen, stored.perhaps_seen) = (false, false);
            }
        }
    }
}

/// Both at once: what is done to the folder is done to the model.
struct Trial<'a> {
    bench: &'a mut Bench,
    model: Model,
}

impl Trial<'_> {
    fn act(&mut self, action: Action) {
        match action {
            Action::Write(which) => self.write(which),
            Action::Begin(which) => self.begin(which),
            Action::Rotate(which) => self.rotate(which),
            Action::DeleteOldest(which) => self.delete_oldest(which),
            Action::Truncate => self.truncate(false),
            Action::TruncateAndRefill => self.truncate(true),
            Action::HardLink => self.hard_link(),
            Action::Look => self.look(),
            Action::Round => self.round(),
            Action::Rest => {
                self.bench.rest();
                self.round();
            }
            Action::Restart => {
                self.bench.restart();
                self.model.restart();
            }
        }
    }

    fn current(&mut self, which: Which) -> &mut Stored {
        if self.model.log(which).is_empty() {
            self.create(which);
        }
        self.model.log(which).last_mut().unwrap()
    }

    fn create(&mut self, which: Which) {
        self.model.names += 1;
        let names = self.model.names;
        let name = match which {
            Which::Dated => format!("g.20261102_{:02}{:02}00_000.log", names / 60, names % 60),
            Which::Renamed => "r.log".to_owned(),
        };
        let (_, number) = (self.bench.write(&name, HEAD), self.model.number());
        self.bench.write(&name, event(number));
        self.model.log(which).push(Stored {
            names: vec![name],
            unread: vec![number],
            ..Stored::default()
        });
    }

    fn write(&mut self, which: Which) {
        let next = self.model.number() + 1;
        self.model.number = next;
        let stored = self.current(which);
        let name = stored.names[0].clone();
        let (number, text) = match stored.begun.take() {
            Some(number) => (number, event(number)[10..].to_owned()),
            None => (next, event(next)),
        };
        stored.unread.push(number);
        self.bench.write(&name, text);
    }

    fn begin(&mut self, which: Which) {
        let next = self.model.number() + 1;
        self.model.number = next;
        let stored = self.current(which);
        if stored.begun.is_none() {
            stored.begun = Some(next);
            let name = stored.names[0].clone();
            self.bench.write(&name, &event(next)[..10]);
        }
    }

    fn rotate(&mut self, which: Which) {
        if self.current(which).begun.is_some() {
            self.write(which);
        }
        if which == Which::Renamed {
            let names = self.model.names;
            let stored = self.current(which);
            let to = format!("r.log.{names}");
            let from = std::mem::replace(&mut stored.names[0], to.clone());
            self.bench.rename(&from, &to);
        }
        self.create(which);
    }

    fn delete_oldest(&mut self, which: Which) {
        let log = self.model.log(which);
        let last = log.len().saturating_sub(1);
        let Some(oldest) = log
            .iter_mut()
            .take(last)
            .find(|stored| !stored.names.is_empty())
        else {
            return;
        };
        let name = oldest.names.remove(0);
        self.bench.remove(&name);
    }

    fn truncate(&mut self, refill: bool) {
        let stored = self.current(Which::Renamed);
        let name = stored.names[0].clone();
        let lost = std::mem::take(&mut stored.unread);
        stored.begun = None;
        self.model.may.extend(lost);
        self.model.truncated = true;
        let path = self.bench.path(&name);
        let size = fs::metadata(&path).unwrap().len();
        overwrite(&path, HEAD.as_bytes());
        self.write(Which::Renamed);
        while refill && fs::metadata(&path).unwrap().len() <= size {
            self.write(Which::Renamed);
        }
    }

    fn hard_link(&mut self) {
        self.model.names += 1;
        let link = format!("link{}.log", self.model.names);
        let stored = self.current(Which::Dated);
        let name = stored.names[0].clone();
        stored.names.push(link.clone());
        fs::hard_link(self.bench.path(&name), self.bench.path(&link)).unwrap();
    }

    /// A file that shrank is believed to be shorter at the second look.
    fn look(&mut self) {
        for _ in 0..3 {
            self.bench.look();
        }
        if self.model.fresh {
            self.round();
        }
        self.model.look(false);
    }

    /// And at the fourth, where an earlier process read it.
    fn round(&mut self) {
        for _ in 0..5 {
            self.bench.round();
        }
        self.model.look(true);
    }

    fn judge(mut self) {
        self.round();
        self.bench.rest();
        self.round();
        let told = self.bench.events();
        let told = told.split(' ').filter(|number| !number.is_empty());
        let mut told: Vec<u32> = told
            .map(|number| number.trim_start_matches('h').parse().unwrap())
            .collect();
        told.sort_unstable();
        let mut must = self.model.must;
        must.sort_unstable();
        let known: Vec<u32> = told
            .iter()
            .copied()
            .filter(|number| !self.model.may.contains(number) || must.contains(number))
            .collect();
        assert_eq!(known, must);
        let once: BTreeSet<u32> = told.iter().copied().collect();
        assert_eq!(once.len(), told.len(), "told twice: {told:?}");
    }
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let which = prop_oneof![Just(Which::Dated), Just(Which::Renamed)];
    let action = prop_oneof![
        6 => which.clone().prop_map(Action::Write),
        2 => which.clone().prop_map(Action::Begin),
        3 => which.clone().prop_map(Action::Rotate),
        2 => which.prop_map(Action::DeleteOldest),
        1 => Just(Action::Truncate),
        1 => Just(Action::TruncateAndRefill),
        1 => Just(Action::HardLink),
        3 => Just(Action::Look),
        3 => Just(Action::Round),
        1 => Just(Action::Rest),
        2 => Just(Action::Restart),
    ];
    prop::collection::vec(action, 1..40)
}

#[test]
fn reading_is_as_the_model_says() {
    let mut bench = Bench::new(&["*.log*"]);
    bench.settings.list_every = Duration::MAX;
    let bench = RefCell::new(bench);
    let mut runner = TestRunner::new(ProptestConfig {
        // One folder is used again and again; a failure prints its actions.
        failure_persistence: None,
        cases: ProptestConfig::default().cases.max(400),
        ..ProptestConfig::default()
    });
    let result = runner.run(&actions(), |actions| {
        let mut bench = bench.borrow_mut();
        for entry in fs::read_dir(bench.folder.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        bench.positions = Positions::default();
        bench.told.clear();
        bench.restart();
        bench.round();
        let mut trial = Trial {
            bench: &mut bench,
            model: Model::default(),
        };
        for action in actions {
            trial.act(action);
        }
        trial.judge();
        Ok(())
    });
    result.unwrap();
}
