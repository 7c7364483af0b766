//! 処理待ち: everything that waits for this person, decided one by one or several at once, and the own absence.

use askama::Template;
use axum::response::Response;
use ledger::decisions::{self, Answer, Waiting};
use ledger::people::{absences, persons, units};
use ledger::records;
use ledger::{Id, Moment, Reading, permission};
use pack::expr::Day;

use crate::kinds;
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::registers::address;
use crate::visit::Desk;

/// Tasks shown at once.
const ROWS: i64 = 100;
/// Tasks answered at once at most.
const BULK: usize = 100;

/// A task as it is shown.
pub(crate) struct Row {
    pub(crate) to: String,
    /// What the check box sends: register, record and the version that was seen.
    pub(crate) value: String,
    pub(crate) task: String,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) register: String,
    pub(crate) kind: &'static str,
    /// Whether it is answered by agreeing; 供覧 and 後閲 are only read.
    pub(crate) decides: bool,
    pub(crate) countersign: bool,
    pub(crate) applicant: String,
    pub(crate) unit: String,
    pub(crate) since: String,
    /// Days it has waited.
    pub(crate) days: i64,
    pub(crate) deputy: bool,
    /// What the register's kind says of the record: colour and words.
    pub(crate) marks: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    page: Page,
    rows: Vec<Row>,
    absences: Vec<(String, String)>,
    away: bool,
}

/// The first tasks of a person as rows.
pub(crate) async fn rows(reading: &mut Reading, desk: &Desk, limit: i64) -> Result<Vec<Row>, Fault> {
    let waiting = decisions::inbox(reading, &desk.standing, 0, limit).await?;
    let ids: Vec<Id> = waiting.iter().filter_map(|task| task.applicant).collect();
    let people = if ids.is_empty() { Vec::new() } else { persons::of_ids(reading, &ids).await? };
    let units = units::names(reading, waiting.iter().map(|task| task.unit)).await?;
    let (pack, lang, today) = (desk.pack(), desk.lang(), reading.today());
    let marks = marks(reading, desk, &waiting).await?;
    let row = |task: Waiting| {
        let applicant = people.iter().find(|person| Some(person.id) == task.applicant).map(shown_name);
        let register = pack.register(&task.register).map(|register| lang.of(&register.title).to_owned());
        Row {
            to: address(&task.register, task.task.record),
            value: format!("{}/{}/{}", task.register, task.task.record, task.version),
            task: task.task.id.to_string(),
            kind: kind(&task.task.kind, lang),
            decides: matches!(task.task.kind.as_str(), "approve" | "consult" | "decide"),
            countersign: task.task.kind == "countersign",
            number: task.number,
            name: task.name,
            register: register.unwrap_or_default(),
            applicant: applicant.unwrap_or_default(),
            unit: units.get(&task.unit).cloned().unwrap_or_default(),
            since: date::short(lang, task.task.opened.day(), today),
            days: i64::from(today.number()) - i64::from(task.task.opened.day().number()),
            deputy: !task.own,
            marks: marks.get(&task.task.record).cloned().unwrap_or_default(),
        }
    };
    Ok(waiting.into_iter().map(row).collect())
}

/// What kinds say of the records that wait, so that whoever agrees to several at once sees it too.
async fn marks(reading: &mut Reading, desk: &Desk, waiting: &[Waiting]) -> Result<kinds::Marks, Fault> {
    let pack = desk.pack();
    let mut all = kinds::Marks::new();
    for register in pack.registers.iter().filter(|register| kinds::has_marks(register)) {
        let mut found = Vec::new();
        for task in waiting.iter().filter(|task| task.register == register.id) {
            // Whoever is only to read it may not see the record itself.
            found.extend(records::seen(reading, Some(&desk.standing), register, task.task.record).await?);
        }
        all.extend(kinds::marks(reading, desk, register, &found).await?);
    }
    Ok(all)
}

/// Whether any of these is answered by agreeing, so that boxes to tick make sense.
pub(crate) fn any_to_decide(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.decides)
}

fn kind(kind: &str, lang: Lang) -> &'static str {
    match kind {
        "approve" => lang.t("承認", "Approval"),
        "consult" => lang.t("合議", "Consultation"),
        "decide" => lang.t("決裁", "Decision"),
        "circulate" => lang.t("供覧", "To read"),
        "countersign" => lang.t("後閲", "To countersign"),
        _ => lang.t("処理", "Task"),
    }
}

