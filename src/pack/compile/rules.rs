//! The `rules:` of a pack file: by id over the shapes, or by a pattern over a whole line.

use std::sync::Arc;

use super::{Context, Pack, list};
use crate::event::{EventKind, Mode, Status};
use crate::pack::id::Id;
use crate::pack::pattern::{At, Field, Pattern};
use crate::pack::rule::{Allowed, Case, IdRule, LineRule, Rule};
use crate::yaml::{Table, Value};

const KEYS: &[&str] = &["id", "name", "line", "text", "names", "when", "kind"];
const CASE_KEYS: &[&str] = &[
    "mode",
    "mode_not",
    "previous",
    "previous_not",
    "status",
    "status_not",
    "kind",
];

/// Adds the rule to the pack, if it is one.
pub(super) fn add(value: &Value<'_>, context: &Context, pack: &mut Pack) {
    let Some(table) = value.table(KEYS) else {
        return;
    };
    match (table.get("id"), table.get("line")) {
        (Some(id), None) => by_id(&id, &table, context, pack),
        (None, Some(line)) => by_line(&line, &table, context, pack),
        _ => value.fault("a rule needs either an `id` or a `line`", None),
    }
}

fn by_id(id: &Value<'_>, table: &Table<'_>, context: &Context, pack: &mut Pack) {
    if let Some(name) = table.get("name") {
        name.fault("a rule with an `id` is named by it", None);
    }
    let text = table
        .get("text")
        .map(|text| context.pattern(&text, At::Anywhere));
    let names = list(table.get("names"));
    let names: Vec<Pattern> = names
        .iter()
        .filter_map(|name| context.pattern(name, At::Anywhere))
        .collect();
    let patterns: Vec<&Pattern> = text.iter().flatten().chain(&names).collect();
    let outcome = outcome(table, &patterns);
    let Some(number) = number(id) else { return };
    let rules = pack.ids.entry(number).or_default();
    if rules.iter().any(|earlier| earlier.text.is_none()) {
        id.fault(
            format!("a rule above takes every record with the id {number}"),
            None,
        );
    }
    rules.push(IdRule {
        text: text.flatten(),
        names,
        rule: rule(number.to_string().into(), context, outcome),
    });
}

fn by_line(line: &Value<'_>, table: &Table<'_>, context: &Context, pack: &mut Pack) {
    for extra in ["text", "names"]
        .into_iter()
        .filter_map(|key| table.get(key))
    {
        extra.fault(
            "only a rule with an `id` looks into the text: here the `line` takes it all",
            None,
        );
    }
    let name = table.need("name").and_then(|name| name.name());
    let Some(pattern) = context.pattern(line, At::Start) else {
        return;
    };
    if pattern.has(Field::Id) {
        line.fault(
            "the group `id` means nothing here: the `name` is the event's id",
            None,
        );
    }
    let outcome = outcome(table, &[&pattern]);
    let rule = rule(name.unwrap_or_default(), context, outcome);
    pack.lines.push(LineRule { pattern, rule });
}

fn rule(
    name: Arc<str>,
    context: &Context,
    (cases, otherwise): (Vec<Case>, Option<EventKind>),
) -> Rule {
    Rule {
        name,
        by_scs: context.by_scs,
        cases,
        otherwise,
        wording: context.wording.clone(),
    }
}

/// The cases of `when:`, and the kind where none of them holds.
fn outcome(table: &Table<'_>, patterns: &[&Pattern]) -> (Vec<Case>, Option<EventKind>) {
    let kind = table.get("kind");
    let when = list(table.get("when"));
    if kind.is_none() && when.is_empty() {
        table.value().fault("`kind` is missing", None);
    }
    let cases = when
        .iter()
        .filter_map(|value| case(value, patterns))
        .collect();
    (
        cases,
        kind.and_then(|kind| kind.word(EventKind::ALL, EventKind::word)),
    )
}

fn case(value: &Value<'_>, patterns: &[&Pattern]) -> Option<Case> {
    let table = value.table(CASE_KEYS)?;
    let kind = table
        .need("kind")
        .and_then(|kind| kind.word(EventKind::ALL, EventKind::word));
    let conditions = CASE_KEYS.iter().filter(|&&key| key != "kind");
    if conditions.filter_map(|key| table.get(key)).next().is_none() {
        value.fault(
            "this always holds",
            Some("write it as the rule's `kind`".to_owned()),
        );
    }
    // A condition on what no pattern takes would always see `unknown`.
    for (keys, field) in [
        (["mode", "mode_not"], Field::Mode),
        (["previous", "previous_not"], Field::Previous),
        (["status", "status_not"], Field::Status),
    ] {
        let condition = keys.into_iter().find_map(|key| table.get(key));
        if let Some(condition) =
            condition.filter(|_| !patterns.iter().any(|pattern| pattern.has(field)))
        {
            condition.fault(
                format!("no pattern of this rule has a group `{field}`"),
                None,
            );
        }
    }
    let mode = |key| words(table.get(key), Mode::ALL, Mode::word);
    let status = |key| words(table.get(key), Status::ALL, Status::word);
    Some(Case {
        mode: Allowed {
            only: mode("mode"),
            not: mode("mode_not"),
        },
        previous: Allowed {
            only: mode("previous"),
            not: mode("previous_not"),
        },
        status: Allowed {
            only: status("status"),
            not: status("status_not"),
        },
        kind: kind?,
    })
}

fn words<T: Copy>(value: Option<Value<'_>>, all: &[T], word: fn(T) -> &'static str) -> Vec<T> {
    list(value)
        .iter()
        .filter_map(|each| each.word(all, word))
        .collect()
}

fn number(id: &Value<'_>) -> Option<Id> {
    match id.text()?.parse() {
        Ok(number) => Some(number),
        Err(_) => id.expected("an event id", Some("as in 04563 or 43-10327".to_owned())),
    }
}
