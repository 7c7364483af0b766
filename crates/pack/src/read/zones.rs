//! zones.toml: separated networks, what may cross, where the systems of each business stand.

use super::ids::{Seen, Style};
use super::table::Table;
use super::words::HANDLES;
use crate::model::{Business, Crossing, CrossingKind, Zone, ZoneKind};
use crate::report::Kind;

const KINDS: &[(&str, ZoneKind)] = &[("inner", ZoneKind::Inner), ("external", ZoneKind::External)];
const MEANS: &[(&str, CrossingKind)] = &[
    ("specified", CrossingKind::Specified),
    ("sanitised", CrossingKind::Sanitised),
    ("screen", CrossingKind::Screen),
    ("carried", CrossingKind::Carried),
];

pub(super) struct Zones {
    pub(super) zones: Vec<Zone>,
    pub(super) crossings: Vec<Crossing>,
    pub(super) businesses: Vec<Business>,
}

pub(super) fn read(file: &Table<'_>) -> Zones {
    let mut seen = Seen::default();
    let zones = file.tables("zone").iter().filter_map(|table| zone(table, &mut seen)).collect();
    let crossings = file.tables("crossing").iter().flat_map(crossing).collect();
    let mut seen = Seen::default();
    let businesses = file.tables("business").iter().filter_map(|table| business(table, &mut seen)).collect();
    file.finish();
    Zones { zones, crossings, businesses }
}

fn zone(table: &Table<'_>, seen: &mut Seen) -> Option<Zone> {
    let id = seen.id(table, Style::Underscores);
    let name = table.need_text("name");
    let kind = table.need_one_of("kind", KINDS).unwrap_or(ZoneKind::External);
    let networks = table.words("networks").into_iter().filter(|word| network(table, word)).map(|w| w.text).collect();
    let rest = table.flag("rest", false);
    let handles = table.words_of("handles", HANDLES);
    table.finish();
    let id = id?;
    Some(Zone { id: id.text, name, kind, networks, rest, handles, site: id.site })
}

/// Whether the word is an address prefix; says so when not.
fn network(table: &Table<'_>, word: &super::table::Word) -> bool {
    let parsed = word.text.split_once('/').and_then(|(address, length)| {
        let address: std::net::IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        (length.parse::<u8>().ok()? <= most).then_some(())
    });
    if parsed.is_none() {
        table.report().add(
            crate::diagnostic::Diagnostic::error(
                "value-invalid",
                word.site.clone(),
                format!("「{}」はアドレスの範囲として読めません", word.text),
                format!("'{}' is no address prefix", word.text),
            )
            .expected("10.1.0.0/16 や 2001:db8::/32", "10.1.0.0/16 or 2001:db8::/32")
            .help("アドレス/長さ の形で書いてください", "write address/length"),
        );
    }
    parsed.is_some()
}

fn crossing(table: &Table<'_>) -> Vec<Crossing> {
    let from = table.need_words("from");
    let to = table.need_words("to");
    let items = table.need("kinds").map(|item| item.items()).unwrap_or_default();
    let kinds: Vec<_> = items.iter().filter_map(|item| item.one_of(MEANS)).collect();
    let says = table.need_text("says");
    table.finish();
    for word in from.iter().chain(&to) {
        table.report().refer(Kind::Zone, word.text.clone(), word.site.clone());
    }
    let mut crossings = Vec::new();
    for from in &from {
        for to in to.iter().filter(|to| to.text != from.text) {
            crossings.push(Crossing {
                from: from.text.clone(),
                to: to.text.clone(),
                kinds: kinds.clone(),
                says: says.clone(),
                site: to.site.clone(),
            });
        }
    }
    crossings
}

fn business(table: &Table<'_>, seen: &mut Seen) -> Option<Business> {
    let id = seen.id(table, Style::Underscores);
    let name = table.need_text("name");
    let zone = table.need_name("zone", &Kind::Zone).unwrap_or_default();
    let handles = table.words_of("handles", HANDLES);
    table.finish();
    let id = id?;
    Some(Business { id: id.text, name, zone, handles, site: id.site })
}
