//! Base64 (RFC 4648) as our writers write it: full quanta, padding only at the end, no bit left over.

/// The bytes, when every character is in its place.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (quanta, rest) = text.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(quanta.len() * 3);
    for (at, quantum) in quanta.iter().enumerate() {
        let padding = quantum.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || padding > 0 && at + 1 != quanta.len() {
            return None;
        }
        let mut bits = 0_u32;
        for byte in quantum.iter().take(4 - padding) {
            bits = bits << 6 | value(*byte)?;
        }
        bits <<= 6 * padding;
        let [_, bytes @ ..] = bits.to_be_bytes();
        let (kept, gone) = bytes.split_at(3 - padding);
        if gone.iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend_from_slice(kept);
    }
    Some(out)
}

fn value(byte: u8) -> Option<u32> {
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

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn only_what_is_written_in_one_way_is_read() {
        assert_eq!(decode(b"YWJj"), Some(b"abc".to_vec()));
        assert_eq!(decode(b"YQ=="), Some(b"a".to_vec()));
        assert_eq!(decode(b"YWI="), Some(b"ab".to_vec()));
        for wrong in [&b"YQ"[..], b"YR==", b"YWJ=", b"YQ==YQ==", b"Y===", b"Y Q=", b"YQ=a"] {
            assert_eq!(decode(wrong), None, "{wrong:?}");
        }
    }
}
