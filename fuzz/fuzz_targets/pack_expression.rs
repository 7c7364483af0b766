//! Any text as an expression and as a sentence: no panic, mistakes at characters of the text, and what compiles evaluates
//! over an empty world.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pack::expr::{
    Day, Env, Expect, Expr, FieldShape, Named, RegisterShape, Schema, SchemaParts, ShapeType, Subject, Template,
    Unknown, Value, Workdays, World,
};
use pack::model::{Axis, Class, Classes, FieldType, Site, Subjects, Text};

/// A world in which every list has one takeout and everything else is empty.
struct Empty(Workdays);

impl World for Empty {
    fn field(&self, _of: &Subject, field: &str) -> Result<Value, Unknown> {
        Ok(match field {
            "takeouts" => Value::list([Value::Subject(Subject::Record { register: "takeouts".into(), id: 1 })]),
            "copies" => Value::Int(i64::MAX),
            "created_on" => Value::Day(Day::LAST),
            _ => Value::Absent,
        })
    }

    fn workdays(&self) -> &Workdays {
        &self.0
    }
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = |ja: &str| Text { ja: ja.to_owned(), en: None };
    let field = |id: &str, ty, optional, back: Option<&str>| FieldShape {
        id: id.to_owned(),
        label: text(id),
        ty: ShapeType::Stored(ty),
        optional,
        back: back.map(str::to_owned),
    };
    let register = |id: &str, fields| RegisterShape { id: id.to_owned(), fields, states: Vec::new(), kind: None };
    let reference = |to: &str| FieldType::Ref(to.to_owned());
    let assets = vec![
        field("confidentiality", FieldType::Class(Axis::Confidentiality), false, None),
        field("reviewed_on", FieldType::Date, true, None),
        field("copies", FieldType::Int, false, None),
        field("medium", reference("media"), true, None),
        field("keeper", FieldType::Person, true, Some("kept")),
    ];
    let takeouts = vec![field("asset", reference("assets"), false, Some("takeouts"))];
    let class = |id: &str| Class {
        id: id.to_owned(),
        name: text(id),
        meaning: Text::default(),
        was: None,
        site: Site::default(),
    };
    let (schema, _) = Schema::new(&SchemaParts {
        registers: &[register("assets", assets), register("takeouts", takeouts), register("media", Vec::new())],
        sources: &[],
        roles: &[Named { id: "ciso".into(), name: text("ciso") }],
        categories: &[],
        zones: &[],
        classes: &Classes { confidentiality: ["3A", "2", "1"].map(class).into(), ..Classes::default() },
    });
    schema
});

fuzz_target!(|text: &str| {
    let scope = SCHEMA.scope(&Subjects::Register("assets".into())).expect("a scope");
    let subject = Subject::Record { register: "assets".into(), id: 1 };
    let world = Empty(Workdays::default());
    let env = Env { today: Day::FIRST, subject: &subject, world: &world };
    let site = Site { file: "fuzz.toml".into(), start: 7, end: 7 + text.len() };
    match Expr::compile(text, &site, &scope, Expect::anything()) {
        Ok(expr) => {
            let _ = (expr.eval(&env), expr.test(&env));
        }
        Err(errors) => {
            for error in errors {
                assert!(text.get(error.span.clone()).is_some(), "{error:?}");
                assert!(error.site.start >= site.start && error.site.end <= site.end, "{error:?}");
            }
        }
    }
    let sentence = Text { ja: text.to_owned(), en: Some(text.to_owned()) };
    match Template::compile(&sentence, &site, &scope) {
        Ok(template) => drop(template.render(&env, true)),
        Err(errors) => {
            for error in errors {
                assert!(text.get(error.span.clone()).is_some(), "{error:?}");
            }
        }
    }
});
