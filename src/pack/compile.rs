//! From a pack file's words to rules. Whatever is wrong is told at its place, and the rest is still looked at.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde_yaml::{Location, Spanned};

use super::file::{CaseFile, JoinFile, PackFile, Report, RuleFile, Word, Words, WordsFile};
use super::id::{self, Id};
use super::pattern::{At, Field, Pattern, one_of};
use super::rule::{Allowed, Case, IdRule, LineRule, Rule};
use super::sample::{self, Sample};
use super::wording::Wording;
use crate::event::{EventKind, Mode, Status};

/// Rules, shapes and joins of one pack: each may be a compiled pattern that stays in memory.
const RULES_MAX: usize = 1000;
/// Lines over which a join may wait.
const JOIN_LINES_MAX: u32 = 1000;

/// One pack, ready to read.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) name: Arc<str>,
    pub(super) file: Arc<str>,
    pub(super) built_in: bool,
    /// None: every file.
    pub(super) types: Option<GlobSet>,
    pub(super) reads_every_line: bool,
    pub(super) facility: Option<u8>,
    pub(super) shapes: Vec<Pattern>,
    pub(super) joins: Vec<Join>,
    pub(super) lines: Vec<LineRule>,
    pub(super) ids: HashMap<Id, Vec<IdRule>>,
    pub(super) samples: Vec<Sample>,
    /// Where the name stands, for what is wrong with the pack as a whole.
    pub(super) at: Location,
}

/// A line with an id but no application, and the lines that may name it afterwards.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) waits: Pattern,
    pub(super) names: Vec<Pattern>,
    pub(super) within: u32,
}

/// The pack, as far as it could be made; with faults in the report it is not to be used.
pub(super) fn pack(file: &PackFile, built_in: bool, report: &mut Report) -> Pack {
    let wording = Arc::new(wording(&file.words, report));
    let parts = parts(&file.parts, report);
    let mut compiler = Compiler {
        by_scs: file.by_scs,
        wording,
        parts,
        report,
    };
    let mut pack = Pack {
        name: file.pack.value.as_str().into(),
        file: compiler.report.file.clone(),
        built_in,
        types: file.types.as_ref().map(|types| compiler.types(types)),
        reads_every_line: compiler.reads_every_line(file.reads.as_ref()),
        facility: file
            .facility
            .as_ref()
            .and_then(|word| compiler.facility(word)),
        shapes: compiler.shapes(&file.shapes),
        joins: file
            .joins
            .iter()
            .filter_map(|join| compiler.join(join))
            .collect(),
        lines: Vec::new(),
        ids: HashMap::new(),
        samples: sample::all(&file.samples, compiler.report),
        at: file.pack.referenced,
    };
    if pack.name.trim().is_empty() {
        compiler
            .report
            .add(pack.at, "pack", "a pack needs a name", None);
    }
    let count = file.rules.len() + file.shapes.len() + file.joins.len();
    if count > RULES_MAX {
        compiler.report.add(
            pack.at,
            "rules",
            format!("{count} rules; at most {RULES_MAX} are read"),
            None,
        );
        return pack;
    }
    for (index, rule) in file.rules.iter().enumerate() {
        compiler.rule(rule, &format!("rules[{index}]"), &mut pack);
    }
    pack
}

struct Compiler<'a> {
    by_scs: bool,
    wording: Arc<Wording>,
    parts: BTreeMap<String, String>,
    report: &'a mut Report,
}

