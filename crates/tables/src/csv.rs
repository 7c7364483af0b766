//! CSV (RFC 4180), and the same with tabs. Read leniently, written strictly.
//!
//! A spreadsheet that opens a CSV takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula. Such
//! text, and text that begins with an apostrophe, is written behind one apostrophe, which reading takes away again.

use std::fmt::Write as _;

use crate::encoding::{self, Encoding};
use crate::{Address, Cell, Problem, Row, Table, limits};

const STARTS: &[char] = &['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Text as it is written: behind an apostrophe when a spreadsheet could take it for a formula.
fn marked(text: &str) -> bool {
    text.starts_with(STARTS) || text.starts_with('\'')
}

/// Text as it was before it was written.
pub fn unmarked(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if marked(rest) => rest,
        _ => text,
    }
}

/// Reads a file. Commas or tabs: tabs when the first row has one and no comma.
///
/// # Errors
/// When the characters are neither UTF-8 nor CP932, a quote is never closed, or a limit is broken.
pub fn read(bytes: &[u8]) -> Result<Table, Problem> {
    let text = encoding::decode(bytes)?;
    if text.contains('\0') {
        return Err(Problem::new(
            "表として読めないファイルです。CSV か xlsx で保存し直してください。",
            "This is no table. Save it as CSV or xlsx.",
        ));
    }
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains('\t') && !first.contains(',') { '\t' } else { ',' };
    Reader { rows: Vec::new(), cells: Vec::new(), text: String::new(), count: 0, number: 1 }.run(&text, separator)
}

struct Reader {
    rows: Vec<Row>,
    cells: Vec<Cell>,
    text: String,
    count: usize,
    number: u32,
}

impl Reader {
    fn here(&self) -> Address {
        Address { row: self.number, column: u32::try_from(self.cells.len()).unwrap_or(u32::MAX) }
    }

    fn run(mut self, text: &str, separator: char) -> Result<Table, Problem> {
        let mut chars = text.chars().peekable();
        let mut quoted: Option<Address> = None;
        while let Some(c) = chars.next() {
            match (quoted, c) {
                (Some(_), '"') if chars.peek() == Some(&'"') => {
                    chars.next();
                    self.text.push('"');
                }
                (Some(_), '"') => quoted = None,
                (Some(_), c) => self.text.push(c),
                (None, '"') if self.text.is_empty() => quoted = Some(self.here()),
                (None, c) if c == separator => self.cell()?,
                (None, '\r') if chars.peek() == Some(&'\n') => {}
                (None, '\n') => self.row()?,
                (None, c) => self.text.push(c),
            }
        }
        if let Some(at) = quoted {
            return Err(
                Problem::new("引用符（\"）が閉じられていません。", "A quotation mark (\") is never closed.").at(at)
            );
        }
        if !self.text.is_empty() || !self.cells.is_empty() {
            self.row()?;
        }
        Ok(Table { rows: self.rows, marked: true })
    }

    fn cell(&mut self) -> Result<(), Problem> {
        let text = std::mem::take(&mut self.text);
        self.count += usize::from(!text.is_empty());
        limits::check(self.here(), self.count, &text)?;
        self.cells.push(if text.is_empty() { Cell::Empty } else { Cell::Text(text) });
        Ok(())
    }

    fn row(&mut self) -> Result<(), Problem> {
        self.cell()?;
        let row = Row { number: self.number, cells: std::mem::take(&mut self.cells) };
        if !row.is_empty() {
            self.rows.push(row);
        }
        self.number = self.number.saturating_add(1);
        Ok(())
    }
}

/// Writes rows, each line ended by CR LF.
///
/// # Errors
/// Names the cell with a character that the encoding cannot hold.
pub fn write(rows: &[Vec<Cell>], encoding: Encoding) -> Result<Vec<u8>, Problem> {
    let mut out = encoding::mark(encoding).to_vec();
    for (number, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            if column > 0 {
                out.push(b',');
            }
            let at = Address { row: number, column };
            let bytes = encoding::encode(&field(cell), encoding).map_err(|c| unwritable(c).at(at))?;
            out.extend_from_slice(&bytes);
        }
        out.extend_from_slice(b"\r\n");
    }
    Ok(out)
}

