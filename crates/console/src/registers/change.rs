//! Writing: a new record, a changed one, and the steps of the lifecycle.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use ledger::decisions::Back;
use ledger::people::units;
use ledger::permission;
use ledger::records::{self, Change, NewRecord, Record};
use ledger::{FieldError, Id, Kind, Operation, Reading};
use pack::Pack;
use pack::model::{Field, Register, Term, TermScope, Transition, TransitionRole};
use serde_json::{Map, Value as Json};

use super::form::{Form, Input, Section, Widget, asked};
use super::value::Names;
use super::{address, id, names, register, take};
use super::{paper, resolve};
use crate::files;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, menu};
use crate::visit::Desk;

/// A unit that the record may belong to: id, name, chosen.
type UnitChoice = (String, String, bool);

#[derive(Template)]
#[template(path = "registers/form.html")]
struct FormPage {
    page: Page,
    crumbs: Vec<(String, String)>,
    action: String,
    cancel: String,
    version: Option<i64>,
    /// 代理入力, for whoever may do it, and whether it stands open.
    paper: Vec<Widget>,
    paper_open: bool,
    sections: Vec<Section>,
    units: Vec<UnitChoice>,
    /// Errors above the form: field, label and message.
    errors: Vec<(String, String, String)>,
    /// What can be done at once after saving: transition and label.
    then: Vec<(String, String)>,
    help: String,
    new: bool,
}

/// What a form page is about.
struct About<'a> {
    pack: &'a Pack,
    register: &'a Register,
    /// The record that is changed; none for a new one.
    record: Option<&'a Record>,
    values: &'a Map<String, Json>,
    posted: Option<&'a Posted>,
    errors: &'a [FieldError],
}

/// `GET /registers/{register}/new`; a query names values to start with, and the unit.
pub(crate) async fn new_form(desk: Desk, Path(register_id): Path<String>) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let mut reading = desk.reading().await?;
    let units = creatable_units(&mut reading, &desk, register).await?;
    if let Some(refused) = refusal(&mut reading, &desk, register, &units).await? {
        return Err(refused);
    }
    let given = desk.query().0.iter().filter(|(name, _)| register.field(name).is_some());
    let mut values: Map<String, Json> = given.map(|(name, value)| (name.clone(), Json::from(value.as_str()))).collect();
    values.extend(defaults(&mut reading, &desk, register, &values).await?);
    let about = About { pack: &pack, register, record: None, values: &values, posted: None, errors: &[] };
    form_page(&mut reading, &desk, &about).await
}

/// What the form of a new record starts with beside what is given.
async fn defaults(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    given: &Map<String, Json>,
) -> Result<Map<String, Json>, Fault> {
    match desk.standing.home {
        Some(home) => Ok(records::defaults(reading, &desk.pack(), register, home, given).await?),
        None => Ok(Map::new()),
    }
}

/// Why the person may create nothing here, in the ledger's words.
async fn refusal(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    units: &[UnitChoice],
) -> Result<Option<Fault>, Fault> {
    let Some(unit) = units.first().and_then(|(id, _, _)| id.parse::<Id>().ok()).or(desk.standing.home) else {
        let says =
            desk.lang().t("所属がないため、登録できません。", "You belong to no unit, so you cannot create records.");
        return Ok(Some(Fault::Forbidden(says.to_owned())));
    };
    Ok(permission::create(reading, Some(&desk.standing), register, unit).await.err().map(Fault::from))
}

/// The units in which the person may create a record, the own one first.
async fn creatable_units(reading: &mut Reading, desk: &Desk, register: &Register) -> Result<Vec<UnitChoice>, Fault> {
    let today = reading.today();
    let mut allowed = Vec::new();
    let terms = register.access.create.iter().filter_map(|rule| match &rule.who {
        Term::Role { role, scope } => Some((role, *scope)),
        _ => None,
    });
    let mut everywhere: Vec<&str> = Vec::new();
    let mut held: Vec<Id> = Vec::new();
    for (role, scope) in terms {
        match scope {
            TermScope::All => everywhere.push(role),
            TermScope::Unit => held.extend(desk.standing.units_of(role)),
        }
    }
    for unit in units::on(reading, today).await? {
        let home = desk.standing.home == Some(unit.id);
        let whole = everywhere.iter().any(|role| desk.standing.holds_itself_in_body_of(role, unit.id));
        let mut fits = whole || held.contains(&unit.id);
        if !fits && !held.is_empty() {
            fits = units::above(reading, unit.id, today).await?.iter().any(|above| held.contains(above));
        }
        if fits {
            allowed.push((unit.id.to_string(), unit.name, home));
        }
    }
    Ok(allowed)
}

