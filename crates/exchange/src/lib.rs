//! In and out: registers, data sources and people as tables (xlsx, CSV), with every error at its cell.
//!
//! A file is parsed in a worker ([`Intake`]); what comes back is a table of cells. An import works through the rows inside one
//! operation of the ledger, by the same creating, editing and stepping that the console uses, and says for each row what
//! became of it ([`Report`]). The caller commits when there is no error, and drops the operation otherwise or after a dry
//! run: all or nothing.

pub mod cells;
pub mod claims;
mod columns;
mod days;
pub mod evidence;
mod export;
mod import;
mod intake;
mod names;
mod people;
pub mod publication;
mod report;
mod sources;

pub use export::{Form, export, file_of, form_of, names_of_files};
pub use import::{Attachments, Import, NoAttachments, import};
pub use intake::{Intake, sha256};
pub use names::Names;
pub use people::{COLUMNS as PEOPLE_COLUMNS, PeopleReport, import_people};
pub use report::{Became, Line, Refusal, Report};
pub use sources::{facts_of, import_source, page_of_sources, template};
