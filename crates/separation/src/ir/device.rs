//! Devices: interfaces, steps, chains, rules, translations, routes.

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use crate::address::{Address, Family};
use crate::source::{At, Message, Problem, Source};

/// What reading one device's files gives: the device, the files line by line, and what was wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// What the files say.
    pub device: Device,
    /// The files, with the fate of every line.
    pub sources: Vec<Source>,
    /// What is wrong, in the order found.
    pub problems: Vec<Problem>,
}

/// Bytes of a line that is shown whole.
const LONG_LINE: usize = 1_000;
/// Characters of a longer line that are shown.
const SHOWN_PART: usize = 300;

impl Configuration {
    /// The file name at a place.
    pub fn file(&self, at: At) -> &str {
        usize::try_from(at.file).ok().and_then(|file| self.sources.get(file)).map_or("", |source| &source.name)
    }

    /// The line at a place for people: its text, with what belongs to it where the line alone says nothing.
    pub fn shown(&self, at: At) -> String {
        let source = usize::try_from(at.file).ok().and_then(|file| self.sources.get(file));
        let more = source.and_then(|source| crate::dialects::shown(source, at.line));
        more.unwrap_or_else(|| self.text(at).to_owned())
    }

    /// The trimmed text of the line at a place; of a very long line (JSON) a part from the column on.
    pub fn text(&self, at: At) -> &str {
        let source = usize::try_from(at.file).ok().and_then(|file| self.sources.get(file));
        let text = source.map_or("", |source| source.text(at.line));
        if text.len() <= LONG_LINE {
            return text;
        }
        let place = |column: usize| text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
        let first = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
        text.get(place(first)..place(first + SHOWN_PART)).unwrap_or("")
    }
}

/// One firewall, router or switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Name in the network file, or the first file's name.
    pub name: String,
    /// Interfaces that the configuration itself describes.
    pub interfaces: Vec<Interface>,
    /// Whether [`Device::interfaces`] are all there are (a router's configuration) or only those that happened to be
    /// named (a rule set).
    pub interfaces_complete: bool,
    /// Chains, by [`ChainId`].
    pub chains: Vec<Chain>,
    /// What a packet passes, in order of hook and then of the list.
    pub steps: Vec<Step>,
    /// Static routes; connected ones follow from the interfaces.
    pub routes: Vec<Route>,
    /// Families that the configuration says anything about.
    pub families: Vec<Family>,
    /// Whether connections are tracked.
    pub tracking: Tracking,
    /// Lines that were not understood and may concern anything on the device (those inside a chain are rules).
    pub unread: Vec<Unread>,
    /// What was assumed to read the files so, for the person who reads the verdict.
    pub assumptions: Vec<Message>,
    /// Access lists and the like that no step uses, by name, for `--acl NAME`.
    pub unbound: Vec<(String, ChainId)>,
}

/// Whether the device tracks connections, so that replies need no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tracking {
    /// It always does (FortiGate, ASA).
    Always,
    /// It does when a rule asks for the state or translates (Linux).
    WhenAsked,
    /// It does not (plain router access lists).
    Never,
}

/// A line that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Where.
    pub at: At,
    /// Why, when more can be said than that the words are unknown.
    pub why: Option<Message>,
}

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Name as rules use it.
    pub name: String,
    /// Where it is described.
    pub at: At,
    /// Addresses with prefix lengths, secondary ones too.
    pub addresses: Vec<(Address, u32)>,
    /// Whether it is switched on and can forward.
    pub up: bool,
    /// Routing instance; `None` is the global one.
    pub vrf: Option<String>,
}

/// Index of a chain in [`Device::chains`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChainId(pub u32);

/// A named list of rules, taken in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Name for people: `filter FORWARD`, `inet filter forward`, `FROM-LGWAN`.
    pub name: String,
    /// Where it is declared.
    pub at: At,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One rule of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its line.
    pub at: At,
    /// All of these must match.
    pub when: Vec<Condition>,
    /// What happens then.
    pub action: Action,
    /// Switched off in the configuration: kept so that it can be shown, never matches.
    pub disabled: bool,
    /// Days on which it is active; always when `None`.
    pub period: Option<Period>,
}

