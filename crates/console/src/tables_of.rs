//! Registers and data sources as tables: a list as a file, and a file into a register or a source, checked before it counts.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exchange::{Became, Form, Import, NoAttachments, Report};
use ledger::facts::{self, Delivery};
use ledger::permission::{self, Office, office};
use ledger::records::{Passage, note_passage};
use ledger::{Day, Operation, Reading};
use pack::Pack;
use pack::model::{DataSource, Register};
use tables::{Encoding, Problem, Table};

use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date, link};
use crate::registers::{list, register};
use crate::settings;
use crate::visit::Desk;

/// The largest file that the page of a check carries along, so that it need not be chosen again.
const CARRIED_BYTES: usize = 1_400_000;
/// Errors shown on the page.
const ERRORS_SHOWN: usize = 200;

/// `GET /registers/{register}/export?form=xlsx`: what the list shows, filters and visibility included.
pub(crate) async fn export(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register(&pack, &id)?;
    let (form, ending) = match desk.query().get("form") {
        Some("csv") => (Form::Csv(Encoding::Utf8), "csv"),
        Some("cp932") => (Form::Csv(Encoding::Cp932), "cp932.csv"),
        _ => (Form::Xlsx, "xlsx"),
    };
    let mut op = desk.operation().await?;
    let query = list::query(&desk, register, 1);
    let rows = exchange::export(&mut op, &pack, Some(&desk.standing), register, &query).await?;
    let bytes = exchange::file_of(&register.title.ja, &rows, form)
        .map_err(|problem| Fault::invalid(said(&problem, desk.lang())))?;
    let count = rows.len().saturating_sub(1);
    note_passage(&mut op, register, &Passage { act: "export", sha256: exchange::sha256(&bytes), rows: count });
    op.commit().await?;
    let name = format!("attachment; filename*=UTF-8''{}", link::encode(&format!("{id}.{ending}")));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Fault::internal)?),
    ];
    Ok((headers, bytes).into_response())
}

fn said(problem: &Problem, lang: Lang) -> String {
    let place = problem.at.map(|at| format!("{at}: ")).unwrap_or_default();
    format!("{place}{}", lang.t(&problem.ja, &problem.en))
}

