//! The grammar of a rebuilt Office Open XML package (`docs/sanitising-grammar.md`): parts, content types, relationships,
//! elements, attributes, and the values that could fetch or run.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use super::formula::formula;
use super::{Check, Violation, long_list, zip};
use crate::format::Format;
use crate::grammar::{NONE, OOXML, R, XML};

const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const BASE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const MC: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";

/// Main parts: the type, its content type.
const MAIN: &[(Format, &str, &str)] = &[
    (Format::Docx, "word/document.xml", "wordprocessingml.document.main+xml"),
    (Format::Dotx, "word/document.xml", "wordprocessingml.template.main+xml"),
    (Format::Xlsx, "xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    (Format::Xltx, "xl/workbook.xml", "spreadsheetml.template.main+xml"),
    (Format::Pptx, "ppt/presentation.xml", "presentationml.presentation.main+xml"),
    (Format::Potx, "ppt/presentation.xml", "presentationml.template.main+xml"),
    (Format::Ppsx, "ppt/presentation.xml", "presentationml.slideshow.main+xml"),
];

/// Content types of XML parts below the main part, after `application/vnd.openxmlformats-officedocument.`.
const PARTS: &[&str] = &[
    "wordprocessingml.styles+xml",
    "wordprocessingml.numbering+xml",
    "wordprocessingml.settings+xml",
    "wordprocessingml.fontTable+xml",
    "wordprocessingml.header+xml",
    "wordprocessingml.footer+xml",
    "wordprocessingml.footnotes+xml",
    "wordprocessingml.endnotes+xml",
    "wordprocessingml.comments+xml",
    "spreadsheetml.worksheet+xml",
    "spreadsheetml.chartsheet+xml",
    "spreadsheetml.sharedStrings+xml",
    "spreadsheetml.styles+xml",
    "spreadsheetml.comments+xml",
    "spreadsheetml.table+xml",
    "drawing+xml",
    "presentationml.slide+xml",
    "presentationml.slideLayout+xml",
    "presentationml.slideMaster+xml",
    "presentationml.notesSlide+xml",
    "presentationml.notesMaster+xml",
    "presentationml.handoutMaster+xml",
    "presentationml.presProps+xml",
    "presentationml.tableStyles+xml",
    "presentationml.comments+xml",
    "presentationml.commentAuthors+xml",
    "theme+xml",
    "themeOverride+xml",
    "drawingml.chart+xml",
    "drawingml.chartshapes+xml",
    "drawingml.diagramData+xml",
    "drawingml.diagramLayout+xml",
    "drawingml.diagramStyle+xml",
    "drawingml.diagramColors+xml",
];

/// Relationship types, after [`BASE`].
const KINDS: &[&str] = &[
    "officeDocument",
    "styles",
    "numbering",
    "settings",
    "fontTable",
    "header",
    "footer",
    "footnotes",
    "endnotes",
    "comments",
    "worksheet",
    "chartsheet",
    "sharedStrings",
    "table",
    "drawing",
    "slide",
    "slideLayout",
    "slideMaster",
    "notesSlide",
    "notesMaster",
    "handoutMaster",
    "presProps",
    "tableStyles",
    "commentAuthors",
    "theme",
    "themeOverride",
    "chart",
    "chartUserShapes",
    "diagramData",
    "diagramLayout",
    "diagramQuickStyle",
    "diagramColors",
    "vmlDrawing",
    "image",
    "package",
];

/// Accepts a package whose main part is of one of the types without macros.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let members = zip::members(bytes, check)?;
    let parts: BTreeMap<&str, &zip::Member<'_>> = members.iter().map(|member| (member.name, member)).collect();
    if members.first().map(|member| member.name) != Some("[Content_Types].xml") {
        return Err(Violation::new("", "[Content_Types].xml is not first"));
    }
    let types = content_types(&parts)?;
    let mut reached = BTreeSet::from(["[Content_Types].xml".to_owned()]);
    let main = root(&parts, &types, &mut reached)?;
    let mut open = vec![main.to_owned()];
    while let Some(path) = open.pop() {
        if !reached.insert(path.clone()) {
            continue;
        }
        let member = parts.get(path.as_str()).ok_or_else(|| Violation::new(path.as_str(), "no such part"))?;
        let ids = part_relationships(&path, &parts, &mut reached, &mut open, check)?;
        let content_type = types.get(path.as_str()).map_or("", String::as_str);
        part(&path, &member.content()?, content_type, &ids, check)?;
    }
    match members.iter().find(|member| !reached.contains(member.name)) {
        Some(member) => Err(Violation::new(member.name, "no relationship leads to this part")),
        None => Ok(()),
    }
}

