//! Decisions: who decides, and that they may.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::{Pack, Register, RegisterKind, StepKind, Term, TermScope, Transition, TransitionRole};
use crate::report::Report;

pub(super) fn check(pack: &Pack, report: &Report) {
    for register in &pack.registers {
        for transition in &register.lifecycle.transitions {
            if transition.role == TransitionRole::Decides {
                deciders(pack, register, transition, report);
                pairs(pack, register, transition, report);
                route(register, transition, report);
                ways_back(register, transition, report);
            } else if transition.route.is_some() || !transition.need.is_empty() {
                add(
                    report,
                    register,
                    transition,
                    "route-without-decides",
                    ("は決裁ではないのに route か need があります", "has a route or `need`, and is no decision"),
                    ("decides = true を書き足してください", "add `decides = true`"),
                    None,
                );
            }
        }
        ambiguous(register, report);
    }
}

fn add(
    report: &Report,
    register: &Register,
    transition: &Transition,
    code: &'static str,
    says: (&str, &str),
    help: (&str, &str),
    more: Option<&str>,
) {
    report.add(
        Diagnostic::error(
            code,
            transition.site.clone(),
            format!("「{}.{}」{}", register.id, transition.id, says.0),
            format!("'{}.{}' {}", register.id, transition.id, says.1),
        )
        .help(help.0, help.1)
        .names([register.id.as_str(), transition.id.as_str()].into_iter().chain(more)),
    );
}

/// Everyone who has a say in a decision (供覧 has none).
fn terms(transition: &Transition) -> Vec<&Term> {
    let route = transition.route.iter().flat_map(|route| &route.steps);
    let steps = route.filter(|step| step.kind != StepKind::Circulate).flat_map(|step| &step.by);
    transition.by.iter().chain(transition.need.iter().map(|need| &need.by)).chain(steps).collect()
}

fn deciders(pack: &Pack, register: &Register, transition: &Transition, report: &Report) {
    for term in terms(transition) {
        match term {
            Term::Applicant => add(
                report,
                register,
                transition,
                "decision-by-applicant",
                ("を申請者自身が決裁できてしまいます", "could be decided by its own applicant"),
                ("by から applicant を外してください", "take `applicant` out of the deciders"),
                None,
            ),
            Term::Assigned => add(
                report,
                register,
                transition,
                "decision-by-assigned",
                (
                    "の決裁者が決まりません（assigned は決裁者を待つ人のことです）",
                    "has `assigned` as decider, which is whoever decides",
                ),
                ("役割を書いてください", "name a role"),
                None,
            ),
            Term::Role { role, .. } if pack.role(role).is_some_and(|role| role.implied) => add(
                report,
                register,
                transition,
                "decision-by-anyone",
                ("を職員なら誰でも決裁できてしまいます", "could be decided by any member of staff"),
                ("決裁する役割を書いてください", "name the role that decides"),
                Some(role),
            ),
            Term::Role { role, scope: TermScope::Unit } if register.kind == Some(RegisterKind::Audit) => add(
                report,
                register,
                transition,
                "decision-by-audited",
                ("を監査される所属の者が決裁できてしまいます", "could be decided by the audited unit"),
                ("監査する側の役割を @all で書いてください", "name a role of the auditors with @all"),
                Some(role),
            ),
            Term::Role { .. } | Term::Person(_) => {}
        }
    }
}

/// Roles of which a holder is always or sometimes asked, beside the others.
fn demanded(transition: &Transition) -> BTreeSet<&str> {
    fn role(term: &Term) -> Option<&str> {
        if let Term::Role { role, .. } = term { Some(role) } else { None }
    }
    if let Some(route) = &transition.route {
        let steps = route.steps.iter().filter(|step| step.kind != StepKind::Circulate);
        return steps.flat_map(|step| &step.by).filter_map(role).collect();
    }
    // Any one of `by` is enough, so only a single term is demanded.
    let by = if let [only] = transition.by.as_slice() { role(only) } else { None };
    by.into_iter().chain(transition.need.iter().filter_map(|need| role(&need.by))).collect()
}