impl Compiler<'_> {
    fn rule(&mut self, file: &Spanned<RuleFile>, key: &str, pack: &mut Pack) {
        let at = file.referenced;
        let rule = &file.value;
        let cases: Vec<Case> = rule
            .when
            .iter()
            .filter_map(|case| self.case(case, key))
            .collect();
        let otherwise = rule
            .kind
            .as_ref()
            .and_then(|kind| word::<EventKind>(kind, &format!("{key}.kind"), self.report));
        if rule.kind.is_none() && rule.when.is_empty() {
            self.report.add(at, key, "a rule needs a `kind`", None);
        }
        let whole = Rule {
            name: "".into(),
            by_scs: self.by_scs,
            cases,
            otherwise,
            wording: self.wording.clone(),
        };
        match (&rule.id, &rule.line) {
            (Some(id), None) => self.id_rule(id, rule, whole, key, pack),
            (None, Some(line)) => self.line_rule(line, file, whole, key, pack),
            _ => self
                .report
                .add(at, key, "a rule needs either an `id` or a `line`", None),
        }
    }

    fn id_rule(&mut self, id: &Word, file: &RuleFile, mut rule: Rule, key: &str, pack: &mut Pack) {
        if let Some(name) = &file.name {
            let message = "a rule with an `id` is named by it";
            self.report
                .add(name.referenced, &format!("{key}.name"), message, None);
        }
        let text = file
            .text
            .as_ref()
            .map(|text| self.pattern(text, At::Anywhere, &format!("{key}.text")));
        let names = self.patterns(&file.names, At::Anywhere, &format!("{key}.names"));
        let text = match text {
            Some(Some(text)) => Some(text),
            None => None,
            Some(None) => return,
        };
        self.stated(file, &format!("{key}.when"), |field| {
            text.iter().chain(&names).any(|pattern| pattern.has(field))
        });
        let number: Id = match id.value.parse() {
            Ok(number) => number,
            Err(message) => {
                return self
                    .report
                    .add(id.referenced, &format!("{key}.id"), message, None);
            }
        };
        rule.name = number.to_string().into();
        let rules = pack.ids.entry(number).or_default();
        if rules.iter().any(|earlier| earlier.text.is_none()) {
            let message = format!("a rule above already takes every record with the id {number}");
            self.report
                .add(id.referenced, &format!("{key}.id"), message, None);
        }
        rules.push(IdRule { text, names, rule });
    }

    fn line_rule(
        &mut self,
        line: &Word,
        file: &Spanned<RuleFile>,
        mut rule: Rule,
        key: &str,
        pack: &mut Pack,
    ) {
        let extra = file.value.text.iter().chain(&file.value.names);
        for word in extra {
            let message =
                "only a rule with an `id` looks into the text; here the `line` takes it all";
            self.report.add(word.referenced, key, message, None);
        }
        match &file.value.name {
            Some(name) if !name.value.trim().is_empty() => rule.name = name.value.trim().into(),
            Some(name) => self.report.add(
                name.referenced,
                &format!("{key}.name"),
                "a blank name",
                None,
            ),
            None => {
                let message = "a rule with a `line` needs a `name`: its events have no other id";
                self.report.add(file.referenced, key, message, None);
            }
        }
        let key_of_line = format!("{key}.line");
        let Some(pattern) = self.pattern(line, At::Start, &key_of_line) else {
            return;
        };
        if pattern.has(Field::Id) {
            let message = "the group `id` means nothing here: the `name` is the event's id";
            self.report
                .add(line.referenced, &key_of_line, message, None);
        }
        self.stated(&file.value, &format!("{key}.when"), |field| {
            pattern.has(field)
        });
        pack.lines.push(LineRule { pattern, rule });
    }

    /// A condition on what no pattern takes would always see `unknown`.
    fn stated(&mut self, file: &RuleFile, key: &str, has: impl Fn(Field) -> bool) {
        for case in &file.when {
            for (lists, field) in [
                ([&case.value.mode, &case.value.mode_not], Field::Mode),
                (
                    [&case.value.previous, &case.value.previous_not],
                    Field::Previous,
                ),
                ([&case.value.status, &case.value.status_not], Field::Status),
            ] {
                let first = lists.into_iter().flatten().next();
                if let Some(word) = first.filter(|_| !has(field)) {
                    let message = format!("no pattern of this rule has the group `{field}`");
                    self.report.add(word.referenced, key, message, None);
                }
            }
        }
    }

    fn case(&mut self, file: &Spanned<CaseFile>, key: &str) -> Option<Case> {
        let key = format!("{key}.when");
        let CaseFile {
            mode,
            mode_not,
            previous,
            previous_not,
            status,
            status_not,
            kind,
        } = &file.value;
        let case = Case {
            mode: self.allowed::<Mode>(mode, mode_not, &key),
            previous: self.allowed::<Mode>(previous, previous_not, &key),
            status: self.allowed::<Status>(status, status_not, &key),
            kind: word(kind, &key, self.report)?,
        };
        let always = case.mode.anything() && case.previous.anything() && case.status.anything();
        let written = [mode, mode_not, previous, previous_not, status, status_not];
        if always && written.iter().all(|list| list.is_empty()) {
            let message = "this always holds: write it as the rule's `kind`";
            self.report.add(file.referenced, &key, message, None);
        }
        Some(case)
    }

    fn allowed<T: Published>(&mut self, only: &Words, not: &Words, key: &str) -> Allowed<T> {
        let mut all = |words: &Words| {
            words
                .iter()
                .filter_map(|each| word(each, key, self.report))
                .collect()
        };
        Allowed {
            only: all(only),
            not: all(not),
        }
    }

    fn shapes(&mut self, words: &Words) -> Vec<Pattern> {
        let shapes = self.patterns(words, At::Start, "shapes");
        for (shape, word) in shapes.iter().zip(words) {
            if !shape.has(Field::Id) {
                self.report.add(
                    word.referenced,
                    "shapes",
                    "a shape needs the group `id`",
                    None,
                );
            }
        }
        shapes
    }

    fn join(&mut self, file: &JoinFile) -> Option<Join> {
        let waits = self.pattern(&file.waits, At::Start, "joins.waits");
        let names = self.patterns(&file.names, At::Start, "joins.names");
        if !(1..=JOIN_LINES_MAX).contains(&file.within.value) {
            let message = format!("a number of lines from 1 to {JOIN_LINES_MAX} is expected");
            self.report
                .add(file.within.referenced, "joins.within", message, None);
        }
        let waits = waits?;
        if !waits.has(Field::Id) {
            self.report.add(
                file.waits.referenced,
                "joins.waits",
                "this line needs the group `id`",
                None,
            );
        }
        Some(Join {
            waits,
            names,
            within: file.within.value,
        })
    }

    fn patterns(&mut self, words: &Words, at: At, key: &str) -> Vec<Pattern> {
        words
            .iter()
            .filter_map(|word| self.pattern(word, at, key))
            .collect()
    }

    fn pattern(&mut self, word: &Word, at: At, key: &str) -> Option<Pattern> {
        Pattern::new(&word.value, &self.parts, at)
            .map_err(|refused| {
                self.report
                    .add(word.referenced, key, refused.message, refused.hint)
            })
            .ok()
    }

    fn types(&mut self, words: &Words) -> GlobSet {
        let mut set = GlobSetBuilder::new();
        for word in words {
            match GlobBuilder::new(&word.value).case_insensitive(true).build() {
                Ok(glob) => drop(set.add(glob)),
                Err(error) => {
                    self.report
                        .add(word.referenced, "types", error.kind().to_string(), None)
                }
            }
        }
        set.build().unwrap_or_else(|error| {
            self.report
                .add(Location::UNKNOWN, "types", error.kind().to_string(), None);
            GlobSet::empty()
        })
    }

    fn reads_every_line(&mut self, word: Option<&Word>) -> bool {
        match word.map(|word| (word.value.as_str(), word.referenced)) {
            None | Some(("records", _)) => false,
            Some(("lines", _)) => true,
            Some((other, at)) => {
                let hint = one_of(other, ["records", "lines"].into_iter());
                self.report.add(
                    at,
                    "reads",
                    format!("`{other}` is neither `records` nor `lines`"),
                    Some(hint),
                );
                false
            }
        }
    }

    fn facility(&mut self, word: &Word) -> Option<u8> {
        let facility = id::facility(&word.value);
        if facility.is_none() {
            let message = format!("`{}` is not a facility: two digits", word.value);
            self.report.add(word.referenced, "facility", message, None);
        }
        facility
    }
}