pub(super) fn parse<'a>(path: &str, content: &'a [u8]) -> Result<Document<'a>, Violation> {
    let text = std::str::from_utf8(content).map_err(|_| Violation::new(path, "not UTF-8"))?;
    let options = roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: 20_000_000, ..Default::default() };
    Document::parse_with_options(text, options).map_err(|error| Violation::new(path, format!("XML: {error}")))
}

/// The content of a part; empty when there is none.
fn content(parts: &BTreeMap<&str, &zip::Member<'_>>, path: &str) -> Result<Vec<u8>, Violation> {
    parts.get(path).map_or_else(|| Ok(Vec::new()), |member| member.content())
}

/// Part → content type, by overrides and the defaults of the extensions that are written.
fn content_types(parts: &BTreeMap<&str, &zip::Member<'_>>) -> Result<BTreeMap<String, String>, Violation> {
    let path = "[Content_Types].xml";
    let bad = |why: &str| Violation::new(path, why);
    let content = content(parts, path)?;
    let document = parse(path, &content)?;
    if !document.root_element().has_tag_name((TYPES, "Types")) {
        return Err(bad("root"));
    }
    let mut defaults = BTreeMap::new();
    let mut out = BTreeMap::new();
    for node in document.root_element().children() {
        let content_type = node.attribute("ContentType").unwrap_or_default();
        if let (true, Some(extension)) = (node.has_tag_name((TYPES, "Default")), node.attribute("Extension")) {
            let known = match extension {
                "rels" => content_type == "application/vnd.openxmlformats-package.relationships+xml",
                "vml" => content_type == "application/vnd.openxmlformats-officedocument.vmlDrawing",
                "jpg" => content_type == "image/jpeg",
                "tif" => content_type == "image/tiff",
                "png" | "gif" | "bmp" => content_type.strip_prefix("image/") == Some(extension),
                _ => false,
            };
            if !known || defaults.insert(extension, content_type).is_some() {
                return Err(bad("default"));
            }
        } else if let (true, Some(name)) = (node.has_tag_name((TYPES, "Override")), node.attribute("PartName")) {
            let name = name.strip_prefix('/').unwrap_or_default();
            let there = parts.contains_key(name);
            if !there || out.insert(name.to_owned(), content_type.to_owned()).is_some() {
                return Err(bad("override"));
            }
        } else {
            return Err(bad("neither Default nor Override"));
        }
    }
    for name in parts.keys().filter(|name| **name != path) {
        let extension = name.rsplit('.').next().unwrap_or_default();
        if !out.contains_key(*name) {
            let content_type = defaults.get(extension).ok_or_else(|| Violation::new(*name, "no content type"))?;
            out.insert((*name).to_owned(), (*content_type).to_owned());
        }
    }
    Ok(out)
}

/// A relationship that the grammar allows.
struct Relationship {
    id: String,
    kind: String,
    target: String,
    external: bool,
}

fn relationships(path: &str, content: &[u8]) -> Result<Vec<Relationship>, Violation> {
    let document = parse(path, content)?;
    let mut out: Vec<Relationship> = Vec::new();
    for node in document.root_element().children() {
        let get = |name: &str| node.attribute(name).map(str::to_owned);
        let fields = (get("Id"), get("Type"), get("Target"), node.has_tag_name((RELATIONSHIPS, "Relationship")));
        let (Some(id), Some(kind), Some(target), true) = fields else { return Err(Violation::new(path, "entry")) };
        let external = match node.attribute("TargetMode") {
            None => false,
            Some("External") => true,
            Some(_) => return Err(Violation::new(path, "TargetMode")),
        };
        if out.iter().any(|known| known.id == id) {
            return Err(Violation::new(path, "two relationships of one id"));
        }
        out.push(Relationship { id, kind, target, external });
    }
    Ok(out)
}

/// The package's own relationships: the main part, and the title.
fn root<'a>(
    parts: &BTreeMap<&str, &zip::Member<'_>>,
    types: &BTreeMap<String, String>,
    reached: &mut BTreeSet<String>,
) -> Result<&'a str, Violation> {
    let path = "_rels/.rels";
    reached.insert(path.to_owned());
    let mut main = None;
    for relationship in relationships(path, &content(parts, path)?)? {
        let target = relationship.target.trim_start_matches('/');
        let core = relationship.kind
            == "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
        if core && target == "docProps/core.xml" && !relationship.external {
            reached.insert(target.to_owned());
            title(target, &content(parts, target)?)?;
        } else if relationship.kind.strip_prefix(BASE) == Some("officeDocument")
            && !relationship.external
            && main.is_none()
        {
            let content_type = types.get(target).map_or("", String::as_str);
            let content_type = content_type.strip_prefix("application/vnd.openxmlformats-officedocument.");
            let known = MAIN.iter().find(|(_, path, known)| *path == target && Some(*known) == content_type);
            main = Some(known.ok_or_else(|| Violation::new(target, "main content type"))?.1);
        } else {
            return Err(Violation::new(path, format!("relationship {}", relationship.kind)));
        }
    }
    main.ok_or_else(|| Violation::new(path, "no main part"))
}

