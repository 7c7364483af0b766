//! The separation verifier on the command line: what a person and a script see, with every exit code.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::command_line::sekimori;

const CLAIMS: &str = "[[zone]]\nid = \"mynumber\"\nnetworks = [\"10.1.0.0/16\", \"2001:db8:1::/48\"]\n\
[[zone]]\nid = \"lgwan\"\nnetworks = [\"10.2.0.0/16\", \"2001:db8:2::/48\"]\n\
[[zone]]\nid = \"outside\"\nrest = true\nexternal = true\n\
[[flow]]\nid = \"eltax\"\nfrom = \"mynumber\"\nsource = [\"10.1.5.10\"]\nto = \"lgwan\"\ndestination = [\"10.2.0.53\"]\n\
protocol = \"tcp\"\nport = [443]\nkind = \"specified\"\nuntil = 2027-03-31\n";

const DAY: &str = "2026-11-30";

/// A folder of files, and the command run in it.
pub(crate) struct Desk(TempDir);

/// What a command said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Desk {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| desk.write(name, text));
        desk
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    /// `sekimori separation …`, every word that names a file of the folder with its whole path.
    pub(crate) fn run(&self, line: &str) -> Said {
        let word = |word: &str| if Path::new(&self.path(word)).exists() { self.path(word) } else { word.to_owned() };
        let mut args = vec!["separation".to_owned()];
        // A packet is one argument of several words.
        for (number, part) in line.split('"').enumerate() {
            if number % 2 == 1 {
                args.push(part.to_owned());
            } else {
                args.extend(part.split_whitespace().map(word));
            }
        }
        if !line.contains("--lang") {
            args.extend(["--lang", "en"].map(str::to_owned));
        }
        let output = sekimori(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&self.path(""), "");
        Said { code: output.status.code().unwrap(), out: text(output.stdout), errors: text(output.stderr) }
    }

    fn json(&self, line: &str) -> (i32, Value) {
        let said = self.run(&format!("{line} --format json"));
        (
            said.code,
            serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.errors)),
        )
    }
}

fn iptables(rules: &str) -> String {
    format!(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n{rules}COMMIT\n"
    )
}

const LISTED: &str = "-A FORWARD -s 10.1.5.10/32 -d 10.2.0.53/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
const LEAK: &str = "-A FORWARD -s 10.1.5.0/24 -d 10.2.7.0/24 -p tcp -m tcp --dport 1024:1100 -j ACCEPT\n";

#[test]
fn verify_says_by_its_exit_code_whether_all_claims_hold() {
    let desk = Desk::new(&[("claims.toml", CLAIMS)]);
    let unread = "-A FORWARD -s 10.1.0.0/16 -m geoip --src-cc JP -j ACCEPT\n";
    for (rules, code) in
        [(LISTED.to_owned(), 0), (LEAK.to_owned(), 3), (unread.to_owned(), 4), (format!("{LEAK}{unread}"), 3)]
    {
        desk.write("fw.rules", iptables(&rules));
        let said = desk.run(&format!("verify --claims claims.toml --config fw.rules --on {DAY}"));
        assert_eq!(said.code, code, "{rules}{}{}", said.out, said.errors);
    }
    assert_eq!(desk.run("verify --claims claims.toml --config nothing.rules").code, 1);
    assert_eq!(desk.run("verify --config fw.rules").code, 2);
    assert_eq!(desk.run("verify --claims claims.toml --config fw.rules --format pdf").code, 2);
    let said = desk.run("verify --claims claims.toml --config fw.rules --on yesterday");
    assert!(said.code == 1 && said.errors.contains("\"yesterday\" is no date"), "{}", said.errors);
}

