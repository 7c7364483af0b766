//! Sessions of the console: volatile, outside the journal. The store sees only the hash of a session's name.

use sha2::{Digest, Sha256};

use crate::store::Sql;
use crate::{Id, Moment, Operation, Reading, Result};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is, once signed in.
    pub account: Option<Id>,
    /// What the console keeps in it.
    pub data: String,
    /// Since when.
    pub created: Moment,
    /// Last seen.
    pub seen: Moment,
    /// Not valid from then on.
    pub expires: Moment,
}

fn key(name: &[u8]) -> Vec<u8> {
    Sha256::digest(name).to_vec()
}

/// Saves a session under its secret name, making or replacing it.
pub async fn save(op: &mut Operation, name: &[u8], account: Option<Id>, data: &str, expires: Moment) -> Result<()> {
    let sql = Sql::new(
        "INSERT INTO session (id, account_id, data, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, \
         seen_at = excluded.seen_at, expires_at = excluded.expires_at",
        [key(name).into(), account.into(), data.into(), op.at().into(), expires.into()],
    );
    op.write_unjournaled(sql).await?;
    Ok(())
}

/// The session of this name that is still valid.
pub async fn load(reading: &mut Reading, name: &[u8]) -> Result<Option<Session>> {
    let sql = Sql::new(
        "SELECT account_id, data, created_at, seen_at, expires_at FROM session WHERE id = $1 AND expires_at > $2",
        [key(name).into(), reading.at().into()],
    );
    let Some(row) = reading.row_if_any(sql).await? else { return Ok(None) };
    Ok(Some(Session {
        account: row.opt_id(0)?,
        data: row.text(1)?,
        created: row.moment(2)?,
        seen: row.moment(3)?,
        expires: row.moment(4)?,
    }))
}

/// Notes that a session was seen and may go on until `expires`; what it holds stays as it is.
pub async fn touch(op: &mut Operation, name: &[u8], expires: Moment) -> Result<()> {
    let sql = Sql::new(
        "UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1",
        [key(name).into(), op.at().into(), expires.into()],
    );
    op.write_unjournaled(sql).await?;
    Ok(())
}

/// Replaces what a session holds, if it still holds `old`. False when another request was first.
pub async fn swap(op: &mut Operation, name: &[u8], old: &str, new: &str) -> Result<bool> {
    let sql = Sql::new(
        "UPDATE session SET data = $3 WHERE id = $1 AND data = $2",
        [key(name).into(), old.into(), new.into()],
    );
    Ok(op.write_unjournaled(sql).await? == 1)
}

/// Ends the session of this name.
pub async fn end(op: &mut Operation, name: &[u8]) -> Result<()> {
    op.write_unjournaled(Sql::new("DELETE FROM session WHERE id = $1", [key(name).into()])).await?;
    Ok(())
}

/// Ends all sessions of an account.
pub async fn end_all(op: &mut Operation, account: Id) -> Result<()> {
    op.write_unjournaled(Sql::new("DELETE FROM session WHERE account_id = $1", [account.into()])).await?;
    Ok(())
}

/// Deletes what has expired; how many there were.
pub async fn sweep(op: &mut Operation) -> Result<u64> {
    let sql = Sql::new("DELETE FROM session WHERE expires_at <= $1", [op.at().into()]);
    op.write_unjournaled(sql).await
}
