//! A table into a register: rows find their record by number, the rest is new.

use std::collections::{HashMap, HashSet};

use ledger::people::Standing;
use ledger::permission;
use ledger::records::{self, Adopted, Change, NewRecord, Record};
use ledger::{Error, Id, Kind, Operation, Result, files};
use pack::Pack;
use pack::model::{Field, FieldType, Register, Text, TransitionRole};
use serde_json::{Map, Value as Json};
use tables::{Address, Row, Table};

use crate::cells::{Reader, Referred, typed};
use crate::columns::{self, Column};
use crate::export;
use crate::names::{Names, plain};
use crate::report::{Became, Line, Refusal, Report, text};

/// Errors after which the rest of a file is not looked at.
const REFUSALS_MAX: usize = 1000;

/// Where the files are that a table names.
pub trait Attachments: Sync {
    /// The bytes of the file of this name.
    fn bytes(&self, name: &str) -> Option<Vec<u8>>;
}

/// No files beside the table.
#[derive(Debug, Clone, Copy)]
pub struct NoAttachments;

impl Attachments for NoAttachments {
    fn bytes(&self, _name: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Who imports what into which register.
pub struct Import<'a> {
    /// The policy.
    pub pack: &'a Pack,
    /// What the person may do; none for administration on the server.
    pub standing: Option<&'a Standing>,
    /// The register.
    pub register: &'a Register,
    /// Where named files are.
    pub attachments: &'a dyn Attachments,
}

/// Works through the rows inside the operation. Nothing may be committed unless the report is accepted.
pub async fn import(op: &mut Operation, import: &Import<'_>, table: &Table) -> Result<Report> {
    let mut report = Report::default();
    let Some((headings, rows)) = table.rows.split_first() else {
        let message = text("表に見出しの行がありません。", "The table has no headings.");
        report.refusals.push(Refusal { at: Address { row: 1, column: 0 }, heading: String::new(), message });
        return Ok(report);
    };
    let columns = match columns::match_headings(import.register, headings) {
        Ok(columns) => columns,
        Err(refusals) => return Ok(Report { refusals, ..report }),
    };
    let today = op.today();
    let names = Names::load(op, today).await?;
    let mut work = Work { import, columns, names, marked: table.marked, seen: HashSet::new() };
    for row in rows {
        let (what, became) = work.row(op, row, &mut report.refusals).await?;
        report.lines.push(Line { row: row.number, what, became });
        if report.refusals.len() >= REFUSALS_MAX {
            break;
        }
    }
    report.refusals.sort_by_key(|refusal| refusal.at);
    Ok(report)
}

struct Work<'a> {
    import: &'a Import<'a>,
    columns: Vec<(usize, Column<'a>)>,
    names: Names,
    marked: bool,
    seen: HashSet<String>,
}

/// What a row says.
#[derive(Default)]
struct Said {
    number: String,
    unit: Option<Id>,
    state: Option<String>,
    applicant: Option<Id>,
    fields: Map<String, Json>,
}

impl<'a> Work<'a> {
    async fn row(&mut self, op: &mut Operation, row: &Row, refusals: &mut Vec<Refusal>) -> Result<(String, Became)> {
        let before = refusals.len();
        let number = self.text_of(row, |column| matches!(column, Column::Number)).trim().to_owned();
        let mut old = None;
        if !number.is_empty() {
            if !self.seen.insert(number.clone()) {
                self.refuse(row, "number", text("同じ番号が二度あります。", "This number stands twice."), refusals);
                return Ok((number, Became::Refused));
            }
            let Import { register, standing, .. } = *self.import;
            old = records::by_number(op, standing, register, &number).await?;
            if old.is_none() && !self.administers(op) {
                let ja =
                    format!("番号「{number}」の記録がないか、見る権限がありません。新しい記録の番号は空けてください。");
                let en = format!(
                    "There is no record '{number}', or you may not see it. Leave the number of a new record empty."
                );
                self.refuse(row, "number", text(ja, en), refusals);
                return Ok((number, Became::Refused));
            }
        }
        let said = self.said(op, row, old.as_ref(), refusals).await?;
        if refusals.len() > before {
            return Ok((number, Became::Refused));
        }
        let done = match old {
            Some(old) => self.change(op, old, said).await,
            None => self.create(op, said).await,
        };
        match done {
            Ok(done) => Ok(done),
            Err(error) if matches!(error.kind(), Kind::Broken | Kind::Busy | Kind::Conflict) => Err(error),
            Err(error) => {
                self.refuse_all(row, &error, refusals);
                Ok((number, Became::Refused))
            }
        }
    }

    fn administers(&self, op: &Operation) -> bool {
        self.import.standing.is_none() && op.actor().person().is_none()
    }

