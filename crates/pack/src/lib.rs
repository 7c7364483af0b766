//! Reads and checks a policy pack: text in, a [`Pack`] or diagnostics out. Pure.
//!
//! A pack is a municipality's policy as data: documents, roles, classes, zones, registers with lifecycles, controls. The
//! [`model`] is what everyone else works with; a value of it exists only when the pack was read and checked without error.
//! The grammar is in `docs/pack.md`.

mod against;
mod check;
mod diagnostic;
mod diff;
pub mod expr;
pub mod model;
mod outline;
mod publish;
mod read;
mod report;
mod source;
mod suggest;
mod trace;

pub use against::{Recorded, RecordedField, RecordedRegister, check_against};
pub use diagnostic::{Diagnostic, Severity};
pub use diff::{Change, Run, diff, diff_html};
pub use model::Pack;
pub use outline::PartKind;
pub use publish::{Adoption, Page, Publication, SHEET, publish, texts};
pub use source::{MAX_FILE_BYTES, MAX_FILES, MAX_PACK_BYTES, Source};
pub use trace::{TraceRow, trace};

/// What a check gives.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The pack, when there is no error.
    pub pack: Option<Pack>,
    /// Errors, then warnings, each in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// How many of what the pack holds, in a fixed order; empty when it could not be read.
    pub counts: Vec<(&'static str, usize)>,
}

impl Checked {
    /// How many diagnostics are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

/// Reads and checks a pack, and reports all that is wrong with it.
///
/// When a file cannot be read as TOML or text at all, the rules between files are left for the next run: what refers into
/// that file would only be noise.
pub fn compile(source: &Source) -> Checked {
    let report = report::Report::default();
    let read = read::read(source, &report);
    if let Some(read) = &read
        && !report.any_file_unread()
    {
        check::check(read, &report);
    }
    let diagnostics = report.into_diagnostics();
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let counts = read.as_ref().map(|read| counts(&read.pack)).unwrap_or_default();
    Checked { pack: read.filter(|_| !failed).map(|read| read.pack), diagnostics, counts }
}

fn counts(pack: &Pack) -> Vec<(&'static str, usize)> {
    let clauses = || pack.documents.iter().flat_map(|document| &document.clauses);
    let machine = pack.controls.iter().filter(|c| matches!(c.nature, model::Nature::Machine { .. })).count();
    vec![
        ("documents", pack.documents.len()),
        ("clauses", clauses().count()),
        ("must_clauses", clauses().filter(|clause| clause.must).count()),
        ("registers", pack.registers.len()),
        ("controls", pack.controls.len()),
        ("machine_controls", machine),
        ("obligations", pack.obligations.len()),
        ("unserved_obligations", pack.unserved.len()),
        ("roles", pack.roles.len()),
        ("zones", pack.zones.len()),
        ("threats", pack.threat_groups.iter().map(|group| group.threats.len()).sum()),
        ("sources", pack.sources.len()),
        ("questionnaires", pack.questionnaires.len()),
    ]
}
