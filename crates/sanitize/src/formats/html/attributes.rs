//! Attributes: each value is checked by what it may be, and written anew.

use base64::Engine;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use html5gum::StartTag;

use super::css::{self, Colour, Look};
use super::model::Source;
use crate::formats::text::is_text;
use crate::grammar::html::{FORMULA, HTML, Kind, kind};
use crate::names::is_bidi;
use crate::policy::Policy;

/// Characters of a name list or a short value.
const SHORT: usize = 200;

/// What was read from a tag's attributes.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) kept: Vec<(&'static str, String)>,
    pub(super) look: Look,
    pub(super) unsafe_links: Vec<String>,
    pub(super) fetches: bool,
}

/// An attribute's value.
pub(super) fn get(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

/// Reads the attributes that an element may have.
pub(super) fn read(element: &'static str, tag: &StartTag<()>, policy: &Policy) -> Read {
    let mut read = Read::default();
    for (name, value) in &tag.attributes {
        let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
        match name.as_ref() {
            "hidden" => read.look.display_none = Some(true),
            "background" => read.look.background = Some(Colour::Unknown),
            "href" | "xlink:href" if FORMULA.contains(&element) => read.unsafe_links.push(target(&value)),
            "style" => {
                let declarations = css::declarations(&value);
                read.fetches |= declarations.fetches;
                read.look = Look { display_none: read.look.display_none, ..declarations.look }
                    .under(Look { display_none: declarations.look.display_none, ..Look::default() });
            }
            _ => {}
        }
        let Some(name) = HTML.attribute(element, &name) else { continue };
        let kept = match kind(name) {
            Kind::Text => Some(text(&value)),
            Kind::Names if name == "dir" => {
                Some(value.to_ascii_lowercase()).filter(|dir| matches!(dir.as_str(), "ltr" | "rtl"))
            }
            Kind::Names => names(&value),
            Kind::Number => number(&value),
            Kind::Colour => colour(&value),
            Kind::Style => Some(css::declarations(&value).kept).filter(|kept| !kept.is_empty()),
            Kind::Link => link(&value, policy, &mut read.unsafe_links),
            Kind::Picture => None,
        };
        read.kept.extend(kept.map(|value| (name, value)));
    }
    legacy_look(element, &read.kept.clone(), &mut read.look);
    read
}

/// Colours and sizes from before there were styles; styles are stronger.
fn legacy_look(element: &str, kept: &[(&'static str, String)], look: &mut Look) {
    let value = |name: &str| kept.iter().find(|(known, _)| *known == name).map(|(_, value)| css::colour(value));
    look.background = look.background.or_else(|| value("bgcolor"));
    if element == "font" {
        look.colour = look.colour.or_else(|| value("color"));
        if kept.iter().any(|(name, _)| *name == "size") {
            look.tiny = look.tiny.or(Some(false));
        }
    } else if element == "body" {
        look.colour = look.colour.or_else(|| value("text"));
    }
}

/// Text of an attribute or a title: one line, nothing that deceives.
pub(super) fn text(value: &str) -> String {
    let plain: String = value.chars().filter(|c| is_text(*c) && !is_bidi(*c)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn names(value: &str) -> Option<String> {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    is_names(&value).then_some(value)
}

/// Letters, digits, `-`, `_`, `.`, `:` and single spaces.
pub(super) fn is_names(value: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | ' ');
    !value.is_empty() && value.len() <= SHORT && value.chars().all(fits)
}

fn number(value: &str) -> Option<String> {
    let value = value.trim();
    let value = value.strip_suffix("px").unwrap_or(value);
    let digits = value.trim_start_matches(['+', '-']).trim_end_matches('%');
    let right = !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit());
    (right && value.len() <= digits.len() + 2).then(|| value.to_owned())
}

fn colour(value: &str) -> Option<String> {
    let value = value.trim();
    let digits = value.strip_prefix('#').unwrap_or(value);
    if matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(format!("#{digits}"));
    }
    let word = !value.is_empty() && value.len() <= 30 && value.bytes().all(|b| b.is_ascii_alphabetic());
    (word && !value.eq_ignore_ascii_case("transparent")).then(|| value.to_owned())
}

/// A link's target as browsers read it (without line ends, tabs and outer spaces), when it may stay a link: what the
/// policy allows, or a place in the same page.
fn link(value: &str, policy: &Policy, unsafe_links: &mut Vec<String>) -> Option<String> {
    let target = target(value);
    if target.is_empty() {
        return None;
    }
    if let Some(place) = target.strip_prefix('#') {
        return is_names(place).then_some(target);
    }
    if policy.allows_link(&target) {
        return Some(target);
    }
    unsafe_links.push(target);
    None
}

/// A target as browsers read it.
pub(super) fn target(value: &str) -> String {
    let trimmed = value.trim_matches(|c: char| c.is_control() || c == ' ');
    let mut out = String::with_capacity(trimmed.len());
    for c in trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')) {
        match c {
            ' ' => out.push_str("%20"),
            '"' => out.push_str("%22"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            c => out.push(c),
        }
    }
    out
}

/// A target for reports: at most 200 characters, no controls.
pub(super) fn shown(target: &str) -> String {
    target.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Whether an address leads out of the page.
pub(super) fn is_remote(source: &str) -> bool {
    let source = target(source);
    let scheme = source.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    });
    source.starts_with("//") || source.starts_with("\\\\") || scheme && !source.starts_with("data:")
}

/// Where a picture comes from: bytes in a `data:` address, a part of the mail, or nothing that is followed.
pub(super) fn picture(source: &str) -> Source {
    let target = target(source);
    let lower = target.get(..5.min(target.len())).unwrap_or_default().to_ascii_lowercase();
    if lower == "data:" {
        let data = target.get(5..).and_then(|rest| rest.split_once(','));
        return data.and_then(|(kind, data)| bytes(kind, data)).map_or(Source::Gone, Source::Data);
    }
    match target.get(4..).filter(|_| lower.starts_with("cid:")) {
        Some(part) => Source::Part(String::from_utf8_lossy(&percent_decoded(part)).into_owned()),
        None => Source::Gone,
    }
}

fn bytes(kind: &str, data: &str) -> Option<Vec<u8>> {
    let raw = percent_decoded(data);
    if !kind.to_ascii_lowercase().ends_with(";base64") {
        return Some(raw);
    }
    let raw: Vec<u8> = raw.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(raw).ok()
}

/// `%41` as the byte that it means.
pub(in crate::formats) fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *byte == b'%') {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}
