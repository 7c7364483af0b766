//! Address translation statements.

use super::rule::Parser;
use crate::address::{Address, Family, parse_range};
use crate::ir::{Action, AddressTo, Translation};

/// Reads what stands behind `snat`, `dnat`, `masquerade` or `redirect`; false when a part was not understood, in which case
/// the address may become anything.
pub(super) fn read(parser: &mut Parser<'_, '_>, kind: &str, nat: bool) -> (Action, bool) {
    let words: Vec<&str> = parser.rest().iter().map(|token| token.text.as_str()).collect();
    let words: &[&str] = match words.as_slice() {
        ["ip" | "ip6", rest @ ..] => rest,
        rest => rest,
    };
    let flags = |word: &&str| matches!(*word, "random" | "fully-random" | "persistent" | ",");
    let end = words.iter().position(|word| flags(word) || *word == "comment").unwrap_or(words.len());
    let target = words.get(..end).unwrap_or_default();
    let mut translation = Translation::default();
    let understood = match (kind, target) {
        ("masquerade", []) => {
            (translation.source, translation.source_port) = (Some(AddressTo::OutInterface), Some((0, u16::MAX)));
            true
        }
        ("masquerade", ["to", ports]) => {
            (translation.source, translation.source_port) = (Some(AddressTo::OutInterface), port_range(ports));
            translation.source_port.is_some()
        }
        ("redirect", _) => {
            translation.destination = Some(AddressTo::Local);
            true
        }
        (kind, ["to", target]) => match split(target, parser.scope.families) {
            Some((address, ports)) if kind == "snat" => {
                (translation.source, translation.source_port) = (address, Some(ports.unwrap_or((0, u16::MAX))));
                true
            }
            Some((address, ports)) => {
                (translation.destination, translation.destination_port) = (address, ports);
                true
            }
            None => false,
        },
        _ => false,
    };
    if !understood {
        translation = match kind {
            "snat" | "masquerade" => Translation {
                source: Some(AddressTo::Unknown),
                source_port: Some((0, u16::MAX)),
                ..Translation::default()
            },
            _ => Translation { destination: Some(AddressTo::Unknown), ..Translation::default() },
        };
    }
    // A translation outside a chain of that type is refused by the kernel.
    (Action::Translate(translation), understood && nat)
}

fn port_range(text: &str) -> Option<(u16, u16)> {
    let text = text.strip_prefix(':').unwrap_or(text);
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high).then_some((low, high))
}

type Target = (Option<AddressTo>, Option<(u16, u16)>);

/// `10.0.0.1`, `10.0.0.1-10.0.0.9`, `10.0.0.1:80`, `:80`, `[2001:db8::1]:80`, `2001:db8::1`.
fn split(text: &str, families: &[Family]) -> Option<Target> {
    if let Some(ports) = text.strip_prefix(':')
        && !text.starts_with("::")
    {
        return Some((None, Some(port_range(ports)?)));
    }
    let (address, ports) = match text.strip_prefix('[') {
        Some(rest) => {
            let (inside, ports) = rest.split_once(']')?;
            (inside.to_owned(), ports.strip_prefix(':').map(str::to_owned))
        }
        None if parse_range(text).is_some() => (text.to_owned(), None),
        None => {
            let (address, ports) = text.rsplit_once(':')?;
            (address.to_owned(), Some(ports.to_owned()))
        }
    };
    let (family, (low, high)) = parse_range(&address).or_else(|| {
        let one = Address::parse(&address)?;
        Some((one.family, (one.number, one.number)))
    })?;
    let ports = match ports {
        Some(ports) => Some(port_range(&ports)?),
        None => None,
    };
    families.contains(&family).then_some((Some(AddressTo::Range(family, low, high)), ports))
}
