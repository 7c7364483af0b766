//! The judgement as one sheet of HTML that prints on A4 and needs nothing else.

use std::fmt::Write as _;

use super::text::{mark, packet_line, zones};
use super::words::{Language, findings};
use crate::judge::{ClaimVerdict, Judgement, Verdict, Violation};

const STYLE: &str = "body{font-family:'BIZ UDPGothic','Noto Sans CJK JP',sans-serif;color:#1a1a1a;background:#fff;margin:2rem auto;\
max-width:60rem;line-height:1.6}table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #767676;padding:.3rem .7rem;\
text-align:left;vertical-align:top}td.mark{text-align:center}.broken{background:#fdeeee;font-weight:bold}.unknown{background:#fff5da;\
font-weight:bold}pre{background:#f2f2f2;padding:.5rem;white-space:pre-wrap;overflow-wrap:anywhere}h2{margin-top:2rem;\
border-bottom:2px solid #1a1a1a}h2,h3{break-after:avoid}pre,tr{break-inside:avoid}@page{size:A4;margin:15mm}@media print{body{margin:0;font-size:10pt}}";

/// Problems of the files that are shown.
const SHOWN_PROBLEMS: usize = 50;

/// The sheet. `day` is the day that was judged.
pub fn html(judgement: &Judgement, day: &str, language: Language) -> String {
    let mut out = String::new();
    let title = language.pick("通信経路の分割 検証結果", "Network separation: verdict");
    let code = language.pick("ja", "en");
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head><body>\n\
         <h1>{title}</h1>\n<p>{} {} / {}</p>\n",
        language.pick("基準日:", "As of"),
        escape(day),
        judgement.families_judged.join(", ")
    );
    matrix(&mut out, judgement, language);
    for claim in judgement.claims.iter().filter(|claim| claim.verdict != Verdict::Holds) {
        describe(&mut out, claim, language);
    }
    if !judgement.proposal.is_empty() {
        let heading = language.pick("直し方の案（直した設定で再検証済み）", "Proposed changes (proved again)");
        let _ = write!(out, "<h2>{heading}</h2><ul>");
        for proposal in &judgement.proposal {
            let change = escape(language.of(&proposal.change));
            let _ = write!(
                out,
                "<li>{}:{} {change} → {}</li>",
                escape(&proposal.file),
                proposal.line,
                language.verdict(proposal.then)
            );
        }
        out.push_str("</ul>\n");
    }
    for (title, lines) in findings(judgement, language) {
        let _ = write!(out, "<h2>{title}</h2><ul>");
        for line in lines {
            let _ = write!(out, "<li>{}</li>", escape(&line));
        }
        out.push_str("</ul>\n");
    }
    inputs(&mut out, judgement, language);
    out.push_str("</body></html>\n");
    out
}

fn matrix(out: &mut String, judgement: &Judgement, language: Language) {
    let zones = zones(judgement);
    let _ = write!(out, "<table><thead><tr><th scope=\"col\">{}</th>", language.pick("送信元 ＼ 宛先", "from \\ to"));
    for zone in &zones {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(zone));
    }
    out.push_str("</tr></thead><tbody>\n");
    for from in &zones {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(from));
        for to in &zones {
            let (class, text) = match mark(judgement, from, to) {
                "ok" => ("holds", language.verdict(Verdict::Holds)),
                "NG" => ("broken", language.verdict(Verdict::Broken)),
                "?" => ("unknown", language.verdict(Verdict::Unknown)),
                _ => ("none", "–"),
            };
            let _ = write!(out, "<td class=\"mark {class}\">{text}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table>\n");
}

