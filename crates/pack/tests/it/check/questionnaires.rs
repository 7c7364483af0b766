//! Questionnaires whose answers are records.

use crate::base::changed_all;

const SHEET: &str = "questionnaires/acknowledgement.toml";
const REGISTER: &str = "duties/takeouts/register.toml";

/// The register of take-outs taking the answers of the acknowledgement, with these fields more.
fn answered(head: &str, fields: &str, submit: &str) -> String {
    let audience = "audience = [\"full_time\", \"contractor\"]";
    let with = format!("{audience}\nregister = \"takeouts\"\nsubmit = {submit}\n{head}");
    changed_all(&[(SHEET, audience, &with), (REGISTER, "\n[access]", &format!("{fields}\n\n[access]"))])
}

const FIELDS: &str = r#"questionnaire = { type = "text?", label = { ja = "設問票", en = "Sheet" } }
answers = { type = "[text]?", label = { ja = "回答", en = "Answers" } }
person = { type = "person?", label = { ja = "人", en = "Person" } }
edition = { type = "text?", label = { ja = "版", en = "Edition" } }
text_hash = { type = "text?", label = { ja = "照合値", en = "Hash" } }
confirmed_on = { type = "date?", label = { ja = "日", en = "Day" } }"#;

#[test]
fn a_register_with_all_fields_takes_the_answers() {
    let said = answered("fills = { how = \"paper\" }", FIELDS, "[\"submit\"]");
    assert!(!said.contains("error "), "{said}");
}

#[test]
fn each_missing_field_is_named() {
    let said = answered("", "", "[]");
    for field in ["questionnaire", "answers", "person", "edition", "text_hash", "confirmed_on"] {
        assert!(said.contains(&format!("needs a field '{field}'")), "{field}: {said}");
    }
    assert!(said.contains("error answers-field"), "{said}");
}

#[test]
fn what_cannot_be_filled_or_submitted_is_said() {
    let said = answered("fills = { how = \"radio\" }", FIELDS, "[\"approve\"]");
    assert!(said.contains("error fills-unknown"), "{said}");
    assert!(said.contains("error submit-impossible"), "{said}");
    let said = answered("per = \"assets\"\nperson = \"nobody\"", FIELDS, "[]");
    assert!(said.contains("error per-impossible"), "{said}");
}

#[test]
fn a_right_answer_stands_in_a_quiz_only() {
    let said =
        changed_all(&[(SHEET, "clauses = [\"policy#general\"]", "clauses = [\"policy#general\"]\ncorrect = \"yes\"")]);
    assert!(said.contains("error answer-outside-quiz"), "{said}");
    let said = changed_all(&[
        (SHEET, "kind = \"acknowledgement\"", "kind = \"training\""),
        (
            SHEET,
            "audience = [\"full_time\", \"contractor\"]",
            "audience = [\"full_time\", \"contractor\"]\nregister = \"takeouts\"",
        ),
    ]);
    assert!(said.contains("error quiz-without-answer"), "{said}");
    assert!(said.contains("error quiz-without-course"), "{said}");
}
