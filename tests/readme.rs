//! The README cannot rot: its console commands are run in order, in a folder of their own, and its two commands are
//! the ones that `.ci/run` runs.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let readme = folder.path().join("README.md");
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"),
        &readme,
    )
    .unwrap();
    // The commands leave files behind, which later ones read.
    std::env::set_current_dir(folder.path()).unwrap();
    trycmd::TestCases::new().case(&readme).run();
}

#[test]
fn the_two_commands_of_the_readme_are_what_is_run_before_anything_lands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shell = shell_blocks();
    assert_eq!(shell[..2], ["cargo run --release -- demo", "cargo test"]);
    let ci = fs::read_to_string(root.join(".ci/run")).unwrap();
    assert!(ci.contains("cargo test --locked"), "{ci}");
    assert!(ci.contains("\"$tailswitch\" demo"), "{ci}");
}

/// Those that need a daemon or people are not run, but the command line takes them: what fails is that there is no
/// configuration here. The live demo needs none, and `tests/live.rs` runs it: here it is only asked for its help.
#[test]
fn every_other_command_of_the_readme_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut taken = 0;
    for line in shell_blocks()
        .iter()
        .skip(2)
        .flat_map(|block| block.lines())
    {
        let command = line.split(" #").next().unwrap();
        let (command, code) = match command.contains("demo --live") {
            true => (format!("{command} --help"), 0),
            false => (command.to_owned(), 78),
        };
        let output = Command::new("/bin/sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env(
                "PATH",
                Path::new(env!("CARGO_BIN_EXE_tailswitch"))
                    .parent()
                    .unwrap(),
            )
            .env_remove("TAILSWITCH_CONFIG")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{command}: {output:?}");
        taken += 1;
    }
    assert!(taken > 5, "{taken}");
}

fn shell_blocks() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1);
    blocks
        .filter_map(|rest| rest.split("\n```").next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_pictures_of_the_readme_are_there_and_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let links = readme.split("](docs/").skip(1);
    let names = links.filter_map(|rest| rest.split(')').next());
    let pictures: Vec<&str> = names.filter(|name| name.ends_with(".png")).collect();
    assert_eq!(pictures.len(), 2, "{pictures:?}");
    for picture in pictures {
        let size = fs::metadata(root.join("docs").join(picture)).unwrap().len();
        assert!((1..200 * 1024).contains(&size), "{picture}: {size}");
    }
}
