//! Contracts that need attention, on the first page of section heads (their own) and of those who answer for all.

use askama::Template;
use ledger::Reading;
use ledger::kinds::contract::{Concern, concerns, judge_all};
use ledger::kinds::registers;
use ledger::records::{self, Filter};
use pack::model::RegisterKind;

use super::words;
use crate::kinds::Panel;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::link;
use crate::registers::address;
use crate::visit::Desk;

/// Those who see every contract on their first page.
const OF_ALL: [&str; 4] = ["ciso", "deputy_ciso", "chief_security_officer", "secretariat"];
/// Those who see the contracts of their own units.
const OF_UNIT: [&str; 2] = ["section_manager", "bureau_security_officer"];
/// Contracts shown.
const SHOWN: usize = 8;

struct Row {
    to: String,
    number: String,
    name: String,
    partner: String,
    ends: String,
    concerns: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "kinds/contract/home.html")]
struct Home {
    lang: Lang,
    list: String,
    rows: Vec<Row>,
    more: usize,
}

/// The panel; none when nothing needs attention, or it is somebody else's.
pub(in crate::kinds) async fn home(reading: &mut Reading, desk: &Desk) -> Result<Option<Panel>, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), desk.today());
    let all = OF_ALL.iter().any(|role| desk.standing.holds_itself(role));
    let units: Vec<String> =
        OF_UNIT.iter().flat_map(|role| desk.standing.units_of(role)).map(|unit| unit.to_string()).collect();
    if !all && units.is_empty() {
        return Ok(None);
    }
    let Some(register) = registers(&pack, RegisterKind::Contract).next() else { return Ok(None) };
    let states = register.lifecycle.states.iter();
    let open = states.filter(|state| !state.is_final && state.id != register.lifecycle.initial);
    let mut filters = vec![Filter::Is("state".to_owned(), open.map(|state| state.id.clone()).collect())];
    if !all {
        filters.push(Filter::Is("unit".to_owned(), units));
    }
    let contracts = records::every(reading, &pack, Some(&desk.standing), register, filters).await?;
    let judged = judge_all(reading, &pack, Some(&desk.standing), register, &contracts).await?;
    let mut found: Vec<(Vec<Concern>, Row)> = Vec::new();
    for (contract, judged) in contracts.iter().zip(&judged) {
        let concerns = concerns(contract, judged, today);
        if concerns.is_empty() {
            continue;
        }
        let row = Row {
            to: address(&register.id, contract.id),
            number: contract.number.clone(),
            name: contract.name.clone(),
            partner: contract.text("partner").unwrap_or_default().to_owned(),
            ends: contract.day("ends_on").map(|day| date::long(lang, day)).unwrap_or_default(),
            concerns: concerns.iter().map(|concern| words::concern(*concern, lang)).collect(),
        };
        found.push((concerns, row));
    }
    if found.is_empty() {
        return Ok(None);
    }
    // Those with most that is wrong first; then by number, as they came.
    found.sort_by_key(|(concerns, _)| {
        std::cmp::Reverse((concerns.iter().filter(|concern| concern.is_grave()).count(), concerns.len()))
    });
    let more = found.len().saturating_sub(SHOWN);
    let rows = found.into_iter().take(SHOWN).map(|(_, row)| row).collect();
    let list = format!("/registers/{}", link::encode(&register.id));
    Panel::of(&Home { lang, list, rows, more }).map(Some)
}
