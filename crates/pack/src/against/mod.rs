//! A new version against what is recorded: nothing recorded may lose its meaning.

mod others;

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::model::{Axis, Field, FieldType, Pack, Register, Site};
use crate::outline::type_of;

/// What a municipality has recorded under a pack.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// By register.
    pub registers: BTreeMap<String, RecordedRegister>,
    /// Posts by role, not yet ended.
    pub posts: BTreeMap<String, usize>,
    /// Persons by 職員区分.
    pub categories: BTreeMap<String, usize>,
    /// Units by the body that they belong to.
    pub bodies: BTreeMap<String, usize>,
}

/// What is recorded in one register.
#[derive(Debug, Clone, Default)]
pub struct RecordedRegister {
    /// How many records.
    pub records: usize,
    /// How many of them in each state.
    pub states: BTreeMap<String, usize>,
    /// How many of them have a value in each field, and for choices, classes and zones how many each value.
    pub fields: BTreeMap<String, RecordedField>,
}

/// What is recorded in one field.
#[derive(Debug, Clone, Default)]
pub struct RecordedField {
    /// Records with a value.
    pub filled: usize,
    /// Records by value; for choices, classes and zones only.
    pub values: BTreeMap<String, usize>,
}

/// Checks a new version against the one in force and what is recorded. An error means that it cannot be taken into force.
pub fn check_against(old: &Pack, new: &Pack, recorded: &Recorded) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, uses) in recorded.registers.iter().filter(|(_, uses)| uses.records > 0) {
        let heir = new.registers.iter().find(|register| register.id == *id || register.was.as_ref() == Some(id));
        match heir {
            Some(heir) => register(old.register(id), heir, new, uses, &mut found),
            None if new.retired.registers.contains(id) => {}
            None => found.push(gone(
                "against-register-gone",
                top(),
                ("台帳", "register"),
                id,
                uses.records,
                "was = \"…\" の付いた台帳か、pack.toml の [retired] registers",
                "a register with `was`, or [retired] registers in pack.toml",
            )),
        }
    }
    for (id, posts) in recorded.posts.iter().filter(|(_, posts)| **posts > 0) {
        let kept = new.roles.iter().any(|role| role.id == *id || role.was.as_ref() == Some(id))
            || new.retired.roles.iter().any(|(old, _)| old == id);
        if !kept {
            found.push(gone(
                "against-role-gone",
                top(),
                ("役割", "role"),
                id,
                *posts,
                "was = \"…\" の付いた役割か、pack.toml の [retired] roles",
                "a role with `was`, or [retired] roles in pack.toml",
            ));
        }
    }
    others::check(old, new, recorded, &mut found);
    history(old, new, &mut found);
    found
}

fn top() -> Site {
    Site { file: "pack.toml".into(), start: 0, end: 0 }
}

fn gone(code: &'static str, site: Site, what: (&str, &str), id: &str, count: usize, ja: &str, en: &str) -> Diagnostic {
    Diagnostic::error(
        code,
        site,
        format!("{}「{id}」がなくなりますが、{count}件で使われています", what.0),
        format!("the {} '{id}' is gone, and {count} uses are recorded", what.1),
    )
    .expected(ja, en)
    .help("何が引き継ぐかを書いてください", "say what takes it over")
    .names([id])
}

/// Controls and clauses have a history of findings.
fn history(old: &Pack, new: &Pack, found: &mut Vec<Diagnostic>) {
    for control in &old.controls {
        let kept = new.controls.iter().any(|c| c.id == control.id || c.was.as_ref() == Some(&control.id))
            || new.retired.controls.contains(&control.id);
        if !kept {
            found.push(unlisted("against-control-gone", ("遵守項目", "control"), &control.id, "controls"));
        }
    }
    for clause in old.documents.iter().flat_map(|document| &document.clauses) {
        let kept = new.document(&clause.id.document).is_some_and(|document| {
            document.clauses.iter().any(|c| c.id == clause.id || c.was.as_ref() == Some(&clause.id.slug))
        }) || new.retired.clauses.contains(&clause.id);
        if !kept {
            found.push(unlisted("against-clause-gone", ("条項", "clause"), &clause.id.to_string(), "clauses"));
        }
    }
}

fn unlisted(code: &'static str, what: (&str, &str), id: &str, key: &str) -> Diagnostic {
    Diagnostic::error(
        code,
        top(),
        format!("{}「{id}」がなくなりますが、廃止とも改名とも書かれていません", what.0),
        format!("the {} '{id}' is gone, and neither renamed nor listed as retired", what.1),
    )
    .expected(format!("was = \"…\"、または [retired] {key}"), format!("`was`, or [retired] {key} in pack.toml"))
    .help(
        "改名なら was を、廃止なら [retired] に書いてください",
        "write `was` for a rename, or list it under [retired]",
    )
    .names([id])
}

