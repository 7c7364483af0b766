//! Writes pictures as sequential Huffman JPEGs with the best tables; the same coefficients give the same bytes.

use super::bits::BitWriter;
use super::huffman::Encoder;
use super::model::{Block, Component, Picture};

const START: [u8; 2] = [0xFF, 0xD8];
const END: [u8; 2] = [0xFF, 0xD9];

/// The file: SOI, JFIF and Adobe when they were there, DQT, SOF0 or SOF1, DHT, one scan (or one for each component when
/// an MCU would be too large), EOI.
pub(super) fn emit(picture: &Picture) -> Vec<u8> {
    let mut tables = Tables::default();
    tables.add(picture);
    let encoders = tables.encoders();
    let mut out = START.to_vec();
    if let Some((unit, x, y)) = picture.jfif {
        let mut body = b"JFIF\0\x01\x01".to_vec();
        body.push(unit);
        body.extend(x.to_be_bytes());
        body.extend(y.to_be_bytes());
        body.extend([0, 0]);
        segment(&mut out, 0xE0, &body);
    }
    if let Some(transform) = picture.adobe {
        let mut body = b"Adobe\0\x64\0\0\0\0".to_vec();
        body.push(transform);
        segment(&mut out, 0xEE, &body);
    }
    tables.write(&mut out);
    frame(&mut out, picture, &tables);
    encoders.write(&mut out);
    for scan in &scans(picture) {
        out = write_scan(out, picture, scan, &encoders);
    }
    out.extend(END);
    out
}

/// Tables alone, for pictures that share them: SOI, DQT, DHT, EOI.
pub(super) fn emit_tables(tables: &Tables, encoders: &Encoders) -> Vec<u8> {
    let mut out = START.to_vec();
    tables.write(&mut out);
    encoders.write(&mut out);
    out.extend(END);
    out
}

/// A picture without tables: SOI, SOF0 or SOF1, its scans, EOI.
pub(super) fn emit_without_tables(picture: &Picture, tables: &Tables, encoders: &Encoders) -> Vec<u8> {
    let mut out = START.to_vec();
    frame(&mut out, picture, tables);
    for scan in &scans(picture) {
        out = write_scan(out, picture, scan, encoders);
    }
    out.extend(END);
    out
}

/// What pictures need of the tables that they share.
#[derive(Debug, Default)]
pub(super) struct Tables {
    quantisation: Vec<[u16; 64]>,
    symbols: Option<Box<Symbols>>,
    /// Of components that are chroma.
    colour: bool,
}

/// How often each symbol stands, by table.
#[derive(Debug)]
struct Symbols {
    dc: [[u32; 256]; 2],
    ac: [[u32; 256]; 2],
}

impl Tables {
    /// Takes account of one more picture.
    pub(super) fn add(&mut self, picture: &Picture) {
        for component in &picture.components {
            if !self.quantisation.contains(&component.quant) {
                self.quantisation.push(component.quant);
            }
        }
        self.colour |= picture.components.len() > 1;
        let symbols_of = self.symbols.get_or_insert_with(|| Box::new(Symbols { dc: [[0; 256]; 2], ac: [[0; 256]; 2] }));
        for scan in &scans(picture) {
            each_block(picture, scan, |component, block, last| {
                let table = table_of(component);
                symbols(block, last, |first, symbol, _, _| {
                    let counts = if first { &mut symbols_of.dc[table] } else { &mut symbols_of.ac[table] };
                    counts[usize::from(symbol)] += 1;
                });
            });
        }
    }

    /// Whether a frame can name them all.
    pub(super) fn fit(&self) -> bool {
        self.quantisation.len() <= 4
    }

    /// The best codes.
    pub(super) fn encoders(&self) -> Encoders {
        let tables = if self.colour { 2 } else { 1 };
        let best = |counts: &[[u32; 256]; 2]| counts.iter().take(tables).map(Encoder::best).collect();
        let (dc, ac) = self.symbols.as_ref().map_or_else(Default::default, |of| (best(&of.dc), best(&of.ac)));
        Encoders { dc, ac }
    }

    fn write(&self, out: &mut Vec<u8>) {
        for (at, table) in (0u8..).zip(&self.quantisation) {
            let wide = table.iter().any(|q| *q > 255);
            let mut body = vec![(u8::from(wide) << 4) | at];
            for q in table {
                let [high, low] = q.to_be_bytes();
                if wide {
                    body.push(high);
                }
                body.push(low);
            }
            segment(out, 0xDB, &body);
        }
    }

    fn number_of(&self, component: &Component) -> u8 {
        let at = self.quantisation.iter().position(|table| *table == component.quant);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
    }
}

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    out.extend([0xFF, marker]);
    out.extend(u16::try_from(body.len() + 2).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(body);
}

