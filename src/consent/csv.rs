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

    // Every cell is quoted, and one that a spreadsheet would take for a formula starts with an apostrophe
    // (OWASP, CSV injection).
    fn cell(&mut self, text: &str) {
        self.0.push('"');
        if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
            self.0.push('\'');
        }
        self.0.push_str(&text.replace('"', "\"\""));
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
}
