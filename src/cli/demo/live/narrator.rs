//! What happened, told in the order of its time: what the logs said, what the daemon tells, which commands started.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use serde::de::DeserializeOwned;

use crate::alerts::{Notice, Phase};
use crate::standin::{Folder, Kind, Said, Start, Tool, Who};
use crate::time::Time;

/// Three files are one story: what is younger than this waits, in case something older still comes.
const SETTLES: Duration = Duration::from_millis(200);
/// A screen is not wider.
const LINE_CHARS_MAX: usize = 118;
/// Of one file, at a time.
const READ_BYTES_MAX: u64 = 4 << 20;

pub(super) struct Narrator {
    said: Tail,
    started: Tail,
    told: Tail,
    /// Not told yet.
    waiting: Vec<(Time, String)>,
    /// From where times are counted.
    since: Time,
    /// The records by which a pair moves.
    causes: Vec<(Time, Cause)>,
}

impl Narrator {
    /// What the logs have said already is no part of the story.
    pub(super) fn new(folder: &Folder, now: Time) -> anyhow::Result<Narrator> {
        let tail = |name: &str| Tail {
            path: folder.path().join(name),
            offset: 0,
        };
        let mut said = tail("said.jsonl");
        said.read::<Said>()?;
        Ok(Narrator {
            said,
            started: tail("ledger.jsonl"),
            told: tail("alerts.jsonl"),
            waiting: Vec::new(),
            since: now,
            causes: Vec::new(),
        })
    }

    /// Times are counted from here.
    pub(super) fn begin(&mut self, now: Time) {
        self.since = now;
    }

    /// What has become known since and is settled at `now`.
    pub(super) fn lines(&mut self, now: Time) -> anyhow::Result<Vec<String>> {
        for said in self.said.read::<Said>()? {
            self.causes
                .extend(cause(&said).map(|cause| (said.time, cause)));
            self.add(
                said.time,
                "log",
                &format!("{:<15} {}", said.who, short(&said)),
            );
        }
        for start in self
            .started
            .read::<Start>()?
            .iter()
            .filter(|start| start.acts())
        {
            let text = self.told_start(start);
            self.add(start.time, "command", &text);
        }
        for notice in self.told.read::<Notice>()? {
            self.add(notice.time, "daemon", &noticed(&notice));
        }
        // The sort is stable: what is of one time and file stays in order.
        self.waiting.sort_by_key(|(time, _)| *time);
        let settled = |(time, _): &(Time, String)| time.plus(SETTLES) <= now;
        let due = self.waiting.partition_point(settled);
        Ok(self.waiting.drain(..due).map(|(_, line)| line).collect())
    }

    fn add(&mut self, time: Time, who: &str, text: &str) {
        let micros = time.micros() - self.since.micros();
        // From before the beginning there may be a straggler.
        let sign = if micros < 0 { '-' } else { '+' };
        let seconds = Duration::from_micros(micros.unsigned_abs()).as_secs_f64();
        let mut line = format!("  {sign}{seconds:06.3}  {who:<8} {text}");
        if let Some((cut, _)) = line.char_indices().nth(LINE_CHARS_MAX) {
            line.truncate(cut);
            line.push('…');
        }
        self.waiting.push((time, line));
    }

    /// With the time since the record that it answers.
    fn told_start(&self, start: &Start) -> String {
        let answered = |(time, cause): &&(Time, Cause)| *time <= start.time && cause.moves(start);
        match self.causes.iter().rev().find(answered) {
            Some((time, cause)) => {
                let micros = start.time.since(*time).as_micros();
                let millis = format!("{}.{:03} ms", micros / 1000, micros % 1000);
                format!("{}, {millis} after {}", start.did, cause.told)
            }
            None => start.did.clone(),
        }
    }
}

/// A record by which a pair moves, or goes on with it.
#[derive(Debug, PartialEq, Eq)]
struct Cause {
    told: String,
    /// Of which application; none where it is of a host.
    who: Option<Who>,
}

impl Cause {
    /// The VIP follows a SIP Server, and a host that is back lets it go; any failure can switch an application.
    fn moves(&self, start: &Start) -> bool {
        match (start.tool, self.who) {
            (Some(Tool::Switch), Some(who)) => start.target.as_deref() != Some(who.word()),
            (Some(Tool::Switch), None) => false,
            (_, Some(who)) => who.kind() == Kind::VmSipServer && self.told.ends_with("04563"),
            (_, None) => true,
        }
    }
}

/// A file of JSON lines that grows.
struct Tail {
    path: PathBuf,
    offset: u64,
}

impl Tail {
    /// The whole lines that are new. A file that is not there yet has none.
    fn read<T: DeserializeOwned>(&mut self) -> anyhow::Result<Vec<T>> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened?,
        };
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.take(READ_BYTES_MAX).read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        bytes.truncate(whole.map_or(0, |at| at + 1));
        self.offset += bytes.len() as u64;
        let lines = bytes.split(|byte| *byte == b'\n');
        let parse = |line| serde_json::from_slice(line);
        let values = lines.filter(|line| !line.is_empty()).map(parse);
        let told = || format!("{} is unreadable", self.path.display());
        values.collect::<Result<_, _>>().with_context(told)
    }
}