    fn text_of(&self, row: &Row, is: impl Fn(&Column<'_>) -> bool) -> String {
        let column = self.columns.iter().find(|(_, column)| is(column));
        column.map(|(position, _)| typed(row.cell(*position), self.marked)).unwrap_or_default()
    }

    /// Reads all cells of a row.
    async fn said(
        &mut self,
        op: &mut Operation,
        row: &Row,
        old: Option<&Record>,
        refusals: &mut Vec<Refusal>,
    ) -> Result<Said> {
        let mut said = Said::default();
        let Import { register, .. } = *self.import;
        let kept = match old {
            Some(old) => export::referred(op, register, std::slice::from_ref(old)).await?,
            None => Referred::default(),
        };
        for (position, column) in self.columns.clone() {
            let typed = typed(row.cell(position), self.marked);
            let word = plain(&typed);
            let missing = |ja: &str, en: &str| text(format!("「{word}」{ja}"), format!("'{word}' {en}"));
            match column {
                Column::Number => typed.trim().clone_into(&mut said.number),
                Column::Field(field) => match self.value(op, field, &typed, &kept).await? {
                    Ok(value) => {
                        said.fields.insert(field.id.clone(), value);
                    }
                    Err(message) => self.refuse(row, &field.id, message, refusals),
                },
                _ if word.is_empty() => {}
                Column::Unit => match self.names.find_unit(&typed) {
                    Some(unit) => said.unit = Some(unit),
                    None => self.refuse(
                        row,
                        "unit",
                        missing("という所属はありません。所属コードを入力してください。", "is no unit. Give its code."),
                        refusals,
                    ),
                },
                Column::Applicant => match self.names.find_person(&typed) {
                    Some(person) => said.applicant = Some(person),
                    None => self.refuse(
                        row,
                        "applicant",
                        missing(
                            "という職員はいません。職員番号を入力してください。",
                            "is nobody. Give the staff number.",
                        ),
                        refusals,
                    ),
                },
                Column::State => match state(register, &word) {
                    Some(state) => said.state = Some(state),
                    None => {
                        let known: Vec<&str> = register.lifecycle.states.iter().map(|s| s.label.ja.as_str()).collect();
                        let ja = format!("という状態はありません。状態は次のどれかです：{}", known.join("、"));
                        self.refuse(row, "state", missing(&ja, "is no state of this register."), refusals);
                    }
                },
            }
        }
        Ok(said)
    }

    /// Reads one cell; references are looked up first, since that asks the ledger.
    async fn value(
        &mut self,
        op: &mut Operation,
        field: &Field,
        typed: &str,
        kept: &Referred,
    ) -> Result<std::result::Result<Json, Text>> {
        let inner = if let FieldType::List(inner) = &field.ty { inner.as_ref() } else { &field.ty };
        let mut known: HashMap<String, Id> = HashMap::new();
        if matches!(inner, FieldType::Ref(_) | FieldType::File) {
            for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let id = match inner {
                    FieldType::Ref(to) => {
                        let Import { pack, standing, .. } = *self.import;
                        self.names.find_record(op, pack, standing, to, line).await?
                    }
                    _ => self.file(op, line, kept).await?,
                };
                known.extend(id.map(|id| (line.to_owned(), id)));
            }
        }
        let reader = Reader { pack: self.import.pack, names: &self.names };
        Ok(reader.read(&field.ty, typed, &mut |_, line| known.get(line.trim()).copied()))
    }

    /// The file that the record has under this name, or one that lies beside the table and is attached now.
    async fn file(&self, op: &mut Operation, name: &str, kept: &Referred) -> Result<Option<Id>> {
        if let Some(id) = kept.file_named(name) {
            return Ok(Some(id));
        }
        let Some(bytes) = self.import.attachments.bytes(name) else { return Ok(None) };
        let permit = permission::attach(op, self.import.standing)?;
        Ok(Some(files::add(op, permit, name, "application/octet-stream", bytes.as_slice()).await?.id))
    }

