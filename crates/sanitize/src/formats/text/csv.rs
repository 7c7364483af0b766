//! Fields that a spreadsheet would take for formulas get an apostrophe in front (OWASP, CSV injection).

use crate::report::Findings;
use crate::words::What;

/// Puts an apostrophe before every field that begins like a formula and is no number. Quotes and line ends stay as they are.
pub(super) fn neutralise(text: &str, separators: &[char], findings: &mut Findings) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut begins = true;
    let mut quoted = false;
    if text.trim_start_matches('\u{feff}').get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) {
        // Excel's line that names another separator would move the fields' borders.
        findings.removed(What::CsvFormula, "");
        out.push('\'');
        begins = false;
    }
    while let Some(c) = rest.chars().next() {
        if begins {
            begins = false;
            quoted = c == '"';
            let inner = if quoted { rest.get(1..).unwrap_or_default() } else { rest };
            if quoted {
                out.push(c);
                rest = inner;
            }
            if is_formula(field(inner, quoted, separators)) {
                findings.removed(What::CsvFormula, "");
                out.push('\'');
            }
            if quoted {
                continue;
            }
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        out.push(c);
        if quoted {
            if c == '"' {
                match rest.strip_prefix('"') {
                    Some(after) => {
                        out.push('"');
                        rest = after;
                    }
                    None => quoted = false,
                }
            }
        } else {
            begins = separators.contains(&c) || matches!(c, '\n' | '\r');
        }
    }
    out
}

/// The field's text up to its end.
fn field<'a>(rest: &'a str, quoted: bool, separators: &[char]) -> &'a str {
    let end =
        if quoted { rest.find('"') } else { rest.find(|c: char| separators.contains(&c) || matches!(c, '\n' | '\r')) };
    rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest)
}

/// Begins with a sign that a spreadsheet acts on, and is neither a number nor arithmetic on numbers nor the sign alone.
fn is_formula(field: &str) -> bool {
    let trimmed = field.trim_start_matches([' ', '\u{3000}']);
    let Some(first) = trimmed.chars().next() else { return false };
    match first {
        '\t' | '\r' => true,
        '=' | '@' | '＝' | '＠' => trimmed.trim_end().chars().count() > 1,
        '+' | '-' | '＋' | '－' => !trimmed.chars().skip(1).all(is_numeric_sign),
        _ => false,
    }
}

/// What numbers, amounts of money, telephone numbers and lines of dashes are made of.
fn is_numeric_sign(c: char) -> bool {
    c.is_ascii_digit()
        || matches!(c, ' ' | '.' | ',' | '%' | '-' | '+' | '¥' | '\\' | '(' | ')' | '円' | '△' | '－' | '０'..='９')
}