fn title(path: &str, content: &[u8]) -> Result<(), Violation> {
    let document = parse(path, content)?;
    let dc = ("http://purl.org/dc/elements/1.1/", "title");
    let only = document.root_element().children().filter(|node| node.is_element()).all(|node| node.has_tag_name(dc));
    if only { Ok(()) } else { Err(Violation::new(path, "more than a title")) }
}

/// The ids that a part may name. Targets are queued; external ones must be links that the policy allows.
fn part_relationships(
    path: &str,
    parts: &BTreeMap<&str, &zip::Member<'_>>,
    reached: &mut BTreeSet<String>,
    open: &mut Vec<String>,
    check: &Check<'_>,
) -> Result<BTreeSet<String>, Violation> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let source = format!("{folder}/_rels/{file}.rels");
    let Some(member) = parts.get(source.as_str()) else { return Ok(BTreeSet::new()) };
    reached.insert(source.clone());
    let mut ids = BTreeSet::new();
    for relationship in relationships(&source, &member.content()?)? {
        let bad = |why: &str| Violation::new(source.as_str(), format!("{why}: {}", relationship.target));
        let kind = relationship.kind.strip_prefix(BASE);
        if relationship.external {
            if kind != Some("hyperlink") || !check.policy.allows_link(&relationship.target) {
                return Err(bad("external target"));
            }
        } else {
            let diagram = relationship.kind == "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing";
            if !diagram && !kind.is_some_and(|kind| KINDS.contains(&kind)) {
                return Err(bad("relationship type"));
            }
            open.push(relationship.target.strip_prefix('/').ok_or_else(|| bad("target"))?.to_owned());
        }
        ids.insert(relationship.id);
    }
    Ok(ids)
}

/// One part, by its content type.
fn part(
    path: &str,
    content: &[u8],
    content_type: &str,
    ids: &BTreeSet<String>,
    check: &mut Check<'_>,
) -> Result<(), Violation> {
    let extension = path.rsplit('.').next().unwrap_or_default();
    if matches!(
        extension,
        "png" | "jpg" | "gif" | "bmp" | "tif" | "docx" | "xlsx" | "pptx" | "dotx" | "xltx" | "potx" | "ppsx"
    ) {
        let format = Format::of_written_extension(extension).ok_or_else(|| Violation::new(path, "type"))?;
        return check.verify(content, format).map_err(|v| Violation::new(format!("{path}/{}", v.place), v.why));
    }
    let short = content_type.strip_prefix("application/vnd.openxmlformats-officedocument.").unwrap_or_default();
    let known = PARTS.contains(&short)
        || MAIN.iter().any(|(_, main, known)| *main == path && *known == short)
        || content_type == "application/vnd.ms-office.drawingml.diagramDrawing+xml"
        || (short == "vmlDrawing" && extension == "vml");
    if !known {
        return Err(Violation::new(path, format!("content type {content_type}")));
    }
    check.step(content.len() as u64 / 4)?;
    let vml = extension == "vml";
    long_list::pieces(path, content, &mut |document| piece(path, document, vml, ids, check))
}

/// An XML part, or a piece of a long one.
fn piece(
    path: &str,
    document: &Document<'_>,
    vml: bool,
    ids: &BTreeSet<String>,
    check: &mut Check<'_>,
) -> Result<(), Violation> {
    let root = document.root_element();
    let only_root = document.root().children().count() == 1;
    if !only_root {
        return Err(Violation::new(path, "something beside the root element"));
    }
    for node in root.descendants() {
        if node.is_element() {
            if vml && node == root && node.tag_name().name() == "xml" && node.tag_name().namespace().is_none() {
                continue;
            }
            element(path, node, ids, check)?;
        } else if !node.is_text() {
            return Err(Violation::new(path, "comment or processing instruction"));
        }
    }
    fields(path, root, check)
}

