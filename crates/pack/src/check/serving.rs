//! Who serves whom: clauses, obligations, threats, the guideline.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::{ClauseId, Nature, Obligation, Pack, Site};
use crate::read::ReadPack;
use crate::report::Report;

pub(super) fn check(read: &ReadPack, report: &Report) {
    let pack = &read.pack;
    let served: BTreeSet<&ClauseId> = pack.controls.iter().flat_map(|control| &control.clauses).collect();
    clauses(pack, &served, report);
    controls(pack, report);
    obligations(pack, &read.unserved_sites, report);
    natures(pack, report);
    threats(pack, &served, report);
    guideline(pack, &read.later, report);
}

fn clauses(pack: &Pack, served: &BTreeSet<&ClauseId>, report: &Report) {
    for clause in pack.documents.iter().flat_map(|document| &document.clauses) {
        if clause.must && !served.contains(&clause.id) {
            report.add(
                Diagnostic::error(
                    "clause-unserved",
                    clause.site.clone(),
                    format!("条項「{}」（{}）を確かめる遵守項目がありません", clause.id, clause.heading),
                    format!("no control serves the clause '{}'", clause.id),
                )
                .expected(
                    format!("clauses に \"{}\" を含む [[control]]", clause.id),
                    format!("a [[control]] with \"{}\" among its clauses", clause.id),
                )
                .help(
                    "遵守項目を書き足すか、義務でない条項なら .must を外してください",
                    "add a control, or take .must off if it is no duty",
                )
                .names([clause.id.to_string()]),
            );
        }
    }
}

fn controls(pack: &Pack, report: &Report) {
    for control in &pack.controls {
        if control.clauses.is_empty() && control.serves.is_empty() {
            report.add(
                Diagnostic::error(
                    "control-serves-nothing",
                    control.site.clone(),
                    format!("遵守項目「{}」は、どの条項・義務のためのものでもありません", control.id),
                    format!("the control '{}' serves no clause and no obligation", control.id),
                )
                .expected("clauses か serves に一つ以上", "at least one of clauses and serves")
                .help("根拠となる条項を clauses に書いてください", "name the clause it is for")
                .names([control.id.as_str()]),
            );
        }
    }
}

fn obligations(pack: &Pack, listed: &[(String, Site)], report: &Report) {
    let served: BTreeSet<&str> = pack.controls.iter().flat_map(|c| &c.serves).map(String::as_str).collect();
    for obligation in &pack.obligations {
        let id = obligation.id.as_str();
        let entry = listed.iter().find(|(listed, _)| listed == id);
        match (served.contains(id), entry) {
            (true, None) => {}
            (false, None) => report.add(
                Diagnostic::error(
                    "obligation-unserved",
                    obligation.site.clone(),
                    format!("義務「{id}」を確かめる遵守項目がありません: {}", obligation.duty.ja),
                    format!("no control serves the obligation '{id}'"),
                )
                .expected(
                    format!("serves に \"{id}\" を含む [[control]]"),
                    format!("a [[control]] with \"{id}\" among what it serves"),
                )
                .help(
                    "遵守項目を書き足すか、まだ扱わないなら unserved に加えてください",
                    "add a control, or list it under unserved",
                )
                .names([id]),
            ),
            (false, Some((_, site))) => report.add(
                Diagnostic::warning(
                    "obligation-later",
                    site.clone(),
                    format!("義務「{id}」はまだ扱われていません"),
                    format!("the obligation '{id}' is not served yet"),
                )
                .help(
                    "遵守項目を書き足したら unserved から外してください",
                    "once a control serves it, take it off the list",
                )
                .names([id]),
            ),
            (true, Some((_, site))) => report.add(
                Diagnostic::error(
                    "obligation-listed-but-served",
                    site.clone(),
                    format!("義務「{id}」は遵守項目があるのに unserved に残っています"),
                    format!("the obligation '{id}' is served, and still listed as unserved"),
                )
                .help("unserved から外してください", "take it off the list")
                .names([id]),
            ),
        }
    }
}

