//! One test for each diagnostic: a small pack, one change, and everything that the check says.

mod contracts;
mod decisions;
mod documents;
mod kinds;
mod lifecycle;
mod names;
mod networks;
mod organisation;
mod questionnaires;
mod reading;
mod registers;
mod renames;
mod serving;
mod whole;
