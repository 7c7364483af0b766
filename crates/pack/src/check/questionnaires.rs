//! Questionnaires: the register that takes the answers has the fields that the kind needs.

use crate::diagnostic::Diagnostic;
use crate::model::{FieldType, Pack, Questionnaire, QuestionnaireKind, Register, TransitionRole};
use crate::outline::type_of;
use crate::report::Report;

/// Fields of every register of answers.
const ALWAYS: &[(&str, &str)] = &[("questionnaire", "text"), ("answers", "[text]")];

/// Fields by kind.
fn demanded(kind: QuestionnaireKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        QuestionnaireKind::Acknowledgement => {
            &[("person", "person"), ("edition", "text"), ("text_hash", "text"), ("confirmed_on", "date")]
        }
        QuestionnaireKind::SelfCheck => &[("answered_on", "date"), ("no_count", "int")],
        QuestionnaireKind::Training => &[("person", "person"), ("taken_on", "date"), ("score", "int")],
        QuestionnaireKind::VendorCheck => &[("checked_on", "date"), ("findings", "long"), ("result", "choice")],
    }
}

pub(super) fn check(pack: &Pack, report: &Report) {
    for asked in &pack.questionnaires {
        quiz(asked, report);
        let Some(register) = asked.register.as_ref().and_then(|id| pack.register(id)) else { continue };
        fields(asked, register, report);
        fills(asked, register, report);
        submit(asked, register, report);
        per(pack, asked, register, report);
        if asked.kind == QuestionnaireKind::Training {
            course(pack, asked, register, report);
        }
    }
}

fn wrong(asked: &Questionnaire, code: &'static str, ja: String, en: String) -> Diagnostic {
    Diagnostic::error(code, asked.site.clone(), ja, en)
}

/// Every question of a quiz has its right answer, and no other question has one.
fn quiz(asked: &Questionnaire, report: &Report) {
    let training = asked.kind == QuestionnaireKind::Training && asked.register.is_some();
    for question in &asked.questions {
        let site = question.site.clone();
        if training && question.correct.is_none() {
            report.add(
                Diagnostic::error(
                    "quiz-without-answer",
                    site,
                    format!("確認問題「{}」に正解がありません", question.id),
                    format!("the quiz question '{}' has no right answer", question.id),
                )
                .expected("correct = \"yes\" か \"no\"", "correct = \"yes\" or \"no\"")
                .help("正解を書き足してください", "add it")
                .names([asked.id.as_str(), question.id.as_str()]),
            );
        } else if !training && question.correct.is_some() {
            report.add(
                Diagnostic::error(
                    "answer-outside-quiz",
                    site,
                    format!("「{}」は確認問題ではないので、正解を持てません", question.id),
                    format!("'{}' is no quiz question and has no right answer", question.id),
                )
                .expected(
                    "register のある kind = \"training\" の設問",
                    "a question of kind \"training\" with a register",
                )
                .help("correct を消してください", "take `correct` out")
                .names([asked.id.as_str(), question.id.as_str()]),
            );
        }
    }
}

fn fields(asked: &Questionnaire, register: &Register, report: &Report) {
    for (name, ty) in ALWAYS.iter().chain(demanded(asked.kind)) {
        if register.field(name).is_some_and(|field| type_of(&field.ty) == *ty) {
            continue;
        }
        let id = &register.id;
        report.add(
            wrong(
                asked,
                "answers-field",
                format!("設問票「{}」の回答を受ける台帳「{id}」に、型 {ty} の項目「{name}」が要ります", asked.id),
                format!(
                    "the register '{id}' that takes the answers of '{}' needs a field '{name}' of type {ty}",
                    asked.id
                ),
            )
            .expected(format!("{name} = {{ type = \"{ty}\", … }}"), format!("{name} = {{ type = \"{ty}\", … }}"))
            .help("台帳に項目を書き足してください", "add the field to the register")
            .names([asked.id.as_str(), id, name]),
        );
    }
    let result = register.field("result").map(|field| &field.ty);
    if let (QuestionnaireKind::VendorCheck, Some(FieldType::Choice(choices))) = (asked.kind, result) {
        for wanted in ["good", "shortfall"] {
            if !choices.iter().any(|choice| choice.id == wanted) {
                report.add(
                    wrong(
                        asked,
                        "answers-field",
                        format!("台帳「{}」の result に、選択肢「{wanted}」が要ります", register.id),
                        format!("`result` of '{}' needs the choice '{wanted}'", register.id),
                    )
                    .expected("good と shortfall", "good and shortfall")
                    .help("選択肢を書き足してください", "add the choice")
                    .names([asked.id.as_str(), register.id.as_str()]),
                );
            }
        }
    }
}

