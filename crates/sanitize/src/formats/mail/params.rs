//! Structured values with parameters (`Content-Type`, `Content-Disposition`), with the continuations and charsets of RFC
//! 2231 and everything that mailers write in their place.

use std::collections::BTreeMap;

use super::words;
use crate::formats::charset;
use crate::formats::html::percent_decoded;

/// A value and its parameters.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// The value in lower case: `text/plain`, `attachment`.
    pub(super) main: String,
    params: BTreeMap<String, String>,
    /// A parameter is given twice with different values.
    pub(super) ambiguous: bool,
}

impl Value {
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    /// The type before the slash.
    pub(super) fn family(&self) -> &str {
        self.main.split('/').next().unwrap_or_default()
    }
}

/// One part of a continued parameter.
struct Segment {
    text: String,
    extended: bool,
}

/// Reads a value whose bytes of eight bits are decoded already.
pub(super) fn parse(text: &str) -> Value {
    let mut pieces = split(text).into_iter();
    let main = without_comments(&pieces.next().unwrap_or_default());
    let main: String = main.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let mut value = Value { main, ..Value::default() };
    let mut continued: BTreeMap<String, BTreeMap<u32, Segment>> = BTreeMap::new();
    for piece in pieces {
        let Some((name, text)) = piece.split_once('=') else { continue };
        let (name, text) = (name.trim().to_ascii_lowercase(), unquoted(text.trim()));
        let (base, extended) = match name.strip_suffix('*') {
            Some(base) => (base, true),
            None => (name.as_str(), false),
        };
        let (base, number) = match base.rsplit_once('*') {
            Some((base, number)) => (base, number.parse::<u32>().ok()),
            None => (base, None),
        };
        if extended || number.is_some() {
            let segments = continued.entry(base.to_owned()).or_default();
            value.ambiguous |= segments.insert(number.unwrap_or(0), Segment { text, extended }).is_some();
        } else if let Some(before) = value.params.get(base) {
            value.ambiguous |= *before != text;
        } else {
            value.params.insert(base.to_owned(), words::decode(&text).text);
        }
    }
    for (name, segments) in continued {
        value.params.insert(name, joined(&segments));
    }
    value
}

/// Joins the segments 0, 1, 2 … and decodes them as one text, since a character may be split between two.
fn joined(segments: &BTreeMap<u32, Segment>) -> String {
    let (mut label, mut bytes) = (None, Vec::new());
    for (expected, (number, segment)) in (0_u32..).zip(segments) {
        if *number != expected {
            break;
        }
        let mut text = segment.text.as_str();
        if expected == 0 && segment.extended {
            let mut parts = text.splitn(3, '\'');
            if let (Some(charset), Some(_), Some(rest)) = (parts.next(), parts.next(), parts.next()) {
                label = Some(charset.to_owned()).filter(|charset| !charset.is_empty());
                text = rest;
            }
        }
        if segment.extended { bytes.extend(percent_decoded(text)) } else { bytes.extend(text.bytes()) }
    }
    let text = charset::decode(&bytes, label.as_deref()).text;
    // Some mailers split an encoded word over continuations.
    words::decode(&text).text
}

/// Pieces between semicolons that stand in no quotes.
fn split(text: &str) -> Vec<String> {
    let (mut pieces, mut piece, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                pieces.push(std::mem::take(&mut piece));
                continue;
            }
            _ => {}
        }
        piece.push(c);
    }
    pieces.push(piece);
    pieces
}

/// A parameter's value without its quotes. A backslash only escapes quotes and itself: elsewhere it is a folder of Windows.
fn unquoted(text: &str) -> String {
    let Some(inside) = text.strip_prefix('"') else { return text.to_owned() };
    let (mut out, mut chars) = (String::new(), inside.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next_if(|next| matches!(next, '"' | '\\')) {
                Some(next) => out.push(next),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_u32;
    let outside = text.chars().filter(|c| {
        depth += u32::from(*c == '(');
        let keep = depth == 0;
        depth -= u32::from(*c == ')' && depth > 0);
        keep
    });
    outside.collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn names_of_files_are_read_in_every_way_they_are_written() {
        for (text, name) in [
            (r#"attachment; filename="a;b.pdf""#, "a;b.pdf"),
            ("attachment; filename=表 1.pdf", "表 1.pdf"),
            ("attachment; filename*=UTF-8''%E8%A1%A8.pdf", "表.pdf"),
            ("attachment; filename*0*=iso-2022-jp'ja'%1B$B%49; filename*1*=%3D%1B%28B; filename*2=.pdf", "表.pdf"),
            ("attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
            ("attachment; filename*0*=UTF-8''%E8%A1; filename*1*=%A8.pdf", "表.pdf"),
            (r#"attachment; filename="=?UTF-8?B?6KGoLnBkZg==?=""#, "表.pdf"),
            (r#"attachment; filename=x.txt; filename*=utf-8''y.txt"#, "y.txt"),
            (r#"attachment; filename="C:\tmp\a.txt""#, r"C:\tmp\a.txt"),
        ] {
            assert_eq!(parse(text).param("filename"), Some(name), "{text}");
        }
        assert!(parse("multipart/mixed; boundary=a; boundary=b").ambiguous);
        assert_eq!(parse("Text / Plain (x); charset=a").main, "text/plain");
    }
}
