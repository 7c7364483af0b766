//! Firewall policies, in the order of the file: the first that matches decides, what matches none is denied.

use super::Firewall;
use super::services::Times;
use super::tree::Block;
use crate::address::Family;
use crate::intervals::Intervals;
use crate::ir::{Action, AddressTo, Condition, Field, InterfaceName, Period, Rule, Side, Translation};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// What the policies become.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// In order.
    pub(super) policies: Vec<Rule>,
    /// What session helpers may open; they are asked before the policies.
    pub(super) helpers: Vec<Rule>,
    /// The same policies where packets leave: those with `nat` translate the source.
    pub(super) leaving: Vec<Rule>,
    pub(super) translates: bool,
}

/// The conditions of a policy for one family.
struct Read {
    family: Family,
    incoming: Option<Condition>,
    outgoing: Option<Condition>,
    source: Option<Condition>,
    destination: Option<Condition>,
    services: Vec<Vec<Condition>>,
    services_negated: bool,
    more: Vec<Condition>,
    period: Option<Period>,
}

impl Read {
    fn when(&self) -> Vec<Condition> {
        let mut when = vec![Condition::family(self.family)];
        let parts = [&self.incoming, &self.outgoing, &self.source, &self.destination];
        when.extend(parts.into_iter().filter_map(Clone::clone));
        if self.services_negated {
            when.push(Condition::NoneOf(self.services.clone()));
        } else {
            match self.services.as_slice() {
                // One service is a plain conjunction.
                [one] => when.extend(one.iter().cloned()),
                any if any.iter().any(Vec::is_empty) => {}
                any => when.push(Condition::OneOf(any.to_vec())),
            }
        }
        when.extend(self.more.iter().cloned());
        when
    }
}

/// Reads a table of policies; `families` are those that its `srcaddr` speaks of.
pub(super) fn table(reading: &mut Reading, firewall: &mut Firewall, table: &Block, plain: Family) -> Rules {
    let mut rules = Rules::default();
    for entry in &table.entries {
        entry.settle(reading, Fate::Understood);
        let strange = entry.strange(reading, KEYS, irrelevant, &[]);
        let at = strange.first().copied().unwrap_or(entry.at);
        if let Some(at) = strange.first() {
            let id = &entry.name;
            let message = Message::new(
                format!("ポリシー{id}のこの行を解釈できません"),
                format!("this line of the policy {id} is not understood"),
            );
            reading.problem(*at, message);
        }
        let mut found = false;
        for family in families(entry, plain) {
            found = true;
            policy(reading, firewall, (entry, at, !strange.is_empty()), (family, plain), &mut rules);
        }
        if !found {
            rules.policies.push(Rule::new(at, Vec::new(), Action::Unread));
        }
    }
    rules
}

fn families(entry: &Block, plain: Family) -> Vec<Family> {
    let asks = |keys: &[&str]| keys.iter().any(|key| entry.values(key).is_some());
    let mut out = Vec::new();
    if asks(&["srcaddr", "dstaddr"]) || entry.enabled("internet-service") || entry.enabled("internet-service-src") {
        out.push(plain);
    }
    let six = entry.enabled("internet-service6") || entry.enabled("internet-service6-src");
    if plain == Family::Ip4 && (asks(&["srcaddr6", "dstaddr6"]) || six) {
        out.push(Family::Ip6);
    }
    out
}

