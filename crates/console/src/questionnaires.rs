//! 照会・自己点検・研修の確認: what one is asked, the sheet, and how far the answers have come.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use ledger::people::{AFFILIATION, persons, posts, units};
use ledger::questionnaires::{self, Asked};
use ledger::records::{self, Record};
use ledger::{FieldError, Id, Kind, Reading};
use pack::Pack;
use pack::model::{Question, Questionnaire, QuestionnaireKind};

use crate::compliance::reach;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date, link};
use crate::registers::address;
use crate::visit::Desk;

/// A sheet in the list.
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) questions: usize,
    /// Where it is answered; none when it is answered.
    pub(crate) to: Option<String>,
    /// The record of the answers: address, number, day.
    pub(crate) done: Option<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "questionnaires/list.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    open: usize,
    /// Whose results the reader may see: id and title.
    results: Vec<(String, String)>,
}

/// What a person is asked, open sheets first.
pub(crate) async fn rows(reading: &mut Reading, desk: &Desk) -> Result<Vec<Row>, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let today = reading.today();
    let asked = questionnaires::asked(reading, &pack, &desk.standing).await?;
    let mut rows: Vec<Row> = asked.iter().map(|asked| row(asked, desk, lang, today)).collect();
    rows.sort_by_key(|row| row.to.is_none());
    Ok(rows)
}

fn row(asked: &Asked<'_>, desk: &Desk, lang: Lang, today: ledger::Day) -> Row {
    let id = link::encode(&asked.questionnaire.id);
    let to = match &asked.about {
        Some(record) => format!("/questionnaires/{id}?about={}", record.id),
        None => format!("/questionnaires/{id}"),
    };
    let done = asked.answered.as_ref().map(|record| {
        let day = date::short(lang, record.created.day(), today);
        (address(&record.register, record.id), record.number.clone(), day)
    });
    Row {
        title: lang.of(&asked.questionnaire.title).to_owned(),
        about: about_name(asked),
        questions: questionnaires::questions(asked.questionnaire, &desk.standing).len(),
        to: done.is_none().then_some(to),
        done,
    }
}

fn about_name(asked: &Asked<'_>) -> String {
    let record = asked.about.as_ref().or(asked.course.as_ref());
    record.map(|record| record.name.clone()).unwrap_or_default()
}

/// `GET /questionnaires`
pub(crate) async fn list(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let rows = rows(&mut reading, &desk).await?;
    let open = rows.iter().filter(|row| row.to.is_some()).count();
    let results = if may_sum(&mut reading, &desk).await? {
        let kept = pack.questionnaires.iter().filter(|sheet| sheet.register.is_some() && sheet.per.is_none());
        kept.map(|sheet| (sheet.id.clone(), lang.of(&sheet.title).to_owned())).collect()
    } else {
        Vec::new()
    };
    let page = desk.page("training", lang.t("あなたが答える設問票", "Question sheets for you"));
    answer(&List { page, rows, open, results })
}

/// Whether the person answers for others: a role above staff, or an auditor.
async fn may_sum(reading: &mut Reading, desk: &Desk) -> Result<bool, Fault> {
    if desk.outside() {
        return Ok(false);
    }
    let pack = desk.pack();
    let above = |role: &str| pack.role(role).is_some_and(|role| !role.implied);
    Ok(reach(reading, desk).await?.is_none() || desk.standing.held.iter().any(|held| above(&held.role)))
}

/// A question on the sheet.
struct Line {
    id: String,
    text: String,
    /// Choice, label, chosen.
    choices: Vec<(String, &'static str, bool)>,
    clauses: Vec<(String, String)>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "questionnaires/sheet.html")]
struct Sheet {
    page: Page,
    id: String,
    about: Option<(Id, String)>,
    course: Option<String>,
    lines: Vec<Line>,
    /// Questions without an answer.
    errors: usize,
    /// What else is wrong, in the ledger's words.
    others: Vec<String>,
    acknowledges: Option<(String, String)>,
    quiz: bool,
}

/// `GET /questionnaires/{id}?about=RECORD`
pub(crate) async fn sheet(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let about = desk.query().get("about").map(str::to_owned);
    show(&desk, &id, about.as_deref(), &[], &[]).await
}

