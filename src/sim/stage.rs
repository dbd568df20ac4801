//! The loop of one run: what is next in virtual time happens, and the checks look at it.

mod faults;
mod planted;
mod reading;
mod runs;
mod tell;

use std::collections::BTreeMap;
use std::time::Duration;

use self::planted::misread;
use super::Figures;
use super::command::{Launch, Run};
use super::daemon::Daemon;
use super::dice::Dice;
use super::mischief::{self, Fault};
use super::plant::Bug;
use super::scene::{self, START};
use super::watch::{Check, Ending, Violation, Watch, broken};
use super::world::{Change, World};
use crate::decide::{Core, Entry, Input};
use crate::time::Time;

/// Something that happens at a time.
#[derive(Clone, Debug)]
enum Happening {
    World(Change),
    Fault(Fault),
    /// A source has lines to read.
    Line(usize),
    /// A line is read once more.
    Again(usize, usize),
    /// A command does its work, or ends.
    Effect(usize),
    End(usize),
    /// The rest belongs to one life of the daemon.
    Synced(u32),
    Restart,
    ReadWorld(u32),
    /// A command of an earlier life cannot be running any more.
    Resolve(u32, Launch),
    Calm,
}

pub(super) struct Stage<'a> {
    world: World,
    daemon: Daemon,
    watch: Watch,
    dice: Dice,
    bug: Option<Bug>,
    tell: Option<&'a mut dyn FnMut(&str)>,
    agenda: BTreeMap<(Time, u64), Happening>,
    serial: u64,
    /// The ledger.
    runs: Vec<Run>,
    /// How often commands go wrong, in percent.
    trouble: u32,
    /// How each pair's processes looked when the status command was last asked.
    snapshot: Vec<Vec<Stated>>,
    /// When a VIP command of ours last ended, by pair and host.
    last_vip: Vec<[Option<Time>; 2]>,
    figures: Figures,
}

type Stated = (Option<crate::event::Mode>, Option<crate::event::Status>);

/// Longer than any timer of the core and any wait of the world, many times over.
const HAPPENINGS_MAX: u64 = 30_000;
const LONGEST: Duration = Duration::from_secs(12 * 3600);

