//! The policy in force of an open store, read and checked again from its stored source.

use ledger::{Actor, Ledger, Moment, packs};
use pack::{Pack, Severity};

use crate::lang::Lang;
use crate::municipality::Failure;

/// The policy in force at a moment.
pub(crate) async fn in_force(ledger: &Ledger, at: Moment, lang: Lang) -> Result<Pack, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let mut reading = ledger.reading(Actor::Machine("start"), at).await.map_err(failed)?;
    let Some(version) = packs::in_force(&mut reading, at.day()).await.map_err(failed)? else {
        let ja = "施行中の規程データがありません。規程データを起案し、決裁を受けてください。";
        return Err(lang.pick(ja, "No policy is in force. Propose one and have it decided.").to_owned().into());
    };
    let source = packs::source(&mut reading, version.id).await.map_err(failed)?;
    reading.end().await.map_err(failed)?;
    compile(&source, lang)
}

/// Checks a stored source. One that an earlier program adopted and that no longer passes is said, not run.
fn compile(source: &[u8], lang: Lang) -> Result<Pack, Failure> {
    let Some(files) = packs::from_bytes(source) else {
        let ja = "施行中の規程データの保存形式が壊れています。バックアップから復元してください。";
        return Err(lang.pick(ja, "The stored policy is damaged. Restore it from a backup.").to_owned().into());
    };
    let checked = pack::compile(&files.into_iter().collect());
    let first = checked.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    let first = first.map(|diagnostic| diagnostic.message.pick(lang == Lang::En).to_owned()).unwrap_or_default();
    checked.pack.ok_or_else(|| {
        Failure::from(match lang {
            Lang::Ja => format!("施行中の規程データに誤りがあります：{first}"),
            Lang::En => format!("The policy in force does not pass the check: {first}"),
        })
    })
}
