//! What was given out against certificates of return or erasure, for everybody in the tree.

use askama::Template;
use ledger::kinds::contract::{Holder, Item, Judged};
use pack::model::Beside;

use super::words;
use crate::kinds::Panel;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

struct ItemRow {
    to: String,
    number: String,
    name: String,
    register: String,
    state: (String, &'static str),
    units: i64,
    certificates: i64,
    /// How many are missing, when they have to be there.
    missing: i64,
}

struct HolderRow {
    level: String,
    partner: String,
    indent: usize,
    /// Colour and words of its own certificate.
    certificate: (&'static str, String),
    items: Vec<ItemRow>,
}

#[derive(Template)]
#[template(path = "kinds/contract/returns.html")]
struct Returns {
    lang: Lang,
    ended: bool,
    holders: Vec<HolderRow>,
    units: i64,
    certificates: i64,
    /// What is missing, by name.
    missing: Vec<String>,
}

/// Deepest indentation that is drawn.
const INDENTED: usize = 6;

/// The panel.
pub(super) fn panel(desk: &Desk, beside: &Beside<'_>, judged: &Judged) -> Result<Panel, Fault> {
    let lang = desk.lang();
    let account = &judged.account;
    let (units, certificates) = account.counts();
    let unsettled = account.unsettled().map(|holder| match lang {
        Lang::Ja => format!("「{}」の返却・消去の証明書", name(holder, lang)),
        Lang::En => format!("certificate of \"{}\"", name(holder, lang)),
    });
    let short = account.short().map(|(holder, item)| {
        let (number, missing) = (&item.record.number, item.without());
        match lang {
            Lang::Ja => format!(
                "{number}「{}」（{}）：{}点に対して証明書{}枚、{missing}枚足りない",
                item.record.name,
                name(holder, lang),
                item.units,
                item.certificates
            ),
            Lang::En => format!(
                "{number} \"{}\" ({}): {} units, {} certificates, {missing} missing",
                item.record.name,
                name(holder, lang),
                item.units,
                item.certificates
            ),
        }
    });
    Panel::of(&Returns {
        lang,
        ended: account.ended,
        missing: unsettled.chain(short).collect(),
        holders: account.holders.iter().map(|holder| row(beside, holder, account.ended, lang)).collect(),
        units,
        certificates,
    })
}

/// What a holder is called.
fn name(holder: &Holder, lang: Lang) -> &str {
    let unknown = lang.t(
        "あなたには表示されないか、この契約のものでない再委託先",
        "a sub-contractor that you do not see, or of another contract",
    );
    holder.partner.as_deref().unwrap_or(unknown)
}

fn row(beside: &Beside<'_>, holder: &Holder, ended: bool, lang: Lang) -> HolderRow {
    let certificate = match (holder.is_settled(), ended) {
        _ if holder.partner.is_none() => ("", lang.t("確かめられません", "cannot be told").to_owned()),
        (true, _) => {
            let day = holder.confirmed.map(|day| date::long(lang, day)).unwrap_or_default();
            ("ok", if lang == Lang::En { format!("confirmed on {day}") } else { format!("{day}確認") })
        }
        (false, true) => ("bad", lang.t("証明書がありません", "no certificate").to_owned()),
        (false, false) => ("", lang.t("契約の終わりに確かめる", "at the end").to_owned()),
    };
    HolderRow {
        level: words::level(holder.depth, lang),
        partner: name(holder, lang).to_owned(),
        indent: holder.depth.min(INDENTED),
        certificate,
        items: holder.items.iter().map(|item| item_row(beside, item, ended, lang)).collect(),
    }
}

fn item_row(beside: &Beside<'_>, item: &Item, ended: bool, lang: Lang) -> ItemRow {
    let record = &item.record;
    let register = beside.given.iter().find(|register| register.id == record.register);
    ItemRow {
        to: address(&record.register, record.id),
        number: record.number.clone(),
        name: record.name.clone(),
        register: register.map(|register| lang.of(&register.title).to_owned()).unwrap_or_default(),
        state: register.map(|register| state_tag(register, &record.state, lang)).unwrap_or_default(),
        units: item.units,
        certificates: item.certificates,
        missing: if item.over || ended { item.without() } else { 0 },
    }
}
