//! Kinds: a register that declares one has the fields, choices and states that the kind's code reads, and the pack has its
//! roles. So code of a kind never meets a register that it cannot serve. The table of `docs/pack.md` says the same.

mod audit;

use crate::diagnostic::Diagnostic;
use crate::model::{Field, FieldType, Pack, Register, RegisterKind, Transition, TransitionRole};
use crate::outline::type_of;
use crate::report::Report;

/// What a kind demands.
#[derive(Default)]
struct Demands {
    /// Fields with their types as register.toml writes them: `date` must be filled, `date?` may be empty.
    fields: &'static [(&'static str, &'static str)],
    /// Choices that a field of type `choice` offers, beside others.
    choices: &'static [(&'static str, &'static [&'static str])],
    /// States, beside others.
    states: &'static [&'static str],
    /// Roles, whose holders see the kind's panels on their first page.
    roles: &'static [&'static str],
    /// Whether `in_force` says in which states a record counts.
    in_force: bool,
}

/// Fields of an incident: what is told at the desk, the facts, what a person decides, the days on which somebody was told.
const INCIDENT_FIELDS: &[(&str, &str)] = &[
    ("title", "text"),
    ("kind", "choice"),
    ("found_on", "date"),
    ("finder", "text"),
    ("contact", "text?"),
    ("from_outside", "choice"),
    ("summary", "long"),
    ("zones", "[zone]?"),
    ("outage", "choice"),
    ("confidentiality", "class confidentiality?"),
    ("personal", "choice"),
    ("persons", "int?"),
    ("wrongful", "choice"),
    ("property", "choice"),
    ("protected", "choice"),
    ("number_system", "choice?"),
    ("seen_by_many", "choice?"),
    ("lgwan_cut", "choice?"),
    ("severity", "choice?"),
    ("reportable", "choice"),
    ("known_on", "date?"),
    ("timeline", "[text]?"),
    ("contained_on", "date?"),
    ("recovered_on", "date?"),
    ("prevention_confirmed_on", "date?"),
    ("told_manager_on", "date?"),
    ("told_chief_on", "date?"),
    ("told_ciso_on", "date?"),
    ("told_prefecture_on", "date?"),
    ("told_ministry_on", "date?"),
    ("told_cloud_on", "date?"),
    ("told_jlis_on", "date?"),
    ("bodies_told_of_cut_on", "date?"),
    ("told_jpcert_on", "date?"),
    ("told_police_on", "date?"),
    ("told_contractor_on", "date?"),
    ("preliminary_on", "date?"),
    ("preliminary_number", "text?"),
    ("final_on", "date?"),
    ("final_number", "text?"),
    ("told_persons_on", "date?"),
    ("told_assembly_on", "date?"),
    ("published_on", "date?"),
];

/// Choices that the judgement of incidents knows.
const INCIDENT_CHOICES: &[(&str, &[&str])] = &[
    ("kind", &["malware", "ransomware", "access", "ddos", "near_miss"]),
    ("from_outside", &["inside", "resident", "contractor"]),
    ("outage", &["none", "degraded", "one", "several", "citywide", "unknown"]),
    ("personal", &["none", "personal", "sensitive", "my_number", "unknown"]),
    ("wrongful", &["yes", "no", "unknown"]),
    ("property", &["yes", "no", "unknown"]),
    ("protected", &["no", "encrypted", "recovered", "unknown"]),
    ("number_system", &["yes", "no", "unknown"]),
    ("seen_by_many", &["yes", "no", "unknown"]),
    ("lgwan_cut", &["yes", "no"]),
    ("severity", &["l0", "l1", "l2", "l3", "l4", "l5"]),
    ("reportable", &["yes", "no", "unknown"]),
];

/// What a report at the desk fills; every other field may be empty or has a default.
const DESK_FILLS: &[&str] = &["title", "kind", "found_on", "finder", "from_outside", "summary"];

fn demands(kind: RegisterKind) -> Demands {
    match kind {
        RegisterKind::Audit => {
            Demands { fields: audit::FIELDS, states: audit::STATES, roles: audit::ROLES, ..Demands::default() }
        }
        RegisterKind::Contract => Demands {
            fields: super::contract::FIELDS,
            choices: super::contract::CHOICES,
            in_force: true,
            ..Demands::default()
        },
        RegisterKind::Exception => Demands {
            fields: &[
                ("control", "text"),
                ("subject", "text?"),
                ("reason", "long"),
                ("starts_on", "date"),
                ("ends_on", "date"),
            ],
            in_force: true,
            ..Demands::default()
        },
        RegisterKind::Flow => Demands {
            fields: &[
                ("from_zone", "zone"),
                ("to_zone", "zone"),
                ("source", "text"),
                ("destination", "text"),
                ("service", "text"),
                ("purpose", "long"),
                ("ends_on", "date"),
            ],
            in_force: true,
            ..Demands::default()
        },
        RegisterKind::Incident => Demands {
            fields: INCIDENT_FIELDS,
            choices: INCIDENT_CHOICES,
            states: &["reported", "containing", "recovering", "preventing", "closed"],
            roles: &["csirt", "ciso"],
            ..Demands::default()
        },
        RegisterKind::Risk => Demands {
            fields: &[
                ("threat", "choice"),
                ("loss_confidentiality", "int"),
                ("loss_integrity", "int"),
                ("loss_availability", "int"),
                ("likelihood", "int"),
                ("weakness", "int"),
                ("treatment", "choice"),
                ("due_on", "date?"),
                ("clause", "text?"),
                ("clause_change", "long?"),
            ],
            choices: &[("treatment", &["reduce", "avoid", "transfer", "accept"])],
            ..Demands::default()
        },
        RegisterKind::Transfer => {
            Demands { fields: &[("from_zone", "zone"), ("to_zone", "zone"), ("files", "[file]")], ..Demands::default() }
        }
    }
}

