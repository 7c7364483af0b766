//! What the reader sees: a line per file, and below it what was removed, lost, and why not.

use gateway::Passed;
use sanitize::{Ending, Finding, Report};

use crate::lang::Lang;

fn ending(ending: Ending, lang: Lang) -> &'static str {
    match ending {
        Ending::Rebuilt => lang.pick("無害化済み", "sanitised"),
        Ending::RebuiltWithLoss => lang.pick("無害化済み（一部除去）", "sanitised with loss"),
        Ending::Held => lang.pick("保留", "held"),
        Ending::Refused => lang.pick("通過不可", "refused"),
    }
}

/// One file.
pub(super) fn print(passed: &Passed, lang: Lang) {
    let report = &passed.report;
    match &report.output {
        Some(output) => println!("{}: {} → {output}", ending(report.outcome, lang), report.input),
        None => println!("{}: {}", ending(report.outcome, lang), report.input),
    }
    if let Some(reason) = &report.reason {
        println!("    {}", lang.pick(&reason.ja, &reason.en));
    }
    if let Some(violation) = &passed.violation {
        eprintln!("    {violation}");
    }
    findings(lang.pick("除去", "removed"), &report.findings.removed, lang);
    findings(lang.pick("失われた内容", "lost"), &report.findings.lost, lang);
}

fn findings(head: &str, list: &[Finding], lang: Lang) {
    for finding in list.iter().take(20) {
        let what = lang.pick(finding.what.ja(), finding.what.en());
        let count = if finding.count > 1 { format!(" ×{}", finding.count) } else { String::new() };
        println!("    {head}: {what}{count} {}", finding.place);
    }
    if let Some(more) = list.len().checked_sub(20).filter(|more| *more > 0) {
        println!("    {head}: {}", lang.pick("ほか", "and more:").to_owned() + &format!(" {more}"));
    }
}

/// All files.
pub(super) fn summary(reports: &[Report], lang: Lang) {
    if reports.len() < 2 {
        return;
    }
    let endings = [Ending::Rebuilt, Ending::RebuiltWithLoss, Ending::Held, Ending::Refused];
    let counts = endings.map(|e| format!("{} {}", ending(e, lang), reports.iter().filter(|r| r.outcome == e).count()));
    println!("{}", counts.join(lang.pick("、", ", ")));
}
