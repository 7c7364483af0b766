//! One policy in several dialects denotes one set.

use crate::city::{CLAIMS, judged};
use separation::judge::{Judgement, Verdict};

const IPTABLES: &str = "*filter\n:FORWARD DROP [0:0]\n\
-A FORWARD -s 10.1.5.10/32 -d 10.2.0.53/32 -p tcp -m tcp --dport 443 -j ACCEPT\n\
-A FORWARD -s 10.1.9.0/24 -d 10.3.0.0/16 -p udp -m udp --dport 53 -j DROP\n\
-A FORWARD -s 10.1.0.0/16 -d 10.3.0.0/16 -p udp -m udp --dport 50:60 -j ACCEPT\n\
-A FORWARD -s 10.2.7.0/24 -d 10.3.0.0/16 -p icmp -m icmp --icmp-type 8 -j ACCEPT\n\
-A FORWARD -s 10.2.0.0/16 -d 10.3.8.0/24 -p tcp -m tcp --tcp-flags SYN,ACK SYN -j ACCEPT\nCOMMIT\n";

const NFTABLES: &str = "table ip filter {\n chain forward {\n  type filter hook forward priority filter; policy drop;\n\
  ip saddr 10.1.5.10 ip daddr 10.2.0.53 tcp dport https accept\n\
  ip saddr 10.1.9.0/24 ip daddr 10.3.0.0/16 udp dport 53 drop\n\
  ip saddr 10.1.0.0/16 ip daddr 10.3.0.0/16 udp dport 50-60 accept\n\
  ip saddr 10.2.7.0/24 ip daddr 10.3.0.0/16 icmp type echo-request accept\n\
  ip saddr 10.2.0.0/16 ip daddr 10.3.8.0/24 tcp flags & (syn|ack) == syn accept\n }\n}\n";

const IOS: &str = "hostname r1\n!\ninterface GigabitEthernet0/0\n ip address 10.1.0.1 255.255.0.0\n ip access-group CITY in\n!\n\
ip access-list extended CITY\n permit tcp host 10.1.5.10 host 10.2.0.53 eq 443\n\
 deny udp 10.1.9.0 0.0.0.255 10.3.0.0 0.0.255.255 eq domain\n\
 permit udp 10.1.0.0 0.0.255.255 10.3.0.0 0.0.255.255 range 50 60\n\
 permit icmp 10.2.7.0 0.0.0.255 10.3.0.0 0.0.255.255 echo\n\
 permit tcp 10.2.0.0 0.0.255.255 10.3.8.0 0.0.0.255 match-all +syn -ack\n!\nend\n";

const FORTIGATE: &str = include_str!("../samples/one_policy.fortigate");

const ASA: &str = "ASA Version 9.16(4)\ninterface GigabitEthernet0/0\n nameif a\n security-level 50\ninterface GigabitEthernet0/1\n nameif b\n security-level 40\n\
object network BATCH\n subnet 10.1.9.0 255.255.255.0\nobject-group network CITY\n network-object 10.3.0.0 255.255.0.0\n\
access-list X extended permit tcp host 10.1.5.10 host 10.2.0.53 eq https\n\
access-list X extended deny udp object BATCH object-group CITY eq domain\n\
access-list X extended permit udp 10.1.0.0 255.255.0.0 object-group CITY range 50 60\n\
access-list X extended permit icmp 10.2.7.0 255.255.255.0 object-group CITY echo\n\
access-list X extended permit tcp 10.2.0.0 255.255.0.0 10.3.8.0 255.255.255.0\n\
access-group X in interface a\naccess-group X in interface b\n";

