//! Where rebuilt files go: under one folder, each under a name of its own, never onto an input.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use sanitize::{Limits, names};

use super::inputs::Input;

/// The output folder.
pub(super) struct Outputs {
    root: PathBuf,
    inputs: BTreeSet<PathBuf>,
    taken: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Outputs {
    /// Creates the folder.
    pub(super) fn create(root: &Path, inputs: &[Input]) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        let inputs = inputs.iter().filter_map(|input| input.path.canonicalize().ok()).collect();
        Ok(Self { root: root.canonicalize()?, inputs, taken: BTreeMap::new() })
    }

    /// Writes a file whole or not at all, and gives its path under the folder.
    pub(super) fn write(&mut self, input: &Input, name: &str, bytes: &[u8]) -> io::Result<String> {
        let limits = Limits::default();
        let safe = input.folders.iter().map(|f| names::clean_directory(f, &limits).unwrap_or_else(|| "_".to_owned()));
        let folders: Vec<_> = safe.collect();
        let folder = folders.iter().fold(self.root.clone(), |path, folder| path.join(folder));
        std::fs::create_dir_all(&folder)?;
        let taken = self.taken.entry(folder.clone()).or_default();
        let name = loop {
            let name = names::unique(name, taken);
            if !self.inputs.contains(&folder.join(&name)) {
                break name;
            }
        };
        let part = folder.join(format!(".{name}.part"));
        std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, folder.join(&name))).inspect_err(|_| {
            // What is half written is not left behind; the error that matters is the first.
            let _ = std::fs::remove_file(&part);
        })?;
        Ok(folders.iter().map(String::as_str).chain([name.as_str()]).collect::<Vec<_>>().join("/"))
    }
}
