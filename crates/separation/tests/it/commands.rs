//! nftables command by command, and proposals in the dialect's own words.

use separation::judge::Verdict;

use crate::city::{CLAIMS, claim, judged};

const COMMANDS: &str = "nft add table inet fw\n\
nft add chain inet fw forward '{ type filter hook forward priority 0 \\; policy drop \\; }'\n\
nft add set inet fw servers { type ipv4_addr \\; flags interval \\; }\n\
nft add element inet fw servers { 10.3.0.1, 10.3.0.4/30 }\n\
nft add rule inet fw forward ip saddr 10.1.0.0/16 ip daddr @servers tcp dport 80 accept\n\
nft insert rule inet fw forward ip daddr 10.3.0.1 drop\n";

#[test]
fn commands_one_by_one_mean_what_the_rule_set_means() {
    let text = COMMANDS.replace('\'', "");
    let judgement = judged(CLAIMS, "fw.nft", &text);
    assert_eq!(judgement.inputs[0].unread, 0, "{:?}", judgement.problems);
    let broken = claim(&judgement, "mynumber", "internet");
    let found: Vec<_> = broken.violations.iter().map(|found| (found.line, found.first_box.as_str())).collect();
    assert_eq!(found, [(5, "10.1.0.0/16 → 10.3.0.4/30 tcp 80")]);
}

#[test]
fn a_command_whose_effect_is_not_known_is_unread() {
    for line in [
        "add rule inet fw nowhere accept",
        "add rule inet other forward accept",
        "add rule inet fw forward position 3 accept",
        "delete rule inet fw forward handle 4",
        "add element inet fw nothing { 10.0.0.1 }",
        "add rule inet fw forward meta mark 7 accept",
        "add rule inet fw forward fib daddr type local accept",
        "add rule inet fw forward ct status dnat accept",
        "add rule inet fw forward ct direction reply accept",
    ] {
        let text = format!(
            "add table inet fw\nadd chain inet fw forward {{ type filter hook forward priority 0; policy drop; }}\n{line}\n"
        );
        let judgement = judged(CLAIMS, "fw.nft", &text);
        assert_eq!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Unknown, "{line}");
        assert_eq!(judgement.inputs[0].unread, 1, "{line}");
    }
}

#[test]
fn verdict_maps_and_concatenations_of_commands_are_read() {
    let text = "add table ip f\nadd chain ip f forward { type filter hook forward priority filter; policy drop; }\nadd chain ip f web\n\
        add map ip f ways { type ipv4_addr . inet_service : verdict; }\nadd element ip f ways { 10.3.0.9 . 443 : jump web, 10.3.0.9 . 80 : drop }\n\
        add rule ip f forward ip daddr . tcp dport vmap @ways\nadd rule ip f web ip saddr 10.1.0.0/24 accept\n";
    let judgement = judged(CLAIMS, "fw.nft", text);
    assert_eq!(judgement.inputs[0].unread, 0, "{:?}", judgement.problems);
    let broken = claim(&judgement, "mynumber", "internet");
    let found: Vec<_> = broken.violations.iter().map(|found| (found.line, found.first_box.as_str())).collect();
    assert_eq!(found, [(7, "10.1.0.0/24 → 10.3.0.9 tcp 443")]);
}

#[test]
fn what_packets_do_not_show_never_stops_them_for_certain() {
    for module in [
        "length --length 0:1000",
        "rpfilter --invert",
        "string --string x --algo bm",
        "ttl --ttl-lt 5",
        "pkttype --pkt-type broadcast",
    ] {
        let text = format!("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -s 10.1.0.0/16 -m {module} -j DROP\nCOMMIT\n");
        let judgement = judged(CLAIMS, "fw.rules", &text);
        assert_eq!(judgement.inputs[0].unread, 0, "{module}");
        assert_ne!(claim(&judgement, "mynumber", "internet").verdict, Verdict::Holds, "{module}");
        let permit = format!("*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.1.0.0/16 -m {module} -j ACCEPT\nCOMMIT\n");
        assert_eq!(
            claim(&judged(CLAIMS, "fw.rules", &permit), "mynumber", "internet").verdict,
            Verdict::Broken,
            "{module}"
        );
    }
}

/// What is proposed for the one broken line, in English.
fn proposed(name: &str, text: &str) -> String {
    let judgement = judged(CLAIMS, name, text);
    assert!(judgement.proposal.iter().all(|proposal| proposal.then == Verdict::Holds), "{:?}", judgement.proposal);
    judgement.proposal.into_iter().map(|proposal| proposal.change.en).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_proposal_says_what_to_type() {
    let iptables = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.1.0.0/24 -d 10.3.0.9/32 -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n";
    assert_eq!(
        proposed("a.rules", iptables),
        "delete this line (for example: iptables -t filter -D FORWARD -s 10.1.0.0/24 -d 10.3.0.9/32 -p tcp -m tcp --dport 80 -j ACCEPT)"
    );
    let ios = "interface Vlan10\n ip address 10.1.0.1 255.255.0.0\n ip access-group X in\nip access-list extended X\n permit tcp 10.1.0.0 0.0.0.255 host 10.3.0.9 eq 80\n deny ip any any\n";
    assert_eq!(
        proposed("r.cfg", ios),
        "delete this line (for example: ip access-list extended X / no permit tcp 10.1.0.0 0.0.0.255 host 10.3.0.9 eq 80)"
    );
    let asa = "access-list X extended permit tcp 10.1.0.0 255.255.255.0 host 10.3.0.9 eq 80\n";
    assert_eq!(
        proposed("a.cfg", asa),
        "delete this line (for example: no access-list X extended permit tcp 10.1.0.0 255.255.255.0 host 10.3.0.9 eq 80)"
    );
    // A rule that also lets other things through stays, with a denial before it.
    let wide = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.0.0.0/8 -d 10.3.0.9/32 -j ACCEPT\nCOMMIT\n";
    let text = proposed("a.rules", wide);
    assert!(text.contains("iptables -t filter -I FORWARD -s 10.1.0.0/16 -d 10.3.0.0/16 -j DROP"), "{text}");
}
