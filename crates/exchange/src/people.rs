//! Staff as the personnel system exports them: joiners, changes, moves and leavers, dated, with every error at its cell.
//!
//! Nobody is changed for not being in the file: who is in service and missing from it is named, and nothing more.

use std::collections::HashSet;

use ledger::people::persons::{Person, PersonData};
use ledger::people::posts::{NewPost, Post};
use ledger::people::units::Unit;
use ledger::people::{AFFILIATION, Standing, persons, posts, units};
use ledger::permission::{Office, office};
use ledger::{Day, Id, Operation, Result, Sql};
use pack::Pack;
use pack::model::{FieldType, Text};
use serde_json::Value as Json;
use tables::{Address, Row, Table};

use crate::cells::{Reader, typed};
use crate::names::{Names, plain};
use crate::report::{Became, Line, Refusal, Report, text};

/// The columns: heading, whether it is needed.
pub const COLUMNS: &[(&str, bool)] = &[
    ("職員番号", true),
    ("氏名", true),
    ("代替文字", false),
    ("フリガナ", true),
    ("メール", false),
    ("職員区分", true),
    ("所属コード", true),
    ("役割", false),
    ("採用日", false),
    ("退職日", false),
];

/// What an import of staff did, or would do.
#[derive(Debug, Clone, Default)]
pub struct PeopleReport {
    /// Row by row.
    pub report: Report,
    /// Moves from one unit to another among the changes.
    pub moved: usize,
    /// Who leaves, among the changes.
    pub left: usize,
    /// 職員番号 and name of those in service who are not in the file; nothing is changed for them.
    pub missing: Vec<String>,
}

/// The wishes of one row.
struct Wish {
    row: u32,
    data: PersonData,
    unit: Id,
    /// Roles in the unit; none: the file has no such column.
    roles: Option<Vec<String>>,
}

/// What a row is read against.
struct Known<'a> {
    pack: &'a Pack,
    units: Vec<Unit>,
    on: Day,
    positions: Vec<Option<usize>>,
    marked: bool,
}

/// Takes staff in, inside the operation, as of a day. Nothing may be committed unless the report is accepted.
///
/// # Errors
/// When the store fails, or the actor may not keep staff data.
pub async fn import_people(
    op: &mut Operation,
    pack: &Pack,
    standing: Option<&Standing>,
    on: Day,
    table: &Table,
) -> Result<PeopleReport> {
    drop(office(op, standing, Office::People, "import", "person", "")?);
    let mut done = PeopleReport::default();
    let Some((headings, rows)) = table.rows.split_first() else {
        let message = text("表に見出しの行がありません。", "The table has no headings.");
        done.report.refusals.push(Refusal { at: Address { row: 1, column: 0 }, heading: String::new(), message });
        return Ok(done);
    };
    let positions = positions(headings, table.marked, &mut done.report);
    if !done.report.accepted() {
        return Ok(done);
    }
    let known = Known { pack, units: units::on(op, on).await?, on, positions, marked: table.marked };
    let mut seen: HashSet<String> = HashSet::new();
    for row in rows {
        let before = done.report.refusals.len();
        let wish = wish(&known, row, &mut done.report);
        let code = wish.data.code.clone();
        if !code.is_empty() && !seen.insert(code.clone()) {
            let message = text("この職員番号の行がほかにもあります。", "Another row has this number.");
            refuse(&known, &mut done.report, row.number, "職員番号", message);
        }
        let became = if done.report.refusals.len() > before {
            Became::Refused
        } else {
            take(op, standing, &known, wish, &mut done).await?
        };
        done.report.lines.push(Line { row: row.number, what: code, became });
    }
    for person in persons::on(op, on).await? {
        if !seen.contains(&person.code) {
            done.missing.push(format!("{} {}", person.code, person.name_shown.unwrap_or(person.name)));
        }
    }
    done.report.refusals.sort_by_key(|refusal| refusal.at);
    Ok(done)
}

fn positions(headings: &Row, marked: bool, report: &mut Report) -> Vec<Option<usize>> {
    let given: Vec<String> = headings.cells.iter().map(|cell| plain(&typed(cell, marked))).collect();
    let mut found = Vec::new();
    for (heading, needed) in COLUMNS {
        let position = given.iter().position(|other| *other == plain(heading));
        if *needed && position.is_none() {
            let all: Vec<&str> = COLUMNS.iter().map(|(heading, _)| *heading).collect();
            let message = text(
                format!("見出し「{heading}」の列がありません。列は次のとおりです：{}", all.join("、")),
                format!("There is no column '{heading}'. The columns are: {}.", all.join(", ")),
            );
            let at = Address { row: headings.number, column: 0 };
            report.refusals.push(Refusal { at, heading: (*heading).to_owned(), message });
        }
        found.push(position);
    }
    found
}

