//! Secrets: where each comes from, and how it never gets out again.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::files::{Files, permission_fault};
use super::keys;
use crate::fault::{Fault, Severity};
use crate::yaml::{At, Table, Value};

const BYTES_MAX: usize = 64 << 10;
pub(super) const HIDDEN: &str = "***";

/// A text that has no `Display`, and whose `Debug` is `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// The text itself, for the one argument or header that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// All secrets of a configuration. They are declared by it, and read apart from it: a replay runs nothing and
/// needs none.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// No source where it is a fault already.
    declared: BTreeMap<Arc<str>, (Option<SecretSource>, At)>,
    values: BTreeMap<Arc<str>, Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A credential that systemd hands over, a file in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
}

impl Secrets {
    pub(super) fn declare(value: Option<Value<'_>>, base: &Path) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, value) in value.and_then(|value| value.named()).unwrap_or_default() {
            // A source that is wrong still declares the name: one fault, not one for each use.
            let source = value
                .table(&keys::SECRET.names())
                .and_then(|table| source(&table, base));
            secrets.declared.insert(name.name, (source, value.at()));
        }
        secrets
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.declared.keys().map(|name| &**name)
    }

    pub fn is_declared(&self, name: &str) -> bool {
        self.declared.contains_key(name)
    }

    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.values.get(name)
    }

    /// Every value that was read, for whoever masks them in another process.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.values().map(Secret::reveal)
    }

    /// Reads every secret. What cannot be read is an error, what others could read a warning.
    pub fn read(&mut self, files: &dyn Files) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, (source, at)) in &self.declared {
            let Some(source) = source else { continue };
            match source.read(files) {
                Ok(secret) => {
                    self.values.insert(name.clone(), secret);
                }
                Err(message) => faults.push(at.fault(Severity::Error, message, None)),
            }
            if let SecretSource::File(path) = source {
                faults.extend(permission_fault(files, path, 0o077, at));
            }
        }
        faults
    }

    /// The text with `***` wherever a secret stands in it.
    pub fn mask(&self, text: &str) -> String {
        let values: Vec<&str> = self.values.values().map(Secret::reveal).collect();
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&values);
        match finder {
            Ok(finder) => finder.replace_all(text, &vec![HIDDEN; values.len()]),
            // More bytes of secrets than a finder can hold: rather say nothing than too much.
            Err(_) => HIDDEN.to_owned(),
        }
    }
}

fn source(table: &Table<'_>, base: &Path) -> Option<SecretSource> {
    let (key, value) = table.one_of(keys::SECRETS)?;
    let text = value.line()?;
    match key {
        "file" => Some(SecretSource::File(base.join(text))),
        "env" => Some(SecretSource::Variable(text.to_owned())),
        _ if text.contains(['/', '\\']) || text.starts_with('.') => {
            value.expected("the name of a credential, not a path", None)
        }
        _ => Some(SecretSource::Credential(text.to_owned())),
    }
}

impl SecretSource {
    /// The value, or why there is none. The message never holds what was read.
    fn read(&self, files: &dyn Files) -> Result<Secret, String> {
        let path = match self {
            SecretSource::Variable(name) => {
                let value = files
                    .variable(name)
                    .ok_or_else(|| format!("the environment variable `{name}` is not set"))?;
                return secret(&value);
            }
            SecretSource::File(path) => path.clone(),
            SecretSource::Credential(name) => files
                .variable("CREDENTIALS_DIRECTORY")
                .map(|folder| Path::new(&folder).join(name))
                .ok_or("there are no credentials: CREDENTIALS_DIRECTORY is not set")?,
        };
        let shown = path.display();
        let bytes = files
            .read(&path, BYTES_MAX)
            .map_err(|error| format!("cannot read {shown}: {error}"))?;
        if bytes.len() > BYTES_MAX {
            return Err(format!("{shown} is over {} KiB", BYTES_MAX >> 10));
        }
        let text = String::from_utf8(bytes).map_err(|_| format!("{shown} is not UTF-8 text"))?;
        secret(&text)
    }
}

/// Without the one line end that an editor adds.
fn secret(text: &str) -> Result<Secret, String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err("the secret is empty".to_owned());
    }
    if text.contains('\0') {
        return Err("the secret holds a NUL character, which no argument can".to_owned());
    }
    Ok(Secret(text.into()))
}

#[cfg(test)]
mod tests {
    use super::super::files::InMemory;
    use super::*;
    use crate::yaml::{Faults, parse};
    use proptest::prelude::*;

