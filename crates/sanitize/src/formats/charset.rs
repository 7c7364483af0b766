//! Text in the charset that it is said to be in, where mail and web pages say so: labels as they are met in Japan,
//! ISO-2022-JP with everything that mailers put into it (half-width katakana, NEC and IBM characters, JIS X 0212, raw
//! 8-bit bytes), UTF-7; and the charset found from the bytes where the label does not fit them.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS};

use super::text::charset as detect;

/// A decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// The text; U+FFFD stands where bytes mean nothing.
    pub(super) text: String,
    /// Some bytes mean nothing in the charset.
    pub(super) damaged: bool,
    /// The bytes stop inside a character or in another set than ASCII, so that what follows may belong to them.
    pub(super) open: bool,
}

impl Text {
    fn whole(text: String, damaged: bool) -> Self {
        Self { text, damaged, open: damaged }
    }
}

enum Charset {
    Jis,
    Utf7,
    Other(&'static Encoding),
}

/// The charset of a label; `None` for labels that say nothing.
fn charset(label: &str) -> Option<Charset> {
    let label = label.trim_matches([' ', '\t', '"', '\'']).to_ascii_lowercase();
    let label = label.split('*').next().unwrap_or(&label);
    let other = |encoding| Some(Charset::Other(encoding));
    match label {
        "utf-7" | "utf7" | "unicode-1-1-utf-7" | "csutf7" | "x-unicode-1-1-utf-7" => Some(Charset::Utf7),
        "cp50220" | "cp50221" | "cp50222" | "iso2022jp" | "csiso2022jp" | "jis" | "jis7" | "jis_encoding" => {
            Some(Charset::Jis)
        }
        "cp932" | "ms932" | "windows-932" | "x-ms-cp932" | "cp943" | "mskanji" | "shift-jis" | "shiftjis" | "s-jis" => {
            other(SHIFT_JIS)
        }
        "eucjp" | "euc_jp" | "eucjp-ms" | "eucjp-win" | "eucjp-open" | "cp51932" | "ujis" => other(EUC_JP),
        "us-ascii" | "ascii" | "ansi_x3.4-1968" | "unknown-8bit" | "x-unknown" | "unknown" | "default" => None,
        _ if label.starts_with("iso-2022-jp") => Some(Charset::Jis),
        _ => Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != REPLACEMENT).map(Charset::Other),
    }
}

/// Whether a label means ISO-2022-JP.
pub(super) fn is_jis(label: &str) -> bool {
    matches!(charset(label), Some(Charset::Jis))
}

/// The text in ISO-2022-JP as RFC 1468 has it (ASCII and JIS X 0208, every line ends in ASCII), in which all readers agree;
/// `None` when a character has no place there.
pub(super) fn to_jis(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, lost) = ISO_2022_JP.encode(text);
    let common = |pair: &[u8]| matches!(pair, [0x21..=0x28 | 0x30..=0x74, 0x21..=0x7e]);
    let agreed = bytes.split(|byte| *byte == 0x1b).enumerate().all(|(at, run)| match run {
        _ if at == 0 => true,
        [b'$', b'B', pairs @ ..] => pairs.chunks(2).all(common),
        [b'(', b'B', ..] => true,
        _ => false,
    });
    (!lost && agreed && jis(&bytes).text == text).then(|| bytes.into_owned())
}

/// Decodes bytes that are said to be in the charset `label`. A byte order mark is stronger than the label, and what the
/// bytes are is stronger than a label that they do not fit.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> Text {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, damaged) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return Text::whole(text.into_owned(), damaged);
    }
    match label.and_then(|label| strictly(bytes, label)) {
        Some(text) if !text.damaged || bytes.contains(&0x1b) => text,
        said => {
            let found = found(bytes);
            match said {
                Some(said) if found.damaged => said,
                _ => found,
            }
        }
    }
}

/// Decodes bytes by their label alone; `None` when the label says nothing, or when they are plainly UTF-8 under the label of
/// another charset.
pub(super) fn strictly(bytes: &[u8], label: &str) -> Option<Text> {
    Some(match charset(label)? {
        Charset::Jis => jis(bytes),
        Charset::Utf7 => utf7(bytes),
        Charset::Other(encoding) if [SHIFT_JIS, EUC_JP].contains(&encoding) && is_japanese_utf8(bytes) => return None,
        Charset::Other(encoding) => {
            let (text, damaged) = encoding.decode_without_bom_handling(bytes);
            Text::whole(text.into_owned(), damaged)
        }
    })
}

