//! Several devices, links, routes, translations, `via` and `relay`.

use separation::claims::Claims;
use separation::dialects::{Options, read_configurations};
use separation::judge::{Judgement, Verdict, judge};
use separation::network::{Network, Placed, read};

use crate::city::{CLAIMS, TODAY, claim, claims};

fn network(claims: &Claims, toml: &str, files: &[(&str, &str)]) -> Network {
    let (entries, problems) = read(toml, claims);
    assert_eq!(problems, []);
    let devices = entries.into_iter().map(|entry| {
        let contents = entry.files.iter().map(|name| {
            let text = files.iter().find(|(known, _)| known == name).unwrap().1;
            (name.clone(), text.as_bytes().to_vec())
        });
        let configuration = read_configurations(&entry.name, contents.collect(), &Options::default());
        Placed { configuration, interfaces: entry.interfaces, at: entry.at }
    });
    Network { devices: devices.collect(), connected: true }
}

const TWO: &str = "[[device]]\nname = \"fw1\"\nconfig = \"fw1.nft\"\ninterfaces = { eth0 = \"zone:mynumber\", eth1 = \"link:core\" }\n\
[[device]]\nname = \"core\"\nconfig = \"core.cfg\"\ninterfaces = { \"Gi0/0\" = \"link:core\", \"Gi0/1\" = \"zone:lgwan\", \"Gi0/2\" = \"zone:internet\" }\n";

fn firewall(rules: &str) -> String {
    format!(
        "table inet fw {{\n chain forward {{\n  type filter hook forward priority 0; policy drop;\n  ct state established,related accept\n{rules} }}\n}}\n"
    )
}

const CORE: &str = "interface Gi0/0\n ip address 10.0.0.1 255.255.255.252\ninterface Gi0/1\n ip address 10.2.0.254 255.255.0.0\n\
interface Gi0/2\n ip address 10.3.0.254 255.255.0.0\nip route 10.1.0.0 255.255.0.0 10.0.0.2\n";

fn judged(toml: &str, files: &[(&str, &str)]) -> Judgement {
    let claims = claims(CLAIMS);
    judge(&network(&claims, toml, files), &claims, TODAY)
}

#[test]
fn a_packet_must_pass_every_device_on_its_way_and_the_path_says_so() {
    let wide = firewall("  ip saddr 10.1.0.0/16 ip daddr 10.0.0.0/8 tcp dport 80 accept\n");
    let judgement = judged(TWO, &[("fw1.nft", &wide), ("core.cfg", CORE)]);
    let broken = claim(&judgement, "mynumber", "internet");
    assert_eq!(broken.verdict, Verdict::Broken, "{broken:?}");
    assert_eq!((broken.violations[0].file.as_str(), broken.violations[0].line), ("fw1.nft", 5));
    assert_eq!(broken.violations[0].path[0].device, "fw1");
    // The core router filters nothing: what the firewall drops is what holds.
    assert_eq!(claim(&judgement, "lgwan", "mynumber").verdict, Verdict::Holds);
    assert_eq!(claim(&judgement, "lgwan", "internet").verdict, Verdict::Broken);
    let filtered = CORE.replace("interface Gi0/2\n", "interface Gi0/2\n ip access-group NOWEB out\n")
        + "ip access-list extended NOWEB\n deny tcp any any eq 80\n permit ip any any\n";
    let judgement = judged(TWO, &[("fw1.nft", &wide), ("core.cfg", &filtered)]);
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Holds);
}

