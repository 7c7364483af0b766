//! What changes in SpreadsheetML parts.

use std::collections::BTreeSet;

use super::drawing;
use super::formula;
use super::output::Link;
use super::serialise;
use super::tree::{self, Element, Fate, Node};
use crate::budget::Budget;
use crate::grammar::{NONE, R, X, X14, XM};
use crate::policy::{Hidden, KeepOrDrop, Policy};
use crate::report::Findings;
use crate::words::What;
use crate::work::Stop;

/// Groups of cells that share a formula.
pub(super) type Groups = BTreeSet<String>;

/// Formulas, hidden sheets and rows, names, links, comments.
pub(super) fn change(
    root: &mut Element,
    part: &str,
    links: &[Link],
    policy: &Policy,
    shared: &Groups,
    findings: &mut Findings,
) {
    root.rewrite(&mut |element| decide(element, part, links, policy, shared, findings));
}

/// The same for a row of a sheet or a shared string; there is no place in them for what a relationship leads to.
pub(super) fn change_item(
    mut item: Element,
    part: &str,
    policy: &Policy,
    shared: &Groups,
    findings: &mut Findings,
) -> Option<Element> {
    drawing::change(&mut item, part, &[], findings);
    change(&mut item, part, &[], policy, shared, findings);
    match decide(item, part, &[], policy, shared, findings) {
        Fate::Keep(item) => Some(item),
        Fate::Unwrap(_) | Fate::Drop => None,
    }
}

fn decide(
    mut element: Element,
    part: &str,
    links: &[Link],
    policy: &Policy,
    shared: &Groups,
    findings: &mut Findings,
) -> Fate {
    let rule = matches!(
        element.name.local,
        "cfRule" | "dataValidation" | "sparklineGroup" | "calculatedColumnFormula" | "totalsRowFormula"
    );
    if matches!(element.name.space, X | X14) && rule {
        return match dangerous_inside(&element) {
            Some(what) => {
                findings.removed(what, part);
                Fate::Drop
            }
            None => Fate::Keep(element),
        };
    }
    if element.name.space != X {
        return Fate::Keep(element);
    }
    let alive = |element: &Element| element.get(R, "id").is_some_and(|id| links.iter().any(|link| link.id == id));
    match element.name.local {
        "c" => Fate::Keep(cell(element, part, shared, findings)),
        "sheet" if !alive(&element) => Fate::Drop,
        "sheet" => {
            show(&mut element, "state", policy, What::HiddenSheetShown, part, findings);
            Fate::Keep(element)
        }
        "workbookView" => {
            show(&mut element, "visibility", policy, What::HiddenSheetShown, part, findings);
            Fate::Keep(element)
        }
        "row" | "col" => {
            show(&mut element, "hidden", policy, What::HiddenRowShown, part, findings);
            Fate::Keep(element)
        }
        "sheetFormatPr" => {
            show(&mut element, "zeroHeight", policy, What::HiddenRowShown, part, findings);
            Fate::Keep(element)
        }
        "definedName" => name(element, part, findings),
        "hyperlink" if !alive(&element) && element.get(NONE, "location").is_none() => Fate::Drop,
        "drawing" | "legacyDrawing" | "legacyDrawingHF" | "tablePart" | "picture" if !alive(&element) => Fate::Drop,
        "tableParts" | "hyperlinks" | "definedNames" | "dataValidations" => {
            element.remove(NONE, "count");
            if element.elements().next().is_some() { Fate::Keep(element) } else { Fate::Drop }
        }
        "conditionalFormatting" if element.elements().next().is_none() => Fate::Drop,
        "comment" if policy.office.comments == KeepOrDrop::Drop => {
            findings.lost(What::Comment, part);
            Fate::Drop
        }
        "comment" => {
            findings.noted(What::Comment, part);
            Fate::Keep(element)
        }
        _ => Fate::Keep(element),
    }
}

