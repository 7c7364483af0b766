//! Tables, chains, sets and maps of a rule set.

use std::collections::BTreeMap;

use super::command;
use super::lex::Token;
use super::rule;
use super::set::Named;
use crate::address::Family;
use crate::ir::{ChainId, Condition, Default, Hook, State, Step};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// A chain before its rules are read: sets may be defined behind their use.
#[derive(Debug)]
pub(super) struct ChainText {
    pub(super) id: ChainId,
    pub(super) statements: Vec<Vec<Token>>,
    pub(super) base: Option<Base>,
    pub(super) at: At,
}

/// `type filter hook forward priority 0; policy drop;`
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) kind: String,
    pub(super) hook: String,
    pub(super) priority: Option<i32>,
    pub(super) policy: Default,
    pub(super) at: At,
}

/// A table.
#[derive(Debug, std::default::Default)]
pub(super) struct Table {
    pub(super) chains: BTreeMap<String, ChainText>,
    /// Chains in the order they were declared, which decides among equal priorities.
    pub(super) order: Vec<String>,
    pub(super) sets: BTreeMap<String, Named>,
}

/// Everything that was read: tables by family and name.
#[derive(Debug, std::default::Default)]
pub(super) struct Ruleset {
    pub(super) tables: BTreeMap<(String, String), Table>,
    order: Vec<(String, String)>,
}

/// A reader's place in the tokens.
pub(super) struct Cursor {
    pub(super) tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    pub(super) last: At,
}

impl Cursor {
    fn peek_is(&mut self, text: &str) -> bool {
        self.tokens.peek().is_some_and(|token| token.is(text))
    }

    pub(super) fn next(&mut self, reading: &mut Reading) -> Option<Token> {
        let token = self.tokens.next()?;
        self.last = token.at;
        if !token.is("\n") {
            reading.settle(token.at, Fate::Understood);
        }
        Some(token)
    }

    /// The tokens up to the end of the statement, with braces balanced; the end is taken.
    pub(super) fn statement(&mut self) -> Vec<Token> {
        let mut out: Vec<Token> = Vec::new();
        let mut depth = 0u32;
        while let Some(token) = self.tokens.peek() {
            if depth == 0 && token.is("}") {
                break;
            }
            let Some(token) = self.tokens.next() else { break };
            self.last = token.at;
            if depth == 0 && token.ends() {
                break;
            }
            if token.is("{") {
                depth += 1;
            } else if token.is("}") {
                depth -= 1;
            }
            if !token.is("\n") {
                out.push(token);
            }
        }
        out
    }
}

/// Reads the tokens of a file.
pub(super) fn read(reading: &mut Reading, ruleset: &mut Ruleset, tokens: Vec<Token>) {
    let mut cursor = Cursor { tokens: tokens.into_iter().peekable(), last: At::default() };
    while let Some(token) = cursor.next(reading) {
        if token.ends() {
            continue;
        }
        let token = if token.is("nft") { cursor.next(reading).unwrap_or(token) } else { token };
        let inserts = token.is("insert");
        let adds = inserts || token.is("add") || token.is("create");
        let word = if adds { cursor.next(reading).unwrap_or_else(|| token.clone()) } else { token.clone() };
        if adds && command::is_object(&word) {
            command::read(reading, ruleset, &mut cursor, &word, inserts);
        } else if word.is("table") {
            table(reading, ruleset, &mut cursor, word.at);
        } else if word.is("flush") && cursor.peek_is("ruleset") {
            cursor.next(reading);
            if !ruleset.tables.is_empty() {
                ruleset.tables.clear();
                ruleset.order.clear();
                reading.device.assumptions.push(Message::new(
                    "flush ruleset より前の規則は読み捨てました",
                    "rules before flush ruleset were thrown away, as nft does",
                ));
            }
        } else {
            other(reading, ruleset, &word, &mut cursor);
        }
    }
}

/// A command that is not a table: deleting a table that has nothing yet does nothing, anything else is unread.
fn other(reading: &mut Reading, ruleset: &Ruleset, word: &Token, cursor: &mut Cursor) {
    let rest = cursor.statement();
    let texts: Vec<&str> = rest.iter().map(|token| token.text.as_str()).collect();
    let empty = |family: &str, name: &str| {
        ruleset
            .tables
            .get(&(family.to_owned(), name.to_owned()))
            .is_none_or(|table| table.chains.is_empty() && table.sets.is_empty())
    };
    let harmless = match texts.as_slice() {
        ["table", family, name] => empty(family, name),
        ["table", name] => empty("ip", name),
        _ => false,
    };
    if matches!(word.text.as_str(), "delete" | "destroy" | "flush") && harmless {
        rest.iter().for_each(|token| reading.settle(token.at, Fate::Irrelevant));
        return;
    }
    reading.unread(word.at, None);
    rest.iter().for_each(|token| reading.unread(token.at, None));
}

