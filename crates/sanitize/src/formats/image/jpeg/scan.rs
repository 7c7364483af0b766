//! Decodes the scans of a sequential or progressive Huffman JPEG into coefficients (ITU-T T.81, annexes F and G).

use super::Damage;
use super::bits::BitReader;
use super::huffman::Decoder;
use super::model::{Block, Component, Picture};

/// The header of a scan.
#[derive(Debug)]
pub(super) struct Header {
    /// Component, DC table, AC table.
    pub(super) parts: Vec<(usize, usize, usize)>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) high: u32,
    pub(super) low: u32,
}

/// Tables in force.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) dc: [Option<Decoder>; 4],
    pub(super) ac: [Option<Decoder>; 4],
    pub(super) restart: usize,
}

/// The state that blocks share.
struct Run<'a, 'b> {
    bits: &'a mut BitReader<'b>,
    header: &'a Header,
    progressive: bool,
    dc: [i32; 4],
    end_of_band: u32,
}

/// Decodes one scan that starts at `at`; gives the place of the next marker.
pub(super) fn decode(
    picture: &mut Picture,
    progressive: bool,
    header: &Header,
    tables: &Tables,
    bytes: &[u8],
    at: usize,
) -> Result<usize, Damage> {
    let mut bits = BitReader::new(bytes, at);
    let mut run = Run { bits: &mut bits, header, progressive, dc: [0; 4], end_of_band: 0 };
    let mcus = Mcus::new(picture, header)?;
    for mcu in 0..mcus.across * mcus.down {
        if tables.restart > 0 && mcu > 0 && mcu % tables.restart == 0 {
            run.bits.restart()?;
            run.dc = [0; 4];
            run.end_of_band = 0;
        }
        let (x, y) = (mcu % mcus.across, mcu / mcus.across);
        for (n, &(component, dc, ac)) in header.parts.iter().enumerate() {
            let c = picture.components.get_mut(component).ok_or(Damage)?;
            let (h, v) = if mcus.interleaved { (c.h, c.v) } else { (1, 1) };
            let dc = tables.dc.get(dc).and_then(Option::as_ref);
            let ac = tables.ac.get(ac).and_then(Option::as_ref);
            for by in 0..v {
                let row = (y * v + by) * c.stride + x * h;
                for block in c.blocks.get_mut(row..row + h).ok_or(Damage)? {
                    run.block(n, dc, ac, block)?;
                }
            }
        }
    }
    bits.finish()
}

struct Mcus {
    across: usize,
    down: usize,
    interleaved: bool,
}

impl Mcus {
    fn new(picture: &Picture, header: &Header) -> Result<Self, Damage> {
        if let [(only, _, _)] = header.parts.as_slice() {
            let Component { across, down, .. } = *picture.components.get(*only).ok_or(Damage)?;
            return Ok(Self { across, down, interleaved: false });
        }
        let (across, down) = picture.mcus();
        Ok(Self { across, down, interleaved: true })
    }
}

impl Run<'_, '_> {
    fn block(
        &mut self,
        part: usize,
        dc: Option<&Decoder>,
        ac: Option<&Decoder>,
        block: &mut Block,
    ) -> Result<(), Damage> {
        if !self.progressive {
            self.first_dc(part, dc.ok_or(Damage)?, block)?;
            return self.sequential_ac(ac.ok_or(Damage)?, block);
        }
        match (self.header.start, self.header.high) {
            (0, 0) => self.first_dc(part, dc.ok_or(Damage)?, block),
            (0, _) => {
                if self.bits.bits(1)? == 1 {
                    block[0] |= 1 << self.header.low;
                }
                Ok(())
            }
            (_, 0) => self.first_ac(ac.ok_or(Damage)?, block),
            _ => self.refine_ac(ac.ok_or(Damage)?, block),
        }
    }

    fn first_dc(&mut self, part: usize, table: &Decoder, block: &mut Block) -> Result<(), Damage> {
        let size = u32::from(self.bits.symbol(table)?);
        if size > 11 {
            return Err(Damage);
        }
        let difference = self.bits.signed(size)?;
        let last = self.dc.get_mut(part).ok_or(Damage)?;
        *last += difference;
        block[0] = coefficient(*last << self.header.low)?;
        Ok(())
    }

    fn sequential_ac(&mut self, table: &Decoder, block: &mut Block) -> Result<(), Damage> {
        let mut at = 1;
        while at < 64 {
            let symbol = self.bits.symbol(table)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if run < 15 {
                    break;
                }
                at += 16;
                continue;
            }
            at += run;
            *block.get_mut(at).ok_or(Damage)? = coefficient(self.bits.signed(size)?)?;
            at += 1;
        }
        Ok(())
    }

    fn first_ac(&mut self, table: &Decoder, block: &mut Block) -> Result<(), Damage> {
        if self.end_of_band > 0 {
            self.end_of_band -= 1;
            return Ok(());
        }
        let mut at = self.header.start;
        while at <= self.header.end {
            let symbol = self.bits.symbol(table)?;
            let (run, size) = (symbol >> 4, u32::from(symbol & 15));
            if size == 0 {
                if run < 15 {
                    self.end_of_band = (1 << run) - 1 + self.bits.bits(u32::from(run))?;
                    break;
                }
                at += 16;
                continue;
            }
            at += usize::from(run);
            if at > self.header.end {
                return Err(Damage);
            }
            *block.get_mut(at).ok_or(Damage)? = coefficient(self.bits.signed(size)? << self.header.low)?;
            at += 1;
        }
        Ok(())
    }

    fn refine_ac(&mut self, table: &Decoder, block: &mut Block) -> Result<(), Damage> {
        let mut at = self.header.start;
        if self.end_of_band == 0 {
            while at <= self.header.end {
                let symbol = self.bits.symbol(table)?;
                let (mut run, size) = (usize::from(symbol >> 4), symbol & 15);
                let mut value = 0i16;
                if size == 0 {
                    if run < 15 {
                        let run = u32::try_from(run).unwrap_or(0);
                        self.end_of_band = (1 << run) + self.bits.bits(run)?;
                        break;
                    }
                } else if size == 1 {
                    value = if self.bits.bits(1)? == 1 { 1 << self.header.low } else { -(1 << self.header.low) };
                } else {
                    return Err(Damage);
                }
                while at <= self.header.end {
                    let here = block.get_mut(at).ok_or(Damage)?;
                    if *here != 0 {
                        correct(self.bits, here, self.header.low)?;
                    } else if run == 0 {
                        *here = value;
                        at += 1;
                        break;
                    } else {
                        run -= 1;
                    }
                    at += 1;
                }
            }
        }
        if self.end_of_band > 0 {
            for here in block.get_mut(at..=self.header.end).ok_or(Damage)? {
                if *here != 0 {
                    correct(self.bits, here, self.header.low)?;
                }
            }
            self.end_of_band -= 1;
        }
        Ok(())
    }
}

/// One more bit of a coefficient that is known to be other than zero.
fn correct(bits: &mut BitReader<'_>, value: &mut i16, low: u32) -> Result<(), Damage> {
    if bits.bits(1)? == 1 && value.unsigned_abs() & (1 << low) == 0 {
        *value += if *value > 0 { 1 << low } else { -(1 << low) };
    }
    Ok(())
}

/// What eight-bit samples can give: larger values are damage (and could not be written with baseline tables).
fn coefficient(value: i32) -> Result<i16, Damage> {
    if (-1024..=1023).contains(&value) { i16::try_from(value).map_err(|_| Damage) } else { Err(Damage) }
}
