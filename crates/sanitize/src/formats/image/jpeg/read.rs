//! Walks the segments of a JPEG: what is needed to decode goes into the picture, everything else is only counted.

use super::Damage;
use super::huffman::Decoder;
use super::model::{Component, Picture};
use super::scan::{self, Header, Tables};
use crate::budget::Budget;
use crate::formats::image::{LIVE_BYTES, exif};
use crate::words::ReasonCode;
use crate::work::Stop;

/// Scans in one file; real progressive files have about ten.
const SCANS: usize = 200;

/// Why reading stops.
#[derive(Debug)]
pub(super) enum Fault {
    /// A limit.
    Stop(Stop),
    /// Not whole: the pixels may still be readable.
    Damage,
    /// Whole, but of a kind that is not read (arithmetic coding, lossless, 12 bits).
    Kind,
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Damage> for Fault {
    fn from(_: Damage) -> Self {
        Self::Damage
    }
}

/// What the segments said besides the picture.
#[derive(Debug, Clone, Default)]
pub(super) struct Aside {
    /// 1 to 8.
    pub(super) orientation: u8,
    /// Segments that held metadata (Exif, XMP, ICC, comments, thumbnails, anything unknown).
    pub(super) metadata: bool,
    /// Bytes after the end of the image.
    pub(super) trailing: usize,
}

/// Reads all of a file.
pub(super) fn read(bytes: &[u8], budget: &mut Budget) -> Result<(Picture, Aside), Fault> {
    let mut reader = Reader {
        bytes,
        at: 2,
        quant: [None; 4],
        tables: Tables::default(),
        picture: None,
        progressive: false,
        seen: Vec::new(),
        aside: Aside { orientation: 1, ..Aside::default() },
        jfif: None,
        adobe: None,
        scans: 0,
    };
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return Err(Fault::Damage);
    }
    reader.segments(budget)?;
    let mut picture = reader.picture.ok_or(Fault::Damage)?;
    if reader.seen.iter().any(|seen| !seen) {
        return Err(Fault::Damage);
    }
    picture.jfif = reader.jfif;
    picture.adobe = reader.adobe;
    Ok((picture, reader.aside))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    quant: [Option<[u16; 64]>; 4],
    tables: Tables,
    picture: Option<Picture>,
    progressive: bool,
    /// Components that a scan has held.
    seen: Vec<bool>,
    aside: Aside,
    jfif: Option<(u8, u16, u16)>,
    adobe: Option<u8>,
    scans: usize,
}

impl<'a> Reader<'a> {
    fn segments(&mut self, budget: &mut Budget) -> Result<(), Fault> {
        loop {
            let whole = self.scans > 0 && self.seen.iter().all(|seen| *seen);
            if whole && self.at >= self.bytes.len() {
                // Only the end marker is missing: nothing of the picture is.
                return Ok(());
            }
            let marker = self.marker()?;
            match marker {
                0xD9 => {
                    self.aside.trailing = self.bytes.len().saturating_sub(self.at);
                    return Ok(());
                }
                0x01 | 0xD0..=0xD7 => continue,
                _ => {}
            }
            let body = self.body()?;
            match marker {
                0xC0..=0xC2 => self.frame(marker, body, budget)?,
                0xC4 => self.huffman(body)?,
                0xC3 | 0xC5..=0xCF => return Err(Fault::Kind),
                0xDA => self.scan(body, budget)?,
                0xDB => self.quantisation(body)?,
                0xDD => self.tables.restart = usize::from(u16::from_be_bytes(array(body)?)),
                0xDC | 0xDE | 0xDF => return Err(Fault::Kind),
                _ => self.other(marker, body),
            }
        }
    }

    /// The next marker; fill bytes before it are allowed (B.1.1.2).
    fn marker(&mut self) -> Result<u8, Fault> {
        if self.bytes.get(self.at) != Some(&0xFF) {
            return Err(Fault::Damage);
        }
        while self.bytes.get(self.at) == Some(&0xFF) {
            self.at += 1;
        }
        let marker = *self.bytes.get(self.at).ok_or(Fault::Damage)?;
        self.at += 1;
        if marker == 0 { Err(Fault::Damage) } else { Ok(marker) }
    }

