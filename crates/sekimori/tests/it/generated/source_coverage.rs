//! docs/generated/source-coverage.md: each statement of the public policy, with the clauses that carry it, what holds them, and the screens.

use std::collections::BTreeSet;
use std::fmt::Write;

use ::pack::model::Subjects;

use super::{cell, keep, nature, over, shipped};

#[test]
fn every_statement_of_the_source_is_carried() {
    let pack = shipped();
    let edition = pack.guideline.iter().find(|edition| edition.id == "source-policy").unwrap();
    let mut rows = String::new();
    for section in &edition.sections {
        if section.clauses.is_empty() {
            writeln!(rows, "| **{}** | **{}** | | | |", section.number, cell(&section.title.ja)).unwrap();
            continue;
        }
        let controls = pack.controls.iter();
        let controls: Vec<_> = controls.filter(|c| c.clauses.iter().any(|id| section.clauses.contains(id))).collect();
        let binding = section.clauses.iter().filter_map(|id| pack.clause(id)).any(|clause| clause.must);
        assert!(!binding || !controls.is_empty(), "{} is binding and held by nothing", section.number);
        let count = |name: &str| controls.iter().filter(|control| nature(control) == name).count();
        let held = if controls.is_empty() {
            "本文のみ".to_owned()
        } else {
            format!("自動 {}・データ {}・報告 {}", count("自動判定"), count("データ連携"), count("実施報告"))
        };
        let screens: BTreeSet<String> = controls.iter().map(|control| screen(over(control))).collect();
        let screens: Vec<String> = screens.into_iter().collect();
        let clauses: Vec<String> = section.clauses.iter().map(|clause| format!("`{clause}`")).collect();
        writeln!(
            rows,
            "| {} | {} | {} | {held} | {} |",
            section.number,
            cell(&section.title.ja),
            clauses.join(" "),
            screens.join(" ")
        )
        .unwrap();
    }
    let text = format!(
        "# From the public policy to clause, control and screen\n\n\
         Made from `packs/sodegaura/guideline/source-policy.toml` by a test; never edited by hand. Each statement of the policy that \
         the city publishes (number of the item; [n] counts the statements in it), the clauses of the pack that carry it, how many \
         controls hold those clauses (自動: decided over registers; データ: over imported data; 報告: reported by a person), and the \
         screens where they are kept. In the product the same way is 規程・手順・様式 → 出典・ガイドラインから探す, with today's state.\n\n\
         | 出典 | 内容 | 条項 | 遵守項目 | 画面 |\n|---|---|---|---|---|\n{rows}"
    );
    keep("source-coverage.md", &text);
}

/// The page where what a control looks at is kept.
fn screen(subjects: &Subjects) -> String {
    match subjects {
        Subjects::Register(id) => format!("`/registers/{id}`"),
        Subjects::Source(id) => format!("`/settings/sources/{id}`"),
        Subjects::People | Subjects::Units | Subjects::Posts => "`/organisation`".to_owned(),
        Subjects::Municipality => "`/compliance`".to_owned(),
    }
}
