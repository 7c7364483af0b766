//! LHA (levels 0 to 3), which leaves as zip. Names are CP932 from raw bytes.

use std::io::Read;

use delharc::LhaDecodeReader;
use delharc::header::LhaHeader;

use super::zip::Members;
use crate::format::Format;
use crate::words::ReasonCode;
use crate::work::{Draft, Source, Stop, Work};

/// Extra headers that hold a name, and a folder whose components end with FF.
const NAME: u8 = 1;
const FOLDER: u8 = 2;

fn broken() -> Stop {
    Stop::refused(ReasonCode::BrokenContainer)
}

/// Rebuilds an archive as a zip of its sanitised files.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let mut draft = Draft { format: Some(Format::Zip), ..Draft::default() };
    let mut members = Members::default();
    let mut reader = LhaDecodeReader::new(source.bytes).map_err(|_| broken())?;
    loop {
        work.budget.step(100)?;
        if !reader.header().is_directory() {
            work.budget.members(1)?;
            let path = path(reader.header());
            let link = path.contains('|');
            let content = content(&mut reader, work)?;
            members.add(&path, link, &content, work, &mut draft)?;
        }
        if !reader.next_file().map_err(|_| broken())? {
            break;
        }
    }
    // After the end marker there may be nothing but padding.
    let rest = reader.into_inner();
    if !rest.iter().all(|byte| matches!(byte, 0 | 0x1a)) {
        return Err(broken());
    }
    draft.bytes = members.finish()?;
    Ok(draft)
}

/// The file that the reader stands at: as many bytes as its header says, with the right checksum.
fn content(reader: &mut LhaDecodeReader<&[u8]>, work: &mut Work<'_>) -> Result<Vec<u8>, Stop> {
    let too_large = || Stop::refused(ReasonCode::LimitRatio);
    if !reader.is_decoder_supported() {
        return Err(Stop::refused(ReasonCode::UnsupportedFeature));
    }
    let packed = usize::try_from(reader.header().compressed_size).map_err(|_| too_large())?;
    let size = usize::try_from(reader.header().original_size).map_err(|_| too_large())?;
    if size > work.budget.member_bytes(packed) {
        return Err(too_large());
    }
    work.budget.decode(size)?;
    work.budget.step(size as u64 / 16)?;
    let mut content = Vec::new();
    reader.by_ref().take(size as u64).read_to_end(&mut content).map_err(|_| Stop::refused(ReasonCode::Damaged))?;
    if content.len() == size && reader.crc_is_ok() { Ok(content) } else { Err(Stop::refused(ReasonCode::Damaged)) }
}

/// Folder and name, decoded before anything splits them.
fn path(header: &LhaHeader) -> String {
    let (mut name, mut folders) = (header.filename.to_vec(), Vec::new());
    for extra in header.iter_extra() {
        match extra {
            [NAME, rest @ ..] => name = rest.to_vec(),
            [FOLDER, rest @ ..] => folders = rest.split(|byte| *byte == 0xff).map(text).collect(),
            _ => {}
        }
    }
    folders.push(text(&name).replace('\\', "/"));
    folders.retain(|part| !part.is_empty());
    folders.join("/")
}

fn text(raw: &[u8]) -> String {
    let raw = raw.split(|byte| *byte == 0).next().unwrap_or_default();
    match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::SHIFT_JIS.decode_without_bom_handling(raw).0.replace('\u{fffd}', "_"),
    }
}
