//! The grammar of rebuilt web pages: a fixed frame, then elements of the allow-list, each with its end tag, attributes in
//! double quotes, and characters that are written as references where they could be taken for anything else.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};

use super::{Check, Violation};
use crate::format::Format;
use crate::grammar::html::{FUNCTIONS, HTML, Kind, PROPERTIES, VOID, kind};
use crate::names;

/// Elements in elements.
const DEPTH: usize = 220;
/// Pictures and what each says of its type.
const PICTURES: &[(&str, Format)] = &[
    ("data:image/png;base64,", Format::Png),
    ("data:image/jpeg;base64,", Format::Jpeg),
    ("data:image/gif;base64,", Format::Gif),
    ("data:image/webp;base64,", Format::Webp),
    ("data:image/bmp;base64,", Format::Bmp),
];

/// Accepts a page.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    check.step(bytes.len() as u64)?;
    let text = decoded(bytes)?;
    let mut walker = Walker { text: &text, at: 0, check };
    walker.frame()
}

/// The page in the charset that its frame names.
fn decoded(bytes: &[u8]) -> Result<String, Violation> {
    let head = bytes.get(..300.min(bytes.len())).unwrap_or_default();
    let says = |encoding: &&&'static Encoding| {
        let meta = format!("<meta charset=\"{}\">", encoding.name());
        head.windows(meta.len()).any(|window| window == meta.as_bytes())
    };
    let wrong = || Violation::new("", "not in the one charset that it names");
    let encoding = [UTF_8, SHIFT_JIS, EUC_JP].iter().find(says).copied().ok_or_else(wrong)?;
    if Encoding::for_bom(bytes).is_some() || bytes.contains(&0x1b) {
        return Err(wrong());
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(wrong)?;
    match text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n')) {
        true => Ok(text.into_owned()),
        false => Err(Violation::new("", "a control character")),
    }
}

struct Walker<'a, 'c, 'p> {
    text: &'a str,
    at: usize,
    check: &'c mut Check<'p>,
}

impl<'a> Walker<'a, '_, '_> {
    fn wrong<T>(&self, why: impl Into<String>) -> Result<T, Violation> {
        Err(Violation::new(format!("byte {}", self.at), why))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, literal: &str) -> bool {
        let there = self.rest().starts_with(literal);
        self.at += if there { literal.len() } else { 0 };
        there
    }

    fn need(&mut self, literal: &str) -> Result<(), Violation> {
        if self.eat(literal) { Ok(()) } else { self.wrong(format!("{literal} is missing")) }
    }

