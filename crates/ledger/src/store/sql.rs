//! A statement with its values, written once for both engines.

use crate::{Day, Id, Moment};

/// A value of one of the three types that every column of the store has, or NULL of that type. Two values of a column that is
/// never NULL stand in the same order here as in an `ORDER BY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// 64-bit integer.
    Int(Option<i64>),
    /// Text in byte collation.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

impl From<Id> for Value {
    fn from(value: Id) -> Self {
        Self::Text(Some(value.to_string()))
    }
}

impl From<Moment> for Value {
    fn from(value: Moment) -> Self {
        Self::Int(Some(value.0))
    }
}

impl From<Day> for Value {
    fn from(value: Day) -> Self {
        Self::Text(Some(value.to_string()))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Option<Moment>> for Value {
    fn from(value: Option<Moment>) -> Self {
        Self::Int(value.map(|m| m.0))
    }
}

/// NULL or text, for the types that are stored as text.
macro_rules! optional_text {
    ($($type:ty),*) => {$(
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::Text(value.map(|v| v.to_string()))
            }
        }
    )*};
}
optional_text!(String, &str, Id, Day);

impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Bytes(value)
    }
}

/// A statement being put together. Places are `$1`, `$2` …, which both engines understand; text never holds a value.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Sql {
    /// A statement whose places are already written, with their values in order.
    pub fn new<const N: usize>(text: &'static str, values: [Value; N]) -> Self {
        Self { text: text.to_owned(), values: values.into() }
    }

    /// Adds text of the program (never of a person).
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds the next place with its value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Adds `(…, …)` with these values; `(NULL)` for none, which nothing is in.
    pub fn bind_all<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.push("(");
        let before = self.values.len();
        for value in values {
            if self.values.len() > before {
                self.push(", ");
            }
            self.bind(value);
        }
        if self.values.len() == before {
            self.push("NULL");
        }
        self.push(")")
    }

    /// Adds the most rows that are wanted, written out, so that the planner knows it.
    pub fn limit(&mut self, most: i64) -> &mut Self {
        self.push(" LIMIT ").push(&most.to_string())
    }

    /// `INSERT` statements for many rows, each within the engines' limit of values.
    pub(crate) fn insert_many<const N: usize>(into: &str, rows: impl IntoIterator<Item = [Value; N]>) -> Vec<Self> {
        const ROWS: usize = 100;
        let mut all: Vec<Self> = Vec::new();
        for (i, row) in rows.into_iter().enumerate() {
            if i % ROWS == 0 {
                let mut sql = Self::default();
                sql.push("INSERT INTO ").push(into).push(" VALUES ");
                all.push(sql);
            }
            if let Some(sql) = all.last_mut() {
                sql.push(if i % ROWS == 0 { "" } else { ", " }).bind_all(row);
            }
        }
        all
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds a fragment that was put together apart: its places are renumbered.
    pub fn append(&mut self, other: &Sql) -> &mut Self {
        let mut rest = other.text.as_str();
        while let Some(at) = rest.find('$') {
            let (before, place) = rest.split_at(at);
            self.text.push_str(before);
            let digits = place.get(1..).unwrap_or("").bytes().take_while(u8::is_ascii_digit).count();
            let number: usize = place.get(1..=digits).and_then(|d| d.parse().ok()).unwrap_or(0);
            self.text.push('$');
            self.text.push_str(&(number + self.values.len()).to_string());
            rest = place.get(digits + 1..).unwrap_or("");
        }
        self.text.push_str(rest);
        self.values.extend(other.values.iter().cloned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_keeps_its_values_when_it_is_appended() {
        let mut all = Sql::default();
        all.push("a = ").bind("x");
        let mut part = Sql::default();
        part.push(" AND b IN ").bind_all(["y", "z"]).push(" AND c = ").bind(3_i64);
        all.append(&part);
        assert_eq!(all.text, "a = $1 AND b IN ($2, $3) AND c = $4");
        assert_eq!(all.values, vec!["x".into(), "y".into(), "z".into(), 3_i64.into()]);
    }
}
