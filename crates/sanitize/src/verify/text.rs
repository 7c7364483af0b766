//! The grammar of rebuilt texts: one charset from end to end, no control characters but line ends and tabs, and in tables
//! no field that a spreadsheet would take for a formula.

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};

use super::{Check, Violation};
use crate::policy::CsvFormulas;

/// Accepts a text.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    texts(bytes, check).map(|_| ())
}

/// Accepts comma-separated values.
pub(crate) fn verify_csv(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    table(bytes, &[',', ';', '\t'], check)
}

/// Accepts tab-separated values.
pub(crate) fn verify_tsv(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    table(bytes, &['\t'], check)
}

/// The text as every charset reads it that could: none of them may see anything else than text.
fn texts(bytes: &[u8], check: &mut Check<'_>) -> Result<Vec<String>, Violation> {
    check.step(bytes.len() as u64 / 4)?;
    let candidates: Vec<&'static Encoding> = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => vec![encoding],
        None if bytes.contains(&0x1b) => vec![ISO_2022_JP],
        None if std::str::from_utf8(bytes).is_ok() => vec![UTF_8],
        None => vec![SHIFT_JIS, EUC_JP],
    };
    let read = |encoding: &&'static Encoding| {
        let (text, damaged) = encoding.decode_with_bom_removal(bytes);
        (!damaged).then(|| text.into_owned())
    };
    let mut texts: Vec<String> = candidates.iter().filter_map(read).collect();
    if texts.is_empty() {
        let (text, damaged) = WINDOWS_1252.decode_without_bom_handling(bytes);
        texts.extend(
            (!damaged && !bytes.contains(&0x1b) && Encoding::for_bom(bytes).is_none()).then(|| text.into_owned()),
        );
    }
    let plain = |text: &String| text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'));
    // The charset that was meant is one of those that read it as plain text.
    texts.retain(plain);
    if texts.is_empty() { Err(Violation::new("", "not plain text in one charset")) } else { Ok(texts) }
}

fn table(bytes: &[u8], separators: &[char], check: &mut Check<'_>) -> Result<(), Violation> {
    for text in texts(bytes, check)? {
        if check.policy.text.csv_formulas == CsvFormulas::Neutralise {
            fields(&text, separators)?;
        }
    }
    Ok(())
}

/// Walks the fields: what stands first in each must not make a formula of it.
fn fields(text: &str, separators: &[char]) -> Result<(), Violation> {
    if text.to_ascii_lowercase().starts_with("sep=") {
        return Err(Violation::new("line 1", "another separator"));
    }
    let (mut line, mut field, mut at) = (1_usize, String::new(), State::Start);
    for c in text.chars() {
        line += usize::from(c == '\n');
        let border = separators.contains(&c) || matches!(c, '\n' | '\r');
        at = match (at, c) {
            (State::Start, '"') => State::Quoted,
            (State::Quoted, '"') => State::Closed,
            (State::Closed, '"') => {
                field.push('"');
                State::Quoted
            }
            (State::Quoted, c) => {
                field.push(c);
                State::Quoted
            }
            (_, _) if border => {
                judge(&field, line)?;
                field.clear();
                State::Start
            }
            (State::Closed, _) => return Err(Violation::new(format!("line {line}"), "text after a closing quote")),
            (State::Start | State::Plain, c) => {
                field.push(c);
                State::Plain
            }
        };
    }
    judge(&field, line)
}

/// Where in a field the walk is.
#[derive(Clone, Copy)]
enum State {
    Start,
    Plain,
    Quoted,
    Closed,
}

fn judge(field: &str, line: usize) -> Result<(), Violation> {
    let field = field.trim_matches([' ', '\u{3000}']);
    let mut chars = field.chars();
    let acts = match chars.next() {
        Some('=' | '@' | '＝' | '＠') => chars.next().is_some(),
        Some('+' | '-' | '＋' | '－') => {
            chars.any(|c| c.is_alphabetic() && c != '円' || matches!(c, '|' | '!' | '"' | '\'' | '=' | '@'))
        }
        _ => false,
    };
    if acts { Err(Violation::new(format!("line {line}"), "a formula")) } else { Ok(()) }
}
