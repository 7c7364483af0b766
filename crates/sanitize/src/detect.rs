//! Which type a file is, by its content. The name only chooses among kinds of plain text, and can only make it worse.
//!
//! How to add one: a line in [`SIGNATURES`] when bytes at a fixed place tell it, else a line in [`PROBES`] with a small
//! function `fn(&[u8]) -> Option<Format>` (in the format's own folder when it needs more than a search). The first line
//! that fits wins, so what is narrower stands higher. A probe is cheap and never judges: the reader does.

use crate::format::Format;
use crate::names;

/// Bytes at a fixed offset.
const SIGNATURES: &[(usize, &[u8], Format)] = &[
    (0, b"%PDF-", Format::Pdf),
    (0, b"\x89PNG\r\n\x1a\n", Format::Png),
    (0, b"\xff\xd8\xff", Format::Jpeg),
    (0, b"GIF87a", Format::Gif),
    (0, b"GIF89a", Format::Gif),
    (0, b"II*\0", Format::Tiff),
    (0, b"MM\0*", Format::Tiff),
    (0, b"II+\0\x08\0", Format::Tiff),
    (0, b"MM\0+\0\x08", Format::Tiff),
    (0, b"7z\xbc\xaf\x27\x1c", Format::SevenZ),
    (0, b"Rar!\x1a\x07", Format::Rar),
    (0, b"\x1f\x8b\x08", Format::Gz),
    (257, b"ustar", Format::Tar),
    (0, b"{\\rtf", Format::Rtf),
    (0, b"\x78\x9f\x3e\x22", Format::Tnef),
    (0, b"\xd7\xcd\xc6\x9a", Format::Wmf),
    (0, b"\x01\0\x09\0\0\x03", Format::Wmf),
    (40, b" EMF", Format::Emf),
    (0, b"MZ", Format::Executable),
    (0, b"\x7fELF", Format::Executable),
    (0, b"\xca\xfe\xba\xbe", Format::Executable),
    (0, b"\xcf\xfa\xed\xfe", Format::Executable),
    (0, b"\xce\xfa\xed\xfe", Format::Executable),
    (0, b"\xfe\xed\xfa\xcf", Format::Executable),
    (0, b"\xfe\xed\xfa\xce", Format::Executable),
    (0, b"MSCF", Format::Executable),
    (0, b"dex\n", Format::Executable),
    (0, b"\0asm", Format::Executable),
    (0, b"\x4c\0\0\0\x01\x14\x02\0", Format::Shortcut),
    (0, b"ID;P", Format::Shortcut),
    (0x8001, b"CD001", Format::DiskImage),
    (0, b"conectix", Format::DiskImage),
    (0, b"vhdxfile", Format::DiskImage),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", Format::OneNote),
    (0, b"ITSF", Format::ActiveHelp),
    (0, b"AC10", Format::Dwg),
    (0, b"AutoCAD Binary DXF", Format::Dxf),
    (0, b"JwwData.", Format::Jww),
    (0, b"#!", Format::Script),
];

/// A look at content that a fixed place cannot tell.
type Probe = fn(&[u8]) -> Option<Format>;

/// The probes, narrowest first.
const PROBES: &[Probe] = &[zip_family, bmp, riff, heic, ole_family, lzh, docuworks];

/// The type of a file. `name` is looked at only when the content is text, and for names that would run.
pub fn detect(name: &str, bytes: &[u8]) -> Format {
    if bytes.is_empty() {
        return Format::Empty;
    }
    for (offset, magic, format) in SIGNATURES {
        if bytes.get(*offset..).is_some_and(|rest| rest.starts_with(magic)) {
            return *format;
        }
    }
    if let Some(format) = PROBES.iter().find_map(|probe| probe(bytes)) {
        return format;
    }
    text_family(name, bytes)
}

/// Whether `needle` is somewhere in `bytes`.
pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn zip_family(bytes: &[u8]) -> Option<Format> {
    let is_zip = [b"PK\x03\x04", b"PK\x05\x06"].iter().any(|magic| bytes.starts_with(*magic));
    if !is_zip {
        return None;
    }
    if let Some(format) = crate::formats::ooxml::probe(bytes) {
        return Some(format);
    }
    if let Some(format) = crate::formats::odf::probe(bytes) {
        return Some(format);
    }
    // A Java program is a zip too; its members would be refused one by one, but so it has its own reason.
    if contains(bytes, b"META-INF/MANIFEST.MF") && contains(bytes, b".class") {
        return Some(Format::Executable);
    }
    Some(Format::Zip)
}

