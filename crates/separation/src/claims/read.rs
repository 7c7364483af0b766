//! Reading `claims.toml`.

use super::{Addresses, Claims, Flow, FlowKind, Relay, UNASSIGNED, Via, Zone};
use crate::address::{self, Family};
use crate::document::{MAX_DOCUMENT_BYTES, Problems, Table, parse};
use crate::intervals::Intervals;
use crate::ir::protocol;
use crate::source::{At, Message, Problem};

/// Most zones, so that the pairs stay judgeable.
const MAX_ZONES: usize = 200;
/// Most flows.
const MAX_FLOWS: usize = 100_000;

pub(super) fn read(text: &str) -> (Claims, Vec<Problem>) {
    if text.len() > MAX_DOCUMENT_BYTES {
        let message = Message::new("ファイルが大きすぎます（8 MiBまで）", "the file is too large (at most 8 MiB)");
        return (Claims::default(), vec![Problem { at: At { file: 0, line: 1, column: 1 }, message, fatal: true }]);
    }
    let problems = Problems::new(text);
    let parsed = parse(&problems);
    let root = Table::new(parsed.get_ref(), &problems, At { file: 0, line: 1, column: 1 });
    let mut claims = Claims::default();
    zones(&root, &problems, &mut claims);
    for table in root.tables("flow") {
        flow(&table, &problems, &mut claims);
        table.finish();
    }
    for table in root.tables("via") {
        via(&table, &problems, &mut claims);
        table.finish();
    }
    for table in root.tables("relay") {
        relay(&table, &problems, &mut claims);
        table.finish();
    }
    root.finish();
    if claims.zones.len() > MAX_ZONES || claims.flows.len() > MAX_FLOWS {
        problems.add(
            root.at,
            "領域または通信が多すぎます",
            format!("too many zones (at most {MAX_ZONES}) or flows (at most {MAX_FLOWS})"),
        );
    }
    (claims, problems.into_list())
}

fn zones(root: &Table<'_, '_>, problems: &Problems<'_>, claims: &mut Claims) {
    let mut named = Addresses::default();
    for table in root.tables("zone") {
        let (id, at) = table.required("id").unwrap_or(("", table.at));
        let (rest, external) = (table.flag("rest"), table.flag("external"));
        let networks = ranges(&table, problems, "networks").unwrap_or_default();
        if id.is_empty()
            || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            || id == UNASSIGNED
        {
            problems.add(
                at,
                format!("領域のid「{id}」は使えません。英数字と - _ . を使ってください（{UNASSIGNED} は予約済みです）"),
                format!(
                    "\"{id}\" cannot be the id of a zone; use letters, digits, - _ . (\"{UNASSIGNED}\" is reserved)"
                ),
            );
        }
        if claims.zone(id).is_some() {
            problems.add(at, format!("領域「{id}」が二度あります"), format!("the zone \"{id}\" is there twice"));
        }
        if rest == table.get("networks").is_some() {
            problems.add(
                at,
                format!("領域「{id}」には networks か rest = true のどちらか一方を書いてください"),
                format!("the zone \"{id}\" needs either networks or rest = true"),
            );
        }
        if rest && claims.zones.iter().any(|zone| zone.rest) {
            problems.add(at, "rest = true の領域は一つだけです", "only one zone may have rest = true");
        }
        let addresses = Addresses::from_ranges(&networks);
        for zone in &claims.zones {
            let common = zone.addresses.intersection(&addresses);
            if let Some(text) = first(&common) {
                let other = &zone.id;
                problems.add(
                    at,
                    format!("領域「{id}」と「{other}」のアドレスが重なっています（{text}）"),
                    format!("the zones \"{id}\" and \"{other}\" overlap ({text})"),
                );
            }
        }
        named = named.union(&addresses);
        claims.zones.push(Zone { id: id.to_owned(), addresses, rest, external, at });
        table.finish();
    }
    if claims.zones.is_empty() {
        problems.add(root.at, "領域（[[zone]]）がありません", "there is no zone ([[zone]])");
    }
    let others = named.complement();
    match claims.zones.iter_mut().find(|zone| zone.rest) {
        Some(zone) => zone.addresses = others,
        None if !others.is_empty() => {
            let at = At { file: 0, line: 1, column: 1 };
            claims.zones.push(Zone { id: UNASSIGNED.to_owned(), addresses: others, rest: true, external: false, at });
        }
        None => {}
    }
}

