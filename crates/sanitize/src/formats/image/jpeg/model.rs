//! What a JPEG holds once it is decoded: quantised DCT coefficients and nothing else.

/// 64 quantised coefficients of a block, in zigzag order.
pub(super) type Block = [i16; 64];

/// Coefficients and how to put them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// The transform byte of an Adobe segment.
    pub(super) adobe: Option<u8>,
    /// Unit, horizontal and vertical density of a JFIF segment.
    pub(super) jfif: Option<(u8, u16, u16)>,
}

/// One colour component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Sampling factors, 1 to 4.
    pub(super) h: usize,
    pub(super) v: usize,
    /// Quantisation, in zigzag order.
    pub(super) quant: [u16; 64],
    /// Blocks across and down that hold pixels.
    pub(super) across: usize,
    pub(super) down: usize,
    /// Blocks of a row in `blocks`, filled up to whole MCUs.
    pub(super) stride: usize,
    pub(super) blocks: Vec<Block>,
}

impl Picture {
    /// The largest sampling factors.
    pub(super) fn sampling(&self) -> (usize, usize) {
        let h = self.components.iter().map(|c| c.h).max().unwrap_or(1);
        let v = self.components.iter().map(|c| c.v).max().unwrap_or(1);
        (h, v)
    }

    /// MCUs across and down of an interleaved scan.
    pub(super) fn mcus(&self) -> (usize, usize) {
        let (h, v) = self.sampling();
        (self.width.div_ceil(8 * h), self.height.div_ceil(8 * v))
    }

    /// Computes the numbers of blocks from size and sampling; the blocks themselves are the caller's.
    pub(super) fn lay_out(&mut self) {
        let (h, v) = self.sampling();
        let (across, _) = self.mcus();
        for component in &mut self.components {
            component.across = (self.width * component.h).div_ceil(h).div_ceil(8);
            component.down = (self.height * component.v).div_ceil(v).div_ceil(8);
            component.stride = across * component.h;
        }
    }

    /// Leaves out the rows below a height.
    pub(super) fn cut(&mut self, height: usize) {
        self.height = height;
        self.lay_out();
        let (_, down) = self.mcus();
        for component in &mut self.components {
            component.blocks.truncate(down * component.v * component.stride);
        }
    }

    /// Blocks that only fill up MCUs take the DC of their neighbour and nothing else, so that they hide nothing and two
    /// pictures that look the same are written the same.
    pub(super) fn clear_padding(&mut self) {
        for c in &mut self.components {
            let (across, down, stride) = (c.across, c.down, c.stride);
            for (at, row) in c.blocks.chunks_mut(stride.max(1)).enumerate() {
                if at >= down {
                    row.fill([0; 64]);
                } else if across > 0 && across <= row.len() {
                    let mut flat = [0; 64];
                    flat[0] = row[across - 1][0];
                    row[across..].fill(flat);
                }
            }
        }
    }
}

/// Index in a block's row-major order of each zigzag place (figure A.6).
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];
