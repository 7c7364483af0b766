//! What evidence is asked for, and what of the policy and the city that concerns.

use std::collections::{BTreeMap, BTreeSet};

use ledger::kinds::audit::{self, Around};
use ledger::kinds::registers;
use ledger::people::{Standing, units};
use ledger::records::{self, Filter, Record};
use ledger::{Day, Error, Id, Moment, Reading, Result};
use pack::Pack;
use pack::model::{Clause, Control, Nature, Register, RegisterKind, Subjects};

/// What is asked for. Nothing named means all of it.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Ids of clauses (`standard#audit-plan`) or of documents (`standard`).
    pub clauses: Vec<String>,
    /// Ids of controls.
    pub controls: Vec<String>,
    /// An audit: its plan, items, samples and findings, and what its items look at in the units that it audits.
    pub audit: Option<Id>,
    /// A unit, with those below it.
    pub unit: Option<Id>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

/// What a scope concerns.
pub(super) struct Concerned<'a> {
    pub(super) controls: Vec<&'a Control>,
    pub(super) clauses: Vec<&'a Clause>,
    /// The units; none: all.
    pub(super) units: Option<BTreeSet<Id>>,
    /// Records by register, in the order of their creation.
    pub(super) records: BTreeMap<&'a str, Vec<Record>>,
    /// Records that the scope would have and the reader may not see.
    pub(super) hidden: usize,
}

impl<'a> Concerned<'a> {
    /// Whether what a unit answers for is asked for; what no unit answers for only when all units are.
    pub(super) fn has_unit(&self, unit: Option<Id>) -> bool {
        self.units.as_ref().is_none_or(|units| unit.is_some_and(|unit| units.contains(&unit)))
    }
}

/// Finds out what a scope concerns, as far as the reader sees it.
pub(super) async fn concerned<'a>(
    reading: &mut Reading,
    pack: &'a Pack,
    standing: &Standing,
    scope: &Scope,
) -> Result<Concerned<'a>> {
    let audit = Audit::of(reading, pack, standing, scope).await?;
    let mut named = scope.clauses.clone();
    let mut controls: BTreeSet<String> = scope.controls.iter().cloned().collect();
    for item in audit.iter().flat_map(|audit| audit.rules()) {
        match item.text("control") {
            Some(control) => drop(controls.insert(control.to_owned())),
            None => named.extend(item.text("clause").map(str::to_owned)),
        }
    }
    let all = named.is_empty() && controls.is_empty() && audit.is_none();
    let asked =
        |clause: &pack::model::ClauseId| named.iter().any(|id| *id == clause.document || *id == clause.to_string());
    let concerns = |control: &&Control| all || controls.contains(&control.id) || control.clauses.iter().any(&asked);
    let controls: Vec<&Control> = pack.controls.iter().filter(concerns).collect();
    let clauses = pack.documents.iter().flat_map(|document| &document.clauses);
    let clauses = clauses.filter(|clause| asked(&clause.id) || controls.iter().any(|c| c.clauses.contains(&clause.id)));
    let clauses = clauses.collect();
    let mut found = Concerned { controls, clauses, units: None, records: BTreeMap::new(), hidden: 0 };
    let tops: Vec<Id> = scope.unit.into_iter().chain(audit.iter().flat_map(|a| audit::audited(&a.record))).collect();
    if !tops.is_empty() {
        found.units = Some(below(reading, &tops).await?);
    }
    for register in looked_at(pack, &found.controls) {
        gather(reading, pack, standing, scope, register, &mut found).await?;
    }
    if let Some(audit) = audit {
        audit.add_to(reading, pack, standing, &mut found).await?;
    }
    for records in found.records.values_mut() {
        records.sort_by_key(|record| record.id);
        records.dedup_by_key(|record| record.id);
    }
    Ok(found)
}

/// These units and all that ever stood below them.
async fn below(reading: &mut Reading, tops: &[Id]) -> Result<BTreeSet<Id>> {
    let all = units::all(reading).await?;
    let mut found: BTreeSet<Id> = tops.iter().copied().collect();
    loop {
        let more = all.iter().filter(|unit| unit.parent.is_some_and(|parent| found.contains(&parent)));
        let more: Vec<Id> = more.map(|unit| unit.id).filter(|id| !found.contains(id)).collect();
        if more.is_empty() {
            return Ok(found);
        }
        found.extend(more);
    }
}

