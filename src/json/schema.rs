//! The configuration as JSON Schema (draft 2020-12), for editors and for whoever writes it by a program.
//!
//! What it accepts `check` may still refuse: names that must agree, globs, time zones. What it refuses `check` refuses.

use serde_json::{Map, Value, json};

use crate::config::keys::{Key, Number, Shape, TOP, Table, Unless};

/// The first line of a configuration that an editor checks by the installed schema.
pub const HINT: &str =
    "# yaml-language-server: $schema=/usr/share/tailswitch/tailswitch.schema.json";

/// The whole schema, with a line end.
pub fn schema() -> serde_json::Result<String> {
    let mut sections = Sections::default();
    let mut root = sections.table(&TOP);
    root.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    root.insert("title".into(), json!("tailswitch.yaml"));
    let told = "The configuration of tailswitch. Every key is explained in docs/configuration.md.";
    root.insert("description".into(), json!(told));
    let mut defs = Map::new();
    let mut at = 0;
    while let Some((name, table)) = sections.0.get(at).cloned() {
        let section = sections.table(table);
        defs.insert(name, section.into());
        at += 1;
    }
    root.insert("$defs".into(), defs.into());
    Ok(serde_json::to_string_pretty(&root)? + "\n")
}

/// Sections that are referred to, each with the name that it was given.
#[derive(Default)]
struct Sections(Vec<(String, &'static Table)>);

impl Sections {
    fn table(&mut self, table: &'static Table) -> Map<String, Value> {
        let mut properties = Map::new();
        for key in table.keys() {
            properties.insert(key.name.into(), self.key(key));
        }
        let needed: Vec<&str> = table
            .keys()
            .filter(|key| key.unless == Unless::Needed)
            .map(|key| key.name)
            .collect();
        let mut section = Map::new();
        section.insert("type".into(), json!("object"));
        section.insert("properties".into(), properties.into());
        section.insert("additionalProperties".into(), json!(false));
        // One of them may stand in a file of `conf.d`.
        if !needed.is_empty() && !std::ptr::eq(table, &TOP) {
            section.insert("required".into(), json!(needed));
        }
        if !table.one_of.is_empty() {
            let each = table
                .one_of
                .iter()
                .map(|name| json!({ "required": [name] }));
            section.insert("oneOf".into(), each.collect());
        }
        section
    }

    fn key(&mut self, key: &'static Key) -> Value {
        let mut value = self.shape(key.name, &key.shape);
        if let Value::Object(fields) = &mut value {
            let told = match key.unless {
                Unless::Default(text) | Unless::Above(text) => {
                    format!("{} Without it: {text}.", key.doc)
                }
                Unless::Needed | Unless::Nothing => key.doc.into(),
            };
            fields.insert("description".into(), told.into());
        }
        value
    }

    fn shape(&mut self, name: &str, shape: &'static Shape) -> Value {
        match shape {
            Shape::Text {
                pattern, number, ..
            } => text(*pattern, *number),
            Shape::Hidden { .. } => text(None, Number::Any),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Whole { least, most } => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Shape::Word(words) => {
                // `version: 3` is a number to a reader of plain YAML.
                let numbers = words.iter().filter_map(|word| word.parse::<u32>().ok());
                let words = words.iter().map(|word| json!(word));
                let all: Vec<Value> = words.chain(numbers.map(|number| json!(number))).collect();
                json!({ "enum": all })
            }
            Shape::Argv => {
                json!({ "type": "array", "items": text(None, Number::Any), "minItems": 1 })
            }
            Shape::Table(table) => self.reference(name, table),
            Shape::Names { what, of } => {
                json!({ "type": "object", "additionalProperties": self.shape(what, of) })
            }
            Shape::List(of) => json!({ "type": "array", "items": self.shape(name, of) }),
            Shape::Either(shapes) => {
                let any = shapes.iter().map(|each| self.shape(name, each));
                json!({ "anyOf": any.collect::<Vec<_>>() })
            }
            Shape::Nothing => json!({ "type": "null" }),
        }
    }

    fn reference(&mut self, name: &str, table: &'static Table) -> Value {
        let known = self.0.iter().find(|(_, known)| std::ptr::eq(*known, table));
        let name = match known {
            Some((name, _)) => name.clone(),
            None => {
                let is_taken = |name: &str| self.0.iter().any(|(known, _)| known == name);
                let mut given = name.to_owned();
                while is_taken(&given) {
                    given.push_str("-of-one");
                }
                self.0.push((given.clone(), table));
                given
            }
        };
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

fn text(pattern: Option<&str>, number: Number) -> Value {
    let of_text = match pattern {
        Some(pattern) => json!({ "type": "string", "pattern": pattern }),
        None => json!({ "type": "string" }),
    };
    match (number, of_text) {
        (Number::Never, of_text) => of_text,
        (Number::Zero, of_text) => json!({ "anyOf": [of_text, { "const": 0 }] }),
        // Whatever is not quoted is a text to the reader.
        (Number::Any, Value::Object(mut fields)) => {
            fields.insert("type".into(), json!(["string", "number", "boolean"]));
            fields.into()
        }
        (Number::Any, of_text) => of_text,
    }
}
