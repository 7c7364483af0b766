//! The readers and writers, one folder (or file) per format.
//!
//! How to add one: a module here with `pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft,
//! Stop>`, one line in [`READERS`], its type in [`crate::format`], how it is recognised in [`crate::detect`], and its
//! verifier in [`crate::verify`] (which may not use anything of this folder). Inside, a format is three steps:
//!
//! 1. *parse* the bytes into a model of what is known good, spending [`Budget`](crate::Budget) before each step; the
//!    model has no place for active content, so that what is unknown is refused, dropped and said, never passed;
//! 2. children go through [`Work::child`] (members of archives, attachments) or [`Work::embedded`] (pictures and
//!    documents inside documents), never straight to another reader;
//! 3. *write* a new file from the model alone. The writer never sees the input's bytes.
//!
//! The same input, policy and version give the same bytes, and a rebuilt file rebuilt again has no `removed`, no `lost`
//! and the same bytes.

mod charset;
pub(crate) mod cipher;
pub(crate) mod encrypted;
mod formula;
pub(crate) mod html;
pub(crate) mod image;
pub(crate) mod lzh;
pub(crate) mod mail;
pub(crate) mod metafile;
pub(crate) mod odf;
pub(crate) mod ole;
pub(crate) mod ooxml;
pub(crate) mod pdf;
pub(crate) mod rtf;
pub(crate) mod sevenz;
pub(crate) mod svg;
pub(crate) mod tar;
pub(crate) mod text;
mod xml;
pub(crate) mod zip;

use crate::format::Format;
use crate::work::{Draft, Source, Stop, Work};

/// Rebuilds one file, or stops.
pub(crate) type Reader = fn(Source<'_>, &mut Work<'_>) -> Result<Draft, Stop>;

/// The readers; a type without one is held as not yet supported.
const READERS: &[(&[Format], Reader)] = &[
    // Office Open XML and OpenDocument
    (&[Format::Docx, Format::Docm, Format::Dotx, Format::Dotm], ooxml::rebuild),
    (&[Format::Xlsx, Format::Xlsm, Format::Xltx, Format::Xltm], ooxml::rebuild),
    (&[Format::Pptx, Format::Pptm, Format::Potx, Format::Potm, Format::Ppsx, Format::Ppsm], ooxml::rebuild),
    (&[Format::Odt, Format::Ods, Format::Odp, Format::Odg], odf::rebuild),
    (&[Format::Ott, Format::Ots, Format::Otp, Format::Otg], odf::rebuild),
    (&[Format::EncryptedOffice], encrypted::rebuild),
    (&[Format::Rtf], rtf::rebuild),
    // PDF
    (&[Format::Pdf], pdf::rebuild),
    // images
    (&[Format::Png], image::png::rebuild),
    (&[Format::Jpeg], image::jpeg::rebuild),
    (&[Format::Gif], image::gif::rebuild),
    (&[Format::Webp], image::webp::rebuild),
    (&[Format::Bmp], image::bmp::rebuild),
    (&[Format::Tiff], image::tiff::rebuild),
    (&[Format::Svg], svg::rebuild),
    (&[Format::Emf, Format::Wmf], metafile::rebuild),
    // text, tables, markup
    (&[Format::Txt, Format::Csv, Format::Tsv, Format::Json], text::rebuild),
    (&[Format::Html], html::rebuild),
    // archives
    (&[Format::Zip], zip::rebuild),
    (&[Format::SevenZ], sevenz::rebuild),
    (&[Format::Lzh], lzh::rebuild),
    (&[Format::Tar], tar::rebuild),
    (&[Format::Gz], tar::rebuild_gzip),
    // mail
    (&[Format::Eml], mail::rebuild),
];

/// The reader of a type, when there is one.
pub(crate) fn reader(format: Format) -> Option<Reader> {
    READERS.iter().find(|(formats, _)| formats.contains(&format)).map(|(_, reader)| *reader)
}