fn fills(asked: &Questionnaire, register: &Register, report: &Report) {
    for (field, value) in &asked.fills {
        let ty = register.field(field).map(|field| &field.ty);
        let fits =
            matches!(ty, Some(FieldType::Choice(choices)) if choices.iter().any(|c| c.id == *value && !c.retired));
        if fits {
            continue;
        }
        report.add(
            wrong(
                asked,
                "fills-unknown",
                format!("台帳「{}」の項目「{field}」に、選択肢「{value}」はありません", register.id),
                format!("the field '{field}' of '{}' has no choice '{value}'", register.id),
            )
            .expected("選択の項目と、その選択肢のＩＤ", "a field of type choice, and the id of one of its choices")
            .help("fills を改めてください", "change `fills`")
            .names([asked.id.as_str(), field, value]),
        );
    }
}

/// The transitions are ordinary steps, one after the other from the initial state, that ask for nothing.
fn submit(asked: &Questionnaire, register: &Register, report: &Report) {
    let mut state = register.lifecycle.initial.as_str();
    for id in &asked.submit {
        let found = register.lifecycle.transitions.iter().find(|transition| transition.id == *id);
        let fits = found.filter(|t| {
            t.role == TransitionRole::Step && t.fills.is_empty() && !t.reason && t.from.iter().any(|from| from == state)
        });
        let Some(transition) = fits else {
            report.add(
                wrong(
                    asked,
                    "submit-impossible",
                    format!("台帳「{}」では、状態「{state}」から「{id}」を続けて行えません", register.id),
                    format!("'{id}' cannot follow at once in the state '{state}' of '{}'", register.id),
                )
                .expected(
                    "入力も理由も求めない、決裁でない遷移",
                    "a transition that is no decision and asks for nothing",
                )
                .help("submit を改めてください", "change `submit`")
                .names([asked.id.as_str(), id]),
            );
            return;
        };
        state = &transition.to;
    }
}

fn per(pack: &Pack, asked: &Questionnaire, register: &Register, report: &Report) {
    let Some(per) = &asked.per else { return };
    let refers = |field: &&crate::model::Field| matches!(&field.ty, FieldType::Ref(to) if *to == per.register);
    let one = register.fields.iter().filter(refers).count() == 1;
    let person = per.person == "applicant"
        || pack
            .register(&per.register)
            .and_then(|subject| subject.field(&per.person))
            .is_some_and(|field| matches!(field.ty, FieldType::Person));
    if one && person {
        return;
    }
    report.add(
        wrong(
            asked,
            "per-impossible",
            format!("設問票「{}」を「{}」ごとに答えることができません", asked.id, per.register),
            format!("'{}' cannot be answered for each record of '{}'", asked.id, per.register),
        )
        .expected(
            format!(
                "台帳「{}」に「{}」への ref が一つ、person は person 型の項目か applicant",
                register.id, per.register
            ),
            format!(
                "one `ref` to '{}' in '{}', and `person` a field of type person or `applicant`",
                per.register, register.id
            ),
        )
        .help("per と person を改めてください", "change `per` and `person`")
        .names([asked.id.as_str(), per.register.as_str(), per.person.as_str()]),
    );
}

/// The register of a quiz refers, in `course`, to one whose records name the quiz.
fn course(pack: &Pack, asked: &Questionnaire, register: &Register, report: &Report) {
    let courses = match register.field("course").map(|field| &field.ty) {
        Some(FieldType::Ref(to)) => pack.register(to),
        _ => None,
    };
    let quiz = courses.and_then(|courses| courses.field("quiz"));
    if quiz.is_some_and(|field| type_of(&field.ty) == "text") {
        return;
    }
    report.add(
        wrong(
            asked,
            "quiz-without-course",
            format!("台帳「{}」の course が、quiz のある研修の台帳を指していません", register.id),
            format!("`course` of '{}' does not refer to a register of courses with `quiz`", register.id),
        )
        .expected(
            "course = { type = \"ref\", to = … } と、先の台帳の quiz = { type = \"text?\" }",
            "course = { type = \"ref\", to = … }, and there quiz = { type = \"text?\" }",
        )
        .help("研修の台帳に quiz を書き足してください", "add `quiz` to the register of courses")
        .names([asked.id.as_str(), register.id.as_str()]),
    );
}
