//! Ids (UUID version 7, RFC 9562) and where their randomness comes from.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::time::Moment;
use crate::{Error, Result};

/// A source of random bytes, handed to the ledger when it is opened.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]) -> Result<()>;
}

/// The operating system's random bytes.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        getrandom::fill(buffer).map_err(|error| Error::broken(format!("no random bytes: {error}")))
    }
}

/// The same bytes for the same seed: for the demo and for tests, which are stable from run to run. Never for real data.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    counter: AtomicU64,
}

impl SeededEntropy {
    /// Starts the sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        for chunk in buffer.chunks_mut(32) {
            let count = self.counter.fetch_add(1, Ordering::Relaxed);
            let block =
                Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(count.to_be_bytes()).finalize();
            for (to, from) in chunk.iter_mut().zip(block) {
                *to = from;
            }
        }
        Ok(())
    }
}

/// An id: UUIDv7, so that ids sort by the moment they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 16]);

impl Id {
    /// A new id of this moment.
    pub fn new(at: Moment, entropy: &dyn Entropy) -> Result<Self> {
        let mut bytes = [0_u8; 16];
        entropy.fill(&mut bytes)?;
        let [.., a, b, c, d, e, f] = at.0.to_be_bytes();
        let [t0, t1, t2, t3, t4, t5, version, _, variant, ..] = &mut bytes;
        (*t0, *t1, *t2, *t3, *t4, *t5) = (a, b, c, d, e, f);
        *version = (*version & 0x0f) | 0x70;
        *variant = (*variant & 0x3f) | 0x80;
        Ok(Self(bytes))
    }

    /// The id as a number, as expressions name subjects.
    pub fn number(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// The id of this number.
    pub fn from_number(number: u128) -> Self {
        Self(number.to_be_bytes())
    }
}

impl fmt::Display for Id {
    /// Lower case with hyphens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(LENGTH);
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let digits = [byte >> 4, byte & 15].map(u32::from);
            text.extend(digits.into_iter().filter_map(|digit| char::from_digit(digit, 16)));
        }
        f.write_str(&text)
    }
}

impl FromStr for Id {
    type Err = Error;

    /// Reads the form that [`Display`](fmt::Display) writes, in either case.
    fn from_str(text: &str) -> Result<Self> {
        read(text).map(Self).ok_or_else(|| {
            Error::not_found("指定されたもの", "id").logged(format!("'{}' is not an id", text.escape_debug()))
        })
    }
}

/// Letters of an id as text.
const LENGTH: usize = 36;

fn read(text: &str) -> Option<[u8; 16]> {
    let hyphens =
        text.len() == LENGTH && text.bytes().enumerate().all(|(i, b)| (b == b'-') == matches!(i, 8 | 13 | 18 | 23));
    if !hyphens {
        return None;
    }
    let mut digits = text.bytes().filter(|b| *b != b'-').map(|b| char::from(b).to_digit(16));
    let mut bytes = [0_u8; 16];
    for byte in &mut bytes {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_sorts_by_its_moment() {
        let entropy = SeededEntropy::new(1);
        let early = Id::new(Moment(1_774_969_199_999), &entropy).unwrap();
        let late = Id::new(Moment(1_774_969_200_000), &entropy).unwrap();
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<Id>().unwrap(), early);
        for wrong in ["", "x", "0-00000000000000000000000000000000000", "019d3f5e-xxxx-7000-8000-000000000000"] {
            assert!(wrong.parse::<Id>().is_err(), "{wrong}");
        }
    }
}
