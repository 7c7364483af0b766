//! HTML: read into a tree that can hold nothing active, and written as a static page, or as readable text.

mod attributes;
mod css;
mod hidden;
mod implied;
mod links;
mod model;
mod parse;
mod table;
mod text;
mod write;

use base64::Engine;
use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};

pub(super) use attributes::percent_decoded;
pub(super) use links::names_other_host;
pub(super) use parse::parse;
pub(super) use text::{Inside, readable};

use super::charset;
use super::text::charset as written;
use crate::format::Format;
use crate::policy::{Charset, Html};
use crate::words::{ReasonCode, What};
use crate::work::{Child, Draft, Source, Stop, Work};
use model::{Node, Page};

/// Where a page says its charset.
const HEAD: usize = 4_096;
/// Pictures that a page may hold, with the type that it says of each.
const PICTURES: &[(Format, &str)] = &[
    (Format::Png, "image/png"),
    (Format::Jpeg, "image/jpeg"),
    (Format::Gif, "image/gif"),
    (Format::Webp, "image/webp"),
    (Format::Bmp, "image/bmp"),
];

/// Rebuilds a page as a static page, or as text.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let mut draft = Draft::default();
    let utf8 = !source.bytes.is_ascii() && std::str::from_utf8(source.bytes).is_ok();
    let label = if utf8 { Some("utf-8".to_owned()) } else { label(source.bytes) };
    let kept = label.as_deref().and_then(|label| japanese(label, source.bytes));
    let (text, charset) = match kept.filter(|_| work.policy.text.charset == Charset::AsIs) {
        Some((text, charset)) => (text, charset),
        None => {
            let decoded = charset::decode(source.bytes, label.as_deref());
            if std::str::from_utf8(source.bytes).is_err() || source.bytes.contains(&0x1b) {
                draft.findings.noted(What::CharsetChanged, label.unwrap_or_default());
            }
            if decoded.damaged {
                draft.findings.lost(What::UnreadableText, "");
            }
            (decoded.text, UTF_8)
        }
    };
    let mut page = parse(&text, work, &mut draft.findings)?;
    links::check(&mut page, &mut draft.findings);
    match work.policy.text.html {
        Html::Static => {
            let mut count = 0;
            pictures(&mut page.children, &mut count, work, &mut draft)?;
            trim(&mut page);
            if !shows(&page.children) {
                return Err(Stop::refused(ReasonCode::NothingLeft));
            }
            draft.bytes = write::page(&page, charset);
            if charset != UTF_8 && japanese(charset.name(), &draft.bytes).is_none() {
                // What is left could be taken for UTF-8, so it is written as that.
                draft.findings.noted(What::CharsetChanged, charset.name());
                draft.bytes = write::page(&page, UTF_8);
            }
        }
        Html::Text => {
            let title = if page.title.is_empty() { String::new() } else { format!("{}\n\n", page.title) };
            let mut inside = Inside::default();
            let text = readable(&page, &mut inside, work)?.text;
            if text.trim().is_empty() {
                return Err(Stop::refused(ReasonCode::NothingLeft));
            }
            let text = (title + &text).replace('\n', "\r\n");
            for _ in inside.pictures {
                draft.findings.lost(What::Picture, "data:");
            }
            draft.format = Some(Format::Txt);
            draft.bytes = written::utf8_with_bom(&text);
        }
    }
    Ok(draft)
}

/// Pictures of the page itself are sanitised and put back; the others leave their description.
fn pictures(nodes: &mut [Node], count: &mut u32, work: &mut Work<'_>, draft: &mut Draft) -> Result<(), Stop> {
    let types: Vec<Format> = PICTURES.iter().map(|(format, _)| *format).collect();
    for node in nodes {
        let picture = match node {
            Node::Picture(picture) => picture,
            Node::Element(element) => {
                pictures(&mut element.children, count, work, draft)?;
                continue;
            }
            Node::Text(_) => continue,
        };
        picture.source = match &picture.source {
            model::Source::Data(bytes) => {
                *count += 1;
                let name = format!("picture{count}");
                match work.embedded(&name, bytes, &types, draft)? {
                    Some(child) => model::Source::Ready(address(&child)),
                    None => {
                        draft.findings.lost(What::Picture, name);
                        model::Source::Gone
                    }
                }
            }
            model::Source::Part(id) => {
                draft.findings.lost(What::Picture, format!("cid:{id}"));
                model::Source::Gone
            }
            model::Source::Ready(_) | model::Source::Gone => continue,
        };
    }
    Ok(())
}

fn address(picture: &Child) -> String {
    let kind = PICTURES.iter().find(|(format, _)| *format == picture.format).map_or("image/png", |(_, kind)| kind);
    format!("data:{kind};base64,{}", base64::engine::general_purpose::STANDARD.encode(&picture.bytes))
}

/// The charset that the page says it is in: in a `meta` element or an XML declaration.
fn label(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..HEAD.min(bytes.len()))?;
    let head: String = head.iter().map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    let said = |start: &str, word: &str| {
        let mut rest = head.as_str();
        while let Some(at) = rest.find(start) {
            rest = rest.get(at + start.len()..)?;
            let tag = rest.get(..rest.find('>').unwrap_or(rest.len()))?;
            let value = tag.find(word).and_then(|at| tag.get(at + word.len()..));
            let value = value.and_then(|value| value.trim_start().strip_prefix('='));
            if let Some(value) = value {
                let value = value.trim_start_matches([' ', '"', '\'']);
                let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
                return value.get(..end.unwrap_or(value.len())).map(str::to_owned);
            }
        }
        None
    };
    // A page that can be read up to here as ASCII is not in UTF-16, whatever it says.
    let label = said("<meta", "charset").or_else(|| said("<?xml", "encoding"));
    label.filter(|label| !label.is_empty() && !label.starts_with("utf-16"))
}

/// The page in CP932 or EUC-JP, when it says so and is.
fn japanese(label: &str, bytes: &[u8]) -> Option<(String, &'static Encoding)> {
    let encoding = Encoding::for_label(label.as_bytes()).filter(|e| [SHIFT_JIS, EUC_JP].contains(e))?;
    let utf8 = !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    if utf8 || Encoding::for_bom(bytes).is_some() || bytes.contains(&0x1b) {
        return None;
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some((text.into_owned(), encoding))
}

/// White space at the page's beginning and end is not part of it.
fn trim(page: &mut Page) {
    let blank = |node: &Node| match node {
        Node::Text(text) => text.trim().is_empty(),
        Node::Picture(picture) => picture.alt.is_empty() && matches!(picture.source, model::Source::Gone),
        Node::Element(_) => false,
    };
    while page.children.first().is_some_and(blank) {
        page.children.remove(0);
    }
    while page.children.last().is_some_and(blank) {
        page.children.pop();
    }
    if let Some(Node::Text(text)) = page.children.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Node::Text(text)) = page.children.last_mut() {
        *text = text.trim_end().to_owned();
    }
}

/// Whether there is anything to see.
fn shows(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(element) => shows(&element.children),
        Node::Picture(picture) => !picture.alt.is_empty() || matches!(picture.source, model::Source::Ready(_)),
    })
}
