//! TOML tables with their places: each getter says what is wrong and goes on with what it can.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::item::Item;
use crate::diagnostic::Diagnostic;
use crate::model::{Period, Site, Text};
use crate::report::{Kind, Report};
use crate::suggest;

/// A file that is being read, and where to report.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: &'a Arc<str>,
    /// Bytes of the file before the text that was parsed (BOM, or the fence of front matter).
    pub(super) base: usize,
    pub(super) report: &'a Report,
    /// Whether texts without English are noted.
    pub(super) english: bool,
}

impl Place<'_> {
    pub(super) fn site(&self, span: &Range<usize>) -> Site {
        Site { file: self.file.clone(), start: span.start + self.base, end: span.end + self.base }
    }
}

/// A word of the pack and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) site: Site,
}

/// A table, and the keys that were asked for so far.
pub(super) struct Table<'a> {
    pub(super) place: Place<'a>,
    map: &'a DeTable<'a>,
    /// Where to point when something is missing.
    pub(super) site: Site,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(place: Place<'a>, map: &'a DeTable<'a>, site: Site) -> Self {
        Self { place, map, site, known: RefCell::new(Vec::new()) }
    }

    /// The table of a whole file.
    pub(super) fn of_file(place: Place<'a>, root: &'a Spanned<DeTable<'a>>) -> Self {
        Self::new(place, root.get_ref(), place.site(&(0..0)))
    }

    pub(super) fn report(&self) -> &'a Report {
        self.place.report
    }

    pub(super) fn get(&self, key: &'static str) -> Option<Item<'a>> {
        self.known.borrow_mut().push(key);
        self.map.get_key_value(key).map(|(k, v)| Item::new(self.place, k, v))
    }

    /// The value, or an error that it is missing.
    pub(super) fn need(&self, key: &'static str) -> Option<Item<'a>> {
        let item = self.get(key);
        if item.is_none() {
            self.report().add(
                Diagnostic::error(
                    "key-missing",
                    self.site.clone(),
                    format!("「{key}」がありません"),
                    format!("'{key}' is missing"),
                )
                .help(format!("「{key} = …」を書き足してください"), format!("add `{key} = …`"))
                .names([key]),
            );
        }
        item
    }

    pub(super) fn text(&self, key: &'static str) -> Option<Text> {
        self.get(key).and_then(|item| item.text())
    }

    pub(super) fn need_text(&self, key: &'static str) -> Text {
        self.need(key).and_then(|item| item.text()).unwrap_or_default()
    }

    pub(super) fn word(&self, key: &'static str) -> Option<Word> {
        self.get(key).and_then(|item| item.word())
    }

    pub(super) fn need_word(&self, key: &'static str) -> Option<Word> {
        self.need(key).and_then(|item| item.word())
    }

    /// A string that may be left out.
    pub(super) fn string(&self, key: &'static str) -> Option<String> {
        self.word(key).map(|word| word.text)
    }

    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        self.get(key).and_then(|item| item.flag()).unwrap_or(default)
    }

    pub(super) fn count(&self, key: &'static str) -> Option<u32> {
        let item = self.get(key)?;
        let value = item.int()?;
        let count = u32::try_from(value).ok();
        if count.is_none() {
            item.invalid("value-invalid", "0 から 4294967295 までの整数", "a whole number from 0 to 4294967295");
        }
        count
    }

    /// A list of words; a single word counts as a list of one.
    pub(super) fn words(&self, key: &'static str) -> Vec<Word> {
        self.get(key).map(|item| item.words()).unwrap_or_default()
    }

    pub(super) fn need_words(&self, key: &'static str) -> Vec<Word> {
        self.need(key).map(|item| item.words()).unwrap_or_default()
    }

    /// A list of names of things that have to exist.
    pub(super) fn names(&self, key: &'static str, kind: &Kind) -> Vec<String> {
        self.words(key).into_iter().map(|word| self.refer(word, kind)).collect()
    }

    /// The name of something that has to exist.
    pub(super) fn name(&self, key: &'static str, kind: &Kind) -> Option<String> {
        self.word(key).map(|word| self.refer(word, kind))
    }

    pub(super) fn need_name(&self, key: &'static str, kind: &Kind) -> Option<String> {
        self.need_word(key).map(|word| self.refer(word, kind))
    }

    fn refer(&self, word: Word, kind: &Kind) -> String {
        self.report().refer(kind.clone(), word.text.clone(), word.site);
        word.text
    }

    /// One of a closed set of words.
    pub(super) fn one_of<T: Copy>(&self, key: &'static str, allowed: &[(&str, T)]) -> Option<T> {
        self.get(key).and_then(|item| item.one_of(allowed))
    }

    pub(super) fn need_one_of<T: Copy>(&self, key: &'static str, allowed: &[(&str, T)]) -> Option<T> {
        self.need(key).and_then(|item| item.one_of(allowed))
    }

    /// Words, each of a closed set.
    pub(super) fn words_of(&self, key: &'static str, allowed: &[&str]) -> Vec<String> {
        let pairs: Vec<_> = allowed.iter().map(|word| (*word, *word)).collect();
        let items = self.get(key).map(|item| item.items()).unwrap_or_default();
        items.iter().filter_map(|item| item.one_of(&pairs)).map(str::to_owned).collect()
    }

    pub(super) fn period(&self, key: &'static str) -> Option<Period> {
        self.get(key).and_then(|item| item.period())
    }

    pub(super) fn need_period(&self, key: &'static str) -> Period {
        self.need(key).and_then(|item| item.period()).unwrap_or(Period::Years(1))
    }

    /// The tables of `[[key]]`.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let items = self.get(key).map(|item| item.array()).unwrap_or_default();
        items.into_iter().filter_map(|item| item.table()).collect()
    }

    pub(super) fn table(&self, key: &'static str) -> Option<Table<'a>> {
        self.get(key).and_then(|item| item.table())
    }

    /// The entries of `[key]`, in the order of the file, with each entry's key as a word.
    pub(super) fn entries(&self, key: &'static str) -> Vec<(Word, Item<'a>)> {
        self.table(key).map(|table| table.all()).unwrap_or_default()
    }

    /// All entries of this table.
    pub(super) fn all(&self) -> Vec<(Word, Item<'a>)> {
        self.map
            .iter()
            .map(|(key, value)| {
                let item = Item::new(self.place, key, value);
                (Word { text: key.get_ref().to_string(), site: self.place.site(&key.span()) }, item)
            })
            .collect()
    }

    /// Reports keys that nothing asked for.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for (key, _) in self.map {
            let word = key.get_ref().as_ref();
            if known.contains(&word) {
                continue;
            }
            let list = suggest::line(known.iter().copied());
            let mut diagnostic = Diagnostic::error(
                "key-unknown",
                self.place.site(&key.span()),
                format!("ここに「{word}」という項目はありません"),
                format!("there is no key '{word}' here"),
            )
            .expected(list.clone(), list)
            .names([word]);
            if let Some(near) = suggest::nearest(word, known.iter().copied()) {
                diagnostic = diagnostic.help(format!("「{near}」ではありませんか"), format!("did you mean '{near}'?"));
            } else {
                diagnostic = diagnostic.help(
                    "この行を消すか、上の項目のいずれかにしてください",
                    "take it out, or use one of the keys above",
                );
            }
            self.report().add(diagnostic);
        }
    }
}

/// What kind of TOML value it is, in both languages.
pub(super) fn kind_of(value: &DeValue<'_>) -> (&'static str, &'static str) {
    match value {
        DeValue::String(_) => ("文字列", "a string"),
        DeValue::Integer(_) => ("整数", "a whole number"),
        DeValue::Float(_) => ("小数", "a number with a fraction"),
        DeValue::Boolean(_) => ("true/false", "true or false"),
        DeValue::Datetime(_) => ("日付", "a date"),
        DeValue::Array(_) => ("並び [ ]", "a list"),
        DeValue::Table(_) => ("表 { }", "a table"),
    }
}
