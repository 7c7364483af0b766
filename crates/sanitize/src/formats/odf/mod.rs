//! OpenDocument 1.0 to 1.3 (odt, ods, odp, odg and their templates), written as one package of a fixed form.
//!
//! Each part is read into a tree of allowed elements ([`tree`], [`left_out`]), changed as the threat table says
//! ([`change`]), and written anew; pictures and embedded documents are reached from there only ([`build`]). Whatever else
//! lies in the package does not exist for the output.

mod build;
mod change;
mod crypt;
mod formula;
mod left_out;
mod pictures;
mod serialise;
mod settings;
mod tree;

use crate::budget::Budget;
use crate::format::Format;
use crate::formats::ooxml::package::{Package, elements};
use crate::grammar::odf::KINDS;
use crate::work::{Draft, Source, Stop, Work};

/// Rebuilds a document.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    build::rebuild(source, work)
}

/// Which OpenDocument type a zip is; `None` for any other zip, and for one whose structure is not right.
pub(crate) fn probe(bytes: &[u8]) -> Option<Format> {
    let mut budget = Budget::default();
    let package = Package::open(bytes, &mut budget).ok()?;
    let stated = match package.part("mimetype", &mut budget).ok()? {
        Some(content) => String::from_utf8(content).ok()?,
        None => root_type(&package, &mut budget)?,
    };
    let stated = stated.trim();
    let known = KINDS.iter().find(|(media, _, id)| *media == stated && !id.is_empty());
    match known {
        Some((_, _, id)) => Format::from_id(id),
        None => (stated.starts_with("application/vnd.oasis.opendocument.")
            || stated.starts_with("application/vnd.sun.xml."))
        .then_some(Format::OdfOther),
    }
}

/// The type that the manifest states for the package.
fn root_type(package: &Package<'_>, budget: &mut Budget) -> Option<String> {
    let manifest = package.part("meta-inf/manifest.xml", budget).ok()??;
    let entries = elements(&manifest, "file-entry", budget).ok()?;
    let get = |entry: &[(String, String)], wanted: &str| {
        entry.iter().find(|(name, _)| name.rsplit(':').next() == Some(wanted)).map(|(_, value)| value.clone())
    };
    let root = entries.iter().find(|entry| get(entry, "full-path").as_deref() == Some("/"))?;
    get(root, "media-type")
}
