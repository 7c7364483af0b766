//! Records of every register with every kind of value, out of one store and into another.

use std::collections::{BTreeMap, BTreeSet};

use exchange::{Attachments, Form, Import};
use ledger::records::{self, Adopted, Query, Record};
use ledger::{Id, Operation, permission};
use pack::Pack;
use pack::model::{Field, FieldType, Register};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value as Json, json};
use tables::Encoding;

use crate::city::{City, city, operator, sodegaura};

/// Files that the records name, the same bytes for every name.
struct Files;

impl Attachments for Files {
    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        name.ends_with(".pdf").then(|| b"%PDF".to_vec())
    }
}

/// Text that offices write, and text that tables trip over.
fn text(cp932: bool) -> BoxedStrategy<String> {
    let tricky = [
        "=1+1",
        "+81-438",
        "-5",
        "@x",
        "'quoted'",
        "a,b\"c\"",
        "007",
        "1e5",
        "TRUE",
        " 前後 ",
        "令和8年",
        "_x0041_",
        "髙﨑Ⅲ①",
    ];
    let fixed = prop::sample::select(tricky.map(str::to_owned).to_vec());
    let plain = "[ -~ぁ-んァ-ヶ一二三四五六七八九十市民課情報①Ⅱ髙﨑纊]{1,40}"
        .prop_filter("not blank", |t: &String| !t.trim().is_empty());
    if cp932 {
        prop_oneof![fixed, plain].boxed()
    } else {
        let wide = "[\u{20b9f}\u{e000}辻\u{2212}\u{301c}é€😀ก-ฮ]{1,20}";
        prop_oneof![fixed, plain, wide].boxed()
    }
}

/// Who and what a value may refer to.
struct Known<'a> {
    pack: &'a Pack,
    city: &'a City,
    records: &'a BTreeMap<String, Vec<Id>>,
    cp932: bool,
}

impl Known<'_> {
    fn value(&self, field: &Field, ty: &FieldType, runner: &mut TestRunner) -> Option<Json> {
        let max = field.max.unwrap_or(200).min(200);
        let cut = |text: String| text.chars().take(usize::try_from(max).unwrap()).collect::<String>();
        let one_of = |ids: &[String], runner: &mut TestRunner| {
            (!ids.is_empty()).then(|| json!(draw(runner, prop::sample::select(ids.to_vec()))))
        };
        let ids = |ids: &[Id]| ids.iter().map(Id::to_string).collect::<Vec<_>>();
        match ty {
            FieldType::Text => Some(json!(cut(draw(runner, text(self.cp932))))),
            FieldType::Long => {
                let lines = draw(runner, prop::collection::vec(text(self.cp932), 1..4));
                Some(json!(cut(lines.join("\n"))))
            }
            FieldType::Int | FieldType::Money => {
                Some(json!(draw(runner, prop_oneof![-9_007_199_254_740_991_i64..9_007_199_254_740_991, 0..100_i64])))
            }
            FieldType::Date => Some(json!(ledger::Day::new(draw(runner, -30_000..60_000)).unwrap().to_string())),
            FieldType::Bool => Some(json!(draw(runner, any::<bool>()))),
            FieldType::Choice(choices) => {
                one_of(&choices.iter().filter(|c| !c.retired).map(|c| c.id.clone()).collect::<Vec<_>>(), runner)
            }
            FieldType::Zone => one_of(&self.pack.zones.iter().map(|zone| zone.id.clone()).collect::<Vec<_>>(), runner),
            FieldType::Class(axis) => {
                one_of(&self.pack.classes.of(*axis).iter().map(|class| class.id.clone()).collect::<Vec<_>>(), runner)
            }
            FieldType::Person => one_of(&ids(&self.city.people), runner),
            FieldType::Unit => one_of(&ids(&[self.city.unit]), runner),
            FieldType::Ref(to) => one_of(&ids(self.records.get(to).map_or(&[], Vec::as_slice)), runner),
            FieldType::File | FieldType::Computed(_) => None,
            FieldType::List(inner) => {
                let mut values: Vec<Json> = Vec::new();
                for value in (0..3).filter_map(|_| self.value(field, inner, runner)) {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                (!values.is_empty()).then_some(Json::Array(values))
            }
        }
    }

    fn fields(&self, register: &Register, runner: &mut TestRunner) -> Map<String, Json> {
        let mut fields = Map::new();
        for field in register.fields.iter().filter(|field| !field.retired) {
            if field.optional && draw(runner, prop::bool::weighted(0.3)) {
                continue;
            }
            if let Some(value) = self.value(field, &field.ty, runner) {
                fields.insert(field.id.clone(), value);
            }
        }
        fields
    }
}

fn draw<S: Strategy>(runner: &mut TestRunner, strategy: S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// Registers so that what is referred to comes first.
fn ordered(pack: &Pack) -> Vec<&Register> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut order = Vec::new();
    while order.len() < pack.registers.len() {
        let ready = |register: &&Register| {
            !done.contains(register.id.as_str())
                && register.fields.iter().filter(|field| !field.optional).all(|field| match &field.ty {
                    FieldType::Ref(to) => done.contains(to.as_str()) || *to == register.id,
                    _ => true,
                })
        };
        let next = pack.registers.iter().find(ready).expect("required references make no ring");
        done.insert(&next.id);
        order.push(next);
    }
    order
}