/// `check` of an obligation that is served says who decides: a machine control, an attestation, or both.
fn natures(pack: &Pack, report: &Report) {
    for obligation in &pack.obligations {
        let serving = || pack.controls.iter().filter(|control| control.serves.contains(&obligation.id));
        if serving().next().is_none() {
            continue;
        }
        let machine = serving().any(|control| matches!(control.nature, Nature::Machine { .. }));
        let attested = serving().any(|control| matches!(control.nature, Nature::Attested(_)));
        let lacking = match obligation.check.as_str() {
            "M" if !machine => Some(("機械が判定する", "decided by the machine")),
            "MP" if !machine => Some(("機械が判定する", "decided by the machine")),
            "MP" if !attested => Some(("実施報告による", "attested by a person")),
            _ => None,
        };
        match (lacking, &obligation.because) {
            (Some(kind), None) => nature_lacking(obligation, kind, report),
            (None, Some(_)) => report.add(
                Diagnostic::error(
                    "obligation-reason-idle",
                    obligation.site.clone(),
                    format!("義務「{}」は check のとおりに確かめられているのに because があります", obligation.id),
                    format!("the obligation '{}' is decided as `check` says, and still has `because`", obligation.id),
                )
                .help("because を外してください", "take `because` off")
                .names([obligation.id.as_str()]),
            ),
            _ => {}
        }
    }
}

fn nature_lacking(obligation: &Obligation, (ja, en): (&str, &str), report: &Report) {
    let (id, check) = (obligation.id.as_str(), obligation.check.as_str());
    report.add(
        Diagnostic::error(
            "obligation-decided-otherwise",
            obligation.site.clone(),
            format!("義務「{id}」は check = \"{check}\" ですが、{ja}遵守項目がありません"),
            format!("the obligation '{id}' has check = \"{check}\", and no control that is {en}"),
        )
        .expected(
            format!("serves に \"{id}\" を含む、{ja} [[control]]"),
            format!("a [[control]] {en} with \"{id}\" among what it serves"),
        )
        .help(
            "遵守項目を書き足すか、できない理由を because に書いてください",
            "add a control, or say in `because` why there is none",
        )
        .names([id]),
    );
}

fn threats(pack: &Pack, served: &BTreeSet<&ClauseId>, report: &Report) {
    let clauses = || pack.documents.iter().flat_map(|document| &document.clauses);
    for threat in pack.threat_groups.iter().flat_map(|group| &group.threats) {
        let naming: Vec<_> = clauses().filter(|clause| clause.threats.contains(&threat.id)).collect();
        if naming.iter().any(|clause| served.contains(&clause.id)) {
            continue;
        }
        let (ja, en) = if naming.is_empty() {
            ("に応える条項がありません", "no clause answers")
        } else {
            ("に応える条項はありますが、遵守項目がありません", "no control serves the clauses that answer")
        };
        report.add(
            Diagnostic::error(
                "threat-unanswered",
                threat.site.clone(),
                format!("脅威「{}」（{}）{ja}", threat.id, threat.name.ja),
                format!("{en} the threat '{}'", threat.id),
            )
            .expected(
                format!("遵守項目のある条項の見出しに threats=\"{}\"", threat.id),
                format!("threats=\"{}\" in the heading of a clause that a control serves", threat.id),
            )
            .help(
                "対策を定めた条項の見出しに threats を書き足してください",
                "name the threat in the clause that answers it",
            )
            .names(std::iter::once(threat.id.clone()).chain(naming.iter().map(|clause| clause.id.to_string()))),
        );
    }
}

fn guideline(pack: &Pack, later: &[(String, String)], report: &Report) {
    for edition in &pack.guideline {
        for section in &edition.sections {
            let number = section.number.as_str();
            let only_heading = edition.sections.iter().any(|other| {
                let rest = other.number.strip_prefix(number);
                rest.is_some_and(|rest| rest.starts_with(|c: char| !c.is_ascii_digit()))
            });
            if !section.clauses.is_empty() || section.not_ours.is_some() || only_heading {
                continue;
            }
            let said = later.iter().any(|(id, listed)| *id == edition.id && listed == number);
            let name = format!("{} {number}", edition.id);
            if said {
                report.add(
                    Diagnostic::warning(
                        "guideline-later",
                        section.site.clone(),
                        format!("ガイドライン「{name}」に応える条項はまだありません"),
                        format!("no clause answers section '{name}' yet"),
                    )
                    .help("条項を定めたら clauses に書き、not_yet を消してください", "once there is one, name it")
                    .names([name]),
                );
                continue;
            }
            report.add(
                Diagnostic::error(
                    "guideline-hole",
                    section.site.clone(),
                    format!("ガイドライン「{name}」（{}）に応える条項がありません", section.title.ja),
                    format!("section '{name}' of the guideline is answered by no clause"),
                )
                .expected("clauses、not_yet = true、not_ours のいずれか", "clauses, not_yet = true, or not_ours")
                .help("応える条項を clauses に書いてください", "name the clause that answers it")
                .names([name]),
            );
        }
    }
}
