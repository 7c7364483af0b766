//! `claims.toml` for the separation verifier, from the pack's zones and the registers of flows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ledger::records::{self, Record};
use ledger::{Day, Reading, Result};
use pack::Pack;
use pack::model::{Register, RegisterKind, Text, ZoneKind};

use crate::report::text;

/// Address prefixes of zones, where the pack names none: they are often not published with the policy.
pub type Networks = BTreeMap<String, Vec<String>>;

/// Why there are no claims: a sentence for each flow or zone that lacks what a claim needs.
pub type Lacks = Vec<Text>;

/// The claims of a day: all zones, and the flows that are in force and not past their end, in the order of their numbers.
pub async fn claims(
    reading: &mut Reading,
    pack: &Pack,
    networks: &Networks,
    on: Day,
) -> Result<std::result::Result<String, Lacks>> {
    let mut lacks = Lacks::new();
    let mut out = format!("# 規程データ {} {} と通信の台帳から。{on} に有効な通信だけ。\n", pack.id, pack.version);
    zones(pack, networks, &mut out, &mut lacks);
    for register in pack.registers.iter().filter(|register| register.kind == Some(RegisterKind::Flow)) {
        for record in records::all_stored(reading, &register.id).await? {
            if valid(register, &record, on) {
                flow(pack, register, &record, &mut out, &mut lacks);
            }
        }
    }
    Ok(if lacks.is_empty() { Ok(out) } else { Err(lacks) })
}

fn zones(pack: &Pack, networks: &Networks, out: &mut String, lacks: &mut Lacks) {
    for id in networks.keys().filter(|id| pack.zones.iter().all(|zone| zone.id != **id)) {
        lacks.push(text(
            format!("アドレスの表にある領域「{id}」は規程データにありません。"),
            format!("The addresses name a zone '{id}' that the policy does not have."),
        ));
    }
    for zone in &pack.zones {
        let known = networks.get(&zone.id).unwrap_or(&zone.networks);
        let _ = write!(out, "\n[[zone]]\nid = {}\n", quoted(&zone.id));
        if zone.rest {
            out.push_str("rest = true\n");
        } else if known.is_empty() {
            lacks.push(text(
                format!(
                    "領域「{}」（{}）のアドレスが分かりません。--networks のファイルに {} = [\"10.0.0.0/16\"] のように書いてください。",
                    zone.name.ja, zone.id, zone.id
                ),
                format!("The addresses of the zone '{}' are not known. Write them in the file of --networks: {} = [\"10.0.0.0/16\"].", zone.id, zone.id),
            ));
        } else {
            let _ = writeln!(out, "networks = {}", list(known));
        }
        if zone.kind == ZoneKind::External {
            out.push_str("external = true\n");
        }
    }
}

/// In force, begun, and not past its end.
fn valid(register: &Register, record: &Record, on: Day) -> bool {
    let day = |field: &str| record.fields.get(field).and_then(|day| day.as_str()?.parse::<Day>().ok());
    register.in_force.contains(&record.state)
        && record.disposed.is_none()
        && day("starts_on").is_none_or(|start| start <= on)
        && day("ends_on").is_none_or(|end| on <= end)
}

fn flow(pack: &Pack, register: &Register, record: &Record, out: &mut String, lacks: &mut Lacks) {
    let of = |field: &str| record.fields.get(field).and_then(|value| value.as_str()).unwrap_or_default();
    let (from, to, number) = (of("from_zone"), of("to_zone"), &record.number);
    let mut lack = |ja: String, en: String| {
        lacks.push(text(
            format!("「{number}」（{}）：{ja}", record.name),
            format!("'{number}' ({}): {en}", record.name),
        ));
    };
    if from == to {
        return lack("送信元と宛先が同じ領域です。".to_owned(), "it begins and ends in the same zone.".to_owned());
    }
    let mut ends = Vec::new();
    for (field, key) in [("source", "source"), ("destination", "destination")] {
        let listed = addresses(of(field));
        let label = register.field(field).map_or(field, |field| field.label.ja.as_str());
        match listed {
            Some(listed) => ends.push(format!("{key} = {}\n", list(&listed))),
            None => lack(
                format!(
                    "「{label}」の「{}」をアドレスとして読めません。10.1.5.10、10.1.5.0/24、10.1.5.10-10.1.5.20 のように書いてください。",
                    of(field)
                ),
                format!(
                    "'{}' of {field} is no address; write 10.1.5.10, 10.1.5.0/24 or 10.1.5.10-10.1.5.20.",
                    of(field)
                ),
            ),
        }
    }
    let services = services(of("service"));
    if services.is_empty() {
        lack(
            format!(
                "プロトコルとポートの「{}」を読めません。tcp/443、udp/1024-1100、icmp のように書いてください。",
                of("service")
            ),
            format!("'{}' is no service; write tcp/443, udp/1024-1100 or icmp.", of("service")),
        );
    }
    let kind = kind(pack, of("category"), from, to);
    for (index, (protocol, ports)) in (1..).zip(&services) {
        // One claim for each protocol; the register's number stays readable in each.
        let id = if services.len() == 1 { number.clone() } else { format!("{number}-{index}") };
        let _ = write!(out, "\n# {}\n[[flow]]\nid = {}\n", record.name.replace(char::is_control, " "), quoted(&id));
        let _ = write!(out, "from = {}\nto = {}\n", quoted(from), quoted(to));
        ends.iter().for_each(|end| out.push_str(end));
        let _ = writeln!(out, "protocol = {}", quoted(protocol));
        if !ports.is_empty() {
            let _ = writeln!(out, "port = [{}]", ports.join(", "));
        }
        let _ = writeln!(out, "kind = {}", quoted(kind));
        if !of("ends_on").is_empty() {
            let _ = writeln!(out, "until = {}", of("ends_on"));
        }
    }
}

