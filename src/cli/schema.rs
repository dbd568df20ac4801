//! `schema`: every key of a configuration, for editors and for people.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::Exit;
use crate::config::keys;
use crate::json;

/// Print the JSON Schema of the configuration, or the reference of its keys
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// JSON Schema (draft 2020-12), or the page of all keys
    #[arg(long, value_enum, default_value_t = Form::Json)]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// JSON Schema
    Json,
    /// The page `docs/configuration.md`
    Markdown,
}

impl Schema {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let text = match self.format {
            Form::Json => json::schema()?,
            Form::Markdown => keys::reference(),
        };
        io::stdout().write_all(text.as_bytes())?;
        Ok(Exit::Ok)
    }
}
