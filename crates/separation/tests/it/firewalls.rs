//! What FortiGate and ASA do, one sentence at a time.

use proptest::prelude::*;
use separation::dialects::{Options, read_configurations};
use separation::judge::{Judgement, Verdict, judge};
use separation::network::Network;

use crate::city::{CLAIMS, TODAY, claim, claims, judged};

const FORTIGATE: &str = include_str!("../samples/one_policy.fortigate");

fn asa(rest: &str) -> String {
    format!(
        "ASA Version 9.16(4)\ninterface Gi0/0\n nameif high\n security-level 100\n ip address 10.1.255.1 255.255.0.0\n\
         interface Gi0/1\n nameif low\n security-level 0\n ip address 10.3.255.1 255.255.0.0\n{rest}"
    )
}

fn verdict(judgement: &Judgement, from: &str, to: &str) -> Verdict {
    claim(judgement, from, to).verdict
}

#[test]
fn the_verdict_says_that_both_are_unproved() {
    for (name, text) in [("a.conf", FORTIGATE.to_owned()), ("b.cfg", asa(""))] {
        let judgement = judged(CLAIMS, name, &text);
        assert!(judgement.inputs.iter().all(|input| !input.proved), "{name}");
        assert!(judgement.assumptions.iter().any(|message| message.en.contains("unproved")), "{name}");
    }
}

#[test]
fn asa_without_lists_goes_by_security_levels() {
    let levels = judged(CLAIMS, "a.cfg", &asa(""));
    assert_eq!(verdict(&levels, "mynumber", "internet"), Verdict::Broken);
    // Any pair of interfaces is judged by address, so only a list that denies makes it hold.
    let denied = judged(CLAIMS, "a.cfg", &asa("access-list X extended deny ip any any\naccess-group X global\n"));
    assert!(denied.claims.iter().all(|claim| claim.verdict == Verdict::Holds), "{:?}", denied.claims);
}

#[test]
fn asa_asks_the_global_list_behind_that_of_the_interface() {
    let lists = "access-list A extended deny tcp any any eq 80\naccess-list G extended permit tcp 10.1.0.0 255.255.0.0 10.3.0.0 255.255.0.0 range 80 81\n\
                 access-group A in interface high\naccess-group G global\n";
    let judgement = judged(CLAIMS, "a.cfg", &asa(lists));
    let broken = claim(&judgement, "mynumber", "internet");
    assert_eq!(broken.verdict, Verdict::Broken);
    assert!(broken.violations.iter().all(|found| found.line == 11), "{broken:?}");
}

#[test]
fn asa_translates_destinations_before_the_lists_look() {
    let text = asa("object network web\n host 10.1.0.80\nobject network web\n nat (high,low) static 198.51.100.80\n\
        access-list IN extended permit tcp 10.3.0.0 255.255.0.0 object web eq https\naccess-group IN in interface low\n\
        access-list OUT extended deny ip any any\naccess-group OUT in interface high\n");
    let judgement = judged(CLAIMS, "a.cfg", &text);
    assert_eq!(verdict(&judgement, "internet", "mynumber"), Verdict::Broken, "{:?}", judgement.problems);
    assert_eq!(verdict(&judgement, "mynumber", "internet"), Verdict::Holds);
}

#[test]
fn an_inspection_that_opens_connections_makes_the_way_back_unknown() {
    let flow = "[[flow]]\nid = \"ftp\"\nfrom = \"mynumber\"\nto = \"internet\"\nprotocol = \"tcp\"\nport = [21]\nkind = \"exception\"\n";
    let list = "access-list X extended permit tcp 10.1.0.0 255.255.0.0 10.3.0.0 255.255.0.0 eq ftp\n\
        access-group X in interface high\naccess-list Y extended deny ip any any\naccess-group Y in interface low\n";
    let claims_text = format!("{CLAIMS}{flow}");
    let without = judged(&claims_text, "a.cfg", &asa(list));
    assert_eq!(verdict(&without, "internet", "mynumber"), Verdict::Holds);
    let with = asa(&format!("{list}policy-map global_policy\n class inspection_default\n  inspect ftp\n"));
    let with = judged(&claims_text, "a.cfg", &with);
    assert_eq!(verdict(&with, "internet", "mynumber"), Verdict::Unknown);
}

