//! Bad input to the separation verifier: always a diagnostic with its line, never a wrong `holds`, never a panic.

use super::separation::{Desk, Said};

const CLAIMS: &str = "[[zone]]\nid = \"mynumber\"\nnetworks = [\"10.1.0.0/16\"]\n[[zone]]\nid = \"lgwan\"\nnetworks = [\"10.2.0.0/16\"]\n\
[[zone]]\nid = \"outside\"\nrest = true\nexternal = true\n";

const NFT: &str = "table inet fw {\n chain forward {\n  type filter hook forward priority 0; policy drop;\n  ip saddr 10.1.0.0/16 accept\n }\n}\n";

fn verify(files: &[(&str, &str)], line: &str) -> Said {
    let mut all = vec![("claims.toml", CLAIMS)];
    all.extend(files);
    let said = Desk::new(&all).run(&format!("verify --claims claims.toml {line}"));
    assert!(!said.errors.contains("panicked"), "{}", said.errors);
    said
}

/// It is not said that everything holds, and the place is.
fn told(files: &[(&str, &str)], line: &str, place: &str) {
    let said = verify(files, line);
    let all = format!("{}{}", said.out, said.errors);
    assert!([1, 3, 4].contains(&said.code), "{} {all}", said.code);
    assert!(all.contains(place), "\"{place}\" is not in\n{all}");
}

#[test]
fn a_file_that_was_cut_off_names_where() {
    told(&[("a.nft", NFT.trim_end_matches("}\n"))], "--config a.nft", "a.nft:");
    let whole = verify(&[("a.nft", NFT)], "--config a.nft");
    assert_eq!(whole.code, 3);
    for end in (20..NFT.len() - 3).step_by(9) {
        let said = verify(&[("a.nft", &NFT[..end])], "--config a.nft");
        assert_ne!(said.code, 0, "cut at {end}: {}", said.out);
    }
    told(
        &[("a.rules", "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.1.0.0/16 -j ACC")],
        "--config a.rules",
        "a.rules:3",
    );
    told(
        &[("a.json", "{\"nftables\": [{\"table\": {\"family\": \"inet\",\n \"name\": \"fw\"")],
        "--config a.json",
        "a.json:2",
    );
    told(&[("a.cfg", "hostname r1\nip access-list extended X\n permit tcp any")], "--config a.cfg", "a.cfg:3");
}

#[test]
fn dialects_that_are_mixed_are_told_apart_or_unread() {
    let iptables = "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n";
    told(
        &[("a.rules", iptables), ("b.nft", NFT)],
        "--config a.rules b.nft",
        "b.nft:1:1: the files of one device are of two dialects",
    );
    let within = format!("{iptables}ip access-list extended X\n permit ip any any\n");
    told(&[("a.rules", &within)], "--config a.rules", "a.rules:4");
    told(&[("a.txt", "Lorem ipsum dolor sit amet.\n")], "--config a.txt", "a.txt:1:1: the dialect of");
}

#[test]
fn garbage_of_any_size_is_refused_or_unread() {
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("big.rules", "*filter\n")]);
    let big = std::fs::OpenOptions::new().write(true).open(desk.path("big.rules")).unwrap();
    big.set_len(100 << 20).unwrap();
    let said = desk.run("verify --claims claims.toml --config big.rules");
    assert!(said.code == 1 && said.errors.contains("too large"), "{}", said.errors);
    // Below the limit: bytes of every kind behind a head that makes it a dialect.
    let mut state = 9u32;
    let mut noise: Vec<u8> = b"*filter\n:FORWARD DROP [0:0]\n".to_vec();
    noise.extend((0..2 << 20).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    desk.write("noise.rules", &noise);
    let said = desk.run("verify --claims claims.toml --config noise.rules");
    assert!(
        [1, 4].contains(&said.code) && format!("{}{}", said.out, said.errors).contains("noise.rules:3"),
        "{}",
        said.errors
    );
    assert!(!said.errors.contains("panicked"));
    desk.write("claims.toml", &noise);
    let said = desk.run("verify --claims claims.toml --config noise.rules");
    assert!(
        said.code == 1 && said.errors.contains("claims.toml:3:") && said.errors.contains("no UTF-8"),
        "{}",
        said.errors
    );
}

#[test]
fn circles_are_found() {
    let jumps = "*filter\n:FORWARD DROP [0:0]\n:A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A A -j B\n-A B -j A\nCOMMIT\n";
    told(&[("a.rules", jumps)], "--config a.rules", "a.rules:3");
    let groups = "object-group network A\n group-object B\nobject-group network B\n group-object A\nip access-list extended X\n permit ip object-group A any\n";
    told(&[("a.cfg", groups)], "--config a.cfg", "contains itself");
}

