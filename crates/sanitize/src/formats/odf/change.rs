//! What changes in the parts: links, formulas, hidden things, comments, tracked changes.

use std::collections::BTreeSet;

use super::build::{VERSION, VERSIONS};
use super::formula;
use super::tree::{Element, Fate, Node};
use crate::policy::{Hidden, KeepOrDrop, Policy};
use crate::report::Findings;
use crate::words::What;

/// Changes a part as the threat table says. `hidden` are the styles that hide a sheet or a slide.
pub(super) fn change(
    root: &mut Element,
    part: &str,
    hidden: &BTreeSet<String>,
    policy: &Policy,
    findings: &mut Findings,
) {
    if policy.office.hidden == Hidden::Show {
        say_hidden(root, part, hidden, findings);
    }
    // A version that nobody knows: the manifest could not state it.
    for (attribute, value) in &mut root.attributes {
        if *attribute == "office:version" && value.as_str() >= "1.2" && !VERSIONS.contains(&value.as_str()) {
            VERSION.clone_into(value);
        }
    }
    root.rewrite(&mut |element| decide(element, part, policy, findings));
}

/// The names of styles that hide sheets or slides.
pub(super) fn hiding_styles(root: &Element, into: &mut BTreeSet<String>) {
    root.visit(&mut |element| {
        if element.name != "style:style" {
            return;
        }
        let hides = element.elements().any(|properties| match properties.name {
            "style:table-properties" => properties.get("table:display") == Some("false"),
            "style:drawing-page-properties" => properties.get("presentation:visibility") == Some("hidden"),
            _ => false,
        });
        if let (true, Some(name)) = (hides, element.get("style:name")) {
            into.insert(name.to_owned());
        }
    });
}

fn say_hidden(root: &Element, part: &str, hidden: &BTreeSet<String>, findings: &mut Findings) {
    root.visit(&mut |element| {
        let (what, style, name) = match element.name {
            "table:table" => (What::HiddenSheetShown, "table:style-name", "table:name"),
            "draw:page" => (What::HiddenSlideShown, "draw:style-name", "draw:name"),
            _ => return,
        };
        if element.get(style).is_some_and(|style| hidden.contains(style)) {
            findings.noted(what, format!("{part}#{}", element.get(name).unwrap_or_default()));
        }
    });
}

fn decide(mut element: Element, part: &str, policy: &Policy, findings: &mut Findings) -> Fate {
    let show = policy.office.hidden == Hidden::Show;
    element.set("xlink:type", "simple".to_owned());
    if element.get("xlink:href").is_none() {
        element.remove("xlink:type");
    }
    match formulas(&mut element, part, findings) {
        Without::Lives => {}
        Without::LeavesText => return Fate::Unwrap(element),
        Without::Goes => return Fate::Drop,
    }
    match element.name {
        "text:a" | "draw:a" | "draw:area-rectangle" | "draw:area-circle" | "draw:area-polygon" => {
            link(element, policy, findings)
        }
        "office:event-listeners" if element.elements().next().is_none() => Fate::Drop,
        "presentation:event-listener" => click(element, part, findings),
        "chart:chart" if !matches!(element.get("xlink:href"), None | Some("." | "..")) => {
            element.remove("xlink:href");
            element.remove("xlink:type");
            findings.removed(What::ExternalWorkbook, part);
            Fate::Keep(element)
        }
        "office:annotation" | "office:annotation-end" => comment(element, part, policy, findings),
        "text:tracked-changes" | "table:tracked-changes" | "text:change" | "text:change-start" | "text:change-end" => {
            tracked(element, part, policy, findings)
        }
        "style:table-properties" if show && element.get("table:display") == Some("false") => {
            element.remove("table:display");
            Fate::Keep(element)
        }
        "style:drawing-page-properties" if show && element.get("presentation:visibility") == Some("hidden") => {
            element.remove("presentation:visibility");
            Fate::Keep(element)
        }
        "table:table-row" | "table:table-column"
            if show && matches!(element.get("table:visibility"), Some("collapse" | "filter")) =>
        {
            element.remove("table:visibility");
            findings.noted(What::HiddenRowShown, part);
            Fate::Keep(element)
        }
        "style:text-properties" if show && element.get("text:display").is_some_and(|value| value != "true") => {
            element.remove("text:display");
            findings.noted(What::HiddenTextShown, part);
            Fate::Keep(element)
        }
        "text:section" | "text:hidden-text" | "text:hidden-paragraph" if show => hidden_text(element, part, findings),
        _ => Fate::Keep(element),
    }
}

