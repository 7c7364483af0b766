//! Registers: fields, lifecycle, access, deadlines, form.

use super::{Axis, ContractClause, Period, RegisterKind, Site, Text};
use crate::expr::Expr;

/// A register (台帳・申請): one folder of duties.
#[derive(Debug, Clone)]
pub struct Register {
    /// Id such as `takeouts`: the folder's name.
    pub id: String,
    /// Title, such as 情報資産の持出し.
    pub title: Text,
    /// Where it stands in the menu (①–⑯ of the console), by the menu group's id.
    pub menu: Option<String>,
    /// Its place among the registers of its menu group, lowest first; those without one follow, by id.
    pub order: Option<u32>,
    /// Template of a record's number, with `{wareki}`, `{fiscal_year}`, `{seq}`, such as `{wareki}年度持出第{seq}号`.
    pub number: String,
    /// How long records are kept after they reach a final state.
    pub keep: Keep,
    /// The kind whose code adds behaviour.
    pub kind: Option<RegisterKind>,
    /// States in which a record of the kind counts: an exception covers, a flow is allowed.
    pub in_force: Vec<String>,
    /// What its contracts have to hold (kind `contract`).
    pub contract_clauses: Vec<ContractClause>,
    /// The field (or fields) that name a record in lists and references.
    pub name: Vec<String>,
    /// Fields in form order.
    pub fields: Vec<Field>,
    /// Fields shown as columns of the list.
    pub columns: Vec<String>,
    /// Sets of fields whose values together occur once in the register.
    pub unique: Vec<Vec<String>>,
    /// Lists of records elsewhere that refer to records here, under a name of their own.
    pub back: Vec<BackReference>,
    /// Who may see, create and edit.
    pub access: Access,
    /// States and transitions.
    pub lifecycle: Lifecycle,
    /// Deadlines and who is told.
    pub deadlines: Vec<Deadline>,
    /// Sections of the form, in order; a field in no section stands in a last one.
    pub sections: Vec<FormSection>,
    /// The printed form.
    pub print: Option<Print>,
    /// Help for staff, Markdown.
    pub help: Text,
    /// An earlier id, whose records this register takes over.
    pub was: Option<String>,
    /// Where it stands.
    pub site: Site,
}

impl Register {
    /// The field of this id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The state of this id.
    pub fn state(&self, id: &str) -> Option<&State> {
        self.lifecycle.states.iter().find(|state| state.id == id)
    }

    /// The transition of this id.
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.lifecycle.transitions.iter().find(|transition| transition.id == id)
    }
}

/// How long a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// This long from the end of the fiscal year in which it reached a final state.
    For(Period),
    /// As long as it is in use (常用).
    InUse,
    /// Without end (永年).
    Always,
}

/// A field of a record.
#[derive(Debug, Clone)]
pub struct Field {
    /// Id.
    pub id: String,
    /// Label.
    pub label: Text,
    /// Its type.
    pub ty: FieldType,
    /// Whether it may be empty (`type = "date?"`).
    pub optional: bool,
    /// A sentence under the field in the form.
    pub help: Option<Text>,
    /// Longest text, in characters; for files, bytes.
    pub max: Option<u64>,
    /// Smallest number or earliest date (an expression of that type).
    pub least: Option<Expr>,
    /// Largest number or latest date (an expression of that type).
    pub most: Option<Expr>,
    /// The value that a new record starts with.
    pub default: Option<Expr>,
    /// Whether it is shown and asked for, by the other fields of the record.
    pub when: Option<Expr>,
    /// An earlier id, whose values this field takes over.
    pub was: Option<String>,
    /// No longer asked for; old values stay readable.
    pub retired: bool,
    /// Where it stands.
    pub site: Site,
}

/// What a field holds.
#[derive(Debug, Clone)]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    Long,
    /// A whole number.
    Int,
    /// Yen.
    Money,
    /// A day.
    Date,
    /// Yes or no.
    Bool,
    /// One of these.
    Choice(Vec<Choice>),
    /// A person.
    Person,
    /// A unit (所属).
    Unit,
    /// A zone.
    Zone,
    /// A class of this axis.
    Class(Axis),
    /// An attached file.
    File,
    /// A record of this register.
    Ref(String),
    /// Several values of one of the types above.
    List(Box<FieldType>),
    /// Computed from the others each time it is read; never stored. The type is the expression's.
    Computed(Expr),
}

/// One value of a choice.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Id.
    pub id: String,
    /// Label.
    pub label: Text,
    /// An earlier id.
    pub was: Option<String>,
    /// No longer offered; old values stay readable.
    pub retired: bool,
    /// Where it stands.
    pub site: Site,
}

/// `asset = { type = "ref", to = "assets", back = "takeouts" }` gives records of `assets` the list `takeouts`; on a `person`
/// or `unit` field it gives persons or units that list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackReference {
    /// The list's name on the record referred to.
    pub name: String,
    /// The register whose records refer.
    pub register: String,
    /// Their field.
    pub field: String,
}

