//! Commands as lists of arguments with placeholders. No shell reads them: what fills a placeholder stays
//! inside its argument, whatever it holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::secrets::{HIDDEN, Secrets};
use crate::words::words;
use crate::yaml::{At, Value, nearest, shown};

words! {
    /// What a placeholder stands for; `{dbid}` in a configuration.
    Hole {
        Application = "application",
        Dbid = "dbid",
        Host = "host",
        Address = "address",
        PeerHost = "peer_host",
        Vip = "vip",
        Solution = "solution",
        Incident = "incident",
        Step = "step",
        Severity = "severity",
        Title = "title",
        Text = "text",
        EventId = "event.id",
        EventText = "event.text",
        EventApplication = "event.application",
    }
}

impl Hole {
    /// Those that a step can fill.
    pub const OF_STEP: [Hole; 9] = [
        Hole::Application,
        Hole::Dbid,
        Hole::Host,
        Hole::Address,
        Hole::PeerHost,
        Hole::Vip,
        Hole::Solution,
        Hole::Incident,
        Hole::Step,
    ];
}

/// What fills the placeholders of one command. One that nothing fills is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holes(BTreeMap<Hole, String>);

impl Holes {
    pub fn with(mut self, hole: Hole, text: impl Into<String>) -> Holes {
        self.0.insert(hole, text.into());
        self
    }

    fn text(&self, hole: Hole) -> &str {
        self.0.get(&hole).map_or("", String::as_str)
    }
}

/// A program and its arguments. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    words: Vec<Template>,
    pub at: At,
}

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(Hole),
    Secret(Arc<str>),
}

impl Command {
    /// As it may be shown: secrets are `***`.
    pub fn argv(&self, holes: &Holes) -> Vec<String> {
        self.words.iter().map(|word| word.show(holes)).collect()
    }

    /// As it is run. None if a secret was not read.
    pub fn argv_with_secrets(&self, holes: &Holes, secrets: &Secrets) -> Option<Vec<String>> {
        self.words
            .iter()
            .map(|word| word.reveal(holes, secrets))
            .collect()
    }

    /// The program as written, if no placeholder is part of it.
    pub fn program(&self) -> Option<&str> {
        match self.words.first()?.0.as_slice() {
            [Part::Text(program)] => Some(program),
            _ => None,
        }
    }

    pub(super) fn read(value: &Value<'_>, holes: &[Hole], secrets: &Secrets) -> Option<Command> {
        if !value.is_list() {
            let hint = value.is_text().then(|| as_list(value.text().unwrap_or("")));
            return value.expected("a list of arguments, since no shell reads it", hint);
        }
        let items = value.list()?;
        let Some(first) = items.first() else {
            return value.expected("a program and its arguments", None);
        };
        if first.is_text() {
            first.line();
        }
        let words: Vec<Option<Template>> = items
            .iter()
            .map(|item| Template::read(item, holes, secrets))
            .collect();
        Some(Command {
            words: words.into_iter().collect::<Option<_>>()?,
            at: value.at(),
        })
    }
}

/// How a command line in one text would look as a list.
fn as_list(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(4).collect();
    let rest = if text.split_whitespace().count() > 4 {
        ", …"
    } else {
        ""
    };
    format!("write [{}{rest}]", words.join(", "))
}

impl Template {
    /// A text without placeholders.
    pub(super) fn plain(text: &str) -> Template {
        Template(vec![Part::Text(text.to_owned())])
    }