/// The registers that controls are about or read.
fn looked_at<'a>(pack: &'a Pack, controls: &[&Control]) -> Vec<&'a Register> {
    let mut ids = BTreeSet::new();
    let mut add = |subjects: &Subjects| {
        if let Subjects::Register(id) = subjects {
            ids.insert(id.clone());
        }
    };
    for control in controls {
        match &control.nature {
            Nature::Machine { subjects, applies, holds } => {
                add(subjects);
                let reads = applies.iter().chain([holds]).flat_map(|expr| expr.reads());
                reads.for_each(|read| add(&read.of));
            }
            Nature::Attested(attestation) => add(&attestation.per),
        }
    }
    let mut found: Vec<&Register> = ids.iter().filter_map(|id| pack.register(id)).collect();
    // What excuses a control belongs to it.
    found.extend(registers(pack, RegisterKind::Exception).filter(|register| !ids.contains(&register.id)));
    found
}

/// The records of a register that were there in the period.
async fn gather<'a>(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    scope: &Scope,
    register: &'a Register,
    found: &mut Concerned<'a>,
) -> Result<()> {
    let ends = scope.to.plus_days(1).map(Moment::start_of);
    let excuses = register.kind == Some(RegisterKind::Exception);
    let controls: BTreeSet<&str> = found.controls.iter().map(|control| control.id.as_str()).collect();
    let units = found.units.clone();
    let wanted = |record: &Record| {
        record.disposed.is_none()
            && units.as_ref().is_none_or(|units| units.contains(&record.unit))
            && ends.is_none_or(|ends| record.created < ends)
            && record.ended.is_none_or(|ended| ended >= scope.from)
            && (!excuses || record.text("control").is_some_and(|control| controls.contains(control)))
    };
    let seen = records::every(reading, pack, Some(standing), register, Vec::new()).await?;
    let seen: Vec<Record> = seen.into_iter().filter(|record| wanted(record)).collect();
    let all = records::all_stored(reading, &register.id).await?.iter().filter(|record| wanted(record)).count();
    found.hidden += all.saturating_sub(seen.len());
    if !seen.is_empty() {
        found.records.entry(&register.id).or_default().extend(seen);
    }
    Ok(())
}

/// An audit and what stands around it.
struct Audit<'a> {
    around: Around<'a>,
    record: Record,
    items: Vec<Record>,
    samples: Vec<Record>,
    findings: Vec<Record>,
    /// Records around the audit that the reader does not see.
    hidden: usize,
}

impl<'a> Audit<'a> {
    async fn of(reading: &mut Reading, pack: &'a Pack, standing: &Standing, scope: &Scope) -> Result<Option<Self>> {
        let Some(id) = scope.audit else { return Ok(None) };
        for register in registers(pack, RegisterKind::Audit) {
            let Some(around) = Around::of(pack, register) else { continue };
            let Some(record) = records::seen(reading, Some(standing), register, id).await? else { continue };
            let (mut all, mut hidden) = (Vec::new(), 0);
            for register in [around.items, around.samples, around.findings] {
                let of_it = Filter::Is("audit".to_owned(), vec![id.to_string()]);
                let seen = records::every(reading, pack, Some(standing), register, vec![of_it.clone()]).await?;
                let every = records::every(reading, pack, None, register, vec![of_it]).await?.len();
                hidden += every.saturating_sub(seen.len());
                all.push(seen);
            }
            let mut all = all.into_iter();
            let mut next = || all.next().unwrap_or_default();
            return Ok(Some(Self { around, record, items: next(), samples: next(), findings: next(), hidden }));
        }
        Err(Error::not_found("その監査", "audit"))
    }

    /// What names the controls and clauses that the audit is about.
    fn rules(&self) -> impl Iterator<Item = &Record> {
        self.items.iter().filter(|item| item.state != "void").chain(&self.findings)
    }

    /// The audit itself, what stands around it, and the records that its samples drew.
    async fn add_to(
        self,
        reading: &mut Reading,
        pack: &'a Pack,
        standing: &Standing,
        found: &mut Concerned<'a>,
    ) -> Result<()> {
        found.hidden += self.hidden;
        let plan = self.record.text("plan").and_then(|id| id.parse::<Id>().ok());
        if let Some(id) = plan {
            let plan = records::seen(reading, Some(standing), self.around.plans, id).await?;
            found.hidden += usize::from(plan.is_none());
            found.records.entry(&self.around.plans.id).or_default().extend(plan);
        }
        for sample in &self.samples {
            let Some(register) = sample.text("population").and_then(|id| pack.register(id)) else { continue };
            for number in sample.texts("drawn") {
                let drawn = records::by_number(reading, Some(standing), register, number).await?;
                found.hidden += usize::from(drawn.is_none());
                found.records.entry(&register.id).or_default().extend(drawn.filter(|record| record.disposed.is_none()));
            }
        }
        let parts = [
            (self.around.audits, vec![self.record]),
            (self.around.items, self.items),
            (self.around.samples, self.samples),
            (self.around.findings, self.findings),
        ];
        for (register, records) in parts {
            let open = records.into_iter().filter(|record| record.disposed.is_none());
            found.records.entry(&register.id).or_default().extend(open);
        }
        found.records.retain(|_, records| !records.is_empty());
        Ok(())
    }
}
