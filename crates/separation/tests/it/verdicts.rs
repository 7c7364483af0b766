//! What verdicts say.

use crate::city::{CLAIMS, claim, judged, summary};
use separation::judge::Verdict;

fn iptables(rules: &str) -> String {
    format!("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n")
}

const REPLIES: &str = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";

#[test]
fn a_default_drop_with_listed_flows_holds() {
    let rules = format!("{REPLIES}-A FORWARD -s 10.1.5.10/32 -d 10.2.0.53/32 -p tcp -m tcp --dport 443 -j ACCEPT\n");
    let judgement = judged(CLAIMS, "fw1.rules", &iptables(&rules));
    assert_eq!(summary(&judgement), [""; 0]);
    assert_eq!(judgement.exit_code(), 0);
    assert_eq!(judgement.families_judged, ["ip4"]);
    assert_eq!(judgement.unused_flows, [""; 0]);
}

#[test]
fn every_offending_line_is_named_with_exact_packets() {
    let rules = format!(
        "{REPLIES}-A FORWARD -s 10.1.5.0/24 -d 10.3.7.0/24 -p tcp -m tcp --dport 1024:1100 -j ACCEPT\n\
         -A FORWARD -s 10.1.5.0/24 -d 10.3.7.0/25 -p tcp -m tcp --dport 1090:1110 -j ACCEPT\n\
         -A FORWARD -s 10.1.0.0/16 -d 10.3.7.0/24 -p udp -j DROP\n\
         -A FORWARD -s 10.1.0.0/16 -d 10.3.0.0/16 -p udp -m udp --dport 53 -j ACCEPT\n"
    );
    let judgement = judged(CLAIMS, "fw1.rules", &iptables(&rules));
    // 256 × 256 × 65536 × 77; 256 × 128 × 65536 × 10; 65536 × (65536 - 256) × 65536.
    assert_eq!(
        summary(&judgement),
        ["mynumber>internet Broken: 6(330712481792) 7(21474836480) 9(280375465082880) unread "]
    );
    let found = &claim(&judgement, "mynumber", "internet").violations[0];
    assert_eq!(found.first_box, "10.1.5.0/24 → 10.3.7.0/24 tcp 1024-1100");
    assert_eq!(found.packet.as_ref().unwrap().source, "10.1.5.1");
    assert_eq!(found.path[0].line, 6);
    assert_eq!(judgement.exit_code(), 3);
}

#[test]
fn an_unread_line_before_a_permit_makes_it_unknown() {
    let broken = "-A FORWARD -s 10.1.0.0/16 -d 10.3.0.0/16 -j ACCEPT\n";
    let unread = "-A FORWARD -m geoip --src-cc JP -j DROP\n";
    let judgement = judged(CLAIMS, "fw1.rules", &iptables(&format!("{unread}{broken}")));
    let found = claim(&judgement, "mynumber", "internet");
    assert_eq!(found.verdict, Verdict::Unknown);
    assert_eq!(found.unread[0].line, 5);
    assert_eq!(found.possible[0].line, 6);
    let behind = judged(CLAIMS, "fw1.rules", &iptables(&format!("{broken}{unread}")));
    assert_eq!(claim(&behind, "mynumber", "internet").verdict, Verdict::Broken);
    assert_eq!(claim(&behind, "mynumber", "lgwan").verdict, Verdict::Holds, "an unread drop lets nothing through");
}

#[test]
fn an_unread_accept_makes_everything_it_may_mean_unknown() {
    let judgement =
        judged(CLAIMS, "fw1.rules", &iptables("-A FORWARD -s 10.1.0.0/16 -m geoip --src-cc JP -j ACCEPT\n"));
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Unknown);
    assert_eq!(claim(&judgement, "lgwan", "internet").verdict, Verdict::Holds);
    assert_eq!(judgement.exit_code(), 4);
}

#[test]
fn a_flow_past_its_last_day_is_no_longer_permitted() {
    let rules = format!("{REPLIES}-A FORWARD -s 10.1.5.10/32 -d 10.2.0.53/32 -p tcp -m tcp --dport 443 -j ACCEPT\n");
    let expired = CLAIMS.replace("2027-03-31", "2026-11-21");
    let judgement = judged(&expired, "fw1.rules", &iptables(&rules));
    assert_eq!(summary(&judgement), ["mynumber>lgwan Broken: 6(65536) unread "]);
    assert_eq!(judgement.expired_flows, ["eltax"]);
}

#[test]
fn a_rule_wider_than_its_flow_is_named() {
    let rules = format!("{REPLIES}-A FORWARD -s 10.1.5.10/32 -d 10.2.0.0/24 -p tcp -m tcp --dport 443 -j ACCEPT\n");
    let judgement = judged(CLAIMS, "fw1.rules", &iptables(&rules));
    let found = claim(&judgement, "mynumber", "lgwan");
    assert_eq!(found.too_wide[0].flow, "eltax");
    assert_eq!(found.violations[0].packets, (255u64 * 65536).to_string());
}

