//! From the model to a mail: seven bits, lines of CRLF, one text part, attachments in base64. The text is UTF-8 in base64, or
//! stays in ISO-2022-JP where it came so and every reader and relay leaves it as it is. Nothing depends on how a relay treats
//! bare line ends, dots at a line's beginning, `From `, spaces at its end or bytes of eight bits.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::address::Entry;
use super::model::{Attachment, Mail};
use crate::format::Format;
use crate::formats::charset;
use crate::grammar::media;

/// Bytes of one encoded word's text: with the longest field name, a line stays below 78 characters.
const WORD: usize = 36;
/// Characters of a text that is written as it is.
const PLAIN: usize = 60;
/// Bytes of a line.
const LINE: usize = 998;
/// Columns of base64.
const COLUMNS: usize = 76;

/// Writes a mail.
pub(super) fn mail(mail: &Mail) -> Vec<u8> {
    let mut out = String::new();
    field(&mut out, "Date", mail.date.as_slice());
    addresses(&mut out, "From", &mail.from);
    addresses(&mut out, "Sender", &mail.sender);
    addresses(&mut out, "Reply-To", &mail.reply_to);
    addresses(&mut out, "To", &mail.to);
    addresses(&mut out, "Cc", &mail.cc);
    let subject = if mail.subject.is_empty() { Vec::new() } else { text(&mail.subject, false) };
    field(&mut out, "Subject", &subject);
    let ids = |ids: &[String]| ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>();
    field(&mut out, "Message-ID", &ids(mail.message_id.as_slice()));
    field(&mut out, "In-Reply-To", &ids(&mail.in_reply_to));
    field(&mut out, "References", &ids(&mail.references));
    let word = |word: Option<&str>| word.map(str::to_owned).into_iter().collect::<Vec<_>>();
    field(&mut out, "Importance", &word(mail.importance));
    field(&mut out, "Auto-Submitted", &word(mail.auto_submitted));
    out.push_str("MIME-Version: 1.0\r\n");
    let first = body(mail);
    if mail.attachments.is_empty() {
        out.push_str(&first);
        return out.into_bytes();
    }
    let parts: Vec<String> = std::iter::once(first).chain(mail.attachments.iter().map(part)).collect();
    // No text of ours holds its own hash, so that the boundary is in no part.
    let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
    let boundary = hash.iter().take(16).fold(String::from("=_"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let _ = write!(out, "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n");
    for part in parts {
        let _ = write!(out, "--{boundary}\r\n{part}\r\n");
    }
    let _ = write!(out, "--{boundary}--\r\n");
    out.into_bytes()
}

/// The text with its fields.
fn body(mail: &Mail) -> String {
    let text = mail.text.replace('\n', "\r\n");
    let bytes = if mail.jis { charset::to_jis(&text) } else { None };
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| text.split("\r\n").all(passes)) {
        Some(jis) => {
            format!("Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{jis}")
        }
        None => format!(
            "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
            columns(text.as_bytes())
        ),
    }
}

/// A line that no relay changes.
fn passes(line: &str) -> bool {
    line.len() <= LINE && !line.starts_with('.') && !line.starts_with("From ") && !line.ends_with([' ', '\t'])
}

/// A field whose items stand on lines of their own; none when there are no items.
fn field(out: &mut String, name: &str, items: &[String]) {
    if !items.is_empty() {
        let _ = write!(out, "{name}: {}\r\n", items.join("\r\n "));
    }
}

fn addresses(out: &mut String, name: &str, entries: &[Entry]) {
    let mut items: Vec<String> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let comma = if at + 1 < entries.len() { "," } else { "" };
        match entry {
            Entry::Mailbox(mailbox) => {
                if !mailbox.display.is_empty() {
                    items.extend(text(&mailbox.display, true));
                }
                items.push(format!("<{}>{comma}", mailbox.address()));
            }
            Entry::Name(name) => {
                items.extend(text(name, true));
                items.push(format!(":;{comma}"));
            }
        }
    }
    field(out, name, &items);
}

/// A text as it is, in quotes where a name stands, or as encoded words.
fn text(text: &str, quoted: bool) -> Vec<String> {
    let plain = text.len() <= PLAIN && text.bytes().all(|b| (0x20..0x7f).contains(&b)) && !text.contains("=?");
    if plain && quoted {
        return vec![format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))];
    }
    if plain {
        return vec![text.to_owned()];
    }
    let (mut words, mut word) = (Vec::new(), String::new());
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect()
}

/// Base64 in lines of equal length.
fn columns(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / COLUMNS * 2 + 2);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(COLUMNS));
        out.push_str(line);
        out.push_str("\r\n");
        rest = after;
    }
    out
}

fn part(attachment: &Attachment) -> String {
    let kind = media::of(attachment.format);
    let disposition = format!("Content-Disposition: attachment; {}\r\n", file_name(&attachment.name));
    if attachment.format == Format::Eml {
        // A rebuilt mail is plain ASCII in lines; RFC 2046 allows no base64 here.
        let mail = String::from_utf8_lossy(&attachment.bytes);
        return format!("Content-Type: {kind}\r\n{disposition}\r\n{mail}");
    }
    let content = columns(&attachment.bytes);
    let charset = attachment.charset.map(|charset| format!("; charset={charset}")).unwrap_or_default();
    format!("Content-Type: {kind}{charset}\r\nContent-Transfer-Encoding: base64\r\n{disposition}\r\n{content}")
}

/// The file's name, by RFC 2231 when it is not plain.
fn file_name(name: &str) -> String {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._-()+,".contains(&b));
    if plain && name.len() <= PLAIN {
        return format!("filename=\"{name}\"");
    }
    let mut out = String::from("filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
