//! What hayro draws with when a document names a font and carries none: the font of the binary, its glyphs put in the order
//! of the CIDs of Adobe-Japan1, so that no mapping by way of Unicode can pick a wrong one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use hayro::hayro_interpret::font::{FontData, FontQuery};
use hayro::hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded};
use hayro::hayro_interpret::{InterpreterSettings, RenderContent};

use super::super::font::{truetype, vertical};
use super::super::japanese::{self, GLYPHS};
use super::super::object::{Dict, Object, Objects, Value};
use super::picture::dict;
use crate::fonts::JAPANESE;

/// CIDs of Adobe-Japan1-7.
const CIDS: u16 = 23_060;
/// Where the glyphs of the font begin when it stands in for a font of unknown glyph numbers: these numbers would otherwise
/// pick glyphs at random.
const OUT_OF_REACH: u16 = 45_000;

/// How documents are drawn.
pub(super) fn settings() -> InterpreterSettings {
    InterpreterSettings {
        font_resolver: Arc::new(|query| match query {
            FontQuery::Standard(font) => Some(font.get_font_data()),
            FontQuery::Fallback(query) => match &query.character_collection {
                Some(collection) if collection.family == CidFamily::AdobeJapan1 => Some((JAPAN.clone(), 0)),
                Some(_) => Some((BY_CHARACTER.clone(), 0)),
                None => Some(query.pick_standard_font().get_font_data()),
            },
        }),
        cmap_resolver: Arc::new(|name| match name {
            CMapName::AdobeJapan1Ucs2 => Some(&TEXT_OF_CIDS),
            other => load_embedded(other),
        }),
        warning_sink: Arc::new(|_| {}),
        render_content: RenderContent::PAGE,
    }
}

/// Gives fonts of several bytes per character that are named and not carried a name that says nothing, and gives back their
/// names: for one that has `sans` or `serif` in it hayro would take a Latin font, and its glyphs by number.
pub(super) fn rename(objects: &mut Objects) -> Vec<(usize, Value)> {
    let mut named = Vec::new();
    for (at, object) in objects.all().enumerate() {
        let Some(Object::Value(Value::Dict(font))) = object else { continue };
        if font.get("Subtype") == Some(&Value::name("Type0")) && !is_carried(font, objects) {
            named.extend(font.get("BaseFont").map(|name| (at + 1, name.clone())));
        }
    }
    named.iter().for_each(|(number, _)| objects.set(*number, "BaseFont", Value::name("Named")));
    named
}

fn is_carried(font: &Dict, objects: &Objects) -> bool {
    let Some(Value::Array(descendants)) = font.get("DescendantFonts") else { return false };
    let descriptor = descendants.first().and_then(|font| dict(font, objects)).and_then(|f| f.get("FontDescriptor"));
    let descriptor = descriptor.and_then(|descriptor| dict(descriptor, objects));
    descriptor.is_some_and(|d| d.get("FontFile2").is_some() || d.get("FontFile3").is_some())
}

/// The font in the order of CIDs. It has no table of characters, so that CIDs are all that it can be asked for.
static JAPAN: LazyLock<FontData> = LazyLock::new(|| {
    let glyphs: Vec<Option<u16>> = (0..CIDS).map(|cid| CHARACTERS.glyph(cid)).collect();
    Arc::new(truetype::subset(JAPANESE, &glyphs, &BTreeMap::new()).unwrap_or_default())
});

/// The font by its characters alone.
static BY_CHARACTER: LazyLock<FontData> = LazyLock::new(|| {
    let count = GLYPHS.values().max().map_or(0, |last| last + 1);
    let glyphs: Vec<Option<u16>> = (0..OUT_OF_REACH).map(|_| None).chain((0..count).map(Some)).collect();
    let characters = GLYPHS.iter().filter_map(|(c, glyph)| Some((*c, glyph.checked_add(OUT_OF_REACH)?)));
    Arc::new(truetype::subset(JAPANESE, &glyphs, &characters.collect()).unwrap_or_default())
});

/// CIDs to characters, as a CMap of single characters.
static TEXT_OF_CIDS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut out =
        "/CMapName /Adobe-Japan1-UCS2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n".to_owned();
    let pairs: Vec<(u16, char)> = (0..CIDS).filter_map(|cid| Some((cid, CHARACTERS.text(cid)?))).collect();
    for group in pairs.chunks(100) {
        out += &format!("{} beginbfchar\n", group.len());
        for (cid, c) in group {
            let mut units = [0; 2];
            let units: String = c.encode_utf16(&mut units).iter().map(|unit| format!("{unit:04X}")).collect();
            out += &format!("<{cid:04X}><{units}>\n");
        }
        out += "endbfchar\n";
    }
    out.into_bytes()
});

