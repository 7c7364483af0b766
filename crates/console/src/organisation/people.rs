//! One unit with its people; one person with the posts held.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::Id;
use ledger::people::{AFFILIATION, persons, posts, units};

use super::{Link, Staff, inside, shown_name};
use crate::page::fault::Fault;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

/// A member of a unit.
struct Member {
    link: Link,
    category: String,
    roles: Vec<String>,
    main: bool,
}

#[derive(Template)]
#[template(path = "organisation/unit.html")]
struct UnitPage {
    page: Page,
    above: Vec<(String, String)>,
    below: Vec<(String, String)>,
    members: Vec<Member>,
    since: String,
    code: String,
    id: String,
}

/// `GET /organisation/units/{id}`
pub(crate) async fn unit(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    inside(&desk)?;
    let id: Id = id.parse().map_err(|_| Fault::NotFound)?;
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let unit = units::get(&mut reading, id).await?;
    let staff = Staff::today(&mut reading).await?;
    let role_name = |role: &str| pack.role(role).map(|role| lang.of(&role.name).to_owned());
    let member = |post: &ledger::people::Post| Member {
        link: staff.link(post),
        category: staff
            .people
            .get(&post.person)
            .and_then(|person| pack.staff_categories.iter().find(|category| category.id == person.category))
            .map(|category| lang.of(&category.name).to_owned())
            .unwrap_or_default(),
        roles: staff
            .posts
            .iter()
            .filter(|p| p.person == post.person && p.unit == id)
            .filter_map(|p| role_name(&p.role))
            .collect(),
        main: post.main,
    };
    let members = staff.holders(AFFILIATION).filter(|post| post.unit == id).map(member).collect();
    let mut above = Vec::new();
    let mut next = unit.parent;
    while let Some(parent) = next.and_then(|id| staff.units.iter().find(|u| u.id == id)) {
        above.insert(0, (parent.id.to_string(), parent.name.clone()));
        next = parent.parent.filter(|_| above.len() < 12);
    }
    let below =
        staff.units.iter().filter(|u| u.parent == Some(id)).map(|u| (u.id.to_string(), u.name.clone())).collect();
    let page = desk.page("organisation", &unit.name);
    let since = date::long(lang, unit.from);
    answer(&UnitPage { page, above, below, members, since, code: unit.code, id: id.to_string() })
}

/// A post that a person holds or held.
struct PostRow {
    role: String,
    unit: (String, String),
    from: String,
    to: String,
    now: bool,
    note: &'static str,
}

#[derive(Template)]
#[template(path = "organisation/person.html")]
struct PersonPage {
    page: Page,
    code: String,
    kana: String,
    category: String,
    mail: String,
    posts: Vec<PostRow>,
}

/// `GET /organisation/people/{id}`
pub(crate) async fn person(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    inside(&desk)?;
    let id: Id = id.parse().map_err(|_| Fault::NotFound)?;
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let person = persons::get(&mut reading, id).await?;
    let today = reading.today();
    let held = posts::of_person(&mut reading, id).await?;
    let all_units = units::all(&mut reading).await?;
    let rows = held.into_iter().map(|post| {
        let unit = all_units.iter().find(|unit| unit.id == post.unit);
        let belongs = if post.main { lang.t("本務", "Main") } else { lang.t("併任", "Also") };
        let role = if post.role == AFFILIATION {
            format!("{}（{belongs}）", lang.t("所属", "Unit"))
        } else {
            pack.role(&post.role).map_or_else(|| post.role.clone(), |role| lang.of(&role.name).to_owned())
        };
        PostRow {
            role,
            unit: unit.map(|unit| (unit.id.to_string(), unit.name.clone())).unwrap_or_default(),
            from: date::long(lang, post.from),
            // The ledger has the day after the last one.
            to: post.to.and_then(|to| to.plus_days(-1)).map(|day| date::long(lang, day)).unwrap_or_default(),
            now: post.from <= today && post.to.is_none_or(|to| today < to),
            note: if post.acting { lang.t("職務代理", "Acting") } else { "" },
        }
    });
    let posts = rows.collect();
    let category = pack.staff_categories.iter().find(|category| category.id == person.category);
    let category = category.map(|category| lang.of(&category.name).to_owned()).unwrap_or_default();
    let page = desk.page("organisation", &shown_name(&person));
    answer(&PersonPage { page, code: person.code, kana: person.kana, category, mail: person.mail, posts })
}
