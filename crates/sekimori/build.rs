//! Lists the files of `packs/sodegaura`, so that the binary carries them.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    // Asked when it runs: a target directory may have come here from another checkout.
    let crate_dir = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let root = Path::new(&crate_dir).join("../../packs/sodegaura");
    let mut files = Vec::new();
    walk(&root, "", &mut files);
    let mut out = String::from(
        "/// `packs/sodegaura`: paths and bytes, in the order of paths.\npub(crate) const SODEGAURA: &[(&str, &[u8])] = &[\n",
    );
    for path in &files {
        // Relative to the crate as it is compiled: a target directory may outlive the checkout that it was made for.
        let from = format!("/../../packs/sodegaura/{path}");
        let _ = writeln!(out, "    ({path:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {from:?}))),");
    }
    out.push_str("];\n");
    let target = std::env::var_os("OUT_DIR").map(|dir| Path::new(&dir).join("embedded_packs.rs"));
    if let Some(Err(error)) = target.map(|target| std::fs::write(target, out)) {
        println!("cargo:error=cannot write the list of files: {error}");
    }
}

fn walk(dir: &Path, prefix: &str, files: &mut Vec<String>) {
    println!("cargo:rerun-if-changed=../../packs/sodegaura/{prefix}");
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            println!("cargo:error=cannot read {}: {error}", dir.display());
            return;
        }
    };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{path}/"), files);
        } else {
            files.push(path);
        }
    }
}
