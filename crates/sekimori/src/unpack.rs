//! A policy's folder as one zip file, read in a worker: the console takes the upload, the child opens it.

use std::sync::Arc;

use pack::{MAX_FILES, MAX_PACK_BYTES, Source};
use sanitize::Limits;
use worker::{Broker, Kind};

/// The worker that reads the zip: one byte, 1 for yes, then the files as `ledger::packs` stores them.
pub(crate) const KIND: Kind = Kind::new("unpack", |request, _| {
    let limits = Limits {
        decoded_bytes: MAX_PACK_BYTES as u64,
        members: u32::try_from(MAX_FILES).unwrap_or(u32::MAX),
        ..Limits::default()
    };
    match sanitize::zip_files(request, limits) {
        Some(files) => {
            let mut answer = vec![1];
            answer.extend(ledger::packs::to_bytes(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))));
            answer
        }
        None => vec![0],
    }
});

/// What the console calls for an upload; none when this binary cannot be started again.
pub(crate) fn unpacker() -> Option<console::Unpack> {
    let broker = Broker::of_this_binary().ok()?;
    Some(Arc::new(move |zip: &[u8]| {
        let answer = broker.call("unpack", zip).ok()?;
        let (1, files) = answer.split_first().map(|(yes, files)| (*yes, files))? else { return None };
        Some(without_folder(ledger::packs::from_bytes(files)?))
    }))
}

/// A zip of a folder holds its name before every path; the pack begins where pack.toml stands. Hidden files stay out.
fn without_folder(files: Vec<(String, Vec<u8>)>) -> Source {
    let tops = files.iter().filter_map(|(path, _)| path.strip_suffix("pack.toml"));
    let top = tops.min_by_key(|top| top.len()).unwrap_or_default().to_owned();
    let inside = files.into_iter().filter_map(|(path, bytes)| Some((path.strip_prefix(&top)?.to_owned(), bytes)));
    inside.filter(|(path, _)| !path.split('/').any(|part| part.starts_with('.'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pack_begins_where_its_first_file_stands() {
        let file = |path: &str| (path.to_owned(), vec![1]);
        let read =
            without_folder(vec![file("city/pack.toml"), file("city/duties/a/register.toml"), file("city/.git/x")]);
        let paths: Vec<&str> = read.files().map(|(path, _)| path).collect();
        assert_eq!(paths, ["duties/a/register.toml", "pack.toml"]);
        assert_eq!(without_folder(vec![file("pack.toml"), file("b.md")]).files().count(), 2);
    }
}
