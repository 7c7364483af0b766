//! Rule sets of any size, the same in every run.

use std::fmt::Write as _;

/// A small generator.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// One rule about TCP: ranges of addresses and ports, and what it does.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub source: (u32, u32),
    pub destination: (u32, u32),
    pub port: (u16, u16),
    pub permit: bool,
}

fn address(zone: u64, a: u64, b: u64) -> u32 {
    u32::try_from(10 << 24 | zone << 16 | a << 8 | b).expect("an address")
}

fn network(zone: u64, a: u64) -> (u32, u32) {
    (address(zone, a, 0), address(zone, a, 255))
}

fn host(zone: u64, a: u64, b: u64) -> (u32, u32) {
    (address(zone, a, b), address(zone, a, b))
}

/// Permits inside zones, denials between them, and one leak in the middle that an earlier denial shadows in part.
pub fn realistic(count: u64) -> Vec<Rule> {
    let mut numbers = Numbers::new(7);
    let mut rule = |number| {
        let zone = 1 + numbers.below(3);
        let (a, b, c) = (numbers.below(256), numbers.below(256), numbers.below(256));
        let port = u16::try_from(1 + numbers.below(9_000)).expect("a port");
        let denial = numbers.below(4) == 0;
        if number == count / 2 - 10 {
            let city = (address(1, 0, 0), address(1, 255, 255));
            Rule { source: city, destination: (address(3, 7, 0), address(3, 7, 127)), port: (1024, 1050), permit: false }
        } else if number == count / 2 {
            Rule { source: network(1, 5), destination: network(3, 7), port: (1024, 1100), permit: true }
        } else if denial {
            let other = 1 + zone % 3;
            Rule { source: host(zone, a, b), destination: network(other, c), port: (port, port), permit: false }
        } else {
            Rule { source: network(zone, a), destination: host(zone, c, b), port: (port, port), permit: true }
        }
    };
    (0..count).map(&mut rule).collect()
}

/// Ranges that overlap in three dimensions everywhere, permits and denials mixed, all from one zone to another.
pub fn overlapping(count: u64) -> Vec<Rule> {
    let mut numbers = Numbers::new(11);
    let mut range = |zone: u64| {
        let (low, width) = (numbers.below(1 << 16), numbers.below(1 << 12));
        let high = (low + width).min(65_535);
        (address(zone, low >> 8, low & 255), address(zone, high >> 8, high & 255))
    };
    let pairs: Vec<_> = (0..count).map(|_| (range(1), range(3))).collect();
    let mut numbers = Numbers::new(12);
    let rule = |(source, destination)| {
        let port = u16::try_from(numbers.below(60_000)).expect("a port");
        Rule { source, destination, port: (port, port + 500), permit: numbers.below(2) == 0 }
    };
    pairs.into_iter().map(rule).collect()
}

/// Networks of any length inside each other and wide ranges of ports: every rule meets hundreds of others.
pub fn nested(count: u64) -> Vec<Rule> {
    let mut numbers = Numbers::new(13);
    let mut rule = |_| {
        let mut network = |zone: u64| {
            let length = 16 + numbers.below(17);
            let span = (1u64 << (32 - length)) - 1;
            let low = numbers.below(1 << 16) & !span;
            (address(zone, low >> 8, low & 255), address(zone, (low | span) >> 8 & 255, (low | span) & 255))
        };
        let (source, destination) = (network(1), network(3));
        let (one, other) = (numbers.below(65_536), numbers.below(65_536));
        let port = |number| u16::try_from(number).expect("a port");
        let port = (port(one.min(other)), port(one.max(other)));
        Rule { source, destination, port, permit: numbers.below(2) == 0 }
    };
    (0..count).map(&mut rule).collect()
}

fn text((low, high): (u32, u32)) -> String {
    let one = |number: u32| std::net::Ipv4Addr::from(number);
    format!("{}-{}", one(low), one(high))
}

/// As `iptables-save` writes them.
pub fn iptables(rules: &[Rule]) -> String {
    let mut out = String::from(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n",
    );
    for rule in rules {
        let target = if rule.permit { "ACCEPT" } else { "DROP" };
        let (source, destination) = (text(rule.source), text(rule.destination));
        writeln!(
            out,
            "-A FORWARD -p tcp -m iprange --src-range {source} --dst-range {destination} -m tcp --dport {}:{} -j {target}",
            rule.port.0, rule.port.1
        )
        .expect("a text grows");
    }
    out + "COMMIT\n"
}

/// The same for other programs: a JSON list of [source, destination, ports, permit].
pub fn json(rules: &[Rule]) -> String {
    let one = |rule: &Rule| {
        let Rule { source, destination, port, permit } = rule;
        format!("[[{},{}],[{},{}],[{},{}],{permit}]", source.0, source.1, destination.0, destination.1, port.0, port.1)
    };
    format!("[{}]", rules.iter().map(one).collect::<Vec<_>>().join(","))
}
