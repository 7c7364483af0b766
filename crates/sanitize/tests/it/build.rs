//! Builders of packages for the tests: a zip whose every field can be made wrong, and an Office package around parts.

use flate2::{Compress, Compression, FlushCompress};

/// A zip member with everything that a nasty writer may choose.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: Vec<u8>,
    pub(crate) local_name: Option<Vec<u8>>,
    pub(crate) content: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) size: Option<u32>,
    pub(crate) attributes: u32,
    pub(crate) made_by: u16,
}

impl Member {
    pub(crate) fn new(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let (name, content) = (name.as_ref().to_vec(), content.as_ref().to_vec());
        Self { name, local_name: None, content, flags: 0, size: None, attributes: 0, made_by: 20 }
    }
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 100);
    Compress::new(Compression::new(9), false).compress_vec(content, &mut out, FlushCompress::Finish).unwrap();
    out
}

fn shared(member: &Member, packed: &[u8], name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for value in [20, member.flags, 8, 0, 0x21] {
        out.extend(u16::to_le_bytes(value));
    }
    let size = member.size.unwrap_or(u32::try_from(member.content.len()).unwrap());
    for value in [crc32fast::hash(&member.content), u32::try_from(packed.len()).unwrap(), size] {
        out.extend(u32::to_le_bytes(value));
    }
    out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A zip of these members.
pub(crate) fn zip(members: &[Member]) -> Vec<u8> {
    zip_at(members, |at| at)
}

/// A zip whose directory points elsewhere.
pub(crate) fn zip_at(members: &[Member], offset: impl Fn(u32) -> u32) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let packed = deflate(&member.content);
        let at = u32::try_from(out.len()).unwrap();
        let local = member.local_name.as_deref().unwrap_or(&member.name);
        out.extend(0x0403_4b50_u32.to_le_bytes());
        out.extend(shared(member, &packed, local));
        out.extend(local);
        out.extend(&packed);
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(member.made_by.to_le_bytes());
        directory.extend(shared(member, &packed, &member.name));
        directory.extend([0; 6]);
        directory.extend(member.attributes.to_le_bytes());
        directory.extend(offset(at).to_le_bytes());
        directory.extend(&member.name);
    }
    let start = u32::try_from(out.len()).unwrap();
    let size = u32::try_from(directory.len()).unwrap();
    out.extend(directory);
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    for _ in 0..2 {
        out.extend(u16::try_from(members.len()).unwrap().to_le_bytes());
    }
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const X: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const P: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";
const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// An Office package in the making.
#[derive(Clone)]
pub(crate) struct Office {
    main: &'static str,
    main_type: String,
    body: String,
    rels: Vec<(String, String)>,
    parts: Vec<(String, String, Vec<u8>)>,
}

impl Office {
    fn new(main: &'static str, main_type: &str, body: String) -> Self {
        Self { main, main_type: main_type.to_owned(), body, rels: Vec::new(), parts: Vec::new() }
    }

    /// A document with this in its body.
    pub(crate) fn word(body: &str) -> Self {
        let body = format!(
            "<w:document xmlns:w=\"{W}\" xmlns:r=\"{R}\" xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>{body}<w:p><w:r><w:t>本文です</w:t></w:r></w:p></w:body></w:document>"
        );
        Self::new("word/document.xml", "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", body)
    }

    /// A workbook with one sheet: this as sheet data, and this after it.
    pub(crate) fn excel(rows: &str, after: &str, workbook: &str) -> Self {
        let body = format!(
            "<workbook xmlns=\"{X}\" xmlns:r=\"{R}\"><sheets><sheet name=\"表1\" sheetId=\"1\" r:id=\"rIdS1\"/></sheets>{workbook}</workbook>"
        );
        let sheet =
            format!("<worksheet xmlns=\"{X}\" xmlns:r=\"{R}\"><sheetData>{rows}</sheetData>{after}</worksheet>");
        Self::new("xl/workbook.xml", "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", body)
            .internal("rIdS1", "worksheet", "worksheets/sheet1.xml")
            .part("xl/worksheets/sheet1.xml", "vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml", sheet)
    }

