//! One turn of the loop: what a wake-up, and the time that has passed, mean for the core.

use std::sync::Arc;

use super::present::Doubt;
use super::sources::key;
use super::wakeup::{Signal, Wakeup};
use super::{Engine, PUBLISH_EVERY, SHARED_MAX, SHOW_EVERY, STOP_WAIT};
use crate::alerts::{self, Notice};
use crate::decide::{Input, Reason};
use crate::dispatch::Report;
use crate::escape::escape;
use crate::journal::{Moment, Store};
use crate::operate::{Answer, Ask};
use crate::tail::{SourceState, Tailed, TailedEvent};
use crate::time::Time;

impl<J: Store> Engine<J> {
    /// Takes a wake-up, and all that came from the logs meanwhile. It meant to wake at `deadline` at the latest.
    pub(super) fn turn(&mut self, wakeup: Wakeup, deadline: Time) {
        self.handle.turn();
        let look = self.present.look(&*self.parts.clock, Some(deadline));
        self.now = look.now;
        if let Some(doubt) = look.doubt {
            self.doubt(doubt);
        }
        match wakeup {
            Wakeup::Tailed(tailed) => self.all_tailed(tailed),
            Wakeup::Ended(report) => self.ended(&report),
            Wakeup::Asked(ask) => self.asked(ask),
            Wakeup::Signal(signal) => self.signalled(signal),
            Wakeup::Timeout => {}
        }
        self.on_time();
        self.settle();
        if self.saved.is_unsaved() && self.save_at <= self.now {
            self.save();
        }
        self.tend();
        let is_quiet = self.parts.inputs.are_empty();
        let is_due = self.now >= self.published.plus(PUBLISH_EVERY);
        let is_old = self.now >= self.published.plus(SHOW_EVERY);
        if is_old || (self.unpublished && (is_quiet || is_due)) {
            self.publish();
        }
    }

    /// It is all to be read anew: the readers take two rounds, the status command the time it is given.
    pub(super) fn read_world(&mut self) {
        self.opinion.soon(self.now);
        let rounds = self.parts.config.poll * 2;
        self.world.read(self.now, rounds, self.opinion.patience());
    }

    /// What the time brings about.
    fn on_time(&mut self) {
        let now = self.now;
        self.unpublished |= self.parts.alerts.tick(now);
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if is_due(self.steps.due()) && self.world.is_caught_up() {
            let (inputs, wants_opinion) = self.steps.settle(&self.core, self.now);
            inputs.iter().for_each(|input| self.feed(input));
            if wants_opinion {
                self.opinion.soon(self.now);
            }
        }
        if is_due(self.opinion.due()) {
            self.opinion.ask(now);
        }
        if self.world.is_stuck(now) {
            self.world.catch_up();
            let title = "some logs cannot be read to their ends; acting goes on without them";
            self.tell(Notice::of_daemon("logs-stuck", title, self.now));
        }
        if self.stop_by.is_none() && self.world.is_read(self.now) {
            self.feed(&Input::WorldRead);
            if std::mem::take(&mut self.untold) {
                self.settle();
                let open = alerts::open(&self.core.state);
                self.parts.alerts.settle(open, now);
            }
        }
        if is_due(self.core.state.next_wake()) {
            self.feed(&Input::Wake);
        }
    }

    /// One read, and those that follow it, in one write.
    fn all_tailed(&mut self, first: Tailed) {
        self.world.hear(self.now);
        self.tailed(first);
        for _ in 1..SHARED_MAX {
            let Some(next) = self.parts.inputs.next_tailed() else {
                return;
            };
            self.tailed(next);
        }
    }

    fn tailed(&mut self, tailed: Tailed) {
        self.saved.take(&tailed);
        if let Tailed::Position(position) = &tailed {
            self.sources.found(&position.file, &self.parts.config);
        }
        self.unpublished |= self.sources.take(&tailed, self.now);
        match tailed {
            Tailed::Event(event) => self.event(*event),
            Tailed::Life {
                source,
                writer,
                time,
            } => self.life(source, &writer, time),
            Tailed::CaughtUp => {
                self.world.catch_up();
                self.read_world();
            }
            Tailed::State(state) => self.source(&state),
            Tailed::Diagnostic(diagnostic) => {
                let (file, line) = (escape(&diagnostic.file), diagnostic.line);
                let message = escape(&diagnostic.message);
                tracing::warn!(%file, line, code = %diagnostic.code, "{message}");
            }
            Tailed::Seen { .. } | Tailed::Position(_) | Tailed::Forgotten(_) => {}
        }
    }

    fn event(&mut self, tailed: TailedEvent) {
        let TailedEvent {
            event,
            source,
            history,
            ..
        } = tailed;
        self.metrics.heard(&event);
        if !history {
            self.tell(alerts::event(&self.parts.config.topology, &event));
        }
        let writer = event.writer.as_ref().unwrap_or(&event.origin.file);
        if !history && self.world.is_caught_up() {
            self.offsets.learn(writer, event.time, self.now);
        }
        let stamp = event.time.shifted(-self.ahead(source, writer));
        let age = self.now.micros().saturating_sub(stamp.micros());
        self.sources.aged(&event.origin.file, age);
        self.feed(&match history {
            true => Input::History { event, stamp },
            false => Input::Event { event, stamp },
        });
    }

