//! The files of a zip as they are, for a reader that checks their content itself (a policy's folder as one file).

use super::{names, read};
use crate::budget::{Budget, Limits};

/// Every file with its path. None when the archive is damaged, ambiguous, encrypted, holds links or paths that lead out of
/// it, or is larger than these limits. To be called in a worker: the bytes come from outside.
pub fn zip_files(bytes: &[u8], limits: Limits) -> Option<Vec<(String, Vec<u8>)>> {
    let mut budget = Budget::new(limits);
    let archive = read::open(bytes, &mut budget).ok()?;
    let paths = names::decode(&archive.entries);
    let mut files = Vec::new();
    for (entry, path) in archive.entries.iter().zip(paths).filter(|(entry, _)| !entry.is_folder()) {
        let leads_out = path.starts_with('/') || path.split(['/', '\\']).any(|part| part == "..") || path.contains(':');
        if entry.encrypted || entry.is_link() || leads_out {
            return None;
        }
        files.push((path.replace('\\', "/"), read::inflate(entry, entry.packed, entry.method, &mut budget).ok()?));
    }
    Some(files)
}
