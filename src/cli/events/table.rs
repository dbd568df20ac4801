//! Events as rows: aligned for people, or with tabs between the fields for other programs.

use std::borrow::Cow;

use clap::ValueEnum;

use crate::escape::escape;
use crate::event::Event;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Column {
    Time,
    Level,
    Id,
    Text,
    Application,
    Dbid,
    Host,
    File,
    Line,
    Offset,
}

use Column::*;

/// What a program gets if it does not say.
pub(super) const ALL: [Column; 10] = [
    Time,
    Level,
    Id,
    Text,
    Application,
    Dbid,
    Host,
    File,
    Line,
    Offset,
];
/// What people see if they do not say.
pub(super) const FOR_PEOPLE: [Column; 7] = [Time, Id, Application, Host, Text, File, Line];

/// A longer field pushes the rest of its row, and no other row.
const WIDTH_MAX: usize = 48;

/// Rows for people: columns are as wide as what was seen so far.
pub(super) struct Table {
    columns: Vec<(Column, usize)>,
}

impl Table {
    pub(super) fn new(columns: &[Column]) -> Table {
        Table {
            columns: columns.iter().map(|&each| (each, each.width())).collect(),
        }
    }

    /// One line; what is unknown is `-`.
    pub(super) fn row(&mut self, event: &Event) -> String {
        let mut row = String::new();
        for (column, width) in &mut self.columns {
            if !row.is_empty() {
                row.push_str("  ");
            }
            let field = column.of(event);
            let field = if field.is_empty() { "-" } else { &field };
            *width = field.chars().count().min(WIDTH_MAX).max(*width);
            row.push_str(&format!("{field:<width$}"));
        }
        row.truncate(row.trim_end().len());
        row
    }
}

/// One line with a tab between the fields; what is unknown is empty.
pub(super) fn tsv(columns: &[Column], event: &Event) -> String {
    let fields: Vec<_> = columns.iter().map(|column| column.of(event)).collect();
    fields.join("\t")
}

impl Column {
    /// Escaped; empty if unknown.
    fn of(self, event: &Event) -> Cow<'_, str> {
        let origin = &event.origin;
        match self {
            Time => event.time.to_string().into(),
            Level => escape(event.level.as_deref().unwrap_or_default()),
            Id => escape(&event.id),
            Text => escape(&event.text),
            Application => escape(event.application.as_deref().unwrap_or_default()),
            Dbid => event
                .dbid
                .map_or(Cow::Borrowed(""), |dbid| dbid.to_string().into()),
            Host => escape(event.host.as_deref().unwrap_or_default()),
            File => escape(&origin.file),
            Line => origin.line.to_string().into(),
            Offset => origin.offset.to_string().into(),
        }
    }

    /// Wide enough for most of what comes, so that the first rows stand under the later ones.
    fn width(self) -> usize {
        match self {
            Time => 24,
            Level => 3,
            Id => 8,
            Text => 40,
            Application => 16,
            Dbid => 5,
            Host => 10,
            File => 16,
            Line => 6,
            Offset => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventKind, Origin, Witness};

    fn event(application: &str, text: &str) -> Event {
        Event {
            time: "2026-11-02T20:31:07.412Z".parse().unwrap(),
            id: "04563".into(),
            kind: EventKind::BecamePrimary,
            application: Some(application.into()),
            dbid: None,
            host: Some("vmhost2".into()),
            mode: None,
            status: None,
            level: Some("Std".into()),
            text: text.into(),
            witness: Witness::Own,
            writer: None,
            in_trace_gap: false,
            origin: Origin {
                file: "a.log".into(),
                line: 12,
                offset: 345,
            },
        }
    }

    #[test]
    fn columns_grow_and_unknown_fields_are_dashes() {
        let mut table = Table::new(&[Application, Dbid, Line]);
        assert_eq!(table.row(&event("RM_1", "")), "RM_1              -      12");
        assert_eq!(
            table.row(&event("Resource Manager 1", "")),
            "Resource Manager 1  -      12"
        );
        assert_eq!(
            table.row(&event("RM_1", "")),
            "RM_1                -      12"
        );
    }

    #[test]
    fn a_field_cannot_add_a_column_or_a_row() {
        let hostile = event("RM\t1", "one\nInjected\t\u{1b}[2J");
        let row = tsv(&ALL, &hostile);
        assert_eq!(row.matches('\t').count(), ALL.len() - 1);
        assert_eq!(
            row,
            "2026-11-02T20:31:07.412Z\tStd\t04563\tone\\nInjected\\t\\x1b[2J\tRM\\t1\t\tvmhost2\ta.log\t12\t345"
        );
        assert_eq!(Table::new(&ALL).row(&hostile).lines().count(), 1);
    }
}
