//! RTF 1.9, rebuilt from a tree of text and format ([`model`]): control words and destinations of the published list, text as
//! Unicode, pictures re-encoded. Every other destination is dropped; an object leaves the picture that showed it.

mod destination;
mod lex;
mod model;
mod read;
mod text;

use crate::words::ReasonCode;
use crate::work::{Draft, Source, Stop, Work};

/// Rebuilds a document.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    work.budget.decode(source.bytes.len())?;
    let mut draft = Draft::default();
    let nodes = read::read(source.bytes, work, &mut draft)?;
    if !read::holds_content(&nodes) {
        return Err(Stop::refused(ReasonCode::NothingLeft));
    }
    draft.bytes = model::write(&nodes);
    Ok(draft)
}
