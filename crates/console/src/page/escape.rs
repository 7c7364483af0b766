//! Escaping for every template: HTML, and characters that hide or reorder what a reader sees.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// Escapes HTML and writes control and bidirectional characters as visible signs, so that a name cannot lie on the screen.
///
/// Line feeds and tabs stay. Private-use characters and variation selectors stay: names need them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        let mut plain = 0;
        for (at, c) in string.char_indices() {
            if !needs_care(c) {
                continue;
            }
            dest.write_str(string.get(plain..at).unwrap_or_default())?;
            plain = at + c.len_utf8();
            write_careful(&mut dest, c)?;
        }
        dest.write_str(string.get(plain..).unwrap_or_default())
    }
}

fn needs_care(c: char) -> bool {
    matches!(c, '<' | '>' | '&' | '"' | '\'') || hides(c)
}

/// Whether a character is not seen itself or changes how its neighbours are seen.
pub(crate) fn hides(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
        || matches!(c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

fn write_careful<W: Write>(dest: &mut W, c: char) -> fmt::Result {
    match c {
        '<' => dest.write_str("&lt;"),
        '>' => dest.write_str("&gt;"),
        '&' => dest.write_str("&amp;"),
        '"' => dest.write_str("&#34;"),
        '\'' => dest.write_str("&#39;"),
        _ => write!(dest, "[U+{:04X}]", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        Visible.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn html_is_text() {
        assert_eq!(escaped(r#"<b a="1">&'"#), "&lt;b a=&#34;1&#34;&gt;&amp;&#39;");
    }

    #[test]
    fn hidden_and_reordering_characters_are_seen() {
        assert_eq!(escaped("a\u{202E}fdp.exe\0"), "a[U+202E]fdp.exe[U+0000]");
        assert_eq!(escaped("一\u{200B}二"), "一[U+200B]二");
    }

    #[test]
    fn names_keep_their_characters() {
        let names = "髙橋 﨑山 渡邉󠄂 辻\u{E000}\n二行目\t。";
        assert_eq!(escaped(names), names);
    }
}