async fn show(
    desk: &Desk,
    id: &str,
    about: Option<&str>,
    given: &[(String, String)],
    errors: &[FieldError],
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let all = questionnaires::asked(&mut reading, &pack, &desk.standing).await?;
    let wanted = |asked: &&Asked<'_>| {
        asked.questionnaire.id == id && asked.about.as_ref().map(|record| record.id.to_string()).as_deref() == about
    };
    let asked = all.iter().find(wanted).ok_or(Fault::NotFound)?;
    if let Some(record) = &asked.answered {
        let says = lang.t("この設問票には、もう答えています。", "You have answered this sheet.");
        return Ok(Flash::done(says.to_owned()).at(&address(&record.register, record.id)).into_response());
    }
    let questions = questionnaires::questions(asked.questionnaire, &desk.standing);
    let of_question = |error: &&FieldError| questions.iter().any(|question| question.id == error.field);
    let others = errors.iter().filter(|error| !of_question(error)).map(|error| lang.of(&error.message).to_owned());
    let others: Vec<String> = others.collect();
    let lines: Vec<Line> = questions.iter().map(|question| line(&pack, question, given, errors, lang)).collect();
    let acknowledges = (asked.questionnaire.kind == QuestionnaireKind::Acknowledgement)
        .then(|| (pack.version.clone(), questionnaires::text_hash(&pack)));
    let page = desk.page("training", lang.of(&asked.questionnaire.title));
    let mut response = answer(&Sheet {
        page,
        id: id.to_owned(),
        about: asked.about.as_ref().map(|record| (record.id, format!("{} {}", record.number, record.name))),
        course: asked.course.as_ref().map(|course| course.name.clone()),
        lines,
        errors: errors.len() - others.len(),
        others,
        acknowledges,
        quiz: asked.questionnaire.kind == QuestionnaireKind::Training,
    })?;
    if !errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn line(pack: &Pack, question: &Question, given: &[(String, String)], errors: &[FieldError], lang: Lang) -> Line {
    let chosen = given.iter().find(|(id, _)| *id == question.id).map(|(_, answer)| answer.as_str());
    let choices = question.answers.iter();
    Line {
        id: question.id.clone(),
        text: lang.of(&question.text).to_owned(),
        choices: choices.map(|c| (c.clone(), choice_name(c, lang), chosen == Some(c.as_str()))).collect(),
        clauses: clauses(pack, question),
        error: errors.iter().find(|error| error.field == question.id).map(|error| lang.of(&error.message).to_owned()),
    }
}

/// Address and heading of what a question asks about.
fn clauses(pack: &Pack, question: &Question) -> Vec<(String, String)> {
    let found = question.clauses.iter().filter_map(|id| pack.clause(id));
    found
        .map(|clause| (format!("/documents/{}/{}", clause.id.document, clause.id.slug), clause.heading.clone()))
        .collect()
}

fn choice_name(choice: &str, lang: Lang) -> &'static str {
    match choice {
        "yes" => lang.t("はい", "Yes"),
        "no" => lang.t("いいえ", "No"),
        _ => lang.t("該当なし", "Not applicable"),
    }
}

