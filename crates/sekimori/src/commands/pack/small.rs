//! A small town's pack: the registers that a town of a few thousand keeps from its first day, and one yearly report with evidence for
//! every other duty, so that no clause and no obligation goes unserved.

use std::collections::{BTreeMap, BTreeSet};

use pack::{Diagnostic, Severity, Source};
use toml::{Table, Value};

/// What is kept: closed under references.
const KEPT: &[&str] = &[
    "accounts",
    "assets",
    "contractor-checks",
    "contractors",
    "contracts",
    "disposals",
    "exceptions",
    "flows",
    "incidents",
    "media",
    "self-check-answers",
    "systems",
    "takeouts",
    "terminals",
];

/// Duties that have no register of their own and stay.
const WITHOUT_REGISTER: &[&str] = &["governance"];

/// Rounds of checking and mending; each control is replaced once at most.
const ROUNDS: usize = 6;

const BECAUSE: &str = "because  = { ja = \"台帳を置かずに始めるため、実施報告で確かめる\", en = \"Started without a register: a yearly report decides\" }";

type Files = BTreeMap<String, String>;

/// The files of the whole pack, cut down. `Err` gives what the check still says.
pub(super) fn small(files: Vec<(String, Vec<u8>)>) -> Result<Vec<(String, Vec<u8>)>, Vec<Diagnostic>> {
    let mut kept = Files::new();
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["duties", duty, _] if KEPT.contains(duty) || WITHOUT_REGISTER.contains(duty) => {
                kept.insert(path, text);
            }
            ["duties", duty, "controls.toml"] => {
                if let Some(one) = together(duty, &text) {
                    kept.insert(path.clone(), one);
                }
            }
            ["duties", ..] => {}
            ["questionnaires", _] if !asks_elsewhere(&text) => {
                kept.insert(path, text);
            }
            ["questionnaires", _] => {}
            _ => {
                kept.insert(path, text);
            }
        }
    }
    let mut errors = Vec::new();
    for _ in 0..ROUNDS {
        errors = check(&kept);
        if errors.is_empty() {
            return Ok(kept.into_iter().map(|(path, text)| (path, text.into_bytes())).collect());
        }
        mend(&mut kept, &errors);
    }
    Err(errors)
}

fn check(files: &Files) -> Vec<Diagnostic> {
    let source: Source = files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect();
    let diagnostics = pack::compile(&source).diagnostics;
    diagnostics.into_iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect()
}

/// Whether a questionnaire's answers go to a register that is left out.
fn asks_elsewhere(text: &str) -> bool {
    let table: Table = text.parse().unwrap_or_default();
    table.get("register").and_then(Value::as_str).is_some_and(|register| !KEPT.contains(&register))
}

fn controls(text: &str) -> Vec<Table> {
    let table: Table = text.parse().unwrap_or_default();
    let list = table.get("control").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_table).cloned().collect()
}

