//! Whether the auditors are independent, with what speaks against it.

use askama::Template;
use ledger::Reading;
use ledger::kinds::audit::{self, Around, Because, Window};
use ledger::people::{persons, units};
use ledger::records::Record;

use super::{Panel, words};
use crate::organisation::shown_name;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::visit::Desk;

struct Row {
    name: String,
    to: String,
    role: String,
    unit: String,
    because: String,
    span: String,
    now: bool,
}

#[derive(Template)]
#[template(path = "kinds/audit/independence.html")]
struct Independence {
    lang: Lang,
    rows: Vec<Row>,
    /// How many auditors there are.
    auditors: usize,
    units: Vec<(String, String)>,
    period: Option<(String, String)>,
    note: String,
}

pub(super) async fn panel(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    record: &Record,
) -> Result<Panel, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let found = audit::violations(reading, &pack, around.audits, record).await?;
    let people: Vec<_> = found.iter().map(|violation| violation.person).collect();
    let people = if people.is_empty() { Vec::new() } else { persons::of_ids(reading, &people).await? };
    let all_units = units::all(reading).await?;
    let systems = pack.registers.iter().flat_map(|register| &register.fields);
    let label =
        |id: &str| systems.clone().find(|field| field.id == id).map(|field| lang.of(&field.label)).unwrap_or_default();
    let row = |violation: &audit::Violation| {
        let person = people.iter().find(|person| person.id == violation.person);
        let unit = violation.unit.and_then(|id| all_units.iter().find(|unit| unit.id == id));
        let field = match &violation.because {
            Because::System { field, .. } => label(field),
            _ => "",
        };
        Row {
            name: person.map(shown_name).unwrap_or_default(),
            to: format!("/organisation/people/{}", violation.person),
            role: if violation.unit.is_some() { words::role(&pack, &violation.role, lang) } else { field.to_owned() },
            unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            because: words::because(violation, field, lang),
            span: words::span(violation.from, violation.to, lang),
            now: violation.now,
        }
    };
    let window = Window::of(record, reading.today());
    let units = super::audited_units(reading, record).await?;
    Panel::of(&Independence {
        lang,
        rows: found.iter().map(row).collect(),
        auditors: record.texts("auditors").len(),
        units: units.into_iter().map(|(id, name)| (format!("/organisation/units/{id}"), name)).collect(),
        period: window.period.map(|(from, to)| (date::long(lang, from), date::long(lang, to))),
        note: record.text("independence_note").unwrap_or_default().to_owned(),
    })
}
