//! Header fields: each once, in one order, each item on its line.

use crate::names;
use crate::verify::Violation;

/// The fields in the order in which they stand.
const ORDER: &[&str] = &[
    "Date",
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Importance",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
];

/// Fields that are not judged yet.
pub(super) struct Fields<'a> {
    left: Vec<(&'a str, Vec<&'a str>)>,
}

/// Reads fields whose items stand on lines of their own, folded with one space.
pub(super) fn read(head: &str) -> Result<Fields<'_>, Violation> {
    let mut left: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in head.split("\r\n") {
        if let Some(item) = line.strip_prefix(' ') {
            let folded = left.last_mut().filter(|_| !item.is_empty() && !item.starts_with(' '));
            folded.ok_or_else(|| Violation::new("fields", "a folded line"))?.1.push(item);
            continue;
        }
        let (name, item) = line.split_once(": ").ok_or_else(|| Violation::new("fields", "a line that is no field"))?;
        let place = |name: &str| ORDER.iter().position(|known| *known == name);
        let after = left.last().is_none_or(|(last, _)| place(last) < place(name));
        if place(name).is_none() || !after || item.is_empty() {
            return Err(Violation::new(name, "not a field that may stand here"));
        }
        left.push((name, vec![item]));
    }
    Ok(Fields { left })
}

impl<'a> Fields<'a> {
    /// Takes the items of a field, which may be absent.
    fn optional(&mut self, name: &str) -> Vec<&'a str> {
        let at = self.left.iter().position(|(known, _)| *known == name);
        at.map(|at| self.left.remove(at).1).unwrap_or_default()
    }

    /// Takes the items of a field.
    pub(super) fn take(&mut self, name: &str) -> Result<Vec<&'a str>, Violation> {
        let items = self.optional(name);
        if items.is_empty() { Err(Violation::new(name, "missing")) } else { Ok(items) }
    }

    /// Takes a field of one item.
    pub(super) fn one(&mut self, name: &str) -> Result<String, Violation> {
        match self.take(name)?.as_slice() {
            [item] => Ok((*item).to_owned()),
            _ => Err(Violation::new(name, "folded")),
        }
    }

    /// Nothing is left.
    pub(super) fn end(self) -> Result<(), Violation> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => Err(Violation::new(*name, "not a field that may stand here")),
        }
    }
}

/// Judges the fields of a mail before `MIME-Version`.
pub(super) fn envelope(fields: &mut Fields<'_>) -> Result<(), Violation> {
    let date = fields.optional("Date");
    if !date.iter().all(|date| is_date(date)) || date.len() > 1 {
        return Err(Violation::new("Date", "not a date"));
    }
    let from = fields.take("From")?;
    addresses("From", &from, false)?;
    addresses("Sender", &fields.optional("Sender"), true)?;
    for name in ["Reply-To", "To", "Cc"] {
        addresses(name, &fields.optional(name), true)?;
    }
    phrase("Subject", &fields.optional("Subject"), false)?;
    if fields.left.iter().any(|(name, items)| *name == "Message-ID" && items.len() != 1) {
        return Err(Violation::new("Message-ID", "more than one"));
    }
    for name in ["Message-ID", "In-Reply-To", "References"] {
        let id = |item: &&str| {
            let inside = item.strip_prefix('<').and_then(|item| item.strip_suffix('>'));
            inside.is_some_and(|id| {
                id.contains('@') && id.bytes().all(|b| b.is_ascii_graphic() && !b"<>()\"\\,;".contains(&b))
            })
        };
        if !fields.optional(name).iter().all(id) {
            return Err(Violation::new(name, "not an id"));
        }
    }
    let words = [
        ("Importance", ["high", "low", "low"]),
        ("Auto-Submitted", ["auto-generated", "auto-replied", "auto-notified"]),
    ];
    for (name, known) in words {
        let items = fields.optional(name);
        if items.len() > 1 || !items.iter().all(|item| known.contains(item)) {
            return Err(Violation::new(name, "another word"));
        }
    }
    Ok(())
}

/// `Mon, 30 Nov 2026 17:14:50 +0900`
fn is_date(text: &str) -> bool {
    let shape = "Aaa, 00 Aaa 0000 00:00:00 +0000";
    text.len() == shape.len()
        && text.chars().zip(shape.chars()).all(|(c, form)| match form {
            'A' => c.is_ascii_uppercase(),
            'a' => c.is_ascii_lowercase(),
            '0' => c.is_ascii_digit(),
            '+' => matches!(c, '+' | '-'),
            other => c == other,
        })
}