fn register(
    old: Option<&Register>,
    heir: &Register,
    pack: &Pack,
    uses: &RecordedRegister,
    found: &mut Vec<Diagnostic>,
) {
    for (state, count) in uses.states.iter().filter(|(_, count)| **count > 0) {
        let lifecycle = &heir.lifecycle;
        let kept = lifecycle.states.iter().any(|s| s.id == *state || s.was.as_ref() == Some(state))
            || lifecycle.retired.iter().any(|(gone, _)| gone == state);
        if !kept {
            let mut diagnostic = gone(
                "against-state-gone",
                heir.site.clone(),
                ("状態", "state"),
                state,
                *count,
                "was = \"…\" の付いた状態か、[lifecycle.retired] の行き先",
                "a state with `was`, or its heir in [lifecycle.retired]",
            );
            diagnostic.names.push(heir.id.clone());
            found.push(diagnostic);
        }
    }
    for (id, values) in uses.fields.iter().filter(|(_, values)| values.filled > 0) {
        let kept = heir.fields.iter().find(|field| field.id == *id || field.was.as_ref() == Some(id));
        match kept {
            None => {
                let mut diagnostic = gone(
                    "against-field-gone",
                    heir.site.clone(),
                    ("項目", "field"),
                    id,
                    values.filled,
                    "was = \"…\" の付いた項目か、retired = true のまま残した項目",
                    "a field with `was`, or the field itself with retired = true",
                );
                diagnostic.names.push(heir.id.clone());
                found.push(diagnostic);
            }
            Some(field) => {
                let before = old.and_then(|register| register.field(id));
                field_kept(before, field, heir, pack, values, found);
            }
        }
    }
    for field in heir.fields.iter().filter(|field| !field.optional && !field.retired && field.when.is_none()) {
        if matches!(field.ty, FieldType::Computed(_)) {
            continue;
        }
        let uses_of = |id: &String| uses.fields.get(id).map(|values| values.filled);
        let filled = uses_of(&field.id).or_else(|| uses_of(field.was.as_ref()?)).unwrap_or(0);
        if filled < uses.records {
            found.push(
                Diagnostic::warning(
                    "against-field-required",
                    field.site.clone(),
                    format!(
                        "必須となる項目「{}.{}」が空の記録が{}件あります",
                        heir.id,
                        field.id,
                        uses.records - filled
                    ),
                    format!(
                        "{} records have nothing in '{}.{}', which is required now",
                        uses.records - filled,
                        heir.id,
                        field.id
                    ),
                )
                .help("次にその記録を直すときに入力を求めます", "it is asked for when such a record is next written")
                .names([heir.id.as_str(), field.id.as_str()]),
            );
        }
    }
}

fn field_kept(
    before: Option<&Field>,
    field: &Field,
    heir: &Register,
    pack: &Pack,
    values: &RecordedField,
    found: &mut Vec<Diagnostic>,
) {
    if let Some(before) = before
        && !readable(pack, &before.ty, &field.ty)
    {
        found.push(
            Diagnostic::error(
                "against-field-type",
                field.site.clone(),
                format!(
                    "項目「{}.{}」の型が {} から {} に変わり、{}件の値が読めなくなります",
                    heir.id,
                    field.id,
                    type_of(&before.ty),
                    type_of(&field.ty),
                    values.filled
                ),
                format!(
                    "the type of '{}.{}' changes from {} to {}, and {} values cannot be read",
                    heir.id,
                    field.id,
                    type_of(&before.ty),
                    type_of(&field.ty),
                    values.filled
                ),
            )
            .expected(type_of(&before.ty), type_of(&before.ty))
            .help(
                "元の項目を retired = true で残し、新しい項目を足してください",
                "keep the old field as retired, and add a new one",
            )
            .names([heir.id.as_str(), field.id.as_str()]),
        );
        return;
    }
    for (value, count) in values.values.iter().filter(|(_, count)| **count > 0) {
        if !value_kept(pack, &field.ty, value) {
            let mut diagnostic = gone(
                "against-value-gone",
                field.site.clone(),
                ("選択肢・分類・区域", "choice, class or zone"),
                value,
                *count,
                "was = \"…\"、選択肢なら retired = true、分類なら [retired] classes",
                "`was`; retired = true for a choice; [retired] classes for a class",
            );
            diagnostic.names.extend([heir.id.clone(), field.id.clone()]);
            found.push(diagnostic);
        }
    }
}

/// Whether values of one type can be read as the other.
fn readable(pack: &Pack, before: &FieldType, now: &FieldType) -> bool {
    match (before, now) {
        (FieldType::Text, FieldType::Long)
        | (FieldType::Int, FieldType::Money)
        | (FieldType::Money, FieldType::Int)
        | (FieldType::Choice(_), FieldType::Choice(_)) => true,
        (FieldType::Ref(before), FieldType::Ref(now)) => {
            before == now || pack.register(now).is_some_and(|register| register.was.as_ref() == Some(before))
        }
        (FieldType::List(before), FieldType::List(now)) => readable(pack, before, now),
        (before, FieldType::List(now)) => readable(pack, before, now),
        (FieldType::Class(before), FieldType::Class(now)) => before == now,
        (before, now) => type_of(before) == type_of(now),
    }
}

fn value_kept(pack: &Pack, ty: &FieldType, value: &str) -> bool {
    let class = |axis: Axis| {
        pack.classes.of(axis).iter().any(|class| class.id == value || class.was.as_deref() == Some(value))
            || pack.retired.classes.iter().any(|(of, old, _)| *of == axis && old == value)
    };
    match ty {
        FieldType::Choice(choices) => {
            choices.iter().any(|choice| choice.id == value || choice.was.as_deref() == Some(value))
        }
        FieldType::Class(axis) => class(*axis),
        FieldType::Zone => pack.zones.iter().any(|zone| zone.id == value),
        FieldType::List(of) => value_kept(pack, of, value),
        _ => true,
    }
}
