//! The policy as a value, with the default policy and its TOML form (`--policy FILE`).
//!
//! Every key is optional; a key that is not listed here is an error. The whole default, written out:
//!
//! ```toml
//! name = "default"
//! version = "2026.1"
//!
//! [links]                       # hyperlinks that stay links, in Office, PDF and ODF; all others become text
//! schemes = ["http", "https", "mailto"]
//!
//! [office]
//! comments = "keep"             # keep | drop: comments, notes and tracked changes
//! hidden = "show"               # show | keep: hidden sheets, rows, text and slides
//! embedded = "sanitise"         # sanitise | placeholder: embedded modern Office documents
//!
//! [pdf]
//! grade = "editable"            # editable | reading | image
//! forms = "flatten"             # flatten | drop
//! dpi = 200                     # dots for each inch of a page in the image grade, 72 to 300
//! invisible_text = "keep"       # keep | drop: in the image grade, text that a page holds and does not show (scans with OCR)
//!
//! [images]
//! grade = "editable"            # editable | reading | image: pictures are pixels in every grade; image also drops animation
//!
//! [text]
//! charset = "as-is"             # as-is | utf8: utf8 writes UTF-8 with BOM
//! csv_formulas = "neutralise"   # neutralise | keep
//! html = "static"               # static | text
//!
//! [names]
//! bidi = "strip"                # strip | refuse: U+202E and its like in file names
//!
//! [mail]
//! external_images = "drop"      # drop is the only value: it is written down so that nobody looks for another
//! passwords = "typed"           # typed | in-text: passwords in the mail's own text are tried on its protected attachments
//!
//! [formats]                     # rebuild | hold | refuse, by the type word of the report
//! # dxf = "refuse"
//!
//! [limits]                      # see `Limits`
//! depth = 5
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::budget::Limits;
use crate::format::{Format, Handling};
use crate::words::ReasonCode;

/// A policy file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is not TOML, or holds a key or value that does not exist; the message names the line.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// `[formats]` names a type that is in no report.
    #[error("[formats] 「{0}」: no such type; the types are {1}")]
    NoSuchFormat(String, String),
}

/// What is done with each construct. See the module for the TOML form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Who decided it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Hyperlinks.
    pub links: Links,
    /// Office documents.
    pub office: Office,
    /// PDF.
    pub pdf: Pdf,
    /// Images.
    pub images: Images,
    /// Text, CSV, HTML.
    pub text: Text,
    /// File names.
    pub names: NamePolicy,
    /// Mail.
    pub mail: Mail,
    /// Types handled otherwise than by default.
    pub formats: BTreeMap<String, FormatRule>,
    /// Limits of a call.
    pub limits: Limits,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            version: "2026.1".to_owned(),
            links: Links::default(),
            office: Office::default(),
            pdf: Pdf::default(),
            images: Images::default(),
            text: Text::default(),
            names: NamePolicy::default(),
            mail: Mail::default(),
            formats: BTreeMap::new(),
            limits: Limits::default(),
        }
    }
}

impl Policy {
    /// Reads the TOML form.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text)?;
        for id in policy.formats.keys() {
            if Format::from_id(id).is_none() {
                let all: Vec<_> = Format::ALL.iter().map(|f| f.id()).collect();
                return Err(PolicyError::NoSuchFormat(id.clone(), all.join(", ")));
            }
        }
        Ok(policy)
    }

    /// `name@version`, as reports give it.
    pub fn label(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// What is done with a type. A policy can make handling stricter; it can never make a blocked type pass.
    pub fn handling(&self, format: Format) -> Handling {
        match (self.formats.get(format.id()), format.handling()) {
            (_, refused @ Handling::Refuse(_)) => refused,
            (Some(FormatRule::Refuse), _) => Handling::Refuse(ReasonCode::PolicyRefuses),
            (Some(FormatRule::Hold), Handling::Rebuild) => Handling::Hold(ReasonCode::PolicyHolds),
            (_, handling) => handling,
        }
    }

    /// Whether a link with this target stays a link: an absolute URL of an allowed scheme, with nothing in it that a
    /// reader could not see (controls, spaces, bidi).
    pub fn allows_link(&self, target: &str) -> bool {
        let Some((scheme, rest)) = target.split_once(':') else { return false };
        let scheme = scheme.to_ascii_lowercase();
        if !self.links.schemes.contains(&scheme) || target.len() > 2_000 {
            return false;
        }
        let plain = target.chars().all(|c| !c.is_control() && !c.is_whitespace() && !crate::names::is_deceiving(c));
        plain && (scheme == "mailto" || (rest.starts_with("//") && rest.len() > 2))
    }
}

