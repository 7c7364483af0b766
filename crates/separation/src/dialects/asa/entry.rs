//! One entry of an access list: words to rules, one for each family that it can mean.

use super::objects::{Both, Objects, Services, message, protocols_of};
use crate::address::{Address, Family};
use crate::dialects::ios::objects::port_set;
use crate::ir::{Action, Condition, Field, Period, Rule, protocol};
use crate::reading::Reading;
use crate::source::{At, Message};

/// What an entry is read with.
pub(super) struct Scope<'a> {
    pub(super) objects: &'a Objects,
    /// Addresses of interfaces by name, for `interface NAME`.
    pub(super) own: &'a [(String, Vec<Address>)],
    pub(super) at: At,
}

struct Entry<'s, 'w> {
    scope: &'s Scope<'s>,
    rest: &'w [&'w str],
    services: Services,
    /// Ports and messages behind the addresses.
    more: Vec<Condition>,
    source: Both,
    destination: Both,
    period: Option<Period>,
    inactive: bool,
}

/// Reads `permit …` or `deny …` of an extended list; an entry that is not understood gives one unread rule.
pub(super) fn read(reading: &mut Reading, scope: &Scope<'_>, words: &[&str]) -> Vec<Rule> {
    let (action, rest) = match words {
        ["permit", rest @ ..] => (Action::Accept, rest),
        ["deny", rest @ ..] => (Action::Drop, rest),
        _ => return vec![Rule::new(scope.at, Vec::new(), Action::Unread)],
    };
    let mut entry = Entry {
        scope,
        rest,
        services: Vec::new(),
        more: Vec::new(),
        source: Both::default(),
        destination: Both::default(),
        period: None,
        inactive: false,
    };
    if entry.read(reading).is_none() {
        let word = entry.rest.first().copied().unwrap_or("");
        let message = Message::new(format!("「{word}」を解釈できません"), format!("\"{word}\" is not understood here"));
        reading.problem(scope.at, message);
        return vec![Rule::new(scope.at, vec![Condition::Unread], action)];
    }
    let mut out = Vec::new();
    for family in Family::ALL {
        let (source, destination) = (entry.source.of(family), entry.destination.of(family));
        if source.is_empty() || destination.is_empty() {
            continue;
        }
        let mut when = vec![Condition::family(family)];
        for (field, set) in [(Field::Source, source), (Field::Destination, destination)] {
            if *set != family.all() {
                when.push(Condition::In(field, set.clone()));
            }
        }
        match entry.services.as_slice() {
            [one] => when.extend(one.iter().cloned()),
            any => when.push(Condition::OneOf(any.to_vec())),
        }
        when.extend(entry.more.iter().cloned());
        let mut rule = Rule::new(scope.at, when, action.clone());
        (rule.period, rule.disabled) = (entry.period, entry.inactive);
        out.push(rule);
    }
    // An object without an address in either family matches nothing.
    if out.is_empty() {
        out.push(Rule::new(scope.at, vec![Condition::never()], action));
    }
    out
}

impl Entry<'_, '_> {
    fn read(&mut self, reading: &mut Reading) -> Option<()> {
        self.service(reading)?;
        self.source = self.address(reading)?;
        self.ports(reading, Field::SourcePort)?;
        self.destination = self.address(reading)?;
        self.ports(reading, Field::DestinationPort)?;
        self.options(reading)
    }

    fn only(&self) -> Option<u8> {
        let numbers = |all: &Vec<Condition>| match all.as_slice() {
            [Condition::In(Field::Protocol, set)] => set.bounds().and_then(|(low, _)| u8::try_from(low).ok()),
            _ => None,
        };
        let first = self.services.first().and_then(numbers)?;
        let with_ports = |number: u8| protocol::WITH_PORTS.contains(&number);
        let same =
            |all: &Vec<Condition>| numbers(all).is_some_and(|n| n == first || with_ports(n) && with_ports(first));
        self.services.iter().all(same).then_some(first)
    }

