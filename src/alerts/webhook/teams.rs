//! The body of a Microsoft Teams workflow ("when a Teams webhook request is received"): an adaptive card.
//!
//! Its texts are text runs, which Teams does not read as Markdown.

use serde_json::{Value, json};

use crate::alerts::wording::{facts, headline, lines};
use crate::alerts::{Notice, Phase};
use crate::fault::Severity;

/// A message may have 28 KB; a character may take four bytes, and an escaped one six.
const TEXT_MAX: usize = 3_000;
const TITLE_MAX: usize = 300;

pub(super) fn message(notice: &Notice) -> Value {
    let color = match (notice.phase, notice.severity) {
        (Phase::Close, _) => "good",
        (_, Severity::Error) => "attention",
        (_, Severity::Warning) => "warning",
        (_, Severity::Info) => "default",
    };
    let title = json!({
        "type": "TextRun", "text": headline(notice, TITLE_MAX),
        "size": "large", "weight": "bolder", "color": color,
    });
    let mut body = vec![runs(title)];
    for line in lines(&notice.text, TEXT_MAX).lines() {
        body.push(runs(json!({ "type": "TextRun", "text": line })));
    }
    let facts = facts(notice).into_iter();
    let facts: Vec<String> = facts.map(|(name, text)| format!("{name} {text}")).collect();
    let facts = facts.join(" · ");
    body.push(runs(
        json!({ "type": "TextRun", "text": facts, "isSubtle": true }),
    ));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "body": body,
            },
        }],
    })
}

fn runs(run: Value) -> Value {
    json!({ "type": "RichTextBlock", "inlines": [run] })
}
