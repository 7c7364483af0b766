//! What becomes of elements that are not in the grammar: most go, some leave their text, controls leave what they show.

use super::tree::{Element, Node, Parser, held_text, push_text};
use crate::words::What;
use crate::work::Stop;

/// Elements that go, and what is said: dangerous ones.
const REMOVED: &[(&str, What)] = &[
    ("script:event-listener", What::Macro),
    ("ooo:library-embedded", What::Macro),
    ("ooo:library-linked", What::Macro),
    ("table:error-macro", What::Macro),
    ("text:execute-macro", What::Macro),
    ("text:script", What::Script),
    ("draw:applet", What::Script),
    ("draw:floating-frame", What::Frame),
    ("office:dde-source", What::Dde),
    ("table:dde-link", What::Dde),
    ("text:dde-connection-decl", What::Dde),
    ("table:table-source", What::ExternalWorkbook),
    ("table:cell-range-source", What::ExternalWorkbook),
    ("table:database-source-sql", What::Connection),
    ("table:database-source-table", What::Connection),
    ("table:database-source-query", What::Connection),
    ("text:database-display", What::Connection),
    ("text:database-next", What::Connection),
    ("text:section-source", What::ExternalLink),
    ("text:alphabetical-index-auto-mark-file", What::ExternalLink),
];

/// Elements that go, and what a reader would miss.
const LOST: &[(&str, What)] = &[
    ("draw:object-ole", What::OleObject),
    ("draw:plugin", What::Media),
    ("anim:audio", What::Media),
    ("presentation:sound", What::Media),
    ("table:data-pilot-table", What::PivotTable),
    ("svg:font-face-src", What::Font),
];

/// Decides about one element whose children were read.
pub(super) fn leave_out(
    parser: &mut Parser<'_>,
    name: &str,
    attributes: &[(String, String)],
    inside: Vec<Node>,
    paragraph: bool,
    into: &mut Vec<Node>,
) -> Result<(), Stop> {
    let get = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    if name.starts_with("?:") || !name.contains(':') {
        // Controls of forms stand in a namespace that the grammar does not have.
        if let Some(id) = get("xml:id").or(get("?:id")) {
            let shown = ["?:current-value", "?:value", "?:label"].iter().find_map(|name| get(name));
            let state = get("?:current-state").map(|state| if state == "checked" { "☑ " } else { "☐ " });
            let shown = format!("{}{}", state.unwrap_or_default(), shown.or(get("?:label")).unwrap_or_default());
            parser.controls.insert(id.to_owned(), shown);
        }
        if name == "?:form" && get("xlink:href").is_some_and(|href| !href.is_empty()) {
            parser.removed(What::SubmitForm);
        }
    }
    if name == "draw:control" {
        parser.lost(What::FormField);
        into.extend(shown_control(parser, attributes).map(Node::Element));
        return Ok(());
    }
    let inline = ["text:", "loext:", "?:"].iter().any(|space| name.starts_with(space));
    let leaves_text = paragraph && inline && !UNSEEN.contains(&name);
    if let Some((_, what)) = REMOVED.iter().find(|(known, _)| *known == name) {
        parser.removed(*what);
    } else if let Some((_, what)) = LOST.iter().find(|(known, _)| *known == name) {
        parser.lost(*what);
    } else if !leaves_text && held_text(&inside) && !UNSEEN.contains(&name) {
        parser.lost(What::UnknownElement);
    }
    if leaves_text {
        for node in inside {
            match node {
                Node::Text(text) => push_text(into, &text),
                element => into.push(element),
            }
        }
    }
    Ok(())
}

/// Elements whose text no reader sees.
const UNSEEN: &[&str] = &["office:scripts", "office:script", "office:forms", "office:binary-data", "text:script"];

/// A frame that shows what a control showed, at its place.
fn shown_control(parser: &Parser<'_>, attributes: &[(String, String)]) -> Option<Element> {
    let id = attributes.iter().find(|(name, _)| name == "draw:control").map(|(_, value)| value.as_str())?;
    let shown = parser.controls.get(id).cloned().unwrap_or_default();
    let text = if shown.is_empty() { Vec::new() } else { vec![Node::Text(shown)] };
    let paragraph = Element::new("text:p", &[], text)?;
    let text_box = Element::new("draw:text-box", &[], vec![Node::Element(paragraph)])?;
    let attributes: Vec<_> = attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Element::new("draw:frame", &attributes, vec![Node::Element(text_box)])
}
