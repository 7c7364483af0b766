//! Plain text, CSV, TSV and JSON: decoded, controls taken out, formulas neutralised, written in the charset it came in.

pub(super) mod charset;
mod csv;

use crate::format::Format;
use crate::policy::{Charset as CharsetRule, CsvFormulas};
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// Rebuilds a text.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    work.budget.decode(source.bytes.len().saturating_mul(2))?;
    work.budget.step(source.bytes.len() as u64 / 8)?;
    let decoded = charset::decode(source.bytes);
    let text: String = decoded.text.chars().filter(|c| is_text(*c)).collect();
    if text.trim().is_empty() {
        return Err(Stop::refused(ReasonCode::NothingLeft));
    }
    let mut draft = Draft::default();
    let neutralise = work.policy.text.csv_formulas == CsvFormulas::Neutralise;
    let text = match source.format {
        Format::Csv if neutralise => csv::neutralise(&text, &[',', ';', '\t'], &mut draft.findings),
        Format::Tsv if neutralise => csv::neutralise(&text, &['\t'], &mut draft.findings),
        _ => text,
    };
    let same =
        (work.policy.text.charset == CharsetRule::AsIs).then(|| charset::encode(&text, decoded.charset)).flatten();
    draft.bytes = match same {
        Some(bytes) => bytes,
        None => {
            draft.findings.noted(What::CharsetChanged, decoded.charset.name());
            charset::utf8_with_bom(&text)
        }
    };
    // A control character before `From:` or `<html>` must not make a text of what others would read as a mail or a page.
    let changed = draft.bytes != source.bytes;
    if changed && crate::detect::detect(source.name, &draft.bytes) != source.format {
        return Err(Stop::refused(ReasonCode::Polyglot));
    }
    Ok(draft)
}

/// What a text may hold: no controls but line ends and tabs, nothing that Unicode says is no character.
pub(super) fn is_text(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n' | '\r')
}
