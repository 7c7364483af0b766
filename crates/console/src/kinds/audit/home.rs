//! Audits under way, on the first page of the audit's side: what is not judged yet, and findings past their due day.

use askama::Template;
use ledger::Reading;
use ledger::kinds::audit::Around;
use ledger::kinds::registers;
use ledger::records::{self, Filter, Record};
use pack::model::{Register, RegisterKind};

use super::{Panel, around_it, orders, plan_page};
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

/// Those whose first page shows it.
const WATCHERS: [&str; 3] = ["auditor", "audit_chief", "audit_deputy"];
/// Findings shown.
const SHOWN: usize = 8;

struct Audit {
    to: String,
    number: String,
    name: String,
    state: (String, &'static str),
    until: String,
    late: bool,
    judged: usize,
    items: usize,
}

struct Finding {
    to: String,
    number: String,
    name: String,
    state: (String, &'static str),
    due: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "kinds/audit/home.html")]
struct Home {
    lang: Lang,
    audits: Vec<Audit>,
    findings: Vec<Finding>,
    more: usize,
    plan: String,
    list: String,
}

/// Those who give orders: their first page shows the orders under way instead.
const ORDERERS: [&str; 3] = ["ciso", "deputy_ciso", "chief_security_officer"];

/// The panel, for the audit's side and for those who give orders.
pub(in crate::kinds) async fn home(reading: &mut Reading, desk: &Desk) -> Result<Option<Panel>, Fault> {
    let holds = |roles: &[&str]| roles.iter().any(|role| desk.standing.holds_itself(role));
    if !holds(&WATCHERS) && !holds(&ORDERERS) {
        return Ok(None);
    }
    let (pack, lang, today) = (desk.pack(), desk.lang(), desk.today());
    let Some(around) = registers(&pack, RegisterKind::Audit).find_map(|audits| Around::of(&pack, audits)) else {
        return Ok(None);
    };
    if !holds(&WATCHERS) {
        return orders::panel(reading, desk, &around).await.map(Some);
    }
    let mut audits = Vec::new();
    for audit in open(reading, desk, around.audits).await? {
        let items = around_it(reading, desk, around.items, "audit", &audit).await?;
        let items: Vec<&Record> = items.iter().filter(|item| item.state != "void").collect();
        let judged = items.iter().filter(|item| item.text("design").is_some() && item.text("operation").is_some());
        let until = audit.day("ends_on");
        audits.push(Audit {
            to: address(&around.audits.id, audit.id),
            state: state_tag(around.audits, &audit.state, lang),
            until: until.map(|day| date::short(lang, day, today)).unwrap_or_default(),
            late: until.is_some_and(|day| day < today),
            judged: judged.count(),
            items: items.len(),
            number: audit.number,
            name: audit.name,
        });
    }
    let mut waiting = open(reading, desk, around.findings).await?;
    waiting.sort_by_key(|finding| (finding.day("due_on").is_none(), finding.day("due_on")));
    let more = waiting.len().saturating_sub(SHOWN);
    let finding = |finding: Record| {
        let due = finding.day("due_on").filter(|_| finding.state != "fixed");
        Finding {
            to: address(&around.findings.id, finding.id),
            state: state_tag(around.findings, &finding.state, lang),
            due: due.map(|day| date::short(lang, day, today)).unwrap_or_default(),
            late: due.is_some_and(|day| day < today),
            number: finding.number,
            name: finding.name,
        }
    };
    let findings = waiting.into_iter().take(SHOWN).map(finding).collect();
    let list = orders::list(&around);
    Ok(Some(Panel::of(&Home { lang, audits, findings, more, plan: plan_page::address(&around), list })?))
}

/// Records of a register that are under way, and that the reader may see.
async fn open(reading: &mut Reading, desk: &Desk, register: &Register) -> Result<Vec<Record>, Fault> {
    let states =
        register.lifecycle.states.iter().filter(|state| !state.is_final && state.id != register.lifecycle.initial);
    let filter = Filter::Is("state".to_owned(), states.map(|state| state.id.clone()).collect());
    Ok(records::every(reading, &desk.pack(), Some(&desk.standing), register, vec![filter]).await?)
}