fn table(reading: &mut Reading, ruleset: &mut Ruleset, cursor: &mut Cursor, at: At) {
    let mut names = Vec::new();
    while let Some(token) = cursor.tokens.next_if(|token| !token.is("{") && !token.ends()) {
        names.push(token.text);
    }
    let (family, name) = match names.as_slice() {
        [name] => ("ip".to_owned(), name.clone()),
        [family, name] => (family.clone(), name.clone()),
        _ => {
            reading.unread(at, None);
            (String::new(), String::new())
        }
    };
    if cursor.peek_is("{") {
        cursor.next(reading);
        ruleset.open(&family, &name);
        body(reading, ruleset, cursor, (&family, &name));
    } else {
        ruleset.open(&family, &name);
    }
}

impl Ruleset {
    /// The table, made when it is not there.
    pub(super) fn open(&mut self, family: &str, name: &str) -> &mut Table {
        let key = (family.to_owned(), name.to_owned());
        if !self.order.contains(&key) {
            self.order.push(key.clone());
        }
        self.tables.entry(key).or_default()
    }
}

fn body(reading: &mut Reading, ruleset: &mut Ruleset, cursor: &mut Cursor, (family, name): (&str, &str)) {
    loop {
        let Some(token) = cursor.next(reading) else {
            let message = Message::new("表の途中でファイルが終わっています", "the file ends inside a table");
            reading.problem(cursor.last, message.clone());
            reading.unread(cursor.last, Some(message));
            return;
        };
        match token.text.as_str() {
            "\n" | ";" => {}
            "}" => return,
            "chain" => chain(reading, ruleset, cursor, (family, name), token.at),
            "set" | "map" => {
                let title = cursor.next(reading).map(|token| token.text).unwrap_or_default();
                let statement = cursor.statement();
                statement.iter().for_each(|token| reading.settle(token.at, Fate::Understood));
                let named = Named::read(reading, &statement, token.at);
                ruleset.open(family, name).sets.insert(title, named);
            }
            // Objects that only count, and what a table says of itself.
            "counter" | "quota" | "limit" | "flowtable" | "comment" | "flags" | "synproxy" | "secmark" => {
                cursor.statement().iter().for_each(|token| reading.settle(token.at, Fate::Irrelevant));
            }
            _ => {
                reading.unread(token.at, None);
                cursor.statement().iter().for_each(|token| reading.unread(token.at, None));
            }
        }
    }
}

/// `chain NAME { … }`, or `add chain … NAME` alone, which has no rules yet.
pub(super) fn chain(
    reading: &mut Reading,
    ruleset: &mut Ruleset,
    cursor: &mut Cursor,
    (family, table): (&str, &str),
    at: At,
) {
    let name = cursor.next(reading).map(|token| token.text).unwrap_or_default();
    let alone = cursor.tokens.peek().is_none_or(Token::ends);
    if !alone && !cursor.peek_is("{") {
        reading.unread(at, None);
        return;
    }
    let mut chain = match ruleset.open(family, table).chains.remove(&name) {
        Some(known) => known,
        None => {
            ruleset.open(family, table).order.push(name.clone());
            let id = reading.chain(format!("{family} {table} {name}"), at);
            ChainText { id, statements: Vec::new(), base: None, at }
        }
    };
    if alone {
        ruleset.open(family, table).chains.insert(name, chain);
        return;
    }
    cursor.next(reading);
    loop {
        while cursor.tokens.peek().is_some_and(Token::ends) {
            cursor.tokens.next();
        }
        if cursor.peek_is("}") || cursor.tokens.peek().is_none() {
            let closed = cursor.next(reading).is_some();
            if !closed {
                let message = Message::new("チェーンの途中でファイルが終わっています", "the file ends inside a chain");
                reading.problem(cursor.last, message.clone());
                reading.unread(cursor.last, Some(message));
            }
            break;
        }
        let statement = cursor.statement();
        match statement.first().map(|token| token.text.as_str()) {
            Some("type") => {
                chain.base = base(&statement);
                let fate = if chain.base.is_some() { Fate::Understood } else { Fate::Unread };
                statement.iter().for_each(|token| reading.settle(token.at, fate));
                if chain.base.is_none() {
                    reading.unread(statement.first().map_or(at, |token| token.at), None);
                }
            }
            Some("policy") => {
                let policy = match statement.get(1).map(|token| token.text.as_str()) {
                    Some("drop") => Default::Drop,
                    Some("accept") => Default::Accept,
                    _ => Default::Unread,
                };
                if let Some(base) = &mut chain.base {
                    base.policy = policy;
                    base.at = statement.first().map_or(at, |token| token.at);
                }
                let fate = if policy == Default::Unread { Fate::Unread } else { Fate::Understood };
                statement.iter().for_each(|token| reading.settle(token.at, fate));
            }
            Some("comment") => statement.iter().for_each(|token| reading.settle(token.at, Fate::Irrelevant)),
            Some(_) => chain.statements.push(statement),
            None => {}
        }
    }
    ruleset.open(family, table).chains.insert(name, chain);
}

