//! The closed list of parts that a rebuilt document may have, and what is said about those that are dropped.
//!
//! To add a part: a line in [`PARTS`]. A relationship that is in no line is dropped, and [`dropped`] says what it was.

use crate::grammar::{A, C, DGM, DSP, P, W, X, XDR};
use crate::words::What;

/// Which application a part belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// WordprocessingML.
    Word,
    /// SpreadsheetML.
    Excel,
    /// PresentationML.
    PowerPoint,
    /// DrawingML and VML, under any of them.
    Shared,
}

/// One kind of part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its application.
    pub(crate) family: Family,
    /// Last component of the relationship type that leads to it.
    pub(crate) relationship: &'static str,
    /// Its root element.
    pub(crate) root: (u8, &'static str),
    /// Its content type, without `application/vnd.openxmlformats-officedocument.` and `+xml`.
    pub(crate) content_type: &'static str,
    /// Folder and stem of its path; `#` stands for a number.
    pub(crate) path: &'static str,
    /// It counts although no attribute names its relationship.
    pub(crate) implicit: bool,
}

const fn part(
    family: Family,
    relationship: &'static str,
    root: (u8, &'static str),
    content_type: &'static str,
    path: &'static str,
    implicit: bool,
) -> Part {
    Part { family, relationship, root, content_type, path, implicit }
}

use Family::{Excel, PowerPoint, Shared, Word};

/// The parts below the main part.
pub(crate) const PARTS: &[Part] = &[
    part(Word, "styles", (W, "styles"), "wordprocessingml.styles", "word/styles", true),
    part(Word, "numbering", (W, "numbering"), "wordprocessingml.numbering", "word/numbering", true),
    part(Word, "settings", (W, "settings"), "wordprocessingml.settings", "word/settings", true),
    part(Word, "fontTable", (W, "fonts"), "wordprocessingml.fontTable", "word/fontTable", true),
    part(Word, "header", (W, "hdr"), "wordprocessingml.header", "word/header#", false),
    part(Word, "footer", (W, "ftr"), "wordprocessingml.footer", "word/footer#", false),
    part(Word, "footnotes", (W, "footnotes"), "wordprocessingml.footnotes", "word/footnotes", true),
    part(Word, "endnotes", (W, "endnotes"), "wordprocessingml.endnotes", "word/endnotes", true),
    part(Word, "comments", (W, "comments"), "wordprocessingml.comments", "word/comments", true),
    part(Excel, "worksheet", (X, "worksheet"), "spreadsheetml.worksheet", "xl/worksheets/sheet#", false),
    part(Excel, "chartsheet", (X, "chartsheet"), "spreadsheetml.chartsheet", "xl/chartsheets/sheet#", false),
    part(Excel, "sharedStrings", (X, "sst"), "spreadsheetml.sharedStrings", "xl/sharedStrings", true),
    part(Excel, "styles", (X, "styleSheet"), "spreadsheetml.styles", "xl/styles", true),
    part(Excel, "comments", (X, "comments"), "spreadsheetml.comments", "xl/comments#", true),
    part(Excel, "table", (X, "table"), "spreadsheetml.table", "xl/tables/table#", false),
    part(Excel, "drawing", (XDR, "wsDr"), "drawing", "xl/drawings/drawing#", false),
    part(PowerPoint, "slide", (P, "sld"), "presentationml.slide", "ppt/slides/slide#", false),
    part(
        PowerPoint,
        "slideLayout",
        (P, "sldLayout"),
        "presentationml.slideLayout",
        "ppt/slideLayouts/slideLayout#",
        true,
    ),
    part(
        PowerPoint,
        "slideMaster",
        (P, "sldMaster"),
        "presentationml.slideMaster",
        "ppt/slideMasters/slideMaster#",
        true,
    ),
    part(PowerPoint, "notesSlide", (P, "notes"), "presentationml.notesSlide", "ppt/notesSlides/notesSlide#", true),
    part(
        PowerPoint,
        "notesMaster",
        (P, "notesMaster"),
        "presentationml.notesMaster",
        "ppt/notesMasters/notesMaster#",
        true,
    ),
    part(
        PowerPoint,
        "handoutMaster",
        (P, "handoutMaster"),
        "presentationml.handoutMaster",
        "ppt/handoutMasters/handoutMaster#",
        false,
    ),
    part(PowerPoint, "presProps", (P, "presentationPr"), "presentationml.presProps", "ppt/presProps", true),
    part(PowerPoint, "tableStyles", (A, "tblStyleLst"), "presentationml.tableStyles", "ppt/tableStyles", true),
    part(PowerPoint, "comments", (P, "cmLst"), "presentationml.comments", "ppt/comments/comment#", true),
    part(PowerPoint, "commentAuthors", (P, "cmAuthorLst"), "presentationml.commentAuthors", "ppt/commentAuthors", true),
    part(Shared, "theme", (A, "theme"), "theme", "theme/theme#", true),
    part(Shared, "themeOverride", (A, "themeOverride"), "themeOverride", "theme/themeOverride#", true),
    part(Shared, "chart", (C, "chartSpace"), "drawingml.chart", "charts/chart#", false),
    part(Shared, "chartUserShapes", (C, "userShapes"), "drawingml.chartshapes", "drawings/chartShapes#", false),
    part(Shared, "diagramData", (DGM, "dataModel"), "drawingml.diagramData", "diagrams/data#", false),
    part(Shared, "diagramLayout", (DGM, "layoutDef"), "drawingml.diagramLayout", "diagrams/layout#", false),
    part(Shared, "diagramQuickStyle", (DGM, "styleDef"), "drawingml.diagramStyle", "diagrams/quickStyle#", false),
    part(Shared, "diagramColors", (DGM, "colorsDef"), "drawingml.diagramColors", "diagrams/colors#", false),
    part(Shared, "diagramDrawing", (DSP, "drawing"), "diagramDrawing", "diagrams/drawing#", true),
    part(Shared, "vmlDrawing", (crate::grammar::NONE, "xml"), "vmlDrawing", "drawings/vmlDrawing#", false),
];

/// The part that a relationship leads to, from a part of this family.
pub(crate) fn find(family: Family, relationship: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.relationship == relationship && (part.family == family || part.family == Shared))
}

