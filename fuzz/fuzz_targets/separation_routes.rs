//! Any bytes as a routing table beside a firewall: no panic, and what was unknown or broken without it does not hold in silence
//! when it has lines that are not understood.

#![no_main]

#[path = "separation/mod.rs"]
mod held;

use libfuzzer_sys::fuzz_target;
use separation::dialects::{Options, read_configurations};
use separation::judge::{Verdict, judge};
use separation::network::{Network, Placed, read};

const NETWORK: &str = "[[device]]\nname = \"fw\"\nconfig = \"fw.nft\"\nroutes = \"fw.routes\"\n\
interfaces = { eth0 = \"zone:mynumber\", eth1 = \"zone:lgwan\", eth2 = \"zone:internet\" }\n";
const FIREWALL: &[u8] = b"table inet fw {\n chain forward {\n  type filter hook forward priority 0; policy accept;\n }\n}\n";

fuzz_target!(|bytes: &[u8]| {
    let claims = held::claims();
    let (entries, problems) = read(NETWORK, &claims);
    assert!(problems.is_empty());
    let Some(entry) = entries.into_iter().next() else { return };
    let files = vec![("fw.nft".to_owned(), FIREWALL.to_vec()), ("fw.routes".to_owned(), bytes.to_vec())];
    let configuration = read_configurations("fw", files, &Options::default());
    let unread = !configuration.device.unread.is_empty();
    let network =
        Network { devices: vec![Placed { configuration, interfaces: entry.interfaces, at: entry.at }], connected: true };
    let judgement = judge(&network, &claims, held::ON);
    let inside = judgement.claims.iter().filter(|claim| claim.from != "outside" && claim.to != "outside");
    assert!(!unread || inside.clone().all(|claim| claim.verdict != Verdict::Holds));
});
