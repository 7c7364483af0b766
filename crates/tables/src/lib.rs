//! Tables in and out: xlsx and CSV read into cells that know their address, and written so that no cell is a formula.
//!
//! Pure: bytes in, rows out, and the other way. Files of others are read in a worker ([`door`]); what is written is written by
//! us. A format is one module.

pub mod csv;
pub mod door;
mod encoding;
mod limits;
pub mod xlsx;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use encoding::Encoding;
pub use limits::{CELL_CHARS_MAX, CELLS_MAX, COLUMNS_MAX, FILE_BYTES_MAX, ROWS_MAX};

/// What a cell holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, as it stands.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, as days since 1970-01-01.
    Day(i32),
    /// Yes or no.
    Bool(bool),
}

/// A row with its place in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its number as a spreadsheet shows it, from 1.
    pub number: u32,
    /// Its cells from column A on; what is missing at the end is empty.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column, counted from 0.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    /// Whether no cell holds anything.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| match cell {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        })
    }
}

/// A table as it was read: the rows that hold anything, headings among them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether text that a formula could begin with carries a mark (CSV), see [`csv::unmarked`].
    pub marked: bool,
}

/// A cell's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// The row's number, from 1.
    pub row: u32,
    /// The column, from 0.
    pub column: u32,
}

impl fmt::Display for Address {
    /// As a spreadsheet writes it, such as `B12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut letters, mut left) = (Vec::new(), u64::from(self.column) + 1);
        while left > 0 {
            left -= 1;
            letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
            left /= 26;
        }
        letters.iter().rev().try_for_each(|letter| write!(f, "{letter}"))?;
        write!(f, "{}", self.row)
    }
}

/// Why a file cannot be read, or a table not be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The cell, where it is one.
    pub at: Option<Address>,
    /// The sentence in Japanese.
    pub ja: String,
    /// The sentence in English.
    pub en: String,
}

impl Problem {
    /// A problem of the whole file.
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at: None, ja: ja.into(), en: en.into() }
    }

    /// A problem of one cell.
    #[must_use]
    pub fn at(self, at: Address) -> Self {
        Self { at: Some(at), ..self }
    }
}

/// Reads a file by what its bytes are: a ZIP container is xlsx, anything else has to be text.
///
/// # Errors
/// When it is neither, or breaks a limit.
pub fn read(bytes: &[u8]) -> Result<Table, Problem> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(limits::too_large());
    }
    if bytes.starts_with(b"PK") {
        return xlsx::read(bytes);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Problem::new(
            "古い形式（xls）か、パスワードのかかったファイルです。パスワードを外し、xlsx か CSV で保存し直してください。",
            "This is an old workbook (xls) or one with a password. Remove the password and save it as xlsx or CSV.",
        ));
    }
    csv::read(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_a_spreadsheet() {
        let at = |row, column| Address { row, column }.to_string();
        assert_eq!((at(1, 0), at(12, 1), at(3, 25), at(9, 26)), ("A1".into(), "B12".into(), "Z3".into(), "AA9".into()));
        assert_eq!(at(1_048_576, 16_383), "XFD1048576");
        assert_eq!(at(1, u32::MAX), "MWLQKWV1");
    }
}
