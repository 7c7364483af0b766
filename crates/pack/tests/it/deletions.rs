//! Nothing can be left out unnoticed: every control, clause, field, state, role and transition of a pack is deleted in turn, and
//! the check has to name it. What may go unnoticed is harmless, and says by which reason.

use std::collections::{BTreeMap, BTreeSet};

use pack::expr::{Expr, Hop};
use pack::model::{Control, Nature, Pack, Register, Subjects};
use pack::{Diagnostic, Source};
use toml::{Table, Value};

use crate::base::base;

/// Something that can be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Deletion {
    what: &'static str,
    /// The register, for its parts.
    within: Option<String>,
    id: String,
    file: String,
}

/// Everything that can be deleted from a pack.
fn deletions(pack: &Pack) -> Vec<Deletion> {
    let mut all = Vec::new();
    let mut add = |what, within: Option<&str>, id: &str, file: String| {
        all.push(Deletion { what, within: within.map(str::to_owned), id: id.to_owned(), file });
    };
    for control in &pack.controls {
        add("control", None, &control.id, control.site.file.to_string());
    }
    for clause in pack.documents.iter().flat_map(|document| &document.clauses) {
        add("clause", None, &clause.id.to_string(), clause.site.file.to_string());
    }
    for role in &pack.roles {
        add("role", None, &role.id, role.site.file.to_string());
    }
    for register in &pack.registers {
        let file = format!("duties/{}/register.toml", register.id);
        for field in &register.fields {
            add("field", Some(&register.id), &field.id, file.clone());
        }
        for state in &register.lifecycle.states {
            add("state", Some(&register.id), &state.id, file.clone());
        }
        for transition in &register.lifecycle.transitions {
            add("transition", Some(&register.id), &transition.id, file.clone());
        }
    }
    all
}

fn text(source: &Source, file: &str) -> String {
    String::from_utf8(source.get(file).expect("the file").to_vec()).unwrap().trim_start_matches('\u{feff}').to_owned()
}

/// The pack without it.
fn without(source: &Source, pack: &Pack, deletion: &Deletion) -> Source {
    let mut source = source.clone();
    let before = text(&source, &deletion.file);
    let after = if deletion.what == "clause" {
        let clause = pack.documents.iter().flat_map(|d| &d.clauses).find(|c| c.id.to_string() == deletion.id).unwrap();
        let from = clause.site.start;
        let next = pack.documents.iter().flat_map(|d| &d.clauses).filter(|c| c.site.file == clause.site.file);
        let to = next.map(|c| c.site.start).filter(|start| *start > from).min().unwrap_or(before.len());
        format!("{}{}", &before[..from], &before[to..])
    } else {
        let mut table: Table = before.parse().unwrap();
        remove(&mut table, deletion);
        toml::to_string(&table).unwrap()
    };
    source.insert(deletion.file.as_str(), after);
    source
}

fn remove(table: &mut Table, deletion: &Deletion) {
    let id = deletion.id.as_str();
    let has_id = |value: &Value| value.as_str() == Some(id) || value.get("id").and_then(Value::as_str) == Some(id);
    let list = |table: &mut Table, key: &str| {
        table.get_mut(key).and_then(Value::as_array_mut).expect("a list").retain(|value| !has_id(value));
    };
    match deletion.what {
        "control" => list(table, "control"),
        "role" => list(table, "role"),
        "field" => drop(table.get_mut("fields").and_then(Value::as_table_mut).unwrap().remove(id)),
        "transition" => drop(table.get_mut("transitions").and_then(Value::as_table_mut).unwrap().remove(id)),
        _ => list(table.get_mut("lifecycle").and_then(Value::as_table_mut).unwrap(), "states"),
    }
}

/// Whether a diagnostic that was not there before names it.
fn noticed(before: &BTreeSet<String>, after: &[Diagnostic], deletion: &Deletion) -> bool {
    after.iter().any(|diagnostic| diagnostic.names.contains(&deletion.id) && !before.contains(&key(diagnostic)))
}

fn key(diagnostic: &Diagnostic) -> String {
    format!("{} {} {}", diagnostic.code, diagnostic.message.ja, diagnostic.names.join(" "))
}

/// Why it may go unnoticed.
fn harmless(pack: &Pack, deletion: &Deletion, after: &[Diagnostic], before: &BTreeSet<String>) -> Option<&'static str> {
    let register = || pack.register(deletion.within.as_deref()?);
    let new = || after.iter().filter(|diagnostic| !before.contains(&key(diagnostic)));
    match deletion.what {
        "control" => {
            let control = pack.control(&deletion.id)?;
            let all_named =
                unserved_without(pack, control).iter().all(|id| new().any(|diagnostic| diagnostic.names.contains(id)));
            all_named.then_some("what it alone serves is named; the rest is served by other controls")
        }
        "clause" => {
            let (document, slug) = deletion.id.split_once('#')?;
            let clause = pack.document(document)?.clauses.iter().find(|clause| clause.id.slug == slug)?;
            let link = format!("#{slug})");
            let linked = pack.documents.iter().flat_map(|d| &d.clauses).any(|clause| clause.body.contains(&link));
            let named = pack.controls.iter().any(|control| control.clauses.contains(&clause.id));
            (!clause.must && !linked && !named).then_some("a text that demands nothing, and that nothing refers to")
        }
        "field" => (!field_is_used(pack, register()?, &deletion.id)).then_some("nothing else in the pack speaks of it"),
        "transition" => {
            let register = register()?;
            let gone = register.transition(&deletion.id)?;
            let end_named = new().any(|diagnostic| {
                let states = std::iter::once(&gone.to).chain(&gone.from);
                diagnostic.names.contains(&register.id) && states.into_iter().any(|id| diagnostic.names.contains(id))
            });
            if end_named {
                return Some("the state that it leaves or leads to is named");
            }
            let others = register.lifecycle.transitions.iter().filter(|other| other.id != gone.id);
            let still_left = gone.from.iter().all(|from| others.clone().any(|other| other.from.contains(from)));
            let still_reached =
                gone.to == register.lifecycle.initial || others.clone().any(|other| other.to == gone.to);
            (still_left && still_reached).then_some("its states are left and reached by other transitions")
        }
        _ => None,
    }
}

