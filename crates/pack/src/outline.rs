//! Every part of a pack as readable text, so that two versions can be laid side by side.

use std::fmt::Write as _;

use crate::model::{
    Access, AccessRule, Axis, Control, Field, FieldType, Keep, Lifecycle, Nature, Pack, Permission, Register, Term,
    TermScope, Transition, TransitionRole,
};
use crate::trace::subjects;

/// What kind of part it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// A clause of a document.
    Clause,
    /// A control.
    Control,
    /// A register.
    Register,
    /// A role.
    Role,
    /// A class with its row of the handling matrix.
    Class,
    /// A zone with what may leave it.
    Zone,
    /// A body.
    Body,
    /// A questionnaire.
    Questionnaire,
    /// A data source.
    Source,
}

impl PartKind {
    /// What it is called, in Japanese and English.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Clause => ("条項", "Clause"),
            Self::Control => ("遵守項目", "Control"),
            Self::Register => ("台帳", "Register"),
            Self::Role => ("役割", "Role"),
            Self::Class => ("分類", "Class"),
            Self::Zone => ("領域", "Zone"),
            Self::Body => ("機関", "Body"),
            Self::Questionnaire => ("照会・研修", "Questionnaire"),
            Self::Source => ("データ源", "Data source"),
        }
    }
}

/// One part of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its kind.
    pub(crate) kind: PartKind,
    /// Its id.
    pub(crate) id: String,
    /// Its id in an earlier version.
    pub(crate) was: Option<String>,
    /// Its heading, for people.
    pub(crate) title: String,
    /// What it says.
    pub(crate) text: String,
}

/// All parts, in reading order.
pub(crate) fn parts(pack: &Pack) -> Vec<Part> {
    let mut parts = Vec::new();
    for document in &pack.documents {
        for clause in &document.clauses {
            let was = clause.was.as_ref().map(|slug| format!("{}#{slug}", document.id));
            let mut text = clause.body.clone();
            if clause.audience != document.audience {
                let _ = write!(text, "\n（公開範囲: {:?}）", clause.audience);
            }
            let title = format!("{} {}", document.title.ja, clause.heading);
            parts.push(Part { kind: PartKind::Clause, id: clause.id.to_string(), was, title, text });
        }
    }
    parts.extend(pack.controls.iter().map(control));
    parts.extend(pack.registers.iter().map(register));
    for role in &pack.roles {
        let text = format!(
            "階層 {:?}、定員 {}、代決 {}、職員区分 {}",
            role.level,
            role.most.map_or_else(|| "なし".to_owned(), |most| most.to_string()),
            list(&role.substitutes),
            list(&role.holders),
        );
        parts.push(part(PartKind::Role, &role.id, role.was.as_ref(), &role.name.ja, text));
    }
    classes(pack, &mut parts);
    zones(pack, &mut parts);
    for body in &pack.bodies {
        let text = format!(
            "適用 {}、自ら定める {}、{}",
            body.in_scope,
            body.adopts,
            body.adopted_by.as_deref().unwrap_or("-")
        );
        parts.push(part(PartKind::Body, &body.id, None, &body.name.ja, text));
    }
    for asked in &pack.questionnaires {
        let mut text = format!("{}ごと、対象 {}", asked.every, list(&asked.audience));
        if let Some(register) = &asked.register {
            let _ = write!(text, "、台帳 {register}");
        }
        if let Some(per) = &asked.per {
            let _ = write!(text, "、{} ごとに {} が回答", per.register, per.person);
        }
        for question in &asked.questions {
            let _ = write!(text, "\n{}", question.text.ja);
        }
        parts.push(part(PartKind::Questionnaire, &asked.id, None, &asked.title.ja, text));
    }
    for source in &pack.sources {
        let mut text = format!("{}ごと、所管 {}", source.expect, term(&source.owner));
        for (field, column) in source.fields.iter().zip(&source.columns) {
            let _ = write!(text, "\n{} ← {column}", field.id);
        }
        parts.push(part(PartKind::Source, &source.id, None, &source.title.ja, text));
    }
    parts
}

fn part(kind: PartKind, id: &str, was: Option<&String>, title: &str, text: String) -> Part {
    Part { kind, id: id.to_owned(), was: was.cloned(), title: title.to_owned(), text }
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "-".to_owned() } else { words.join("、") }
}