impl<'a> Stage<'a> {
    pub fn new(seed: u64, bug: Option<Bug>, tell: Option<&'a mut dyn FnMut(&str)>) -> Stage<'a> {
        let mut dice = Dice::new(seed);
        let topology = scene::topology(&mut dice);
        let world = World::new(topology.clone(), &mut dice);
        let plot = mischief::plot(&mut dice.split(), &world);
        let mut stage = Stage {
            daemon: Daemon::new(misread(&topology, bug), world.logs.sources.len()),
            watch: Watch::new(topology.clone()),
            trouble: dice
                .pick(&[0, 0, 10, 40])
                .filter(|_| bug.is_none())
                .unwrap_or(40),
            last_vip: vec![[None; 2]; topology.solutions.len()],
            snapshot: Vec::new(),
            world,
            dice,
            bug,
            tell,
            agenda: BTreeMap::new(),
            serial: 0,
            runs: Vec::new(),
            figures: Figures {
                runs: 1,
                ..Figures::default()
            },
        };
        for (at, fault) in plot {
            stage.at(at, Happening::Fault(fault));
        }
        stage.at(START.plus(mischief::DISTURBED), Happening::Calm);
        stage
    }

    pub fn play(&mut self) -> Result<Figures, Violation> {
        self.read_back()?;
        let mut happenings = 0;
        while let Some(now) = self.next() {
            happenings += 1;
            if happenings > HAPPENINGS_MAX || now > START.plus(LONGEST) {
                let what = format!("{happenings} happenings until {}", now.clock());
                return broken(Check::TimersRunDry, what);
            }
            match self.due(now) {
                Some(happening) => self.happens(now, happening)?,
                None => self.hand(now, Input::Wake, None)?,
            }
            self.schedule();
        }
        self.end()
    }

    fn at(&mut self, at: Time, happening: Happening) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), happening);
    }

    /// What the world brought about is put where it belongs.
    fn schedule(&mut self) {
        for (at, change) in std::mem::take(&mut self.world.due) {
            self.at(at, Happening::World(change));
        }
        for (at, source) in std::mem::take(&mut self.world.logs.fresh) {
            self.at(at, Happening::Line(source));
        }
    }

    fn next(&self) -> Option<Time> {
        let agenda = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let wake = self.wake();
        agenda.into_iter().chain(wake).min()
    }

    fn wake(&self) -> Option<Time> {
        let core = self.daemon.core.as_ref()?;
        let wake = core.state.next_wake()?.max(core.state.now);
        (self.bug != Some(Bug::NeverWakes)).then_some(wake)
    }

    /// None if it is the core that wants to be woken.
    fn due(&mut self, now: Time) -> Option<Happening> {
        let first = self.agenda.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    fn happens(&mut self, now: Time, happening: Happening) -> Result<(), Violation> {
        let life = self.daemon.life;
        match happening {
            Happening::World(change) => {
                self.say(now, || format!("world: {change:?}"));
                self.world.change(now, change);
                Ok(())
            }
            Happening::Fault(fault) => {
                self.say(now, || format!("FAULT {fault:?}"));
                self.fault(now, fault)
            }
            Happening::Line(source) => self.read(now, source),
            Happening::Again(source, line) => self.line(now, source, line),
            Happening::Effect(run) => {
                self.effect(now, run);
                Ok(())
            }
            Happening::End(run) => self.ends(now, run),
            Happening::Synced(of) if of == life => self.synced(now),
            Happening::ReadWorld(of) if of == life => self.read_world(now),
            Happening::Resolve(of, launch) if of == life => self.resolve(now, &launch),
            Happening::Synced(_) | Happening::ReadWorld(_) | Happening::Resolve(..) => Ok(()),
            Happening::Restart => self.restart(now),
            Happening::Calm => self.calm(now),
        }
    }

    /// Gives the core one input, looks at what follows, and writes it down.
    fn hand(
        &mut self,
        now: Time,
        input: Input,
        position: Option<(usize, usize)>,
    ) -> Result<(), Violation> {
        self.hear_of_life(now);
        let twice = self.dice.percent(2);
        let Some(core) = &mut self.daemon.core else {
            return Ok(());
        };
        let before = twice.then(|| core.clone());
        let entries = core.handle(now, &input);
        if let Some(mut twin) = before {
            let later = match self.bug {
                Some(Bug::DecidesByChance) => now.plus(Duration::from_secs(1)),
                _ => now,
            };
            if twin.handle(later, &input) != entries {
                return broken(Check::SameDecisionTwice, format!("{input:?}"));
            }
        }
        let history = matches!(input, Input::History { .. });
        self.tell_entries(now, &input, &entries);
        let core = self.daemon.core.as_ref();
        if let Some(state) = core.map(|core| &core.state) {
            self.watch.decided(now, history, &entries, state)?;
        }
        self.figures.entries += entries.len() as u64;
        let opened = |entry: &&Entry| matches!(entry, Entry::Opened { .. });
        self.figures.incidents += entries.iter().filter(opened).count() as u64;
        self.write_down(now, entries, position)
    }

    /// If the log of an application whose failure is about to be judged goes on, now is the time to say so.
    fn hear_of_life(&mut self, now: Time) {
        let Some(core) = &mut self.daemon.core else {
            return;
        };
        for (solution, application) in core.state.doubted(now) {
            let process = &self.world.pairs[solution].processes[application];
            let source = &self.world.logs.sources[self.world.source(solution, application)];
            if process.running && !source.cut_off && source.lag.is_zero() {
                let stamp = now.minus(Duration::from_millis(50));
                let entries = core.hear(&Input::Alive {
                    solution,
                    application,
                    stamp,
                });
                self.daemon.journal.append(super::journal::Batch {
                    entries,
                    position: None,
                });
            }
        }
    }

    fn write_down(
        &mut self,
        now: Time,
        mut entries: Vec<Entry>,
        position: Option<(usize, usize)>,
    ) -> Result<(), Violation> {
        let follow_up = self.corrupt(&mut entries);
        self.daemon.remember(entries, position);
        if self.daemon.journal.begin_sync() {
            let done = now.plus(match self.dice.percent(97) {
                true => self.dice.millis(0, 20),
                false => self.dice.millis(20, 2000),
            });
            self.at(done, Happening::Synced(self.daemon.life));
        }
        if self.bug == Some(Bug::SkipsTheSync) {
            let early = std::mem::take(&mut self.daemon.waiting);
            for (_, launch) in early {
                self.start(now, launch, false)?;
            }
        }
        if self.dice.percent(1) {
            self.compare_fold(now)?;
        }
        match follow_up {
            Some(input) => self.hand(now, input, None),
            None => Ok(()),
        }
    }

    fn compare_fold(&self, now: Time) -> Result<(), Violation> {
        let Some(live) = &self.daemon.core else {
            return Ok(());
        };
        let (live, folded) = (told(live), told(&self.daemon.folded(now)));
        let differs = live.iter().zip(&folded).find(|(one, two)| one != two);
        let Some((one, two)) = differs else {
            return Ok(());
        };
        let same = one
            .bytes()
            .zip(two.bytes())
            .take_while(|(one, two)| one == two);
        let from = same.count().saturating_sub(60);
        let part = |text: &str| text.chars().skip(from).take(160).collect::<String>();
        let what = format!("live …{}…, folded …{}…", part(one), part(two));
        broken(Check::FoldIsLiveState, what)
    }

    fn end(&mut self) -> Result<Figures, Violation> {
        let now = self
            .daemon
            .core
            .as_ref()
            .map_or(START, |core| core.state.now);
        self.compare_fold(now)?;
        if let Some(core) = &self.daemon.core {
            let endings = self
                .watch
                .at_end(&core.state, &self.world, &self.last_vip)?;
            let count = |which| endings.iter().filter(|each| **each == which).count() as u64;
            self.figures.right = count(Ending::Right);
            self.figures.told = count(Ending::Told);
            self.figures.excused = count(Ending::Excused);
        }
        self.figures.commands = self.runs.len() as u64;
        Ok(self.figures)
    }
}

/// All that the entries make of the state; when a pair wants to be woken follows from it.
fn told(core: &Core) -> Vec<String> {
    let state = &core.state;
    let pairs = state.pairs.iter().map(|pair| {
        let mut text = format!("{pair:?}");
        if let Some(wake) = text.rfind("wake:") {
            text.truncate(wake);
        }
        text
    });
    let rest = format!(
        "{:?} {:?} {:?}",
        state.scs, state.disarmed, state.world_doubted
    );
    pairs.chain([rest]).collect()
}
