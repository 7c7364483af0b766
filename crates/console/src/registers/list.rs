//! The list of a register: search, filters, order and page all in the address.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::people::units;
use ledger::permission;
use ledger::records::{self, Filter, Page as Start, Query, Record, Sort};
use pack::Pack;
use pack::model::{Field, FieldType, Register};

use super::value::{Names, Shown, show};
use super::{address, names, register, state_tag};
use crate::kinds;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date, link, menu};
use crate::visit::Desk;

/// Records of a page.
const ROWS: usize = 25;

/// A column's heading.
struct Column {
    label: String,
    /// Where a click leads, for a column that orders.
    to: Option<String>,
    sorted: &'static str,
    number: bool,
}

/// A row.
struct Row {
    to: String,
    number: String,
    name: String,
    cells: Vec<(Vec<Shown>, bool)>,
    state: (String, &'static str),
    /// What the register's kind says of it: colour and words.
    marks: Vec<(&'static str, String)>,
}

/// A filter with its choices: value, label, chosen.
struct Choices {
    id: String,
    label: String,
    choices: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "registers/list.html")]
struct List {
    page: Page,
    place: Option<(String, &'static str)>,
    register: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    filters: Vec<Choices>,
    filtered: bool,
    mine: bool,
    sort: String,
    total: String,
    next: Option<String>,
    first: Option<String>,
    may_create: bool,
    may_import: bool,
    exports: Vec<(String, &'static str)>,
    help: String,
    /// Pages of the register's kind.
    links: Vec<(String, String)>,
}

/// `GET /registers/{register}`
pub(crate) async fn list(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = register(&pack, &id)?;
    let mut asked = query(&desk, register, ROWS);
    asked.count = true;
    let mut reading = desk.reading().await?;
    let listing = records::list(&mut reading, &pack, Some(&desk.standing), register, &asked).await?;
    let lines: Vec<_> = listing.items.iter().map(|record| (register, record)).collect();
    desk.note_lists(&mut reading, &lines).await?;
    let names = names(&mut reading, &pack, &desk.standing, register, &listing.items).await?;
    let shown = columns(register);
    let mut marks = kinds::marks(&mut reading, &desk, register, &listing.items).await?;
    let rows = listing.items.iter().map(|record| Row {
        marks: marks.remove(&record.id).unwrap_or_default(),
        ..row(&pack, register, &shown, record, &names, lang)
    });
    let rows = rows.collect();
    let open_units = units::on(&mut reading, desk.today()).await?;
    let open_units: Vec<(String, String)> =
        open_units.into_iter().map(|unit| (unit.id.to_string(), unit.name)).collect();
    let may_create = match desk.standing.home {
        Some(home) => permission::create(&mut reading, Some(&desk.standing), register, home).await.is_ok(),
        None => false,
    };
    let links = kinds::links(&mut reading, &desk, register).await?;
    let place = register.menu.as_deref().unwrap_or("requests");
    let page = desk.page(place, lang.of(&register.title));
    let url = desk.query();
    answer(&List {
        page,
        place: menu::name(place, lang).map(|name| (format!("/place/{}", link::encode(place)), name)),
        register: id,
        columns: headings(&desk, &shown),
        rows,
        filters: filters(&desk, &pack, register, &open_units),
        filtered: url.0.iter().any(|(name, value)| !value.is_empty() && !matches!(name.as_str(), "sort" | "cursor")),
        mine: url.get("mine").is_some(),
        sort: url.get("sort").unwrap_or_default().to_owned(),
        total: total(lang, listing.total, listing.total_capped),
        next: listing.next.map(|cursor| {
            let more = url.with(&[("cursor", cursor.as_str())]);
            if more == "?" { String::new() } else { more }
        }),
        first: url.get("cursor").map(|_| url.with(&[])),
        may_create,
        may_import: may_create && desk.can_read_tables(),
        exports: exports(&desk),
        help: lang.of(&register.help).lines().next().unwrap_or_default().to_owned(),
        links,
    })
}

/// Where the records that the address asks for are had as a file.
fn exports(desk: &Desk) -> Vec<(String, &'static str)> {
    let url = desk.query();
    let forms = [("xlsx", "Excel"), ("csv", "CSV（UTF-8）"), ("cp932", "CSV（シフトJIS）")];
    forms.map(|(form, label)| (url.with(&[("form", form)]), label)).to_vec()
}

/// 1,284件; 10,000件以上.
fn total(lang: Lang, total: i64, capped: bool) -> String {
    let number = date::thousands(total);
    match (lang, capped) {
        (Lang::Ja, false) => format!("{number}件"),
        (Lang::Ja, true) => format!("{number}件以上"),
        (Lang::En, false) => format!("{number} records"),
        (Lang::En, true) => format!("more than {number} records"),
    }
}

/// What stands in a column beside number and name: a field, or what every record has.
#[derive(Clone, Copy)]
pub(crate) enum Shows<'a> {
    Field(&'a Field),
    Unit,
    Applicant,
}

impl<'a> Shows<'a> {
    pub(crate) fn label(self, lang: Lang) -> &'a str {
        match self {
            Self::Field(field) => lang.of(&field.label),
            Self::Unit => lang.t("所属", "Unit"),
            Self::Applicant => lang.t("申請者", "Applicant"),
        }
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Field(Field { ty: FieldType::Int | FieldType::Money, .. }))
    }

