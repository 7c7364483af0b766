//! One million evaluations of typical controls over 5,000 assets, beside `cel`'s own interpreter on the same conditions.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use pack::expr::{
    Day, Env, Expr, FieldShape, Outcome, RegisterShape, Schema, SchemaParts, ShapeType, Subject, Type, Unknown, Value,
    Workdays, World,
};
use pack::model::{Axis, Class, Classes, FieldType, Site, State, Subjects, Text};

const ASSETS: usize = 5000;
const EVALUATIONS: usize = 1_000_000;

/// The conditions: one of the record alone, and one over its unit's posts.
const CONDITIONS: [&str; 3] = [
    "record.state == 'live' && at_least(record.confidentiality, '2')",
    "has(record.reviewed_on) && record.reviewed_on > today - days(365)",
    "record.unit.posts.exists(p, p.role == 'section_manager')",
];

/// What is recorded: every asset with a unit, every unit with three posts.
struct City {
    reviewed: Vec<Option<Day>>,
    states: [Arc<str>; 2],
    roles: [Arc<str>; 2],
    posts: Vec<Value>,
    workdays: Workdays,
}

impl World for City {
    fn field(&self, of: &Subject, field: &str) -> Result<Value, Unknown> {
        Ok(match (of, field) {
            (Subject::Record { id, .. }, "state") => Value::Choice(self.states[usize::from(id % 10 == 0)].clone()),
            (Subject::Record { id, .. }, "confidentiality") => Value::Class(Axis::Confidentiality, (id % 5) as usize),
            (Subject::Record { id, .. }, "reviewed_on") => {
                self.reviewed[*id as usize].map_or(Value::Absent, Value::Day)
            }
            (Subject::Record { id, .. }, "unit") => Value::Subject(Subject::Unit(id % 50)),
            (Subject::Unit(id), "posts") => self.posts[*id as usize].clone(),
            (Subject::Post(id), "role") => Value::Choice(self.roles[usize::from(id % 3 == 2)].clone()),
            _ => Value::Absent,
        })
    }

    fn workdays(&self) -> &Workdays {
        &self.workdays
    }
}

fn text(ja: &str) -> Text {
    Text { ja: ja.to_owned(), en: None }
}

fn schema() -> Schema {
    let field = |id: &str, ty, optional| FieldShape {
        id: id.to_owned(),
        label: text(id),
        ty: ShapeType::Stored(ty),
        optional,
        back: None,
    };
    let state =
        |id: &str| State { id: id.to_owned(), label: text(id), is_final: false, was: None, site: Site::default() };
    let assets = RegisterShape {
        id: "assets".into(),
        fields: vec![
            field("confidentiality", FieldType::Class(Axis::Confidentiality), false),
            field("reviewed_on", FieldType::Date, true),
        ],
        states: vec![state("live"), state("gone")],
        kind: None,
    };
    let class = |id: &str| Class {
        id: id.to_owned(),
        name: text(id),
        meaning: Text::default(),
        was: None,
        site: Site::default(),
    };
    let classes = Classes { confidentiality: ["3A", "3B", "3C", "2", "1"].map(class).into(), ..Classes::default() };
    let role = |id: &str| pack::expr::Named { id: id.to_owned(), name: text(id) };
    let (schema, errors) = Schema::new(&SchemaParts {
        registers: &[assets],
        sources: &[],
        roles: &[role("staff"), role("section_manager")],
        categories: &[],
        zones: &[],
        classes: &classes,
    });
    assert!(errors.is_empty(), "{errors:?}");
    schema
}

/// CPU time of this process so far, in seconds (`/proc/self/schedstat`, first field, nanoseconds).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    stat.split(' ').next().and_then(|field| field.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}