/// Takes away the attribute that hides, and says so.
fn show(element: &mut Element, attribute: &str, policy: &Policy, what: What, part: &str, findings: &mut Findings) {
    if policy.office.hidden == Hidden::Keep && element.get(NONE, attribute) != Some("veryHidden") {
        return;
    }
    if element.remove(NONE, attribute).is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "visible")) {
        let name = element.get(NONE, "name").map_or_else(|| part.to_owned(), |name| format!("{part}#{name}"));
        findings.noted(what, name);
    }
}

/// Shared formulas whose master may not stay: their followers hold no text of their own, and may stand before it.
pub(super) fn dangerous_shared(bytes: &[u8], part: &str, budget: &mut Budget) -> Result<Groups, Stop> {
    let mut out = Groups::new();
    if !names_groups(bytes) {
        return Ok(out);
    }
    let mut look = |root: &Element| {
        root.visit(&mut |element| {
            if let (true, Some(group)) = (element.is(X, "f"), element.get(NONE, "si"))
                && formula::danger(&element.text()).is_some()
            {
                out.insert(group.to_owned());
            }
        });
    };
    let mut take = |item: Element, _: &mut Findings| look(&item);
    let root = tree::parse_list(bytes, part, &mut take, budget, &mut Findings::default())?;
    look(&root);
    Ok(out)
}

/// Whether an attribute may be called `si`; in UTF-16 it always may.
fn names_groups(bytes: &[u8]) -> bool {
    let named = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_whitespace);
        let after = bytes.get(at + 2..).unwrap_or_default();
        before && after.trim_ascii_start().starts_with(b"=")
    };
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    wide || bytes.windows(2).enumerate().any(|(at, word)| word == b"si" && named(at))
}

/// A cell whose formula may not stay keeps its value.
fn cell(mut cell: Element, part: &str, shared: &Groups, findings: &mut Findings) -> Element {
    let bad = |f: &Element| match formula::danger(&f.text()) {
        None => f.get(NONE, "si").filter(|group| shared.contains(*group)).map(|_| What::DangerousFormula),
        what => what,
    };
    let found = cell.elements().filter(|element| element.is(X, "f")).find_map(bad);
    if let Some(what) = found {
        let place = format!("{part}!{}", cell.get(NONE, "r").unwrap_or_default());
        findings.removed(what, place);
        cell.children.retain(|node| !matches!(node, Node::Element(element) if element.is(X, "f")));
    }
    cell
}

fn dangerous_inside(element: &Element) -> Option<What> {
    let mut found = None;
    element.visit(&mut |inner| {
        let formula = matches!(
            inner.name.local,
            "formula" | "formula1" | "formula2" | "f" | "calculatedColumnFormula" | "totalsRowFormula"
        );
        if formula && matches!(inner.name.space, X | XM | X14) && inner.elements().next().is_none() {
            found = found.or_else(|| formula::danger(&inner.text()));
        }
    });
    found
}

/// Names that run when the workbook opens, and names of formulas that may not stay.
fn name(element: Element, part: &str, findings: &mut Findings) -> Fate {
    let name = element.get(NONE, "name").unwrap_or_default().to_lowercase();
    let name = name.strip_prefix("_xlnm.").unwrap_or(&name);
    let runs =
        ["auto_open", "auto_close", "auto_activate", "auto_deactivate"].iter().any(|auto| name.starts_with(auto));
    let what = if runs { Some(What::XlmMacro) } else { formula::danger(&element.text()) };
    match what {
        Some(what) => {
            findings.removed(what, format!("{part}#{}", element.get(NONE, "name").unwrap_or_default()));
            Fate::Drop
        }
        None => Fate::Keep(element),
    }
}

/// A worksheet with one line of text.
pub(super) fn blank_sheet(text: &str) -> Vec<u8> {
    let xml = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c></row></sheetData></worksheet>"
    );
    let root = tree::parse(xml.as_bytes(), "", false, &mut Budget::default(), &mut Findings::default());
    root.map_or_else(|_| xml.clone().into_bytes(), |root| serialise::write(&root))
}