#[test]
fn the_verdict_as_json_is_the_contract() {
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("fw.rules", &iptables(LEAK))]);
    let (code, verdict) = desk.json(&format!("verify --claims claims.toml --config fw.rules --on {DAY}"));
    assert_eq!(code, 3);
    let keys = [
        "families_judged",
        "claims",
        "unused_flows",
        "expired_flows",
        "any_rules",
        "shadowed",
        "redundant",
        "relays",
        "device_access",
        "proposal",
        "inputs",
    ];
    assert!(keys.iter().all(|key| verdict.get(key).is_some()), "{verdict:#}");
    assert_eq!(verdict["families_judged"], serde_json::json!(["ip4"]));
    assert_eq!(verdict["unused_flows"], serde_json::json!(["eltax"]));
    let claim = &verdict["claims"][0];
    assert_eq!(
        (&claim["from"], &claim["to"], &claim["verdict"]),
        (&"mynumber".into(), &"lgwan".into(), &"broken".into())
    );
    let found = &claim["violations"][0];
    assert_eq!(
        (found["line"].as_u64(), found["packets"].as_str(), found["boxes_left_out"].as_u64()),
        (Some(6), Some("330712481792"), Some(0))
    );
    assert_eq!(found["box"], "10.1.5.0/24 → 10.2.7.0/24 tcp 1024-1100");
    assert_eq!(
        found["boxes"],
        serde_json::json!([{ "source": "10.1.5.0/24", "destination": "10.2.7.0/24", "protocol": "tcp",
            "source_port": "0-65535", "destination_port": "1024-1100" }])
    );
    assert_eq!((&found["packet"]["family"], &found["packet"]["destination_port"]), (&"ip4".into(), &1024.into()));
    assert_eq!(found["path"][0]["text"], LEAK.trim());
    assert_eq!((&verdict["proposal"][0]["line"], &verdict["proposal"][0]["then"]), (&6.into(), &"holds".into()));
    let input = &verdict["inputs"][0];
    assert_eq!(
        (&input["dialect"], input["sha256"].as_str().unwrap().len(), &input["unread"]),
        (&"iptables".into(), 64, &0.into())
    );
}

#[test]
fn a_proposed_command_removes_the_leak() {
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("fw.rules", &iptables(&format!("{LISTED}{LEAK}")))]);
    let (_, verdict) = desk.json(&format!("verify --claims claims.toml --config fw.rules --on {DAY}"));
    let change = verdict["proposal"][0]["change"]["en"].as_str().unwrap();
    assert!(change.contains("iptables -t filter -D FORWARD -s 10.1.5.0/24"), "{change}");
    desk.write("fw.rules", iptables(LISTED));
    assert_eq!(desk.run(&format!("verify --claims claims.toml --config fw.rules --on {DAY}")).code, 0);
}

#[test]
fn the_day_decides_about_flows_and_rules_with_dates() {
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("fw.rules", &iptables(LISTED))]);
    assert_eq!(desk.run("verify --claims claims.toml --config fw.rules --on 2027-03-31").code, 0);
    let (code, verdict) = desk.json("verify --claims claims.toml --config fw.rules --on 2027-04-01");
    assert_eq!((code, &verdict["expired_flows"]), (3, &serde_json::json!(["eltax"])));
    let dated = LEAK.replace("-p tcp", "-m time --datestart 2026-12-01T00:00:00 --datestop 2026-12-10T23:59:59 -p tcp");
    desk.write("fw.rules", iptables(&dated));
    let on = |day: &str| desk.run(&format!("verify --claims claims.toml --config fw.rules --on {day}")).code;
    assert_eq!((on("2026-11-30"), on("2026-12-05"), on("2026-12-11")), (0, 3, 0));
}

#[test]
fn several_files_are_one_device() {
    let six = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -s 2001:db8:1::/48 -d 2001:db8:2::5/128 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";
    let sets = "create hosts hash:ip family inet\nadd hosts 10.1.5.10\nadd hosts 10.1.5.11\n";
    let four =
        iptables("-A FORWARD -m set --match-set hosts src -d 10.2.0.53/32 -p tcp -m tcp --dport 443 -j ACCEPT\n");
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("v4.rules", &four), ("v6.rules", six), ("sets.ipset", sets)]);
    let (code, verdict) =
        desk.json(&format!("verify --claims claims.toml --config v4.rules v6.rules --config sets.ipset --on {DAY}"));
    assert_eq!((code, &verdict["families_judged"]), (3, &serde_json::json!(["ip4", "ip6"])));
    let found: Vec<_> = verdict["claims"][0]["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            (found["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(), found["line"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(found, [("v4.rules".to_owned(), 6), ("v6.rules".to_owned(), 5)], "{verdict:#}");
    let alone = desk.run(&format!("verify --claims claims.toml --config v4.rules --on {DAY}"));
    assert!(alone.out.contains("IPv4 only"), "{}", alone.out);
    assert_eq!(alone.code, 4, "a set that nobody defines is not empty");
}

#[test]
fn of_several_lists_one_must_be_named() {
    let text = "ip access-list extended OPEN\n permit ip any any\nip access-list extended SHUT\n deny ip any any\n";
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("r1.cfg", text)]);
    let of = |acl: &str| desk.run(&format!("verify --claims claims.toml --config r1.cfg {acl}"));
    let unnamed = of("");
    assert_eq!(unnamed.code, 1, "{}", unnamed.out);
    assert!(
        unnamed.errors.contains("--acl") && unnamed.errors.contains("OPEN") && unnamed.errors.contains("SHUT"),
        "{}",
        unnamed.errors
    );
    assert_eq!((of("--acl OPEN").code, of("--acl SHUT").code, of("--acl NONE").code), (3, 0, 1));
}

