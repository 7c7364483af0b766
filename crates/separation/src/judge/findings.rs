//! Findings beside the claims: open rules and what devices themselves accept.

use std::collections::BTreeSet;

use super::Settings;
use super::journey::Ground;
use super::matching::{Matched, is_active};
use super::passage::{Piece, Question};
use super::permitted::{between, counting};
use super::verdict::{Accepts, AnyRule, DeviceAccess};
use crate::address::Family;
use crate::diagram::Node;
use crate::document::Day;
use crate::ir::{Action, ChainId, Condition, Device, Field, Hook, Rule, State, protocol};
use crate::network::Network;

/// Deepest nesting of jumps that is followed.
const MAX_DEPTH: usize = 16;
/// Most rules looked at.
const MAX_LOOKS: usize = 2_000_000;

/// What the conditions so far leave open.
#[derive(Debug, Clone, Copy)]
struct Open {
    source: bool,
    destination: bool,
    protocol: bool,
    port: bool,
    /// Whether first packets of connections are meant.
    new: bool,
}

/// Permitting rules of forwarding chains that leave a host, the protocol or the port open.
pub(super) fn any_rules(network: &Network, on: Day) -> Vec<AnyRule> {
    let mut out = Vec::new();
    for placed in &network.devices {
        let configuration = &placed.configuration;
        let mut seen = BTreeSet::new();
        let mut looks = 0;
        for step in configuration
            .device
            .steps
            .iter()
            .filter(|step| step.decides && matches!(step.hook, Hook::Ingress | Hook::Forward | Hook::Egress))
        {
            let open = Open { source: true, destination: true, protocol: true, port: true, new: true };
            walk(&configuration.device, step.chain, open, (on, MAX_DEPTH), &mut looks, &mut |rule, open| {
                if seen.insert(rule.at) {
                    out.push(AnyRule {
                        file: configuration.file(rule.at).to_owned(),
                        line: rule.at.line,
                        text: configuration.shown(rule.at),
                        open: open.names(),
                    });
                }
            });
        }
    }
    out
}

fn walk(
    device: &Device,
    chain: ChainId,
    open: Open,
    (on, depth): (Day, usize),
    looks: &mut usize,
    found: &mut dyn FnMut(&Rule, Open),
) {
    let Some(chain) = device.chains.get(chain.0 as usize) else { return };
    for rule in &chain.rules {
        *looks += 1;
        if *looks > MAX_LOOKS || depth == 0 {
            return;
        }
        if !is_active(rule, on) {
            continue;
        }
        let here = open.under(&rule.when);
        match rule.action {
            Action::Accept if here.new && !here.names().is_empty() => found(rule, here),
            Action::Jump(target) | Action::Goto(target) if here.new && !here.names().is_empty() => {
                walk(device, target, here, (on, depth - 1), looks, found);
            }
            _ => {}
        }
    }
}

impl Open {
    fn under(mut self, conditions: &[Condition]) -> Self {
        for condition in conditions {
            let Condition::In(field, set) = condition else {
                if let Condition::OneOf(any) = condition {
                    self = self.under_any(any);
                }
                continue;
            };
            let whole = |max: u128| set.ranges() == [(0, max)];
            let limited = !whole(Field::max(*field)) && !whole(Family::Ip4.max());
            match field {
                Field::Source => self.source &= !limited,
                Field::Destination => self.destination &= !limited,
                Field::Protocol if limited => {
                    self.protocol = false;
                    self.port &= protocol::WITH_PORTS.iter().any(|&number| set.contains(number.into()));
                }
                // A reply rule names the other side's port.
                Field::DestinationPort | Field::SourcePort => self.port &= !limited,
                Field::State => self.new &= set.contains(State::New.number()),
                Field::TcpFlags => self.new &= set.contains(0x02),
                _ => {}
            }
        }
        self
    }