    /// An application's own log goes on, which counts where its failure waits for confirmation.
    fn life(&mut self, source: usize, writer: &Arc<str>, time: Time) {
        if self.world.is_caught_up() {
            self.offsets.learn(writer, time, self.now);
        }
        let stamp = time.shifted(-self.ahead(source, writer));
        let bound = self.parts.config.topology.application(writer);
        let Some((solution, application)) = bound else {
            return;
        };
        let pair = self.core.state.pairs.get(solution);
        let awaited = pair.map_or(&[][..], |pair| &pair.awaited);
        if awaited.iter().any(|each| each.application == application) {
            self.feed(&Input::Alive {
                solution,
                application,
                stamp,
            });
        }
    }

    /// By how many microseconds the writer's clock is ahead of the engine's: as set, as learned, else as ours is.
    fn ahead(&self, source: usize, writer: &str) -> i64 {
        let source = self.parts.config.sources.get(source);
        let set = source.map_or(0, |source| source.clock_offset_micros);
        let ours = self.present.apart_micros();
        match (set, self.offsets.ahead(writer)) {
            (0, learned) => learned.unwrap_or(ours),
            (set, _) => set.saturating_add(ours),
        }
    }

    fn source(&mut self, state: &SourceState) {
        let text = escape(&state.text);
        let about = escape(&state.about);
        if state.open {
            tracing::warn!(source = %about, condition = %state.condition, "{text}");
        } else {
            tracing::info!(source = %about, condition = %state.condition, "well again");
        }
        let key = key(&state.about, state.condition);
        let told = format!("{}: {}", state.about, state.text);
        self.tell(Notice::of_source(key, state.open, &told, self.now));
    }

    fn ended(&mut self, report: &Report) {
        if let Some(answers) = self.opinion.ended(report, self.now) {
            answers.iter().for_each(|answer| self.feed(answer));
            self.world.answer();
            let settled = self.steps.heard_opinion(&self.core);
            settled.iter().for_each(|input| self.feed(input));
            return;
        }
        let Some(told) = self.steps.ended(&self.core, report, self.now) else {
            return;
        };
        let Some(learned) = told else {
            return;
        };
        // A switch is judged by its effect, and the status command may know it first.
        self.opinion.soon(self.now);
        self.feed(&learned.input);
        if self.settle() {
            self.parts.dispatcher.forget(&learned.trace);
        }
    }

    fn asked(&mut self, ask: Ask) {
        // Whoever asked may have gone, and then nobody hears the answer.
        drop(
            ask.reply
                .send(if Arc::ptr_eq(&ask.topology, &self.parts.config.topology) {
                    self.settle();
                    let (solution, request) = (ask.solution, ask.request);
                    let input = Input::Operator { solution, request };
                    let entries = self.core.handle(self.now, &input);
                    self.pending.extend(entries.iter().cloned());
                    match self.settle() {
                        true => Answer::of(&entries, &self.parts.config.topology),
                        false => Answer::Refused {
                            reason: Reason::JournalDead,
                            detail: None,
                        },
                    }
                } else {
                    Answer::Outdated
                }),
        );
        self.publish();
    }

    fn signalled(&mut self, signal: Signal) {
        match signal {
            Signal::Reload => self.load(),
            Signal::Stop if self.stop_by.is_none() => {
                tracing::info!("stopping: commands that run are waited for, none is begun");
                self.stop_by = Some(self.now.plus(STOP_WAIT));
                self.feed(&Input::WorldDoubted);
            }
            // The second one does not wait.
            Signal::Stop => self.stop_by = Some(self.now),
        }
    }

    /// A configuration that is wrong is refused, and the old one goes on.
    fn load(&mut self) {
        match (self.parts.reload)() {
            Ok(config) => {
                tracing::info!("the new configuration counts as soon as no reaction runs");
                self.reload = Some(config);
            }
            Err(faults) => {
                let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
                for fault in &told {
                    tracing::error!("{}", escape(fault));
                }
                let title = "the new configuration is wrong; the old one goes on";
                let notice = Notice::of_daemon("reload", title, self.now);
                self.tell(notice.with_text(&told.join("\n")));
            }
        }
    }

    fn doubt(&mut self, doubt: Doubt) {
        let told = match doubt {
            Doubt::ClockStepped => "the clock was stepped",
            Doubt::StoodStill => "the daemon stood still for a while",
        };
        tracing::warn!("{told}: nothing starts until everything was read again");
        self.tell(Notice::of_clock(told, self.now));
        self.feed(&Input::WorldDoubted);
        self.read_world();
    }

    /// The journal's housekeeping, while nothing runs.
    fn tend(&mut self) {
        let is_quiet = self.steps.are_idle() && self.parts.inputs.are_empty();
        let Some(journal) = self.parts.journal.as_mut().filter(|_| is_quiet) else {
            return;
        };
        if journal.dead().is_none() && journal.wants_tending() {
            let at = Moment::now(self.now, &*self.parts.clock);
            if let Err(dead) = journal.tend(at, &self.core.state) {
                tracing::error!(%dead, "nothing acts any more until the daemon starts anew");
                self.feed(&Input::Disarm(Reason::JournalDead));
                self.settle();
            }
        }
    }
}
