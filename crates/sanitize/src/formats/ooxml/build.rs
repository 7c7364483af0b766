//! The walk over the parts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::excel::Groups;
use super::output::{Done, Link, settle, write_package};
use super::package::{Package, Relationship};
use super::parts::{self, Family, Part, Weight};
use super::serialise::Items;
use super::tree::{self, Element};
use super::{drawing, excel, serialise, slides, word, written_as};
use crate::format::Format;
use crate::formats::zip::write::Packed;
use crate::grammar::{NONE, O, P, R, V, W, X};
use crate::report::Findings;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// A part still to be read.
struct Job {
    source: String,
    path: String,
    part: &'static Part,
}

struct Build<'a, 'b, 'c> {
    package: Package<'a>,
    work: &'b mut Work<'c>,
    draft: Draft,
    family: Family,
    queue: VecDeque<Job>,
    done: Vec<Done>,
    paths: BTreeMap<String, String>,
    numbers: BTreeMap<&'static str, u32>,
    placeholder: Option<String>,
    media: u32,
    embedded: u32,
}

/// The three main parts.
const MAIN: &[Part] = &[
    Part {
        family: Family::Word,
        relationship: "officeDocument",
        root: (W, "document"),
        content_type: "",
        path: "word/document",
        implicit: true,
    },
    Part {
        family: Family::Excel,
        relationship: "officeDocument",
        root: (X, "workbook"),
        content_type: "",
        path: "xl/workbook",
        implicit: true,
    },
    Part {
        family: Family::PowerPoint,
        relationship: "officeDocument",
        root: (P, "presentation"),
        content_type: "",
        path: "ppt/presentation",
        implicit: true,
    },
];

/// Rebuilds a package.
pub(super) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let (format, main_type) = written_as(source.format).ok_or(Stop::Refused(ReasonCode::UnsupportedFeature))?;
    let family = match format {
        Format::Docx | Format::Dotx => Family::Word,
        Format::Xlsx | Format::Xltx => Family::Excel,
        _ => Family::PowerPoint,
    };
    let package = Package::open(source.bytes, &mut work.budget)?;
    let main = MAIN.iter().find(|part| part.family == family).ok_or(Stop::Refused(ReasonCode::Damaged))?;
    let mut build = Build {
        package,
        work,
        draft: Draft { format: Some(format), ..Draft::default() },
        family,
        queue: VecDeque::new(),
        done: Vec::new(),
        paths: BTreeMap::new(),
        numbers: BTreeMap::new(),
        placeholder: None,
        media: 0,
        embedded: 0,
    };
    let title = build.root(main)?;
    while let Some(job) = build.queue.pop_front() {
        build.process(&job)?;
    }
    build.unreached();
    build.draft.bytes = write_package(&settle(build.done), main_type, title.as_deref())?;
    Ok(build.draft)
}