#[test]
fn a_network_file_joins_devices() {
    let network = "[[device]]\nname = \"fw1\"\nconfig = \"fw1.rules\"\ninterfaces = { eth0 = \"zone:mynumber\", eth1 = \"link:core\" }\n\
        [[device]]\nname = \"core\"\nconfig = \"core.cfg\"\nroutes = \"core.routes\"\ninterfaces = { \"Gi0/0\" = \"link:core\", \"Gi0/1\" = \"zone:lgwan\" }\n";
    let core = "interface Gi0/0\n ip address 10.0.0.1 255.255.255.252\ninterface Gi0/1\n ip address 10.2.0.254 255.255.0.0\n ip access-group NOTEN out\n\
        ip access-list extended NOTEN\n deny tcp any any range 1024 1050\n permit ip any any\n";
    let routes = "Codes: C - connected\nC        10.0.0.0/30 is directly connected, Gi0/0\nC        10.2.0.0/16 is directly connected, Gi0/1\nS        10.1.0.0/16 [1/0] via 10.0.0.2\n";
    let desk = Desk::new(&[
        ("claims.toml", CLAIMS),
        ("network.toml", network),
        ("fw1.rules", &iptables(LEAK)),
        ("core.cfg", core),
        ("core.routes", routes),
    ]);
    let (code, verdict) = desk.json(&format!("verify --claims claims.toml --network network.toml --on {DAY}"));
    assert_eq!(code, 3, "{verdict:#}");
    let found = &verdict["claims"][0]["violations"][0];
    assert_eq!(found["packets"], (256u64 * 256 * 65536 * 50).to_string());
    let path: Vec<_> = found["path"].as_array().unwrap().iter().map(|step| step["device"].as_str().unwrap()).collect();
    assert_eq!(path, ["fw1", "core"]);
}

#[test]
fn the_text_is_readable_in_both_languages_and_shows_the_line_with_its_neighbours() {
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("fw.rules", &iptables(&format!("{LISTED}{LEAK}")))]);
    let of =
        |lang: &str| desk.run(&format!("verify --claims claims.toml --config fw.rules --on {DAY} --lang {lang}")).out;
    let (en, ja) = (of("en"), of("ja"));
    assert!(en.starts_with("          mynumber  lgwan  outside\nmynumber         -     NG       ok\n"), "{en}");
    for text in [&en, &ja] {
        assert!(text.contains("■ mynumber → lgwan: "), "{text}");
        assert!(text.contains("fw.rules:7:1\n"), "{text}");
        assert!(
            text.contains(&format!("        6 | {}\n  >     7 | {}\n        8 | COMMIT\n", LISTED.trim(), LEAK.trim())),
            "{text}"
        );
        assert!(text.contains("tcp 10.1.5.1:1024 > 10.2.7.1:1024"), "{text}");
    }
    assert!(en.contains("5 hold") || en.contains("hold, 1 broken, 0 unknown"), "{en}");
    assert!(ja.contains("違反 1") && ja.contains("直し方の案") && ja.contains("この行を消す"), "{ja}");
}

