//! 監査計画 of 関守市（架空）: a 中期計画 of three years for every section and system but one that was forgotten, and the 年度計画 of this
//! year, both approved by the committee and the CISO.

use ledger::kinds::audit::{Line, Target, What, When};
use ledger::records;
use ledger::{Actor, Id, Result};
use serde_json::{Value as Json, json};

use super::city::City;
use super::units::{self, Level};

/// The theme of this year's audit.
pub(crate) const OUTSOURCING: &str = "外部委託";
/// The section that nobody planned for: クリーンセンター.
const FORGOTTEN: &str = "0603";
/// Sections and the month for which this year's plan names them.
const THIS_YEAR: [(&str, &str); 6] = [
    ("0301", "１０月"),
    ("0303", "１０月"),
    ("0304", "１０月"),
    ("0105", "１０月"),
    ("1104", "１０月"),
    ("0203", "２月"),
];

/// The system that is audited this year.
const AUDITED: &str = "住民記録システム";

/// The systems: name, record, number; the one that is audited first.
pub(crate) async fn systems(city: &City) -> Result<Vec<(String, String, String)>> {
    let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(0, 0)).await?;
    let mut all = records::all_stored(&mut reading, "systems").await?;
    reading.end().await?;
    all.sort_by(|a, b| (a.name != AUDITED, &a.name).cmp(&(b.name != AUDITED, &b.name)));
    Ok(all.into_iter().map(|record| (record.name, record.id.to_string(), record.number)).collect())
}

/// Both plans; the 年度計画's record.
pub(crate) async fn plans(city: &mut City, chief: Id) -> Result<Id> {
    let year = city.today.fiscal_year();
    let mut mid = Vec::new();
    let mut of_year = Vec::new();
    let this_year = |code: &str| THIS_YEAR.iter().find(|(known, _)| *known == code).map(|(_, month)| *month);
    // The joint body audits itself.
    let city_section = |unit: &units::Unit| unit.level == Level::Section && unit.body != "water_authority";
    let planned = |unit: &units::Unit| city_section(unit) && unit.code != FORGOTTEN;
    for (at, unit) in (0..).zip(units::all().into_iter().filter(planned)) {
        let small = unit.code == "1501" || unit.code == "1601";
        let when = match this_year(unit.code) {
            Some(_) => When::Year(year),
            None if small => When::LeftOut,
            None => When::Year(year + 1 + at % 2),
        };
        let note = if small { "一人の所属であり、自己点検で確かめる" } else { "" };
        mid.push(line(when, What::Unit, unit.code, unit.name, note));
        if let Some(month) = this_year(unit.code) {
            of_year.push(line(When::Year(year), What::Unit, unit.code, unit.name, month));
        }
    }
    for (at, (name, _, number)) in (0..).zip(systems(city).await?) {
        // The first is this year's; the others are spread over the next two.
        let when = if at == 0 { year } else { year + 1 + at % 2 };
        mid.push(line(When::Year(when), What::System, &number, &name, ""));
        if at == 0 {
            of_year.push(line(When::Year(year), What::System, &number, &name, "１０月"));
        }
    }
    mid.push(line(When::Year(year), What::Theme, OUTSOURCING, OUTSOURCING, ""));
    of_year.push(line(When::Year(year), What::Theme, OUTSOURCING, OUTSOURCING, "１０月"));
    let start = city.days_since(city.fiscal_start(0));
    let of = city.fiscal_start(0).wareki().split('年').next().unwrap_or_default().to_owned();
    let mid_title = format!("監査の中期計画（{of}年度から三年）");
    plan(city, chief, start.max(225), &mid_title, "mid", mid).await?;
    plan(city, chief, start.min(140), &format!("監査の年度計画（{of}年度）"), "year", of_year).await
}

fn line(when: When, what: What, key: &str, label: &str, note: &str) -> String {
    Line { when, target: Target::new(what, key), label: label.to_owned(), note: note.to_owned() }.to_string()
}

async fn plan(city: &mut City, chief: Id, days_ago: i64, title: &str, span: &str, lines: Vec<String>) -> Result<Id> {
    let fields: Json = json!({
        "title": title, "span": span, "first_year": city.today.fiscal_year(), "lines": lines,
        "aim": "三年で全ての課とシステムを一度は監査する。委託と窓口を重点とする。",
    });
    Ok(city.apply(chief, days_ago, "audit-plans", fields).await?.id)
}
