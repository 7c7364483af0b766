//! The grammar of a rebuilt OpenDocument package (`docs/sanitising-grammar.md`): members, manifest, elements, attributes, and
//! the values that could fetch or run.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use super::odf_formula::{address, formula};
use super::{Check, Violation, zip};
use crate::format::Format;
use crate::grammar::odf::{KINDS, ODF, SETTINGS};

const MANIFEST: &str = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0";
const OFFICE: &str = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";

/// What a whole verification knows.
struct Package<'a> {
    parts: BTreeMap<&'a str, &'a [u8]>,
    /// Media types that the manifest states.
    media: BTreeMap<String, String>,
    reached: BTreeSet<String>,
}

/// Accepts a package of one of the eight types.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let members = zip::members(bytes, check)?;
    let contents = members
        .iter()
        .map(|member| Ok((member.name, member.content()?)))
        .collect::<Result<Vec<(&str, Vec<u8>)>, Violation>>()?;
    let (_, first) = contents
        .first()
        .filter(|(name, _)| *name == "mimetype")
        .ok_or_else(|| Violation::new("", "mimetype is not first"))?;
    if bytes.get(8..10) != Some(&[0, 0]) {
        return Err(Violation::new("mimetype", "not stored"));
    }
    let stated = KINDS.iter().find(|(media, _, id)| media.as_bytes() == first.as_slice() && !id.is_empty());
    let (media, kind, _) = stated.ok_or_else(|| Violation::new("mimetype", "type"))?;
    let parts: BTreeMap<&str, &[u8]> = contents.iter().map(|(name, content)| (*name, content.as_slice())).collect();
    let stated = manifest(&parts, media)?;
    versions(&parts)?;
    let reached = ["mimetype", "META-INF/manifest.xml"].map(str::to_owned).into();
    let mut package = Package { parts, media: stated, reached };
    document("", kind, &mut package, check)?;
    if let Some(content) = package.parts.get("meta.xml") {
        title(parse("meta.xml", content)?.root_element())?;
        package.reached.insert("meta.xml".to_owned());
    }
    match members.iter().find(|member| !package.reached.contains(member.name)) {
        Some(member) => Err(Violation::new(member.name, "nothing in the document leads to this member")),
        None => Ok(()),
    }
}

fn parse<'a>(path: &str, content: &'a [u8]) -> Result<Document<'a>, Violation> {
    let text = std::str::from_utf8(content).map_err(|_| Violation::new(path, "not UTF-8"))?;
    let options = roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: 20_000_000, ..Default::default() };
    let document =
        Document::parse_with_options(text, options).map_err(|error| Violation::new(path, format!("XML: {error}")))?;
    let only_root = document.root().children().count() == 1;
    if only_root { Ok(document) } else { Err(Violation::new(path, "something beside the root element")) }
}

/// The manifest and the document state the same version (for documents of before 1.2 the manifest may state any).
fn versions(parts: &BTreeMap<&str, &[u8]>) -> Result<(), Violation> {
    let root = |path: &str, space: &str| {
        let document = parse(path, parts.get(path).copied().unwrap_or_default())?;
        Ok(document.root_element().attribute((space, "version")).map(str::to_owned))
    };
    let (manifest, content) = (root("META-INF/manifest.xml", MANIFEST)?, root("content.xml", OFFICE)?);
    let old = content.as_deref().is_none_or(|version| version < "1.2");
    if old || manifest == content { Ok(()) } else { Err(Violation::new("META-INF/manifest.xml", "another version")) }
}

/// The manifest names every member, once, and the package's own type.
fn manifest(parts: &BTreeMap<&str, &[u8]>, media: &str) -> Result<BTreeMap<String, String>, Violation> {
    let path = "META-INF/manifest.xml";
    let document = parse(path, parts.get(path).copied().unwrap_or_default())?;
    let mut stated = BTreeMap::new();
    for entry in document.root_element().children() {
        let name = entry.attribute((MANIFEST, "full-path"));
        let kind = entry.attribute((MANIFEST, "media-type"));
        let (true, Some(name), Some(kind)) =
            (entry.has_tag_name((MANIFEST, "file-entry")) && !entry.has_children(), name, kind)
        else {
            return Err(Violation::new(path, "entry"));
        };
        let there = name == "/"
            || parts.contains_key(name)
            || (name.ends_with('/') && parts.keys().any(|part| part.starts_with(name)));
        if !there || stated.insert(name.to_owned(), kind.to_owned()).is_some() {
            return Err(Violation::new(path, format!("entry {name}")));
        }
    }
    let silent = parts
        .keys()
        .find(|name| !matches!(**name, "mimetype" | "META-INF/manifest.xml") && !stated.contains_key(**name));
    if let Some(name) = silent {
        return Err(Violation::new(path, format!("does not name {name}")));
    }
    if stated.get("/").map(String::as_str) == Some(media) {
        Ok(stated)
    } else {
        Err(Violation::new(path, "type of the package"))
    }
}