/// Verdicts, packet counts and boxes of every claim, without what differs by nature (files, lines).
fn meaning(judgement: &Judgement) -> Vec<String> {
    let mut out = Vec::new();
    for claim in &judgement.claims {
        for violation in &claim.violations {
            let boxes: Vec<String> = violation.boxes.iter().map(|found| format!("{found:?}")).collect();
            out.push(format!("{}>{} {} {}", claim.from, claim.to, violation.packets, boxes.join(" ")));
        }
        out.push(format!("{}>{} {:?} {:?}", claim.from, claim.to, claim.verdict, claim.too_wide.len()));
    }
    out
}

#[test]
fn one_policy_in_every_dialect_is_one_set() {
    let iptables = judged(CLAIMS, "fw1.rules", IPTABLES);
    assert_eq!(iptables.claims.iter().filter(|claim| claim.verdict == Verdict::Broken).count(), 2);
    for (name, text) in [("fw1.nft", NFTABLES), ("r1.cfg", IOS), ("fw1.conf", FORTIGATE), ("asa.cfg", ASA)] {
        let other = judged(CLAIMS, name, text);
        assert_eq!(other.inputs[0].unread, 0, "{name} {:?}", other.problems);
        assert_eq!(meaning(&other), meaning(&iptables), "{name}");
    }
}

#[test]
fn an_ios_file_with_one_list_and_no_binding_is_judged_and_says_so() {
    let text = IOS.replace(" ip access-group CITY in\n", "");
    let judgement = judged(CLAIMS, "r1.cfg", &text);
    assert!(judgement.assumptions.iter().any(|message| message.en.contains("\"CITY\"")), "{:?}", judgement.assumptions);
    assert_eq!(judgement.claims.iter().filter(|claim| claim.verdict == Verdict::Broken).count(), 2);
}

#[test]
fn object_groups_may_contain_themselves_without_end_and_are_never_certain() {
    let text = "object-group network A\n group-object B\nobject-group network B\n group-object A\n\
        ip access-list extended X\n permit ip object-group A any\n permit ip object-group NOWHERE any\n";
    let judgement = judged(CLAIMS, "r1.cfg", text);
    assert!(
        judgement.claims.iter().all(|claim| claim.verdict != Verdict::Holds || claim.from == "outside"),
        "{:?}",
        judgement.claims
    );
    assert!(judgement.problems.iter().any(|problem| problem.message.en.contains("contains itself")));
    assert!(judgement.problems.iter().any(|problem| problem.message.en.contains("NOWHERE")));
}

#[test]
fn ios_reflections_of_what_ios_does() {
    // An empty or undefined list lets everything pass; remarks are no entries; a sequence number orders.
    let empty = "interface Vlan10\n ip address 10.1.0.1 255.255.0.0\n ip access-group NONE in\nip access-list extended NONE\n remark nothing yet\n";
    let judgement = judged(CLAIMS, "r1.cfg", empty);
    assert!(judgement.claims.iter().any(|claim| claim.verdict == Verdict::Broken));
    let ordered = "ip access-list extended X\n 20 permit ip any any\n 10 deny ip any any\n";
    let judgement = judged(CLAIMS, "r1.cfg", ordered);
    assert!(judgement.claims.iter().all(|claim| claim.verdict == Verdict::Holds), "{:?}", judgement.claims);
}

#[test]
fn a_line_that_no_reader_knows_makes_holding_claims_unknown() {
    let text = format!("{IOS}frobnicate the packets\n");
    let judgement = judged(CLAIMS, "r1.cfg", &text);
    assert!(judgement.claims.iter().all(|claim| claim.verdict == Verdict::Unknown), "nothing is certain any more");
    assert_eq!(judgement.claims[0].unread[0].text, "frobnicate the packets");
}

#[test]
fn files_of_two_dialects_are_no_one_device() {
    let files =
        vec![("a.rules".to_owned(), IPTABLES.as_bytes().to_vec()), ("b.nft".to_owned(), NFTABLES.as_bytes().to_vec())];
    let read = separation::dialects::read_configurations("fw", files, &separation::dialects::Options::default());
    assert!(read.problems.iter().any(|problem| problem.fatal && problem.message.en.contains("two dialects")));
}
