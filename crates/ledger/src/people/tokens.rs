//! Tokens of the API: shown once, kept as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::check_line;
use crate::store::{Row, Sql};
use crate::{Error, Id, Moment, Operation, Permit, Reading, Result};

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: Id,
    /// The account that it acts for.
    pub account: Id,
    /// What it is for.
    pub label: String,
    /// What it may do; empty: whatever the person may.
    pub scopes: Vec<String>,
    /// Since when.
    pub created: Moment,
    /// Not valid from then on.
    pub expires: Option<Moment>,
}

/// What every token begins with, so that a leaked one is recognised.
const PREFIX: &str = "skm_";

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Makes a token; the text that is answered is nowhere else.
pub async fn create(
    op: &mut Operation,
    permit: Permit,
    account: Id,
    label: &str,
    scopes: &[String],
    expires: Option<Moment>,
) -> Result<String> {
    check_line("label", label, false)?;
    super::accounts::get(op, account).await?;
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(op.random(32)?));
    let id = op.new_id()?;
    op.enter(permit);
    op.note("token", id.to_string());
    let insert = "INSERT INTO token (id, account_id, hash, label, scopes, created_at, expires_at, revoked_at, salt) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)";
    let values = [
        id.into(),
        account.into(),
        hash(&token).into(),
        label.into(),
        scopes.join(" ").into(),
        op.at().into(),
        expires.into(),
        op.new_salt()?.into(),
    ];
    op.write("token", [id.into()], Sql::new(insert, values)).await?;
    Ok(token)
}

/// Revokes a token.
pub async fn revoke(op: &mut Operation, permit: Permit, id: Id) -> Result<()> {
    op.enter(permit);
    let update = "UPDATE token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    let values = [id.into(), op.at().into()];
    if op.write("token", [id.into()], Sql::new(update, values)).await? == 0 {
        return Err(Error::not_found("有効なトークン", "valid token"));
    }
    Ok(())
}

/// All tokens that are valid now, latest first.
pub async fn valid(reading: &mut Reading) -> Result<Vec<Token>> {
    let sql = Sql::new(
        "SELECT id, account_id, label, scopes, created_at, expires_at FROM token \
         WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) ORDER BY created_at DESC, id DESC",
        [reading.at().into()],
    );
    reading.rows(sql).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Token> {
    Ok(Token {
        id: row.id(0)?,
        account: row.id(1)?,
        label: row.text(2)?,
        scopes: row.text(3)?.split_whitespace().map(str::to_owned).collect(),
        created: row.moment(4)?,
        expires: row.opt_moment(5)?,
    })
}

/// The valid token with this text.
pub async fn find(reading: &mut Reading, token: &str) -> Result<Option<Token>> {
    let sql = Sql::new(
        "SELECT t.id, t.account_id, t.label, t.scopes, t.created_at, t.expires_at FROM token t \
         JOIN account a ON a.id = t.account_id AND a.state = 'open' \
         WHERE t.hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)",
        [hash(token).into(), reading.at().into()],
    );
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}
