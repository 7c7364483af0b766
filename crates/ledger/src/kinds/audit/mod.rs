//! 情報セキュリティ監査: plans of three years and of one, independence of auditors, samples, the same weakness elsewhere.
//!
//! Plans, items, samples and findings are registers of their own around the register of audits ([`Around`]), so that each has its
//! permission, versions, table and print as any other. A person decides by ordinary edits and steps; what the code fills in is
//! the population and the draw that a step of the sample asks for (`sample`), and what it refuses is an audit by somebody
//! who is not independent (`independence`).

mod elsewhere;
mod independence;
mod plan;
mod sample;

use std::collections::BTreeSet;

use pack::Pack;
use pack::model::{FieldType, Register, RegisterKind};

pub use elsewhere::{Place, controls_of, elsewhere};
pub(crate) use independence::refuse;
pub use independence::{Because, Judgement, Post, Violation, Window, audits_of_system, dependent, judge, violations};
pub use plan::{
    Cell, Covering, Gap, Line, Plan, Row, Standing, Subject, Target, What, When, YEARS, covering, grid, in_force,
    subjects,
};
pub(crate) use sample::fill;
pub use sample::{Member, Population, Verdict, as_result, draw, hash, parse_result, population, query};

use super::registers;
use crate::records::Record;
use crate::{Id, Reading, Result};

/// The registers around an audit.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Audits.
    pub audits: &'a Register,
    /// 中期計画 and 年度計画.
    pub plans: &'a Register,
    /// 監査項目.
    pub items: &'a Register,
    /// 標本.
    pub samples: &'a Register,
    /// 指摘.
    pub findings: &'a Register,
}

/// Which of them a register is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The audits themselves.
    Audit,
    /// Their plans.
    Plan,
    /// Their items.
    Item,
    /// Their samples.
    Sample,
    /// Their findings.
    Finding,
}

impl<'a> Around<'a> {
    /// The registers around a register of audits; the pack's check makes sure of them.
    pub fn of(pack: &'a Pack, audits: &'a Register) -> Option<Self> {
        let FieldType::Ref(plans) = &audits.field("plan")?.ty else { return None };
        let back = |name: &str| pack.register(&audits.back.iter().find(|back| back.name == name)?.register);
        Some(Self {
            audits,
            plans: pack.register(plans)?,
            items: back("items")?,
            samples: back("samples")?,
            findings: back("findings")?,
        })
    }

    /// The audits that a register is or stands around, and what it is there.
    pub fn part(pack: &'a Pack, register: &Register) -> Option<(Self, Part)> {
        registers(pack, RegisterKind::Audit).filter_map(|audits| Self::of(pack, audits)).find_map(|around| {
            let parts = [
                (around.audits, Part::Audit),
                (around.plans, Part::Plan),
                (around.items, Part::Item),
                (around.samples, Part::Sample),
                (around.findings, Part::Finding),
            ];
            let (_, part) = parts.into_iter().find(|(known, _)| known.id == register.id)?;
            Some((around, part))
        })
    }
}

/// The units that an audit looks at: its own, and those named beside it.
pub fn audited(audit: &Record) -> BTreeSet<Id> {
    let others = audit.texts("audited_units").into_iter().filter_map(|id| id.parse().ok());
    std::iter::once(audit.unit).chain(others).collect()
}

/// The audit that an item, a sample or a finding belongs to.
pub async fn audit_of(reading: &mut Reading, record: &Record) -> Result<Option<Record>> {
    match record.text("audit").and_then(|id| id.parse().ok()) {
        Some(id) => crate::records::stored(reading, id).await,
        None => Ok(None),
    }
}
