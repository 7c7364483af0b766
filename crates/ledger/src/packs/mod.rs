//! 規程データ in force: proposed by one person, decided by another, with a 施行日. On that day everything recorded follows the
//! new version's ids ([`take_force`]). Every version that ever was stays readable, with the hash of its source in the journal.
//!
//! 1. [`propose`] checks the source, also against what is recorded. An error refuses it, and nothing changes.
//! 2. [`decide`]: by another person; checked again. The first version of a store is in force from then on.
//! 3. On the 施行日 the serving process calls [`take_force`]: checked once more, then records, posts, decisions, reports and
//!    findings follow in one operation.

mod follow;
mod recorded;
pub(crate) mod renames;

use pack::{Diagnostic, Pack, Severity, Source};
use sha2::{Digest, Sha256};

pub use follow::Followed;
pub use recorded::{judge, recorded};

use self::renames::Renames;
use crate::error::text;
use crate::people::check_line;
use crate::permission::Permit;
use crate::store::{Row, Sql};
use crate::{Day, Error, FieldError, Id, Moment, Operation, Reading, Result};

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
    /// `proposed`, `adopted` (waits for its 施行日), `in_force` (also of what was before), `refused` or `withdrawn`.
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

/// A version to be proposed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Its source, from [`to_bytes`].
    pub source: Vec<u8>,
    /// What was changed and why.
    pub note: String,
    /// 施行日, today or later.
    pub effective: Day,
}

/// Reads and checks a stored source.
pub fn compile(source: &[u8]) -> Result<Pack> {
    let files = from_bytes(source).ok_or_else(|| Error::broken("a stored policy is not the files of a folder"))?;
    let source: Source = files.into_iter().collect();
    let checked = pack::compile(&source);
    checked.pack.ok_or_else(|| refused(&source, &checked.diagnostics))
}

/// The refusal that the errors among these make.
fn refused(source: &Source, diagnostics: &[Diagnostic]) -> Error {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let place = |diagnostic: &Diagnostic| format!("{}:{}", diagnostic.site.file, source.position(&diagnostic.site).0);
    let fields: Vec<FieldError> =
        errors.map(|error| FieldError { field: place(error), message: error.message.clone() }).collect();
    let message = text(
        format!(
            "規程データに誤りが{}件あるため受け付けられません。直してから、もう一度起案してください。",
            fields.len()
        ),
        format!("The policy has {} errors and is not taken. Mend them and propose it again.", fields.len()),
    );
    Error::invalid(fields).saying(message)
}

/// Refuses a version that would lose something recorded.
async fn fits(reading: &mut Reading, old: &Pack, new: &Pack, source: &[u8]) -> Result<()> {
    let found = judge(reading, old, new).await?;
    if found.iter().all(|diagnostic| diagnostic.severity != Severity::Error) {
        return Ok(());
    }
    let files = from_bytes(source).unwrap_or_default();
    Err(refused(&files.into_iter().collect(), &found))
}

