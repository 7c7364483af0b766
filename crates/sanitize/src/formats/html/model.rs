//! A web page as a tree of what is allowed. It has no place for anything that runs, fetches, asks or hides.

/// A page.
#[derive(Debug, Default)]
pub(in crate::formats) struct Page {
    /// Its language, when said.
    pub(super) lang: String,
    /// Its title.
    pub(super) title: String,
    /// The rules of its style sheets, written out.
    pub(super) rules: Vec<String>,
    /// The attributes of `body`.
    pub(super) attributes: Vec<(&'static str, String)>,
    /// What is in it.
    pub(super) children: Vec<Node>,
}

#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    Element(Element),
    Picture(Picture),
}

/// An element of the grammar and its checked attributes, in the order of their names.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) tag: &'static str,
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) children: Vec<Node>,
    /// What styles do to it; used and cleared before anything is written.
    pub(super) look: super::css::Look,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// A picture.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) alt: String,
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) source: Source,
}

/// Where a picture comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// From the page itself: the bytes of a `data:` address, not sanitised yet.
    Data(Vec<u8>),
    /// From another part of the mail.
    Part(String),
    /// A sanitised picture as a `data:` address.
    Ready(String),
    /// From outside, or from nowhere: dropped and said.
    Gone,
}
