//! The long lists of a workbook, judged piece by piece: a sheet of a million cells never stands in memory as one tree.

use roxmltree::Document;

use super::Violation;
use super::ooxml::parse;

/// Bytes of a piece, give or take an item. What is shorter is judged whole.
const PIECE: usize = 1 << 20;

const NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A long list: the root's start, the list's own tags where it is not the root, the end of an item, the root's end.
struct List {
    root: &'static str,
    open: &'static str,
    item: &'static str,
    close: &'static str,
    end: &'static str,
}

const LISTS: &[List] = &[
    List { root: "<worksheet", open: "<sheetData>", item: "</row>", close: "</sheetData>", end: "</worksheet>" },
    List { root: "<sst", open: "", item: "</si>", close: "", end: "</sst>" },
];

/// A part cut at its list.
struct Cut<'a> {
    list: &'static List,
    /// The start tag of the root.
    root: &'a str,
    /// All before the items, all of them, all after them.
    before: &'a str,
    items: &'a str,
    after: &'a str,
}

/// Shows each piece of a part: the part without the items of its list, then the items some at a time, each time between the
/// same start of the root and its end. Together they are all of the part.
pub(super) fn pieces(
    path: &str,
    content: &[u8],
    look: &mut dyn FnMut(&Document<'_>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let text = std::str::from_utf8(content).map_err(|_| Violation::new(path, "not UTF-8"))?;
    let Some(cut) = cut(text) else { return look(&parse(path, content)?) };
    let around = [cut.before, cut.after].concat();
    let document = parse(path, around.as_bytes())?;
    if !is_below_root(&document, cut.list) {
        return Err(Violation::new(path, "a list that is not where it belongs"));
    }
    look(&document)?;
    drop(document);
    let mut items = cut.items;
    while !items.is_empty() {
        let (piece, rest) = items.split_at_checked(end_of_piece(items, cut.list.item)).unwrap_or((items, ""));
        let piece = [cut.root, cut.list.open, piece, cut.list.close, cut.list.end].concat();
        look(&parse(path, piece.as_bytes())?)?;
        items = rest;
    }
    Ok(())
}

/// Where a part's list begins and ends. Tags are found as text, which is safe only where `<` begins nothing but tags: no
/// comment, no CDATA, no second instruction. (Inside of a tag the parser, which sees every byte of every piece, allows none.)
fn cut(text: &str) -> Option<Cut<'_>> {
    if text.len() <= PIECE || text.contains("<!") || text.matches("<?").count() > 1 {
        return None;
    }
    let (list, root) = LISTS.iter().find_map(|list| Some((list, text.find(list.root)?)))?;
    let root_end = root + text.get(root..)?.find('>')? + 1;
    let start = if list.open.is_empty() { root_end } else { only(text, list.open)? + list.open.len() };
    let end = only(text, if list.close.is_empty() { list.end } else { list.close })?;
    Some(Cut {
        list,
        root: text.get(root..root_end)?,
        before: text.get(..start)?,
        items: text.get(start..end)?,
        after: text.get(end..)?,
    })
}

/// The one place where a word stands.
fn only(text: &str, word: &str) -> Option<usize> {
    text.find(word).filter(|at| text.rfind(word) == Some(*at))
}

/// The list is the root, or a child of it, so that what the root declares holds for its items.
fn is_below_root(document: &Document<'_>, list: &List) -> bool {
    let root = document.root_element();
    let own = (NAMESPACE, list.root.trim_start_matches('<'));
    let name = list.open.trim_matches(['<', '>']);
    root.has_tag_name(own) && (name.is_empty() || root.children().any(|child| child.has_tag_name((NAMESPACE, name))))
}

/// The end of the item that a full piece ends in.
fn end_of_piece(items: &str, item: &str) -> usize {
    let mut from = items.len().min(PIECE);
    while !items.is_char_boundary(from) {
        from += 1;
    }
    let end = items.get(from..).and_then(|rest| rest.find(item));
    end.map_or(items.len(), |at| from + at + item.len())
}