    /// What every alternative limits is limited.
    fn under_any(self, any: &[Vec<Condition>]) -> Self {
        let each: Vec<Self> = any.iter().map(|conditions| self.under(conditions)).collect();
        Self {
            source: each.iter().any(|open| open.source),
            destination: each.iter().any(|open| open.destination),
            protocol: each.iter().any(|open| open.protocol),
            port: each.iter().any(|open| open.port),
            new: each.iter().any(|open| open.new),
        }
    }

    fn names(self) -> Vec<&'static str> {
        let all = [
            (self.source, "source"),
            (self.destination, "destination"),
            (self.protocol, "protocol"),
            (self.port, "port"),
        ];
        all.into_iter().filter(|(open, _)| *open).map(|(_, name)| name).collect()
    }
}

/// What every device accepts from each zone, and to which zones it may open connections itself.
pub(super) fn device_access(ground: &Ground<'_>, families: &[Family], settings: Settings) -> Vec<DeviceAccess> {
    let mut out = Vec::new();
    for (index, placed) in ground.network.devices.iter().enumerate() {
        let device = &placed.configuration.device;
        if !device.steps.iter().any(|step| matches!(step.hook, Hook::Input | Hook::Output)) {
            continue;
        }
        let originates: Vec<bool> =
            (0..ground.claims.zones.len()).map(|zone| originates(ground, families, settings, (index, zone))).collect();
        for (zone, named) in ground.claims.zones.iter().enumerate() {
            let accepts = accepted(ground, families, settings, (index, zone));
            if accepts.is_empty() {
                continue;
            }
            let others = ground.claims.zones.iter().zip(&originates).enumerate();
            let may_originate_to = others
                .filter(|(other, (_, may))| *other != zone && **may)
                .map(|(_, (other, _))| other.id.clone())
                .collect();
            out.push(DeviceAccess { device: device.name.clone(), from: named.id.clone(), accepts, may_originate_to });
        }
    }
    out
}

fn accepted(
    ground: &Ground<'_>,
    families: &[Family],
    settings: Settings,
    (index, zone): (usize, usize),
) -> Vec<Accepts> {
    let mut question = Question::new(settings.on);
    question.by_line = true;
    let Some(zone) = ground.claims.zones.get(zone) else { return Vec::new() };
    let from = between(&mut question.diagrams, families, &zone.addresses, None);
    let counting = counting(&mut question.diagrams, ground.tracked);
    let packets = question.diagrams.and(from, counting);
    let pieces = ground.at_device(&mut question, index, Hook::Input, Piece::new(Matched::exactly(packets)));
    let mut out: Vec<Accepts> = Vec::new();
    for piece in pieces {
        let real = question.diagrams.real();
        let may = question.diagrams.and(piece.packets.may, real);
        let place = ground.place(piece.permit).0;
        if may.is_empty() || out.iter().any(|known| (&known.file, known.line) == (&place.file, place.line)) {
            continue;
        }
        let (boxes, _) = question.diagrams.boxes(may, 1);
        let first_box = boxes.first().map(ToString::to_string).unwrap_or_default();
        out.push(Accepts { file: place.file, line: place.line, first_box });
    }
    if question.failed() { Vec::new() } else { out }
}

fn originates(ground: &Ground<'_>, families: &[Family], settings: Settings, (index, zone): (usize, usize)) -> bool {
    let mut question = Question::new(settings.on);
    let Some(zone) = ground.claims.zones.get(zone) else { return false };
    let to = between(&mut question.diagrams, families, &crate::claims::Addresses::all(), Some(&zone.addresses));
    let counting = counting(&mut question.diagrams, true);
    let packets = question.diagrams.and(to, counting);
    let pieces = ground.at_device(&mut question, index, Hook::Output, Piece::new(Matched::exactly(packets)));
    let any = pieces.iter().map(|piece| piece.packets.may).collect();
    question.diagrams.union(any) != Node::EMPTY || question.failed()
}
