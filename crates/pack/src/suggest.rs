//! "Did you mean".

/// The known word nearest to what was written, when it is near enough to be meant.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .filter(|word| *word != written)
        .map(|word| (strsim::osa_distance(written, word), word))
        .filter(|(distance, word)| *distance <= written.chars().count().max(word.chars().count()).div_ceil(3))
        .min()
        .map(|(_, word)| word)
}

/// Words as one line: `a, b, c`, cut after twelve.
pub(crate) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().collect();
    let shown: Vec<_> = words.iter().take(12).copied().collect();
    let rest = words.len() - shown.len();
    if rest == 0 { shown.join(", ") } else { format!("{}, … (+{rest})", shown.join(", ")) }
}