/// `POST /questionnaires/{id}`
pub(crate) async fn send(desk: Desk, Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let sheet = pack.questionnaires.iter().find(|sheet| sheet.id == id).ok_or(Fault::NotFound)?;
    let about = posted.get("about").filter(|about| !about.is_empty());
    let subject: Option<Id> = about.map(|about| about.parse().map_err(|_| Fault::NotFound)).transpose()?;
    let pairs = sheet.questions.iter();
    let given: Vec<(String, String)> =
        pairs.filter_map(|q| Some((q.id.clone(), posted.get(&format!("q-{}", q.id))?.to_owned()))).collect();
    let mut op = desk.operation().await?;
    match questionnaires::answer(&mut op, &pack, &desk.standing, &id, subject, &given).await {
        Ok(record) => {
            op.commit().await?;
            let says = lang.t("回答を記録しました。ありがとうございました。", "Your answers are recorded. Thank you.");
            Ok(Flash::done(says.to_owned()).at(&address(&record.register, record.id)).into_response())
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(op);
            show(&desk, &id, about, &given, error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// An answer on a record's page.
pub(crate) struct Answered {
    pub(crate) text: String,
    pub(crate) answer: &'static str,
    /// Whether it is the right one, in a quiz.
    pub(crate) right: Option<bool>,
    /// An answer that asks for something to be done.
    pub(crate) bad: bool,
    pub(crate) clauses: Vec<(String, String)>,
}

/// The answers of a record that is an answered sheet.
pub(crate) fn answered(pack: &Pack, record: &Record, lang: Lang) -> Vec<Answered> {
    let Some(sheet) = questionnaires::sheet_of(pack, record) else { return Vec::new() };
    let answers = questionnaires::answers_of(record).into_iter();
    answers
        .map(|(id, given)| {
            let question = sheet.questions.iter().find(|question| question.id == id);
            let right = question.and_then(|question| question.correct.as_ref()).map(|correct| *correct == given);
            Answered {
                text: question.map_or(id, |question| lang.of(&question.text).to_owned()),
                answer: choice_name(&given, lang),
                right,
                bad: right.map_or(given == "no", |right| !right),
                clauses: question.map(|question| clauses(pack, question)).unwrap_or_default(),
            }
        })
        .collect()
}

/// A unit in the results.
struct UnitRow {
    name: String,
    asked: usize,
    answered: usize,
    /// Whole percent, rounded down: 100 only when everyone answered.
    rate: usize,
    noes: usize,
}

/// A question in the results.
struct QuestionRow {
    text: String,
    yes: usize,
    no: usize,
    other: usize,
    clauses: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "questionnaires/results.html")]
struct Results {
    page: Page,
    sheet: String,
    since: String,
    total: UnitRow,
    units: Vec<UnitRow>,
    questions: Vec<QuestionRow>,
    quiz: bool,
}

/// `GET /questionnaires/{id}/results`: rates by unit, answers by question, of those whom the reader answers for.
pub(crate) async fn results(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let sheet = pack.questionnaires.iter().find(|sheet| sheet.id == id && sheet.per.is_none());
    let sheet = sheet.ok_or(Fault::NotFound)?;
    let register = sheet.register.as_ref().and_then(|id| pack.register(id)).ok_or(Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    if !may_sum(&mut reading, &desk).await? {
        return Err(Fault::Forbidden(
            lang.t(
                "集計は、所属の情報セキュリティ管理者以上の役割で閲覧できます。",
                "Results are for section managers and above.",
            )
            .to_owned(),
        ));
    }
    let reach = reach(&mut reading, &desk).await?;
    let audience = audience(&mut reading, &pack, sheet, reach.as_deref()).await?;
    let since = questionnaires::counts_from(sheet.every, reading.today());
    let mut sheets: BTreeMap<Id, Vec<(String, String)>> = BTreeMap::new();
    for record in records::all_stored(&mut reading, &register.id).await? {
        let same = record.fields.get("questionnaire").and_then(|value| value.as_str()) == Some(id.as_str());
        if let (true, Some(person)) = (same && record.created.day() >= since, record.applicant) {
            sheets.insert(person, questionnaires::answers_of(&record));
        }
    }
    let names = units::all(&mut reading).await?;
    let mut by_unit: BTreeMap<i64, UnitRow> = BTreeMap::new();
    let mut total = UnitRow { name: lang.t("合計", "Total").to_owned(), asked: 0, answered: 0, rate: 0, noes: 0 };
    for (person, home) in &audience {
        let unit = names.iter().find(|unit| unit.id == *home);
        let place = unit.map_or(i64::MAX, |unit| unit.position);
        let name = unit.map(|unit| unit.name.clone()).unwrap_or_default();
        let row = by_unit.entry(place).or_insert(UnitRow { name, asked: 0, answered: 0, rate: 0, noes: 0 });
        let answers = sheets.get(person);
        let noes = answers.map_or(0, |answers| answers.iter().filter(|(_, answer)| answer == "no").count());
        for row in [row, &mut total] {
            row.asked += 1;
            row.answered += usize::from(answers.is_some());
            row.noes += noes;
        }
    }
    let mut units: Vec<UnitRow> = by_unit.into_values().collect();
    for row in units.iter_mut().chain([&mut total]) {
        row.rate = row.answered * 100 / row.asked.max(1);
    }
    let people: BTreeSet<Id> = audience.iter().map(|(person, _)| *person).collect();
    let counted: Vec<&Vec<(String, String)>> =
        sheets.iter().filter(|(person, _)| people.contains(person)).map(|(_, answers)| answers).collect();
    let questions = sheet.questions.iter().map(|question| question_row(&pack, question, &counted, lang)).collect();
    let page = desk.page("training", lang.t("回答の集計", "Results"));
    answer(&Results {
        page,
        sheet: lang.of(&sheet.title).to_owned(),
        since: date::long(lang, since),
        total,
        units,
        questions,
        quiz: sheet.kind == QuestionnaireKind::Training,
    })
}

fn question_row(pack: &Pack, question: &Question, sheets: &[&Vec<(String, String)>], lang: Lang) -> QuestionRow {
    let count = |wanted: &str| {
        let all = sheets.iter().flat_map(|answers| answers.iter());
        all.filter(|(id, answer)| *id == question.id && answer == wanted).count()
    };
    QuestionRow {
        text: lang.of(&question.text).to_owned(),
        yes: count("yes"),
        no: count("no"),
        other: count("not_applicable"),
        clauses: clauses(pack, question),
    }
}

/// Everyone who is asked, with the unit, within reach.
async fn audience(
    reading: &mut Reading,
    pack: &Pack,
    sheet: &Questionnaire,
    reach: Option<&[Id]>,
) -> Result<Vec<(Id, Id)>, Fault> {
    let today = reading.today();
    let all = posts::on(reading, today).await?;
    let everyone = sheet.questions.iter().any(|question| question.roles.is_empty());
    let implied = |role: &str| pack.role(role).is_some_and(|role| role.implied);
    let holds = |person: Id| {
        let roles: Vec<&str> = all.iter().filter(|p| p.person == person).map(|p| p.role.as_str()).collect();
        sheet
            .questions
            .iter()
            .flat_map(|question| &question.roles)
            .any(|role| roles.contains(&role.as_str()) || implied(role))
    };
    let mut found = Vec::new();
    for person in persons::on(reading, today).await? {
        let home = all.iter().find(|post| post.person == person.id && post.role == AFFILIATION && post.main);
        let Some(home) = home.map(|post| post.unit) else { continue };
        let within = reach.is_none_or(|units| units.contains(&home));
        if within && sheet.audience.contains(&person.category) && (everyone || holds(person.id)) {
            found.push((person.id, home));
        }
    }
    Ok(found)
}
