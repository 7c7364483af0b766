//! What changes in WordprocessingML parts.

use super::fields::{self, Verdict};
use super::output::Link;
use super::tree::{Element, Fate, Node};
use crate::budget::Budget;
use crate::grammar::{O, OOXML, R, V, W};
use crate::policy::{Hidden, KeepOrDrop, Policy};
use crate::report::Findings;
use crate::words::What;

/// Fields, links, objects, hidden text, comments, tracked changes.
pub(super) fn change(root: &mut Element, part: &str, links: &[Link], policy: &Policy, findings: &mut Findings) {
    let styles = root.is(W, "styles") || root.is(W, "numbering");
    root.rewrite(&mut |element| decide(element, part, links, policy, styles, findings));
    // Last, since a mark can go with what it stood in, and a field without its end is none.
    fields::change(root, part, policy, findings);
}

fn decide(
    mut element: Element,
    part: &str,
    links: &[Link],
    policy: &Policy,
    styles: bool,
    findings: &mut Findings,
) -> Fate {
    if element.name.space != W {
        return Fate::Keep(element);
    }
    match element.name.local {
        "hyperlink" => {
            let alive = element.get(R, "id").is_some_and(|id| links.iter().any(|link| link.id == id));
            if !alive {
                element.remove(R, "id");
            }
            if alive || element.get(W, "anchor").is_some() { Fate::Keep(element) } else { Fate::Unwrap(element) }
        }
        "fldSimple" => match fields::judge(element.get(W, "instr").unwrap_or_default(), false, policy) {
            Verdict::Stays => Fate::Keep(element),
            Verdict::Text => Fate::Unwrap(element),
            Verdict::Removed(what) => {
                findings.removed(what, part);
                Fate::Unwrap(element)
            }
        },
        "vanish" | "specVanish" if policy.office.hidden == Hidden::Show => {
            let off = matches!(element.get(W, "val"), Some("0" | "false" | "off"));
            if !off && !styles {
                findings.noted(What::HiddenTextShown, part);
            }
            Fate::Drop
        }
        "object" => object(element),
        "ins" | "del" | "moveFrom" | "moveTo" => tracked(element, part, policy, findings),
        "comment" | "commentReference" | "commentRangeStart" | "commentRangeEnd" => {
            comment(element, part, policy, findings)
        }
        _ => Fate::Keep(element),
    }
}

/// An object whose content is gone becomes the picture that showed it, or a note.
fn object(mut element: Element) -> Fate {
    if element.has(O, "OLEObject") {
        return Fate::Keep(element);
    }
    let shown = element.elements().any(|child| child.name.space == V && child.name.local != "shapetype");
    if !shown {
        let text = Element::new(W, "t", vec![Node::Text("［埋め込みオブジェクトは除去されました］".to_owned())]);
        return text.map_or(Fate::Drop, Fate::Keep);
    }
    let Some(pict) = OOXML.element(W, "pict") else { return Fate::Drop };
    element.name = pict;
    element.attributes.clear();
    Fate::Keep(element)
}

/// A tracked change stays as it is, or is accepted when the policy drops them. Inside properties it is only a mark.
fn tracked(element: Element, part: &str, policy: &Policy, findings: &mut Findings) -> Fate {
    if policy.office.comments == KeepOrDrop::Keep {
        findings.noted(What::TrackedChange, part);
        return Fate::Keep(element);
    }
    findings.lost(What::TrackedChange, part);
    if matches!(element.name.local, "ins" | "moveTo") { Fate::Unwrap(element) } else { Fate::Drop }
}

fn comment(element: Element, part: &str, policy: &Policy, findings: &mut Findings) -> Fate {
    let itself = element.is(W, "comment");
    if policy.office.comments == KeepOrDrop::Keep {
        if itself {
            findings.noted(What::Comment, part);
        }
        return Fate::Keep(element);
    }
    if itself {
        findings.lost(What::Comment, part);
    }
    Fate::Drop
}

/// The title of the core properties.
pub(crate) fn title(core: &[u8]) -> Option<String> {
    use quick_xml::events::Event;
    let text = std::str::from_utf8(core).ok()?;
    let mut reader = quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut inside, mut title) = (false, String::new());
    let mut budget = Budget::default();
    loop {
        budget.step(1000).ok()?;
        match reader.read_event().ok()? {
            Event::Start(start) => inside = start.local_name().as_ref() == "title",
            Event::Text(text) if inside => title.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) if inside => {
                let predefined = quick_xml::escape::resolve_predefined_entity(&reference);
                match reference.resolve_char_ref().ok()? {
                    Some(c) => title.push(c),
                    None => title.push_str(predefined?),
                }
            }
            Event::End(_) => inside = false,
            Event::DocType(_) => return None,
            Event::Eof => break,
            _ => {}
        }
    }
    let title: String =
        title.chars().filter(|c| !c.is_control() && *c != '\u{fffe}' && *c != '\u{ffff}').take(500).collect();
    let title = title.trim().to_owned();
    (!title.is_empty()).then_some(title)
}
