//! Office documents encrypted as a whole ([MS-OFFCRYPTO]: agile and standard, AES): with a password that fits, decrypted and
//! rebuilt as what they hold.

mod agile;
mod standard;

use super::ole::Ole;
use crate::detect;
use crate::format::Format;
use crate::formats;
use crate::policy::Policy;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// What may be inside.
const INSIDE: &[Format] = &[
    Format::Docx,
    Format::Docm,
    Format::Dotx,
    Format::Dotm,
    Format::Xlsx,
    Format::Xlsm,
    Format::Xltx,
    Format::Xltm,
    Format::Pptx,
    Format::Pptm,
    Format::Potx,
    Format::Potm,
    Format::Ppsx,
    Format::Ppsm,
];

/// Rebuilds what is inside, or holds the file for its password.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    if work.passwords.is_empty() {
        return Err(Stop::held(ReasonCode::PasswordNeeded));
    }
    let ole = Ole::open(source.bytes, &mut work.budget)?;
    // Rights management keeps its keys on a server; there is nothing that a password could open.
    let unsupported = || Stop::refused(ReasonCode::UnsupportedFeature);
    let info = ole.stream("EncryptionInfo", &mut work.budget)?.ok_or_else(unsupported)?;
    let package = ole.stream("EncryptedPackage", &mut work.budget)?.ok_or_else(unsupported)?;
    let plain = decrypt(&info, &package, work)?.ok_or(Stop::Held(ReasonCode::PasswordNeeded))?;
    let format = detect::detect("", &plain);
    if !INSIDE.contains(&format) {
        return Err(inner_handling(format, work.policy));
    }
    work.budget.enter()?;
    let inner = formats::reader(format).ok_or_else(unsupported)?;
    let result = match work.policy.handling(format) {
        crate::format::Handling::Rebuild => inner(Source { bytes: &plain, format, ..source }, work),
        crate::format::Handling::Hold(code) => Err(Stop::held(code)),
        crate::format::Handling::Refuse(code) => Err(Stop::refused(code)),
    };
    work.budget.leave();
    let mut draft = result?;
    draft.format = draft.format.or(Some(format));
    draft.findings.noted(What::Decrypted, "");
    Ok(draft)
}

/// Why something else inside does not pass: its own reason when it has one (a binary workbook).
fn inner_handling(format: Format, policy: &Policy) -> Stop {
    match policy.handling(format) {
        crate::format::Handling::Hold(code) => Stop::held(code),
        crate::format::Handling::Refuse(code) => Stop::refused(code),
        crate::format::Handling::Rebuild => Stop::refused(ReasonCode::Polyglot),
    }
}

/// The package; `None` when no password fits.
fn decrypt(info: &[u8], package: &[u8], work: &mut Work<'_>) -> Result<Option<Vec<u8>>, Stop> {
    let damaged = || Stop::refused(ReasonCode::Damaged);
    let version = info.first_chunk::<4>().ok_or_else(damaged)?;
    let (size, data) = package.split_first_chunk::<8>().ok_or_else(damaged)?;
    let size = usize::try_from(u64::from_le_bytes(*size)).map_err(|_| damaged())?;
    if size > data.len() {
        return Err(damaged());
    }
    work.budget.decode(data.len())?;
    for password in &work.passwords.clone() {
        let password: Vec<u8> = password.text().encode_utf16().flat_map(u16::to_le_bytes).collect();
        let plain = match version {
            [4, 0, 4, 0] => agile::decrypt(info.get(8..).unwrap_or_default(), data, &password, &mut work.budget)?,
            [2..=4, 0, 2, 0] => standard::decrypt(info, data, &password, &mut work.budget)?,
            _ => return Err(Stop::refused(ReasonCode::UnsupportedFeature)),
        };
        if let Some(mut plain) = plain {
            plain.truncate(size);
            return if plain.len() == size { Ok(Some(plain)) } else { Err(damaged()) };
        }
    }
    Ok(None)
}
