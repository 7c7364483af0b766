//! The chunks of a WebP file (RFC 9649, section 2): pictures, their transparency and their place in an animation are read;
//! every other chunk is metadata.

/// What a file holds.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) shows: Shows<'a>,
    pub(super) metadata: bool,
    pub(super) exif: Option<&'a [u8]>,
}

/// One picture, or several one after the other.
#[derive(Debug)]
pub(super) enum Shows<'a> {
    Still(Picture<'a>),
    Animation { plays: [u8; 2], frames: Vec<Frame<'a>> },
}

/// A picture as it is coded.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    pub(super) lossless: bool,
    pub(super) data: &'a [u8],
    /// The transparency of a lossy one.
    pub(super) alpha: Option<&'a [u8]>,
}

/// A picture of an animation.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    /// Half of its place from the left and from the top, its width and height less one, how long it is shown: three bytes each.
    pub(super) place: [u8; 15],
    /// Whether it is blended, and whether it is taken away after it was shown.
    pub(super) flags: u8,
    pub(super) picture: Picture<'a>,
}

impl Frame<'_> {
    /// Left, top, width, height.
    pub(super) fn area(&self) -> (usize, usize, usize, usize) {
        let field = |at: usize| three(self.place.get(at..)).unwrap_or(0);
        (field(0) * 2, field(3) * 2, field(6) + 1, field(9) + 1)
    }
}

fn three(bytes: Option<&[u8]>) -> Option<usize> {
    let &[b0, b1, b2] = bytes?.first_chunk::<3>()?;
    Some(usize::from(b0) | usize::from(b1) << 8 | usize::from(b2) << 16)
}

/// Name and content of each chunk; the last may be cut.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let content = rest.get(..length.min(rest.len()))?;
        self.0 = rest.get(length.saturating_add(length % 2)..).unwrap_or_default();
        Some((*name, content))
    }
}

/// The bytes of the file itself: what follows them is none of it.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk::<4>()?);
    Some(usize::try_from(length).ok()?.saturating_add(8))
}

/// Reads a file; `None` when it is not as it should be.
pub(super) fn read(bytes: &[u8]) -> Option<File<'_>> {
    let end = length(bytes)?.min(bytes.len());
    let mut chunks = Chunks(bytes.get(12..end)?);
    let (name, content) = chunks.next()?;
    if name != *b"VP8X" {
        let picture = picture([(name, content)].into_iter())?;
        let (width, height) = picture.size()?;
        let metadata = !chunks.0.is_empty();
        return Some(File { width, height, shows: Shows::Still(picture), metadata, exif: None });
    }
    let (width, height) = (three(content.get(4..))? + 1, three(content.get(7..))? + 1);
    let (mut plays, mut frames, mut still) = (None, Vec::new(), Vec::new());
    let (mut metadata, mut exif) = (false, None);
    for (name, content) in chunks {
        match &name {
            b"ANIM" => plays = plays.or(content.get(4..)?.first_chunk::<2>().copied()),
            b"ANMF" => frames.push(frame(content)?),
            b"ALPH" | b"VP8 " | b"VP8L" => still.push((name, content)),
            _ => {
                metadata = true;
                exif = exif.or((name == *b"EXIF").then_some(content));
            }
        }
    }
    let animated = content.first()? & 0x02 != 0;
    let shows =
        if animated { Shows::Animation { plays: plays?, frames } } else { Shows::Still(picture(still.into_iter())?) };
    Some(File { width, height, shows, metadata, exif })
}

fn frame(content: &[u8]) -> Option<Frame<'_>> {
    let (place, rest) = content.split_first_chunk::<15>()?;
    let (flags, rest) = rest.split_first()?;
    Some(Frame { place: *place, flags: flags & 3, picture: picture(Chunks(rest))? })
}

/// The first picture among chunks, with the transparency before it.
fn picture<'a>(chunks: impl Iterator<Item = ([u8; 4], &'a [u8])>) -> Option<Picture<'a>> {
    let mut alpha = None;
    for (name, data) in chunks {
        match &name {
            b"ALPH" => alpha = alpha.or(Some(data)),
            b"VP8 " => return Some(Picture { lossless: false, data, alpha }),
            // It has a transparency of its own.
            b"VP8L" => return Some(Picture { lossless: true, data, alpha: None }),
            _ => {}
        }
    }
    None
}

/// Adds a chunk.
pub(super) fn chunk(out: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    out.extend(name);
    out.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
}

/// The chunk that says how large the canvas is; flags for transparency (0x10) and animation (0x02).
pub(super) fn canvas(out: &mut Vec<u8>, flags: u8, width: usize, height: usize) {
    let side = |pixels: usize| u32::try_from(pixels.saturating_sub(1)).unwrap_or(u32::MAX).to_le_bytes();
    let ([w0, w1, w2, _], [h0, h1, h2, _]) = (side(width), side(height));
    chunk(out, *b"VP8X", &[flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]);
}

/// The file of these chunks.
pub(super) fn file(chunks: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(chunks.len() + 12);
    chunk(&mut out, *b"RIFF", &[b"WEBP", chunks].concat());
    out
}