/// One document: the package's own (`folder` is empty) or one embedded in it.
fn document(folder: &str, kind: &str, package: &mut Package<'_>, check: &mut Check<'_>) -> Result<(), Violation> {
    if folder.matches('/').count() > 6 {
        return Err(Violation::new(folder, "nested too deeply"));
    }
    let mut targets = Vec::new();
    for (name, root) in [("content.xml", "office:document-content"), ("styles.xml", "office:document-styles")] {
        let path = format!("{folder}{name}");
        let Some(content) = package.parts.get(path.as_str()).copied() else {
            if name == "content.xml" {
                return Err(Violation::new(path, "missing"));
            }
            continue;
        };
        package.reached.insert(path.clone());
        if package.media.get(&path).map(String::as_str) != Some("text/xml") {
            return Err(Violation::new(path, "media type"));
        }
        check.step(content.len() as u64 / 4)?;
        let document = parse(&path, content)?;
        let found = qualified(document.root_element());
        let math = kind == "math:math" && name == "content.xml";
        if found != if math { "math:math" } else { root } {
            return Err(Violation::new(path, format!("root {found}")));
        }
        if name == "content.xml" && !math {
            let body = document.root_element().children().find(|node| qualified(*node) == "office:body");
            let inside = body.and_then(|body| body.children().find(Node::is_element)).map(qualified);
            if inside.as_deref() != Some(kind) {
                return Err(Violation::new(path, "the body is of another type"));
            }
        }
        for node in document.root_element().descendants() {
            element(&path, node, &mut targets, check)?;
        }
    }
    let path = format!("{folder}settings.xml");
    if let Some(content) = package.parts.get(path.as_str()) {
        settings(parse(&path, content)?.root_element())?;
        package.reached.insert(path);
    }
    for (href, is_object) in targets {
        if is_object { object(folder, &href, package, check)? } else { picture(folder, &href, package, check)? }
    }
    Ok(())
}

/// The name with the grammar's prefix.
fn qualified(node: Node<'_, '_>) -> String {
    let name = node.tag_name();
    let prefix = ODF.prefix(name.namespace().unwrap_or_default()).unwrap_or("?");
    format!("{prefix}:{}", name.name())
}

fn element(
    path: &str,
    node: Node<'_, '_>,
    targets: &mut Vec<(String, bool)>,
    check: &mut Check<'_>,
) -> Result<(), Violation> {
    check.step(1)?;
    if node.is_text() {
        let parent = node.parent().map(qualified).unwrap_or_default();
        let allowed = ODF.element(&parent).is_some_and(|rule| rule.text);
        return if allowed { Ok(()) } else { Err(Violation::new(path, format!("text in {parent}"))) };
    }
    if !node.is_element() {
        return Err(Violation::new(path, "comment or processing instruction"));
    }
    let name = qualified(node);
    let rule = ODF.element(&name).ok_or_else(|| Violation::new(path, format!("element {name}")))?;
    for attribute in node.attributes() {
        let prefix = match attribute.namespace() {
            None => "",
            Some(uri) => ODF.prefix(uri).unwrap_or("?"),
        };
        let full = format!("{prefix}:{}", attribute.name());
        let bad = || {
            Violation::new(path, format!("{name}/@{full} = {}", attribute.value().chars().take(60).collect::<String>()))
        };
        rule.attribute(&full).ok_or_else(bad)?;
        let value = attribute.value();
        let right = match full.as_str() {
            "xlink:href" => reference(&name, value, targets, check),
            "xlink:type" => value == "simple",
            "presentation:action" => !matches!(value, "macro" | "execute" | "verb" | "sound"),
            "table:formula" | "text:formula" | "table:condition" | "text:condition" | "style:condition"
            | "table:expression" | "calcext:value" => formula(value),
            _ if ["address", "addresses", "ranges"].iter().any(|end| full.ends_with(end)) => address(value),
            _ => true,
        };
        if !right {
            return Err(bad());
        }
    }
    Ok(())
}