fn wording(file: &WordsFile, report: &mut Report) -> Wording {
    let mut wording = Wording::default();
    for prefix in &file.prefixes {
        if !wording.add_prefix(&prefix.value) {
            report.add(
                prefix.referenced,
                "words.prefixes",
                "a prefix needs a letter or a digit",
                None,
            );
        }
    }
    for entry in &file.mode {
        if let Some(mode) = word(&entry.is, "words.mode", report) {
            entry
                .spelled
                .iter()
                .for_each(|spelling| wording.add_mode(&spelling.value, mode));
        }
    }
    for entry in &file.status {
        if let Some(status) = word(&entry.is, "words.status", report) {
            entry
                .spelled
                .iter()
                .for_each(|spelling| wording.add_status(&spelling.value, status));
        }
    }
    wording
}

/// Each part alone first: a fault of it is told once, and its brackets stay its own.
fn parts(file: &BTreeMap<String, Word>, report: &mut Report) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    for (name, part) in file {
        match Pattern::new(&part.value, &BTreeMap::new(), At::Start) {
            Ok(_) => drop(parts.insert(name.clone(), part.value.clone())),
            Err(refused) => report.add(
                part.referenced,
                &format!("parts.{name}"),
                refused.message,
                refused.hint,
            ),
        }
    }
    parts
}

/// A closed set of words that a pack names.
pub(super) trait Published: Copy + PartialEq + 'static {
    const ALL: &'static [Self];
    fn word(self) -> &'static str;
}

macro_rules! published {
    ($($name:ident)+) => {
        $(impl Published for $name {
            const ALL: &'static [$name] = $name::ALL;
            fn word(self) -> &'static str {
                $name::word(self)
            }
        })+
    };
}
published!(EventKind Mode Status);

pub(super) fn word<T: Published>(word: &Word, key: &str, report: &mut Report) -> Option<T> {
    let found = T::ALL
        .iter()
        .copied()
        .find(|each| each.word() == word.value);
    if found.is_none() {
        let hint = one_of(&word.value, T::ALL.iter().map(|each| each.word()));
        report.add(
            word.referenced,
            key,
            format!("unknown word `{}`", word.value),
            Some(hint),
        );
    }
    found
}