fn words(control: &Table, key: &str) -> Vec<String> {
    let list = control.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// One yearly report in place of all controls of a duty.
fn together(duty: &str, text: &str) -> Option<String> {
    let all = controls(text);
    let first = all.first()?;
    let united = |key: &str| all.iter().flat_map(|control| words(control, key)).collect::<BTreeSet<_>>();
    let (serves, clauses) = (united("serves"), united("clauses"));
    Some(attested(&format!("{duty}-reported"), &titles(first), serves, clauses))
}

/// Japanese and English title of a control.
fn titles(control: &Table) -> (String, String) {
    let title = control.get("title").and_then(Value::as_table);
    let of =
        |lang: &str| title.and_then(|title| title.get(lang)).and_then(Value::as_str).unwrap_or_default().to_owned();
    (of("ja"), of("en"))
}

fn attested(
    id: &str,
    (ja, en): &(String, String),
    serves: impl IntoIterator<Item = String>,
    clauses: impl IntoIterator<Item = String>,
) -> String {
    let list = |ids: &mut dyn Iterator<Item = String>| ids.map(|id| format!("  \"{id}\",\n")).collect::<String>();
    let (serves, clauses) = (list(&mut serves.into_iter()), list(&mut clauses.into_iter()));
    format!(
        "[[control]]\nid       = \"{id}\"\ntitle    = {{ ja = \"{ja}（実施報告）\", en = \"{en} (reported)\" }}\n\
         serves   = [\n{serves}]\nclauses  = [\n{clauses}]\nseverity = \"major\"\n\
         attest   = {{ by = \"secretariat@all\", per = \"municipality\", every = \"1年\", evidence = \"required\", \
         asks = {{ ja = \"一年間に行ったこと、件数、日付を記入し、記録を添付してください\", \
         en = \"Say what was done in the year, how often and when, and attach the records\" }} }}\n"
    )
}

/// Replaces controls that read what is left out, and says of obligations why they are decided otherwise.
fn mend(files: &mut Files, errors: &[Diagnostic]) {
    let mut replaced: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for error in errors {
        if error.site.file.ends_with("controls.toml") {
            replaced.entry(&error.site.file).or_default().insert(error.site.start);
        }
    }
    for (file, places) in replaced {
        if let Some(text) = files.get(file) {
            let new = without(text, &places);
            files.insert(file.to_owned(), new);
        }
    }
    let decided = |error: &&Diagnostic| error.code == "obligation-decided-otherwise";
    let otherwise: Vec<&str> = errors.iter().filter(decided).flat_map(|e| &e.names).map(String::as_str).collect();
    if let Some(text) = files.get_mut("obligations.toml") {
        *text = reasoned(text, &otherwise);
    }
}

/// A file of controls in which those at these places are reports.
fn without(text: &str, places: &BTreeSet<usize>) -> String {
    const HEAD: &str = "[[control]]";
    let starts: Vec<usize> = text.match_indices(HEAD).map(|(start, _)| start).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut out = text.get(..starts.first().copied().unwrap_or(text.len())).unwrap_or_default().to_owned();
    for (start, end) in starts.iter().copied().zip(ends) {
        let block = text.get(start..end).unwrap_or_default();
        let hit = places.range(start..end).next().is_some();
        match controls(block).first().filter(|_| hit) {
            Some(control) => {
                let id = control.get("id").and_then(Value::as_str).unwrap_or_default();
                out.push_str(&attested(id, &titles(control), words(control, "serves"), words(control, "clauses")));
                out.push('\n');
            }
            None => out.push_str(block),
        }
    }
    out
}

/// obligations.toml with a reason at these obligations.
fn reasoned(text: &str, ids: &[&str]) -> String {
    let (mut out, mut here) = (String::new(), false);
    for line in text.lines() {
        if line.starts_with("[[") {
            here = false;
        }
        here |= line.starts_with("id ") && ids.iter().any(|id| line.ends_with(&format!("\"{id}\"")));
        out.push_str(line);
        out.push('\n');
        if here && line.starts_with("check") {
            out.push_str(BECAUSE);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    #[test]
    fn the_small_pack_passes_the_check_and_serves_every_obligation() {
        let files = embedded::SODEGAURA.iter().filter(|(path, _)| *path != "README.md");
        let files = files.map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        let small = small(files).unwrap_or_else(|errors| {
            let lines: Vec<String> = errors
                .iter()
                .map(|e| format!("{}:{} {} {:?}", e.site.file, e.site.start, e.message.ja, e.names))
                .collect();
            panic!("{}", lines.join("\n"))
        });
        let source: Source = small.into_iter().collect();
        let pack = pack::compile(&source).pack.unwrap();
        let registers: Vec<&str> = pack.registers.iter().map(|register| register.id.as_str()).collect();
        assert_eq!(registers, KEPT);
        assert!(pack.unserved.is_empty());
        for obligation in &pack.obligations {
            assert!(pack.controls.iter().any(|control| control.serves.contains(&obligation.id)), "{}", obligation.id);
        }
        let machine = pack.controls.iter().filter(|c| matches!(c.nature, pack::model::Nature::Machine { .. })).count();
        assert!(machine > 40, "{machine}");
    }
}
