//! Access lists, named and numbered, until all objects are known.

use std::collections::BTreeMap;

use super::Line;
use crate::address::Family;
use crate::reading::Reading;
use crate::source::{At, Fate};

/// A list: its entries as words, in order.
#[derive(Debug)]
pub(super) struct List {
    pub(super) at: At,
    pub(super) family: Family,
    pub(super) standard: bool,
    /// Sequence number (entries without one go behind), place and words.
    pub(super) entries: Vec<(u32, At, Vec<String>)>,
}

/// All lists by name; IPv4 and IPv6 lists have their names apart.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) by_name: BTreeMap<(Family, String), List>,
}

/// The step between sequence numbers that IOS gives itself.
const STEP: u32 = 10;

impl Lists {
    fn open(&mut self, at: At, name: &str, family: Family, standard: bool) -> &mut List {
        self.by_name.entry((family, name.to_owned())).or_insert_with(|| List {
            at,
            family,
            standard,
            entries: Vec::new(),
        })
    }

    pub(super) fn named(
        &mut self,
        reading: &mut Reading,
        head: &Line,
        name: &str,
        standard: bool,
        ipv6: bool,
        inner: &[Line],
    ) {
        let family = if ipv6 { Family::Ip6 } else { Family::Ip4 };
        reading.settle(head.at, Fate::Understood);
        reading.speaks_of(family);
        let list = self.open(head.at, name, family, standard);
        for line in inner {
            let texts = line.texts();
            let (number, words) = match texts.as_slice() {
                ["sequence", number, rest @ ..] => (number.parse().ok(), rest),
                [number, rest @ ..] if number.parse::<u32>().is_ok() => (number.parse().ok(), rest),
                words => (None, words),
            };
            if matches!(words.first(), Some(&"remark")) || words.is_empty() {
                reading.settle(line.at, Fate::Irrelevant);
                continue;
            }
            list.add(number, line.at, words);
        }
    }

    pub(super) fn numbered(&mut self, reading: &mut Reading, line: &Line, name: &str) {
        let standard = match name.parse::<u32>() {
            Ok(1..=99 | 1300..=1999) => true,
            Ok(100..=199 | 2000..=2699) => false,
            _ => {
                reading.unread(line.at, None);
                return;
            }
        };
        let texts = line.texts();
        let words = texts.get(2..).unwrap_or_default();
        reading.speaks_of(Family::Ip4);
        let list = self.open(line.at, name, Family::Ip4, standard);
        if words.first() == Some(&"remark") {
            reading.settle(line.at, Fate::Irrelevant);
        } else {
            list.add(None, line.at, words);
        }
    }
}

impl List {
    fn add(&mut self, number: Option<u32>, at: At, words: &[&str]) {
        let last = self.entries.iter().map(|entry| entry.0).next_back().unwrap_or(0);
        let number = number.unwrap_or_else(|| last.saturating_add(STEP));
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        // Almost always the last; an entry with a smaller number goes between the others.
        let place = self.entries.partition_point(|entry| entry.0 <= number);
        self.entries.insert(place, (number, at, words));
    }
}
