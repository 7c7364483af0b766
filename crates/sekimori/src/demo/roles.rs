//! Who holds which role in 関守市（架空）, and the accounts that the demo prints.

use ledger::people::accounts;
use ledger::permission::{Office, office};
use ledger::{Id, Result};
use serde::{Deserialize, Serialize};

use super::city::City;
use super::people::Person;
use super::units::{self, Level};

/// An account of the demo, as it is printed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    /// To sign in with.
    pub(crate) login: String,
    /// The same for all, and only for made-up data.
    pub(crate) password: String,
    /// Whose it is.
    pub(crate) who: String,
    /// Base32, for roles above staff.
    pub(crate) totp: Option<String>,
}

/// The password of every printed account: long, plainly for trying things out.
const PASSWORD: &str = "sekimori-demo-2026";

/// Somebody beside the regular staff: login, name, reading, category, unit, roles.
type Extra = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const EXTRAS: &[Extra] = &[
    ("ciso", "山本 隆", "やまもと たかし", "special_full_time", "000", &["ciso"]),
    ("kigyocho", "水野 満", "みずの みつる", "special_full_time", "900", &["ciso", "committee_member"]),
    ("kansaiin", "神納 修", "かんのう おさむ", "committee_head", "130", &["audit_commissioner"]),
    ("auditor", "外山 監査", "とやま かんさ", "contractor", "130", &["auditor"]),
    ("vendor", "委託 太郎", "いたく たろう", "contractor", "0105", &["contractor"]),
];

/// Roles of the regular staff: login (or none), unit, place, roles.
type Posted = (Option<&'static str>, &'static str, usize, &'static [&'static str]);

const POSTED: &[Posted] = &[
    (Some("tokatsu"), "010", 0, &["chief_security_officer", "committee_member"]),
    (Some("admin"), "0105", 3, &["secretariat"]),
    (None, "0105", 4, &["secretariat"]),
    (Some("system"), "0105", 0, &["system_manager", "lan_manager"]),
    (Some("csirt"), "0105", 2, &["csirt"]),
    (Some("sysadmin"), "0105", 5, &["product_administrator", "system_operator"]),
    (None, "0101", 0, &["csirt"]),
    (None, "0102", 3, &["personnel"]),
    (None, "020", 0, &["deputy_ciso", "committee_member"]),
    (Some("kansa"), "1301", 0, &["audit_chief"]),
    (Some("koho"), "0202", 0, &[]),
    (Some("nozei"), "0303", 0, &[]),
    (Some("doboku"), "0802", 0, &["system_manager"]),
    (Some("head"), "0301", 0, &["system_manager"]),
    (Some("deputy"), "0301", 1, &[]),
    (Some("tanto"), "0301", 2, &[]),
    (Some("shomu"), "0301", 4, &[]),
    (Some("staff"), "0301", 3, &[]),
    (Some("bucho"), "030", 0, &["committee_member"]),
    (Some("gikai"), "1701", 0, &[]),
    // The joint body has its own officers.
    (None, "9001", 0, &["chief_security_officer", "committee_member"]),
    (None, "9001", 3, &["secretariat"]),
    (None, "9001", 5, &["system_manager", "lan_manager"]),
];

/// The fewest regular staff of a unit: one for each place whose duties the city cannot do without, however small it is made, so
/// that duties which are kept apart stay apart.
pub(crate) fn least_staff(unit: &str) -> usize {
    let places = POSTED.iter().filter(|(_, of, ..)| *of == unit).map(|(_, _, place, _)| place + 1);
    places.max().unwrap_or(0)
}

/// Gives every unit its head, deputy and security staff, and the city its officers; makes the printed accounts.
pub(crate) async fn appoint(city: &mut City) -> Result<Vec<Account>> {
    let start = city.fiscal_start(2);
    let at = city.at(city.days_since(start), 30);
    let mut op = city.setup(at).await?;
    for unit in units::all() {
        let roles: &[(usize, &str)] = match unit.level {
            Level::Body => &[],
            Level::Bureau => &[(0, "bureau_security_officer")],
            Level::Section => {
                &[(0, "section_manager"), (1, "section_deputy"), (2, "section_security_staff"), (4, "general_affairs")]
            }
        };
        for (place, role) in roles {
            if let Some(person) = city.person(unit.code, *place) {
                city.give(&mut op, person, role, unit.code, start).await?;
            }
        }
    }
    for (_, unit, place, roles) in POSTED {
        if let Some(person) = city.somebody(unit, *place) {
            for role in *roles {
                city.give(&mut op, person, role, seat(role, unit), start).await?;
            }
        }
    }
    let mut extras = Vec::new();
    for (index, (login, name, kana, category, unit, roles)) in EXTRAS.iter().enumerate() {
        let person = Person {
            number: format!("9{index:07}"),
            name: (*name).to_owned(),
            kana: (*kana).to_owned(),
            substitute: None,
            login: (*login).to_owned(),
            category,
            unit,
            place: 9000 + index,
            note: None,
        };
        let id = city.add_person(&mut op, &person, start).await?;
        for role in *roles {
            city.give(&mut op, id, role, seat(role, unit), start).await?;
        }
        extras.push((person, id));
    }
    op.commit().await?;
    city.people.extend(extras);
    accounts_of(city).await
}

