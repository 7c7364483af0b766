//! The claims that most tests share, and short ways to judge.

use separation::claims::Claims;
use separation::dialects::{Options, read_configurations};
use separation::judge::{ClaimVerdict, Judgement, Settings, Verdict, judge};
use separation::network::Network;

pub(crate) const CLAIMS: &str = r#"
[[zone]]
id = "mynumber"
networks = ["10.1.0.0/16", "2001:db8:1::/48"]

[[zone]]
id = "lgwan"
networks = ["10.2.0.0/16", "2001:db8:2::/48"]

[[zone]]
id = "internet"
networks = ["10.3.0.0/16", "2001:db8:3::/48"]

[[zone]]
id = "outside"
rest = true
external = true

[[flow]]
id = "eltax"
from = "mynumber"
source = ["10.1.5.10"]
to = "lgwan"
destination = ["10.2.0.53"]
protocol = "tcp"
port = [443]
kind = "specified"
until = 2027-03-31
"#;

pub(crate) const TODAY: Settings = Settings { on: (2026, 11, 22) };

pub(crate) fn claims(text: &str) -> Claims {
    let (claims, problems) = Claims::read(text);
    assert_eq!(problems, [], "the claims of a test are right");
    claims
}

pub(crate) fn judged(claims_text: &str, name: &str, configuration: &str) -> Judgement {
    let files = vec![(name.to_owned(), configuration.as_bytes().to_vec())];
    judge(&Network::single(read_configurations("fw1", files, &Options::default())), &claims(claims_text), TODAY)
}

pub(crate) fn claim<'a>(judgement: &'a Judgement, from: &str, to: &str) -> &'a ClaimVerdict {
    judgement.claims.iter().find(|claim| claim.from == from && claim.to == to).unwrap()
}

/// `from>to verdict: line(packets) …` for every claim that does not hold.
pub(crate) fn summary(judgement: &Judgement) -> Vec<String> {
    let broken = judgement.claims.iter().filter(|claim| claim.verdict != Verdict::Holds);
    broken
        .map(|claim| {
            let lines: Vec<String> =
                claim.violations.iter().map(|found| format!("{}({})", found.line, found.packets)).collect();
            let unread: Vec<String> = claim.unread.iter().map(|place| place.line.to_string()).collect();
            format!("{}>{} {:?}: {} unread {}", claim.from, claim.to, claim.verdict, lines.join(" "), unread.join(" "))
        })
        .collect()
}
