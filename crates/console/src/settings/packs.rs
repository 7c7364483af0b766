//! 規程データ: the versions of the policy (改正経過), a new one proposed (起案), decided on (決裁), taken back (取下げ).
//!
//! A new version comes as one zip file, as cityhall people carry it; a worker opens it. It is checked before it is proposed,
//! also against what is recorded, and with an error nothing is kept.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use ledger::journal::entry::hex;
use ledger::packs::{self, Version};
use ledger::permission::{self, Office};
use ledger::{Day, Id, Reading};
use pack::{Diagnostic, Severity, Source};

use super::{Tab, actor_name, holds, names};
use crate::documents::compare::{self, Side};
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

/// Diagnostics of one page.
const SHOWN: usize = 100;

struct Row {
    id: String,
    version: String,
    effective: String,
    state: &'static str,
    tone: &'static str,
    note: String,
    proposed: String,
    decided: String,
}

struct Said {
    error: bool,
    place: String,
    message: String,
    help: String,
}

#[derive(Template)]
#[template(path = "settings/packs.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    proposes: bool,
    today: String,
    /// What the check says of an upload that was not taken.
    said: Vec<Said>,
    errors: usize,
    wrong: Option<String>,
    note: String,
    effective: String,
}

#[derive(Template)]
#[template(path = "settings/pack.html")]
struct Detail {
    page: Page,
    tabs: Vec<Tab>,
    row: Row,
    hash: String,
    said: Vec<Said>,
    sides: Vec<compare::Row>,
    more: usize,
    after: String,
    before: String,
    decides: bool,
    withdraws: bool,
}

fn state(lang: Lang, version: &Version, today: Day) -> (&'static str, &'static str) {
    match version.state.as_str() {
        "proposed" => (lang.t("決裁待ち", "To be decided"), "warn"),
        "adopted" if version.effective <= today => (lang.t("施行できません", "Held up"), "bad"),
        "adopted" => (lang.t("施行待ち", "Waits for its day"), "warn"),
        "in_force" => (lang.t("施行", "In force"), "ok"),
        "refused" => (lang.t("不承認", "Refused"), ""),
        _ => (lang.t("取下げ", "Withdrawn"), ""),
    }
}

async fn row(reading: &mut Reading, lang: Lang, version: &Version) -> Result<Row, Fault> {
    let actors = [Some(version.proposed_by.as_str()), version.decided_by.as_deref()];
    let people = names(reading, actors.into_iter().flatten()).await?;
    let today = reading.today();
    let by = |actor: &str, at| format!("{}　{}", actor_name(lang, &people, actor), date::moment(lang, at, today));
    let (state, tone) = state(lang, version, today);
    Ok(Row {
        id: version.id.to_string(),
        version: version.version.clone(),
        effective: date::long(lang, version.effective),
        state,
        tone,
        note: version.note.clone(),
        proposed: by(&version.proposed_by, version.proposed_at),
        decided: version.decided_by.as_deref().zip(version.decided_at).map(|(a, at)| by(a, at)).unwrap_or_default(),
    })
}

fn said(lang: Lang, source: &Source, diagnostics: &[Diagnostic]) -> Vec<Said> {
    let shown = diagnostics.iter().take(SHOWN).map(|diagnostic| Said {
        error: diagnostic.severity == Severity::Error,
        place: format!("{}:{}", diagnostic.site.file, source.position(&diagnostic.site).0),
        message: lang.of(&diagnostic.message).to_owned(),
        help: diagnostic.help.as_ref().map(|help| lang.of(help).to_owned()).unwrap_or_default(),
    });
    shown.collect()
}

async fn list(desk: &Desk, tried: Option<(Vec<Said>, usize, Option<String>, &Posted)>) -> Result<Response, Fault> {
    let (page, tabs) = super::page(desk, "/settings/packs").await?;
    let mut reading = desk.reading().await?;
    let mut rows = Vec::new();
    for version in packs::versions(&mut reading).await? {
        rows.push(row(&mut reading, desk.lang(), &version).await?);
    }
    let proposes = holds(&desk.standing, &[Office::Packs]) && desk.state().unpacker().is_some();
    let today = desk.today().to_string();
    let (said, errors, wrong, note, effective) = match tried {
        Some((said, errors, wrong, posted)) => {
            (said, errors, wrong, posted.text("note").to_owned(), posted.text("effective").to_owned())
        }
        None => (Vec::new(), 0, None, String::new(), today.clone()),
    };
    answer(&List { page, tabs, rows, proposes, today, said, errors, wrong, note, effective })
}

/// `GET /settings/packs`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    list(&desk, None).await
}