/// In one line. The end of an alert names nothing by itself.
fn noticed(notice: &Notice) -> String {
    match (notice.phase, notice.text.as_str()) {
        (Phase::Close, "") => format!("{}: {}", notice.key, notice.title),
        (_, "") => notice.title.clone(),
        // What became of each step was told before.
        (_, text) if text.contains('\n') => notice.title.clone(),
        (_, text) => format!("{}: {text}", notice.title),
    }
}

/// Without its stamp; an alarm by what it names, since its text is long.
fn short(said: &Said) -> String {
    match alarm(said) {
        Some(alarm) => format!("alarm {alarm}"),
        None => {
            let (_, text) = said.text.split_once(' ').unwrap_or_default();
            text.trim_start_matches("> ").trim_start().to_owned()
        }
    }
}

fn cause(said: &Said) -> Option<Cause> {
    let of = |told: String| Cause {
        who: Who::from_word(told.split(' ').next().unwrap_or_default()),
        told,
    };
    if said.text.contains(" 04563 ") {
        return Some(of(format!("{} 04563", said.who)));
    }
    if let Some((_, host)) = said.text.split_once("Notify Host: Running {") {
        // Behind its number.
        let (_, name) = host.trim_end_matches('}').split_once(", ")?;
        return Some(of(format!("the return of {name}")));
    }
    alarm(said).map(|alarm| of(alarm.to_owned()))
}

/// `RM_1 05091` of the alarm that SCS makes of a message.
fn alarm(said: &Said) -> Option<&str> {
    let (_, alarm) = said.text.split_once("CREATE ActiveAlarm  <")?;
    let (_, alarm) = alarm.split_once(", ")?;
    Some(alarm.split_once('>')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(who: &str, text: &str) -> Said {
        Said {
            time: Time::from_micros(0),
            who: who.to_owned(),
            file: String::new(),
            text: text.to_owned(),
        }
    }

    const ALARM: &str = "20:31:07.412 > ### MESSAGE#=5091,  'Application termination'\n\
        20:31:07.412 > CREATE ActiveAlarm  <601, RM_1 05091> for  App=<155, RM_1> under control=1";

    #[test]
    fn a_record_is_told_without_its_stamp_and_an_alarm_by_its_name() {
        let own = said(
            "VM_SIPServer_2",
            "2026-11-02T20:31:07.412 Std 04563 Hot Standby (Primary) mode activated",
        );
        assert_eq!(
            short(&own),
            "Std 04563 Hot Standby (Primary) mode activated"
        );
        let scs = said(
            "SCS_P",
            "20:31:07.412 > Notify Host: Unavailable {111, vmhost1}",
        );
        assert_eq!(short(&scs), "Notify Host: Unavailable {111, vmhost1}");
        assert_eq!(short(&said("SCS_P", ALARM)), "alarm RM_1 05091");
    }

    #[test]
    fn a_command_answers_the_record_that_it_follows_from() {
        let start = |tool, target: &str| Start {
            time: Time::from_micros(1),
            pid: 1,
            tool: Some(tool),
            target: Some(target.to_owned()),
            behaviour: crate::standin::Behaviour::Ok,
            did: String::new(),
            argv: Vec::new(),
            exit: 0,
            leaves: None,
        };
        let sip = cause(&said(
            "VM_SIPServer_2",
            "2026-11-02T20:31:07.412 Std 04563 Hot",
        ))
        .unwrap();
        let vms = cause(&said(
            "VM_Server_2",
            "2026-11-02T20:31:07.412 Std 04563 Hot",
        ))
        .unwrap();
        let rm = cause(&said("SCS_P", ALARM)).unwrap();
        let back = cause(&said(
            "SCS_P",
            "20:31:07.412 > Notify Host: Running {111, vmhost1}",
        ))
        .unwrap();
        assert_eq!(back.told, "the return of vmhost1");
        // VM SIP Server, VM Server, RM, host.
        for (start, answers) in [
            (start(Tool::VipUp, "vmhost2"), [true, false, false, true]),
            (
                start(Tool::Switch, "VM_Server_2"),
                [true, false, true, false],
            ),
            (
                start(Tool::Switch, "VM_SIPServer_2"),
                [false, true, true, false],
            ),
        ] {
            let moves = [&sip, &vms, &rm, &back].map(|cause| cause.moves(&start));
            assert_eq!(moves, answers, "{start:?}");
        }
        assert_eq!(
            cause(&said("RM_1", "20:31:07.412 Std 05060 Application started")),
            None
        );
    }

    #[test]
    fn half_a_line_waits_for_its_other_half() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("numbers");
        let mut tail = Tail {
            path: path.clone(),
            offset: 0,
        };
        assert!(tail.read::<u32>().unwrap().is_empty());
        for (content, new) in [
            ("1\n2\n3", vec![1, 2]),
            ("1\n2\n34\n", vec![34]),
            ("1\n2\n34\n", vec![]),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(tail.read::<u32>().unwrap(), new, "{content}");
        }
    }
}
