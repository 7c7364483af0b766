//! The structure of a mail (RFC 2045, 2046), parsed in one way: the first of several headers counts, a delimiter is a whole
//! line, a parent's delimiter ends its children.

use std::borrow::Cow;

use super::header::{self, Field, Lines};
use super::params::{self, Value};
use super::transfer;
use crate::report::Findings;
use crate::words::{ReasonCode, What};
use crate::work::{Stop, Work};

/// Characters of a boundary.
const BOUNDARY: usize = 200;
/// Bytes of a preamble that are taken for the usual words to old mailers.
const PREAMBLE: usize = 300;

/// One entity: a leaf with its decoded content, or a multipart with its parts.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) fields: Vec<Field>,
    pub(super) kind: Value,
    pub(super) disposition: Value,
    pub(super) content: Vec<u8>,
    pub(super) children: Vec<Part>,
}

impl Part {
    /// The name that the part gives for itself.
    pub(super) fn name(&self) -> Option<&str> {
        let given = self.disposition.param("filename").or_else(|| self.kind.param("name"));
        given.map(str::trim).filter(|name| !name.is_empty())
    }

    /// The content id, without its brackets.
    pub(super) fn id(&self) -> Option<String> {
        let field = self.fields.iter().find(|field| field.name == "content-id")?;
        let id = field.text(None);
        Some(id.trim_start_matches('<').trim_end_matches('>').to_owned())
    }
}

/// Parses a whole mail.
pub(super) fn parse(bytes: &[u8], work: &mut Work<'_>, findings: &mut Findings) -> Result<Part, Stop> {
    entity(bytes, "text/plain", 0, work, findings)
}

fn entity(
    bytes: &[u8],
    default: &str,
    depth: usize,
    work: &mut Work<'_>,
    findings: &mut Findings,
) -> Result<Part, Stop> {
    work.budget.nesting(depth)?;
    work.budget.members(1)?;
    work.budget.step(20 + bytes.len() as u64 / 16)?;
    let (fields, body) = header::split(bytes);
    work.budget.attributes(fields.len())?;
    let mut first = |name: &str| {
        let mut same = fields.iter().filter(|field| field.name == name);
        let value = same.next().map(|field| field.text(None));
        if same.next().is_some() {
            findings.removed(What::Header, name);
        }
        value
    };
    let (kind, encoding) = (first("content-type"), first("content-transfer-encoding"));
    let disposition = params::parse(&first("content-disposition").unwrap_or_default());
    let mut kind = params::parse(kind.as_deref().unwrap_or(default));
    if kind.ambiguous || disposition.ambiguous {
        findings.removed(What::Header, "content-type");
    }
    if !kind.main.contains('/') {
        kind.main = default.to_owned();
    }
    let encoding = encoding.unwrap_or_default().to_ascii_lowercase();
    let decode = match encoding.split([' ', ';', '(']).next().unwrap_or_default() {
        "base64" => Some(transfer::base64 as fn(&[u8]) -> Vec<u8>),
        "quoted-printable" => Some(transfer::quoted_printable as fn(&[u8]) -> Vec<u8>),
        "x-uuencode" | "x-uue" | "uuencode" | "uue" => Some(uudecoded as fn(&[u8]) -> Vec<u8>),
        _ => None,
    };
    let multipart = kind.family() == "multipart";
    let content = if multipart && decode.is_none() {
        Cow::Borrowed(body)
    } else {
        work.budget.decode(body.len())?;
        Cow::Owned(decode.map_or_else(|| body.to_vec(), |decode| decode(body)))
    };
    if !multipart {
        return Ok(Part { fields, kind, disposition, content: content.into_owned(), children: Vec::new() });
    }
    let below = if kind.main == "multipart/digest" { "message/rfc822" } else { "text/plain" };
    let mut children = Vec::new();
    for child in parts(&content, &kind, findings)? {
        children.push(entity(child, below, depth + 1, work, findings)?);
    }
    Ok(Part { fields, kind, disposition, content: Vec::new(), children })
}

fn uudecoded(body: &[u8]) -> Vec<u8> {
    let text: String = body.iter().map(|byte| char::from(*byte)).collect::<String>().replace("\r\n", "\n");
    let (_, mut files) = transfer::take_uuencoded(&text);
    if files.is_empty() { body.to_vec() } else { files.swap_remove(0).bytes }
}

/// The slices between the delimiters.
fn parts<'a>(content: &'a [u8], kind: &Value, findings: &mut Findings) -> Result<Vec<&'a [u8]>, Stop> {
    let broken = || Stop::refused(ReasonCode::BrokenMail);
    let boundary = kind.param("boundary").map(str::trim_end).filter(|b| !b.is_empty() && b.len() <= BOUNDARY);
    let boundary = boundary.ok_or_else(broken)?.as_bytes();
    let (mut found, mut open, mut closed) = (Vec::new(), None, None);
    for line in Lines::new(content) {
        let Some(rest) = line.text.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary)) else { continue };
        let rest = rest.trim_ascii_end();
        if !matches!(rest, b"" | b"--") {
            continue;
        }
        match open.replace(line.next) {
            Some(start) => found.push(content.get(start..before(content, start, line.start)).unwrap_or_default()),
            None => preamble(content.get(..line.start).unwrap_or_default(), findings),
        }
        if rest == b"--" {
            (open, closed) = (None, Some(line.next));
            break;
        }
    }
    if let Some(start) = open {
        found.push(content.get(start..).unwrap_or_default());
    }
    let epilogue = closed.and_then(|end| content.get(end..)).unwrap_or_default();
    if !epilogue.trim_ascii().is_empty() {
        findings.removed_bytes(What::TrailingData, "epilogue", epilogue);
    }
    if found.is_empty() { Err(broken()) } else { Ok(found) }
}

/// The line end before a delimiter belongs to the delimiter.
fn before(content: &[u8], start: usize, end: usize) -> usize {
    let body = content.get(start..end).unwrap_or_default();
    let without = body.strip_suffix(b"\n").map(|body| body.strip_suffix(b"\r").unwrap_or(body));
    start + without.or_else(|| body.strip_suffix(b"\r")).unwrap_or(body).len()
}

fn preamble(text: &[u8], findings: &mut Findings) {
    if text.trim_ascii().len() > PREAMBLE {
        findings.removed_bytes(What::TrailingData, "preamble", text);
    }
}
