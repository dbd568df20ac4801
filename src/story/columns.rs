//! Rows of words as aligned columns.

/// Columns are two blanks apart.
const GAP: &str = "  ";

/// One line for each row, each column as wide as its widest cell; a column that is empty everywhere is left out.
pub(crate) fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join(GAP).trim_end().to_string()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_empty_ones_are_left_out() {
        let rows = [["a", "", "bb", "c"], ["ccc", "", "ü", ""]].map(|row| row.map(String::from));
        assert_eq!(aligned(&rows), ["a    bb  c", "ccc  ü"]);
    }
}
