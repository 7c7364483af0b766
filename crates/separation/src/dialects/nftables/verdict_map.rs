//! Verdict maps: one rule for every element.

use super::key::Key;
use super::rule::Parser;
use super::set::{self, Element};
use crate::ir::{Action, Condition, Rule};
use crate::reading::Reading;
use crate::source::Message;

impl Parser<'_, '_> {
    /// `vmap { key : verdict, … }` or `vmap @map`.
    pub(super) fn verdict_map(&mut self, reading: &mut Reading, keys: &[Key]) -> bool {
        let implied: Vec<Condition> = keys.iter().flat_map(|key| key.implied()).collect();
        let elements = match self.peek() {
            Some(token) if token.text.starts_with('@') && !token.quoted => {
                self.next += 1;
                self.scope
                    .sets
                    .get(token.text.trim_start_matches('@'))
                    .filter(|set| !set.uncertain)
                    .map(|set| set.elements.clone())
            }
            Some(token) if token.is("{") => {
                let (elements, used) = set::elements(self.tokens.get(self.next..).unwrap_or_default());
                self.next += used;
                elements
            }
            _ => None,
        };
        self.when.extend(implied);
        let base = self.when.clone();
        let rules = elements.and_then(|elements| self.map_rules(keys, &elements));
        match rules {
            None => {
                let message = Message::new("この vmap を解釈できません", "this vmap is not understood");
                reading.problem(self.at, message);
                reading.rule(self.chain, Rule::new(self.at, base, Action::Unread));
            }
            Some(rules) => {
                for (conditions, action) in rules {
                    let when = base.iter().cloned().chain(conditions).collect();
                    reading.rule(self.chain, Rule::new(self.at, when, action));
                }
            }
        }
        self.done = true;
        self.rest();
        true
    }

    fn map_rules(&self, keys: &[Key], elements: &[Element]) -> Option<Vec<(Vec<Condition>, Action)>> {
        let mut out = Vec::new();
        let mut others = Vec::new();
        let mut catch_all = None;
        for element in elements {
            let words: Vec<&str> = element.data.iter().map(|token| token.text.as_str()).collect();
            let action = match words.as_slice() {
                ["accept"] => Action::Accept,
                ["drop"] => Action::Drop,
                ["return"] => Action::Return,
                ["continue"] => Action::Continue,
                ["jump", chain] => Action::Jump(*self.scope.chains.get(*chain)?),
                ["goto", chain] => Action::Goto(*self.scope.chains.get(*chain)?),
                _ => return None,
            };
            if matches!(element.key.as_slice(), [only] if only.is("*")) {
                catch_all = Some(action);
                continue;
            }
            let conditions = set::element_conditions(keys, &element.key)?;
            others.push(conditions.clone());
            out.push((conditions, action));
        }
        out.extend(catch_all.map(|action| (vec![Condition::NoneOf(others)], action)));
        Some(out)
    }
}
