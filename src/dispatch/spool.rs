//! The folder of one job: what is left of it when the daemon dies.
//!
//! | file | written by | says |
//! |---|---|---|
//! | `order` | daemon | the job exists and has not begun; no secrets |
//! | `runner` | shim | which process carries it out, and until when |
//! | `claimed` | shim, by renaming `order` | the command begins now |
//! | `cancelled` | daemon, by renaming `order` | the command never begins |
//! | `result` | shim, synced | how it ended |

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::clock::{self, Moment};
use super::job::{Job, JobId, Urgency};
use super::report::Report;

const ORDER: &str = "order";
const RUNNER: &str = "runner";
const CLAIMED: &str = "claimed";
const CANCELLED: &str = "cancelled";
const RESULT: &str = "result";
/// A report with all of the output of a step, each byte escaped, is smaller.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// A folder's name may not be longer.
const NAME_BYTES_MAX: usize = 255;

/// The folders of all jobs.
pub(super) struct Spools(PathBuf);

pub(super) struct Spool(PathBuf);

/// What a restarted daemon needs to know of a job.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub(super) id: JobId,
    pub(super) host: Arc<str>,
    pub(super) urgency: Urgency,
    pub(super) boot: Option<String>,
}

/// The shim of a job. Process and moments count only in the run of the machine that they are from.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Runner {
    pub(super) pid: u32,
    /// When the process was started, so that another one with its number is not taken for it.
    pub(super) start: u64,
    pub(super) boot: Option<String>,
    pub(super) until: Moment,
}

impl Spools {
    pub(super) fn create(state: &Path) -> io::Result<Spools> {
        let steps = state.join("steps");
        builder().recursive(true).create(&steps)?;
        Ok(Spools(fs::canonicalize(steps)?))
    }

    pub(super) fn of(&self, id: &JobId) -> Spool {
        Spool(self.0.join(file_name(id)))
    }

    /// In which each job has its own.
    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// The jobs that left something here.
    pub(super) fn all(&self) -> Vec<Spool> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries.map(|entry| Spool(entry.path())).collect()
    }
}

