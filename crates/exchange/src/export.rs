//! A register as a table.

use std::path::Path;

use ledger::people::Standing;
use ledger::records::{self, Page, Query, Record};
use ledger::{Id, Reading, Result};
use pack::Pack;
use pack::model::{FieldType, Register};
use serde_json::Value as Json;
use tables::{Cell, Encoding, Problem};

use crate::cells::{self, Referred};
use crate::columns::{self, Column};
use crate::names::Names;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// xlsx.
    Xlsx,
    /// CSV in an encoding.
    Csv(Encoding),
}

/// The form that a file's name asks for: `.xlsx`, `.csv` (UTF-8), `.cp932.csv` or `.sjis.csv`.
pub fn form_of(path: &Path) -> Option<Form> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    if name.ends_with(".xlsx") {
        return Some(Form::Xlsx);
    }
    let stem = name.strip_suffix(".csv")?;
    let cp932 = [".cp932", ".sjis", "_cp932", "_sjis"].iter().any(|end| stem.ends_with(end));
    Some(Form::Csv(if cp932 { Encoding::Cp932 } else { Encoding::Utf8 }))
}

/// The file of a table.
///
/// # Errors
/// Names the cell that the form cannot hold.
pub fn file_of(title: &str, rows: &[Vec<Cell>], form: Form) -> Result<Vec<u8>, Problem> {
    match form {
        Form::Xlsx => tables::xlsx::write(title, rows),
        Form::Csv(encoding) => tables::csv::write(rows, encoding),
    }
}

/// The records of a register that the reader may see and a query asks for, headings first, oldest number first unless the query
/// sorts.
pub async fn export(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    query: &Query,
) -> Result<Vec<Vec<Cell>>> {
    let names = Names::load(reading, reading.today()).await?;
    let columns = columns::of(register);
    let mut rows = vec![columns.iter().map(|column| Cell::Text(column.heading(register))).collect()];
    let oldest = records::Sort { field: "number".to_owned(), descending: false };
    let mut query = Query { limit: records::PAGE_MAX, page: Page::First, count: false, ..query.clone() };
    query.sort.get_or_insert(oldest);
    loop {
        let page = records::list(reading, pack, standing, register, &query).await?;
        let referred = referred(reading, register, &page.items).await?;
        for record in page.items.iter().filter(|record| record.disposed.is_none()) {
            rows.push(columns.iter().map(|column| cell(pack, &names, &referred, register, *column, record)).collect());
        }
        let Some(next) = page.next else { return Ok(rows) };
        query.page = Page::After(next);
    }
}

/// What the records refer to.
pub(crate) async fn referred(reading: &mut Reading, register: &Register, records: &[Record]) -> Result<Referred> {
    let values = records
        .iter()
        .flat_map(|record| register.fields.iter().filter_map(|field| Some((&field.ty, record.fields.get(&field.id)?))));
    Referred::load(reading, values.collect::<Vec<_>>().into_iter()).await
}

pub(crate) fn cell(
    pack: &Pack,
    names: &Names,
    referred: &Referred,
    register: &Register,
    column: Column<'_>,
    record: &Record,
) -> Cell {
    match column {
        Column::Number => Cell::Text(record.number.clone()),
        Column::Unit => names.unit(record.unit).map_or(Cell::Empty, Cell::Text),
        Column::State => {
            let state = register.state(&record.state);
            let same = |label: &str| register.lifecycle.states.iter().filter(|s| s.label.ja == label).count();
            let label = state.map(|state| &state.label.ja).filter(|label| same(label) == 1);
            Cell::Text(label.map_or_else(|| record.state.clone(), |label| crate::names::in_cp932(label)))
        }
        Column::Applicant => record.applicant.and_then(|id| names.person(id)).map_or(Cell::Empty, Cell::Text),
        Column::Field(field) => {
            let value = record.fields.get(&field.id).unwrap_or(&Json::Null);
            cells::show(pack, names, referred, &field.ty, value)
        }
    }
}

/// The files that the records of a register refer to, with their names.
pub async fn names_of_files(reading: &mut Reading, register: &Register) -> Result<Vec<(Id, String)>> {
    let mut ids = Vec::new();
    for record in records::all_stored(reading, &register.id).await? {
        for field in &register.fields {
            let is_file = match &field.ty {
                FieldType::List(inner) => matches!(**inner, FieldType::File),
                ty => matches!(ty, FieldType::File),
            };
            let Some(value) = record.fields.get(&field.id).filter(|_| is_file) else { continue };
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            ids.extend(values.iter().filter_map(|value| value.as_str()?.parse::<Id>().ok()));
        }
    }
    let mut named: Vec<(Id, String)> = crate::names::files(reading, &ids).await?.into_iter().collect();
    named.sort();
    Ok(named)
}
