//! One rule: its matches and statements, from left to right.

use std::collections::BTreeMap;

use super::key::{Key, flag};
use super::lex::Token;
use super::set::{self, Element, Named};
use super::translate;
use crate::address::Family;
use crate::intervals::Intervals;
use crate::ir::{Action, ChainId, Condition, Field, Rule};
use crate::reading::Reading;
use crate::source::{At, Message};

/// What a rule can refer to.
pub(super) struct Scope<'a> {
    pub(super) families: &'a [Family],
    pub(super) chains: &'a BTreeMap<String, ChainId>,
    pub(super) sets: &'a BTreeMap<String, Named>,
    pub(super) table: &'a str,
}

/// A rule while it is read.
pub(super) struct Parser<'a, 't> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) tokens: &'t [Token],
    pub(super) next: usize,
    pub(super) when: Vec<Condition>,
    pub(super) chain: ChainId,
    pub(super) at: At,
    /// Whether a verdict or a map of verdicts was pushed.
    pub(super) done: bool,
}

/// Reads a statement of a chain into rules.
pub(super) fn read(reading: &mut Reading, scope: &Scope<'_>, chain: ChainId, nat: bool, tokens: &[Token]) {
    let Some(first) = tokens.first() else { return };
    let mut when = Vec::new();
    if let [family] = scope.families {
        when.push(Condition::family(*family));
    }
    let mut parser = Parser { scope, tokens, next: 0, when, chain, at: first.at, done: false };
    while parser.next < tokens.len() && !parser.done {
        let before = parser.next;
        if !parser.statement(reading, nat) {
            parser.not_understood(reading, before);
        }
    }
    if !parser.done {
        let when = std::mem::take(&mut parser.when);
        reading.rule(chain, Rule::new(parser.at, when, Action::Continue));
    }
    let unread = reading.fate(first.at) == Some(crate::source::Fate::Unread);
    let fate = if unread { crate::source::Fate::Unread } else { crate::source::Fate::Understood };
    tokens.iter().for_each(|token| reading.settle(token.at, fate));
}

