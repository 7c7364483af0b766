//! Writes an SVG anew without scripts, foreign content, outside references and document type; decodes its pictures.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer, XmlVersion};

use super::Pictures;
use crate::format::Format;
use crate::formats::cipher;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Stop, Work};

/// A file that holds only what is drawn.
pub(super) struct Cleaned {
    pub(super) text: String,
    /// Rebuilt pictures, by the bytes that stood in the file.
    pub(super) pictures: Pictures,
}

/// Elements that go with all that is in them.
const GONE: &[(&str, bool, What)] = &[
    ("script", true, What::Script),
    ("handler", true, What::Script),
    ("iframe", true, What::Frame),
    ("foreignObject", false, What::UnknownElement),
    ("audio", false, What::Media),
    ("video", false, What::Media),
];

fn bad() -> Stop {
    Stop::refused(ReasonCode::BadXml)
}

/// Reads the whole file once.
pub(super) fn clean(bytes: &[u8], work: &mut Work<'_>, draft: &mut Draft) -> Result<Cleaned, Stop> {
    work.budget.decode(bytes.len().saturating_mul(2))?;
    let text = names_of_namespaces(decode(bytes)?, work)?;
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    reader.config_mut().expand_empty_elements = true;
    let mut writer = Writer::new(Vec::new());
    let mut pictures = Pictures::new();
    let (mut depth, mut gone_at) = (0_usize, None);
    loop {
        work.budget.step(1)?;
        let event = reader.read_event().map_err(|_| bad())?;
        match &event {
            Event::Start(start) => {
                depth += 1;
                work.budget.nesting(depth)?;
                if gone_at.is_none() {
                    if let Some(what) = gone(start) {
                        let findings = &mut draft.findings;
                        if what.1 {
                            findings.removed(what.2, "")
                        } else {
                            findings.lost(what.2, "")
                        }
                        gone_at = Some(depth);
                    } else {
                        let start = attributes(start, &mut pictures, work, draft)?;
                        writer.write_event(Event::Start(start)).map_err(|_| bad())?;
                    }
                }
                continue;
            }
            Event::End(_) => {
                depth = depth.checked_sub(1).ok_or_else(bad)?;
                if gone_at.is_some_and(|at| depth < at) {
                    gone_at = None;
                    continue;
                }
            }
            Event::DocType(doctype) => {
                // A name and an address are common and mean nothing; declarations of its own are refused as everywhere.
                if doctype.contains('[') {
                    return Err(Stop::refused(ReasonCode::DtdNotAllowed));
                }
                continue;
            }
            Event::Text(text) if text.contains("@import") => draft.findings.removed(What::StyleImport, ""),
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => continue,
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {}
        }
        if gone_at.is_none() {
            writer.write_event(event).map_err(|_| bad())?;
        }
    }
    let text = String::from_utf8(writer.into_inner()).map_err(|_| bad())?;
    if depth == 0 { Ok(Cleaned { text, pictures }) } else { Err(bad()) }
}

/// Characters of a namespace's name at most, as a declared entity holds it.
const NAMESPACE: usize = 128;
/// Declared entities at most.
const ENTITIES: usize = 40;

