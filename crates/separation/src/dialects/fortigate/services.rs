//! Services, service groups and schedules.

use std::collections::BTreeMap;

use super::tree::Block;
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, Period, protocol};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Deepest nesting of groups.
const MAX_DEPTH: u32 = 16;

/// Each a conjunction; any of them.
type Alternatives = Vec<Vec<Condition>>;

#[derive(Debug)]
enum Service {
    Any(Alternatives),
    Group(Vec<String>),
    Unread,
}

/// All services by name.
#[derive(Debug, Default)]
pub(super) struct Services {
    services: BTreeMap<String, Service>,
}

impl Services {
    pub(super) fn custom(&mut self, reading: &mut Reading, table: &Block) {
        for entry in &table.entries {
            entry.settle(reading, Fate::Understood);
            let strange = entry.strange(reading, KEYS, |key| IRRELEVANT.contains(&key), &["tagging"]);
            let service = if strange.is_empty() { alternatives(entry) } else { None };
            if service.is_none() {
                let at = strange.first().copied().unwrap_or(entry.at);
                reading.settle(at, Fate::Unread);
                let name = &entry.name;
                let message = Message::new(
                    format!("サービス「{name}」のこの行を解釈できません"),
                    format!("this line of the service \"{name}\" is not understood"),
                );
                reading.problem(at, message);
            }
            self.services.insert(entry.name.clone(), service.map_or(Service::Unread, Service::Any));
        }
    }

    pub(super) fn groups(&mut self, reading: &mut Reading, table: &Block) {
        for entry in &table.entries {
            entry.settle(reading, Fate::Understood);
            let strange = entry.strange(reading, &["member"], |key| IRRELEVANT.contains(&key), &[]);
            let members = entry.values("member").map(<[String]>::to_vec).unwrap_or_default();
            let group = if strange.is_empty() { Service::Group(members) } else { Service::Unread };
            self.services.insert(entry.name.clone(), group);
        }
    }

    /// What a policy's services ask, each a conjunction; `None` when one is not defined or not understood.
    pub(super) fn find(&self, reading: &mut Reading, at: At, names: &[String]) -> Option<Alternatives> {
        let mut found = Vec::new();
        names.iter().try_for_each(|name| self.gather(reading, at, name, MAX_DEPTH, &mut found))?;
        Some(found)
    }

    fn gather(&self, reading: &mut Reading, at: At, name: &str, depth: u32, found: &mut Alternatives) -> Option<()> {
        match self.services.get(name) {
            Some(Service::Any(any)) => found.extend_from_slice(any),
            Some(Service::Unread) => return None,
            Some(Service::Group(members)) => {
                let Some(depth) = depth.checked_sub(1) else {
                    let message = Message::new(
                        format!("サービスグループ「{name}」が自分自身を含むか、深すぎます"),
                        format!("the service group \"{name}\" contains itself or is too deep"),
                    );
                    reading.problem(at, message);
                    return None;
                };
                members.iter().try_for_each(|name| self.gather(reading, at, name, depth, found))?;
            }
            None => {
                let Some(any) = builtin(name) else {
                    let message = Message::new(
                        format!("サービス「{name}」が定義されていません"),
                        format!("the service \"{name}\" is not defined"),
                    );
                    reading.problem(at, message);
                    return None;
                };
                found.extend(any);
            }
        }
        Some(())
    }
}

fn alternatives(entry: &Block) -> Option<Alternatives> {
    // A helper of its own opens further connections.
    if entry.value("helper").is_some_and(|helper| !matches!(helper, "auto" | "disable")) {
        return None;
    }
    let mut out = match entry.value("protocol").unwrap_or("TCP/UDP/SCTP") {
        "TCP/UDP/SCTP" | "TCP/UDP/UDP-Lite/SCTP" | "TCP/UDP/STCP" => {
            let mut out = Vec::new();
            let keys =
                [("tcp-portrange", 6), ("udp-portrange", 17), ("sctp-portrange", 132), ("udplite-portrange", 136)];
            for (key, number) in keys {
                for text in entry.values(key).unwrap_or_default() {
                    out.push(ports(number, text)?);
                }
            }
            out
        }
        "ALL" => vec![Vec::new()],
        "IP" => match entry.value("protocol-number").unwrap_or("0").parse::<u8>().ok()? {
            0 => vec![Vec::new()],
            number => vec![vec![Condition::protocol(number)]],
        },
        kind @ ("ICMP" | "ICMP6") => {
            let number = if kind == "ICMP" { protocol::ICMP } else { protocol::ICMP6 };
            let mut all = vec![Condition::protocol(number)];
            for (key, field) in [("icmptype", Field::DestinationPort), ("icmpcode", Field::SourcePort)] {
                if let Some(text) = entry.value(key) {
                    all.push(Condition::In(field, Intervals::one(text.parse::<u8>().ok()?.into())));
                }
            }
            vec![all]
        }
        _ => return None,
    };
    if let Some(text) = entry.value("iprange").filter(|text| *text != "0.0.0.0") {
        let (family, (low, high)) = crate::address::parse_range(text)?;
        for all in &mut out {
            all.push(Condition::family(family));
            all.push(Condition::In(Field::Destination, Intervals::range(low, high)));
        }
    }
    // The addresses of a name are not in the configuration.
    if entry.values("fqdn").is_some_and(|names| names.iter().any(|name| !name.is_empty())) {
        out.iter_mut().for_each(|all| all.push(Condition::Unread));
    }
    Some(out)
}

