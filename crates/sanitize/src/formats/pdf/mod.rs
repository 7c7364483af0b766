//! PDF: read with lopdf, copied key by key from the page tree, written as one new revision without encryption.
//!
//! What is copied is decided by [`schema`] and by the operators of [`content`]; scripts, actions, attachments and whatever
//! no page reaches have no way across. Fonts and pictures are decoded and encoded anew.

mod annotation;
mod bilevel;
mod catalog;
mod color;
mod content;
mod copy;
mod destination;
mod font;
mod form;
mod function;
mod image;
mod japanese;
mod lex;
mod object;
mod own_font;
mod page;
mod predictor;
mod raster;
mod reach;
mod schema;
mod sealed;
mod structure;
mod write;

use lopdf::{Document, LoadOptions};

use crate::policy::Grade;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};
use copy::Copier;

/// Bytes that one object stream may inflate to.
const OBJECT_STREAM: usize = 32 << 20;
/// Objects in one file.
const OBJECTS: usize = 300_000;

/// The name, when the object is one.
fn name_of(object: &lopdf::Object) -> Option<&[u8]> {
    if let lopdf::Object::Name(name) = object { Some(name) } else { None }
}

/// Rebuilds a PDF in the grade that the policy asks for. The reading copy is the rebuilt document without anything that can
/// be clicked or unfolded; the image grade is made of pictures of its pages.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    work.budget.step(source.bytes.len() as u64 / 16)?;
    let (document, decrypted) = load(source.bytes, work)?;
    if document.objects.len() > OBJECTS {
        return Err(Stop::refused(ReasonCode::LimitMembers));
    }
    work.budget.step(document.objects.len() as u64)?;
    let mut copier = Copier::new(&document, work);
    let trailer = catalog::copy(&mut copier)?;
    let (objects, mut draft) = (std::mem::take(&mut copier.objects), std::mem::take(&mut copier.draft));
    drop(copier);
    if decrypted {
        draft.findings.noted(What::Decrypted, "");
    }
    if document.revision_count() > 1 && document.linearization.is_none() {
        draft.findings.noted(What::OldRevision, "");
    }
    drop(document);
    let (mut objects, mut trailer) = reach::keep(objects, trailer);
    trailing(source.bytes, &mut draft);
    match work.policy.pdf.grade {
        Grade::Editable => {}
        Grade::Reading => draft.findings.noted(What::ReadingCopy, ""),
        Grade::Image => {
            (objects, trailer) = raster::pictures(objects, trailer, &mut draft, work)?;
        }
    }
    draft.bytes = write::write(&objects, &trailer);
    Ok(draft)
}

/// The document, and whether a password was needed.
fn load(bytes: &[u8], work: &Work<'_>) -> Result<(Document, bool), Stop> {
    let limit = work.budget.decode_left().min(OBJECT_STREAM);
    let options = |password: Option<String>| LoadOptions {
        password,
        max_decompressed_size: Some(limit),
        ..LoadOptions::default()
    };
    let locked = |document: &Document| document.trailer.has(b"Encrypt") && document.encryption_state.is_none();
    match Document::load_mem_with_options(bytes, options(None)) {
        Ok(document) if !locked(&document) => return Ok((document, false)),
        Ok(document)
            if !document.trailer.has(b"ID")
                && let Some(bytes) = with_id(bytes) =>
        {
            return load(&bytes, work);
        }
        Ok(_) | Err(lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_)) => {}
        Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => {
            return Err(Stop::refused(ReasonCode::LimitBytes));
        }
        Err(_) => return Err(Stop::refused(ReasonCode::Damaged)),
    }
    for password in &work.passwords {
        match Document::load_mem_with_options(bytes, options(Some(password.text().to_owned()))) {
            Ok(document) if !locked(&document) => return Ok((document, true)),
            _ => {}
        }
    }
    Err(Stop::held(ReasonCode::PasswordNeeded))
}

/// The file with an empty identifier where it has none: other readers take it so, and the key of the encryption is made of it.
/// Nothing that an offset leads to stands after the only trailer.
fn with_id(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut found = bytes.windows(7).enumerate().filter(|(_, word)| word == b"trailer").map(|(at, _)| at);
    let trailer = found.next().filter(|_| found.next().is_none())?;
    let open = trailer + bytes.get(trailer..)?.windows(2).position(|two| two == b"<<")? + 2;
    Some([bytes.get(..open)?, b"/ID[()()]", bytes.get(open..)?].concat())
}

/// What follows the last end-of-file mark.
fn trailing(bytes: &[u8], draft: &mut Draft) {
    let Some(at) = bytes.windows(5).rposition(|w| w == b"%%EOF") else { return };
    let tail = bytes.get(at + 5..).unwrap_or_default();
    if tail.iter().any(|b| !b.is_ascii_whitespace() && *b != 0) {
        draft.findings.removed_bytes(What::TrailingData, "", tail);
    }
}
