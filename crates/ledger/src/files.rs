//! Files that belong to records: kept in the store in parts, with the hash and size of the whole in the journaled row.

use std::io::Read;

use pack::Pack;
use sha2::{Digest, Sha256};

use crate::people::{Standing, check_line};
use crate::permission::{self, Permit};
use crate::store::{Row, Sql};
use crate::{Error, Id, Kind, Moment, Operation, Reading, Result, visibility};

/// Bytes of one part.
const PART: usize = 256 * 1024;

/// Largest file, in bytes.
pub const SIZE_MAX: i64 = 512 * 1024 * 1024;

/// A file as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: Id,
    /// The name it was given with.
    pub name: String,
    /// Its media type as it was determined; never believed from the sender.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// Who brought it, as the journal writes actors.
    pub owner: String,
    /// When.
    pub created: Moment,
    /// When its bytes were destroyed.
    pub destroyed: Option<Moment>,
}

const COLUMNS: &str = "f.id, f.name, f.media_type, f.size, f.sha256, f.owner, f.created_at, f.destroyed_at";

fn read(row: &Row) -> Result<File> {
    Ok(File {
        id: row.id(0)?,
        name: row.text(1)?,
        media_type: row.text(2)?,
        size: row.int(3)?,
        sha256: row.bytes(4)?,
        owner: row.text(5)?,
        created: row.moment(6)?,
        destroyed: row.opt_moment(7)?,
    })
}

/// Stores a file from a stream, part by part. It belongs to its bringer until a record refers to it.
pub async fn add(
    op: &mut Operation,
    permit: Permit,
    name: &str,
    media_type: &str,
    mut input: impl Read,
) -> Result<File> {
    check_line("name", name, true)?;
    check_line("media_type", media_type, true)?;
    let id = op.new_id()?;
    op.enter(permit);
    op.subject(id);
    let (mut digest, mut size, mut part) = (Sha256::new(), 0_i64, 0_i64);
    loop {
        let mut bytes = Vec::with_capacity(PART);
        let read = input.by_ref().take(PART as u64).read_to_end(&mut bytes);
        read.map_err(|error| {
            Error::new(
                Kind::Invalid,
                "ファイルを読み取れませんでした。もう一度お試しください。",
                "The file could not be read. Try again.",
            )
            .logged(error)
        })?;
        if bytes.is_empty() {
            break;
        }
        size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if size > SIZE_MAX {
            return Err(Error::invalid_field(
                "file",
                "512MBまでのファイルを添付できます。",
                "Attach a file of at most 512 MB.",
            ));
        }
        digest.update(&bytes);
        let sql = "INSERT INTO file_part (file_id, part, bytes) VALUES ($1, $2, $3)";
        op.write_unjournaled(Sql::new(sql, [id.into(), part.into(), bytes.into()])).await?;
        part += 1;
    }
    let file = File {
        id,
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        size,
        sha256: digest.finalize().to_vec(),
        owner: op.actor().to_string(),
        created: op.at(),
        destroyed: None,
    };
    let sql = "INSERT INTO file (id, name, media_type, size, sha256, owner, created_at, destroyed_at, salt) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)";
    let values = [
        id.into(),
        name.into(),
        media_type.into(),
        size.into(),
        file.sha256.clone().into(),
        (&file.owner).into(),
        file.created.into(),
        op.new_salt()?.into(),
    ];
    op.write("file", [id.into()], Sql::new(sql, values)).await?;
    Ok(file)
}

/// Roles that read the evidence of any report.
const JUDGES: [&str; 7] =
    ["auditor", "audit_chief", "audit_commissioner", "secretariat", "chief_security_officer", "ciso", "deputy_ciso"];

/// A file that the reader may have: one that the reader brought, or that a record refers to which the reader sees, or the
/// evidence of a report (実施報告) for those who judge them (auditors, the secretariat and above).
pub async fn get(reading: &mut Reading, pack: &Pack, standing: Option<&Standing>, id: Id) -> Result<File> {
    let missing = || Error::not_found("ファイル", "file");
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM file f WHERE f.id = ").bind(id);
    let file = read(&reading.row_if_any(sql).await?.ok_or_else(missing)?)?;
    if standing.is_none() || file.owner == reading.actor().to_string() {
        return Ok(file);
    }
    for register in &pack.registers {
        let mut sql = Sql::default();
        sql.push(
            "SELECT 1 FROM record r WHERE r.id IN (SELECT record_id FROM record_link WHERE kind = 'file' AND target = ",
        );
        sql.bind(id).push(" UNION ALL SELECT record_id FROM paper WHERE scan = ").bind(id);
        sql.push(") AND r.register = ").bind(&register.id).push(" AND ");
        sql.append(&visibility::of_register(standing, register)).push(" LIMIT 1");
        if reading.row_if_any(sql).await?.is_some() {
            return Ok(file);
        }
    }
    if standing.is_some_and(|s| JUDGES.iter().any(|role| s.holds_office(role))) {
        let sql = Sql::new("SELECT 1 FROM attestation WHERE file_id = $1", [id.to_string().into()]);
        if reading.row_if_any(sql).await?.is_some() {
            return Ok(file);
        }
    }
    Err(missing())
}

/// Notes that the actor takes a file away. For whoever got the file from [`get`].
pub fn note_download(op: &mut Operation, file: &File) {
    op.enter(permission::download(file.id));
}

/// The bytes of a part, counted from 0; none after the last. For whoever got the file from [`get`].
pub async fn part(reading: &mut Reading, id: &str, part: i64) -> Result<Option<Vec<u8>>> {
    let sql = Sql::new("SELECT bytes FROM file_part WHERE file_id = $1 AND part = $2", [id.into(), part.into()]);
    reading.row_if_any(sql).await?.map(|row| row.bytes(0)).transpose()
}

/// Destroys a file's bytes; its name and hash stay. Inside the entry of the decision that orders it.
pub(crate) async fn destroy(op: &mut Operation, id: Id) -> Result<()> {
    op.write_unjournaled(Sql::new("DELETE FROM file_part WHERE file_id = $1", [id.into()])).await?;
    let sql = Sql::new(
        "UPDATE file SET destroyed_at = $2 WHERE id = $1 AND destroyed_at IS NULL",
        [id.into(), op.at().into()],
    );
    op.write("file", [id.into()], sql).await?;
    Ok(())
}