fn policy(
    reading: &mut Reading,
    firewall: &mut Firewall,
    (entry, at, strange): (&Block, At, bool),
    (family, plain): (Family, Family),
    rules: &mut Rules,
) {
    let disabled = entry.value("status") == Some("disable");
    let action = match entry.value("action").unwrap_or("deny") {
        "accept" => Action::Accept,
        "deny" => Action::Drop,
        _ => Action::Unread,
    };
    let mut read = conditions(reading, firewall, (entry, at), (family, plain));
    if strange {
        read.more.push(Condition::Unread);
    }
    let finished = |when: Vec<Condition>, action: Action| {
        let mut rule = Rule::new(at, when, action);
        rule.disabled = disabled;
        rule.period = read.period;
        rule
    };
    let translated = firewall.vips.all(family);
    let apart =
        action == Action::Drop && !entry.enabled("match-vip") && !firewall.central_nat && !translated.is_empty();
    if apart && !names_vip(firewall, entry, family) {
        // A deny does not see what a virtual IP translated, unless it says match-vip; which is the default depends on the version.
        let mut when = read.when();
        when.push(Condition::NoneOf(translated.clone()));
        rules.policies.push(finished(when, Action::Drop));
        if entry.value("match-vip").is_none() {
            let mut when = read.when();
            when.extend([Condition::OneOf(translated), Condition::Sometimes]);
            rules.policies.push(finished(when, Action::Drop));
        }
        return;
    }
    if action == Action::Accept {
        let nat = entry.enabled("nat");
        rules.translates |= nat && !disabled;
        rules.leaving.push(finished(read.when(), if nat { source_nat(entry) } else { Action::Accept }));
        if !disabled {
            helpers(firewall, &read, at, rules);
        }
    }
    rules.policies.push(finished(read.when(), action));
}

fn names_vip(firewall: &Firewall, entry: &Block, family: Family) -> bool {
    let names = entry.values("dstaddr").unwrap_or_default();
    names.iter().any(|name| firewall.vips.conditions(name, family).is_some())
}

fn source_nat(entry: &Block) -> Action {
    let source = if entry.enabled("ippool") { AddressTo::Unknown } else { AddressTo::OutInterface };
    Action::Translate(Translation { source: Some(source), source_port: Some((0, u16::MAX)), ..Translation::default() })
}

fn conditions(
    reading: &mut Reading,
    firewall: &mut Firewall,
    (entry, at): (&Block, At),
    (family, plain): (Family, Family),
) -> Read {
    let six = family == Family::Ip6 && plain == Family::Ip4;
    let key = |short: &'static str, long: &'static str| if six { long } else { short };
    let mut more = Vec::new();
    let mut side = |reading: &mut Reading, field: Field, key: &str, negate: &str, service: &str| {
        if entry.enabled(service) {
            more.push(Condition::Unread);
            let message = Message::new(
                "インターネットサービスのアドレスは設定に書かれていません",
                "the addresses of an internet service are not in the configuration",
            );
            reading.problem(at, message);
            return None;
        }
        let names = entry.values(key).unwrap_or_default();
        let found = firewall.addresses.find(reading, (at, family), names, &firewall.vips);
        match found.filter(|_| !names.is_empty()) {
            Some(found) => found.condition(field, family, entry.enabled(negate)),
            None => Some(Condition::Unread),
        }
    };
    let source = side(
        reading,
        Field::Source,
        key("srcaddr", "srcaddr6"),
        key("srcaddr-negate", "srcaddr6-negate"),
        key("internet-service-src", "internet-service6-src"),
    );
    let destination = side(
        reading,
        Field::Destination,
        key("dstaddr", "dstaddr6"),
        key("dstaddr-negate", "dstaddr6-negate"),
        key("internet-service", "internet-service6"),
    );
    let names = entry.values("service").unwrap_or_default();
    let by_service = entry.enabled("internet-service") || entry.enabled("internet-service6");
    let services = match firewall.services.find(reading, at, names) {
        Some(_) if by_service => vec![Vec::new()],
        Some(found) if !names.is_empty() => found,
        _ => vec![vec![Condition::Unread]],
    };
    // Who is signed in is nothing that a packet carries.
    if ["users", "groups", "fsso-groups"].iter().any(|key| entry.values(key).is_some_and(|names| !names.is_empty())) {
        more.push(Condition::Sometimes);
    }
    let (period, times) = schedule(reading, firewall, entry, at);
    more.extend(times);
    Read {
        family,
        incoming: interfaces(firewall, entry, "srcintf", Side::In),
        outgoing: interfaces(firewall, entry, "dstintf", Side::Out),
        source,
        destination,
        services,
        services_negated: entry.enabled("service-negate"),
        more,
        period,
    }
}

