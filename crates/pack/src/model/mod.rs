//! What a checked pack says, as plain data.
//!
//! Ids are ASCII, plural for registers, lower case with hyphens (fields, states, roles: with underscores). Lists keep the
//! order of the pack's files, because people read them in that order.

mod classes;
mod contract;
mod control;
mod document;
mod kind;
mod network;
mod organisation;
mod questionnaire;
mod register;
mod text;

pub use classes::{Act, Axis, Class, Classes, HandlingRule, Permission};
pub use contract::{Beside, ContractClause};
pub use control::{
    Attestation, Control, DataSource, Guideline, GuidelineSection, Nature, Obligation, Severity, Subjects,
};
pub use document::{Audience, Clause, ClauseId, Document, DocumentKind, Threat, ThreatGroup};
pub use kind::RegisterKind;
pub use network::{Business, Crossing, CrossingKind, NetworkModel, SanitisingRule, Zone, ZoneKind};
pub use organisation::{Body, BodyKind, Calendar, ForbiddenPair, Municipality, Role, RoleLevel, StaffCategory};
pub use questionnaire::{Per, Question, Questionnaire, QuestionnaireKind};
pub use register::{
    Access, AccessRule, BackReference, Choice, Deadline, Field, FieldType, FormSection, Keep, Lifecycle, Need, Print,
    Register, Route, RouteStep, State, StepKind, Term, TermScope, Transition, TransitionRole,
};
pub use text::{Period, Site, Text};

/// A whole policy, read and checked.
#[derive(Debug, Clone)]
pub struct Pack {
    /// The pack's id, such as `sodegaura`.
    pub id: String,
    /// The pack's own version, such as `2026.1`.
    pub version: String,
    /// Whose policy this is.
    pub municipality: Municipality,
    /// Fiscal year and holidays.
    pub calendar: Calendar,
    /// Bodies (執行機関, 議会, 消防 …), each of which adopts for itself where it is an adopter.
    pub bodies: Vec<Body>,
    /// Roles that a post may carry.
    pub roles: Vec<Role>,
    /// Pairs of roles that one person may not hold, or not use in one route (兼務の禁止).
    pub forbidden_pairs: Vec<ForbiddenPair>,
    /// 職員区分 in scope.
    pub staff_categories: Vec<StaffCategory>,
    /// Classes, and the handling matrix that they drive.
    pub classes: Classes,
    /// α, α′, β or β′.
    pub network_model: NetworkModel,
    /// The separated networks and what is outside them.
    pub zones: Vec<Zone>,
    /// Zones that the policy's scope leaves out, by id.
    pub excluded_networks: Vec<String>,
    /// What may cross between zones, and how.
    pub crossings: Vec<Crossing>,
    /// Kinds of business, each with the zone in which its system stands.
    pub businesses: Vec<Business>,
    /// What the gateway does with what crosses; the first rule that fits counts.
    pub sanitising: Vec<SanitisingRule>,
    /// The groups of threats, each expanded to named threats.
    pub threat_groups: Vec<ThreatGroup>,
    /// Documents, each a tree of clauses.
    pub documents: Vec<Document>,
    /// Registers, in the order of their folders' names.
    pub registers: Vec<Register>,
    /// Lists of records that refer to a person, under a name of their own.
    pub people_back: Vec<BackReference>,
    /// Lists of records that refer to a unit, under a name of their own.
    pub units_back: Vec<BackReference>,
    /// Controls of all duties.
    pub controls: Vec<Control>,
    /// Files from other systems whose rows are facts for controls.
    pub sources: Vec<DataSource>,
    /// Duties that controls serve.
    pub obligations: Vec<Obligation>,
    /// Ids of obligations that the pack does not serve yet, and says so.
    pub unserved: Vec<String>,
    /// The ministry guideline's section tree by edition, with our clauses mapped to it.
    pub guideline: Vec<Guideline>,
    /// Questionnaires: acknowledgement, self-check, training, checks of vendors.
    pub questionnaires: Vec<Questionnaire>,
    /// Ids of earlier versions that are gone.
    pub retired: Retired,
}

/// Ids of earlier versions that are gone, so that what was recorded under them is not an accident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retired {
    /// Registers.
    pub registers: Vec<String>,
    /// Controls.
    pub controls: Vec<String>,
    /// Clauses.
    pub clauses: Vec<ClauseId>,
    /// Roles, and the role that takes over their posts; none: the posts end.
    pub roles: Vec<(String, Option<String>)>,
    /// Classes, and the class that takes over.
    pub classes: Vec<(Axis, String, String)>,
}

impl Pack {
    /// The register of this id.
    pub fn register(&self, id: &str) -> Option<&Register> {
        self.registers.iter().find(|register| register.id == id)
    }

    /// The control of this id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// The role of this id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The document of this id.
    pub fn document(&self, id: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == id)
    }

    /// The data source of this id.
    pub fn source(&self, id: &str) -> Option<&DataSource> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// The clause of this id, such as `standard#assets`.
    pub fn clause(&self, id: &ClauseId) -> Option<&Clause> {
        self.document(&id.document)?.clauses.iter().find(|clause| clause.id == *id)
    }
}
