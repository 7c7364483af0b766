//! Translation of addresses: object NAT and twice NAT. Access lists speak of the real addresses (ASA 8.3 and later).

use super::objects::{Both, Objects};
use crate::address::Family;
use crate::intervals::Intervals;
use crate::ir::{Action, AddressTo, Condition, Field, Rule, Side, Translation};
use crate::reading::Reading;
use crate::source::{At, Message};

/// Rules in their order: what comes in, and what goes out.
#[derive(Debug, Default)]
pub(super) struct Translations {
    pub(super) entering: Vec<Rule>,
    pub(super) leaving: Vec<Rule>,
}

/// One translation between two interfaces.
struct Between<'w> {
    real: &'w str,
    mapped: &'w str,
}

impl Between<'_> {
    fn on(side: Side, name: &str) -> Option<Condition> {
        (name != "any").then(|| Condition::interface(side, name))
    }

    /// The conditions of a packet from the real side.
    fn outwards(&self) -> Vec<Condition> {
        let mut when = vec![Condition::family(Family::Ip4)];
        when.extend(Self::on(Side::In, self.real));
        when.extend(Self::on(Side::Out, self.mapped));
        when
    }

    /// The conditions of a packet from the mapped side, before it is known where it leaves.
    fn inwards(&self) -> Vec<Condition> {
        let mut when = vec![Condition::family(Family::Ip4)];
        when.extend(Self::on(Side::In, self.mapped));
        when
    }
}

impl Translations {
    /// `nat (a,b) …` under an object, or on its own when `object` is `None`.
    pub(super) fn line(
        &mut self,
        reading: &mut Reading,
        objects: &Objects,
        (at, object): (At, Option<&str>),
        words: &[&str],
    ) {
        let done = match object {
            Some(name) => self.of_object(reading, objects, (at, name), words),
            None => self.twice(reading, objects, at, words),
        };
        if done.is_none() {
            let message = Message::new("このNATを解釈できません", "this translation is not understood");
            reading.problem(at, message);
            self.entering.push(Rule::new(at, Vec::new(), Action::Unread));
        }
    }

    fn of_object(
        &mut self,
        reading: &mut Reading,
        objects: &Objects,
        (at, name): (At, &str),
        words: &[&str],
    ) -> Option<()> {
        let ["nat", between, kind, mapped, rest @ ..] = words else { return None };
        let between = interfaces(between)?;
        let real = objects.addresses(reading, at, name)?;
        let set = |both: &Both| both.v6.is_empty().then(|| both.v4.clone());
        let real = set(&real)?;
        if *kind == "dynamic" {
            self.hide(at, &between, &real);
            return Some(());
        }
        if *kind != "static" {
            return None;
        }
        let mapped = match objects.address(mapped) {
            Some(address) if address.family == Family::Ip4 => {
                let size = real.bounds().map(|(low, high)| high - low)?;
                Intervals::range(address.number, address.number + size)
            }
            Some(_) => return None,
            // `interface`: the address of the mapped interface, which the device keeps for itself otherwise.
            None => set(&objects.addresses(reading, at, mapped)?)?,
        };
        match rest {
            [] | ["no-proxy-arp" | "dns" | "route-lookup", ..] => self.pair(at, &between, (&real, &mapped), None),
            ["service", protocol @ ("tcp" | "udp"), from, to] => {
                let number = if *protocol == "tcp" { 6 } else { 17 };
                let port = crate::dialects::ports::port;
                self.pair(at, &between, (&real, &mapped), Some((number, port(from)?, port(to)?)))
            }
            _ => None,
        }
    }

