//! Checks the fields of a record against its register, all errors at once.

use std::collections::HashMap;

use pack::Pack;
use pack::expr::{Outcome, Read, Value};
use pack::model::{Field, FieldType, Register, Text};
use serde_json::{Map, Value as Json};

use super::value::{self, Link, LinkKind, is_empty};
use super::{Record, keys};
use crate::error::text;
use crate::people::Standing;
use crate::store::Sql;
use crate::{Error, FieldError, Id, Operation, Reading, Result, visibility, world};

/// What a change asks for, checked against types, references, limits and unique rules.
pub(super) struct Checking<'a> {
    pub(super) pack: &'a Pack,
    pub(super) register: &'a Register,
    pub(super) standing: Option<&'a Standing>,
    pub(super) errors: Vec<FieldError>,
}

impl Checking<'_> {
    fn wrong(&mut self, field: &str, message: Text) {
        self.errors.push(FieldError { field: field.to_owned(), message });
    }

    /// Lays changes over the stored fields. `Null` and empty values clear a field.
    pub(super) fn merge(&mut self, old: &Map<String, Json>, changes: &Map<String, Json>) -> Map<String, Json> {
        let mut merged = old.clone();
        for (id, given) in changes {
            let Some(field) = self.register.field(id) else {
                let known: Vec<&str> = self.register.fields.iter().map(|field| field.id.as_str()).collect();
                self.wrong(
                    id,
                    text(
                        format!("「{id}」という項目はありません。項目は次のとおりです：{}", known.join(", ")),
                        format!("There is no field '{id}'. The fields are: {}.", known.join(", ")),
                    ),
                );
                continue;
            };
            let stored = old.get(id);
            if stored == Some(given) {
                continue;
            }
            if matches!(field.ty, FieldType::Computed(_)) {
                self.wrong(
                    id,
                    text(
                        "この項目は自動で計算されます。入力しないでください。",
                        "This field is computed; leave it out.",
                    ),
                );
            } else if is_empty(given) {
                merged.remove(id);
            } else if field.retired {
                self.wrong(id, text("この項目は使われなくなりました。", "This field is no longer in use."));
            } else {
                match value::check(self.pack, field, given, stored) {
                    Ok(value) => {
                        merged.insert(id.clone(), value);
                    }
                    Err(errors) => errors.into_iter().for_each(|(field, message)| self.wrong(&field, message)),
                }
            }
        }
        merged
    }

    /// Required fields, and limits that other fields set. Fields not asked for (`when`) may stay empty. A limit binds when
    /// the field is written, or a field that the limit reads: what was right on its day stays so (a day that had to be
    /// today or later is past by the time the record goes on).
    pub(super) async fn rules(
        &mut self,
        reading: &mut Reading,
        record: &Record,
        old: &Map<String, Json>,
        demanded: &[String],
    ) -> Result<()> {
        let register = self.register;
        let changed = |id: &str| old.get(id) != record.fields.get(id);
        for field in &register.fields {
            if field.retired || matches!(field.ty, FieldType::Computed(_)) || self.has_error(&field.id) {
                continue;
            }
            let Some(value) = record.fields.get(&field.id) else {
                let needed = !field.optional || demanded.contains(&field.id);
                if needed && self.asked(reading, record, field).await? {
                    self.wrong(&field.id, text("入力してください。", "This is required."));
                }
                continue;
            };
            let limits = || field.least.iter().chain(&field.most);
            let rests_on = |read: &Read| read.via.is_empty() && read.field.as_deref().is_some_and(changed);
            let written = changed(&field.id) || limits().any(|limit| limit.reads().iter().any(rests_on));
            if written && limits().next().is_some() {
                self.limits(reading, record, field, value).await?;
            }
        }
        Ok(())
    }

    fn has_error(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }

    async fn asked(&self, reading: &mut Reading, record: &Record, field: &Field) -> Result<bool> {
        let Some(when) = &field.when else { return Ok(true) };
        let asked = world::evaluate(reading, self.pack, self.register, record, |env| when.test(env)).await?;
        Ok(asked == Outcome::True)
    }

    async fn limits(&mut self, reading: &mut Reading, record: &Record, field: &Field, value: &Json) -> Result<()> {
        let seen = value::for_expressions(self.pack, &field.ty, Some(value));
        for (limit, low) in [(&field.least, true), (&field.most, false)] {
            let Some(limit) = limit else { continue };
            let bound = world::evaluate(reading, self.pack, self.register, record, |env| limit.eval(env)).await?;
            let (broken, bound) = match (&seen, bound) {
                (Value::Int(n), Ok(Value::Int(bound))) => {
                    (if low { *n < bound } else { *n > bound }, bound.to_string())
                }
                (Value::Day(n), Ok(Value::Day(bound))) => {
                    (if low { *n < bound } else { *n > bound }, bound.to_string())
                }
                _ => continue,
            };
            if broken {
                let (ja, en) = if low { ("以上", "at least") } else { ("以下", "at most") };
                let (ja, en) = match (&seen, low) {
                    (Value::Day(_), true) => ("以後", "or later"),
                    (Value::Day(_), false) => ("以前", "or earlier"),
                    _ => (ja, en),
                };
                self.wrong(
                    &field.id,
                    text(format!("{bound}{ja}にしてください。"), format!("It has to be {bound} ({en}).")),
                );
            }
        }
        Ok(())
    }

    /// What new links lead to has to exist, and the actor has to be allowed to see it.
    pub(super) async fn references(&mut self, reading: &mut Reading, record: &Record, old: &[Link]) -> Result<()> {
        let mut lists: HashMap<&str, bool> = HashMap::new();
        for field in &self.register.fields {
            lists.insert(&field.id, matches!(field.ty, FieldType::List(_)));
        }
        let links = self.register.fields.iter().filter_map(|f| Some(value::links(f, record.fields.get(&f.id)?)));
        for link in links.flatten().collect::<Vec<_>>() {
            let kept = old.iter().any(|o| o.field == link.field && o.target == link.target);
            if kept || self.may_refer(reading, record, &link).await? {
                continue;
            }
            let place = if lists.get(link.field.as_str()) == Some(&true) {
                format!("{}[{}]", link.field, link.position)
            } else {
                link.field.clone()
            };
            let message = match &link.kind {
                LinkKind::Person => text("在職している職員を選んでください。", "Choose a person in service."),
                LinkKind::Unit => text("いまある所属を選んでください。", "Choose a unit that exists."),
                LinkKind::File => text("ファイルを添付し直してください。", "Attach the file again."),
                LinkKind::Record(_) => text(
                    "選んだ記録がないか、見る権限がありません。一覧から選んでください。",
                    "There is no such record, or you may not see it. Choose one from the list.",
                ),
            };
            self.wrong(&place, message);
        }
        Ok(())
    }

    async fn may_refer(&self, reading: &mut Reading, record: &Record, link: &Link) -> Result<bool> {
        let today = reading.today();
        let mut sql = Sql::default();
        match &link.kind {
            LinkKind::Person => {
                sql.push("SELECT 1 FROM person WHERE id = ").bind(link.target);
                sql.push(" AND from_day <= ")
                    .bind(today)
                    .push(" AND (to_day IS NULL OR to_day > ")
                    .bind(today)
                    .push(")");
            }
            LinkKind::Unit => {
                sql.push("SELECT 1 FROM unit WHERE id = ").bind(link.target);
                sql.push(" AND from_day <= ")
                    .bind(today)
                    .push(" AND (to_day IS NULL OR to_day > ")
                    .bind(today)
                    .push(")");
            }
            LinkKind::File => {
                // A file is attached by whoever brought it, and then belongs to that record.
                sql.push("SELECT 1 FROM file WHERE destroyed_at IS NULL AND id = ").bind(link.target);
                sql.push(" AND owner = ").bind(reading.actor().to_string());
                sql.push(" AND NOT EXISTS (SELECT 1 FROM record_link l WHERE l.target = file.id AND l.record_id <> ");
                sql.bind(record.id).push(") AND NOT EXISTS (SELECT 1 FROM paper p WHERE p.scan = file.id)");
            }
            LinkKind::Record(register) => {
                let Some(register) = self.pack.register(register) else { return Ok(false) };
                sql.push("SELECT 1 FROM record r WHERE r.disposed_at IS NULL AND r.id = ").bind(link.target);
                sql.push(" AND r.register = ").bind(&register.id).push(" AND ");
                sql.append(&visibility::of_register(self.standing, register));
            }
        }
        Ok(reading.row_if_any(sql).await?.is_some())
    }

    /// Unique rules, against every record whoever may see it; the message names no other record.
    pub(super) async fn unique(&mut self, op: &mut Operation, record: &Record) -> Result<()> {
        for (fields, rule, key) in keys::unique_keys(self.register, &record.fields) {
            let sql = Sql::new(
                "SELECT 1 FROM record_unique WHERE register = $1 AND rule = $2 AND key = $3 AND record_id <> $4",
                [(&self.register.id).into(), rule.into(), key.into(), record.id.into()],
            );
            if op.row_if_any(sql).await?.is_some()
                && let Some(field) = fields.first()
            {
                self.wrong(
                    field,
                    text(
                        "同じ値の記録がすでにあります。別の値にしてください。",
                        "A record with this value already exists. Give another.",
                    ),
                );
            }
        }
        Ok(())
    }

    /// All errors, as the answer.
    pub(super) fn finish(self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::invalid(self.errors)) }
    }
}

