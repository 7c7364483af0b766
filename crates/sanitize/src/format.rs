//! The closed list of file types, whether rebuilt, held or blocked.
//!
//! To add one: a line in the list below. What is done with it is decided in [`crate::detect`] (how it is recognised) and
//! [`crate::formats`] (how it is rebuilt); a type that is in no list of `formats` is held or refused by its [`Handling`].

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::words::ReasonCode;

/// What is done with a type that has no reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// A reader in [`crate::formats`] rebuilds it.
    Rebuild,
    /// Kept back with this reason, for a person to decide.
    Hold(ReasonCode),
    /// Never passed, with this reason.
    Refuse(ReasonCode),
}

use Handling::{Hold, Rebuild, Refuse};

/// One line per type: variant, report word (and extension), handling.
macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $extension:literal, $handling:expr;)+) => {
        /// A file type, told by content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Format { $($(#[$doc])* $name,)+ }

        impl Format {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word for it in reports.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// The extension that a file of this type is given, without the dot.
            pub fn extension(self) -> &'static str {
                match self { $(Self::$name => $extension,)+ }
            }

            /// What is done with it.
            pub fn handling(self) -> Handling {
                match self { $(Self::$name => $handling,)+ }
            }
        }
    };
}

formats! {
    /// Word document.
    Docx = "docx", "docx", Rebuild;
    /// Word document with macros.
    Docm = "docm", "docm", Rebuild;
    /// Word template.
    Dotx = "dotx", "dotx", Rebuild;
    /// Word template with macros.
    Dotm = "dotm", "dotm", Rebuild;
    /// Excel workbook.
    Xlsx = "xlsx", "xlsx", Rebuild;
    /// Excel workbook with macros.
    Xlsm = "xlsm", "xlsm", Rebuild;
    /// Excel template.
    Xltx = "xltx", "xltx", Rebuild;
    /// Excel template with macros.
    Xltm = "xltm", "xltm", Rebuild;
    /// Excel add-in: code with nothing to read.
    Xlam = "xlam", "xlam", Refuse(ReasonCode::BlockedType);
    /// PowerPoint presentation.
    Pptx = "pptx", "pptx", Rebuild;
    /// PowerPoint presentation with macros.
    Pptm = "pptm", "pptm", Rebuild;
    /// PowerPoint template.
    Potx = "potx", "potx", Rebuild;
    /// PowerPoint template with macros.
    Potm = "potm", "potm", Rebuild;
    /// PowerPoint show.
    Ppsx = "ppsx", "ppsx", Rebuild;
    /// PowerPoint show with macros.
    Ppsm = "ppsm", "ppsm", Rebuild;
    /// PowerPoint add-in: code with nothing to read.
    Ppam = "ppam", "ppam", Refuse(ReasonCode::BlockedType);
    /// Binary Excel workbook.
    Xlsb = "xlsb", "xlsb", Hold(ReasonCode::XlsbNotSupported);
    /// OpenDocument text.
    Odt = "odt", "odt", Rebuild;
    /// OpenDocument spreadsheet.
    Ods = "ods", "ods", Rebuild;
    /// OpenDocument presentation.
    Odp = "odp", "odp", Rebuild;
    /// OpenDocument drawing.
    Odg = "odg", "odg", Rebuild;
    /// OpenDocument text template.
    Ott = "ott", "ott", Rebuild;
    /// OpenDocument spreadsheet template.
    Ots = "ots", "ots", Rebuild;
    /// OpenDocument presentation template.
    Otp = "otp", "otp", Rebuild;
    /// OpenDocument drawing template.
    Otg = "otg", "otg", Rebuild;
    /// OpenDocument of another kind (database, master document, formula), and its predecessor of OpenOffice.org 1.
    OdfOther = "odf_other", "odf", Hold(ReasonCode::OdfKind);
    /// Word 97–2003.
    Doc = "doc", "doc", Hold(ReasonCode::LegacyOffice);
    /// Excel 97–2003.
    Xls = "xls", "xls", Hold(ReasonCode::LegacyOffice);
    /// PowerPoint 97–2003.
    Ppt = "ppt", "ppt", Hold(ReasonCode::LegacyOffice);
    /// Office document encrypted as a whole (OLE2 around it).
    EncryptedOffice = "office_encrypted", "bin", Rebuild;
    /// Any other OLE2 compound file.
    Ole = "ole", "bin", Refuse(ReasonCode::UnknownType);
    /// Rich Text Format.
    Rtf = "rtf", "rtf", Rebuild;
    /// PDF.
    Pdf = "pdf", "pdf", Rebuild;
    /// PNG.
    Png = "png", "png", Rebuild;
    /// JPEG.
    Jpeg = "jpeg", "jpg", Rebuild;
    /// GIF.
    Gif = "gif", "gif", Rebuild;
    /// WebP.
    Webp = "webp", "webp", Rebuild;
    /// Windows bitmap.
    Bmp = "bmp", "bmp", Rebuild;
    /// TIFF.
    Tiff = "tiff", "tif", Rebuild;
    /// SVG; leaves as PNG.
    Svg = "svg", "svg", Rebuild;
    /// HEIC and HEIF.
    Heic = "heic", "heic", Hold(ReasonCode::HeicNotSupported);
    /// Enhanced metafile; leaves as PNG.
    Emf = "emf", "emf", Rebuild;
    /// Windows metafile; leaves as PNG.
    Wmf = "wmf", "wmf", Rebuild;
    /// Plain text.
    Txt = "txt", "txt", Rebuild;
    /// Comma-separated values.
    Csv = "csv", "csv", Rebuild;
    /// Tab-separated values.
    Tsv = "tsv", "tsv", Rebuild;
    /// HTML.
    Html = "html", "html", Rebuild;
    /// XML.
    Xml = "xml", "xml", Rebuild;
    /// JSON.
    Json = "json", "json", Rebuild;
    /// Zip archive.
    Zip = "zip", "zip", Rebuild;
    /// 7z archive; leaves as zip.
    SevenZ = "7z", "7z", Rebuild;
    /// Tar archive; leaves as zip.
    Tar = "tar", "tar", Rebuild;
    /// Gzip file; leaves as zip.
    Gz = "gz", "gz", Rebuild;
    /// LHA archive; leaves as zip.
    Lzh = "lzh", "lzh", Rebuild;
    /// RAR archive.
    Rar = "rar", "rar", Hold(ReasonCode::RarNotSupported);
    /// Internet mail.
    Eml = "eml", "eml", Rebuild;
    /// Outlook mail.
    Msg = "msg", "msg", Hold(ReasonCode::OutlookNotSupported);
    /// winmail.dat.
    Tnef = "tnef", "dat", Hold(ReasonCode::OutlookNotSupported);
    /// Web page saved as mail.
    Mht = "mht", "mht", Hold(ReasonCode::WebArchive);
    /// 一太郎.
    Jtd = "jtd", "jtd", Hold(ReasonCode::Ichitaro);
    /// DocuWorks.
    Xdw = "xdw", "xdw", Hold(ReasonCode::Docuworks);
    /// CAD interchange.
    Dxf = "dxf", "dxf", Hold(ReasonCode::Cad);
    /// SXF feature comment file.
    Sfc = "sfc", "sfc", Hold(ReasonCode::Cad);
    /// SXF STEP file.
    P21 = "p21", "p21", Hold(ReasonCode::Cad);
    /// Jw_cad.
    Jww = "jww", "jww", Hold(ReasonCode::Cad);
    /// AutoCAD.
    Dwg = "dwg", "dwg", Hold(ReasonCode::Cad);
    /// Windows, Linux and macOS programs, installers, Java.
    Executable = "executable", "bin", Refuse(ReasonCode::BlockedType);
    /// Scripts of any language, and text that a double click would run.
    Script = "script", "txt", Refuse(ReasonCode::BlockedType);
    /// Shortcuts (lnk, url, library-ms, search-ms, iqy, slk).
    Shortcut = "shortcut", "bin", Refuse(ReasonCode::BlockedType);
    /// Disk images (iso, img, vhd).
    DiskImage = "disk_image", "bin", Refuse(ReasonCode::BlockedType);
    /// OneNote.
    OneNote = "onenote", "one", Refuse(ReasonCode::BlockedType);
    /// Compiled help and HTML applications.
    ActiveHelp = "active_help", "bin", Refuse(ReasonCode::BlockedType);
    /// A file without content.
    Empty = "empty", "txt", Refuse(ReasonCode::EmptyFile);
    /// Nothing of the above.
    Unknown = "unknown", "bin", Refuse(ReasonCode::UnknownType);
}

impl Format {
    /// The type whose report word this is.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.id() == id)
    }

    /// Other extensions that agree with a type, and are kept as they came.
    pub fn other_extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpeg"],
            Self::Tiff => &["tiff"],
            Self::Html => &["htm"],
            Self::Txt => &["log", "md"],
            _ => &[],
        }
    }

    /// The type that a *rebuilt* file with this extension (lower case) must have; the verifier judges members of
    /// containers by it.
    pub fn of_written_extension(extension: &str) -> Option<Self> {
        let fits = |f: &Self| f.extension() == extension || f.other_extensions().contains(&extension);
        Self::ALL.iter().copied().filter(|f| f.handling() == Rebuild).find(fits)
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::from_id(&id).ok_or_else(|| serde::de::Error::custom(format!("no such type: {id}")))
    }
}