/// The days on which the policy is active, and a condition when its schedule is more than days.
fn schedule(reading: &mut Reading, firewall: &Firewall, entry: &Block, at: At) -> (Option<Period>, Option<Condition>) {
    let Some(name) = entry.value("schedule") else { return (None, None) };
    match firewall.schedules.find(name) {
        Some(Times::Always) => (None, None),
        Some(Times::Days(days)) => (Some(days), None),
        Some(Times::Sometimes) => (None, Some(Condition::Sometimes)),
        Some(Times::Never) => (None, Some(Condition::never())),
        None => {
            let message = Message::new(
                format!("スケジュール「{name}」が定義されていないか、解釈できません"),
                format!("the schedule \"{name}\" is not defined or not understood"),
            );
            reading.problem(at, message);
            (None, Some(Condition::Unread))
        }
    }
}

/// `any` asks nothing; a zone stands for its interfaces.
pub(super) fn interfaces(firewall: &mut Firewall, entry: &Block, key: &str, side: Side) -> Option<Condition> {
    let Some(names) = entry.values(key).filter(|names| !names.is_empty()) else { return Some(Condition::Unread) };
    if names.iter().any(|name| name == "any") {
        return None;
    }
    let mut members = Vec::new();
    for name in names {
        match firewall.zones.get(name) {
            Some(zone) => members.extend(zone.iter().cloned()),
            None => members.push(name.clone()),
        }
    }
    firewall.named.extend(members.iter().cloned());
    let names = members.into_iter().map(InterfaceName::Exact).collect();
    Some(Condition::Interface { side, names, negated: false })
}

/// A session helper may open any port between the two ends, both ways.
fn helpers(firewall: &Firewall, read: &Read, at: At, rules: &mut Rules) {
    let asks = |helper: &(u8, u16)| read.services.iter().any(|all| meets(all, *helper)) || read.services_negated;
    if !firewall.helpers.iter().any(asks) {
        return;
    }
    let turned = |condition: &Option<Condition>| {
        condition.clone().map(|condition| match condition {
            Condition::In(Field::Source, set) => Condition::In(Field::Destination, set),
            Condition::In(Field::Destination, set) => Condition::In(Field::Source, set),
            Condition::Interface { side: Side::In, names, negated } => {
                Condition::Interface { side: Side::Out, names, negated }
            }
            Condition::Interface { side: Side::Out, names, negated } => {
                Condition::Interface { side: Side::In, names, negated }
            }
            // Wider is safe here: the rule is unread in any case.
            _ => Condition::Unread,
        })
    };
    let parts = [&read.incoming, &read.outgoing, &read.source, &read.destination];
    for back in [false, true] {
        let mut when = vec![Condition::family(read.family), Condition::Unread];
        when.extend(parts.into_iter().filter_map(|part| if back { turned(part) } else { part.clone() }));
        let mut rule = Rule::new(at, when, Action::Accept);
        rule.period = read.period;
        rules.helpers.push(rule);
    }
}

fn meets(all: &[Condition], (number, port): (u8, u16)) -> bool {
    let holds = |field: Field, value: u128| {
        all.iter().all(|condition| match condition {
            Condition::In(of, set) if *of == field => set.contains(value),
            _ => true,
        })
    };
    holds(Field::Protocol, number.into()) && holds(Field::DestinationPort, port.into())
}

