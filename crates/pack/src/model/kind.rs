//! Kinds of register: behaviour that a form cannot say.
//!
//! A register is data; what a form and a lifecycle cannot say (a legal clock, a sample, a matrix) is a kind, and there are at
//! most eight in all. To add one:
//!
//! 1. a variant of [`RegisterKind`] with its id, and its line in GLOSSARY.md;
//! 2. the fields, states and roles that its code reads, in `check/kinds.rs`, and the same line in the table of `docs/pack.md`;
//! 3. its judgement, pure, and its reads in `crates/ledger/src/kinds/`;
//! 4. its panels and pages in a folder of `crates/console/src/kinds/`, with templates in `templates/kinds/`.

/// A kind of register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegisterKind {
    /// 情報セキュリティ監査: plan, independence, sample.
    Audit,
    /// 委託契約: clauses, tree of contractors.
    Contract,
    /// 例外措置: covers a finding while it is in force.
    Exception,
    /// ネットワーク間通信: what may cross between zones.
    Flow,
    /// 事故・ヒヤリハット: stages, severity, legal clocks, who must be told.
    Incident,
    /// リスク評価: likelihood, loss, treatment, the clause that should change.
    Risk,
    /// ファイル受渡し: files that cross between zones.
    Transfer,
}

impl RegisterKind {
    /// Every kind, in the order of their ids.
    pub const ALL: [Self; 7] =
        [Self::Audit, Self::Contract, Self::Exception, Self::Flow, Self::Incident, Self::Risk, Self::Transfer];

    /// The id, as `kind` in register.toml has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Contract => "contract",
            Self::Exception => "exception",
            Self::Flow => "flow",
            Self::Incident => "incident",
            Self::Risk => "risk",
            Self::Transfer => "transfer",
        }
    }
}