#[test]
fn what_leaves_a_tunnel_passes_no_list_unless_it_is_said() {
    let list = "access-list X extended deny ip any any\naccess-group X global\n";
    let tunnel = judged(CLAIMS, "a.cfg", &asa(&format!("{list}crypto map M interface low\n")));
    assert_eq!(verdict(&tunnel, "internet", "mynumber"), Verdict::Unknown);
    let said = asa(&format!("{list}crypto map M interface low\nno sysopt connection permit-vpn\n"));
    assert_eq!(verdict(&judged(CLAIMS, "a.cfg", &said), "internet", "mynumber"), Verdict::Holds);
}

#[test]
fn a_list_bound_to_an_interface_that_is_not_there_is_unread() {
    let text = "access-list X extended deny ip any any\naccess-group X in interface nowhere\n";
    for text in [text.to_owned(), asa(text)] {
        let judgement = judged(CLAIMS, "a.cfg", &text);
        assert_eq!(judgement.inputs[0].unread, 1);
        assert!(judgement.claims.iter().all(|claim| claim.verdict == Verdict::Unknown), "{:?}", judgement.problems);
    }
}

#[test]
fn asa_words_that_are_not_known_are_never_certain() {
    for line in [
        "access-list X extended permit tcp any any eq 80 frobnicate\n",
        "access-list X extended permit ip object NOWHERE any\n",
        "access-list X extended permit ip any security-group name S any\n",
        "zone city\n",
    ] {
        let text = asa(&format!("{line}access-list X extended deny ip any any\naccess-group X global\n"));
        let judgement = judged(CLAIMS, "a.cfg", &text);
        assert_eq!(verdict(&judgement, "mynumber", "internet"), Verdict::Unknown, "{line}");
        assert!(judgement.inputs[0].unread > 0, "{line}");
    }
}

#[test]
fn a_translation_that_is_not_understood_may_lead_anywhere() {
    let text =
        asa("access-list X extended permit tcp 10.1.0.0 255.255.0.0 host 10.9.9.9 eq 80\naccess-group X global\n\
        nat (low,high) source static A B destination static C D\n");
    let judgement = judged(CLAIMS, "a.cfg", &text);
    assert_eq!(judgement.inputs[0].unread, 1);
    let before = judged(CLAIMS, "a.cfg", text.split("nat (").next().unwrap());
    assert_eq!(verdict(&before, "mynumber", "internet"), Verdict::Holds);
    assert_eq!(verdict(&judgement, "lgwan", "outside"), Verdict::Holds, "no list permits it wherever it leads");
    assert_eq!(verdict(&before, "mynumber", "outside"), Verdict::Broken);
    assert_eq!(verdict(&judgement, "mynumber", "outside"), Verdict::Unknown, "{:?}", judgement.problems);
}

fn fortigate(policies: &str) -> String {
    FORTIGATE.split("config firewall policy").next().unwrap().to_owned()
        + "config firewall policy\n"
        + policies
        + "end\n"
}

fn policy(extra: &str) -> String {
    format!(
        "edit 1\nset srcintf any\nset dstintf any\nset srcaddr number\nset dstaddr city\nset service HTTPS\nset action accept\nset schedule always\n{extra}next\n"
    )
}

#[test]
fn fortigate_denies_what_no_policy_accepts_and_an_excerpt_is_unknown() {
    let none = judged(CLAIMS, "f.conf", &fortigate(""));
    assert!(none.claims.iter().all(|claim| claim.verdict == Verdict::Holds));
    let excerpt = FORTIGATE.split("config firewall policy").next().unwrap();
    assert!(judged(CLAIMS, "f.conf", excerpt).claims.iter().all(|claim| claim.verdict == Verdict::Unknown));
}

#[test]
fn a_fortigate_policy_is_as_wide_as_it_says() {
    let of = |extra: &str| verdict(&judged(CLAIMS, "f.conf", &fortigate(&policy(extra))), "mynumber", "internet");
    assert_eq!(of(""), Verdict::Broken);
    assert_eq!(of("set status disable\n"), Verdict::Holds);
    assert_eq!(of("set action deny\n"), Verdict::Holds);
    assert_eq!(of("set schedule nowhere\n"), Verdict::Unknown);
    assert_eq!(of("set frobnicate enable\n"), Verdict::Unknown);
    assert_eq!(of("set groups \"staff\"\n"), Verdict::Broken);
    assert_eq!(of("set dstaddr NOWHERE\n"), Verdict::Unknown);
    assert_eq!(of("set internet-service enable\n"), Verdict::Unknown);
    assert_eq!(of("set dstaddr server\n"), Verdict::Holds);
    assert_eq!(of("set dstaddr server\nset dstaddr-negate enable\n"), Verdict::Broken);
}

