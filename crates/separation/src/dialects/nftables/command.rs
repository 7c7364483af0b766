//! Commands one by one: `add rule …`, `insert rule …`, `add chain …`, `add set …`, `add element …`, with or without `nft` before.

use super::lex::Token;
use super::set::{self, Named};
use super::structure::{Cursor, Ruleset, chain};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

const FAMILIES: [&str; 6] = ["ip", "ip6", "inet", "arp", "bridge", "netdev"];

/// Whether `add WORD` or `insert WORD` is a command of this kind.
pub(super) fn is_object(word: &Token) -> bool {
    ["rule", "chain", "set", "map", "element"].iter().any(|known| word.is(known))
}

/// Reads the command whose object is `word`.
pub(super) fn read(reading: &mut Reading, ruleset: &mut Ruleset, cursor: &mut Cursor, word: &Token, insert: bool) {
    if word.is("chain") {
        let (family, table) = place(reading, cursor);
        if !known(reading, ruleset, (&family, &table), word.at) {
            unread(reading, word.at, &cursor.statement());
            return;
        }
        chain(reading, ruleset, cursor, (&family, &table), word.at);
        return;
    }
    let statement = cursor.statement();
    let (family, rest) = match statement.split_first() {
        Some((first, rest)) if FAMILIES.contains(&first.text.as_str()) => (first.text.as_str(), rest),
        _ => ("ip", statement.as_slice()),
    };
    let [table, name, body @ ..] = rest else {
        unread(reading, word.at, &statement);
        return;
    };
    let understood = known(reading, ruleset, (family, &table.text), word.at)
        && match word.text.as_str() {
            "rule" => rule(ruleset, (family, &table.text, &name.text), body, insert),
            "element" => elements(ruleset, (family, &table.text, &name.text), body),
            _ => {
                let named = Named::read(reading, body, word.at);
                let sets = &mut ruleset.open(family, &table.text).sets;
                match sets.get_mut(&name.text) {
                    // Adding a set that is there changes nothing but its elements.
                    Some(before) => {
                        before.elements.extend(named.elements);
                        before.uncertain |= named.uncertain;
                    }
                    None => drop(sets.insert(name.text.clone(), named)),
                }
                true
            }
        };
    if !understood {
        unread(reading, word.at, &statement);
    } else if !word.is("rule") {
        statement.iter().for_each(|token| reading.settle(token.at, Fate::Understood));
    }
}

/// `[FAMILY] TABLE`
fn place(reading: &mut Reading, cursor: &mut Cursor) -> (String, String) {
    let first = cursor.next(reading).map(|token| token.text).unwrap_or_default();
    if FAMILIES.contains(&first.as_str()) {
        (first, cursor.next(reading).map(|token| token.text).unwrap_or_default())
    } else {
        ("ip".to_owned(), first)
    }
}

fn known(reading: &mut Reading, ruleset: &Ruleset, (family, table): (&str, &str), at: At) -> bool {
    let known = ruleset.tables.contains_key(&(family.to_owned(), table.to_owned()));
    if !known {
        let message = Message::new(
            format!("表「{family} {table}」がありません"),
            format!("there is no table \"{family} {table}\""),
        );
        reading.problem(at, message);
    }
    known
}

fn rule(ruleset: &mut Ruleset, (family, table, name): (&str, &str, &str), body: &[Token], insert: bool) -> bool {
    // Where a handle or an index stands is not in the file.
    let placed = body.first().is_none_or(|first| ["position", "handle", "index"].iter().any(|word| first.is(word)));
    let Some(chain) = ruleset.open(family, table).chains.get_mut(name).filter(|_| !placed) else { return false };
    let at = if insert { 0 } else { chain.statements.len() };
    chain.statements.insert(at, body.to_vec());
    true
}

fn elements(ruleset: &mut Ruleset, (family, table, name): (&str, &str, &str), body: &[Token]) -> bool {
    let Some(named) = ruleset.open(family, table).sets.get_mut(name) else { return false };
    match set::elements(body) {
        (Some(elements), used) if used == body.len() => {
            named.elements.extend(elements);
            true
        }
        _ => {
            named.uncertain = true;
            false
        }
    }
}

fn unread(reading: &mut Reading, at: At, statement: &[Token]) {
    reading.unread(at, None);
    statement.iter().for_each(|token| reading.unread(token.at, None));
}
