//! docs/generated/obligations.md: each obligation with the clauses and controls that carry it.

use std::fmt::Write;

use ::pack::model::Control;

use super::{cell, keep, nature, place, shipped};

#[test]
fn every_obligation_has_its_row() {
    let pack = shipped();
    let mut rows = String::new();
    let mut decided = [0_usize; 3];
    for obligation in &pack.obligations {
        let controls: Vec<&Control> = pack.controls.iter().filter(|c| c.serves.contains(&obligation.id)).collect();
        assert!(!controls.is_empty(), "{} has no control", obligation.id);
        let natures: Vec<&str> = controls.iter().map(|control| nature(control)).collect();
        for (count, name) in decided.iter_mut().zip(["自動判定", "データ連携", "実施報告"]) {
            *count += usize::from(natures.contains(&name));
        }
        for (at, control) in controls.iter().enumerate() {
            let clauses = control.clauses.iter().filter(|clause| clause.document != "procedure-criteria");
            let clauses: Vec<String> = clauses.map(|clause| format!("`{clause}`")).collect();
            assert!(!control.clauses.is_empty(), "{} serves no clause", control.id);
            let duty = if at == 0 {
                format!("{} | {} | {}", obligation.id, cell(&obligation.duty.ja), obligation.check)
            } else {
                format!("{} | 〃 | ", obligation.id)
            };
            writeln!(
                rows,
                "| {duty} | {} | {}（`{}`） | {} | {} |",
                clauses.join(" "),
                cell(&control.title.ja),
                control.id,
                nature(control),
                cell(&place(&pack, control)),
            )
            .unwrap();
        }
    }
    let count = |name: &str| pack.controls.iter().filter(|control| nature(control) == name).count();
    let text = format!(
        "# Obligations and what holds them\n\n\
         Made from `packs/sodegaura` by a test; never edited by hand. {} obligations, {} controls: {} decided by the machine over \
         registers, {} over imported data, {} reported by a person with evidence. Of the obligations {} have a control decided \
         over registers, {} one over imported data, {} one that a person reports (many have more than one).\n\n\
         判定の欄 (check): M 機械、P 人、MP 両方。確かめ方: 自動判定（台帳から）、データ連携（取り込んだデータから）、実施報告（人が証拠を付けて報告）。\
         条項の欄は、判断基準の手順書（`procedure-criteria`）を除いて示す。\n\n\
         | 番号 | 義務 | 判定 | 条項 | 遵守項目 | 確かめ方 | どこで |\n|---|---|---|---|---|---|---|\n{rows}",
        pack.obligations.len(),
        pack.controls.len(),
        count("自動判定"),
        count("データ連携"),
        count("実施報告"),
        decided[0],
        decided[1],
        decided[2],
    );
    keep("obligations.md", &text);
}

/// What the ministry's column says of who decides is what the controls do, or the reason is written down.
#[test]
fn obligations_are_decided_as_they_ask() {
    let pack = shipped();
    for obligation in pack.obligations.iter().filter(|obligation| obligation.because.is_none()) {
        let controls = pack.controls.iter().filter(|control| control.serves.contains(&obligation.id));
        let natures: Vec<&str> = controls.map(nature).collect();
        let machine = natures.iter().any(|nature| *nature != "実施報告");
        let person = natures.contains(&"実施報告");
        let id = &obligation.id;
        match obligation.check.as_str() {
            "M" => assert!(machine, "{id} asks for a machine"),
            "MP" => assert!(machine && person, "{id} asks for both: {natures:?}"),
            _ => assert!(!natures.is_empty(), "{id}"),
        }
    }
}
