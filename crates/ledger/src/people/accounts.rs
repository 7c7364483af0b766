//! Accounts, what their owners sign in with, and the count of failures. What a secret means is the console's business.

use super::check_line;
use crate::store::{Row, Sql};
use crate::{Error, Id, Kind, Moment, Operation, Permit, Reading, Result, permission};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub person: Id,
    /// The name to sign in with.
    pub login: String,
    /// Whether it may be used.
    pub open: bool,
    /// Since when it exists.
    pub created: Moment,
}

/// What a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: Id,
    /// Its account.
    pub account: Id,
    /// `password`, `totp`, `list`, `webauthn`, `trusted`.
    pub kind: String,
    /// What the person calls it.
    pub label: String,
    /// A hash, a sealed secret or a public key, by the kind.
    pub secret: Vec<u8>,
    /// Since when.
    pub created: Moment,
    /// The highest counter or time step used.
    pub counter: i64,
    /// Last use.
    pub used: Option<Moment>,
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.id(0)?,
        person: row.id(1)?,
        login: row.text(2)?,
        open: row.text(3)? == "open",
        created: row.moment(4)?,
    })
}

/// Adds an account for a person.
pub async fn add(op: &mut Operation, permit: Permit, person: Id, login: &str) -> Result<Id> {
    check_line("login", login, true)?;
    super::persons::get(op, person).await?;
    if by_login(op, login).await?.is_some() {
        return Err(Error::new(
            Kind::Conflict,
            format!("ログイン名「{login}」はすでに使われています。別の名前にしてください。"),
            format!("The login '{login}' is already taken. Choose another."),
        ));
    }
    let id = op.new_id()?;
    op.enter(permit);
    op.note("account", id.to_string());
    let insert =
        "INSERT INTO account (id, person_id, login, state, created_at, salt) VALUES ($1, $2, $3, 'open', $4, $5)";
    let values = [id.into(), person.into(), login.into(), op.at().into(), op.new_salt()?.into()];
    op.write("account", [id.into()], Sql::new(insert, values)).await?;
    Ok(id)
}

/// Opens or closes an account. Closing ends its sessions.
pub async fn set_open(op: &mut Operation, permit: Permit, id: Id, open: bool) -> Result<()> {
    op.enter(permit);
    let state = if open { "open" } else { "closed" };
    let update = Sql::new("UPDATE account SET state = $2 WHERE id = $1", [id.into(), state.into()]);
    if op.write("account", [id.into()], update).await? == 0 {
        return Err(Error::not_found("アカウント", "account"));
    }
    if !open {
        op.write_unjournaled(Sql::new("DELETE FROM session WHERE account_id = $1", [id.into()])).await?;
    }
    Ok(())
}

/// Ends all sessions of an account: whoever uses it signs in again.
pub async fn end_sessions(op: &mut Operation, id: Id) -> Result<()> {
    op.write_unjournaled(Sql::new("DELETE FROM session WHERE account_id = $1", [id.into()])).await?;
    Ok(())
}

/// The account with this login.
pub async fn by_login(reading: &mut Reading, login: &str) -> Result<Option<Account>> {
    let sql = Sql::new("SELECT id, person_id, login, state, created_at FROM account WHERE login = $1", [login.into()]);
    reading.row_if_any(sql).await?.as_ref().map(account).transpose()
}

/// The account of this id.
pub async fn get(reading: &mut Reading, id: Id) -> Result<Account> {
    let sql = Sql::new("SELECT id, person_id, login, state, created_at FROM account WHERE id = $1", [id.into()]);
    account(&reading.row_if_any(sql).await?.ok_or_else(|| Error::not_found("アカウント", "account"))?)
}

/// A person's accounts.
pub async fn of_person(reading: &mut Reading, person: Id) -> Result<Vec<Account>> {
    let sql = Sql::new(
        "SELECT id, person_id, login, state, created_at FROM account WHERE person_id = $1 ORDER BY login",
        [person.into()],
    );
    reading.rows(sql).await?.iter().map(account).collect()
}

/// All accounts by login.
pub async fn all(reading: &mut Reading) -> Result<Vec<Account>> {
    let sql = Sql::new("SELECT id, person_id, login, state, created_at FROM account ORDER BY login", []);
    reading.rows(sql).await?.iter().map(account).collect()
}

/// Adds a credential to an account.
pub async fn add_credential(
    op: &mut Operation,
    permit: Permit,
    account: Id,
    kind: &str,
    label: &str,
    secret: Vec<u8>,
) -> Result<Id> {
    check_line("label", label, false)?;
    get(op, account).await?;
    let id = op.new_id()?;
    op.enter(permit);
    op.note("credential", id.to_string());
    let insert = "INSERT INTO credential (id, account_id, kind, label, secret, created_at, salt) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values =
        [id.into(), account.into(), kind.into(), label.into(), secret.into(), op.at().into(), op.new_salt()?.into()];
    op.write("credential", [id.into()], Sql::new(insert, values)).await?;
    Ok(id)
}

/// Replaces a credential's secret (a changed password, a key's new state).
pub async fn change_secret(op: &mut Operation, permit: Permit, id: Id, secret: Vec<u8>) -> Result<()> {
    op.enter(permit);
    let update = Sql::new("UPDATE credential SET secret = $2 WHERE id = $1", [id.into(), secret.into()]);
    if op.write("credential", [id.into()], update).await? == 0 {
        return Err(Error::not_found("認証手段", "credential"));
    }
    Ok(())
}

