//! Logs against claims: what passed and may not, what may and was never seen.

use separation::flows::{FlowReport, judge_logs};

use crate::city::{TODAY, claims};
use crate::compiled::CITY;

fn judged(log: &str) -> FlowReport {
    judge_logs(&claims(CITY), [("log", log)], TODAY.on)
}

/// `line: from>to connection passed ×times` for everything that no flow lists.
fn forbidden(report: &FlowReport) -> Vec<String> {
    let one = |found: &separation::flows::Forbidden| {
        let what = if found.passed { "passed" } else { "refused" };
        format!("{}: {}>{} {} {what} ×{}", found.line, found.from, found.to, found.connection, found.times)
    };
    report.forbidden.iter().map(one).collect()
}

const CONNTRACK: &str = "\
tcp      6 431999 ESTABLISHED src=10.1.5.10 dst=10.2.0.53 sport=40000 dport=443 src=10.2.0.53 dst=10.1.5.10 sport=443 dport=40000 [ASSURED] mark=0 use=1
udp      17 29 src=10.1.5.3 dst=10.3.7.9 sport=5000 dport=53 [UNREPLIED] src=10.3.7.9 dst=10.1.5.3 sport=53 dport=5000 mark=0 use=1
icmp     1 29 src=10.2.0.5 dst=10.1.5.1 type=8 code=0 id=7 src=10.1.5.1 dst=10.2.0.5 type=0 code=0 id=7 mark=0 use=1
ipv4     2 tcp      6 300 ESTABLISHED src=198.51.100.25 dst=203.0.113.9 sport=4000 dport=25 src=10.3.0.25 dst=198.51.100.25 sport=25 dport=4000 [ASSURED] mark=0 zone=0 use=2
    [NEW] tcp      6 120 SYN_SENT src=2001:db8:2::10 dst=2001:db8:3::80 sport=9 dport=443 [UNREPLIED] src=2001:db8:3::80 dst=2001:db8:2::10 sport=443 dport=9
unknown  99 555 src=10.2.0.1 dst=10.1.0.1 [UNREPLIED] src=10.1.0.1 dst=10.2.0.1 mark=0 use=1
tcp      6 10 TIME_WAIT src=10.1.5.10 dst=10.1.5.11 sport=1 dport=2 src=10.1.5.11 dst=10.1.5.10 sport=2 dport=1 [ASSURED] mark=0 use=1
conntrack v1.4.7 (conntrack-tools): 7 flow entries have been shown.
";

#[test]
fn a_conntrack_listing_tells_what_passed_through_translations_too() {
    let report = judged(CONNTRACK);
    assert_eq!((report.understood, report.unread), (8, 0), "{:?}", report.unread_lines);
    assert_eq!(
        forbidden(&report),
        [
            "2: mynumber>internet udp 10.1.5.3 > 10.3.7.9 port 53 passed ×1",
            "6: lgwan>mynumber 99 10.2.0.1 > 10.1.0.1 passed ×1"
        ]
    );
    // The mail came to an outside address and ended at the gateway.
    assert_eq!(report.seen_flows, ["F-001", "F-008", "F-009", "F-010"]);
    assert_eq!(report.never_seen, ["F-002", "F-003", "F-004", "F-005", "F-006", "F-007"]);
    assert!(report.broken());
}

const EVE: &str = r#"
{"timestamp":"2026-11-22T09:00:00.000000+0900","event_type":"flow","src_ip":"10.2.10.7","src_port":50000,"dest_ip":"10.3.0.80","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":9,"pkts_toclient":8,"state":"closed"}}
{"timestamp":"2026-11-22T09:00:01.000000+0900","event_type":"alert","src_ip":"10.3.0.80","src_port":443,"dest_ip":"10.2.10.7","dest_port":50000,"proto":"TCP","direction":"to_client","alert":{"action":"allowed","signature":"TEST"},"flow":{"src_ip":"10.2.10.7","dest_ip":"10.3.0.80","src_port":50000,"dest_port":443}}
{"timestamp":"2026-11-22T09:00:02.000000+0900","event_type":"flow","src_ip":"10.3.9.9","src_port":51000,"dest_ip":"10.1.5.10","dest_port":3389,"proto":"TCP","flow":{"state":"new","action":"drop"}}
{"timestamp":"2026-11-22T09:00:03.000000+0900","event_type":"flow","src_ip":"10.3.9.9","src_port":51001,"dest_ip":"10.1.5.10","dest_port":445,"proto":"TCP","flow":{"state":"established"}}
{"timestamp":"2026-11-22T09:00:04.000000+0900","event_type":"drop","src_ip":"10.3.9.9","src_port":51002,"dest_ip":"10.2.5.10","dest_port":22,"proto":"TCP"}
{"timestamp":"2026-11-22T09:00:05.000000+0900","event_type":"flow","src_ip":"10.2.0.5","dest_ip":"10.1.5.1","proto":"ICMP","icmp_type":8,"icmp_code":0,"flow":{"state":"established"}}
{"timestamp":"2026-11-22T09:00:06.000000+0900","event_type":"stats","stats":{"uptime":10}}
{"timestamp":"2026-11-22T09:00:07.000000+0900","event_type":"fileinfo","src_ip":"10.3.0.80","src_port":443,"dest_ip":"10.2.10.7","dest_port":50000,"proto":"TCP"}
"#;

#[test]
fn suricata_events_are_read_in_the_direction_of_the_connection() {
    let report = judged(EVE);
    assert_eq!((report.understood, report.unread), (8, 0), "{:?}", report.unread_lines);
    let mut found = forbidden(&report);
    found.sort();
    assert_eq!(
        found,
        [
            "4: internet>mynumber tcp 10.3.9.9 > 10.1.5.10 port 3389 refused ×1",
            "5: internet>mynumber tcp 10.3.9.9 > 10.1.5.10 port 445 passed ×1",
            "6: internet>lgwan tcp 10.3.9.9 > 10.2.5.10 port 22 refused ×1",
        ]
    );
    assert_eq!(report.seen_flows, ["F-003", "F-010"]);
}