/// Fills the fields of a new record that have a default and were not given.
pub(super) async fn fill_defaults(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &mut Record,
    given: &Map<String, Json>,
) -> Result<()> {
    for field in register.fields.iter().filter(|field| !field.retired) {
        let Some(default) = &field.default else { continue };
        if given.contains_key(&field.id) || record.fields.contains_key(&field.id) {
            continue;
        }
        let value = world::evaluate(reading, pack, register, record, |env| default.eval(env)).await?;
        let value = value.map_or(Json::Null, |value| value::from_expression(pack, &value));
        if !is_empty(&value)
            && let Ok(value) = value::check(pack, field, &value, None)
        {
            record.fields.insert(field.id.clone(), value);
        }
    }
    Ok(())
}

/// The name of a record, from its register's name fields: text as it is, labels of choices, names of what it refers to.
pub(super) async fn name_of(reading: &mut Reading, register: &Register, fields: &Map<String, Json>) -> Result<String> {
    let mut parts = Vec::new();
    for id in &register.name {
        let (Some(field), Some(value)) = (register.field(id), fields.get(id)) else { continue };
        let target = value.as_str().and_then(|id| id.parse::<Id>().ok());
        let looked_up = match (&field.ty, target) {
            (FieldType::Person, Some(id)) => Some(("SELECT name FROM person WHERE id = $1", id)),
            (FieldType::Unit, Some(id)) => Some(("SELECT name FROM unit WHERE id = $1", id)),
            (FieldType::Ref(_), Some(id)) => Some(("SELECT name FROM record WHERE id = $1", id)),
            (FieldType::File, Some(id)) => Some(("SELECT name FROM file WHERE id = $1", id)),
            _ => None,
        };
        let part = match (looked_up, &field.ty, value) {
            (Some((sql, id)), ..) => {
                reading.row_if_any(Sql::new(sql, [id.into()])).await?.map(|r| r.text(0)).transpose()?
            }
            (None, FieldType::Choice(choices), _) => {
                choices.iter().find(|c| value.as_str() == Some(&c.id)).map(|c| c.label.ja.clone())
            }
            (None, _, Json::String(text)) => Some(text.replace('\n', " ")),
            (None, _, Json::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        parts.extend(part);
    }
    Ok(parts.join(" ").chars().take(200).collect())
}
