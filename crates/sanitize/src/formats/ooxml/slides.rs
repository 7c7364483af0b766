//! What changes in PresentationML parts.

use super::output::Link;
use super::tree::{Element, Fate};
use crate::grammar::{NONE, P, R};
use crate::policy::{Hidden, Policy};
use crate::report::Findings;
use crate::words::What;

/// Hidden slides, embedded objects, animations whose sound is gone, comments and notes.
pub(super) fn change(root: &mut Element, part: &str, links: &[Link], policy: &Policy, findings: &mut Findings) {
    if root.is(P, "sld") && policy.office.hidden == Hidden::Show {
        let hidden = root.remove(NONE, "show").is_some_and(|value| matches!(value.as_str(), "0" | "false"));
        if hidden {
            findings.noted(What::HiddenSlideShown, part);
        }
    }
    if root.is(P, "notes") {
        findings.noted(What::Note, part);
    }
    root.rewrite(&mut |element| decide(element, part, links, findings));
}

fn decide(element: Element, part: &str, links: &[Link], findings: &mut Findings) -> Fate {
    if element.name.space != P {
        return Fate::Keep(element);
    }
    let link = element.get(R, "id").and_then(|id| links.iter().find(|link| link.id == id));
    match element.name.local {
        "sldId" | "sldMasterId" | "sldLayoutId" | "notesMasterId" | "handoutMasterId" if link.is_none() => Fate::Drop,
        "notesMasterIdLst" | "handoutMasterIdLst" | "childTnLst" | "sldLayoutIdLst" if element.children.is_empty() => {
            Fate::Drop
        }
        // An object that is gone leaves the picture that showed it.
        "oleObj" if link.is_none_or(|link| link.kind != "package") => Fate::Unwrap(element),
        "graphicFrame" => match picture(&element) {
            Some(picture) if !element.has(P, "oleObj") => Fate::Keep(picture),
            _ => Fate::Keep(element),
        },
        "cm" => {
            findings.noted(What::Comment, part);
            Fate::Keep(element)
        }
        _ => Fate::Keep(element),
    }
}

fn picture(frame: &Element) -> Option<Element> {
    let mut found = None;
    frame.visit(&mut |element| {
        if found.is_none() && element.is(P, "pic") {
            found = Some(element.clone());
        }
    });
    found
}
