//! xlsx (ECMA-376): the first visible sheet is read cell by cell, so that a far-off cell costs nothing; values only, never a
//! formula. Written with text as text, numbers as numbers and days as days.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError};

use crate::{Address, Cell, Problem, Row, Table, csv, limits};

/// Days from 1899-12-30, where a spreadsheet's count begins for days since 1900-03-01, to 1970-01-01.
const EPOCH: i32 = 25_569;
/// The first count that every program reads alike: 1900-03-01.
const FIRST_SERIAL: i32 = 61;

fn unreadable(error: &calamine::XlsxError) -> Problem {
    Problem::new(
        format!("xlsx として読めません（{error}）。表計算ソフトで開いて保存し直してください。"),
        format!("It cannot be read as xlsx ({error}). Open it in a spreadsheet and save it again."),
    )
}

/// Reads the first visible sheet.
///
/// # Errors
/// When it is no xlsx, holds an error value, or breaks a limit.
pub fn read(bytes: &[u8]) -> Result<Table, Problem> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
    let name = book.sheets_metadata().iter().find(visible).map(|sheet| sheet.name.clone());
    let name = name.ok_or_else(|| Problem::new("シートがありません。", "The workbook has no visible sheet."))?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| unreadable(&error))?;
    let mut table = Table::default();
    let mut count = 0;
    while let Some(cell) = cells.next_cell().map_err(|error| unreadable(&error))? {
        let (row, column) = cell.get_position();
        let at = Address { row: row.saturating_add(1), column };
        let value = value(cell.get_value(), at)?;
        if value == Cell::Empty {
            continue;
        }
        count += 1;
        limits::check(at, count, if let Cell::Text(text) = &value { text } else { "" })?;
        place(&mut table.rows, at, value);
    }
    table.rows.sort_by_key(|row| row.number);
    table.rows.retain(|row| !row.is_empty());
    Ok(table)
}

/// Puts a cell into its row. Rows come in order in every file that a program wrote; a file that jumps is read as well.
fn place(rows: &mut Vec<Row>, at: Address, value: Cell) {
    let known = match rows.last() {
        Some(last) if last.number == at.row => Some(rows.len() - 1),
        Some(last) if last.number > at.row => rows.iter().position(|row| row.number == at.row),
        _ => None,
    };
    let index = known.unwrap_or_else(|| {
        rows.push(Row { number: at.row, cells: Vec::new() });
        rows.len() - 1
    });
    let Some(row) = rows.get_mut(index) else { return };
    let column = at.column as usize;
    if row.cells.len() <= column {
        row.cells.resize(column + 1, Cell::Empty);
    }
    if let Some(cell) = row.cells.get_mut(column) {
        *cell = value;
    }
}

fn value(data: &DataRef<'_>, at: Address) -> Result<Cell, Problem> {
    let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) };
    Ok(match data {
        DataRef::Empty => Cell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are doubles")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            Cell::Text(format!("{year:04}-{month:02}-{day:02}"))
        }
        DataRef::DateTime(time) => Cell::Number(time.as_f64()),
        DataRef::DateTimeIso(iso) | DataRef::DurationIso(iso) => text(iso.split('T').next().unwrap_or_default()),
        DataRef::Error(error) => {
            return Err(Problem::new(
                format!("セルの値がエラー（{error}）です。表計算ソフトで直してください。"),
                format!("The cell holds an error ({error}). Correct it in the spreadsheet."),
            )
            .at(at));
        }
    })
}

/// Writes rows to one sheet. The first row holds headings.
///
/// # Errors
/// Names the cell whose text is longer than a spreadsheet holds.
pub fn write(sheet: &str, rows: &[Vec<Cell>]) -> Result<Vec<u8>, Problem> {
    let mut book = Workbook::new();
    // No moment of its own: the same records give the same bytes.
    if let Ok(moment) = ExcelDateTime::from_ymd(2000, 1, 1) {
        book.set_properties(&DocProperties::new().set_creation_datetime(&moment));
    }
    let page = book.add_worksheet();
    let whole = |error: &XlsxError| {
        Problem::new(format!("xlsx を書けません（{error}）。"), format!("The xlsx cannot be written ({error})."))
    };
    page.set_name(sheet_name(sheet)).map_err(|error| whole(&error))?;
    page.set_freeze_panes(1, 0).map_err(|error| whole(&error))?;
    let heading = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_num_format("@");
    let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    let day = Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Top);
    let plain = Format::new().set_align(FormatAlign::Top);
    for (number, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            let style = if number == 0 { &heading } else { &text };
            let written = match cell {
                Cell::Empty => continue,
                Cell::Text(string) => page.write_string_with_format(number, column, string, style),
                Cell::Number(value) => page.write_number_with_format(number, column, *value, &plain),
                Cell::Bool(value) => page.write_boolean_with_format(number, column, *value, &plain),
                Cell::Day(value) if value.saturating_add(EPOCH) >= FIRST_SERIAL => {
                    page.write_number_with_format(number, column, f64::from(value + EPOCH), &day)
                }
                Cell::Day(value) => page.write_string_with_format(number, column, csv::iso(*value), style),
            };
            let at = Address { row: number + 1, column: u32::from(column) };
            written.map_err(|error| whole(&error).at(at))?;
        }
    }
    let columns = rows.first().map_or(0, Vec::len);
    for column in (0_u16..).take(columns) {
        page.set_column_width(column, 20).map_err(|error| whole(&error))?;
    }
    book.save_to_buffer().map_err(|error| whole(&error))
}

/// A sheet's name: at most 31 characters, none of `[]:*?/\`, no apostrophe at its ends.
fn sheet_name(name: &str) -> String {
    let name: String = name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
    let name = name.trim_matches('\'').to_owned();
    if name.is_empty() { "1".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_back() {
        let rows = vec![
            vec![
                Cell::Text("名称".into()),
                Cell::Text("日付".into()),
                Cell::Text("金額".into()),
                Cell::Text("済".into()),
            ],
            vec![
                Cell::Text("=1+1\n二行目 _x0041_".into()),
                Cell::Day(20_780),
                Cell::Number(-9_007_199_254_740_991.0),
                Cell::Bool(true),
            ],
            vec![Cell::Text(" 007 ".into()), Cell::Day(-719_162)],
        ];
        let table = read(&write("情報資産/台帳", &rows).unwrap()).unwrap();
        let cells: Vec<Vec<Cell>> = table.rows.into_iter().map(|row| row.cells).collect();
        let text = |text: &str| Cell::Text(text.to_owned());
        assert_eq!(cells[1], [rows[1][0].clone(), text("2026-11-23"), rows[1][2].clone(), rows[1][3].clone()]);
        assert_eq!(cells[2], [text(" 007 "), text("0001-01-01")]);
    }

    #[test]
    fn the_same_rows_give_the_same_bytes() {
        let rows = vec![vec![Cell::Text("a".into())]];
        assert_eq!(write("s", &rows).unwrap(), write("s", &rows).unwrap());
    }

    #[test]
    fn a_damaged_workbook_is_a_sentence() {
        let bytes = write("s", &[vec![Cell::Text("a".into())]]).unwrap();
        for end in (4..bytes.len()).step_by(97) {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
    }
}
