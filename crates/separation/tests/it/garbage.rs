//! Bad input: never a panic, never a wrong `holds`, always a place.

use proptest::prelude::*;
use separation::dialects::{DIALECTS, Options, read_configurations};
use separation::judge::{Verdict, judge};
use separation::network::Network;

use crate::city::{CLAIMS, TODAY, claims};

const SEEDS: &[&str] = &[
    "table inet fw {\n set s { type ipv4_addr; flags interval; elements = { 10.1.0.0/16, 10.2.0.1-10.2.0.9 } }\n chain forward {\n  type filter hook forward priority 0; policy drop;\n  ct state vmap { established : accept, invalid : drop }\n  ip saddr @s tcp dport { 80, 443 } counter accept comment \"x\"\n }\n}\n",
    "*filter\n:FORWARD DROP [0:0]\n:X - [0:0]\n-A FORWARD -s 10.1.0.0/16 -p tcp -m multiport --dports 80,443 -j X\n-A X -m set --match-set s src,dst -j ACCEPT\nCOMMIT\n",
    "hostname r\nobject-group network N\n host 10.1.0.1\n 10.2.0.0 255.255.0.0\ninterface Gi0/0\n ip address 10.1.0.1 255.255.0.0\n ip access-group A in\nip access-list extended A\n 10 permit tcp object-group N any eq www established log\n deny ip any any\n",
    "{\"nftables\": [{\"metainfo\": {}}, {\"table\": {\"family\": \"inet\", \"name\": \"fw\"}}, {\"chain\": {\"family\": \"inet\", \"table\": \"fw\", \"name\": \"f\", \"type\": \"filter\", \"hook\": \"forward\", \"prio\": 0, \"policy\": \"drop\"}}]}",
    include_str!("../samples/one_policy.fortigate"),
    "ASA Version 9.16(4)\nname 10.1.0.9 web\ninterface Gi0/0\n nameif inside\n security-level 100\n ip address 10.1.0.1 255.255.0.0\nobject network N\n host 10.1.0.9\nobject-group service P tcp\n port-object eq www\naccess-list A extended permit tcp object N any object-group P log\naccess-list A extended deny ip any any\naccess-group A in interface inside\nnat (inside,outside) source dynamic any interface\nobject network N\n nat (inside,outside) static 198.51.100.9\npolicy-map global_policy\n class c\n  inspect ftp\n",
    "create s hash:ip,port family inet\nadd s 10.1.0.1,tcp:80\nadd s 10.1.0.2,udp:53 nomatch\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_configurations_are_read_to_their_end_and_every_line_has_a_fate(
        seed in prop::sample::select(SEEDS),
        edits in prop::collection::vec((0usize..2_000, 0usize..40, "[ -~\\n{}]{0,12}"), 0..5),
        dialect in prop::option::of(0usize..DIALECTS.len()),
    ) {
        let mut text: Vec<u8> = seed.as_bytes().to_vec();
        for (at, cut, put) in edits {
            let at = at.min(text.len());
            let end = (at + cut).min(text.len());
            text.splice(at..end, put.into_bytes());
        }
        let options = Options { acl: None, dialect: dialect.map(|at| DIALECTS[at].id.to_owned()) };
        let read = read_configurations("fw", vec![("f".to_owned(), text)], &options);
        let network = Network::single(read);
        let judgement = judge(&network, &claims(CLAIMS), TODAY);
        prop_assert_eq!(judgement.claims.len(), 12);
    }
}

#[test]
fn a_file_cut_off_anywhere_never_turns_a_broken_claim_into_one_that_holds_in_silence() {
    let whole = "table inet fw {\n chain forward {\n  type filter hook forward priority 0; policy drop;\n  ip saddr 10.1.0.0/16 accept\n }\n}\n";
    for end in 1..whole.len() - 4 {
        let files = vec![("fw.nft".to_owned(), whole.as_bytes()[..end].to_vec())];
        let judgement = judge(
            &Network::single(read_configurations(
                "fw",
                files,
                &Options { acl: None, dialect: Some("nftables".to_owned()) },
            )),
            &claims(CLAIMS),
            TODAY,
        );
        let found = judgement.claims.iter().find(|claim| claim.from == "mynumber" && claim.to == "internet").unwrap();
        assert_ne!(found.verdict, Verdict::Holds, "cut at {end}");
    }
}