/// A term as the pack writes it.
pub(crate) fn term(term: &Term) -> String {
    match term {
        Term::Applicant => "applicant".to_owned(),
        Term::Assigned => "assigned".to_owned(),
        Term::Person(field) => format!("person:{field}"),
        Term::Role { role, scope: TermScope::Unit } => format!("{role}@unit"),
        Term::Role { role, scope: TermScope::All } => format!("{role}@all"),
    }
}

fn terms(all: &[Term]) -> String {
    all.iter().map(term).collect::<Vec<_>>().join("、")
}

fn control(control: &Control) -> Part {
    let clauses: Vec<_> = control.clauses.iter().map(ToString::to_string).collect();
    let mut text = format!("条項 {}\n義務 {}\n", list(&clauses), list(&control.serves));
    match &control.nature {
        Nature::Machine { subjects: over, applies, holds } => {
            let _ = writeln!(text, "対象 {}", subjects(over));
            if let Some(applies) = applies {
                let _ = writeln!(text, "対象となる条件 {}", applies.source);
            }
            let _ = write!(text, "満たすべきこと {}\n要改善の文 {}\n", holds.source, control.says.source().ja);
        }
        Nature::Attested(attested) => {
            let _ = write!(
                text,
                "実施報告 {} が {} ごと・{} に一度、証跡 {}\n{}\n",
                term(&attested.by),
                subjects(&attested.per),
                attested.every,
                if attested.evidence { "必須" } else { "任意" },
                attested.asks.ja,
            );
        }
    }
    let _ = write!(text, "重大さ {:?}、所管 {}、期限 {}日", control.severity, term(&control.owner), control.due_days);
    part(PartKind::Control, &control.id, control.was.as_ref(), &control.title.ja, text)
}

fn register(register: &Register) -> Part {
    let keep = match register.keep {
        Keep::For(period) => period.to_string(),
        Keep::InUse => "常用".to_owned(),
        Keep::Always => "永年".to_owned(),
    };
    let mut text = format!("番号 {}、保存 {keep}\n", register.number);
    for field in &register.fields {
        let _ = writeln!(text, "項目 {}", field_line(field));
    }
    access(&register.access, &mut text);
    lifecycle(&register.lifecycle, &mut text);
    for deadline in &register.deadlines {
        let _ = writeln!(
            text,
            "期限 {}: {} のとき {} まで、{} に知らせる",
            deadline.id,
            list(&deadline.states),
            deadline.after.source,
            terms(&deadline.tell)
        );
    }
    for clause in &register.contract_clauses {
        let when = clause.when.as_ref().map_or("常に", |when| &when.source);
        let _ = writeln!(text, "契約に書く事項 {}（{when}）: {}", clause.id, clause.wording.ja);
    }
    part(PartKind::Register, &register.id, register.was.as_ref(), &register.title.ja, text.trim_end().to_owned())
}

/// The type as the pack writes it, without `?`.
pub(crate) fn type_of(ty: &FieldType) -> String {
    match ty {
        FieldType::Text => "text".to_owned(),
        FieldType::Long => "long".to_owned(),
        FieldType::Int => "int".to_owned(),
        FieldType::Money => "money".to_owned(),
        FieldType::Date => "date".to_owned(),
        FieldType::Bool => "bool".to_owned(),
        FieldType::Choice(_) => "choice".to_owned(),
        FieldType::Person => "person".to_owned(),
        FieldType::Unit => "unit".to_owned(),
        FieldType::Zone => "zone".to_owned(),
        FieldType::Class(axis) => format!("class {}", axis.id()),
        FieldType::File => "file".to_owned(),
        FieldType::Ref(to) => format!("ref {to}"),
        FieldType::List(of) => format!("[{}]", type_of(of)),
        FieldType::Computed(expr) => format!("computed {}", expr.source),
    }
}

fn field_line(field: &Field) -> String {
    let mut line = format!("{}（{}）: {}", field.id, field.label.ja, type_of(&field.ty));
    if field.optional {
        line.push('?');
    }
    if let FieldType::Choice(choices) = &field.ty {
        let ids: Vec<_> = choices.iter().filter(|choice| !choice.retired).map(|c| c.label.ja.clone()).collect();
        let _ = write!(line, "（{}）", ids.join("、"));
    }
    for (name, expr) in
        [("下限", &field.least), ("上限", &field.most), ("初期値", &field.default), ("条件", &field.when)]
    {
        if let Some(expr) = expr {
            let _ = write!(line, "、{name} {}", expr.source);
        }
    }
    if field.retired {
        line.push_str("、廃止");
    }
    line
}