impl Known<'_> {
    fn position(&self, heading: &str) -> Option<usize> {
        let at = COLUMNS.iter().position(|(other, _)| *other == heading)?;
        self.positions.get(at).copied().flatten()
    }

    fn cell(&self, row: &Row, heading: &str) -> String {
        self.position(heading).map(|at| typed(row.cell(at), self.marked).trim().to_owned()).unwrap_or_default()
    }

    fn day(&self, row: &Row, heading: &str, report: &mut Report) -> Option<Day> {
        let at = self.position(heading)?;
        let names = Names::default();
        let reader = Reader { pack: self.pack, names: &names };
        match reader.read(&FieldType::Date, &typed(row.cell(at), self.marked), &mut |_, _| None) {
            Ok(Json::String(day)) => match day.parse() {
                Ok(day) => Some(day),
                Err(_) => {
                    let message = text(format!("「{day}」は日付ではありません。"), format!("'{day}' is no date."));
                    refuse(self, report, row.number, heading, message);
                    None
                }
            },
            Ok(_) => None,
            Err(message) => {
                refuse(self, report, row.number, heading, message);
                None
            }
        }
    }
}

fn refuse(known: &Known<'_>, report: &mut Report, row: u32, heading: &str, message: Text) {
    let column = known.position(heading).and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
    report.refusals.push(Refusal { at: Address { row, column }, heading: heading.to_owned(), message });
}

/// Reads a row. What is wrong is in the report; the wish is then not used.
fn wish(known: &Known<'_>, row: &Row, report: &mut Report) -> Wish {
    for (heading, _) in COLUMNS.iter().filter(|(_, needed)| *needed) {
        if known.cell(row, heading).is_empty() {
            refuse(known, report, row.number, heading, text("値がありません。", "This is required."));
        }
    }
    let category = known.cell(row, "職員区分");
    let categories = &known.pack.staff_categories;
    let found = categories.iter().find(|other| other.id == category || plain(&other.name.ja) == plain(&category));
    if found.is_none() && !category.is_empty() {
        let all: Vec<&str> = categories.iter().map(|other| other.name.ja.as_str()).collect();
        let message = text(
            format!("「{category}」は次のどれかにしてください：{}", all.join("、")),
            format!("'{category}' has to be one of: {}.", all.join(", ")),
        );
        refuse(known, report, row.number, "職員区分", message);
    }
    let code = known.cell(row, "所属コード");
    let unit = known.units.iter().find(|unit| plain(&unit.code) == plain(&code));
    if unit.is_none() && !code.is_empty() {
        let message = text(
            format!("所属コード「{code}」の所属は、{}にはありません。", known.on),
            format!("There is no unit with the code '{code}' on {}.", known.on),
        );
        refuse(known, report, row.number, "所属コード", message);
    }
    let roles = known.position("役割").map(|_| roles(known, row, report));
    let joined = known.day(row, "採用日", report);
    let left = known.day(row, "退職日", report);
    let shown = known.cell(row, "代替文字");
    let data = PersonData {
        code: known.cell(row, "職員番号"),
        name: known.cell(row, "氏名"),
        name_shown: (!shown.is_empty()).then_some(shown),
        kana: known.cell(row, "フリガナ"),
        mail: known.cell(row, "メール"),
        category: found.map(|found| found.id.clone()).unwrap_or_default(),
        from: joined.unwrap_or(known.on),
        to: left.and_then(|last| last.plus_days(1)),
    };
    let unit = unit.map_or(Id::from_number(0), |unit| unit.id);
    Wish { row: row.number, data, unit, roles }
}

fn roles(known: &Known<'_>, row: &Row, report: &mut Report) -> Vec<String> {
    let mut all = Vec::new();
    let cell = known.cell(row, "役割");
    for name in cell.split(['、', ',', ';', '\n']).map(str::trim).filter(|name| !name.is_empty()) {
        let role = known.pack.roles.iter().filter(|role| !role.implied);
        match role.clone().find(|role| role.id == name || plain(&role.name.ja) == plain(name)) {
            Some(role) => all.push(role.id.clone()),
            None => {
                let names: Vec<&str> = role.map(|role| role.name.ja.as_str()).collect();
                let message = text(
                    format!("「{name}」という役割はありません。次のどれかにしてください：{}", names.join("、")),
                    format!("There is no role '{name}'. There are: {}.", names.join(", ")),
                );
                refuse(known, report, row.number, "役割", message);
            }
        }
    }
    all
}