    fn service(&mut self, reading: &mut Reading) -> Option<()> {
        let (services, rest) = match self.rest {
            ["object-group" | "object", name, rest @ ..] => {
                (self.scope.objects.services(reading, self.scope.at, name)?, rest)
            }
            [name, rest @ ..] => (protocols_of(name)?, rest),
            [] => return None,
        };
        (self.services, self.rest) = (services, rest);
        Some(())
    }

    fn address(&mut self, reading: &mut Reading) -> Option<Both> {
        let objects = self.scope.objects;
        let (set, rest) = match self.rest {
            ["any", rest @ ..] => (Both::all(), rest),
            ["any4", rest @ ..] => (Both { v6: Default::default(), ..Both::all() }, rest),
            ["any6", rest @ ..] => (Both { v4: Default::default(), ..Both::all() }, rest),
            ["object-group" | "object", name, rest @ ..] => (objects.addresses(reading, self.scope.at, name)?, rest),
            ["interface", name, rest @ ..] => {
                let (_, own) = self.scope.own.iter().find(|(known, _)| known == name)?;
                let own = own.iter().filter(|address| address.family == Family::Ip4);
                let v4 = own.map(|address| (address.number, address.number)).collect();
                (Both { v4, ..Both::default() }, rest)
            }
            ["host", _, rest @ ..] => (objects.range(self.rest.get(..2)?)?, rest),
            [prefix, rest @ ..] if prefix.contains('/') => (objects.range(&[prefix])?, rest),
            [_, _, rest @ ..] => (objects.range(self.rest.get(..2)?)?, rest),
            _ => return None,
        };
        self.rest = rest;
        Some(set)
    }

    fn ports(&mut self, reading: &mut Reading, field: Field) -> Option<()> {
        match self.rest {
            ["eq" | "neq" | "gt" | "lt" | "range", ..] => {
                self.only().filter(|number| protocol::WITH_PORTS.contains(number))?;
                // One port each; a second number would be read as the beginning of what follows.
                let take = if self.rest.first() == Some(&"range") { 3 } else { 2 };
                let (set, left) = port_set(self.rest.get(..take)?)?;
                if !left.is_empty() {
                    return None;
                }
                self.more.push(Condition::In(field, set));
                self.rest = self.rest.get(take..)?;
            }
            ["object-group", name, rest @ ..] if self.scope.objects.lists_ports(name) => {
                self.only().filter(|number| protocol::WITH_PORTS.contains(number))?;
                let set = self.scope.objects.ports(reading, self.scope.at, name)?;
                self.more.push(Condition::In(field, set));
                self.rest = rest;
            }
            _ => {}
        }
        Some(())
    }

    fn options(&mut self, reading: &mut Reading) -> Option<()> {
        while let [word, rest @ ..] = self.rest {
            match *word {
                "log" => {
                    // Level, `interval N`, `disable`, `default`.
                    let more = |word: &&&str| !matches!(**word, "inactive" | "time-range");
                    let count = rest.iter().take_while(more).count();
                    self.rest = rest.get(count..)?;
                    continue;
                }
                "inactive" => self.inactive = true,
                "time-range" => {
                    let (name, behind) = rest.split_first()?;
                    let times = self.scope.objects.times(name)?;
                    self.period = times.period;
                    if times.sometimes {
                        self.more.push(Condition::Sometimes);
                    }
                    self.rest = behind;
                    continue;
                }
                "object-group" if self.is_icmp() => {
                    let (name, behind) = rest.split_first()?;
                    let any = self.scope.objects.messages(reading, self.scope.at, name)?;
                    self.more.push(Condition::OneOf(any));
                    self.rest = behind;
                    continue;
                }
                name if self.is_icmp() => {
                    self.more.extend(message(name, self.only()?)?);
                    if let Some(code) = rest.first().and_then(|code| code.parse::<u8>().ok()) {
                        let code = crate::intervals::Intervals::one(code.into());
                        self.more.push(Condition::In(Field::SourcePort, code));
                        self.rest = rest.get(1..)?;
                        continue;
                    }
                }
                _ => return None,
            }
            self.rest = rest;
        }
        Some(())
    }

    fn is_icmp(&self) -> bool {
        self.only().is_some_and(|number| matches!(number, protocol::ICMP | protocol::ICMP6))
    }
}
