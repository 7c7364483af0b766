//! Text that a reader could not have seen is left out and said: not displayed, invisible, of no size, moved away, or in the
//! colour of what is behind it.

use super::css::{Colour, Look, Sheet};
use super::links::SEEN;
use super::model::{Element, Node};
use crate::report::Findings;
use crate::words::What;

/// Difference of two colours, for each of red, green, blue, that no eye tells.
const SAME: u8 = 8;
/// Characters of a hidden text that a report shows.
const SHOWN: usize = 60;

/// What text in an element inherits.
#[derive(Clone, Copy)]
struct Around {
    invisible: bool,
    tiny: bool,
    colour: Colour,
    background: Colour,
}

/// The page's body without what is hidden in it.
pub(super) fn leave_out(mut root: Element, sheet: &Sheet, findings: &mut Findings) -> Element {
    let paper = if sheet.obscure { Colour::Unknown } else { Colour::Known([255; 3]) };
    // A page that hides its own body shows it again by a script; what is in it was meant to be seen.
    let around = Around { invisible: false, tiny: false, colour: Colour::Known([0; 3]), background: paper };
    let look = Look { display_none: None, invisible: None, tiny: None, away: false, ..look(&root, sheet) };
    root.children = children(root.children, inherit(around, look), sheet, findings);
    root
}

fn look(element: &Element, sheet: &Sheet) -> Look {
    let mut look = sheet.looks.get(element.tag).copied().unwrap_or_default();
    for class in element.attribute("class").unwrap_or_default().split(' ').take(50) {
        if let Some(of_class) = sheet.looks.get(&format!(".{class}")) {
            look = look.under(*of_class);
        }
    }
    if let Some(of_id) = element.attribute("id").and_then(|id| sheet.looks.get(&format!("#{id}"))) {
        look = look.under(*of_id);
    }
    look.under(element.look)
}

fn inherit(around: Around, look: Look) -> Around {
    Around {
        invisible: look.invisible.unwrap_or(around.invisible),
        tiny: look.tiny.unwrap_or(around.tiny),
        colour: look.colour.unwrap_or(around.colour),
        background: look.background.unwrap_or(around.background),
    }
}

fn children(nodes: Vec<Node>, around: Around, sheet: &Sheet, findings: &mut Findings) -> Vec<Node> {
    let mut kept = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Text(text) if is_hidden(around) && !text.trim().is_empty() => say(&text, findings),
            Node::Element(mut element) => {
                let look = look(&element, sheet);
                if look.display_none == Some(true) || look.away {
                    let mut text = String::new();
                    collect(&element.children, &mut text);
                    say(&text, findings);
                } else {
                    element.children = children(element.children, inherit(around, look), sheet, findings);
                    element.look = Look::default();
                    kept.push(Node::Element(element));
                }
            }
            Node::Picture(_) if around.invisible => {}
            // Its description would be written in a colour or size in which nobody sees it.
            Node::Picture(picture) if is_hidden(around) && !picture.alt.is_empty() => {
                let attributes = vec![("style", SEEN.to_owned())];
                let (children, look) = (vec![Node::Picture(picture)], Look::default());
                kept.push(Node::Element(Element { tag: "span", attributes, children, look }));
            }
            node => push(&mut kept, node),
        }
    }
    kept
}

/// Texts that now stand side by side become one.
fn push(kept: &mut Vec<Node>, node: Node) {
    match (kept.last_mut(), node) {
        (Some(Node::Text(before)), Node::Text(text)) => before.push_str(&text),
        (_, node) => kept.push(node),
    }
}

fn is_hidden(around: Around) -> bool {
    let same = match (around.colour, around.background) {
        (Colour::Known(text), Colour::Known(paper)) => text.iter().zip(paper).all(|(a, b)| a.abs_diff(b) <= SAME),
        _ => false,
    };
    around.invisible || around.tiny || same
}

fn collect(nodes: &[Node], into: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => into.push_str(text),
            Node::Element(element) => collect(&element.children, into),
            Node::Picture(_) => {}
        }
        into.push(' ');
    }
}

fn say(text: &str, findings: &mut Findings) {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible = words.chars().any(|c| !crate::names::is_deceiving(c) && !c.is_whitespace() && c != '\u{34f}');
    if visible {
        findings.removed(What::HiddenText, words.chars().take(SHOWN).collect::<String>());
    }
}
