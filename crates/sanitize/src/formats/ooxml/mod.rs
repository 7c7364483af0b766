//! Office Open XML (ECMA-376, transitional and strict; written as transitional): docx, xlsx, pptx, their templates and
//! their macro variants, which leave without macros.
//!
//! The rebuild walks the relationships from the main part on. A part is read into a tree of allowed elements
//! ([`tree`]), changed as the threat table says ([`word`], [`excel`], [`slides`], [`drawing`]), and written anew under a
//! name of our own ([`build`]). What no allowed relationship reaches does not exist for the output.

mod build;
mod drawing;
mod excel;
pub(crate) mod fields;
mod formula;
mod output;
pub(crate) mod package;
mod parts;
mod serialise;
mod slides;
mod tree;
mod word;

use crate::format::Format;
use crate::work::{Draft, Source, Stop, Work};
pub(crate) use serialise::escape;
pub(crate) use word::title;

/// The picture that stands where one could not be carried.
pub(crate) const PLACEHOLDER: &[u8] = include_bytes!("placeholder.png");

/// Rebuilds a document, workbook or presentation.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    build::rebuild(source, work)
}

/// The types by the content type of the main part.
const MAIN: &[(&str, Format)] = &[
    ("vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", Format::Docx),
    ("vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml", Format::Dotx),
    ("vnd.ms-word.document.macroEnabled.main+xml", Format::Docm),
    ("vnd.ms-word.template.macroEnabledTemplate.main+xml", Format::Dotm),
    ("vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", Format::Xlsx),
    ("vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", Format::Xltx),
    ("vnd.ms-excel.sheet.macroEnabled.main+xml", Format::Xlsm),
    ("vnd.ms-excel.template.macroEnabled.main+xml", Format::Xltm),
    ("vnd.ms-excel.addin.macroEnabled.main+xml", Format::Xlam),
    ("vnd.ms-excel.sheet.binary.macroEnabled.main", Format::Xlsb),
    ("vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", Format::Pptx),
    ("vnd.openxmlformats-officedocument.presentationml.template.main+xml", Format::Potx),
    ("vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml", Format::Ppsx),
    ("vnd.ms-powerpoint.presentation.macroEnabled.main+xml", Format::Pptm),
    ("vnd.ms-powerpoint.template.macroEnabled.main+xml", Format::Potm),
    ("vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", Format::Ppsm),
    ("vnd.ms-powerpoint.addin.macroEnabled.main+xml", Format::Ppam),
];

/// Which of these a zip is; `None` for any other zip, and for one whose structure is not right.
pub(crate) fn probe(bytes: &[u8]) -> Option<Format> {
    let main = package::main_content_type(bytes)?;
    let main = main.trim().strip_prefix("application/")?;
    MAIN.iter().find(|(content_type, _)| content_type.eq_ignore_ascii_case(main)).map(|(_, format)| *format)
}

/// The type that a rebuilt file of this type has, and the content type of its main part.
fn written_as(format: Format) -> Option<(Format, &'static str)> {
    let plain = match format {
        Format::Docm => Format::Docx,
        Format::Dotm => Format::Dotx,
        Format::Xlsm => Format::Xlsx,
        Format::Xltm => Format::Xltx,
        Format::Pptm => Format::Pptx,
        Format::Potm => Format::Potx,
        Format::Ppsm => Format::Ppsx,
        other => other,
    };
    MAIN.iter().find(|(_, known)| *known == plain).map(|(content_type, _)| (plain, *content_type))
}
