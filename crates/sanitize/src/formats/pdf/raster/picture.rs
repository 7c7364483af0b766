//! Pages that are in the image grade already: one picture and text that is not shown. They stay as they are, so that a scan
//! keeps its own resolution and a second pass changes nothing.

use std::collections::HashSet;

use super::super::lex::{Lexer, Token};
use super::super::object::{Dict, Object, Objects, Value};

/// What the content of such a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picture {
    /// Text that the page does not show.
    pub(super) text: bool,
}

/// Operators that place a picture, or text.
const OPERATORS: &str = "q Q cm Do BT ET Tf Tr Td TD Tm T* Tj TJ Tc Tw Tz TL Ts ' \"";

/// Whether a page is in the grade already.
pub(super) fn picture(page: &Dict, objects: &Objects) -> Option<Picture> {
    if page.get("Annots").is_some() {
        return None;
    }
    let Some(Value::Ref(number)) = page.get("Contents") else { return None };
    let Some(Object::Stream(dict, data)) = objects.get(*number) else { return None };
    let content = match dict.get("Filter") {
        None => data.clone(),
        Some(_) => miniz_oxide::inflate::decompress_to_vec_zlib(data).ok()?,
    };
    let known: HashSet<&[u8]> = OPERATORS.split(' ').map(str::as_bytes).collect();
    let (mut drawn, mut text) = (0, false);
    let mut operands: Vec<Value> = Vec::new();
    // The mode in which text is shown, saved and restored with the rest of the state.
    let mut modes = vec![0_u8];
    let mut lexer = Lexer::new(&content);
    while let Some(token) = lexer.next() {
        let word = match token {
            Token::Value(value) => {
                operands.push(value);
                continue;
            }
            Token::Brace(_) => return None,
            Token::Word(word) => word,
        };
        known.contains(word.as_slice()).then_some(())?;
        match (word.as_slice(), operands.as_slice()) {
            (b"q", _) => modes.push(modes.last().copied()?),
            (b"Q", _) => drop(modes.pop()),
            (b"Tr", [Value::Number(mode)]) => *modes.last_mut()? = u8::from(mode == "3") * 3,
            (b"Tj" | b"TJ" | b"'" | b"\"", _) => {
                text = true;
                (*modes.last()? == 3).then_some(())?;
            }
            (b"Do", [Value::Name(name)]) => {
                is_image(name, page, objects).then_some(())?;
                drawn += 1;
            }
            _ => {}
        }
        operands.clear();
    }
    (drawn == 1).then_some(Picture { text })
}

/// Whether a name is that of a picture that stands alone.
fn is_image(name: &[u8], page: &Dict, objects: &Objects) -> bool {
    let named = || {
        let resources = dict(page.get("Resources")?, objects)?;
        let xobjects = dict(resources.get("XObject")?, objects)?;
        let (_, value) = xobjects.0.iter().find(|(key, _)| key == name)?;
        let Value::Ref(number) = value else { return None };
        let Some(Object::Stream(dict, _)) = objects.get(*number) else { return None };
        let alone = ["Mask", "SMask", "ImageMask", "OC"].iter().all(|key| dict.get(key).is_none());
        Some(alone && dict.get("Subtype") == Some(&Value::name("Image")))
    };
    named().unwrap_or(false)
}

/// The dictionary that a value is or leads to.
pub(super) fn dict<'o>(value: &'o Value, objects: &'o Objects) -> Option<&'o Dict> {
    match value {
        Value::Dict(dict) => Some(dict),
        Value::Ref(number) => match objects.get(*number)? {
            Object::Value(Value::Dict(dict)) => Some(dict),
            _ => None,
        },
        _ => None,
    }
}
