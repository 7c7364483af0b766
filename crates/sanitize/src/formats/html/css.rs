//! Styles: what stays of them, what they hide, and what in them would fetch.

use std::collections::HashMap;

use crate::grammar::html::{FUNCTIONS, PROPERTIES};

/// Characters of one value.
const VALUE: usize = 300;
/// Rules of one page that are kept.
const RULES: usize = 3_000;

/// A colour, or that it cannot be told (a picture, an unknown word).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Known([u8; 3]),
    Unknown,
}

/// What declarations do to the visibility of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) display_none: Option<bool>,
    pub(super) invisible: Option<bool>,
    pub(super) tiny: Option<bool>,
    pub(super) colour: Option<Colour>,
    pub(super) background: Option<Colour>,
    /// Moved out of sight, clipped or of no size.
    pub(super) away: bool,
}

impl Look {
    /// The look when `stronger` is applied over this.
    pub(super) fn under(self, stronger: Self) -> Self {
        Self {
            display_none: stronger.display_none.or(self.display_none),
            invisible: stronger.invisible.or(self.invisible),
            tiny: stronger.tiny.or(self.tiny),
            colour: stronger.colour.or(self.colour),
            background: stronger.background.or(self.background),
            away: stronger.away || self.away,
        }
    }
}

/// Declarations as read.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    /// What stays, written out; empty when nothing does.
    pub(super) kept: String,
    /// What they do to visibility.
    pub(super) look: Look,
    /// They would fetch or run something.
    pub(super) fetches: bool,
}

/// A style sheet as read.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Selector list and declarations of the rules that stay, written out.
    pub(super) rules: Vec<String>,
    /// Looks by simple selector: `tag`, `.class`, `#id`.
    pub(super) looks: HashMap<String, Look>,
    /// A background is set where we cannot tell whose it is.
    pub(super) obscure: bool,
    /// It would fetch or run something.
    pub(super) fetches: bool,
}

/// Reads the declarations of a `style` attribute or of a rule.
pub(super) fn declarations(text: &str) -> Declarations {
    let text = plain(text);
    let (mut done, mut kept) = (Declarations::default(), Vec::<(String, String)>::new());
    let (mut flat, mut clipped) = (false, false);
    for part in split(&text, ';') {
        let Some((property, value)) = part.split_once(':') else { continue };
        let property = property.trim().to_ascii_lowercase();
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let lower = value.to_ascii_lowercase();
        done.fetches |=
            ["url(", "expression", "javascript:", "image-set(", "src("].iter().any(|word| lower.contains(word))
                || matches!(property.as_str(), "behavior" | "-moz-binding");
        look(&property, &lower, &mut done.look, &mut flat, &mut clipped);
        let property = if property == "background" { "background-color".to_owned() } else { property };
        if stays(&property, &value) {
            kept.retain(|(known, _)| *known != property);
            kept.push((property, value));
        }
    }
    done.look.away |= flat && clipped;
    done.kept = kept.iter().map(|(property, value)| format!("{property}:{value}")).collect::<Vec<_>>().join(";");
    done
}

fn look(property: &str, value: &str, look: &mut Look, flat: &mut bool, clipped: &mut bool) {
    let value = value.trim_end_matches("!important").trim_end();
    match property {
        "display" => look.display_none = Some(value == "none"),
        "visibility" => look.invisible = Some(matches!(value, "hidden" | "collapse")),
        "opacity" => look.away |= value.trim_end_matches('%').parse::<f64>().is_ok_and(|opacity| opacity < 0.05),
        "mso-hide" => look.away |= value == "all",
        "font-size" => look.tiny = Some(is_tiny(value)),
        "font" => look.tiny = Some(value.split(' ').any(|word| is_tiny(word.split('/').next().unwrap_or(word)))),
        "color" => look.colour = Some(colour(value)),
        "background-color" | "background" => look.background = Some(colour(value)),
        "background-image" => look.background = Some(Colour::Unknown),
        "left" | "top" | "text-indent" | "margin-left" | "margin-top" => {
            look.away |= number(value).is_some_and(|number| number <= -500.0);
        }
        "height" | "max-height" | "width" | "max-width" => *flat |= number(value).is_some_and(|number| number < 1.0),
        "overflow" | "overflow-x" | "overflow-y" => *clipped |= value == "hidden",
        "clip" => look.away |= value.replace([' ', ','], "").starts_with("rect(0") && !value.contains("auto"),
        "clip-path" => look.away |= value.contains("100%") || value.contains("circle(0"),
        "transform" => look.away |= value.replace(' ', "").contains("scale(0)"),
        _ => {}
    }
}

