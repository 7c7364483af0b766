//! What travels from the child to the broker: frames of a tag, a length and bytes.

use std::io::{self, Read, Write};

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    /// A word from the kind about what it is going to look at; opaque to the broker, the last one is kept.
    Mark,
    /// The answer; nothing follows it.
    Answer,
}

/// Writes one frame.
pub(crate) fn write(out: &mut impl Write, tag: Tag, bytes: &[u8]) -> io::Result<()> {
    let tag: u8 = match tag {
        Tag::Mark => 1,
        Tag::Answer => 2,
    };
    out.write_all(&[tag])?;
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(bytes)?;
    out.flush()
}

/// Reads frames until the answer: its bytes, and the last mark. `Err` carries the last mark too.
pub(crate) fn read_answer(input: &mut impl Read, limit: usize) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let mut mark = None;
    loop {
        match read(input, limit) {
            Some((Tag::Mark, bytes)) => mark = Some(bytes),
            Some((Tag::Answer, bytes)) => return (Some(bytes), mark),
            None => return (None, mark),
        }
    }
}

fn read(input: &mut impl Read, limit: usize) -> Option<(Tag, Vec<u8>)> {
    let mut header = [0_u8; 9];
    input.read_exact(&mut header).ok()?;
    let [tag, length @ ..] = header;
    let length = usize::try_from(u64::from_le_bytes(length)).ok().filter(|length| *length <= limit)?;
    let tag = match tag {
        1 => Tag::Mark,
        2 => Tag::Answer,
        _ => return None,
    };
    // Grows as bytes arrive: a length alone makes the broker allocate nothing.
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes).ok()?;
    (bytes.len() == length).then_some((tag, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_back_with_the_last_mark() {
        let mut pipe = Vec::new();
        write(&mut pipe, Tag::Mark, b"first").unwrap();
        write(&mut pipe, Tag::Mark, b"second").unwrap();
        write(&mut pipe, Tag::Answer, b"done").unwrap();
        assert_eq!(read_answer(&mut pipe.as_slice(), 100), (Some(b"done".to_vec()), Some(b"second".to_vec())));
    }

    #[test]
    fn a_cut_or_oversized_answer_is_none() {
        let mut pipe = Vec::new();
        write(&mut pipe, Tag::Answer, b"done").unwrap();
        assert_eq!(read_answer(&mut pipe.get(..pipe.len() - 1).unwrap(), 100), (None, None));
        assert_eq!(read_answer(&mut pipe.as_slice(), 3), (None, None));
        assert_eq!(read_answer(&mut [9_u8; 30].as_slice(), 100), (None, None));
    }
}
