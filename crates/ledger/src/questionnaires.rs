//! Questionnaires (照会・自己点検・研修の確認): who is asked what, and the answers, which are records of the register that the pack
//! names. Each answer stands there as `question:answer`.

use pack::Pack;
use pack::model::{FieldType, Period, Question, Questionnaire, QuestionnaireKind, Register};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::journal::entry::hex;
use crate::people::{Standing, persons};
use crate::records::{self, Change, Filter, NewRecord, Query, Record};
use crate::{Day, Error, FieldError, Id, Kind, Operation, Reading, Result, permission};

/// A sheet that a person is asked to answer.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The questionnaire.
    pub questionnaire: &'a Questionnaire,
    /// The register that takes the answers.
    pub register: &'a Register,
    /// The record that it is about; none: oneself.
    pub about: Option<Record>,
    /// The course whose quiz it is.
    pub course: Option<Record>,
    /// The person's last sheet that still counts.
    pub answered: Option<Record>,
}

/// The questions that a person is asked: those for everyone, and those for holders of a role that the person holds.
pub fn questions<'a>(asked: &'a Questionnaire, standing: &Standing) -> Vec<&'a Question> {
    let mine = |question: &&Question| {
        question.roles.is_empty() || question.roles.iter().any(|role| standing.holds_itself(role))
    };
    asked.questions.iter().filter(mine).collect()
}

/// The first day whose answers still count on a day.
pub fn counts_from(every: Period, today: Day) -> Day {
    let begins = match every {
        Period::Years(years) => today.plus_months(-12 * i64::from(years)),
        Period::Months(months) => today.plus_months(-i64::from(months)),
        Period::Days(days) => today.plus_days(-i64::from(days)),
    };
    begins.unwrap_or(Day::FIRST)
}

/// SHA-256 (hexadecimal) of everything that the policy says: each document's id, each clause's heading and text.
pub fn text_hash(pack: &Pack) -> String {
    let mut digest = Sha256::new();
    for clause in pack.documents.iter().flat_map(|document| &document.clauses) {
        for part in [&clause.id.to_string(), &clause.heading, &clause.body] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
    }
    hex(&digest.finalize())
}

/// Everything that a person is asked, answered or not, in the order of the pack.
pub async fn asked<'a>(reading: &mut Reading, pack: &'a Pack, standing: &Standing) -> Result<Vec<Asked<'a>>> {
    asked_by(reading, pack, standing, pack.questionnaires.iter()).await
}

async fn asked_by<'a>(
    reading: &mut Reading,
    pack: &'a Pack,
    standing: &Standing,
    sheets: impl Iterator<Item = &'a Questionnaire>,
) -> Result<Vec<Asked<'a>>> {
    let person = persons::get(reading, standing.person).await?;
    let mut all = Vec::new();
    let Some(home) = standing.home else { return Ok(all) };
    for questionnaire in sheets {
        let register = questionnaire.register.as_ref().and_then(|id| pack.register(id));
        let Some(register) = register else { continue };
        let subject_chosen = questionnaire.per.is_some();
        if (!subject_chosen && !questionnaire.audience.contains(&person.category))
            || questions(questionnaire, standing).is_empty()
            || permission::create(reading, Some(standing), register, home).await.is_err()
        {
            continue;
        }
        let course = match questionnaire.kind {
            QuestionnaireKind::Training => match open_course(reading, pack, register, questionnaire).await? {
                Some(course) => Some(course),
                None => continue,
            },
            _ => None,
        };
        for about in abouts(reading, pack, standing, questionnaire).await? {
            let answered = answered(reading, pack, standing, questionnaire, register, about.as_ref()).await?;
            all.push(Asked { questionnaire, register, about, course: course.clone(), answered });
        }
    }
    Ok(all)
}

/// What a person answers about: the running records in the person's hands, or once nothing but oneself.
async fn abouts(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    questionnaire: &Questionnaire,
) -> Result<Vec<Option<Record>>> {
    let Some(per) = &questionnaire.per else { return Ok(vec![None]) };
    let Some(register) = pack.register(&per.register) else { return Ok(Vec::new()) };
    let mine = Filter::Is(per.person.clone(), vec![standing.person.to_string()]);
    let running = Filter::Is("state".to_owned(), running(register));
    let query = Query { filters: vec![mine, running], limit: records::PAGE_MAX, ..Query::default() };
    let found = records::list(reading, pack, Some(standing), register, &query).await?;
    Ok(found.items.into_iter().map(Some).collect())
}

