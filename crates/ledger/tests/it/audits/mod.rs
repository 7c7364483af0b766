//! Audits: samples that anybody draws again, independence against a model that looks day by day, plans around the turn of the
//! fiscal year, and populations as they were.

mod draw;
mod independence;
mod plan;
mod population;