/// Where a role is held: officers of a whole body hold their post at its root, so that nothing is out of their line.
fn seat(role: &str, unit: &'static str) -> &'static str {
    match (whole_body(role), units::is_joint(unit)) {
        (false, _) => unit,
        (true, false) => "000",
        (true, true) => "900",
    }
}

fn whole_body(role: &str) -> bool {
    matches!(
        role,
        "lan_manager"
            | "ciso"
            | "deputy_ciso"
            | "chief_security_officer"
            | "secretariat"
            | "csirt"
            | "audit_chief"
            | "auditor"
            | "personnel"
    )
}

async fn accounts_of(city: &City) -> Result<Vec<Account>> {
    let mut wanted: Vec<(&str, Id, &str)> = Vec::new();
    for (login, unit, place, _) in POSTED {
        if let (Some(login), Some(person)) = (login, city.somebody(unit, *place)) {
            wanted.push((login, person, unit));
        }
    }
    for (login, .., unit, _) in EXTRAS {
        let person = city.people.iter().find(|(person, _)| person.login == *login).map(|(_, id)| *id);
        wanted.extend(person.map(|person| (*login, person, *unit)));
    }
    // マイナンバー利用事務系 at the counter: a 会計年度任用職員 of the residents' section.
    wanted.extend(city.counter().map(|id| ("madoguchi", id, "0301")));
    let mut accounts = Vec::new();
    for (login, person, unit) in wanted {
        accounts.push(add_account(city, login, person, unit).await?);
    }
    Ok(accounts)
}

async fn add_account(city: &City, login: &str, person: Id, unit: &str) -> Result<Account> {
    let at = city.at(city.days_since(city.fiscal_start(0)), 0);
    let mut op = city.setup(at).await?;
    let permit = office(&op, None, Office::Accounts, "add", "account", login)?;
    let account = accounts::add(&mut op, permit, person, login).await?;
    let mut salt = [0; 16];
    salt.copy_from_slice(&op.random(16)?);
    let hash = console::hash_password(PASSWORD, salt).map_err(ledger::Error::broken)?;
    let permit = office(&op, None, Office::Accounts, "add", "credential", account)?;
    accounts::add_credential(&mut op, permit, account, "password", "", hash).await?;
    let held = ledger::people::posts::of_person(&mut op, person).await?;
    let mut roles: Vec<_> = held.iter().filter_map(|post| city.pack.role(&post.role)).collect();
    roles.sort_by_key(|role| std::cmp::Reverse(role.rank));
    let mut totp = None;
    if roles.iter().any(|role| role.second_factor) {
        let secret = op.random(20)?;
        totp = Some(console::totp_base32(&secret));
        let permit = office(&op, None, Office::Accounts, "add", "credential", account)?;
        accounts::add_credential(&mut op, permit, account, "totp", "見本", secret).await?;
    }
    op.commit().await?;
    let name =
        city.people.iter().find(|(_, id)| *id == person).map(|(person, _)| person.name.clone()).unwrap_or_default();
    let place = units::all().into_iter().find(|place| place.code == unit).map(|place| place.name).unwrap_or_default();
    let role = roles.first().map_or("職員", |role| role.name.ja.as_str());
    Ok(Account { login: login.to_owned(), password: PASSWORD.to_owned(), who: format!("{place} {role} {name}"), totp })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duties_that_are_kept_apart_stay_apart_in_a_small_city() {
        let people = super::super::people::all(Some(100));
        for (login, unit, place, _) in POSTED {
            let there = people.iter().any(|person| person.unit == *unit && person.place == *place);
            assert!(there, "{login:?}: place {place} of {unit} would fall on somebody else");
        }
        assert_eq!(
            (seat("ciso", "9001"), seat("ciso", "0301"), seat("section_manager", "9001")),
            ("900", "000", "9001")
        );
    }
}
