//! Opening the files of a pack: limits, paths, encoding, TOML syntax.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use super::table::{Place, Table};
use crate::diagnostic::Diagnostic;
use crate::model::Site;
use crate::report::Report;
use crate::source::{MAX_FILE_BYTES, MAX_FILES, MAX_PACK_BYTES, Source};
use crate::suggest;

/// Files that stand at the top of every pack.
const TOP: &[&str] =
    &["pack.toml", "organisation.toml", "classes.toml", "zones.toml", "threats.toml", "obligations.toml"];
/// Files of a duty's folder.
const DUTY: &[&str] =
    &["register.toml", "controls.toml", "sources.toml", "form.toml", "clauses.toml", "help.md", "help.en.md"];
/// Deepest nesting of brackets in a TOML file; deeper is refused before it is parsed.
const MAX_DEPTH: usize = 32;

/// A file's text.
pub(super) struct Text<'a> {
    pub(super) file: Arc<str>,
    pub(super) text: &'a str,
    /// Bytes of a BOM before the text.
    pub(super) base: usize,
}

/// A parsed TOML file.
pub(super) struct Toml<'a> {
    file: Arc<str>,
    base: usize,
    root: Spanned<DeTable<'a>>,
}

/// All files of a pack that could be read.
#[derive(Default)]
pub(super) struct Files<'a> {
    toml: BTreeMap<&'a str, Toml<'a>>,
    markdown: BTreeMap<&'a str, Text<'a>>,
}

impl<'a> Files<'a> {
    pub(super) fn open(source: &'a Source, report: &Report) -> Self {
        let mut files = Self::default();
        if too_large(source, report) {
            return files;
        }
        for (path, bytes) in source.files() {
            if ignored(path) || !known_path(path, report) {
                continue;
            }
            let Some(text) = decode(path, bytes, report) else { continue };
            if path.ends_with(".md") {
                files.markdown.insert(path, text);
            } else if let Some(toml) = parse(&text, report) {
                files.toml.insert(path, toml);
            }
        }
        for path in TOP {
            if source.get(path).is_none() {
                report.file_unread();
                report.add(
                    Diagnostic::error(
                        "file-missing",
                        at_start(path),
                        format!("ファイル「{path}」がありません"),
                        format!("the file '{path}' is missing"),
                    )
                    .help(
                        "規程データのフォルダーにこのファイルを置いてください",
                        "put this file into the pack's folder",
                    )
                    .names([*path]),
                );
            }
        }
        files
    }

    /// The table of a TOML file.
    pub(super) fn table<'b>(&'b self, path: &str, report: &'b Report, english: bool) -> Option<Table<'b>>
    where
        'a: 'b,
    {
        let toml = self.toml.get(path)?;
        let place = Place { file: &toml.file, base: toml.base, report, english };
        Some(Table::of_file(place, &toml.root))
    }