fn describe(out: &mut String, claim: &ClaimVerdict, language: Language) {
    let _ = writeln!(
        out,
        "<section><h2>{} → {}: {}</h2>",
        escape(&claim.from),
        escape(&claim.to),
        language.verdict(claim.verdict)
    );
    if let Some(why) = &claim.why {
        let _ = write!(out, "<p>{}</p>", escape(language.of(why)));
    }
    if let Some(via) = &claim.via {
        let _ = write!(out, "<p>{} {}</p>", language.pick("経由が必要:", "Only through:"), escape(&via.join(", ")));
    }
    for violation in &claim.violations {
        line(out, violation, language.pick("通すパケット", "Lets through"), language);
    }
    for violation in &claim.possible {
        line(out, violation, language.pick("通すかもしれないパケット", "May let through"), language);
    }
    for wide in &claim.too_wide {
        let title = language.pick("台帳より広い通信", "Wider than registered");
        let _ = write!(
            out,
            "<p>{title}: {} ({}:{}) {}</p>",
            escape(&wide.flow),
            escape(&wide.file),
            wide.line,
            escape(&wide.first_box)
        );
    }
    for unread in &claim.unread {
        let title = language.pick("読めない行", "Not understood");
        let _ =
            write!(out, "<p>{title}: {}:{}</p><pre>{}</pre>", escape(&unread.file), unread.line, escape(&unread.text));
    }
    out.push_str("</section>\n");
}

fn line(out: &mut String, violation: &Violation, title: &str, language: Language) {
    let _ = write!(out, "<h3>{}:{}</h3><pre>", escape(&violation.file), violation.line);
    for near in &violation.context {
        let (mark, text) = if near.line == violation.line { ("▶", &violation.text) } else { ("　", &near.text) };
        let _ = writeln!(out, "{mark}{:>5} | {}", near.line, escape(text));
    }
    let packets = language.pick("パケット数", "packets");
    let _ = write!(out, "</pre><p>{title}（{packets} {}）</p><table><thead><tr>", violation.packets);
    let heads = match language {
        Language::Ja => ["送信元", "宛先", "プロトコル", "送信元ポート", "宛先ポート"],
        Language::En => ["source", "destination", "protocol", "source port", "destination port"],
    };
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for found in &violation.boxes {
        let cells = [&found.source, &found.destination, &found.protocol, &found.source_port, &found.destination_port];
        out.push_str("<tr>");
        for cell in cells {
            let _ = write!(out, "<td>{}</td>", escape(cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    if violation.boxes_left_out > 0 {
        let _ = write!(out, "<p>… +{}</p>", violation.boxes_left_out);
    }
    if let Some(packet) = &violation.packet {
        let mut text = packet_line(packet);
        for step in &violation.path {
            let _ = write!(text, "\n{} {}:{} [{}] {}", step.device, step.file, step.line, step.verdict, step.text);
        }
        let _ = write!(out, "<p>{}</p><pre>{}</pre>", language.pick("例", "Example"), escape(&text));
    }
}

fn inputs(out: &mut String, judgement: &Judgement, language: Language) {
    let _ = write!(out, "<h2>{}</h2><ul>", language.pick("読んだ設定", "Configurations read"));
    for input in &judgement.inputs {
        let proved = if input.proved { "" } else { " (unproved)" };
        let _ = write!(
            out,
            "<li>{} {}{proved} / {} {} / sha256 {}</li>",
            escape(&input.file),
            escape(&input.dialect),
            language.pick("読めない行", "not understood"),
            input.unread,
            escape(&input.sha256)
        );
    }
    for problem in judgement.problems.iter().take(SHOWN_PROBLEMS) {
        let message = escape(language.of(&problem.message));
        let _ = write!(out, "<li>{}:{}:{} {message}</li>", escape(&problem.file), problem.line, problem.column);
    }
    if judgement.problems.len() > SHOWN_PROBLEMS {
        let _ = write!(out, "<li>… +{}</li>", judgement.problems.len() - SHOWN_PROBLEMS);
    }
    for assumption in &judgement.assumptions {
        let _ = write!(out, "<li>{} {}</li>", language.pick("前提:", "Assumed:"), escape(language.of(assumption)));
    }
    out.push_str("</ul>\n");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
