//! OLE compound files (MS-CFB, version 3): what 一太郎 documents and macro projects are kept in.

/// A storage or a stream.
pub(super) enum Node {
    /// Named bytes.
    Stream(&'static str, Vec<u8>),
    /// A folder.
    Storage(&'static str, Vec<Node>),
}

const SECTOR: usize = 512;
const MINI: usize = 64;
/// Streams shorter than this stand in the mini stream.
const CUTOFF: usize = 4096;
const FREE: u32 = 0xffff_ffff;
const END: u32 = 0xffff_fffe;
const FAT: u32 = 0xffff_fffd;
/// No sibling, no child.
const NONE: u32 = 0xffff_ffff;

/// A directory entry in the making.
struct Entry {
    name: &'static str,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: usize,
}

/// What the file is made of while it is laid out.
#[derive(Default)]
struct Layout {
    entries: Vec<Entry>,
    /// Content of the large streams by entry.
    large: Vec<(usize, Vec<u8>)>,
    mini: Vec<u8>,
    mini_fat: Vec<u32>,
}

impl Layout {
    /// Adds siblings and what is below them; gives the entry at the top of their tree.
    fn add(&mut self, mut nodes: Vec<Node>) -> u32 {
        // Siblings are ordered by the length of their names first.
        nodes.sort_by_key(|node| {
            let name = match node {
                Node::Stream(name, _) | Node::Storage(name, _) => name.to_uppercase(),
            };
            (name.encode_utf16().count(), name)
        });
        let ids: Vec<u32> = nodes.into_iter().map(|node| self.one(node)).collect();
        self.tree(&ids)
    }

    fn one(&mut self, node: Node) -> u32 {
        let index = self.entries.len();
        let (name, kind) = match &node {
            Node::Stream(name, _) => (*name, 2),
            Node::Storage(name, _) => (*name, 1),
        };
        self.entries.push(Entry { name, kind, left: NONE, right: NONE, child: NONE, start: END, size: 0 });
        let (mut child, mut start, mut size) = (NONE, 0, 0);
        match node {
            Node::Storage(_, nodes) => child = self.add(nodes),
            Node::Stream(_, bytes) => {
                size = bytes.len();
                if size >= CUTOFF {
                    self.large.push((index, bytes));
                } else {
                    start = self.mini_stream(bytes);
                }
            }
        }
        if let Some(entry) = self.entries.get_mut(index) {
            (entry.child, entry.start, entry.size) = (child, start, size);
        }
        number(index)
    }

    fn mini_stream(&mut self, bytes: Vec<u8>) -> u32 {
        if bytes.is_empty() {
            return END;
        }
        let start = self.mini_fat.len();
        let count = bytes.len().div_ceil(MINI);
        self.mini_fat.extend((1..count).map(|next| number(start + next)));
        self.mini_fat.push(END);
        self.mini.extend(bytes);
        self.mini.resize((start + count) * MINI, 0);
        number(start)
    }

    /// A balanced tree over entries in order.
    fn tree(&mut self, ids: &[u32]) -> u32 {
        let middle = ids.len() / 2;
        let (before, rest) = ids.split_at(middle);
        let Some((top, after)) = rest.split_first() else { return NONE };
        let (left, right) = (self.tree(before), self.tree(after));
        if let Some(entry) = self.entries.get_mut(*top as usize) {
            (entry.left, entry.right) = (left, right);
        }
        *top
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(FREE)
}

/// The file.
pub(super) fn compound(nodes: Vec<Node>) -> Vec<u8> {
    let root = Entry { name: "Root Entry", kind: 5, left: NONE, right: NONE, child: NONE, start: END, size: 0 };
    let mut layout = Layout { entries: vec![root], ..Layout::default() };
    let child = layout.add(nodes);
    // Sectors one after the other: the mini stream, its table, the large streams, the directory, and the table of sectors.
    let (mut body, mut fat) = (Vec::new(), Vec::new());
    let mini_size = layout.mini.len();
    let mini_start = chain(&mut body, &mut fat, std::mem::take(&mut layout.mini));
    let mini_table: Vec<u8> = layout.mini_fat.iter().flat_map(|next| next.to_le_bytes()).collect();
    let mini_sectors = mini_table.len().div_ceil(SECTOR);
    let mini_fat_start = chain_with(&mut body, &mut fat, mini_table, 0xff);
    for (index, bytes) in std::mem::take(&mut layout.large) {
        let start = chain(&mut body, &mut fat, bytes);
        if let Some(entry) = layout.entries.get_mut(index) {
            entry.start = start;
        }
    }
    if let Some(root) = layout.entries.first_mut() {
        (root.child, root.start, root.size) = (child, mini_start, mini_size);
    }
    let mut directory: Vec<u8> = layout.entries.iter().flat_map(written).collect();
    while !directory.len().is_multiple_of(SECTOR) {
        directory.extend(written(&Entry {
            name: "",
            kind: 0,
            left: NONE,
            right: NONE,
            child: NONE,
            start: 0,
            size: 0,
        }));
    }
    let directory_start = chain(&mut body, &mut fat, directory);
    // One sector of the table names 128 sectors; the demo's files need one or two.
    let tables = (fat.len() + 2).div_ceil(SECTOR / 4);
    let first_table = number(fat.len());
    fat.extend(std::iter::repeat_n(FAT, tables));
    fat.resize(tables * SECTOR / 4, FREE);
    body.extend(fat.iter().flat_map(|next| next.to_le_bytes()));
    let mut out = header(tables, first_table, directory_start, (mini_fat_start, mini_sectors));
    out.extend(body);
    out
}

fn chain(body: &mut Vec<u8>, fat: &mut Vec<u32>, bytes: Vec<u8>) -> u32 {
    chain_with(body, fat, bytes, 0)
}

/// Appends bytes in sectors, filled up, and their chain; gives the first sector.
fn chain_with(body: &mut Vec<u8>, fat: &mut Vec<u32>, bytes: Vec<u8>, filler: u8) -> u32 {
    if bytes.is_empty() {
        return END;
    }
    let start = fat.len();
    let count = bytes.len().div_ceil(SECTOR);
    fat.extend((1..count).map(|next| number(start + next)));
    fat.push(END);
    body.extend(bytes);
    body.resize((start + count) * SECTOR, filler);
    number(start)
}

fn written(entry: &Entry) -> Vec<u8> {
    let name: Vec<u16> = entry.name.encode_utf16().take(31).collect();
    let length = if name.is_empty() { 0 } else { u16::try_from(2 * name.len() + 2).unwrap_or(0) };
    let mut out: Vec<u8> = name.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    out.resize(64, 0);
    out.extend(length.to_le_bytes());
    // Every node of the tree is black, which readers do not mind.
    out.extend([entry.kind, 1]);
    for value in [entry.left, entry.right, entry.child] {
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 36]);
    out.extend(entry.start.to_le_bytes());
    out.extend((entry.size as u64).to_le_bytes());
    out
}

fn header(tables: usize, first_table: u32, directory: u32, (mini_fat, mini_sectors): (u32, usize)) -> Vec<u8> {
    let mut out = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    out.extend([0; 16]);
    for value in [0x3e_u16, 3, 0xfffe, 9, 6, 0, 0, 0] {
        out.extend(value.to_le_bytes());
    }
    for value in [0, number(tables), directory, 0, number(CUTOFF), mini_fat, number(mini_sectors), END, 0] {
        out.extend(value.to_le_bytes());
    }
    for table in 0..109 {
        let place = if table < tables { first_table + number(table) } else { FREE };
        out.extend(place.to_le_bytes());
    }
    out
}
