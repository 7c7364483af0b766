//! Formulas and addresses of OpenDocument, judged with other eyes than the rebuilder's.

use crate::grammar::FUNCTIONS;

/// Names that a condition may call, beside the functions (all begin with one of these).
const CONDITIONS: &[&str] = &[
    "cell-content",
    "is-true-formula",
    "formula-is",
    "value",
    "between",
    "not-between",
    "begins-with",
    "ends-with",
    "contains-text",
    "not-contains-text",
    "top-elements",
    "bottom-elements",
    "top-percent",
    "bottom-percent",
    "is-error",
    "is-no-error",
];

/// Only functions of the list, no DDE, no other file. Written apart from the rebuilder's judgement.
pub(super) fn formula(text: &str) -> bool {
    let Some(bare) = without_quoted(text) else { return false };
    // A dialect other than the three that are known.
    if let Some((prefix, _)) = bare.split_once(":=")
        && prefix.chars().all(|c| c.is_alphanumeric() || c == '?')
        && !matches!(prefix, "of" | "oooc" | "ooow")
    {
        return false;
    }
    if bare.contains("://") {
        return false;
    }
    let (mut open, mut word) = (0_usize, String::new());
    let mut rest = bare.as_str();
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            '|' if open == 0 => return false,
            '#' if !["REF!", "N/A", "NAME?", "VALUE!", "DIV/0!", "NUM!", "NULL!", "ERR"]
                .iter()
                .any(|e| rest.starts_with(e)) =>
            {
                return false;
            }
            '(' if !word.is_empty() && !known(&word) => return false,
            _ => {}
        }
        match c {
            c if c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '\\') => word.push(c),
            c if c.is_whitespace() => {}
            _ => word.clear(),
        }
    }
    true
}

fn known(word: &str) -> bool {
    if CONDITIONS.iter().any(|name| word == *name || (*name == "cell-content" && word.starts_with("cell-content-"))) {
        return true;
    }
    let upper = word.to_uppercase();
    let name = upper.rsplit('-').next().unwrap_or_default();
    let plain =
        ["COM.MICROSOFT.", "ORG.OPENOFFICE.", "ORG.LIBREOFFICE.", "LEGACY."].iter().find_map(|p| name.strip_prefix(p));
    name.is_empty() || FUNCTIONS.contains(plain.unwrap_or(name))
}

/// The formula with each quoted text replaced by a blank; `None` when one has no end, or names a file (`'…'#`).
fn without_quoted(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut parts = text.chars().peekable();
    while let Some(c) = parts.next() {
        if !matches!(c, '"' | '\'') {
            out.push(c);
            continue;
        }
        loop {
            if parts.next()? == c {
                if parts.peek() != Some(&c) {
                    break;
                }
                parts.next();
            }
        }
        if c == '\'' && parts.peek() == Some(&'#') {
            return None;
        }
        // A quoted name ends a word as any sign does.
        out.push('$');
    }
    Some(out)
}

/// Addresses of cells in the document itself.
pub(super) fn address(text: &str) -> bool {
    !(text.contains("://") || text.contains("'#") || text.contains('|'))
}
