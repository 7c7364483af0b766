//! Words of a configuration line with their columns, for dialects whose lines are words.

/// A word and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without quotes and escapes.
    pub(super) text: String,
    /// In characters, from 1.
    pub(super) column: u32,
}

/// Splits at white space; double quotes hold a word together and `\` inside them takes the next character as it is.
pub(super) fn words(line: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut current: Option<Word> = None;
    let mut quoted = false;
    let mut chars = (1u32..).zip(line.chars());
    while let Some((column, c)) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                current.get_or_insert_with(|| Word { text: String::new(), column });
            }
            '\\' if quoted => {
                if let (Some(word), Some((_, escaped))) = (current.as_mut(), chars.next()) {
                    word.text.push(escaped);
                }
            }
            c if c.is_whitespace() && !quoted => out.extend(current.take()),
            c => current.get_or_insert_with(|| Word { text: String::new(), column }).text.push(c),
        }
    }
    out.extend(current);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_a_word_together() {
        let texts: Vec<_> =
            words(r#"-A X --comment "a \"b\" c"  -j "" Y"#).into_iter().map(|w| (w.text, w.column)).collect();
        let expected = [("-A", 1), ("X", 4), ("--comment", 6), ("a \"b\" c", 16), ("-j", 29), ("", 32), ("Y", 35)];
        assert_eq!(texts, expected.map(|(text, column)| (text.to_owned(), column)));
    }
}