/// Proposes a version (起案). It is checked as `pack check` does, also against what is recorded.
pub async fn propose(op: &mut Operation, permit: Permit, proposal: Proposal) -> Result<Id> {
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
    let pack = compile(&proposal.source)?;
    check_line("version", &pack.version, true)?;
    let used = "SELECT 1 FROM pack_version WHERE version = $1 AND state IN ('proposed', 'adopted', 'in_force')";
    if op.row_if_any(Sql::new(used, [(&pack.version).into()])).await?.is_some() {
        return Err(Error::invalid_field(
            "version",
            format!("版「{}」はすでにあります。pack.toml の version を新しくしてください。", pack.version),
            format!("There is a version '{}' already. Give pack.toml a new version.", pack.version),
        ));
    }
    if let Some((_, old)) = pack_in_force(op).await? {
        fits(op, &old, &pack, &proposal.source).await?;
    }
    let id = op.new_id()?;
    op.enter(permit);
    op.subject(id);
    let sql = "INSERT INTO pack_version (id, pack, version, hash, source, note, state, proposed_by, proposed_at, decided_by, \
               decided_at, effective_day, salt) VALUES ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, NULL, NULL, $9, $10)";
    let hash = Sha256::digest(&proposal.source).to_vec();
    let values = [
        id.into(),
        pack.id.into(),
        pack.version.into(),
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

async fn locked(op: &mut Operation, id: Id) -> Result<Version> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM pack_version WHERE id = ").bind(id).push(op.engine().for_update());
    let version = op.row_if_any(sql).await?;
    read(&version.ok_or_else(|| Error::not_found("規程データの版", "version of the policy"))?)
}

/// Decides on a proposal (決裁): adopted or refused, by another person than the one who proposed it. The first version of a
/// store, where nothing can be recorded yet, is in force at once when its day has come.
pub async fn decide(op: &mut Operation, permit: Permit, id: Id, adopt: bool) -> Result<()> {
    let version = locked(op, id).await?;
    if version.state != "proposed" {
        return Err(Error::refused("すでに決裁が済んでいます。", "It has been decided already."));
    }
    if version.proposed_by == op.actor().to_string() {
        return Err(Error::forbidden(
            "起案した本人は決裁できません。別の人が決裁してください。",
            "Whoever proposed it may not decide on it. Another person has to.",
        ));
    }
    let mut state = if adopt { "adopted" } else { "refused" };
    if adopt {
        if let Some(waiting) = waiting(op).await? {
            return Err(Error::refused(
                format!(
                    "版「{}」が施行日（{}）を待っています。施行されるか取り下げてから決裁してください。",
                    waiting.version, waiting.effective
                ),
                format!(
                    "Version '{}' waits for its day ({}). Decide after it is in force or withdrawn.",
                    waiting.version, waiting.effective
                ),
            ));
        }
        match pack_in_force(op).await? {
            Some((_, old)) => {
                let source = source(op, id).await?;
                fits(op, &old, &compile(&source)?, &source).await?;
            }
            None if version.effective <= op.today() => state = "in_force",
            None => {}
        }
    }
    op.enter(permit);
    let sql = "UPDATE pack_version SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1";
    let values = [id.into(), state.into(), op.actor().to_string().into(), op.at().into()];
    op.write("pack_version", [id.into()], Sql::new(sql, values)).await?;
    op.note("sha256", crate::journal::entry::hex(&version.hash));
    Ok(())
}

/// Takes back a version that is not in force yet (取下げ).
pub async fn withdraw(op: &mut Operation, permit: Permit, id: Id) -> Result<()> {
    let version = locked(op, id).await?;
    if !matches!(version.state.as_str(), "proposed" | "adopted") {
        return Err(Error::refused(
            "施行前の版だけを取り下げられます。",
            "Only a version that is not in force yet can be withdrawn.",
        ));
    }
    op.enter(permit);
    let sql = Sql::new("UPDATE pack_version SET state = 'withdrawn' WHERE id = $1", [id.into()]);
    op.write("pack_version", [id.into()], sql).await?;
    Ok(())
}

/// Takes an adopted version into force on or after its 施行日: what is recorded follows its ids. Refused, and nothing
/// changes, when something was recorded since the decision that it would lose.
pub async fn take_force(op: &mut Operation, permit: Permit, id: Id) -> Result<(Pack, Followed)> {
    let version = locked(op, id).await?;
    if version.state != "adopted" || version.effective > op.today() {
        return Err(Error::refused(
            "決裁が済み、施行日が来た版だけを施行できます。",
            "Only an adopted version whose day has come can be taken into force.",
        ));
    }
    let source = source(op, id).await?;
    let new = compile(&source)?;
    let before = pack_in_force(op).await?;
    op.enter(permit);
    op.note("sha256", crate::journal::entry::hex(&version.hash));
    let sql = Sql::new("UPDATE pack_version SET state = 'in_force' WHERE id = $1", [id.into()]);
    op.write("pack_version", [id.into()], sql).await?;
    let mut followed = Followed::default();
    if let Some((_, old)) = before {
        fits(op, &old, &new, &source).await?;
        followed = follow::follow(op, &Renames { old: &old, new: &new }, id).await?;
    }
    Ok((new, followed))
}

/// The version that was adopted and waits for its 施行日.
pub async fn waiting(reading: &mut Reading) -> Result<Option<Version>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM pack_version WHERE state = 'adopted' ORDER BY effective_day, id");
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}

/// The version in force on a day: of those taken into force, the one with the latest 施行日, and of equals the one decided last.
pub async fn in_force(reading: &mut Reading, day: Day) -> Result<Option<Version>> {
    let mut sql = Sql::default();
    sql.push("SELECT ")
        .push(COLUMNS)
        .push(" FROM pack_version WHERE state = 'in_force' AND effective_day <= ")
        .bind(day);
    sql.push(" ORDER BY effective_day DESC, decided_at DESC, id DESC LIMIT 1");
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}

/// The version in force today, read.
pub async fn pack_in_force(reading: &mut Reading) -> Result<Option<(Version, Pack)>> {
    let today = reading.today();
    let Some(version) = in_force(reading, today).await? else { return Ok(None) };
    let source = source(reading, version.id).await?;
    Ok(Some((version, compile(&source)?)))
}

/// The version of this id.
pub async fn get(reading: &mut Reading, id: Id) -> Result<Version> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM pack_version WHERE id = ").bind(id);
    let row = reading.row_if_any(sql).await?;
    read(&row.ok_or_else(|| Error::not_found("規程データの版", "version of the policy"))?)
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
