//! What may stand in which dictionary: the allow-list of keys. A key that is not here is not copied.

/// What a dictionary or stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Resources,
    GraphicsState,
    SoftMask,
    XObject,
    Group,
    Pattern,
    Shading,
    Function,
    Color,
    Font,
    CidFont,
    Descriptor,
    Encoding,
    ToUnicode,
    CharProc,
    Properties,
    Image,
}

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Numbers, booleans, names, strings and arrays of them.
    Plain,
    /// One of a kind.
    Of(Kind),
    /// A dictionary of names to one kind.
    Map(Kind),
    /// An array of one kind.
    List(Kind),
    /// One of a kind, or an array of it.
    OneOrList(Kind),
    /// One of a kind, or a name.
    OneOrName(Kind),
}

use Rule::{List, Map, Of, OneOrList, OneOrName, Plain};

type Keys = &'static [(&'static str, Rule)];

/// The keys of a kind of plain dictionary, or of a stream besides its data.
pub(super) fn keys(kind: Kind) -> Keys {
    match kind {
        Kind::Resources => &[
            ("ExtGState", Map(Kind::GraphicsState)),
            ("ColorSpace", Map(Kind::Color)),
            ("Pattern", Map(Kind::Pattern)),
            ("Shading", Map(Kind::Shading)),
            ("XObject", Map(Kind::XObject)),
            ("Font", Map(Kind::Font)),
            ("Properties", Map(Kind::Properties)),
        ],
        Kind::GraphicsState => &[
            ("LW", Plain),
            ("LC", Plain),
            ("LJ", Plain),
            ("ML", Plain),
            ("D", Plain),
            ("RI", Plain),
            ("OP", Plain),
            ("op", Plain),
            ("OPM", Plain),
            ("FL", Plain),
            ("SM", Plain),
            ("SA", Plain),
            ("BM", Plain),
            ("SMask", OneOrName(Kind::SoftMask)),
            ("CA", Plain),
            ("ca", Plain),
            ("AIS", Plain),
            ("TK", Plain),
        ],
        Kind::SoftMask => &[("S", Plain), ("G", Of(Kind::XObject)), ("BC", Plain), ("TR", OneOrName(Kind::Function))],
        Kind::Group => &[("S", Plain), ("CS", Of(Kind::Color)), ("I", Plain), ("K", Plain)],
        Kind::CidFont => &[("BaseFont", Plain), ("DW", Plain), ("W", Plain), ("DW2", Plain), ("W2", Plain)],
        Kind::Descriptor => &[
            ("FontName", Plain),
            ("FontFamily", Plain),
            ("FontStretch", Plain),
            ("FontWeight", Plain),
            ("Flags", Plain),
            ("FontBBox", Plain),
            ("ItalicAngle", Plain),
            ("Ascent", Plain),
            ("Descent", Plain),
            ("Leading", Plain),
            ("CapHeight", Plain),
            ("XHeight", Plain),
            ("StemV", Plain),
            ("StemH", Plain),
            ("AvgWidth", Plain),
            ("MaxWidth", Plain),
            ("MissingWidth", Plain),
        ],
        Kind::Encoding => &[("BaseEncoding", Plain), ("Differences", Plain)],
        Kind::XObject
        | Kind::Pattern
        | Kind::Shading
        | Kind::Function
        | Kind::Color
        | Kind::Font
        | Kind::ToUnicode
        | Kind::CharProc
        | Kind::Image
        | Kind::Properties => &[],
    }
}

/// A form: a content stream with its box.
pub(super) const FORM: Keys =
    &[("BBox", Plain), ("Matrix", Plain), ("Group", Of(Kind::Group)), ("OC", Of(Kind::Properties))];

/// A tiling pattern.
pub(super) const TILING: Keys = &[
    ("PaintType", Plain),
    ("TilingType", Plain),
    ("BBox", Plain),
    ("XStep", Plain),
    ("YStep", Plain),
    ("Matrix", Plain),
];

/// A shading pattern.
pub(super) const SHADING_PATTERN: Keys =
    &[("Shading", Of(Kind::Shading)), ("Matrix", Plain), ("ExtGState", Of(Kind::GraphicsState))];

/// Shadings 1 to 7; those from 4 on are streams of packed numbers.
pub(super) const SHADING: Keys = &[
    ("ShadingType", Plain),
    ("ColorSpace", Of(Kind::Color)),
    ("Background", Plain),
    ("BBox", Plain),
    ("AntiAlias", Plain),
    ("Domain", Plain),
    ("Matrix", Plain),
    ("Coords", Plain),
    ("Extend", Plain),
    ("Function", OneOrList(Kind::Function)),
    ("BitsPerCoordinate", Plain),
    ("BitsPerComponent", Plain),
    ("BitsPerFlag", Plain),
    ("Decode", Plain),
    ("VerticesPerRow", Plain),
];

/// Functions of types 0, 2, 3 and 4.
pub(super) const FUNCTION: Keys = &[
    ("FunctionType", Plain),
    ("Domain", Plain),
    ("Range", Plain),
    ("Size", Plain),
    ("BitsPerSample", Plain),
    ("Order", Plain),
    ("Encode", Plain),
    ("Decode", Plain),
    ("C0", Plain),
    ("C1", Plain),
    ("N", Plain),
    ("Functions", List(Kind::Function)),
    ("Bounds", Plain),
];

/// Fonts of one byte per character.
pub(super) const SIMPLE_FONT: Keys = &[
    ("BaseFont", Plain),
    ("FirstChar", Plain),
    ("LastChar", Plain),
    ("Widths", Plain),
    ("FontDescriptor", Of(Kind::Descriptor)),
    ("Encoding", OneOrName(Kind::Encoding)),
    ("ToUnicode", OneOrName(Kind::ToUnicode)),
];

/// Fonts whose glyphs are content streams.
pub(super) const TYPE3_FONT: Keys = &[
    ("FontBBox", Plain),
    ("FontMatrix", Plain),
    ("FirstChar", Plain),
    ("LastChar", Plain),
    ("Widths", Plain),
    ("Encoding", OneOrName(Kind::Encoding)),
    ("Resources", Of(Kind::Resources)),
    ("CharProcs", Map(Kind::CharProc)),
    ("ToUnicode", OneOrName(Kind::ToUnicode)),
];

/// Fonts of several bytes per character.
pub(super) const COMPOSITE_FONT: Keys =
    &[("BaseFont", Plain), ("DescendantFonts", List(Kind::CidFont)), ("ToUnicode", OneOrName(Kind::ToUnicode))];
