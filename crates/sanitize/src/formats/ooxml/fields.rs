//! Word fields (ECMA-376 part 1, 17.16): those that compute or refer inside the document stay; all others become the text
//! that they show.

use std::collections::BTreeSet;

use super::tree::{Element, Fate};
use crate::grammar::W;
use crate::policy::Policy;
use crate::report::Findings;
use crate::words::What;

/// Fields that neither fetch nor run anything.
const ALLOWED: &[&str] = &[
    "=",
    "ADVANCE",
    "AUTONUM",
    "AUTONUMLGL",
    "AUTONUMOUT",
    "BIDIOUTLINE",
    "COMPARE",
    "CREATEDATE",
    "DATE",
    "EDITTIME",
    "EQ",
    "FORMCHECKBOX",
    "FORMDROPDOWN",
    "FORMTEXT",
    "GOTOBUTTON",
    "IF",
    "INDEX",
    "LISTNUM",
    "MERGEFIELD",
    "NOTEREF",
    "NUMCHARS",
    "NUMPAGES",
    "NUMWORDS",
    "PAGE",
    "PAGEREF",
    "QUOTE",
    "REF",
    "REVNUM",
    "SAVEDATE",
    "SECTION",
    "SECTIONPAGES",
    "SEQ",
    "SET",
    "STYLEREF",
    "SYMBOL",
    "TA",
    "TC",
    "TIME",
    "TOA",
    "TOC",
    "XE",
];

/// What an instruction is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It stays a field.
    Stays,
    /// It becomes its text; nothing dangerous.
    Text,
    /// It becomes its text, and this was removed.
    Removed(What),
}

/// Judges an instruction by its first word; `nested` when another field makes part of it.
pub(crate) fn judge(instruction: &str, nested: bool, policy: &Policy) -> Verdict {
    let mut words = words(instruction).into_iter();
    let Some(keyword) = words.next().map(|word| word.to_uppercase()) else {
        return if nested { Verdict::Removed(What::Field) } else { Verdict::Text };
    };
    if keyword.starts_with('=') || ALLOWED.contains(&keyword.as_str()) {
        // What a nested field makes of an instruction is known only when it runs.
        let fixed = !nested || keyword == "IF" || keyword.starts_with('=');
        return if fixed { Verdict::Stays } else { Verdict::Text };
    }
    match keyword.as_str() {
        "HYPERLINK" if nested => Verdict::Removed(What::UnsafeLink),
        "HYPERLINK" => link(words.collect::<Vec<_>>().as_slice(), policy),
        "DDE" | "DDEAUTO" => Verdict::Removed(What::Dde),
        "INCLUDEPICTURE" | "INCLUDETEXT" | "INCLUDE" | "IMPORT" | "LINK" | "EMBED" | "DATABASE" | "RD"
        | "MACROBUTTON" | "DATA" | "NEXT" | "NEXTIF" | "SKIPIF" | "PRINT" | "ADDIN" | "CONTROL" | "HTMLCONTROL"
        | "AUTOTEXT" | "AUTOTEXTLIST" | "GLOSSARY" | "FILLIN" | "ASK" | "FILESIZE" => Verdict::Removed(What::Field),
        _ => Verdict::Text,
    }
}

/// `HYPERLINK "target" \l "place"`.
fn link(arguments: &[String], policy: &Policy) -> Verdict {
    let mut target = None;
    let mut skip = false;
    for argument in arguments {
        match argument.as_str() {
            _ if skip => skip = false,
            "\\l" | "\\o" | "\\t" | "\\s" => skip = true,
            flag if flag.starts_with('\\') && flag.len() == 2 => {}
            other => target = target.or(Some(other)),
        }
    }
    match target {
        Some(target) if !target.is_empty() && !policy.allows_link(target) => Verdict::Removed(What::UnsafeLink),
        _ => Verdict::Stays,
    }
}

/// Splits at white space; quotes hold together.
fn words(instruction: &str) -> Vec<String> {
    let (mut out, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for c in instruction.chars() {
        match c {
            '"' | '\u{201c}' | '\u{201d}' => {
                quoted = !quoted;
                begun = true;
            }
            c if c.is_whitespace() && !quoted => {
                if begun {
                    out.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        out.push(word);
    }
    out
}

/// A field that is open while the document is walked.
#[derive(Default)]
struct Open {
    marks: Vec<usize>,
    instruction: String,
    separated: bool,
    nested: bool,
}

/// Turns the complex fields that may not stay into their text.
pub(super) fn change(root: &mut Element, part: &str, policy: &Policy, findings: &mut Findings) {
    let mut gone = BTreeSet::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    root.visit(&mut |element| {
        if !is_mark(element) {
            return;
        }
        at += 1;
        match element.get(W, "fldCharType") {
            Some("begin") => {
                if let Some(outer) = open.last_mut().filter(|outer| !outer.separated) {
                    outer.nested = true;
                }
                open.push(Open { marks: vec![at], ..Open::default() });
            }
            Some("separate") => {
                if let Some(field) = open.last_mut() {
                    field.separated = true;
                    field.marks.push(at);
                }
            }
            Some("end") => match open.pop() {
                Some(mut field) => {
                    field.marks.push(at);
                    close(field, part, policy, findings, &mut gone);
                }
                None => {
                    gone.insert(at);
                }
            },
            _ => match open.last_mut().filter(|field| !field.separated) {
                Some(field) => {
                    field.instruction.push_str(&element.text());
                    field.marks.push(at);
                }
                // An instruction outside of any field shows nothing and is none.
                None => {
                    gone.insert(at);
                }
            },
        }
    });
    // A field that never ends is none.
    gone.extend(open.into_iter().flat_map(|field| field.marks));
    if gone.is_empty() {
        return;
    }
    let mut at = 0;
    root.rewrite(&mut |element| {
        let mark = is_mark(&element);
        at += usize::from(mark);
        if mark && gone.contains(&at) { Fate::Drop } else { Fate::Keep(element) }
    });
}

fn is_mark(element: &Element) -> bool {
    element.name.space == W && matches!(element.name.local, "fldChar" | "instrText" | "delInstrText")
}

fn close(field: Open, part: &str, policy: &Policy, findings: &mut Findings, gone: &mut BTreeSet<usize>) {
    match judge(&field.instruction, field.nested, policy) {
        Verdict::Stays => return,
        Verdict::Text => {}
        Verdict::Removed(what) => findings.removed(what, part),
    }
    gone.extend(field.marks);
}
