//! What a dialect's reader writes into: a device under construction, and the fate of every line.

use crate::address::Family;
use crate::ir::{Action, Chain, ChainId, Condition, Configuration, Device, Rule, Tracking, Unread};
use crate::source::{At, Fate, Message, Problem, Source};

/// Most problems that are kept; a file of garbage does not need a million of them.
const MAX_PROBLEMS: usize = 1_000;
/// Most chains of one device.
const MAX_CHAINS: usize = 100_000;
/// Most rules of one device.
pub const MAX_RULES: usize = 2_000_000;

/// A device under construction. Every line that no call has settled is unread in the end.
#[derive(Debug)]
pub struct Reading {
    /// The device so far.
    pub device: Device,
    sources: Vec<Source>,
    problems: Vec<Problem>,
    rules: usize,
    overfull: bool,
}

impl Reading {
    /// An empty device over these files.
    pub fn new(name: &str, sources: Vec<Source>) -> Self {
        let device = Device {
            name: name.to_owned(),
            interfaces: Vec::new(),
            interfaces_complete: false,
            chains: Vec::new(),
            steps: Vec::new(),
            routes: Vec::new(),
            families: Vec::new(),
            tracking: Tracking::Never,
            unread: Vec::new(),
            assumptions: Vec::new(),
            unbound: Vec::new(),
        };
        Self { device, sources, problems: Vec::new(), rules: 0, overfull: false }
    }

    /// The files.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Takes the lines of a file out, so that they can be read while the reading is written. Give them back with
    /// [`Self::put_lines`].
    pub fn take_lines(&mut self, file: u32) -> Vec<String> {
        self.source_mut(file).map(|source| std::mem::take(&mut source.lines)).unwrap_or_default()
    }

    /// Gives the lines of a file back.
    pub fn put_lines(&mut self, file: u32, lines: Vec<String>) {
        if let Some(source) = self.source_mut(file) {
            source.lines = lines;
        }
    }

    fn source_mut(&mut self, file: u32) -> Option<&mut Source> {
        usize::try_from(file).ok().and_then(|file| self.sources.get_mut(file))
    }

    /// Settles a line: blank, understood or irrelevant. An unread line stays unread whatever else is said of it.
    pub fn settle(&mut self, at: At, fate: Fate) {
        let line = usize::try_from(at.line).unwrap_or(0);
        let slot = self.source_mut(at.file).and_then(|source| source.fates.get_mut(line.checked_sub(1)?));
        if let Some(slot) = slot
            && *slot != Fate::Unread
        {
            *slot = fate;
        }
    }

    /// What has become of a line so far.
    pub fn fate(&self, at: At) -> Option<Fate> {
        let source = usize::try_from(at.file).ok().and_then(|file| self.sources.get(file))?;
        usize::try_from(at.line).ok().and_then(|line| source.fates.get(line.checked_sub(1)?)).copied()
    }

    /// A line that was not understood and may concern the whole device.
    pub fn unread(&mut self, at: At, why: Option<Message>) {
        self.settle(at, Fate::Unread);
        if self.device.unread.last().is_none_or(|last| (last.at.file, last.at.line) != (at.file, at.line)) {
            self.device.unread.push(Unread { at, why });
        }
    }

    /// A line inside a chain that was not understood: `when` is what could be read of it.
    pub fn unread_rule(&mut self, chain: ChainId, at: At, when: Vec<Condition>) {
        self.settle(at, Fate::Unread);
        self.push(chain, Rule::new(at, when, Action::Unread));
    }

    /// Adds a rule and settles its line: unread when a condition of it is, understood otherwise.
    pub fn rule(&mut self, chain: ChainId, rule: Rule) {
        let unread = matches!(rule.action, Action::Unread) || rule.when.iter().any(holds_unread);
        self.settle(rule.at, if unread { Fate::Unread } else { Fate::Understood });
        self.push(chain, rule);
    }

    fn push(&mut self, chain: ChainId, rule: Rule) {
        if self.rules >= MAX_RULES {
            self.overflow(rule.at);
            return;
        }
        if let Some(chain) = usize::try_from(chain.0).ok().and_then(|chain| self.device.chains.get_mut(chain)) {
            self.rules += 1;
            chain.rules.push(rule);
        }
    }

    /// Declares a chain.
    pub fn chain(&mut self, name: impl Into<String>, at: At) -> ChainId {
        if self.device.chains.len() >= MAX_CHAINS {
            self.overflow(at);
            return ChainId(0);
        }
        let id = ChainId(u32::try_from(self.device.chains.len()).unwrap_or(u32::MAX));
        self.device.chains.push(Chain { name: name.into(), at, rules: Vec::new() });
        id
    }

    fn overflow(&mut self, at: At) {
        if !self.overfull {
            self.overfull = true;
            let message = Message::new(
                format!("規則またはチェーンが多すぎます（規則は{MAX_RULES}件まで）"),
                format!("too many rules or chains (at most {MAX_RULES} rules)"),
            );
            self.problems.push(Problem { at, message, fatal: true });
        }
    }

    /// The configuration speaks of this family.
    pub fn speaks_of(&mut self, family: Family) {
        if !self.device.families.contains(&family) {
            self.device.families.push(family);
            self.device.families.sort_unstable();
        }
    }

    /// Something is wrong at a place; reading goes on. What it leaves unclear must be made unread as well.
    pub fn problem(&mut self, at: At, message: Message) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { at, message, fatal: false });
        }
    }

    /// Something is wrong that makes the whole configuration impossible to judge.
    pub fn fatal(&mut self, at: At, message: Message) {
        self.problems.push(Problem { at, message, fatal: true });
    }

    /// Ends the reading: every line that nobody settled is unread, and may concern the whole device.
    pub fn finish(mut self) -> Configuration {
        let mut forgotten = Vec::new();
        for (file, source) in (0u32..).zip(&mut self.sources) {
            for ((line, text), fate) in (1u32..).zip(&source.lines).zip(&mut source.fates) {
                if *fate == Fate::Pending {
                    *fate = if text.trim().is_empty() { Fate::Blank } else { Fate::Unread };
                    if *fate == Fate::Unread {
                        forgotten.push(Unread { at: At { file, line, column: 1 }, why: None });
                    }
                }
            }
        }
        self.device.unread.extend(forgotten);
        self.device.unread.sort_by_key(|unread| unread.at);
        Configuration { device: self.device, sources: self.sources, problems: self.problems }
    }
}

fn holds_unread(condition: &Condition) -> bool {
    match condition {
        Condition::Unread => true,
        Condition::OneOf(any) | Condition::NoneOf(any) => any.iter().flatten().any(holds_unread),
        Condition::In(..) | Condition::Interface { .. } | Condition::Sometimes => false,
    }
}