/// Into what a file goes.
#[derive(Clone, Copy)]
enum Target<'a> {
    Register(&'a Register),
    Source(&'a DataSource),
}

/// What a check found.
struct Found {
    name: String,
    new: usize,
    changed: usize,
    unchanged: usize,
    refused: usize,
    errors: Vec<(String, String, String)>,
    carried: Option<String>,
}

/// An earlier delivery of a source.
struct Earlier {
    at: String,
    as_of: String,
    file: String,
    count: i64,
    who: String,
    sha256: String,
}

#[derive(Template)]
#[template(path = "registers/import.html")]
struct Sheet {
    page: Page,
    here: String,
    back: String,
    back_name: String,
    as_of: String,
    problem: String,
    result: Option<Found>,
    columns: String,
    history: Vec<Earlier>,
}

/// `GET /registers/{register}/import`
pub(crate) async fn register_form(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let pack = desk.pack();
    show(&desk, Target::Register(register(&pack, &id)?), String::new(), None).await
}

/// `POST /registers/{register}/import`
pub(crate) async fn register_import(desk: Desk, Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let pack = desk.pack();
    take_in(&desk, &pack, Target::Register(register(&pack, &id)?), &posted).await
}

/// `GET /settings/sources/{source}`
pub(crate) async fn source_form(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let pack = desk.pack();
    show(&desk, Target::Source(pack.source(&id).ok_or(Fault::NotFound)?), String::new(), None).await
}

/// `POST /settings/sources/{source}`
pub(crate) async fn source_import(desk: Desk, Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let pack = desk.pack();
    take_in(&desk, &pack, Target::Source(pack.source(&id).ok_or(Fault::NotFound)?), &posted).await
}

/// Only those who may create a record here, or deliver files of data sources, see the page.
async fn admit(desk: &Desk, reading: &mut Reading, target: Target<'_>) -> Result<(), Fault> {
    if !desk.can_read_tables() {
        return Err(Fault::NotFound);
    }
    let standing = Some(&desk.standing);
    match target {
        Target::Register(register) => {
            let home = desk.standing.home.ok_or(Fault::NotFound)?;
            let _ = permission::create(reading, standing, register, home).await?;
        }
        Target::Source(source) => {
            let _ = office(reading, standing, Office::Facts, "import", "source", &source.id)?;
        }
    }
    Ok(())
}

async fn show(desk: &Desk, target: Target<'_>, problem: String, result: Option<Found>) -> Result<Response, Fault> {
    let lang = desk.lang();
    let mut reading = desk.reading().await?;
    admit(desk, &mut reading, target).await?;
    let suffix = lang.t("への取込み", ": import");
    let (title, place, here, back) = match target {
        Target::Register(register) => {
            let here = format!("/registers/{}/import", link::encode(&register.id));
            let place = register.menu.as_deref().unwrap_or("requests");
            (&register.title, place, here, format!("/registers/{}", link::encode(&register.id)))
        }
        Target::Source(source) => {
            let here = format!("/settings/sources/{}", link::encode(&source.id));
            (&source.title, "organisation", here, "/settings/sources".to_owned())
        }
    };
    let (columns, history, as_of) = match target {
        Target::Register(_) => (String::new(), Vec::new(), String::new()),
        Target::Source(source) => {
            (source.columns.join("、"), history(&mut reading, source, desk.lang()).await?, desk.today().to_string())
        }
    };
    reading.end().await?;
    let page = desk.page(place, &format!("{}{suffix}", lang.of(title)));
    let back_name = match target {
        Target::Register(_) => lang.of(title),
        Target::Source(_) => lang.t("データ源", "Data sources"),
    };
    let back_name = back_name.to_owned();
    answer(&Sheet { page, here, back, back_name, as_of, problem, result, columns, history })
}

async fn history(reading: &mut Reading, source: &DataSource, lang: Lang) -> Result<Vec<Earlier>, Fault> {
    let today = reading.today();
    let imports: Vec<_> = facts::imports(reading, &source.id).await?.into_iter().take(20).collect();
    let people = settings::names(reading, imports.iter().map(|import| import.actor.as_str())).await?;
    let row = |import: facts::Import| Earlier {
        at: date::moment(lang, import.at, today),
        as_of: date::long(lang, import.as_of),
        who: settings::actor_name(lang, &people, &import.actor),
        file: import.file_name,
        count: import.count,
        sha256: ledger::journal::entry::hex(&import.sha256),
    };
    Ok(imports.into_iter().map(row).collect())
}

/// Checks the file; takes it in when that was asked for and nothing is wrong.
async fn take_in(desk: &Desk, pack: &Pack, target: Target<'_>, posted: &Posted) -> Result<Response, Fault> {
    let mut reading = desk.reading().await?;
    admit(desk, &mut reading, target).await?;
    reading.end().await?;
    let (name, bytes) = match (posted.get("carried"), posted.files.first()) {
        (Some(carried), _) => {
            let bytes = STANDARD.decode(carried).map_err(|_| Fault::invalid("ファイルを選び直してください。"))?;
            (posted.text("name").to_owned(), bytes)
        }
        (None, Some(upload)) => (upload.name.clone(), upload.bytes.clone()),
        (None, None) => return Err(Fault::invalid("ファイルを選んでください。")),
    };
    let table = match desk.read_table(bytes.clone()).await? {
        Ok(table) => table,
        Err(problem) => return show(desk, target, said(&problem, desk.lang()), None).await,
    };
    let mut op = desk.operation().await?;
    let as_of: Day = posted.text("as_of").parse().unwrap_or(desk.today());
    let report = work(&mut op, desk, pack, target, &table, (&name, &bytes, as_of)).await?;
    if report.accepted() && posted.get("act") == Some("apply") {
        op.commit().await?;
        let to = match target {
            Target::Register(register) => format!("/registers/{}", link::encode(&register.id)),
            Target::Source(source) => format!("/settings/sources/{}", link::encode(&source.id)),
        };
        let (new, changed) = (report.count(Became::New), report.count(Became::Changed));
        let says = match desk.lang() {
            Lang::Ja => format!("取り込みました（新規{new}件、変更{changed}件）。"),
            Lang::En => format!("Imported: {new} new, {changed} changed."),
        };
        return Ok(Flash::done(says).at(&to));
    }
    drop(op);
    let found = found(&report, &name, &bytes, desk.lang());
    show(desk, target, String::new(), Some(found)).await
}

async fn work(
    op: &mut Operation,
    desk: &Desk,
    pack: &Pack,
    target: Target<'_>,
    table: &Table,
    (name, bytes, as_of): (&str, &[u8], Day),
) -> Result<Report, Fault> {
    let standing = Some(&desk.standing);
    let sha256 = exchange::sha256(bytes);
    Ok(match target {
        Target::Register(register) => {
            let import = Import { pack, standing, register, attachments: &NoAttachments };
            let report = exchange::import(op, &import, table).await?;
            note_passage(op, register, &Passage { act: "import", sha256, rows: report.lines.len() });
            report
        }
        Target::Source(source) => {
            let delivery = Delivery { file_name: name.to_owned(), sha256, as_of };
            exchange::import_source(op, pack, standing, source, delivery, table).await?
        }
    })
}

fn found(report: &Report, name: &str, bytes: &[u8], lang: Lang) -> Found {
    let errors = report
        .refusals
        .iter()
        .take(ERRORS_SHOWN)
        .map(|refusal| (refusal.at.to_string(), refusal.heading.clone(), lang.of(&refusal.message).to_owned()));
    let carried = report.accepted() && bytes.len() <= CARRIED_BYTES;
    Found {
        name: name.to_owned(),
        new: report.count(Became::New),
        changed: report.count(Became::Changed),
        unchanged: report.count(Became::Unchanged),
        refused: report.count(Became::Refused),
        errors: errors.collect(),
        carried: carried.then(|| STANDARD.encode(bytes)),
    }
}