/// 無害化通信 and 画面転送 by the register's own word or by what alone may cross there; else 特定通信.
fn kind(pack: &Pack, category: &str, from: &str, to: &str) -> &'static str {
    let crossing = pack.crossings.iter().find(|crossing| crossing.from == from && crossing.to == to);
    let kinds: Vec<String> =
        crossing.map(|c| c.kinds.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect()).unwrap_or_default();
    let only = |word: &str| !kinds.is_empty() && kinds.iter().all(|kind| kind == word);
    if category.contains("sanitis") || only("sanitised") {
        "sanitised"
    } else if category.contains("screen") || only("screen") {
        "screen"
    } else {
        "specified"
    }
}

/// Addresses between commas, spaces or lines.
fn addresses(field: &str) -> Option<Vec<String>> {
    let field = crate::names::plain(field);
    let listed: Vec<String> =
        field.split([',', '、', ' ', '\n', ';']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let fits = |part: &String| {
        part.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/' | '-')) && part.contains(['.', ':'])
    };
    (!listed.is_empty() && listed.iter().all(fits)).then_some(listed)
}

/// Protocols with their ports, such as `tcp/443`, `tcp/80,443 udp/53`, `icmp`; empty when something is not understood.
fn services(field: &str) -> Vec<(String, Vec<String>)> {
    let field = crate::names::plain(field).to_lowercase().replace([',', '、', '・'], " ");
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for word in field.split_whitespace() {
        let (protocol, ports) = match word.split_once('/') {
            Some((protocol, ports)) => (Some(protocol), Some(ports)),
            None if word.starts_with(|c: char| c.is_ascii_digit()) => (None, Some(word)),
            None => (Some(word), None),
        };
        let port = match ports.map(port) {
            None => None,
            Some(Some(port)) => Some(port),
            Some(None) => return Vec::new(),
        };
        match (protocol, port) {
            (Some(protocol), port) if ["tcp", "udp", "icmp", "icmp6", "any"].contains(&protocol) => {
                found.push((protocol.to_owned(), port.into_iter().collect()));
            }
            (None, Some(port)) => match found.last_mut() {
                Some((_, ports)) if !ports.is_empty() => ports.push(port),
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        }
    }
    found
}

/// A port as a number, or a range as a string.
fn port(text: &str) -> Option<String> {
    let number = |text: &str| text.parse::<u16>().ok();
    match text.split_once('-') {
        None => number(text).map(|port| port.to_string()),
        Some((low, high)) => {
            let (low, high) = (number(low)?, number(high)?);
            (low <= high).then(|| format!("\"{low}-{high}\""))
        }
    }
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_as_offices_write_them() {
        let one = |protocol: &str, ports: &[&str]| {
            (protocol.to_owned(), ports.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(services("tcp/443"), [one("tcp", &["443"])]);
        assert_eq!(services("ＴＣＰ/80、443, udp/53"), [one("tcp", &["80", "443"]), one("udp", &["53"])]);
        assert_eq!(services("tcp/1024-1100"), [one("tcp", &["\"1024-1100\""])]);
        assert_eq!(services("icmp"), [one("icmp", &[])]);
        for wrong in ["", "https", "tcp/x", "443", "tcp/9-1", "tcp/70000"] {
            assert!(services(wrong).is_empty(), "{wrong}");
        }
    }

    #[test]
    fn words_are_no_addresses() {
        assert_eq!(addresses("10.1.5.10、10.1.6.0/24").unwrap(), ["10.1.5.10", "10.1.6.0/24"]);
        assert_eq!(addresses("2001:db8::1").unwrap(), ["2001:db8::1"]);
        assert!(addresses("すべて").is_none() && addresses("").is_none() && addresses("any").is_none());
    }
}