/// What an element is without the formula that could not stay.
#[derive(Clone, Copy)]
enum Without {
    Lives,
    LeavesText,
    Goes,
}

/// Formulas, conditions and addresses.
fn formulas(element: &mut Element, part: &str, findings: &mut Findings) -> Without {
    let is_formula = |name: &str| {
        matches!(
            name,
            "table:formula"
                | "text:formula"
                | "table:condition"
                | "text:condition"
                | "style:condition"
                | "table:expression"
                | "calcext:value"
        )
    };
    let mut without = Without::Lives;
    let name = element.name;
    element.attributes.retain(|(attribute, value)| {
        let what = if is_formula(attribute) {
            formula::danger(value)
        } else if attribute.ends_with("address") || attribute.ends_with("addresses") || attribute.ends_with("ranges") {
            formula::leads_out(value).then_some(What::ExternalWorkbook)
        } else {
            None
        };
        if let Some(what) = what {
            findings.removed(what, part);
            without = match name {
                "text:conditional-text" => Without::LeavesText,
                "style:map"
                | "calcext:condition"
                | "calcext:formatting-entry"
                | "calcext:color-scale-entry"
                | "table:content-validation"
                | "table:named-expression"
                | "table:named-range" => Without::Goes,
                _ => without,
            };
        }
        what.is_none()
    });
    without
}

/// A link stays when it leads inside the document or the policy allows it; else its text stays.
fn link(element: Element, policy: &Policy, findings: &mut Findings) -> Fate {
    let area = element.name.starts_with("draw:area");
    let href = element.get("xlink:href").unwrap_or_default().to_owned();
    if href.starts_with('#') && href.len() > 1 {
        return Fate::Keep(element);
    }
    if policy.allows_link(&href) {
        findings.noted(What::Hyperlink, href);
        return Fate::Keep(element);
    }
    if !href.is_empty() && href != "#" {
        findings.removed(What::UnsafeLink, href.get(..200).unwrap_or(&href));
    }
    if area { Fate::Drop } else { Fate::Unwrap(element) }
}

/// Clicks on shapes that stay inside the presentation.
fn click(element: Element, part: &str, findings: &mut Findings) -> Fate {
    const INSIDE: &[&str] = &[
        "none",
        "previous-page",
        "next-page",
        "first-page",
        "last-page",
        "last-visited-page",
        "hide",
        "stop",
        "show",
        "fade-out",
    ];
    let action = element.get("presentation:action").unwrap_or_default();
    let inside = element.get("xlink:href").is_none_or(|href| href.starts_with('#'));
    if INSIDE.contains(&action) && inside {
        return Fate::Keep(element);
    }
    findings.removed(
        if action == "macro" {
            What::Macro
        } else if action == "execute" {
            What::LaunchAction
        } else {
            What::Action
        },
        part,
    );
    Fate::Drop
}

fn comment(element: Element, part: &str, policy: &Policy, findings: &mut Findings) -> Fate {
    let keep = policy.office.comments == KeepOrDrop::Keep;
    if element.name == "office:annotation" {
        if keep { findings.noted(What::Comment, part) } else { findings.lost(What::Comment, part) }
    }
    if keep { Fate::Keep(element) } else { Fate::Drop }
}

/// Tracked changes stay as they are, or are accepted when the policy drops them.
fn tracked(element: Element, part: &str, policy: &Policy, findings: &mut Findings) -> Fate {
    let keep = policy.office.comments == KeepOrDrop::Keep;
    let holds = element.name.ends_with("tracked-changes") && element.elements().next().is_some();
    if holds {
        if keep { findings.noted(What::TrackedChange, part) } else { findings.lost(What::TrackedChange, part) }
    }
    if keep { Fate::Keep(element) } else { Fate::Drop }
}

/// Sections, fields and paragraphs that a condition hides.
fn hidden_text(mut element: Element, part: &str, findings: &mut Findings) -> Fate {
    match element.name {
        "text:section" => {
            let hidden = element.get("text:display").is_some_and(|display| display != "true");
            element.remove("text:condition");
            element.remove("text:display");
            if hidden {
                findings.noted(What::HiddenTextShown, part);
            }
            Fate::Keep(element)
        }
        "text:hidden-text" => {
            findings.noted(What::HiddenTextShown, part);
            let text = element.get("text:string-value").unwrap_or_default().to_owned();
            element.children = if text.is_empty() { Vec::new() } else { vec![Node::Text(text)] };
            Fate::Unwrap(element)
        }
        _ => {
            findings.noted(What::HiddenTextShown, part);
            Fate::Unwrap(element)
        }
    }
}
