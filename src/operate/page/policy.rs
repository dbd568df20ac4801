//! What a browser may do with the page: run the one script and use the style sheets that stand in it, ask this host.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::timeline;

pub(super) const SCRIPT: &str = include_str!("../../../templates/page.js");
pub(super) const STYLE: &str = include_str!("../../../templates/page.css");

pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let [script, page, drawn] = [SCRIPT, STYLE, timeline::STYLE].map(hash);
    format!(
        "default-src 'none'; script-src {script}; style-src {page} {drawn}; connect-src 'self'; img-src data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

pub(in crate::operate) fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
