//! `cel`'s own interpreter as the oracle, for the part of the language that both understand in the same way.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cel::{Context, Env, Value as Cel};
use pack::expr::{Day, Outcome, Subject, Value, World};
use proptest::prelude::*;

use super::city::{Records, TODAY, day, record};
use super::random::{Kind, compiled, condition, records};

const CLASSES: [&str; 5] = ["1", "2", "3C", "3B", "3A"];

/// A value as `cel` has it: days are numbers, classes and choices are strings, things are maps of their fields.
fn to_cel(value: &Value, world: &Records, depth: usize) -> Option<Cel> {
    Some(match value {
        Value::Absent => return None,
        Value::Bool(truth) => Cel::Bool(*truth),
        Value::Int(number) => Cel::Int(*number),
        Value::Text(text) | Value::Choice(text) => Cel::from(&**text),
        Value::Day(day) => Cel::Int(day.number().into()),
        Value::Class(_, height) => Cel::from(CLASSES[*height]),
        Value::List(values) => {
            Cel::from(values.iter().filter_map(|value| to_cel(value, world, depth)).collect::<Vec<Cel>>())
        }
        Value::Subject(subject) => fields_of(subject, world, depth),
    })
}

/// A thing as a map. Two references deep, which is as far as the expressions go; the identity of a thing is a field.
fn fields_of(subject: &Subject, world: &Records, depth: usize) -> Cel {
    let mut map: HashMap<String, Cel> = HashMap::new();
    map.insert("identity".into(), Cel::from(format!("{subject:?}")));
    if depth > 0 {
        let mut names: Vec<String> =
            world.fields.keys().filter(|(of, _)| of == subject).map(|(_, name)| name.clone()).collect();
        if matches!(subject, Subject::Record { register, .. } if &**register == "assets") {
            names.extend(["takeouts", "tags", "readers"].map(str::to_owned));
        }
        for name in names {
            let value = world.field(subject, &name).expect("a field");
            // A list that is not there is empty to us and an error to `cel`.
            let value = if value == Value::Absent { Value::list([]) } else { value };
            // Persons are compared whole, so that they are the same on every path.
            let further = if matches!(value, Value::Subject(Subject::Person(_))) { 1 } else { depth - 1 };
            let further = if matches!(&value, Value::List(_)) && name == "readers" { 1 } else { further };
            map.extend(to_cel(&value, world, further).map(|value| (name, value)));
        }
    }
    if let Subject::Person(_) = subject {
        map.remove("unit");
    }
    Cel::from(map)
}

fn days_to_cel(day: Option<Day>) -> i64 {
    day.map_or(i64::MIN, |day| day.number().into())
}

fn to_day(number: i64) -> Option<Day> {
    Day::new(i32::try_from(number).ok()?)
}

/// What `cel` says: true, false, or an error.
fn oracle(source: &str, world: &Records, subject: &Subject) -> Result<Cel, String> {
    static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));
    let mut context = Context::with_env(ENV.clone());
    context.add_variable_from_value("record", fields_of(subject, world, 3));
    context.add_variable_from_value("today", i64::from(day(TODAY).number()));
    context.add_function("days", |number: i64| number).expect("a function");
    let height = |class: &str| CLASSES.iter().position(|known| *known == class);
    context
        .add_function("at_least", move |class: Arc<String>, least: Arc<String>| height(&class) >= height(&least))
        .expect("a function");
    context
        .add_function("fiscal_year", |day: i64| to_day(day).map_or(i64::MIN, |day| day.fiscal_year().into()))
        .expect("a function");
    context
        .add_function("fiscal_year_start", |day: i64| {
            days_to_cel(to_day(day).and_then(|day| Day::fiscal_year_start(day.fiscal_year())))
        })
        .expect("a function");
    let program = ENV.compile(source).map_err(|error| error.to_string())?;
    program.execute(&context).map_err(|error| error.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn expressions_say_what_cel_says(source in condition(Kind::Shared), records in records()) {
        let subject = record("assets", 0);
        let expr = compiled(&source);
        let ours = expr.test(&pack::expr::Env { today: day(TODAY), subject: &subject, world: &records });
        match (oracle(&source, &records, &subject), &ours) {
            (Ok(Cel::Bool(true)), Outcome::True)
            | (Ok(Cel::Bool(false)), Outcome::False)
            | (Err(_), Outcome::Unknown(_)) => {}
            (theirs, ours) => prop_assert!(false, "{}: cel says {:?}, we say {:?}", source, theirs, ours),
        }
    }
}
