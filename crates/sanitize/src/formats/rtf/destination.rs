//! Groups that say what they are: which stay, which leave their content, which go.

use super::lex::Token;
use super::model::{Destination, Node};
use super::read::{Reader, State, damaged, push_text};
use crate::detect;
use crate::format::Format;
use crate::formats::ooxml::PLACEHOLDER;
use crate::formats::ooxml::fields::{Verdict, judge};
use crate::grammar::rtf::RTF;
use crate::policy::KeepOrDrop;
use crate::words::What;
use crate::work::{Draft, Stop};

/// Groups whose content stands in their place.
const INLINE: &[&str] = &["shppict", "ud", "pntext", "result", "fldrslt"];

/// Groups that are destinations although no `\*` says so.
const UNSTARRED: &[&str] = &[
    "object",
    "objdata",
    "objclass",
    "objname",
    "objalias",
    "objsect",
    "template",
    "filetbl",
    "file",
    "datafield",
    "formfield",
    "xe",
    "tc",
    "tcn",
    "rxe",
    "txe",
    "listtext",
    "nonshppict",
    "shprslt",
    "fontemb",
    "fontfile",
    "themedata",
    "datastore",
    "generator",
    "userprops",
    "docvar",
    "mailmerge",
    "author",
    "operator",
    "company",
    "subject",
    "keywords",
    "comment",
    "doccomm",
    "manager",
    "category",
    "creatim",
    "revtim",
    "printim",
    "buptim",
    "hlinkbase",
    "nextfile",
    "private",
    "private1",
    "pntxta",
    "pntxtb",
    "do",
    "background",
    "nonesttables",
    "htmltag",
    "mhtmltag",
    "upr",
    "rsidtbl",
    "latentstyles",
    "xmlnstbl",
    "wgrffmtfilter",
    "panose",
    "pgptbl",
    "listpicture",
    "keycode",
];

/// Groups that mean something inside of others only, which read them themselves.
const ONLY_INSIDE: &[&str] = &["fldinst", "sn", "sv", "title"];

/// What is said about groups that go.
const SAID: &[(&str, bool, What)] = &[
    ("template", true, What::RemoteTemplate),
    ("filetbl", true, What::ExternalLink),
    ("nextfile", true, What::ExternalLink),
    ("mailmerge", true, What::Connection),
    ("objdata", true, What::OleObject),
    ("datafield", true, What::Field),
    ("fontemb", false, What::Font),
    ("formfield", false, What::FormField),
    ("do", false, What::Diagram),
];

/// Reads a group that begins with this word; the inner `None` when nothing of it stays, the outer when it is no destination.
pub(super) fn open(
    reader: &mut Reader<'_, '_, '_>,
    word: &str,
    parameter: Option<i32>,
    starred: bool,
    state: State,
) -> Result<Option<Option<Node>>, Stop> {
    match word {
        "pict" => return picture(reader).map(|node| Some(Some(node))),
        "object" => return object(reader, state).map(Some),
        "field" => return field(reader, state).map(Some),
        "info" => return info(reader, state).map(Some),
        "sp" => return property(reader, state).map(Some),
        "upr" => return unicode_form(reader, state).map(Some),
        _ if INLINE.contains(&word) => {
            let nodes = reader.group(state)?;
            return Ok(Some((!nodes.is_empty()).then_some(Node::Group(nodes))));
        }
        _ => {}
    }
    let comment = matches!(word, "annotation" | "atnid" | "atnauthor" | "atnref" | "atrfstart" | "atrfend" | "atndate");
    let dropped = comment && reader.work.policy.office.comments == KeepOrDrop::Drop;
    if word == "annotation" {
        let findings = &mut reader.draft.findings;
        if dropped { findings.lost(What::Comment, "") } else { findings.noted(What::Comment, "") }
    }
    let known =
        RTF.destination(word, false).map(|name| (name, false)).or(RTF.destination(word, true).map(|name| (name, true)));
    if let Some((name, starred)) = known.filter(|_| !dropped && !ONLY_INSIDE.contains(&word)) {
        let inner = State {
            level: state.level || matches!(name, "leveltext" | "levelnumbers"),
            fonts: state.fonts || name == "fonttbl",
            ..state
        };
        let mut nodes = reader.group(inner)?;
        if name == "leveltext" {
            level_length(&mut nodes);
        }
        // A shape is nothing without what says where it stands.
        let empty = nodes.is_empty() && !matches!(name, "levelnumbers" | "fldrslt");
        return Ok(Some((!empty).then_some(Node::Destination(Destination { name, starred, parameter, nodes }))));
    }
    if dropped || ONLY_INSIDE.contains(&word) || UNSTARRED.contains(&word) || (starred && RTF.word(word).is_none()) {
        if let Some((_, dangerous, what)) = SAID.iter().find(|(name, ..)| *name == word) {
            let findings = &mut reader.draft.findings;
            if *dangerous { findings.removed(*what, word) } else { findings.lost(*what, word) }
        } else if matches!(word, "userprops" | "docvar") {
            reader.draft.findings.noted(What::Metadata, word);
        }
        reader.skip()?;
        return Ok(Some(None));
    }
    Ok(None)
}