const SYSLOG: &str = "\
Nov 22 09:00:00 fw1 kernel: [12.3] sekimori-refused: IN=eth0 OUT=eth1 MAC=aa:bb SRC=10.1.5.3 DST=10.3.7.9 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=40000 DPT=1030 WINDOW=64240 RES=0x00 SYN URGP=0
Nov 22 09:00:01 fw1 kernel: [12.4] sekimori-refused: IN=eth0 OUT=eth1 MAC=aa:bb SRC=10.1.5.3 DST=10.3.7.9 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=2 DF PROTO=TCP SPT=40001 DPT=1030 WINDOW=64240 RES=0x00 SYN URGP=0
Nov 22 09:00:02 fw1 kernel: [12.5] forward: IN=eth1 OUT=eth0 SRC=10.2.0.53 DST=10.1.5.10 LEN=60 TTL=63 PROTO=TCP SPT=443 DPT=40000 WINDOW=64240 RES=0x00 ACK SYN URGP=0
Nov 22 09:00:03 r1 123: Nov 22 09:00:03: %SEC-6-IPACCESSLOGP: list CITY permitted tcp 10.1.5.12(4000) -> 10.2.0.61(1030), 1 packet
Nov 22 09:00:04 r1 124: Nov 22 09:00:04: %SEC-6-IPACCESSLOGDP: list CITY denied icmp 10.3.0.9 -> 10.1.5.1 (8/0), 3 packets
Nov 22 09:00:05 asa %ASA-6-302013: Built outbound TCP connection 76118 for outside:198.51.100.7/443 (198.51.100.7/443) to inside:10.3.254.1/51234 (203.0.113.5/51234)
Nov 22 09:00:06 asa %ASA-6-302014: Teardown TCP connection 76118 for outside:198.51.100.7/443 to inside:10.3.254.1/51234 duration 0:00:01 bytes 100 TCP FINs
Nov 22 09:00:07 asa %ASA-6-106100: access-list OUT permitted tcp outside/198.51.100.25(51000) -> inside/10.3.0.25(25) hit-cnt 1 first hit [0x1, 0x2]
Nov 22 09:00:08 asa %ASA-4-106023: Deny tcp src outside:198.51.100.9/4000 dst inside:10.1.5.3/22 by access-group \"OUT\" [0x0, 0x0]
date=2026-11-22 time=09:00:09 devname=\"fg\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" srcip=10.3.0.25 srcport=40000 dstip=10.2.0.25 dstport=25 proto=6 action=\"close\" policyid=5
date=2026-11-22 time=09:00:10 devname=\"fg\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" srcip=10.3.0.26 srcport=40000 dstip=10.2.0.25 dstport=25 proto=6 action=\"deny\" policyid=0
date=2026-11-22 time=09:00:11 devname=\"fg\" logid=\"0100032002\" type=\"event\" subtype=\"system\" srcip=10.1.0.9 dstip=10.2.0.9 action=\"login\"
";

#[test]
fn firewall_syslog_of_four_makers_is_read() {
    let report = judged(SYSLOG);
    assert_eq!((report.understood, report.unread), (12, 0), "{:?}", report.unread_lines);
    let mut found = forbidden(&report);
    found.sort();
    assert_eq!(
        found,
        [
            "11: internet>lgwan tcp 10.3.0.26 > 10.2.0.25 port 25 refused ×1",
            "1: mynumber>internet tcp 10.1.5.3 > 10.3.7.9 port 1030 refused ×2",
            "5: internet>mynumber icmp 10.3.0.9 > 10.1.5.1 refused ×1",
            "9: outside>mynumber tcp 198.51.100.9 > 10.1.5.3 port 22 refused ×1",
        ]
    );
    assert_eq!(
        report.seen_flows,
        ["F-002", "F-005", "F-006", "F-008"],
        "the answer of line 3 is no connection of its own"
    );
    assert!(!report.broken(), "what was refused breaks nothing");
}

#[test]
fn a_line_that_no_reader_knows_is_counted_and_named() {
    let report = judged(
        "who knows\n# a remark\n\n%ASA-6-999999: Something new happened\nsrc=10.1.5.3 dst=nobody\n{\"event_type\":\"flow\"\n",
    );
    assert_eq!((report.understood, report.unread), (0, 4));
    assert_eq!(report.unread_lines.iter().map(|(_, line)| *line).collect::<Vec<_>>(), [1, 4, 5, 6]);
}

#[test]
fn a_flow_past_its_day_is_forbidden() {
    let late = judge_logs(&claims(CITY), [("log", CONNTRACK)], (2027, 4, 1));
    assert!(forbidden(&late).contains(&"1: mynumber>lgwan tcp 10.1.5.10 > 10.2.0.53 port 443 passed ×1".to_owned()));
    assert!(!late.never_seen.contains(&"F-001".to_owned()));
}

#[test]
fn forbidden_connections_beyond_the_list_are_counted() {
    let line = |number: usize| {
        let (a, b) = (number / 250, 1 + number % 250);
        format!(
            "tcp 6 9 SYN_SENT src=10.1.{a}.{b} dst=10.3.0.1 sport=1 dport=2 src=10.3.0.1 dst=10.1.{a}.{b} sport=2 dport=1\n"
        )
    };
    let report = judged(&(0..1_200).map(line).collect::<String>());
    assert_eq!((report.forbidden.len(), report.forbidden_left_out), (1_000, 200));
    assert!(report.broken());
}
