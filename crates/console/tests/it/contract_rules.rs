//! The checklist of a contract and the controls over contracts say the same, for every kind of contract.

use ledger::kinds::contract::clauses;
use ledger::records::Record;
use ledger::{Actor, Id, Moment, Reading, world};
use pack::expr::Outcome;
use pack::model::{Axis, FieldType, Nature, Register};
use serde_json::json;

use crate::city::{City, NOW, policy};

fn choices(register: &Register, field: &str) -> Vec<String> {
    let Some(FieldType::Choice(choices)) = register.field(field).map(|field| &field.ty) else { panic!("{field}") };
    choices.iter().map(|choice| choice.id.clone()).collect()
}

/// Whether a control over contracts in force is broken.
async fn broken(reading: &mut Reading, register: &Register, contract: &Record) -> bool {
    let pack = policy();
    for id in ["contracts-hold-the-clauses", "system-contracts-hold-the-clauses"] {
        let Nature::Machine { applies, holds, .. } = &pack.control(id).unwrap().nature else { panic!("{id}") };
        let judged = world::evaluate(reading, &pack, register, contract, |env| {
            let applies = applies.as_ref().map_or(Outcome::True, |applies| applies.test(env));
            (applies, holds.test(env))
        });
        let (applies, holds) = judged.await.unwrap();
        if applies == Outcome::True && holds != Outcome::True {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn the_checklist_and_the_controls_ask_for_the_same_of_every_contract() {
    let city = City::new().await;
    let pack = policy();
    let register = pack.register("contracts").unwrap();
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    let mut cases = 0;
    for kind in choices(register, "kind") {
        for class in pack.classes.of(Axis::Confidentiality) {
            for personal in choices(register, "personal") {
                for place in choices(register, "place") {
                    let fields = json!({
                        "kind": kind, "confidentiality": class.id, "personal": personal, "place": place, "clauses": [],
                    });
                    let mut contract = contract_of(fields);
                    let all = clauses(&mut reading, &pack, register, &contract).await.unwrap();
                    let needed: Vec<String> =
                        all.iter().filter(|held| held.needed).map(|held| held.id.clone()).collect();
                    contract.fields.insert("clauses".to_owned(), json!(needed));
                    assert!(!broken(&mut reading, register, &contract).await, "{:?}", contract.fields);
                    for left_out in &needed {
                        let rest: Vec<&String> = needed.iter().filter(|id| *id != left_out).collect();
                        contract.fields.insert("clauses".to_owned(), json!(rest));
                        assert!(broken(&mut reading, register, &contract).await, "{left_out}: {:?}", contract.fields);
                    }
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 4 * 5 * 3 * 4);
}

fn contract_of(fields: serde_json::Value) -> Record {
    let serde_json::Value::Object(fields) = fields else { panic!("fields") };
    let id = Id::from_number(1);
    Record {
        id,
        register: "contracts".to_owned(),
        number: "令和8年度委託第1号".to_owned(),
        name: "入力".to_owned(),
        unit: id,
        state: "live".to_owned(),
        applicant: None,
        entered_for: None,
        version: 1,
        pack: "1".to_owned(),
        created: Moment(NOW),
        changed: Moment(NOW),
        entered: "2026-11-22".parse().unwrap(),
        ended: None,
        disposed: None,
        fields,
    }
}
