//! The keys as a page for people: `docs/configuration.md`.

use std::fmt::Write;

use super::{Key, Shape, TOP, Table, Unless};

const HEAD: &str = "\
# Configuration: every key

<!-- Written by `tailswitch schema --format markdown`; a test holds it against the program. -->

One YAML file, `tailswitch.yaml`: the one that `-c` names, else the one in this folder, else `/etc/tailswitch/tailswitch.yaml`.
Beside it may stand a folder `conf.d`: its `*.yaml` files are read in the order of their names, as if they were part of the
file. Maps such as `solutions` and `secrets` are joined by name, lists such as `sources` and `alerts` one behind the other.
What is said twice is a fault that names both places.

- Relative paths are relative to the folder of `tailswitch.yaml`, those of `conf.d` too.
- A key that is not on this page is a fault, with the nearest one that is. A key without a value is as if it were not there.
- Durations are whole numbers with units, the larger first: `250ms`, `5s`, `2m`, `1h30m`, `1d`.
- `tailswitch check` finds every fault at once; `--strict` ends with exit code 3 where there are warnings.
- `tailswitch config print --resolved` shows the whole configuration as it holds, defaults included, secrets as `***`.
- `tailswitch schema` prints the JSON Schema of this page. Editors that know the YAML language server check a file that begins
  with `# yaml-language-server: $schema=…`, as those of `tailswitch init` do.

";

/// The whole page.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut sections = vec![("".to_owned(), &TOP)];
    let mut at = 0;
    while let Some((path, table)) = sections.get(at).cloned() {
        section(&mut page, &path, table);
        let below = table
            .keys()
            .flat_map(|key| below(&joined(&path, key.name), &key.shape));
        // A section that two keys share is told once, where it comes first.
        for each in below.collect::<Vec<_>>() {
            let is_it = |(_, known): &(String, &Table)| std::ptr::eq(*known, each.1);
            if !sections.iter().any(is_it) {
                sections.push(each);
            }
        }
        at += 1;
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn section(page: &mut String, path: &str, table: &'static Table) {
    let title = match path {
        "" => "The file".to_owned(),
        path => format!("`{path}`"),
    };
    let _ = writeln!(page, "## {title}\n");
    if !table.one_of.is_empty() {
        let words: Vec<String> = table
            .one_of
            .iter()
            .map(|word| format!("`{word}`"))
            .collect();
        let _ = writeln!(
            page,
            "Exactly one of {} has to be there.\n",
            words.join(", ")
        );
    }
    page.push_str("| key | what is written | without it | what it is for |\n|---|---|---|---|\n");
    for key in table.keys() {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            key.name,
            cell(&said(&key.shape)),
            unless(key),
            cell(key.doc)
        );
    }
    page.push('\n');
}

fn unless(key: &Key) -> String {
    match key.unless {
        Unless::Needed => "a fault".into(),
        Unless::Nothing => "".into(),
        Unless::Default(text) => format!("`{}`", cell(text)),
        Unless::Above(text) => format!("as above; at the top `{}`", cell(text)),
    }
}

fn said(shape: &Shape) -> String {
    match shape {
        Shape::Text { said, .. } => (*said).into(),
        Shape::Hidden { said } => format!("{said}; `{{secret:NAME}}` stands for a secret"),
        Shape::Flag => "`true` or `false`".into(),
        Shape::Whole { least, most } if *most == u32::MAX => {
            format!("a whole number from {least} on")
        }
        Shape::Whole { least, most } => format!("a whole number from {least} to {most}"),
        Shape::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        Shape::Argv => "a list: the program and its arguments".into(),
        Shape::Table(_) => "a map, see below".into(),
        Shape::Names { what, of } => format!("a map: the name of each {what}, and {}", said(of)),
        Shape::List(of) => format!("a list: {}", said(of)),
        Shape::Either(shapes) => {
            let all: Vec<String> = shapes.iter().map(said).collect();
            all.join("; or ")
        }
        Shape::Nothing => "nothing".into(),
    }
}

/// The sections inside a value, with the path that leads to each.
fn below(path: &str, shape: &Shape) -> Vec<(String, &'static Table)> {
    match shape {
        Shape::Table(table) => vec![(path.to_owned(), *table)],
        Shape::Names { what, of } => below(&joined(path, &what.to_uppercase()), of),
        Shape::List(of) => below(&format!("{path}[]"), of),
        Shape::Either(shapes) => shapes.iter().flat_map(|each| below(path, each)).collect(),
        _ => Vec::new(),
    }
}

fn joined(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
