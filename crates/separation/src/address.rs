//! Addresses as numbers: an IPv4 address is `0..2^32`, an IPv6 address `0..2^128`; the family says which.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::intervals::Intervals;

/// IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4
    Ip4,
    /// IPv6
    Ip6,
}

/// Most intervals that one non-contiguous wildcard mask may stand for.
const MAX_MASK_INTERVALS: u32 = 12;

impl Family {
    /// Both, in the order of the diagrams' first level.
    pub const ALL: [Self; 2] = [Self::Ip4, Self::Ip6];

    /// The number on the family level: 0 for IPv4, 1 for IPv6.
    pub fn number(self) -> u128 {
        match self {
            Self::Ip4 => 0,
            Self::Ip6 => 1,
        }
    }

    /// Bits of an address.
    pub fn bits(self) -> u32 {
        match self {
            Self::Ip4 => 32,
            Self::Ip6 => 128,
        }
    }

    /// The greatest address.
    pub fn max(self) -> u128 {
        match self {
            Self::Ip4 => u32::MAX.into(),
            Self::Ip6 => u128::MAX,
        }
    }

    /// Every address.
    pub fn all(self) -> Intervals {
        Intervals::range(0, self.max())
    }

    /// `ip4` or `ip6`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ip4 => "ip4",
            Self::Ip6 => "ip6",
        }
    }
}

/// An address with its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The family.
    pub family: Family,
    /// The address as a number.
    pub number: u128,
}

impl Address {
    /// Reads `10.1.2.3` or `2001:db8::1`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.parse::<IpAddr>().ok()? {
            IpAddr::V4(ip) => Self { family: Family::Ip4, number: u32::from(ip).into() },
            IpAddr::V6(ip) => Self { family: Family::Ip6, number: ip.into() },
        })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.family, u32::try_from(self.number)) {
            (Family::Ip4, Ok(number)) => Ipv4Addr::from(number).fmt(f),
            _ => Ipv6Addr::from(self.number).fmt(f),
        }
    }
}

/// The range of addresses of a prefix; host bits are ignored. `None` when `length` is over the family's bits.
pub fn prefix(address: Address, length: u32) -> Option<(u128, u128)> {
    let bits = address.family.bits();
    let host = bits.checked_sub(length)?;
    let mask = if host == 128 { u128::MAX } else { (1u128 << host) - 1 };
    Some((address.number & !mask & address.family.max(), (address.number | mask) & address.family.max()))
}

/// Reads an address, `address/length`, `address/mask` or `first-last`: the range and its family.
pub fn parse_range(text: &str) -> Option<(Family, (u128, u128))> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (Address::parse(first.trim())?, Address::parse(last.trim())?);
        let fits = first.family == last.family && first.number <= last.number;
        return fits.then_some((first.family, (first.number, last.number)));
    }
    let Some((address, length)) = text.split_once('/') else {
        let address = Address::parse(text)?;
        return Some((address.family, (address.number, address.number)));
    };
    let address = Address::parse(address)?;
    let length = match length.parse::<u32>() {
        Ok(length) => length,
        Err(_) => mask_length(Address::parse(length).filter(|mask| mask.family == address.family)?)?,
    };
    Some((address.family, prefix(address, length)?))
}

/// The prefix length of a contiguous network mask such as 255.255.0.0.
pub fn mask_length(mask: Address) -> Option<u32> {
    let shifted = mask.number << (128 - mask.family.bits());
    let ones = shifted.leading_ones();
    (shifted.checked_shl(ones).unwrap_or(0) == 0).then_some(ones)
}

/// The addresses that agree with `address` where `wildcard` has a 0 bit (Cisco's wildcard mask; the inverse of a
/// network mask). `None` when the mask is so scattered that more than 4,096 intervals would be needed.
pub fn wildcard(address: Address, wildcard: u128) -> Option<Intervals> {
    let wildcard = wildcard & address.family.max();
    let low_run = wildcard.trailing_ones();
    let scattered = if low_run >= 128 { 0 } else { wildcard >> low_run << low_run };
    if scattered.count_ones() > MAX_MASK_INTERVALS {
        return None;
    }
    let base = address.number & !wildcard;
    let run = wildcard ^ scattered;
    let mut ranges = Vec::new();
    // Every subset of the scattered bits, by the usual trick of counting through a mask.
    let mut subset = 0u128;
    loop {
        ranges.push((base | subset, base | subset | run));
        subset = subset.wrapping_sub(scattered) & scattered;
        if subset == 0 {
            break;
        }
    }
    Some(Intervals::from_ranges(ranges))
}

/// The range as a person writes it: an address, a prefix, or `first-last`; `any` for the whole family.
pub fn range_text(family: Family, low: u128, high: u128) -> String {
    let text = |number| Address { family, number }.to_string();
    if low == high {
        return text(low);
    }
    if low == 0 && high >= family.max() {
        return if family == Family::Ip4 { "0.0.0.0/0".to_owned() } else { "::/0".to_owned() };
    }
    let span = high.wrapping_sub(low);
    if span & span.wrapping_add(1) == 0 && low & span == 0 {
        return format!("{}/{}", text(low), family.bits() - span.count_ones());
    }
    format!("{}-{}", text(low), text(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_back_as_they_are_written() {
        for text in ["10.1.5.10", "10.1.0.0/16", "10.1.5.10-10.1.5.20", "2001:db8:1::/48", "::/0", "0.0.0.0/0"] {
            let (family, (low, high)) = parse_range(text).unwrap();
            assert_eq!(range_text(family, low, high), text);
        }
        assert_eq!(parse_range("10.1.2.3/255.255.0.0"), parse_range("10.1.0.0/16"));
        for wrong in ["10.1.0.0/33", "10.1.0.0/255.0.255.0", "10.2.0.0-10.1.0.0", "10.0.0.1-::1", "x", "", "::/129"] {
            assert_eq!(parse_range(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn wildcards_may_be_scattered() {
        let base = Address::parse("10.0.0.1").unwrap();
        let odd = wildcard(base, 0x0000_0102).unwrap();
        assert_eq!(odd.ranges().len(), 4);
        assert!(odd.contains(0x0a00_0103) && !odd.contains(0x0a00_0102));
        assert_eq!(wildcard(base, 0xff).unwrap().ranges(), [(0x0a00_0000, 0x0a00_00ff)]);
        assert_eq!(wildcard(base, 0xffff_ffff).unwrap(), Family::Ip4.all());
        assert_eq!(wildcard(base, 0xaaaa_aaaa), None);
    }
}