/// Drawing programs declare entities for the namespaces of their own and use them in `xmlns:` alone. They are written out here, with
/// the declaration left away; anything else in a declaration stays where it is, and refuses the file.
fn names_of_namespaces<'a>(text: Cow<'a, str>, work: &mut Work<'_>) -> Result<Cow<'a, str>, Stop> {
    let Some((before, inside, after)) = internal_subset(&text) else { return Ok(text) };
    let Some(entities) = declared(inside) else { return Ok(text) };
    let mut out = before.to_owned();
    let mut rest = after;
    while let Some((plain, reference)) = rest.split_once('&') {
        out.push_str(plain);
        let known = entities.iter().find_map(|(name, uri)| {
            let after = reference.strip_prefix(*name)?.strip_prefix(';')?;
            // A namespace's name stands alone between quotes; nowhere else is anything written out.
            (out.ends_with(['"', '\'']) && after.starts_with(['"', '\''])).then_some((*uri, after))
        });
        match known {
            Some((uri, after)) => {
                work.budget.decode(uri.len())?;
                out.push_str(uri);
                rest = after;
            }
            None => {
                out.push('&');
                rest = reference;
            }
        }
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// What stands before the document type, inside of its brackets, and after it.
fn internal_subset(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("<!DOCTYPE")?;
    let (before, doctype) = text.split_at(start);
    let (head, rest) = doctype.split_once('[')?;
    let (inside, after) = rest.split_once(']')?;
    let ends = !head.contains('>') && !before.contains("<svg");
    Some((before, inside, after.trim_start().strip_prefix('>')?)).filter(|_| ends)
}

/// Entities that hold the name of a namespace, and nothing beside them.
fn declared(inside: &str) -> Option<Vec<(&str, &str)>> {
    let mut entities = Vec::new();
    let mut rest = inside.trim();
    while !rest.is_empty() {
        let (declaration, after) = rest.strip_prefix("<!ENTITY")?.split_once('>')?;
        let (name, value) = declaration.trim().split_once(char::is_whitespace)?;
        let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
        let name_fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let value_fits = value.len() <= NAMESPACE
            && value.starts_with("http://")
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b":/._-#".contains(&b));
        if !name_fits || !value_fits || entities.len() >= ENTITIES {
            return None;
        }
        entities.push((name, value));
        rest = after.trim_start();
    }
    Some(entities)
}

/// UTF-8, or what the declaration says.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Stop> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).to_lowercase();
    let encoding = match head {
        _ if bytes.starts_with(&[0xff, 0xfe]) => encoding_rs::UTF_16LE,
        _ if bytes.starts_with(&[0xfe, 0xff]) => encoding_rs::UTF_16BE,
        head if head.contains("shift_jis") || head.contains("windows-31j") => encoding_rs::SHIFT_JIS,
        head if head.contains("euc-jp") => encoding_rs::EUC_JP,
        _ => return Err(bad()),
    };
    let (text, damaged) = encoding.decode_with_bom_removal(bytes);
    if damaged { Err(bad()) } else { Ok(text) }
}

fn gone(start: &BytesStart<'_>) -> Option<&'static (&'static str, bool, What)> {
    GONE.iter().find(|(name, ..)| start.local_name().as_ref() == *name)
}

/// The element without handlers and outside references; pictures inside are rebuilt on the way.
fn attributes(
    start: &BytesStart<'_>,
    pictures: &mut Pictures,
    work: &mut Work<'_>,
    draft: &mut Draft,
) -> Result<BytesStart<'static>, Stop> {
    let name = start.name().as_ref().to_owned();
    let local = start.local_name().as_ref().to_owned();
    let mut out = BytesStart::new(name);
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|_| bad())?;
        work.budget.attributes(count + 1)?;
        let key = attribute.key.as_ref();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| bad())?;
        let low = key.rsplit(':').next().unwrap_or(key).to_lowercase();
        if low.starts_with("on") {
            draft.findings.removed(What::Script, "");
            continue;
        }
        if low == "href" && !value.starts_with('#') {
            if !reference(&local, &value, pictures, work, draft)? {
                continue;
            }
        } else if leads_out(&value) {
            draft.findings.removed(What::ExternalLink, "");
            continue;
        }
        out.push_attribute((key, value.as_ref()));
    }
    Ok(out)
}

/// `url(` of anything but a place in the drawing.
fn leads_out(value: &str) -> bool {
    value.split("url(").skip(1).any(|rest| !rest.trim_start_matches([' ', '"', '\'']).starts_with('#'))
}

/// Whether a reference stays: pictures of the file itself do, once they are rebuilt.
fn reference(
    element: &str,
    href: &str,
    pictures: &mut Pictures,
    work: &mut Work<'_>,
    draft: &mut Draft,
) -> Result<bool, Stop> {
    match element {
        // A picture of a link leads nowhere; that there was one is worth saying.
        "a" => {
            draft.findings.noted(What::Hyperlink, href.get(..200).unwrap_or(href));
            return Ok(false);
        }
        "image" | "feImage" => {}
        _ => {
            draft.findings.removed(What::ExternalLink, href.get(..200).unwrap_or(href));
            return Ok(false);
        }
    }
    let data = href.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let Some((_, data)) = data else {
        let what = if href.starts_with("data:") { What::Picture } else { What::RemoteImage };
        let findings = &mut draft.findings;
        if what == What::Picture {
            findings.lost(what, "data:")
        } else {
            findings.removed(what, href.get(..200).unwrap_or(href))
        }
        return Ok(false);
    };
    let data: String = data.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = cipher::base64(&data).unwrap_or_default();
    work.budget.decode(bytes.len())?;
    let child = work.embedded("image", &bytes, &[Format::Png, Format::Jpeg], draft)?;
    match child {
        Some(child) => {
            pictures.insert(bytes, (child.format, child.bytes));
            Ok(true)
        }
        None => {
            draft.findings.lost(What::Picture, "data:");
            Ok(false)
        }
    }
}