    pub(super) fn has_secrets(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Secret(_)))
    }

    /// For one that has no placeholders but secrets. None if a secret was not read.
    pub fn with_secrets(&self, secrets: &Secrets) -> Option<String> {
        self.reveal(&Holes::default(), secrets)
    }

    pub fn show(&self, holes: &Holes) -> String {
        self.filled(holes, |_| Some(HIDDEN)).unwrap_or_default()
    }

    pub fn reveal(&self, holes: &Holes, secrets: &Secrets) -> Option<String> {
        self.filled(holes, |name| {
            secrets.get(name).map(|secret| secret.reveal())
        })
    }

    fn filled<'s>(
        &self,
        holes: &Holes,
        secret: impl Fn(&str) -> Option<&'s str>,
    ) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            text.push_str(match part {
                Part::Text(part) => part,
                Part::Hole(hole) => holes.text(*hole),
                Part::Secret(name) => secret(name)?,
            });
        }
        Some(text)
    }

    pub(super) fn read(value: &Value<'_>, holes: &[Hole], secrets: &Secrets) -> Option<Template> {
        if value.is_map() {
            // `{dbid}` without quotes is a map in YAML.
            let hint = Some("a placeholder needs quotes: \"{dbid}\"".to_owned());
            return value.expected("a text", hint);
        }
        if value.is_nothing() {
            return value.expected("a text", Some("an empty argument is \"\"".to_owned()));
        }
        let text = value.text()?;
        if text.contains('\0') {
            return value.expected("a text without a NUL character", None);
        }
        let mut parts = Vec::new();
        let mut known = true;
        for token in tokens(text) {
            let name = match token {
                Token::Text(text) => {
                    match parts.last_mut() {
                        Some(Part::Text(before)) => before.push_str(text),
                        _ => parts.push(Part::Text(text.to_owned())),
                    }
                    continue;
                }
                Token::Placeholder(name) => name,
            };
            match part(name, holes, secrets) {
                Ok(part) => parts.push(part),
                Err((message, hint)) => {
                    value.fault(message, hint);
                    known = false;
                }
            }
        }
        known.then_some(Template(parts))
    }
}

fn part(name: &str, holes: &[Hole], secrets: &Secrets) -> Result<Part, (String, Option<String>)> {
    if let Some(secret) = name.strip_prefix("secret:") {
        if secrets.is_declared(secret) {
            return Ok(Part::Secret(secret.into()));
        }
        let hint = nearest(secret, secrets.names())
            .or_else(|| Some("declare it under `secrets:`".to_owned()));
        return Err((format!("no secret is named {}", shown(secret)), hint));
    }
    match holes.iter().find(|hole| hole.word() == name) {
        Some(hole) => Ok(Part::Hole(*hole)),
        None if Hole::from_word(name).is_some() => {
            let message = format!("`{{{name}}}` has no meaning here");
            Err((message, None))
        }
        None => {
            let words: Vec<String> = holes.iter().map(|hole| format!("{{{hole}}}")).collect();
            let found = format!("{{{name}}}");
            let hint = nearest(&found, words.iter().map(String::as_str))
                .or_else(|| Some(format!("write {{{found}}} for the text itself")));
            Err((format!("unknown placeholder {}", shown(&found)), hint))
        }
    }
}

enum Token<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

/// `{word}` is a placeholder, `{{word}}` is the text `{word}`, and any other brace is itself (JSON, awk).
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, behind) = rest.split_at(open);
        tokens.push(Token::Text(before));
        let quoted = behind
            .strip_prefix("{{")
            .and_then(placeholder)
            .and_then(|(name, after)| Some((name, after.strip_prefix('}')?)));
        if let Some((name, after)) = quoted {
            let length = "{}".len() + name.len();
            tokens.push(Token::Text(behind.get(1..=length).unwrap_or_default()));
            rest = after;
            continue;
        }
        let inner = behind.strip_prefix('{').unwrap_or_default();
        match placeholder(inner) {
            Some((name, after)) => {
                tokens.push(Token::Placeholder(name));
                rest = after;
            }
            None => {
                tokens.push(Token::Text("{"));
                rest = inner;
            }
        }
    }
    tokens.push(Token::Text(rest));
    tokens
}

