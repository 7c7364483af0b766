//! File names made safe: what a reader sees is what it is.

use crate::budget::Limits;
use crate::format::Format;
use crate::words::What;

/// Names that Windows takes for devices, with any extension.
const DEVICES: &[&str] = &[
    "con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt0",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "conin$", "conout$", "clock$",
];

/// Extensions that are never left in the middle of a name (`請求書.pdf.exe`): what a rebuilt file may be, and what runs.
const INNER: &[&str] = &[
    "doc", "xls", "ppt", "docb", "jpeg", "htm", "tiff", "exe", "com", "scr", "pif", "cpl", "bat", "cmd", "ps1", "vbs",
    "vbe", "js", "jse", "wsf", "wsh", "hta", "lnk", "url", "msi", "jar", "iso", "img", "dll", "reg", "chm", "one",
    "mht", "mhtml", "iqy", "slk", "tgz",
];

/// A cleaned name and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanName {
    /// The safe name: one component, one extension.
    pub name: String,
    /// What was corrected, for `noted`.
    pub changes: Vec<What>,
}

/// Characters that deceive the eye: bidirectional controls, invisible characters, variation tricks of file names.
pub fn is_deceiving(c: char) -> bool {
    is_bidi(c)
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{00ad}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Bidirectional controls (UAX #9).
pub fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The extension of a name in lower case, without the dot; empty when there is none.
pub fn extension(name: &str) -> String {
    match name.trim_end_matches([' ', '.', '\u{3000}']).rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 12 => extension.to_lowercase(),
        _ => String::new(),
    }
}

/// Makes one safe path component of `name`, with the extension of `format`.
///
/// ```
/// use sanitize::{Format, Limits, names};
/// assert_eq!(names::clean("請求書.pdf.exe", Format::Docx, &Limits::default()).name, "請求書.docx");
/// assert_eq!(names::clean("../../NUL.txt", Format::Txt, &Limits::default()).name, "_NUL.txt");
/// ```
pub fn clean(name: &str, format: Format, limits: &Limits) -> CleanName {
    let mut changes = Vec::new();
    if name.chars().any(is_bidi) {
        changes.push(What::BidiRemoved);
    }
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim_matches(['.', ' ']).is_empty()).unwrap_or("");
    let safe = safe_characters(last);
    let given = extension(&safe);
    let wanted = format.extension();
    let same = given == wanted || format.other_extensions().contains(&given.as_str());
    if !same && !given.is_empty() && is_known(&given) {
        changes.push(What::ExtensionCorrected);
    }
    let kept = if same { given.clone() } else { wanted.to_owned() };
    let stem = stem(&safe, &given, same);
    let stem = shorten(&stem, limits.name_bytes.saturating_sub(kept.len() + 1));
    let cleaned = format!("{stem}.{kept}");
    if cleaned != name && changes.is_empty() && !only_extension_added(name, &cleaned) {
        changes.push(What::NameCorrected);
    }
    CleanName { name: cleaned, changes }
}

/// One directory of a path made safe; `None` for those that mean nothing (`.`, empty) or climb (`..`).
pub fn clean_directory(name: &str, limits: &Limits) -> Option<String> {
    let safe = safe_characters(name);
    let trimmed = safe.trim_matches([' ', '.', '\u{3000}']);
    if trimmed.is_empty() {
        return None;
    }
    let stem = if is_device(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() };
    Some(shorten(&stem, limits.name_bytes))
}

/// Gives `name` a number before its extension until `taken` does not know it (names compare without case).
pub fn unique(name: &str, taken: &mut std::collections::BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2_u32;
    while !taken.insert(candidate.to_lowercase()) {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        candidate = match extension {
            "" => format!("{stem} ({number})"),
            _ => format!("{stem} ({number}).{extension}"),
        };
        number += 1;
    }
    candidate
}

fn is_known(extension: &str) -> bool {
    INNER.contains(&extension) || Format::ALL.iter().any(|f| f.extension() == extension)
}

fn only_extension_added(name: &str, cleaned: &str) -> bool {
    cleaned.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

/// Controls, deceiving characters and those that Windows forbids taken out; runs of spaces made one.
fn safe_characters(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\' => out.push('_'),
            c if c.is_control() || is_deceiving(c) => {}
            c if c.is_whitespace() && c != '\u{3000}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// The name without its extension and without known extensions in front of it.
fn stem(safe: &str, given: &str, same: bool) -> String {
    let ends = [' ', '.', '\u{3000}'];
    let mut stem = safe.trim_matches(ends).to_owned();
    let cut = !given.is_empty() && (same || is_known(given));
    if let (true, Some((before, _))) = (cut, stem.rsplit_once('.')) {
        stem = before.trim_end_matches(ends).to_owned();
    }
    loop {
        let inner = extension(&stem);
        if inner.is_empty() || !is_known(&inner) {
            break;
        }
        let Some((before, _)) = stem.rsplit_once('.') else { break };
        stem = before.trim_end_matches(ends).to_owned();
    }
    if stem.is_empty() {
        return "file".to_owned();
    }
    if is_device(&stem) { format!("_{stem}") } else { stem }
}

fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or(stem).trim_end().to_lowercase();
    DEVICES.contains(&first.as_str())
}

fn shorten(stem: &str, bytes: usize) -> String {
    let mut end = stem.len().min(bytes);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    stem.get(..end).unwrap_or("").trim_end_matches([' ', '.', '\u{3000}']).to_owned()
}
