//! PDF: one revision, one cross-reference stream, objects that touch each other, and in every dictionary only keys of the
//! allow-list; no action but addresses and page turns; every stream decodes; read by hayro-syntax.

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, MaybeRef, Object, Stream};

use super::image::jpeg;
use super::{Check, Violation, pdf_grade};

/// Keys of all dictionaries that are no name maps.
const KEYS: &str = "A AIS AP ActualText Alt Annots AntiAlias ArtBox Ascent AvgWidth Attached BBox BC BG BM BS Background Base \
BaseEncoding BaseFont BaseState BitsPerComponent BitsPerCoordinate BitsPerFlag BitsPerSample BlackIs1 BlackPoint \
BleedBox Border Bounds C C0 C1 CA CIDSystemInfo CIDToGIDMap CL CMapName CS CapHeight CenterWindow CharProcs ColSpan Colors \
ColorSpace ColorTransform Columns Contents Coords Count CropBox D DW DW2 Decode DecodeParms DescendantFonts Descent Dest \
Differences Direction DisplayDocTitle Domain Duplex E Encode Encoding ExtGState Extend F FL Filter First FirstChar FitWindow \
Flags Font FontBBox FontDescriptor FontFamily FontFile2 FontFile3 FontMatrix FontName FontStretch FontWeight Function \
FunctionType Functions G Gamma Group H Height I IC ImageMask Index Info InkList Intent Interpolate ItalicAngle K Kids L LC \
LE LJ LW Lang Last LastChar LastModified Leading Length Length1 Limits ListNumbering MCID ML MarkInfo Marked Mask Matrix Matte MaxWidth MediaBox \
MissingWidth N Name Next Nums O OC OCGs OCProperties OFF ON OP OPM Open Order Ordering Outlines P PageLabels \
PageLayout PageMode Pages PaintType Parent ParentTree ParentTreeNextKey Pattern PatternType Pg Predictor Prev PrintScaling Properties Q QuadPoints R RD RI \
Range Rect Registry Resources Root Rotate RowSpan Rows S SA SM SMask Scope Separation Shading ShadingType Size St StemH StemV StructParents \
StructTreeRoot Subj Subtype Summary Supplement T TK TR Tabs TilingType Title ToUnicode TrimBox Type URI UseCMap UserUnit V Vertices VerticesPerRow \
ViewerPreferences W W2 WMode WhitePoint Width Widths XHeight XObject XStep YStep ca op";

/// Keys whose value is a map from names of the document's own.
const MAPS: &[&str] = &["ExtGState", "ColorSpace", "Pattern", "Shading", "XObject", "Font", "Properties", "CharProcs"];

/// `Type` and `Subtype`.
const TYPES: &str = "Annot Catalog CIDFontType0 CIDFontType0C CIDFontType2 CMap Caret Circle Encoding ExtGState Font \
FontDescriptor Form FreeText Group Highlight Image Ink Line Link OCG OCMD ObjStm Outlines Page Pages Pattern PolyLine \
Polygon Square Squiggly Stamp StrikeOut StructElem StructTreeRoot MCR Text TrueType Type0 Type1 Type1C Type3 Underline XObject XRef Mask Pagination \
Header Footer Watermark Layout Background Artifact PageNum";

/// Bytes that one stream may inflate to.
const INFLATED: usize = 256 << 20;

/// The types of structure elements.
const ELEMENTS: &str = "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 \
L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP \
Warichu WT WP Figure Formula Form";

/// The operators of content streams.
const OPERATORS: &str = "b B b* B* BDC BMC BT c cm CS cs d d0 d1 Do DP EMC ET f F f* G g gs h i J j K k l M m MP n q Q re RG rg \
ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \" BI";

/// Accepts a PDF of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let wrong = |why: &str| Violation::new("file", why);
    let body = bytes.strip_prefix(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n").ok_or_else(|| wrong("not its header"))?;
    let ends = body.windows(5).filter(|w| *w == b"%%EOF").count();
    if ends == 0 || !bytes.ends_with(b"%%EOF\n") {
        return Err(wrong("not its end"));
    }
    layout(bytes, body.len(), check)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| wrong("not readable"))?;
    let mut walk =
        Walk { check, keys: words(KEYS), types: words(TYPES), operators: words(OPERATORS), elements: words(ELEMENTS) };
    let mut root = false;
    for object in pdf.objects() {
        walk.check.step(1)?;
        root |= matches!(&object, Object::Dict(dict) if name(dict, "Type").as_deref() == Some("Catalog"));
        walk.object(&object, false, 0)?;
    }
    if !root || pdf.pages().is_empty() {
        return Err(wrong("no catalogue or no page"));
    }
    pdf_grade::verify(&pdf, check)
}

