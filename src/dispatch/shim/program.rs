//! The program of a command: found, looked at, and ready to start. What is wrong with it is told with its path.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::order::Order;

/// The command as it is started: no shell, no environment but the given one, nothing to read, a group of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a command is started: its caller holds the deadline"
)]
pub(super) fn command(order: &Order) -> Result<Command, String> {
    let (program, arguments) = order.argv.split_first().ok_or("there is no program")?;
    // Here and not in the child: then the system starts it in one step and never asks a shell.
    std::env::set_current_dir(&order.folder)
        .map_err(|error| format!("cannot enter {}: {error}", order.folder.display()))?;
    let path = find(program, order)?;
    look_at(&path)?;
    let mut command = Command::new(path);
    command
        .arg0(program)
        .args(arguments)
        .env_clear()
        .envs(order.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    Ok(command)
}

/// A name alone is looked for in the search path, a path in the job's folder.
fn find(program: &str, order: &Order) -> Result<PathBuf, String> {
    if program.contains('/') {
        return Ok(order.folder.join(program));
    }
    let is_program = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.mode() & 0o111 != 0)
    };
    let path = order.environment.iter().find(|(name, _)| name == "PATH");
    let path = path.map_or("", |(_, path)| path.as_str());
    std::env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(is_program)
        .ok_or_else(|| format!("no program `{program}` in PATH ({path})"))
}

/// Refuses what others may have written, and a text that only a shell would run.
fn look_at(path: &Path) -> Result<(), String> {
    let shown = path.display();
    let cannot = |error: std::io::Error| format!("cannot run {shown}: {error}");
    let data = std::fs::metadata(path).map_err(cannot)?;
    if !data.is_file() {
        return Err(format!("cannot run {shown}: it is no file"));
    }
    if data.mode() & 0o111 == 0 {
        return Err(format!("cannot run {shown}: it is not executable"));
    }
    if data.mode() & 0o002 != 0 {
        return Err(format!("will not run {shown}: every user can change it"));
    }
    // A program that may be run and not read is none of these texts.
    let Ok(file) = File::open(path) else {
        return Ok(());
    };
    let mut first = Vec::new();
    file.take(64).read_to_end(&mut first).map_err(cannot)?;
    let is_text = first.iter().all(|byte| matches!(byte, 9..=13 | 32..=126));
    if is_text && !first.starts_with(b"#!") {
        return Err(format!(
            "cannot run {shown}: it is a script, and its first line does not name its program (#!)"
        ));
    }
    Ok(())
}