/// Removes a credential.
pub async fn remove_credential(op: &mut Operation, permit: Permit, id: Id) -> Result<()> {
    op.enter(permit);
    let delete = Sql::new("DELETE FROM credential WHERE id = $1", [id.into()]);
    if op.write("credential", [id.into()], delete).await? == 0 {
        return Err(Error::not_found("認証手段", "credential"));
    }
    op.write_unjournaled(Sql::new("DELETE FROM credential_use WHERE credential_id = $1", [id.into()])).await?;
    Ok(())
}

/// An account's credentials, oldest first.
pub async fn credentials(reading: &mut Reading, account: Id) -> Result<Vec<Credential>> {
    let sql = Sql::new(
        "SELECT c.id, c.account_id, c.kind, c.label, c.secret, c.created_at, coalesce(u.counter, 0), u.used_at \
         FROM credential c LEFT JOIN credential_use u ON u.credential_id = c.id WHERE c.account_id = $1 \
         ORDER BY c.created_at, c.id",
        [account.into()],
    );
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        all.push(Credential {
            id: row.id(0)?,
            account: row.id(1)?,
            kind: row.text(2)?,
            label: row.text(3)?,
            secret: row.bytes(4)?,
            created: row.moment(5)?,
            counter: row.int(6)?,
            used: row.opt_moment(7)?,
        });
    }
    Ok(all)
}

/// Credentials of one kind of all accounts, as account and secret.
pub async fn all_of_kind(reading: &mut Reading, kind: &str) -> Result<Vec<(Id, Vec<u8>)>> {
    let sql = Sql::new("SELECT account_id, secret FROM credential WHERE kind = $1 ORDER BY id", [kind.into()]);
    reading.rows(sql).await?.iter().map(|row| Ok((row.id(0)?, row.bytes(1)?))).collect()
}

/// Marks a use with its counter (time step of a TOTP code, 1 for a one-time word). False when that counter or a later one
/// has been used: a replay.
pub async fn mark_used(op: &mut Operation, credential: Id, counter: i64) -> Result<bool> {
    mark(op, credential, counter, "credential_use.counter < excluded.counter").await
}

/// Marks a signature of a key with the key's own counter. Keys that do not count always say 0. False when a key that counts
/// goes back or stays: it may have been copied (Web Authentication, 6.1.1).
pub async fn mark_signed(op: &mut Operation, credential: Id, counter: i64) -> Result<bool> {
    let later = "credential_use.counter < excluded.counter OR (credential_use.counter = 0 AND excluded.counter = 0)";
    mark(op, credential, counter, later).await
}

async fn mark(op: &mut Operation, credential: Id, counter: i64, later: &str) -> Result<bool> {
    let mut sql = Sql::new(
        "INSERT INTO credential_use (credential_id, counter, used_at) VALUES ($1, $2, $3) \
         ON CONFLICT (credential_id) DO UPDATE SET counter = excluded.counter, used_at = excluded.used_at WHERE ",
        [credential.into(), counter.into(), op.at().into()],
    );
    sql.push(later);
    Ok(op.write_unjournaled(sql).await? == 1)
}

/// Until when a login is locked after failures; none when it is not.
pub async fn locked_until(reading: &mut Reading, login: &str) -> Result<Option<Moment>> {
    let sql = Sql::new("SELECT locked_until FROM sign_in WHERE login = $1", [login.into()]);
    let until = reading.row_if_any(sql).await?.map(|row| row.opt_moment(0)).transpose()?.flatten();
    Ok(until.filter(|until| *until > reading.at()))
}

/// Failures after which a login is locked, and for how long at the first lock; each further failure doubles it up to a day.
const FAILURES_FREE: i64 = 5;
const LOCK_MS: i64 = 60_000;
const LOCK_MAX_MS: i64 = 86_400_000;

/// What happened at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// Signed in, with everything that the account asks for.
    Done,
    /// A wrong password, code or word, or a login that does not exist.
    Failed,
    /// The failure after which nobody is let in for a while.
    Locked,
    /// Signed out.
    Out,
}

/// Notes what happened at the door: the account when there is one, and from which address. Never what was typed, which may
/// be a password in the wrong field.
pub fn note_sign_in(op: &mut Operation, what: SignIn, account: Option<Id>, from: Option<std::net::IpAddr>) {
    let act = match what {
        SignIn::Done => "sign-in",
        SignIn::Failed => "sign-in-failed",
        SignIn::Locked => "sign-in-locked",
        SignIn::Out => "sign-out",
    };
    op.enter(permission::sign_in(act, account));
    if let Some(from) = from {
        op.note("from", from.to_string());
    }
}

/// Counts a failure to sign in (also of a login that does not exist) and locks the login when there were too many; whether it
/// is locked now.
pub async fn count_failure(op: &mut Operation, login: &str) -> Result<bool> {
    let sql = Sql::new(
        "INSERT INTO sign_in (login, failures, locked_until) VALUES ($1, 1, NULL) \
         ON CONFLICT (login) DO UPDATE SET failures = sign_in.failures + 1",
        [login.into()],
    );
    op.write_unjournaled(sql).await?;
    let failures = op.row(Sql::new("SELECT failures FROM sign_in WHERE login = $1", [login.into()])).await?.int(0)?;
    if failures >= FAILURES_FREE {
        let doublings = u32::try_from((failures - FAILURES_FREE).min(11)).unwrap_or(11);
        let until = op.at().plus_ms((LOCK_MS << doublings).min(LOCK_MAX_MS));
        let lock = Sql::new("UPDATE sign_in SET locked_until = $2 WHERE login = $1", [login.into(), until.into()]);
        op.write_unjournaled(lock).await?;
    }
    Ok(failures >= FAILURES_FREE)
}

/// Forgets the failures after a success.
pub async fn clear_failures(op: &mut Operation, login: &str) -> Result<()> {
    op.write_unjournaled(Sql::new("DELETE FROM sign_in WHERE login = $1", [login.into()])).await?;
    Ok(())
}
