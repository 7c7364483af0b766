//! obligations.toml: the duties that controls serve, and those not served yet.

use super::ids::{Seen, Style};
use super::table::{Table, Word};
use crate::model::Obligation;
use crate::report::Kind;

pub(super) struct Obligations {
    pub(super) obligations: Vec<Obligation>,
    pub(super) unserved: Vec<Word>,
}

pub(super) fn read(file: &Table<'_>) -> Obligations {
    let unserved = file.words("unserved");
    for word in &unserved {
        file.report().refer(Kind::Obligation, word.text.clone(), word.site.clone());
    }
    let mut seen = Seen::default();
    let obligations = file.tables("obligation").iter().filter_map(|table| obligation(table, &mut seen)).collect();
    file.finish();
    Obligations { obligations, unserved }
}

fn obligation(table: &Table<'_>, seen: &mut Seen) -> Option<Obligation> {
    let id = seen.id(table, Style::Obligation);
    let section = table.need_word("section").map(|word| word.text).unwrap_or_default();
    let (who, duty) = (table.need_text("who"), table.need_text("duty"));
    let (when, evidence) = (table.need_text("when"), table.need_text("evidence"));
    let check = table.need_one_of("check", &[("M", "M"), ("P", "P"), ("MP", "MP")]).unwrap_or("P").to_owned();
    let because = table.text("because");
    table.finish();
    let id = id?;
    Some(Obligation { id: id.text, section, who, duty, when, evidence, check, because, site: id.site })
}