/// Names and addresses: before each address at most one name, commas between them.
fn addresses(field: &str, items: &[&str], groups: bool) -> Result<(), Violation> {
    let wrong = |why: &str| Violation::new(field, why);
    let mut name: Vec<&str> = Vec::new();
    let mut open = false;
    for (at, item) in items.iter().enumerate() {
        let last = at + 1 == items.len();
        let ends = item.starts_with('<') || item.starts_with(":;");
        if !ends {
            name.push(item);
            open = true;
            continue;
        }
        let bare = item.strip_suffix(',').unwrap_or(item);
        if last == item.ends_with(',') {
            return Err(wrong("commas"));
        }
        if !name.is_empty() {
            phrase(field, &name, true)?;
        }
        let right = match bare {
            ":;" => groups && !name.is_empty(),
            _ => bare.strip_prefix('<').and_then(|bare| bare.strip_suffix('>')).is_some_and(is_address),
        };
        if !right {
            return Err(wrong("not an address"));
        }
        name.clear();
        open = false;
    }
    if open { Err(wrong("a name without an address")) } else { Ok(()) }
}

/// `local@domain` in ASCII; a local part that is no dot-atom stands in quotes.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    let dotted = local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom));
    let quoted = local.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')).is_some_and(is_quoted);
    let host = domain.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')).unwrap_or(domain);
    let named = host
        .split('.')
        .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    (dotted || quoted) && named
}

/// What stands in quotes: a backslash before each quote and backslash, and nowhere else.
fn is_quoted(inside: &str) -> bool {
    let mut bytes = inside.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return false,
            b'\\' if !matches!(bytes.next(), Some(b'"' | b'\\')) => return false,
            _ => {}
        }
    }
    true
}

/// One plain or quoted item, or encoded words in UTF-8; nothing in it that deceives.
fn phrase(field: &str, items: &[&str], quoted: bool) -> Result<(), Violation> {
    let wrong = |why: &str| Violation::new(field, why);
    let mut text = String::new();
    for item in items {
        let word = item.strip_prefix("=?UTF-8?B?").and_then(|word| word.strip_suffix("?="));
        if let Some(word) = word {
            let bytes = super::super::base64::decode(word.as_bytes()).ok_or_else(|| wrong("base64"))?;
            text.push_str(&String::from_utf8(bytes).map_err(|_| wrong("not UTF-8"))?);
            continue;
        }
        let inside = if quoted {
            item.strip_prefix('"').and_then(|item| item.strip_suffix('"')).filter(|item| is_quoted(item))
        } else {
            Some(*item)
        };
        let plain = inside.ok_or_else(|| wrong("neither in quotes nor encoded"))?;
        if items.len() > 1 || plain.contains("=?") {
            return Err(wrong("plain and encoded words mixed"));
        }
        text.push_str(plain);
    }
    let fits = |c: char| !c.is_control() && !names::is_deceiving(c);
    if text.chars().all(fits) { Ok(()) } else { Err(wrong("a character that deceives")) }
}

/// The name in `attachment; filename="…"` or `attachment; filename*=UTF-8''…`.
pub(super) fn file_name(disposition: &str) -> Result<String, Violation> {
    let wrong = || Violation::new("Content-Disposition", "not an attachment's name");
    let given = disposition.strip_prefix("attachment; filename").ok_or_else(wrong)?;
    if let Some(plain) = given.strip_prefix("=\"").and_then(|plain| plain.strip_suffix('"')) {
        let right = !plain.is_empty() && !plain.contains(['"', '\\', '%', ';']);
        return right.then(|| plain.to_owned()).ok_or_else(wrong);
    }
    let mut bytes = Vec::new();
    let mut rest = given.strip_prefix("*=UTF-8''").ok_or_else(wrong)?.bytes();
    while let Some(byte) = rest.next() {
        let digit =
            |byte: Option<u8>| byte.map(char::from).filter(|c| !c.is_ascii_lowercase()).and_then(|c| c.to_digit(16));
        match byte {
            b'%' => {
                let (high, low) = (digit(rest.next()).ok_or_else(wrong)?, digit(rest.next()).ok_or_else(wrong)?);
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
            }
            b if b.is_ascii_alphanumeric() || b"._-".contains(&b) => bytes.push(b),
            _ => return Err(wrong()),
        }
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty()).ok_or_else(wrong)
}
