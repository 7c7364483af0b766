//! Formulas of worksheets, judged with other eyes than the rebuilder's.

use super::Violation;
use crate::grammar::FUNCTIONS;

/// No DDE, no other workbook, no function outside of the list. Written apart from the rebuilder's judgement.
pub(super) fn formula(path: &str, text: &str) -> Result<(), Violation> {
    let bad = |why: &str| Err(Violation::new(path, format!("formula: {why}")));
    let outside = without_quoted(text);
    if outside.contains('|') {
        return bad("DDE, or a text without an end");
    }
    let (mut depth, mut escaped, mut word) = (0_usize, false, String::new());
    for c in outside.chars() {
        match c {
            _ if escaped => escaped = false,
            '\'' if depth > 0 => escaped = true,
            '[' if depth == 0 && word.is_empty() => return bad("another workbook"),
            '[' => {
                depth += 1;
                word.clear();
            }
            ']' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            '(' if !word.is_empty() => {
                let name = word.to_uppercase().replace("_XLFN.", "").replace("_XLWS.", "").replace("_XLL.", "");
                if !FUNCTIONS.contains(name.as_str()) {
                    return bad(&name);
                }
                word.clear();
            }
            c if c.is_alphanumeric() || matches!(c, '_' | '.' | '\\') => word.push(c),
            c if c.is_whitespace() => {}
            _ => word.clear(),
        }
    }
    if depth > 0 { bad("a bracket without an end") } else { Ok(()) }
}

/// The formula with each quoted text, outside of brackets, replaced by `#`. A quoted sheet name with a bracket names a
/// workbook, and a text without an end is no formula: both leave a `|`, which nothing may have.
fn without_quoted(text: &str) -> String {
    let (mut out, mut held, mut quote, mut depth, mut escaped) = (String::new(), String::new(), None, 0_usize, false);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => {
                out.push(if open == '\'' && held.contains('[') { '|' } else { '#' });
                held.clear();
                quote = None;
            }
            (Some(_), c) => held.push(c),
            (None, c) if escaped => {
                escaped = false;
                out.push(c);
            }
            (None, '"' | '\'') if depth == 0 => quote = Some(c),
            (None, c) => {
                match c {
                    // Within brackets an apostrophe takes the next character as it is.
                    '\'' => escaped = true,
                    '[' => depth += 1,
                    ']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    if quote.is_some() {
        out.push('|');
    }
    out
}
