//! Tar (POSIX ustar, GNU long names, pax paths) and gzip; both leave as zip.

mod read;

use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use super::zip::Members;
use crate::format::Format;
use crate::names;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// Rebuilds a tar as a zip of its sanitised files.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let entries = read::entries(source.bytes, &mut work.budget)?;
    let mut draft = Draft { format: Some(Format::Zip), ..Draft::default() };
    let mut members = Members::default();
    for entry in entries {
        work.budget.decode(entry.content.len())?;
        members.add(&entry.path, entry.link, entry.content, work, &mut draft)?;
    }
    draft.bytes = members.finish()?;
    Ok(draft)
}

/// Rebuilds what a gzip file holds: a tar as a zip of its files, one file as a zip with that file.
pub(crate) fn rebuild_gzip(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let limit = work.budget.member_bytes(source.bytes.len());
    let mut content = Vec::new();
    let mut decoder = MultiGzDecoder::new(source.bytes).take(limit as u64 + 1);
    decoder.read_to_end(&mut content).map_err(|_| Stop::refused(ReasonCode::Damaged))?;
    if content.len() > limit {
        return Err(Stop::refused(ReasonCode::LimitRatio));
    }
    work.budget.decode(content.len())?;
    if crate::detect::detect("", &content) == Format::Tar {
        return rebuild(Source { bytes: &content, ..source }, work);
    }
    let stem = names::clean(source.name, Format::Gz, &work.policy.limits).name;
    let stem = stem.strip_suffix(".gz").unwrap_or(&stem);
    let mut draft = Draft { format: Some(Format::Zip), ..Draft::default() };
    let mut members = Members::default();
    work.budget.members(1)?;
    members.add(stem, false, &content, work, &mut draft)?;
    draft.findings.noted(What::ExtensionCorrected, "");
    draft.bytes = members.finish()?;
    Ok(draft)
}