/// Clauses and obligations that no control serves once this one is gone.
fn unserved_without(pack: &Pack, control: &Control) -> Vec<String> {
    let others = || pack.controls.iter().filter(|other| other.id != control.id);
    let clauses = control.clauses.iter().filter(|id| {
        pack.clause(id).is_some_and(|clause| clause.must) && !others().any(|other| other.clauses.contains(id))
    });
    let obligations = control.serves.iter().filter(|id| !others().any(|other| other.serves.contains(id)));
    clauses.map(ToString::to_string).chain(obligations.cloned()).collect()
}

fn field_is_used(pack: &Pack, register: &Register, field: &str) -> bool {
    let listed = register.columns.iter().chain(&register.name).chain(register.unique.iter().flatten());
    let filled = register.lifecycle.transitions.iter().flat_map(|transition| &transition.fills);
    let shown = register.sections.iter().flat_map(|section| &section.fields);
    if listed.chain(filled).chain(shown).any(|id| id == field) {
        return true;
    }
    let of = Subjects::Register(register.id.clone());
    expressions(pack).iter().any(|expr| {
        expr.reads().iter().any(|read| {
            let through = read.via.iter().any(|hop| match hop {
                Hop::To { of: owner, field: id } => *owner == of && id == field,
                Hop::Back { of: owner, field: id } => *owner == of && id == field,
                Hop::All(_) => false,
            });
            through || (read.of == of && read.field.as_deref() == Some(field))
        })
    })
}

fn expressions(pack: &Pack) -> Vec<&Expr> {
    let mut all = Vec::new();
    for control in &pack.controls {
        if let Nature::Machine { applies, holds, .. } = &control.nature {
            all.extend(applies);
            all.push(holds);
        }
    }
    for register in &pack.registers {
        for field in &register.fields {
            all.extend(field.least.iter().chain(&field.most).chain(&field.default).chain(&field.when));
        }
        for transition in &register.lifecycle.transitions {
            all.extend(&transition.when);
            all.extend(transition.need.iter().filter_map(|need| need.when.as_ref()));
            all.extend(transition.route.iter().flat_map(|route| &route.steps).filter_map(|step| step.when.as_ref()));
        }
        all.extend(register.deadlines.iter().map(|deadline| &deadline.after));
    }
    all
}

/// How many deletions were noticed, and how many were harmless, by reason. Of `step` deletions one is tried.
fn judge(source: &Source, step: usize) -> (usize, BTreeMap<&'static str, usize>) {
    let checked = pack::compile(source);
    let pack = checked.pack.expect("a pack without errors");
    let before: BTreeSet<String> = checked.diagnostics.iter().map(key).collect();
    let all: Vec<_> = deletions(&pack).into_iter().step_by(step).collect();
    let judged = std::sync::Mutex::new((0, BTreeMap::new(), Vec::new()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (pack, before, all, judged) = (&pack, &before, &all, &judged);
            scope.spawn(move || {
                for deletion in all.iter().skip(worker).step_by(workers) {
                    let after = pack::compile(&without(source, pack, deletion)).diagnostics;
                    let reason = if noticed(before, &after, deletion) {
                        Ok(())
                    } else {
                        harmless(pack, deletion, &after, before).map_or(Err(None), |reason| Err(Some(reason)))
                    };
                    let mut judged = judged.lock().unwrap();
                    match reason {
                        Ok(()) => judged.0 += 1,
                        Err(Some(reason)) => *judged.1.entry(reason).or_default() += 1,
                        Err(None) => judged.2.push(format!(
                            "{} {} {}",
                            deletion.what,
                            deletion.within.as_deref().unwrap_or_default(),
                            deletion.id
                        )),
                    }
                }
            });
        }
    });
    let (noticed, reasons, unnoticed) = judged.into_inner().unwrap();
    assert!(unnoticed.is_empty(), "deleted without a word: {unnoticed:#?}");
    (noticed, reasons)
}

#[test]
fn nothing_is_deleted_from_the_small_pack_without_a_word() {
    let (noticed, reasons) = judge(&base(), 1);
    insta::assert_snapshot!(format!("{noticed} noticed\n{reasons:#?}"), @r#"
    24 noticed
    {
        "a text that demands nothing, and that nothing refers to": 1,
        "the state that it leaves or leads to is named": 7,
        "what it alone serves is named; the rest is served by other controls": 4,
    }
    "#);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads the real pack's folder; the crate reads nothing")]
fn nothing_is_deleted_from_the_real_pack_without_a_word() {
    fn read(dir: &std::path::Path, prefix: &str, source: &mut Source) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            if entry.path().is_dir() {
                read(&entry.path(), &format!("{path}/"), source);
            } else {
                source.insert(path, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut source = Source::new();
    read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sodegaura"), "", &mut source);
    // All of them take minutes: `./test --all` asks for that, `./test` for a sample.
    let step = if std::env::var_os("SEKIMORI_TEST_ALL").is_some() { 1 } else { 41 };
    let (noticed, reasons) = judge(&source, step);
    println!("{noticed} noticed, {reasons:#?}");
    assert!(noticed > 20, "{noticed} noticed, {reasons:#?}");
}