    async fn change(&self, op: &mut Operation, old: Record, said: Said) -> Result<(String, Became)> {
        let Import { pack, standing, register, .. } = *self.import;
        if said.unit.is_some_and(|unit| unit != old.unit) {
            return Err(Error::invalid_field(
                "unit",
                "所属は取込みでは変えられません。",
                "An import does not move a record to another unit.",
            ));
        }
        let differs = |(id, value): &(&String, &Json)| *value != old.fields.get(*id).unwrap_or(&Json::Null);
        let mut fields: Map<String, Json> =
            said.fields.iter().filter(differs).map(|(id, value)| (id.clone(), value.clone())).collect();
        let to = said.state.filter(|state| *state != old.state);
        let mut became = Became::Unchanged;
        if let Some(to) = to {
            became = Became::Changed;
            let step = register.lifecycle.transitions.iter().find(|transition| {
                transition.role == TransitionRole::Step && transition.to == to && transition.from.contains(&old.state)
            });
            let Some(step) = step else { return Err(no_way(register, &old.state, &to)) };
            // Fields that the step does not ask for are changed before it.
            let (asked, others): (Map<String, Json>, Map<String, Json>) =
                fields.into_iter().partition(|(id, _)| step.fills.contains(id));
            if !others.is_empty() {
                let change = Change { fields: others, ..Change::default() };
                records::edit(op, pack, standing, register, old.id, change).await?;
            }
            let reason = step.reason.then(|| "表の取込み".to_owned());
            let change = Change { version: None, fields: asked, reason };
            records::step(op, pack, standing, register, old.id, step, change).await?;
            fields = Map::new();
        }
        if !fields.is_empty() {
            became = Became::Changed;
            let change = Change { version: Some(old.version), fields, reason: None };
            records::edit(op, pack, standing, register, old.id, change).await?;
        }
        Ok((old.number, became))
    }

    async fn create(&self, op: &mut Operation, said: Said) -> Result<(String, Became)> {
        let Import { pack, standing, register, .. } = *self.import;
        let filled = |(_, value): &(String, Json)| !value.is_null();
        let fields: Map<String, Json> = said.fields.into_iter().filter(filled).collect();
        let initial = &register.lifecycle.initial;
        if self.administers(op) {
            let unit = said.unit.ok_or_else(|| {
                Error::invalid_field("unit", "所属コードを入力してください。", "Give the unit's code.")
            })?;
            let number = (!said.number.is_empty()).then_some(said.number);
            let adopted = Adopted { number, unit, state: said.state, applicant: said.applicant, fields };
            let record = records::adopt(op, pack, register, adopted).await?;
            return Ok((record.number, Became::New));
        }
        let new = NewRecord { unit: said.unit, paper: None, fields };
        let record = records::create(op, pack, standing, register, new).await?;
        if let Some(to) = said.state.filter(|state| state != initial) {
            let step = register.lifecycle.transitions.iter().find(|transition| {
                transition.role == TransitionRole::Step && transition.to == to && transition.from.contains(initial)
            });
            let Some(step) = step else { return Err(no_way(register, initial, &to)) };
            let reason = step.reason.then(|| "表の取込み".to_owned());
            let change = Change { version: None, fields: Map::new(), reason };
            records::step(op, pack, standing, register, record.id, step, change).await?;
        }
        Ok((record.number, Became::New))
    }

    /// Puts an error of the ledger to its cells.
    fn refuse_all(&self, row: &Row, error: &Error, refusals: &mut Vec<Refusal>) {
        for field in error.fields() {
            let id = field.field.split('[').next().unwrap_or_default();
            self.refuse(row, id, field.message.clone(), refusals);
        }
        if error.fields().is_empty() {
            self.refuse(row, "", error.message().clone(), refusals);
        }
    }

    /// An error at the cell of a field, or at the row's first cell when the file has no such column.
    fn refuse(&self, row: &Row, id: &str, message: Text, refusals: &mut Vec<Refusal>) {
        let is = |column: &Column<'_>| match column {
            Column::Number => id == "number",
            Column::Unit => id == "unit",
            Column::State => id == "state",
            Column::Applicant => id == "applicant",
            Column::Field(field) => field.id == id,
        };
        let register = self.import.register;
        let found = self.columns.iter().find(|(_, column)| is(column));
        let column = found.map_or(0, |(position, _)| u32::try_from(*position).unwrap_or(u32::MAX));
        let label = || register.field(id).map_or_else(String::new, |field| field.label.ja.clone());
        let heading = found.map_or_else(label, |(_, column)| column.heading(register));
        refusals.push(Refusal { at: Address { row: row.number, column }, heading, message });
    }
}

fn state(register: &Register, word: &str) -> Option<String> {
    let states = &register.lifecycle.states;
    let found = states.iter().find(|state| state.id == word).or_else(|| {
        states.iter().find(|state| plain(&state.label.ja) == word || state.label.en.as_deref() == Some(word))
    });
    found.map(|state| state.id.clone())
}

fn no_way(register: &Register, from: &str, to: &str) -> Error {
    let label = |id: &str| register.state(id).map_or_else(|| id.to_owned(), |state| state.label.ja.clone());
    Error::invalid_field(
        "state",
        format!("「{}」から「{}」へは取込みで進められません。画面で手続を進めてください。", label(from), label(to)),
        format!("An import cannot take it from '{from}' to '{to}'. Take the steps in the console."),
    )
}
