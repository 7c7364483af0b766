//! What must never stand in which folder.

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files
}

/// Code lines, comments left out.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

#[test]
fn the_verifier_uses_nothing_of_the_readers_and_writers() {
    let banned = [
        "formats::",
        "crate::formats",
        "crate::work",
        "quick_xml",
        "lopdf",
        "pdf_writer",
        "flate2",
        "delharc",
        "sevenz",
        "lopdf",
        "jpeg_encoder",
        "weezl",
        "image_webp",
        "use png::",
        "html5gum",
        "use base64",
        "base64::engine",
        "use gif::",
    ];
    for (path, text) in sources("src/verify") {
        // Pictures of WebP are written by code of our own, so that this decoder is another.
        let decodes = path.ends_with("image/webp.rs");
        for line in code(&text) {
            for word in banned.iter().filter(|word| !(decodes && **word == "image_webp")) {
                assert!(!line.contains(*word), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn the_readers_and_writers_use_nothing_of_the_verifier() {
    for (path, text) in sources("src/formats") {
        // What draws pages reads the file that the rebuilder wrote, never the one that came in.
        let draws = path.components().any(|part| part.as_os_str() == "raster");
        for line in code(&text).filter(|line| !(draws && line.contains("hayro::hayro_syntax"))) {
            for word in ["verify::", "roxmltree", "hayro_syntax"] {
                assert!(!line.contains(word), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn files_stay_short() {
    for (path, text) in sources("src") {
        assert!(text.lines().count() <= 500, "{} has more than 500 lines", path.display());
    }
}