/// The first number of a level's text is its length.
fn level_length(nodes: &mut [Node]) {
    let Some(Node::Text(text)) = nodes.iter_mut().find(|node| matches!(node, Node::Text(_))) else { return };
    let Some(first) = text.chars().next().filter(|c| *c < ' ') else { return };
    let rest: String = text.chars().skip(1).collect();
    let length = rest.trim_end_matches(';').chars().count();
    let length = u32::try_from(length).ok().filter(|length| *length < 32).and_then(char::from_u32).unwrap_or(first);
    *text = format!("{length}{rest}");
}

/// The Unicode form of a text that stands there twice.
fn unicode_form(reader: &mut Reader<'_, '_, '_>, state: State) -> Result<Option<Node>, Stop> {
    let mut kept = None;
    loop {
        match reader.lexer.next()?.ok_or_else(damaged)? {
            Token::Close => return Ok(kept),
            Token::Open if reader.lexer.begins_with("ud") => {
                let nodes = reader.group(state)?;
                kept = (!nodes.is_empty()).then_some(Node::Group(nodes));
            }
            Token::Open => reader.skip()?,
            _ => {}
        }
    }
}

/// A title and nothing else.
fn info(reader: &mut Reader<'_, '_, '_>, state: State) -> Result<Option<Node>, Stop> {
    let mut title = None;
    loop {
        match reader.lexer.next()?.ok_or_else(damaged)? {
            Token::Close => break,
            Token::Open if reader.lexer.begins_with("title") => {
                let text = text_of(&reader.group(state)?);
                let name = RTF.destination("title", false);
                title = name.filter(|_| !text.trim().is_empty()).map(|name| {
                    Node::Destination(Destination {
                        name,
                        starred: false,
                        parameter: None,
                        nodes: vec![Node::Text(text)],
                    })
                });
            }
            Token::Open => {
                reader.draft.findings.noted(What::Metadata, "info");
                reader.skip()?;
            }
            _ => {}
        }
    }
    let name = RTF.destination("info", false);
    Ok(title.zip(name).map(|(title, name)| {
        Node::Destination(Destination { name, starred: false, parameter: None, nodes: vec![title] })
    }))
}

/// All text inside.
fn text_of(nodes: &[Node]) -> String {
    let mut out = String::new();
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Group(nodes) | Node::Destination(Destination { nodes, .. }) => out.push_str(&text_of(nodes)),
            Node::Word(..) | Node::Symbol(_) | Node::Picture(..) => {}
        }
    }
    out
}

/// A field that may not stay becomes its result.
fn field(reader: &mut Reader<'_, '_, '_>, state: State) -> Result<Option<Node>, Stop> {
    let (mut instruction, mut nested, mut result) = (String::new(), false, Vec::new());
    loop {
        match reader.lexer.next()?.ok_or_else(damaged)? {
            Token::Close => break,
            Token::Open if reader.lexer.begins_with("fldinst") => {
                let nodes = reader.group(state)?;
                nested |= holds_field(&nodes);
                instruction.push_str(&text_of(&nodes));
            }
            Token::Open if reader.lexer.begins_with("fldrslt") => {
                let mut nodes = reader.group(state)?;
                result.append(&mut nodes);
            }
            Token::Open => reader.skip()?,
            _ => {}
        }
    }
    let stays = match judge(&instruction, nested, reader.work.policy) {
        // An instruction that another field makes part of is known only when it runs.
        Verdict::Stays => !nested,
        Verdict::Text => false,
        Verdict::Removed(what) => {
            reader.draft.findings.removed(what, instruction.trim().get(..80).unwrap_or(instruction.trim()));
            false
        }
    };
    let names = (RTF.destination("field", false), RTF.destination("fldinst", true), RTF.destination("fldrslt", false));
    let (true, (Some(field), Some(inst), Some(rslt))) = (stays, names) else {
        return Ok((!result.is_empty()).then_some(Node::Group(result)));
    };
    let mut text = Vec::new();
    push_text(&mut text, &instruction);
    let nodes = vec![
        Node::Destination(Destination { name: inst, starred: true, parameter: None, nodes: text }),
        Node::Destination(Destination { name: rslt, starred: false, parameter: None, nodes: result }),
    ];
    Ok(Some(Node::Destination(Destination { name: field, starred: false, parameter: None, nodes })))
}

fn holds_field(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Destination(Destination { name, nodes, .. }) => *name == "field" || holds_field(nodes),
        Node::Group(nodes) => holds_field(nodes),
        _ => false,
    })
}