    /// A presentation with one slide holding these shapes.
    pub(crate) fn slides(attributes: &str, shapes: &str) -> Self {
        let body = format!(
            "<p:presentation xmlns:p=\"{P}\" xmlns:r=\"{R}\"><p:sldIdLst><p:sldId id=\"256\" r:id=\"rIdS1\"/></p:sldIdLst></p:presentation>"
        );
        let slide = format!(
            "<p:sld xmlns:p=\"{P}\" xmlns:r=\"{R}\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"{attributes}><p:cSld><p:spTree>{shapes}<p:sp><p:txBody><a:p><a:r><a:t>本文</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        );
        Self::new(
            "ppt/presentation.xml",
            "vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
            body,
        )
        .internal("rIdS1", "slide", "slides/slide1.xml")
        .part("ppt/slides/slide1.xml", "vnd.openxmlformats-officedocument.presentationml.slide+xml", slide)
    }

    pub(crate) fn main_type(mut self, content_type: &str) -> Self {
        self.main_type = content_type.to_owned();
        self
    }

    fn relate(mut self, source: &str, id: &str, kind: &str, target: &str, mode: &str) -> Self {
        let kind = if kind.contains(':') { kind.to_owned() } else { format!("{R}/{kind}") };
        let target = target.replace('&', "&amp;");
        self.rels.push((
            source.to_owned(),
            format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"{mode}/>"),
        ));
        self
    }

    /// A relationship of the main part.
    pub(crate) fn internal(self, id: &str, kind: &str, target: &str) -> Self {
        let main = self.main;
        self.relate(main, id, kind, target, "")
    }

    /// A relationship of the main part that points out of the package.
    pub(crate) fn external(self, id: &str, kind: &str, target: &str) -> Self {
        let main = self.main;
        self.relate(main, id, kind, target, " TargetMode=\"External\"")
    }

    /// A relationship of another part.
    pub(crate) fn from(self, source: &str, id: &str, kind: &str, target: &str, external: bool) -> Self {
        self.relate(source, id, kind, target, if external { " TargetMode=\"External\"" } else { "" })
    }

    /// A part.
    pub(crate) fn part(mut self, path: &str, content_type: &str, content: impl AsRef<[u8]>) -> Self {
        self.parts.push((path.to_owned(), content_type.to_owned(), content.as_ref().to_vec()));
        self
    }

    /// The members of the package.
    pub(crate) fn members(&self) -> Vec<Member> {
        let mut types = String::from(
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
        );
        types += &format!("<Override PartName=\"/{}\" ContentType=\"application/{}\"/>", self.main, self.main_type);
        for (path, content_type, _) in &self.parts {
            types += &format!("<Override PartName=\"/{path}\" ContentType=\"application/{content_type}\"/>");
        }
        types += "</Types>";
        let relationships = |rels: &str| {
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{rels}</Relationships>"
            )
        };
        let root = format!("<Relationship Id=\"rId1\" Type=\"{R}/officeDocument\" Target=\"{}\"/>", self.main);
        let extra: String =
            self.rels.iter().filter(|(source, _)| source.is_empty()).map(|(_, rel)| rel.as_str()).collect();
        let mut out = vec![
            Member::new("[Content_Types].xml", types),
            Member::new("_rels/.rels", relationships(&(root + &extra))),
            Member::new(self.main, &self.body),
        ];
        let mut sources: Vec<&str> =
            self.rels.iter().map(|(source, _)| source.as_str()).filter(|s| !s.is_empty()).collect();
        sources.dedup();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            let (folder, file) = source.rsplit_once('/').unwrap();
            let rels: String = self.rels.iter().filter(|(s, _)| s == source).map(|(_, rel)| rel.as_str()).collect();
            out.push(Member::new(format!("{folder}/_rels/{file}.rels"), relationships(&rels)));
        }
        out.extend(self.parts.iter().map(|(path, _, content)| Member::new(path, content)));
        out
    }

    /// The package's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        zip(&self.members())
    }
}

/// A tiny picture.
pub(crate) fn png() -> Vec<u8> {
    include_bytes!("../../src/formats/ooxml/placeholder.png").to_vec()
}