fn first(addresses: &Addresses) -> Option<String> {
    Family::ALL.into_iter().find_map(|family| {
        let &(low, high) = addresses.of(family).ranges().first()?;
        Some(address::range_text(family, low, high))
    })
}

fn ranges(table: &Table<'_, '_>, problems: &Problems<'_>, key: &'static str) -> Option<Vec<(Family, (u128, u128))>> {
    let mut out = Vec::new();
    for (text, at) in table.list(key)? {
        match address::parse_range(&text) {
            Some(range) => out.push(range),
            None => problems.add(
                at,
                format!("「{text}」はアドレスではありません。10.1.0.0/16、10.1.5.10、10.1.5.10-10.1.5.20 のように書いてください"),
                format!("\"{text}\" is no address; write 10.1.0.0/16, 10.1.5.10 or 10.1.5.10-10.1.5.20"),
            ),
        }
    }
    Some(out)
}

/// The zones of `from` and `to`.
fn pair(table: &Table<'_, '_>, problems: &Problems<'_>, claims: &Claims) -> Option<(usize, usize)> {
    let zone = |key: &'static str| {
        let (id, at) = table.required(key)?;
        let found = zone_named(claims, problems, id, at)?;
        Some((found, at))
    };
    let (from, to) = (zone("from"), zone("to"));
    let ((from, _), (to, at)) = (from?, to?);
    if from == to {
        problems.add(at, "from と to が同じ領域です", "from and to are the same zone");
        return None;
    }
    Some((from, to))
}

fn zone_named(claims: &Claims, problems: &Problems<'_>, id: &str, at: At) -> Option<usize> {
    let found = claims.zone(id).filter(|_| id != UNASSIGNED);
    if found.is_none() {
        let known = claims
            .zones
            .iter()
            .map(|zone| zone.id.as_str())
            .filter(|id| *id != UNASSIGNED)
            .collect::<Vec<_>>()
            .join(", ");
        problems.add(
            at,
            format!("領域「{id}」はありません。あるもの: {known}"),
            format!("there is no zone \"{id}\"; those that are: {known}"),
        );
    }
    found
}

fn flow(table: &Table<'_, '_>, problems: &Problems<'_>, claims: &mut Claims) {
    let (id, at) = table.required("id").unwrap_or(("", table.at));
    if claims.flows.iter().any(|flow| flow.id == id) {
        problems.add(at, format!("通信「{id}」が二度あります"), format!("the flow \"{id}\" is there twice"));
    }
    let zones = pair(table, problems, claims);
    let side = |key: &'static str, zone: Option<usize>| -> Addresses {
        let whole = zone.and_then(|zone| claims.zones.get(zone)).map(|zone| (&zone.id, zone.addresses.clone()));
        let Some(listed) = ranges(table, problems, key) else { return whole.map(|zone| zone.1).unwrap_or_default() };
        let listed = Addresses::from_ranges(&listed);
        if let Some((zone, whole)) = whole
            && let Some(text) = first(&listed.intersection(&whole.complement()))
        {
            let at = table.get(key).map_or(at, |(_, at)| at);
            problems.add(
                at,
                format!("通信「{id}」の{key}のうち {text} は領域「{zone}」にありません"),
                format!("{text} in {key} of the flow \"{id}\" is not in the zone \"{zone}\""),
            );
        }
        listed
    };
    let source = side("source", zones.map(|zones| zones.0));
    let destination = side("destination", zones.map(|zones| zones.1));
    let protocol = match table.required("protocol") {
        None => Intervals::empty(),
        Some(("any", _)) => Intervals::range(0, 255),
        Some((name, at)) => protocol::number(name).map_or_else(
            || {
                problems.add(
                    at,
                    format!("プロトコル「{name}」は分かりません"),
                    format!("the protocol \"{name}\" is not known; tcp, udp, icmp, icmp6, a number, or any"),
                );
                Intervals::empty()
            },
            |number| Intervals::one(number.into()),
        ),
    };
    let ports = ports(table, problems, &protocol);
    let kind = match table.required("kind") {
        Some(("specified", _)) => FlowKind::Specified,
        Some(("sanitised", _)) => FlowKind::Sanitised,
        Some(("screen", _)) => FlowKind::Screen,
        Some(("exception", _)) => FlowKind::Exception,
        Some((other, at)) => {
            problems.add(
                at,
                format!("kind「{other}」はありません。specified, sanitised, screen, exception のどれかです"),
                format!("there is no kind \"{other}\"; it is specified, sanitised, screen or exception"),
            );
            FlowKind::Exception
        }
        None => FlowKind::Exception,
    };
    let until = table.day("until");
    if let Some((from, to)) = zones {
        claims.flows.push(Flow { id: id.to_owned(), from, to, source, destination, protocol, ports, kind, until, at });
    }
}