    /// What it shows of a record.
    pub(crate) fn cell(self, pack: &Pack, record: &Record, names: &Names, lang: Lang) -> Vec<Shown> {
        let name =
            |name: Option<&String>| name.map(|name| Shown { whole: true, ..Shown::plain(name) }).into_iter().collect();
        match self {
            Self::Field(field) => show(pack, field, record.fields.get(&field.id), names, lang),
            Self::Unit => name(names.units.get(&record.unit)),
            Self::Applicant => name(record.entered_for.or(record.applicant).and_then(|id| names.people.get(&id))),
        }
    }

    fn field(self) -> Option<&'a Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Unit | Self::Applicant => None,
        }
    }
}

/// The columns beside number and name; the state stands last anyway.
pub(crate) fn columns(register: &Register) -> Vec<Shows<'_>> {
    let is_name = |id: &String| register.name.len() == 1 && register.name.contains(id);
    let shows = |id: &String| match (register.field(id), id.as_str()) {
        (Some(field), _) => Some(Shows::Field(field)),
        (None, "unit") => Some(Shows::Unit),
        (None, "applicant") => Some(Shows::Applicant),
        (None, _) => None,
    };
    register.columns.iter().filter(|id| !is_name(id)).filter_map(shows).collect()
}

/// Whether a field has an order to sort by.
fn ordered(field: &Field) -> bool {
    matches!(
        field.ty,
        FieldType::Text
            | FieldType::Int
            | FieldType::Money
            | FieldType::Date
            | FieldType::Choice(_)
            | FieldType::Class(_)
    )
}

/// What an address asks for.
pub(crate) fn query(desk: &Desk, register: &Register, limit: usize) -> Query {
    let url = desk.query();
    let mut filters = Vec::new();
    for name in ["state", "unit"] {
        if let Some(value) = url.get(name) {
            filters.push(Filter::Is(name.to_owned(), vec![value.to_owned()]));
        }
    }
    if url.get("mine").is_some() {
        filters.push(Filter::Is("applicant".to_owned(), vec![desk.person.to_string()]));
    }
    for field in register.fields.iter().filter(|field| choosable(field)) {
        if let Some(value) = url.get(&format!("f.{}", field.id)) {
            filters.push(Filter::Is(field.id.clone(), vec![value.to_owned()]));
        }
    }
    let sort = url.get("sort").map(|sort| match sort.strip_prefix('-') {
        Some(field) => Sort { field: field.to_owned(), descending: true },
        None => Sort { field: sort.to_owned(), descending: false },
    });
    let page = url.get("cursor").map_or(Start::First, |cursor| Start::After(cursor.to_owned()));
    Query { filters, search: url.get("q").unwrap_or_default().to_owned(), sort, page, limit, count: false }
}

