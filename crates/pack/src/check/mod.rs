//! What has to be right between the files of a pack. One file per theme; to add a rule, write it beside its like and
//! give it a code of its own and a test in `tests/it`.

mod contract;
mod decisions;
mod documents;
mod kinds;
mod lifecycle;
pub(crate) mod names;
mod networks;
mod organisation;
mod questionnaires;
mod registers;
mod renames;
mod serving;

use crate::read::ReadPack;
use crate::report::Report;

/// Runs every rule.
pub(crate) fn check(read: &ReadPack, report: &Report) {
    let pack = &read.pack;
    names::check(pack, report);
    documents::check(pack, report);
    serving::check(read, report);
    registers::check(pack, report);
    kinds::check(pack, report);
    contract::stray(pack, report);
    lifecycle::check(pack, report);
    decisions::check(pack, report);
    organisation::check(pack, report);
    questionnaires::check(pack, report);
    networks::check(pack, report);
    renames::check(pack, report);
}
