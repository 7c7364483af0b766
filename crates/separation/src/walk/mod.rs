//! The one-packet walker: follows a single packet through the intermediate representation.
//!
//! It is the slow, obvious reading of a configuration: it shares no evaluation code with the diagrams, is compared with
//! them on random packets, and replays every witness before it is shown.

mod chain;
mod condition;
mod network;

pub use network::{Journey, follow};

use serde::{Deserialize, Serialize};

use crate::address::{Address, Family};
use crate::ir::{Device, Hook, State, protocol};
use crate::source::At;

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// The family.
    pub family: Family,
    /// IP protocol.
    pub protocol: u8,
    /// Source address.
    pub source: u128,
    /// Destination address.
    pub destination: u128,
    /// Source port, or ICMP code.
    pub source_port: u16,
    /// Destination port, or ICMP type.
    pub destination_port: u16,
    /// TCP flags.
    pub flags: u8,
    /// What connection tracking says of it.
    pub state: State,
}

impl Packet {
    /// The source with its family.
    pub fn source_address(&self) -> Address {
        Address { family: self.family, number: self.source }
    }

    /// The destination with its family.
    pub fn destination_address(&self) -> Address {
        Address { family: self.family, number: self.destination }
    }
}

impl std::fmt::Display for Packet {
    /// `tcp 10.1.5.3:40000 > 10.3.7.9:1030`; `icmp 10.1.5.3 > 10.3.7.9 type 8 code 0`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (source, destination, name) =
            (self.source_address(), self.destination_address(), protocol::name(self.protocol));
        let with = |address: Address, port: u16| match address.family {
            Family::Ip4 => format!("{address}:{port}"),
            Family::Ip6 => format!("[{address}]:{port}"),
        };
        if protocol::WITH_PORTS.contains(&self.protocol) {
            write!(f, "{name} {} > {}", with(source, self.source_port), with(destination, self.destination_port))
        } else if matches!(self.protocol, protocol::ICMP | protocol::ICMP6) {
            write!(f, "{name} {source} > {destination} type {} code {}", self.destination_port, self.source_port)
        } else {
            write!(f, "{name} {source} > {destination}")
        }
    }
}

/// How sure something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sure {
    /// Certainly not.
    No,
    /// It depends on something that was not understood.
    Maybe,
    /// Certainly.
    Yes,
}

/// One line on the packet's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Index of the device.
    pub device: usize,
    /// The line.
    pub at: At,
    /// What it did, in one word: accept, drop, reject, jump, translate, default, unread, deliver.
    pub verdict: &'static str,
}

/// Where the packet is and what may change on its way.
#[derive(Debug, Clone)]
pub(crate) struct Walker<'a> {
    pub(crate) device: &'a Device,
    pub(crate) index: usize,
    pub(crate) on: crate::document::Day,
    pub(crate) entered: Option<&'a str>,
    pub(crate) leaves: Option<&'a str>,
    /// Destination and port that a translation with a choice should choose.
    pub(crate) wanted: (u128, u16),
}

/// A packet in the middle of a walk.
#[derive(Debug, Clone)]
pub(crate) struct Walking {
    pub(crate) packet: Packet,
    /// `None` after a masquerade to an address that is not known.
    pub(crate) source_known: bool,
    pub(crate) source_port_known: bool,
    pub(crate) alive: Sure,
    pub(crate) trail: Vec<Passed>,
}

impl Walker<'_> {
    /// Takes the packet through all steps of a hook.
    pub(crate) fn hook(&self, hook: Hook, mut walking: Walking) -> Walking {
        for step in &self.device.steps {
            if step.hook == hook && walking.alive != Sure::No {
                walking = self.step(step, walking);
            }
        }
        walking
    }
}

/// Follows a packet through one device for one pair of interfaces; gives how sure it is that it comes out, the packet as
/// it leaves, and the lines on its way. `wanted` is the destination that a translation with a choice should choose.
pub fn through_device(
    device: &Device,
    packet: &Packet,
    (entered, leaves): (Option<&str>, Option<&str>),
    on: crate::document::Day,
    wanted: (u128, u16),
) -> (Sure, Packet, Vec<Passed>) {
    let walker = Walker { device, index: 0, on, entered, leaves, wanted };
    let mut walking = Walking {
        packet: packet.clone(),
        source_known: true,
        source_port_known: true,
        alive: Sure::Yes,
        trail: Vec::new(),
    };
    for hook in [Hook::Ingress, Hook::Forward, Hook::Egress] {
        walking = walker.hook(hook, walking);
        if hook == Hook::Ingress && network::is_own(device, &walking.packet) {
            walking.alive = Sure::No;
        }
    }
    if !device.unread.is_empty() {
        walking.alive = Sure::Maybe;
    }
    (walking.alive, walking.packet, walking.trail)
}
