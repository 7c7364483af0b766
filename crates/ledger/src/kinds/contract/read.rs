//! The reads that judging contracts needs: the registers beside, as far as the reader sees them.

use std::collections::BTreeMap;

use pack::Pack;
use pack::model::Register;

use super::clauses::Needs;
use super::{Judged, Phase, Yearly, account, judge_subcontracts, phase, shortfall, yearly};
use crate::people::Standing;
use crate::records::{self, Filter, Record};
use crate::store::Sql;
use crate::{Day, Id, Moment, Reading, Result};

/// Ids asked for at once.
const AT_ONCE: usize = 100;

/// Judges a contract.
pub async fn judge(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    contract: &Record,
) -> Result<Option<Judged>> {
    Ok(judge_all(reading, pack, standing, register, std::slice::from_ref(contract)).await?.pop())
}

/// Judges contracts, in their order.
pub async fn judge_all(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    contracts: &[Record],
) -> Result<Vec<Judged>> {
    let today = reading.today();
    let beside = pack.beside_contracts(register);
    let ids: Vec<Id> = contracts.iter().map(|contract| contract.id).collect();
    let subcontracts = Found::of(reading, pack, standing, beside.subcontracts, "contract", &ids).await?;
    let checks = Found::of(reading, pack, standing, beside.checks, "contract", &ids).await?;
    // Whoever may see the contract is told when it was checked, also of checks that are closed to them.
    let every_check = Found::of(reading, pack, None, beside.checks, "contract", &ids).await?;
    let check_ids: Vec<Id> = checks.all.iter().map(|check| check.id).collect();
    let measures = Found::of(reading, pack, standing, beside.measures, "check", &check_ids).await?;
    let mut given: Vec<(&Register, Found)> = Vec::new();
    for other in &beside.given {
        given.push((other, Found::of(reading, pack, standing, Some(other), "contract", &ids).await?));
    }
    let first = match beside.subcontracts {
        Some(register) => first_in_force(reading, register, &subcontracts.all).await?,
        None => BTreeMap::new(),
    };
    let mut needs = Needs::of(register);
    let mut judged = Vec::new();
    for contract in contracts {
        let id = contract.id;
        let (nodes, rings) = match beside.subcontracts {
            Some(other) => judge_subcontracts(pack, other, contract, subcontracts.owned(id), &first, today),
            None => (Vec::new(), Vec::new()),
        };
        let initial = beside.checks.map(|checks| checks.lifecycle.initial.as_str());
        let counts = |check: &&Record| Some(check.state.as_str()) != initial;
        let mut made: Vec<&Record> = checks.of_one(id).filter(counts).collect();
        made.sort_by_key(|check| std::cmp::Reverse((check.day("checked_on"), check.id)));
        let every: Vec<&Record> = every_check.of_one(id).filter(counts).collect();
        let short = |check: &&Record| {
            let followed: Vec<&Record> = measures.of_one(check.id).collect();
            shortfall(beside.measures, check, &followed, today)
        };
        let mut shortfalls: Vec<_> = made.iter().filter_map(short).collect();
        shortfalls.sort_by_key(|shortfall| !shortfall.is_open());
        let items: Vec<(&Register, &Record)> =
            given.iter().flat_map(|(other, found)| found.of_one(id).map(|record| (*other, record))).collect();
        let phase = phase(register, contract, today);
        let running = matches!(phase, Phase::Running | Phase::Overrun);
        let hidden = subcontracts.hidden_of(id)
            + checks.hidden_of(id)
            + made.iter().map(|check| measures.hidden_of(check.id)).sum::<i64>()
            + given.iter().map(|(_, found)| found.hidden_of(id)).sum::<i64>();
        judged.push(Judged {
            phase,
            clauses: needs.clauses(reading, pack, contract).await?,
            account: account(contract, matches!(phase, Phase::Ended | Phase::Overrun), &nodes, &items),
            nodes,
            rings,
            yearly: yearly(pack, contract, &every)
                .filter(|_| running)
                .map(|yearly| Yearly { by: yearly.by.filter(|by| made.iter().any(|check| check.id == *by)), ..yearly }),
            checks: made.into_iter().cloned().collect(),
            shortfalls,
            hidden,
        });
    }
    Ok(judged)
}

/// Records of a register beside, by the record that they refer to.
#[derive(Default)]
struct Found {
    all: Vec<Record>,
    /// By the record referred to: places in `all`.
    of: BTreeMap<Id, Vec<usize>>,
    /// How many the reader does not see, by the record referred to.
    hidden: BTreeMap<Id, i64>,
}

impl Found {
    async fn of(
        reading: &mut Reading,
        pack: &Pack,
        standing: Option<&Standing>,
        register: Option<&Register>,
        field: &str,
        ids: &[Id],
    ) -> Result<Self> {
        let mut found = Self::default();
        let Some(register) = register else { return Ok(found) };
        for some in ids.chunks(AT_ONCE) {
            let wanted = Filter::Is(field.to_owned(), some.iter().map(Id::to_string).collect());
            found.all.extend(records::every(reading, pack, standing, register, vec![wanted]).await?);
            found.count_hidden(reading, register, field, some).await?;
        }
        // In the order of their creation.
        found.all.sort_by_key(|record| record.id);
        for (at, record) in found.all.iter().enumerate() {
            if let Some(id) = record.text(field).and_then(|id| id.parse::<Id>().ok()) {
                found.of.entry(id).or_default().push(at);
            }
        }
        for (id, seen) in &found.of {
            if let Some(hidden) = found.hidden.get_mut(id) {
                *hidden -= i64::try_from(seen.len()).unwrap_or(0);
            }
        }
        Ok(found)
    }

    /// Counts all records that refer to each of these, whoever sees them.
    async fn count_hidden(
        &mut self,
        reading: &mut Reading,
        register: &Register,
        field: &str,
        ids: &[Id],
    ) -> Result<()> {
        let mut sql = Sql::default();
        sql.push("SELECT l.target, COUNT(DISTINCT r.id) FROM record_link l JOIN record r ON r.id = l.record_id");
        sql.push(" WHERE l.kind = 'record' AND r.register = ").bind(&register.id).push(" AND l.field = ").bind(field);
        sql.push(" AND l.target IN ").bind_all(ids.iter().copied()).push(" GROUP BY l.target");
        for row in reading.rows(sql).await? {
            self.hidden.insert(row.id(0)?, row.int(1)?);
        }
        Ok(())
    }

    fn of_one(&self, id: Id) -> impl Iterator<Item = &Record> {
        self.of.get(&id).into_iter().flatten().filter_map(|at| self.all.get(*at))
    }

    fn owned(&self, id: Id) -> Vec<Record> {
        self.of_one(id).cloned().collect()
    }

    fn hidden_of(&self, id: Id) -> i64 {
        self.hidden.get(&id).copied().unwrap_or(0)
    }
}

/// The day on which each first stood in a state in which it is in force.
async fn first_in_force(reading: &mut Reading, register: &Register, all: &[Record]) -> Result<BTreeMap<Id, Day>> {
    let mut first = BTreeMap::new();
    for some in all.chunks(AT_ONCE) {
        let mut sql = Sql::default();
        sql.push("SELECT record_id, MIN(at) FROM record_version WHERE record_id IN ");
        sql.bind_all(some.iter().map(|record| record.id)).push(" AND state IN ").bind_all(register.in_force.iter());
        sql.push(" GROUP BY record_id");
        for row in reading.rows(sql).await? {
            first.insert(row.id(0)?, Moment(row.int(1)?).day());
        }
    }
    Ok(first)
}
