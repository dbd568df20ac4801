//! The body of a Slack incoming webhook: blocks of plain text, in which nothing is a link, a mention or a command.

use serde_json::{Value, json};

use crate::alerts::Notice;
use crate::alerts::wording::{facts, headline, lines};

/// What Slack takes at most, in characters.
const HEADER_MAX: usize = 150;
const SECTION_MAX: usize = 3_000;

pub(super) fn message(notice: &Notice) -> Value {
    let header = headline(notice, HEADER_MAX);
    let mut blocks = vec![json!({ "type": "header", "text": plain(&header) })];
    if !notice.text.is_empty() {
        let text = lines(&notice.text, SECTION_MAX);
        blocks.push(json!({ "type": "section", "text": plain(&text) }));
    }
    let facts = facts(notice).into_iter();
    let facts: Vec<String> = facts.map(|(name, text)| format!("{name} {text}")).collect();
    let facts = plain(&facts.join(" · "));
    blocks.push(json!({ "type": "context", "elements": [facts] }));
    // For notifications of the system and screen readers; the only text here that Slack would read as markup.
    json!({ "text": unmarked(&header), "blocks": blocks })
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

fn unmarked(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
