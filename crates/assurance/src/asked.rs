//! What of everything recorded has to be kept, so that the controls of a pack can be evaluated.

use std::collections::HashSet;
use std::sync::Arc;

use pack::Pack;
use pack::expr::Hop;

use crate::dirty;

/// Kinds of thing, each with its own slots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Layout {
    Register(Arc<str>),
    Source(Arc<str>),
    Person,
    Unit,
    Post,
}

/// The layout of a kind of subject; none for the municipality.
fn layout_of_all(of: &pack::model::Subjects) -> Option<Layout> {
    use pack::model::Subjects;
    Some(match of {
        Subjects::Register(id) => Layout::Register(id.as_str().into()),
        Subjects::Source(id) => Layout::Source(id.as_str().into()),
        Subjects::People => Layout::Person,
        Subjects::Units => Layout::Unit,
        Subjects::Posts => Layout::Post,
        Subjects::Municipality => return None,
    })
}

/// Fields of a record that are kept whether or not a control reads them: by them it is named and found.
pub(crate) const KEPT: [&str; 4] = ["number", "name", "unit", "state"];

/// What of an exception says whom it covers, and when.
pub(crate) const KEPT_OF_EXCEPTIONS: [&str; 4] = ["control", "subject", "starts_on", "ends_on"];

/// What the controls of a pack read, by kind of thing: its fields, and those from whose end they go back to their start.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) fields: HashSet<(Layout, String)>,
    pub(crate) back: HashSet<(Layout, String)>,
}

impl Asked {
    /// Reads the controls of a pack.
    pub(crate) fn of(pack: &Pack) -> Self {
        let mut asked = Self::default();
        for read in pack.controls.iter().flat_map(dirty::reads) {
            for hop in &read.via {
                let (Hop::To { of, field } | Hop::Back { of, field }) = hop else { continue };
                if let Some(layout) = layout_of_all(of) {
                    asked.fields.insert((layout.clone(), field.clone()));
                    asked.back.insert((layout, field.clone()));
                }
            }
            if let (Some(layout), Some(field)) = (layout_of_all(&read.of), read.field) {
                asked.fields.insert((layout, field));
            }
        }
        asked
    }
}
