//! Sentences with places for values.

use pack::expr::{Env, Template, Value};
use pack::model::Text;

use super::city::{TODAY, day, sample, schema, site, subjects, text};

fn said(of: &str, ja: &str, english: bool) -> String {
    let (records, asset) = sample();
    let schema = schema();
    let scope = schema.scope(&subjects(of)).expect("a scope");
    match Template::compile(&text(ja), &site(ja), &scope) {
        Ok(template) => template.render(&Env { today: day(TODAY), subject: &asset, world: &records }, english),
        Err(errors) => errors.iter().map(|error| format!("{}: {}", error.code, error.message.ja)).collect(),
    }
}

#[test]
fn values_are_printed_for_people() {
    assert_eq!(
        said("assets", "{record.name}の棚卸しが1年以上行われていません", false),
        "住民基本台帳の棚卸しが1年以上行われていません"
    );
    assert_eq!(said("assets", "{record.reviewed_on}と{ record.availability }", false), "令和7年11月30日と（未記入）");
    assert_eq!(said("assets", "{record.reviewed_on}, {record.price}", true), "en:2025-11-30, (empty)");
    assert_eq!(said("assets", "{record.confidentiality} {record.kind}", false), "区分3A electronicの表示");
    assert_eq!(said("assets", "{record.confidentiality} {record.kind}", true), "en:en:区分3A en:electronicの表示");
    assert_eq!(
        said("assets", "{record.keeper} {record.unit} {record.medium.serial}", false),
        "関守 太郎 市民課 USB-001"
    );
    assert_eq!(
        said("assets", "{record.readers}／{record.tags}／{record.backups}", false),
        "関守 花子、関守 太郎／personalの表示、taxの表示／なし"
    );
    assert_eq!(
        said("assets", "{record.shared} {record.copies}部 {record.due} {record.label}", false),
        "はい 3部 令和8年11月30日 USB-001"
    );
    assert_eq!(said("assets", "{{{record.copies}}}", false), "{3}");
}

#[test]
fn only_paths_that_can_be_printed_stand_in_a_sentence() {
    assert_eq!(said("assets", "{record.nam}", false).matches("expr-unknown-field").count(), 2, "in both languages");
    assert!(said("assets", "{record.copies + 1}", false).starts_with("expr-template: 文の中には項目だけを書けます"));
    assert!(said("assets", "{record.scan}", false).starts_with("expr-template: ファイルは文の中に書けません"));
    assert!(said("assets", "{record.name", false).starts_with("expr-template: 波括弧が閉じていません"));
    assert!(said("assets", "record.name}", false).starts_with("expr-template: 波括弧が閉じていません"));
}

#[test]
fn a_mistake_is_underlined_in_its_place() {
    let ja = "資産「{record.nam}」";
    let schema = schema();
    let scope = schema.scope(&subjects("assets")).expect("a scope");
    let sentence = Text { ja: ja.to_owned(), en: None };
    let errors = Template::compile(&sentence, &site(ja), &scope).expect_err("a mistake");
    let spans: Vec<_> = errors.iter().map(|error| ja.get(error.span.clone())).collect();
    assert_eq!(spans, [Some("nam")]);
    assert_eq!(errors[0].site.start, 100 + errors[0].span.start);
}

#[test]
fn what_is_unknown_is_said_to_be() {
    let (mut records, asset) = sample();
    records.set(&asset, "keeper", Value::Int(1));
    let schema = schema();
    let scope = schema.scope(&subjects("assets")).expect("a scope");
    let sentence = Text { ja: "{record.keeper.name}".into(), en: None };
    let template = Template::compile(&sentence, &site(&sentence.ja), &scope).expect("a sentence");
    assert_eq!(template.render(&Env { today: day(TODAY), subject: &asset, world: &records }, true), "（不明）");
}
