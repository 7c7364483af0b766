//! Encoded words (RFC 2047), as mailers write them: characters split across words, words in quotes, without white space
//! between them, with white space in them.

use super::transfer;
use crate::formats::charset;
use crate::formats::text::is_text;
use crate::names::is_deceiving;

/// One encoded word.
struct Word {
    charset: String,
    bytes: Vec<u8>,
}

/// A header's text.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) damaged: bool,
}

/// Decodes the encoded words of a text.
pub(super) fn decode(text: &str) -> Decoded {
    let mut done = Decoded { text: String::with_capacity(text.len()), damaged: false };
    let mut group: Vec<Word> = Vec::new();
    // Behind the last `?=` no word can end, so that no search for it runs to the end in vain.
    let (mut rest, tail) = text.split_at(text.rfind("?=").map_or(0, |at| at + 2));
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at(at);
        let Some((word, after)) = word(from) else {
            flush(&mut group, &mut done);
            done.text.push_str(before);
            done.text.push_str("=?");
            rest = from.get(2..).unwrap_or_default();
            continue;
        };
        // White space between encoded words is no part of the text.
        if group.is_empty() || !before.trim().is_empty() {
            flush(&mut group, &mut done);
            done.text.push_str(before);
        }
        if group.last().is_some_and(|last| last.charset != word.charset) {
            flush(&mut group, &mut done);
        }
        group.push(word);
        rest = after;
    }
    flush(&mut group, &mut done);
    done.text.push_str(rest);
    done.text.push_str(tail);
    done
}

/// `=?charset?encoding?data?=`, and what follows it.
fn word(text: &str) -> Option<(Word, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let named = !charset.is_empty() && charset.len() <= 40 && charset.bytes().all(|b| b.is_ascii_graphic());
    if !named || encoding.len() != 1 {
        return None;
    }
    let end = rest.find("?=")?;
    let (data, after) = (rest.get(..end)?, rest.get(end + 2..)?);
    let bytes = match encoding {
        "B" | "b" => transfer::base64(data.as_bytes()),
        "Q" | "q" => transfer::quoted_printable(data.replace('_', "=20").as_bytes()),
        _ => return None,
    };
    Some((Word { charset: charset.to_ascii_lowercase(), bytes }, after))
}

/// Bytes of eight bits inside of an encoded word are of its charset, although RFC 2047 allows none there: they are escaped, before the
/// field is decoded as one text.
pub(super) fn escape(value: &[u8]) -> Vec<u8> {
    let last = value.windows(2).rposition(|pair| pair == b"?=").map_or(0, |at| at + 2);
    let (mut rest, tail) = value.split_at(last);
    let mut out = Vec::with_capacity(value.len());
    while let Some(at) = rest.windows(2).position(|pair| pair == b"=?") {
        let (before, from) = rest.split_at(at);
        out.extend(before);
        let (word, after) = from.split_at(quoted(from).unwrap_or(2));
        for byte in word {
            if byte.is_ascii() {
                out.push(*byte);
            } else {
                out.extend(format!("={byte:02X}").bytes());
            }
        }
        rest = after;
    }
    out.extend(rest);
    out.extend(tail);
    out
}

/// The length of `=?charset?Q?data?=`.
fn quoted(from: &[u8]) -> Option<usize> {
    let charset = 2 + from.get(2..)?.iter().position(|byte| *byte == b'?')?;
    let data = charset + 3;
    matches!(from.get(charset + 1..data)?, b"Q?" | b"q?").then_some(())?;
    Some(data + from.get(data..)?.windows(2).position(|pair| pair == b"?=")? + 2)
}

/// Decodes words of one charset: each for itself, or all together when one stops inside a character.
fn flush(group: &mut Vec<Word>, done: &mut Decoded) {
    let words = std::mem::take(group);
    let Some(label) = words.first().map(|word| word.charset.as_str()) else { return };
    let single: Option<Vec<_>> = words.iter().map(|word| charset::strictly(&word.bytes, label)).collect();
    let single = single.filter(|texts| {
        let whole = texts.iter().rev().skip(1).all(|text| !text.open);
        whole && texts.last().is_some_and(|text| !text.damaged)
    });
    match single {
        Some(texts) => texts.iter().for_each(|text| done.text.push_str(&text.text)),
        None => {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.bytes.iter().copied()).collect();
            let whole = charset::decode(&bytes, Some(label));
            done.text.push_str(&whole.text);
            done.damaged |= whole.damaged;
        }
    }
}

/// A header's text in one line: no controls, nothing that deceives, single spaces. Says whether something deceived.
pub(super) fn one_line(text: &str) -> (String, bool) {
    let plain: String = text.chars().filter(|c| is_text(*c) && !is_deceiving(*c)).collect();
    let line = plain.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    (line, text.chars().any(crate::names::is_bidi))
}

#[cfg(test)]
mod tests {
    use super::decode;

    fn text(words: &str) -> String {
        let decoded = decode(words);
        assert!(!decoded.damaged, "{words}");
        decoded.text
    }

    #[test]
    fn words_are_joined_where_a_character_is_split() {
        assert_eq!(text("=?UTF-8?B?6Zai?= =?UTF-8?B?5a6I?="), "関守");
        assert_eq!(text("=?UTF-8?B?6Zai5Q==?=\t =?utf-8?B?rog=?="), "関守");
        assert_eq!(text("=?ISO-2022-JP?B?GyRCNFgbKEI=?= =?ISO-2022-JP?B?GyRCPGkbKEI=?="), "関守");
        assert_eq!(text("=?ISO-2022-JP?B?GyRCNA==?= =?ISO-2022-JP?B?WDxpGyhC?="), "関守");
        assert_eq!(text("Re: =?shift_jis?Q?=8A=D6=8E=E7_a?= (1)"), "Re: 関守 a (1)");
        assert_eq!(text("=?x?= =?utf-8?X?a?= a =?utf-8?Q?b?=c"), "=?x?= =?utf-8?X?a?= a bc");
    }
}
