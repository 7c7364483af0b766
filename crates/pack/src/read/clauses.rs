//! clauses.toml of a duty: what its contracts have to hold.

use super::expressions::condition;
use super::files::Files;
use super::ids::{Seen, Style};
use super::pack_toml::clauses;
use crate::expr::Scope;
use crate::model::ContractClause;
use crate::report::Report;

pub(super) fn read(files: &Files<'_>, folder: &str, scope: Option<&Scope<'_>>, report: &Report) -> Vec<ContractClause> {
    // Contracts are written in Japanese: no English is wished for.
    let Some(file) = files.table(&format!("{folder}/clauses.toml"), report, false) else { return Vec::new() };
    let mut seen = Seen::default();
    let mut all = Vec::new();
    for table in file.tables("clause") {
        let id = seen.id(&table, Style::Underscores);
        table.need("asks");
        let (when, asks) = (condition(&table, "when", scope), clauses(&table, "asks"));
        let wording = table.need_text("wording");
        table.finish();
        if let Some(id) = id {
            all.push(ContractClause { id: id.text, when, asks, wording, site: id.site });
        }
    }
    file.finish();
    all
}
