//! The files of a pack's folder, as the caller read them.

use std::collections::BTreeMap;

use crate::model::Site;

/// Largest file of a pack, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Most files in a pack.
pub const MAX_FILES: usize = 2000;
/// Largest pack, in bytes.
pub const MAX_PACK_BYTES: usize = 32 << 20;

/// A pack's folder: relative paths with `/`, and bytes.
///
/// The caller reads the folder: without following links, and reading no more than [`MAX_FILE_BYTES`]` + 1` of a file (the
/// byte too many makes the check say that it is too large).
#[derive(Debug, Clone, Default)]
pub struct Source {
    files: BTreeMap<String, Vec<u8>>,
}

impl Source {
    /// A folder without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file in, in place of one of the same path.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.files.remove(path)
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Line and column of a place, both from 1; the column counts characters. 1 and 1 when there is no such file.
    pub fn position(&self, site: &Site) -> (usize, usize) {
        let bytes = self.get(&site.file).unwrap_or_default();
        let before = bytes.get(..site.start.min(bytes.len())).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let text = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default());
        (line, text.trim_start_matches('\u{feff}').chars().count() + 1)
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for Source {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        Self { files: files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect() }
    }
}
