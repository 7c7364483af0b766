//! Cisco IOS and IOS-XE: access lists, object groups, time ranges, interfaces, static routes, static translations.
//!
//! Source: Cisco IOS Security Configuration Guide: Access Control Lists; IP Addressing: NAT Configuration Guide.
//! A non-initial fragment is judged with its first fragment; a `deny … fragments` therefore matches nothing that is judged,
//! and a `permit … fragments` is unread.

mod acl;
mod entry;
mod finish;
mod interface;
mod irrelevant;
pub(super) mod messages;
pub(super) mod objects;
mod statics;

use super::words::{Word, words};
use super::{Dialect, Options};
use crate::ir::Tracking;
use crate::reading::Reading;
use crate::source::{At, Fate, Message, Source};

/// The dialect.
pub(super) const DIALECT: Dialect = Dialect { id: "ios", proved: true, likely, read };

/// Lines looked at to recognise the dialect.
const LOOKED_AT: usize = 2_000;

fn likely(source: &Source) -> u8 {
    let mut likely = 0;
    for line in source.lines.iter().take(LOOKED_AT).map(|line| line.trim_end()) {
        if line.starts_with("ASA Version") || line.starts_with("config system") || line.starts_with("config firewall") {
            return 0;
        }
        let mine = [
            "ip access-list ",
            "ipv6 access-list ",
            "ip access-group",
            "interface GigabitEthernet",
            "interface Vlan",
            "object-group network ",
        ];
        if mine.iter().any(|start| line.starts_with(start)) {
            likely = likely.max(70);
        }
        if line.starts_with("access-list ")
            && line.split_whitespace().nth(1).is_some_and(|word| word.parse::<u32>().is_ok())
        {
            likely = likely.max(65);
        }
        if line.starts_with("ip route ") || line.starts_with("interface ") {
            likely = likely.max(30);
        }
    }
    likely
}

/// A line of the configuration with its words.
#[derive(Debug, Clone)]
struct Line {
    at: At,
    indented: bool,
    words: Vec<Word>,
}

impl Line {
    fn texts(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }
}

/// Everything that is known before the steps can be made.
#[derive(Debug, Default)]
struct Router {
    lists: acl::Lists,
    objects: objects::Objects,
    interfaces: Vec<interface::Read>,
    translations: Vec<statics::Static>,
    /// `ipv6 unicast-routing`.
    routes_ipv6: bool,
}

fn read(reading: &mut Reading, files: &[u32], options: &Options) {
    reading.device.tracking = Tracking::Never;
    let mut router = Router::default();
    for &file in files {
        let lines = reading.take_lines(file);
        let blocks = blocks(reading, file, &lines);
        reading.put_lines(file, lines);
        for block in blocks {
            router.block(reading, &block);
        }
    }
    finish::finish(reading, router, options);
}

/// Splits a file into blocks: a line that is not indented, and the indented lines under it. Banners are passed over.
fn blocks(reading: &mut Reading, file: u32, lines: &[String]) -> Vec<Vec<Line>> {
    let mut out: Vec<Vec<Line>> = Vec::new();
    let mut banner: Option<String> = None;
    for (line, text) in (1u32..).zip(lines) {
        let at = At { file, line, column: 1 };
        if let Some(end) = &banner {
            reading.settle(at, Fate::Irrelevant);
            if text.contains(end.as_str()) {
                banner = None;
            }
            continue;
        }
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with('!') {
            reading.settle(at, Fate::Blank);
            continue;
        }
        if let Some(rest) = trimmed.strip_prefix("banner ") {
            reading.settle(at, Fate::Irrelevant);
            let body = rest.split_once(' ').map_or("", |(_, body)| body).trim_start();
            // `^C` stands for one control character.
            let end: String =
                if body.starts_with('^') { body.chars().take(2).collect() } else { body.chars().take(1).collect() };
            if !end.is_empty() && !body.get(end.len()..).is_some_and(|rest| rest.contains(&end)) {
                banner = Some(end);
            }
            continue;
        }
        let words = words(text);
        let Some(first) = words.first() else { continue };
        let line = Line { at: At { column: first.column, ..at }, indented: text.starts_with([' ', '\t']), words };
        match out.last_mut() {
            Some(block) if line.indented || belongs(block, &line) => block.push(line),
            _ => out.push(vec![line]),
        }
    }
    if banner.is_some() {
        let at = At { file, line: u32::try_from(lines.len()).unwrap_or(1), column: 1 };
        let message = Message::new("bannerが閉じられていません", "a banner does not end");
        reading.problem(at, message.clone());
        reading.unread(at, Some(message));
    }
    out
}

/// Whether a line that lost its indentation can only belong to the block before it.
fn belongs(block: &[Line], line: &Line) -> bool {
    let (head, words) = (block.first().map(Line::texts).unwrap_or_default(), line.texts());
    match head.as_slice() {
        ["ip" | "ipv6", "access-list", ..] => match words.as_slice() {
            ["permit" | "deny" | "remark", ..] => true,
            [number, "permit" | "deny" | "remark", ..] => number.parse::<u32>().is_ok(),
            _ => false,
        },
        ["interface", ..] => matches!(
            words.as_slice(),
            ["ip", "address" | "access-group", ..]
                | ["no", "ip", "address"]
                | ["shutdown"]
                | ["no", "shutdown"]
                | ["description", ..]
        ),
        _ => false,
    }
}

impl Router {
    fn block(&mut self, reading: &mut Reading, block: &[Line]) {
        let Some((head, inner)) = block.split_first() else { return };
        let texts = head.texts();
        match texts.as_slice() {
            ["interface", name @ ..] => interface::read(reading, self, head, &name.concat(), inner),
            ["ip", "access-list", kind @ ("standard" | "extended"), name] => {
                self.lists.named(reading, head, name, *kind == "standard", false, inner);
            }
            ["ipv6", "access-list", name] => self.lists.named(reading, head, name, false, true, inner),
            ["access-list", number, ..] => self.lists.numbered(reading, head, number),
            ["object-group", "network" | "service" | "ip" | "port", ..] => self.objects.group(reading, head, inner),
            ["time-range", name] => self.objects.time_range(reading, head, name, inner),
            ["ip" | "ipv6", "route", ..] => {
                statics::route(reading, head);
                inner.iter().for_each(|line| reading.unread(line.at, None));
            }
            ["ip", "nat", rest @ ..] => {
                statics::translation(reading, self, head, rest);
                inner.iter().for_each(|line| reading.unread(line.at, None));
            }
            ["router", ..] | ["ipv6", "router", ..] => {
                statics::dynamic(reading, head);
                std::iter::once(head).chain(inner).for_each(|line| reading.settle(line.at, Fate::Irrelevant));
            }
            ["hostname", name] => {
                (*name).clone_into(&mut reading.device.name);
                reading.settle(head.at, Fate::Irrelevant);
            }
            ["ipv6", "unicast-routing"] => {
                self.routes_ipv6 = true;
                reading.settle(head.at, Fate::Understood);
            }
            other if irrelevant::block(other) => {
                reading.settle(head.at, Fate::Irrelevant);
                for line in inner {
                    // A class may throw packets away.
                    if line.texts() == ["drop"] {
                        reading.unread(line.at, None);
                    } else {
                        reading.settle(line.at, Fate::Irrelevant);
                    }
                }
            }
            _ => block.iter().for_each(|line| reading.unread(line.at, None)),
        }
    }
}
