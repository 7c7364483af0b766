//! Which characters are taken in.

/// Characters that change the order in which text is shown: a name or a reason could read as its opposite.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that no single line may hold: controls (also NUL and line ends), bidi controls, line and paragraph
/// separators, tags, noncharacters. Private-use characters (外字) and variation selectors (IVS) are welcome.
pub(crate) fn is_refused_in_line(c: char) -> bool {
    c.is_control()
        || is_bidi_control(c)
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}'..='\u{e007f}')
        || (c as u32) & 0xfffe == 0xfffe
        || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

/// The same for text of several lines, which may hold line feeds and tabs.
pub(crate) fn is_refused_in_lines(c: char) -> bool {
    !matches!(c, '\n' | '\t') && is_refused_in_line(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_use_and_variation_selectors_are_taken_and_controls_are_not() {
        for c in "辻\u{e0100}\u{e000}\u{f0000}髙﨑 ｱＡ~".chars() {
            assert!(!is_refused_in_line(c), "{c:?}");
        }
        for c in ['\0', '\u{1b}', '\n', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{feff}', '\u{ffff}']
        {
            assert!(is_refused_in_line(c), "{c:?}");
        }
        assert!(!is_refused_in_lines('\n') && is_refused_in_lines('\r') && is_refused_in_lines('\0'));
    }
}
