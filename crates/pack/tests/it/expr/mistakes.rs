//! Every kind of mistake: where it is underlined and what is said.

use std::fmt::Write as _;

use pack::expr::{Expect, ExprError, Type};

use super::city::{compile, computed, registers, schema_of};

/// Mistakes, each with its subjects.
const MISTAKES: &[(&str, &str)] = &[
    // Syntax.
    ("assets", ""),
    ("assets", "record.copies >"),
    ("assets", "record.copies = 3"),
    ("assets", "record.shared and record.copies > 1"),
    ("assets", "record.shared & record.shared"),
    ("assets", "record.name == '台帳' && 部数 > 1"),
    ("assets", "record.kind == 'paper"),
    ("assets", "record.copies > 99999999999999999999"),
    ("assets", "record.copies > 1) && record.shared"),
    ("assets", "record.kind == ‘paper’"),
    ("assets", "record.if == 1"),
    // Names.
    ("assets", "asset.shared"),
    ("assets", "shared"),
    ("assets", "person.active"),
    ("assets", "record.name == '台帳' && record.confidentialty == '2'"),
    ("assets", "record.unit.nam == '市民課'"),
    ("assets", "record.copies.size > 1"),
    ("assets", "record.takeouts.state == 'out'"),
    ("assets", "at_last(record.confidentiality, '2')"),
    ("facts", "fact.hostname == 'a'"),
    // Values.
    ("assets", "record.kind == 'papier'"),
    ("assets", "record.kind == 'paperの表示'"),
    ("assets", "'lives' == record.state"),
    ("assets", "record.state in ['live', 'goner']"),
    ("assets", "record.zone == 'lg-wan'"),
    ("assets", "at_least(record.confidentiality, '3')"),
    ("assets", "record.created_on > '2026-02-30'"),
    ("posts", "post.role == 'manager'"),
    ("people", "person.category == 'full-time'"),
    // Types.
    ("assets", "record.state == 3"),
    ("assets", "record.copies"),
    ("assets", "record.created_on"),
    ("assets", "record.kind == record.state"),
    ("assets", "record.applicant == '関守 花子'"),
    ("assets", "record.applicant == record.unit"),
    ("assets", "record.confidentiality < '2'"),
    ("assets", "record.kind > 'paper'"),
    ("assets", "record.name < 'a'"),
    ("assets", "at_least(record.copies, 2)"),
    ("assets", "record.tags == record.tags"),
    ("assets", "has(record.scan) && record.scan == record.scan"),
    ("assets", "today - record.created_on > 30"),
    ("assets", "today + 30 > record.created_on"),
    ("assets", "record.created_on > months(6)"),
    ("assets", "months(6) == months(6)"),
    ("assets", "record.copies && record.shared"),
    ("assets", "record.shared ? 1 : 'a'"),
    ("assets", "record.copies.exists(x, x == 1)"),
    ("assets", "size(record.copies) == 1"),
    ("assets", "record.copies in []"),
    // Functions.
    ("assets", "today() > record.created_on"),
    ("assets", "exists(record.takeouts, t, t.state == 'out')"),
    ("assets", "record.takeouts.exists(t.state == 'out')"),
    ("assets", "record.takeouts.exists(1, true)"),
    ("assets", "record.takeouts.exists(record, true)"),
    ("assets", "days() < days(1, 2)"),
    ("assets", "has(record.shared && true)"),
    ("assets", "has(3)"),
    // Optional fields.
    ("assets", "record.reviewed_on > today"),
    ("assets", "has(record.medium) && record.medium.checked_on > today"),
    ("assets", "record.takeouts.latest(t, t.return_by).state == 'out'"),
    ("assets", "record.reviewed_on != null"),
    // What the language does not have.
    ("assets", "record.tags[0] == 'tax'"),
    ("assets", "record.copies > 1.5"),
    ("assets", "{'a': 1} == {'a': 1}"),
    ("assets", "record.?medium == 1"),
    ("assets", "record.takeouts.map(t, t.state)"),
    ("takeouts", "has(record.asset.unit.parent.name)"),
    (
        "assets",
        "1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 > 0",
    ),
    ("assets", "record.takeouts.all(a, record.takeouts.all(b, record.takeouts.all(c, record.takeouts.all(d, true))))"),
    // Several at once.
    ("assets", "record.nam == 'a' && record.kind == 'papier' || record.confidentiality > '1'"),
];

