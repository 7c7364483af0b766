//! Mail: one strict parse, then a new mail of fields of an allow-list, one plain text and sanitised attachments.

mod address;
mod body;
mod calendar;
mod date;
mod fields;
mod flowed;
mod header;
mod model;
mod params;
mod part;
mod passwords;
mod transfer;
mod words;
mod write;

pub(crate) use header::is_mail;

use crate::policy::MailPasswords;
use crate::report::Findings;
use crate::words::What;
use crate::work::{Draft, Password, Source, Stop, Work};
use body::Assembly;
use part::Part;

/// Names of parts that a notice lists.
const LISTED: usize = 30;

/// Rebuilds a mail.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let mut draft = Draft::default();
    let root = part::parse(source.bytes, work, &mut draft.findings)?;
    if let Some(stop) = body::stop(&root) {
        return Err(stop);
    }
    let given = work.passwords.len();
    if work.policy.mail.passwords == MailPasswords::InText {
        let text = Assembly::new(work, &mut Draft::default()).text(&root)?;
        work.passwords.extend(passwords::candidates(&text).into_iter().map(Password::new));
    }
    let (mut mail, mut warnings) = fields::read(&root.fields, charset(&root), &mut draft.findings);
    let mut assembly = Assembly::new(work, &mut draft);
    assembly.files(&root, false)?;
    let text = assembly.text(&root)?;
    mail.attachments = assembly.attachments;
    work.passwords.truncate(given);
    let lasting = fields::warnings(&mail, &mut draft.findings);
    let above = notice(&lasting);
    warnings.retain(|warning| !lasting.contains(warning));
    let text = match text.strip_prefix(above.trim_end()) {
        Some(rest) if !above.is_empty() => rest.trim_start_matches('\n'),
        _ if !above.is_empty() => text.trim_start_matches('\n'),
        _ => &text,
    };
    let below = gone(&draft.findings, &draft);
    mail.text = format!("{above}{}{text}", notice(&warnings)).trim_end().to_owned() + "\n" + &below;
    mail.jis = charset(&root).is_some_and(crate::formats::charset::is_jis);
    draft.bytes = write::mail(&mail);
    Ok(draft)
}

/// The charset of the first text, for header fields that say none.
fn charset(part: &Part) -> Option<&str> {
    part.kind.param("charset").or_else(|| part.children.iter().find_map(charset))
}

/// Warnings that stand above the text. What is above it already is not written again.
fn notice(warnings: &[String]) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let lines: String = warnings.iter().map(|warning| format!("・{warning}\n")).collect();
    format!("【ご注意】\n{lines}\n")
}

/// What the reader would miss, below the text.
fn gone(findings: &Findings, draft: &Draft) -> String {
    let mut lines: Vec<(What, u32)> = Vec::new();
    for finding in findings.removed.iter().chain(&findings.lost) {
        match lines.iter_mut().find(|(what, _)| *what == finding.what) {
            Some((_, count)) => *count = count.saturating_add(finding.count),
            None => lines.push((finding.what, finding.count)),
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n――――――――――\n【無害化処理のお知らせ】次のものを除いて作り直しました。\n");
    for (what, count) in lines {
        out.push_str(&format!("・{}（{count}件）\n", what.ja()));
    }
    for part in draft.parts.iter().take(LISTED) {
        if let Some(reason) = &part.reason {
            let (name, _) = words::one_line(&part.input);
            out.push_str(&format!("　{name}：{}\n", reason.ja));
        }
    }
    out
}