#[test]
fn a_fortigate_virtual_ip_is_translated_before_the_policies() {
    let vip = "config firewall vip\nedit V\nset extip 198.51.100.9\nset mappedip \"10.1.0.80\"\nset extintf any\nset portforward enable\nset extport 8080\nset mappedport 80\nnext\nend\n";
    let open = "edit 1\nset srcintf any\nset dstintf any\nset srcaddr city\nset dstaddr V\nset service ALL\nset action accept\nset schedule always\nnext\n";
    let judgement = judged(CLAIMS, "f.conf", &format!("{vip}{}", fortigate(open)));
    let broken = claim(&judgement, "internet", "mynumber");
    assert_eq!(broken.verdict, Verdict::Broken, "{:?}", judgement.problems);
    assert!(broken.violations[0].packet.is_some(), "the witness replays: {broken:?}");
}

#[test]
fn a_policy_is_shown_with_what_it_says_and_the_device_with_what_it_accepts() {
    let judgement = judged(CLAIMS, "f.conf", &fortigate(&policy("set nat enable\n")));
    let found = &claim(&judgement, "mynumber", "internet").violations[0];
    assert_eq!(
        found.text,
        "edit 1 / srcintf any / dstintf any / srcaddr number / dstaddr city / service HTTPS / action accept"
    );
    let path: Vec<_> = found.path.iter().map(|step| step.verdict.as_str()).collect();
    assert_eq!(path, ["accept", "translate"]);
    assert_eq!(judgement.proposal.len(), 1, "{:?}", judgement.proposal);
    let open = FORTIGATE.replace("set ip 10.9.0.1 255.255.255.0", "set ip 10.9.0.1 255.255.255.0\nset allowaccess ssh");
    let access = judged(CLAIMS, "f.conf", &open).device_access;
    assert!(access.iter().all(|access| access.accepts.iter().all(|line| line.line == 2)), "{access:?}");
    assert_eq!(access.iter().filter(|access| access.from == "lgwan").count(), 1);
}

#[test]
fn fortigate_helpers_make_the_way_back_unknown() {
    let text = fortigate(&policy("set service FTP\n"));
    let helper = "config system session-helper\nedit 1\nset name ftp\nset protocol 6\nset port 21\nnext\nend\n";
    assert_eq!(verdict(&judged(CLAIMS, "f.conf", &text), "internet", "mynumber"), Verdict::Holds);
    let with = judged(CLAIMS, "f.conf", &format!("{helper}{text}"));
    assert_eq!(verdict(&with, "internet", "mynumber"), Verdict::Unknown);
}

#[test]
fn virtual_domains_are_judged_one_at_a_time() {
    let domain = |name: &str, text: &str| format!("config vdom\nedit {name}\n{text}next\nend\n");
    let text = domain("root", &fortigate("")) + &domain("city", &fortigate(&policy("")));
    let read = |acl: Option<&str>| {
        let options = Options { acl: acl.map(str::to_owned), dialect: None };
        read_configurations("f", vec![("f.conf".to_owned(), text.as_bytes().to_vec())], &options)
    };
    assert!(read(None).problems.iter().any(|problem| problem.fatal && problem.message.en.contains("root, city")));
    for (name, expected) in [("root", Verdict::Holds), ("city", Verdict::Broken)] {
        let network = Network::single(read(Some(name)));
        let judgement = judge(&network, &claims(CLAIMS), TODAY);
        assert_eq!(verdict(&judgement, "mynumber", "internet"), expected, "{name}");
    }
}

#[test]
fn a_file_cut_off_never_holds() {
    for (name, text) in [("f.conf", FORTIGATE.to_owned()), ("a.cfg", include_str!("../samples/edge.asa").to_owned())] {
        let whole = judged(CLAIMS, name, &text);
        for end in (text.len() / 3..text.len()).step_by(719).filter(|end| text.is_char_boundary(*end)) {
            let options = Options { acl: None, dialect: Some(whole.inputs[0].dialect.clone()) };
            let files = vec![(name.to_owned(), text.as_bytes()[..end].to_vec())];
            let cut = judge(&Network::single(read_configurations("f", files, &options)), &claims(CLAIMS), TODAY);
            if name == "f.conf" {
                assert!(cut.claims.iter().all(|claim| claim.verdict != Verdict::Holds), "cut at {end}");
            }
            if name == "a.cfg" && !text[..end].contains("access-group FROM-NUMBER in interface") {
                assert_ne!(verdict(&cut, "mynumber", "internet"), Verdict::Holds, "cut at {end}");
            }
        }
    }
}

/// Rules as ranges of the last byte, ports, tcp or udp, accept or deny.
type Small = ((u8, u8), (u8, u8), (u16, u16), bool, bool);

