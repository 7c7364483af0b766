//! 実施報告: the duties that a person reports as done, with evidence.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use ledger::attestations::{self, Attestation, Report};
use ledger::findings::{self, OpenVerdict};
use ledger::people::{persons, units};
use ledger::{FieldError, Id, Kind, Reading, files, permission};
use pack::model::{Control, Nature, Subjects, Term, TermScope};

use crate::compliance::state;
use crate::documents::severity_name;
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date, link};
use crate::visit::Desk;

/// Subjects of one control that are shown.
const SUBJECTS: i64 = 200;
/// The most that an evidence file may have.
const FILE_BYTES: usize = 50 << 20;

/// A report that is asked of the reader.
struct Row {
    title: String,
    what: String,
    state: (&'static str, &'static str),
    reason: String,
    severity: &'static str,
    every: String,
    to: String,
}

#[derive(Template)]
#[template(path = "reports/list.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
}

/// `GET /reports`: what the reader is asked to report, worst first.
pub(crate) async fn list(desk: Desk) -> Result<Response, Fault> {
    let mut reading = desk.reading().await?;
    let mut rows = Vec::new();
    for (control, verdict) in owed(&mut reading, &desk).await? {
        rows.push((control.severity, row(&control, &verdict, desk.lang())));
    }
    rows.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let page = desk.page("compliance", desk.lang().t("実施報告", "Reports"));
    answer(&List { page, rows })
}

fn row(control: &Control, verdict: &OpenVerdict, lang: Lang) -> Row {
    let every = match &control.nature {
        Nature::Attested(attestation) => attestation.every.to_string(),
        Nature::Machine { .. } => String::new(),
    };
    Row {
        title: lang.of(&control.title).to_owned(),
        what: verdict.label.clone(),
        state: state(&verdict.state, lang),
        reason: lang.t(&verdict.reason_ja, &verdict.reason_en).to_owned(),
        severity: severity_name(control.severity, lang),
        every,
        to: format!("/reports/{}?subject={}", link::encode(&control.id), link::encode(&verdict.subject)),
    }
}

/// Attested controls that do not hold for something that the reader answers for.
pub(crate) async fn owed(reading: &mut Reading, desk: &Desk) -> Result<Vec<(Control, OpenVerdict)>, Fault> {
    let pack = desk.pack();
    let mine = |control: &&Control| matches!(&control.nature, Nature::Attested(a) if matches!(&a.by, Term::Role { role, .. } if desk.standing.holds(role)));
    let mine: BTreeMap<&str, &Control> =
        pack.controls.iter().filter(mine).map(|control| (control.id.as_str(), control)).collect();
    let ids: Vec<&str> = mine.keys().copied().collect();
    let (mut all, mut lines) = (Vec::new(), BTreeMap::new());
    let most = SUBJECTS.saturating_mul(i64::try_from(ids.len()).unwrap_or(1).max(1));
    for verdict in findings::verdicts_of(reading, &ids, most).await? {
        let Some(control) = mine.get(verdict.control.as_str()) else { continue };
        let Nature::Attested(attestation) = &control.nature else { continue };
        let Term::Role { role, scope } = &attestation.by else { continue };
        if is_reported(control, &verdict.subject)
            && answers_for(reading, desk, role, *scope, verdict.unit, &mut lines).await?
        {
            all.push(((*control).clone(), verdict));
        }
    }
    Ok(all)
}

/// Whether a subject is one that is reported on: the city as a whole only where the report is for the city, since a control
/// over a register without records stands there for the lack of them.
fn is_reported(control: &Control, subject: &str) -> bool {
    let Nature::Attested(attestation) = &control.nature else { return false };
    (subject == "city") == (attestation.per == Subjects::Municipality)
}

/// Whether the reader holds a role in a unit or above it, or anywhere in its body.
async fn answers_for(
    reading: &mut Reading,
    desk: &Desk,
    role: &str,
    scope: TermScope,
    unit: Option<Id>,
    lines: &mut BTreeMap<Id, Vec<Id>>,
) -> Result<bool, Fault> {
    let Some(unit) = unit else { return Ok(desk.standing.holds_in_city(role)) };
    if scope == TermScope::All {
        return Ok(desk.standing.holds_in_body_of(role, unit));
    }
    if let Entry::Vacant(line) = lines.entry(unit) {
        let today = reading.today();
        line.insert(units::above(reading, unit, today).await?);
    }
    let held = desk.standing.units_of(role);
    Ok(lines.get(&unit).is_some_and(|above| held.iter().any(|held| *held == unit || above.contains(held))))
}

#[derive(Template)]
#[template(path = "reports/form.html")]
struct Form {
    page: Page,
    control: String,
    subject: String,
    what: String,
    asks: String,
    reason: String,
    evidence: bool,
    today: String,
    on: String,
    note: String,
    errors: BTreeMap<String, String>,
    before: Vec<Done>,
}