/// States of a record that is neither a draft nor at its end.
fn running(register: &Register) -> Vec<String> {
    let states = register.lifecycle.states.iter();
    states.filter(|s| !s.is_final && s.id != register.lifecycle.initial).map(|state| state.id.clone()).collect()
}

/// The field of a register that refers to another register.
fn refers<'a>(register: &'a Register, to: &str) -> Option<&'a str> {
    let field = register.fields.iter().find(|field| matches!(&field.ty, FieldType::Ref(other) if other == to));
    field.map(|field| field.id.as_str())
}

/// The running course that names a quiz, whoever asks: everyone asked may know that it runs.
async fn open_course(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    questionnaire: &Questionnaire,
) -> Result<Option<Record>> {
    let courses = match register.field("course").map(|field| &field.ty) {
        Some(FieldType::Ref(to)) => pack.register(to),
        _ => None,
    };
    let Some(courses) = courses else { return Ok(None) };
    let filters = vec![
        Filter::Is("quiz".to_owned(), vec![questionnaire.id.clone()]),
        Filter::Is("state".to_owned(), running(courses)),
    ];
    let query = Query { filters, limit: 1, ..Query::default() };
    Ok(records::list(reading, pack, None, courses, &query).await?.items.into_iter().next())
}

async fn answered(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    questionnaire: &Questionnaire,
    register: &Register,
    about: Option<&Record>,
) -> Result<Option<Record>> {
    let mut filters = vec![
        Filter::Is("questionnaire".to_owned(), vec![questionnaire.id.clone()]),
        Filter::Is("applicant".to_owned(), vec![standing.person.to_string()]),
    ];
    if let Some(about) = about
        && let Some(field) = refers(register, &about.register)
    {
        filters.push(Filter::Is(field.to_owned(), vec![about.id.to_string()]));
    }
    if questionnaire.kind == QuestionnaireKind::Acknowledgement {
        // Whoever confirmed an earlier edition is asked again.
        filters.push(Filter::Is("edition".to_owned(), vec![pack.version.clone()]));
    }
    let query = Query { filters, limit: 1, ..Query::default() };
    let last = records::list(reading, pack, Some(standing), register, &query).await?.items.into_iter().next();
    let since = counts_from(questionnaire.every, reading.today());
    Ok(last.filter(|record| record.created.day() >= since))
}

/// An answer: the question's id and the choice.
pub type Answer = (String, String);

/// Records a sheet that the person is asked to answer. Every question has to be answered with one of its choices.
pub async fn answer(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    questionnaire: &str,
    about: Option<Id>,
    answers: &[Answer],
) -> Result<Record> {
    let sheets = pack.questionnaires.iter().filter(|sheet| sheet.id == questionnaire);
    let all = asked_by(op, pack, standing, sheets).await?;
    let mine = |asked: &&Asked<'_>| {
        asked.questionnaire.id == questionnaire && asked.about.as_ref().map(|record| record.id) == about
    };
    let Some(asked) = all.iter().find(mine) else {
        return Err(Error::not_found("あなたが答える設問票", "question sheet for you"));
    };
    if let Some(before) = &asked.answered {
        return Err(Error::refused(
            format!("この設問票には、もう答えています（{}）。", before.number),
            format!("You have answered this sheet ({}).", before.number),
        ));
    }
    let questions = questions(asked.questionnaire, standing);
    complete(&questions, answers)?;
    let unit = asked.about.as_ref().map(|record| record.unit);
    let new = NewRecord { unit, paper: None, fields: fields(op, pack, asked, standing, &questions, answers) };
    let mut record = records::create(op, pack, Some(standing), asked.register, new).await?;
    for (at, id) in asked.questionnaire.submit.iter().enumerate() {
        let Some(transition) = asked.register.transition(id) else { continue };
        let change = Change { version: Some(record.version), ..Change::default() };
        match records::step(op, pack, Some(standing), asked.register, record.id, transition, change).await {
            Ok(moved) => record = moved,
            // The later ones are taken when their condition holds.
            Err(error) if at > 0 && error.kind() == Kind::Refused => break,
            Err(error) => return Err(error),
        }
    }
    Ok(record)
}

