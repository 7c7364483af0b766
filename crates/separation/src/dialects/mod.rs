//! The dialects: one folder each.
//!
//! **How to add one.** Make a folder here with `pub(super) const DIALECT: Dialect` and add it to [`DIALECTS`]. Its `likely`
//! looks at the first lines and says how sure it is; its `read` walks the files of one device, writes chains, steps,
//! interfaces and routes into the [`Reading`], and settles every line: [`Reading::rule`] for rules, [`Reading::settle`] with
//! `Understood`, `Irrelevant` (known to have no influence on which packets pass) or `Blank`, [`Reading::unread_rule`] for a
//! line inside a chain that it does not understand, and [`Reading::unread`] for one anywhere else. A line that is not
//! settled is unread, so a reader may simply leave what it does not know. Never guess: a condition that cannot be expressed
//! is [`Condition::Unread`](crate::ir::Condition::Unread), an undefined object is a [`Reading::problem`] *and* an unread
//! condition. `proved` is true only when a real device or an independent reader has been an oracle in tests. Write down
//! what is understood in `docs/separation/`, add samples to `tests/samples/` (several hundred lines, no unread line) and a fuzz
//! target.

mod asa;
mod fortigate;
mod ios;
mod iptables;
mod nftables;
mod ports;
mod routes;
mod words;

use serde::{Deserialize, Serialize};

use crate::ir::Configuration;
use crate::reading::Reading;
use crate::source::{At, MAX_FILE_BYTES, Message, Source};

/// A configuration language.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// Name on the command line and in verdicts.
    pub id: &'static str,
    /// Whether an oracle that is not ours has confirmed our reading.
    pub proved: bool,
    /// How sure it is that the file is of this dialect: 0 not at all, 100 certain.
    pub likely: fn(&Source) -> u8,
    /// Reads one device's files, all of this dialect. The second argument lists the files' indices.
    pub read: fn(&mut Reading, &[u32], &Options),
}

/// Every dialect.
pub const DIALECTS: &[Dialect] =
    &[iptables::DIALECT, nftables::DIALECT, ios::DIALECT, fortigate::DIALECT, asa::DIALECT];

/// What the person said beside the files.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Options {
    /// The access list to judge when the file binds none (`--acl`).
    pub acl: Option<String>,
    /// The dialect, when it was said and is not to be detected.
    pub dialect: Option<String>,
}

/// The dialect of a name.
pub fn by_id(id: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.id == id)
}

/// The dialect that a file is most likely of.
pub fn detect(source: &Source) -> Option<&'static Dialect> {
    let best = DIALECTS.iter().map(|dialect| ((dialect.likely)(source), dialect)).max_by_key(|(likely, _)| *likely);
    best.filter(|(likely, _)| *likely > 0).map(|(_, dialect)| dialect)
}

/// A line as a person reads it, when that is more than its text.
pub(crate) fn shown(source: &Source, line: u32) -> Option<String> {
    if source.dialect == fortigate::DIALECT.id { fortigate::shown::entry(source, line) } else { None }
}

/// Reads the files of one device. This is the door for outside bytes: names and contents in, a serialisable value out.
/// It never fails; what is wrong is in [`Configuration::problems`], fatal when nothing can be judged.
pub fn read_configurations(device: &str, files: Vec<(String, Vec<u8>)>, options: &Options) -> Configuration {
    let mut early = Vec::new();
    let mut sources = Vec::new();
    for (file, (name, bytes)) in (0u32..).zip(&files) {
        let too_long = bytes.len() > MAX_FILE_BYTES;
        if too_long {
            let limit = MAX_FILE_BYTES >> 20;
            early.push((
                At { file, line: 1, column: 1 },
                Message::new(
                    format!("「{name}」は大きすぎます（{limit} MiBまで）。設定の部分だけを渡してください"),
                    format!("\"{name}\" is too large (at most {limit} MiB); give only the configuration"),
                ),
            ));
        }
        sources.push(Source::new(name, if too_long { &[] } else { bytes }));
    }
    drop(files);
    let (groups, listings) = sort(&mut sources, options, &mut early);
    // Two rule sets of one device would both have to let a packet pass, which no device does.
    if let [(first, _), (second, files), ..] = groups.as_slice() {
        let at = At { file: files.first().copied().unwrap_or(0), line: 1, column: 1 };
        let (first, second) = (first.id, second.id);
        early.push((
            at,
            Message::new(
                format!("一台の機器の設定に形式「{first}」と「{second}」が混ざっています。機器ごとに分けてください"),
                format!("the files of one device are of two dialects, {first} and {second}; give each device its own"),
            ),
        ));
    }
    let mut reading = Reading::new(device, sources);
    for (at, message) in early {
        reading.fatal(at, message);
    }
    for (dialect, files) in groups {
        (dialect.read)(&mut reading, &files, options);
    }
    if !listings.is_empty() {
        routes::read(&mut reading, &listings);
    }
    reading.finish()
}

/// Files by dialect, and routing tables by kind.
type Sorted = (Vec<(&'static Dialect, Vec<u32>)>, Vec<(u32, routes::Listing)>);

/// Sorts the files of one device by what they are, and writes it into them.
fn sort(sources: &mut [Source], options: &Options, early: &mut Vec<(At, Message)>) -> Sorted {
    let mut groups: Vec<(&'static Dialect, Vec<u32>)> = Vec::new();
    let mut listings = Vec::new();
    for (file, source) in (0u32..).zip(sources) {
        if let Some(listing) = routes::detect(source) {
            listing.id().clone_into(&mut source.dialect);
            listings.push((file, listing));
            continue;
        }
        let dialect = options.dialect.as_deref().map_or_else(|| detect(source), by_id);
        let Some(dialect) = dialect else {
            let name = &source.name;
            let known = DIALECTS.iter().map(|dialect| dialect.id).collect::<Vec<_>>().join(", ");
            early.push((
                At { file, line: 1, column: 1 },
                Message::new(
                    format!("「{name}」の形式が分かりません。対応している形式: {known}"),
                    format!("the dialect of \"{name}\" is not known; those that are: {known}"),
                ),
            ));
            continue;
        };
        dialect.id.clone_into(&mut source.dialect);
        match groups.iter_mut().find(|(known, _)| known.id == dialect.id) {
            Some((_, list)) => list.push(file),
            None => groups.push((dialect, vec![file])),
        }
    }
    (groups, listings)
}