/// UTF-8 with characters of three bytes, which CP932 and EUC-JP do not hit by chance.
fn is_japanese_utf8(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte >= 0xe0) && std::str::from_utf8(bytes).is_ok()
}

/// Decodes bytes of which nothing is said.
pub(super) fn found(bytes: &[u8]) -> Text {
    let escapes = |set: u8| bytes.windows(2).any(|pair| pair == [0x1b, set]);
    if escapes(b'$') || escapes(b'(') {
        return jis(bytes);
    }
    let decoded = detect::decode(bytes);
    let damaged = decoded.text.contains('\u{fffd}') && std::str::from_utf8(bytes).is_err();
    Text::whole(decoded.text, damaged)
}

/// The sets that ISO-2022-JP switches between.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    Ascii,
    Kana,
    Kanji,
    Supplement,
    Chinese,
    Korean,
}

/// Escape sequences, longest first where one begins another.
const ESCAPES: &[(&[u8], Set)] = &[
    (b"\x1b&@\x1b$B", Set::Kanji),
    (b"\x1b$(D", Set::Supplement),
    (b"\x1b$(C", Set::Korean),
    (b"\x1b$(@", Set::Kanji),
    (b"\x1b$(B", Set::Kanji),
    (b"\x1b$@", Set::Kanji),
    (b"\x1b$B", Set::Kanji),
    (b"\x1b$A", Set::Chinese),
    (b"\x1b(B", Set::Ascii),
    (b"\x1b(J", Set::Ascii),
    (b"\x1b(H", Set::Ascii),
    (b"\x1b(I", Set::Kana),
];

/// ISO-2022-JP as mailers write it. All Japanese sets are collected as EUC-JP, which has a place for each of them.
struct Jis {
    set: Set,
    euc: Vec<u8>,
    text: String,
    damaged: bool,
}

fn jis(bytes: &[u8]) -> Text {
    let mut jis = Jis { set: Set::Ascii, euc: Vec::with_capacity(bytes.len()), text: String::new(), damaged: false };
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = match *first {
            0x1b => jis.escape(rest),
            0x0e => jis.switch(Set::Kana, after),
            0x0f => jis.switch(Set::Ascii, after),
            b'\r' | b'\n' => {
                // RFC 1468: a line ends in ASCII; who forgets the escape sequence means it.
                jis.euc.push(*first);
                jis.switch(Set::Ascii, after)
            }
            0x80.. => jis.raw(rest),
            _ => jis.character(*first, after),
        };
    }
    jis.flush();
    Text { text: jis.text, damaged: jis.damaged, open: jis.damaged || jis.set != Set::Ascii }
}

impl Jis {
    fn switch<'a>(&mut self, set: Set, rest: &'a [u8]) -> &'a [u8] {
        self.set = set;
        rest
    }

    fn escape<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        for (sequence, set) in ESCAPES {
            if let Some(after) = rest.strip_prefix(*sequence) {
                return self.switch(*set, after);
            }
        }
        self.damaged = true;
        rest.get(1..).unwrap_or_default()
    }

    fn character<'a>(&mut self, first: u8, after: &'a [u8]) -> &'a [u8] {
        if first <= 0x20 || first == 0x7f || self.set == Set::Ascii {
            self.euc.push(first);
            return after;
        }
        if self.set == Set::Kana {
            self.euc.extend([0x8e, first | 0x80]);
            return after;
        }
        let Some((second, rest)) = after.split_first().filter(|(second, _)| (0x21..0x7f).contains(*second)) else {
            self.euc.push(0xff); // half of a character: no byte of EUC-JP
            return after;
        };
        let pair = [first | 0x80, second | 0x80];
        match self.set {
            Set::Chinese => self.other(GBK, &pair),
            Set::Korean => self.other(EUC_KR, &pair),
            Set::Supplement => self.euc.extend([0x8f, pair[0], pair[1]]),
            _ => self.euc.extend(pair),
        }
        rest
    }

    /// Bytes of eight bits in the middle of ISO-2022-JP, up to the next escape or line end: in whatever charset they are.
    fn raw<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let end = rest.iter().position(|byte| matches!(byte, 0x1b | b'\r' | b'\n')).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        self.flush();
        let found = detect::decode(run).text;
        self.damaged |= found.contains('\u{fffd}');
        self.text.push_str(&found);
        after
    }

    fn other(&mut self, encoding: &'static Encoding, pair: &[u8]) {
        self.flush();
        let (text, damaged) = encoding.decode_without_bom_handling(pair);
        self.text.push_str(&text);
        self.damaged |= damaged;
    }

    fn flush(&mut self) {
        let (text, damaged) = EUC_JP.decode_without_bom_handling(&self.euc);
        self.text.push_str(&text);
        self.damaged |= damaged;
        self.euc.clear();
    }
}