fn choosable(field: &Field) -> bool {
    !field.retired && matches!(field.ty, FieldType::Choice(_) | FieldType::Class(_) | FieldType::Zone | FieldType::Bool)
}

fn headings(desk: &Desk, shown: &[Shows<'_>]) -> Vec<Column> {
    let (lang, url) = (desk.lang(), desk.query());
    let now = url.get("sort").unwrap_or("-number");
    let heading = |id: &str, label: &str, sorts: bool, number: bool| {
        let (up, down) = (id.to_owned(), format!("-{id}"));
        let next = if now == up { &down } else { &up };
        Column {
            label: label.to_owned(),
            to: sorts.then(|| url.with(&[("sort", next)])),
            sorted: if now == up {
                "ascending"
            } else if now == down {
                "descending"
            } else {
                ""
            },
            number,
        }
    };
    let mut all = vec![heading("number", lang.t("番号・名称", "Number and name"), true, false)];
    all.extend(shown.iter().map(|shows| {
        let id = shows.field().map_or("", |field| field.id.as_str());
        heading(id, shows.label(lang), shows.field().is_some_and(ordered), shows.is_number())
    }));
    all.push(heading("state", lang.t("状態", "State"), false, false));
    all
}

fn row(pack: &Pack, register: &Register, shown: &[Shows<'_>], record: &Record, names: &Names, lang: Lang) -> Row {
    let cells = shown.iter().map(|shows| (shows.cell(pack, record, names, lang), shows.is_number()));
    Row {
        to: address(&register.id, record.id),
        number: record.number.clone(),
        name: record.name.clone(),
        cells: cells.collect(),
        state: state_tag(register, &record.state, lang),
        marks: Vec::new(),
    }
}

/// The filters of a list: state, unit, and the columns whose values are a choice.
fn filters(desk: &Desk, pack: &Pack, register: &Register, units: &[(String, String)]) -> Vec<Choices> {
    let (lang, url) = (desk.lang(), desk.query());
    let make = |id: String, label: &str, choices: Vec<(String, String)>| {
        let chosen = url.get(&id).unwrap_or_default().to_owned();
        let choices = choices.into_iter().map(|(value, label)| (value.clone(), label, value == chosen)).collect();
        Choices { id, label: label.to_owned(), choices }
    };
    let states =
        register.lifecycle.states.iter().map(|state| (state.id.clone(), lang.of(&state.label).to_owned())).collect();
    let mut all = vec![make("state".to_owned(), lang.t("状態", "State"), states)];
    if units.len() > 1 {
        all.push(make("unit".to_owned(), lang.t("所属", "Unit"), units.to_vec()));
    }
    for field in columns(register).into_iter().filter_map(Shows::field).filter(|field| choosable(field)) {
        let choices = match &field.ty {
            FieldType::Choice(choices) => {
                choices.iter().map(|c| (c.id.clone(), lang.of(&c.label).to_owned())).collect()
            }
            FieldType::Class(axis) => {
                pack.classes.of(*axis).iter().map(|c| (c.id.clone(), lang.of(&c.name).to_owned())).collect()
            }
            FieldType::Zone => {
                pack.zones.iter().map(|zone| (zone.id.clone(), lang.of(&zone.name).to_owned())).collect()
            }
            _ => vec![
                ("true".to_owned(), lang.t("はい", "Yes").to_owned()),
                ("false".to_owned(), lang.t("いいえ", "No").to_owned()),
            ],
        };
        all.push(make(format!("f.{}", field.id), lang.of(&field.label), choices));
    }
    all
}