/// Policies about what is addressed to the firewall itself.
pub(super) fn local_in(reading: &mut Reading, firewall: &mut Firewall, table: &Block, family: Family) -> Vec<Rule> {
    let mut out = Vec::new();
    for entry in &table.entries {
        entry.settle(reading, Fate::Understood);
        let known = ["intf", "srcaddr", "dstaddr", "service", "schedule", "action", "status", "srcaddr-negate"];
        let irrelevant =
            |key: &str| matches!(key, "uuid" | "comments" | "ha-mgmt-intf-only" | "virtual-patch" | "logtraffic");
        let strange = entry.strange(reading, &known, irrelevant, &[]);
        let at = strange.first().copied().unwrap_or(entry.at);
        let mut read = conditions(reading, firewall, (entry, at), (family, family));
        read.incoming = interfaces(firewall, entry, "intf", Side::In);
        read.outgoing = None;
        if !strange.is_empty() {
            read.more.push(Condition::Unread);
        }
        let accept = entry.value("action") == Some("accept");
        let mut rule = Rule::new(at, read.when(), if accept { Action::Accept } else { Action::Drop });
        rule.period = read.period;
        rule.disabled = entry.value("status") == Some("disable");
        out.push(rule);
    }
    out
}

/// What `allowaccess` opens on an interface.
pub(super) fn access(name: &str, ports: &[(u8, u16)], ping: bool, at: At) -> Vec<Rule> {
    let mut out = Vec::new();
    let from = || Condition::interface(Side::In, name);
    for &(number, port) in ports {
        let port = Condition::In(Field::DestinationPort, Intervals::one(port.into()));
        out.push(Rule::new(at, vec![from(), Condition::protocol(number), port], Action::Accept));
    }
    if ping {
        for (number, kind) in [(1, 8), (58, 128)] {
            let kind = Condition::In(Field::DestinationPort, Intervals::one(kind));
            out.push(Rule::new(at, vec![from(), Condition::protocol(number), kind], Action::Accept));
        }
    }
    out
}

fn irrelevant(key: &str) -> bool {
    IRRELEVANT.contains(&key)
        || ["-profile", "-sensor", "-list", "-profile-group", "-filter"].iter().any(|end| key.ends_with(end))
        || ["diffserv", "traffic-shaper", "vlan-cos", "webcache", "wanopt", "session-ttl", "tcp-mss"]
            .iter()
            .any(|start| key.starts_with(start))
}

const KEYS: &[&str] = &[
    "srcintf",
    "dstintf",
    "srcaddr",
    "dstaddr",
    "srcaddr6",
    "dstaddr6",
    "srcaddr-negate",
    "dstaddr-negate",
    "srcaddr6-negate",
    "dstaddr6-negate",
    "service",
    "service-negate",
    "action",
    "status",
    "schedule",
    "nat",
    "ippool",
    "poolname",
    "match-vip",
    "users",
    "groups",
    "fsso-groups",
    "internet-service",
    "internet-service-name",
    "internet-service-src",
    "internet-service-src-name",
    "internet-service6",
    "internet-service6-name",
    "internet-service6-src",
    "internet-service6-src-name",
];

/// They log, shape, inspect or name; what they inspect they can only block.
const IRRELEVANT: &[&str] = &[
    "name",
    "uuid",
    "comments",
    "global-label",
    "label",
    "logtraffic",
    "logtraffic-start",
    "capture-packet",
    "utm-status",
    "inspection-mode",
    "profile-type",
    "profile-group",
    "profile-protocol-options",
    "fixedport",
    "send-deny-packet",
    "schedule-timeout",
    "per-ip-shaper",
    "auto-asic-offload",
    "np-acceleration",
    "block-notification",
    "replacemsg-override-group",
    "disclaimer",
    "tcp-session-without-syn",
    "anti-replay",
    "timeout-send-rst",
    "delay-tcp-npu-session",
    "radius-mac-auth-bypass",
    "fsso",
    "custom-log-fields",
    "identity-based-route",
    "geoip-match",
    "geoip-anycast",
    "email-collect",
    "tags",
    "passive-wan-health-measurement",
    "dsri",
    "dynamic-shaping",
    "policy-offload",
];
