//! pack.toml: whose policy, bodies, calendar, what is gone.

use super::ids::{Seen, Style, check_style};
use super::item::Item;
use super::table::{Table, Word};
use crate::diagnostic::Diagnostic;
use crate::model::{Axis, Body, BodyKind, Calendar, ClauseId, Municipality, NetworkModel, Retired};
use crate::report::Kind;

const MODELS: &[(&str, NetworkModel)] = &[
    ("alpha", NetworkModel::Alpha),
    ("alpha_prime", NetworkModel::AlphaPrime),
    ("beta", NetworkModel::Beta),
    ("beta_prime", NetworkModel::BetaPrime),
];
const BODY_KINDS: &[(&str, BodyKind)] = &[
    ("mayor", BodyKind::Mayor),
    ("assembly", BodyKind::Assembly),
    ("committee", BodyKind::Committee),
    ("fire", BodyKind::Fire),
    ("joint", BodyKind::Joint),
];

pub(super) struct PackToml {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) network_model: NetworkModel,
    pub(super) municipality: Municipality,
    pub(super) calendar: Calendar,
    pub(super) excluded_networks: Vec<String>,
    pub(super) bodies: Vec<Body>,
    pub(super) retired: Retired,
}

pub(super) fn read(file: &Table<'_>) -> PackToml {
    let id = file.need_word("id");
    if let Some(id) = &id {
        check_style(file.report(), id, Style::Hyphens);
    }
    let mut seen = Seen::default();
    let read = PackToml {
        id: id.map(|word| word.text).unwrap_or_default(),
        version: file.need_word("version").map(|word| word.text).unwrap_or_default(),
        network_model: file.need_one_of("network_model", MODELS).unwrap_or(NetworkModel::Alpha),
        municipality: municipality(file),
        calendar: calendar(file),
        excluded_networks: scope(file),
        bodies: file.tables("body").iter().filter_map(|table| body(table, &mut seen)).collect(),
        retired: retired(file),
    };
    file.finish();
    read
}

fn municipality(file: &Table<'_>) -> Municipality {
    let Some(table) = file.need("municipality").and_then(|item| item.table()) else {
        return Municipality { name: crate::model::Text::default(), code: None, notice: None, contact: None };
    };
    let code = table.word("code");
    if let Some(code) = &code
        && !code_is_right(&code.text)
    {
        file.report().add(
            Diagnostic::error(
                "municipality-code",
                code.site.clone(),
                format!("「{}」は全国地方公共団体コードではありません", code.text),
                format!("'{}' is no local government code", code.text),
            )
            .expected("検査数字を含む六桁", "six digits, the last a check digit")
            .help("総務省の一覧で確かめてください", "look it up in the ministry's list"),
        );
    }
    let municipality = Municipality {
        name: table.need_text("name"),
        code: code.map(|word| word.text),
        notice: table.text("notice"),
        contact: table.string("contact"),
    };
    table.finish();
    municipality
}

/// The check digit of 全国地方公共団体コード: weights 6 to 2, modulus 11.
fn code_is_right(code: &str) -> bool {
    let digits: Vec<u32> = code.chars().filter_map(|c| c.to_digit(10)).collect();
    let [a, b, c, d, e, check] = digits.as_slice() else { return false };
    let sum = a * 6 + b * 5 + c * 4 + d * 3 + e * 2;
    let right = if sum < 11 { 11 - sum } else { (11 - sum % 11) % 10 };
    code.len() == 6 && right % 10 == *check
}

fn calendar(file: &Table<'_>) -> Calendar {
    let Some(table) = file.table("calendar") else { return Calendar::default() };
    let items = table.get("holidays").map(|item| item.array()).unwrap_or_default();
    let mut holidays: Vec<_> = items.iter().filter_map(Item::day).collect();
    table.finish();
    holidays.sort();
    holidays.dedup();
    Calendar { holidays }
}

