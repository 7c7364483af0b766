//! What needs attention, as tags in lists and in the inbox, and before a contract is decided on.

use std::collections::BTreeMap;

use askama::Template;
use ledger::kinds::contract::{concerns, judge, judge_all};
use ledger::records::Record;
use ledger::{Id, Reading};
use pack::model::{Register, TransitionRole};

use super::clauses::{self, Row};
use super::words;
use crate::kinds::Panel;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::visit::Desk;

/// Tags of contracts: colour and words.
pub(in crate::kinds) async fn marks(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    contracts: &[Record],
) -> Result<BTreeMap<Id, Vec<(&'static str, String)>>, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), desk.today());
    let judged = judge_all(reading, &pack, Some(&desk.standing), register, contracts).await?;
    let tags = contracts.iter().zip(&judged).map(|(contract, judged)| {
        let all = concerns(contract, judged, today);
        (contract.id, all.into_iter().map(|concern| words::concern(concern, lang)).collect())
    });
    Ok(tags.collect())
}

#[derive(Template)]
#[template(path = "kinds/contract/before.html")]
struct Before {
    lang: Lang,
    missing: Vec<Row>,
}

/// What a decider is told before a contract comes into force: the clauses that it lacks.
pub(in crate::kinds) async fn before(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    record: &Record,
) -> Result<Option<Panel>, Fault> {
    let ways = &register.lifecycle.transitions;
    let leads = ways.iter().any(|way| {
        way.role == TransitionRole::Decides && way.from.contains(&record.state) && register.in_force.contains(&way.to)
    });
    // Whoever asks for it is told as well: from the first state the next step is to ask.
    if !leads && record.state != register.lifecycle.initial {
        return Ok(None);
    }
    let (pack, lang) = (desk.pack(), desk.lang());
    let judged = judge(reading, &pack, Some(&desk.standing), register, record).await?;
    let missing: Vec<Row> = judged
        .iter()
        .flat_map(|judged| judged.missing())
        .map(|held| clauses::row(&pack, register, held, lang))
        .collect();
    if missing.is_empty() {
        return Ok(None);
    }
    Panel::of(&Before { lang, missing }).map(Some)
}
