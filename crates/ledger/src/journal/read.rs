//! Reading entries: after a position, or about one thing, and the root that a checkpoint signs.

use super::{Entry, Hash, Tree};
use crate::store::Sql;
use crate::{Error, Reading, Result};

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About<'a> {
    /// All.
    Everything,
    /// About one record, person, unit and so on, by its id.
    Subject(&'a str),
    /// By one actor, as the journal writes actors.
    Actor(&'a str),
}

/// Entries after a position in order, at most `limit`.
pub async fn entries(reading: &mut Reading, about: About<'_>, after: i64, limit: usize) -> Result<Vec<Entry>> {
    let mut sql = Sql::default();
    sql.push("SELECT bytes FROM journal WHERE seq > ").bind(after);
    match about {
        About::Everything => {}
        About::Subject(id) => {
            sql.push(" AND subject = ").bind(id);
        }
        About::Actor(actor) => {
            sql.push(" AND actor = ").bind(actor);
        }
    }
    sql.push(" ORDER BY seq").limit(i64::try_from(limit.min(1000)).unwrap_or(1000));
    reading.rows(sql).await?.iter().map(|row| Entry::from_bytes(&row.bytes(0)?)).collect()
}

/// The number of the last entry; 0 before the first.
pub async fn last(reading: &mut Reading) -> Result<i64> {
    reading.row(Sql::new("SELECT seq FROM journal_head WHERE id = 1", [])).await?.int(0)
}

/// How many entries there are and their root, computed from the stored hashes.
pub async fn root(reading: &mut Reading) -> Result<(u64, Hash)> {
    let mut tree = Tree::default();
    let mut after = 0_i64;
    loop {
        let sql = Sql::new("SELECT seq, hash FROM journal WHERE seq > $1 ORDER BY seq LIMIT 5000", [after.into()]);
        let rows = reading.rows(sql).await?;
        let Some(last) = rows.last() else { return Ok((tree.size(), tree.root())) };
        after = last.int(0)?;
        for row in &rows {
            let hash = row.bytes(1)?.try_into();
            tree.push(hash.map_err(|_| Error::broken(format!("the hash of entry {} is not a hash", after)))?);
        }
    }
}
