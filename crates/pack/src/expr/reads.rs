//! What an expression reads.

use crate::model::Subjects;

/// Something that an expression reads, and the way to it. When it changes on some record, the expression has to be
/// evaluated again for the subjects from which the hops lead to that record, as they stood before and stand after.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Read {
    /// Whose: records of a register, rows of a source, persons, units, posts.
    pub of: Subjects,
    /// The field as it is stored; none where only it matters which of them there are (`size(city.assets)`). The list
    /// `takeouts` of an asset reads the field `asset` of `takeouts`, by way of [`Hop::Back`].
    pub field: Option<String>,
    /// How to come from the subject to it; empty for the subject's own fields.
    pub via: Vec<Hop>,
}

/// One step from one thing to others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Hop {
    /// Along a reference, or a list of them, stored in this field.
    To {
        /// Whose field.
        of: Subjects,
        /// The field.
        field: String,
    },
    /// To those whose field refers back here.
    Back {
        /// Whose field.
        of: Subjects,
        /// The field.
        field: String,
    },
    /// To all of this kind.
    All(Subjects),
}