impl Rule {
    /// A rule that is active at all times.
    pub fn new(at: At, when: Vec<Condition>, action: Action) -> Self {
        Self { at, when, action, disabled: false, period: None }
    }
}

/// Days from `first` to `last`, inclusive, as `(year, month, day)`; an open end is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub first: Option<(i32, u8, u8)>,
    /// Last day.
    pub last: Option<(i32, u8, u8)>,
}

/// What a matching rule does. `Accept`, `Drop`, `Reject` and `Translate` end the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Logs, counts, marks: the next rule is asked.
    Continue,
    /// Passes this step.
    Accept,
    /// Thrown away in silence.
    Drop,
    /// Thrown away with an answer.
    Reject,
    /// Goes on in that chain, and behind this rule when that chain comes to its end or returns.
    Jump(ChainId),
    /// Goes on in that chain, and behind the rule that jumped *here* when it comes to its end.
    Goto(ChainId),
    /// Leaves this chain; in a step's own chain the step's default decides.
    Return,
    /// Passes this step with other addresses.
    Translate(Translation),
    /// Connection tracking will not see it: its state is untracked from here on.
    NoTrack,
    /// Not understood: may do any of these.
    Unread,
}

/// New addresses or ports of a packet; `None` leaves them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Translation {
    /// New source.
    pub source: Option<AddressTo>,
    /// New destination.
    pub destination: Option<AddressTo>,
    /// New source port: any of these.
    pub source_port: Option<(u16, u16)>,
    /// New destination port: any of these.
    pub destination_port: Option<(u16, u16)>,
}

/// The address that a translation puts in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddressTo {
    /// Any of `first..=last`.
    Range(Family, u128, u128),
    /// `from` + n becomes `to` + n (netmap, static network translation), for `n < size`.
    Shift {
        /// Family of both.
        family: Family,
        /// First address of the old block.
        from: u128,
        /// First address of the new block.
        to: u128,
        /// Addresses in the block.
        size: u128,
    },
    /// The address of the interface where the packet leaves (masquerade).
    OutInterface,
    /// The device itself (redirect): the packet is not forwarded.
    Local,
    /// Not known.
    Unknown,
}

/// When a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Hook {
    /// After the packet came in, before routing.
    Ingress,
    /// Routed, on its way through.
    Forward,
    /// Routed, about to leave.
    Egress,
    /// Addressed to the device itself.
    Input,
    /// Made by the device itself.
    Output,
}

/// A chain at its place in a packet's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When; steps of one hook run in the order of [`Device::steps`].
    pub hook: Hook,
    /// Only packets that match all of these take the step.
    pub guard: Vec<Condition>,
    /// What is run.
    pub chain: ChainId,
    /// What becomes of a packet that no rule decided.
    pub default: Default,
    /// The line that says so (a policy, or the chain's own line).
    pub default_at: At,
    /// Whether a permit here is what a person would call "the rule that lets it through" (filters, not translation or
    /// marking tables).
    pub decides: bool,
}

/// Verdict of a step for what its rules left undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Default {
    /// Passes.
    Accept,
    /// Thrown away.
    Drop,
    /// Not known: the line that would say it was not understood.
    Unread,
}

/// A static route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Its line.
    pub at: At,
    /// First address of the destination prefix.
    pub destination: Address,
    /// Prefix length.
    pub length: u32,
    /// Next hop.
    pub via: Option<Address>,
    /// Outgoing interface.
    pub interface: Option<String>,
    /// Administrative distance or metric: the least wins among equal prefixes.
    pub metric: u32,
    /// Thrown away (Null0, blackhole, unreachable).
    pub discard: bool,
    /// Routing instance; `None` is the global one.
    pub vrf: Option<String>,
}
