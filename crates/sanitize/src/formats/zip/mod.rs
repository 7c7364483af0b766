//! Zip (APPNOTE.TXT 6.3.10), read strictly and rewritten from scratch.

mod crypt;
mod files;
mod names;
pub(crate) mod read;
pub(crate) mod write;

pub use files::zip_files;

use std::collections::BTreeSet;

use crate::names as file_names;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};
use read::Entry;
use write::Writer;

/// Rebuilds an archive: each member sanitised, a note in the place of what is held or refused.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let archive = read::open(source.bytes, &mut work.budget)?;
    let paths = names::decode(&archive.entries);
    let mut draft = Draft::default();
    let mut members = Members::default();
    for (entry, path) in archive.entries.iter().zip(&paths).filter(|(entry, _)| !entry.is_folder()) {
        let bytes = match entry.encrypted {
            true => open_encrypted(entry, work)?,
            false => read::inflate(entry, entry.packed, entry.method, &mut work.budget)?,
        };
        members.add(path, entry.is_link(), &bytes, work, &mut draft)?;
    }
    if archive.entries.iter().any(|entry| entry.encrypted) {
        draft.findings.noted(What::Decrypted, "");
    }
    draft.bytes = members.finish()?;
    Ok(draft)
}

/// Members of an archive that is written as zip. Other archive formats use it too.
#[derive(Default)]
pub(crate) struct Members {
    writer: Writer,
    taken: BTreeSet<String>,
    count: usize,
}

impl Members {
    /// Sanitises a member and writes it, or a note, under a safe path.
    pub(crate) fn add(
        &mut self,
        path: &str,
        link: bool,
        bytes: &[u8],
        work: &mut Work<'_>,
        draft: &mut Draft,
    ) -> Result<(), Stop> {
        if is_litter(path) {
            draft.findings.noted(What::Metadata, path);
            return Ok(());
        }
        if link {
            // What a symbolic link points at is outside of the archive; nothing of it can be carried.
            draft.findings.removed(What::ExternalLink, path);
            return Ok(());
        }
        let folders = folders(path, work);
        if path.contains("..") || path.starts_with(['/', '\\']) || path.contains(':') {
            draft.findings.noted(What::NameCorrected, path);
        }
        let child = work.child(path, bytes, draft)?;
        let full = folders.iter().map(String::as_str).chain([child.name.as_str()]).collect::<Vec<_>>().join("/");
        let name = file_names::unique(&full, &mut self.taken);
        self.writer.add(&name, &child.bytes)?;
        self.count += 1;
        Ok(())
    }

    /// Whether nothing was added yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The archive's bytes.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Stop> {
        if self.count == 0 {
            return Err(Stop::refused(ReasonCode::NothingLeft));
        }
        self.writer.finish()
    }
}

/// Files that operating systems leave in archives and no reader wants.
fn is_litter(path: &str) -> bool {
    let last = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
    path.starts_with("__MACOSX/") || matches!(last.as_str(), ".ds_store" | "thumbs.db" | "desktop.ini")
}

/// The folders of a path, each made safe; at most 16 of them.
fn folders(path: &str, work: &Work<'_>) -> Vec<String> {
    let mut parts: Vec<_> = path.split(['/', '\\']).collect();
    parts.pop();
    let limits = &work.policy.limits;
    parts.iter().filter_map(|part| file_names::clean_directory(part, limits)).take(16).collect()
}

/// The bytes of a protected member; when no password fits, the whole archive is held.
fn open_encrypted(entry: &Entry<'_>, work: &mut Work<'_>) -> Result<Vec<u8>, Stop> {
    for password in &work.passwords.clone() {
        for key in crypt::keys(password) {
            work.budget.step(20_000)?;
            let Some((plain, method)) = crypt::decrypt(entry, &key, &mut work.budget)? else { continue };
            match read::inflate(entry, &plain, method, &mut work.budget) {
                Ok(bytes) => return Ok(bytes),
                // One in 256 wrong passwords passes the check byte; then the data does not fit.
                Err(Stop::Refused(ReasonCode::Damaged)) => {}
                Err(stop) => return Err(stop),
            }
        }
    }
    Err(Stop::held(ReasonCode::PasswordNeeded))
}
