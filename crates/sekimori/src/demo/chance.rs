//! Chance that is the same in every run.

/// SplitMix64 (Steele, Lea, Flood 2014): small, and equal on every machine. Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// A sequence that depends on `name` only, so that one part of the city does not shift another.
    pub(crate) fn named(name: &str) -> Self {
        // FNV-1a, to spread the name over the state.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(hash)
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        match u64::try_from(limit) {
            Ok(limit) if limit > 0 => usize::try_from(self.bits() % limit).unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether something happens that happens `parts` times in `whole`.
    pub(crate) fn happens(&mut self, parts: usize, whole: usize) -> bool {
        self.below(whole) < parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_gives_the_same_sequence_and_another_name_another() {
        let sequence = |name| {
            let mut chance = Chance::named(name);
            (0..8).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(sequence("people"), sequence("people"));
        assert_ne!(sequence("people"), sequence("assets"));
    }
}
