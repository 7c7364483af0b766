//! The grammar of a rebuilt mail (a strict subset of RFC 5322, 2045 and 1468): seven-bit lines ended by CRLF, fields of a list in their
//! order, one text, attachments in base64 whose name, media type and content agree.

mod fields;

use std::collections::BTreeSet;

use encoding_rs::{Encoding, ISO_2022_JP};

use super::{Check, Violation};
use crate::format::Format;
use crate::grammar::media;
use crate::names;

/// Begins a switch between sets.
const ESCAPE: u8 = 0x1b;
/// Characters of a line.
const LINE: usize = 998;
/// Columns of base64.
const COLUMNS: usize = 76;

/// Accepts a mail.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    check.step(bytes.len() as u64 / 2)?;
    let text = ascii_lines(bytes)?;
    let (head, body) = split(text)?;
    let mut fields = fields::read(head)?;
    fields::envelope(&mut fields)?;
    if fields.take("MIME-Version")? != ["1.0"] {
        return Err(Violation::new("MIME-Version", "not 1.0"));
    }
    let kind = fields.one("Content-Type")?;
    match kind.strip_prefix("multipart/mixed; boundary=\"").and_then(|rest| rest.strip_suffix('"')) {
        None => {
            text_part(&kind, &mut fields, body)?;
            fields.end()
        }
        Some(boundary) => {
            fields.end()?;
            parts(body, boundary, check)
        }
    }
}

/// The whole as text: printable ASCII (and what switches to Japanese, which only a text may hold) in lines of at most 998 characters, each ended by CRLF, none beginning with a dot.
fn ascii_lines(bytes: &[u8]) -> Result<&str, Violation> {
    let text = std::str::from_utf8(bytes).map_err(|_| Violation::new("", "not ASCII"))?;
    let body = text.strip_suffix("\r\n").ok_or_else(|| Violation::new("", "the last line has no end"))?;
    for (at, line) in body.split("\r\n").enumerate() {
        let printable = line.bytes().all(|byte| (0x20..0x7f).contains(&byte) || byte == ESCAPE);
        if !printable || line.len() > LINE || line.starts_with('.') || line.starts_with("From ") {
            return Err(Violation::new(
                format!("line {}", at + 1),
                "a line that a relay could change or take for its own",
            ));
        }
    }
    Ok(text)
}

/// The fields, and what follows the first empty line.
fn split(text: &str) -> Result<(&str, &str), Violation> {
    let (head, body) =
        text.split_once("\r\n\r\n").ok_or_else(|| Violation::new("", "no empty line after the fields"))?;
    if head.bytes().any(|byte| byte == ESCAPE) {
        return Err(Violation::new("fields", "not ASCII"));
    }
    Ok((head, body))
}

fn text_part(kind: &str, fields: &mut fields::Fields<'_>, content: &str) -> Result<(), Violation> {
    let text = match (kind, fields.one("Content-Transfer-Encoding")?.as_str()) {
        ("text/plain; charset=UTF-8", "base64") => {
            String::from_utf8(base64(content)?).map_err(|_| Violation::new("text", "not UTF-8"))?
        }
        ("text/plain; charset=ISO-2022-JP", "7bit") => jis(content)?,
        _ => return Err(Violation::new("text", "neither UTF-8 in base64 nor ISO-2022-JP in seven bits")),
    };
    let lines = text.strip_suffix("\r\n").ok_or_else(|| Violation::new("text", "the last line has no end"))?;
    let mut before = "";
    for line in lines.split("\r\n") {
        if line.chars().any(|c| c.is_control() && c != '\t' || names::is_bidi(c) || c == '\u{feff}') {
            return Err(Violation::new("text", "a control character"));
        }
        if begins_file(before) && is_data(line) {
            return Err(Violation::new("text", "a uuencoded file"));
        }
        before = line;
    }
    Ok(())
}

/// RFC 1468: ASCII and JIS X 0208; every line begins and ends in ASCII, and no space stands at its end.
fn jis(content: &str) -> Result<String, Violation> {
    let wrong = |why: &str| Violation::new("text", why);
    for line in content.split("\r\n") {
        let mut double = false;
        for (at, run) in line.split(char::from(ESCAPE)).enumerate() {
            let (next, run) = match run {
                run if at == 0 => (false, run),
                run if run.starts_with("$B") => (true, run.get(2..).unwrap_or_default()),
                run if run.starts_with("(B") => (false, run.get(2..).unwrap_or_default()),
                _ => return Err(wrong("a switch to another set")),
            };
            double = next;
            let pairs = run.as_bytes().chunks(2);
            if double && !pairs.clone().all(|pair| matches!(pair, [0x21..=0x28 | 0x30..=0x74, 0x21..=0x7e])) {
                return Err(wrong("not JIS X 0208"));
            }
        }
        if double || line.ends_with(' ') {
            return Err(wrong("the end of a line"));
        }
    }
    let text = ISO_2022_JP.decode_without_bom_handling_and_without_replacement(content.as_bytes());
    text.map(std::borrow::Cow::into_owned).ok_or_else(|| wrong("not ISO-2022-JP"))
}

