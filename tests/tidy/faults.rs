//! The table of faults: every row is there, and every test that it names.

use super::source::Source;

/// How many rows each family of faults has; the corner cases have numbers alone.
const FAMILIES: [(&str, usize); 9] = [
    ("T", 26),
    ("B", 12),
    ("K", 8),
    ("J", 15),
    ("C", 16),
    ("P", 8),
    ("G", 7),
    ("N", 12),
    ("", 87),
];

/// Rows that are missing, and the names of tests and scenarios that are not there. `is_folder` knows the scenarios.
pub fn unheld(table: &str, sources: &[Source], is_folder: impl Fn(&str) -> bool) -> Vec<String> {
    let rows: Vec<Vec<&str>> = table.lines().filter_map(cells).collect();
    let families = FAMILIES.iter();
    let wanted =
        families.flat_map(|(family, count)| (1..=*count).map(move |n| format!("{family}{n}")));
    let has = |row: &String| rows.iter().any(|cells| cells[0] == row);
    let mut wrong: Vec<String> = wanted
        .filter(|row| !has(row))
        .map(|row| format!("docs/faults.md: row {row} is missing"))
        .collect();
    for cells in &rows {
        let (row, held) = (cells[0], cells[2]);
        let mut names = held.split('`').skip(1).step_by(2).peekable();
        if names.peek().is_none() && !held.contains("*Not held*") && !held.contains("*Later*") {
            wrong.push(format!(
                "docs/faults.md: row {row} says neither what holds it nor that nothing does"
            ));
        }
        for name in names.filter(|name| !name.ends_with(".sh")) {
            let is_there = match name.starts_with("fixtures/") {
                true => is_folder(name),
                false => has_test(name, sources),
            };
            if !is_there {
                wrong.push(format!(
                    "docs/faults.md: row {row}: there is no `{name}` any more"
                ));
            }
        }
    }
    wrong
}

/// The three cells of a row of the tables.
fn cells(line: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = line
        .strip_prefix("| ")?
        .strip_suffix(" |")?
        .split(" | ")
        .collect();
    let is_row = cells.len() == 3 && cells[0].ends_with(|last: char| last.is_ascii_digit());
    is_row.then_some(cells)
}

/// `tail::tests::rotation::name` is in `src/tail/tests/rotation.rs`, `clock::tests::name` in `src/clock.rs`.
fn has_test(name: &str, sources: &[Source]) -> bool {
    let Some((module, name)) = name.rsplit_once("::") else {
        return false;
    };
    let path = match module.starts_with("tests/") {
        true => module.to_owned(),
        false => format!("src/{}", module.replace("::", "/")),
    };
    let inline = path.strip_suffix("/tests").unwrap_or(&path);
    let function = format!("fn {name}(");
    sources.iter().any(|source| {
        let file = source.path.trim_end_matches(".rs");
        (file == path || file == inline) && source.text.contains(&function)
    })
}
