//! The judgement as text for a terminal.

use std::fmt::Write as _;

use super::words::{Language, findings};
use crate::judge::{ClaimVerdict, Judgement, PacketText, Verdict, Violation};

/// Boxes that are shown of a line.
const SHOWN_BOXES: usize = 8;
/// Lines that are shown of a list.
const SHOWN_LINES: usize = 50;

/// The whole judgement.
pub fn text(judgement: &Judgement, language: Language) -> String {
    let mut out = String::new();
    matrix(&mut out, judgement);
    let count = |verdict| judgement.claims.iter().filter(|claim| claim.verdict == verdict).count();
    let (holds, broken, unknown) = (count(Verdict::Holds), count(Verdict::Broken), count(Verdict::Unknown));
    let line = match language {
        Language::Ja => {
            format!("成立 {holds} ・ 違反 {broken} ・ 不明 {unknown}（対象: {}）", judgement.families_judged.join(", "))
        }
        Language::En => format!(
            "{holds} hold, {broken} broken, {unknown} unknown (judged: {})",
            judgement.families_judged.join(", ")
        ),
    };
    let _ = writeln!(out, "\n{line}");
    for claim in judgement.claims.iter().filter(|claim| claim.verdict != Verdict::Holds) {
        describe(&mut out, claim, language);
    }
    proposals(&mut out, judgement, language);
    for (title, lines) in findings(judgement, language) {
        let _ = writeln!(out, "\n■ {title}");
        for line in lines.iter().take(SHOWN_LINES) {
            let _ = writeln!(out, "  {line}");
        }
        if lines.len() > SHOWN_LINES {
            let _ = writeln!(out, "  … +{}", lines.len() - SHOWN_LINES);
        }
    }
    inputs(&mut out, judgement, language);
    out
}

/// The zone × zone matrix: rows are where packets begin.
fn matrix(out: &mut String, judgement: &Judgement) {
    let zones = zones(judgement);
    let width = zones.iter().map(|zone| columns(zone)).max().unwrap_or(0);
    let _ = write!(out, "{:width$}", "");
    for zone in &zones {
        let _ = write!(out, "  {zone}");
    }
    let _ = writeln!(out);
    for from in &zones {
        let _ = write!(out, "{from}{:pad$}", "", pad = width - columns(from));
        for to in &zones {
            let mark = mark(judgement, from, to);
            let space = columns(to) + 2 - columns(mark);
            let _ = write!(out, "{:space$}{mark}", "");
        }
        let _ = writeln!(out);
    }
}

/// Zones in the order of the claims.
pub(super) fn zones(judgement: &Judgement) -> Vec<&str> {
    let mut zones: Vec<&str> = Vec::new();
    for zone in judgement.claims.iter().flat_map(|claim| [claim.from.as_str(), claim.to.as_str()]) {
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    zones
}

/// The mark of a pair: ok, NG, ? or – (no claim).
pub(super) fn mark(judgement: &Judgement, from: &str, to: &str) -> &'static str {
    let claim = judgement.claims.iter().find(|claim| claim.from == from && claim.to == to);
    match claim.map(|claim| claim.verdict) {
        None => "-",
        Some(Verdict::Holds) => "ok",
        Some(Verdict::Broken) => "NG",
        Some(Verdict::Unknown) => "?",
    }
}

fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}

fn describe(out: &mut String, claim: &ClaimVerdict, language: Language) {
    let _ = writeln!(out, "\n■ {} → {}: {}", claim.from, claim.to, language.verdict(claim.verdict));
    if let Some(via) = &claim.via {
        let _ = writeln!(out, "  {} {}", language.pick("経由が必要:", "only through:"), via.join(", "));
    }
    if let Some(why) = &claim.why {
        let _ = writeln!(out, "  {}", language.of(why));
    }
    for violation in &claim.violations {
        describe_line(out, violation, language.pick("通すパケット", "lets through"), language);
    }
    for violation in &claim.possible {
        describe_line(out, violation, language.pick("通すかもしれないパケット", "may let through"), language);
    }
    for wide in &claim.too_wide {
        let title = language.pick("台帳より広い", "wider than registered");
        let _ = writeln!(out, "  {title}: {} ({}:{})  {}", wide.flow, wide.file, wide.line, wide.first_box);
    }
    for unread in &claim.unread {
        let title = language.pick("読めない行", "not understood");
        let _ = writeln!(out, "  {title}: {}:{}  {}", unread.file, unread.line, unread.text);
    }
}