    /// Everything up to `end`, which is eaten too.
    fn until(&mut self, end: &str) -> Result<&'a str, Violation> {
        let Some(length) = self.rest().find(end) else { return self.wrong(format!("{end} is missing")) };
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += length + end.len();
        Ok(taken)
    }

    fn frame(&mut self) -> Result<(), Violation> {
        self.need("<!DOCTYPE html>\n<html")?;
        if self.eat(" lang=\"") {
            let lang = self.until("\"")?;
            self.value("lang", lang)?;
        }
        self.need(">\n<head>\n<meta charset=\"")?;
        self.until("\">\n")?;
        if self.eat("<title>") {
            let title = self.until("</title>\n")?;
            self.characters(title)?;
        }
        if self.eat("<style>\n") {
            let rules = self.until("\n</style>\n")?;
            rules.lines().try_for_each(|rule| self.rule(rule))?;
        }
        self.need("</head>\n<body")?;
        self.attributes("body")?;
        self.content()?;
        self.need("</body>\n</html>\n")?;
        if self.rest().is_empty() { Ok(()) } else { self.wrong("something after the end") }
    }

    fn content(&mut self) -> Result<(), Violation> {
        let mut open: Vec<&'static str> = Vec::new();
        loop {
            self.check.step(1)?;
            let length = self.rest().find('<').unwrap_or(self.rest().len());
            let text = self.rest().get(..length).unwrap_or_default();
            self.characters(text)?;
            self.at += length;
            if open.is_empty() && self.rest().starts_with("</body>") {
                return Ok(());
            }
            if self.eat("</") {
                let name = self.until(">")?;
                if open.pop() != Some(name) {
                    return self.wrong(format!("the end of {name} is not the end of what is open"));
                }
                continue;
            }
            self.need("<")?;
            let length = self.rest().find([' ', '>']).unwrap_or(0);
            let name = self.rest().get(..length).unwrap_or_default();
            let Some(name) = HTML.element(name).filter(|name| *name != "body") else {
                return self.wrong(format!("{name} is not in the grammar"));
            };
            self.at += length;
            self.attributes(name)?;
            if !VOID.contains(&name) {
                open.push(name);
                if open.len() > DEPTH {
                    return self.wrong("nested too deeply");
                }
            }
        }
    }

    /// ` name="value"` any number of times, then `>`.
    fn attributes(&mut self, element: &str) -> Result<(), Violation> {
        let mut seen: Vec<&str> = Vec::new();
        while self.eat(" ") {
            let name = self.until("=\"")?;
            let Some(name) = HTML.attribute(element, name).filter(|name| !seen.contains(name)) else {
                return self.wrong(format!("{element} has no attribute {name} (again)"));
            };
            seen.push(name);
            let value = self.until("\"")?;
            self.value(name, value)?;
        }
        self.need(">")
    }

    /// Text in which `&` begins one of five references and `<`, `>`, `"` do not stand.
    fn characters(&self, text: &str) -> Result<String, Violation> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"']) {
            let (before, special) = rest.split_at(at);
            out.push_str(before);
            let Some((name, after)) = special.strip_prefix('&').and_then(|special| special.split_once(';')) else {
                return self.wrong("a character that is no reference");
            };
            let number = || name.strip_prefix('#').and_then(|digits| digits.parse().ok()).and_then(char::from_u32);
            let referred = match name {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                _ => number().filter(|c| !c.is_control() && !c.is_ascii()),
            };
            let Some(referred) = referred else { return self.wrong(format!("the reference {name}")) };
            out.push(referred);
            rest = after;
        }
        out.push_str(rest);
        match out.chars().any(names::is_bidi) {
            true => self.wrong("a character that turns the direction of writing"),
            false => Ok(out),
        }
    }

    fn value(&mut self, name: &str, raw: &str) -> Result<(), Violation> {
        let value = self.characters(raw)?;
        let all = |fits: fn(char) -> bool| !value.is_empty() && value.chars().all(fits);
        let right = match kind(name) {
            Kind::Text => true,
            Kind::Names if name == "dir" => matches!(value.as_str(), "ltr" | "rtl"),
            Kind::Names => all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | ' ')),
            Kind::Number => all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '%')),
            Kind::Colour => {
                all(|c| c.is_ascii_alphanumeric() || c == '#') && !value.eq_ignore_ascii_case("transparent")
            }
            Kind::Style => style(&value),
            Kind::Link => match value.strip_prefix('#') {
                Some(place) => place.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | ' ')),
                None => self.check.policy.allows_link(&value),
            },
            Kind::Picture => return self.picture(&value),
        };
        if right { Ok(()) } else { self.wrong(format!("the value of {name}")) }
    }

    fn picture(&mut self, value: &str) -> Result<(), Violation> {
        for (start, format) in PICTURES {
            if let Some(data) = value.strip_prefix(start) {
                let Some(bytes) = super::base64::decode(data.as_bytes()) else { return self.wrong("base64") };
                return self.check.verify(&bytes, *format);
            }
        }
        self.wrong("a picture that is not in the page")
    }

    /// `selector,selector{property:value;…}`
    fn rule(&self, rule: &str) -> Result<(), Violation> {
        let parts = rule.strip_suffix('}').and_then(|rule| rule.split_once('{'));
        let selector =
            |c: char| c.is_alphanumeric() || matches!(c, '.' | '#' | '-' | '_' | ' ' | '>' | '+' | '*' | ':' | ',');
        let right = parts.is_some_and(|(head, body)| !head.is_empty() && head.chars().all(selector) && style(body));
        if right { Ok(()) } else { self.wrong("a style rule") }
    }
}

/// Declarations of listed properties; values of words, numbers that are not negative, colours, and names in quotes.
fn style(text: &str) -> bool {
    text.split(';').all(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else { return false };
        let sized = property.starts_with("font") || property == "line-height";
        PROPERTIES.contains(&property) && !value.is_empty() && values(value, sized) && !clear(property, value)
    })
}

fn clear(property: &str, value: &str) -> bool {
    property == "color" && value.to_ascii_lowercase().contains("transparent")
}

fn values(value: &str, sized: bool) -> bool {
    // Strings hold names of fonts only: letters, digits, spaces, `-`, `_`, `.`.
    let mut outside = String::new();
    for (at, part) in value.split(['"', '\'']).enumerate() {
        if at % 2 == 0 {
            outside.push_str(part);
            outside.push(' ');
        } else if part.contains(|c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'))) {
            return false;
        }
    }
    if value.matches(['"', '\'']).count() % 2 == 1 {
        return false;
    }
    while let Some(open) = outside.find('(') {
        let name_at = outside.get(..open).and_then(|head| head.rfind(|c: char| !c.is_ascii_alphanumeric()));
        let name = outside.get(name_at.map_or(0, |at| at + 1)..open).unwrap_or_default();
        let Some(length) = outside.get(open..).and_then(|tail| tail.find(')')) else { return false };
        let inside = outside.get(open + 1..open + length).unwrap_or_default();
        let numbers = inside.split([',', ' ']).filter(|part| !part.is_empty()).count() == 3;
        let digits = inside.chars().all(|c| matches!(c, '0'..='9' | '.' | '%' | ',' | ' '));
        if !FUNCTIONS.contains(&name) || !numbers || !digits {
            return false;
        }
        outside.replace_range(open..=open + length, " ");
    }
    outside.split([' ', ',', '/']).all(|word| {
        let number: String = word.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-')).collect();
        let number: Option<f64> = number.parse().ok();
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '#' | '!' | '%' | '.' | '+' | '-' | '_');
        word.chars().all(fits)
            && !word.starts_with('-')
            && number.is_none_or(|number| number >= 0.0 && (!sized || number >= 0.5))
    })
}
