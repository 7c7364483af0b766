//! Member names: UTF-8 where the archive says or shows it, else CP932, from raw bytes. (A 5C byte inside 表, ソ, 能 is no
//! separator, so decoding comes before anything looks for one.)

use super::read::{Entry, extra_field};

/// The names of all members. Without a flag one charset is chosen for the whole archive.
pub(super) fn decode(entries: &[Entry<'_>]) -> Vec<String> {
    let unmarked = || entries.iter().filter(|entry| !entry.utf8).map(|entry| entry.raw_name);
    let all_utf8 = unmarked().all(|name| std::str::from_utf8(name).is_ok());
    let encoding = if all_utf8 { encoding_rs::UTF_8 } else { japanese(unmarked().filter(|name| !name.is_ascii())) };
    entries.iter().map(|entry| decode_one(entry, encoding)).collect()
}

fn decode_one(entry: &Entry<'_>, encoding: &'static encoding_rs::Encoding) -> String {
    if let Some(name) = unicode_path(entry) {
        return name.to_owned();
    }
    let encoding = if entry.utf8 { encoding_rs::UTF_8 } else { encoding };
    encoding.decode_without_bom_handling(entry.raw_name).0.replace('\u{fffd}', "_")
}

/// CP932, unless only EUC-JP decodes every name.
fn japanese<'a>(names: impl Iterator<Item = &'a [u8]> + Clone) -> &'static encoding_rs::Encoding {
    let fits = |encoding: &'static encoding_rs::Encoding| {
        names.clone().all(|name| encoding.decode_without_bom_handling_and_without_replacement(name).is_some())
    };
    if !fits(encoding_rs::SHIFT_JIS) && fits(encoding_rs::EUC_JP) {
        encoding_rs::EUC_JP
    } else {
        encoding_rs::SHIFT_JIS
    }
}

/// Info-ZIP's Unicode path (extra field 0x7075), when it belongs to this name.
fn unicode_path<'a>(entry: &Entry<'a>) -> Option<&'a str> {
    let [1, a, b, c, d, name @ ..] = extra_field(entry.extra, 0x7075)? else { return None };
    let belongs = u32::from_le_bytes([*a, *b, *c, *d]) == crc32fast::hash(entry.raw_name);
    std::str::from_utf8(name).ok().filter(|_| belongs)
}