impl Build<'_, '_, '_> {
    /// Reads the package's own relationships; queues the main part and gives the title.
    fn root(&mut self, main: &'static Part) -> Result<Option<String>, Stop> {
        let mut title = None;
        for relationship in self.package.relationships("", &mut self.work.budget)? {
            match relationship.kind.as_str() {
                "officeDocument" if !relationship.external && self.queue.is_empty() => {
                    self.queue.push_back(Job {
                        source: relationship.target,
                        path: format!("{}.xml", main.path),
                        part: main,
                    });
                }
                "core-properties" if !relationship.external => {
                    let core = self.package.part(&relationship.target, &mut self.work.budget)?;
                    title = core.and_then(|core| super::word::title(&core));
                    self.say_dropped(&relationship, "")?;
                }
                _ => self.say_dropped(&relationship, "")?,
            }
        }
        if self.queue.is_empty() { Err(Stop::refused(ReasonCode::BrokenContainer)) } else { Ok(title) }
    }

    fn say_dropped(&mut self, relationship: &Relationship, part: &str) -> Result<(), Stop> {
        let Some((weight, what)) = parts::dropped(&relationship.kind, relationship.external) else { return Ok(()) };
        let place = if !relationship.external {
            relationship.target.as_str()
        } else if relationship.kind == "hyperlink" || part.is_empty() {
            relationship.target.get(..200).unwrap_or(&relationship.target)
        } else {
            part
        };
        let findings = &mut self.draft.findings;
        match weight {
            // The file keeps its properties' part in a second pass only for the title, which is no finding.
            Weight::Noted if relationship.kind == "core-properties" => {}
            Weight::Noted => findings.noted(what, place),
            Weight::Lost => findings.lost(what, place),
            Weight::Removed if relationship.external => findings.removed(what, place),
            Weight::Removed => match self.package.part(&relationship.target, &mut self.work.budget)? {
                Some(bytes) => findings.removed_bytes(what, place, &bytes),
                None => findings.removed(what, place),
            },
        }
        Ok(())
    }

    /// Reads, changes and writes one part.
    fn process(&mut self, job: &Job) -> Result<(), Stop> {
        let damaged = || Stop::refused(ReasonCode::Damaged);
        let bytes = self.package.part(&job.source, &mut self.work.budget)?.ok_or_else(damaged)?;
        let vml = job.part.root.0 == NONE;
        let (mut root, items, shared) = self.read(&bytes, job, vml)?;
        drop(bytes);
        if !vml && !root.is(job.part.root.0, job.part.root.1) {
            return Err(damaged());
        }
        let named = references(&root);
        let mut links = Vec::new();
        for relationship in self.package.relationships(&job.source, &mut self.work.budget)? {
            let used = named.contains(&relationship.id);
            if let Some(link) = self.link(&relationship, used, &job.source)? {
                links.push(link);
            }
        }
        self.change(&mut root, job, &links, &shared);
        let known: BTreeSet<&str> = links.iter().map(|link| link.id.as_str()).collect();
        drop_dangling(&mut root, &known);
        let named = references(&root);
        links.retain(|link| link.implicit || named.contains(&link.id));
        let written = if vml {
            [serialise::write_vml(&root), Vec::new(), Vec::new()]
        } else {
            serialise::write_list(&root, items)
        };
        drop(root);
        let content = Packed::of(&written.each_ref().map(Vec::as_slice))?;
        self.done.push(Done { path: job.path.clone(), content_type: content_type(job.part), content, links });
        Ok(())
    }

    /// Reads a part. The rows of a sheet are changed and written as they are read, so that a large one needs no more memory
    /// than its text.
    fn read(&mut self, bytes: &[u8], job: &Job, vml: bool) -> Result<(Element, Items, Groups), Stop> {
        let (budget, findings) = (&mut self.work.budget, &mut self.draft.findings);
        let (mut items, mut shared) = (Items::default(), Groups::new());
        if self.family != Family::Excel || vml {
            return Ok((tree::parse(bytes, &job.source, vml, budget, findings)?, items, shared));
        }
        if job.part.relationship == "worksheet" {
            shared = excel::dangerous_shared(bytes, &job.source, budget)?;
        }
        let policy = self.work.policy;
        let mut take = |item: Element, findings: &mut Findings| {
            if let Some(mut item) = excel::change_item(item, &job.source, policy, &shared, findings) {
                drop_dangling(&mut item, &BTreeSet::new());
                items.add(&item);
            }
        };
        let root = tree::parse_list(bytes, &job.source, &mut take, budget, findings)?;
        Ok((root, items, shared))
    }

    fn change(&mut self, root: &mut Element, job: &Job, links: &[Link], shared: &Groups) {
        let (policy, findings) = (self.work.policy, &mut self.draft.findings);
        drawing::change(root, &job.source, links, findings);
        match self.family {
            Family::Word => word::change(root, &job.source, links, policy, findings),
            Family::Excel => excel::change(root, &job.source, links, policy, shared, findings),
            Family::PowerPoint => slides::change(root, &job.source, links, policy, findings),
            Family::Shared => {}
        }
    }

    /// What a relationship becomes; `None` when it is dropped.
    fn link(&mut self, relationship: &Relationship, used: bool, part: &str) -> Result<Option<Link>, Stop> {
        let kind = relationship.kind.as_str();
        let link = |target: String, external, implicit| {
            Some(Link { id: relationship.id.clone(), kind: kind.to_owned(), target, external, implicit })
        };
        if relationship.external {
            if kind == "hyperlink" && !used {
                return Ok(None);
            }
            if kind == "hyperlink" && self.work.policy.allows_link(&relationship.target) {
                self.draft.findings.noted(What::Hyperlink, relationship.target.as_str());
                return Ok(link(relationship.target.clone(), true, false));
            }
            self.say_dropped(relationship, part)?;
            return Ok(if kind == "image" && used { link(self.placeholder()?, false, false) } else { None });
        }
        if let Some(found) = parts::find(self.family, kind) {
            if !(used || found.implicit) {
                return Ok(None);
            }
            return Ok(self.queue(relationship, found).and_then(|path| link(path, false, found.implicit)));
        }
        match kind {
            "image" if used => Ok(link(self.picture(relationship)?, false, false)),
            "package" if used => Ok(self.embed(relationship)?.and_then(|path| link(path, false, false))),
            "xlMacrosheet" | "xlIntlMacrosheet" | "dialogsheet" if used => {
                self.say_dropped(relationship, part)?;
                let path = self.blank_sheet()?;
                Ok(Some(Link {
                    id: relationship.id.clone(),
                    kind: "worksheet".to_owned(),
                    target: path,
                    external: false,
                    implicit: false,
                }))
            }
            "image" | "package" => Ok(None),
            _ => self.say_dropped(relationship, part).map(|()| None),
        }
    }

    /// Gives a part its path, and queues it the first time.
    fn queue(&mut self, relationship: &Relationship, part: &'static Part) -> Option<String> {
        if !self.package.has(&relationship.target) {
            return None;
        }
        if let Some(path) = self.paths.get(&relationship.target) {
            return Some(path.clone());
        }
        let path = self.new_path(part)?;
        self.paths.insert(relationship.target.clone(), path.clone());
        self.queue.push_back(Job { source: relationship.target.clone(), path: path.clone(), part });
        Some(path)
    }

    fn new_path(&mut self, part: &'static Part) -> Option<String> {
        let base = if part.family == Family::Shared { format!("{}/", self.folder()) } else { String::new() };
        let number = self.numbers.entry(part.path).or_default();
        *number += 1;
        let extension = if part.root.0 == NONE { "vml" } else { "xml" };
        match part.path.split_once('#') {
            Some((before, after)) => Some(format!("{base}{before}{number}{after}.{extension}")),
            None => (*number == 1).then(|| format!("{base}{}.{extension}", part.path)),
        }
    }

    fn folder(&self) -> &'static str {
        match self.family {
            Family::Word => "word",
            Family::Excel => "xl",
            Family::PowerPoint | Family::Shared => "ppt",
        }
    }

    /// A worksheet in the place of a macro sheet, so that the others keep their numbers.
    fn blank_sheet(&mut self) -> Result<String, Stop> {
        let part = parts::find(Family::Excel, "worksheet").ok_or(Stop::Refused(ReasonCode::Damaged))?;
        let path = self.new_path(part).ok_or(Stop::Refused(ReasonCode::Damaged))?;
        let bytes = excel::blank_sheet("［マクロシートは除去されました］");
        self.add(path.clone(), content_type(part), &bytes)?;
        Ok(path)
    }

    /// A picture rebuilt by its own format, or the placeholder.
    fn picture(&mut self, relationship: &Relationship) -> Result<String, Stop> {
        use Format::{Bmp, Emf, Gif, Jpeg, Png, Tiff, Wmf};
        const ALLOWED: &[Format] = &[Png, Jpeg, Gif, Bmp, Tiff, Emf, Wmf];
        if let Some(path) = self.paths.get(&relationship.target) {
            return Ok(path.clone());
        }
        let bytes = self.package.part(&relationship.target, &mut self.work.budget)?.unwrap_or_default();
        let path = match self.work.embedded(&relationship.target, &bytes, ALLOWED, &mut self.draft)? {
            Some(child) => self.add_media(&child.bytes, child.format.extension())?,
            None => {
                let metafile = bytes.get(40..44) == Some(b" EMF") || relationship.target.ends_with("mf");
                let what = if metafile { What::Metafile } else { What::Picture };
                self.draft.findings.lost(what, relationship.target.as_str());
                self.placeholder()?
            }
        };
        self.paths.insert(relationship.target.clone(), path.clone());
        Ok(path)
    }

    fn add_media(&mut self, bytes: &[u8], extension: &str) -> Result<String, Stop> {
        self.media += 1;
        let path = format!("{}/media/image{}.{extension}", self.folder(), self.media);
        let content_type = match extension {
            "jpg" => "image/jpeg".to_owned(),
            "tif" => "image/tiff".to_owned(),
            other => format!("image/{other}"),
        };
        self.add(path.clone(), content_type, bytes)?;
        Ok(path)
    }

    /// Adds a finished part without relationships.
    fn add(&mut self, path: String, content_type: String, bytes: &[u8]) -> Result<(), Stop> {
        self.done.push(Done { path, content_type, content: Packed::of(&[bytes])?, links: Vec::new() });
        Ok(())
    }

    /// The picture that stands where one could not be carried.
    fn placeholder(&mut self) -> Result<String, Stop> {
        if let Some(path) = &self.placeholder {
            return Ok(path.clone());
        }
        let raw = super::PLACEHOLDER;
        let rebuilt = self.work.embedded("placeholder.png", raw, &[Format::Png], &mut Draft::default())?;
        let bytes = rebuilt.map_or_else(|| raw.to_vec(), |child| child.bytes);
        let path = self.add_media(&bytes, "png")?;
        self.placeholder = Some(path.clone());
        Ok(path)
    }

    /// An embedded modern Office document, sanitised; `None` for any other object, which is then said as lost.
    fn embed(&mut self, relationship: &Relationship) -> Result<Option<String>, Stop> {
        use Format::{Docm, Docx, Dotx, Potx, Ppsx, Pptm, Pptx, Xlsm, Xlsx, Xltx};
        const ALLOWED: &[Format] = &[Docx, Docm, Dotx, Xlsx, Xlsm, Xltx, Pptx, Pptm, Potx, Ppsx];
        if let Some(path) = self.paths.get(&relationship.target) {
            return Ok(Some(path.clone()));
        }
        let bytes = self.package.part(&relationship.target, &mut self.work.budget)?.unwrap_or_default();
        let keep = self.work.policy.office.embedded == crate::policy::Embedded::Sanitise;
        let allowed = if keep { ALLOWED } else { &[] };
        let Some(child) = self.work.embedded(&relationship.target, &bytes, allowed, &mut self.draft)? else {
            self.say_dropped(relationship, "")?;
            return Ok(None);
        };
        self.embedded += 1;
        let path = format!("{}/embeddings/document{}.{}", self.folder(), self.embedded, child.format.extension());
        let content_type = written_as(child.format).map_or("", |(_, main)| main).replace(".main+xml", "");
        let content_type = format!("application/{content_type}");
        self.add(path.clone(), content_type, &child.bytes)?;
        self.paths.insert(relationship.target.clone(), path.clone());
        Ok(Some(path))
    }

    /// Says what lies in the package without a relationship that leads there.
    fn unreached(&mut self) {
        let macros: Vec<_> =
            self.package.paths().filter(|path| path.contains("vbaproject")).map(str::to_owned).collect();
        for path in macros {
            if self.draft.findings.removed.iter().all(|finding| finding.place != path) {
                self.draft.findings.removed(What::Macro, path);
            }
        }
    }
}