fn number(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(value.len());
    value.get(..end)?.parse().ok()
}

/// Too small to be read: at most two pixels.
fn is_tiny(size: &str) -> bool {
    let unit = size.trim_start_matches(|c: char| matches!(c, '0'..='9' | '.' | '-' | '+'));
    number(size).is_some_and(|number| match unit {
        "px" | "pt" | "" => number <= 2.0,
        "%" => number <= 15.0,
        "em" | "rem" | "ex" => number <= 0.15,
        _ => number <= 0.0,
    })
}

/// Whether a declaration may stay: a property of the list, and a value of plain words, numbers, colours and strings.
fn stays(property: &str, value: &str) -> bool {
    if !PROPERTIES.contains(&property) || value.is_empty() || value.len() > VALUE {
        return false;
    }
    let sized = property.starts_with("font") || property == "line-height";
    if property == "color" && value.to_ascii_lowercase().contains("transparent") {
        return false;
    }
    plain_value(value, sized) && (property != "background-color" || !value.contains(' ') || value.contains('('))
}

/// Words, numbers that are not negative (nor nothing, where a size is meant), strings, and calls of harmless functions.
fn plain_value(value: &str, sized: bool) -> bool {
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '"' | '\'' => {
                let Some(end) = rest.get(1..).and_then(|inside| inside.find(first)) else { return false };
                let inside = rest.get(1..=end).unwrap_or_default();
                if inside.contains(|c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'))) {
                    return false;
                }
                end + 2
            }
            ' ' | ',' | '/' | '%' => first.len_utf8(),
            c if matches!(c, '#' | '!' | '.' | '+') || c.is_alphanumeric() => {
                let end = rest
                    .char_indices()
                    .skip(1)
                    .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
                    .map_or(rest.len(), |(at, _)| at);
                let word = rest.get(..end).unwrap_or_default();
                if sized && number(word).is_some_and(|number| number < 0.5) {
                    return false;
                }
                match rest.get(end..).and_then(|after| after.strip_prefix('(')) {
                    None => end,
                    Some(inside) => {
                        let Some(close) = inside.find(')').filter(|_| FUNCTIONS.contains(&word)) else { return false };
                        if !three_numbers(inside.get(..close).unwrap_or_default()) {
                            return false;
                        }
                        end + close + 2
                    }
                }
            }
            _ => return false,
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    true
}

/// The arguments of a colour: three numbers, and no fourth that makes it transparent.
fn three_numbers(inside: &str) -> bool {
    inside.chars().all(|c| matches!(c, '0'..='9' | '.' | '%' | ',' | ' '))
        && inside.split([',', ' ']).filter(|part| !part.is_empty()).count() == 3
}

/// The text without comments, with escapes resolved: what a browser acts on.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/*") {
        out.push_str(rest.get(..at).unwrap_or_default());
        out.push(' ');
        rest = rest.get(at + 2..).and_then(|after| after.find("*/").and_then(|end| after.get(end + 2..))).unwrap_or("");
    }
    out.push_str(rest);
    if !out.contains('\\') {
        return out;
    }
    let (mut resolved, mut chars) = (String::with_capacity(out.len()), out.chars().peekable());
    while let Some(c) = chars.next() {
        if c != '\\' {
            resolved.push(c);
            continue;
        }
        let mut code = String::new();
        while let Some(digit) = chars.next_if(|next| next.is_ascii_hexdigit() && code.len() < 6) {
            code.push(digit);
        }
        match u32::from_str_radix(&code, 16) {
            Ok(number) => {
                chars.next_if(|next| next.is_ascii_whitespace());
                resolved.push(char::from_u32(number).filter(|c| !c.is_control()).unwrap_or('\u{fffd}'));
            }
            Err(_) => resolved.extend(chars.next()),
        }
    }
    resolved
}