impl Spool {
    pub(super) fn at(folder: PathBuf) -> Spool {
        Spool(folder)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Fails with `AlreadyExists` for a job that was started before.
    pub(super) fn create(&self, job: &Job) -> io::Result<()> {
        builder().create(&self.0)?;
        let ticket = Ticket {
            id: job.id.clone(),
            host: job.host.clone(),
            urgency: job.urgency,
            boot: clock::boot(),
        };
        self.write(ORDER, &ticket, Sync::No)
    }

    /// The shim begins. False if the daemon took the order back.
    pub(super) fn claim(&self) -> io::Result<bool> {
        self.turn_into(CLAIMED)
    }

    /// The daemon takes the order back. False if the shim has begun.
    pub(super) fn cancel(&self) -> io::Result<bool> {
        self.turn_into(CANCELLED)
    }

    pub(super) fn is_claimed(&self) -> bool {
        self.0.join(CLAIMED).exists()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.0.join(CANCELLED).exists()
    }

    /// Of a job that has not been cancelled, in this run of the machine or an unknown one.
    pub(super) fn ticket(&self) -> Option<Ticket> {
        self.read(CLAIMED).or_else(|| self.read(ORDER))
    }

    pub(super) fn write_runner(&self, runner: &Runner) -> io::Result<()> {
        self.write(RUNNER, runner, Sync::No)
    }

    pub(super) fn runner(&self) -> Option<Runner> {
        self.read(RUNNER)
    }

    pub(super) fn write_result(&self, report: &Report) -> io::Result<()> {
        self.write(RESULT, report, Sync::Yes)
    }

    pub(super) fn result(&self) -> Option<Report> {
        self.read(RESULT)
    }

    /// What cannot be removed is found again at the next start.
    pub(super) fn remove(&self) {
        let _ = fs::remove_dir_all(&self.0);
    }

    fn turn_into(&self, name: &str) -> io::Result<bool> {
        match fs::rename(self.0.join(ORDER), self.0.join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The file is there with all of its bytes, or not at all. A machine that loses its power forgets what was not
    /// synced; then nobody trusts these files anyhow, a result apart.
    fn write(&self, name: &str, value: &impl Serialize, sync: Sync) -> io::Result<()> {
        let unfinished = self.0.join(format!("{name}.new"));
        let mut file = private().open(&unfinished)?;
        file.write_all(&serde_json::to_vec(value)?)?;
        if sync == Sync::Yes {
            file.sync_all()?;
        }
        fs::rename(&unfinished, self.0.join(name))?;
        if sync == Sync::Yes && cfg!(unix) {
            File::open(&self.0)?.sync_all()?;
        }
        Ok(())
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let mut text = Vec::new();
        let file = File::open(self.0.join(name)).ok()?;
        file.take(FILE_BYTES_MAX).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

impl Ticket {
    /// What the folder says is then exact: the machine has not lost anything since.
    pub(super) fn is_of_this_boot(&self) -> bool {
        is_of_this_boot(self.boot.as_deref())
    }
}

impl Runner {
    pub(super) fn is_of_this_boot(&self) -> bool {
        is_of_this_boot(self.boot.as_deref())
    }
}

fn is_of_this_boot(boot: Option<&str>) -> bool {
    boot.is_some() && boot == clock::boot().as_deref()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sync {
    Yes,
    No,
}

/// Letters, digits, `-` and `_` as they are, any other byte as `%2F`: no two ids have the same name, none leaves its
/// folder.
fn file_name(id: &JobId) -> String {
    let mut name = String::new();
    for byte in id.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    if name.len() > NAME_BYTES_MAX || name.is_empty() {
        return format!("%%{:016x}", hash(id.as_str()));
    }
    name
}

/// FNV-1a, for names that are too long for a folder: the same in every build.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spool(state: &Path, id: &str) -> (Spool, Job) {
        let job = Job::step(JobId::new(id), Urgency::Vip, "vmhost1", Vec::new());
        (Spools::create(state).unwrap().of(&job.id), job)
    }

    #[test]
    fn an_order_is_claimed_or_cancelled_never_both() {
        let state = tempfile::tempdir().unwrap();
        let (spool, job) = spool(state.path(), "a/1");
        spool.create(&job).unwrap();
        assert!(spool.claim().unwrap());
        assert!(!spool.cancel().unwrap());
        assert!(spool.is_claimed() && !spool.is_cancelled());
        let again = spool.create(&job).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        spool.remove();
        spool.create(&job).unwrap();
        assert!(spool.cancel().unwrap());
        assert!(!spool.claim().unwrap());
    }

    #[test]
    fn a_half_written_file_is_none() {
        let state = tempfile::tempdir().unwrap();
        let (spool, job) = spool(state.path(), "a");
        spool.create(&job).unwrap();
        let report = Report::lost(job.id, "no trace");
        spool.write_result(&report).unwrap();
        assert_eq!(spool.result(), Some(report));
        let path = spool.folder().join(RESULT);
        let text = fs::read(&path).unwrap();
        for length in 0..text.len() {
            fs::write(&path, &text[..length]).unwrap();
            assert_eq!(spool.result(), None);
        }
    }

    proptest! {
        #[test]
        fn every_id_has_its_own_folder_here(a in "[a/.\\\\ %\0é]{0,90}", b in "[a/.\\\\ %\0é]{0,90}") {
            let (one, other) = (file_name(&JobId::new(&*a)), file_name(&JobId::new(&*b)));
            prop_assert!(!one.is_empty() && one.len() <= NAME_BYTES_MAX);
            prop_assert!(!one.contains(['/', '\\', '\0', '.']));
            prop_assert_eq!(one == other, a == b);
        }
    }
}
