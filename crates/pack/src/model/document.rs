//! Documents, clauses and threats.

use std::fmt;

use super::{Site, Text};

/// A document of the policy.
#[derive(Debug, Clone)]
pub struct Document {
    /// Id such as `policy` (基本方針), `standard` (対策基準), `procedure-takeouts`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What it is in the hierarchy.
    pub kind: DocumentKind,
    /// Who may read it, unless a clause says otherwise.
    pub audience: Audience,
    /// Why it is closed to the public, printed in its place.
    pub closed_because: Option<Text>,
    /// Clauses in reading order; the tree is in [`Clause::parent`] and [`Clause::depth`].
    pub clauses: Vec<Clause>,
    /// Where it stands.
    pub site: Site,
}

/// The place of a document in the three-level hierarchy, and the plans beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentKind {
    /// 基本方針
    Policy,
    /// 対策基準
    Standard,
    /// 共通実施手順
    Procedure,
    /// 緊急時対応計画
    EmergencyPlan,
    /// ICT-BCP
    ContinuityPlan,
}

/// A clause's id: document and slug, written `standard#assets`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClauseId {
    /// The document's id.
    pub document: String,
    /// The heading's slug, stable when its number changes.
    pub slug: String,
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.document, self.slug)
    }
}

/// One clause: a heading and the text under it.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Its id.
    pub id: ClauseId,
    /// The heading as printed, with its number.
    pub heading: String,
    /// Heading level, 1 to 6.
    pub depth: u8,
    /// The clause above, by slug.
    pub parent: Option<String>,
    /// `.must`: a control has to serve it.
    pub must: bool,
    /// Who may read it (its own, or its parent's, or the document's).
    pub audience: Audience,
    /// Why it is closed, printed in the public edition under its heading.
    pub closed_because: Option<Text>,
    /// The text under the heading, up to the next heading, as Markdown.
    pub body: String,
    /// Names of threats that the clause answers.
    pub threats: Vec<String>,
    /// An earlier slug.
    pub was: Option<String>,
    /// Where its heading stands.
    pub site: Site,
}

/// Who may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Everyone (公開).
    Public,
    /// Staff and contractors who work in the city's offices (職員等).
    Staff,
    /// Contractors too.
    Contractor,
    /// Holders of these roles.
    Restricted(Vec<String>),
}

/// A group of threats (ア–オ).
#[derive(Debug, Clone)]
pub struct ThreatGroup {
    /// Id such as `deliberate`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// The threats in it.
    pub threats: Vec<Threat>,
    /// Where it stands.
    pub site: Site,
}

/// One named threat.
#[derive(Debug, Clone)]
pub struct Threat {
    /// Id such as `unauthorised_take_out`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Where it stands.
    pub site: Site,
}