/// `begin 644 name`
fn begins_file(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let begin = words.next().is_some_and(|word| word.eq_ignore_ascii_case("begin"));
    let mode = words
        .next()
        .is_some_and(|mode| matches!(mode.len(), 3 | 4) && mode.bytes().all(|b| b.is_ascii_digit() && b < b'8'));
    begin && mode && words.next().is_some() && line.get(..6).is_some_and(|start| start.ends_with(' '))
}

/// As many characters as the first one says.
fn is_data(line: &str) -> bool {
    let line = line.trim_end().as_bytes();
    let Some((first, data)) = line.split_first() else { return false };
    let quanta = usize::from(first.wrapping_sub(0x20) & 0x3f).div_ceil(3) * 4;
    line.iter().all(|byte| (0x20..=0x60).contains(byte))
        && (quanta.saturating_sub(3)..=quanta + 2).contains(&data.len())
}

/// Lines of 76 characters, the last at most that, each ended by CRLF.
fn base64(content: &str) -> Result<Vec<u8>, Violation> {
    let wrong = |why: &str| Violation::new("base64", why);
    let lines = content.strip_suffix("\r\n").ok_or_else(|| wrong("the last line has no end"))?;
    let mut text = String::with_capacity(content.len());
    let mut full = true;
    for line in lines.split("\r\n") {
        if !full || line.is_empty() || line.len() > COLUMNS {
            return Err(wrong("a line of another length"));
        }
        full = line.len() == COLUMNS;
        text.push_str(line);
    }
    super::base64::decode(text.as_bytes()).ok_or_else(|| wrong("not base64"))
}

/// The text and the attachments between delimiters, from the first byte to the last.
fn parts(body: &str, boundary: &str, check: &mut Check<'_>) -> Result<(), Violation> {
    let hash =
        boundary.strip_prefix("=_").is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    let wrong = |why: &str| Violation::new("parts", why);
    if !hash {
        return Err(wrong("another boundary"));
    }
    let delimiter = format!("\r\n--{boundary}");
    let start = body.strip_prefix(&format!("--{boundary}\r\n"));
    let mut rest = start.ok_or_else(|| wrong("something before the first part"))?;
    let (mut first, mut taken) = (true, BTreeSet::new());
    loop {
        let (part, after) = rest.split_once(&delimiter).ok_or_else(|| wrong("no end"))?;
        let (head, content) = split(part)?;
        let mut fields = fields::read(head)?;
        let kind = fields.one("Content-Type")?;
        if std::mem::take(&mut first) {
            text_part(&kind, &mut fields, content)?;
        } else {
            attachment(&kind, &mut fields, content, &mut taken, check)?;
        }
        fields.end()?;
        match after.strip_prefix("\r\n") {
            Some(next) => rest = next,
            None if after == "--\r\n" => return Ok(()),
            None => return Err(wrong("something after the last part")),
        }
    }
}

fn attachment(
    kind: &str,
    fields: &mut fields::Fields<'_>,
    content: &str,
    taken: &mut BTreeSet<String>,
    check: &mut Check<'_>,
) -> Result<(), Violation> {
    let mail = kind == "message/rfc822";
    if !mail && fields.one("Content-Transfer-Encoding")? != "base64" {
        return Err(Violation::new(kind, "not in base64"));
    }
    let name = fields::file_name(&fields.one("Content-Disposition")?)?;
    let format = Format::of_written_extension(&names::extension(&name));
    let (kind, charset) = kind.split_once("; charset=").map_or((kind, None), |(kind, charset)| (kind, Some(charset)));
    let text = matches!(format, Some(Format::Txt | Format::Csv | Format::Tsv));
    let known = |charset: &str| Encoding::for_label(charset.as_bytes()).is_some_and(|known| known.name() == charset);
    if charset.is_some_and(|charset| !text || !known(charset)) {
        return Err(Violation::new(name, "a charset that does not belong here"));
    }
    if format.map(media::of) != Some(kind) {
        return Err(Violation::new(name, "its name and its media type do not agree"));
    }
    if !taken.insert(name.to_lowercase()) {
        return Err(Violation::new(name, "two attachments of one name"));
    }
    let bytes = if mail { content.as_bytes().to_vec() } else { base64(content)? };
    check.member(&name, &bytes)
}
