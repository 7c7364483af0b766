//! What kinds of register add to the console: panels on a record's page and on the first page, and pages of their own.
//!
//! One folder for each kind, its templates in `templates/kinds/`; how a kind is added stands at the list of kinds
//! (`pack::model::RegisterKind`). A page of a kind stands under `/registers/{register}` and answers 404 for a register of
//! another kind ([`register_of`]). What is judged is judged in `ledger::kinds`; here it is put into words.

mod audit;
mod button;
mod contract;
mod incident;
mod risk;

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use ledger::kinds::registers;
use ledger::records::Record;
use ledger::{Id, Reading};
use pack::Pack;
use pack::model::{FieldType, Register, RegisterKind, Transition};

use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::state::State;
use crate::visit::Desk;

/// A part of a page, made by a template of its own.
pub(crate) struct Panel(String);

impl Panel {
    fn of(template: &impl Template) -> Result<Self, Fault> {
        template.render().map(Self).map_err(Fault::internal)
    }

    /// The rendered template, in which every value is escaped already.
    pub(crate) fn html(&self) -> &str {
        &self.0
    }
}

/// Panels above the fields of a record.
pub(crate) async fn panels(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    record: &Record,
) -> Result<Vec<Panel>, Fault> {
    match register.kind {
        Some(RegisterKind::Contract) => contract::panels(reading, desk, register, record).await,
        Some(RegisterKind::Incident) => incident::panels(reading, desk, register, record).await,
        Some(RegisterKind::Risk) => risk::panels(reading, desk, register, record).await,
        _ => audit::panels(reading, desk, register, record).await,
    }
}

/// Whether a panel has a better form for a step than the plain dialogue.
pub(crate) fn has_form(pack: &Pack, register: &Register, step: &Transition) -> bool {
    audit::has_form(pack, register, step)
}

/// Whether a panel lists the records of another register that refer to this one.
pub(crate) fn lists(pack: &Pack, register: &Register, other: &Register) -> bool {
    audit::lists(pack, register, other)
}

/// Whether a panel shows a field better than the plain list of fields.
pub(crate) fn shows(pack: &Pack, register: &Register, field: &str) -> bool {
    audit::shows(pack, register, field)
}

/// Panels of the first page, for those who answer for records of a kind.
pub(crate) struct Home {
    pub(crate) incidents: Option<Panel>,
    pub(crate) contracts: Option<Panel>,
    pub(crate) audits: Option<Panel>,
}

/// What kinds show on the first page.
pub(crate) async fn home(reading: &mut Reading, desk: &Desk) -> Result<Home, Fault> {
    Ok(Home {
        incidents: incident::home(reading, desk).await?,
        contracts: contract::home(reading, desk).await?,
        audits: audit::home(reading, desk).await?,
    })
}

/// Tags of what is judged of a record: colour and words.
pub(crate) type Marks = BTreeMap<Id, Vec<(&'static str, String)>>;

/// Whether the kind of a register marks records.
pub(crate) fn has_marks(register: &Register) -> bool {
    register.kind == Some(RegisterKind::Contract)
}

/// What is judged of records in a list or an inbox, shortly.
pub(crate) async fn marks(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    records: &[Record],
) -> Result<Marks, Fault> {
    match register.kind {
        Some(RegisterKind::Contract) => contract::marks(reading, desk, register, records).await,
        _ => Ok(audit::late(desk, register, records)),
    }
}

/// What is told before the steps that a person may take with a record.
pub(crate) async fn before(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    record: &Record,
) -> Result<Option<Panel>, Fault> {
    match register.kind {
        Some(RegisterKind::Contract) => contract::before(reading, desk, register, record).await,
        _ => Ok(None),
    }
}

/// Pages beside the list of a register that the reader may open: address and label.
pub(crate) async fn links(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
) -> Result<Vec<(String, String)>, Fault> {
    match register.kind {
        Some(RegisterKind::Risk) => Ok(risk::links(register, desk.lang())),
        _ => audit::links(reading, desk, register).await,
    }
}

/// Where anybody reports an incident without signing in, when the policy has a register for it.
pub(crate) fn desk(pack: &Pack) -> Option<&'static str> {
    registers(pack, RegisterKind::Incident).next().map(|_| "/report")
}

/// The register of an address, when it is of this kind.
fn register_of<'a>(pack: &'a Pack, id: &str, kind: RegisterKind) -> Result<&'a Register, Fault> {
    pack.register(id).filter(|register| register.kind == Some(kind)).ok_or(Fault::NotFound)
}

/// The label of the choice in a field, also in one that holds several; nothing for a choice that the policy does not know.
fn choice<'a>(register: &'a Register, field: &str, id: Option<&str>, lang: Lang) -> &'a str {
    let offered = register.field(field).map(|field| match &field.ty {
        FieldType::List(of) => of.as_ref(),
        ty => ty,
    });
    let Some(FieldType::Choice(choices)) = offered else { return "" };
    let choice = choices.iter().find(|choice| Some(choice.id.as_str()) == id);
    choice.map(|choice| lang.of(&choice.label)).unwrap_or_default()
}

/// What is wrong with each field that a button of a panel would have written, by the field's label.
fn wrong(registers: &[&Register], error: &ledger::Error, lang: Lang) -> String {
    let line = |error: &ledger::FieldError| {
        let id = error.field.split('[').next().unwrap_or_default();
        let label = registers.iter().find_map(|register| register.field(id)).map(|field| lang.of(&field.label));
        format!("{}：{}", label.unwrap_or(id), lang.of(&error.message))
    };
    error.fields().iter().map(line).collect::<Vec<_>>().join("　")
}

/// Pages of kinds.
pub(crate) fn routes() -> Router<State> {
    let all = audit::routes().merge(contract::routes());
    all.merge(incident::routes()).merge(risk::routes())
}