/// `POST /settings/packs`: checks an uploaded folder and proposes it when there is no error.
pub(crate) async fn propose(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let lang = desk.lang();
    let refuse = |says: &str| Some(says.to_owned());
    let Some(unpack) = desk.state().unpacker() else { return Err(Fault::NotFound) };
    // Leave before work: nobody else makes a worker run.
    let reading = desk.reading().await?;
    permission::office(&reading, Some(&desk.standing), Office::Packs, "propose", "pack", "").map(drop)?;
    reading.end().await?;
    let Some(upload) = posted.files.first() else {
        let says = lang.t("規程データの zip ファイルを選んでください。", "Choose the policy's zip file.");
        return list(&desk, Some((Vec::new(), 0, refuse(says), &posted))).await;
    };
    let Ok(effective) = posted.text("effective").parse::<Day>() else {
        let says = lang.t("施行日を「2027-04-01」の形で入力してください。", "Give the day as 2027-04-01.");
        return list(&desk, Some((Vec::new(), 0, refuse(says), &posted))).await;
    };
    let zip = upload.bytes.clone();
    let read = tokio::task::spawn_blocking(move || unpack(&zip).map(|source| (pack::compile(&source), source)));
    let Some((checked, source)) = read.await.map_err(Fault::internal)? else {
        let says = lang.t(
            "zip ファイルとして読めません。規程データのフォルダーを、暗号化せずに一つの zip にしてください。",
            "It cannot be read as a zip. Put the policy's folder into one zip, not encrypted.",
        );
        return list(&desk, Some((Vec::new(), 0, refuse(says), &posted))).await;
    };
    let mut diagnostics = checked.diagnostics;
    let mut op = desk.operation().await?;
    if let Some(new) = &checked.pack {
        diagnostics = packs::judge(&mut op, &desk.pack(), new).await?;
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors > 0 {
        drop(op);
        diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
        return list(&desk, Some((said(lang, &source, &diagnostics), errors, None, &posted))).await;
    }
    let permit = permission::office(&op, Some(&desk.standing), Office::Packs, "propose", "pack", "")?;
    let note = posted.text("note").to_owned();
    let proposal = packs::Proposal { source: packs::to_bytes(source.files()), note, effective };
    let id = match packs::propose(&mut op, permit, proposal).await {
        Ok(id) => id,
        Err(error) => {
            drop(op);
            let says = error.fields().first().map_or_else(|| error.message().clone(), |field| field.message.clone());
            return list(&desk, Some((Vec::new(), 0, Some(lang.of(&says).to_owned()), &posted))).await;
        }
    };
    op.commit().await?;
    let says = lang.t(
        "起案しました。別の人が決裁すると、施行日に切り替わります。",
        "Proposed. Once another person has decided, it comes into force on its day.",
    );
    Ok(Flash::done(says).at(&format!("/settings/packs/{id}")))
}

/// `GET /settings/packs/{id}`
pub(crate) async fn version(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let lang = desk.lang();
    let (mut page, tabs) = super::page(&desk, "/settings/packs").await?;
    let id: Id = id.parse().map_err(|_| Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    let version = packs::get(&mut reading, id).await?;
    let source = packs::source(&mut reading, id).await?;
    let new = packs::compile(&source)?;
    let files: Source = packs::from_bytes(&source).unwrap_or_default().into_iter().collect();
    let open = matches!(version.state.as_str(), "proposed" | "adopted");
    let earlier = match open {
        true => Some((desk.pack().version.clone(), desk.pack())),
        false => before(&mut reading, &version).await?,
    };
    let mut found = Vec::new();
    let (mut sides, mut more) = (Vec::new(), 0);
    if let Some((_, old)) = &earlier {
        if open {
            found = packs::judge(&mut reading, old, &new).await?;
        }
        (sides, more) = compare::rows(old, &new, &desk.reader(), true, lang);
    }
    let own = version.proposed_by == format!("person:{}", desk.person);
    page.title = format!("{} {}", lang.t("規程データ", "Policy"), version.version);
    let detail = Detail {
        tabs,
        row: row(&mut reading, lang, &version).await?,
        hash: hex(&version.hash),
        said: said(lang, &files, &found),
        sides,
        more,
        after: version.version.clone(),
        before: earlier.map(|(version, _)| version).unwrap_or_default(),
        decides: version.state == "proposed" && !own && holds(&desk.standing, &[Office::Approval]),
        withdraws: open && holds(&desk.standing, &[Office::Packs]),
        page,
    };
    answer(&detail)
}

/// The version that was in force before one.
async fn before(
    reading: &mut Reading,
    version: &Version,
) -> Result<Option<(String, std::sync::Arc<pack::Pack>)>, Fault> {
    let all = packs::versions(reading).await?;
    let order = |version: &Version| (version.effective, version.decided_at, version.id);
    let earlier =
        all.iter().filter(|other| other.state == "in_force" && order(other) < order(version)).max_by_key(|v| order(v));
    let Some(earlier) = earlier else { return Ok(None) };
    let source = packs::source(reading, earlier.id).await?;
    Ok(Some((earlier.version.clone(), std::sync::Arc::new(packs::compile(&source)?))))
}

/// `POST /settings/packs/{id}`: `adopt`, `refuse` or `withdraw`.
pub(crate) async fn act(desk: Desk, Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let lang = desk.lang();
    let id: Id = id.parse().map_err(|_| Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let permit = |op: &ledger::Operation, office, act: &str| {
        permission::office(op, Some(&desk.standing), office, act, "pack", id)
    };
    let says = match posted.text("act") {
        "adopt" => {
            let leave = permit(&op, Office::Approval, "adopt")?;
            packs::decide(&mut op, leave, id, true).await?;
            lang.t("決裁しました。施行日に切り替わります。", "Adopted. It comes into force on its day.")
        }
        "refuse" => {
            let leave = permit(&op, Office::Approval, "refuse")?;
            packs::decide(&mut op, leave, id, false).await?;
            lang.t("不承認としました。", "Refused.")
        }
        "withdraw" => {
            let leave = permit(&op, Office::Packs, "withdraw")?;
            packs::withdraw(&mut op, leave, id).await?;
            lang.t("取り下げました。", "Withdrawn.")
        }
        _ => return Err(Fault::NotFound),
    };
    op.commit().await?;
    Ok(Flash::done(says).at("/settings/packs").into_response())
}