/// `80`, `8080-8090`, `443:1024-65535` (destination, then source).
fn ports(number: u8, text: &str) -> Option<Vec<Condition>> {
    let range = |text: &str| {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let (low, high) = (low.parse::<u16>().ok()?, high.parse::<u16>().ok()?);
        (low <= high).then(|| Intervals::range(low.into(), high.into()))
    };
    let (destination, source) = match text.split_once(':') {
        Some((destination, source)) => (destination, Some(source)),
        None => (text, None),
    };
    let mut all = vec![Condition::protocol(number), Condition::In(Field::DestinationPort, range(destination)?)];
    if let Some(source) = source {
        all.push(Condition::In(Field::SourcePort, range(source)?));
    }
    Some(all)
}

/// Services that FortiOS defines itself, for excerpts that leave them out.
fn builtin(name: &str) -> Option<Alternatives> {
    let protocols = |numbers: &[u8]| numbers.iter().map(|&number| vec![Condition::protocol(number)]).collect();
    let port = |number: u8, port: &str| ports(number, port);
    Some(match name {
        "ALL" => vec![Vec::new()],
        "NONE" => Vec::new(),
        "ALL_TCP" => vec![port(6, "1-65535")?],
        "ALL_UDP" => vec![port(17, "1-65535")?],
        "ALL_ICMP" => protocols(&[protocol::ICMP]),
        "ALL_ICMP6" => protocols(&[protocol::ICMP6]),
        "GRE" => protocols(&[47]),
        "AH" => protocols(&[51]),
        "ESP" => protocols(&[50]),
        "PING" => {
            vec![vec![Condition::protocol(protocol::ICMP), Condition::In(Field::DestinationPort, Intervals::one(8))]]
        }
        "PING6" => {
            vec![vec![Condition::protocol(protocol::ICMP6), Condition::In(Field::DestinationPort, Intervals::one(128))]]
        }
        "HTTP" => vec![port(6, "80")?],
        "HTTPS" => vec![port(6, "443")?],
        "SSH" => vec![port(6, "22")?],
        "TELNET" => vec![port(6, "23")?],
        "FTP" => vec![port(6, "21")?],
        "SMTP" => vec![port(6, "25")?],
        "SMTPS" => vec![port(6, "465")?],
        "POP3" => vec![port(6, "110")?],
        "IMAP" => vec![port(6, "143")?],
        "LDAP" => vec![port(6, "389")?],
        "RDP" => vec![port(6, "3389")?],
        "DNS" => vec![port(6, "53")?, port(17, "53")?],
        "NTP" => vec![port(6, "123")?, port(17, "123")?],
        "SYSLOG" => vec![port(17, "514")?],
        "SNMP" => vec![port(6, "161-162")?, port(17, "161-162")?],
        _ => return None,
    })
}

const KEYS: &[&str] = &[
    "protocol",
    "protocol-number",
    "tcp-portrange",
    "udp-portrange",
    "sctp-portrange",
    "udplite-portrange",
    "icmptype",
    "icmpcode",
    "iprange",
    "fqdn",
    "helper",
];

const IRRELEVANT: &[&str] = &[
    "uuid",
    "comment",
    "color",
    "visibility",
    "category",
    "check-reset-range",
    "session-ttl",
    "tcp-halfclose-timer",
    "tcp-halfopen-timer",
    "tcp-timewait-timer",
    "tcp-rst-timer",
    "udp-idle-timer",
    "fabric-object",
    "app-service-type",
    "app-category",
    "application",
    "proxy",
];

/// When a schedule is active.
#[derive(Debug, Clone, Copy)]
pub(super) enum Times {
    Always,
    Days(Period),
    /// At some times only.
    Sometimes,
    Never,
}

/// All schedules by name.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    times: BTreeMap<String, Option<Times>>,
}

impl Schedules {
    pub(super) fn table(&mut self, reading: &mut Reading, table: &Block, kind: &str) {
        for entry in &table.entries {
            entry.settle(reading, Fate::Understood);
            let known = ["start", "end", "day", "member", "start-utc", "end-utc"];
            let irrelevant = |key: &str| matches!(key, "color" | "expiration-days" | "fabric-object" | "uuid");
            let strange = entry.strange(reading, &known, irrelevant, &[]);
            let times = match kind {
                _ if !strange.is_empty() => None,
                "onetime" => days(entry),
                "recurring" => recurring(entry),
                _ => Some(Times::Sometimes),
            };
            self.times.insert(entry.name.clone(), times);
        }
    }

    /// A schedule by name; `None` when it is not defined or not understood.
    pub(super) fn find(&self, name: &str) -> Option<Times> {
        match self.times.get(name) {
            Some(times) => *times,
            None => match name {
                "always" => Some(Times::Always),
                "none" => Some(Times::Never),
                _ => None,
            },
        }
    }
}

/// `start 00:00 2026/04/01`, `end 23:59 2027/03/31`
fn days(entry: &Block) -> Option<Times> {
    let date = |key: &str| {
        let [_, date] = entry.values(key)? else { return None };
        let mut parts = date.split('/');
        let date = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then_some(date)
    };
    Some(Times::Days(Period { first: Some(date("start")?), last: Some(date("end")?) }))
}

fn recurring(entry: &Block) -> Option<Times> {
    let days: &[String] = entry.values("day").unwrap_or_default();
    if days.iter().any(|day| day == "none") {
        return Some(Times::Never);
    }
    let whole_day = |key: &str| entry.value(key).is_none_or(|time| time == "00:00");
    let every = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
    let all = every.iter().all(|day| days.iter().any(|known| known == day));
    Some(if all && whole_day("start") && whole_day("end") { Times::Always } else { Times::Sometimes })
}