fn element(path: &str, node: Node<'_, '_>, ids: &BTreeSet<String>, check: &mut Check<'_>) -> Result<(), Violation> {
    check.step(1)?;
    let name = node.tag_name();
    let bad = |why: String| Violation::new(path, why);
    let known = OOXML.space(name.namespace().unwrap_or_default()).and_then(|space| OOXML.element(space, name.name()));
    let known = known.ok_or_else(|| bad(format!("element {}", name.name())))?;
    for attribute in node.attributes() {
        let (uri, local, value) = (attribute.namespace(), attribute.name(), attribute.value());
        if uri == Some(MC) && local == "Ignorable" && node.parent().is_some_and(|parent| parent.is_root()) {
            continue;
        }
        let space = uri.map_or(Some(NONE), |uri| OOXML.space(uri));
        let allowed = space.and_then(|space| OOXML.attribute(known, space, local));
        let allowed = allowed.ok_or_else(|| bad(format!("attribute {local} of {}", name.name())))?;
        let reference = allowed.space == R || (local == "relid" && allowed.space != NONE);
        if reference && !ids.contains(value) {
            return Err(bad(format!("{local}={value} names no relationship")));
        }
        if allowed.space != XML {
            attribute_value(path, name.name(), local, value)?;
        }
    }
    match name.name() {
        "OLEObject" if node.attribute("Type") != Some("Embed") => Err(bad("linked object".to_owned())),
        "f" | "formula" | "formula1" | "formula2" | "definedName" | "calculatedColumnFormula" | "totalsRowFormula" => {
            formula(path, node.text().unwrap_or_default())
        }
        _ => Ok(()),
    }
}

/// Values that could run or fetch although the attribute is allowed.
fn attribute_value(path: &str, element: &str, local: &str, value: &str) -> Result<(), Violation> {
    let bad = || Err(Violation::new(path, format!("{element}/@{local} = {}", value.get(..60).unwrap_or(value))));
    let low = value.to_lowercase();
    match local {
        "action" if element.starts_with("hlink") => {
            let inside = low.is_empty() || low.starts_with("ppaction://hlink") || low == "ppaction://noaction";
            if inside { Ok(()) } else { bad() }
        }
        "style" if low.contains("url(") || low.contains("expression(") || low.contains("script:") => bad(),
        "state" if low == "veryhidden" => bad(),
        _ => Ok(()),
    }
}

/// Keywords that no Word field may begin with.
const FETCHING: &[&str] = &[
    "DDE",
    "DDEAUTO",
    "INCLUDEPICTURE",
    "INCLUDETEXT",
    "INCLUDE",
    "IMPORT",
    "LINK",
    "EMBED",
    "DATABASE",
    "RD",
    "MACROBUTTON",
    "AUTOTEXT",
    "AUTOTEXTLIST",
    "ADDIN",
    "CONTROL",
    "HTMLCONTROL",
    "PRINT",
    "FILLIN",
    "ASK",
];

/// Field instructions, simple and joined over runs.
fn fields(path: &str, root: Node<'_, '_>, check: &Check<'_>) -> Result<(), Violation> {
    let w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let mut open: Vec<(String, bool)> = Vec::new();
    for node in root.descendants().filter(|node| node.tag_name().namespace() == Some(w)) {
        match node.tag_name().name() {
            "fldSimple" => instruction(path, node.attribute((w, "instr")).unwrap_or_default(), check)?,
            "fldChar" => match node.attribute((w, "fldCharType")) {
                Some("begin") => open.push((String::new(), false)),
                Some("separate") => {
                    if let Some(field) = open.last_mut() {
                        field.1 = true;
                    }
                }
                _ => {
                    let (text, _) = open.pop().ok_or_else(|| Violation::new(path, "a field ends that never began"))?;
                    instruction(path, &text, check)?;
                }
            },
            "instrText" | "delInstrText" => match open.last_mut() {
                Some((text, false)) => text.push_str(node.text().unwrap_or_default()),
                _ => return Err(Violation::new(path, "an instruction outside of a field")),
            },
            _ => {}
        }
    }
    if open.is_empty() { Ok(()) } else { Err(Violation::new(path, "a field never ends")) }
}

pub(super) fn instruction(path: &str, text: &str, check: &Check<'_>) -> Result<(), Violation> {
    let mut words = text.split_whitespace();
    let keyword = words.next().unwrap_or_default().trim_matches('"').to_uppercase();
    if keyword.is_empty() || FETCHING.contains(&keyword.as_str()) {
        return Err(Violation::new(path, format!("field {keyword}")));
    }
    if keyword == "HYPERLINK" {
        let target = text.split('"').nth(1).filter(|_| !text.split('"').next().unwrap_or_default().contains('\\'));
        if let Some(target) = target.filter(|target| !target.is_empty() && !check.policy.allows_link(target)) {
            return Err(Violation::new(path, format!("link {target}")));
        }
    }
    Ok(())
}
