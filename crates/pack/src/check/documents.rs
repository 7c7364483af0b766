//! Documents: who may read, and why not.

use crate::diagnostic::Diagnostic;
use crate::model::{Audience, Document, DocumentKind, Pack, Site};
use crate::report::Report;

pub(super) fn check(pack: &Pack, report: &Report) {
    if !pack.documents.iter().any(|document| document.kind == DocumentKind::Policy) {
        report.add(
            Diagnostic::error(
                "policy-missing",
                Site { file: "documents/policy.md".into(), start: 0, end: 0 },
                "基本方針の文書がありません",
                "there is no document of kind policy",
            )
            .expected("kind = \"policy\" の文書を一つ以上", "a document with kind = \"policy\"")
            .help("documents/policy.md を書いてください", "write documents/policy.md"),
        );
    }
    for document in &pack.documents {
        if document.kind == DocumentKind::Procedure && document.audience == Audience::Public {
            report.add(
                Diagnostic::error(
                    "procedure-public",
                    document.site.clone(),
                    format!("共通実施手順「{}」が公開になっています", document.id),
                    format!("the procedure '{}' is public", document.id),
                )
                .expected("audience = \"staff\" など", "audience = \"staff\" or narrower")
                .help(
                    "共通実施手順は公開しません。audience を改めてください",
                    "procedures are closed: change its audience",
                )
                .names([document.id.as_str()]),
            );
        }
        reasons(document, report);
    }
}

/// What is closed says why, once where it begins to be closed.
fn reasons(document: &Document, report: &Report) {
    let without = |site: &Site, id: &str| {
        report.add(
            Diagnostic::error(
                "closed-without-reason",
                site.clone(),
                format!("「{id}」は公開されませんが、その理由がありません"),
                format!("'{id}' is closed, and does not say why"),
            )
            .expected(
                "文書なら closed_because、見出しなら because=\"…\"",
                "closed_because in the front matter, because=\"…\" in a heading",
            )
            .help("公開版に載せる理由を書いてください", "write the reason that the public edition prints")
            .names([id]),
        );
    };
    if document.audience != Audience::Public && document.closed_because.is_none() {
        without(&document.site, &document.id);
    }
    for clause in &document.clauses {
        let above = clause.parent.as_ref().and_then(|slug| document.clauses.iter().find(|c| c.id.slug == *slug));
        let above = above.map_or(&document.audience, |parent| &parent.audience);
        if clause.audience != Audience::Public && *above == Audience::Public && clause.closed_because.is_none() {
            without(&clause.site, &clause.id.to_string());
        }
    }
}
