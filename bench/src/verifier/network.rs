//! A network of fifty devices: a ring of cores, a firewall for each department behind them.

use std::fmt::Write as _;

use separation::claims::Claims;
use separation::dialects::{Options, read_configurations};
use separation::network::{Network, Placed, read};

use super::rules::Numbers;

/// Core routers in a ring.
const CORES: usize = 10;
/// Firewalls, four at each core.
const FIREWALLS: usize = 40;
/// Rules of each firewall.
const RULES: u64 = 200;

/// The network of fifty devices with 8,000 rules. One firewall has a line that lets a host of マイナンバー利用事務系 out.
pub fn fifty(claims: &Claims) -> Network {
    let (toml, files) = (description(), files());
    let (entries, problems) = read(&toml, claims);
    assert!(problems.is_empty(), "{problems:?}");
    let devices = entries.into_iter().zip(files).map(|(entry, text)| {
        let contents = vec![(entry.files.first().cloned().unwrap_or_default(), text.into_bytes())];
        let configuration = read_configurations(&entry.name, contents, &Options::default());
        assert!(configuration.device.unread.is_empty(), "{:?}", configuration.problems);
        Placed { configuration, interfaces: entry.interfaces, at: entry.at }
    });
    Network { devices: devices.collect(), connected: true }
}

fn zone_of(firewall: usize) -> (&'static str, usize) {
    [("mynumber", 1), ("lgwan", 2), ("internet", 3), ("outside", 0)].get(firewall % 4).copied().expect("one of four")
}

fn description() -> String {
    let mut out = String::new();
    for core in 0..CORES {
        let mut interfaces = vec![
            format!("\"Te1/1\" = \"link:ring{core}\""),
            format!("\"Te1/2\" = \"link:ring{}\"", (core + 1) % CORES),
        ];
        interfaces.extend((0..4).map(|port| format!("\"Gi0/{port}\" = \"link:fw{}\"", core * 4 + port)));
        writeln!(
            out,
            "[[device]]\nname = \"core{core}\"\nconfig = \"core{core}.cfg\"\ninterfaces = {{ {} }}",
            interfaces.join(", ")
        )
        .expect("a text grows");
    }
    for firewall in 0..FIREWALLS {
        let zone = zone_of(firewall).0;
        writeln!(
            out,
            "[[device]]\nname = \"fw{firewall}\"\nconfig = \"fw{firewall}.nft\"\ninterfaces = {{ eth0 = \"zone:{zone}\", eth1 = \"link:fw{firewall}\" }}"
        )
        .expect("a text grows");
    }
    out
}

/// Each core knows the way to every department's part of its zone, the shorter way round the ring.
fn files() -> Vec<String> {
    let mut out = Vec::new();
    for core in 0..CORES {
        let next = (core + 1) % CORES;
        let mut text = format!(
            "hostname core{core}\ninterface Te1/1\n ip address 172.16.{core}.1 255.255.255.0\ninterface Te1/2\n ip address 172.16.{next}.2 255.255.255.0\n"
        );
        for port in 0..4 {
            writeln!(text, "interface Gi0/{port}\n ip address 172.17.{}.1 255.255.255.0", core * 4 + port).expect("a text grows");
        }
        for firewall in 0..FIREWALLS {
            let (home, (_, zone)) = (firewall / 4, zone_of(firewall));
            let (address, mask) = match zone {
                0 if firewall == 3 => ("0.0.0.0".to_owned(), "0.0.0.0"),
                0 => (format!("198.51.{firewall}.0"), "255.255.255.0"),
                zone => (format!("10.{zone}.{}.0", firewall / 4 * 16), "255.255.240.0"),
            };
            let steps = (home + CORES - core) % CORES;
            let via = match steps {
                0 => format!("172.17.{firewall}.2"),
                steps if steps <= CORES / 2 => format!("172.16.{next}.1"),
                _ => format!("172.16.{core}.2"),
            };
            writeln!(text, "ip route {address} {mask} {via}").expect("a text grows");
        }
        out.push(text);
    }
    let mut numbers = Numbers::new(50);
    for firewall in 0..FIREWALLS {
        let (_, zone) = zone_of(firewall);
        let mut text = String::from(
            "table inet fw {\n chain forward {\n  type filter hook forward priority filter; policy drop;\n  ct state established,related accept\n",
        );
        for number in 0..RULES {
            let (a, b, c) = (numbers.below(256), numbers.below(256), numbers.below(256));
            let port = 1 + numbers.below(9_000);
            let zone = zone.max(1);
            if firewall == 4 && number == RULES / 2 {
                text += "  ip saddr 10.1.16.0/24 ip daddr 10.3.0.0/20 tcp dport 1024-1100 accept\n";
            } else if firewall == 2 && number == RULES / 2 {
                text += "  ip saddr 10.1.0.0/16 ip daddr 10.3.5.0/24 tcp dport 1000-1050 accept\n";
            } else {
                writeln!(text, "  ip saddr 10.{zone}.{a}.0/24 ip daddr 10.{zone}.{c}.{b} tcp dport {port} accept").expect("a text grows");
            }
        }
        out.push(text + " }\n}\n");
    }
    out
}