/// `type KIND hook HOOK [device …] priority P`
fn base(statement: &[Token]) -> Option<Base> {
    let words: Vec<&str> = statement.iter().map(|token| token.text.as_str()).collect();
    let ["type", kind, "hook", hook, "priority", priority @ ..] = words.as_slice() else { return None };
    let priority = priority.concat();
    let at = statement.first()?.at;
    Some(Base {
        kind: (*kind).to_owned(),
        hook: (*hook).to_owned(),
        priority: number(&priority),
        policy: Default::Accept,
        at,
    })
}

/// `-100`, `filter`, `dstnat + 5`, `srcnat-1`.
fn number(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let cut = text.find(['+', '-']).unwrap_or(text.len());
    let (name, offset) = text.split_at_checked(cut)?;
    let base = match name {
        "raw" => -300,
        "mangle" => -150,
        "dstnat" => -100,
        "filter" => 0,
        "security" => 50,
        "srcnat" => 100,
        _ => return None,
    };
    let offset: i32 = if offset.is_empty() { 0 } else { offset.trim_start_matches('+').parse().ok()? };
    Some(base + offset)
}

impl Ruleset {
    /// Reads the rules, now that all sets are known, and makes the steps.
    pub(super) fn finish(mut self, reading: &mut Reading) {
        let mut steps: Vec<(Hook, i32, usize, Step)> = Vec::new();
        for key in &self.order {
            let Some(table) = self.tables.get_mut(key) else { continue };
            let (family, name) = (key.0.as_str(), key.1.as_str());
            let families: &[Family] = match family {
                "ip" => &[Family::Ip4],
                "ip6" => &[Family::Ip6],
                "inet" => &Family::ALL,
                // ARP is no zone traffic.
                "arp" => {
                    irrelevant(reading, table);
                    continue;
                }
                _ => {
                    unread(reading, table);
                    continue;
                }
            };
            let ids: BTreeMap<String, ChainId> =
                table.chains.iter().map(|(name, chain)| (name.clone(), chain.id)).collect();
            for chain in table.order.iter().filter_map(|name| table.chains.get(name)) {
                let scope = rule::Scope { families, chains: &ids, sets: &table.sets, table: name };
                let nat = chain.base.as_ref().is_some_and(|base| base.kind == "nat");
                for statement in &chain.statements {
                    rule::read(reading, &scope, chain.id, nat, statement);
                }
                if let Some(base) = &chain.base {
                    let order = steps.len();
                    steps.extend(
                        step(reading, families, chain, base).map(|(priority, step)| (step.hook, priority, order, step)),
                    );
                }
            }
            for &family in families {
                reading.speaks_of(family);
            }
        }
        steps.sort_by_key(|(hook, priority, order, _)| (*hook, *priority, *order));
        reading.device.steps.extend(steps.into_iter().map(|(.., step)| step));
    }
}

fn irrelevant(reading: &mut Reading, table: &Table) {
    for token in table.chains.values().flat_map(|chain| &chain.statements).flatten() {
        reading.settle(token.at, Fate::Irrelevant);
    }
}

fn unread(reading: &mut Reading, table: &Table) {
    for chain in table.chains.values() {
        reading.unread(
            chain.at,
            Some(Message::new("この種類の表は解釈できません", "tables of this family are not understood")),
        );
        for token in chain.statements.iter().flatten() {
            reading.unread(token.at, None);
        }
    }
}

fn step(reading: &mut Reading, families: &[Family], chain: &ChainText, base: &Base) -> Option<(i32, Step)> {
    let hook = match base.hook.as_str() {
        "prerouting" => Hook::Ingress,
        "forward" => Hook::Forward,
        "postrouting" => Hook::Egress,
        "input" => Hook::Input,
        "output" => Hook::Output,
        _ => {
            reading.unread(base.at, None);
            return None;
        }
    };
    if !matches!(base.kind.as_str(), "filter" | "nat" | "route") || base.priority.is_none() {
        reading.unread(base.at, None);
    }
    let mut guard = Vec::new();
    if let [family] = families {
        guard.push(Condition::family(*family));
    }
    if base.kind == "nat" {
        guard.push(Condition::state(&[State::New]));
    }
    let decides = base.kind == "filter" && matches!(hook, Hook::Forward | Hook::Input | Hook::Output);
    let step = Step { hook, guard, chain: chain.id, default: base.policy, default_at: base.at, decides };
    Some((base.priority.unwrap_or(0), step))
}