fn main() {
    let today: Day = "2026-11-22".parse().expect("a day");
    let city = City {
        reviewed: (0..ASSETS)
            .map(|id| (id % 7 != 0).then(|| today.plus_days(-(id as i64 % 700)).expect("a day")))
            .collect(),
        states: ["live".into(), "gone".into()],
        roles: ["staff".into(), "section_manager".into()],
        posts: (0..50)
            .map(|unit| Value::list((0..3).map(|n| Value::Subject(Subject::Post(unit * 3 + n))).collect::<Vec<_>>()))
            .collect(),
        workdays: Workdays::default(),
    };
    let register: Arc<str> = "assets".into();
    let subjects: Vec<Subject> =
        (0..ASSETS as u128).map(|id| Subject::Record { register: register.clone(), id }).collect();
    let schema = schema();
    let scope = schema.scope(&Subjects::Register("assets".into())).expect("a scope");
    for condition in CONDITIONS {
        let expr = Expr::compile(condition, &Site::default(), &scope, Type::Bool).expect("a condition");
        let start = cpu();
        let mut holding = 0;
        for n in 0..EVALUATIONS {
            let env = Env { today, subject: &subjects[n % ASSETS], world: &city };
            holding += usize::from(black_box(&expr).test(&env) == Outcome::True);
        }
        let ours = cpu() - start;
        let (theirs, agreed) = by_cel(condition, today, &city);
        assert_eq!(holding / (EVALUATIONS / ASSETS), agreed, "cel counts otherwise");
        println!("{condition}\n  ours {ours:.2} s, cel {theirs:.2} s for {EVALUATIONS} evaluations; {holding} hold");
    }
}

/// The same by `cel`, with the record ready as a map and one inner scope for each: seconds for all evaluations (measured on
/// a tenth), and how many assets hold.
fn by_cel(condition: &str, today: Day, city: &City) -> (f64, usize) {
    const HEIGHTS: [&str; 5] = ["1", "2", "3C", "3B", "3A"];
    let number = |day: Day| i64::from(day.number());
    let record = |id: usize| {
        let mut map: HashMap<String, cel::Value> = HashMap::new();
        map.insert("state".into(), cel::Value::from(if id % 10 == 0 { "gone" } else { "live" }));
        map.insert("confidentiality".into(), cel::Value::from(HEIGHTS[id % 5]));
        map.extend(city.reviewed[id].map(|day| ("reviewed_on".to_owned(), cel::Value::Int(number(day)))));
        let role = |id: usize| if id % 3 == 2 { "section_manager" } else { "staff" };
        let post = |id: usize| cel::Value::from(HashMap::from([("role".to_owned(), cel::Value::from(role(id)))]));
        let posts: Vec<cel::Value> = (0..3).map(|n| post((id % 50) * 3 + n)).collect();
        let unit = HashMap::from([("posts".to_owned(), cel::Value::from(posts))]);
        map.insert("unit".into(), cel::Value::from(unit));
        cel::Value::from(map)
    };
    let records: Vec<cel::Value> = (0..ASSETS).map(record).collect();
    let environment = Arc::new(cel::Env::stdlib());
    let program = environment.compile(condition).expect("a condition");
    let mut root = cel::Context::with_env(environment);
    root.add_variable_from_value("today", number(today));
    root.add_function("days", |days: i64| days).expect("a function");
    let height = |class: &str| HEIGHTS.iter().position(|known| *known == class);
    root.add_function("at_least", move |class: Arc<String>, least: Arc<String>| height(&class) >= height(&least))
        .expect("a function");
    let holds = |record: &cel::Value| {
        let mut inner = root.new_inner_scope();
        inner.add_variable_from_value("record", record.clone());
        matches!(program.execute(&inner), Ok(cel::Value::Bool(true)))
    };
    let agreed = records.iter().filter(|record| holds(record)).count();
    let start = cpu();
    for n in 0..EVALUATIONS / 10 {
        black_box(holds(&records[n % ASSETS]));
    }
    ((cpu() - start) * 10.0, agreed)
}