#[test]
fn what_is_not_defined_is_named() {
    let set = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m set --match-set NOWHERE src -j ACCEPT\nCOMMIT\n";
    told(&[("a.rules", set)], "--config a.rules", "a.rules:3");
    told(
        &[("a.rules", "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j NOWHERE\nCOMMIT\n")],
        "--config a.rules",
        "a.rules:3",
    );
    told(&[("a.nft", &NFT.replace("10.1.0.0/16", "@nowhere"))], "--config a.nft", "a.nft:4");
    told(&[("a.nft", &NFT.replace("accept", "jump nowhere"))], "--config a.nft", "a.nft:4");
    let object = "ip access-list extended X\n permit ip object-group NOWHERE any\n";
    told(&[("a.cfg", object)], "--config a.cfg", "a.cfg:2");
}

#[test]
fn claims_that_contradict_each_other_are_refused_with_the_line() {
    let flow = |id: &str, from: &str, to: &str| {
        format!(
            "[[flow]]\nid = \"{id}\"\nfrom = \"{from}\"\nto = \"{to}\"\nprotocol = \"tcp\"\nport = [1]\nkind = \"specified\"\n"
        )
    };
    let cases = [
        (CLAIMS.replace("10.2.0.0/16", "10.1.128.0/17"), "claims.toml:5:", "overlap (10.1.128.0/17)"),
        (CLAIMS.replace("id = \"lgwan\"", "id = \"mynumber\""), "claims.toml:5:", "there twice"),
        (
            format!("{CLAIMS}{}{}", flow("f", "mynumber", "lgwan"), flow("f", "lgwan", "mynumber")),
            "claims.toml:19:",
            "there twice",
        ),
        (format!("{CLAIMS}{}", flow("f", "mynumber", "mynumber")), "claims.toml:14:", "the same zone"),
        (format!("{CLAIMS}{}", flow("f", "mynumber", "school")), "claims.toml:14:", "no zone \"school\""),
        (
            format!("{CLAIMS}{}source = [\"10.2.0.1\"]\n", flow("f", "mynumber", "lgwan")),
            "claims.toml:18:",
            "not in the zone \"mynumber\"",
        ),
        (
            format!(
                "{CLAIMS}[[via]]\nfrom = \"lgwan\"\nto = \"outside\"\nonly = [\"10.2.0.1\"]\n[[via]]\nfrom = \"lgwan\"\nto = \"outside\"\nonly = [\"10.2.0.2\"]\n"
            ),
            "claims.toml:15:",
            "two [[via]]",
        ),
        (
            format!("{CLAIMS}[[relay]]\nid = \"r\"\naddresses = [\"10.9.0.1\"]\njoins = [\"mynumber\", \"lgwan\"]\n"),
            "claims.toml:12:",
            "in none of the zones",
        ),
        (format!("{CLAIMS}[[rule]]\n"), "claims.toml:11:", "there is no key \"rule\""),
        ("zone = 3\n".to_owned(), "claims.toml:1:", "must be [[…]]"),
        ("[[zone]\n".to_owned(), "claims.toml:1:", "no valid TOML"),
    ];
    for (claims, place, why) in cases {
        let said =
            Desk::new(&[("claims.toml", &claims), ("a.nft", NFT)]).run("verify --claims claims.toml --config a.nft");
        assert_eq!(said.code, 1, "{claims}{}", said.out);
        assert!(said.errors.contains(place) && said.errors.contains(why), "{place} {why}\n{}", said.errors);
    }
}

#[test]
fn network_files_and_logs_that_are_wrong_are_told() {
    let lonely = "[[device]]\nname = \"fw\"\nconfig = \"a.nft\"\ninterfaces = { eth0 = \"zone:mynumber\", eth1 = \"link:x\", eth2 = \"zone:school\" }\n";
    told(&[("a.nft", NFT), ("network.toml", lonely)], "--network network.toml", "network.toml:4:");
    told(
        &[("network.toml", &lonely.replace("zone:school", "zone:lgwan").replace("link:x", "zone:outside"))],
        "--network network.toml",
        "a.nft\" cannot be read",
    );
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("log.txt", "who knows\n")]);
    let said = desk.run("flows --claims claims.toml log.txt");
    assert!(said.code == 4 && said.out.contains("log.txt:1"), "{}", said.out);
    assert_eq!(desk.run("flows --claims claims.toml nothing.txt").code, 1);
    assert_eq!(desk.run("flows --claims claims.toml").code, 2);
    desk.write(
        "log.txt",
        "tcp 6 9 ESTABLISHED src=10.1.0.1 dst=10.2.0.1 sport=1 dport=2 src=10.2.0.1 dst=10.1.0.1 sport=2 dport=1\n",
    );
    let said = desk.run("flows --claims claims.toml log.txt --lang ja");
    assert!(said.code == 3 && said.out.contains("台帳にない通信が通った"), "{}", said.out);
    desk.write(
        "log.txt",
        "Nov 22 09:00:00 fw kernel: sekimori-refused: IN=a OUT=b SRC=10.1.0.1 DST=10.2.0.1 PROTO=TCP SPT=1 DPT=2 SYN\n",
    );
    let said = desk.run("flows --claims claims.toml log.txt");
    assert!(said.code == 0 && said.out.contains("refused, and no flow lists it"), "{}", said.out);
}
