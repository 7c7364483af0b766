//! A field with what it inherits from those above it.

use lopdf::{Dictionary, Object};

use super::super::copy::Copier;

/// Fields in fields.
const DEPTH: usize = 32;
/// Characters of one value.
const CHARACTERS: usize = 20_000;
/// Choices of one list.
const CHOICES: usize = 500;

/// What kind of field it is, and what it holds.
#[derive(Debug)]
pub(in crate::formats::pdf) enum Holds {
    /// Text, in one line or many, or one box for each character.
    Text { text: String, lines: bool, comb: Option<usize> },
    /// A list of choices; whether each is chosen.
    List(Vec<(String, bool)>),
    /// A check box or radio button, and whether it is on.
    Mark(bool),
    /// A button with its caption.
    Button(String),
    /// A signature.
    Signature,
    /// None of these.
    Other,
}

/// A field.
#[derive(Debug)]
pub(in crate::formats::pdf) struct Field {
    pub(in crate::formats::pdf) holds: Holds,
    /// The operators that choose font, size and colour.
    pub(super) style: Vec<u8>,
    /// 0 left, 1 centred, 2 right.
    pub(super) alignment: i64,
}

impl Field {
    /// Reads the field of a widget.
    pub(in crate::formats::pdf) fn read(widget: &Dictionary, copier: &Copier<'_, '_, '_>) -> Self {
        let chain = chain(widget, copier);
        let inherited = |key: &[u8]| chain.iter().find_map(|dict| copier.get(dict, key));
        let style = inherited(b"DA").or(copier.form.style.as_ref());
        let style = if let Some(Object::String(text, _)) = style { text.clone() } else { Vec::new() };
        let number = |key: &[u8]| chain.iter().find_map(|dict| copier.int(dict, key));
        let alignment = number(b"Q").unwrap_or(copier.form.alignment);
        let flags = number(b"Ff").unwrap_or(0);
        let flag = |bit: u32| flags & (1 << (bit - 1)) != 0;
        let kind = chain.iter().find_map(|dict| copier.name(dict, b"FT")).unwrap_or_default();
        let holds = match kind {
            b"Tx" => {
                let text = inherited(b"V").map(|value| text_of(value, copier)).unwrap_or_default();
                let most = number(b"MaxLen").and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=1_000).contains(n));
                let (lines, secret) = (flag(13), flag(14));
                let text = if secret { "*".repeat(text.chars().count()) } else { text };
                Holds::Text { text, lines, comb: most.filter(|_| flag(25) && !lines && !secret) }
            }
            b"Ch" => choices(inherited(b"V"), inherited(b"Opt"), flag(18), copier),
            b"Btn" if flag(17) => {
                let caption = copier.dict(widget, b"MK").and_then(|mk| copier.get(mk, b"CA"));
                Holds::Button(caption.map(|value| text_of(value, copier)).unwrap_or_default())
            }
            b"Btn" => {
                let state = copier.name(widget, b"AS").or_else(|| inherited(b"V").and_then(super::super::name_of));
                Holds::Mark(state.is_some_and(|state| state != b"Off"))
            }
            b"Sig" => Holds::Signature,
            _ => Holds::Other,
        };
        Self { holds, style, alignment }
    }

    /// Whether its picture shows what a person wrote or chose: this is what an out-of-date picture may belie.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.holds, Holds::Text { .. } | Holds::List(_))
    }
}

/// The widget and the fields above it.
fn chain<'o>(widget: &'o Dictionary, copier: &'o Copier<'_, '_, '_>) -> Vec<&'o Dictionary> {
    let mut chain = vec![widget];
    while let Some(parent) = chain.last().and_then(|dict| copier.dict(dict, b"Parent")) {
        if chain.len() >= DEPTH {
            break;
        }
        chain.push(parent);
    }
    chain
}

/// A choice field: the chosen text of a drop-down, or all of a list.
fn choices(value: Option<&Object>, options: Option<&Object>, drop_down: bool, copier: &Copier<'_, '_, '_>) -> Holds {
    let chosen: Vec<String> = match value {
        Some(Object::Array(items)) => items.iter().map(|item| text_of(copier.resolve(item), copier)).collect(),
        Some(value) => vec![text_of(value, copier)],
        None => Vec::new(),
    };
    let mut all = Vec::new();
    if let Some(Object::Array(items)) = options {
        for item in items.iter().take(CHOICES) {
            let (export, shown) = match copier.resolve(item) {
                Object::Array(pair) => (pair.first(), pair.get(1)),
                _ => (Some(item), None),
            };
            let text = |object: Option<&Object>| object.map(|o| text_of(copier.resolve(o), copier)).unwrap_or_default();
            let (export, shown) = (text(export), shown.map(|s| text(Some(s))));
            let shown = shown.unwrap_or_else(|| export.clone());
            let on = chosen.contains(&export) || chosen.contains(&shown);
            all.push((shown, on));
        }
    }
    if !drop_down && !all.is_empty() {
        return Holds::List(all);
    }
    let shown = all.into_iter().find(|(_, on)| *on).map(|(shown, _)| shown);
    Holds::Text { text: shown.or_else(|| chosen.into_iter().next()).unwrap_or_default(), lines: false, comb: None }
}

/// The text of a string, name or stream.
fn text_of(object: &Object, copier: &Copier<'_, '_, '_>) -> String {
    let text = match copier.resolve(object) {
        Object::String(bytes, _) => text(bytes),
        Object::Name(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Object::Stream(stream) => {
            stream.decompressed_content_with_limit(CHARACTERS * 4).map(|b| text(&b)).unwrap_or_default()
        }
        _ => String::new(),
    };
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).take(CHARACTERS).collect()
}

/// A text string (ISO 32000-1, 7.9.2.2): UTF-16 or UTF-8 by its mark, else PDFDocEncoding.
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| pdf_doc(*byte)).collect(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|two| unit(*two)).collect();
    let text = String::from_utf16_lossy(&units);
    // An escape sequence may name the language (7.9.2.2): ESC, two or four letters, ESC.
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        if c == '\u{1B}' {
            inside = !inside;
        } else if !inside {
            out.push(c);
        }
    }
    out
}

/// The characters of PDFDocEncoding that are not those of Latin-1.
const PDF_DOC: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž";

fn pdf_doc(byte: u8) -> char {
    match byte {
        0x80..=0x9E => PDF_DOC.chars().nth(usize::from(byte - 0x80)).unwrap_or('\u{FFFD}'),
        0xA0 => '€',
        _ => char::from(byte),
    }
}
