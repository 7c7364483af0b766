//! What a run collects: diagnostics, references to be resolved, texts without English.

use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::model::Site;

/// Kinds of things that are referred to by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Act,
    Body,
    Category,
    Class,
    Clause,
    Field { register: String },
    Obligation,
    Register,
    Role,
    Source,
    State { register: String },
    Threat,
    Zone,
}

/// A name in the pack that has to exist somewhere else.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) site: Site,
}

/// The collector of one run. Shared by reference, so that readers can be small functions that return a value.
#[derive(Debug, Default)]
pub(crate) struct Report {
    diagnostics: RefCell<Vec<Diagnostic>>,
    references: RefCell<Vec<Reference>>,
    no_english: RefCell<BTreeMap<Arc<str>, (Site, usize)>>,
    unread: Cell<bool>,
}

impl Report {
    pub(crate) fn add(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Notes that a whole file could not be read, so that what refers into it would only be noise.
    pub(crate) fn file_unread(&self) {
        self.unread.set(true);
    }

    pub(crate) fn any_file_unread(&self) -> bool {
        self.unread.get()
    }

    /// Notes a name that has to exist; resolved when everything is read.
    pub(crate) fn refer(&self, kind: Kind, id: impl Into<String>, site: Site) {
        self.references.borrow_mut().push(Reference { kind, id: id.into(), site });
    }

    pub(crate) fn references(&self) -> Ref<'_, [Reference]> {
        Ref::map(self.references.borrow(), Vec::as_slice)
    }

    /// Notes a text without English.
    pub(crate) fn no_english(&self, site: Site) {
        let mut files = self.no_english.borrow_mut();
        files.entry(site.file.clone()).and_modify(|(_, count)| *count += 1).or_insert((site, 1));
    }

    /// Everything said, in the order of files and places.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut all = self.diagnostics.into_inner();
        for (site, count) in self.no_english.into_inner().into_values() {
            all.push(
                Diagnostic::warning(
                    "english-missing",
                    site,
                    format!("英語のない文言が{count}件あります（最初の箇所を示しています）"),
                    format!("{count} texts have no English (the first is shown)"),
                )
                .help("{ ja = \"…\", en = \"…\" } の形で書いてください", "write { ja = \"…\", en = \"…\" }"),
            );
        }
        all.sort_by(|a, b| {
            (a.severity, &a.site.file, a.site.start, a.code, &a.message.ja).cmp(&(
                b.severity,
                &b.site.file,
                b.site.start,
                b.code,
                &b.message.ja,
            ))
        });
        all.dedup();
        all
    }
}
