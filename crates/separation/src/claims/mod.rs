//! `claims.toml`: zones, and the only flows that may cross between different zones.

mod read;

use serde::{Deserialize, Serialize};

use crate::address::Family;
use crate::document::Day;
use crate::intervals::Intervals;
use crate::source::{At, Problem};

/// The id of the zone of addresses that no zone names and no `rest` zone takes.
pub const UNASSIGNED: &str = "unassigned";

/// Addresses of both families.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Addresses([Intervals; 2]);

impl Addresses {
    /// Every address.
    pub fn all() -> Self {
        Self(Family::ALL.map(Family::all))
    }

    /// From ranges.
    pub fn from_ranges(ranges: &[(Family, (u128, u128))]) -> Self {
        Self(Family::ALL.map(|family| ranges.iter().filter(|range| range.0 == family).map(|range| range.1).collect()))
    }

    /// Those of a family.
    pub fn of(&self, family: Family) -> &Intervals {
        match family {
            Family::Ip4 => &self.0[0],
            Family::Ip6 => &self.0[1],
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Intervals::is_empty)
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(Family::ALL.map(|family| self.of(family).intersection(other.of(family))))
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(Family::ALL.map(|family| self.of(family).union(other.of(family))))
    }

    /// What is not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self(Family::ALL.map(|family| self.of(family).complement(family.max())))
    }

    /// Whether the address is in it.
    pub fn contains(&self, address: crate::address::Address) -> bool {
        self.of(address.family).contains(address.number)
    }
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its id.
    pub id: String,
    /// Its addresses; for the rest zone those that no other names.
    pub addresses: Addresses,
    /// Takes every address that no other zone names.
    pub rest: bool,
    /// Nothing is claimed between two external zones.
    pub external: bool,
    /// Where it is written.
    pub at: At,
}

/// What a flow is, in the policy's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlowKind {
    /// 特定通信
    Specified,
    /// 無害化通信
    Sanitised,
    /// 画面転送
    Screen,
    /// 例外
    Exception,
}

/// A permitted flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Number in the register of permitted flows.
    pub id: String,
    /// Index of the zone it starts in.
    pub from: usize,
    /// Index of the zone it ends in.
    pub to: usize,
    /// Source addresses, inside `from`.
    pub source: Addresses,
    /// Destination addresses, inside `to`.
    pub destination: Addresses,
    /// Protocol numbers.
    pub protocol: Intervals,
    /// Destination ports; `None` is any.
    pub ports: Option<Intervals>,
    /// What it is.
    pub kind: FlowKind,
    /// Last day on which it is permitted.
    pub until: Option<Day>,
    /// Where it is written.
    pub at: At,
}

impl Flow {
    /// Whether it is permitted on a day.
    pub fn permitted_on(&self, day: Day) -> bool {
        self.until.is_none_or(|until| day <= until)
    }

    /// Whether a part of it is left open that could be named: ports of a protocol that has some, or the protocol.
    pub fn is_open(&self) -> bool {
        use crate::ir::protocol::WITH_PORTS;
        self.ports.is_none() && WITH_PORTS.iter().any(|&number| self.protocol.contains(number.into()))
    }
}

/// A zone is reached only through these addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Via {
    /// Index of the zone that is left.
    pub from: usize,
    /// Index of the zone that is entered.
    pub to: usize,
    /// The only addresses.
    pub only: Addresses,
    /// Where it is written.
    pub at: At,
}

/// A host that may stand in several zones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// Its id.
    pub id: String,
    /// Its addresses.
    pub addresses: Addresses,
    /// Indices of the zones it joins.
    pub joins: Vec<usize>,
    /// Where it is written.
    pub at: At,
}

/// Everything that is claimed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Claims {
    /// Zones; the implicit [`UNASSIGNED`] is the last one when it has addresses.
    pub zones: Vec<Zone>,
    /// Permitted flows.
    pub flows: Vec<Flow>,
    /// Zones reached only through certain addresses.
    pub vias: Vec<Via>,
    /// Hosts in several zones.
    pub relays: Vec<Relay>,
}

impl Claims {
    /// Reads `claims.toml`. With any problem nothing may be judged.
    pub fn read(text: &str) -> (Self, Vec<Problem>) {
        read::read(text)
    }

    /// The ordered pairs of different zones that are not both external.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for (from, left) in self.zones.iter().enumerate() {
            for (to, right) in self.zones.iter().enumerate() {
                if from != to && !(left.external && right.external) {
                    out.push((from, to));
                }
            }
        }
        out
    }

    /// The id of a zone.
    pub fn id(&self, zone: usize) -> &str {
        self.zones.get(zone).map_or("", |zone| &zone.id)
    }

    /// The zone that an address belongs to.
    pub fn zone_of(&self, address: crate::address::Address) -> Option<usize> {
        self.zones.iter().position(|zone| zone.addresses.contains(address))
    }

    /// The index of a zone's id.
    pub fn zone(&self, id: &str) -> Option<usize> {
        self.zones.iter().position(|zone| zone.id == id)
    }
}