/// Whether a reference may stand on this element; what it leads to inside the package is looked at later.
fn reference(element: &str, href: &str, targets: &mut Vec<(String, bool)>, check: &Check<'_>) -> bool {
    match element {
        "text:a" | "draw:a" | "draw:area-circle" | "draw:area-polygon" | "draw:area-rectangle" => {
            (href.starts_with('#') && href.len() > 1) || check.policy.allows_link(href)
        }
        "presentation:event-listener" => href.starts_with('#'),
        "chart:chart" => matches!(href, "." | ".."),
        _ => {
            targets.push((href.to_owned(), element == "draw:object"));
            true
        }
    }
}

fn picture(folder: &str, href: &str, package: &mut Package<'_>, check: &mut Check<'_>) -> Result<(), Violation> {
    let path = format!("{folder}{href}");
    let bad = |why: &str| Violation::new(path.as_str(), why);
    let extension = href.strip_prefix("Pictures/").and_then(|name| name.rsplit('.').next()).unwrap_or_default();
    if !matches!(extension, "png" | "jpg" | "gif" | "bmp" | "tif") {
        return Err(bad("no picture of the package"));
    }
    let content = package.parts.get(path.as_str()).copied().ok_or_else(|| bad("missing"))?;
    let format = Format::of_written_extension(extension).ok_or_else(|| bad("type"))?;
    if package.media.get(&path) != Some(&format!("image/{}", format.id())) {
        return Err(bad("media type"));
    }
    if package.reached.insert(path.clone()) {
        check.verify(content, format).map_err(|v| Violation::new(format!("{path}/{}", v.place), v.why))?;
    }
    Ok(())
}

fn object(folder: &str, href: &str, package: &mut Package<'_>, check: &mut Check<'_>) -> Result<(), Violation> {
    let bad = |why: &str| Violation::new(format!("{folder}{href}"), why);
    let number = href.strip_prefix("./Object ").filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
    let inner = format!("{folder}Object {}/", number.ok_or_else(|| bad("no object of the package"))?);
    let media = package.media.get(&inner).ok_or_else(|| bad("the manifest does not name it"))?;
    let (_, kind, _) = KINDS.iter().find(|(known, ..)| known == media).ok_or_else(|| bad("media type"))?;
    if package.reached.insert(inner.clone()) { document(&inner, kind, package, check) } else { Ok(()) }
}

/// Settings of the list, with plain values.
fn settings(root: Node<'_, '_>) -> Result<(), Violation> {
    let bad = |why: String| Violation::new("settings.xml", why);
    for node in root.descendants() {
        let config = |name: &str| node.attributes().find(|a| a.name() == name).map_or("", |a| a.value());
        if node.is_text() {
            let item = node.parent().is_some_and(|parent| qualified(parent) == "config:config-item");
            let text = node.text().unwrap_or_default();
            if !item || text.chars().count() > 100 || text.contains(['/', '\\', ':']) {
                return Err(bad("a value".to_owned()));
            }
            continue;
        }
        let name = qualified(node);
        let right = match name.as_str() {
            "config:config-item" => {
                let kind = config("type");
                SETTINGS.contains(config("name"))
                    && matches!(kind, "boolean" | "int" | "short" | "long" | "double" | "string")
            }
            "config:config-item-set" => matches!(config("name"), "ooo:view-settings" | "ooo:configuration-settings"),
            "office:document-settings" => node.parent().is_some_and(|parent| parent.is_root()),
            "office:settings"
            | "config:config-item-map-indexed"
            | "config:config-item-map-named"
            | "config:config-item-map-entry" => true,
            _ => false,
        };
        if !node.is_element() || !right {
            return Err(bad(format!("{name} {}", config("name"))));
        }
    }
    Ok(())
}

/// A title and nothing else.
fn title(root: Node<'_, '_>) -> Result<(), Violation> {
    let only = root.descendants().filter(|node| !node.is_text()).all(|node| {
        matches!(qualified(node).as_str(), "office:document-meta" | "office:meta" | "dc:title") && node.is_element()
    });
    if only { Ok(()) } else { Err(Violation::new("meta.xml", "more than a title")) }
}