fn unwritable(c: char) -> Problem {
    let code = u32::from(c);
    Problem::new(
        format!("「{c}」（U+{code:04X}）は CP932 で書けない文字です。xlsx か UTF-8 の CSV で書き出してください。"),
        format!("'{c}' (U+{code:04X}) cannot be written in CP932. Export as xlsx or as CSV in UTF-8."),
    )
}

fn field(cell: &Cell) -> String {
    let text = match cell {
        Cell::Empty => return String::new(),
        Cell::Text(text) if marked(text) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Day(day) => iso(*day),
        Cell::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
    };
    let plain = !text.contains(['"', ',', '\n', '\r', '\t']) && !text.starts_with(' ') && !text.ends_with(' ');
    if plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// A day as 2026-04-01 (Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
pub(crate) fn iso(day: i32) -> String {
    let shifted = i64::from(day) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let mut text = String::new();
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let _ = write!(text, "{year:04}-{month:02}-{:02}", of_year - (153 * from_march + 2) / 5 + 1);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        let cell = |cell: &Cell| if let Cell::Text(text) = cell { text.clone() } else { String::new() };
        read(bytes).unwrap().rows.iter().map(|row| (row.number, row.cells.iter().map(cell).collect())).collect()
    }

    #[test]
    fn both_encodings_quoted_newlines_tabs_and_empty_lines_are_read() {
        let rows = vec![
            (1, vec!["氏名".to_owned(), "備考".to_owned()]),
            (3, vec!["髙橋".to_owned(), "一\n\"二\"".to_owned()]),
        ];
        let text = "氏名,備考\r\n\r\n髙橋,\"一\n\"\"二\"\"\"";
        assert_eq!(texts(text.as_bytes()), rows);
        assert_eq!(texts(format!("\u{feff}{text}").as_bytes()), rows);
        assert_eq!(texts(&encoding_rs::SHIFT_JIS.encode(text).0), rows);
        assert_eq!(texts(text.replace(',', "\t").as_bytes()), rows);
    }

    #[test]
    fn what_is_no_table_is_refused_at_its_place() {
        assert_eq!(read(b"a,b\n1,\"x\n").unwrap_err().at.unwrap().to_string(), "B2");
        assert!(read(&[0xFF, 0xFE, 0x00]).unwrap_err().en.contains("neither"));
        let wide = vec!["x"; 400].join(",");
        assert!(read(wide.as_bytes()).unwrap_err().en.contains("columns"));
    }

    #[test]
    fn a_character_that_cp932_lacks_is_named_with_its_cell() {
        let rows = vec![vec![Cell::Text("名".into())], vec![Cell::Text("𠮷野".into())]];
        let problem = write(&rows, Encoding::Cp932).unwrap_err();
        assert_eq!(problem.at.unwrap().to_string(), "A2");
        assert!(problem.ja.contains("𠮷"), "{}", problem.ja);
        assert!(
            write(&[vec![Cell::Text("5−3".into())]], Encoding::Cp932).is_err(),
            "it would come back as another character"
        );
    }

    #[test]
    fn formulas_are_harmless_in_the_file_and_the_same_when_read_again() {
        for text in ["=1+1", "+81", "-x", "@SUM(A1)", "'quoted", "''=", "＝１", "a=b"] {
            let bytes = write(&[vec![Cell::Text(text.into())]], Encoding::Utf8).unwrap();
            let row = texts(&bytes).remove(0).1;
            assert!(!row[0].starts_with(['=', '+', '-', '@']), "{row:?}");
            assert_eq!(unmarked(&row[0]), text);
        }
        assert_eq!(unmarked("'tis"), "'tis");
    }

    #[test]
    fn days_are_written_as_iso() {
        assert_eq!(
            (iso(0), iso(20_780), iso(-719_162)),
            ("1970-01-01".into(), "2026-11-23".into(), "0001-01-01".into())
        );
    }
}