#[test]
fn each_direction_is_judged_on_the_way_that_it_takes() {
    // Out over one firewall, back over another: what the first refuses says nothing of what the second lets in.
    let toml = "[[device]]\nname = \"number\"\nconfig = \"number.cfg\"\ninterfaces = { \"Gi0/0\" = \"zone:mynumber\", \"Gi0/1\" = \"link:out\", \"Gi0/2\" = \"link:back\" }\n\
        [[device]]\nname = \"fwout\"\nconfig = \"fwout.nft\"\ninterfaces = { eth0 = \"link:out\", eth1 = \"link:out2\" }\n\
        [[device]]\nname = \"fwback\"\nconfig = \"fwback.nft\"\ninterfaces = { eth0 = \"link:back2\", eth1 = \"link:back\" }\n\
        [[device]]\nname = \"lgwan\"\nconfig = \"lgwan.cfg\"\ninterfaces = { \"Gi0/0\" = \"zone:lgwan\", \"Gi0/1\" = \"link:out2\", \"Gi0/2\" = \"link:back2\" }\n";
    let router = |zone: u32, other: u32, way: &str| {
        format!(
            "interface Gi0/0\n ip address 10.{zone}.0.254 255.255.0.0\ninterface Gi0/1\n ip address 172.16.{zone}.1 255.255.255.0\n\
                 interface Gi0/2\n ip address 172.17.{zone}.1 255.255.255.0\nip route 10.{other}.0.0 255.255.0.0 {way}\n"
        )
    };
    let (number, lgwan) = (router(1, 2, "172.16.1.2"), router(2, 1, "172.17.2.2"));
    let (shut, open) = (firewall(""), firewall("  accept\n"));
    let judged = |out: &str, back: &str| {
        let files = [("number.cfg", number.as_str()), ("fwout.nft", out), ("fwback.nft", back), ("lgwan.cfg", &lgwan)];
        let judgement = judged(toml, &files);
        (claim(&judgement, "mynumber", "lgwan").verdict, claim(&judgement, "lgwan", "mynumber").verdict)
    };
    assert_eq!(judged(&shut, &shut), (Verdict::Holds, Verdict::Holds));
    assert_eq!(judged(&shut, &open), (Verdict::Holds, Verdict::Broken));
    assert_eq!(judged(&open, &shut), (Verdict::Broken, Verdict::Holds));
}

#[test]
fn packets_that_go_in_a_circle_or_have_many_ways_are_followed_once() {
    // Twelve devices without routes on one segment: each may hand packets to every other.
    let mut toml = String::new();
    let mut files = Vec::new();
    for number in 0..12 {
        let zone = ["mynumber", "lgwan", "internet"][number % 3];
        toml += &format!(
            "[[device]]\nname = \"fw{number}\"\nconfig = \"fw{number}.nft\"\ninterfaces = {{ eth0 = \"zone:{zone}\", eth1 = \"link:core\" }}\n"
        );
        let rules = if zone == "lgwan" {
            "  ip saddr 10.1.0.0/16 tcp dport 80 accept\n"
        } else {
            "  ip saddr 10.1.0.0/16 tcp dport 1-100 accept\n"
        };
        files.push((format!("fw{number}.nft"), firewall(rules)));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let judgement = judged(&toml, &files);
    let broken = claim(&judgement, "mynumber", "lgwan");
    assert_eq!(broken.verdict, Verdict::Broken, "{broken:?}");
    // 65,536 sources and destinations, one port: that of the flow may be one of them and has another.
    assert!(
        broken
            .violations
            .iter()
            .all(|found| found.packets == (65_536u64 * 65_536 * 65_536).to_string() && found.packet.is_some())
    );
    assert_eq!(claim(&judgement, "lgwan", "mynumber").verdict, Verdict::Holds);
}

#[test]
fn an_unrouted_destination_is_not_reached() {
    let wide = firewall("  accept\n");
    let judgement = judged(
        TWO,
        &[("fw1.nft", &wide), ("core.cfg", &CORE.replace("interface Gi0/2\n ip address 10.3.0.254 255.255.0.0\n", ""))],
    );
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Holds);
    assert_eq!(claim(&judgement, "mynumber", "lgwan").verdict, Verdict::Broken);
}