fn small() -> impl Strategy<Value = Vec<Small>> {
    let bytes = || (0u8..13, 0u8..13).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let ports = (2000u16..2040, 2000u16..2040).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop::collection::vec((bytes(), bytes(), ports, any::<bool>(), any::<bool>()), 0..8)
}

fn as_iptables(rules: &[Small]) -> String {
    let mut out = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n".to_owned();
    for ((a, b), (c, d), (low, high), tcp, accept) in rules {
        let (protocol, target) = (if *tcp { "tcp" } else { "udp" }, if *accept { "ACCEPT" } else { "DROP" });
        out += &format!(
            "-A FORWARD -p {protocol} -m iprange --src-range 10.1.0.{a}-10.1.0.{b} --dst-range 10.3.0.{c}-10.3.0.{d} -m {protocol} --dport {low}:{high} -j {target}\n"
        );
    }
    out + "COMMIT\n"
}

fn as_asa(rules: &[Small]) -> String {
    let mut out = asa("access-list X extended deny ip 10.9.0.0 255.255.0.0 any\n");
    for (number, ((a, b), (c, d), (low, high), tcp, accept)) in rules.iter().enumerate() {
        let (protocol, verb) = (if *tcp { "tcp" } else { "udp" }, if *accept { "permit" } else { "deny" });
        out += &format!(
            "object network S{number}\n range 10.1.0.{a} 10.1.0.{b}\nobject network D{number}\n range 10.3.0.{c} 10.3.0.{d}\n\
            access-list X extended {verb} {protocol} object S{number} object D{number} range {low} {high}\n"
        );
    }
    out + "access-group X global\n"
}

fn as_fortigate(rules: &[Small]) -> String {
    let (mut objects, mut services, mut policies) = (String::new(), String::new(), String::new());
    for (number, ((a, b), (c, d), (low, high), tcp, accept)) in rules.iter().enumerate() {
        let protocol = if *tcp { "tcp" } else { "udp" };
        objects += &format!(
            "edit S{number}\nset type iprange\nset start-ip 10.1.0.{a}\nset end-ip 10.1.0.{b}\nnext\nedit D{number}\nset type iprange\nset start-ip 10.3.0.{c}\nset end-ip 10.3.0.{d}\nnext\n"
        );
        services += &format!("edit P{number}\nset {protocol}-portrange {low}-{high}\nnext\n");
        let action = if *accept { "set action accept\n" } else { "" };
        policies += &format!(
            "edit {}\nset srcintf any\nset dstintf any\n{action}set srcaddr S{number}\nset dstaddr D{number}\nset schedule always\nset service P{number}\nnext\n",
            number + 1
        );
    }
    format!(
        "config system session-helper\nend\nconfig firewall address\n{objects}end\nconfig firewall service custom\n{services}end\nconfig firewall policy\n{policies}end\n"
    )
}

/// Packets of each violation, without the lines, which differ.
fn packets(text: &str) -> Vec<String> {
    let judgement = judged(CLAIMS, "fw", text);
    assert_eq!(judgement.inputs[0].unread, 0, "{text}");
    let found = claim(&judgement, "mynumber", "internet");
    assert!(found.violations.iter().all(|violation| violation.packet.is_some()), "every witness replays");
    found.violations.iter().map(|violation| format!("{} {:?}", violation.packets, violation.boxes)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn random_rules_denote_the_same_packets_as_in_the_dialect_that_the_kernel_proves(rules in small()) {
        let expected = packets(&as_iptables(&rules));
        prop_assert_eq!(&packets(&as_asa(&rules)), &expected);
        prop_assert_eq!(&packets(&as_fortigate(&rules)), &expected);
    }

    #[test]
    fn an_unread_line_never_makes_a_claim_hold(rules in small(), at in 0usize..60) {
        for (text, strange) in [(as_asa(&rules), "frobnicate the packets"), (as_fortigate(&rules), "set frobnicate enable")] {
            let before = judged(CLAIMS, "fw", &text);
            let mut lines: Vec<&str> = text.lines().collect();
            lines.insert(at.min(lines.len()), strange);
            let files = vec![("fw".to_owned(), lines.join("\n").into_bytes())];
            let options = Options { acl: None, dialect: Some(before.inputs[0].dialect.clone()) };
            let after = judge(&Network::single(read_configurations("f", files, &options)), &claims(CLAIMS), TODAY);
            for (before, after) in before.claims.iter().zip(&after.claims) {
                prop_assert!(before.verdict == Verdict::Holds || after.verdict != Verdict::Holds, "{:?} {:?}", before, after);
            }
        }
    }
}
