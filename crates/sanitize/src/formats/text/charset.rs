//! Which charset a text is in, told by its bytes, and back again.

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// A charset, with or without a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) struct Charset {
    encoding: &'static Encoding,
    bom: bool,
}

impl Charset {
    /// Its name, for reports.
    pub(in crate::formats) fn name(self) -> &'static str {
        self.encoding.name()
    }
}

/// A text and the charset that it came in.
pub(in crate::formats) struct Decoded {
    pub(in crate::formats) text: String,
    pub(in crate::formats) charset: Charset,
}

/// Decodes a text: byte order marks first, then UTF-8, then what is written in Japan.
pub(in crate::formats) fn decode(bytes: &[u8]) -> Decoded {
    let charset = detect(bytes);
    let (text, _) = charset.encoding.decode_with_bom_removal(bytes);
    Decoded { text: text.into_owned(), charset }
}

fn detect(bytes: &[u8]) -> Charset {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Charset { encoding, bom: true };
    }
    let encoding = if bytes.contains(&0x1b) && decodes(ISO_2022_JP, bytes).is_some() {
        ISO_2022_JP
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        japanese(bytes)
    };
    Charset { encoding, bom: false }
}

fn decodes(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// CP932 or EUC-JP, whichever reads more like Japanese; Windows-1252 when neither decodes.
fn japanese(bytes: &[u8]) -> &'static Encoding {
    match (decodes(SHIFT_JIS, bytes), decodes(EUC_JP, bytes)) {
        (Some(cp932), Some(euc)) => {
            if likeness(&euc) > likeness(&cp932) {
                EUC_JP
            } else {
                SHIFT_JIS
            }
        }
        // Characters of a town's own (外字) stand among others; alone they are accents of Europe.
        (Some(cp932), None) if only_own(&cp932) => WINDOWS_1252,
        (Some(_), None) => SHIFT_JIS,
        (None, Some(_)) => EUC_JP,
        (None, None) => WINDOWS_1252,
    }
}

fn only_own(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii() || matches!(c, '\u{e000}'..='\u{f8ff}'))
}

/// Kana and punctuation count for it; half-width katakana, which EUC-JP read as CP932 is full of, against.
fn likeness(text: &str) -> i64 {
    text.chars()
        .map(|c| match c {
            'ぁ'..='ん' | '、' | '。' | 'ー' | 'ァ'..='ヶ' => 3,
            '\u{4e00}'..='\u{9fff}' => 1,
            '\u{ff61}'..='\u{ff9f}' => -2,
            _ => 0,
        })
        .sum()
}

/// The text in its charset; `None` when a character has no place there, or the bytes would be taken for another charset.
pub(in crate::formats) fn encode(text: &str, charset: Charset) -> Option<Vec<u8>> {
    let bytes = if charset.encoding == UTF_16LE || charset.encoding == UTF_16BE {
        let little = charset.encoding == UTF_16LE;
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    } else {
        let (bytes, _, lost) = charset.encoding.encode(text);
        if lost {
            return None;
        }
        let bom: &[u8] = if charset.bom { b"\xef\xbb\xbf" } else { b"" };
        [bom, &bytes].concat()
    };
    let again = decode(&bytes);
    (again.charset == charset && again.text == text).then_some(bytes)
}

/// The text in UTF-8 with a byte order mark.
pub(in crate::formats) fn utf8_with_bom(text: &str) -> Vec<u8> {
    [b"\xef\xbb\xbf", text.as_bytes()].concat()
}