/// `[links]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    /// Schemes that stay links, in lower case.
    pub schemes: Vec<String>,
}

impl Default for Links {
    fn default() -> Self {
        Self { schemes: ["http", "https", "mailto"].map(str::to_owned).to_vec() }
    }
}

/// `[office]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Office {
    /// Comments, notes and tracked changes.
    pub comments: KeepOrDrop,
    /// Hidden sheets, rows, text and slides.
    pub hidden: Hidden,
    /// Embedded modern Office documents.
    pub embedded: Embedded,
}

/// `keep` or `drop`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeepOrDrop {
    /// Stays, as plain content.
    #[default]
    Keep,
    /// Goes, and is said as lost.
    Drop,
}

/// What is done with hidden things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hidden {
    /// Made visible and said.
    #[default]
    Show,
    /// Left hidden.
    Keep,
}

/// What is done with embedded modern Office documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Embedded {
    /// Sanitised and put back.
    #[default]
    Sanitise,
    /// Replaced by its picture.
    Placeholder,
}

/// `[pdf]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pdf {
    /// How much of the document stays.
    pub grade: Grade,
    /// Form fields.
    pub forms: Forms,
    /// Resolution of the image grade.
    pub dpi: Dpi,
    /// Text that a page holds and does not show, in the image grade.
    pub invisible_text: KeepOrDrop,
}

/// Dots for each inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
pub struct Dpi(u16);

impl Dpi {
    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for Dpi {
    /// What scans of records must have at least (電子帳簿保存法).
    fn default() -> Self {
        Self(200)
    }
}

impl TryFrom<u16> for Dpi {
    type Error = String;

    fn try_from(dots: u16) -> Result<Self, String> {
        if (72..=300).contains(&dots) { Ok(Self(dots)) } else { Err(format!("{dots} is not from 72 to 300")) }
    }
}

/// The three grades.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Rebuilt; stays what it was.
    #[default]
    Editable,
    /// Vector PDF with its text.
    Reading,
    /// Pixels with an invisible text layer.
    Image,
}

/// What is done with PDF form fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forms {
    /// Their appearance becomes page content.
    #[default]
    Flatten,
    /// They go, and are said as lost.
    Drop,
}

/// `[images]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Images {
    /// `editable` or `image`.
    pub grade: Grade,
}

/// `[text]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Text {
    /// Character set of the output.
    pub charset: Charset,
    /// Formulas in CSV.
    pub csv_formulas: CsvFormulas,
    /// HTML files.
    pub html: Html,
}

/// Character set of rebuilt text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// As it came, when it round-trips; else UTF-8 with BOM.
    #[default]
    AsIs,
    /// UTF-8 with BOM.
    Utf8,
}

/// What is done with formulas in CSV.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CsvFormulas {
    /// A leading apostrophe, unless it is a number.
    #[default]
    Neutralise,
    /// Left as they are.
    Keep,
}

/// What an HTML file becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Html {
    /// A page without anything active or fetched.
    #[default]
    Static,
    /// Readable text.
    Text,
}

/// `[names]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NamePolicy {
    /// Bidirectional controls in file names.
    pub bidi: Bidi,
}

/// What is done with bidirectional controls in file names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bidi {
    /// Taken out and said.
    #[default]
    Strip,
    /// The file is refused.
    Refuse,
}

/// `[mail]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Images that a mail would fetch.
    pub external_images: DropOnly,
    /// Which passwords are tried on protected attachments.
    pub passwords: MailPasswords,
}

/// Which passwords are tried on a mail's protected attachments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailPasswords {
    /// Those that a person typed.
    #[default]
    Typed,
    /// Also those that stand in the mail's own text.
    InText,
}

/// `drop`, and nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DropOnly {
    /// Goes.
    #[default]
    Drop,
}

/// `[formats]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormatRule {
    /// Rebuilt, when there is a reader.
    Rebuild,
    /// Held for a person.
    Hold,
    /// Refused.
    Refuse,
}
