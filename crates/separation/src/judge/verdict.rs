//! What a judgement says. The serialised form is the contract of `--format json`.

use serde::Serialize;

use crate::source::Message;

/// Whether a claim is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing beyond the listed flows can pass.
    Holds,
    /// Something certainly can.
    Broken,
    /// Lines that were not understood could matter.
    Unknown,
}

/// Everything that was found.
#[derive(Debug, Clone, Serialize)]
pub struct Judgement {
    /// `ip4`, `ip6`.
    pub families_judged: Vec<&'static str>,
    /// One claim per ordered pair of zones that are not both external.
    pub claims: Vec<ClaimVerdict>,
    /// Flows of the register of which the devices let nothing through.
    pub unused_flows: Vec<String>,
    /// Flows whose last day is over.
    pub expired_flows: Vec<String>,
    /// Flows of the register that leave the protocol or the port open.
    pub open_flows: Vec<String>,
    /// Permitting rules that leave a host or a port open.
    pub any_rules: Vec<AnyRule>,
    /// Rules that never match, and the lines that take everything before them.
    pub shadowed: Vec<Covered>,
    /// Rules without which the same packets pass, and the lines that decide so anyway.
    pub redundant: Vec<Covered>,
    /// Hosts that stand in several zones and are no listed relay, and routes that join zones.
    pub relays: Vec<RelayFinding>,
    /// What the devices themselves accept, by zone.
    pub device_access: Vec<DeviceAccess>,
    /// Changes that make broken claims hold, each proved again.
    pub proposal: Vec<Proposal>,
    /// The files.
    pub inputs: Vec<Input>,
    /// What was assumed, for the person who reads.
    pub assumptions: Vec<Message>,
    /// What is wrong in the files, with places.
    pub problems: Vec<PlacedProblem>,
}

/// The verdict on one ordered pair of zones.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimVerdict {
    /// Zone id.
    pub from: String,
    /// Zone id.
    pub to: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The only addresses through which `to` may be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Vec<String>>,
    /// Every line that certainly lets through what no flow lists.
    pub violations: Vec<Violation>,
    /// Lines that would, if the unread lines do not prevent it.
    pub possible: Vec<Violation>,
    /// Flows whose rule lets through more than the register says.
    pub too_wide: Vec<TooWide>,
    /// Lines that were not understood and could matter here.
    pub unread: Vec<Place>,
    /// Why nothing could be said, when it is not the unread lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Message>,
}

/// A line and what it lets through.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// Its text.
    pub text: String,
    /// The line with its neighbours, as they stand in the file.
    pub context: Vec<Neighbour>,
    /// How many packets, exactly.
    pub packets: String,
    /// Boxes beyond those listed.
    pub boxes_left_out: u64,
    /// The first box as text.
    #[serde(rename = "box")]
    pub first_box: String,
    /// At most 64 boxes; every packet is in exactly one.
    pub boxes: Vec<BoxText>,
    /// One of the packets, replayed.
    pub packet: Option<PacketText>,
    /// Its way.
    pub path: Vec<PathStep>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    /// Its number.
    pub line: u32,
    /// Its text.
    pub text: String,
}

/// A box of packets, as texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoxText {
    /// Addresses.
    pub source: String,
    /// Addresses as the packet arrives.
    pub destination: String,
    /// Name, number, range of numbers, or `any`.
    pub protocol: String,
    /// Ports, or ICMP codes.
    pub source_port: String,
    /// Ports, or ICMP types.
    pub destination_port: String,
}

/// One packet as it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PacketText {
    /// `ip4` or `ip6`.
    pub family: &'static str,
    /// Name or number.
    pub protocol: String,
    /// Address.
    pub source: String,
    /// Port, or ICMP code.
    pub source_port: u16,
    /// Address.
    pub destination: String,
    /// Port, or ICMP type.
    pub destination_port: u16,
    /// Where it arrives, when an address translation changes that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrives_at: Option<String>,
    /// The interface where it comes in, when rules tell interfaces apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_in: Option<String>,
    /// The interface where it goes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_out: Option<String>,
}

/// One line on a packet's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathStep {
    /// The device.
    pub device: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// accept, drop, reject, jump, translate, default, unread.
    pub verdict: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Its text.
    pub text: String,
}

/// A flow whose rule is too wide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TooWide {
    /// The flow's id.
    pub flow: String,
    /// The first box beyond the register.
    #[serde(rename = "box")]
    pub first_box: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
}

/// A permitting rule that leaves something open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnyRule {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// `source`, `destination`, `protocol`, `port`.
    pub open: Vec<&'static str>,
}

/// A rule and the lines that cover it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// The lines that cover it.
    pub by: Vec<u32>,
}

/// A host in several zones, or a route that joins them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelayFinding {
    /// `route`, `translation` or `interface`.
    pub kind: &'static str,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// The zones that it joins.
    pub zones: Vec<String>,
    /// The listed relay that it belongs to, when it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
}

/// What a device itself accepts from a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceAccess {
    /// The device.
    pub device: String,
    /// The zone.
    pub from: String,
    /// The lines that accept, with the first box of each.
    pub accepts: Vec<Accepts>,
    /// Zones to which the device may open connections itself.
    pub may_originate_to: Vec<String>,
}

/// A line that accepts packets to the device itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepts {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The first box.
    #[serde(rename = "box")]
    pub first_box: String,
}

/// A change of one line that was proved to help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// What to do, for a person.
    pub change: Message,
    /// Claims that are about this line.
    pub claims: Vec<(String, String)>,
    /// The verdict of those claims with all proposed changes made.
    pub then: Verdict,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Its name.
    pub file: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// The dialect.
    pub dialect: String,
    /// Whether a real device or an independent reader has confirmed how we read it.
    pub proved: bool,
    /// Lines.
    pub lines: usize,
    /// Rules.
    pub rules: usize,
    /// Lines that were not understood.
    pub unread: usize,
}

/// A problem with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlacedProblem {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// What is wrong.
    pub message: Message,
}

impl Judgement {
    /// 0 when all claims hold, 3 when some are broken, 4 when some are unknown and none is broken.
    pub fn exit_code(&self) -> u8 {
        if self.claims.iter().any(|claim| claim.verdict == Verdict::Broken) {
            3
        } else if self.claims.iter().any(|claim| claim.verdict == Verdict::Unknown) {
            4
        } else {
            0
        }
    }
}