#[test]
fn the_sheet_stands_alone_and_escapes_what_configurations_say() {
    let rules = iptables(&LEAK.replace("-j ACCEPT", "-m comment --comment \"<script>alert(1)</script>\" -j ACCEPT"));
    let desk = Desk::new(&[("claims.toml", CLAIMS), ("fw.rules", &rules)]);
    for (lang, title) in [("ja", "通信経路の分割 検証結果"), ("en", "Network separation: verdict")] {
        let said =
            desk.run(&format!("verify --claims claims.toml --config fw.rules --on {DAY} --format html --lang {lang}"));
        assert_eq!(said.code, 3);
        assert!(said.out.starts_with("<!doctype html>") && said.out.ends_with("</html>\n") && said.out.contains(title));
        assert!(said.out.contains("&lt;script&gt;") && !said.out.contains("<script"), "{}", said.out);
        assert!(!said.out.contains("http") && !said.out.contains("src="), "nothing is fetched");
    }
}

#[test]
fn compile_writes_what_verify_accepts() {
    let desk = Desk::new(&[("claims.toml", CLAIMS)]);
    let said = desk.run(&format!("compile --claims claims.toml --target nftables --on {DAY}"));
    assert_eq!(said.code, 0, "{}", said.errors);
    assert!(
        said.out.contains("policy drop")
            && said.out.contains("log prefix")
            && said.out.contains("counter accept comment \"eltax specified\"")
    );
    desk.write("fw.nft", &said.out);
    assert_eq!(desk.run(&format!("verify --claims claims.toml --config fw.nft --on {DAY}")).code, 0);
    assert_eq!(desk.run("verify --claims claims.toml --config fw.nft --on 2027-04-01").code, 3);
    assert_eq!(desk.run("compile --claims claims.toml --target asa").code, 2);
    assert_eq!(desk.run("compile --claims nothing.toml --target nftables").code, 1);
}

#[test]
fn diff_speaks_in_packets() {
    let desk = Desk::new(&[
        ("a.rules", &iptables(LISTED)),
        ("same.rules", &iptables(&format!("{LISTED}{LISTED}"))),
        ("wide.rules", &iptables(&format!("{LISTED}{LEAK}"))),
    ]);
    desk.write("unread.rules", iptables(&format!("-A FORWARD -m geoip --src-cc JP -j DROP\n{LISTED}")));
    let same = desk.run("diff a.rules same.rules");
    assert!(same.code == 0 && same.out.contains("The same packets pass"), "{}", same.out);
    let (code, wide) = desk.json("diff a.rules wide.rules");
    assert_eq!(code, 3);
    assert_eq!((&wide["gained"][0]["packets"], &wide["gained"][0]["line"]), (&"330712481792".into(), &7.into()));
    assert_eq!(wide["lost"], serde_json::json!([]));
    let text = desk.run("diff wide.rules a.rules --lang ja");
    assert!(text.code == 3 && text.out.contains("古い設定だけが通すパケット"), "{}", text.out);
    let unread = desk.run("diff a.rules unread.rules");
    assert!(unread.code == 4 && unread.out.contains("unread.rules:6"), "{}{}", unread.out, unread.errors);
    assert_eq!(desk.run("diff a.rules").code, 2);
    assert_eq!(desk.run("diff a.rules nothing.rules").code, 1);
}

#[test]
fn explain_follows_one_packet_line_by_line() {
    let desk = Desk::new(&[("fw.rules", &iptables(&format!("{LISTED}{LEAK}")))]);
    let said = desk.run("explain --config fw.rules --packet \"tcp 10.1.5.3:40000 > 10.2.7.9:1030\"");
    assert!(said.code == 0 && said.out.contains("fw.rules:7 [accept]") && said.out.contains("passes"), "{}", said.out);
    let said = desk.run("explain --config fw.rules --packet \"tcp 10.1.5.3:40000 > 10.2.7.9:80\" --lang ja");
    assert!(said.code == 0 && said.out.contains("通らない"), "{}", said.out);
    let (code, json) = desk.json("explain --config fw.rules --packet \"udp 10.1.5.3:40000 > 10.2.7.9:1030\"");
    assert_eq!((code, &json["passes"]), (0, &"no".into()), "{json:#}");
    let said = desk.run("explain --config fw.rules --packet \"a packet\"");
    assert!(said.code == 1 && said.errors.contains("cannot be read"), "{}", said.errors);
}