/// An object leaves what showed it.
fn object(reader: &mut Reader<'_, '_, '_>, state: State) -> Result<Option<Node>, Stop> {
    let (mut what, mut dangerous, mut shown) = (What::OleObject, false, Vec::new());
    loop {
        match reader.lexer.next()?.ok_or_else(damaged)? {
            Token::Close => break,
            Token::Word("objlink" | "objautlink" | "objsub" | "objpub", _) => {
                (what, dangerous) = (What::ExternalLink, true)
            }
            Token::Word("objocx" | "objhtml", _) => (what, dangerous) = (What::ActiveX, true),
            // An object that runs its server as soon as the file is opened.
            Token::Word("objupdate", _) => dangerous = true,
            Token::Open if reader.lexer.begins_with("result") => shown.append(&mut reader.group(state)?),
            Token::Open if reader.lexer.begins_with("objclass") => {
                let class = text_of(&reader.group(state)?);
                dangerous |= class.to_lowercase().starts_with("equation");
            }
            Token::Open => reader.skip()?,
            _ => {}
        }
    }
    let findings = &mut reader.draft.findings;
    if dangerous {
        findings.removed(what, "object")
    } else {
        findings.lost(what, "object")
    }
    if shown.is_empty() {
        push_text(&mut shown, "［埋め込みオブジェクトは除去されました］");
    }
    Ok(Some(Node::Group(shown)))
}

/// A property of a shape: a name of the list and a number, or a picture.
fn property(reader: &mut Reader<'_, '_, '_>, state: State) -> Result<Option<Node>, Stop> {
    let (mut name, mut value) = (String::new(), Vec::new());
    loop {
        match reader.lexer.next()?.ok_or_else(damaged)? {
            Token::Close => break,
            Token::Open if reader.lexer.begins_with("sn") => name = text_of(&reader.group(state)?).trim().to_owned(),
            Token::Open if reader.lexer.begins_with("sv") => value = reader.group(state)?,
            Token::Open => reader.skip()?,
            _ => {}
        }
    }
    let number = text_of(&value).trim().parse::<i64>().ok().map(|number| Node::Text(number.to_string()));
    let (name, value) = match RTF.shape(&name) {
        Some(known) => (known, number),
        None if name == "pib" => ("pib", value.into_iter().find(|node| matches!(node, Node::Picture(..)))),
        None => {
            if name == "pihlShape" {
                reader.draft.findings.removed(What::UnsafeLink, "shape");
            }
            return Ok(None);
        }
    };
    let group = |name: &str, nodes| {
        RTF.destination(name, false)
            .map(|name| Node::Destination(Destination { name, starred: false, parameter: None, nodes }))
    };
    let Some(value) = value else { return Ok(None) };
    let parts = group("sn", vec![Node::Text(name.to_owned())]).zip(group("sv", vec![value]));
    Ok(parts.and_then(|(name, value)| group("sp", vec![name, value])))
}

/// A picture rebuilt by its own format, or the placeholder at its size.
fn picture(reader: &mut Reader<'_, '_, '_>) -> Result<Node, Stop> {
    const SIZES: &[&str] = &[
        "picw",
        "pich",
        "picwgoal",
        "pichgoal",
        "picscalex",
        "picscaley",
        "piccropt",
        "piccropb",
        "piccropl",
        "piccropr",
    ];
    let (mut words, mut metafile, mut data, mut half) = (Vec::new(), false, Vec::new(), None);
    loop {
        reader.work.budget.step(1)?;
        match reader.lexer.next()?.ok_or_else(damaged)? {
            Token::Close => break,
            Token::Open => reader.skip()?,
            Token::Word("emfblip" | "wmetafile" | "pmmetafile" | "macpict", _) => metafile = true,
            Token::Word(word, parameter) => {
                if let Some(name) = SIZES.iter().find(|name| **name == word) {
                    words.push(Node::Word(name, parameter));
                }
            }
            Token::Binary(bytes) => data.extend(bytes),
            Token::Char(c) => {
                let digit = char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                match (half.take(), digit) {
                    (Some(high), Some(low)) => data.push(high * 16 + low),
                    (None, Some(high)) => half = Some(high),
                    (kept, None) => half = kept,
                }
            }
            Token::Symbol(_) | Token::Byte(_) => {}
        }
    }
    let child =
        reader.work.embedded("picture", &data, &[Format::Png, Format::Jpeg, Format::Emf, Format::Wmf], reader.draft)?;
    let (format, bytes) = match child {
        Some(child) => (child.format, child.bytes),
        None => {
            let metafile = metafile || matches!(detect::detect("", &data), Format::Emf | Format::Wmf);
            reader.draft.findings.lost(if metafile { What::Metafile } else { What::Picture }, "pict");
            let child = reader.work.embedded("placeholder.png", PLACEHOLDER, &[Format::Png], &mut Draft::default())?;
            (Format::Png, child.map_or_else(|| PLACEHOLDER.to_vec(), |child| child.bytes))
        }
    };
    let blip = RTF.word(if format == Format::Png { "pngblip" } else { "jpegblip" });
    words.extend(blip.map(|name| Node::Word(name, None)));
    Ok(Node::Picture(words, bytes))
}
