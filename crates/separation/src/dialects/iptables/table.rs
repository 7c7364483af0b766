//! Tables and chains of iptables-save: `*table`, `:CHAIN POLICY`, `-A CHAIN …`, `COMMIT`.

use std::collections::BTreeMap;

use super::sets::Sets;
use super::{matches, targets};
use crate::address::Family;
use crate::dialects::words::{Word, words};
use crate::ir::{Action, ChainId, Condition, Default, Hook, Rule, Step};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Base chains: table, chain, hook, priority, whether a permit here counts as the deciding one.
const BASES: &[(&str, &str, Hook, i32, bool)] = &[
    ("raw", "PREROUTING", Hook::Ingress, -300, false),
    ("mangle", "PREROUTING", Hook::Ingress, -150, false),
    ("nat", "PREROUTING", Hook::Ingress, -100, false),
    ("mangle", "FORWARD", Hook::Forward, -150, false),
    ("filter", "FORWARD", Hook::Forward, 0, true),
    ("security", "FORWARD", Hook::Forward, 50, false),
    ("mangle", "POSTROUTING", Hook::Egress, -150, false),
    ("nat", "POSTROUTING", Hook::Egress, 100, false),
    ("mangle", "INPUT", Hook::Input, -150, false),
    ("filter", "INPUT", Hook::Input, 0, true),
    ("security", "INPUT", Hook::Input, 50, false),
    ("nat", "INPUT", Hook::Input, 100, false),
    ("raw", "OUTPUT", Hook::Output, -300, false),
    ("mangle", "OUTPUT", Hook::Output, -150, false),
    ("nat", "OUTPUT", Hook::Output, -100, false),
    ("filter", "OUTPUT", Hook::Output, 0, true),
    ("security", "OUTPUT", Hook::Output, 50, false),
];

/// A chain as far as it is known.
#[derive(Debug)]
struct Known {
    id: ChainId,
    at: At,
    /// `Some` for a built-in chain with its policy.
    policy: Option<Default>,
    declared: bool,
}

/// All tables of one device, over all its files.
#[derive(Debug, std::default::Default)]
pub(super) struct Tables {
    current: Option<String>,
    chains: BTreeMap<(Family, String, String), Known>,
}

impl Tables {
    /// Reads one line that is neither blank nor a comment.
    pub(super) fn line(&mut self, reading: &mut Reading, sets: &mut Sets, family: Family, at: At, line: &str) {
        let text = line.trim();
        if let Some(table) = text.strip_prefix('*') {
            if self.current.is_some() {
                reading.problem(at, Message::new("前の表にCOMMITがありません", "the table before has no COMMIT"));
            }
            self.current = Some(table.to_owned());
            reading.speaks_of(family);
            let known = BASES.iter().any(|base| base.0 == table);
            if known {
                reading.settle(at, Fate::Understood)
            } else {
                reading.unread(at, None)
            }
            return;
        }
        if super::sets::is_set_line(text) {
            sets.line(reading, at, text);
            return;
        }
        let Some(table) = self.current.clone() else {
            reading.unread(at, Some(Message::new("表の外にあります", "it stands outside every table")));
            return;
        };
        if text == "COMMIT" {
            self.current = None;
            reading.settle(at, Fate::Understood);
        } else if let Some(declaration) = text.strip_prefix(':') {
            self.declare(reading, (family, &table), at, declaration);
        } else {
            self.append(reading, sets, (family, &table), at, line);
        }
    }

    fn declare(&mut self, reading: &mut Reading, (family, table): (Family, &str), at: At, declaration: &str) {
        let mut parts = declaration.split_whitespace();
        let (Some(name), Some(policy)) = (parts.next(), parts.next()) else {
            reading.unread(at, None);
            return;
        };
        let built_in = BASES.iter().any(|base| base.0 == table && base.1 == name);
        let policy = match (policy, built_in) {
            ("ACCEPT", true) => Some(Default::Accept),
            ("DROP", true) => Some(Default::Drop),
            ("-", false) => None,
            _ => {
                reading.unread(at, None);
                return;
            }
        };
        let known = self.known(reading, family, table, name, at);
        if known.declared {
            let message = Message::new(
                format!("チェーン「{name}」が二度宣言されています"),
                format!("the chain \"{name}\" is declared twice"),
            );
            reading.problem(at, message);
            reading.unread(at, None);
            return;
        }
        (known.at, known.policy, known.declared) = (at, policy, true);
        reading.settle(at, Fate::Understood);
    }