#[test]
fn without_connection_tracking_the_mirror_of_a_flow_is_permitted_and_nothing_more() {
    let forth = "-A FORWARD -s 10.1.5.10/32 -d 10.2.0.53/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
    let back = "-A FORWARD -s 10.2.0.53/32 -d 10.1.5.10/32 -p tcp -m tcp --sport 443 -j ACCEPT\n";
    assert_eq!(summary(&judged(CLAIMS, "fw1.rules", &iptables(&format!("{forth}{back}")))), [""; 0]);
    let acks = "-A FORWARD -s 10.2.0.0/16 -d 10.1.0.0/16 -p tcp -m tcp --tcp-flags ACK ACK -j ACCEPT\n";
    assert_eq!(summary(&judged(CLAIMS, "fw1.rules", &iptables(&format!("{forth}{acks}")))), [""; 0]);
    let wide = "-A FORWARD -s 10.2.0.0/16 -d 10.1.5.10/32 -p tcp -m tcp --sport 443 -j ACCEPT\n";
    let judgement = judged(CLAIMS, "fw1.rules", &iptables(&format!("{forth}{wide}")));
    assert_eq!(summary(&judgement), ["lgwan>mynumber Broken: 6(4294901760) unread "]);
}

#[test]
fn addresses_that_no_zone_names_are_a_zone_of_their_own() {
    let claims = CLAIMS.replace("rest = true\nexternal = true", "networks = [\"203.0.113.0/24\"]\nexternal = true");
    let judgement = judged(&claims, "fw1.rules", &iptables("-A FORWARD -s 10.1.0.0/16 -d 8.8.8.8/32 -j ACCEPT\n"));
    assert_eq!(claim(&judgement, "mynumber", "unassigned").verdict, Verdict::Broken);
}

#[test]
fn jumps_and_returns_decide_in_order() {
    let rules = "*filter\n:FORWARD DROP [0:0]\n:SUB - [0:0]\n\
        -A FORWARD -s 10.1.0.0/16 -j SUB\n-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT\n\
        -A SUB -d 10.3.0.0/24 -j RETURN\n-A SUB -d 10.3.0.0/16 -j DROP\nCOMMIT\n";
    let judgement = judged(CLAIMS, "fw1.rules", rules);
    let found = claim(&judgement, "mynumber", "internet");
    assert_eq!(found.violations[0].line, 5);
    assert_eq!(found.violations[0].packets, (65536u64 * 256 * 65536).to_string());
}

#[test]
fn chains_that_jump_in_a_circle_are_never_certain() {
    let rules = "*filter\n:FORWARD DROP [0:0]\n:A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A A -j B\n-A B -j A\nCOMMIT\n";
    let judgement = judged(CLAIMS, "fw1.rules", rules);
    assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Unknown);
}

#[test]
fn a_destination_translation_is_followed_to_where_it_arrives() {
    let rules = "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n\
        -A PREROUTING -d 198.51.100.7/32 -p tcp -m tcp --dport 8443 -j DNAT --to-destination 10.2.0.25:443\nCOMMIT\n\
        *filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n\
        -A FORWARD -s 10.3.0.0/16 -d 10.2.0.25/32 -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n";
    let judgement = judged(CLAIMS, "fw1.rules", rules);
    let found = claim(&judgement, "internet", "lgwan");
    assert_eq!(found.verdict, Verdict::Broken, "{found:?}");
    assert_eq!(found.violations[0].line, 9);
    assert_eq!(found.violations[0].packets, (65536u64 * 65536).to_string());
}

#[test]
fn shadowed_redundant_and_open_rules_are_findings() {
    let rules = "-A FORWARD -s 10.2.0.0/25 -d 10.2.0.0/16 -j ACCEPT\n-A FORWARD -s 10.2.0.128/25 -d 10.2.0.0/16 -j ACCEPT\n\
        -A FORWARD -s 10.2.0.0/24 -d 10.2.9.0/24 -p tcp -m tcp --dport 80 -j DROP\n\
        -A FORWARD -s 10.2.7.0/24 -d 10.2.9.1/32 -p tcp -m tcp --dport 80 -j ACCEPT\n\
        -A FORWARD -s 10.2.7.0/24 -d 10.2.9.0/24 -p tcp -m tcp --dport 80 -j ACCEPT\n";
    let judgement = judged(CLAIMS, "fw1.rules", &iptables(rules));
    let shadowed: Vec<_> = judgement.shadowed.iter().map(|found| (found.line, found.by.clone())).collect();
    assert_eq!(shadowed, [(7, vec![5, 6])]);
    let redundant: Vec<_> = judgement.redundant.iter().map(|found| (found.line, found.by.clone())).collect();
    assert_eq!(redundant, [(8, vec![9])]);
    let any: Vec<_> = judgement.any_rules.iter().map(|found| (found.line, found.open.clone())).collect();
    assert_eq!(any, [(5, vec!["protocol", "port"]), (6, vec!["protocol", "port"])]);
}
