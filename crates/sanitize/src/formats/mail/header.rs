//! Header fields (RFC 5322, section 2.2): where they end is decided once, here.

use super::words;
use crate::formats::charset;

/// One field: its name in lower case, its value unfolded, in the bytes it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
}

impl Field {
    /// The value as text: bytes of eight bits and escape sequences decoded, encoded words left alone.
    pub(super) fn text(&self, label: Option<&str>) -> String {
        let text = match std::str::from_utf8(&self.value) {
            Ok(text) if !self.value.contains(&0x1b) => text.to_owned(),
            _ => charset::decode(&words::escape(&self.value), label).text,
        };
        text.trim().to_owned()
    }
}

/// Lines with the place where the next begins. CRLF, LF and CR all end a line: whoever takes only one of them for a line end
/// must not see another mail than we do.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
}

/// A line without its end, where it begins, and where the next one does.
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    pub(super) start: usize,
    pub(super) next: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.at;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
        let (text, end) = rest.split_at(length);
        let ending = if end.starts_with(b"\r\n") { 2 } else { end.len().min(1) };
        self.at = start + length + ending;
        Some(Line { text, start, next: self.at })
    }
}

/// Splits an entity into its fields and its body. The fields end at the first empty line, or at the first line that is no
/// field: that one belongs to the body.
pub(super) fn split(bytes: &[u8]) -> (Vec<Field>, &[u8]) {
    let mut fields: Vec<Field> = Vec::new();
    let mut body = bytes.len();
    for line in Lines::new(bytes) {
        if line.text.is_empty() {
            body = line.next;
            break;
        }
        let folded = line.text.starts_with(b" ") || line.text.starts_with(b"\t");
        if let Some(last) = fields.last_mut().filter(|_| folded) {
            last.value.extend_from_slice(line.text);
            continue;
        }
        if line.start == 0 && (line.text.starts_with(b"From ") || line.text.starts_with(b">From ")) {
            continue; // mbox
        }
        let Some(field) = field(line.text) else {
            body = line.start;
            break;
        };
        fields.push(field);
    }
    (fields, bytes.get(body..).unwrap_or_default())
}

fn field(line: &[u8]) -> Option<Field> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let name = name.trim_ascii_end();
    let right = !name.is_empty() && name.len() <= 100 && name.iter().all(|byte| (33..127).contains(byte));
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    right.then(|| Field { name, value: value.get(1..).unwrap_or_default().to_vec() })
}

/// Whether a file begins as a mail does: header fields, two of them fields that every mail has.
pub(crate) fn is_mail(bytes: &[u8], named_so: bool) -> bool {
    const KNOWN: &[&str] =
        &["from", "to", "subject", "date", "message-id", "mime-version", "received", "return-path", "content-type"];
    const HEAD: usize = 64 << 10;
    let (fields, body) = split(bytes.get(..HEAD.min(bytes.len())).unwrap_or_default());
    let mut known: Vec<&str> =
        fields.iter().map(|field| field.name.as_str()).filter(|name| KNOWN.contains(name)).collect();
    known.sort_unstable();
    known.dedup();
    let ended = body.is_empty() || bytes.len() > HEAD || {
        let before = bytes.len() - body.len();
        before == 0 || bytes.get(..before).is_some_and(|head| head.ends_with(b"\n") || head.ends_with(b"\r"))
    };
    ended && (known.len() >= 2 || named_so && !known.is_empty())
}
