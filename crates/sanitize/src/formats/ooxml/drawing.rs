//! What changes in DrawingML, charts and VML, under any of the three applications.

use super::formula;
use super::output::Link;
use super::tree::{Element, Fate, Node};
use crate::grammar::{A, C, NONE, O, R, V, XVML};
use crate::report::Findings;
use crate::words::What;

/// Actions on a click that stay inside the presentation (ECMA-376 part 1, 21.1.2.3.5, and [MS-PPTX] for the values).
const INTERNAL: &[&str] = &[
    "ppaction://hlinksldjump",
    "ppaction://hlinkshowjump?jump=nextslide",
    "ppaction://hlinkshowjump?jump=previousslide",
    "ppaction://hlinkshowjump?jump=firstslide",
    "ppaction://hlinkshowjump?jump=lastslide",
    "ppaction://hlinkshowjump?jump=lastslideviewed",
    "ppaction://hlinkshowjump?jump=endshow",
    "ppaction://noaction",
];

/// Links on shapes, charts' references, shapes that were controls.
pub(super) fn change(root: &mut Element, part: &str, links: &[Link], findings: &mut Findings) {
    root.rewrite(&mut |element| decide(element, part, links, findings));
}

fn decide(mut element: Element, part: &str, links: &[Link], findings: &mut Findings) -> Fate {
    let alive = |element: &Element| element.get(R, "id").is_some_and(|id| links.iter().any(|link| link.id == id));
    match (element.name.space, element.name.local) {
        (A, "hlinkClick" | "hlinkHover" | "hlinkMouseOver") => click(element, part, links, findings),
        (C, "externalData" | "userShapes") if !alive(&element) => Fate::Drop,
        (C, "f") => {
            if let Some(what) = formula::danger(&element.text()) {
                findings.removed(what, part);
                // The values shown are in the cache beside it; the reference itself must be there.
                element.children = vec![Node::Text("Sheet1!$A$1".to_owned())];
            }
            Fate::Keep(element)
        }
        (O, "OLEObject") if !is_kept_object(&element, links) => Fate::Drop,
        (V, _) => shape(element, part, findings),
        _ => Fate::Keep(element),
    }
}

/// An embedded document that was sanitised and put back.
fn is_kept_object(object: &Element, links: &[Link]) -> bool {
    let id = object.get(R, "id").unwrap_or_default();
    object.get(NONE, "Type") == Some("Embed") && links.iter().any(|link| link.id == id && link.kind == "package")
}

fn click(mut element: Element, part: &str, links: &[Link], findings: &mut Findings) -> Fate {
    let id = element.get(R, "id").unwrap_or_default().to_owned();
    let alive = links.iter().any(|link| link.id == id);
    if let Some(action) = element.get(NONE, "action").map(str::to_lowercase).filter(|action| !action.is_empty()) {
        if !INTERNAL.contains(&action.as_str()) {
            let show = action.starts_with("ppaction://customshow") || action.starts_with("ppaction://media");
            if !show {
                let program = action.starts_with("ppaction://program") || action.starts_with("ppaction://ole");
                findings.removed(
                    if program {
                        What::LaunchAction
                    } else if action.starts_with("ppaction://macro") {
                        What::Macro
                    } else {
                        What::UnsafeLink
                    },
                    part,
                );
            }
            return Fate::Drop;
        }
        if alive || action != "ppaction://hlinksldjump" {
            if !alive {
                // The schema wants the attribute; empty says that no relationship is meant.
                element.remove(R, "id");
            }
            return Fate::Keep(element);
        }
        return Fate::Drop;
    }
    if alive { Fate::Keep(element) } else { Fate::Drop }
}

/// VML: shapes that were form controls go, and styles that could fetch.
fn shape(mut element: Element, part: &str, findings: &mut Findings) -> Fate {
    let control =
        element.elements().any(|child| child.is(XVML, "ClientData") && child.get(NONE, "ObjectType") != Some("Note"));
    if control {
        findings.lost(What::FormField, part);
        return Fate::Drop;
    }
    let fetches = |value: &str| {
        let value = value.to_lowercase();
        value.contains("url(") || value.contains("expression(") || value.contains("script:")
    };
    element.attributes.retain(|(_, value)| !fetches(value));
    Fate::Keep(element)
}
