//! Group 4 (T.6) as libtiff reads it, and with it nearly every program: a run of no pixels counts as two changes of colour. By the
//! recommendation it changes nothing, and no encoder needs one but at the beginning of a row that begins black; some (ImageGear among
//! them) write a black run of none after it and refer to both from the next row. Read by the letter such a page goes astray there.

use ::fax::maps::{Mode, black, mode, white};
use ::fax::{BitReader, slice_reader};
use hayro_ccitt::Decoder;

use super::Rows;

/// All rows, 0 is black; `None` when anything is not as it should be.
pub(super) fn rows(data: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let width_of_row = u32::try_from(width).ok()?;
    let mut reader = slice_reader(data);
    let mut rows = Rows::new(width, height);
    let mut above = Vec::new();
    for _ in 0..height {
        let row = row(&mut reader, &above, width_of_row)?;
        rows.push_row(&row);
        above = row;
    }
    Some(rows.finish())
}

/// Where the runs of a row end, the last one left out; ends of runs of none stand twice.
fn row(reader: &mut impl BitReader, above: &[u32], width: u32) -> Option<Vec<u32>> {
    let mut row = Vec::new();
    let (mut at, mut begun, mut is_black, mut next) = (0, false, false, 0);
    while at < width {
        // The first change above to the other colour, to the right; at the edge too as long as nothing has come.
        let is_behind = |change: Option<&u32>| change.is_some_and(|change| begun && *change <= at);
        while next > 0 && !is_behind(above.get(next - 1)) {
            next -= 1;
        }
        while is_behind(above.get(next)) {
            next += 1;
        }
        let first = next + usize::from((next % 2 == 1) != is_black);
        let change = |index: usize| above.get(index).copied().unwrap_or(width);
        match mode::decode(reader)? {
            Mode::Pass => at = change(first + 1),
            Mode::Vertical(by) => {
                let to = change(first).checked_add_signed(i32::from(by)).filter(|to| (at..=width).contains(to))?;
                row.push(to);
                (at, is_black) = (to, !is_black);
            }
            Mode::Horizontal => {
                for color in [is_black, !is_black] {
                    at = at.checked_add(run(reader, color)?).filter(|to| *to <= width)?;
                    row.push(at);
                }
            }
            Mode::Extension | Mode::EOF => return None,
        }
        begun = true;
    }
    row.retain(|end| *end < width);
    Some(row)
}

fn run(reader: &mut impl BitReader, is_black: bool) -> Option<u32> {
    let mut length = 0_u32;
    loop {
        let part = if is_black { black::decode(reader) } else { white::decode(reader) }?;
        length = length.checked_add(u32::from(part))?;
        if part < 64 {
            return Some(length);
        }
    }
}
