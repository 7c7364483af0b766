//! What a file may need.

use crate::{Address, Problem};

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Most rows, headings among them.
pub const ROWS_MAX: u32 = 200_001;
/// Most columns.
pub const COLUMNS_MAX: u32 = 300;
/// Most cells that hold anything.
pub const CELLS_MAX: usize = 4_000_000;
/// Longest text of a cell, in characters: what a spreadsheet holds.
pub const CELL_CHARS_MAX: usize = 32_767;

pub(crate) fn too_large() -> Problem {
    let mib = FILE_BYTES_MAX >> 20;
    Problem::new(
        format!("ファイルが大きすぎます（{mib} MiBまで）。分けて取り込んでください。"),
        format!("The file is too large (at most {mib} MiB). Import it in parts."),
    )
}

/// Checks a cell's place and length.
pub(crate) fn check(at: Address, count: usize, text: &str) -> Result<(), Problem> {
    if at.row > ROWS_MAX {
        return Err(Problem::new("行が多すぎます（20万行まで）。", "Too many rows (at most 200,000).").at(at));
    }
    if at.column >= COLUMNS_MAX {
        let (ja, en) =
            (format!("列が多すぎます（{COLUMNS_MAX}列まで）。"), format!("Too many columns (at most {COLUMNS_MAX})."));
        return Err(Problem::new(ja, en).at(at));
    }
    if count > CELLS_MAX {
        return Err(Problem::new("セルが多すぎます（400万個まで）。", "Too many cells (at most four million).").at(at));
    }
    if text.len() > CELL_CHARS_MAX && text.chars().count() > CELL_CHARS_MAX {
        let ja = format!("セルの文字が多すぎます（{CELL_CHARS_MAX}文字まで）。");
        return Err(
            Problem::new(ja, format!("The cell holds too much text (at most {CELL_CHARS_MAX} characters).")).at(at)
        );
    }
    Ok(())
}
