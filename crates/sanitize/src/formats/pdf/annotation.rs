//! Annotations: links and comments stay, from an allow-list; form fields and everything else become part of the page as
//! they look, and are said.

use lopdf::{Dictionary, Object};

use super::copy::Copier;
use super::destination::{Aim, Places, say, say_events};
use super::form::{self, Field, Holds, Picture};
use super::object::{Dict, Object as Made, Value};
use super::schema::{Kind, Rule};
use super::sealed::Sealed;
use crate::policy::{Forms, Grade, KeepOrDrop};
use crate::words::What;
use crate::work::Stop;

/// Keys of comments that are numbers, names and text.
const COMMENT: &[(&str, Rule)] = &[
    ("Rect", Rule::Plain),
    ("Contents", Rule::Plain),
    ("T", Rule::Plain),
    ("Subj", Rule::Plain),
    ("C", Rule::Plain),
    ("IC", Rule::Plain),
    ("CA", Rule::Plain),
    ("F", Rule::Plain),
    ("Border", Rule::Plain),
    ("QuadPoints", Rule::Plain),
    ("L", Rule::Plain),
    ("Vertices", Rule::Plain),
    ("InkList", Rule::Plain),
    ("LE", Rule::Plain),
    ("Name", Rule::Plain),
    ("RD", Rule::Plain),
    ("Open", Rule::Plain),
    ("CL", Rule::Plain),
    ("Q", Rule::Plain),
];

const LINK: &[(&str, Rule)] = &[
    ("Rect", Rule::Plain),
    ("Border", Rule::Plain),
    ("C", Rule::Plain),
    ("F", Rule::Plain),
    ("H", Rule::Plain),
    ("QuadPoints", Rule::Plain),
];

/// What became of the annotations of a page.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    /// Those that stay.
    pub(super) kept: Vec<Value>,
    /// Those that are drawn: the form, and the matrix that puts it in its place.
    pub(super) drawn: Vec<(Value, [f64; 6])>,
}

