//! What the kind `audit` demands beside its own fields: the registers around an audit, found by how they refer to it.
//!
//! An audit is planned, has items and samples, and leads to findings; each of them is a register of its own, so that it has its
//! permission, versions, table and print as any other. Which register it is says the reverse list that its `ref` field gives to
//! the audits; the plan is what the audits' field `plan` refers to.

use crate::diagnostic::Diagnostic;
use crate::model::{FieldType, Pack, Register, RegisterKind, Transition, TransitionRole};
use crate::report::Report;

/// Fields of the audit itself.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("theme", "text"),
    ("audited_units", "[unit]?"),
    ("topics", "[text]?"),
    ("auditors", "[person]"),
    ("independence_note", "long?"),
    ("period_from", "date"),
    ("period_to", "date"),
    ("starts_on", "date"),
    ("ends_on", "date"),
];

/// States of the audit itself.
pub(super) const STATES: &[&str] = &["planned", "running", "reported", "cancelled"];

/// Roles of the audit's side.
pub(super) const ROLES: &[&str] = &["auditor", "audit_chief"];

/// A register around the audits.
pub(super) struct Companion {
    /// The reverse list that its records give to the audits; `plan` for what the audits' field `plan` refers to.
    pub(super) list: &'static str,
    pub(super) fields: &'static [(&'static str, &'static str)],
    pub(super) choices: &'static [(&'static str, &'static [&'static str])],
    pub(super) states: &'static [&'static str],
    /// Steps: from, to, and a field that the step asks for.
    pub(super) steps: &'static [(&'static str, &'static str, Option<&'static str>)],
}

const JUDGED: &[&str] = &["partial", "lacking", "not_applicable"];

/// The registers around an audit.
pub(super) const COMPANIONS: &[Companion] = &[
    Companion {
        list: "plan",
        fields: &[("span", "choice"), ("first_year", "int"), ("lines", "[text]?")],
        choices: &[("span", &["mid", "year"])],
        states: &["live"],
        steps: &[],
    },
    Companion {
        list: "items",
        fields: &[
            ("title", "text"),
            ("control", "text?"),
            ("clause", "text?"),
            ("design", "choice?"),
            ("design_note", "long?"),
            ("operation", "choice?"),
            ("operation_note", "long?"),
            ("evidence", "text?"),
            ("judged_on", "date?"),
        ],
        choices: &[("design", JUDGED), ("design", &["adequate"]), ("operation", JUDGED), ("operation", &["effective"])],
        states: &["open", "judged", "void"],
        steps: &[],
    },
    Companion {
        list: "samples",
        fields: &[
            ("title", "text"),
            ("population", "text"),
            ("reach", "choice"),
            ("from_day", "date"),
            ("until_day", "date"),
            ("size", "int"),
            ("seed", "text?"),
            ("seed_origin", "choice?"),
            ("population_on", "date?"),
            ("population_count", "int?"),
            ("population_hash", "text?"),
            ("drawn", "[text]?"),
            ("results", "[text]?"),
        ],
        choices: &[("reach", &["audited", "all"]), ("seed_origin", &["typed", "chance"])],
        states: &["draft", "frozen", "drawn"],
        steps: &[("draft", "frozen", None), ("frozen", "drawn", None), ("drawn", "drawn", Some("results"))],
    },
    Companion {
        list: "findings",
        fields: &[
            ("title", "text"),
            ("grade", "choice"),
            ("clause", "text"),
            ("control", "text?"),
            ("content", "long"),
            ("ordered_on", "date?"),
            ("due_on", "date?"),
            ("fixed_on", "date?"),
            ("confirmed_on", "date?"),
        ],
        choices: &[],
        states: &["draft", "checking", "raised", "ordered", "fixed", "closed"],
        steps: &[("draft", "checking", Some("due_on"))],
    },
];

/// Checks the registers around a register of audits.
pub(super) fn check(pack: &Pack, audits: &Register, report: &Report) {
    for companion in COMPANIONS {
        let Some(register) = companion_of(pack, audits, companion.list) else {
            report.add(missing(audits, companion.list));
            continue;
        };
        for (field, ty) in companion.fields {
            super::field(register, RegisterKind::Audit, field, ty, report);
        }
        for (field, wanted) in companion.choices {
            super::choices(register, RegisterKind::Audit, field, wanted, report);
        }
        for state in companion.states.iter().filter(|state| register.state(state).is_none()) {
            report.add(super::missing_state(register, RegisterKind::Audit, state, companion.states));
        }
        for (from, to, asks) in companion.steps {
            if !register.lifecycle.transitions.iter().any(|step| is_step(step, from, to, *asks)) {
                report.add(missing_step(register, from, to, *asks));
            }
        }
    }
}

fn companion_of<'a>(pack: &'a Pack, audits: &Register, list: &str) -> Option<&'a Register> {
    if list == "plan" {
        let FieldType::Ref(to) = &audits.field("plan")?.ty else { return None };
        return pack.register(to);
    }
    pack.register(&audits.back.iter().find(|back| back.name == list)?.register)
}

fn is_step(step: &Transition, from: &str, to: &str, asks: Option<&str>) -> bool {
    step.role == TransitionRole::Step
        && step.to == to
        && step.from.iter().any(|state| state == from)
        && asks.is_none_or(|field| step.fills.iter().any(|fill| fill == field))
}

fn missing(audits: &Register, list: &str) -> Diagnostic {
    let id = audits.id.as_str();
    let line = if list == "plan" {
        "plan = { type = \"ref?\", to = \"…\", … }".to_owned()
    } else {
        format!("audit = {{ type = \"ref\", to = \"{id}\", back = \"{list}\", … }}")
    };
    let (ja, en) = match list {
        "plan" => ("監査計画の台帳を指す項目「plan」", "a field 'plan' that refers to the register of audit plans"),
        "items" => {
            ("back = \"items\" で結び付く監査項目の台帳", "a register of items that refers to it with back = \"items\"")
        }
        "samples" => (
            "back = \"samples\" で結び付く標本の台帳",
            "a register of samples that refers to it with back = \"samples\"",
        ),
        _ => (
            "back = \"findings\" で結び付く指摘の台帳",
            "a register of findings that refers to it with back = \"findings\"",
        ),
    };
    Diagnostic::error(
        "kind-companion",
        audits.site.clone(),
        format!("種類「audit」の台帳「{id}」には、{ja}が要ります"),
        format!("the register '{id}' of kind 'audit' needs {en}"),
    )
    .expected(line.clone(), line)
    .help(
        "監査の計画、項目、標本、指摘は、それぞれ一つの台帳です。docs/pack.md の「The registers around an audit」を見てください",
        "plans, items, samples and findings are a register each; see the table of registers around an audit in docs/pack.md",
    )
    .names([id, list])
}

fn missing_step(register: &Register, from: &str, to: &str, asks: Option<&str>) -> Diagnostic {
    let id = register.id.as_str();
    let line = asks.map_or_else(
        || format!("from = [\"{from}\"], to = \"{to}\""),
        |field| format!("from = [\"{from}\"], to = \"{to}\", fills = [\"{field}\"]"),
    );
    Diagnostic::error(
        "kind-step",
        register.site.clone(),
        format!("監査のまわりの台帳「{id}」に、{from} から {to} への遷移が要ります"),
        format!("the register '{id}' around the audits needs a transition from '{from}' to '{to}'"),
    )
    .expected(line.clone(), line)
    .help("監査の画面のボタンは、その遷移で動きます", "the buttons on the audit's page take that step")
    .names([id, from, to])
}