pub(super) fn check(pack: &Pack, report: &Report) {
    for register in &pack.registers {
        let Some(kind) = register.kind else { continue };
        let demands = demands(kind);
        for (field, ty) in demands.fields {
            self::field(register, kind, field, ty, report);
        }
        for (field, wanted) in demands.choices {
            choices(register, kind, field, wanted, report);
        }
        for state in demands.states.iter().filter(|state| register.state(state).is_none()) {
            report.add(missing_state(register, kind, state, demands.states));
        }
        for role in demands.roles.iter().filter(|role| pack.role(role).is_none()) {
            report.add(missing_role(register, kind, role));
        }
        if demands.in_force && register.in_force.is_empty() {
            report.add(missing_in_force(register, kind));
        }
        if kind == RegisterKind::Audit {
            audit::check(pack, register, report);
        }
        if kind == RegisterKind::Incident {
            desk(register, report);
        }
        if kind == RegisterKind::Contract {
            super::contract::check(pack, register, report);
        }
    }
}

/// A register of the kind, or one that stands beside such a register.
fn named(register: &Register, kind: RegisterKind) -> (String, String) {
    let (id, kind_id) = (register.id.as_str(), kind.id());
    if register.kind == Some(kind) {
        return (format!("種類「{kind_id}」の台帳「{id}」"), format!("the register '{id}' of kind '{kind_id}'"));
    }
    (
        format!("種類「{kind_id}」の台帳に添う台帳「{id}」"),
        format!("the register '{id}' beside one of kind '{kind_id}'"),
    )
}

pub(super) fn field(register: &Register, kind: RegisterKind, name: &str, wanted: &str, report: &Report) {
    let (ty, optional) = wanted.strip_suffix('?').map_or((wanted, false), |ty| (ty, true));
    let found = register.field(name);
    if found.is_some_and(|field| type_of(&field.ty) == ty && field.optional == optional && !field.retired) {
        return;
    }
    let site = found.map_or_else(|| register.site.clone(), |field| field.site.clone());
    let (of, of_en) = named(register, kind);
    let register = register.id.as_str();
    let line = match ty.strip_prefix("class ") {
        Some(axis) => {
            let mark = if optional { "?" } else { "" };
            format!("{name} = {{ type = \"class{mark}\", axis = \"{axis}\", … }}")
        }
        None => format!("{name} = {{ type = \"{wanted}\", … }}"),
    };
    report.add(
        Diagnostic::error(
            "kind-field",
            site,
            format!("{of}には、型 {wanted} の項目「{name}」が要ります"),
            format!("{of_en} needs a field '{name}' of type {wanted}"),
        )
        .expected(line.clone(), line)
        .help(
            "項目を書き足すか、型を改めてください（? は空欄でもよいこと）",
            "add the field, or change its type (? means that it may be empty)",
        )
        .names([register, name]),
    );
}

pub(super) fn choices(register: &Register, kind: RegisterKind, name: &str, wanted: &[&str], report: &Report) {
    let Some(field) = register.field(name) else { return };
    let FieldType::Choice(offered) = &field.ty else { return };
    let has = |id: &str| offered.iter().any(|choice| choice.id == id && !choice.retired);
    let missing: Vec<&str> = wanted.iter().copied().filter(|id| !has(id)).collect();
    if missing.is_empty() {
        return;
    }
    let (of, of_en) = named(register, kind);
    let register = register.id.as_str();
    report.add(
        Diagnostic::error(
            "kind-choice",
            field.site.clone(),
            format!("{of}の項目「{name}」に、選択肢「{}」が要ります", missing.join("、")),
            format!("'{name}' of {of_en} needs the choices {}", missing.join(", ")),
        )
        .expected(wanted.join(", "), wanted.join(", "))
        .help("選択肢を書き足してください。ほかの選択肢もあって構いません", "add them; others may stand beside them")
        .names([register, name]),
    );
}