/// Brings a person in step with a row.
async fn take(
    op: &mut Operation,
    standing: Option<&Standing>,
    known: &Known<'_>,
    wish: Wish,
    done: &mut PeopleReport,
) -> Result<Became> {
    let (on, row) = (known.on, wish.row);
    let (id, is_new, mut changed) = match persons::by_code(op, &wish.data.code).await? {
        None => {
            let permit = office(op, standing, Office::People, "add", "person", &wish.data.code)?;
            (persons::add(op, permit, wish.data.clone()).await?, true, true)
        }
        Some(person) => {
            let data = kept(known, &person, wish.data.clone());
            let differs = data_of(&person) != data;
            if differs {
                if data.to != person.to && data.to.is_some() {
                    for number in names_of_running(op, person.id).await? {
                        let message = text(
                            format!("{number} の担当者です。先に後任の職員に替えてください。"),
                            format!("{number} names this person. Name a successor there first."),
                        );
                        refuse(known, &mut done.report, row, "退職日", message);
                    }
                    done.left += 1;
                }
                let permit = office(op, standing, Office::People, "change", "person", &data.code)?;
                persons::change(op, permit, person.id, data).await?;
            }
            (person.id, false, differs)
        }
    };
    let until = persons::get(op, id).await?.to;
    let held = posts::of_person(op, id).await?;
    let open = |post: &&Post| post.to.is_none_or(|to| to > on);
    if let Some(to) = until {
        for post in held.iter().filter(|post| post.to.is_none_or(|end| end > to)) {
            let permit = office(op, standing, Office::People, "end", "post", &post.role)?;
            posts::end(op, permit, post.id, to).await?;
            changed = true;
        }
        if is_new {
            give(op, standing, id, AFFILIATION, wish.unit, wish.data.from, Some(to)).await?;
        }
        return Ok(became(is_new, changed));
    }
    let home = held.iter().filter(open).find(|post| post.role == AFFILIATION && post.main);
    let moves = home.is_none_or(|home| home.unit != wish.unit);
    if moves {
        // What was held in the old unit ends with the move, unless the file says the roles itself.
        for post in held.iter().filter(open).filter(|post| {
            home.is_some_and(|home| post.id == home.id || (wish.roles.is_none() && post.unit == home.unit))
        }) {
            let permit = office(op, standing, Office::People, "end", "post", &post.role)?;
            posts::end(op, permit, post.id, on).await?;
        }
        let from = if is_new { wish.data.from } else { on };
        give(op, standing, id, AFFILIATION, wish.unit, from, None).await?;
        done.moved += usize::from(home.is_some());
        changed = true;
    }
    if let Some(roles) = &wish.roles {
        changed |= exchange_roles(op, standing, id, &wish, roles, &held, on).await?;
    }
    Ok(became(is_new, changed))
}

/// Ends the roles that a file does not name and gives those that it does; whether there was any.
async fn exchange_roles(
    op: &mut Operation,
    standing: Option<&Standing>,
    id: Id,
    wish: &Wish,
    roles: &[String],
    held: &[Post],
    on: Day,
) -> Result<bool> {
    let open = |post: &&Post| post.to.is_none_or(|to| to > on);
    let mut changed = false;
    for post in held.iter().filter(open).filter(|post| post.role != AFFILIATION) {
        if post.unit != wish.unit || !roles.contains(&post.role) {
            let permit = office(op, standing, Office::People, "end", "post", &post.role)?;
            posts::end(op, permit, post.id, on).await?;
            changed = true;
        }
    }
    for role in roles {
        let has = held.iter().filter(open).any(|post| post.unit == wish.unit && post.role == *role);
        if !has {
            give(op, standing, id, role, wish.unit, on.max(wish.data.from), None).await?;
            changed = true;
        }
    }
    Ok(changed)
}

fn became(is_new: bool, changed: bool) -> Became {
    match (is_new, changed) {
        (true, _) => Became::New,
        (false, true) => Became::Changed,
        (false, false) => Became::Unchanged,
    }
}

fn data_of(person: &Person) -> PersonData {
    PersonData {
        code: person.code.clone(),
        name: person.name.clone(),
        name_shown: person.name_shown.clone(),
        kana: person.kana.clone(),
        mail: person.mail.clone(),
        category: person.category.clone(),
        from: person.from,
        to: person.to,
    }
}

/// What the file does not say stays as it is.
fn kept(known: &Known<'_>, person: &Person, mut data: PersonData) -> PersonData {
    let has = |heading: &str| known.position(heading).is_some();
    if !has("代替文字") {
        data.name_shown.clone_from(&person.name_shown);
    }
    if !has("メール") {
        data.mail.clone_from(&person.mail);
    }
    if !has("採用日") {
        data.from = person.from;
    }
    if !has("退職日") {
        data.to = person.to;
    }
    data
}

async fn give(
    op: &mut Operation,
    standing: Option<&Standing>,
    person: Id,
    role: &str,
    unit: Id,
    from: Day,
    to: Option<Day>,
) -> Result<()> {
    let permit = office(op, standing, Office::People, "give", "post", role)?;
    let main = role == AFFILIATION;
    let post = NewPost { person, role: role.to_owned(), unit, main, acting: false, from, to };
    posts::give(op, permit, post).await.map(|_| ())
}

/// Numbers of records that are not at their end and name a person in a field, at most ten.
async fn names_of_running(op: &mut Operation, person: Id) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT r.number FROM record_link l JOIN record r ON r.id = l.record_id WHERE l.kind = 'person' \
               AND l.target = $1 AND r.final_day IS NULL AND r.disposed_at IS NULL ORDER BY r.number LIMIT 10";
    op.rows(Sql::new(sql, [person.into()])).await?.iter().map(|row| row.text(0)).collect()
}