    fn body(&mut self) -> Result<&'a [u8], Fault> {
        let length = usize::from(u16::from_be_bytes(array(self.bytes.get(self.at..).ok_or(Fault::Damage)?)?));
        let body = self.bytes.get(self.at + 2..self.at + length).ok_or(Fault::Damage)?;
        self.at += length;
        Ok(body)
    }

    fn frame(&mut self, marker: u8, body: &[u8], budget: &mut Budget) -> Result<(), Fault> {
        let &[bits, h1, h0, w1, w0, count, ref parts @ ..] = body else { return Err(Fault::Damage) };
        if self.picture.is_some() || parts.len() != usize::from(count) * 3 {
            return Err(Fault::Damage);
        }
        let (width, height) = (usize::from(u16::from_be_bytes([w1, w0])), usize::from(u16::from_be_bytes([h1, h0])));
        if bits != 8 || !matches!(count, 1 | 3 | 4) || width == 0 || height == 0 {
            return Err(Fault::Kind);
        }
        budget.pixels(width as u64, height as u64)?;
        budget.step((width * height) as u64 / 64)?;
        let mut picture = Picture { width, height, components: Vec::new(), adobe: None, jfif: None };
        for part in parts.as_chunks::<3>().0 {
            let [id, sampling, table] = *part;
            let (h, v) = if count == 1 { (1, 1) } else { (usize::from(sampling >> 4), usize::from(sampling & 15)) };
            let twice = picture.components.iter().any(|c| c.id == id);
            if !(1..=4).contains(&h) || !(1..=4).contains(&v) || table > 3 || twice {
                return Err(Fault::Damage);
            }
            let mut quant = [0; 64];
            // The table's number until the first scan of the component, when the table itself is known.
            quant[0] = u16::from(table);
            picture.components.push(Component { id, h, v, quant, across: 0, down: 0, stride: 0, blocks: Vec::new() });
        }
        picture.lay_out();
        let (_, down) = picture.mcus();
        let blocks: usize = picture.components.iter().map(|c| c.stride * down * c.v).sum();
        if blocks * 128 > LIVE_BYTES {
            return Err(Fault::Stop(Stop::refused(ReasonCode::LimitPixels)));
        }
        for c in &mut picture.components {
            c.blocks = vec![[0; 64]; c.stride * down * c.v];
        }
        self.seen = vec![false; picture.components.len()];
        self.progressive = marker == 0xC2;
        self.picture = Some(picture);
        Ok(())
    }

    fn huffman(&mut self, mut body: &[u8]) -> Result<(), Fault> {
        while let Some((&kind, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(Fault::Damage)?;
            let total: usize = counts.iter().map(|c| usize::from(*c)).sum();
            let symbols = rest.get(..total).ok_or(Fault::Damage)?;
            let tables = match kind >> 4 {
                0 => &mut self.tables.dc,
                1 => &mut self.tables.ac,
                _ => return Err(Fault::Damage),
            };
            *tables.get_mut(usize::from(kind & 15)).ok_or(Fault::Damage)? = Some(Decoder::new(counts, symbols)?);
            body = rest.get(total..).ok_or(Fault::Damage)?;
        }
        Ok(())
    }

    fn quantisation(&mut self, mut body: &[u8]) -> Result<(), Fault> {
        while let Some((&kind, rest)) = body.split_first() {
            let wide = match kind >> 4 {
                0 => false,
                1 => true,
                _ => return Err(Fault::Damage),
            };
            let size = if wide { 128 } else { 64 };
            let values = rest.get(..size).ok_or(Fault::Damage)?;
            let mut table = [0u16; 64];
            for (at, to) in table.iter_mut().enumerate() {
                *to = if wide {
                    u16::from_be_bytes(array(values.get(at * 2..).ok_or(Fault::Damage)?)?)
                } else {
                    u16::from(*values.get(at).ok_or(Fault::Damage)?)
                };
                if *to == 0 {
                    return Err(Fault::Damage);
                }
            }
            *self.quant.get_mut(usize::from(kind & 15)).ok_or(Fault::Damage)? = Some(table);
            body = rest.get(size..).ok_or(Fault::Damage)?;
        }
        Ok(())
    }

    fn scan(&mut self, body: &[u8], budget: &mut Budget) -> Result<(), Fault> {
        self.scans += 1;
        if self.scans > SCANS {
            return Err(Fault::Stop(Stop::refused(ReasonCode::LimitSteps)));
        }
        let picture = self.picture.as_mut().ok_or(Fault::Damage)?;
        budget.step((picture.width * picture.height) as u64 / 256)?;
        let header = header(body, picture, self.progressive)?;
        for &(component, _, _) in &header.parts {
            let seen = self.seen.get_mut(component).ok_or(Fault::Damage)?;
            if *seen && !self.progressive {
                return Err(Fault::Damage);
            }
            if !*seen {
                let c = picture.components.get_mut(component).ok_or(Fault::Damage)?;
                c.quant = self.quant.get(usize::from(c.quant[0])).copied().flatten().ok_or(Fault::Damage)?;
                *seen = true;
            }
        }
        self.at = scan::decode(picture, self.progressive, &header, &self.tables, self.bytes, self.at)?;
        Ok(())
    }

    /// JFIF and Adobe say how to show the picture, Exif which way up; nothing else is looked at.
    fn other(&mut self, marker: u8, body: &[u8]) {
        match (marker, body) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, _, _, unit, x1, x0, y1, y0, rest @ ..]) => {
                let (x, y) = (u16::from_be_bytes([*x1, *x0]), u16::from_be_bytes([*y1, *y0]));
                let density = if *unit <= 2 && x > 0 && y > 0 { (*unit, x, y) } else { (0, 1, 1) };
                self.jfif.get_or_insert(density);
                self.aside.metadata |= rest.len() > 2;
            }
            (0xEE, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => {
                self.adobe.get_or_insert((*transform).min(2));
            }
            (0xE1, [b'E', b'x', b'i', b'f', 0, _, tiff @ ..]) => {
                if self.aside.orientation == 1 {
                    self.aside.orientation = exif::orientation(tiff);
                }
                self.aside.metadata = true;
            }
            _ => self.aside.metadata = true,
        }
    }
}