/// An incident can be reported at the desk by somebody who has not signed in: with the few fields of that page, in one step that
/// asks for nothing.
fn desk(register: &Register, report: &Report) {
    let id = register.id.as_str();
    let computed = |field: &&Field| matches!(field.ty, FieldType::Computed(_));
    let asked =
        register.fields.iter().filter(|field| !field.optional && field.default.is_none() && field.when.is_none());
    let asked = asked.filter(|field| !field.retired && !computed(field) && !DESK_FILLS.contains(&field.id.as_str()));
    for field in asked {
        report.add(
            Diagnostic::error(
                "kind-desk",
                field.site.clone(),
                format!("台帳「{id}」の項目「{}」が必須なので、サインインなしの報告を受け付けられません", field.id),
                format!("'{}' of '{id}' has to be filled, so that no report without signing in can come in", field.id),
            )
            .expected("空欄でもよい型（? を付ける）か、default", "a type that may be empty (with ?), or `default`")
            .help("? を付けるか、default を書いてください", "add ?, or write `default`")
            .names([id, field.id.as_str()]),
        );
    }
    let way = |t: &&Transition| {
        t.role == TransitionRole::Step
            && t.to == "reported"
            && t.from.contains(&register.lifecycle.initial)
            && t.fills.is_empty()
            && !t.reason
            && t.when.is_none()
    };
    if !register.lifecycle.transitions.iter().any(|t| way(&t)) {
        report.add(
            Diagnostic::error(
                "kind-desk-step",
                register.site.clone(),
                format!("台帳「{id}」に、はじめの状態から reported への、何も求めない遷移がありません"),
                format!("'{id}' has no transition from its initial state to `reported` that asks for nothing"),
            )
            .expected(
                "to = \"reported\" で、fills も reason も when もない遷移",
                "a transition to \"reported\" without fills, reason and when",
            )
            .help("サインインなしの報告は、その遷移で報告済みになります", "a report without signing in takes that step")
            .names([id]),
        );
    }
}

fn missing_state(register: &Register, kind: RegisterKind, state: &str, states: &[&str]) -> Diagnostic {
    let (id, register_id) = (kind.id(), register.id.as_str());
    Diagnostic::error(
        "kind-state",
        register.site.clone(),
        format!("種類「{id}」の台帳「{register_id}」には、状態「{state}」が要ります"),
        format!("the register '{register_id}' of kind '{id}' needs a state '{state}'"),
    )
    .expected(states.join(", "), states.join(", "))
    .help("[lifecycle] の states に書き足してください", "add it to `states` under [lifecycle]")
    .names([register_id, state])
}

fn missing_role(register: &Register, kind: RegisterKind, role: &str) -> Diagnostic {
    let (id, register_id) = (kind.id(), register.id.as_str());
    Diagnostic::error(
        "kind-role",
        register.site.clone(),
        format!("種類「{id}」の台帳「{register_id}」には、役割「{role}」が要ります"),
        format!("the register '{register_id}' of kind '{id}' needs a role '{role}'"),
    )
    .help("organisation.toml に役割を書き足してください", "add the role to organisation.toml")
    .names([register_id, role])
}

pub(super) fn missing_in_force(register: &Register, kind: RegisterKind) -> Diagnostic {
    let (of, of_en) = named(register, kind);
    Diagnostic::error(
        "kind-in-force",
        register.site.clone(),
        format!("{of}に in_force がありません"),
        format!("{of_en} has no `in_force`"),
    )
    .expected("in_force = [\"granted\"] など", "in_force = [\"granted\"] or the like")
    .help("効力のある状態を in_force に書いてください", "name the states in which a record counts")
    .names([register.id.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_says_what_each_kind_demands() {
        let page = include_str!("../../../../docs/pack.md");
        for kind in RegisterKind::ALL {
            let row = format!("| `{}` |", kind.id());
            let row = page.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("no row {row}"));
            let demands = demands(kind);
            for (field, ty) in demands.fields {
                assert!(row.contains(&format!("`{field}` {ty}")), "{}: `{field}` {ty} is not in {row}", kind.id());
            }
            let words = demands.choices.iter().flat_map(|(_, wanted)| wanted.iter());
            for word in words.chain(demands.states).chain(demands.roles) {
                assert!(row.contains(&format!("`{word}`")), "{}: `{word}` is not in {row}", kind.id());
            }
            assert!(row.ends_with(if demands.in_force { "| yes |" } else { "| no |" }), "in_force in {row}");
        }
    }

    #[test]
    fn the_grammar_says_what_stands_around_an_audit() {
        let page = include_str!("../../../../docs/pack.md");
        let (_, around) = page.split_once("**The registers around an audit**").expect("the paragraph");
        for companion in audit::COMPANIONS {
            let start = format!("| `{}` |", companion.list);
            let row = around.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row {start}"));
            for (field, ty) in companion.fields {
                assert!(row.contains(&format!("`{field}` {ty}")), "{start}: `{field}` {ty} is not in {row}");
            }
            let words = companion.choices.iter().flat_map(|(_, wanted)| wanted.iter()).chain(companion.states);
            for word in words {
                assert!(row.contains(&format!("`{word}`")), "{start}: `{word}` is not in {row}");
            }
            for (from, to, _) in companion.steps {
                assert!(row.contains(&format!("`{from}` → `{to}`")), "{start}: {from} → {to} is not in {row}");
            }
        }
    }
}