async fn attach(op: &mut Operation, fields: &mut Map<String, Json>, register: &Register) {
    for field in &register.fields {
        let list = matches!(&field.ty, FieldType::List(inner) if matches!(**inner, FieldType::File));
        if !list && !matches!(field.ty, FieldType::File) {
            continue;
        }
        let permit = permission::attach(op, None).unwrap();
        let file = ledger::files::add(op, permit, "図 面.pdf", "application/pdf", &b"%PDF"[..]).await.unwrap();
        let id = json!(file.id.to_string());
        fields.insert(field.id.clone(), if list { json!([id]) } else { id });
    }
}

/// Fills a store with records of every register.
async fn fill(pack: &Pack, city: &City, cp932: bool) {
    let mut runner = TestRunner::deterministic();
    let mut made: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    let mut op = operator(&city.ledger).await;
    for register in ordered(pack) {
        for turn in 0..4_usize {
            let known = Known { pack, city, records: &made, cp932 };
            let mut fields = known.fields(register, &mut runner);
            attach(&mut op, &mut fields, register).await;
            let states = &register.lifecycle.states;
            let state = states[turn % states.len()].id.clone();
            let applicant = Some(city.people[turn]);
            let adopted = Adopted { number: None, unit: city.unit, state: Some(state), applicant, fields };
            let record = records::adopt(&mut op, pack, register, adopted).await;
            match record {
                Ok(record) => made.entry(register.id.clone()).or_default().push(record.id),
                // Unique rules may meet in so few values; anything else is a mistake.
                Err(error) => assert!(
                    error.fields().iter().all(|f| f.message.ja.starts_with("同じ値")),
                    "{} {error:?}",
                    register.id
                ),
            }
        }
        assert!(made.contains_key(&register.id), "no record of {}", register.id);
    }
    op.commit().await.unwrap();
}

/// A record without what is another store's own: ids become numbers and codes.
fn comparable(
    record: &Record,
    names: &BTreeMap<String, String>,
) -> (String, String, Map<String, Json>, Option<String>) {
    let named = |value: &Json| match value {
        Json::String(text) => json!(names.get(text).unwrap_or(text)),
        other => other.clone(),
    };
    let fields = record.fields.iter().map(|(id, value)| {
        let value = value.as_array().map_or_else(|| named(value), |values| values.iter().map(named).collect());
        (id.clone(), value)
    });
    let applicant = record.applicant.map(|id| names[&id.to_string()].clone());
    (record.number.clone(), record.state.clone(), fields.collect(), applicant)
}

/// What every id of a store stands for.
async fn names(op: &mut Operation) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (table, column) in [("person", "code"), ("unit", "code"), ("record", "number"), ("file", "name")] {
        let mut sql = ledger::Sql::default();
        sql.push("SELECT id, ").push(column).push(" FROM ").push(table);
        for row in op.rows(sql).await.unwrap() {
            names.insert(row.id(0).unwrap().to_string(), format!("{table} {}", row.text(1).unwrap()));
        }
    }
    names
}

async fn round_trip(form: Form, cp932: bool) {
    let pack = sodegaura();
    let (from, to) = (city(1).await, city(2).await);
    fill(&pack, &from, cp932).await;
    let mut out = operator(&from.ledger).await;
    let mut into = operator(&to.ledger).await;
    for register in ordered(&pack) {
        let rows = exchange::export(&mut out, &pack, None, register, &Query::default()).await.unwrap();
        let bytes = exchange::file_of(&register.title.ja, &rows, form)
            .unwrap_or_else(|problem| panic!("{}: {problem:?}", register.id));
        let table = tables::read(&bytes).unwrap();
        // At home nothing would change.
        let at_home = Import { pack: &pack, standing: None, register, attachments: &exchange::NoAttachments };
        let report = exchange::import(&mut out, &at_home, &table).await.unwrap();
        assert!(report.accepted(), "{}: {:?}", register.id, report.refusals);
        assert_eq!(report.count(exchange::Became::Unchanged), report.lines.len(), "{}", register.id);
        // Elsewhere all of it is new and the same.
        let elsewhere = Import { attachments: &Files, ..at_home };
        let report = exchange::import(&mut into, &elsewhere, &table).await.unwrap();
        assert!(report.accepted(), "{}: {:?}", register.id, report.refusals);
        let (here, there) = (names(&mut out).await, names(&mut into).await);
        let mut old = records::all_stored(&mut out, &register.id).await.unwrap();
        let mut new = records::all_stored(&mut into, &register.id).await.unwrap();
        // Ids of one moment are in no order.
        old.sort_by(|a, b| a.number.cmp(&b.number));
        new.sort_by(|a, b| a.number.cmp(&b.number));
        assert_eq!(old.len(), new.len());
        for (old, new) in old.iter().zip(&new) {
            assert_eq!(comparable(old, &here), comparable(new, &there), "{} {}", register.id, old.number);
        }
    }
    into.commit().await.unwrap();
}

#[tokio::test]
async fn every_register_comes_back_from_xlsx() {
    round_trip(Form::Xlsx, false).await;
}

#[tokio::test]
async fn every_register_comes_back_from_csv_in_utf8() {
    round_trip(Form::Csv(Encoding::Utf8), false).await;
}

#[tokio::test]
async fn every_register_comes_back_from_csv_in_cp932() {
    round_trip(Form::Csv(Encoding::Cp932), true).await;
}
