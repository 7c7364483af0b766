//! Controls (遵守項目), what they serve, and where facts come from.

use super::{ClauseId, Field, Period, Site, Term, Text};
use crate::expr::{Expr, Template};

/// What must hold.
#[derive(Debug, Clone)]
pub struct Control {
    /// Id.
    pub id: String,
    /// Name in lists; the sentence of `says` with its subject left out reads badly there.
    pub title: Text,
    /// Obligations that it serves.
    pub serves: Vec<String>,
    /// Clauses that it serves.
    pub clauses: Vec<ClauseId>,
    /// Decided by the machine, or attested by a person.
    pub nature: Nature,
    /// How bad a failure is.
    pub severity: Severity,
    /// Who owns a failure.
    pub owner: Term,
    /// Days that the owner has to mend a failure.
    pub due_days: u32,
    /// What is wrong, with `{record.name}` places, for a machine control.
    pub says: Template,
    /// What to do about it.
    pub mend: Option<Text>,
    /// An earlier id.
    pub was: Option<String>,
    /// Where it stands.
    pub site: Site,
}

/// Who or what decides a control.
#[derive(Debug, Clone)]
pub enum Nature {
    /// Decided by the machine.
    Machine {
        /// Over what it is evaluated.
        subjects: Subjects,
        /// Which of them it concerns; all, when absent.
        applies: Option<Expr>,
        /// What has to be true.
        holds: Expr,
    },
    /// Attested by a person.
    Attested(Attestation),
}

/// What a control is evaluated over. The variable in its expressions is in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subjects {
    /// Records of a register (`record`).
    Register(String),
    /// Rows of a data source (`fact`).
    Source(String),
    /// Persons (`person`).
    People,
    /// Units (`unit`).
    Units,
    /// Posts (`post`).
    Posts,
    /// The municipality as one (`city`), whose lists are the registers by id with underscores.
    Municipality,
}

/// A duty that a person reports as done.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// Who.
    pub by: Term,
    /// For each of these one attestation.
    pub per: Subjects,
    /// How often.
    pub every: Period,
    /// Whether a file has to be attached.
    pub evidence: bool,
    /// What to look at and to write down, for the person who attests.
    pub asks: Text,
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// 軽微
    Minor,
    /// 重要
    Major,
    /// 重大
    Critical,
}

/// A file from another system whose rows are facts.
#[derive(Debug, Clone)]
pub struct DataSource {
    /// Id such as `terminals`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// The fields of a row.
    pub fields: Vec<Field>,
    /// Column heading of the file for each field, in the order of `fields`.
    pub columns: Vec<String>,
    /// The field that tells rows apart.
    pub key: String,
    /// A file is expected this often; older than that, its controls are unknown.
    pub expect: Period,
    /// Who owns it.
    pub owner: Term,
    /// Where it stands.
    pub site: Site,
}

/// A duty of the guideline, of law or of the source policy.
#[derive(Debug, Clone)]
pub struct Obligation {
    /// Id such as `O017`.
    pub id: String,
    /// Section of the guideline, such as `2(1)`.
    pub section: String,
    /// Who.
    pub who: Text,
    /// Must do what, in our own words.
    pub duty: Text,
    /// When.
    pub when: Text,
    /// Evidence.
    pub evidence: Text,
    /// `M`, `P` or `MP`: a machine, a person, or both decide.
    pub check: String,
    /// Why it is decided otherwise than `check` says.
    pub because: Option<Text>,
    /// Where it stands.
    pub site: Site,
}

/// One edition of the ministry guideline.
#[derive(Debug, Clone)]
pub struct Guideline {
    /// Id such as `r7-03`.
    pub id: String,
    /// Name, such as 令和7年3月版.
    pub name: Text,
    /// Its sections in order.
    pub sections: Vec<GuidelineSection>,
}

/// A section of the guideline.
#[derive(Debug, Clone)]
pub struct GuidelineSection {
    /// Number, such as `6.1(2)`.
    pub number: String,
    /// Title.
    pub title: Text,
    /// Our clauses that answer it; empty: not yet, unless [`Self::not_ours`], or only a heading of other sections.
    pub clauses: Vec<ClauseId>,
    /// Why no clause answers it.
    pub not_ours: Option<Text>,
    /// Where it stands.
    pub site: Site,
}