#[test]
fn a_routing_protocol_makes_reachability_uncertain_and_not_absent() {
    let wide = firewall("  accept\n");
    let core = CORE.replace("interface Gi0/2\n ip address 10.3.0.254 255.255.0.0\n", "")
        + "router ospf 1\n network 10.0.0.0 0.255.255.255 area 0\n";
    let judgement = judged(TWO, &[("fw1.nft", &wide), ("core.cfg", &core)]);
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Unknown);
}

#[test]
fn a_route_whose_next_hop_stands_in_another_zone_joins_them() {
    let core = format!("{CORE}ip route 10.9.0.0 255.255.0.0 10.3.0.9\nip route 10.2.8.0 255.255.255.0 10.3.0.25\n");
    let judgement = judged(TWO, &[("fw1.nft", &firewall("")), ("core.cfg", &core)]);
    let found: Vec<_> =
        judgement.relays.iter().map(|found| (found.kind, found.zones.join("+"), found.relay.clone())).collect();
    assert_eq!(found, [("route", "lgwan+internet".to_owned(), None)]);
    let relay = format!(
        "{CLAIMS}[[relay]]\nid = \"gateway\"\naddresses = [\"10.2.0.25\", \"10.3.0.25\"]\njoins = [\"internet\", \"lgwan\"]\n"
    );
    let claims = claims(&relay);
    let judgement = judge(&network(&claims, TWO, &[("fw1.nft", &firewall("")), ("core.cfg", &core)]), &claims, TODAY);
    assert_eq!(judgement.relays[0].relay.as_deref(), Some("gateway"));
}

#[test]
fn a_via_lets_only_its_addresses_out() {
    let text = format!(
        "{CLAIMS}[[via]]\nfrom = \"internet\"\nto = \"outside\"\nonly = [\"10.3.254.1\"]\n\
         [[flow]]\nid = \"web\"\nfrom = \"internet\"\nto = \"outside\"\nprotocol = \"tcp\"\nport = [443]\nkind = \"specified\"\n"
    );
    let claims = claims(&text);
    let single = |rules: &str| {
        let files = vec![("fw.nft".to_owned(), firewall(rules).into_bytes())];
        judge(&Network::single(read_configurations("fw", files, &Options::default())), &claims, TODAY)
    };
    let through = single("  ip saddr 10.3.254.1 tcp dport 443 accept\n");
    assert_eq!(claim(&through, "internet", "outside").verdict, Verdict::Holds);
    let around = single("  ip saddr 10.3.254.0/31 ip daddr 198.51.100.0/24 tcp dport 443 accept\n");
    let found = claim(&around, "internet", "outside");
    assert_eq!(found.verdict, Verdict::Broken);
    assert_eq!(found.violations[0].packets, (256u64 * 65536).to_string(), "10.3.254.0 only");
}

#[test]
fn what_a_device_itself_accepts_is_listed() {
    let text = "table inet fw {\n chain input {\n  type filter hook input priority 0; policy drop;\n  ip saddr 10.2.0.0/24 tcp dport 22 accept\n }\n\
                chain forward {\n  type filter hook forward priority 0; policy drop;\n }\n chain output {\n  type filter hook output priority 0; policy accept;\n }\n}\n";
    let judgement = crate::city::judged(CLAIMS, "fw.nft", text);
    let access = &judgement.device_access;
    assert_eq!((access.len(), access[0].from.as_str(), access[0].accepts[0].line), (1, "lgwan", 4));
    assert_eq!(access[0].may_originate_to, ["mynumber", "internet", "outside"]);
}

#[test]
fn wrong_network_files_are_told_with_the_line() {
    let claims = claims(CLAIMS);
    let toml = "[[device]]\nname = \"a\"\nconfig = \"a.nft\"\ndialect = \"junos9\"\ninterfaces = { e0 = \"zone:nowhere\", e1 = \"link:alone\" }\ncolour = \"red\"\n";
    let (_, problems) = read(toml, &claims);
    let told: Vec<_> = problems.iter().map(|problem| (problem.at.line, problem.message.en.clone())).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().any(|(line, text)| *line == 4 && text.contains("junos9")));
    assert!(told.iter().any(|(line, text)| *line == 5 && text.contains("nowhere")));
    assert!(told.iter().any(|(line, text)| *line == 6 && text.contains("colour")));
}

