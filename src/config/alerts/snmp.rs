//! `snmp`: a trap receiver, and as whom we speak to it.

use super::endpoint::{endpoint, secret_text};
use crate::config::command::Template;
use crate::config::keys;
use crate::config::secrets::Secrets;
use crate::words::words;
use crate::yaml::{Table, Value};

/// Those of version 3 alone.
const OF_3: [&str; 6] = [
    "user",
    "auth",
    "auth_password",
    "priv",
    "priv_password",
    "engine_id",
];
/// RFC 3411: an engine's id has so many octets.
const ENGINE_ID_BYTES: std::ops::RangeInclusive<usize> = 5..=32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snmp {
    /// `host:port` of the trap receiver.
    pub address: String,
    /// The receiver acknowledges each one; else nobody knows whether a trap arrived.
    pub inform: bool,
    pub security: Security,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// Version 2c.
    Community(Template),
    /// Version 3.
    User(User),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub auth: Auth,
    pub auth_password: Template,
    pub privacy: Option<(Privacy, Template)>,
    /// As whom a trap is sent; an inform has its receiver's.
    pub engine_id: Option<Vec<u8>>,
}

words! {
    /// How a message is signed.
    Auth {
        Md5 = "md5",
        Sha = "sha",
        Sha224 = "sha224",
        Sha256 = "sha256",
        Sha384 = "sha384",
        Sha512 = "sha512",
    }
}

words! {
    /// How a message is encrypted; with keys of more than 128 bits as most receivers extend them (Blumenthal).
    Privacy {
        Aes128 = "aes128",
        Aes192 = "aes192",
        Aes256 = "aes256",
    }
}

words! {
    Version {
        V2c = "2c",
        V3 = "3",
    }
}

pub(super) fn read(value: &Value<'_>, secrets: &Secrets) -> Option<Snmp> {
    let table = value.table(&keys::SNMP.names())?;
    let address = table
        .need("address")
        .and_then(|value| endpoint(&value, value.line()?, "host:port"));
    let inform = match table.get("inform") {
        Some(value) => value.flag(),
        None => Some(false),
    };
    let version = match table.get("version") {
        Some(value) => value.word(Version::ALL, Version::word)?,
        None => Version::V2c,
    };
    let (of_2c, of_3) = (["community"], &OF_3);
    let security = match version {
        Version::V2c => {
            strangers(&table, of_3, version);
            let community = table.need("community");
            community
                .and_then(|value| secret_text(&value, secrets))
                .map(Security::Community)
        }
        Version::V3 => {
            strangers(&table, &of_2c, version);
            user(&table, inform.unwrap_or_default(), secrets).map(Security::User)
        }
    };
    Some(Snmp {
        address: address?,
        inform: inform?,
        security: security?,
    })
}

/// Keys of the other version.
fn strangers(table: &Table<'_>, keys: &[&'static str], version: Version) {
    for key in keys {
        if let Some(value) = table.get(key) {
            value.fault(format!("it has no meaning with `version: {version}`"), None);
        }
    }
}

fn user(table: &Table<'_>, inform: bool, secrets: &Secrets) -> Option<User> {
    let name = table.need("user").and_then(|value| value.line());
    let auth = match table.get("auth") {
        Some(value) => value.word(Auth::ALL, Auth::word),
        None => Some(Auth::Sha256),
    };
    let auth_password = table.need("auth_password");
    let auth_password = auth_password.and_then(|value| secret_text(&value, secrets));
    let privacy = privacy(table, secrets);
    let engine_id = match inform {
        true => Some(None),
        false => engine_id(table).map(Some),
    };
    Some(User {
        name: name?.to_owned(),
        auth: auth?,
        auth_password: auth_password?,
        privacy: privacy?,
        engine_id: engine_id?,
    })
}

fn privacy(table: &Table<'_>, secrets: &Secrets) -> Option<Option<(Privacy, Template)>> {
    let protocol = match table.get("priv") {
        Some(value) => value.word(Privacy::ALL, Privacy::word),
        None => Some(Privacy::Aes128),
    };
    if table.get("priv").is_none() && table.get("priv_password").is_none() {
        return Some(None);
    }
    let password = table.need("priv_password");
    let password = password.and_then(|value| secret_text(&value, secrets));
    Some(Some((protocol?, password?)))
}

fn engine_id(table: &Table<'_>) -> Option<Vec<u8>> {
    let Some(value) = table.get("engine_id") else {
        let hint = "the receiver knows the sender of a trap by it, as in `engine_id: 80001f8804` and hex digits of \
                    your own; or write `inform: true`";
        let message = "`engine_id` is missing";
        table.value().fault(message, Some(hint.to_owned()));
        return None;
    };
    let text = value.line()?;
    let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect();
    match bytes.filter(|bytes| ENGINE_ID_BYTES.contains(&bytes.len())) {
        Some(bytes) => Some(bytes),
        None => value.expected("10 to 64 hexadecimal digits, two for each octet", None),
    }
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}
