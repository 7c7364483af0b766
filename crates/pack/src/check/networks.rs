//! Zones, crossings, businesses, sanitising rules, and the handling matrix.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::{CrossingKind, Pack, Site, Zone, ZoneKind};
use crate::report::Report;

pub(super) fn check(pack: &Pack, report: &Report) {
    zones(pack, report);
    crossings(pack, report);
    businesses(pack, report);
    sanitising(pack, report);
    handling(pack, report);
}

fn zones(pack: &Pack, report: &Report) {
    for zone in pack.zones.iter().filter(|zone| zone.rest).skip(1) {
        report.add(
            Diagnostic::error(
                "zone-rest-twice",
                zone.site.clone(),
                format!("「残りすべて」の領域が二つあります（「{}」）", zone.id),
                format!("more than one zone has `rest` ('{}')", zone.id),
            )
            .help("rest = true は一つの領域だけにしてください", "keep it on one zone")
            .names([zone.id.as_str()]),
        );
    }
    let mut handled: BTreeSet<&str> = BTreeSet::new();
    for zone in &pack.zones {
        for what in &zone.handles {
            if !handled.insert(what) {
                report.add(
                    Diagnostic::error(
                        "zone-handles-twice",
                        zone.site.clone(),
                        format!("「{what}」を扱う領域が二つあります（「{}」）", zone.id),
                        format!("'{what}' belongs to more than one zone ('{}')", zone.id),
                    )
                    .help("一つの領域だけにしてください", "keep it on one zone")
                    .names([zone.id.as_str(), what]),
                );
            }
        }
    }
    for id in &pack.excluded_networks {
        if let Some(zone) = pack.zones.iter().find(|zone| zone.id == *id && zone.kind == ZoneKind::Inner) {
            report.add(
                Diagnostic::error(
                    "network-excluded-inner",
                    zone.site.clone(),
                    format!("適用範囲外のネットワーク「{id}」が内側の領域になっています"),
                    format!("the excluded network '{id}' is an inner zone"),
                )
                .expected("kind = \"external\"", "kind = \"external\"")
                .help(
                    "kind を改めるか、excluded_networks から外してください",
                    "change its kind, or take it off the list",
                )
                .names([id.as_str()]),
            );
        }
    }
}

fn crossings(pack: &Pack, report: &Report) {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for crossing in &pack.crossings {
        if !seen.insert((&crossing.from, &crossing.to)) {
            report.add(
                Diagnostic::error(
                    "crossing-duplicate",
                    crossing.site.clone(),
                    format!("「{}」から「{}」への決まりが二つあります", crossing.from, crossing.to),
                    format!("two rules from '{}' to '{}'", crossing.from, crossing.to),
                )
                .help("どちらかを消してください", "take one of them out")
                .names([crossing.from.as_str(), crossing.to.as_str()]),
            );
        }
    }
    let inner = |zone: &Zone| zone.kind == ZoneKind::Inner;
    for from in &pack.zones {
        for to in pack.zones.iter().filter(|to| to.id != from.id && (inner(from) || inner(to))) {
            if seen.contains(&(from.id.as_str(), to.id.as_str())) {
                continue;
            }
            report.add(
                Diagnostic::error(
                    "crossing-missing",
                    from.site.clone(),
                    format!("「{}」から「{}」への通信の決まりがありません", from.id, to.id),
                    format!("nothing is said about what may cross from '{}' to '{}'", from.id, to.id),
                )
                .expected(
                    format!("from = \"{}\", to = \"{}\" の [[crossing]]", from.id, to.id),
                    format!("a [[crossing]] from = \"{}\", to = \"{}\"", from.id, to.id),
                )
                .help("通さないなら kinds = [] と書いてください", "write kinds = [] if nothing may cross")
                .names([from.id.as_str(), to.id.as_str()]),
            );
        }
    }
}

