//! States and the ways between them.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::{Keep, Lifecycle, Pack, Register, State, Term, Transition, TransitionRole};
use crate::report::Report;

pub(super) fn check(pack: &Pack, report: &Report) {
    for register in &pack.registers {
        states(register, report);
        for transition in &register.lifecycle.transitions {
            takers(register, transition, report);
        }
        deadlines(register, report);
    }
}

/// States that can be reached from a start, along `step`.
fn reach<'a>(start: impl IntoIterator<Item = &'a str>, step: impl Fn(&str) -> Vec<&'a str>) -> BTreeSet<&'a str> {
    let mut open: Vec<_> = start.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(state) = open.pop() {
        if seen.insert(state) {
            open.extend(step(state));
        }
    }
    seen
}

fn next<'a>(lifecycle: &'a Lifecycle, state: &str) -> Vec<&'a str> {
    let leaves = |t: &&Transition| t.from.iter().any(|from| from == state);
    lifecycle.transitions.iter().filter(leaves).map(|t| t.to.as_str()).collect()
}

fn before<'a>(lifecycle: &'a Lifecycle, state: &str) -> Vec<&'a str> {
    let comes = |t: &&Transition| t.to == state;
    lifecycle.transitions.iter().filter(comes).flat_map(|t| &t.from).map(String::as_str).collect()
}

fn states(register: &Register, report: &Report) {
    let lifecycle = &register.lifecycle;
    let finals: Vec<_> = lifecycle.states.iter().filter(|state| state.is_final).map(|s| s.id.as_str()).collect();
    let reached = reach([lifecycle.initial.as_str()], |state| next(lifecycle, state));
    let ending = reach(finals.iter().copied(), |state| before(lifecycle, state));
    if finals.is_empty() && matches!(register.keep, Keep::For(_)) {
        report.add(
            Diagnostic::error(
                "state-none-final",
                register.site.clone(),
                format!("台帳「{}」に終わりの状態がないため、保存期間が始まりません", register.id),
                format!("the register '{}' has no final state, so its retention never starts", register.id),
            )
            .expected("final に一つ以上、または keep = \"常用\"", "a final state, or keep = \"常用\"")
            .help("final を書いてください", "write `final`")
            .names([register.id.as_str()]),
        );
    }
    for state in &lifecycle.states {
        if !reached.contains(state.id.as_str()) && !lifecycle.initial.is_empty() {
            about(
                register,
                state,
                report,
                "state-unreachable",
                ("には、どこからも移れません", "cannot be reached"),
                ("この状態への [transitions] を書くか、状態を消してください", "add a transition to it, or take it out"),
            );
        }
        let leaves = !next(lifecycle, &state.id).is_empty();
        if state.is_final && leaves {
            about(
                register,
                state,
                report,
                "state-final-leaves",
                ("は終わりの状態なのに、出ていく遷移があります", "is final, and a transition leaves it"),
                (
                    "final から外すか、遷移の from から外してください",
                    "take it off `final`, or off the transition's `from`",
                ),
            );
        } else if !state.is_final && (!leaves || (!finals.is_empty() && !ending.contains(state.id.as_str()))) {
            about(
                register,
                state,
                report,
                "state-dead-end",
                ("から終わりの状態へ進む道がありません", "has no way out to a final state"),
                (
                    "出ていく [transitions] を書くか、final に加えてください",
                    "add a transition, or list it under `final`",
                ),
            );
        }
    }
}

fn about(
    register: &Register,
    state: &State,
    report: &Report,
    code: &'static str,
    says: (&str, &str),
    help: (&str, &str),
) {
    report.add(
        Diagnostic::error(
            code,
            state.site.clone(),
            format!("台帳「{}」の状態「{}」{}", register.id, state.id, says.0),
            format!("the state '{}' of '{}' {}", state.id, register.id, says.1),
        )
        .help(help.0, help.1)
        .names([register.id.as_str(), state.id.as_str()]),
    );
}

/// States in which a route is open.
pub(super) fn pending(lifecycle: &Lifecycle) -> BTreeSet<&str> {
    let decides = |t: &&Transition| t.role == TransitionRole::Decides;
    lifecycle.transitions.iter().filter(decides).flat_map(|t| &t.from).map(String::as_str).collect()
}

/// Somebody can make the transition.
fn takers(register: &Register, transition: &Transition, report: &Report) {
    let pending = pending(&register.lifecycle);
    let open = transition.from.iter().any(|state| pending.contains(state.as_str()));
    let within_route =
        matches!(transition.role, TransitionRole::Refuses | TransitionRole::Returns | TransitionRole::Withdraws);
    let (ja, en, help_ja, help_en) = if within_route {
        if !transition.by.is_empty() {
            report.add(
                Diagnostic::error(
                    "transition-by-superfluous",
                    transition.site.clone(),
                    format!(
                        "「{}.{}」に by は書きません（今の段階の人、引戻しは申請者が行います）",
                        register.id, transition.id
                    ),
                    format!("'{}.{}' has no `by`: whoever has the step makes it", register.id, transition.id),
                )
                .help("by を消してください", "take `by` out")
                .names([register.id.as_str(), transition.id.as_str()]),
            );
        }
        if open {
            return;
        }
        (
            "は、決裁が行われていない状態から出ているため誰にもできません",
            "starts where no decision is open, so nobody can make it",
            "decides = true の遷移と同じ状態を from に書いてください",
            "use a state from which a transition with `decides = true` starts",
        )
    } else {
        let route = transition.route.as_ref().is_some_and(|route| !route.steps.is_empty());
        let by = transition.by.iter().any(|term| *term != Term::Assigned || open);
        if by || (route && transition.role == TransitionRole::Decides) {
            return;
        }
        (
            "は誰にもできません",
            "can be made by nobody",
            "by に役割や applicant を書いてください",
            "name a role or `applicant` in `by`",
        )
    };
    report.add(
        Diagnostic::error(
            "transition-by-nobody",
            transition.site.clone(),
            format!("「{}.{}」{ja}", register.id, transition.id),
            format!("'{}.{}' {en}", register.id, transition.id),
        )
        .expected("by = [\"applicant\"] など", "by = [\"applicant\"] or the like")
        .help(help_ja, help_en)
        .names([register.id.as_str(), transition.id.as_str()]),
    );
}

fn deadlines(register: &Register, report: &Report) {
    for deadline in &register.deadlines {
        let ended = deadline.states.iter().find(|id| register.state(id).is_some_and(|state| state.is_final));
        if let Some(state) = ended {
            report.add(
                Diagnostic::error(
                    "deadline-in-final",
                    deadline.site.clone(),
                    format!("期限「{}.{}」が終わりの状態「{state}」に付いています", register.id, deadline.id),
                    format!("the deadline '{}.{}' is on the final state '{state}'", register.id, deadline.id),
                )
                .help("まだ終わっていない状態を in に書いてください", "name states that are not final")
                .names([register.id.as_str(), deadline.id.as_str(), state.as_str()]),
            );
        }
    }
}