    fn known(&mut self, reading: &mut Reading, family: Family, table: &str, name: &str, at: At) -> &mut Known {
        self.chains.entry((family, table.to_owned(), name.to_owned())).or_insert_with(|| {
            let version = if family == Family::Ip6 { "ip6 " } else { "" };
            let id = reading.chain(format!("{version}{table} {name}"), at);
            Known { id, at, policy: None, declared: false }
        })
    }

    fn append(&mut self, reading: &mut Reading, sets: &Sets, (family, table): (Family, &str), at: At, line: &str) {
        let mut list = words(line);
        if list.first().is_some_and(|word| word.text.starts_with('[')) {
            list.remove(0);
        }
        let mut list = list.into_iter();
        let (Some(command), Some(name)) = (list.next(), list.next()) else {
            reading.unread(at, None);
            return;
        };
        if !matches!(command.text.as_str(), "-A" | "--append") {
            reading.unread(at, None);
            return;
        }
        let at = At { column: command.column, ..at };
        let rest: Vec<Word> = list.collect();
        let chain = self.known(reading, family, table, &name.text, at).id;
        let mut parsed = matches::parse(reading, sets, family, at, &rest);
        let mut chain_of = |reading: &mut Reading, target: &str| {
            if target.is_empty() || !target.is_ascii() {
                None
            } else {
                Some(self.known(reading, family, table, target, at).id)
            }
        };
        let action = targets::parse(reading, family, at, &mut parsed, &mut chain_of);
        parsed.when.insert(0, Condition::family(family));
        let mut rule = Rule::new(at, parsed.when, action);
        rule.period = parsed.period;
        reading.rule(chain, rule);
    }

    /// A table that is still open at the end of a file was cut off.
    pub(super) fn end_of_file(&mut self, reading: &mut Reading, at: At) {
        if self.current.take().is_some() {
            let message = Message::new(
                "表がCOMMITの前で終わっています（途中で切れています）",
                "the table ends before its COMMIT: the file is cut off",
            );
            reading.problem(at, message.clone());
            reading.unread(at, Some(message));
        }
    }

    /// Makes the steps, and a visible unread rule in every chain that rules name and nobody declared.
    pub(super) fn finish(self, reading: &mut Reading) {
        let mut bases: Vec<(Hook, i32, Step)> = Vec::new();
        for ((family, table, name), known) in &self.chains {
            let base = BASES.iter().find(|base| base.0 == table && base.1 == name);
            if !known.declared {
                let message = Message::new(
                    format!("チェーン「{name}」が宣言されていません"),
                    format!("the chain \"{name}\" is not declared"),
                );
                reading.problem(known.at, message);
                reading.unread_rule(known.id, known.at, Vec::new());
            }
            if let Some(&(_, _, hook, priority, decides)) = base {
                let default = known.policy.unwrap_or(Default::Unread);
                let guard = vec![Condition::family(*family)];
                bases.push((
                    hook,
                    priority,
                    Step { hook, guard, chain: known.id, default, default_at: known.at, decides },
                ));
            }
        }
        bases.sort_by_key(|(hook, priority, _)| (*hook, *priority));
        reading.device.steps.extend(bases.into_iter().map(|(_, _, step)| step));
    }
}

/// What the match part of a rule gave, and the words of its target.
#[derive(Debug, std::default::Default)]
pub(super) struct Parsed {
    /// The conditions.
    pub(super) when: Vec<Condition>,
    /// Days on which it is active.
    pub(super) period: Option<crate::ir::Period>,
    /// The protocol, when exactly one was named.
    pub(super) protocol: Option<u8>,
    /// Target name and whether it is a goto.
    pub(super) target: Option<(String, bool)>,
    /// Words behind the target.
    pub(super) target_words: Vec<Word>,
}

/// What a rule without a target does.
pub(super) const NO_TARGET: Action = Action::Continue;