fn print(source: &str, errors: &[ExprError]) -> String {
    let mut out = format!("{source}\n");
    for error in errors {
        let width = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
        let before = source.get(..error.span.start).expect("a span on characters");
        let under = source.get(error.span.clone()).expect("a span on characters");
        writeln!(out, "{}{} {}", " ".repeat(width(before)), "^".repeat(width(under).max(1)), error.code).expect("text");
        let mut line = |kind: &str, text: Option<&pack::model::Text>| {
            if let Some(text) = text {
                writeln!(out, "  {kind}: {} | {}", text.ja, text.en.as_deref().expect("English")).expect("text");
            }
        };
        line("message", Some(&error.message));
        line("expected", error.expected.as_ref());
        line("help", error.help.as_ref());
        if !error.names.is_empty() {
            writeln!(out, "  names: {}", error.names.join(" ")).expect("text");
        }
        assert_eq!(error.site.start, 100 + error.span.start, "the place in the file");
        assert_eq!(error.site.end, 100 + error.span.end, "the place in the file");
    }
    out.push('\n');
    out
}

#[test]
fn every_kind_of_mistake_is_explained() {
    let mut out = String::new();
    for (of, source) in MISTAKES {
        let errors = compile(of, source, Expect::exactly(Type::Bool)).expect_err(source);
        assert!(!errors.is_empty(), "{source}");
        out.push_str(&print(source, &errors));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn mistakes_in_computed_fields_are_reported_once() {
    let mut registers = registers();
    registers[0].fields.extend([
        computed("a", "record.b + 1"),
        computed("b", "record.c - 1"),
        computed("c", "record.a * 2"),
        computed("d", "record.a > 1"),
        computed("e", "record.nothing > 1"),
        computed("f", "record.e"),
        computed("one", "record.copies"),
        computed("two", "record.one"),
        computed("three", "record.two"),
        computed("four", "record.three"),
        computed("five", "record.four"),
    ]);
    let (schema, errors) = schema_of(&registers);
    let said: Vec<String> = errors.iter().map(|error| format!("{} {}", error.code, error.message.ja)).collect();
    insta::assert_snapshot!(said.join("\n"));
    let scope = schema.scope(&super::city::subjects("assets")).expect("a scope");
    let compile =
        |source: &str| pack::expr::Expr::compile(source, &super::city::site(source), &scope, Expect::anything());
    assert_eq!(compile("record.e && record.shared").map(|_| ()), Err(Vec::new()), "reported where it is defined");
    assert_eq!(compile("record.d").map(|_| ()), Err(Vec::new()));
    assert!(compile("record.four > 1").is_ok());
    assert!(schema.computed("assets", "a").is_none());
    assert!(schema.computed("assets", "four").is_some());
}

#[test]
fn large_and_deep_expressions_are_refused_and_do_no_harm() {
    let deep = |open: &str, inner: &str, close: &str, n: usize| format!("{}{inner}{}", open.repeat(n), close.repeat(n));
    let cases = [
        deep("(", "true", ")", 5000),
        deep("(", "true", ")", 90),
        deep("!", "true", "", 4000),
        deep("!(", "true", ")", 90),
        deep("[", "true", "]", 99),
        deep("-", "1", "", 300),
        format!("record{}", ".medium".repeat(300)),
        format!("true{}", " && true".repeat(150)),
        format!("1{} == 1", " + 1".repeat(390)),
        format!("true{}", " ? true : true".repeat(150)),
        format!("{}true", "true ? true : ".repeat(90)),
        format!("'{}' == ''", "あ".repeat(5000)),
        "(".repeat(100),
        "[".repeat(100),
        "a(".repeat(100),
        "'".repeat(4000),
        "\u{0}".repeat(100),
        "a ? ".repeat(100),
        "😀\u{202e}'".to_owned(),
    ];
    for source in cases {
        match compile("assets", &source, Expect::anything()) {
            Ok(expr) => {
                let (records, asset) = super::city::sample();
                let _ = expr.eval(&pack::expr::Env {
                    today: super::city::day(super::city::TODAY),
                    subject: &asset,
                    world: &records,
                });
            }
            Err(errors) => {
                assert!(!errors.is_empty());
                for error in errors {
                    assert!(source.get(error.span.clone()).is_some(), "{error:?}");
                }
            }
        }
    }
}