fn words(list: &'static str) -> HashSet<&'static str> {
    list.split_ascii_whitespace().collect()
}

/// `N 0 obj`, dictionary, `stream` of exactly `Length` bytes, `endstream`, `endobj`, one after the other; then `startxref`.
fn layout(bytes: &[u8], body: usize, check: &mut Check<'_>) -> Result<(), Violation> {
    let mut at = bytes.len() - body;
    loop {
        check.step(1)?;
        let wrong = |why: &str| Violation::new(format!("byte {at}"), why);
        let rest = bytes.get(at..).unwrap_or_default();
        if let Some(tail) = rest.strip_prefix(b"startxref\n") {
            let digits = tail.iter().take_while(|b| b.is_ascii_digit()).count();
            let fits = tail.get(digits..) == Some(b"\n%%EOF\n".as_slice()) && digits > 0;
            return if fits { Ok(()) } else { Err(wrong("bytes after the end")) };
        }
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let after = rest.get(digits..).and_then(|r| r.strip_prefix(b" 0 obj\n<<")).ok_or_else(|| wrong("no object"))?;
        let end = after.windows(10).position(|w| w == b">>\nstream\n").ok_or_else(|| wrong("no stream"))?;
        let dict = after.get(..end).unwrap_or_default();
        let key = dict.windows(8).rposition(|w| w == b"/Length ").ok_or_else(|| wrong("no length"))?;
        let length =
            std::str::from_utf8(dict.get(key + 8..).unwrap_or_default()).ok().and_then(|t| t.parse::<usize>().ok());
        let length = length.ok_or_else(|| wrong("no length at the end of its dictionary"))?;
        let data = digits + 9 + end + 10;
        let tail = data.checked_add(length).ok_or_else(|| wrong("a length beyond all bounds"))?;
        let close = b"\nendstream\nendobj\n";
        if rest.get(tail..tail + close.len()) != Some(close.as_slice()) {
            return Err(wrong("a stream that does not end where it says"));
        }
        at += tail + close.len();
    }
}

fn name(dict: &Dict<'_>, key: &str) -> Option<String> {
    dict.get::<hayro_syntax::object::Name<'_>>(key).map(|name| name.as_str().to_owned())
}

struct Walk<'c, 'p> {
    check: &'c mut Check<'p>,
    keys: HashSet<&'static str>,
    types: HashSet<&'static str>,
    operators: HashSet<&'static str>,
    elements: HashSet<&'static str>,
}

impl Walk<'_, '_> {
    fn object(&mut self, object: &Object<'_>, map: bool, depth: usize) -> Result<(), Violation> {
        self.check.step(1)?;
        if depth > 64 {
            return Err(Violation::new("object", "nested too deeply"));
        }
        match object {
            Object::Dict(dict) => self.dict(dict, map, depth),
            Object::Array(array) => self.array(array, depth),
            Object::Stream(stream) => {
                self.dict(stream.dict(), false, depth)?;
                self.stream(stream)
            }
            _ => Ok(()),
        }
    }

    fn array(&mut self, array: &Array<'_>, depth: usize) -> Result<(), Violation> {
        for item in array.raw_iter() {
            if let MaybeRef::NotRef(object) = item {
                self.object(&object, false, depth + 1)?;
            }
        }
        Ok(())
    }

    fn dict(&mut self, dict: &Dict<'_>, map: bool, depth: usize) -> Result<(), Violation> {
        for (key, value) in dict.entries() {
            let key = key.as_str().to_owned();
            if !map && !self.keys.contains(key.as_str()) {
                return Err(Violation::new(format!("/{key}"), "a key that is not allowed"));
            }
            if let MaybeRef::NotRef(value) = &value {
                let inner = !map && MAPS.contains(&key.as_str()) && matches!(value, Object::Dict(_));
                self.object(value, inner, depth + 1)?;
            }
        }
        if map {
            return Ok(());
        }
        for key in ["Type", "Subtype"] {
            if let Some(kind) = name(dict, key).filter(|kind| !self.types.contains(kind.as_str())) {
                return Err(Violation::new(format!("/{key} /{kind}"), "a type that is not allowed"));
            }
        }
        let kind = name(dict, "Type").unwrap_or_default();
        if kind == "StructElem" {
            let element = name(dict, "S").unwrap_or_default();
            if !self.elements.contains(element.as_str()) {
                return Err(Violation::new(format!("/S /{element}"), "a structure type that is not allowed"));
            }
        }
        pdf_grade::dictionary(dict, &kind, self.check)?;
        self.action(dict)
    }

    /// An action: an address that the policy allows, or a page turn.
    fn action(&mut self, dict: &Dict<'_>) -> Result<(), Violation> {
        let wrong = |why: &str| Err(Violation::new("action", why));
        if let Some(MaybeRef::Ref(_)) = dict.get_raw::<Object<'_>>("A") {
            return wrong("an action that is an object of its own");
        }
        let Some(action) = dict.get::<Dict<'_>>("A") else { return Ok(()) };
        match name(&action, "S").as_deref() {
            Some("URI") => {
                let target = action.get::<hayro_syntax::object::String<'_>>("URI");
                let target = target.map(|t| String::from_utf8_lossy(t.as_bytes()).into_owned()).unwrap_or_default();
                if self.check.policy.allows_link(&target) { Ok(()) } else { wrong("an address that is not allowed") }
            }
            Some("Named") => match name(&action, "N").as_deref() {
                Some("NextPage" | "PrevPage" | "FirstPage" | "LastPage") => Ok(()),
                _ => wrong("a named action that is not allowed"),
            },
            _ => wrong("an action that is not allowed"),
        }
    }

    fn stream(&mut self, stream: &Stream<'_>) -> Result<(), Violation> {
        let dict = stream.dict();
        let wrong = |why: &str| Violation::new("stream", why);
        let filter = name(dict, "Filter");
        match filter.as_deref() {
            Some("DCTDecode") => return self.check_jpeg(stream),
            Some("CCITTFaxDecode") => return Ok(()),
            None | Some("FlateDecode") => {}
            Some(_) => return Err(wrong("a filter that is not allowed")),
        }
        let data = match filter {
            // Not by way of the library's inflater, which is the reader's too.
            Some(_) if !dict.contains_key("DecodeParms") => {
                let raw = stream.raw_data();
                miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&raw, INFLATED)
                    .map_err(|_| wrong("it does not inflate"))?
            }
            _ => stream.decoded().map_err(|_| wrong("it does not decode"))?.into_owned(),
        };
        self.check.step(data.len() as u64 / 64)?;
        let image = name(dict, "Subtype").as_deref() == Some("Image");
        let form = name(dict, "Subtype").as_deref() == Some("Form") || dict.contains_key("PaintType");
        // A page's content has no key of its own; neither have glyphs, CMaps and font files, which are told by their start.
        let bare = dict.keys().all(|key| matches!(key.as_str(), "Length" | "Filter"));
        let map = data.starts_with(b"/CIDInit ");
        if !image && !map && (form || (bare && is_text(&data))) {
            self.content(&data)?;
        }
        Ok(())
    }

    fn check_jpeg(&mut self, stream: &Stream<'_>) -> Result<(), Violation> {
        jpeg::verify(&stream.raw_data(), self.check)
    }

    fn content(&mut self, data: &[u8]) -> Result<(), Violation> {
        let mut operations = UntypedIter::new(data);
        while let Some(operation) = operations.next() {
            self.check.step(1)?;
            let operator = operation.operator.to_string();
            if !self.operators.contains(operator.as_str()) {
                return Err(Violation::new(format!("operator {operator}"), "an operator that is not allowed"));
            }
        }
        Ok(())
    }
}

/// Whether the first bytes read as operators rather than as packed data.
fn is_text(data: &[u8]) -> bool {
    let head = data.get(..data.len().min(16)).unwrap_or_default();
    head.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
}
