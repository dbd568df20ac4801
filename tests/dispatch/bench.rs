//! A dispatcher with its own state folder, and the commands that the tests give it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use tailswitch::dispatch::{Dispatcher, Ended, Job, JobId, Limits, Report, Settings, Urgency};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Longer than any machine needs: only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Bench {
    pub dispatcher: Dispatcher,
    pub reports: Receiver<Report>,
    pub folder: PathBuf,
    _folder: Option<TempDir>,
    _runtime: Runtime,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(
            PathBuf::from(env!("CARGO_BIN_EXE_tailswitch")),
            Limits::default(),
        )
    }

    /// With another program as the shim, or other limits.
    pub fn with(program: PathBuf, limits: Limits) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let bench = Bench::in_folder(folder.path(), program, limits);
        Bench {
            _folder: Some(folder),
            ..bench
        }
    }

    pub fn in_folder(folder: &Path, program: PathBuf, limits: Limits) -> Bench {
        Bench::warm(folder, program, limits, 0)
    }

    /// With so many shims that wait.
    pub fn warm(folder: &Path, program: PathBuf, limits: Limits, warm: usize) -> Bench {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let settings = Settings {
            state: folder.join("state"),
            program,
            limits,
            warm,
        };
        let (sender, reports) = crossbeam_channel::unbounded();
        Bench {
            dispatcher: Dispatcher::new(settings, runtime.handle().clone(), sender).unwrap(),
            reports,
            folder: folder.canonicalize().unwrap(),
            _folder: None,
            _runtime: runtime,
        }
    }

    /// A step that runs a shell's text; it is in the bench's folder.
    pub fn sh(&self, id: &str, text: &str) -> Job {
        self.job(id, &["/bin/sh", "-c", text, "sh"])
    }

    pub fn job(&self, id: &str, argv: &[&str]) -> Job {
        let argv = argv.iter().map(ToString::to_string).collect();
        Job::step(JobId::new(id), Urgency::Vip, "vmhost1", argv)
            .within(PATIENCE)
            .in_folder(&self.folder)
    }

    pub fn run(&self, job: Job) -> Report {
        self.dispatcher.start(job);
        self.report()
    }

    pub fn report(&self) -> Report {
        self.reports.recv_timeout(PATIENCE).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What a command wrote into a file, once it has.
    pub fn written(&self, name: &str) -> String {
        let path = self.path(name);
        wait_until(|| std::fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n')));
        std::fs::read_to_string(path).unwrap()
    }

    /// A file as another process writes it: while this one holds it open, none of the others that it starts could.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>, mode: &str) -> PathBuf {
        write_file(&self.path(name), text, mode)
    }
}

pub fn write_file(path: &Path, text: impl AsRef<[u8]>, mode: &str) -> PathBuf {
    let mut sh = Command::new("/bin/sh")
        .args(["-c", "cat > \"$1\" && chmod \"$2\" \"$1\"", "sh"])
        .args([path.as_os_str(), mode.as_ref()])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    sh.stdin.take().unwrap().write_all(text.as_ref()).unwrap();
    assert!(sh.wait().unwrap().success());
    path.to_owned()
}

pub fn wait_until(mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// True for a process that lives; a zombie does not.
pub fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

pub fn not_run(report: &Report) -> &str {
    match &report.ended {
        Ended::NotRun(why) => why,
        other => panic!("{other:?}"),
    }
}

/// The processes that work for a job in this folder, or wait for one.
pub fn shims(folder: &Path) -> Vec<u32> {
    let jobs = folder.join("state/steps").display().to_string();
    let works_here = |process: &std::fs::DirEntry| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&jobs)
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let number = |process: std::fs::DirEntry| process.file_name().to_str()?.parse().ok();
    processes.filter(works_here).filter_map(number).collect()
}
