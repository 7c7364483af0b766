//! The columns of a register's table, and which column of a file is which.

use pack::model::{Field, FieldType, Register};
use tables::{Address, Cell, Row};

use crate::names::{in_cp932, plain};
use crate::report::{Refusal, text};

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column<'a> {
    /// The record's number, by which rows find their record.
    Number,
    /// Its unit.
    Unit,
    /// Its state.
    State,
    /// Who asked for it.
    Applicant,
    /// A field.
    Field(&'a Field),
}

/// The columns of a register, in order: what every record has, then its fields. Computed and retired ones stay out.
pub(crate) fn of(register: &Register) -> Vec<Column<'_>> {
    let fields = register.fields.iter().filter(|field| !field.retired && !matches!(field.ty, FieldType::Computed(_)));
    let fixed = [Column::Number, Column::Unit, Column::State, Column::Applicant];
    fixed.into_iter().chain(fields.map(Column::Field)).collect()
}

impl Column<'_> {
    /// The heading in a file. A label that several columns have carries its id.
    pub(crate) fn heading(&self, register: &Register) -> String {
        match self {
            Self::Number => "番号".to_owned(),
            Self::Unit => "所属".to_owned(),
            Self::State => "状態".to_owned(),
            Self::Applicant => "申請者".to_owned(),
            Self::Field(field) => {
                let label = &in_cp932(&field.label.ja);
                let taken = ["番号", "所属", "状態", "申請者"].contains(&label.as_str());
                let same = register
                    .fields
                    .iter()
                    .filter(|other| in_cp932(&other.label.ja) == *label && !other.retired)
                    .count();
                if taken || same > 1 { format!("{label}（{}）", field.id) } else { label.clone() }
            }
        }
    }

    fn is(&self, register: &Register, heading: &str) -> bool {
        let heading = plain(heading).to_lowercase();
        if plain(&self.heading(register)).to_lowercase() == heading {
            return true;
        }
        match self {
            Self::Number => heading == "number",
            Self::Unit => heading == "unit",
            Self::State => heading == "state",
            Self::Applicant => heading == "applicant",
            Self::Field(field) => {
                let english = |field: &Field| field.label.en.as_deref().map(|en| plain(en).to_lowercase());
                let same = register.fields.iter().filter(|other| english(other).as_ref() == Some(&heading)).count();
                heading == field.id || (same == 1 && english(field).as_ref() == Some(&heading))
            }
        }
    }
}

/// Which column of the file holds what, by position.
pub(crate) fn match_headings<'a>(
    register: &'a Register,
    headings: &Row,
) -> Result<Vec<(usize, Column<'a>)>, Vec<Refusal>> {
    let known = of(register);
    let (mut found, mut refusals): (Vec<(usize, Column<'a>)>, Vec<Refusal>) = (Vec::new(), Vec::new());
    for (position, cell) in headings.cells.iter().enumerate() {
        let Cell::Text(heading) = cell else { continue };
        let heading = tables::csv::unmarked(heading);
        if heading.trim().is_empty() {
            continue;
        }
        let at = Address { row: headings.number, column: u32::try_from(position).unwrap_or(u32::MAX) };
        let mut refuse = |ja: String, en: String| {
            refusals.push(Refusal { at, heading: heading.to_owned(), message: text(ja, en) });
        };
        let Some(column) = known.iter().find(|column| column.is(register, heading)) else {
            let all: Vec<String> = known.iter().map(|column| column.heading(register)).collect();
            refuse(
                format!("「{heading}」という項目はありません。見出しは次のどれかにしてください：{}", all.join("、")),
                format!("There is no field '{heading}'. Headings are: {}.", all.join(", ")),
            );
            continue;
        };
        let name = column.heading(register);
        if found.iter().any(|(_, other)| other.heading(register) == name) {
            refuse(format!("見出し「{name}」が二度あります。"), format!("The heading '{name}' stands twice."));
        } else {
            found.push((position, *column));
        }
    }
    if refusals.is_empty() { Ok(found) } else { Err(refusals) }
}
