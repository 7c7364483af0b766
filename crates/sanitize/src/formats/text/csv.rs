//! Fields that a spreadsheet would take for formulas get an apostrophe in front (OWASP, CSV injection).

use crate::report::Findings;
use crate::words::What;

/// One field, as RFC 4180 reads it; what follows a closing quote is taken as part of it.
#[derive(Default)]
struct Field {
    quoted: bool,
    closed: bool,
    value: String,
}

impl Field {
    /// Writes the field, with an apostrophe before what a spreadsheet would act on.
    fn write(self, out: &mut String, findings: &mut Findings) {
        let formula = is_formula(&self.value);
        if formula {
            findings.removed(What::CsvFormula, "");
        }
        let mark = if formula { "'" } else { "" };
        if self.quoted {
            out.push('"');
            out.push_str(mark);
            out.push_str(&self.value.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(mark);
            out.push_str(&self.value);
        }
    }
}

/// Reads a table and writes it again with every field that begins like a formula, and is no number, made a text.
pub(super) fn neutralise(text: &str, separators: &[char], findings: &mut Findings) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut field = Field::default();
    let mut chars = text.chars().peekable();
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) {
        // Excel's line that names another separator would move the fields' borders.
        findings.removed(What::CsvFormula, "");
        field.value.push('\'');
    }
    while let Some(c) = chars.next() {
        let inside = field.quoted && !field.closed;
        match c {
            '"' if inside && chars.peek() == Some(&'"') => {
                chars.next();
                field.value.push('"');
            }
            '"' if inside => field.closed = true,
            '"' if !field.quoted && field.value.is_empty() => field.quoted = true,
            c if !inside && (separators.contains(&c) || matches!(c, '\n' | '\r')) => {
                std::mem::take(&mut field).write(&mut out, findings);
                out.push(c);
            }
            c => field.value.push(c),
        }
    }
    field.write(&mut out, findings);
    out
}

/// Begins with a sign that a spreadsheet acts on, and is neither a number nor arithmetic on numbers nor the sign alone.
fn is_formula(field: &str) -> bool {
    let mut rest = field.trim_matches([' ', '\u{3000}']).chars();
    match rest.next() {
        Some('\t' | '\r' | '\n') => true,
        Some('=' | '@' | '＝' | '＠') => rest.next().is_some(),
        Some('+' | '-' | '＋' | '－') => !rest.all(is_numeric_sign),
        _ => false,
    }
}

/// What numbers, amounts of money, telephone numbers and lines of dashes are made of.
fn is_numeric_sign(c: char) -> bool {
    c.is_ascii_digit()
        || matches!(c, ' ' | '.' | ',' | '%' | '-' | '+' | '¥' | '\\' | '(' | ')' | '円' | '△' | '－' | '０'..='９')
}