impl Form {
    fn error(&self, field: &str) -> Option<&String> {
        self.errors.get(field)
    }
}

/// A report that was made.
pub(crate) struct Done {
    pub(crate) on: String,
    pub(crate) who: String,
    pub(crate) note: String,
    pub(crate) file: Option<String>,
}

/// Reports on a control, latest first; of one subject, when one is named.
pub(crate) async fn done(
    reading: &mut Reading,
    control: &str,
    subject: Option<&str>,
    lang: Lang,
) -> Result<Vec<Done>, Fault> {
    let mut all = attestations::of_control(reading, control, 100).await?;
    all.retain(|report| subject.is_none_or(|subject| report.subject == subject));
    all.truncate(12);
    let ids: Vec<Id> = all.iter().map(|report| report.by).collect();
    let people = if ids.is_empty() { Vec::new() } else { persons::of_ids(reading, &ids).await? };
    let done = |report: Attestation| Done {
        on: date::long(lang, report.on),
        who: people.iter().find(|person| person.id == report.by).map(shown_name).unwrap_or_default(),
        note: report.note,
        file: report.file.map(|file| format!("/files/{file}")),
    };
    Ok(all.into_iter().map(done).collect())
}

/// `GET /reports/{control}?subject=…`
pub(crate) async fn form(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let subject = desk.query().get("subject").unwrap_or("city").to_owned();
    let today = desk.today().to_string();
    show(&desk, &id, &subject, (&today, ""), &[]).await
}

async fn show(
    desk: &Desk,
    id: &str,
    subject: &str,
    (on, note): (&str, &str),
    errors: &[FieldError],
) -> Result<Response, Fault> {
    let lang = desk.lang();
    let mut reading = desk.reading().await?;
    let all = owed(&mut reading, desk).await?;
    let found = all.iter().find(|(control, verdict)| control.id == id && verdict.subject == subject);
    let (control, verdict) = found.ok_or(Fault::NotFound)?;
    let Nature::Attested(attestation) = &control.nature else { return Err(Fault::NotFound) };
    let before = done(&mut reading, id, Some(subject), lang).await?;
    let errors: BTreeMap<String, String> =
        errors.iter().map(|error| (error.field.clone(), lang.of(&error.message).to_owned())).collect();
    let failed = !errors.is_empty();
    let page = desk.page("compliance", lang.of(&control.title));
    let mut response = answer(&Form {
        page,
        control: id.to_owned(),
        subject: subject.to_owned(),
        what: verdict.label.clone(),
        asks: lang.of(&attestation.asks).to_owned(),
        reason: lang.t(&verdict.reason_ja, &verdict.reason_en).to_owned(),
        evidence: attestation.evidence,
        today: desk.today().to_string(),
        on: on.to_owned(),
        note: note.to_owned(),
        errors,
        before,
    })?;
    if failed {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `POST /reports/{control}`
pub(crate) async fn send(desk: Desk, Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let control = pack.control(&id).ok_or(Fault::NotFound)?;
    let subject = posted.text("subject").to_owned();
    let (on, note) = (posted.text("on").to_owned(), posted.text("note").to_owned());
    let mut op = desk.operation().await?;
    let verdict = findings::verdict(&mut op, &id, &subject).await?;
    let verdict = verdict.filter(|_| is_reported(control, &subject)).ok_or_else(|| {
        let says = "この報告は、いまは求められていません。一覧を開き直してください。";
        Fault::from(ledger::Error::refused(says, "This report is not asked for now. Open the list again."))
    })?;
    let permit = permission::attest(&mut op, &desk.standing, control, verdict.unit).await?;
    let Ok(day) = on.parse() else {
        drop(op);
        let error = FieldError {
            field: "on".to_owned(),
            message: pack::model::Text {
                ja: "日付を入力してください。".into(), en: Some("Give a date.".into())
            },
        };
        return show(&desk, &id, &subject, (&on, &note), &[error]).await;
    };
    let mut file = None;
    if let Some(upload) = posted.files.iter().find(|upload| upload.field == "file" && !upload.bytes.is_empty()) {
        if upload.bytes.len() > FILE_BYTES {
            return Err(Fault::TooLarge);
        }
        let leave = permission::attach(&op, Some(&desk.standing))?;
        let kept =
            files::add(&mut op, leave, &upload.name, "application/octet-stream", upload.bytes.as_slice()).await?;
        file = Some(kept.id);
    }
    let report = Report { control, subject: subject.clone(), on: day, note: note.clone(), file };
    match attestations::attest(&mut op, permit, report).await {
        Ok(_) => {
            op.commit().await?;
            let says =
                lang.t("実施報告を記録しました。判定に反映されます。", "Recorded. The state follows in a moment.");
            Ok(Flash::done(says.to_owned()).at("/reports").into_response())
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(op);
            show(&desk, &id, &subject, (&on, &note), error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}
