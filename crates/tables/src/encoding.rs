//! Characters of text files: UTF-8 with or without its mark, and CP932 (the Windows code page of Japan).

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;

use crate::Problem;

/// How a CSV is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with a byte order mark, which spreadsheets look for.
    Utf8,
    /// CP932.
    Cp932,
}

const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// The text of a file: UTF-8 when it is valid, else CP932 when it is valid.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Problem> {
    let unmarked = bytes.strip_prefix(MARK).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(unmarked) {
        return Ok(text.to_owned());
    }
    let decoded = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
    decoded.map(Cow::into_owned).ok_or_else(|| {
        Problem::new(
            "文字コードが UTF-8 でも CP932（シフトJIS）でもありません。CSV か xlsx で保存し直してください。",
            "The text is neither UTF-8 nor CP932 (Shift_JIS). Save it as CSV or xlsx.",
        )
    })
}

/// The bytes of a text; `Err` gives the first character that the encoding cannot hold so that it comes back the same.
pub(crate) fn encode(text: &str, encoding: Encoding) -> Result<Vec<u8>, char> {
    match encoding {
        Encoding::Utf8 => Ok(text.as_bytes().to_vec()),
        Encoding::Cp932 => {
            let mut out = Vec::with_capacity(text.len());
            for c in text.chars() {
                let mut buffer = [0; 4];
                let one = c.encode_utf8(&mut buffer);
                let (bytes, _, failed) = SHIFT_JIS.encode(one);
                let back = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes);
                if failed || back.as_deref() != Some(&*one) {
                    return Err(c);
                }
                out.extend_from_slice(&bytes);
            }
            Ok(out)
        }
    }
}

/// What stands before the first character of a file.
pub(crate) fn mark(encoding: Encoding) -> &'static [u8] {
    match encoding {
        Encoding::Utf8 => MARK,
        Encoding::Cp932 => &[],
    }
}
