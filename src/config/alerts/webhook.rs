//! `webhook`: an HTTP POST for each alert, with a body that its receiver knows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ureq::http::HeaderName;

use super::endpoint::{PemFile, ca, secret_text};
use crate::config::command::Template;
use crate::config::keys;
use crate::config::secrets::Secrets;
use crate::words::words;
use crate::yaml::{Table, Value, shown};

/// Where PagerDuty takes events.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// Nothing of it comes from a log but the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: Template,
    pub body: Body,
    pub headers: BTreeMap<Arc<str>, Template>,
    /// What PagerDuty knows a service by; there if and only if the body is its.
    pub routing_key: Option<Template>,
    /// Who says that the receiver is the one that is meant; the machine's own authorities where there is none.
    pub ca: Option<PemFile>,
}

words! {
    /// Whose words the body is written in.
    Body {
        /// The alert as everywhere: one JSON object.
        Json = "json",
        Alertmanager = "alertmanager",
        Slack = "slack",
        Teams = "teams",
        PagerDuty = "pagerduty",
    }
}

/// A URL alone, or with more: `{ url: …, headers: { Authorization: "Bearer {secret:hook}" } }`.
pub(super) fn read(value: &Value<'_>, secrets: &Secrets, base: &Path) -> Option<Webhook> {
    if !value.is_map() {
        return Some(Webhook {
            url: url(value, secrets)?,
            body: Body::Json,
            headers: BTreeMap::new(),
            routing_key: None,
            ca: None,
        });
    }
    let table = value.table(&keys::WEBHOOK.names())?;
    let body = match table.get("body") {
        Some(value) => value.word(Body::ALL, Body::word)?,
        None => Body::Json,
    };
    let url = match (table.get("url"), body) {
        (None, Body::PagerDuty) => Some(Template::plain(PAGERDUTY)),
        (Some(value), _) => url(&value, secrets),
        (None, _) => table.need("url").and_then(|value| url(&value, secrets)),
    };
    let headers = headers(&table, secrets);
    let routing_key = routing_key(&table, body, secrets);
    let webhook = Webhook {
        url: url?,
        body,
        headers: headers?,
        routing_key: routing_key?,
        ca: ca(&table, base),
    };
    if let Some(url) = table.get("url").filter(is_in_the_clear) {
        let mut told = [&webhook.url].into_iter().chain(webhook.headers.values());
        if webhook.routing_key.is_some() || told.any(Template::has_secrets) {
            let hint = Some("begin it with https://".to_owned());
            url.warn("a secret goes over the network unencrypted", hint);
        }
    }
    Some(webhook)
}

/// Over a network that others may hear.
fn is_in_the_clear(url: &Value<'_>) -> bool {
    let host = url.text().and_then(|text| text.strip_prefix("http://"));
    let own = ["127.", "localhost", "[::1]"];
    host.is_some_and(|host| !own.iter().any(|own| host.starts_with(own)))
}

fn url(value: &Value<'_>, secrets: &Secrets) -> Option<Template> {
    let text = value.line()?;
    let begins = ["https://", "http://", "{secret:"];
    if !begins.iter().any(|begin| text.starts_with(begin)) {
        return value.expected("a URL that begins with https:// or http://", None);
    }
    secret_text(value, secrets)
}

fn headers(table: &Table<'_>, secrets: &Secrets) -> Option<BTreeMap<Arc<str>, Template>> {
    let Some(value) = table.get("headers") else {
        return Some(BTreeMap::new());
    };
    let headers = value.named()?.into_iter().map(|(named, value)| {
        if HeaderName::from_bytes(named.name.as_bytes()).is_err() {
            let found = shown(&named.name);
            named.fault(
                format!("found {found}, expected the name of a header"),
                None,
            );
        }
        (named.name, secret_text(&value, secrets))
    });
    // All of them are looked at before one that is wrong counts.
    let headers: Vec<_> = headers.collect();
    headers
        .into_iter()
        .map(|(name, value)| Some((name, value?)))
        .collect()
}

fn routing_key(table: &Table<'_>, body: Body, secrets: &Secrets) -> Option<Option<Template>> {
    match body {
        Body::PagerDuty => {
            let value = table.need("routing_key")?;
            secret_text(&value, secrets).map(Some)
        }
        _ => {
            if let Some(value) = table.get("routing_key") {
                let hint = Some("it belongs to `body: pagerduty`".to_owned());
                value.fault(
                    format!("a routing key has no meaning with `body: {body}`"),
                    hint,
                );
            }
            Some(None)
        }
    }
}