impl<'t> Parser<'_, 't> {
    pub(super) fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.next)
    }

    pub(super) fn take(&mut self) -> Option<&'t Token> {
        let token = self.peek()?;
        self.next += 1;
        Some(token)
    }

    fn take_if(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(text));
        self.next += usize::from(found);
        found
    }

    /// Everything up to the end of the rule.
    pub(super) fn rest(&mut self) -> &'t [Token] {
        let rest = self.tokens.get(self.next..).unwrap_or_default();
        self.next = self.tokens.len();
        rest
    }

    fn end(&mut self, reading: &mut Reading, action: Action) {
        self.done = true;
        let when = std::mem::take(&mut self.when);
        reading.rule(self.chain, Rule::new(self.at, when, action));
    }

    /// Something in the rule is not understood: it may match or not. What the rule does is looked for behind it.
    fn not_understood(&mut self, reading: &mut Reading, from: usize) {
        let word = self.tokens.get(from).map_or("", |token| token.text.as_str());
        let at = self.tokens.get(from).map_or(self.at, |token| token.at);
        reading.problem(
            at,
            Message::new(format!("「{word}」を解釈できません"), format!("\"{word}\" is not understood here")),
        );
        self.when.push(Condition::Unread);
        let mut depth = 0u32;
        self.next = from + 1;
        while let Some(token) = self.peek() {
            let verdict = matches!(
                token.text.as_str(),
                "accept" | "drop" | "reject" | "jump" | "goto" | "return" | "snat" | "dnat" | "masquerade" | "redirect"
            );
            if depth == 0 && verdict && !token.quoted {
                return;
            }
            if token.is("{") {
                depth += 1;
            } else if token.is("}") {
                depth = depth.saturating_sub(1);
            }
            self.next += 1;
        }
        // No plain verdict: a map or a statement that is not known may do anything.
        self.end(reading, Action::Unread);
    }

    /// Reads one match or statement; false when it is not understood.
    fn statement(&mut self, reading: &mut Reading, nat: bool) -> bool {
        let Some(token) = self.peek() else { return false };
        if token.quoted {
            return false;
        }
        let keys_here: Vec<&str> =
            self.tokens.get(self.next..).unwrap_or_default().iter().take(2).map(|token| token.text.as_str()).collect();
        if Key::read(&keys_here).is_some() {
            return self.matching(reading);
        }
        self.next += 1;
        match token.text.as_str() {
            "accept" => self.end(reading, Action::Accept),
            "drop" => self.end(reading, Action::Drop),
            "return" => self.end(reading, Action::Return),
            "continue" => {}
            "reject" => {
                self.rest();
                self.end(reading, Action::Reject);
            }
            "jump" | "goto" => return self.jump(reading, token),
            "counter" => self.counter(),
            "comment" => {
                self.take();
            }
            "log" => self.log(),
            "limit" => {
                self.limit();
                self.when.push(Condition::Sometimes);
            }
            "quota" => {
                self.skip_plain();
                self.when.push(Condition::Sometimes);
            }
            "notrack" => self.end(reading, Action::NoTrack),
            "snat" | "dnat" | "masquerade" | "redirect" => {
                let (action, understood) = translate::read(self, &token.text, nat);
                if !understood {
                    self.when.push(Condition::Unread);
                }
                self.end(reading, action);
            }
            "meta" | "ct" => return self.setting(reading, token),
            // Offloads connections that are established already.
            "flow" => self.skip_plain(),
            "add" | "update" if self.peek().is_some_and(|token| token.text.starts_with('@')) => return self.dynamic(),
            _ => {
                self.next -= 1;
                return false;
            }
        }
        true
    }

    fn jump(&mut self, reading: &mut Reading, token: &Token) -> bool {
        let Some(name) = self.take() else { return false };
        match self.scope.chains.get(&name.text) {
            Some(&chain) => {
                let action = if token.is("jump") { Action::Jump(chain) } else { Action::Goto(chain) };
                self.end(reading, action);
            }
            None => {
                let (name, table) = (&name.text, self.scope.table);
                let message = Message::new(
                    format!("チェーン「{name}」が表「{table}」にありません"),
                    format!("there is no chain \"{name}\" in the table \"{table}\""),
                );
                reading.problem(token.at, message);
                self.end(reading, Action::Unread);
            }
        }
        true
    }

    fn counter(&mut self) {
        if self.take_if("name") {
            self.take();
        }
        while self.take_if("packets") || self.take_if("bytes") {
            self.take();
        }
    }

    fn log(&mut self) {
        loop {
            if ["prefix", "level", "group", "snaplen", "queue-threshold"].iter().any(|option| self.take_if(option)) {
                self.take();
            } else if self.take_if("flags") {
                self.take();
                while self.peek().is_some_and(|token| matches!(token.text.as_str(), "sequence" | "options"))
                    || self.take_if(",")
                {
                    self.take();
                }
            } else {
                return;
            }
        }
    }

    fn limit(&mut self) {
        if self.take_if("name") {
            self.take();
            return;
        }
        self.take_if("rate");
        self.take_if("over");
        // `5/second`, or `10 mbytes/second`.
        self.take();
        if self.peek().is_some_and(|token| token.text.contains("bytes/")) {
            self.take();
        }
        if self.take_if("burst") {
            self.take();
            if self.peek().is_some_and(|token| token.is("packets") || token.text.ends_with("bytes")) {
                self.take();
            }
        }
    }

    /// Passes over words up to one that starts something known.
    fn skip_plain(&mut self) {
        while let Some(token) = self.peek() {
            if matches!(
                token.text.as_str(),
                "accept" | "drop" | "reject" | "jump" | "goto" | "return" | "counter" | "log" | "comment"
            ) && !token.quoted
            {
                return;
            }
            self.next += 1;
        }
    }

    /// `meta mark set …`, `ct mark set …`: marks matter only where a rule asks for them, and such a rule is unread.
    /// `ct helper set` makes `related` mean new connections, which are not followed.
    fn setting(&mut self, reading: &mut Reading, token: &Token) -> bool {
        let name = self.peek().map_or("", |token| token.text.as_str());
        let sets = self.tokens.get(self.next + 1).is_some_and(|token| token.is("set"));
        match (token.text.as_str(), name) {
            ("meta", "mark" | "priority" | "nftrace" | "secmark") | ("ct", "mark" | "label" | "secmark" | "event")
                if sets =>
            {
                self.skip_plain();
                true
            }
            ("meta", "hour" | "day" | "time") | ("ct", "count") => {
                self.next += 1;
                while self.peek().is_some_and(|token| {
                    token.quoted
                        || !matches!(
                            token.text.as_str(),
                            "accept" | "drop" | "reject" | "jump" | "goto" | "return" | "counter" | "log" | "comment"
                        ) && Key::read(&[&token.text]).is_none()
                }) {
                    self.next += 1;
                }
                self.when.push(Condition::Sometimes);
                true
            }
            ("ct", "helper") if sets => {
                let message = Message::new(
                    "ct helper は解釈できません（related が新しい通信になり得ます）",
                    "a ct helper is not followed: related may be new connections",
                );
                reading.problem(token.at, message.clone());
                reading.unread(token.at, Some(message));
                self.skip_plain();
                true
            }
            _ => {
                self.next -= 1;
                false
            }
        }
    }

    /// `add @set { … }`: the set is uncertain already, because its flags say that it changes.
    fn dynamic(&mut self) -> bool {
        self.take();
        if !self.take_if("{") {
            return false;
        }
        while let Some(token) = self.take() {
            if token.is("}") {
                return true;
            }
        }
        false
    }

    /// `KEY [. KEY …] [OP] VALUE`
    fn matching(&mut self, reading: &mut Reading) -> bool {
        let start = self.next;
        let mut keys = Vec::new();
        loop {
            let words: Vec<&str> = self
                .tokens
                .get(self.next..)
                .unwrap_or_default()
                .iter()
                .take(2)
                .map(|token| token.text.as_str())
                .collect();
            let Some((key, used)) = Key::read(&words) else {
                self.next = start;
                return false;
            };
            keys.push(key);
            self.next += used;
            if !self.take_if(".") {
                break;
            }
        }
        if self.take_if("vmap") {
            return self.verdict_map(reading, &keys);
        }
        let Some(condition) = self.comparison(&keys) else {
            self.next = start;
            return false;
        };
        self.when.extend(keys.iter().flat_map(|key| key.implied()));
        self.when.push(condition);
        true
    }

    fn comparison(&mut self, keys: &[Key]) -> Option<Condition> {
        if keys == [Key::Flags] {
            return self.flags();
        }
        let negated = self.take_if("!=") || self.take_if("ne") || self.take_if("!");
        let less = self.take_if("<") || self.take_if("lt");
        let less_equal = !less && (self.take_if("<=") || self.take_if("le"));
        let more = self.take_if(">") || self.take_if("gt");
        let more_equal = !more && (self.take_if(">=") || self.take_if("ge"));
        if !negated {
            let _ = self.take_if("==") || self.take_if("eq");
        }
        if less || less_equal || more || more_equal {
            let [key] = keys else { return None };
            let (field, max) = key.field()?;
            let limit: u128 = self.take()?.text.parse().ok()?;
            let set = match (less, less_equal, more) {
                (true, ..) => Intervals::range(0, limit.checked_sub(1)?),
                (_, true, _) => Intervals::range(0, limit.min(max)),
                (.., true) => Intervals::range(limit.checked_add(1)?, max),
                _ => Intervals::range(limit, max),
            };
            return Some(Condition::In(field, set));
        }
        let token = self.peek()?;
        if let Some(name) = token.text.strip_prefix('@').filter(|_| !token.quoted) {
            self.next += 1;
            let set = self.scope.sets.get(name).filter(|set| !set.uncertain)?;
            return set::membership(keys, &set.elements, negated);
        }
        if token.is("{") {
            let (elements, used) = set::elements(self.tokens.get(self.next..)?);
            self.next += used;
            return set::membership(keys, &elements?, negated);
        }
        // `ct state established,related` and `10.0.0.1 . 80`.
        let mut elements = Vec::new();
        loop {
            let mut words = vec![self.take()?.clone()];
            while keys.len() > 1 && self.take_if(".") {
                words.push(Token { text: ".".to_owned(), quoted: false, at: self.at });
                words.push(self.take()?.clone());
            }
            elements.push(Element { key: words, data: Vec::new() });
            if !self.take_if(",") {
                break;
            }
        }
        set::membership(keys, &elements, negated)
    }

    /// TCP flags: `syn` (any of), `== syn` (exactly), `& (a|b) == c`, `c / a,b`, `! syn`, `{ syn, syn | ack }`.
    fn flags(&mut self) -> Option<Condition> {
        if self.take_if("!") {
            let bits = self.flag_list()?;
            return Some(Condition::tcp_flags(bits, 0));
        }
        if self.take_if("&") {
            let mask = self.flag_list()?;
            let negated = self.take_if("!=");
            if !negated && !self.take_if("==") {
                return None;
            }
            let value = self.flag_list()?;
            return Some(Condition::flags_where(|flags| (flags & mask == value) != negated));
        }
        let exact = self.take_if("==");
        let negated = !exact && self.take_if("!=");
        if self.peek()?.is("{") {
            let (elements, used) = set::elements(self.tokens.get(self.next..)?);
            self.next += used;
            return set::membership(&[Key::Flags], &elements?, negated);
        }
        let bits = self.flag_list()?;
        if self.take_if("/") {
            let mask = self.flag_list()?;
            return Some(Condition::flags_where(|flags| (flags & mask == bits) != negated));
        }
        Some(match (exact, negated) {
            (true, _) => Condition::In(Field::TcpFlags, Intervals::one(bits.into())),
            (_, true) => Condition::In(Field::TcpFlags, Intervals::one(bits.into()).complement(255)),
            _ => Condition::flags_where(|flags| flags & bits != 0),
        })
    }

    /// `syn`, `syn,ack`, `syn | ack`, `(syn | ack)`, `0x2`.
    fn flag_list(&mut self) -> Option<u8> {
        let open = self.take_if("(");
        let mut bits = 0;
        loop {
            bits |= flag(&self.take()?.text)?;
            if !self.take_if("|") && !self.take_if(",") {
                break;
            }
        }
        (!open || self.take_if(")")).then_some(bits)
    }
}