fn ports(table: &Table<'_, '_>, problems: &Problems<'_>, protocol: &Intervals) -> Option<Intervals> {
    let list = table.list("port")?;
    let at = table.get("port").map_or(table.at, |(_, at)| at);
    if !protocol::WITH_PORTS.iter().any(|&number| *protocol == Intervals::one(number.into())) && !protocol.is_empty() {
        problems.add(at, "このプロトコルにポートはありません", "this protocol has no ports");
    }
    let mut out = Vec::new();
    for (text, at) in list {
        let range = match text.split_once('-') {
            Some((low, high)) => low.trim().parse::<u16>().ok().zip(high.trim().parse::<u16>().ok()),
            None => text.parse::<u16>().ok().map(|port| (port, port)),
        };
        match range {
            Some((low, high)) if low <= high => out.push((low.into(), high.into())),
            _ => problems.add(
                at,
                format!("「{text}」はポートではありません"),
                format!("\"{text}\" is no port or range such as \"1024-1100\""),
            ),
        }
    }
    Some(Intervals::from_ranges(out))
}

fn via(table: &Table<'_, '_>, problems: &Problems<'_>, claims: &mut Claims) {
    let zones = pair(table, problems, claims);
    if table.get("only").is_none() {
        problems.add(table.at, "「only」がありません", "\"only\" is missing");
    }
    let only = Addresses::from_ranges(&ranges(table, problems, "only").unwrap_or_default());
    if let Some((from, to)) = zones {
        if claims.vias.iter().any(|via| (via.from, via.to) == (from, to)) {
            problems.add(
                table.at,
                "同じ領域の組の [[via]] が二度あります",
                "there are two [[via]] for the same pair of zones",
            );
        }
        claims.vias.push(Via { from, to, only, at: table.at });
    }
}

fn relay(table: &Table<'_, '_>, problems: &Problems<'_>, claims: &mut Claims) {
    let (id, at) = table.required("id").unwrap_or(("", table.at));
    let addresses = Addresses::from_ranges(&ranges(table, problems, "addresses").unwrap_or_default());
    let mut joins = Vec::new();
    for (zone, at) in table.list("joins").unwrap_or_default() {
        joins.extend(zone_named(claims, problems, &zone, at));
    }
    let inside = joins
        .iter()
        .filter_map(|&zone| claims.zones.get(zone))
        .fold(Addresses::default(), |all, zone| all.union(&zone.addresses));
    if let Some(text) = first(&addresses.intersection(&inside.complement())) {
        problems.add(
            at,
            format!("中継「{id}」のアドレス {text} は joins のどの領域にもありません"),
            format!("the address {text} of the relay \"{id}\" is in none of the zones it joins"),
        );
    }
    if joins.len() < 2 || addresses.is_empty() {
        problems.add(
            at,
            format!("中継「{id}」には addresses と二つ以上の joins が要ります"),
            format!("the relay \"{id}\" needs addresses and two or more zones in joins"),
        );
    }
    claims.relays.push(Relay { id: id.to_owned(), addresses, joins, at });
}
