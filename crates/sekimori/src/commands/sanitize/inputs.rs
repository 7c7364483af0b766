//! Which files are meant: those named, and those in named folders.

use std::path::{Path, PathBuf};

use crate::lang::Lang;

/// One file to sanitise.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its name.
    pub(super) name: String,
    /// As the report shows it: as it was given, or for a file in a folder its path under that folder.
    pub(super) shown: String,
    /// Folders under the output folder, one component each; empty for a file that was named.
    pub(super) folders: Vec<String>,
}

/// The files in the order of the arguments; in a folder, by path. The second list is what could not be looked at.
pub(super) fn find(arguments: &[PathBuf], lang: Lang) -> (Vec<Input>, Vec<String>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for argument in arguments {
        if argument.is_dir() {
            walk(argument, &[], &mut files, &mut problems, lang);
        } else {
            let shown = argument.display().to_string();
            files.push(Input { path: argument.clone(), name: name_of(argument), shown, folders: Vec::new() });
        }
    }
    (files, problems)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn walk(folder: &Path, folders: &[String], files: &mut Vec<Input>, problems: &mut Vec<String>, lang: Lang) {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return problems.push(super::cannot(lang, folder, "read", &error)),
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => {
                problems.push(super::cannot(lang, &path, "read", &error));
                continue;
            }
        };
        if kind.is_dir() {
            let inner: Vec<_> = folders.iter().cloned().chain([name]).collect();
            walk(&path, &inner, files, problems, lang);
        } else if kind.is_file() {
            let shown = folders.iter().map(String::as_str).chain([name.as_str()]).collect::<Vec<_>>().join("/");
            files.push(Input { path, name, shown, folders: folders.to_vec() });
        } else {
            let path = path.display();
            problems.push(match lang {
                Lang::Ja => {
                    format!("「{path}」は通常のファイルではないため処理しません（リンク先を直接指定してください）")
                }
                Lang::En => format!("\"{path}\" is not an ordinary file and was left out: name its target instead"),
            });
        }
    }
}
