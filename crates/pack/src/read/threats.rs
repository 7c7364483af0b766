//! threats.toml.

use super::ids::{Seen, Style};
use super::table::Table;
use crate::model::{Threat, ThreatGroup};

pub(super) fn read(file: &Table<'_>) -> Vec<ThreatGroup> {
    let (mut groups, mut threats) = (Seen::default(), Seen::default());
    let mut all = Vec::new();
    for table in &file.tables("group") {
        let id = groups.id(table, Style::Underscores);
        let name = table.need_text("name");
        let members = table.tables("threat").iter().filter_map(|table| threat(table, &mut threats)).collect();
        table.finish();
        if let Some(id) = id {
            all.push(ThreatGroup { id: id.text, name, threats: members, site: id.site });
        }
    }
    file.finish();
    all
}

fn threat(table: &Table<'_>, seen: &mut Seen) -> Option<Threat> {
    let id = seen.id(table, Style::Underscores);
    let name = table.need_text("name");
    table.finish();
    let id = id?;
    Some(Threat { id: id.text, name, site: id.site })
}
