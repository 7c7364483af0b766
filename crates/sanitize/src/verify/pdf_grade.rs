//! What a PDF may hold in the grades beside the editable one: nothing to click in a reading copy; in the image grade one
//! picture on each page, and text that is not shown.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, Name, Object};
use hayro_syntax::page::Page;

use super::{Check, Violation};
use crate::policy::Grade;

/// Operators of a page in the image grade.
const OPERATORS: &str = "q Q cm Do BT ET Tf Tr Td TD Tm T* Tj TJ Tc Tw Tz TL Ts ' \"";

/// Accepts the pages of a document in the grade that the policy asks for.
pub(super) fn verify(pdf: &Pdf, check: &mut Check<'_>) -> Result<(), Violation> {
    let grade = check.policy.pdf.grade;
    if grade == Grade::Editable {
        return Ok(());
    }
    for (at, page) in pdf.pages().iter().enumerate() {
        check.step(1)?;
        let place = format!("page {}", at + 1);
        if page.raw().contains_key("Annots") {
            return Err(Violation::new(place, "annotations in a grade without any"));
        }
        if grade == Grade::Image {
            picture(page, check).map_err(|why| Violation::new(place, why))?;
        }
    }
    Ok(())
}

/// Whether a dictionary is one that the grade has no use for.
pub(super) fn dictionary(dict: &Dict<'_>, kind: &str, check: &Check<'_>) -> Result<(), Violation> {
    let grade = check.policy.pdf.grade;
    let wrong = |why: &str| Err(Violation::new(format!("/{kind}"), why));
    if grade != Grade::Editable && dict.contains_key("A") && kind != "StructElem" {
        return wrong("an action in a grade without any");
    }
    let gone = ["StructTreeRoot", "MarkInfo", "OCProperties"];
    if grade == Grade::Image && kind == "Catalog" && gone.iter().any(|key| dict.contains_key(*key)) {
        return wrong("structure or layers of pages that are pictures");
    }
    Ok(())
}

/// A page of exactly one picture; whatever text it has is in the mode that shows nothing.
fn picture(page: &Page<'_>, check: &mut Check<'_>) -> Result<(), String> {
    let (mut pictures, mut modes) = (0, vec![0.0]);
    let mut operations = page.operations();
    while let Some(operation) = operations.next() {
        check.step(1).map_err(|violation| violation.why)?;
        let operator = operation.operator.to_string();
        if !OPERATORS.split(' ').any(|known| known == operator) {
            return Err(format!("operator {operator} on a page that is a picture"));
        }
        match operator.as_str() {
            "q" => modes.push(modes.last().copied().unwrap_or(0.0)),
            "Q" => drop(modes.pop()),
            "Tr" => {
                if let (Some(last), Some(Object::Number(mode))) = (modes.last_mut(), operation.operands().next()) {
                    *last = mode.as_f64();
                }
            }
            "Tj" | "TJ" | "'" | "\"" if modes.last() != Some(&3.0) => {
                return Err("text that is shown on a page that is a picture".to_owned());
            }
            "Do" => {
                pictures += 1;
                let Some(Object::Name(name)) = operation.operands().next() else {
                    return Err("a picture without a name".to_owned());
                };
                let stream = page.resources().get_x_object(name);
                let kind = stream.as_ref().and_then(|stream| stream.dict().get::<Name<'_>>("Subtype"));
                if kind.is_none_or(|kind| kind.as_str() != "Image") {
                    return Err("something that is no picture on a page that is a picture".to_owned());
                }
            }
            _ => {}
        }
    }
    if pictures == 1 { Ok(()) } else { Err(format!("{pictures} pictures on a page that is one")) }
}
