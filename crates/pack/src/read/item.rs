//! One TOML value with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::table::{Place, Table, Word, kind_of};
use crate::diagnostic::Diagnostic;
use crate::expr::Day;
use crate::model::{Period, Site, Text};
use crate::report::Kind;
use crate::suggest;

/// Longest text of a label or sentence, in characters.
const MAX_TEXT: usize = 4000;

/// A value, and the key that it stands under.
#[derive(Clone)]
pub(super) struct Item<'a> {
    place: Place<'a>,
    key: &'a str,
    key_span: Range<usize>,
    value: &'a DeValue<'a>,
    span: Range<usize>,
}

impl<'a> Item<'a> {
    pub(super) fn new(place: Place<'a>, key: &'a Spanned<DeString<'a>>, value: &'a Spanned<DeValue<'a>>) -> Self {
        Self { place, key: key.get_ref(), key_span: key.span(), value: value.get_ref(), span: value.span() }
    }

    fn element(&self, value: &'a Spanned<DeValue<'a>>) -> Self {
        Self { value: value.get_ref(), span: value.span(), ..self.clone() }
    }

    /// Where the value stands.
    pub(super) fn site(&self) -> Site {
        self.place.site(&self.span)
    }

    pub(super) fn report(&self) -> &'a crate::report::Report {
        self.place.report
    }

    pub(super) fn add(&self, diagnostic: Diagnostic) {
        self.place.report.add(diagnostic);
    }

    /// Notes that this names something that has to exist.
    pub(super) fn refer(&self, kind: &Kind, id: &str) {
        self.place.report.refer(kind.clone(), id, self.site());
    }

    /// Says that the value is of the right type, but not one that may stand here.
    pub(super) fn invalid(&self, code: &'static str, ja: &str, en: &str) {
        let shown = match self.value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            other => kind_of(other).0.to_owned(),
        };
        self.add(
            Diagnostic::error(
                code,
                self.site(),
                format!("「{}」に「{shown}」とは書けません", self.key),
                format!("'{shown}' cannot stand under '{}'", self.key),
            )
            .expected(ja, en)
            .help(format!("{ja}を書いてください"), format!("write {en}")),
        );
    }

    fn wrong_type(&self, ja: &str, en: &str) {
        let (is_ja, is_en) = kind_of(self.value);
        self.add(
            Diagnostic::error(
                "value-type",
                self.site(),
                format!("「{}」は{ja}ですが、{is_ja}が書かれています", self.key),
                format!("'{}' is {en}, not {is_en}", self.key),
            )
            .expected(ja, en)
            .help(format!("{ja}で書いてください"), format!("write {en}"))
            .names([self.key]),
        );
    }

    pub(super) fn str(&self) -> Option<&'a str> {
        let DeValue::String(text) = self.value else {
            self.wrong_type("文字列", "a string");
            return None;
        };
        let bad = text.chars().find(|c| forbidden(*c));
        if let Some(bad) = bad {
            self.add(
                Diagnostic::error(
                    "control-character",
                    self.site(),
                    format!("制御文字または書字方向の文字 U+{:04X} が含まれています", u32::from(bad)),
                    format!("a control or text-direction character U+{:04X} stands here", u32::from(bad)),
                )
                .help("その文字を消してください", "take the character out"),
            );
        } else if text.chars().count() > MAX_TEXT {
            self.add(
                Diagnostic::error(
                    "text-too-long",
                    self.site(),
                    format!("{MAX_TEXT}文字を超えています"),
                    format!("longer than {MAX_TEXT} characters"),
                )
                .help("短くするか、documents/ の文書に書いてください", "shorten it, or write it in a document"),
            );
        } else {
            return Some(text);
        }
        None
    }

    pub(super) fn word(&self) -> Option<Word> {
        let text = self.str()?;
        if text.trim().is_empty() {
            self.empty();
            return None;
        }
        Some(Word { text: text.to_owned(), site: self.site() })
    }

    fn empty(&self) {
        self.add(
            Diagnostic::error(
                "text-empty",
                self.site(),
                format!("「{}」が空です", self.key),
                format!("'{}' is empty", self.key),
            )
            .help("中身を書くか、行ごと消してください", "fill it, or take the line out"),
        );
    }

    /// A text in Japanese and perhaps English.
    pub(super) fn text(&self) -> Option<Text> {
        if let DeValue::Table(map) = self.value {
            let table = Table::new(self.place, map, self.site());
            let ja = table.need("ja").and_then(|item| item.word()).map(|word| lines(&word.text));
            let en = table.get("en").and_then(|item| item.word()).map(|word| lines(&word.text));
            table.finish();
            let ja = ja?;
            if en.is_none() && self.place.english {
                self.place.report.no_english(self.site());
            }
            return Some(Text { ja, en });
        }
        if !matches!(self.value, DeValue::String(_)) {
            self.wrong_type("文字列または { ja = \"…\", en = \"…\" }", "a string or { ja = \"…\", en = \"…\" }");
            return None;
        }
        let ja = lines(&self.word()?.text);
        if self.place.english {
            self.place.report.no_english(self.site());
        }
        Some(Text { ja, en: None })
    }

    pub(super) fn flag(&self) -> Option<bool> {
        let DeValue::Boolean(flag) = self.value else {
            self.wrong_type("true または false", "true or false");
            return None;
        };
        Some(*flag)
    }

    pub(super) fn int(&self) -> Option<i64> {
        let DeValue::Integer(number) = self.value else {
            self.wrong_type("整数", "a whole number");
            return None;
        };
        let value = i64::from_str_radix(number.as_str(), number.radix()).ok();
        if value.is_none() {
            self.invalid("value-invalid", "64ビットに収まる整数", "a whole number of 64 bits");
        }
        value
    }

    /// An expression's text: a string, or a plain number or truth value.
    pub(super) fn expression(&self) -> Option<Word> {
        match self.value {
            DeValue::Integer(_) => self.int().map(|number| Word { text: number.to_string(), site: self.site() }),
            DeValue::Boolean(flag) => Some(Word { text: flag.to_string(), site: self.site() }),
            _ => self.word(),
        }
    }

    /// A day, as a TOML date or an ISO string.
    pub(super) fn day(&self) -> Option<Day> {
        let text = match self.value {
            DeValue::Datetime(datetime) if datetime.time.is_none() => datetime.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong_type("日付", "a date");
                return None;
            }
        };
        let day = text.parse();
        if day.is_err() {
            self.invalid("value-invalid", "2026-04-01 のような日付", "a date such as 2026-04-01");
        }
        day.ok()
    }

    /// The elements of a list.
    pub(super) fn array(&self) -> Vec<Item<'a>> {
        let DeValue::Array(array) = self.value else {
            self.wrong_type("並び [ ]", "a list");
            return Vec::new();
        };
        array.iter().map(|value| self.element(value)).collect()
    }

    /// The elements of a list, or the value itself where it is none.
    pub(super) fn items(&self) -> Vec<Item<'a>> {
        match self.value {
            DeValue::Array(array) => array.iter().map(|value| self.element(value)).collect(),
            _ => vec![self.clone()],
        }
    }

    pub(super) fn words(&self) -> Vec<Word> {
        self.items().iter().filter_map(Item::word).collect()
    }

    pub(super) fn is_string(&self) -> bool {
        matches!(self.value, DeValue::String(_))
    }

    pub(super) fn table(&self) -> Option<Table<'a>> {
        let DeValue::Table(map) = self.value else {
            self.wrong_type("表 { } または [ ] の見出し", "a table");
            return None;
        };
        // A `[header]` table spans its header; an implied one (`[a.b]` alone) has the span of its key only.
        let span = if self.span.is_empty() { self.key_span.clone() } else { self.span.clone() };
        Some(Table::new(self.place, map, self.place.site(&span)))
    }

    pub(super) fn one_of<T: Copy>(&self, allowed: &[(&str, T)]) -> Option<T> {
        let word = self.word()?;
        if let Some((_, value)) = allowed.iter().find(|(name, _)| *name == word.text) {
            return Some(*value);
        }
        let list = suggest::line(allowed.iter().map(|(name, _)| *name));
        let near = suggest::nearest(&word.text, allowed.iter().map(|(name, _)| *name));
        let diagnostic = Diagnostic::error(
            "value-invalid",
            word.site.clone(),
            format!("「{}」に「{}」とは書けません", self.key, word.text),
            format!("'{}' cannot stand under '{}'", word.text, self.key),
        )
        .expected(list.clone(), list)
        .names([word.text.as_str()]);
        self.add(match near {
            Some(near) => diagnostic.help(format!("「{near}」ではありませんか"), format!("did you mean '{near}'?")),
            None => diagnostic.help("上のいずれかを書いてください", "write one of these"),
        });
        None
    }

    /// A period: `5年`, `6月`, `6か月`, `2週`, `30日`.
    pub(super) fn period(&self) -> Option<Period> {
        let word = self.word()?;
        let digits: String = word.text.chars().take_while(char::is_ascii_digit).collect();
        let count = digits.parse::<u32>().ok().filter(|count| (1..=36_500).contains(count));
        let period = count.and_then(|count| match word.text.get(digits.len()..)? {
            "年" => Some(Period::Years(count)),
            "月" | "か月" | "ヶ月" | "カ月" => Some(Period::Months(count)),
            "週" | "週間" => count.checked_mul(7).map(Period::Days),
            "日" => Some(Period::Days(count)),
            _ => None,
        });
        if period.is_none() {
            self.invalid(
                "value-invalid",
                "「5年」「6月」「2週」「30日」の形の期間",
                "a period such as 5年, 6月, 2週, 30日",
            );
        }
        period
    }
}

/// Text with `\n` as its only line end.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Characters that have no business in a pack: controls, and those that change the direction of text.
pub(super) fn forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
}