/// What the CIDs of Adobe-Japan1 are.
struct Characters {
    text: HashMap<u16, char>,
    /// CIDs that are the form of vertical writing.
    vertical: HashMap<u16, char>,
    forms: HashMap<u16, u16>,
}

static CHARACTERS: LazyLock<Characters> = LazyLock::new(Characters::read);

impl Characters {
    /// From the maps of encodings, the surest first: CP932 by name of its bytes, then Unicode, then what is left.
    fn read() -> Self {
        let mut text = HashMap::new();
        let put = |text: &mut HashMap<u16, char>, cid: Option<u32>, c: char| {
            if let Some(cid) = cid.and_then(|cid| u16::try_from(cid).ok()).filter(|cid| *cid > 0) {
                // One that the font has goes before one that it has not.
                let known = text.entry(cid).or_insert(c);
                if !japanese::has(*known) && japanese::has(c) {
                    *known = c;
                }
            }
        };
        if let Some(map) = load(CMapName::N90msRksjH) {
            for (code, c) in (0..=0xFFFF).filter_map(|code| Some((code, shift_jis(code)?))) {
                put(&mut text, map.lookup_cid_code(code, if code > 0xFF { 2 } else { 1 }), c);
            }
        }
        for name in [CMapName::UniJisUtf16H, CMapName::UniJisUcs2HwH, CMapName::UniJisUcs2H] {
            if let Some(map) = load(name) {
                unicode().for_each(|(code, length, c)| put(&mut text, map.lookup_cid_code(code, length), c));
            }
        }
        let mut upright: HashMap<u16, char> = HashMap::new();
        if let (Some(across), Some(down)) = (load(CMapName::UniJisUtf16H), load(CMapName::UniJisUtf16V)) {
            for (code, length, c) in unicode() {
                let (one, other) = (across.lookup_cid_code(code, length), down.lookup_cid_code(code, length));
                // Some are another character written across (an arrow, a line of a box); others are known by characters that
                // stand for the vertical form alone.
                let alone = |c: &char| matches!(c, '\u{FE10}'..='\u{FE1F}' | '\u{FE30}'..='\u{FE4F}');
                let form = |c: &char| alone(c) || !japanese::has(*c);
                if let (true, Some(Ok(cid))) = (one != other, other.map(u16::try_from))
                    && text.get(&cid).is_none_or(form)
                {
                    upright.entry(cid).or_insert(c);
                }
            }
        }
        for (cid, c) in &upright {
            text.insert(*cid, *c);
        }
        if let Some(rest) = load(CMapName::AdobeJapan1Ucs2) {
            for cid in 0..u32::from(CIDS) {
                match rest.lookup_bf_string(cid) {
                    Some(BfString::Char(c)) => put(&mut text, Some(cid), c),
                    // A character and the variation of its shape.
                    Some(BfString::String(s)) => {
                        s.chars().next().into_iter().for_each(|c| put(&mut text, Some(cid), c))
                    }
                    None => {}
                }
            }
        }
        Self { text, vertical: upright, forms: vertical::forms(JAPANESE).unwrap_or_default() }
    }

    fn text(&self, cid: u16) -> Option<char> {
        self.text.get(&cid).copied()
    }

    fn glyph(&self, cid: u16) -> Option<u16> {
        let glyph = GLYPHS.get(&u32::from(self.text(cid)?)).copied()?;
        let turned = self.vertical.contains_key(&cid).then(|| self.forms.get(&glyph)).flatten();
        Some(turned.copied().unwrap_or(glyph))
    }
}

fn load(name: CMapName<'_>) -> Option<CMap> {
    CMap::parse(load_embedded(name)?, load_embedded)
}

/// The character of one or two bytes of CP932.
fn shift_jis(code: u32) -> Option<char> {
    let bytes = code.to_be_bytes();
    let bytes = if code > 0xFF { bytes.get(2..)? } else { bytes.get(3..)? };
    let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut characters = text.chars();
    let only = characters.next().filter(|c| !c.is_control() && !matches!(c, '\u{E000}'..='\u{F8FF}'))?;
    characters.next().is_none().then_some(only)
}

/// Characters by their codes in UTF-16, those that stand for others last.
fn unicode() -> impl Iterator<Item = (u32, u8, char)> {
    let stands_in = |c: &u32| matches!(c, 0x2E80..=0x2FDF | 0xF900..=0xFAFF | 0x2F800..=0x2FA1F);
    let plain = (0x20..0x3_0000).filter(move |c| !stands_in(c));
    let others = (0x20..0x3_0000).filter(stands_in);
    plain.chain(others).filter_map(|code| {
        let c = char::from_u32(code)?;
        let mut units = [0; 2];
        Some(match c.encode_utf16(&mut units) {
            [one] => (u32::from(*one), 2, c),
            [high, low] => ((u32::from(*high) << 16) | u32::from(*low), 4, c),
            _ => return None,
        })
    })
}