fn access(access: &Access, text: &mut String) {
    let line = |rules: &[AccessRule]| {
        let words: Vec<_> = rules
            .iter()
            .map(|rule| {
                let who = term(&rule.who);
                if rule.states.is_empty() { who } else { format!("{who}（{}）", rule.states.join("、")) }
            })
            .collect();
        words.join("、")
    };
    let _ = writeln!(text, "閲覧 {}", line(&access.view));
    let _ = writeln!(text, "起票 {}", line(&access.create));
    let _ = writeln!(text, "修正 {}", line(&access.edit));
}

fn lifecycle(lifecycle: &Lifecycle, text: &mut String) {
    let states: Vec<_> = lifecycle
        .states
        .iter()
        .map(|state| if state.is_final { format!("{}（終）", state.id) } else { state.id.clone() })
        .collect();
    let _ = writeln!(text, "状態 {}（初め {}）", states.join("、"), lifecycle.initial);
    for transition in &lifecycle.transitions {
        let _ = writeln!(text, "遷移 {}", transition_line(transition));
    }
}

fn transition_line(transition: &Transition) -> String {
    let role = match transition.role {
        TransitionRole::Step => "",
        TransitionRole::Decides => "、決裁",
        TransitionRole::Refuses => "、不承認",
        TransitionRole::Returns => "、差戻し",
        TransitionRole::Withdraws => "、引戻し",
    };
    let mut line = format!(
        "{}（{}）: {} → {}、{}{role}",
        transition.id,
        transition.label.ja,
        transition.from.join("、"),
        transition.to,
        terms(&transition.by)
    );
    if let Some(when) = &transition.when {
        let _ = write!(line, "、条件 {}", when.source);
    }
    for need in &transition.need {
        let _ = write!(line, "、さらに {}", term(&need.by));
        if let Some(when) = &need.when {
            let _ = write!(line, "（{}）", when.source);
        }
    }
    for step in transition.route.iter().flat_map(|route| &route.steps) {
        let _ = write!(line, "、{:?} {}", step.kind, terms(&step.by));
        if let Some(when) = &step.when {
            let _ = write!(line, "（{}）", when.source);
        }
    }
    line
}

fn classes(pack: &Pack, parts: &mut Vec<Part>) {
    for axis in [Axis::Confidentiality, Axis::Integrity, Axis::Availability] {
        for class in pack.classes.of(axis) {
            let mut text = class.meaning.ja.clone();
            for act in pack.classes.acts.iter().filter(|_| axis == Axis::Confidentiality) {
                let Some(rule) = pack.classes.rule(&act.id, &class.id) else { continue };
                let permission = match &rule.permission {
                    Permission::Free => "自由".to_owned(),
                    Permission::Record => "記録".to_owned(),
                    Permission::By(role) => format!("{role} の許可"),
                    Permission::Never => "不可".to_owned(),
                };
                let _ = write!(text, "\n{}: {permission} {}", act.name.ja, rule.says.ja);
            }
            let id = format!("{}.{}", axis.id(), class.id);
            let was = class.was.as_ref().map(|was| format!("{}.{was}", axis.id()));
            parts.push(part(PartKind::Class, &id, was.as_ref(), &class.name.ja, text));
        }
    }
}

fn zones(pack: &Pack, parts: &mut Vec<Part>) {
    for zone in &pack.zones {
        let mut text = format!("{:?}、{}", zone.kind, list(&zone.networks));
        for crossing in pack.crossings.iter().filter(|crossing| crossing.from == zone.id) {
            let _ = write!(text, "\n→ {}: {:?} {}", crossing.to, crossing.kinds, crossing.says.ja);
        }
        for business in pack.businesses.iter().filter(|business| business.zone == zone.id) {
            let _ = write!(text, "\n業務 {}", business.name.ja);
        }
        parts.push(part(PartKind::Zone, &zone.id, None, &zone.name.ja, text));
    }
}