fn frame(out: &mut Vec<u8>, picture: &Picture, tables: &Tables) {
    let wide = picture.components.iter().any(|c| c.quant.iter().any(|q| *q > 255));
    let mut body = vec![8];
    body.extend(u16::try_from(picture.height).unwrap_or(u16::MAX).to_be_bytes());
    body.extend(u16::try_from(picture.width).unwrap_or(u16::MAX).to_be_bytes());
    body.push(u8::try_from(picture.components.len()).unwrap_or(0));
    for component in &picture.components {
        let sampling = u8::try_from((component.h << 4) | component.v).unwrap_or(0x11);
        body.extend([component.id, sampling, tables.number_of(component)]);
    }
    segment(out, if wide { 0xC1 } else { 0xC0 }, &body);
}

/// Which components are in which scan: all in one when an MCU has at most ten blocks (B.2.3).
fn scans(picture: &Picture) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..picture.components.len()).collect();
    let blocks: usize = picture.components.iter().map(|c| c.h * c.v).sum();
    if blocks <= 10 || all.len() == 1 { vec![all] } else { all.into_iter().map(|c| vec![c]).collect() }
}

/// The table of a component: chroma has its own.
fn table_of(component: usize) -> usize {
    usize::from(component == 1 || component == 2)
}

/// Calls `visit` with each block of a scan in order, with the DC of the block before it.
fn each_block(picture: &Picture, scan: &[usize], mut visit: impl FnMut(usize, &Block, i16)) {
    let mut dc = [0i16; 4];
    let mut one = |component: usize, block: &Block| {
        if let Some(last) = dc.get_mut(component) {
            visit(component, block, *last);
            *last = block[0];
        }
    };
    if let [only] = scan {
        let Some(c) = picture.components.get(*only) else { return };
        for row in c.blocks.chunks(c.stride.max(1)).take(c.down) {
            for block in row.iter().take(c.across) {
                one(*only, block);
            }
        }
        return;
    }
    let (across, down) = picture.mcus();
    for my in 0..down {
        for mx in 0..across {
            for (at, c) in picture.components.iter().enumerate() {
                mcu(c, mx, my, |block| one(at, block));
            }
        }
    }
}

fn mcu(c: &Component, mx: usize, my: usize, mut visit: impl FnMut(&Block)) {
    for y in 0..c.v {
        let start = (my * c.v + y) * c.stride + mx * c.h;
        for block in c.blocks.get(start..start + c.h).unwrap_or_default() {
            visit(block);
        }
    }
}

/// The codes that symbols are written with.
#[derive(Debug)]
pub(super) struct Encoders {
    dc: Vec<Encoder>,
    ac: Vec<Encoder>,
}

impl Encoders {
    fn write(&self, out: &mut Vec<u8>) {
        for (class, list) in [(0u8, &self.dc), (1, &self.ac)] {
            for (at, encoder) in (0u8..).zip(list) {
                let mut body = vec![(class << 4) | at];
                body.extend(encoder.counts);
                body.extend(&encoder.symbols);
                segment(out, 0xC4, &body);
            }
        }
    }
}

fn write_scan(mut out: Vec<u8>, picture: &Picture, scan: &[usize], encoders: &Encoders) -> Vec<u8> {
    let mut body = vec![u8::try_from(scan.len()).unwrap_or(0)];
    for &at in scan {
        let table = u8::try_from(table_of(at)).unwrap_or(0);
        body.extend([picture.components.get(at).map_or(0, |c| c.id), (table << 4) | table]);
    }
    body.extend([0, 63, 0]);
    segment(&mut out, 0xDA, &body);
    let mut bits = BitWriter::new(out);
    each_block(picture, scan, |component, block, last| {
        let table = table_of(component);
        let (Some(dc), Some(ac)) = (encoders.dc.get(table), encoders.ac.get(table)) else { return };
        symbols(block, last, |first, symbol, value, size| {
            bits.symbol(if first { dc } else { ac }, symbol);
            bits.bits(value, size);
        });
    });
    bits.finish()
}

/// The symbols of a block: whether it is the DC symbol, the symbol, its extra bits and how many (F.1.2).
fn symbols(block: &Block, last: i16, mut put: impl FnMut(bool, u8, u32, u32)) {
    let (size, bits) = magnitude(i32::from(block[0]) - i32::from(last));
    put(true, size, bits, u32::from(size));
    let mut run = 0u8;
    for &value in &block[1..] {
        if value == 0 {
            run += 1;
            continue;
        }
        while run >= 16 {
            put(false, 0xF0, 0, 0);
            run -= 16;
        }
        let (size, bits) = magnitude(i32::from(value));
        put(false, (run << 4) | size, bits, u32::from(size));
        run = 0;
    }
    if run > 0 {
        put(false, 0, 0, 0);
    }
}

/// The category of a value and its bits.
fn magnitude(value: i32) -> (u8, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = if value < 0 { value - 1 } else { value };
    (u8::try_from(size).unwrap_or(0), bits.cast_unsigned() & ((1 << size) - 1))
}
