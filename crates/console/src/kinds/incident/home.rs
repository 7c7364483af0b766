//! What is under way, on the first page of CSIRT and CISO: the nearest legal clock first.

use askama::Template;
use ledger::Reading;
use ledger::kinds::incident::{Clock, judge};
use ledger::kinds::registers;
use ledger::records::{self, Filter, PAGE_MAX, Query};
use pack::expr::Day;
use pack::model::RegisterKind;

use super::words;
use crate::kinds::Panel;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

/// Those who see every incident that is under way on their first page.
const WATCHERS: [&str; 4] = ["csirt", "ciso", "deputy_ciso", "chief_security_officer"];
/// Incidents shown there.
const SHOWN: usize = 8;

/// An incident that is under way.
struct Running {
    to: String,
    number: String,
    name: String,
    level: String,
    confirmed: bool,
    state: (String, &'static str),
    since: String,
    /// The open clocks: what is due, colour, time left, last day.
    clocks: Vec<(String, &'static str, String, String)>,
    untold: usize,
    /// What it is sorted by: the nearest last day, then the day since when it waits.
    next: (Day, Day),
}

#[derive(Template)]
#[template(path = "kinds/incident/home.html")]
struct Home {
    lang: Lang,
    running: Vec<Running>,
    more: i64,
}

/// The panel, for those who answer for incidents.
pub(in crate::kinds) async fn home(reading: &mut Reading, desk: &Desk) -> Result<Option<Panel>, Fault> {
    if !WATCHERS.iter().any(|role| desk.standing.holds_itself(role)) {
        return Ok(None);
    }
    let (pack, lang, today) = (desk.pack(), desk.lang(), desk.today());
    let (mut running, mut total) = (Vec::new(), 0);
    for register in registers(&pack, RegisterKind::Incident) {
        let states = register.lifecycle.states.iter();
        let open = states.filter(|state| !state.is_final && state.id != register.lifecycle.initial);
        let open = Filter::Is("state".to_owned(), open.map(|state| state.id.clone()).collect());
        let query = Query { filters: vec![open], limit: PAGE_MAX, count: true, ..Query::default() };
        let found = records::list(reading, &pack, Some(&desk.standing), register, &query).await?;
        total += found.total;
        for record in found.items {
            let judged = judge(&pack, &record);
            let waiting: Vec<&Clock> = judged.clocks.iter().filter(|clock| clock.done.is_none()).collect();
            let words = |clock: &&Clock| {
                let (colour, left) = words::left(clock, today, lang);
                let what = format!("{}　{}", words::law(clock.law, lang), words::report(clock.report, lang));
                (what, colour, left, words::until(clock.last, lang))
            };
            running.push(Running {
                to: address(&register.id, record.id),
                level: words::level(register, judged.level, lang),
                confirmed: judged.confirmed,
                state: state_tag(register, &record.state, lang),
                since: date::short(lang, record.entered, today),
                clocks: waiting.iter().map(words).collect(),
                untold: judged.notices.iter().filter(|notice| notice.told.is_none()).count(),
                next: (waiting.iter().map(|clock| clock.last).min().unwrap_or(Day::LAST), record.entered),
                number: record.number,
                name: record.name,
            });
        }
    }
    running.sort_by_key(|row| row.next);
    running.truncate(SHOWN);
    let more = total - i64::try_from(running.len()).unwrap_or(0);
    Ok(Some(Panel::of(&Home { lang, running, more })?))
}
