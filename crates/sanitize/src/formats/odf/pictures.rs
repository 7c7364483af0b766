//! Pictures and embedded documents that a part shows: each rebuilt by its own format, or a placeholder.

use super::build::{Build, Place};
use super::tree::{Element, Node};
use crate::detect;
use crate::format::Format;
use crate::formats::ooxml::PLACEHOLDER;
use crate::words::What;
use crate::work::{Draft, Stop};

/// Pictures that every program shows.
const PIXELS: &[Format] = &[Format::Png, Format::Jpeg, Format::Gif, Format::Bmp, Format::Tiff];
/// Those and what becomes one of them.
const PICTURES: &[Format] =
    &[Format::Png, Format::Jpeg, Format::Gif, Format::Bmp, Format::Tiff, Format::Svg, Format::Emf, Format::Wmf];

impl Build<'_, '_, '_> {
    /// Gives every reference of a part its place in the output.
    pub(super) fn resolve(&mut self, element: &mut Element, place: &mut Place) -> Result<(), Stop> {
        match element.name {
            "draw:frame" => self.frame(element, place)?,
            "draw:image" | "draw:fill-image" | "style:background-image" | "text:list-level-style-image" => {
                if let Some(href) = element.get("xlink:href").map(str::to_owned) {
                    let target = self.picture(&href, place)?;
                    element.set("xlink:href", target);
                }
            }
            _ => {}
        }
        let frame = element.name == "draw:frame";
        if !frame {
            // An object stands in a frame, which says how large it is; elsewhere no program shows it.
            element.children.retain(|node| !matches!(node, Node::Element(child) if child.name == "draw:object"));
        }
        for node in &mut element.children {
            match node {
                Node::Element(child) if frame && matches!(child.name, "draw:image" | "draw:object") => {}
                Node::Element(child) => self.resolve(child, place)?,
                Node::Text(_) => {}
            }
        }
        Ok(())
    }

    /// A frame holds one thing in several forms: an object or the best picture of it stays.
    fn frame(&mut self, frame: &mut Element, place: &mut Place) -> Result<(), Stop> {
        let mut object = None;
        let mut images: Vec<Element> = Vec::new();
        let mut others = Vec::new();
        for node in std::mem::take(&mut frame.children) {
            match node {
                Node::Element(child) if child.name == "draw:object" => object = object.or(Some(child)),
                Node::Element(child) if child.name == "draw:image" => images.push(child),
                node => others.push(node),
            }
        }
        let object = match object {
            Some(object) => self.object(object, place)?,
            None => None,
        };
        let shows = others
            .iter()
            .any(|node| matches!(node, Node::Element(e) if matches!(e.name, "draw:text-box" | "table:table")));
        // Beside an object or a table a picture is only a preview, which programs make themselves.
        let preview = shows || object.is_some();
        let best = self.best(&images, place)?;
        let image = match best.and_then(|at| images.into_iter().nth(at)) {
            Some(image) if !preview || self.is_raster(&image, place)? => Some(image),
            _ => None,
        };
        let image = match image {
            Some(mut image) => {
                let href = image.get("xlink:href").unwrap_or_default().to_owned();
                let target = self.picture(&href, place)?;
                image.set("xlink:href", target);
                image.set("xlink:type", "simple".to_owned());
                Some(image)
            }
            None if object.is_none() && !shows => {
                let target = self.placeholder(place)?;
                Element::new("draw:image", &[("xlink:href", &target), ("xlink:type", "simple")], Vec::new())
            }
            None => None,
        };
        frame.children = [object, image].into_iter().flatten().map(Node::Element).chain(others).collect();
        Ok(())
    }

    /// The first picture of pixels, else the first that there is.
    fn best(&mut self, images: &[Element], place: &Place) -> Result<Option<usize>, Stop> {
        for (at, image) in images.iter().enumerate() {
            if self.is_raster(image, place)? {
                return Ok(Some(at));
            }
        }
        Ok((!images.is_empty()).then_some(0))
    }

    fn is_raster(&mut self, image: &Element, place: &Place) -> Result<bool, Stop> {
        let Some(path) = image.get("xlink:href").and_then(inside) else { return Ok(false) };
        let path = format!("{}{path}", place.source);
        let bytes = self.part(&path)?.unwrap_or_default();
        Ok(PIXELS.contains(&detect::detect(&path, &bytes)))
    }

    /// An embedded document with its new place; `None` when only its picture is left.
    fn object(&mut self, mut object: Element, place: &mut Place) -> Result<Option<Element>, Stop> {
        let href = object.get("xlink:href").unwrap_or_default().to_owned();
        let Some(path) = inside(&href) else {
            let what = if href.is_empty() { What::OleObject } else { What::ExternalLink };
            if href.is_empty() {
                self.draft.findings.lost(what, place.source.as_str());
            } else {
                self.draft.findings.removed(what, href.get(..200).unwrap_or(&href));
            }
            return Ok(None);
        };
        let source = format!("{}{path}", place.source);
        let target = match place.placed.get(&source) {
            Some(known) => known.clone(),
            None => {
                let target = self.embedded(&source, place)?;
                if target.is_none() {
                    self.draft.findings.lost(What::OleObject, source.as_str());
                }
                place.placed.insert(source, target.clone());
                target
            }
        };
        let Some(target) = target else { return Ok(None) };
        object.set("xlink:href", target);
        object.set("xlink:type", "simple".to_owned());
        object.children.clear();
        Ok(Some(object))
    }

    /// The new place of a picture; that of the placeholder when it cannot be carried.
    fn picture(&mut self, href: &str, place: &mut Place) -> Result<String, Stop> {
        let Some(path) = inside(href) else {
            self.draft.findings.removed(What::RemoteImage, href.get(..200).unwrap_or(href));
            return self.placeholder(place);
        };
        let path = format!("{}{path}", place.source);
        if let Some(known) = place.placed.get(&path).cloned().flatten() {
            return Ok(known);
        }
        let bytes = self.part(&path)?.unwrap_or_default();
        let target = match self.work.embedded(&path, &bytes, PICTURES, &mut self.draft)? {
            Some(child) => self.add_picture(child.bytes, child.format, place),
            None => {
                let format = detect::detect(&path, &bytes);
                let metafile = matches!(format, Format::Emf | Format::Wmf) || bytes.starts_with(b"VCLMTF");
                self.draft.findings.lost(if metafile { What::Metafile } else { What::Picture }, path.as_str());
                self.placeholder(place)?
            }
        };
        place.placed.insert(path, Some(target.clone()));
        Ok(target)
    }

    fn add_picture(&mut self, bytes: Vec<u8>, format: Format, place: &mut Place) -> String {
        place.pictures += 1;
        let href = format!("Pictures/image{}.{}", place.pictures, format.extension());
        self.add(&format!("{}{href}", place.target), &format!("image/{}", format.id()), bytes);
        href
    }

    /// The picture that stands where one could not be carried.
    fn placeholder(&mut self, place: &mut Place) -> Result<String, Stop> {
        if let Some(known) = &place.placeholder {
            return Ok(known.clone());
        }
        let rebuilt = self.work.embedded("placeholder.png", PLACEHOLDER, &[Format::Png], &mut Draft::default())?;
        let bytes = rebuilt.map_or_else(|| PLACEHOLDER.to_vec(), |child| child.bytes);
        let href = self.add_picture(bytes, Format::Png, place);
        place.placeholder = Some(href.clone());
        Ok(href)
    }
}

/// The path of a reference inside the document's folder, in lower case; `None` when it leads out.
fn inside(href: &str) -> Option<String> {
    let path = decoded(href.strip_prefix("./").unwrap_or(href))?;
    let path = path.strip_prefix('#').unwrap_or(&path).trim_end_matches('/').to_lowercase();
    let out = path.is_empty() || path.starts_with('/') || path.contains(':') || path.contains('\\');
    let climbs = path.split('/').any(|part| matches!(part, "" | "." | ".."));
    (!out && !climbs).then_some(path)
}

/// Percent signs decoded.
fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(out).ok()
}