fn pairs(pack: &Pack, register: &Register, transition: &Transition, report: &Report) {
    let roles = demanded(transition);
    for pair in &pack.forbidden_pairs {
        let [a, b] = &pair.roles;
        if roles.contains(a.as_str()) && roles.contains(b.as_str()) {
            report.add(
                Diagnostic::error(
                    "route-forbidden-pair",
                    transition.site.clone(),
                    format!(
                        "「{}.{}」の決裁に、兼ねられない役割「{a}」と「{b}」が両方要ります",
                        register.id, transition.id
                    ),
                    format!("'{}.{}' needs both '{a}' and '{b}', which do not go together", register.id, transition.id),
                )
                .help(
                    format!("どちらかを外すか、兼務の禁止を見直してください（{}）", pair.why.ja),
                    "take one of them out, or look at the forbidden pair again",
                )
                .names([register.id.as_str(), transition.id.as_str(), a, b]),
            );
        }
    }
}

fn route(register: &Register, transition: &Transition, report: &Report) {
    let Some(route) = &transition.route else { return };
    if !transition.by.is_empty() || !transition.need.is_empty() {
        add(
            report,
            register,
            transition,
            "route-and-by",
            ("に route と by・need の両方があります", "has a route, and `by` or `need` beside it"),
            ("どちらかにしてください", "keep one of the two"),
            None,
        );
    }
    let last = route.steps.iter().rev().find(|step| step.kind != StepKind::Circulate);
    if last.is_none_or(|step| step.kind != StepKind::Decide) {
        add(
            report,
            register,
            transition,
            "route-without-decision",
            ("の最後の段階が決裁ではありません", "does not end with a step that decides"),
            (
                "最後（供覧の前）に step = \"decide\" を置いてください",
                "end it with step = \"decide\", before any circulation",
            ),
            None,
        );
    }
}

/// Whoever is asked can also say no, and the applicant can take it back.
fn ways_back(register: &Register, transition: &Transition, report: &Report) {
    for state in &transition.from {
        let has =
            |role| register.lifecycle.transitions.iter().any(|other| other.role == role && other.from.contains(state));
        if !has(TransitionRole::Refuses) && !has(TransitionRole::Returns) {
            add(
                report,
                register,
                transition,
                "decision-without-refusal",
                ("には、不承認にも差戻しにもする道がありません", "can neither be refused nor sent back"),
                (
                    "refuses = true か returns = true の遷移を書き足してください",
                    "add a transition with `refuses` or `returns`",
                ),
                Some(state),
            );
        }
        for (role, ja, en) in [
            (TransitionRole::Returns, "差戻し（returns = true）", "sent back (`returns = true`)"),
            (TransitionRole::Withdraws, "引戻し（withdraws = true）", "withdrawn (`withdraws = true`)"),
        ] {
            if !has(role) {
                report.add(
                    Diagnostic::warning(
                        "decision-without-way-back",
                        transition.site.clone(),
                        format!("「{}.{}」を待つ状態「{state}」から{ja}ができません", register.id, transition.id),
                        format!("what waits in '{state}' for '{}.{}' cannot be {en}", register.id, transition.id),
                    )
                    .help("必要なら遷移を書き足してください", "add the transition where it is wanted")
                    .names([register.id.as_str(), transition.id.as_str(), state.as_str()]),
                );
            }
        }
    }
}

/// A record that enters a state opens one route, not two.
fn ambiguous(register: &Register, report: &Report) {
    let decisions: Vec<_> =
        register.lifecycle.transitions.iter().filter(|t| t.role == TransitionRole::Decides).collect();
    for (index, second) in decisions.iter().enumerate() {
        for first in decisions.iter().take(index) {
            let shared = second.from.iter().find(|state| first.from.contains(state));
            if let Some(state) = shared
                && (first.when.is_none() || second.when.is_none())
            {
                report.add(
                    Diagnostic::error(
                        "decision-ambiguous",
                        second.site.clone(),
                        format!(
                            "状態「{state}」で「{}」と「{}」のどちらの決裁が始まるか決まりません",
                            first.id, second.id
                        ),
                        format!("in '{state}' both '{}' and '{}' would open a route", first.id, second.id),
                    )
                    .help("両方に when を書くか、状態を分けてください", "give both a `when`, or separate the states")
                    .names([register.id.as_str(), first.id.as_str(), second.id.as_str()]),
                );
            }
        }
    }
}
