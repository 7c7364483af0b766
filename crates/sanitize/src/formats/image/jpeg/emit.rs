//! Writes a picture as one sequential Huffman JPEG with the best tables; the same coefficients give the same bytes.

use super::bits::BitWriter;
use super::huffman::Encoder;
use super::model::{Block, Component, Picture};

/// The file: SOI, JFIF and Adobe when they were there, DQT, SOF0 or SOF1, DHT, one scan (or one for each component when
/// an MCU would be too large), EOI.
pub(super) fn emit(picture: &Picture) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
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
    let tables = quantisation(&mut out, picture);
    frame(&mut out, picture, &tables);
    let scans = scans(picture);
    let encoders = huffman(&mut out, picture, &scans);
    for scan in &scans {
        out = write_scan(out, picture, scan, &encoders);
    }
    out.extend([0xFF, 0xD9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    out.extend([0xFF, marker]);
    out.extend(u16::try_from(body.len() + 2).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(body);
}

/// The tables that differ, and for each component which it uses.
fn quantisation(out: &mut Vec<u8>, picture: &Picture) -> Vec<u8> {
    let mut tables: Vec<&[u16; 64]> = Vec::new();
    let mut used = Vec::new();
    for component in &picture.components {
        let at = tables.iter().position(|t| **t == component.quant).unwrap_or_else(|| {
            tables.push(&component.quant);
            tables.len() - 1
        });
        used.push(u8::try_from(at).unwrap_or(0));
    }
    for (at, table) in (0u8..).zip(&tables) {
        let wide = table.iter().any(|q| *q > 255);
        let mut body = vec![(u8::from(wide) << 4) | at];
        for q in *table {
            let [high, low] = q.to_be_bytes();
            if wide {
                body.push(high);
            }
            body.push(low);
        }
        segment(out, 0xDB, &body);
    }
    used
}

fn frame(out: &mut Vec<u8>, picture: &Picture, tables: &[u8]) {
    let wide = picture.components.iter().any(|c| c.quant.iter().any(|q| *q > 255));
    let mut body = vec![8];
    body.extend(u16::try_from(picture.height).unwrap_or(u16::MAX).to_be_bytes());
    body.extend(u16::try_from(picture.width).unwrap_or(u16::MAX).to_be_bytes());
    body.push(u8::try_from(picture.components.len()).unwrap_or(0));
    for (component, table) in picture.components.iter().zip(tables) {
        let sampling = u8::try_from((component.h << 4) | component.v).unwrap_or(0x11);
        body.extend([component.id, sampling, *table]);
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

struct Encoders {
    dc: Vec<Encoder>,
    ac: Vec<Encoder>,
}

fn huffman(out: &mut Vec<u8>, picture: &Picture, scans: &[Vec<usize>]) -> Encoders {
    let mut dc = [[0u32; 256]; 2];
    let mut ac = [[0u32; 256]; 2];
    for scan in scans {
        each_block(picture, scan, |component, block, last| {
            let table = table_of(component);
            symbols(block, last, |first, symbol, _, _| {
                let counts = if first { &mut dc[table] } else { &mut ac[table] };
                counts[usize::from(symbol)] += 1;
            });
        });
    }
    let tables = if picture.components.len() > 1 { 2 } else { 1 };
    let encoders = Encoders {
        dc: dc.iter().take(tables).map(Encoder::best).collect(),
        ac: ac.iter().take(tables).map(Encoder::best).collect(),
    };
    for (class, list) in [(0u8, &encoders.dc), (1, &encoders.ac)] {
        for (at, encoder) in (0u8..).zip(list) {
            let mut body = vec![(class << 4) | at];
            body.extend(encoder.counts);
            body.extend(&encoder.symbols);
            segment(out, 0xC4, &body);
        }
    }
    encoders
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
