//! The walk over a package: the document, the documents in it, and what is said about the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{self, Element};
use super::{change, crypt, serialise, settings};
use crate::formats::ooxml::package::Package;
use crate::formats::zip::write::Writer;
use crate::grammar::odf::KINDS;
use crate::policy::Embedded;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// A finished member and its media type.
pub(super) struct Member {
    pub(super) path: String,
    pub(super) media: String,
    pub(super) bytes: Vec<u8>,
}

/// Versions that a manifest states; older ones state none.
pub(super) const VERSIONS: &[&str] = &["1.2", "1.3", "1.4"];
/// The version of a document that says none of these, nor an older one.
pub(super) const VERSION: &str = "1.3";
/// Bytes of a written document in which its root element ends.
const ROOT: usize = 8_192;

pub(super) struct Build<'a, 'b, 'c> {
    pub(super) package: Package<'a>,
    pub(super) work: &'b mut Work<'c>,
    pub(super) draft: Draft,
    pub(super) members: Vec<Member>,
    /// Paths of the package that were read.
    pub(super) seen: BTreeSet<String>,
    /// Contents of protected members, decrypted.
    opened: BTreeMap<String, Vec<u8>>,
}

/// One document of the package: itself, or one embedded in it.
#[derive(Default)]
pub(super) struct Place {
    /// Its folder in the package, in lower case, with its slash; empty for the package itself.
    pub(super) source: String,
    /// Its folder in the output.
    pub(super) target: String,
    /// Where the pictures and objects went, by their path in the package; `None` for what could not be carried.
    pub(super) placed: BTreeMap<String, Option<String>>,
    pub(super) pictures: u32,
    pub(super) objects: u32,
    pub(super) placeholder: Option<String>,
}

/// Rebuilds a package.
pub(super) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let package = Package::open(source.bytes, &mut work.budget)?;
    let opened = crypt::open(&package, work)?;
    let media =
        KINDS.iter().find(|(.., id)| *id == source.format.id()).ok_or(Stop::Refused(ReasonCode::UnsupportedFeature))?;
    let draft = Draft::default();
    let mut build = Build { package, work, draft, members: Vec::new(), seen: BTreeSet::new(), opened };
    if !build.opened.is_empty() {
        build.draft.findings.noted(What::Decrypted, "");
    }
    let kind = build.document(&mut Place::default())?;
    if kind != media.1 {
        // A package whose type and content disagree is read by one program as this, by another as that.
        return Err(Stop::refused(ReasonCode::Polyglot));
    }
    build.settings(&Place::default())?;
    if let Some(bytes) = build.part("meta.xml")? {
        if let Some(title) = settings::meta(&bytes, version(&build.members)) {
            build.add("meta.xml", "text/xml", title);
        } else {
            build.draft.findings.noted(What::Metadata, "meta.xml");
        }
    }
    build.unreached()?;
    build.draft.bytes = write(media.0, &build.members)?;
    Ok(build.draft)
}