/// `GET /inbox`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let lang = desk.lang();
    let mut reading = desk.reading().await?;
    let rows = rows(&mut reading, &desk, ROWS).await?;
    let (today, now) = (reading.today(), reading.at());
    let own = absences::of_person(&mut reading, desk.person, now).await?;
    let away = own.iter().any(|absence| absence.from <= now);
    let absences = own.iter().map(|absence| {
        let to = absence.to.map(|to| date::moment(lang, to, today));
        let open = lang.t("終わりを決めていない", "no end").to_owned();
        (absence.id.to_string(), format!("{} – {}", date::moment(lang, absence.from, today), to.unwrap_or(open)))
    });
    let absences = absences.collect();
    let page = desk.page("inbox", lang.t("処理待ち", "To decide"));
    answer(&Inbox { page, rows, absences, away })
}

/// `POST /inbox`: agrees to every task that was ticked, each on its own, and says which could not be.
pub(crate) async fn decide(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let (mut done, mut failed) = (0, Vec::new());
    for value in posted.all("task").take(BULK) {
        let mut parts = value.split('/');
        let (Some(register), Some(id), Some(version)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let (Some(register), Ok(id)) = (pack.register(register), id.parse::<Id>()) else { continue };
        let given = Answer { version: version.parse().ok().or(Some(0)), ..Answer::default() };
        let mut op = desk.operation().await?;
        match decisions::agree(&mut op, &pack, &desk.standing, register, id, given).await {
            Ok(_) => {
                op.commit().await?;
                done += 1;
            }
            Err(error) => failed.push(lang.of(error.message()).to_owned()),
        }
    }
    let says = match (lang, done, failed.len()) {
        (Lang::Ja, 0, 0) => "承認するものを選んでください。".to_owned(),
        (Lang::En, 0, 0) => "Tick what you agree to.".to_owned(),
        (Lang::Ja, _, 0) => format!("{done}件を承認しました。"),
        (Lang::En, _, 0) => format!("You agreed to {done}."),
        (Lang::Ja, _, n) => format!("{done}件を承認しました。{n}件はできませんでした：{}", failed.join("　")),
        (Lang::En, _, n) => format!("You agreed to {done}; {n} could not be done: {}", failed.join(" ")),
    };
    let flash = if failed.is_empty() && done > 0 { Flash::done(says) } else { Flash::failed(says) };
    Ok(flash.at("/inbox"))
}

/// `POST /inbox/read`: 供覧 read, or 後閲 done.
pub(crate) async fn read(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let id: Id = posted.text("task").parse().map_err(|_| Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let says = if posted.text("kind") == "countersign" {
        decisions::countersign(&mut op, id).await?;
        desk.lang().t("後閲しました。", "Countersigned.")
    } else {
        decisions::read_circulated(&mut op, &desk.pack(), &desk.standing, id).await?;
        desk.lang().t("供覧を確認しました。", "Marked as read.")
    };
    op.commit().await?;
    Ok(Flash::done(says).at("/inbox"))
}

/// The moment at which a municipal day ends.
pub(crate) fn end_of(day: Day) -> Moment {
    Moment((i64::from(day.number()) + 1) * 86_400_000 - 9 * 3_600_000)
}

/// `POST /absence`: away from now to the end of a day.
pub(crate) async fn away(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let lang = desk.lang();
    let to = match posted.text("to") {
        "" => None,
        text => Some(end_of(text.parse().map_err(|_| {
            Fault::invalid(lang.t("最終日を日付で入力してください。", "Give the last day as a date."))
        })?)),
    };
    let mut op = desk.operation().await?;
    let permit = permission::own(&op, desk.person, "set-absence", "person", desk.person)?;
    let from = op.at();
    absences::set(&mut op, permit, desk.person, from, to).await?;
    op.commit().await?;
    let says =
        lang.t("不在にしました。処理待ちは代決者にも表示されます。", "You are away. Your deputies see your tasks.");
    Ok(Flash::done(says).at("/inbox"))
}

/// `POST /absence/end`
pub(crate) async fn back(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let id: Id = posted.text("absence").parse().map_err(|_| Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let now = op.at();
    let own = absences::of_person(&mut op, desk.person, now).await?;
    if !own.iter().any(|absence| absence.id == id) {
        return Err(Fault::NotFound);
    }
    let permit = permission::own(&op, desk.person, "end-absence", "person", desk.person)?;
    absences::end(&mut op, permit, id, now).await?;
    op.commit().await?;
    Ok(Flash::done(desk.lang().t("不在を終えました。", "You are back.")).at("/inbox"))
}
