//! The media type that an attachment of each type is given, so that no mailer takes it for another.

use crate::format::Format;

const TYPES: &[(Format, &str)] = &[
    (Format::Docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (Format::Dotx, "application/vnd.openxmlformats-officedocument.wordprocessingml.template"),
    (Format::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (Format::Xltx, "application/vnd.openxmlformats-officedocument.spreadsheetml.template"),
    (Format::Pptx, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (Format::Potx, "application/vnd.openxmlformats-officedocument.presentationml.template"),
    (Format::Ppsx, "application/vnd.openxmlformats-officedocument.presentationml.slideshow"),
    (Format::Odt, "application/vnd.oasis.opendocument.text"),
    (Format::Ods, "application/vnd.oasis.opendocument.spreadsheet"),
    (Format::Odp, "application/vnd.oasis.opendocument.presentation"),
    (Format::Odg, "application/vnd.oasis.opendocument.graphics"),
    (Format::Rtf, "application/rtf"),
    (Format::Pdf, "application/pdf"),
    (Format::Png, "image/png"),
    (Format::Jpeg, "image/jpeg"),
    (Format::Gif, "image/gif"),
    (Format::Webp, "image/webp"),
    (Format::Bmp, "image/bmp"),
    (Format::Tiff, "image/tiff"),
    (Format::Txt, "text/plain"),
    (Format::Csv, "text/csv"),
    (Format::Tsv, "text/tab-separated-values"),
    (Format::Html, "text/html"),
    (Format::Xml, "application/xml"),
    (Format::Json, "application/json"),
    (Format::Zip, "application/zip"),
    (Format::Eml, "message/rfc822"),
];

/// The media type of a rebuilt file; the one that says nothing for types that have none here.
pub(crate) fn of(format: Format) -> &'static str {
    TYPES.iter().find(|(known, _)| *known == format).map_or("application/octet-stream", |(_, media)| media)
}
