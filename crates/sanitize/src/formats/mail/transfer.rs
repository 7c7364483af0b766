//! Transfer encodings (RFC 2045, section 6), read as mailers write them, and uuencoded files in a text.

use super::header::Lines;

/// Base64: what is no character of it is passed over, padding begins a new run.
pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let [.., low] = (bits >> count).to_be_bytes();
            out.push(low);
            bits &= (1 << count) - 1;
        }
    }
    out
}

/// Quoted-printable: an equals sign that begins no code stays one.
pub(super) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in Lines::new(bytes) {
        let ended = line.next > line.start + line.text.len();
        let text = if ended { line.text.trim_ascii_end() } else { line.text };
        let soft = text.strip_suffix(b"=");
        let mut rest = soft.unwrap_or(text);
        while let Some((first, after)) = rest.split_first() {
            let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
            let code = code.filter(|digits| *first == b'=' && digits.bytes().all(|b| b.is_ascii_hexdigit()));
            match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(byte) => {
                    out.push(byte);
                    rest = after.get(2..).unwrap_or_default();
                }
                None => {
                    out.push(*first);
                    rest = after;
                }
            }
        }
        if ended && soft.is_none() {
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}

/// A file that stood uuencoded in a text.
pub(super) struct Uuencoded {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Takes uuencoded files out of a text (lines ended by `\n`): some mailers make files of them whatever the mail says. Their
/// place is marked with their name.
pub(super) fn take_uuencoded(text: &str) -> (String, Vec<Uuencoded>) {
    let (mut out, mut files) = (String::with_capacity(text.len()), Vec::new());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let name = uu_name(line).filter(|_| lines.peek().is_some_and(|next| uu_line(next.trim_end()).is_some()));
        let Some(name) = name else {
            out.push_str(line);
            continue;
        };
        let mut bytes = Vec::new();
        while let Some(data) = lines.peek().and_then(|next| uu_line(next.trim_end_matches(['\r', '\n']))) {
            bytes.extend(data);
            lines.next();
        }
        if lines.peek().is_some_and(|next| next.trim_end() == "end") {
            lines.next();
        }
        out.push_str("［添付：");
        out.push_str(name);
        out.push_str("］\n");
        files.push(Uuencoded { name: name.to_owned(), bytes });
    }
    (out, files)
}

/// The name in `begin 644 name`.
fn uu_name(line: &str) -> Option<&str> {
    let rest = line.get(..6).filter(|start| start.eq_ignore_ascii_case("begin ")).and_then(|_| line.get(6..))?;
    let rest = rest.trim_ascii();
    let mode = rest.split_ascii_whitespace().next()?;
    let name = rest.get(mode.len()..)?.trim_ascii();
    let octal = matches!(mode.len(), 3 | 4) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    (octal && !name.is_empty()).then_some(name)
}

/// The bytes of a line whose first character says how many there are.
fn uu_line(line: &str) -> Option<Vec<u8>> {
    let (first, data) = line.as_bytes().split_first()?;
    if !(0x20..=0x60).contains(first) || !data.iter().all(|byte| (0x20..=0x60).contains(byte)) {
        return None;
    }
    let length = usize::from((first - 0x20) & 0x3f);
    let needed = length.div_ceil(3) * 4;
    // Trailing spaces may be gone, and a check character may follow.
    if data.len() > needed + 2 || data.len() + 3 < length.div_ceil(3) * 4 {
        return None;
    }
    let mut out = Vec::with_capacity(needed);
    for quantum in data.chunks(4) {
        let value = |at: usize| u32::from((quantum.get(at).copied().unwrap_or(0x20) - 0x20) & 0x3f);
        let [_, bytes @ ..] = (value(0) << 18 | value(1) << 12 | value(2) << 6 | value(3)).to_be_bytes();
        out.extend(bytes);
    }
    out.truncate(length);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_read_as_mailers_write_them() {
        assert_eq!(base64(b"YQ==\r\nYg==\r\n Y2 Q*"), b"abcd");
        assert_eq!(quoted_printable(b"a=\r\nb=3d =C3\n=zz  \r\n"), b"ab= \xc3\r\n=zz\r\n");
    }

    #[test]
    fn uuencoded_files_are_taken_out_of_a_text() {
        let (text, files) = take_uuencoded("見て\nbegin 644 a.exe\n#0V%T\n`\nend\n以上\n");
        assert_eq!(text, "見て\n［添付：a.exe］\n以上\n");
        assert_eq!((files[0].name.as_str(), files[0].bytes.as_slice()), ("a.exe", b"Cat".as_slice()));
        let tab = "begin 644\ta\n#0V%T\n";
        assert_eq!(take_uuencoded(tab).1.len(), 1);
        let plain = "begin 100 days of work\nnow\n";
        assert_eq!(take_uuencoded(plain).0, plain);
    }
}