fn complete(questions: &[&Question], answers: &[Answer]) -> Result<()> {
    let mut wrong = Vec::new();
    for question in questions {
        let given = answers.iter().find(|(id, _)| *id == question.id).map(|(_, answer)| answer);
        if given.is_none_or(|answer| !question.answers.contains(answer)) {
            wrong.push(FieldError {
                field: question.id.clone(),
                message: crate::error::text("答えを一つ選んでください。", "Choose one answer."),
            });
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

fn fields(
    op: &Reading,
    pack: &Pack,
    asked: &Asked<'_>,
    standing: &Standing,
    questions: &[&Question],
    answers: &[Answer],
) -> Map<String, Json> {
    let (sheet, register, today) = (asked.questionnaire, asked.register, op.today().to_string());
    let given = |question: &Question| {
        answers.iter().find(|(id, _)| *id == question.id).map_or("", |(_, answer)| answer.as_str())
    };
    let sheet_answers: Vec<String> = questions.iter().map(|q| format!("{}:{}", q.id, given(q))).collect();
    let noes: Vec<&&Question> = questions.iter().filter(|question| given(question) == "no").collect();
    let mut fields = Map::new();
    let mut set = |field: &str, value: Json| {
        if register.field(field).is_some() {
            fields.insert(field.to_owned(), value);
        }
    };
    let title = match &asked.about {
        Some(about) => format!("{}：{}", sheet.title.ja, about.name),
        None => sheet.title.ja.clone(),
    };
    set("title", json!(title.chars().take(100).collect::<String>()));
    set("questionnaire", json!(sheet.id));
    set("answers", json!(sheet_answers));
    if asked.about.is_none() {
        set("person", json!(standing.person.to_string()));
    }
    match sheet.kind {
        QuestionnaireKind::Acknowledgement => {
            set("edition", json!(pack.version));
            set("text_hash", json!(text_hash(pack)));
            set("confirmed_on", json!(today));
        }
        QuestionnaireKind::SelfCheck => {
            set("answered_on", json!(today));
            set("no_count", json!(noes.len()));
        }
        QuestionnaireKind::Training => {
            let right = questions.iter().filter(|q| q.correct.as_deref() == Some(given(q))).count();
            set("taken_on", json!(today));
            set("score", json!(right * 100 / questions.len().max(1)));
            set("course", json!(asked.course.as_ref().map(|course| course.id.to_string())));
        }
        QuestionnaireKind::VendorCheck => {
            set("checked_on", json!(today));
            set("result", json!(if noes.is_empty() { "good" } else { "shortfall" }));
            let list: Vec<String> = noes.iter().map(|question| format!("・{}", question.text.ja)).collect();
            set("findings", if list.is_empty() { Json::Null } else { json!(list.join("\n")) });
        }
    }
    for (field, value) in &sheet.fills {
        set(field, json!(value));
    }
    if let Some(about) = &asked.about
        && let Some(field) = refers(register, &about.register)
    {
        set(field, json!(about.id.to_string()));
    }
    fields.retain(|_, value| !value.is_null());
    fields
}

/// The answers of a record as `(question, answer)`; empty for a record that is no answered sheet.
pub fn answers_of(record: &Record) -> Vec<Answer> {
    let values = record.fields.get("answers").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let pairs = values.iter().filter_map(|value| value.as_str()?.split_once(':'));
    pairs.map(|(question, answer)| (question.to_owned(), answer.to_owned())).collect()
}

/// The sheet that a record answers.
pub fn sheet_of<'a>(pack: &'a Pack, record: &Record) -> Option<&'a Questionnaire> {
    let id = record.fields.get("questionnaire")?.as_str()?;
    pack.questionnaires.iter().find(|q| q.id == id && q.register.as_deref() == Some(record.register.as_str()))
}