/// Parts between separators that stand in no string and no parenthesis.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut quote, mut depth) = (Vec::new(), 0, None, 0_u32);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open || c == '\n' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, c) if c == separator && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Reads a style sheet. Rules of the page stay when every selector is plain; whole `@` rules do not.
pub(super) fn sheet(text: &str, into: &mut Sheet) {
    let text = plain(text);
    let text = text.replace("<!--", " ").replace("-->", " ");
    let lower = text.to_ascii_lowercase();
    into.fetches |= lower.contains("@import") || lower.contains("@font-face");
    let mut rest = text.as_str();
    while let Some(open) = rest.find(['{', ';']) {
        let (head, after) = rest.split_at(open);
        let head = head.trim();
        if after.starts_with(';') {
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        let (body, left) = block(after);
        rest = left;
        if head.starts_with('@') {
            into.fetches |= declarations(body).fetches;
            into.obscure |= body.contains("background");
        } else {
            rule(head, body, into);
        }
    }
}

/// What stands between the braces that begin the text, and what comes after them.
fn block(text: &str) -> (&str, &str) {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return (text.get(1..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        }
    }
    (text.get(1..).unwrap_or_default(), "")
}

fn rule(head: &str, body: &str, into: &mut Sheet) {
    let read = declarations(body);
    into.fetches |= read.fetches;
    let selectors: Vec<String> =
        head.split(',').map(|one| one.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for selector in &selectors {
        let simple = selector.trim_start_matches(['.', '#']);
        if !simple.is_empty() && simple.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
            let look = into.looks.entry(selector.clone()).or_default();
            *look = look.under(read.look);
        } else {
            into.obscure |= read.look.background.is_some();
        }
    }
    let plain = selectors.iter().all(|selector| {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '#' | '-' | '_' | ' ' | '>' | '+' | '*' | ':');
        !selector.is_empty() && selector.len() <= VALUE && selector.chars().all(fits)
    });
    if plain && !read.kept.is_empty() && into.rules.len() < RULES {
        into.rules.push(format!("{}{{{}}}", selectors.join(","), read.kept));
    }
}

/// The colour that a value names, for comparing text with what is behind it.
pub(super) fn colour(value: &str) -> Colour {
    let value = value.trim().to_ascii_lowercase();
    let known = match value.as_str() {
        "white" => Some([255; 3]),
        "black" | "windowtext" => Some([0; 3]),
        "transparent" => None,
        _ => hexadecimal(&value).or_else(|| rgb(&value)),
    };
    known.map_or(Colour::Unknown, Colour::Known)
}

fn hexadecimal(value: &str) -> Option<[u8; 3]> {
    let digits = value.strip_prefix('#')?;
    let digits: String =
        if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
    let number = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 6)?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

fn rgb(value: &str) -> Option<[u8; 3]> {
    let inside = value.strip_prefix("rgb(")?.strip_suffix(')')?;
    let parts: Vec<u8> =
        inside.split([',', ' ']).filter(|part| !part.is_empty()).filter_map(|p| p.parse().ok()).collect();
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_and_colours_stays_and_what_hides_or_fetches_does_not() {
        let read =
            declarations("COLOR: #f00 ; display:none; background:url(http://a.invalid/x); font-size:0; margin:-900px");
        assert_eq!(read.kept, "color:#f00");
        assert!(read.fetches && read.look.display_none == Some(true) && read.look.tiny == Some(true));
        assert_eq!(declarations("background: #fff").kept, "background-color:#fff");
        assert_eq!(declarations("font-family:'ＭＳ 明朝',serif").kept, "font-family:'ＭＳ 明朝',serif");
        assert_eq!(declarations("color:あrgb(1,2,3);font-family:メイリオ,Meiryo").kept, "font-family:メイリオ,Meiryo");
        assert_eq!(declarations("width:expression(alert(1));color:\"</style>\"").kept, "");
        assert!(declarations("d\\69splay:n/**/one").look.display_none.is_some());
        assert!(declarations("height:0;overflow:hidden").look.away && declarations("text-indent:-9999px").look.away);
    }

    #[test]
    fn sheets_are_read_rule_by_rule() {
        let mut read = Sheet::default();
        sheet(
            "@import 'http://a.invalid/x.css'; p , .a b{color:red;position:fixed} @media print{p{color:blue}} .h{display:none} i[a]{color:red}",
            &mut read,
        );
        assert_eq!(read.rules, ["p,.a b{color:red}"]);
        assert!(read.fetches && read.looks[".h"].display_none == Some(true));
    }

    #[test]
    fn what_is_written_is_read_as_it_is() {
        for text in
            ["color:rgb(1, 2, 3);font:bold 12px/1.5 \"Meiryo UI\"", "margin:0 auto;border:1px solid #ccc!important"]
        {
            let once = declarations(text).kept;
            assert!(!once.is_empty());
            assert_eq!(declarations(&once).kept, once);
        }
    }
}
