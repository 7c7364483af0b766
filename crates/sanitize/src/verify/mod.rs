//! The verifier: reads what was rebuilt with other code, against the grammar in `docs/sanitising-grammar.md`.
//!
//! Nothing in this folder uses the readers and writers (`crate::formats`), nor their parsers; a test holds that. It
//! repairs nothing and knows nothing of how the file came to be: what it does not accept is refused.
//!
//! How to add one: a module here with `pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(),
//! Violation>`, one line in [`GRAMMARS`], and its grammar in the document. Every byte must belong to the structure. Files
//! inside go through [`Check::member`] or [`Check::verify`].

mod base64;
mod formula;
mod html;
mod image;
mod long_list;
mod mail;
mod odf;
mod odf_formula;
pub(crate) mod ooxml;
mod pdf;
mod pdf_grade;
mod rtf;
mod text;
pub(crate) mod zip;

use crate::format::Format;
use crate::names;
use crate::policy::Policy;

/// What the verifier does not accept. For the log; the user sees `verifier_rejected`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Violation {
    /// Where: a part, chunk, object or offset.
    pub place: String,
    /// What is not in the grammar.
    pub why: String,
}

impl Violation {
    /// Something at a place is not in the grammar.
    pub fn new(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self { place: place.into(), why: why.into() }
    }
}

/// Units of work of one verification, children included.
const STEPS: u64 = 120_000_000;
/// Containers in containers.
const DEPTH: u32 = 8;

/// What a verification works with.
#[derive(Debug)]
pub struct Check<'a> {
    /// The policy that the file was rebuilt under: which link schemes are allowed.
    pub policy: &'a Policy,
    steps: u64,
    depth: u32,
}

impl<'a> Check<'a> {
    /// A verification under this policy.
    pub fn new(policy: &'a Policy) -> Self {
        Self { policy, steps: 0, depth: 0 }
    }

    /// Spends units of work (bytes inflated, nodes walked).
    pub fn step(&mut self, units: u64) -> Result<(), Violation> {
        self.steps = self.steps.saturating_add(units);
        if self.steps > STEPS { Err(Violation::new("", "more work than the verifier allows")) } else { Ok(()) }
    }

    /// Accepts a file of this type, or says what is wrong with it.
    pub fn verify(&mut self, bytes: &[u8], format: Format) -> Result<(), Violation> {
        let Some(grammar) = grammar(format) else {
            return Err(Violation::new("", format!("no grammar for {}", format.id())));
        };
        if bytes.is_empty() {
            return Err(Violation::new("", "empty"));
        }
        if self.depth >= DEPTH {
            return Err(Violation::new("", "nested too deeply"));
        }
        self.step(1 + bytes.len() as u64 / 16)?;
        self.depth += 1;
        let result = grammar(bytes, self);
        self.depth -= 1;
        result
    }

    /// Accepts a member of a container: its name must be safe, and its one extension decides which type it must be.
    pub fn member(&mut self, name: &str, bytes: &[u8]) -> Result<(), Violation> {
        let extension = names::extension(name);
        let Some(format) = Format::of_written_extension(&extension) else {
            return Err(Violation::new(name, "no rebuilt type has this extension"));
        };
        let clean = names::clean(name, format, &self.policy.limits);
        if clean.name != name && !name.starts_with(clean.name.trim_end_matches(&format!(".{extension}"))) {
            return Err(Violation::new(name, "the name is not safe"));
        }
        self.verify(bytes, format).map_err(|v| Violation::new(format!("{name}/{}", v.place), v.why))
    }
}

/// Accepts one file, or says what is wrong with it.
type Grammar = fn(&[u8], &mut Check<'_>) -> Result<(), Violation>;

/// The grammar of each type that is ever written.
const GRAMMARS: &[(&[Format], Grammar)] = &[
    // Office Open XML and OpenDocument
    (&[Format::Docx, Format::Dotx, Format::Xlsx, Format::Xltx], ooxml::verify),
    (&[Format::Pptx, Format::Potx, Format::Ppsx], ooxml::verify),
    (&[Format::Odt, Format::Ods, Format::Odp, Format::Odg], odf::verify),
    (&[Format::Ott, Format::Ots, Format::Otp, Format::Otg], odf::verify),
    (&[Format::Rtf], rtf::verify),
    // PDF
    (&[Format::Pdf], pdf::verify),
    // images
    (&[Format::Png], image::png::verify),
    (&[Format::Jpeg], image::jpeg::verify),
    (&[Format::Gif], image::gif::verify),
    (&[Format::Webp], image::webp::verify),
    (&[Format::Bmp], image::bmp::verify),
    (&[Format::Tiff], image::tiff::verify),
    // text, tables, markup
    (&[Format::Txt, Format::Json], text::verify),
    (&[Format::Csv], text::verify_csv),
    (&[Format::Tsv], text::verify_tsv),
    (&[Format::Html], html::verify),
    // archives
    (&[Format::Zip], zip::verify),
    // mail
    (&[Format::Eml], mail::verify),
];

fn grammar(format: Format) -> Option<Grammar> {
    GRAMMARS.iter().find(|(formats, _)| formats.contains(&format)).map(|(_, grammar)| *grammar)
}
