//! The nasty files, counted: how many for each row of the threats, in how many formats. Written out on request, for the
//! comparison with other tools.

use std::collections::BTreeMap;

use sanitize::{Ending, Format, detect::detect};

use super::nasty::Case;
use super::{archives, html, nasty_mail, nasty_odf, nasty_office, nasty_zip, pdf, rtf, svg};

/// Rows of the specification's table that these files stand for; the others (14 names, 15 deceiving names, 17 formulas of
/// tables, 19 the worker, 20 metafiles, 21 fonts) are not one file each and have tests of their own.
const ROWS: &[u8] = &[1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 18];
/// What is aimed at.
const AIM: usize = 150;

/// One nasty file.
struct Nasty {
    row: u8,
    name: String,
    bytes: Vec<u8>,
    passes: bool,
    gone: &'static [&'static str],
}

impl Nasty {
    fn of(row: u8, case: Case) -> Self {
        let passes = matches!(case.ending, Ending::Rebuilt | Ending::RebuiltWithLoss);
        Self { row, name: case.name.to_owned(), bytes: case.bytes, passes, gone: case.gone }
    }
}

fn all() -> Vec<Nasty> {
    let own = [(6, rtf::nasty()), (9, html::nasty()), (9, svg::nasty()), (12, archives::nasty())];
    let sets = [nasty_office::cases(), nasty_odf::cases(), nasty_mail::cases(), nasty_zip::cases()];
    let cases = sets.into_iter().flatten().chain(own);
    let documents = pdf::acting().into_iter().map(|(name, bytes, _)| Nasty {
        row: 7,
        name: format!("{}.pdf", name.replace(' ', "-")),
        bytes,
        passes: true,
        gone: pdf::GONE,
    });
    cases.flat_map(|(row, cases)| cases.into_iter().map(move |case| Nasty::of(row, case))).chain(documents).collect()
}

#[test]
fn every_row_has_its_nasty_files() {
    let mut counts: BTreeMap<u8, BTreeMap<&str, usize>> = BTreeMap::new();
    let all = all();
    for nasty in &all {
        let extension = nasty.name.rsplit('.').next().unwrap();
        *counts.entry(nasty.row).or_default().entry(extension).or_default() += 1;
    }
    for (row, formats) in &counts {
        let list: Vec<_> = formats.iter().map(|(format, count)| format!("{format} {count}")).collect();
        println!("row {row}: {}", list.join(", "));
    }
    println!("{} nasty files", all.len());
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), ROWS);
    assert!(all.len() >= AIM, "{}", all.len());
    assert!(all.iter().all(|nasty| detect(&nasty.name, &nasty.bytes) != Format::Empty));
}

/// With `SEKIMORI_NASTY` naming a folder, the files and what is to become of them are written there.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test that hands files to other tools")]
fn nasty_files_are_written_out_when_asked_for() {
    let Ok(folder) = std::env::var("SEKIMORI_NASTY") else { return };
    for (number, nasty) in all().into_iter().enumerate() {
        let file = format!("{number:03}-{}", nasty.name);
        let about = serde_json::json!({ "file": file, "row": nasty.row, "passes": nasty.passes, "gone": nasty.gone });
        std::fs::write(format!("{folder}/{file}"), nasty.bytes).unwrap();
        std::fs::write(format!("{folder}/{number:03}.json"), about.to_string()).unwrap();
    }
}
