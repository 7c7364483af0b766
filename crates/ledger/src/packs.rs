//! 規程データ in force: proposed by one person, decided by another, with a 施行日. Every version that was ever in force stays
//! readable, with the hash of its source in the journal.

use sha2::{Digest, Sha256};

use crate::people::check_line;
use crate::permission::Permit;
use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Moment, Operation, Reading, Result};

/// Largest source, in bytes.
const SOURCE_MAX: usize = 64 * 1024 * 1024;

/// One version of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: Id,
    /// The pack's id.
    pub pack: String,
    /// The pack's own version.
    pub version: String,
    /// SHA-256 of the source.
    pub hash: Vec<u8>,
    /// What was changed and why.
    pub note: String,
    /// `proposed`, `adopted` or `refused`.
    pub state: String,
    /// Who proposed it, as the journal writes actors.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Moment,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Moment>,
    /// 施行日.
    pub effective: Day,
}

const COLUMNS: &str =
    "id, pack, version, hash, note, state, proposed_by, proposed_at, decided_by, decided_at, effective_day";

fn read(row: &Row) -> Result<Version> {
    Ok(Version {
        id: row.id(0)?,
        pack: row.text(1)?,
        version: row.text(2)?,
        hash: row.bytes(3)?,
        note: row.text(4)?,
        state: row.text(5)?,
        proposed_by: row.text(6)?,
        proposed_at: row.moment(7)?,
        decided_by: row.opt_text(8)?,
        decided_at: row.opt_moment(9)?,
        effective: row.day(10)?,
    })
}

/// Packs a folder's files into the bytes that are stored and hashed: for each file in the order of paths, the lengths of
/// path and content (eight bytes each, most significant first), the path, the content.
pub fn to_bytes<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut files: Vec<(&str, &[u8])> = files.into_iter().collect();
    files.sort_unstable();
    let mut bytes = Vec::new();
    for (path, content) in files {
        bytes.extend_from_slice(&(path.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
        bytes.extend_from_slice(path.as_bytes());
        bytes.extend_from_slice(content);
    }
    bytes
}

/// The files of a stored source; none when the bytes are not one.
pub fn from_bytes(mut bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
        let (head, tail) = bytes.split_at_checked(count)?;
        *bytes = tail;
        Some(head)
    }
    fn length(bytes: &mut &[u8]) -> Option<usize> {
        usize::try_from(u64::from_be_bytes(take(bytes, 8)?.try_into().ok()?)).ok()
    }
    let mut files = Vec::new();
    while !bytes.is_empty() {
        let (path, content) = (length(&mut bytes)?, length(&mut bytes)?);
        let path = String::from_utf8(take(&mut bytes, path)?.to_vec()).ok()?;
        files.push((path, take(&mut bytes, content)?.to_vec()));
    }
    Some(files)
}

/// A version to be proposed. The caller has checked that its source is a pack without errors.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The pack's id.
    pub pack: String,
    /// The pack's own version.
    pub version: String,
    /// Its source, from [`to_bytes`].
    pub source: Vec<u8>,
    /// What was changed and why.
    pub note: String,
    /// 施行日, today or later.
    pub effective: Day,
}

/// Proposes a version (起案).
pub async fn propose(op: &mut Operation, permit: Permit, proposal: Proposal) -> Result<Id> {
    check_line("version", &proposal.version, true)?;
    check_line("note", &proposal.note, false)?;
    if proposal.source.is_empty() || proposal.source.len() > SOURCE_MAX {
        return Err(Error::invalid_field(
            "source",
            "規程データは64MBまでです。",
            "The policy's source has to have 1 byte to 64 MB.",
        ));
    }
    if proposal.effective < op.today() {
        return Err(Error::invalid_field(
            "effective",
            "施行日は今日以後にしてください。",
            "It can come into force today or later.",
        ));
    }
    let id = op.new_id()?;
    op.enter(permit);
    op.subject(id);
    let sql = "INSERT INTO pack_version (id, pack, version, hash, source, note, state, proposed_by, proposed_at, decided_by, \
               decided_at, effective_day, salt) VALUES ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, NULL, NULL, $9, $10)";
    let hash = Sha256::digest(&proposal.source).to_vec();
    let values = [
        id.into(),
        proposal.pack.into(),
        proposal.version.into(),
        hash.clone().into(),
        proposal.source.into(),
        proposal.note.into(),
        op.actor().to_string().into(),
        op.at().into(),
        proposal.effective.into(),
        op.new_salt()?.into(),
    ];
    op.write("pack_version", [id.into()], Sql::new(sql, values)).await?;
    op.note("sha256", crate::journal::entry::hex(&hash));
    Ok(id)
}

/// Decides on a proposal (決裁): adopted or refused, by another person than the one who proposed it.
pub async fn decide(op: &mut Operation, permit: Permit, id: Id, adopt: bool) -> Result<()> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM pack_version WHERE id = ").bind(id).push(op.engine().for_update());
    let version = op.row_if_any(sql).await?;
    let version = read(&version.ok_or_else(|| Error::not_found("規程データの版", "version of the policy"))?)?;
    if version.state != "proposed" {
        return Err(Error::refused("すでに決裁が済んでいます。", "It has been decided already."));
    }
    if version.proposed_by == op.actor().to_string() {
        return Err(Error::forbidden(
            "起案した本人は決裁できません。別の人が決裁してください。",
            "Whoever proposed it may not decide on it. Another person has to.",
        ));
    }
    op.enter(permit);
    let state = if adopt { "adopted" } else { "refused" };
    let sql = "UPDATE pack_version SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1";
    let values = [id.into(), state.into(), op.actor().to_string().into(), op.at().into()];
    op.write("pack_version", [id.into()], Sql::new(sql, values)).await?;
    op.note("sha256", crate::journal::entry::hex(&version.hash));
    Ok(())
}

/// The version in force on a day: of those adopted, the one with the latest 施行日, and of equals the one decided last.
pub async fn in_force(reading: &mut Reading, day: Day) -> Result<Option<Version>> {
    let mut sql = Sql::default();
    sql.push("SELECT ")
        .push(COLUMNS)
        .push(" FROM pack_version WHERE state = 'adopted' AND effective_day <= ")
        .bind(day);
    sql.push(" ORDER BY effective_day DESC, decided_at DESC, id DESC LIMIT 1");
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}

/// All versions, latest proposal first.
pub async fn versions(reading: &mut Reading) -> Result<Vec<Version>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM pack_version ORDER BY proposed_at DESC, id DESC");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The source of a version.
pub async fn source(reading: &mut Reading, id: Id) -> Result<Vec<u8>> {
    let row = reading.row_if_any(Sql::new("SELECT source FROM pack_version WHERE id = $1", [id.into()])).await?;
    row.ok_or_else(|| Error::not_found("規程データの版", "version of the policy"))?.bytes(0)
}