/// Reads the annotations of a page.
pub(super) fn read(
    page: &Dictionary,
    at: &str,
    places: &Places,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Annotations, Stop> {
    let mut out = Annotations::default();
    for item in copier.array(page, b"Annots").unwrap_or_default().to_vec() {
        copier.work.budget.step(1)?;
        let Object::Dictionary(dict) = copier.resolve(&item) else { continue };
        let dict = dict.clone();
        say_events(&dict, at, copier);
        match copier.name(&dict, b"Subtype").unwrap_or_default() {
            b"Link" => link(&dict, at, places, copier, &mut out)?,
            b"Popup" => {}
            b"Text" | b"FreeText" | b"Line" | b"Square" | b"Circle" | b"Polygon" | b"PolyLine" | b"Highlight"
            | b"Underline" | b"Squiggly" | b"StrikeOut" | b"Stamp" | b"Caret" | b"Ink" => {
                comment(&dict, at, copier, &mut out)?;
            }
            b"Widget" => widget(&dict, at, copier, &mut out)?,
            other => {
                let what = match other {
                    b"FileAttachment" => What::EmbeddedFile,
                    b"RichMedia" | b"3D" => What::RichMedia,
                    b"Screen" | b"Movie" | b"Sound" => What::Media,
                    _ => What::Annotation,
                };
                copier.draft.findings.lost(what, at);
                action(&dict, at, copier);
                draw(&dict, copier, &mut out)?;
            }
        }
    }
    Ok(out)
}

fn action(dict: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>) {
    if let Some(action) = copier.dict(dict, b"A").cloned() {
        say(&action, at, copier);
    }
}

fn link(
    dict: &Dictionary,
    at: &str,
    places: &Places,
    copier: &mut Copier<'_, '_, '_>,
    out: &mut Annotations,
) -> Result<(), Stop> {
    let aim = places.aim(dict, at, copier)?;
    if copier.work.policy.pdf.grade != Grade::Editable {
        return Ok(());
    }
    let mut link = Dict::default();
    link.set("Type", Value::name("Annot"));
    link.set("Subtype", Value::name("Link"));
    copier.copy_keys(dict, LINK, &mut link)?;
    border_style(dict, &mut link, copier)?;
    match aim {
        Aim::Place(place) => link.set("Dest", place),
        Aim::Action(action) => link.set("A", Value::Dict(action)),
        Aim::Nothing => return Ok(()),
    }
    let value = copier.objects.add(Made::Sealed(Sealed::new(&Value::Dict(link))));
    out.kept.push(value);
    Ok(())
}

fn border_style(dict: &Dictionary, out: &mut Dict, copier: &mut Copier<'_, '_, '_>) -> Result<(), Stop> {
    if let Some(style) = copier.dict(dict, b"BS").cloned() {
        let style = copier.keys(&style, &[("W", Rule::Plain), ("S", Rule::Plain), ("D", Rule::Plain)])?;
        out.set("BS", Value::Dict(style));
    }
    Ok(())
}

fn comment(dict: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>, out: &mut Annotations) -> Result<(), Stop> {
    action(dict, at, copier);
    if copier.work.policy.office.comments == KeepOrDrop::Drop {
        copier.draft.findings.lost(What::Comment, at);
        return Ok(());
    }
    if copier.work.policy.pdf.grade != Grade::Editable {
        return drawn_comment(dict, at, copier, out);
    }
    copier.draft.findings.noted(What::Comment, at);
    let mut comment = Dict::default();
    comment.set("Type", Value::name("Annot"));
    comment.set("Subtype", Value::Name(copier.name(dict, b"Subtype").unwrap_or_default().to_vec()));
    copier.copy_keys(dict, COMMENT, &mut comment)?;
    border_style(dict, &mut comment, copier)?;
    if let Some(form) = appearance(dict, copier)
        && let Some(form) = copier.kind(&form, Kind::XObject)?
    {
        let mut appearances = Dict::default();
        appearances.set("N", form);
        comment.set("AP", Value::Dict(appearances));
    }
    let value = copier.objects.add(Made::Sealed(Sealed::new(&Value::Dict(comment))));
    out.kept.push(value);
    Ok(())
}

/// A comment where nothing can be unfolded: its mark is drawn; text that only its window would show is lost.
fn drawn_comment(
    dict: &Dictionary,
    at: &str,
    copier: &mut Copier<'_, '_, '_>,
    out: &mut Annotations,
) -> Result<(), Stop> {
    let text = matches!(copier.get(dict, b"Contents"), Some(Object::String(text, _)) if !text.is_empty());
    let shown = appearance(dict, copier).is_some() && !is_hidden(dict, copier);
    if shown && (!text || copier.name(dict, b"Subtype") == Some(b"FreeText")) {
        copier.draft.findings.noted(What::Comment, at);
    } else {
        copier.draft.findings.lost(What::Comment, at);
    }
    draw(dict, copier, out)
}

fn widget(dict: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>, out: &mut Annotations) -> Result<(), Stop> {
    action(dict, at, copier);
    let field = Field::read(dict, copier);
    let signature = matches!(field.holds, Holds::Signature);
    copier.draft.findings.lost(if signature { What::Signature } else { What::FormField }, at);
    if copier.work.policy.pdf.forms != Forms::Flatten || is_hidden(dict, copier) {
        return Ok(());
    }
    match form::picture(dict, &field, copier)? {
        Picture::Own => draw(dict, copier, out)?,
        Picture::Made(form, matrix) => out.drawn.push((form, matrix)),
        Picture::None => {}
    }
    Ok(())
}

/// The normal appearance in its present state.
fn appearance(dict: &Dictionary, copier: &Copier<'_, '_, '_>) -> Option<Object> {
    let normal = copier.dict(dict, b"AP")?.get(b"N").ok()?;
    match copier.resolve(normal) {
        Object::Stream(_) => Some(normal.clone()),
        Object::Dictionary(states) => {
            let state = copier.name(dict, b"AS").unwrap_or(b"Off");
            states.get(state).ok().cloned()
        }
        _ => None,
    }
}

/// Whether it is not shown on the screen.
fn is_hidden(dict: &Dictionary, copier: &Copier<'_, '_, '_>) -> bool {
    copier.int(dict, b"F").unwrap_or(0) & (2 | 32) != 0
}

/// Puts the appearance on the page (ISO 32000-1, 12.5.5, algorithm 8.1); hidden annotations stay hidden.
fn draw(dict: &Dictionary, copier: &mut Copier<'_, '_, '_>, out: &mut Annotations) -> Result<(), Stop> {
    if is_hidden(dict, copier) {
        return Ok(());
    }
    let (Some(form), Some(rect)) = (appearance(dict, copier), numbers::<4>(dict, b"Rect", copier)) else {
        return Ok(());
    };
    let Object::Stream(stream) = copier.resolve(&form) else { return Ok(()) };
    let dict = stream.dict.clone();
    let Some(bounds) = numbers::<4>(&dict, b"BBox", copier) else { return Ok(()) };
    let matrix = numbers::<6>(&dict, b"Matrix", copier).unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let [a, b, c, d, e, f] = matrix;
    let corners = [(0, 1), (0, 3), (2, 1), (2, 3)].map(|(x, y)| {
        let (x, y) = (bounds[x], bounds[y]);
        (a * x + c * y + e, b * x + d * y + f)
    });
    let low = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::INFINITY, f64::min);
    let high = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
    let (x0, x1, y0, y1) = (low(|p| p.0), high(|p| p.0), low(|p| p.1), high(|p| p.1));
    let (left, right) = (rect[0].min(rect[2]), rect[0].max(rect[2]));
    let (bottom, top) = (rect[1].min(rect[3]), rect[1].max(rect[3]));
    let scale = |from: f64, to: f64| if from.abs() < 1e-9 { 1.0 } else { to / from };
    let (sx, sy) = (scale(x1 - x0, right - left), scale(y1 - y0, top - bottom));
    if let Some(form) = copier.drawn(&form)? {
        out.drawn.push((form, [sx, 0.0, 0.0, sy, left - x0 * sx, bottom - y0 * sy]));
    }
    Ok(())
}

/// An array of exactly so many numbers.
pub(super) fn numbers<const N: usize>(dict: &Dictionary, key: &[u8], copier: &Copier<'_, '_, '_>) -> Option<[f64; N]> {
    let items = copier.array(dict, key)?;
    let mut out = [0.0; N];
    for (to, item) in out.iter_mut().zip(items) {
        *to = f64::from(copier.resolve(item).as_float().ok()?);
    }
    (items.len() == N).then_some(out)
}
