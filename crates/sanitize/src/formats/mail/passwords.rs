//! Passwords that stand in a mail's text (the habit called PPAP), for its protected attachments; by policy only.

/// Words after which a password follows.
const WORDS: &[&str] = &["パスワード", "password", "passwd", "ﾊﾟｽﾜｰﾄﾞ", "暗証番号", "解凍キー", "pw", "pass"];
/// Passwords that are tried.
const MOST: usize = 20;
/// Lines after the word in which one is looked for.
const LINES: usize = 4;

/// The words of a text that may be passwords, likeliest first.
pub(super) fn candidates(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let lower = line.to_ascii_lowercase();
        let Some(end) = WORDS.iter().filter_map(|word| lower.find(word).map(|at| at + word.len())).max() else {
            continue;
        };
        let after = line.get(end..).unwrap_or_default();
        let below = lines.get(at + 1..).unwrap_or_default().iter().filter(|line| !line.trim().is_empty()).take(LINES);
        for part in std::iter::once(&after).chain(below) {
            for word in part.split(|c: char| !c.is_ascii_graphic()) {
                let bare = word.trim_matches(['"', '\'', '<', '>', '(', ')', ':', '[', ']']);
                for word in [word, bare] {
                    let fits = (4..=64).contains(&word.len()) && !word.contains("://");
                    if fits && found.len() < MOST && !found.iter().any(|known| known == word) {
                        found.push(word.to_owned());
                    }
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn passwords_are_found_beside_and_below_the_word() {
        assert_eq!(super::candidates("添付のパスワードは「Ab3$xy9!」です。"), ["Ab3$xy9!"]);
        assert_eq!(super::candidates("解凍パスワード：\n\n  himitsu\n以上"), ["himitsu"]);
        assert_eq!(super::candidates("Password: q1w2e3"), ["q1w2e3"]);
        assert!(super::candidates("会議は Zoom1234 で行います。").is_empty());
    }
}
