//! Tables as RFC 4180 writes them, that a spreadsheet opens without running anything.

/// A table being written.
#[derive(Debug)]
pub(super) struct Table(String);

impl Table {
    pub(super) fn new(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(columns);
        table
    }

    pub(super) fn row(&mut self, cells: &[&str]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            self.cell(cell);
        }
        self.0.push_str("\r\n");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    // Every cell is quoted, and an apostrophe stands before what a spreadsheet would take for a formula (OWASP,
    // CSV injection). A spreadsheet that splits at semicolons or tabs sees no quotes but a line's first, and
    // begins a cell behind each of them: those beginnings count as well.
    fn cell(&mut self, text: &str) {
        self.0.push('"');
        if text.starts_with(['\t', '\r', '\n']) {
            self.0.push('\'');
        }
        let mut begins = true;
        for character in text.chars() {
            if begins && matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
                self.0.push('\'');
            }
            // Blanks and quotes in front of a formula do not keep every spreadsheet from running it.
            begins =
                matches!(character, ';' | '\t' | '\r' | '\n') || begins && matches!(character, ' ' | '"');
            if character == '"' {
                self.0.push('"');
            }
            self.0.push(character);
        }
        self.0.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_ends_it_or_runs() {
        let mut table = Table::new(&["a", "b"]);
        table.row(&["say \"hi\",\r\nthere", "=cmd|' /C calc'!A0"]);
        assert_eq!(table.finish(), "\"a\",\"b\"\r\n\"say \"\"hi\"\",\r\nthere\",\"'=cmd|' /C calc'!A0\"\r\n");
    }

    /// The cells as a spreadsheet reads them that splits at this character and knows quotes only where a cell
    /// begins.
    fn cells(csv: &str, separator: char) -> Vec<String> {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        for character in csv.chars() {
            match character {
                '"' if cell.is_empty() || quoted => quoted = !quoted,
                it if !quoted && (it == separator || it == '\r' || it == '\n') => {
                    cells.push(std::mem::take(&mut cell));
                }
                it => cell.push(it),
            }
        }
        cells.push(cell);
        cells
    }

    #[test]
    fn no_separator_of_any_spreadsheet_makes_a_formula() {
        for hostile in
            ["=1", "x;=1", "x;@1", "x\t+1", "x\r\n-1", "x; =1", "x;\"=1", " =1", ";;=1", "\"=1", "x;\"\";=1"]
        {
            let mut table = Table::new(&["a", "b"]);
            table.row(&["ada", hostile]);
            table.row(&[hostile, hostile]);
            let csv = table.finish();
            for separator in [',', ';', '\t'] {
                for cell in cells(&csv, separator) {
                    let start = cell.trim_start_matches([' ', '"']);
                    assert!(!start.starts_with(['=', '+', '-', '@']), "{hostile:?} {separator:?}: {csv}");
                }
            }
        }
        let mut table = Table::new(&["a"]);
        table.row(&["Mozilla/5.0 (X11; Linux x86_64) a-b=c"]);
        assert!(table.finish().ends_with("\"Mozilla/5.0 (X11; Linux x86_64) a-b=c\"\r\n"));
    }
}
