//! The whole store as a stream of rows: for a backup that either engine can restore.

use super::{Conn, Row, Sql, Value};
use crate::{Engine, Result};

/// A table and its columns, in the order of `schema.sql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) table: String,
    pub(crate) columns: Vec<(String, Type)>,
}

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Int,
    Text,
    Bytes,
}

/// All tables of the store, read from `schema.sql`, except the search index, which the engines keep differently.
pub(crate) fn layouts() -> Vec<Layout> {
    let schema: String = include_str!("schema.sql").lines().filter(|line| !line.starts_with("--")).collect();
    let statements = schema.split(';').filter_map(|statement| statement.trim().strip_prefix("CREATE TABLE "));
    statements.filter_map(layout).collect()
}

fn layout(statement: &str) -> Option<Layout> {
    let (table, rest) = statement.split_once('(')?;
    let (mut columns, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ',' | ')' if depth == 0 => {
                columns.extend(column(rest.get(start..at)?));
                start = at + 1;
                if c == ')' {
                    break;
                }
            }
            _ => {}
        }
    }
    Some(Layout { table: table.trim().to_owned(), columns })
}

fn column(text: &str) -> Option<(String, Type)> {
    let mut words = text.split_whitespace();
    let name = words.next()?;
    let ty = match words.next()? {
        "TEXT" => Type::Text,
        "INTEGER" | "AUTO" => Type::Int,
        "BYTES" => Type::Bytes,
        _ => return None,
    };
    Some((name.to_owned(), ty))
}

impl Type {
    /// NULL of this type.
    pub(crate) fn null(self) -> Value {
        match self {
            Self::Int => Value::Int(None),
            Self::Text => Value::Text(None),
            Self::Bytes => Value::Bytes(None),
        }
    }
}

impl Layout {
    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    /// `TABLE (columns)`, for an `INSERT`.
    pub(crate) fn into(&self) -> String {
        format!("{} ({})", self.table, self.names())
    }
}

impl Conn {
    /// Gives every row of a table to a function, without holding them all in memory.
    pub(crate) async fn each_row(&mut self, layout: &Layout, to: impl FnMut(Row) -> Result<()>) -> Result<()> {
        let mut sql = Sql::default();
        sql.push("SELECT ").push(&layout.names()).push(" FROM ").push(&layout.table);
        self.each(sql, to).await
    }

    /// After rows were put in with numbers of their own, the next number follows them.
    pub(crate) async fn continue_numbers(&mut self) -> Result<()> {
        if self.engine() == Engine::Postgres {
            let sql = "SELECT setval(pg_get_serial_sequence('record_text', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM record_text), false)";
            self.rows(Sql::new(sql, [])).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_and_column_is_read_from_the_schema() {
        let all = layouts();
        let statements = include_str!("schema.sql").matches("CREATE TABLE").count();
        assert_eq!(all.len(), statements);
        let of = |table: &str| all.iter().find(|l| l.table == table).unwrap();
        assert_eq!(of("record").columns.len(), 18);
        assert_eq!(of("unit_successor").columns.len(), 3);
        assert_eq!(of("record_text").columns[0], ("id".to_owned(), Type::Int));
        for table in crate::journal::TABLES {
            let mut known: Vec<&str> = of(table.name).columns.iter().map(|(name, _)| name.as_str()).collect();
            let mut hashed: Vec<&str> = table.key.iter().chain(table.columns).copied().chain(["salt"]).collect();
            known.sort_unstable();
            hashed.sort_unstable();
            assert_eq!(known, hashed, "every column of {} is in its hash", table.name);
        }
    }
}
