//! Addresses (RFC 5322, section 3.4), and names that pretend to be other addresses.

use super::words;
use crate::formats::html::names_other_host;

/// An address with the name that is shown for it, or a name without an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Mailbox(Mailbox),
    Name(String),
}

/// A name and an address of plain ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) display: String,
    pub(super) local: String,
    pub(super) domain: String,
}

impl Mailbox {
    /// `local@domain`, the local part quoted where it must be.
    pub(super) fn address(&self) -> String {
        let atom = |text: &str| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
            !text.is_empty() && text.bytes().all(fits)
        };
        if self.local.split('.').all(atom) {
            return format!("{}@{}", self.local, self.domain);
        }
        format!("\"{}\"@{}", self.local.replace('\\', "\\\\").replace('"', "\\\""), self.domain)
    }

    /// Whether the shown name names another address, or another host than the address is of.
    pub(super) fn pretends(&self) -> bool {
        let own = self.address().to_lowercase();
        let display = self.display.to_lowercase();
        let display: String = display.chars().map(|c| if c == '＠' { '@' } else { c }).collect();
        let mut words =
            display.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '（' | '）' | ','));
        let is_address =
            |word: &str| word.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
        let other = words.any(|word| is_address(word) && !own.contains(word.trim_matches('.')));
        other || names_other_host(&display, &self.domain.to_lowercase())
    }
}

/// Reads a list of addresses; groups are taken apart. Nothing that stands in it is dropped.
pub(super) fn parse(text: &str) -> Vec<Entry> {
    let mut list = List::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                while let Some(inside) = chars.next() {
                    match inside {
                        '"' => break,
                        '\\' => list.phrase.extend(chars.next()),
                        inside => list.phrase.push(inside),
                    }
                }
            }
            '(' => {
                let mut depth = 1;
                for inside in chars.by_ref() {
                    depth += i32::from(inside == '(') - i32::from(inside == ')');
                    if depth == 0 {
                        break;
                    }
                    list.comment.push(inside);
                }
            }
            '<' => {
                let mut quoted = false;
                for inside in chars.by_ref() {
                    quoted ^= inside == '"';
                    if inside == '>' && !quoted {
                        break;
                    }
                    list.angle.get_or_insert_default().push(inside);
                }
                list.angle.get_or_insert_default();
            }
            ':' if list.angle.is_none() && !list.bare_at => {
                // The beginning of a group; a group of nobody keeps its name.
                while chars.next_if(|next| next.is_whitespace()).is_some() {}
                if matches!(chars.peek(), None | Some(';')) {
                    list.end_as_name();
                } else {
                    list.phrase.clear();
                }
            }
            ',' | ';' => list.end(),
            c => {
                list.bare_at |= c == '@';
                list.phrase.push(c);
            }
        }
    }
    list.end();
    list.entries
}

#[derive(Default)]
struct List {
    entries: Vec<Entry>,
    phrase: String,
    comment: String,
    angle: Option<String>,
    /// An at sign stands in the phrase outside of quotes.
    bare_at: bool,
}

impl List {
    /// A name that has no address, whatever it looks like.
    fn end_as_name(&mut self) {
        let name = shown(&std::mem::take(&mut self.phrase));
        self.clear();
        if !name.is_empty() {
            self.entries.push(Entry::Name(name));
        }
    }

    fn clear(&mut self) {
        *self = Self { entries: std::mem::take(&mut self.entries), ..Self::default() };
    }

    fn end(&mut self) {
        let (phrase, comment, angle) =
            (std::mem::take(&mut self.phrase), std::mem::take(&mut self.comment), self.angle.take());
        self.clear();
        let bare = phrase.trim();
        let found = match &angle {
            Some(angle) => address(angle).map(|found| (if bare.is_empty() { &comment } else { &phrase }, found)),
            None => address(bare).map(|found| (&comment, found)),
        };
        if let Some((display, (local, domain))) = found {
            self.entries.push(Entry::Mailbox(Mailbox { display: shown(display), local, domain }));
            return;
        }
        let rest = angle.filter(|angle| !angle.trim().is_empty()).map_or(String::new(), |angle| format!(" <{angle}>"));
        let name = shown(&format!("{phrase}{rest}"));
        if !name.is_empty() {
            self.entries.push(Entry::Name(name));
        }
    }
}

/// A name as readers see it.
fn shown(text: &str) -> String {
    words::one_line(&words::decode(text).text).0
}

/// The local part and the domain of an address that can be written anew.
fn address(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    // An obsolete route (`@a,@b:x@c`) is not followed.
    let text = if text.starts_with('@') { text.split_once(':')?.1.trim() } else { text };
    let (local, domain) = text.rsplit_once('@')?;
    let (local, domain) = (local.trim(), domain.trim().trim_end_matches('.'));
    let local = match local.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\"").replace("\\\\", "\\"),
        None if local.contains([' ', '<', '>', '"', ',', ';', ':', '\\', '(', ')', '[', ']', '@']) => return None,
        None => local.to_owned(),
    };
    let literal = domain.strip_prefix('[').and_then(|inside| inside.strip_suffix(']'));
    let right = match literal {
        Some(inside) => inside.parse::<std::net::Ipv4Addr>().is_ok(),
        None => is_domain(domain),
    };
    let plain = !local.is_empty() && local.len() <= 128 && local.bytes().all(|b| (0x20..0x7f).contains(&b));
    (plain && right).then(|| (local, domain.to_owned()))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |entry: &Entry| match entry {
            Entry::Mailbox(mailbox) => format!("{}<{}>", mailbox.display, mailbox.address()),
            Entry::Name(name) => format!("{name}:;"),
        };
        parse(text).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for (text, expected) in [
            ("a@b.invalid", "<a@b.invalid>"),
            ("\"山田, 太郎\" <a@b.invalid>, c@d.invalid (総務課)", "山田, 太郎<a@b.invalid> 総務課<c@d.invalid>"),
            ("=?UTF-8?B?6Zai5a6I?= <a@b.invalid>", "関守<a@b.invalid>"),
            ("\"=?UTF-8?B?6Zai5a6I?=\" <a@b.invalid>", "関守<a@b.invalid>"),
            ("a..b.@d.invalid", "<\"a..b.\"@d.invalid>"),
            ("\"a..b.\"@d.invalid", "<\"a..b.\"@d.invalid>"),
            ("各課: a@b.invalid, c@d.invalid;", "<a@b.invalid> <c@d.invalid>"),
            ("undisclosed-recipients:;", "undisclosed-recipients:;"),
            ("総務課各位", "総務課各位:;"),
            ("<>, ", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_that_is_another_address_is_told() {
        let pretends = |text: &str| matches!(&parse(text)[..], [Entry::Mailbox(mailbox)] if mailbox.pretends());
        assert!(pretends("\"kikaku@city.invalid\" <x@evil.invalid>"));
        assert!(pretends("\"kikaku＠city.invalid\" <x@evil.invalid>"));
        assert!(pretends("\"関守市 www.city.invalid\" <x@evil.invalid>"));
        assert!(!pretends("\"x@city.invalid\" <x@city.invalid>"));
        assert!(!pretends("\"山田（企画課）\" <x@city.invalid>"));
    }
}