    pub(super) fn markdown(&self, path: &str) -> Option<&Text<'a>> {
        self.markdown.get(path)
    }

    /// Ids in a folder: file names without `ending`.
    pub(super) fn ids_in(&self, folder: &str, ending: &str) -> Vec<String> {
        let paths = self.toml.keys().chain(self.markdown.keys());
        paths
            .filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(ending))
            .filter(|id| !id.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    /// Names of the duty folders, in order.
    pub(super) fn duties(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .toml
            .keys()
            .chain(self.markdown.keys())
            .filter_map(|path| Some(path.strip_prefix("duties/")?.split_once('/')?.0.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Parses front matter, whose text starts `base` bytes into its file.
pub(super) fn parse_part<'a>(file: &Arc<str>, text: &'a str, base: usize, report: &Report) -> Option<Toml<'a>> {
    parse(&Text { file: file.clone(), text, base }, report)
}

impl<'a> Toml<'a> {
    pub(super) fn as_table<'b>(&'b self, report: &'b Report) -> Table<'b>
    where
        'a: 'b,
    {
        Table::of_file(Place { file: &self.file, base: self.base, report, english: true }, &self.root)
    }
}

pub(super) fn at_start(path: &str) -> Site {
    Site { file: Arc::from(path), start: 0, end: 0 }
}

fn too_large(source: &Source, report: &Report) -> bool {
    let count = source.files().count();
    let bytes: usize = source.files().map(|(_, bytes)| bytes.len()).sum();
    if count <= MAX_FILES && bytes <= MAX_PACK_BYTES {
        return false;
    }
    report.file_unread();
    report.add(
        Diagnostic::error(
            "pack-too-large",
            at_start("pack.toml"),
            format!("規程データが大きすぎます（{count}ファイル、{bytes}バイト）"),
            format!("the pack is too large ({count} files, {bytes} bytes)"),
        )
        .expected(
            format!("{MAX_FILES}ファイル、{MAX_PACK_BYTES}バイトまで"),
            format!("at most {MAX_FILES} files and {MAX_PACK_BYTES} bytes"),
        )
        .help("規程データのフォルダーを指しているか確かめてください", "see whether this is the pack's folder"),
    );
    true
}

fn ignored(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| part.starts_with('.') && part != "..") || matches!(name, "README.md" | "LICENSE")
}

fn known_path(path: &str, report: &Report) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    let known = match parts.as_slice() {
        [name] => TOP.contains(name) || *name == "sanitising.toml",
        ["documents", name] => name.ends_with(".md"),
        ["duties", _, name] => DUTY.contains(name),
        ["questionnaires" | "guideline", name] => name.ends_with(".toml"),
        _ => false,
    };
    let clean = parts.iter().all(|part| !part.is_empty() && *part != ".." && *part != "." && !part.contains('\\'));
    if known && clean {
        return true;
    }
    let name = parts.last().copied().unwrap_or_default();
    let near = suggest::nearest(name, TOP.iter().chain(DUTY).copied().chain(["sanitising.toml"]));
    let diagnostic = Diagnostic::error(
        "file-unknown",
        at_start(path),
        format!("「{path}」は規程データのファイルではありません"),
        format!("'{path}' is no file of a pack"),
    )
    .expected("docs/pack.md の一覧にあるファイル", "a file listed in docs/pack.md")
    .names([path]);
    report.add(match near {
        Some(near) => diagnostic.help(format!("「{near}」ではありませんか"), format!("did you mean '{near}'?")),
        None => diagnostic.help("フォルダーの外へ移してください", "move it out of the folder"),
    });
    false
}

fn decode<'a>(path: &str, bytes: &'a [u8], report: &Report) -> Option<Text<'a>> {
    let broken = |code, ja: String, en: String, help: (&str, &str), at: usize| {
        report.file_unread();
        let site = Site { file: Arc::from(path), start: at, end: at };
        report.add(Diagnostic::error(code, site, ja, en).help(help.0, help.1).names([path]));
    };
    if bytes.len() > MAX_FILE_BYTES {
        broken(
            "file-too-large",
            format!("{MAX_FILE_BYTES}バイトを超えています"),
            format!("larger than {MAX_FILE_BYTES} bytes"),
            ("ファイルを分けてください", "split the file"),
            0,
        );
        return None;
    }
    let base = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    match std::str::from_utf8(bytes.get(base..).unwrap_or_default()) {
        Ok(text) => Some(Text { file: Arc::from(path), text, base }),
        Err(error) => {
            broken(
                "file-not-utf8",
                "UTF-8 ではありません".to_owned(),
                "not UTF-8".to_owned(),
                ("エディターで文字コードを UTF-8 にして保存し直してください", "save it as UTF-8"),
                base + error.valid_up_to(),
            );
            None
        }
    }
}

/// Deepest nesting of brackets, strings left out of account only roughly: a pack has no reason for thirty of them.
fn depth(text: &str) -> usize {
    let (mut deepest, mut now) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn parse<'a>(text: &Text<'a>, report: &Report) -> Option<Toml<'a>> {
    let site =
        |start: usize, end: usize| Site { file: text.file.clone(), start: start + text.base, end: end + text.base };
    if depth(text.text) > MAX_DEPTH {
        report.file_unread();
        report.add(
            Diagnostic::error(
                "toml-too-deep",
                site(0, 0),
                format!("かっこの入れ子が{MAX_DEPTH}段を超えています"),
                format!("brackets are nested more than {MAX_DEPTH} deep"),
            )
            .help("かっこの閉じ忘れがないか確かめてください", "see whether a bracket is not closed"),
        );
        return None;
    }
    let (root, errors) = DeTable::parse_recoverable(text.text);
    if errors.is_empty() {
        return Some(Toml { file: text.file.clone(), base: text.base, root });
    }
    report.file_unread();
    for error in errors {
        let span = error.span().unwrap_or_default();
        report.add(
            Diagnostic::error(
                "toml-syntax",
                site(span.start, span.end),
                format!("TOML として読めません: {}", error.message()),
                format!("this is not TOML: {}", error.message()),
            )
            .help("引用符・かっこ・= の書き方を確かめてください", "look at quotes, brackets and ="),
        );
    }
    None
}
