//! What one call may spend. Everything that comes from outside is counted before it is done.
//!
//! Limits count steps, bytes and things, never time, so that the same input always ends the same way; the wall clock is
//! the broker's and only a last resort.

use serde::Deserialize;

use crate::words::ReasonCode;
use crate::work::Stop;

/// The named limits of one call of [`crate::sanitize`]. A policy may lower or raise them (`[limits]` in its TOML form).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the input file.
    pub input_bytes: u64,
    /// Bytes decoded (inflated, decrypted, decoded pixels) in the whole call, all depths together.
    pub decoded_bytes: u64,
    /// Units of work in the whole call; a reader spends at least one for each thing that it looks at (element, object,
    /// entry, operator).
    pub steps: u64,
    /// Containers in containers: 1 is a file in a zip.
    pub depth: u32,
    /// Members of all containers of the call together.
    pub members: u32,
    /// Decoded bytes for one compressed byte of a member, judged once it has more than a mebibyte.
    pub ratio: u64,
    /// Pixels of one image.
    pub pixels: u64,
    /// Nested elements, boxes, groups or objects inside one file.
    pub nesting: u32,
    /// Attributes of one element, keys of one dictionary, headers of one mail part.
    pub attributes: u32,
    /// Bytes of one file name (UTF-8) after cleaning.
    pub name_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 256 << 20,
            decoded_bytes: 192 << 20,
            steps: 60_000_000,
            depth: 5,
            members: 10_000,
            ratio: 500,
            pixels: 40_000_000,
            nesting: 200,
            attributes: 200,
            name_bytes: 200,
        }
    }
}

/// What is left of the [`Limits`]. One budget serves a whole call, children included.
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    steps: u64,
    decoded: u64,
    members: u32,
    depth: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Budget {
    /// A full budget.
    pub fn new(limits: Limits) -> Self {
        Self { limits, steps: 0, decoded: 0, members: 0, depth: 0 }
    }

    /// The limits it started from.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Spends units of work.
    pub fn step(&mut self, units: u64) -> Result<(), Stop> {
        self.steps = self.steps.saturating_add(units);
        if self.steps > self.limits.steps { Err(Stop::refused(ReasonCode::LimitSteps)) } else { Ok(()) }
    }

    /// Spends decoded bytes; call it before the bytes are kept.
    pub fn decode(&mut self, bytes: usize) -> Result<(), Stop> {
        self.decoded = self.decoded.saturating_add(bytes as u64);
        if self.decoded > self.limits.decoded_bytes { Err(Stop::refused(ReasonCode::LimitBytes)) } else { Ok(()) }
    }

    /// How many bytes may still be decoded.
    pub fn decode_left(&self) -> usize {
        usize::try_from(self.limits.decoded_bytes.saturating_sub(self.decoded)).unwrap_or(usize::MAX)
    }

    /// How many bytes a member of `packed` compressed bytes may decode to: the ratio, and what is left.
    pub fn member_bytes(&self, packed: usize) -> usize {
        let by_ratio = (packed as u64).saturating_mul(self.limits.ratio).max(1 << 20);
        usize::try_from(by_ratio).unwrap_or(usize::MAX).min(self.decode_left())
    }

    /// Counts members of a container.
    pub fn members(&mut self, count: usize) -> Result<(), Stop> {
        self.members = self.members.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        if self.members > self.limits.members { Err(Stop::refused(ReasonCode::LimitMembers)) } else { Ok(()) }
    }

    /// Refuses an image of more pixels than allowed; call it before the pixels are allocated.
    pub fn pixels(&self, width: u64, height: u64) -> Result<(), Stop> {
        if width.saturating_mul(height) > self.limits.pixels {
            Err(Stop::refused(ReasonCode::LimitPixels))
        } else {
            Ok(())
        }
    }

    /// Refuses nesting deeper than allowed inside one file.
    pub fn nesting(&self, depth: usize) -> Result<(), Stop> {
        if depth > self.limits.nesting as usize { Err(Stop::refused(ReasonCode::LimitNesting)) } else { Ok(()) }
    }

    /// Refuses more attributes, keys or headers on one thing than allowed.
    pub fn attributes(&self, count: usize) -> Result<(), Stop> {
        if count > self.limits.attributes as usize { Err(Stop::refused(ReasonCode::LimitAttributes)) } else { Ok(()) }
    }

    /// Goes into a child.
    pub(crate) fn enter(&mut self) -> Result<(), Stop> {
        if self.depth >= self.limits.depth {
            return Err(Stop::refused(ReasonCode::LimitDepth));
        }
        self.depth += 1;
        Ok(())
    }

    /// Comes back from a child.
    pub(crate) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
