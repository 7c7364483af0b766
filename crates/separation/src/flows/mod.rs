//! Flows that were seen, against the claims: seen but forbidden, permitted but never seen.
//!
//! **How to add a log format.** A file here with `pub(super) fn read(line: &str) -> Option<Told>` and a line in [`READERS`].
//! A reader answers `None` for a line that is not of its format; a line that no reader knows is unread and counted.

mod asa;
mod cisco;
mod conntrack;
mod fortigate;
mod netfilter;
mod suricata;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::claims::Claims;
use crate::document::Day;
use crate::ir::protocol;

/// Most lines that are listed; the rest are counted.
const MAX_LISTED: usize = 1_000;

/// A connection as a log line tells it, in the direction in which it was opened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// IP protocol.
    pub protocol: u8,
    /// Where it began.
    pub source: Address,
    /// Where it ended.
    pub destination: Address,
    /// Destination port, or ICMP type.
    pub destination_port: u16,
    /// Whether it passed; a refused attempt is told apart.
    pub passed: bool,
    /// Source port, when the line tells it.
    pub source_port: u16,
    /// Whether the line is about a packet that may open a connection; otherwise it may be a reply.
    pub opens: bool,
}

impl Seen {
    fn new(protocol: u8, from: (Address, u16), to: (Address, u16), passed: bool) -> Self {
        let ((source, source_port), (destination, destination_port)) = (from, to);
        Self { protocol, source, destination, destination_port, passed, source_port, opens: true }
    }
}

/// What a line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Of a connection.
    Connection(Seen),
    /// Of nothing that passes or is refused.
    Nothing,
}

/// A reader of one log format.
type Reader = fn(&str) -> Option<Told>;

/// All formats.
const READERS: &[Reader] = &[conntrack::read, suricata::read, netfilter::read, asa::read, cisco::read, fortigate::read];

/// Connections of one kind that no flow lists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Forbidden {
    /// Zone id.
    pub from: String,
    /// Zone id.
    pub to: String,
    /// `tcp 10.1.5.3 > 10.3.7.9:1030`
    pub connection: String,
    /// Whether it passed; otherwise it was refused.
    pub passed: bool,
    /// The first line that tells of it.
    pub file: String,
    /// Its number.
    pub line: usize,
    /// How many lines tell of it.
    pub times: u64,
}

/// What logs say about claims.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FlowReport {
    /// Lines that were read and understood.
    pub understood: u64,
    /// Connections between zones that no flow lists.
    pub forbidden: Vec<Forbidden>,
    /// Forbidden connections beyond those listed.
    pub forbidden_left_out: u64,
    /// Whether one of those passed.
    pub passed_left_out: bool,
    /// Flows of the register that were seen to pass.
    pub seen_flows: Vec<String>,
    /// Flows of the register that were never seen to pass.
    pub never_seen: Vec<String>,
    /// Lines that no reader knows.
    pub unread: u64,
    /// The first of them.
    pub unread_lines: Vec<(String, usize)>,
}

impl FlowReport {
    /// Whether a forbidden connection passed.
    pub fn broken(&self) -> bool {
        self.passed_left_out || self.forbidden.iter().any(|found| found.passed)
    }
}

/// Judges log files, given as name and text.
pub fn judge_logs<'t>(claims: &Claims, files: impl IntoIterator<Item = (&'t str, &'t str)>, on: Day) -> FlowReport {
    let mut report = FlowReport::default();
    let mut forbidden: BTreeMap<(usize, usize, String, bool), Forbidden> = BTreeMap::new();
    let mut used = vec![false; claims.flows.len()];
    for (file, text) in files {
        for (number, line) in (1usize..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let told = READERS.iter().find_map(|read| read(line));
            let seen = match told {
                Some(Told::Connection(seen)) => seen,
                Some(Told::Nothing) => {
                    report.understood += 1;
                    continue;
                }
                None => {
                    report.unread += 1;
                    if report.unread_lines.len() < MAX_LISTED {
                        report.unread_lines.push((file.to_owned(), number));
                    }
                    continue;
                }
            };
            report.understood += 1;
            let Some((from, to)) = crossing(claims, &seen) else { continue };
            let mut listed = !seen.opens && answers(claims, &seen, (from, to), on);
            for (flow, used) in claims.flows.iter().zip(&mut used) {
                let carries = (flow.from, flow.to) == (from, to)
                    && flow.permitted_on(on)
                    && flow.source.contains(seen.source)
                    && flow.destination.contains(seen.destination)
                    && flow.protocol.contains(seen.protocol.into())
                    && flow.ports.as_ref().is_none_or(|ports| ports.contains(seen.destination_port.into()));
                *used |= carries && seen.passed;
                listed |= carries;
            }
            if listed {
                continue;
            }
            let connection = connection(&seen);
            let key = (from, to, connection.clone(), seen.passed);
            if forbidden.len() >= MAX_LISTED && !forbidden.contains_key(&key) {
                report.forbidden_left_out += 1;
                report.passed_left_out |= seen.passed;
                continue;
            }
            let entry = forbidden.entry(key).or_insert_with(|| Forbidden {
                from: claims.id(from).to_owned(),
                to: claims.id(to).to_owned(),
                connection,
                passed: seen.passed,
                file: file.to_owned(),
                line: number,
                times: 0,
            });
            entry.times += 1;
        }
    }
    report.forbidden = forbidden.into_values().collect();
    for (flow, used) in claims.flows.iter().zip(used).filter(|(flow, _)| flow.permitted_on(on)) {
        let list = if used { &mut report.seen_flows } else { &mut report.never_seen };
        list.push(flow.id.clone());
    }
    report
}

/// Whether it is a reply of a listed flow: its exact mirror.
fn answers(claims: &Claims, seen: &Seen, (from, to): (usize, usize), on: Day) -> bool {
    claims.flows.iter().any(|flow| {
        (flow.to, flow.from) == (from, to)
            && flow.permitted_on(on)
            && flow.source.contains(seen.destination)
            && flow.destination.contains(seen.source)
            && flow.protocol.contains(seen.protocol.into())
            && flow.ports.as_ref().is_none_or(|ports| ports.contains(seen.source_port.into()))
    })
}

/// The zones of a connection, when there is a claim about them.
fn crossing(claims: &Claims, seen: &Seen) -> Option<(usize, usize)> {
    let (from, to) = (claims.zone_of(seen.source)?, claims.zone_of(seen.destination)?);
    let external = |zone: usize| claims.zones.get(zone).is_some_and(|zone| zone.external);
    (from != to && !(external(from) && external(to))).then_some((from, to))
}

fn connection(seen: &Seen) -> String {
    let name = protocol::name(seen.protocol);
    let port = if protocol::WITH_PORTS.contains(&seen.protocol) {
        format!(" port {}", seen.destination_port)
    } else {
        String::new()
    };
    format!("{name} {} > {}{port}", seen.source, seen.destination)
}

/// The value of `key=` in a line of such pairs; quotes are taken off.
fn value<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let mut rest = line;
    loop {
        let at = rest.find(key)?;
        let behind = rest.get(at + key.len()..)?;
        let starts = rest.get(..at)?.chars().next_back().is_none_or(|c| c.is_whitespace() || c == '[');
        match behind.strip_prefix('=') {
            Some(value) if starts => {
                let value = value.strip_prefix('"').map_or_else(
                    || value.split_whitespace().next().unwrap_or(""),
                    |quoted| quoted.split('"').next().unwrap_or(""),
                );
                return Some(value);
            }
            _ => rest = behind,
        }
    }
}
