//! One packet, followed line by line.

use serde::Serialize;

use super::Settings;
use super::journey::interface_names;
use super::verdict::PathStep;
use crate::address::Address;
use crate::ir::{Configuration, State, protocol};
use crate::walk::{Packet, Passed, Sure, through_device};

/// Most pairs of interfaces that are tried.
const MAX_PAIRS: usize = 10_000;

/// What becomes of a packet.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Whether it passes: yes, no, or maybe when that depends on a line that was not understood.
    pub passes: Sure,
    /// The packet as it leaves.
    pub leaves_as: String,
    /// The interfaces for which this is the answer, when rules tell interfaces apart.
    pub interfaces: Option<(String, String)>,
    /// The lines on its way.
    pub path: Vec<PathStep>,
    /// Lines that were not understood and may concern the whole device.
    pub unread: Vec<u32>,
}

/// Reads `tcp 10.1.5.3:40000 > 10.3.7.9:1030`, `udp [2001:db8::1]:53 > [2001:db8::2]:53`,
/// `icmp 10.1.5.3 > 10.3.7.9 type 8 code 0` or `47 10.1.5.3 > 10.3.7.9`: the first packet of a connection.
pub fn parse_packet(text: &str) -> Option<Packet> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (name, source, destination, options) = match words.as_slice() {
        [name, source, ">", destination, options @ ..] => (*name, *source, *destination, options),
        _ => return None,
    };
    let number = protocol::number(name)?;
    let with_ports = protocol::WITH_PORTS.contains(&number);
    let (source, source_port) = end(source, with_ports)?;
    let (destination, destination_port) = end(destination, with_ports)?;
    let mut packet = Packet {
        family: source.family,
        protocol: number,
        source: source.number,
        destination: destination.number,
        source_port,
        destination_port,
        flags: if number == protocol::TCP { 0x02 } else { 0 },
        state: State::New,
    };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let value: u8 = options.next()?.parse().ok()?;
        match *option {
            "type" if !with_ports => packet.destination_port = value.into(),
            "code" if !with_ports => packet.source_port = value.into(),
            _ => return None,
        }
    }
    (source.family == destination.family).then_some(packet)
}

fn end(text: &str, with_port: bool) -> Option<(Address, u16)> {
    if !with_port {
        return Some((Address::parse(text.trim_matches(['[', ']']))?, 0));
    }
    let (address, port) = text.rsplit_once(':')?;
    Some((Address::parse(address.trim_matches(['[', ']']))?, port.parse().ok()?))
}

/// How sure it passes, the packet as it leaves, and its way.
type Followed = (Sure, Packet, Vec<Passed>);

/// Follows the packet through a device. Without interfaces, a pair for which it passes is looked for; when there is none,
/// the way for the first pair is told.
pub fn explain(
    configuration: &Configuration,
    packet: &Packet,
    pair: Option<(&str, &str)>,
    settings: Settings,
) -> Explanation {
    let device = &configuration.device;
    let follow = |pair: (Option<&str>, Option<&str>)| {
        through_device(device, packet, pair, settings.on, (packet.destination, packet.destination_port))
    };
    let names = interface_names(device);
    let shown = |name: &str| if name.contains('\u{1}') { "*".to_owned() } else { name.to_owned() };
    let mut best: Option<(Followed, (String, String))> = None;
    let pairs: Vec<(&str, &str)> = match pair {
        Some(pair) => vec![pair],
        None => names
            .iter()
            .flat_map(|from| names.iter().map(move |to| (from.as_str(), to.as_str())))
            .take(MAX_PAIRS)
            .collect(),
    };
    for (from, to) in pairs {
        let result = follow((Some(from), Some(to)));
        if best.as_ref().is_none_or(|((sure, ..), _)| *sure < result.0) {
            let done = result.0 == Sure::Yes;
            best = Some((result, (shown(from), shown(to))));
            if done {
                break;
            }
        }
    }
    let ((passes, leaves, trail), interfaces) =
        best.unwrap_or_else(|| (follow((None, None)), ("*".to_owned(), "*".to_owned())));
    let path = trail.iter().map(|passed| PathStep {
        device: device.name.clone(),
        file: configuration.file(passed.at).to_owned(),
        line: passed.at.line,
        text: configuration.shown(passed.at),
        verdict: passed.verdict.to_owned(),
    });
    Explanation {
        passes,
        leaves_as: leaves.to_string(),
        interfaces: (interfaces != ("*".to_owned(), "*".to_owned())).then_some(interfaces),
        path: path.collect(),
        unread: device.unread.iter().map(|unread| unread.at.line).collect(),
    }
}
