//! What a font program holds once it is parsed: outlines, names, widths. No hints, no subroutines, no programs.

/// A number of 16.16 bits, held wider so that sums cannot overflow.
pub(super) type Fixed = i64;

/// One in 16.16.
pub(super) const ONE: Fixed = 1 << 16;

/// A step of an outline, relative to the point before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Closes what was open and moves.
    Move(Fixed, Fixed),
    /// A line.
    Line(Fixed, Fixed),
    /// A cubic curve: two control points and the end, each relative to the one before it.
    Curve([Fixed; 6]),
}

/// How a glyph is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Id {
    /// A standard string of CFF, or the CID.
    Number(u16),
    /// A name of its own.
    Name(Vec<u8>),
}

/// A glyph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) id: Id,
    pub(super) width: Fixed,
    pub(super) steps: Vec<Step>,
    /// Which of the font's dictionaries it belongs to.
    pub(super) part: u8,
}

/// Codes to glyphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encoding {
    /// A predefined one of CFF: 0 standard, 1 expert.
    Known(u8),
    /// Code and glyph.
    Own(Vec<(u8, u16)>),
}

/// A font.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Font {
    pub(super) name: Vec<u8>,
    pub(super) matrix: Option<[f64; 6]>,
    /// The first is `.notdef`.
    pub(super) glyphs: Vec<Glyph>,
    pub(super) encoding: Encoding,
    /// Registry, ordering, supplement of a font whose glyphs have CIDs.
    pub(super) cid: Option<(Vec<u8>, Vec<u8>, i64)>,
    /// Matrices of the parts of a CID font.
    pub(super) parts: Vec<Option<[f64; 6]>>,
}

/// The standard encoding of Adobe (codes in the order of the standard strings 1 to 149 of CFF).
const STANDARD: &str = "32 space exclam quotedbl numbersign dollar percent ampersand quoteright parenleft parenright \
asterisk plus comma hyphen period slash zero one two three four five six seven eight nine colon semicolon less equal \
greater question at A B C D E F G H I J K L M N O P Q R S T U V W X Y Z bracketleft backslash bracketright asciicircum \
underscore quoteleft a b c d e f g h i j k l m n o p q r s t u v w x y z braceleft bar braceright asciitilde \
161 exclamdown cent sterling fraction yen florin section currency quotesingle quotedblleft guillemotleft guilsinglleft \
guilsinglright fi fl 177 endash dagger daggerdbl periodcentered 182 paragraph bullet quotesinglbase quotedblbase \
quotedblright guillemotright ellipsis perthousand 191 questiondown 193 grave acute circumflex tilde macron breve \
dotaccent dieresis 202 ring cedilla 205 hungarumlaut ogonek caron emdash 225 AE 227 ordfeminine 232 Lslash Oslash OE \
ordmasculine 241 ae 245 dotlessi 248 lslash oslash oe germandbls";

/// Code, standard string and name of each character of the standard encoding.
pub(super) fn standard() -> impl Iterator<Item = (u8, u16, &'static str)> {
    let (mut code, mut string) = (0u8, 0u16);
    STANDARD.split_ascii_whitespace().filter_map(move |word| {
        if let Ok(number) = word.parse::<u8>() {
            code = number;
            return None;
        }
        string += 1;
        let found = (code, string, word);
        code = code.saturating_add(1);
        Some(found)
    })
}

/// The glyph of a character of the standard encoding.
pub(super) fn standard_glyph(glyphs: &[Glyph], code: u8) -> Option<&Glyph> {
    let (_, string, name) = standard().find(|(c, _, _)| *c == code)?;
    glyphs.iter().find(|g| g.id == Id::Number(string) || g.id == Id::Name(name.as_bytes().to_vec()))
}

/// An accented character: the base, and the accent moved to its place. Both start at the origin.
pub(super) fn accented(base: &Glyph, accent: &Glyph, dx: Fixed, dy: Fixed) -> Vec<Step> {
    let mut steps = base.steps.clone();
    let (mut x, mut y) = (0, 0);
    for step in &steps {
        let (sx, sy) = match step {
            Step::Move(sx, sy) | Step::Line(sx, sy) => (*sx, *sy),
            Step::Curve([a, b, c, d, e, f]) => (a + c + e, b + d + f),
        };
        (x, y) = (x + sx, y + sy);
    }
    let mut first = true;
    for step in &accent.steps {
        steps.push(match step {
            Step::Move(sx, sy) if first => Step::Move(sx + dx - x, sy + dy - y),
            other => *other,
        });
        first = false;
    }
    steps
}
