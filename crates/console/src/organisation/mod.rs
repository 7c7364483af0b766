//! 組織・役割: who holds which role, where a role is vacant, the tree of units, a unit with its people, a person with the posts held.

pub(crate) mod absences;
mod people;

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use ledger::people::{AFFILIATION, Person, Post, Unit, persons, posts, units};
use ledger::{Id, Reading};
use pack::Pack;
use pack::model::RoleLevel;

pub(crate) use people::{person, unit};

use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer};
use crate::visit::Desk;

/// Everything about people on one day.
struct Staff {
    units: Vec<Unit>,
    posts: Vec<Post>,
    people: BTreeMap<Id, Person>,
}

impl Staff {
    async fn today(reading: &mut Reading) -> Result<Self, Fault> {
        let day = reading.today();
        let people = persons::on(reading, day).await?.into_iter().map(|person| (person.id, person)).collect();
        Ok(Self { units: units::on(reading, day).await?, posts: posts::on(reading, day).await?, people })
    }

    fn unit_name(&self, id: Id) -> &str {
        self.units.iter().find(|unit| unit.id == id).map(|unit| unit.name.as_str()).unwrap_or_default()
    }

    fn holders<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a Post> {
        self.posts.iter().filter(move |post| post.role == role)
    }

    fn link(&self, post: &Post) -> Link {
        let name = self.people.get(&post.person).map(shown_name).unwrap_or_default();
        Link {
            to: format!("/organisation/people/{}", post.person),
            name,
            note: if post.acting { "職務代理" } else { "" },
        }
    }
}

/// The name as it can be shown everywhere.
pub(crate) fn shown_name(person: &Person) -> String {
    person.name_shown.clone().unwrap_or_else(|| person.name.clone())
}

/// A person or unit to go to.
struct Link {
    to: String,
    name: String,
    note: &'static str,
}

/// A role of the whole city in the chart.
struct RoleRow {
    name: String,
    holders: Vec<(Link, String)>,
    vacant: bool,
}

/// A unit in the tree.
struct UnitRow {
    id: String,
    name: String,
    depth: usize,
    heads: Vec<Link>,
    /// The role that should head it and has no holder.
    vacant: Option<String>,
    members: usize,
}

#[derive(Template)]
#[template(path = "organisation/chart.html")]
struct Chart {
    page: Page,
    roles: Vec<RoleRow>,
    units: Vec<UnitRow>,
    people: usize,
    vacancies: usize,
}

/// `GET /organisation`
pub(crate) async fn chart(desk: Desk) -> Result<Response, Fault> {
    inside(&desk)?;
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let staff = Staff::today(&mut reading).await?;
    let roles: Vec<RoleRow> = city_roles(&pack, &staff, lang);
    let mut rows = Vec::new();
    for root in
        staff.units.iter().filter(|unit| unit.parent.is_none_or(|parent| !staff.units.iter().any(|u| u.id == parent)))
    {
        add_unit(&pack, &staff, lang, root, 0, &mut rows);
    }
    let vacancies =
        roles.iter().filter(|row| row.vacant).count() + rows.iter().filter(|row| row.vacant.is_some()).count();
    let page = desk.page("organisation", lang.t("組織・役割", "Organisation and roles"));
    answer(&Chart { page, roles, units: rows, people: staff.people.len(), vacancies })
}

/// Contractors have no business with the city's chart.
fn inside(desk: &Desk) -> Result<(), Fault> {
    if desk.outside() { Err(Fault::NotFound) } else { Ok(()) }
}

fn city_roles(pack: &Pack, staff: &Staff, lang: Lang) -> Vec<RoleRow> {
    let roles = pack.roles.iter().filter(|role| role.level == RoleLevel::Municipality && !role.implied);
    roles
        .map(|role| {
            let holders: Vec<_> =
                staff.holders(&role.id).map(|post| (staff.link(post), staff.unit_name(post.unit).to_owned())).collect();
            RoleRow { name: lang.of(&role.name).to_owned(), vacant: holders.is_empty(), holders }
        })
        .collect()
}

fn add_unit(pack: &Pack, staff: &Staff, lang: Lang, unit: &Unit, depth: usize, rows: &mut Vec<UnitRow>) {
    if depth > 12 {
        return;
    }
    let level = match unit.level.as_str() {
        "bureau" => Some(RoleLevel::Bureau),
        "section" => Some(RoleLevel::Section),
        _ => None,
    };
    // The role that heads a unit of this level: the highest of those that one person holds at a time.
    let head =
        pack.roles.iter().filter(|role| Some(role.level) == level && role.most == Some(1)).max_by_key(|role| role.rank);
    let heads: Vec<Link> = match head {
        Some(role) => {
            staff.holders(&role.id).filter(|post| post.unit == unit.id).map(|post| staff.link(post)).collect()
        }
        None => Vec::new(),
    };
    let vacant = head.filter(|_| heads.is_empty()).map(|role| lang.of(&role.name).to_owned());
    let members = staff.holders(AFFILIATION).filter(|post| post.unit == unit.id).count();
    rows.push(UnitRow {
        id: unit.id.to_string(),
        name: unit.name.clone(),
        depth: depth.min(4),
        heads,
        vacant,
        members,
    });
    for child in staff.units.iter().filter(|child| child.parent == Some(unit.id)) {
        add_unit(pack, staff, lang, child, depth + 1, rows);
    }
}