    fn declared(yaml: &str) -> (Secrets, Vec<String>) {
        let node = parse(&"f".into(), yaml.as_bytes()).unwrap();
        let faults = Faults::default();
        let secrets = Secrets::declare(Some(Value::root(&node, &faults)), Path::new("etc"));
        (
            secrets,
            faults.into_sorted().iter().map(Fault::to_string).collect(),
        )
    }

    #[test]
    fn a_secret_comes_from_a_file_a_variable_or_a_credential() {
        let (mut secrets, faults) =
            declared("a: { file: mlcmd.pw }\nb: { env: PW }\nc: { credential: hook }");
        assert_eq!(faults, [""; 0]);
        let files = InMemory::default()
            .file("etc/mlcmd.pw", "geheim\r\n", 0o600)
            .file("/run/credentials/hook", "topsecret\n\n", 0o400)
            .with_variable("PW", "p w")
            .with_variable("CREDENTIALS_DIRECTORY", "/run/credentials");
        assert_eq!(secrets.read(&files), []);
        let value = |name| secrets.get(name).map(|secret| secret.reveal().to_owned());
        assert_eq!(value("a").as_deref(), Some("geheim"));
        assert_eq!(value("b").as_deref(), Some("p w"));
        assert_eq!(value("c").as_deref(), Some("topsecret\n"));
        assert_eq!(value("d"), None);
    }

    #[test]
    fn a_secret_without_a_source_is_told_once() {
        let (mut secrets, faults) = declared("a: {}");
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(secrets.is_declared("a"));
        assert_eq!(secrets.read(&InMemory::default()), []);
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_a_fault_that_does_not_tell_it() {
        let (mut secrets, _) = declared(
            "a: { file: none.pw }\nb: { env: NONE }\nc: { credential: x }\nd: { file: open.pw }\n\
             e: { env: EMPTY }\nf: { file: big.pw }\ng: { file: latin.pw }",
        );
        let files = InMemory::default()
            .file("etc/open.pw", "geheim", 0o644)
            .file("etc/big.pw", "x".repeat(70_000), 0o600)
            .file("etc/latin.pw", b"geh\xFCim".to_vec(), 0o600)
            .with_variable("EMPTY", "\n");
        let faults: Vec<String> = secrets.read(&files).iter().map(Fault::to_string).collect();
        assert_eq!(
            faults,
            [
                "f:1:4: error: a: cannot read etc/none.pw: entity not found",
                "f:2:4: error: b: the environment variable `NONE` is not set",
                "f:3:4: error: c: there are no credentials: CREDENTIALS_DIRECTORY is not set",
                "f:4:4: warning: d: etc/open.pw can be read by other users (mode 0644) (chmod 0600 etc/open.pw)",
                "f:5:4: error: e: the secret is empty",
                "f:6:4: error: f: etc/big.pw is over 64 KiB",
                "f:7:4: error: g: etc/latin.pw is not UTF-8 text",
            ]
        );
    }

    #[test]
    fn a_source_is_exactly_one() {
        let (secrets, faults) =
            declared("a: { file: x, env: Y }\nb: {}\nc: { credential: ../x }\nd: { fiel: x }");
        assert_eq!(
            faults,
            [
                "f:1:4: error: a: found a map, expected exactly one of file, env, credential",
                "f:2:4: error: b: found an empty map, expected exactly one of file, env, credential",
                "f:3:18: error: c.credential: found `../x`, expected the name of a credential, not a path",
                "f:4:6: error: d.fiel: unknown key (did you mean `file`?)",
            ]
        );
        assert_eq!(secrets.names().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands() {
        let (mut secrets, _) = declared("a: { env: A }\nb: { env: B }");
        let files = InMemory::default()
            .with_variable("A", "pass")
            .with_variable("B", "password");
        secrets.read(&files);
        assert_eq!(
            secrets.mask("-p password,pass:passpass"),
            "-p ***,***:******"
        );
        assert_eq!(format!("{:?}", secrets.get("a")), "Some(***)");
        assert!(!format!("{secrets:?}").contains("pass"));
    }

    proptest! {
        #[test]
        fn no_masked_text_holds_a_secret(a in "[a-c]{1,4}", b in "[a-c]{1,4}", text in "[a-d ]{0,60}") {
            let (mut secrets, _) = declared("a: { env: A }\nb: { env: B }");
            secrets.read(&InMemory::default().with_variable("A", &a).with_variable("B", &b));
            let masked = secrets.mask(&text);
            prop_assert!(!masked.contains(&a) && !masked.contains(&b));
        }
    }
}
