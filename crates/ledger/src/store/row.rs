//! A row as plain values, the same from both engines.

use rusqlite::types::ValueRef;
use sqlx::postgres::PgRow;
use sqlx::{Column as _, Row as _, TypeInfo as _};

use super::Value;
use crate::{Day, Error, Id, Moment, Result};

/// A row of an answer. Columns are taken by position, in the order of the `SELECT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    pub(super) fn from_sqlite(row: &rusqlite::Row<'_>, columns: usize) -> Result<Self> {
        let mut values = Vec::with_capacity(columns);
        for i in 0..columns {
            values.push(match row.get_ref(i)? {
                ValueRef::Integer(value) => Value::Int(Some(value)),
                ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => Value::Text(Some(text.to_owned())),
                    Err(_) => return Err(Error::broken(format!("column {i} is not UTF-8"))),
                },
                ValueRef::Blob(bytes) => Value::Bytes(Some(bytes.to_owned())),
                ValueRef::Null => Value::Text(None),
                ValueRef::Real(_) => return Err(Error::broken(format!("column {i} is a floating-point number"))),
            });
        }
        Ok(Self(values))
    }

    pub(super) fn from_postgres(row: &PgRow) -> Result<Self> {
        let mut values = Vec::with_capacity(row.len());
        for (i, column) in row.columns().iter().enumerate() {
            values.push(match column.type_info().name() {
                "INT8" => Value::Int(row.try_get(i)?),
                "INT4" => Value::Int(row.try_get::<Option<i32>, _>(i)?.map(i64::from)),
                "BOOL" => Value::Int(row.try_get::<Option<bool>, _>(i)?.map(i64::from)),
                "TEXT" | "VARCHAR" => Value::Text(row.try_get(i)?),
                "BYTEA" => Value::Bytes(row.try_get(i)?),
                other => return Err(Error::broken(format!("a column of type {other}"))),
            });
        }
        Ok(Self(values))
    }

    fn at(&self, i: usize) -> Result<&Value> {
        self.0.get(i).ok_or_else(|| Error::broken(format!("no column {i}")))
    }

    fn wrong<T>(i: usize, value: &Value) -> Result<T> {
        Err(Error::broken(format!(
            "column {i} holds {}",
            match value {
                Value::Int(None) | Value::Text(None) | Value::Bytes(None) => "nothing",
                Value::Int(_) => "a number",
                Value::Text(_) => "text",
                Value::Bytes(_) => "bytes",
            }
        )))
    }

    /// An integer.
    pub fn int(&self, i: usize) -> Result<i64> {
        match self.at(i)? {
            Value::Int(Some(value)) => Ok(*value),
            other => Self::wrong(i, other),
        }
    }

    /// An integer or NULL.
    pub fn opt_int(&self, i: usize) -> Result<Option<i64>> {
        match self.at(i)? {
            Value::Int(value) => Ok(*value),
            Value::Text(None) | Value::Bytes(None) => Ok(None),
            other => Self::wrong(i, other),
        }
    }

    /// A truth value, stored as 0 or 1.
    pub fn flag(&self, i: usize) -> Result<bool> {
        Ok(self.int(i)? != 0)
    }

    /// Text.
    pub fn text(&self, i: usize) -> Result<String> {
        match self.at(i)? {
            Value::Text(Some(value)) => Ok(value.clone()),
            other => Self::wrong(i, other),
        }
    }

    /// Text or NULL.
    pub fn opt_text(&self, i: usize) -> Result<Option<String>> {
        match self.at(i)? {
            Value::Text(value) => Ok(value.clone()),
            Value::Int(None) | Value::Bytes(None) => Ok(None),
            other => Self::wrong(i, other),
        }
    }

    /// Bytes.
    pub fn bytes(&self, i: usize) -> Result<Vec<u8>> {
        match self.at(i)? {
            Value::Bytes(Some(value)) => Ok(value.clone()),
            other => Self::wrong(i, other),
        }
    }

    /// Bytes or NULL.
    pub fn opt_bytes(&self, i: usize) -> Result<Option<Vec<u8>>> {
        match self.at(i)? {
            Value::Bytes(value) => Ok(value.clone()),
            Value::Int(None) | Value::Text(None) => Ok(None),
            other => Self::wrong(i, other),
        }
    }

    /// An id.
    pub fn id(&self, i: usize) -> Result<Id> {
        self.text(i)?.parse()
    }

    /// An id or NULL.
    pub fn opt_id(&self, i: usize) -> Result<Option<Id>> {
        self.opt_text(i)?.map(|text| text.parse()).transpose()
    }

    /// A moment.
    pub fn moment(&self, i: usize) -> Result<Moment> {
        self.int(i).map(Moment)
    }

    /// A moment or NULL.
    pub fn opt_moment(&self, i: usize) -> Result<Option<Moment>> {
        Ok(self.opt_int(i)?.map(Moment))
    }

    /// A day.
    pub fn day(&self, i: usize) -> Result<Day> {
        let text = self.text(i)?;
        text.parse().map_err(|_| Error::broken(format!("'{}' is not a day", text.escape_debug())))
    }

    /// A day or NULL.
    pub fn opt_day(&self, i: usize) -> Result<Option<Day>> {
        match self.opt_text(i)? {
            None => Ok(None),
            Some(_) => self.day(i).map(Some),
        }
    }
}