/// The word of a placeholder whose `{` has just been read, and what stands behind its `}`.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.split_once('}')?;
    let of_a_word = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    let is_word = !name.is_empty() && name.chars().all(of_a_word);
    (is_word || name.starts_with("secret:")).then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::files::InMemory;
    use crate::yaml::{Faults, parse};
    use proptest::prelude::*;
    use std::path::Path;

    /// The command of a YAML text, with one secret `pw` whose value is `geheim`, or the faults.
    fn command(yaml: &str) -> Result<(Command, Secrets), Vec<String>> {
        let faults = Faults::default();
        let declaration = parse(&"s".into(), b"pw: { env: PW }").unwrap();
        let declaration = Value::root(&declaration, &faults);
        let mut secrets = Secrets::declare(Some(declaration), Path::new(""));
        secrets.read(&InMemory::default().with_variable("PW", "geheim"));
        let node = parse(&"f".into(), yaml.as_bytes()).unwrap();
        let command = Command::read(&Value::root(&node, &faults), &Hole::OF_STEP, &secrets);
        let faults = faults.into_sorted();
        match command {
            Some(command) if faults.is_empty() => Ok((command, secrets)),
            _ => Err(faults.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn placeholders_are_filled_and_each_argument_stays_one() {
        let (command, secrets) =
            command("[mlcmd_64, '-p{secret:pw}', '{dbid}', '{host}:{vip}', '']").unwrap();
        let holes = Holes::default()
            .with(Hole::Dbid, "152; rm -rf /")
            .with(Hole::Host, "{vip}");
        assert_eq!(
            command.argv(&holes),
            ["mlcmd_64", "-p***", "152; rm -rf /", "{vip}:", ""]
        );
        assert_eq!(
            command.argv_with_secrets(&holes, &secrets).unwrap(),
            ["mlcmd_64", "-pgeheim", "152; rm -rf /", "{vip}:", ""]
        );
        assert_eq!(command.argv_with_secrets(&holes, &Secrets::default()), None);
        assert_eq!(command.program(), Some("mlcmd_64"));
    }

    #[test]
    fn a_brace_that_is_no_placeholder_is_itself() {
        for (text, shown) in [
            ("{\"id\":{dbid}}", "{\"id\":151}"),
            ("{ print }", "{ print }"),
            ("{{dbid}}", "{dbid}"),
            ("{{print}}x", "{print}x"),
            ("{{{dbid}}}", "{{dbid}}"),
            ("{}", "{}"),
            ("a{", "a{"),
            ("{{", "{{"),
            ("}{dbid}{", "}151{"),
            ("{ä}", "{ä}"),
        ] {
            let (command, _) = command(&format!("[p, '{text}']")).unwrap();
            let argv = command.argv(&Holes::default().with(Hole::Dbid, "151"));
            assert_eq!(argv[1], shown, "{text}");
        }
    }

    #[test]
    fn a_wrong_command_says_what_to_write() {
        for (yaml, faults) in [
            (
                "mlcmd_64 -x 151",
                "f:1:1: error: found `mlcmd_64 -x 151`, expected a list of arguments, since no shell reads it (write [mlcmd_64, -x, 151])",
            ),
            (
                "[]",
                "f:1:1: error: found an empty list, expected a program and its arguments",
            ),
            (
                "['']",
                "f:1:2: error: 0: found ``, expected a text that is not blank",
            ),
            (
                "[mlcmd, {dbid}]",
                "f:1:9: error: 1: found a map, expected a text (a placeholder needs quotes: \"{dbid}\")",
            ),
            (
                "[mlcmd, '{dbdi}']",
                "f:1:9: error: 1: unknown placeholder `{dbdi}` (did you mean `{dbid}`?)",
            ),
            (
                "[awk, '{print}']",
                "f:1:7: error: 1: unknown placeholder `{print}` (write {{print}} for the text itself)",
            ),
            (
                "[mlcmd, '{title}']",
                "f:1:9: error: 1: `{title}` has no meaning here",
            ),
            (
                "[mlcmd, '{secret:pws}']",
                "f:1:9: error: 1: no secret is named `pws` (did you mean `pw`?)",
            ),
            (
                "[mlcmd, '{secret:my user}']",
                "f:1:9: error: 1: no secret is named `my user` (declare it under `secrets:`)",
            ),
            (
                "[mlcmd, ~]",
                "f:1:9: error: 1: found nothing, expected a text (an empty argument is \"\")",
            ),
            (
                "[mlcmd, [a]]",
                "f:1:9: error: 1: found a list, expected a text",
            ),
            (
                "[mlcmd, \"a\\0b\"]",
                "f:1:9: error: 1: found `a\\0b`, expected a text without a NUL character",
            ),
        ] {
            let found = command(yaml).unwrap_err().join("\n");
            assert_eq!(found, faults, "{yaml}");
        }
    }

    #[test]
    fn all_wrong_arguments_of_a_command_are_told() {
        assert_eq!(command("['{a}', '{b}{c}']").unwrap_err().len(), 3);
    }

    proptest! {
        /// The oracle builds the argument from pieces whose meaning it knows.
        #[test]
        fn an_argument_is_its_pieces(pieces in prop::collection::vec(0usize..5, 0..12), fill in ".{0,12}") {
            let written = ["x", "{dbid}", "{{dbid}} ", "\"", "{secret:pw}"];
            let filled = ["x", fill.as_str(), "{dbid} ", "\"", HIDDEN];
            let text: String = pieces.iter().map(|at| written[*at]).collect();
            let (command, _) = command(&format!("[p, '{text}']")).unwrap();
            let wanted: String = pieces.iter().map(|at| filled[*at]).collect();
            let holes = Holes::default().with(Hole::Dbid, fill.clone());
            prop_assert_eq!(&command.argv(&holes)[1], &wanted);
        }
    }
}