fn scope(file: &Table<'_>) -> Vec<String> {
    let Some(table) = file.table("scope") else { return Vec::new() };
    let networks = table.names("excluded_networks", &Kind::Zone);
    table.finish();
    networks
}

fn body(table: &Table<'_>, seen: &mut Seen) -> Option<Body> {
    let id = seen.id(table, Style::Underscores);
    let name = table.need_text("name");
    let kind = table.need_one_of("kind", BODY_KINDS).unwrap_or(BodyKind::Mayor);
    let in_scope = table.flag("in_scope", true);
    let adopts = table.flag("adopts", false);
    let adopted_by = table.name("adopted_by", &Kind::Body);
    table.finish();
    let id = id?;
    Some(Body { id: id.text, name, kind, in_scope, adopts, adopted_by, site: id.site })
}

fn retired(file: &Table<'_>) -> Retired {
    let Some(table) = file.table("retired") else { return Retired::default() };
    let plain = |key| table.words(key).into_iter().map(|word| word.text).collect();
    let clauses = table.words("clauses");
    let retired = Retired {
        registers: plain("registers"),
        controls: plain("controls"),
        clauses: clauses.iter().filter_map(|word| clause_id(&table, word)).collect(),
        roles: table.entries("roles").into_iter().filter_map(|(old, heir)| role_heir(old, &heir)).collect(),
        classes: table
            .entries("classes")
            .into_iter()
            .filter_map(|(old, heir)| class_heir(&table, &old, &heir))
            .collect(),
    };
    table.finish();
    retired
}

fn role_heir(old: Word, heir: &Item<'_>) -> Option<(String, Option<String>)> {
    let text = heir.str()?;
    if text.is_empty() {
        return Some((old.text, None));
    }
    heir.refer(&Kind::Role, text);
    Some((old.text, Some(text.to_owned())))
}

fn class_heir(table: &Table<'_>, old: &Word, heir: &Item<'_>) -> Option<(Axis, String, String)> {
    let axes = [Axis::Confidentiality, Axis::Integrity, Axis::Availability];
    let found = old.text.split_once('.').and_then(|(axis, class)| {
        let axis = axes.into_iter().find(|known| known.id() == axis)?;
        Some((axis, class.to_owned()))
    });
    let Some((axis, class)) = found else {
        table.report().add(
            Diagnostic::error(
                "value-invalid",
                old.site.clone(),
                format!("「{}」は分類の名ではありません", old.text),
                format!("'{}' is no class", old.text),
            )
            .expected("confidentiality.3 の形", "such as confidentiality.3")
            .help("軸と分類を . でつないでください", "join axis and class with a dot"),
        );
        return None;
    };
    Some((axis, class, heir.word()?.text))
}

/// A clause's id as written: `standard#assets`.
pub(super) fn clause_id(table: &Table<'_>, word: &Word) -> Option<ClauseId> {
    if let Some((document, slug)) = word.text.split_once('#')
        && !document.is_empty()
        && !slug.is_empty()
    {
        return Some(ClauseId { document: document.to_owned(), slug: slug.to_owned() });
    }
    table.report().add(
        Diagnostic::error(
            "value-invalid",
            word.site.clone(),
            format!("「{}」は条項の名ではありません", word.text),
            format!("'{}' is no clause", word.text),
        )
        .expected("standard#assets のような「文書#見出し」", "document#slug, such as standard#assets")
        .help(
            "文書の id と見出しの {#…} を # でつないでください",
            "join the document's id and the heading's slug with #",
        ),
    );
    None
}

/// Clauses under a key, each of which has to exist.
pub(super) fn clauses(table: &Table<'_>, key: &'static str) -> Vec<ClauseId> {
    let mut ids = Vec::new();
    for word in table.words(key) {
        if let Some(id) = clause_id(table, &word) {
            table.report().refer(Kind::Clause, word.text.clone(), word.site.clone());
            ids.push(id);
        }
    }
    ids
}
