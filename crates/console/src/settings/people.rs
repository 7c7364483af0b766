//! 職員・役割: units, persons and posts, each change with its day.

use askama::Template;
use axum::response::{IntoResponse, Response};
use ledger::people::{AFFILIATION, persons, posts, units};
use ledger::permission::{self, Office};
use ledger::{Day, Id, Operation};

use super::Tab;
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

struct PostRow {
    id: String,
    role: String,
    unit: String,
    from: String,
    to: String,
    ends: bool,
}

struct Found {
    code: String,
    name: String,
    posts: Vec<PostRow>,
}

#[derive(Template)]
#[template(path = "settings/people.html")]
struct People {
    page: Page,
    tabs: Vec<Tab>,
    code: String,
    found: Option<Found>,
    units: Vec<(String, String)>,
    roles: Vec<(String, String)>,
    categories: Vec<(String, String)>,
    levels: [(&'static str, &'static str); 3],
    bodies: Vec<(String, String)>,
    today: String,
}

/// `GET /settings/people?code=`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let (lang, pack) = (desk.lang(), desk.pack());
    let (page, tabs) = super::page(&desk, "/settings/people").await?;
    let mut reading = desk.reading().await?;
    let today = reading.today();
    let all_units = units::all(&mut reading).await?;
    let code = desk.query().get("code").unwrap_or_default().trim().to_owned();
    let mut found = None;
    if let Some(person) = persons::by_code(&mut reading, &code).await? {
        let held = posts::of_person(&mut reading, person.id).await?;
        let rows = held.into_iter().map(|post| PostRow {
            id: post.id.to_string(),
            role: match pack.role(&post.role) {
                Some(role) => lang.of(&role.name).to_owned(),
                None if post.role == AFFILIATION => lang.t("所属", "Unit").to_owned(),
                None => post.role.clone(),
            },
            unit: all_units.iter().find(|unit| unit.id == post.unit).map(|u| u.name.clone()).unwrap_or_default(),
            from: date::long(lang, post.from),
            // The ledger has the day after the last one.
            to: post.to.and_then(|to| to.plus_days(-1)).map(|day| date::long(lang, day)).unwrap_or_default(),
            ends: post.to.is_none_or(|to| today < to),
        });
        found = Some(Found { code: person.code.clone(), name: shown_name(&person), posts: rows.collect() });
    }
    let named = |id: &str, text: &pack::model::Text| (id.to_owned(), lang.of(text).to_owned());
    let mut roles = vec![(AFFILIATION.to_owned(), lang.t("所属（併任）", "Unit (also)").to_owned())];
    roles.extend(pack.roles.iter().filter(|role| !role.implied).map(|role| named(&role.id, &role.name)));
    let open = all_units.iter().filter(|unit| unit.to.is_none_or(|to| today < to));
    answer(&People {
        page,
        tabs,
        code,
        found,
        units: open.map(|unit| (unit.id.to_string(), format!("{} {}", unit.code, unit.name))).collect(),
        roles,
        categories: pack.staff_categories.iter().map(|category| named(&category.id, &category.name)).collect(),
        levels: [
            ("section", lang.t("課等", "Section")),
            ("bureau", lang.t("部等", "Bureau")),
            ("body", lang.t("機関", "Body")),
        ],
        bodies: pack.bodies.iter().map(|body| named(&body.id, &body.name)).collect(),
        today: today.to_string(),
    })
}

/// `POST /settings/people`: `unit`, `person`, `give`, `end`.
pub(crate) async fn act(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let lang = desk.lang();
    let back = format!("/settings/people?code={}", crate::page::link::encode(posted.text("code")));
    let mut op = desk.operation().await?;
    let done = match posted.text("act") {
        "unit" => add_unit(&desk, &mut op, &posted).await,
        "person" => add_person(&desk, &mut op, &posted).await,
        "give" => give(&desk, &mut op, &posted).await,
        "end" => end(&desk, &mut op, &posted).await,
        _ => return Err(Fault::NotFound),
    };
    match done {
        Ok(()) => {
            op.commit().await?;
            Ok(Flash::done(lang.t("記録しました。", "Recorded.")).at(&back).into_response())
        }
        Err(error) if error.kind() == ledger::Kind::Forbidden => Err(error.into()),
        Err(error) => {
            let says = error.fields().first().map_or_else(|| error.message().clone(), |field| field.message.clone());
            Ok(Flash::failed(lang.of(&says)).at(&back).into_response())
        }
    }
}

