//! Whether a worksheet formula only computes: functions of the published list, no DDE, no other workbook.

use crate::formats::formula::{LONGEST, after_quote};
use crate::grammar::FUNCTIONS;
use crate::words::What;

/// What keeps a formula from staying one; `None` when it may.
pub(super) fn danger(formula: &str) -> Option<What> {
    if formula.len() > LONGEST {
        return Some(What::DangerousFormula);
    }
    let chars: Vec<char> = formula.chars().collect();
    let (mut at, mut brackets, mut word) = (0, 0_usize, String::new());
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        if brackets > 0 {
            match c {
                '\'' => at += 1,
                '|' => return Some(What::Dde),
                '[' => brackets += 1,
                ']' => brackets -= 1,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => match after_quote(&chars, at, '"') {
                Some(end) => at = end,
                None => return Some(What::DangerousFormula),
            },
            '\'' => {
                let Some(end) = after_quote(&chars, at, '\'') else { return Some(What::DangerousFormula) };
                if chars.get(at..end).is_some_and(|name| name.contains(&'[')) {
                    return Some(What::ExternalWorkbook);
                }
                at = end;
            }
            '|' => return Some(What::Dde),
            '[' if word.is_empty() => return Some(What::ExternalWorkbook),
            '[' => brackets = 1,
            '(' if !word.is_empty() && !is_allowed(&word) => return Some(What::DangerousFormula),
            _ => {}
        }
        if c.is_alphanumeric() || matches!(c, '_' | '.' | '\\') {
            word.push(c);
        } else if !c.is_whitespace() {
            word.clear();
        }
    }
    // What does not end is no formula that any program writes.
    (brackets > 0).then_some(What::DangerousFormula)
}

fn is_allowed(word: &str) -> bool {
    let mut name = word.to_uppercase();
    while let Some(rest) = ["_XLFN.", "_XLWS.", "_XLL."].iter().find_map(|prefix| name.strip_prefix(prefix)) {
        name = rest.to_owned();
    }
    FUNCTIONS.contains(name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_that_compute_stay() {
        for formula in [
            "SUM(A1:B2)",
            "IF(A1>0,\"=cmd|x\",B1)",
            "_xlfn.XLOOKUP(A1,B:B,C:C)",
            "A1+Sheet2!B3",
            "SUM(表1[[#This Row],[金額]])",
            "VLOOKUP(A1,'4月 (2)'!$A$1:$C$9,3,FALSE)",
            "(A1+B1)*2",
            "PHONETIC(A1)",
            "\"a|b\"&\"[c]\"",
        ] {
            assert_eq!(danger(formula), None, "{formula}");
        }
    }

    #[test]
    fn formulas_that_fetch_or_run_do_not() {
        for (formula, what) in [
            ("cmd|'/c calc'!A0", What::Dde),
            ("WEBSERVICE(\"http://a.invalid\")", What::DangerousFormula),
            ("1+_xlfn.WEBSERVICE (\"x\")", What::DangerousFormula),
            ("CALL(\"kernel32\",\"x\")", What::DangerousFormula),
            ("HYPERLINK(\"file://a\")", What::DangerousFormula),
            ("Module1.Run()", What::DangerousFormula),
            ("[1]Sheet1!A1", What::ExternalWorkbook),
            ("SUM('C:\\[b.xlsx]S'!A1)", What::ExternalWorkbook),
            ("SUM(A1,[2]S!A1)", What::ExternalWorkbook),
            ("MSEXCEL|'\\..\\..\\cmd'!''", What::Dde),
        ] {
            assert_eq!(danger(formula), Some(what), "{formula}");
        }
    }
}
