//! Reading a pack's folder from disk.

use std::io::{Read, Write};
use std::path::Path;

use pack::model::Site;
use pack::{Checked, Diagnostic, MAX_FILE_BYTES, MAX_FILES, Pack, Severity, Source};

use crate::lang::Lang;

/// Deepest folder below the pack's own.
const MAX_DEPTH: usize = 8;

/// A folder that was read.
pub(super) struct Folder {
    pub(super) source: Source,
    /// What is wrong with the folder itself, such as links.
    pub(super) problems: Vec<Diagnostic>,
}

/// Reads a folder. Links are not followed: a pack is what stands in its folder, and nothing else.
pub(super) fn read(dir: &Path, lang: Lang) -> Result<Folder, String> {
    if !dir.is_dir() {
        return Err(match lang {
            Lang::Ja => {
                format!("「{}」というフォルダーはありません。規程データのフォルダーを指定してください", dir.display())
            }
            Lang::En => format!("there is no folder '{}'; name a pack's folder", dir.display()),
        });
    }
    let mut folder = Folder { source: Source::new(), problems: Vec::new() };
    let mut left = MAX_FILES + 1;
    walk(dir, "", 0, &mut folder, &mut left).map_err(|(path, error)| match lang {
        Lang::Ja => format!("「{path}」を読めません: {error}"),
        Lang::En => format!("cannot read '{path}': {error}"),
    })?;
    Ok(folder)
}

fn walk(
    dir: &Path,
    prefix: &str,
    depth: usize,
    folder: &mut Folder,
    left: &mut usize,
) -> Result<(), (String, std::io::Error)> {
    let named = |error| (dir.display().to_string(), error);
    let mut entries = std::fs::read_dir(dir).map_err(named)?.collect::<Result<Vec<_>, _>>().map_err(named)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let shown = name.to_string_lossy();
            folder.problems.push(problem(
                "file-name",
                &format!("{prefix}{shown}"),
                ("ファイル名が UTF-8 ではありません", "the file's name is not UTF-8"),
                ("名前を付け直してください", "rename it"),
            ));
            continue;
        };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(named)?;
        if kind.is_symlink() {
            folder.problems.push(problem(
                "file-link",
                &path,
                ("リンクはたどりません", "links are not followed"),
                ("リンク先のファイルそのものを置いてください", "put the file itself there"),
            ));
        } else if kind.is_dir() {
            if depth == MAX_DEPTH {
                folder.problems.push(problem(
                    "folder-too-deep",
                    &path,
                    ("フォルダーが深すぎます", "the folder is too deep"),
                    ("docs/pack.md の1節の形にしてください", "arrange it as in section 1 of docs/pack.md"),
                ));
            } else if !name.starts_with('.') {
                walk(&entry.path(), &format!("{path}/"), depth + 1, folder, left)?;
            }
        } else if *left > 0 {
            *left -= 1;
            let file = std::fs::File::open(entry.path()).map_err(|error| (path.clone(), error))?;
            let mut bytes = Vec::new();
            file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| (path.clone(), error))?;
            folder.source.insert(path, bytes);
        }
    }
    Ok(())
}

fn problem(code: &'static str, path: &str, says: (&str, &str), help: (&str, &str)) -> Diagnostic {
    let site = Site { file: path.into(), start: 0, end: 0 };
    Diagnostic::error(code, site, format!("「{path}」: {}", says.0), format!("'{path}': {}", says.1))
        .help(help.0, help.1)
        .names([path])
}

/// Reads and checks a folder; the folder's own problems stand with the others.
pub(crate) fn check(dir: &Path, lang: Lang) -> Result<(Source, Checked), String> {
    let Folder { source, problems } = read(dir, lang)?;
    let mut checked = pack::compile(&source);
    if !problems.is_empty() {
        checked.pack = None;
        checked.diagnostics.splice(0..0, problems);
    }
    Ok((source, checked))
}

/// A pack without errors, or a message that says what to do.
pub(super) fn open(dir: &Path, lang: Lang) -> Result<Pack, String> {
    let (_, checked) = check(dir, lang)?;
    let errors = checked.count(Severity::Error);
    match checked.pack {
        Some(pack) => Ok(pack),
        None => Err(match lang {
            Lang::Ja => format!(
                "「{}」に誤りが{errors}件あります。sekimori pack check {} で確かめてください",
                dir.display(),
                dir.display()
            ),
            Lang::En => {
                format!("'{}' has {errors} errors; see sekimori pack check {}", dir.display(), dir.display())
            }
        }),
    }
}

/// Makes a folder and writes files into it.
pub(super) fn write(dir: &Path, files: &[(String, Vec<u8>)], lang: Lang) -> Result<(), String> {
    for (path, bytes) in files {
        let to = dir.join(path);
        let made = to.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&to, bytes)).map_err(|error| match lang {
            Lang::Ja => format!("「{}」に書き込めません: {error}", to.display()),
            Lang::En => format!("cannot write '{}': {error}", to.display()),
        })?;
    }
    Ok(())
}

/// Prints to standard output. A reader that closes the pipe early has seen enough.
pub(super) fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