fn describe_line(out: &mut String, violation: &Violation, title: &str, language: Language) {
    let _ = writeln!(out, "  {}:{}:{}", violation.file, violation.line, violation.column);
    for near in &violation.context {
        let (mark, text) = if near.line == violation.line { (">", &violation.text) } else { (" ", &near.text) };
        let _ = writeln!(out, "  {mark} {:>5} | {text}", near.line);
    }
    let _ = writeln!(out, "    {title} ({}):", violation.packets);
    for found in violation.boxes.iter().take(SHOWN_BOXES) {
        let _ = writeln!(
            out,
            "      {} → {} {} {} → {}",
            found.source, found.destination, found.protocol, found.source_port, found.destination_port
        );
    }
    let left = violation.boxes_left_out + violation.boxes.len().saturating_sub(SHOWN_BOXES) as u64;
    if left > 0 {
        let _ = writeln!(out, "      … +{left}");
    }
    if let Some(packet) = &violation.packet {
        let _ = writeln!(out, "    {} {}", language.pick("例:", "for example:"), packet_line(packet));
        for step in &violation.path {
            let _ = writeln!(out, "      {} {}:{} [{}] {}", step.device, step.file, step.line, step.verdict, step.text);
        }
    }
}

/// `tcp 10.1.5.1:1024 > 10.3.7.1:1024`, with what else is known.
pub(super) fn packet_line(packet: &PacketText) -> String {
    let with = |address: &str, port: u16| {
        if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
    };
    let mut out = format!(
        "{} {} > {}",
        packet.protocol,
        with(&packet.source, packet.source_port),
        with(&packet.destination, packet.destination_port)
    );
    if let Some(arrives) = &packet.arrives_at {
        let _ = write!(out, " (→ {arrives})");
    }
    if let (Some(from), Some(to)) = (&packet.interface_in, &packet.interface_out) {
        let _ = write!(out, " [{from} → {to}]");
    }
    out
}

fn proposals(out: &mut String, judgement: &Judgement, language: Language) {
    if judgement.proposal.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n■ {}",
        language.pick("直し方の案（直した設定でもう一度検証済み）", "Proposed changes (proved again with them)")
    );
    for proposal in &judgement.proposal {
        let change = language.of(&proposal.change);
        let _ = writeln!(out, "  {}:{}  {change}  → {}", proposal.file, proposal.line, language.verdict(proposal.then));
    }
}

fn inputs(out: &mut String, judgement: &Judgement, language: Language) {
    let _ = writeln!(out, "\n■ {}", language.pick("読んだ設定", "Configurations read"));
    for input in &judgement.inputs {
        let proved = if input.proved { "" } else { " (unproved)" };
        let (lines, rules, unread) = (input.lines, input.rules, input.unread);
        let numbers = match language {
            Language::Ja => format!("{lines}行 規則{rules} 読めない行{unread}"),
            Language::En => format!("{lines} lines, {rules} rules, {unread} not understood"),
        };
        let _ = writeln!(out, "  {}  {}{proved}  {numbers}  sha256 {}", input.file, input.dialect, input.sha256);
    }
    for problem in judgement.problems.iter().take(SHOWN_LINES) {
        let _ =
            writeln!(out, "  {}:{}:{}  {}", problem.file, problem.line, problem.column, language.of(&problem.message));
    }
    for assumption in &judgement.assumptions {
        let _ = writeln!(out, "  {} {}", language.pick("前提:", "assumed:"), language.of(assumption));
    }
}
