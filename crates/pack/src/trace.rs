//! From each clause to what serves it.

use crate::model::{ClauseId, Control, Nature, Pack, Subjects};

/// A clause and a control that serves it; a clause that none serves, and a control of no clause, have a row too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRow {
    /// The clause, such as `standard#assets`; empty for a control that serves obligations only.
    pub clause: String,
    /// Whether a control has to serve it.
    pub must: bool,
    /// The control; empty when none serves the clause.
    pub control: String,
    /// `machine` or `attested`; empty without a control.
    pub nature: &'static str,
    /// Obligations that the control serves.
    pub serves: Vec<String>,
    /// What it is evaluated over: a register, `facts:…`, `people`, `units`, `posts`, `municipality`.
    pub register: String,
    /// `served`, `unserved` (a `.must` clause without control), `text` (a clause that demands none).
    pub state: &'static str,
}

/// What a control is evaluated over, as the pack writes it.
pub(crate) fn subjects(subjects: &Subjects) -> String {
    match subjects {
        Subjects::Register(id) => id.clone(),
        Subjects::Source(id) => format!("facts:{id}"),
        Subjects::People => "people".to_owned(),
        Subjects::Units => "units".to_owned(),
        Subjects::Posts => "posts".to_owned(),
        Subjects::Municipality => "municipality".to_owned(),
    }
}

/// All rows, clauses in reading order, then controls of no clause.
pub fn trace(pack: &Pack) -> Vec<TraceRow> {
    let mut rows = Vec::new();
    for clause in pack.documents.iter().flat_map(|document| &document.clauses) {
        let serving: Vec<_> = pack.controls.iter().filter(|control| control.clauses.contains(&clause.id)).collect();
        rows.extend(serving.iter().map(|control| row(Some(&clause.id), clause.must, control)));
        if serving.is_empty() {
            rows.push(TraceRow {
                clause: clause.id.to_string(),
                must: clause.must,
                control: String::new(),
                nature: "",
                serves: Vec::new(),
                register: String::new(),
                state: if clause.must { "unserved" } else { "text" },
            });
        }
    }
    rows.extend(pack.controls.iter().filter(|control| control.clauses.is_empty()).map(|c| row(None, false, c)));
    rows
}

fn row(clause: Option<&ClauseId>, must: bool, control: &Control) -> TraceRow {
    let (nature, over) = match &control.nature {
        Nature::Machine { subjects, .. } => ("machine", subjects),
        Nature::Attested(attestation) => ("attested", &attestation.per),
    };
    TraceRow {
        clause: clause.map(ToString::to_string).unwrap_or_default(),
        must,
        control: control.id.clone(),
        nature,
        serves: control.serves.clone(),
        register: subjects(over),
        state: "served",
    }
}
