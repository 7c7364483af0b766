//! What is recorded under the policy in force, and whether a new version keeps its meaning.

use std::collections::{BTreeMap, BTreeSet};

use pack::model::{FieldType, Register, Site};
use pack::{Diagnostic, Pack, Recorded, RecordedRegister, Severity};
use serde_json::Value as Json;

use super::renames::Renames;
use crate::people::AFFILIATION;
use crate::records;
use crate::store::Sql;
use crate::{Reading, Result};

/// What is recorded, in the ids of the pack under which it was. Registers that it no longer has were retired before.
pub async fn recorded(reading: &mut Reading, pack: &Pack) -> Result<Recorded> {
    let mut all = Recorded::default();
    let states = Sql::new("SELECT register, state, count(*) FROM record GROUP BY register, state", []);
    for row in reading.rows(states).await? {
        let register = row.text(0)?;
        if pack.register(&register).is_none() {
            continue;
        }
        let count = usize::try_from(row.int(2)?).unwrap_or(usize::MAX);
        let uses = all.registers.entry(register).or_default();
        uses.records += count;
        uses.states.insert(row.text(1)?, count);
    }
    for register in &pack.registers {
        if let Some(uses) = all.registers.get_mut(&register.id) {
            fields(reading, register, uses).await?;
        }
    }
    let today = reading.today();
    let mut posts = Sql::default();
    posts.push("SELECT role, count(*) FROM post WHERE role <> ").bind(AFFILIATION);
    posts.push(" AND (to_day IS NULL OR to_day > ").bind(today).push(") GROUP BY role");
    all.posts = counted(reading, posts).await?;
    all.categories = counted(reading, Sql::new("SELECT category, count(*) FROM person GROUP BY category", [])).await?;
    all.bodies = counted(reading, Sql::new("SELECT body, count(*) FROM unit GROUP BY body", [])).await?;
    Ok(all)
}

async fn counted(reading: &mut Reading, sql: Sql) -> Result<BTreeMap<String, usize>> {
    let rows = reading.rows(sql).await?;
    rows.iter().map(|row| Ok((row.text(0)?, usize::try_from(row.int(1)?).unwrap_or(usize::MAX)))).collect()
}

async fn fields(reading: &mut Reading, register: &Register, uses: &mut RecordedRegister) -> Result<()> {
    let mut after = None;
    loop {
        let page = records::stored_page(reading, &register.id, after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for (id, value) in page.iter().flat_map(|record| &record.fields) {
            let field = uses.fields.entry(id.clone()).or_default();
            field.filled += 1;
            let counted = register.field(id).is_some_and(|field| has_values(&field.ty));
            let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in several.iter().filter_map(Json::as_str).filter(|_| counted) {
                *field.values.entry(value.to_owned()).or_default() += 1;
            }
        }
    }
}

fn has_values(ty: &FieldType) -> bool {
    match ty {
        FieldType::Choice(_) | FieldType::Class(_) | FieldType::Zone => true,
        FieldType::List(inner) => has_values(inner),
        _ => false,
    }
}

/// What a new version would lose of what is recorded under the one in force. An error among them means that it cannot be
/// taken into force.
pub async fn judge(reading: &mut Reading, old: &Pack, new: &Pack) -> Result<Vec<Diagnostic>> {
    let recorded = recorded(reading, old).await?;
    let mut found = pack::check_against(old, new, &recorded);
    let lost = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if !lost {
        let renames = Renames { old, new };
        for register in &old.registers {
            if let Some(heir) = renames.register(&register.id).filter(|heir| !heir.unique.is_empty()) {
                duplicates(reading, &renames, register, heir, &mut found).await?;
            }
        }
    }
    Ok(found)
}

/// Values that a new version says occur once, and that occur more often.
async fn duplicates(
    reading: &mut Reading,
    renames: &Renames<'_>,
    register: &Register,
    heir: &Register,
    found: &mut Vec<Diagnostic>,
) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut twice: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = records::stored_page(reading, &register.id, after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for record in page.iter().filter(|record| record.disposed.is_none()) {
            for (rule, key) in records::unique_of(heir, &renames.fields(heir, &record.fields)) {
                if !seen.insert((rule.clone(), key)) {
                    twice.entry(rule).or_default().push(record.number.clone());
                }
            }
        }
    }
    for (rule, numbers) in twice {
        let shown = numbers.iter().take(5).cloned().collect::<Vec<_>>();
        let count = numbers.len();
        let says = Diagnostic::error(
            "against-unique",
            Site { ..heir.site.clone() },
            format!(
                "「{}」の {rule} は重複できなくなりますが、同じ値の記録が{count}件あります（{}）",
                heir.id,
                shown.join("、")
            ),
            format!(
                "'{rule}' of '{}' may occur once only, and {count} records repeat a value ({})",
                heir.id,
                shown.join(", ")
            ),
        );
        found.push(
            says.help("記録を直すか、unique から外してください", "mend the records, or take it out of unique")
                .names([heir.id.as_str(), rule.as_str()]),
        );
    }
    Ok(())
}