fn bmp(bytes: &[u8]) -> Option<Format> {
    let header = bytes.get(14).is_some_and(|size| matches!(size, 12 | 40 | 52 | 56 | 64 | 108 | 124));
    (bytes.starts_with(b"BM") && header).then_some(Format::Bmp)
}

fn riff(bytes: &[u8]) -> Option<Format> {
    (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")).then_some(Format::Webp)
}

fn heic(bytes: &[u8]) -> Option<Format> {
    let brand = bytes.get(8..12)?;
    let known = [b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"].iter().any(|b| *b == brand);
    (bytes.get(4..8)? == b"ftyp" && known).then_some(Format::Heic)
}

/// {000C1084-0000-0000-C000-000000000046}.
const INSTALLER: &[u8] = b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";

/// OLE2 compound files by the names of their streams (UTF-16LE in the directory).
fn ole_family(bytes: &[u8]) -> Option<Format> {
    if !bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return None;
    }
    // Windows Installer packages bear this class.
    if contains(bytes.get(..bytes.len().min(1 << 20)).unwrap_or(bytes), INSTALLER) {
        return Some(Format::Executable);
    }
    let mut budget = crate::Budget::default();
    let ole = crate::formats::ole::Ole::open(bytes, &mut budget).ok();
    let names: Option<Vec<&str>> = ole.as_ref().map(crate::formats::ole::Ole::names);
    let holds = |name: &str| {
        if let Some(names) = &names {
            return names.iter().any(|known| known.starts_with(name));
        }
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(bytes, &utf16)
    };
    let streams: &[(&str, Format)] = &[
        ("EncryptedPackage", Format::EncryptedOffice),
        ("__substg1.0_", Format::Msg),
        ("JSRV_SegmentInformation", Format::Jtd),
        ("DocumentText", Format::Jtd),
        ("WordDocument", Format::Doc),
        ("PowerPoint Document", Format::Ppt),
        ("Workbook", Format::Xls),
        ("Book", Format::Xls),
    ];
    Some(streams.iter().find(|(name, _)| holds(name)).map_or(Format::Ole, |(_, format)| *format))
}

/// LHA: `-lh5-`, `-lz4-`, `-pm2-` from the third byte on.
fn lzh(bytes: &[u8]) -> Option<Format> {
    let id = bytes.get(2..7)?;
    let method = id.starts_with(b"-lh") || id.starts_with(b"-lz") || id.starts_with(b"-pm");
    (method && id.ends_with(b"-")).then_some(Format::Lzh)
}

fn docuworks(bytes: &[u8]) -> Option<Format> {
    (bytes.starts_with(b"\x60\x0e\x82") || bytes.starts_with(b"AXDW")).then_some(Format::Xdw)
}

/// Extensions that run, or fetch and run, when a text of this name is opened.
const RUNS: &[&str] = &[
    "bat",
    "cmd",
    "com",
    "exe",
    "scr",
    "pif",
    "cpl",
    "ps1",
    "psm1",
    "psd1",
    "vbs",
    "vbe",
    "js",
    "jse",
    "mjs",
    "wsf",
    "wsh",
    "wsc",
    "sct",
    "hta",
    "reg",
    "inf",
    "sh",
    "py",
    "pyw",
    "rb",
    "pl",
    "php",
    "jar",
    "lnk",
    "url",
    "website",
    "library-ms",
    "search-ms",
    "searchconnector-ms",
    "settingcontent-ms",
    "appref-ms",
    "iqy",
    "rqy",
    "oqy",
    "slk",
    "rdp",
    "chm",
    "application",
    "xll",
    "gadget",
    "msc",
    "desktop",
    "command",
    "applescript",
];

/// Plain text of any charset, told from binary by its control characters; which kind of text, by how it begins, and the
/// name where content cannot say.
/// A change to program text as `git format-patch` writes it: its first line is always of the same date, so that it is told from
/// a mail of a person.
fn is_patch(head: &str) -> bool {
    let commit = head.strip_prefix("from ").and_then(|rest| rest.split_once(" mon sep 17 00:00:00 2001"));
    commit.is_some_and(|(commit, _)| commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn text_family(name: &str, bytes: &[u8]) -> Format {
    let extension = names::extension(name);
    if RUNS.contains(&extension.as_str()) {
        return Format::Script;
    }
    if !looks_like_text(bytes) {
        return by_name_only(&extension);
    }
    let head = beginning(bytes);
    if let Some(format) = TEXT_STARTS.iter().find(|(start, _)| head.starts_with(start)).map(|(_, format)| *format) {
        return format;
    }
    let named_mail = extension == "eml";
    if matches!(extension.as_str(), "mht" | "mhtml") || head.contains("snapshot-content-location:") {
        return Format::Mht;
    }
    if (named_mail || !is_patch(&head)) && crate::formats::mail::is_mail(bytes, named_mail) {
        return if head.contains("multipart/related") && !named_mail { Format::Mht } else { Format::Eml };
    }
    if head.starts_with('<') {
        return markup(&head);
    }
    match extension.as_str() {
        "csv" => Format::Csv,
        "tsv" | "tab" => Format::Tsv,
        "json" if head.starts_with(['{', '[']) => Format::Json,
        "htm" | "html" => Format::Html,
        "dxf" => Format::Dxf,
        "sfc" => Format::Sfc,
        _ => Format::Txt,
    }
}

/// How texts that are not plain begin (lower case, leading white space and BOM skipped).
const TEXT_STARTS: &[(&str, Format)] = &[
    ("[internetshortcut]", Format::Shortcut),
    ("web\n1", Format::Shortcut),
    ("web\r\n1", Format::Shortcut),
    ("iso-10303-21;", Format::P21),
    ("0\nsection", Format::Dxf),
    ("0\r\nsection", Format::Dxf),
];

fn markup(head: &str) -> Format {
    let holds = |text: &str| head.contains(text);
    match head {
        _ if holds("<hta:application") => Format::ActiveHelp,
        _ if holds("<librarydescription") || holds("<persistedquery") || holds("<searchconnector") => Format::Shortcut,
        // A picture stands for itself; a page that holds one is a page.
        _ if holds("<svg")
            && !head.split("<svg").next().is_some_and(|before| before.contains("html") || before.contains("<body")) =>
        {
            Format::Svg
        }
        _ if head.starts_with("<!doctype html") || holds("<html") || holds("<body") || holds("<script") => Format::Html,
        _ if head.starts_with("<?xml") => Format::Xml,
        _ if holds("<head") || holds("<p>") || holds("<div") || holds("<table") => Format::Html,
        _ => Format::Xml,
    }
}

/// The first 4 KiB as lower-case text: UTF-16 by its BOM, otherwise each byte as Latin-1 (only ASCII is compared).
fn beginning(bytes: &[u8]) -> String {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or(bytes);
    let text: String = match head {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.iter().map(|b| char::from(*b)).collect(),
        _ => head.iter().map(|b| char::from(*b)).collect(),
    };
    text.trim_start().to_ascii_lowercase()
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| read(*pair))).map(|c| c.unwrap_or('\u{fffd}')).collect()
}

/// No NUL and no control characters but white space, form feed, escape (ISO-2022-JP) and end-of-file (Ctrl-Z); or UTF-16
/// with a BOM.
fn looks_like_text(bytes: &[u8]) -> bool {
    let bom16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    bom16 || bytes.iter().all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x1a | 0x0e | 0x0f))
}

/// Binary that nothing recognised: the name can still give a better reason for holding it, never a way through.
fn by_name_only(extension: &str) -> Format {
    match extension {
        "jtd" | "jtt" => Format::Jtd,
        "xdw" | "xbd" => Format::Xdw,
        "jww" | "jwc" => Format::Jww,
        "dxf" => Format::Dxf,
        "img" | "vhd" | "vhdx" | "iso" => Format::DiskImage,
        _ => Format::Unknown,
    }
}