impl Build<'_, '_, '_> {
    /// The content of a member of the package.
    pub(super) fn part(&mut self, path: &str) -> Result<Option<Vec<u8>>, Stop> {
        self.seen.insert(path.to_owned());
        match self.opened.get(path) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => self.package.part(path, &mut self.work.budget),
        }
    }

    pub(super) fn add(&mut self, path: &str, media: &str, bytes: Vec<u8>) {
        self.members.push(Member { path: path.to_owned(), media: media.to_owned(), bytes });
    }

    fn tree(&mut self, place: &Place, name: &str) -> Result<Option<Element>, Stop> {
        let path = format!("{}{name}", place.source);
        let Some(bytes) = self.part(&path)? else { return Ok(None) };
        tree::parse(&bytes, &path, &mut self.work.budget, &mut self.draft.findings).map(Some)
    }

    /// Rebuilds the parts of one document; gives which it is (`office:text`, `math:math`).
    fn document(&mut self, place: &mut Place) -> Result<&'static str, Stop> {
        let content = self.tree(place, "content.xml")?.ok_or(Stop::Refused(ReasonCode::BrokenContainer))?;
        let styles = self.tree(place, "styles.xml")?.filter(|root| root.name == "office:document-styles");
        let kind = kind(&content).ok_or(Stop::Refused(ReasonCode::Damaged))?;
        let mut hidden = BTreeSet::new();
        [Some(&content), styles.as_ref()]
            .into_iter()
            .flatten()
            .for_each(|root| change::hiding_styles(root, &mut hidden));
        for (name, root) in [("styles.xml", styles), ("content.xml", Some(content))] {
            let Some(mut root) = root else { continue };
            let path = format!("{}{name}", place.source);
            change::change(&mut root, &path, &hidden, self.work.policy, &mut self.draft.findings);
            self.resolve(&mut root, place)?;
            let bytes = serialise::write(&root);
            self.work.budget.decode(bytes.len())?;
            self.add(&format!("{}{name}", place.target), "text/xml", bytes);
        }
        Ok(kind)
    }

    /// The settings of one document; of one inside another they say which part of it is shown.
    fn settings(&mut self, place: &Place) -> Result<(), Stop> {
        let path = format!("{}settings.xml", place.source);
        if let Some(bytes) = self.part(&path)?
            && let Some(bytes) = settings::rebuild(&bytes, &path, &mut self.work.budget)?
        {
            self.add(&format!("{}settings.xml", place.target), "text/xml", bytes);
        }
        Ok(())
    }

    /// An embedded document, rebuilt under a folder of its own; `None` when it cannot be carried.
    pub(super) fn embedded(&mut self, source: &str, place: &mut Place) -> Result<Option<String>, Stop> {
        let folder = format!("{source}/");
        if !self.package.has(&format!("{folder}content.xml")) {
            self.seen.insert(source.to_owned());
            return Ok(None);
        }
        let number = place.objects + 1;
        let target = format!("{}Object {number}/", place.target);
        let mut inner = Place { source: folder, target: target.clone(), ..Place::default() };
        let before = self.members.len();
        self.work.budget.enter()?;
        let result = self.document(&mut inner).and_then(|kind| self.settings(&inner).map(|()| kind));
        self.work.budget.leave();
        let keep = |kind: &str| {
            matches!(kind, "office:chart" | "math:math") || self.work.policy.office.embedded == Embedded::Sanitise
        };
        match result {
            Ok(kind) if keep(kind) => {
                place.objects = number;
                let media = KINDS.iter().find(|(_, body, _)| *body == kind).map_or("", |(media, ..)| media);
                self.add(&target, media, Vec::new());
                Ok(Some(format!("./Object {number}")))
            }
            Err(stop) if stop.code().ends_the_call() => Err(stop),
            _ => {
                self.members.truncate(before);
                Ok(None)
            }
        }
    }

    /// Says what lies in the package without being content of the document.
    fn unreached(&mut self) -> Result<(), Stop> {
        let paths: Vec<String> =
            self.package.paths().filter(|path| !self.seen.contains(*path)).map(str::to_owned).collect();
        for path in paths {
            let first = path.split('/').next().unwrap_or_default();
            let last = path.rsplit('/').next().unwrap_or_default();
            let what = match first {
                "mimetype" | "manifest.rdf" | "layout-cache" | "pictures" | "objectreplacements" | "fonts"
                | "media" => continue,
                _ if matches!(last, "script-lc.xml" | "script-lb.xml" | "dialog-lc.xml" | "dialog-lb.xml") => continue,
                _ if first.starts_with("object ") => continue,
                "thumbnails" => {
                    self.draft.findings.noted(What::Thumbnail, path);
                    continue;
                }
                "meta-inf" if path.contains("signature") => {
                    self.draft.findings.lost(What::Signature, path);
                    continue;
                }
                "meta-inf" => continue,
                "basic" | "scripts" | "dialogs" => What::Macro,
                "configurations2" => What::CustomUi,
                _ => What::UnknownPart,
            };
            let bytes = self.package.part(&path, &mut self.work.budget)?.unwrap_or_default();
            if !bytes.is_empty() {
                self.draft.findings.removed_bytes(what, path, &bytes);
            }
        }
        Ok(())
    }
}

/// The child of the body that says which document it is.
fn kind(content: &Element) -> Option<&'static str> {
    if content.name == "math:math" {
        return Some("math:math");
    }
    let body = content
        .elements()
        .find(|child| child.name == "office:body")
        .filter(|_| content.name == "office:document-content")?;
    let inside = body.elements().next()?;
    KINDS.iter().find(|(_, body, _)| *body == inside.name).map(|(_, body, _)| *body)
}

/// Whether a member is stated to be encrypted, with the attributes that say how.
pub(super) fn manifest(package: &Package<'_>, work: &mut Work<'_>) -> Result<Vec<u8>, Stop> {
    Ok(package.part("meta-inf/manifest.xml", &mut work.budget)?.unwrap_or_default())
}

/// The version that the document says of itself. LibreOffice opens no package whose manifest says another.
fn version(members: &[Member]) -> &'static str {
    let content = members.iter().find(|member| member.path == "content.xml").map(|member| member.bytes.as_slice());
    let head = content.and_then(|bytes| bytes.get(..bytes.len().min(ROOT))).unwrap_or_default();
    let says = |version: &&&str| {
        let attribute = format!(" office:version=\"{version}\"");
        head.windows(attribute.len()).any(|window| window == attribute.as_bytes())
    };
    VERSIONS.iter().find(says).copied().unwrap_or(VERSION)
}

/// The new package: the type, stored, first; the manifest; then the members.
fn write(media: &str, members: &[Member]) -> Result<Vec<u8>, Stop> {
    let mut writer = Writer::default();
    writer.add_stored("mimetype", media.as_bytes())?;
    let version = version(members);
    let mut manifest = format!(
        "{}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"{version}\"><manifest:file-entry manifest:full-path=\"/\" manifest:version=\"{version}\" manifest:media-type=\"{media}\"/>",
        serialise::DECLARATION
    );
    for Member { path, media, .. } in members {
        manifest
            .push_str(&format!("<manifest:file-entry manifest:full-path=\"{path}\" manifest:media-type=\"{media}\"/>"));
    }
    manifest.push_str("</manifest:manifest>");
    writer.add("META-INF/manifest.xml", manifest.as_bytes())?;
    for member in members.iter().filter(|member| !member.path.ends_with('/')) {
        writer.add(&member.path, &member.bytes)?;
    }
    writer.finish()
}
