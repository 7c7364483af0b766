//! An independent writer as oracle: one policy, written by aerleon 1.18.0 as IOS, ASA and iptables rules, denotes one set.
//! The iptables form went through a kernel (`iptables-save` of what it had loaded), which proves our reading of it; so what is
//! equal to it is what aerleon's authors mean by these words. Left out of its output: the commands that clear a list.

use separation::dialects::{Options, read_configurations};
use separation::judge::difference;
use separation::network::Network;

use crate::city::TODAY;

const IPTABLES: &str = include_str!("../samples/aerleon/one.rules");
const IOS: &str = include_str!("../samples/aerleon/one.ios");
const ASA: &str = include_str!("../samples/aerleon/one.asa");

fn network(name: &str, text: &str) -> Network {
    let options = Options::default();
    let read = read_configurations("fw", vec![(name.to_owned(), text.as_bytes().to_vec())], &options);
    assert!(
        read.device.unread.is_empty() && read.problems.is_empty(),
        "{name}: {:?} {:?}",
        read.device.unread,
        read.problems
    );
    Network::single(read)
}

#[test]
fn what_aerleon_writes_for_ios_is_the_set_that_the_kernel_loads() {
    let found = difference(&network("one.rules", IPTABLES), &network("one.ios", IOS), TODAY);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_aerleon_writes_for_asa_is_the_set_that_the_kernel_loads() {
    let found = difference(&network("one.rules", IPTABLES), &network("one.asa", ASA), TODAY);
    assert!(found.gained.is_empty() && found.lost.is_empty() && found.unread.is_empty(), "{found:?}");
}

#[test]
fn a_changed_line_of_either_is_a_difference() {
    let lines: Vec<&str> = IOS.lines().collect();
    let permits = lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("permit"));
    let mut seen = 0;
    for (number, _) in permits.step_by(9) {
        let mut fewer = lines.clone();
        fewer.remove(number);
        let found = difference(&network("one.rules", IPTABLES), &network("one.ios", &fewer.join("\n")), TODAY);
        seen += u32::from(!found.lost.is_empty());
    }
    assert!(seen > 5, "only {seen} permits matter");
}
