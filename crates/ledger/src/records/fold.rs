//! How text is compared in search and sorting: compatibility forms, case, 異体字 and variation selectors fold together.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

/// Variants of a character that names and addresses use, each with the form that all of them fold to. One line per character.
const VARIANTS: &[(char, &str)] = &[
    ('高', "髙"),
    ('崎', "﨑碕嵜"),
    ('辺', "邊邉"),
    ('斎', "齋齊斉"),
    ('浜', "濱濵"),
    ('沢', "澤"),
    ('島', "嶋嶌"),
    ('桜', "櫻"),
    ('広', "廣"),
    ('国', "國"),
    ('吉', "𠮷"),
    ('富', "冨"),
    ('竜', "龍"),
    ('滝', "瀧"),
    ('条', "條"),
    ('恵', "惠"),
    ('栄', "榮"),
    ('徳', "德悳"),
    ('瀬', "瀨"),
    ('槙', "槇"),
    ('遥', "遙"),
    ('関', "關"),
    ('黒', "黑"),
    ('横', "橫"),
    ('増', "增"),
    ('真', "眞"),
    ('万', "萬"),
    ('寿', "壽"),
    ('峰', "峯"),
    ('秋', "穐"),
    ('館', "舘"),
];

/// Each variant with the form that it folds to, in order.
static BASES: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut all: Vec<_> = VARIANTS.iter().flat_map(|(base, others)| others.chars().map(|c| (c, *base))).collect();
    all.sort_unstable();
    all
});

fn variant(c: char) -> char {
    let found = BASES.binary_search_by_key(&c, |(variant, _)| *variant);
    found.ok().and_then(|at| BASES.get(at)).map_or(c, |(_, base)| *base)
}

/// Folds a text: NFKC, lower case, one form per character, no variation selectors, single spaces.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase).map(variant) {
        if matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}') {
            continue;
        }
        if !c.is_whitespace() {
            folded.push(c);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The words of a question, folded.
pub(super) fn words(question: &str) -> Vec<String> {
    fold(question).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A gram as the index writes it: code points in hexadecimal, which no tokeniser splits.
fn gram(chars: &[char]) -> String {
    let mut gram = String::with_capacity(11);
    for (i, c) in chars.iter().enumerate() {
        if i > 0 {
            gram.push('x');
        }
        let code = u32::from(*c);
        let digits = (u32::BITS - code.leading_zeros()).div_ceil(4).max(1);
        gram.extend((0..digits).rev().filter_map(|digit| char::from_digit(code >> (4 * digit) & 15, 16)));
    }
    gram
}

/// Every single character and every pair of neighbours of a folded text, each once.
pub(super) fn grams_of_text(folded: &str) -> Vec<String> {
    let mut grams = Vec::new();
    for word in folded.split(' ') {
        let chars: Vec<char> = word.chars().collect();
        grams.extend(chars.iter().map(|c| gram(std::slice::from_ref(c))));
        grams.extend(chars.windows(2).map(gram));
    }
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// The grams that a text with this word must have: its pairs, or the character of a one-character word.
pub(super) fn grams_of_word(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    if chars.len() == 1 {
        return vec![gram(&chars)];
    }
    let mut grams: Vec<String> = chars.windows(2).map(gram).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_are_code_points_in_hexadecimal() {
        for c in ['\0', '\u{f}', 'a', 'あ', '髙', '𠮷', '\u{10ffff}'] {
            assert_eq!(gram(&[c]), format!("{:x}", u32::from(c)));
            assert_eq!(gram(&[c, '関']), format!("{:x}x95a2", u32::from(c)));
        }
    }

    #[test]
    fn variants_widths_and_case_fold_together() {
        for (a, b) in [
            ("髙橋", "高橋"),
            ("渡邉", "渡辺"),
            ("渡邊", "渡辺"),
            ("齋藤", "斉藤"),
            ("﨑山", "崎山"),
            ("ﾒﾃﾞｨｱ", "メディア"),
            ("ＵＳＢ", "usb"),
            ("辻\u{e0100}", "辻"),
            (" a\u{3000} b ", "a b"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("監査"), fold("査監"));
    }
}
