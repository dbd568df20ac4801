//! The pair of `tailswitch demo`: its configuration and its captured logs, all synthetic, as part of the program.

use std::path::Path;

use crate::capture::Captured;
use crate::config::InMemory;

/// One file of the demonstration.
pub struct File {
    /// Below the demonstration's folder.
    pub path: &'static str,
    pub bytes: &'static [u8],
    /// The permission bits that it is written with.
    pub permissions: u32,
}

macro_rules! file {
    ($path:literal, $permissions:literal) => {
        File {
            path: $path,
            bytes: include_bytes!(concat!("../fixtures/demo/", $path)),
            permissions: $permissions,
        }
    };
}

pub const CONFIGURATION: &str = "tailswitch.yaml";

pub const FILES: &[File] = &[
    file!("bin/mlcmd", 0o755),
    file!("bin/vip", 0o755),
    file!("mlcmd.pw", 0o600),
    file!("tailswitch.yaml", 0o644),
    file!("logs/MCP_1.20261102_203000_000.log", 0o644),
    file!("logs/MessageServer.20261102_203000_000.log", 0o644),
    file!("logs/Premise_SIP.20261102_203000_000.log", 0o644),
    file!("logs/RM_1.20261102_203000_000.log", 0o644),
    file!("logs/SCS_P.20261102_203000_000.log", 0o644),
    file!("logs/VM_SIPServer_1.20261102_203000_000.log", 0o644),
    file!("logs/VM_SIPServer_2.20261102_203000_000.log", 0o644),
    file!("logs/VM_Server_1.20261102_203000_000.log", 0o644),
    file!("logs/VM_Server_2.20261102_203000_000.log", 0o644),
];

/// The files as a configuration reads them, as if they stood in `folder`.
pub fn files(folder: &Path) -> InMemory {
    FILES.iter().fold(InMemory::default(), |files, file| {
        files.file(folder.join(file.path), file.bytes, file.permissions)
    })
}

pub fn logs(folder: &Path) -> Vec<Captured> {
    FILES
        .iter()
        .filter(|file| file.path.starts_with("logs/"))
        .map(|file| Captured::embedded(&folder.join(file.path), file.bytes))
        .collect()
}

/// What a replay of the demonstration reports, for the tests of whatever tells it.
#[cfg(test)]
pub(crate) fn replayed() -> (
    std::sync::Arc<crate::topology::Topology>,
    crate::report::Report,
) {
    use std::convert::Infallible;

    use crate::decide::Core;
    use crate::replay::{DryRun, Effects, Replay, Told, prepare};

    let folder = Path::new("demo");
    let loaded = crate::config::load(&files(folder), &folder.join(CONFIGURATION), &[]);
    let config = loaded.config.expect("the embedded configuration is valid");
    let sources = prepare(&config, logs(folder), &[], std::sync::Arc::new(|_| ()));
    let dry = DryRun::new(Effects::Observed, Vec::new(), |_, _, _| {
        std::time::Duration::from_secs(10)
    });
    let mut report = crate::report::Report::default();
    let mut replay = Replay::new(Core::new(config.topology.clone()), dry, None);
    let told: Result<(), Infallible> = replay.run(sources.merge, &mut |_, told| {
        if let Told::Entry(entry) = told {
            report.take(entry);
        }
        Ok(())
    });
    let Ok(()) = told;
    (config.topology, report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_fixture_is_part_of_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        let pattern = root.join("**/*").display().to_string();
        let mut there: Vec<String> = glob::glob(&pattern)
            .unwrap()
            .map(Result::unwrap)
            .filter(|path| path.is_file() && !path.ends_with("about.md"))
            .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
            .collect();
        let mut embedded: Vec<&str> = FILES.iter().map(|file| file.path).collect();
        there.sort();
        embedded.sort();
        assert_eq!(there, embedded);
    }
}