/// Every relationship id that an attribute names.
fn references(root: &Element) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    root.visit(&mut |element| {
        for (name, value) in &element.attributes {
            if is_reference(name.space, name.local) {
                out.insert(value.clone());
            }
        }
    });
    out
}

fn is_reference(space: u8, local: &str) -> bool {
    space == R || (space == O && local == "relid")
}

/// Takes away attributes that name a relationship which is gone.
fn drop_dangling(root: &mut Element, known: &BTreeSet<&str>) {
    let tidy = |element: &mut Element| {
        element
            .attributes
            .retain(|(name, value)| !is_reference(name.space, name.local) || known.contains(value.as_str()));
    };
    root.rewrite(&mut |mut element| {
        tidy(&mut element);
        let shape_without_picture =
            element.is(V, "imagedata") && element.get(R, "id").is_none() && element.get(O, "relid").is_none();
        if shape_without_picture { tree::Fate::Drop } else { tree::Fate::Keep(element) }
    });
    tidy(root);
}

fn content_type(part: &Part) -> String {
    match part.content_type {
        "vmlDrawing" => "application/vnd.openxmlformats-officedocument.vmlDrawing".to_owned(),
        "diagramDrawing" => "application/vnd.ms-office.drawingml.diagramDrawing+xml".to_owned(),
        "" => String::new(),
        other => format!("application/vnd.openxmlformats-officedocument.{other}+xml"),
    }
}