fn header(body: &[u8], picture: &Picture, progressive: bool) -> Result<Header, Fault> {
    let (&count, rest) = body.split_first().ok_or(Fault::Damage)?;
    let count = usize::from(count);
    let Some(&[start, end, approximation]) = rest.get(count * 2..) else { return Err(Fault::Damage) };
    let mut parts = Vec::new();
    for pair in rest.get(..count * 2).ok_or(Fault::Damage)?.as_chunks::<2>().0 {
        let component = picture.components.iter().position(|c| c.id == pair[0]).ok_or(Fault::Damage)?;
        if parts.iter().any(|(c, _, _)| *c == component) {
            return Err(Fault::Damage);
        }
        parts.push((component, usize::from(pair[1] >> 4), usize::from(pair[1] & 15)));
    }
    let (start, end) = (usize::from(start), usize::from(end));
    let (high, low) = (u32::from(approximation >> 4), u32::from(approximation & 15));
    let fits = if progressive {
        low <= 13 && end < 64 && if start == 0 { end == 0 } else { start <= end && count == 1 }
    } else {
        true
    };
    if count == 0 || !fits {
        return Err(Fault::Damage);
    }
    let low = if progressive { low } else { 0 };
    Ok(Header { parts, start, end, high, low })
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes.first_chunk::<N>().copied().ok_or(Fault::Damage)
}
