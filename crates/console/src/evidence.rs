//! 証跡の取出し: an auditor's zip of what was recorded about clauses, a unit, an audit, in a period; verifiable without the city.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use exchange::evidence::{self, Evidence, Scope};
use ledger::kinds::registers;
use ledger::people::units;
use ledger::permission::{self, Office};
use ledger::records::{self, Filter};
use ledger::{Day, Id, Kind, Reading, journal};
use pack::Pack;
use pack::model::{Clause, RegisterKind};

use crate::documents::may_read;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

/// A choice in a form: value, label, chosen.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "evidence.html")]
struct Form {
    page: Page,
    problem: String,
    clause: String,
    /// Headings of the clauses that are named.
    headings: Vec<String>,
    control: String,
    audits: Vec<Choice>,
    units: Vec<Choice>,
    from: String,
    to: String,
    records_max: String,
    megabytes: i64,
}

/// What was asked for, as it was typed.
#[derive(Default)]
struct Asked {
    clause: String,
    control: String,
    audit: String,
    unit: String,
    from: String,
    to: String,
}

/// Whether evidence is open to the reader, for links to it.
pub(crate) fn open_to(desk: &Desk) -> bool {
    Office::Evidence.roles().iter().any(|role| desk.standing.holds_office(role))
}

fn admit(reading: &Reading, desk: &Desk) -> Result<ledger::Permit, Fault> {
    let permit = permission::office(reading, Some(&desk.standing), Office::Evidence, "export", "evidence", "");
    permit.map_err(|_| Fault::NotFound)
}

/// `GET /evidence?clause=&control=&audit=&unit=`
pub(crate) async fn form(desk: Desk) -> Result<Response, Fault> {
    let reading = desk.reading().await?;
    drop(admit(&reading, &desk)?);
    let today = reading.today();
    let text = |name: &str| desk.query().get(name).unwrap_or_default().to_owned();
    let from = Day::fiscal_year_start(today.fiscal_year()).unwrap_or(today);
    let asked = Asked {
        clause: text("clause"),
        control: text("control"),
        audit: text("audit"),
        unit: text("unit"),
        from: from.to_string(),
        to: today.to_string(),
    };
    show(&desk, reading, &asked, String::new()).await
}

async fn show(desk: &Desk, mut reading: Reading, asked: &Asked, problem: String) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let today = reading.today();
    let mut open = units::on(&mut reading, today).await?;
    open.sort_by(|a, b| a.code.cmp(&b.code));
    let unit = |unit: units::Unit| {
        let id = unit.id.to_string();
        let chosen = asked.unit == id;
        (id, format!("{} {}", unit.code, unit.name), chosen)
    };
    let audits = audits(&mut reading, desk, &pack, &asked.audit).await?;
    reading.end().await?;
    let clauses = pack.documents.iter().flat_map(|document| &document.clauses);
    let named: Vec<&str> = words(&asked.clause).collect();
    let headings = clauses.filter(|clause| named.contains(&clause.id.to_string().as_str()));
    let wrong = !problem.is_empty();
    let page = desk.page("audits", lang.t("証跡の取出し", "Evidence"));
    let mut response = answer(&Form {
        page,
        problem,
        clause: asked.clause.clone(),
        headings: headings.map(|clause| clause.heading.clone()).collect(),
        control: asked.control.clone(),
        audits,
        units: open.into_iter().map(unit).collect(),
        from: asked.from.clone(),
        to: asked.to.clone(),
        records_max: date::thousands(i64::try_from(evidence::RECORDS_MAX).unwrap_or(i64::MAX)),
        megabytes: evidence::BYTES_MAX / 1024 / 1024,
    })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Audits that the reader sees, latest first.
async fn audits(reading: &mut Reading, desk: &Desk, pack: &Pack, chosen: &str) -> Result<Vec<Choice>, Fault> {
    let mut all = Vec::new();
    for register in registers(pack, RegisterKind::Audit) {
        let no_filter: Vec<Filter> = Vec::new();
        for audit in records::every(reading, pack, Some(&desk.standing), register, no_filter).await? {
            let id = audit.id.to_string();
            let is = chosen == id;
            all.push((id, format!("{} {}", audit.number, audit.name), is));
        }
    }
    Ok(all)
}

/// What is typed with spaces, commas or lines between.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、')).filter(|word| !word.is_empty())
}

fn scope(asked: &Asked, lang: Lang) -> Result<Scope, String> {
    let day = |text: &str, ja: &str, en: &str| {
        text.parse::<Day>().map_err(|_| match lang {
            Lang::Ja => format!("{ja}を「2026-04-01」の形で入力してください。"),
            Lang::En => format!("Give the {en} as 2026-04-01."),
        })
    };
    let id = |text: &str| match text {
        "" => Ok(None),
        id => id.parse::<Id>().map(Some).map_err(|_| {
            lang.t("所属と監査は、一覧から選んでください。", "Choose unit and audit from the lists.").to_owned()
        }),
    };
    Ok(Scope {
        clauses: words(&asked.clause).map(str::to_owned).collect(),
        controls: words(&asked.control).map(str::to_owned).collect(),
        audit: id(&asked.audit)?,
        unit: id(&asked.unit)?,
        from: day(&asked.from, "始めの日", "first day")?,
        to: day(&asked.to, "終わりの日", "last day")?,
    })
}

/// `POST /evidence`: the zip. That it left is in the journal before it does.
pub(crate) async fn take(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    drop(admit(&reading, &desk)?);
    let text = |name: &str| posted.text(name).to_owned();
    let asked = Asked {
        clause: text("clause"),
        control: text("control"),
        audit: text("audit"),
        unit: text("unit"),
        from: text("from"),
        to: text("to"),
    };
    let scope = match scope(&asked, lang) {
        Ok(scope) => scope,
        Err(problem) => return show(&desk, reading, &asked, problem).await,
    };
    let reader = desk.reader();
    let reads = |clause: &Clause| may_read(&clause.audience, &reader);
    let who = evidence::Reader { standing: &desk.standing, reads: &reads };
    let taken = match evidence::collect(&mut reading, &pack, &who, &scope).await {
        Ok(taken) => taken,
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::NotFound) => {
            let field = error.fields().first().map(|field| lang.of(&field.message).to_owned());
            let problem = field.unwrap_or_else(|| lang.of(error.message()).to_owned());
            return show(&desk, reading, &asked, problem).await;
        }
        Err(error) => return Err(error.into()),
    };
    reading.end().await?;
    note(&desk, &pack, &asked, &taken).await?;
    let name = format!("attachment; filename=\"evidence-{}.zip\"", desk.today());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Fault::internal)?),
    ];
    Ok((headers, taken.bytes).into_response())
}

/// Notes that evidence left, with its hash, and by register how much of it has to be noted as seen.
async fn note(desk: &Desk, pack: &Pack, asked: &Asked, taken: &Evidence) -> Result<(), Fault> {
    let mut op = desk.operation().await?;
    let permit = admit(&op, desk)?;
    let ids = [
        ("clause", &asked.clause),
        ("control", &asked.control),
        ("audit", &asked.audit),
        ("unit", &asked.unit),
        ("from_day", &asked.from),
        ("to_day", &asked.to),
    ];
    let ids: Vec<(&str, &str)> =
        ids.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.as_str())).collect();
    journal::note_evidence(&mut op, permit, &exchange::sha256(&taken.bytes), taken.records, &ids);
    for (id, count) in &taken.noted {
        if let Some(register) = pack.register(id) {
            records::note_list(&mut op, register, *count);
        }
    }
    op.commit().await?;
    Ok(())
}
