//! What a version of the policy makes of the ids of the one before: `was`, `retired`, heirs. Pure.

use pack::Pack;
use pack::model::{Axis, FieldType, Register, RegisterKind};
use serde_json::{Map, Value as Json};

use crate::kinds::audit::{Around, Part};

/// Two versions, the earlier of which everything recorded is in the ids of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Renames<'a> {
    /// In force until now.
    pub(crate) old: &'a Pack,
    /// Taking over.
    pub(crate) new: &'a Pack,
}

/// What becomes of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RoleFate {
    /// It stays as it is.
    Stays,
    /// It has this id from now on.
    Renamed(String),
    /// It is gone and this role takes its posts over.
    TakenOver(String),
    /// It is gone, and its posts end.
    Ends,
}

impl<'a> Renames<'a> {
    /// The register that takes over the records of one; none when it was retired.
    pub(crate) fn register(&self, id: &str) -> Option<&'a Register> {
        self.new.register(id).or_else(|| self.new.registers.iter().find(|r| r.was.as_deref() == Some(id)))
    }

    /// The state that a record of a register goes to, and whether it is another one, rather than the same under a new id.
    pub(crate) fn state(&self, register: &Register, id: &str) -> (String, bool) {
        let lifecycle = &register.lifecycle;
        if let Some(state) = lifecycle.states.iter().find(|state| state.id == id || state.was.as_deref() == Some(id)) {
            return (state.id.clone(), false);
        }
        let heir = lifecycle.retired.iter().find(|(gone, _)| gone == id);
        heir.map_or_else(|| (id.to_owned(), false), |(_, heir)| (heir.clone(), true))
    }

    /// A record's fields under the new ids. A value that no field takes over stays where it is: nothing recorded is lost.
    pub(crate) fn fields(&self, register: &Register, fields: &Map<String, Json>) -> Map<String, Json> {
        let mut renamed = Map::new();
        for (id, value) in fields {
            let field = register.field(id).or_else(|| register.fields.iter().find(|f| f.was.as_ref() == Some(id)));
            match field {
                Some(field) => {
                    let value = self.value(&field.ty, value);
                    renamed.insert(field.id.clone(), self.named(register, &field.id, value));
                }
                None => {
                    renamed.insert(id.clone(), value.clone());
                }
            }
        }
        renamed
    }

    fn value(&self, ty: &FieldType, value: &Json) -> Json {
        match (ty, value) {
            (FieldType::List(inner), Json::Array(values)) => {
                let mut renamed: Vec<Json> = Vec::with_capacity(values.len());
                for value in values.iter().map(|value| self.value(inner, value)) {
                    if !renamed.contains(&value) {
                        renamed.push(value);
                    }
                }
                Json::Array(renamed)
            }
            (FieldType::List(inner), one) => Json::Array(vec![self.value(inner, one)]),
            (FieldType::Choice(choices), Json::String(id)) => {
                let heir = choices.iter().find(|choice| choice.was.as_ref() == Some(id));
                heir.map_or_else(|| value.clone(), |choice| choice.id.as_str().into())
            }
            (FieldType::Class(axis), Json::String(id)) => self.class(*axis, id).into(),
            _ => value.clone(),
        }
    }

    fn class(&self, axis: Axis, id: &str) -> String {
        let renamed = self.new.classes.of(axis).iter().find(|class| class.was.as_deref() == Some(id));
        if let Some(class) = renamed {
            return class.id.clone();
        }
        let heir = self.new.retired.classes.iter().find(|(of, gone, _)| *of == axis && gone == id);
        heir.map_or_else(|| id.to_owned(), |(_, _, heir)| heir.clone())
    }

    /// Exceptions, risks, and the registers around an audit, name controls, clauses, registers and subjects by their ids, in
    /// fields of their kind.
    fn named(&self, register: &Register, field: &str, value: Json) -> Json {
        let named = matches!(field, "control" | "clause" | "population");
        let part = named.then(|| Around::part(self.new, register)).flatten();
        let part = part.map(|(_, part)| part);
        match (part, field, &value) {
            (Some(Part::Item | Part::Finding), "control", Json::String(id)) => return self.control(id).into(),
            (Some(Part::Item | Part::Finding), "clause", Json::String(id)) => return self.clause(id).into(),
            (Some(Part::Sample), "population", Json::String(id)) => {
                return self.register(id).map_or_else(|| value.clone(), |heir| heir.id.as_str().into());
            }
            _ => {}
        }
        match (register.kind, field, &value) {
            (Some(RegisterKind::Exception), "control", Json::String(id)) => self.control(id).into(),
            (Some(RegisterKind::Exception), "subject", Json::String(text)) => self.subject(text).into(),
            (Some(RegisterKind::Risk), "clause", Json::String(id)) => self.clause(id).into(),
            _ => value,
        }
    }

    /// The control that carries the history of one on; the same id when it was retired.
    pub(crate) fn control(&self, id: &str) -> String {
        let heir = self.new.controls.iter().find(|control| control.was.as_deref() == Some(id));
        heir.filter(|_| self.new.control(id).is_none()).map_or_else(|| id.to_owned(), |control| control.id.clone())
    }

    /// The clause (`standard#audit-plan`) that carries one on; the same words when it was retired, or are no clause's id.
    fn clause(&self, text: &str) -> String {
        let heir = text.split_once('#').and_then(|(document, slug)| {
            let clauses = &self.new.document(document)?.clauses;
            let stays = clauses.iter().any(|clause| clause.id.slug == slug);
            clauses.iter().find(|clause| !stays && clause.was.as_deref() == Some(slug))
        });
        heir.map_or_else(|| text.to_owned(), |clause| clause.id.to_string())
    }

    /// A subject (`record:REGISTER:ID` …) under the new ids.
    pub(crate) fn subject(&self, text: &str) -> String {
        let Some((register, id)) = text.strip_prefix("record:").and_then(|rest| rest.split_once(':')) else {
            return text.to_owned();
        };
        self.register(register).map_or_else(|| text.to_owned(), |heir| format!("record:{}:{id}", heir.id))
    }

    /// What becomes of a role.
    pub(crate) fn role(&self, id: &str) -> RoleFate {
        if self.new.role(id).is_some() {
            return RoleFate::Stays;
        }
        if let Some(role) = self.new.roles.iter().find(|role| role.was.as_deref() == Some(id)) {
            return RoleFate::Renamed(role.id.clone());
        }
        match self.new.retired.roles.iter().find(|(gone, _)| gone == id) {
            Some((_, Some(heir))) => RoleFate::TakenOver(heir.clone()),
            Some((_, None)) => RoleFate::Ends,
            None => RoleFate::Stays,
        }
    }

    /// A term of a route (`section_manager@unit`, `person:keeper`) under the new ids; none when its role has ended.
    pub(crate) fn term(&self, register: &Register, term: &str) -> Option<String> {
        if let Some(field) = term.strip_prefix("person:") {
            let heir = register.fields.iter().find(|f| f.was.as_deref() == Some(field));
            return Some(heir.map_or_else(|| term.to_owned(), |field| format!("person:{}", field.id)));
        }
        let Some((role, scope)) = term.split_once('@') else { return Some(term.to_owned()) };
        match self.role(role) {
            RoleFate::Stays => Some(term.to_owned()),
            RoleFate::Renamed(heir) | RoleFate::TakenOver(heir) => Some(format!("{heir}@{scope}")),
            RoleFate::Ends => None,
        }
    }
}
