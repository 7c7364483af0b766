//! The policy that ships with the product.

use std::path::{Path, PathBuf};

use crate::command_line::sekimori;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sodegaura")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_shipped_pack_has_no_error_and_no_warning() {
    let output = sekimori(&["pack", "check", shipped().to_str().unwrap(), "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let dense: String = text.split_whitespace().collect();
    assert!(dense.contains(r#""errors":0,"warnings":0"#), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_control_taken_out_orphans_its_clause() {
    let folder = tempfile::tempdir().unwrap();
    for (duty, id) in [
        ("assets", "assets-reviewed-yearly"),
        ("media", "media-counted-monthly"),
        ("governance", "roles-filled"),
        ("recovery-plans", "plans-consistent"),
    ] {
        let pack = folder.path().join(id);
        copy(&shipped(), &pack);
        let file = pack.join("duties").join(duty).join("controls.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let blocks: Vec<&str> = text.split("[[control]]").collect();
        let left: Vec<&str> = blocks.iter().copied().filter(|block| !block.contains(&format!("= \"{id}\""))).collect();
        assert_eq!(left.len() + 1, blocks.len());
        std::fs::write(&file, left.join("[[control]]")).unwrap();

        let output = sekimori(&["pack", "check", pack.to_str().unwrap(), "--lang", "en"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("procedure-criteria#{id}")), "{said}");
        assert!(said.contains("procedure-criteria.md"), "{said}");
    }
}