fn leave(desk: &Desk, op: &Operation, act: &str, kind: &str, id: &str) -> ledger::Result<ledger::Permit> {
    permission::office(op, Some(&desk.standing), Office::People, act, kind, id)
}

fn day(posted: &Posted, field: &str) -> ledger::Result<Option<Day>> {
    let wrong = |_| {
        ledger::Error::new(
            ledger::Kind::Invalid,
            "日付を「2027-04-01」の形で入力してください。",
            "Give the day as 2027-04-01.",
        )
    };
    let text = posted.text(field);
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

async fn add_unit(desk: &Desk, op: &mut Operation, posted: &Posted) -> ledger::Result<()> {
    let permit = leave(desk, op, "add", "unit", "")?;
    let parent = posted.text("unit");
    let unit = units::NewUnit {
        code: posted.text("unit_code").to_owned(),
        name: posted.text("name").to_owned(),
        body: posted.text("body").to_owned(),
        level: posted.text("level").to_owned(),
        parent: if parent.is_empty() { None } else { Some(parent.parse()?) },
        position: 0,
        from: day(posted, "from")?.unwrap_or_else(|| op.today()),
    };
    units::add(op, permit, unit).await.map(drop)
}

async fn add_person(desk: &Desk, op: &mut Operation, posted: &Posted) -> ledger::Result<()> {
    let permit = leave(desk, op, "add", "person", "")?;
    let from = day(posted, "from")?.unwrap_or_else(|| op.today());
    let data = persons::PersonData {
        code: posted.text("code").to_owned(),
        name: posted.text("name").to_owned(),
        name_shown: None,
        kana: posted.text("kana").to_owned(),
        mail: posted.text("mail").to_owned(),
        category: posted.text("category").to_owned(),
        from,
        to: day(posted, "to")?.and_then(|to| to.plus_days(1)),
    };
    let person = persons::add(op, permit, data).await?;
    let unit: Id = posted.text("unit").parse()?;
    let permit = leave(desk, op, "give", "post", "")?;
    let role = AFFILIATION.to_owned();
    posts::give(op, permit, posts::NewPost { person, role, unit, main: true, acting: false, from, to: None })
        .await
        .map(drop)
}

async fn give(desk: &Desk, op: &mut Operation, posted: &Posted) -> ledger::Result<()> {
    let permit = leave(desk, op, "give", "post", "")?;
    let Some(person) = persons::by_code(op, posted.text("code")).await? else {
        return Err(ledger::Error::not_found("その職員番号の職員", "person with this number"));
    };
    let role = posted.text("role").to_owned();
    let known = role == AFFILIATION || desk.pack().role(&role).is_some();
    if !known {
        return Err(ledger::Error::not_found("その役割", "role"));
    }
    let post = posts::NewPost {
        person: person.id,
        role,
        unit: posted.text("unit").parse()?,
        main: false,
        acting: posted.get("acting").is_some(),
        from: day(posted, "from")?.unwrap_or_else(|| op.today()),
        to: day(posted, "to")?.and_then(|to| to.plus_days(1)),
    };
    posts::give(op, permit, post).await.map(drop)
}

/// Ends a post: the form asks for its last day.
async fn end(desk: &Desk, op: &mut Operation, posted: &Posted) -> ledger::Result<()> {
    let id: Id = posted.text("id").parse()?;
    let permit = leave(desk, op, "end", "post", posted.text("id"))?;
    let last = day(posted, "to")?.unwrap_or_else(|| op.today());
    posts::end(op, permit, id, last.plus_days(1).unwrap_or(last)).await
}
