//! `schema`: the committed schema and page are what the program says, and the schema judges as the program does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use tailswitch::config::{self, InMemory};
use tailswitch::fault::Severity;
use tailswitch::{config::keys, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_committed_schema_and_page_are_what_the_program_prints() {
    let hint = "write it anew with `tailswitch schema`";
    assert!(
        printed(&["schema"]) == read("packaging/tailswitch.schema.json"),
        "{hint}"
    );
    let page = printed(&["schema", "--format", "markdown"]);
    assert!(
        page == read("docs/configuration.md"),
        "{hint} --format markdown"
    );
}

/// A schema and who judges by it, that is not ours.
struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn new() -> Validator {
        let schema = serde_json::from_str(&json::schema().unwrap()).unwrap();
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.add_resource("tailswitch.json", schema).unwrap();
        let index = compiler.compile("tailswitch.json", &mut schemas).unwrap();
        Validator { schemas, index }
    }

    /// What is wrong; empty if nothing is.
    fn fault(&self, value: &Value) -> String {
        let judged = self.schemas.validate(value, self.index);
        judged.map_or_else(|error| format!("{error:#}"), |()| String::new())
    }

    fn is_valid(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }
}

/// As an editor reads it.
fn plain(yaml: &str) -> Value {
    let options = serde_yaml::options! { strict_booleans: true };
    serde_yaml::from_str_with_options(yaml, options).unwrap()
}

/// Every configuration that this repository shows.
fn shown() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join("fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("tailswitch.yaml") {
                found.insert(
                    path.display().to_string(),
                    fs::read_to_string(path).unwrap(),
                );
            }
        }
    }
    for name in ["sample.yaml", "tests/whole.yaml"] {
        found.insert(name.into(), read(&format!("src/config/{name}")));
    }
    found
}

#[test]
fn the_schema_accepts_every_configuration_that_is_shown() {
    let validator = Validator::new();
    let shown = shown();
    assert!(shown.len() > 100, "{}", shown.len());
    for (name, text) in shown {
        assert_eq!(validator.fault(&plain(&text)), "", "{name}");
    }
}

/// Each block of the documents that is a part of a configuration.
#[test]
fn the_schema_accepts_what_the_documents_show() {
    let validator = Validator::new();
    let mut blocks = 0;
    let pages = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = pages.map(|entry| entry.unwrap().path()).collect();
    pages.push(root().join("README.md"));
    for page in pages {
        let Ok(text) = fs::read_to_string(&page) else {
            continue;
        };
        for block in text.split("```yaml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            let value = plain(block);
            let is_ours = value
                .as_object()
                .is_some_and(|it| it.keys().all(|key| keys::TOP.key(key).is_some()));
            if is_ours {
                blocks += 1;
                let fault = validator.fault(&value);
                assert_eq!(fault, "", "{}: {block}", page.display());
            }
        }
    }
    assert!(blocks > 5, "{blocks}");
}

/// What the schema refuses the reader refuses too, and both accept the rest.
#[test]
fn the_schema_judges_as_the_reader_does() {
    let validator = Validator::new();
    let whole = read("src/config/tests/whole.yaml");
    let cases = [
        ("poll: 500ms", true),
        ("poll: 500", false),
        ("poll: 0", false),
        ("yield: 0", true),
        ("yield: 3", false),
        ("widnow: 5s", false),
        ("line_bytes_max: 65536", true),
        ("line_bytes_max: 64KiB", true),
        ("line_bytes_max: 64 bytes", false),
        ("listen: off", true),
        ("listen: 127.0.0.1", false),
        ("vip_follows_in_maintenance: yes", false),
        ("vip_follows_in_maintenance: true", true),
        ("vip_order: enable-frist", false),
        ("flap: { moves: 0 }", false),
        ("flap: { moves: 2, witin: 3m }", false),
        ("state: 7", true),
    ];
    for (line, is_right) in cases {
        let text = format!("{line}\n{whole}");
        let files = InMemory::default().file("/tailswitch.yaml", &*text, 0o600);
        let faults = config::load(&files, Path::new("/tailswitch.yaml"), &[]).faults;
        let errors = faults
            .iter()
            .filter(|fault| fault.severity == Severity::Error);
        assert_eq!(errors.count() == 0, is_right, "{line}: {faults:?}");
        assert_eq!(validator.is_valid(&plain(&text)), is_right, "{line}");
    }
    for (sink, is_right) in [
        (
            "{ snmp: { address: 'noc:162', version: 3, user: u, auth_password: p, engine_id: '80001f8804' } }",
            true,
        ),
        (
            "{ snmp: { address: 'noc:162', version: '2c', community: public } }",
            true,
        ),
        (
            "{ snmp: { address: 'noc:162', version: 4, community: public } }",
            false,
        ),
        ("{ file: a, command: [b] }", false),
        ("{ on: [incident] }", false),
        ("{ command: [] }", false),
        ("{ command: notify }", false),
        (
            "{ webhook: 'https://example.com/', severity: warning+ }",
            true,
        ),
        (
            "{ webhook: { url: 'https://example.com/', bdy: json } }",
            false,
        ),
        ("{ email: { to: [a@example.com], server: mail } }", false),
    ] {
        let text = whole.replace("- { file: alerts.jsonl }", &format!("- {sink}"));
        assert_ne!(text, whole);
        let files = InMemory::default().file("/tailswitch.yaml", &*text, 0o600);
        let faults = config::load(&files, Path::new("/tailswitch.yaml"), &[]).faults;
        assert_eq!(faults.is_empty(), is_right, "{sink}: {faults:?}");
        assert_eq!(validator.is_valid(&plain(&text)), is_right, "{sink}");
    }
}

#[test]
fn the_hint_for_editors_is_a_comment_with_a_schema() {
    assert!(json::HINT.starts_with("# yaml-language-server: $schema="));
    assert!(json::HINT.ends_with("/tailswitch.schema.json"));
}
