//! The pages about dialects say what the readers do.

use separation::dialects::DIALECTS;

#[expect(clippy::disallowed_methods, reason = "the crate reads no files; its tests read the pages that they hold")]
fn page(id: &str) -> String {
    let path = format!("{}/../../docs/separation/{id}.md", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("every dialect has a page: {path}"))
}

#[test]
fn every_dialect_has_a_page_that_says_whether_it_is_proved() {
    for dialect in DIALECTS {
        let text = page(dialect.id);
        for part in ["## Understood", "## Irrelevant", "## Unread"] {
            assert!(text.contains(part), "{}: {part}", dialect.id);
        }
        assert_eq!(text.contains("**Unproved**"), !dialect.proved, "{}", dialect.id);
    }
}

/// Words in backquotes of one section.
fn listed(id: &str, section: &str) -> Vec<String> {
    let text = page(id);
    let body = text.split(section).nth(1).unwrap().split("\n## ").next().unwrap();
    body.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn iptables_modules_that_the_page_lists_are_understood_and_those_it_leaves_out_are_not() {
    let unread = |module: &str| {
        let text = format!("*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m {module} --option 1 -j ACCEPT\nCOMMIT\n");
        crate::city::judged(crate::city::CLAIMS, "a.rules", &text).inputs[0].unread
    };
    let known = ["limit", "hashlimit", "recent", "length", "rpfilter", "policy", "string", "tcpmss", "osf"];
    let understood = listed("iptables", "## Understood");
    for module in known {
        assert!(understood.iter().any(|word| word == module), "{module} is on the page");
        assert_eq!(unread(module), 0, "{module}");
    }
    for module in ["mark", "connmark", "addrtype", "physdev", "helper", "owner", "socket", "realm"] {
        assert!(listed("iptables", "## Unread").iter().any(|word| word == module), "{module} is on the page");
        assert_eq!(unread(module), 1, "{module}");
    }
}

#[test]
fn fortigate_tables_that_the_page_lists_are_read_and_others_are_unread() {
    let unread = |table: &str| {
        let text = format!("config system global\nend\nconfig {table}\nedit x\nset frobnicate 1\nnext\nend\n");
        crate::city::judged(crate::city::CLAIMS, "f.conf", &text).inputs[0].unread
    };
    for table in
        ["firewall proxy-policy", "firewall multicast-policy", "firewall security-policy", "web-proxy explicit"]
    {
        assert!(unread(table) > 0, "{table}");
    }
    for table in
        ["log syslogd setting", "antivirus profile", "system snmp community", "firewall DoS-policy", "user local"]
    {
        assert_eq!(unread(table), 0, "{table}");
    }
}
