//! The README cannot rot: its console commands are run in order, in a folder of their own, and its two commands are
//! the ones that `.ci/run` runs.

use std::fs;
use std::path::Path;

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
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let shell: Vec<&str> = readme
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    assert_eq!(shell, ["cargo run --release -- demo", "cargo test"]);
    let ci = fs::read_to_string(root.join(".ci/run")).unwrap();
    assert!(ci.contains("cargo test --locked"), "{ci}");
    assert!(ci.contains("\"$tailswitch\" demo"), "{ci}");
}

#[test]
fn the_picture_of_the_readme_is_there_and_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (_, rest) = readme.split_once("](docs/").unwrap();
    let (name, _) = rest.split_once(')').unwrap();
    let size = fs::metadata(root.join("docs").join(name)).unwrap().len();
    assert!((1..200 * 1024).contains(&size), "{size}");
}