fn businesses(pack: &Pack, report: &Report) {
    for business in &pack.businesses {
        for what in &business.handles {
            let right = pack.zones.iter().find(|zone| zone.handles.contains(what));
            if right.is_some_and(|zone| zone.id == business.zone) {
                continue;
            }
            let place = right.map_or("?", |zone| zone.id.as_str());
            report.add(
                Diagnostic::error(
                    "business-wrong-zone",
                    business.site.clone(),
                    format!("「{}」は {what} を扱うため「{}」に置けません", business.name.ja, business.zone),
                    format!("'{}' handles {what}, and cannot stand in '{}'", business.id, business.zone),
                )
                .expected(format!("zone = \"{place}\""), format!("zone = \"{place}\""))
                .help(
                    "業務の領域を改めるか、領域の handles を見直してください",
                    "change its zone, or what the zones handle",
                )
                .names([business.id.as_str(), business.zone.as_str(), what]),
            );
        }
    }
}

fn sanitising(pack: &Pack, report: &Report) {
    let sanitised = |from: &str, to: &str| {
        pack.crossings.iter().any(|c| c.from == from && c.to == to && c.kinds.contains(&CrossingKind::Sanitised))
    };
    for crossing in pack.crossings.iter().filter(|crossing| crossing.kinds.contains(&CrossingKind::Sanitised)) {
        let default = pack.sanitising.iter().any(|rule| {
            rule.from == crossing.from
                && rule.to == crossing.to
                && rule.sender.is_none()
                && rule.formats.is_empty()
                && rule.construct.is_none()
        });
        if !default {
            report.add(
                Diagnostic::error(
                    "crossing-without-sanitising",
                    crossing.site.clone(),
                    format!("「{}」から「{}」への無害化の既定がありません", crossing.from, crossing.to),
                    format!("no default rule for sanitising from '{}' to '{}'", crossing.from, crossing.to),
                )
                .expected(
                    "sanitising.toml に sender・formats・construct のない [[rule]]",
                    "a [[rule]] of sanitising.toml without sender, formats and construct",
                )
                .help("既定の扱いを書き足してください", "add the default")
                .names([crossing.from.as_str(), crossing.to.as_str()]),
            );
        }
    }
    for rule in pack.sanitising.iter().filter(|rule| !sanitised(&rule.from, &rule.to)) {
        report.add(
            Diagnostic::error(
                "sanitising-without-crossing",
                rule.site.clone(),
                format!("「{}」から「{}」へは無害化通信が認められていません", rule.from, rule.to),
                format!("no sanitised crossing from '{}' to '{}'", rule.from, rule.to),
            )
            .expected("kinds に sanitised を含む [[crossing]]", "a [[crossing]] with sanitised among its kinds")
            .help("向きを確かめるか、zones.toml の決まりを改めてください", "see the direction, or change zones.toml")
            .names([rule.from.as_str(), rule.to.as_str()]),
        );
    }
}

fn handling(pack: &Pack, report: &Report) {
    let classes = &pack.classes;
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for rule in &classes.handling {
        if !seen.insert((&rule.act, &rule.class)) {
            cell(
                report,
                &rule.site,
                "handling-duplicate",
                &rule.act,
                &rule.class,
                ("の決まりが二つあります", "has two rules"),
            );
        }
    }
    for class in &classes.confidentiality {
        if classes.acts.is_empty() {
            cell(report, &class.site, "handling-hole", "?", &class.id, ("取扱いの決まりがありません", "has no rules"));
        }
        for act in &classes.acts {
            if !seen.contains(&(act.id.as_str(), class.id.as_str())) {
                cell(report, &class.site, "handling-hole", &act.id, &class.id, ("の決まりがありません", "has no rule"));
            }
        }
    }
}

fn cell(report: &Report, site: &Site, code: &'static str, act: &str, class: &str, says: (&str, &str)) {
    report.add(
        Diagnostic::error(
            code,
            site.clone(),
            format!("機密性「{class}」の「{act}」{}", says.0),
            format!("'{act}' of class '{class}' {}", says.1),
        )
        .expected(
            format!("act = \"{act}\", class = \"{class}\" の [[handling]] を一つ"),
            format!("one [[handling]] with act = \"{act}\" and class = \"{class}\""),
        )
        .help("取扱いの表を埋めてください", "fill the matrix")
        .names([class, act]),
    );
}
