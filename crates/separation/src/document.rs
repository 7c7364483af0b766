//! TOML documents of people: typed access that collects every problem with its line, and refuses keys it does not know.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::source::{At, Message, Problem};

/// Greatest size of a claims or network file.
pub const MAX_DOCUMENT_BYTES: usize = 8 << 20;

/// Day as (year, month, day).
pub type Day = (i32, u8, u8);

/// Collects problems while a document is read.
#[derive(Debug)]
pub(crate) struct Problems<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    found: RefCell<Vec<Problem>>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, lines, found: RefCell::new(Vec::new()) }
    }

    pub(crate) fn at(&self, offset: usize) -> At {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        At { file: 0, line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    pub(crate) fn add(&self, at: At, ja: impl Into<String>, en: impl Into<String>) {
        self.found.borrow_mut().push(Problem { at, message: Message::new(ja, en), fatal: true });
    }

    pub(crate) fn into_list(self) -> Vec<Problem> {
        let mut list = self.found.into_inner();
        list.sort_by_key(|problem| problem.at);
        list
    }
}

/// Parses a document; syntax errors become problems and what could be read is still given.
pub(crate) fn parse<'t>(problems: &Problems<'t>) -> Spanned<DeTable<'t>> {
    let (table, errors) = DeTable::parse_recoverable(problems.text);
    for error in errors {
        let at = problems.at(error.span().map_or(0, |span| span.start));
        let text = error.message().to_owned();
        problems.add(at, format!("TOMLの書き方が正しくありません: {text}"), format!("this is no valid TOML: {text}"));
    }
    table
}

/// One table while it is read; every key must be asked for, or [`Table::finish`] reports it.
#[derive(Debug)]
pub(crate) struct Table<'d, 't> {
    table: &'d DeTable<'t>,
    problems: &'d Problems<'t>,
    /// Where the table begins.
    pub(crate) at: At,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'d, 't> Table<'d, 't> {
    pub(crate) fn new(table: &'d DeTable<'t>, problems: &'d Problems<'t>, at: At) -> Self {
        Self { table, problems, at, asked: RefCell::default() }
    }

    /// The value of a key and where it stands.
    pub(crate) fn get(&self, key: &'static str) -> Option<(&'d DeValue<'t>, At)> {
        self.asked.borrow_mut().insert(key);
        let value = self.table.get(key)?;
        Some((value.get_ref(), self.problems.at(value.span().start)))
    }

    /// The tables of `[[key]]`.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Table<'d, 't>> {
        let Some((value, at)) = self.get(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            self.wrong(at, key, "[[…]]");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in array.iter() {
            let at = self.problems.at(item.span().start);
            match item.get_ref().as_table() {
                Some(table) => out.push(Table::new(table, self.problems, at)),
                None => self.wrong(at, key, "[[…]]"),
            }
        }
        out
    }

    fn wrong(&self, at: At, key: &str, wanted: &str) {
        self.problems.add(
            at,
            format!("「{key}」は{wanted}でなければなりません"),
            format!("\"{key}\" must be {wanted}"),
        );
    }

    /// A text.
    pub(crate) fn text(&self, key: &'static str) -> Option<(&'d str, At)> {
        let (value, at) = self.get(key)?;
        if value.as_str().is_none() {
            self.wrong(at, key, "\"…\"");
        }
        Some((value.as_str()?, at))
    }

    /// A text that must be there.
    pub(crate) fn required(&self, key: &'static str) -> Option<(&'d str, At)> {
        if self.get(key).is_none() {
            self.problems.add(self.at, format!("「{key}」がありません"), format!("\"{key}\" is missing"));
        }
        self.text(key)
    }

    /// A yes or no; no when absent.
    pub(crate) fn flag(&self, key: &'static str) -> bool {
        let Some((value, at)) = self.get(key) else { return false };
        if value.as_bool().is_none() {
            self.wrong(at, key, "true / false");
        }
        value.as_bool().unwrap_or(false)
    }

    /// A list of texts or whole numbers, as texts.
    pub(crate) fn list(&self, key: &'static str) -> Option<Vec<(String, At)>> {
        let (value, at) = self.get(key)?;
        let Some(array) = value.as_array() else {
            self.wrong(at, key, "[\"…\", …]");
            return Some(Vec::new());
        };
        let mut out = Vec::new();
        for item in array.iter() {
            let at = self.problems.at(item.span().start);
            match item.get_ref() {
                DeValue::String(text) => out.push((text.to_string(), at)),
                DeValue::Integer(number) if number.radix() == 10 => out.push((number.as_str().to_owned(), at)),
                _ => self.wrong(at, key, "[\"…\", …]"),
            }
        }
        Some(out)
    }

    /// A day such as 2027-03-31.
    pub(crate) fn day(&self, key: &'static str) -> Option<Day> {
        let (value, at) = self.get(key)?;
        let date = match value {
            DeValue::Datetime(datetime) if datetime.time.is_none() => datetime.date,
            DeValue::String(text) => {
                text.parse::<toml::value::Datetime>().ok().filter(|day| day.time.is_none()).and_then(|day| day.date)
            }
            _ => None,
        };
        if date.is_none() {
            self.wrong(at, key, "2027-03-31");
        }
        date.map(|date| (i32::from(date.year), date.month, date.day))
    }

    /// The keys and values of a table in this table.
    pub(crate) fn pairs(&self, key: &'static str) -> Vec<(String, String, At)> {
        let Some((value, at)) = self.get(key) else { return Vec::new() };
        let Some(table) = value.as_table() else {
            self.wrong(at, key, "{ name = \"…\" }");
            return Vec::new();
        };
        let mut out = Vec::new();
        for (name, value) in table {
            let at = self.problems.at(value.span().start);
            match value.get_ref().as_str() {
                Some(text) => out.push((name.get_ref().to_string(), text.to_owned(), at)),
                None => self.wrong(at, key, "{ name = \"…\" }"),
            }
        }
        out
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(name) {
                let known = asked.iter().copied().collect::<Vec<_>>().join(", ");
                self.problems.add(
                    self.problems.at(key.span().start),
                    format!("「{name}」という項目はありません。使えるもの: {known}"),
                    format!("there is no key \"{name}\" here; those that are: {known}"),
                );
            }
        }
    }
}
