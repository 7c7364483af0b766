//! Wording of syntax errors: the parser's own speak of tokens, in English.

use std::ops::Range;

use super::error::{Complaint, both};
use super::syntax;

/// Words that people write for an operator, and the operator.
const WORDS: [(&str, &str); 9] = [
    ("and", "&&"),
    ("AND", "&&"),
    ("かつ", "&&"),
    ("or", "||"),
    ("OR", "||"),
    ("または", "||"),
    ("not", "!"),
    ("is", "=="),
    ("は", "=="),
];

/// The complaint about text that does not parse from this byte on. `said` is the parser's message.
pub(super) fn syntax_error(text: &str, start: usize, said: &str) -> Complaint {
    let start = (0..=start.min(text.len())).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0);
    let rest = text.get(start..).unwrap_or_default();
    let Some(first) = rest.chars().next().filter(|_| !text.trim().is_empty()) else {
        return at_end(text);
    };
    let word =
        rest.find(|c: char| !c.is_alphanumeric() && c != '_').map_or(rest, |end| rest.get(..end).unwrap_or(rest));
    let span = start..start + word.len().max(first.len_utf8());
    let written = text.get(span.clone()).unwrap_or_default();
    if let Some(complaint) = known(first, rest, word, &span) {
        return complaint;
    }
    if said.starts_with("reserved identifier") {
        let message = both(format!("「{written}」は予約語です"), format!("'{written}' is a reserved word"));
        return Complaint::new("expr-syntax", span, message);
    }
    if said.starts_with("invalid int literal") {
        let message = both("数が大きすぎます", "the number is too large");
        return Complaint::new("expr-syntax", span, message);
    }
    if said.contains("ecursion") {
        let message = both("式の入れ子が深すぎます", "the expression is nested too deeply");
        return syntax::too_large(text, message);
    }
    let message = both(format!("ここに「{written}」は書けません"), format!("'{written}' cannot stand here"));
    let complaint = Complaint::new("expr-syntax", span, message);
    if said.contains("expecting") && said.contains("IDENTIFIER") {
        complaint.expected("項目・値・関数", "a field, a value or a function")
    } else {
        complaint.expected("演算子または式の終わり", "an operator or the end of the expression")
    }
}

/// Mistakes that have a wording of their own.
fn known(first: char, rest: &str, word: &str, span: &Range<usize>) -> Option<Complaint> {
    let complain = |ja: String, en: String| Complaint::new("expr-syntax", span.clone(), both(ja, en));
    if rest.starts_with('=') && !rest.starts_with("==") {
        let complaint = complain("「=」だけでは比較になりません".into(), "'=' alone does not compare".into());
        return Some(complaint.help("「==」と書きます", "write '=='"));
    }
    if rest.starts_with('&') || rest.starts_with('|') {
        let complaint = complain(format!("「{first}」は2つ続けて書きます"), format!("'{first}' is written twice"));
        return Some(complaint.help(format!("「{first}{first}」と書きます"), format!("write '{first}{first}'")));
    }
    if first == '\'' || first == '"' {
        let complaint = complain("文字列を読めません".into(), "the text cannot be read".into());
        return Some(complaint.help(
            "同じ引用符で閉じ、「\\」は「\\\\」と書きます",
            "close it with the same quote, and write '\\' as '\\\\'",
        ));
    }
    if let Some((_, sign)) = WORDS.iter().find(|(known, _)| *known == word) {
        let complaint =
            complain(format!("「{word}」は式の言葉ではありません"), format!("'{word}' is not part of expressions"));
        return Some(complaint.help(format!("「{sign}」と書きます"), format!("write '{sign}'")));
    }
    if !first.is_ascii() {
        let complaint = complain(
            format!("「{first}」は引用符の外には書けません"),
            format!("'{first}' cannot stand outside quotes"),
        );
        return Some(complaint.help(
            "項目や演算子は半角の英数字・記号で、文字列は「'」で囲んで書きます",
            "names and operators are ASCII; text stands in quotes (')",
        ));
    }
    None
}

fn at_end(text: &str) -> Complaint {
    let end = text.trim_end().len();
    // The last character is underlined: there is nothing after it to underline.
    let start = text.get(..end).and_then(|before| before.char_indices().next_back()).map_or(0, |(start, _)| start);
    let (ja, en) = if end == 0 {
        ("式が空です", "the expression is empty")
    } else {
        ("式が途中で終わっています", "the expression ends too early")
    };
    Complaint::new("expr-syntax", start..end, both(ja, en)).expected("項目・値・関数", "a field, a value or a function")
}
