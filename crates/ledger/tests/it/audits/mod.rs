//! Audits: samples that anybody draws again, independence against a model that looks day by day, plans around the turn of the
//! fiscal year, populations as they were, and clauses that a revision of the policy renames.

mod draw;
mod independence;
mod plan;
mod population;
mod revision;
