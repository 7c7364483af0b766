//! Questionnaires (全庁照会, 自己点検, 研修).

use super::{ClauseId, Period, Site, Text};

/// Questions for many people at once.
#[derive(Debug, Clone)]
pub struct Questionnaire {
    /// Id: the file's name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What it is for.
    pub kind: QuestionnaireKind,
    /// How often.
    pub every: Period,
    /// 職員区分 that answer.
    pub audience: Vec<String>,
    /// The register whose records hold the answers; none: the sheet is only printed.
    pub register: Option<String>,
    /// Transitions that an answered sheet takes at once, each when its condition holds.
    pub submit: Vec<String>,
    /// Choices that its records have: field and choice.
    pub fills: Vec<(String, String)>,
    /// Answered once for each record of this register; none: once by each person.
    pub per: Option<Per>,
    /// The questions in order.
    pub questions: Vec<Question>,
    /// Where it stands.
    pub site: Site,
}

/// For what a questionnaire is answered, when not for oneself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Per {
    /// The register whose running records are asked about.
    pub register: String,
    /// Its field of the person who answers, or `applicant`.
    pub person: String,
}

/// Kinds of questionnaire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionnaireKind {
    /// ポリシーの確認
    Acknowledgement,
    /// 自己点検
    SelfCheck,
    /// 研修の確認問題
    Training,
    /// 委託先点検
    VendorCheck,
}

/// One question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Id, unique in its questionnaire.
    pub id: String,
    /// The question.
    pub text: Text,
    /// Clauses that it asks about.
    pub clauses: Vec<ClauseId>,
    /// Only holders of these roles are asked; empty: all.
    pub roles: Vec<String>,
    /// Answers to choose from.
    pub answers: Vec<String>,
    /// The right one, in a quiz.
    pub correct: Option<String>,
    /// Where it stands.
    pub site: Site,
}