#[test]
fn contradicting_claims_are_told_with_the_line() {
    let text = "[[zone]]\nid = \"a\"\nnetworks = [\"10.0.0.0/8\"]\n[[zone]]\nid = \"b\"\nnetworks = [\"10.2.0.0/16\"]\n\
        [[flow]]\nid = \"x\"\nfrom = \"a\"\nto = \"c\"\nprotocol = \"tcp\"\nport = [99999]\nkind = \"odd\"\n";
    let (_, problems) = Claims::read(text);
    let told: Vec<_> = problems.iter().map(|problem| problem.at.line).collect();
    assert_eq!(told, [5, 10, 12, 13], "{problems:?}");
    assert!(!Claims::read("[[zone]\nid = 3").1.is_empty());
}

/// Two zones behind a Linux firewall whose rules let everything pass: what is reached depends on its routes.
fn linux(routes: &str) -> Judgement {
    let toml = "[[device]]\nname = \"fw\"\nconfig = \"fw.nft\"\nroutes = \"fw.routes\"\ninterfaces = { eth0 = \"zone:mynumber\", eth1 = \"zone:lgwan\", eth2 = \"zone:internet\" }\n";
    judged(toml, &[("fw.nft", &firewall("  accept\n")), ("fw.routes", routes)])
}

const IP_ROUTE: &str = "default via 10.2.255.1 dev eth1 proto static metric 100\n\
10.1.0.0/16 dev eth0 proto kernel scope link src 10.1.255.254\n\
10.2.0.0/16 dev eth1 proto kernel scope link src 10.2.255.254\n\
blackhole 10.200.0.0/16\n\
10.3.0.0/16 proto static\n\tnexthop via 10.2.255.7 dev eth1 weight 1\n\tnexthop via 10.2.255.8 dev eth1 weight 1\n";

#[test]
fn routes_of_a_linux_firewall_decide_what_is_reached() {
    let judgement = linux(IP_ROUTE);
    assert_eq!(judgement.inputs[1].dialect, "ip-route");
    assert_eq!(judgement.inputs[1].unread, 0, "{:?}", judgement.problems);
    assert_eq!(claim(&judgement, "mynumber", "lgwan").verdict, Verdict::Broken);
    // 10.3.0.0/16 goes to eth1, never to eth2: it leaves into LGWAN.
    let direct = linux(&IP_ROUTE.replace("10.3.0.0/16 proto static\n\tnexthop via 10.2.255.7 dev eth1 weight 1\n\tnexthop via 10.2.255.8 dev eth1 weight 1\n", "blackhole 10.3.0.0/16\n"));
    assert_eq!(claim(&direct, "mynumber", "internet").verdict, Verdict::Holds);
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Broken);
    // Next hops for another zone's destinations join the two.
    assert!(
        judgement.relays.iter().any(|found| found.kind == "route" && found.zones == ["lgwan", "internet"]),
        "{:?}",
        judgement.relays
    );
}

#[test]
fn a_route_that_is_not_understood_makes_everything_unknown() {
    let judgement = linux(&format!("{IP_ROUTE}throw 10.9.0.0/16\n10.8.0.0/16 dev eth0 encap seg6 mode encap\n"));
    assert_eq!(judgement.inputs[1].unread, 2);
    let attached = judgement.claims.iter().filter(|claim| claim.from != "outside");
    assert!(attached.clone().count() > 5 && attached.clone().all(|claim| claim.verdict != Verdict::Holds));
}