/// UTF-7 (RFC 2152).
fn utf7(bytes: &[u8]) -> Text {
    let (mut units, mut damaged) = (Vec::new(), false);
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match *first {
            b'+' => {
                let end = after.iter().position(|byte| sextet(*byte).is_none()).unwrap_or(after.len());
                let (run, left) = after.split_at(end);
                let closed = left.first() == Some(&b'-');
                if run.is_empty() {
                    units.push(u16::from(b'+'));
                    damaged |= !closed;
                } else {
                    damaged |= !shifted(run, &mut units);
                }
                rest = if closed { left.get(1..).unwrap_or_default() } else { left };
            }
            byte @ 0x80.. => {
                damaged = true;
                units.push(u16::from(byte));
            }
            byte => units.push(u16::from(byte)),
        }
    }
    let text: String = char::decode_utf16(units)
        .map(|unit| {
            unit.unwrap_or_else(|_| {
                damaged = true;
                '\u{fffd}'
            })
        })
        .collect();
    Text::whole(text, damaged)
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// UTF-16 units from a run of modified base64; false when bits are left over.
fn shifted(run: &[u8], units: &mut Vec<u16>) -> bool {
    let (mut bits, mut count) = (0_u32, 0);
    for value in run.iter().filter_map(|byte| sextet(*byte)) {
        bits = bits << 6 | value;
        count += 6;
        if count >= 16 {
            count -= 16;
            let [_, _, high, low] = (bits >> count).to_be_bytes();
            units.push(u16::from_be_bytes([high, low]));
            bits &= (1 << count) - 1;
        }
    }
    count < 6 && bits == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], label: &str) -> String {
        let decoded = decode(bytes, Some(label));
        assert!(!decoded.damaged, "{label}: {decoded:?}");
        decoded.text
    }

    #[test]
    fn iso_2022_jp_holds_what_mailers_put_into_it() {
        assert_eq!(text(b"\x1b$B-!-j\x1b(B-\x1b(I1\x1b(B", "iso-2022-jp"), "①㈱-ｱ");
        assert_eq!(text(b"\x1b$B|b\x1b(B", "CP50221"), "髙");
        assert_eq!(text(b"\x1b$B\x1b(B\x1b$B4X<i\x1b(B", "iso-2022-jp-ms"), "関守");
        assert_eq!(text(b"\x0e1\x0fa", "cp50222"), "ｱa");
        assert_eq!(text(b"\x1b$B4X<i\r\nabc", "iso-2022-jp"), "関守\r\nabc");
        assert_eq!(text(b"\x1b$B4X\x1b(B\x82\xc5\x82\xb7", "iso-2022-jp"), "関です");
        assert_eq!(text(b"\x1b$(D0!\x1b(B", "iso-2022-jp-1"), "丂");
        assert!(jis(b"\x1b$B4").damaged && jis(b"\x1b$B4X").open && !jis(b"\x1b$B4X\x1b(B").open);
    }

    #[test]
    fn what_the_bytes_are_is_stronger_than_a_label_that_does_not_fit() {
        let sjis = SHIFT_JIS.encode("関守市役所の会議です。").0;
        assert_eq!(text(&sjis, "iso-2022-jp"), "関守市役所の会議です。");
        assert_eq!(text(&sjis, "us-ascii"), "関守市役所の会議です。");
        assert_eq!(text("関守市役所".as_bytes(), "iso-2022-jp"), "関守市役所");
        assert_eq!(text("関守市役所".as_bytes(), "shift_jis"), "関守市役所");
        assert_eq!(text(b"\xff\xfea\0\xa2\x95", "utf-8"), "a関");
        assert_eq!(text(b"\x1b$B4X<i\x1b(B", "utf-8x"), "関守");
        assert!(decode(b"\xff\xff\x80", Some("utf-8")).text.contains(|c: char| !c.is_ascii()));
    }

    #[test]
    fn utf_7_is_read() {
        assert_eq!(text(b"Hi +laI- 1+-1", "utf-7"), "Hi 関 1+1");
        assert!(decode(b"+l", Some("utf-7")).text.contains('l'));
    }
}