async fn form_page(reading: &mut Reading, desk: &Desk, about: &About<'_>) -> Result<Response, Fault> {
    let (lang, register) = (desk.lang(), about.register);
    let mut units = if about.record.is_none() { creatable_units(reading, desk, register).await? } else { Vec::new() };
    let asked = about.posted.map_or_else(|| desk.query().get("unit"), |posted| posted.get("unit"));
    if let Some(chosen) = asked.filter(|chosen| units.iter().any(|(id, ..)| id == chosen)) {
        units.iter_mut().for_each(|unit| unit.2 = unit.0 == chosen);
    }
    let today = reading.today();
    let open_units = units::on(reading, today).await?.into_iter().map(|unit| (unit.id.to_string(), unit.name));
    let open_units: Vec<_> = open_units.collect();
    let names = match about.record {
        Some(record) => names(reading, about.pack, &desk.standing, register, std::slice::from_ref(record)).await?,
        None => Names::default(),
    };
    let form = Form {
        pack: about.pack,
        register,
        lang,
        values: about.values,
        typed: about.posted,
        names: &names,
        units: &open_units,
        errors: about.errors,
    };
    let errors = error_lines(register, about.errors, lang);
    let here = format!("/registers/{}", register.id);
    let (title, action, cancel) = match about.record {
        Some(record) => {
            let to = address(&register.id, record.id);
            (format!("{} {}", record.number, lang.t("を変更", "– change")), format!("{to}/edit"), to)
        }
        None => {
            let what = match lang {
                Lang::Ja => format!("{}：新規", register.title.ja),
                Lang::En => format!("New: {}", lang.of(&register.title)),
            };
            (what, format!("{here}/new"), here.clone())
        }
    };
    let place = register.menu.as_deref().unwrap_or("requests");
    let mut page = desk.page(place, &title);
    page.asked = String::new();
    let mut crumbs: Vec<(String, String)> =
        menu::name(place, lang).map(|name| (format!("/place/{place}"), name.to_owned())).into_iter().collect();
    crumbs.push((here, lang.of(&register.title).to_owned()));
    let (paper, paper_open) = if about.record.is_none() { paper::part(desk, &form) } else { (Vec::new(), false) };
    let then = if about.record.is_none() { straight_on(register, desk) } else { Vec::new() };
    let mut response = answer(&FormPage {
        page,
        crumbs,
        action,
        cancel,
        version: about.record.map(|record| record.version),
        paper,
        paper_open,
        sections: form.sections(),
        units,
        errors,
        then,
        help: lang.of(&register.help).to_owned(),
        new: about.record.is_none(),
    })?;
    if !about.errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Errors with the field's id, for a link, and its label.
fn error_lines(register: &Register, errors: &[FieldError], lang: Lang) -> Vec<(String, String, String)> {
    let line = |error: &FieldError| {
        let id = error.field.split('[').next().unwrap_or_default();
        let label = match register.field(id) {
            Some(field) => lang.of(&field.label),
            None => paper::label(id, lang).unwrap_or(lang.t("所属", "Unit")),
        };
        (id.to_owned(), label.to_owned(), lang.of(&error.message).to_owned())
    };
    errors.iter().map(line).collect()
}

/// Steps that the person who writes may take from the initial state without further questions, such as 申請する.
fn straight_on(register: &Register, desk: &Desk) -> Vec<(String, String)> {
    let simple = |t: &&Transition| {
        t.role == TransitionRole::Step
            && t.from.contains(&register.lifecycle.initial)
            && !t.reason
            && t.fills.is_empty()
            && t.by.iter().any(|term| match term {
                Term::Applicant => true,
                Term::Role { role, .. } => desk.standing.holds_itself(role),
                _ => false,
            })
    };
    let to_final = |t: &&Transition| register.state(&t.to).is_some_and(|state| state.is_final);
    let steps = register.lifecycle.transitions.iter().filter(simple).filter(|t| !to_final(t));
    steps.map(|t| (t.id.clone(), desk.lang().of(&t.label).to_owned())).collect()
}

/// `POST /registers/{register}/new`
pub(crate) async fn create(desk: Desk, Path(register_id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let mut op = desk.operation().await?;
    let fields = asked(register);
    let (mut values, mut errors) = resolve::values(&mut op, &pack, &desk.standing, &fields, &posted).await?;
    let paper = paper::typed(&mut op, &pack, &desk, &posted).await?;
    errors.extend(paper.iter().flat_map(|paper| paper.errors.iter().cloned()));
    if errors.is_empty() {
        files::attach(&mut op, &desk, &fields, &posted, &mut values).await?;
        let paper = match paper {
            Some(paper) => Some(paper.attach(&mut op, &desk, &posted).await?),
            None => None,
        };
        // What the form showed and somebody emptied stays empty; what it could not show yet gets its default.
        let shown = defaults(&mut op, &desk, register, &Map::new()).await?;
        let emptied = |field: &String| shown.contains_key(field) && posted.get(field).is_some();
        let kept = values.iter().filter(|(field, value)| !is_blank(value) || emptied(field));
        let given = kept.map(|(field, value)| (field.clone(), value.clone())).collect();
        let unit = posted.get("unit").and_then(|unit| unit.parse().ok());
        let new = NewRecord { unit, paper, fields: given };
        match make(&mut op, &desk, register, new, posted.text("then")).await {
            Ok((record, what)) => {
                op.commit().await?;
                let says = said(&desk, &record, &what);
                return Ok(Flash::done(says).at(&address(&register.id, record.id)).into_response());
            }
            Err(error) if error.kind() == Kind::Invalid => errors = error.fields().to_vec(),
            Err(error) => return Err(error.into()),
        }
    }
    drop(op);
    let mut reading = desk.reading().await?;
    let about = About { pack: &pack, register, record: None, values: &values, posted: Some(&posted), errors: &errors };
    form_page(&mut reading, &desk, &about).await
}

/// Creates a record and takes the step that was asked for with it; the record, and what was done.
async fn make(
    op: &mut Operation,
    desk: &Desk,
    register: &Register,
    new: NewRecord,
    then: &str,
) -> ledger::Result<(Record, String)> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let record = records::create(op, &pack, Some(&desk.standing), register, new).await?;
    let Some(next) = register.transition(then) else { return Ok((record, lang.t("保存", "Save").to_owned())) };
    let change = Change { version: Some(record.version), ..Change::default() };
    let record = records::step(op, &pack, Some(&desk.standing), register, record.id, next, change).await?;
    Ok((record, lang.of(&next.label).to_owned()))
}

fn is_blank(value: &Json) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// 「令和8年度持出第41号：申請する」 was done.
fn said(desk: &Desk, record: &Record, what: &str) -> String {
    match desk.lang() {
        Lang::Ja => format!("{}：「{what}」を行いました。", record.number),
        Lang::En => format!("{}: done ({what}).", record.number),
    }
}

/// `GET /registers/{register}/{id}/edit`
pub(crate) async fn edit_form(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let mut reading = desk.reading().await?;
    let record = records::get(&mut reading, Some(&desk.standing), register, id(&record_id)?).await?;
    // Only asked, to tell before someone types in vain; the write asks again.
    permission::edit(&mut reading, Some(&desk.standing), register, &record).await.map(drop)?;
    desk.note_read(&mut reading, &[(register, &record)]).await?;
    let about =
        About { pack: &pack, register, record: Some(&record), values: &record.fields, posted: None, errors: &[] };
    form_page(&mut reading, &desk, &about).await
}

/// `POST /registers/{register}/{id}/edit`
pub(crate) async fn edit(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let id = id(&record_id)?;
    let mut op = desk.operation().await?;
    let fields = asked(register);
    let (mut values, mut errors) = resolve::values(&mut op, &pack, &desk.standing, &fields, &posted).await?;
    if errors.is_empty() {
        files::attach(&mut op, &desk, &fields, &posted, &mut values).await?;
        let version = posted.text("version").parse().ok().or(Some(0));
        let change = Change { version, fields: values.clone(), reason: None };
        match records::edit(&mut op, &pack, Some(&desk.standing), register, id, change).await {
            Ok(record) => {
                op.commit().await?;
                let says = said(&desk, &record, desk.lang().t("変更", "Change"));
                return Ok(Flash::done(says).at(&address(&register.id, id)).into_response());
            }
            Err(error) if error.kind() == Kind::Invalid => errors = error.fields().to_vec(),
            Err(error) => return Err(error.into()),
        }
    }
    drop(op);
    let mut reading = desk.reading().await?;
    let record = records::get(&mut reading, Some(&desk.standing), register, id).await?;
    let about =
        About { pack: &pack, register, record: Some(&record), values: &values, posted: Some(&posted), errors: &errors };
    form_page(&mut reading, &desk, &about).await
}

/// `POST /registers/{register}/{id}/do/{transition}`
pub(crate) async fn act(
    desk: Desk,
    Path((register_id, record_id, transition)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let id = id(&record_id)?;
    let transition = register.transition(&transition).ok_or(Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let fields: Vec<&Field> = transition.fills.iter().filter_map(|field| register.field(field)).collect();
    let (mut values, mut errors) = resolve::values(&mut op, &pack, &desk.standing, &fields, &posted).await?;
    if errors.is_empty() {
        files::attach(&mut op, &desk, &fields, &posted, &mut values).await?;
        let reason = Some(posted.text("reason").to_owned()).filter(|reason| !reason.is_empty());
        let version = posted.text("version").parse().ok().or(Some(0));
        let change = Change { version, fields: values, reason };
        let back = posted.text("to_step").parse().map_or(Back::Applicant, Back::Step);
        match take(&mut op, &pack, &desk.standing, register, id, transition, change, back).await {
            Ok(record) => {
                op.commit().await?;
                let says = said(&desk, &record, desk.lang().of(&transition.label));
                return Ok(Flash::done(says).at(&address(&register.id, id)).into_response());
            }
            Err(error) if error.kind() == Kind::Invalid => errors = error.fields().to_vec(),
            Err(error) => return Err(error.into()),
        }
    }
    drop(op);
    super::detail::page(&desk, register, id, Some((transition, &posted, &errors))).await
}
