//! questionnaires/*.toml, guideline/*.toml, sanitising.toml.

use super::ids::{Seen, Style, check_style};
use super::pack_toml::clauses;
use super::table::{Table, Word};
use super::words::{CONSTRUCTS, SANITISING_ACTIONS};
use crate::model::{Guideline, GuidelineSection, Per, Question, Questionnaire, QuestionnaireKind, SanitisingRule};
use crate::report::Kind;

const KINDS: &[(&str, QuestionnaireKind)] = &[
    ("acknowledgement", QuestionnaireKind::Acknowledgement),
    ("self_check", QuestionnaireKind::SelfCheck),
    ("training", QuestionnaireKind::Training),
    ("vendor_check", QuestionnaireKind::VendorCheck),
];

pub(super) fn questionnaire(id: &str, file: &Table<'_>) -> Questionnaire {
    let site = file.get("title").map_or_else(|| file.site.clone(), |item| item.site());
    check_style(file.report(), &Word { text: id.to_owned(), site: site.clone() }, Style::Hyphens);
    let mut seen = Seen::default();
    file.need("audience");
    let read = Questionnaire {
        id: id.to_owned(),
        title: file.need_text("title"),
        kind: file.need_one_of("kind", KINDS).unwrap_or(QuestionnaireKind::SelfCheck),
        every: file.need_period("every"),
        audience: file.names("audience", &Kind::Category),
        register: file.name("register", &Kind::Register),
        submit: file.words("submit").into_iter().map(|word| word.text).collect(),
        fills: fills(file),
        per: file.name("per", &Kind::Register).map(|register| Per {
            register,
            person: file.need_word("person").map(|word| word.text).unwrap_or_default(),
        }),
        questions: file.tables("question").iter().filter_map(|table| question(table, &mut seen)).collect(),
        site,
    };
    file.finish();
    read
}

/// `fills = { field = "choice" }`.
fn fills(file: &Table<'_>) -> Vec<(String, String)> {
    let entries = file.entries("fills").into_iter();
    entries.filter_map(|(field, value)| Some((field.text, value.word()?.text))).collect()
}

fn question(table: &Table<'_>, seen: &mut Seen) -> Option<Question> {
    let id = seen.id(table, Style::Underscores);
    let text = table.need_text("text");
    let clauses = clauses(table, "clauses");
    let roles = table.names("roles", &Kind::Role);
    let mut answers = table.words_of("answers", &["yes", "no", "not_applicable"]);
    if answers.is_empty() {
        answers = vec!["yes".to_owned(), "no".to_owned()];
    }
    let correct = table.one_of("correct", &[("yes", "yes"), ("no", "no")]).map(str::to_owned);
    table.finish();
    let id = id?;
    Some(Question { id: id.text, text, clauses, roles, answers, correct, site: id.site })
}

/// An edition, and which of its sections are said to be answered later.
pub(super) fn guideline(id: &str, file: &Table<'_>) -> (Guideline, Vec<String>) {
    let mut seen = Seen::default();
    let name = file.need_text("name");
    let (mut sections, mut later) = (Vec::new(), Vec::new());
    for table in &file.tables("section") {
        let number = table.need_word("number");
        let section = GuidelineSection {
            number: number.as_ref().map(|word| word.text.clone()).unwrap_or_default(),
            title: table.need_text("title"),
            clauses: clauses(table, "clauses"),
            not_ours: table.text("not_ours"),
            site: number.as_ref().map_or_else(|| table.site.clone(), |word| word.site.clone()),
        };
        if table.flag("not_yet", false) {
            later.push(section.number.clone());
        }
        table.finish();
        if let Some(number) = number {
            seen.once(table.report(), &number);
            sections.push(section);
        }
    }
    file.finish();
    (Guideline { id: id.to_owned(), name, sections }, later)
}

pub(super) fn sanitising(file: &Table<'_>) -> Vec<SanitisingRule> {
    let constructs: Vec<_> = CONSTRUCTS.iter().map(|word| (*word, *word)).collect();
    let actions: Vec<_> = SANITISING_ACTIONS.iter().map(|word| (*word, *word)).collect();
    let mut rules = Vec::new();
    for table in &file.tables("rule") {
        let site = table.get("from").map_or_else(|| table.site.clone(), |item| item.site());
        rules.push(SanitisingRule {
            from: table.need_name("from", &Kind::Zone).unwrap_or_default(),
            to: table.need_name("to", &Kind::Zone).unwrap_or_default(),
            sender: table.string("sender"),
            formats: table.words("formats").into_iter().map(|word| word.text).collect(),
            construct: table.one_of("construct", &constructs).map(str::to_owned),
            action: table.need_one_of("action", &actions).unwrap_or("hold").to_owned(),
            site,
        });
        table.finish();
    }
    file.finish();
    rules
}