/// Where in a report a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Dangerous.
    Removed,
    /// A reader would miss it.
    Lost,
    /// Worth saying.
    Noted,
}

use Weight::{Lost, Noted, Removed};

/// What is said about a relationship that is dropped; `None` for what no reader would ask about.
pub(crate) fn dropped(relationship: &str, external: bool) -> Option<(Weight, What)> {
    Some(match relationship {
        "vbaProject"
        | "wordVbaData"
        | "vbaProjectSignature"
        | "vbaProjectSignatureAgile"
        | "vbaProjectSignatureV3"
        | "keyMapCustomizations" => (Removed, What::Macro),
        "xlMacrosheet" | "xlIntlMacrosheet" | "dialogsheet" => (Removed, What::XlmMacro),
        "extensibility" | "attachedToolbars" => (Removed, What::CustomUi),
        "webextensiontaskpanes" | "taskpanes" | "webextension" => (Removed, What::WebExtension),
        "attachedTemplate" => (Removed, What::RemoteTemplate),
        "control" | "activeXControlBinary" | "ctrlProp" => (Removed, What::ActiveX),
        "aFChunk" => (Removed, What::AltChunk),
        "subDocument" | "glossaryLink" | "transform" => (Removed, What::ExternalLink),
        "frame" => (Removed, What::Frame),
        "externalLink" | "externalLinkPath" | "xlExternalLinkPath" => (Removed, What::ExternalWorkbook),
        "connections" | "mailMergeSource" | "mailMergeHeaderSource" | "recipientData" | "volatileDependencies" => {
            (Removed, What::Connection)
        }
        "queryTable" => (Removed, What::QueryTable),
        "oleObject" if external => (Removed, What::ExternalLink),
        "package" if external => (Removed, What::ExternalLink),
        "oleObject" | "package" => (Lost, What::OleObject),
        "image" | "hdphoto" if external => (Removed, What::RemoteImage),
        "hyperlink" => (Removed, What::UnsafeLink),
        "audio" | "video" | "media" if external => (Removed, What::ExternalLink),
        "audio" | "video" | "media" => (Lost, What::Media),
        "font" => (Lost, What::Font),
        "chartEx" => (Lost, What::Chart),
        "pivotTable" | "slicer" | "timeline" => (Lost, What::PivotTable),
        "origin" | "signature" => (Lost, What::Signature),
        "customXml" | "xmlMaps" => (Noted, What::CustomXml),
        "extended-properties" | "custom-properties" | "core-properties" => (Noted, What::Metadata),
        "thumbnail" => (Noted, What::Thumbnail),
        "printerSettings" => (Noted, What::PrinterSettings),
        _ if external => (Removed, What::ExternalLink),
        _ => return None,
    })
}
