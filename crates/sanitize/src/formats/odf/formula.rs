//! Whether a formula or condition of OpenDocument only computes: functions of the published list, no DDE, no other file.

use crate::formats::formula::{LONGEST, after_quote};
use crate::grammar::FUNCTIONS;
use crate::words::What;

/// What stands before the name of a function that is not in OpenFormula itself.
const PREFIXES: &[&str] = &["COM.MICROSOFT.", "ORG.OPENOFFICE.", "ORG.LIBREOFFICE.", "LEGACY."];

/// The functions of conditions (OpenDocument part 3, 19.470 and 19.601; LibreOffice's own beside them).
pub(super) const CONDITIONS: &[&str] = &[
    "cell-content",
    "cell-content-is-between",
    "cell-content-is-not-between",
    "cell-content-is-date",
    "cell-content-is-time",
    "cell-content-is-decimal-number",
    "cell-content-is-whole-number",
    "cell-content-is-text",
    "cell-content-is-in-list",
    "cell-content-text-length",
    "cell-content-text-length-is-between",
    "cell-content-text-length-is-not-between",
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

/// What keeps a formula from staying one; `None` when it may.
pub(super) fn danger(formula: &str) -> Option<What> {
    if formula.len() > LONGEST {
        return Some(What::DangerousFormula);
    }
    let known = ["of:", "oooc:", "ooow:"].iter().find_map(|prefix| formula.strip_prefix(prefix));
    // Only these three dialects are known; another one says its prefix too.
    if known.is_none()
        && formula.split_once(":=").is_some_and(|(prefix, _)| prefix.chars().all(|c| c.is_alphanumeric() || c == '?'))
    {
        return Some(What::DangerousFormula);
    }
    let chars: Vec<char> = known.unwrap_or(formula).chars().collect();
    let (mut at, mut braces, mut word) = (0, 0_usize, String::new());
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '"' | '\'' => {
                let Some(end) = after_quote(&chars, at, c) else { return Some(What::DangerousFormula) };
                at = end;
                if c == '\'' && chars.get(at) == Some(&'#') {
                    return Some(What::ExternalWorkbook);
                }
            }
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            // Between braces it parts the rows of an array.
            '|' if braces == 0 => return Some(What::Dde),
            '#' if !is_error_value(&chars, at) => return Some(What::ExternalWorkbook),
            ':' if chars.get(at) == Some(&'/') && chars.get(at + 1) == Some(&'/') => {
                return Some(What::ExternalWorkbook);
            }
            '(' if !word.is_empty() && !is_allowed(&word) => {
                return Some(if word.eq_ignore_ascii_case("dde") { What::Dde } else { What::DangerousFormula });
            }
            _ => {}
        }
        if c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '\\') {
            word.push(c);
        } else if !c.is_whitespace() {
            word.clear();
        }
    }
    None
}

/// Whether a list of addresses names another file.
pub(super) fn leads_out(addresses: &str) -> bool {
    addresses.contains("://") || addresses.contains("'#") || addresses.contains('|')
}

/// `#REF!` and its like, after the `#`.
fn is_error_value(chars: &[char], at: usize) -> bool {
    const ERRORS: &[&str] = &["REF!", "N/A", "NAME?", "VALUE!", "DIV/0!", "NUM!", "NULL!", "ERR"];
    ERRORS
        .iter()
        .any(|error| chars.get(at..at + error.len()).is_some_and(|found| found.iter().copied().eq(error.chars())))
}

fn is_allowed(word: &str) -> bool {
    if CONDITIONS.contains(&word) {
        return true;
    }
    // A minus in front of a name is arithmetic.
    let name = word.rsplit('-').next().unwrap_or(word).to_uppercase();
    let name = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
    name.is_empty() || FUNCTIONS.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_that_compute_stay() {
        for formula in [
            "of:=SUM([.A1:.B2])",
            "of:=IF([.A1]>0;\"=cmd|x\";[.B1])",
            "of:=COM.MICROSOFT.XLOOKUP([.A1];[.B:.B];[.C:.C])",
            "of:=[.A1]+['4月 (2)'.B3]-SUM([.C1])",
            "of:={1;2|3;4}*([.A1]+[.B1])",
            "of:=[.#REF!]+#N/A",
            "of:cell-content-is-in-list(\"はい\";\"いいえ\")",
            "cell-content()>=10",
            "formula-is([.A1]=\"x\")",
            ">10",
            "[$集計表.$A$1:.$C$4]",
            "ooow:a==1",
        ] {
            assert_eq!(danger(formula), None, "{formula}");
        }
    }

    #[test]
    fn formulas_that_fetch_or_run_do_not() {
        for (formula, what) in [
            ("of:=DDE(\"soffice\";\"x\";\"y\")", What::Dde),
            ("of:=WEBSERVICE(\"http://a.invalid\")", What::DangerousFormula),
            ("of:=1-COM.MICROSOFT.WEBSERVICE (\"x\")", What::DangerousFormula),
            ("of:=['file:///c:/b.ods'#$Sheet1.A1]", What::ExternalWorkbook),
            ("of:=[file:///c:/b.ods#$Sheet1.A1]", What::ExternalWorkbook),
            ("msoxl:=SUM(A1)", What::DangerousFormula),
            ("?:=SUM(A1)", What::DangerousFormula),
            ("of:=cmd|'/c calc'!A0", What::Dde),
            ("of:=MACRO_X([.A1])", What::DangerousFormula),
            ("of:=\"a", What::DangerousFormula),
        ] {
            assert_eq!(danger(formula), Some(what), "{formula}");
        }
    }
}