#[test]
fn what_a_router_prints_takes_the_place_of_what_a_routing_protocol_might_know() {
    let toml = TWO.replace("config = \"core.cfg\"", "config = \"core.cfg\"\nroutes = \"core.routes\"");
    let core = CORE.replace("interface Gi0/2\n ip address 10.3.0.254 255.255.0.0\n", "")
        + "router ospf 1\n network 10.0.0.0 0.255.255.255 area 0\n";
    let shown = "core#show ip route\nCodes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP\n       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area\n\n\
Gateway of last resort is not set\n\n      10.0.0.0/8 is variably subnetted, 5 subnets, 3 masks\n\
C        10.0.0.0/30 is directly connected, Gi0/0\nL        10.0.0.1/32 is directly connected, Gi0/0\n\
C        10.2.0.0/16 is directly connected, Gi0/1\nL        10.2.0.254/32 is directly connected, Gi0/1\n\
O IA     10.1.0.0/16 [110/20] via 10.0.0.2, 01:02:03, Gi0/0\n";
    let wide = firewall("  accept\n");
    let judgement = judged(&toml, &[("fw1.nft", &wide), ("core.cfg", &core), ("core.routes", shown)]);
    assert_eq!(judgement.inputs.iter().map(|input| input.unread).sum::<usize>(), 0, "{:?}", judgement.problems);
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Holds);
    assert_eq!(claim(&judgement, "mynumber", "lgwan").verdict, Verdict::Broken);
    let more = format!("{shown}O        10.3.0.0/16\n           [110/2] via 10.2.0.9, 00:10:11, Gi0/1\n");
    let judgement = judged(&toml, &[("fw1.nft", &wide), ("core.cfg", &core), ("core.routes", &more)]);
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Broken);
}

#[test]
fn ipv6_and_asa_listings_are_read_to_the_last_line() {
    let six = "IPv6 Routing Table - default - 5 entries\nCodes: C - Connected, L - Local, S - Static, U - Per-user Static route\n       B - BGP, R - RIP, O - OSPF Intra\n\
C   2001:DB8:1::/48 [0/0]\n     via GigabitEthernet0/0, directly connected\nL   2001:DB8:1::1/128 [0/0]\n     via GigabitEthernet0/0, receive\n\
S   ::/0 [1/0]\n     via 2001:DB8:1::9\nO   2001:DB8:2::/48 [110/2]\n     via FE80::1, GigabitEthernet0/1\nL   FF00::/8 [0/0]\n     via Null0, receive\n";
    let asa = "Codes: L - local, C - connected, S - static\nGateway of last resort is 198.51.100.1 to network 0.0.0.0\n\n\
S*       0.0.0.0 0.0.0.0 [1/0] via 198.51.100.1, outside\nC        10.1.0.0 255.255.0.0 is directly connected, number\n\
L        10.1.255.253 255.255.255.255 is directly connected, number\nS        10.200.0.0 255.255.0.0 is directly connected, Null0\n";
    let linux = "2001:db8:1::/48 dev eth0 proto kernel metric 256 pref medium\nfe80::/64 dev eth0 proto kernel metric 256 pref medium\n\
default via fe80::1 dev eth1 proto ra metric 1024 expires 1790sec hoplimit 64 pref medium\nunreachable 2001:db8:9::/48 dev lo metric 1024 error -113 pref medium\n";
    for (text, routes, own, discarded) in [(six, 3, 2, 0), (asa, 3, 1, 1), (linux, 4, 0, 1)] {
        let read = read_configurations("r", vec![("r".to_owned(), text.as_bytes().to_vec())], &Options::default());
        assert!(read.device.unread.is_empty(), "{:?}", read.device.unread);
        let addresses = read.device.interfaces.iter().flat_map(|interface| &interface.addresses).count();
        let thrown = read.device.routes.iter().filter(|route| route.discard).count();
        assert_eq!((read.device.routes.len(), addresses, thrown), (routes, own, discarded), "{text}");
    }
}