/// Who may do what, beside the transitions.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Who sees a record.
    pub view: Vec<AccessRule>,
    /// Who creates one. `applicant` and `person:` mean nothing here.
    pub create: Vec<AccessRule>,
    /// Who changes its fields.
    pub edit: Vec<AccessRule>,
}

/// A term, and the states in which it counts (all, when empty).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessRule {
    /// Who.
    pub who: Term,
    /// In which states; empty: in all.
    pub states: Vec<String>,
}

/// Someone, relative to a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// The person who created the record.
    Applicant,
    /// The person in this field (or persons, of a list).
    Person(String),
    /// Holders of a role.
    Role {
        /// The role's id; `staff` is every staff member's.
        role: String,
        /// Where the post has to be.
        scope: TermScope,
    },
    /// Someone with an open task on the record.
    Assigned,
}

/// Where a role has to be held for a [`Term`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermScope {
    /// In the record's unit or an ancestor of it.
    Unit,
    /// Anywhere.
    All,
}

/// States and the ways between them.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    /// States in order.
    pub states: Vec<State>,
    /// The state of a new record.
    pub initial: String,
    /// Transitions in order.
    pub transitions: Vec<Transition>,
    /// States of earlier versions, each with the state that its records go to.
    pub retired: Vec<(String, String)>,
}

/// A state.
#[derive(Debug, Clone)]
pub struct State {
    /// Id.
    pub id: String,
    /// Label.
    pub label: Text,
    /// Nothing leads out of it, and retention starts.
    pub is_final: bool,
    /// An earlier id.
    pub was: Option<String>,
    /// Where it stands.
    pub site: Site,
}

/// A way from some states to another.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Id.
    pub id: String,
    /// Label of the button, such as 申請する.
    pub label: Text,
    /// From these states.
    pub from: Vec<String>,
    /// To this state.
    pub to: String,
    /// Who may do it. For a decision: who decides (the last step's 決裁 unless there is a route).
    pub by: Vec<Term>,
    /// Only when this holds of the record.
    pub when: Option<Expr>,
    /// What it means for the route; an ordinary step when not a decision.
    pub role: TransitionRole,
    /// Further deciders, each under a condition (`need`): steps after `by`, the last of them deciding.
    pub need: Vec<Need>,
    /// An explicit route in place of `by` and `need`.
    pub route: Option<Route>,
    /// Fields that must be filled to take it, asked for in the same dialogue.
    pub fills: Vec<String>,
    /// A reason has to be given.
    pub reason: bool,
    /// Where it stands.
    pub site: Site,
}

/// What a transition means while a route runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransitionRole {
    /// An ordinary step.
    Step,
    /// `decides = true`: 承認・決裁; happens when the last step of its route is approved. Never by the applicant.
    Decides,
    /// `refuses = true`: 不承認 with a reason, by whoever has the current step.
    Refuses,
    /// `returns = true`: 差戻し with a reason, by whoever has the current step.
    Returns,
    /// `withdraws = true`: 引戻し by the applicant while nobody has decided finally.
    Withdraws,
}

/// A further decider of a decision.
#[derive(Debug, Clone)]
pub struct Need {
    /// Who.
    pub by: Term,
    /// Only when this holds of the record.
    pub when: Option<Expr>,
}

/// The steps of a decision, in order.
#[derive(Debug, Clone)]
pub struct Route {
    /// The steps.
    pub steps: Vec<RouteStep>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct RouteStep {
    /// 承認, 合議, 決裁 or 供覧.
    pub kind: StepKind,
    /// Who; several at once for a parallel 合議, all of whom have to agree.
    pub by: Vec<Term>,
    /// Only when this holds of the record (専決区分: class, number of persons, direction).
    pub when: Option<Expr>,
    /// Whether it may be done by a substitute (代決); never for class 3A whatever this says.
    pub deputy: bool,
}

/// Kinds of route step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// 承認
    Approve,
    /// 合議
    Consult,
    /// 決裁
    Decide,
    /// 供覧: read, nothing waits for it.
    Circulate,
}

/// A day by which something has to happen to a record in some state.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// Id.
    pub id: String,
    /// What is late, for the person who is told.
    pub says: Text,
    /// In these states.
    pub states: Vec<String>,
    /// The last day in time, a date expression.
    pub after: Expr,
    /// Who is told.
    pub tell: Vec<Term>,
    /// Days before on which they are reminded.
    pub remind: Vec<u32>,
    /// Where it stands.
    pub site: Site,
}

/// A section of the form.
#[derive(Debug, Clone)]
pub struct FormSection {
    /// Heading.
    pub title: Text,
    /// A sentence under it.
    pub help: Option<Text>,
    /// Its fields.
    pub fields: Vec<String>,
}

/// The printed form (様式).
#[derive(Debug, Clone)]
pub struct Print {
    /// 様式番号 and title.
    pub title: Text,
    /// To whom it is addressed (あて先).
    pub to: Option<Text>,
    /// Columns of the 押印欄, in order.
    pub seals: Vec<Text>,
}
