//! The body of PagerDuty's Events API, version 2: an opening triggers, its closing resolves.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::alerts::wording::{facts, lines, one_line, severity};
use crate::alerts::{Notice, Phase};

/// What PagerDuty takes at most, in characters.
const SUMMARY_MAX: usize = 1_024;
const KEY_MAX: usize = 255;
const TEXT_MAX: usize = 8_000;

pub(super) fn event(notice: &Notice, routing_key: &str) -> Value {
    let action = match notice.phase {
        Phase::Close => "resolve",
        Phase::Open | Phase::Update => "trigger",
    };
    let facts = facts(notice).into_iter();
    let mut details: Map<String, Value> = facts
        .map(|(name, text)| (name.to_owned(), text.into()))
        .collect();
    details.insert("text".into(), lines(&notice.text, TEXT_MAX).into());
    let solution = notice.solution.as_deref();
    json!({
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": dedup_key(&notice.key),
        "client": "tailswitch",
        "payload": {
            "summary": one_line(&notice.title, SUMMARY_MAX),
            "source": one_line(solution.unwrap_or("tailswitch"), KEY_MAX),
            "severity": severity(notice.opening().severity),
            "timestamp": notice.time,
            "class": notice.class.word(),
            "custom_details": details,
        },
    })
}

/// What is too long for a key is known by its hash.
fn dedup_key(key: &str) -> String {
    let is_short = key.chars().count() <= KEY_MAX;
    match is_short {
        true => key.to_owned(),
        false => Sha256::digest(key)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    }
}
