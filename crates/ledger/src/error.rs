//! The one error of this crate: a handful of kinds, a sentence for the person, another for the log.

use std::fmt;

use pack::model::Text;

/// What an operation answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is, for the door that answers the person (HTTP status, exit code).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no such thing, or the asker may not know that there is (404).
    NotFound,
    /// The actor may see it but not do this (403).
    Forbidden,
    /// What was given is wrong; the fields say where (422).
    Invalid,
    /// Somebody else was first: stale version, value already taken (409 or 412).
    Conflict,
    /// The state of things does not allow it now (409).
    Refused,
    /// The store is busy; trying again helps (503).
    Busy,
    /// The store or its contents are broken (500).
    Broken,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's id, with `[n]` for a value of a list; a column or flag name outside registers.
    pub field: String,
    /// What is wrong and what is allowed.
    pub message: Text,
}

/// A failure.
#[derive(Debug, Clone)]
pub struct Error {
    kind: Kind,
    message: Box<Text>,
    log: Box<str>,
    fields: Vec<FieldError>,
}

/// A text in both languages.
pub(crate) fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: Some(en.into()) }
}

impl Error {
    /// A failure of this kind with its sentence in both languages; the English one also goes to the log.
    pub fn new(kind: Kind, ja: impl Into<String>, en: impl Into<String>) -> Self {
        let en = en.into();
        Self { kind, log: en.clone().into(), message: Box::new(text(ja, en)), fields: Vec::new() }
    }

    /// There is no such thing, or the asker may not know that there is.
    pub fn not_found(what_ja: &str, what_en: &str) -> Self {
        Self::new(Kind::NotFound, format!("{what_ja}は見つかりません。"), format!("No such {what_en}."))
    }

    /// The actor may not do this.
    pub fn forbidden(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, ja, en)
    }

    /// The state of things does not allow it.
    pub fn refused(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Kind::Refused, ja, en)
    }

    /// What was given is wrong in these fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let names: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
        let log = format!("invalid fields: {}", names.join(", "));
        let message = text(
            format!("入力に{}か所の誤りがあります。", fields.len()),
            format!("{} of the fields need correction.", fields.len()),
        );
        Self { kind: Kind::Invalid, message: Box::new(message), log: log.into(), fields }
    }

    /// The same with another sentence for the person.
    #[must_use]
    pub(crate) fn saying(mut self, message: Text) -> Self {
        self.message = Box::new(message);
        self
    }

    /// One wrong field.
    pub fn invalid_field(field: &str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), message: text(ja, en) }])
    }

    /// The store or its contents are broken; `log` says how, the person is told to call.
    pub fn broken(log: impl Into<String>) -> Self {
        let message = text(
            "データの読み書きに失敗しました。情報システム担当に連絡してください。",
            "Reading or writing the data failed. Please tell your system administrator.",
        );
        Self { kind: Kind::Broken, message: Box::new(message), log: log.into().into(), fields: Vec::new() }
    }

    /// Adds to what the log says.
    #[must_use]
    pub fn logged(mut self, more: impl fmt::Display) -> Self {
        self.log = format!("{}: {more}", self.log).into();
        self
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The sentence for the person.
    pub fn message(&self) -> &Text {
        &self.message
    }

    /// The sentence for the log.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// What is wrong, field by field; empty unless [`Kind::Invalid`].
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.log)
    }
}

impl std::error::Error for Error {}
