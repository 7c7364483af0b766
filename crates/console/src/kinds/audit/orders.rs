//! 改善の指示 under way, for those who give them: what waits for an order, and what was ordered, by when and who must act. The same
//! as a list, overdue first, is the findings' own list by due day.

use askama::Template;
use ledger::kinds::audit::Around;
use ledger::people::{persons, posts, units};
use ledger::records::{self, Filter, Record};
use ledger::{Id, Reading};

use super::Panel;
use crate::organisation::shown_name;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::link;
use crate::registers::address;
use crate::visit::Desk;

/// Orders shown.
const SHOWN: usize = 8;
/// The state of a finding that waits for an order.
const RAISED: &str = "raised";
/// The state of a finding whose order is under way.
const ORDERED: &str = "ordered";

struct Order {
    to: String,
    number: String,
    name: String,
    unit: String,
    /// The head of the unit, who has to act.
    head: String,
    due: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "kinds/audit/orders.html")]
struct Orders {
    lang: Lang,
    orders: Vec<Order>,
    more: usize,
    late: usize,
    /// How many findings wait for an order.
    waiting: usize,
    waiting_at: String,
    list: String,
}

/// The list of orders under way, overdue first.
pub(super) fn list(around: &Around<'_>) -> String {
    format!("/registers/{}?state={ORDERED}&sort=due_on", link::encode(&around.findings.id))
}

/// Whether the day by which a finding has to be mended is past.
pub(super) fn is_late(finding: &Record, today: ledger::Day) -> bool {
    matches!(finding.state.as_str(), ORDERED | "checking") && finding.day("due_on").is_some_and(|due| due < today)
}

/// The panel of the first page.
pub(super) async fn panel(reading: &mut Reading, desk: &Desk, around: &Around<'_>) -> Result<Panel, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), desk.today());
    let states = Filter::Is("state".to_owned(), vec![RAISED.to_owned(), ORDERED.to_owned()]);
    let found = records::every(reading, &pack, Some(&desk.standing), around.findings, vec![states]).await?;
    let (waiting, mut ordered): (Vec<Record>, Vec<Record>) =
        found.into_iter().partition(|finding| finding.state == RAISED);
    ordered.sort_by_key(|finding| (finding.day("due_on").is_none(), finding.day("due_on"), finding.id));
    let late = ordered.iter().filter(|finding| is_late(finding, today)).count();
    let more = ordered.len().saturating_sub(SHOWN);
    let names = units::names(reading, ordered.iter().map(|finding| finding.unit)).await?;
    let mut orders = Vec::new();
    for finding in ordered.into_iter().take(SHOWN) {
        let due = finding.day("due_on");
        orders.push(Order {
            to: address(&around.findings.id, finding.id),
            unit: names.get(&finding.unit).cloned().unwrap_or_default(),
            head: head(reading, desk, finding.unit).await?,
            due: due.map(|due| date::short(lang, due, today)).unwrap_or_default(),
            late: is_late(&finding, today),
            number: finding.number,
            name: finding.name,
        });
    }
    Panel::of(&Orders {
        lang,
        orders,
        more,
        late,
        waiting: waiting.len(),
        waiting_at: format!("/registers/{}?state={RAISED}", link::encode(&around.findings.id)),
        list: list(around),
    })
}

/// The 情報セキュリティ管理者 of a unit, or that there is none.
async fn head(reading: &mut Reading, desk: &Desk, unit: Id) -> Result<String, Fault> {
    let held = posts::holders(reading, "section_manager", unit, desk.today()).await?;
    let Some(post) = held.first() else { return Ok(desk.lang().t("空席", "vacant").to_owned()) };
    Ok(shown_name(&persons::get(reading, post.person).await?))
}
