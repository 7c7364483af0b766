//! 事故・ヒヤリハット: the stage line of a record, and what is under way on the first page of CSIRT and CISO.

use askama::Template;
use ledger::Reading;
use ledger::kinds::incident::{Stage, Standing, stages};
use ledger::kinds::registers;
use ledger::records::{self, Filter, Query, Record};
use pack::model::{Register, RegisterKind};

use super::Panel;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

/// Those who see every incident that is under way on their first page.
const WATCHERS: [&str; 4] = ["csirt", "ciso", "deputy_ciso", "chief_security_officer"];
/// Incidents shown there.
const SHOWN: usize = 8;

/// A stage in words: class, label, what stands under it.
struct Step {
    class: &'static str,
    label: String,
    says: String,
}

#[derive(Template)]
#[template(path = "kinds/incident/stages.html")]
struct Stages {
    lang: Lang,
    steps: Vec<Step>,
}

/// An incident that is under way.
struct Running {
    to: String,
    number: String,
    name: String,
    state: (String, &'static str),
    since: String,
}

#[derive(Template)]
#[template(path = "kinds/incident/home.html")]
struct Home {
    lang: Lang,
    running: Vec<Running>,
    more: i64,
}

/// Panels of a record.
pub(super) fn panels(desk: &Desk, register: &Register, record: &Record) -> Result<Vec<Panel>, Fault> {
    if register.lifecycle.initial == record.state || record.state == "not_incident" {
        return Ok(Vec::new());
    }
    let lang = desk.lang();
    let steps = stages(record).into_iter().map(|stage| step(register, record, stage, lang)).collect();
    Ok(vec![Panel::of(&Stages { lang, steps })?])
}

fn step(register: &Register, record: &Record, stage: Stage, lang: Lang) -> Step {
    let label = register.state(stage.state).map(|state| lang.of(&state.label).to_owned()).unwrap_or_default();
    let (class, says) = match (stage.standing, stage.finished) {
        (Standing::Done, Some(day)) => ("done", format!("{}　{}", lang.t("済み", "Done"), date::long(lang, day))),
        (Standing::Done, None) => ("done", lang.t("済み（日は未記入）", "Done (day not written)").to_owned()),
        (Standing::Now, _) => {
            let since = date::long(lang, record.entered);
            (
                "now",
                if lang == Lang::En {
                    format!("Under way since {since}")
                } else {
                    format!("対応中　{since}から")
                },
            )
        }
        (Standing::Ahead, _) => ("ahead", lang.t("これから", "Ahead").to_owned()),
    };
    Step { class, label, says }
}

/// Panels of the first page.
pub(super) async fn home(reading: &mut Reading, desk: &Desk) -> Result<Option<Panel>, Fault> {
    if !WATCHERS.iter().any(|role| desk.standing.holds_itself(role)) {
        return Ok(None);
    }
    let (pack, lang) = (desk.pack(), desk.lang());
    let (mut running, mut more) = (Vec::new(), 0);
    for register in registers(&pack, RegisterKind::Incident) {
        let states = register.lifecycle.states.iter();
        let open = states.filter(|state| !state.is_final && state.id != register.lifecycle.initial);
        let open = Filter::Is("state".to_owned(), open.map(|state| state.id.clone()).collect());
        let query = Query { filters: vec![open], limit: SHOWN, count: true, ..Query::default() };
        let found = records::list(reading, &pack, Some(&desk.standing), register, &query).await?;
        more += found.total - i64::try_from(found.items.len()).unwrap_or(0);
        running.extend(found.items.into_iter().map(|record| Running {
            to: address(&register.id, record.id),
            state: state_tag(register, &record.state, lang),
            since: date::short(lang, record.entered, desk.today()),
            number: record.number,
            name: record.name,
        }));
    }
    Ok(Some(Panel::of(&Home { lang, running, more })?))
}
