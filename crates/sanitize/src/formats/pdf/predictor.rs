//! The PNG predictors for rows of bytes: for each row the filter with the least sum of differences.

/// Filters rows of `line` bytes, `step` bytes for a pixel; each row is led by the number of its filter.
pub(super) fn png(data: &[u8], line: usize, step: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + data.len() / line.max(1));
    let zeros = vec![0u8; line];
    let mut above: &[u8] = &zeros;
    for row in data.chunks(line.max(1)) {
        let candidates = [0u8, 1, 2, 4].map(|filter| (filter, filtered(row, above, step, filter)));
        let weight = |bytes: &[u8]| bytes.iter().map(|b| u64::from(b.cast_signed().unsigned_abs())).sum::<u64>();
        if let Some((filter, bytes)) = candidates.into_iter().min_by_key(|(_, bytes)| weight(bytes)) {
            out.push(filter);
            out.extend(bytes);
        }
        above = row;
    }
    out
}

fn filtered(row: &[u8], above: &[u8], step: usize, filter: u8) -> Vec<u8> {
    let at = |bytes: &[u8], place: Option<usize>| place.and_then(|p| bytes.get(p)).copied().unwrap_or(0);
    let predict = |x: usize| {
        let (left, up, corner) = (at(row, x.checked_sub(step)), at(above, Some(x)), at(above, x.checked_sub(step)));
        match filter {
            1 => left,
            2 => up,
            4 => paeth(left, up, corner),
            _ => 0,
        }
    };
    row.iter().enumerate().map(|(x, byte)| byte.wrapping_sub(predict(x))).collect()
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let away = |value: u8| (estimate - i16::from(value)).abs();
    if away(left) <= away(up) && away(left) <= away(corner) {
        left
    } else if away(up) <= away(corner) {
        up
    } else {
        corner
    }
}
