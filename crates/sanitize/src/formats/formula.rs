//! What the formulas of both families of Office formats have in common.

/// Characters of a formula at most (Excel's limit is 8192).
pub(super) const LONGEST: usize = 16_384;

/// The place after a quoted text that begins at `at`; none for a text without an end.
pub(super) fn after_quote(chars: &[char], mut at: usize, quote: char) -> Option<usize> {
    loop {
        match (chars.get(at), chars.get(at + 1)) {
            (Some(c), Some(next)) if *c == quote && *next == quote => at += 2,
            (Some(c), _) if *c == quote => return Some(at + 1),
            (Some(_), _) => at += 1,
            (None, _) => return None,
        }
    }
}
