//! A valid value for every field.

use ledger::people::Standing;
use ledger::{Operation, permission};
use pack::model::{Field, FieldType, Register};
use serde_json::{Map, Value as Json, json};

use super::Walk;

/// Where the first choice will not do: register, transition for which the record is made (`*`: any), field, value.
const PICKED: &[(&str, &str, &str, &str)] = &[
    ("flows", "review_method", "category", "sanitised"),
    // A sample is drawn from what was there the day before.
    ("audit-samples", "*", "population", "assets"),
    ("audit-samples", "*", "from_day", "2026-01-01"),
];

/// What stays empty so that the way is open: register, transition for which the record is made, field.
const EMPTY: &[(&str, &str, &str)] = &[("provisions", "finish", "contract")];

/// The register to which a field refers.
pub(super) fn refers(field: &Field) -> Option<&str> {
    match &field.ty {
        FieldType::Ref(to) => Some(to),
        _ => None,
    }
}

impl Walk<'_> {
    /// Every field that can be filled.
    pub(super) async fn fill(
        &mut self,
        op: &mut Operation,
        standing: &Standing,
        register: &Register,
        aim: &str,
    ) -> Map<String, Json> {
        let mut fields = Map::new();
        for field in register.fields.iter().filter(|field| !field.retired) {
            let value = self.value(op, standing, register, field, aim).await;
            fields.extend(value.map(|value| (field.id.clone(), value)));
        }
        fields
    }

    /// A value for a field; none for what is computed and for a reference to what is not there yet.
    pub(super) async fn value(
        &mut self,
        op: &mut Operation,
        standing: &Standing,
        register: &Register,
        field: &Field,
        aim: &str,
    ) -> Option<Json> {
        if EMPTY.contains(&(register.id.as_str(), aim, field.id.as_str())) {
            return None;
        }
        let meant = |by: &str| by == "*" || by == aim;
        let picked = PICKED.iter().find(|(of, by, id, _)| *of == register.id && meant(by) && *id == field.id);
        if let Some((.., value)) = picked {
            return Some(json!(value));
        }
        let (ty, list) = match &field.ty {
            FieldType::List(inner) => (inner.as_ref(), true),
            other => (other, false),
        };
        let value = match ty {
            FieldType::File => {
                let permit = permission::attach(op, Some(standing)).unwrap();
                let file = ledger::files::add(op, permit, "図面.pdf", "application/pdf", &b"%PDF"[..]).await.unwrap();
                Some(json!(file.id.to_string()))
            }
            other => self.plain(op, register, field, other, aim),
        };
        value.map(|value| if list { json!([value]) } else { value })
    }

    fn plain(&mut self, op: &Operation, register: &Register, field: &Field, ty: &FieldType, aim: &str) -> Option<Json> {
        let pack = &self.city.pack;
        match ty {
            FieldType::Text | FieldType::Long => {
                self.serial += 1;
                Some(json!(format!("試験{}", self.serial)))
            }
            // A year is written in full; nothing is left to mend where the way needs that.
            FieldType::Int | FieldType::Money => Some(json!(match field.id.as_str() {
                "year" | "first_year" => op.today().fiscal_year(),
                "no_count" if aim == "close" => 0,
                _ => 1,
            })),
            FieldType::Date => Some(json!(op.today().to_string())),
            FieldType::Bool => Some(json!(true)),
            FieldType::Choice(choices) => choices.iter().find(|choice| !choice.retired).map(|choice| json!(choice.id)),
            // Another each time, since some registers take each person once.
            FieldType::Person => {
                self.serial += 1;
                let people = &self.people.plain;
                people.get(self.serial as usize % people.len()).map(|person| json!(person.to_string()))
            }
            FieldType::Unit => Some(json!(self.people.unit.to_string())),
            FieldType::Zone => pack.zones.first().map(|zone| json!(zone.id)),
            FieldType::Class(axis) => pack.classes.of(*axis).iter().find(|c| c.id == "2").map(|class| json!(class.id)),
            FieldType::Ref(to) => self.known.get(to).map(|id| json!(id.to_string())),
            FieldType::File | FieldType::List(_) | FieldType::Computed(_) => {
                debug_assert!(!matches!(ty, FieldType::File), "{}", register.id);
                None
            }
        }
    }
}
