//! What the municipality records: people, records, decisions, files, and the journal of every change.
//!
//! A [`Ledger`] is opened on one store (a SQLite file or a PostgreSQL schema). Everything happens inside an [`Operation`]
//! (writes) or a [`Reading`] (one snapshot), each of which carries its actor and its moment: the crate reads no clock.
//! A write asks for a [`Permit`] by value, which only the permission check makes, and cannot leave the transaction without
//! its journal entry: [`Operation::commit`] appends the entries and commits rows and entries together.
//!
//! To record something new: its table in `store/schema.sql`, one line in [`journal::TABLES`] (which makes its rows part of
//! what `journal verify` compares), and a module named by what it records.

pub mod attestations;
pub mod backup;
pub mod decisions;
mod error;
pub mod facts;
pub mod files;
pub mod findings;
mod id;
pub mod journal;
pub mod kinds;
mod ledger;
pub mod notices;
mod operation;
pub mod oversight;
pub mod packs;
pub mod people;
pub mod permission;
pub mod questionnaires;
pub mod records;
pub mod retention;
mod store;
mod text;
mod time;
mod visibility;
pub mod world;

pub use error::{Error, FieldError, Kind, Result};
pub use id::{Entropy, Id, SeededEntropy, SystemEntropy};
pub use ledger::Ledger;
pub use operation::{Actor, Operation, Reading, Receipt};
pub use permission::Permit;
pub use store::{Engine, Location, Row, Sql, Value};
pub use time::{Day, Moment};
