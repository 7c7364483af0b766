//! The 押印欄 of a record: who has agreed when, 代 where a substitute did, and whose turn it is.

use std::collections::BTreeMap;

use ledger::decisions::{Capacity, Countersign, Kind, RouteState, Seat, countersigns, routes};
use ledger::people::persons;
use ledger::records::Record;
use ledger::{Id, Moment, Reading};
use pack::Pack;

use super::value::Names;
use crate::organisation::shown_name;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;

/// One place of the 押印欄.
#[derive(Debug, Clone)]
pub(super) struct Seal {
    /// 決裁 情報セキュリティ管理者
    pub(super) post: String,
    pub(super) name: String,
    pub(super) day: String,
    pub(super) done: bool,
    /// It waits here.
    pub(super) now: bool,
    /// 後閲 of what a substitute decided: by whom and when, or that it waits. Of what was entered from paper: that it was.
    pub(super) after: String,
}

/// The seals of a record's latest decision; none when there is none.
pub(super) async fn seals(
    reading: &mut Reading,
    pack: &Pack,
    record: &Record,
    names: &Names,
    lang: Lang,
) -> Result<Vec<Seal>, Fault> {
    let Some(route) = routes(reading, record.id).await?.into_iter().max_by_key(|route| route.opened) else {
        return Ok(Vec::new());
    };
    let said = route.course.steps.iter().flat_map(|step| &step.seats).filter_map(|seat| seat.said.as_ref());
    let ids: Vec<Id> = said.filter_map(|said| said.by.parse().ok()).collect();
    let people: BTreeMap<Id, String> = match ids.as_slice() {
        [] => BTreeMap::new(),
        ids => persons::of_ids(reading, ids).await?.iter().map(|p| (p.id, shown_name(p))).collect(),
    };
    let named = |id: Option<Id>| family(id.and_then(|id| names.people.get(&id)).map_or("", String::as_str));
    let mut seals = vec![Seal {
        post: lang.t("起案", "Drafted").to_owned(),
        name: named(record.entered_for.or(record.applicant)),
        day: date::seal(lang, route.opened.day()),
        done: true,
        now: false,
        after: record.entered_for.map(|_| lang.t("代理入力", "from paper").to_owned()).unwrap_or_default(),
    }];
    let after = countersigns(reading, record.id).await?;
    let mut waiting = route.state == RouteState::Open;
    for (at, step) in route.course.steps.iter().enumerate() {
        let open = step.seats.iter().any(|seat| seat.said.is_none());
        for (place, seat) in step.seats.iter().enumerate() {
            let mut seal = seal(pack, lang, step.kind, seat, &people);
            let after = after.iter().rfind(|after| after.route == route.id && after.seat == (at, place));
            seal.after = after.map(|after| read_after(after, lang)).unwrap_or_default();
            seal.now = waiting && !seal.done && step.kind != Kind::Circulate;
            seals.push(seal);
        }
        waiting &= !open;
    }
    Ok(seals)
}

/// 後閲 8.11.22, or that the absent holder has not read it yet.
fn read_after(after: &Countersign, lang: Lang) -> String {
    match after.done {
        Some(done) => format!("{} {}", lang.t("後閲", "read after"), date::seal(lang, done.day())),
        None => lang.t("後閲待ち", "to be read after").to_owned(),
    }
}

/// 決裁 情報セキュリティ管理者
pub(super) fn post(pack: &Pack, lang: Lang, kind: Kind, seat: &Seat) -> String {
    let kind = match kind {
        Kind::Approve => lang.t("承認", "Approval"),
        Kind::Consult => lang.t("合議", "Consultation"),
        Kind::Decide => lang.t("決裁", "Decision"),
        Kind::Circulate => lang.t("供覧", "Circulation"),
    };
    let role = seat.who.first().and_then(|term| pack.role(term.split('@').next().unwrap_or_default()));
    let role = role.map(|role| lang.of(role.short.as_ref().unwrap_or(&role.name))).unwrap_or_default();
    format!("{kind} {role}").trim().to_owned()
}

fn seal(pack: &Pack, lang: Lang, kind: Kind, seat: &Seat, people: &BTreeMap<Id, String>) -> Seal {
    let post = post(pack, lang, kind, seat);
    let Some(said) = &seat.said else {
        return Seal { post, name: String::new(), day: String::new(), done: false, now: false, after: String::new() };
    };
    let name = said.by.parse().ok().and_then(|id: Id| people.get(&id)).cloned().unwrap_or_default();
    let mark = match said.capacity {
        Capacity::Own => "",
        Capacity::Deputy => lang.t("代 ", "for "),
        Capacity::Escalated => lang.t("引上げ ", "above "),
    };
    let day = date::seal(lang, Moment(said.at).day());
    Seal { post, name: format!("{mark}{}", family(&name)), day, done: true, now: false, after: String::new() }
}

/// The family name, as it stands on a seal.
fn family(name: &str) -> String {
    name.split([' ', '　']).next().unwrap_or(name).to_owned()
}