    /// `nat (a,b) source static|dynamic REAL MAPPED [destination static MAPPED REAL] …`
    fn twice(&mut self, reading: &mut Reading, objects: &Objects, at: At, words: &[&str]) -> Option<()> {
        let ["nat", between, rest @ ..] = words else { return None };
        let between = interfaces(between)?;
        // The line's place in the list, or behind the objects'.
        let rest = match rest {
            ["after-auto" | "1", "source", ..] => rest.get(1..)?,
            _ => rest,
        };
        let plain = |words: &[&str]| {
            words.first() == Some(&"description")
                || words.iter().all(|word| matches!(*word, "no-proxy-arp" | "route-lookup" | "unidirectional"))
        };
        match rest {
            [.., "inactive"] => Some(()),
            ["source", "dynamic", real, _, more @ ..] if plain(more) => {
                let real = if *real == "any" { Both::all() } else { objects.addresses(reading, at, real)? };
                self.hide(at, &between, &real.v4);
                Some(())
            }
            // Both stay as they are: an exception for tunnels.
            ["source", "static", real, mapped, "destination", "static", there, here, more @ ..]
                if real == mapped && there == here && plain(more) =>
            {
                let find = |reading: &mut Reading, name: &str| {
                    if name == "any" { Some(Both::all()) } else { objects.addresses(reading, at, name) }
                };
                let (real, there) = (find(reading, real)?, find(reading, there)?);
                let mut out = between.outwards();
                out.push(Condition::In(Field::Source, real.v4.clone()));
                out.push(Condition::In(Field::Destination, there.v4.clone()));
                self.leaving.push(Rule::new(at, out, Action::Accept));
                let mut back = between.inwards();
                back.push(Condition::In(Field::Destination, real.v4));
                back.push(Condition::In(Field::Source, there.v4));
                self.entering.push(Rule::new(at, back, Action::Accept));
                Some(())
            }
            ["source", "static", real, mapped, more @ ..] if real != mapped && plain(more) => {
                let (real, mapped) = (objects.addresses(reading, at, real)?, objects.addresses(reading, at, mapped)?);
                self.pair(at, &between, (&real.v4, &mapped.v4), None)
            }
            _ => None,
        }
    }

    /// Many sources behind few addresses.
    fn hide(&mut self, at: At, between: &Between<'_>, real: &Intervals) {
        let mut when = between.outwards();
        when.push(Condition::In(Field::Source, real.clone()));
        let translation = Translation {
            source: Some(AddressTo::Unknown),
            source_port: Some((0, u16::MAX)),
            ..Translation::default()
        };
        self.leaving.push(Rule::new(at, when, Action::Translate(translation)));
    }

    /// One address or block for another, both ways.
    fn pair(
        &mut self,
        at: At,
        between: &Between<'_>,
        (real, mapped): (&Intervals, &Intervals),
        service: Option<(u8, u16, u16)>,
    ) -> Option<()> {
        let ([real_range], [mapped_range]) = (real.ranges(), mapped.ranges()) else { return None };
        if real_range.1 - real_range.0 != mapped_range.1 - mapped_range.0 {
            return None;
        }
        let to = |from: (u128, u128), to: (u128, u128)| {
            if from.0 == from.1 {
                AddressTo::Range(Family::Ip4, to.0, to.1)
            } else {
                AddressTo::Shift { family: Family::Ip4, from: from.0, to: to.0, size: to.1 - to.0 + 1 }
            }
        };
        let (mut out, mut back) = (between.outwards(), between.inwards());
        out.push(Condition::In(Field::Source, real.clone()));
        back.push(Condition::In(Field::Destination, mapped.clone()));
        let mut outwards = Translation { source: Some(to(*real_range, *mapped_range)), ..Translation::default() };
        let mut inwards = Translation { destination: Some(to(*mapped_range, *real_range)), ..Translation::default() };
        if let Some((number, inner, outer)) = service {
            let port = |field, port: u16| Condition::In(field, Intervals::one(port.into()));
            out.extend([Condition::protocol(number), port(Field::SourcePort, inner)]);
            back.extend([Condition::protocol(number), port(Field::DestinationPort, outer)]);
            outwards.source_port = Some((outer, outer));
            inwards.destination_port = Some((inner, inner));
        }
        self.leaving.push(Rule::new(at, out, Action::Translate(outwards)));
        self.entering.push(Rule::new(at, back, Action::Translate(inwards)));
        Some(())
    }
}

/// `(inside,outside)`
fn interfaces(text: &str) -> Option<Between<'_>> {
    let (real, mapped) = text.strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
    Some(Between { real, mapped })
}
