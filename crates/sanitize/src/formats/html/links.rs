//! Links whose text names another address than the one they lead to.

use super::model::{Element, Node, Page};
use crate::format::Format;
use crate::report::Findings;
use crate::words::What;

/// How a text of ours is written, so that it is seen wherever it stands.
pub(super) const SEEN: &str = "background-color:#fff;color:#000;font-size:medium";

/// In a static page, such a link becomes text with its real target beside it; the other links are said.
pub(super) fn check(page: &mut Page, findings: &mut Findings) {
    nodes(&mut page.children, findings);
}

fn nodes(nodes_of: &mut [Node], findings: &mut Findings) {
    for node in nodes_of {
        let Node::Element(element) = node else { continue };
        nodes(&mut element.children, findings);
        let Some(target) = element.attribute("href").filter(|target| !target.starts_with('#')).map(str::to_owned)
        else {
            continue;
        };
        if differs(&text_of(element), &target) {
            element.tag = "span";
            element.attributes = vec![("style", SEEN.to_owned())];
            element.children.push(Node::Text(format!("［リンク先：{target}］")));
            findings.removed(What::LinkMismatch, target);
        } else {
            findings.noted(What::Hyperlink, target);
        }
    }
}

/// The text of an element.
pub(super) fn text_of(element: &Element) -> String {
    let mut text = String::new();
    collect(&element.children, &mut text);
    text
}

fn collect(nodes: &[Node], into: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => into.push_str(text),
            Node::Element(element) => collect(&element.children, into),
            Node::Picture(_) => into.push(' '),
        }
    }
}

/// Whether a link's text names a host that is not the target's, or the target hides its host behind a user name.
pub(super) fn differs(text: &str, target: &str) -> bool {
    let Some((host, disguised)) = host(target) else { return false };
    disguised || names_other_host(&text.to_lowercase(), &host)
}

/// Whether a text (in lower case) names a host that is not this one.
pub(in crate::formats) fn names_other_host(text: &str, host: &str) -> bool {
    let of_address = |c: char| c.is_ascii_alphanumeric() || ".-@:/?#_%=&~".contains(c);
    let mut words = text.split(|c: char| !of_address(c));
    words.any(|word| named_host(word).is_some_and(|named| !same_site(&named, host)))
}

/// Whether a link's text is its target already.
pub(super) fn same(text: &str, target: &str) -> bool {
    let plain = |text: &str| {
        let text = text.trim().to_lowercase();
        let text = text.strip_prefix("mailto:").unwrap_or(&text);
        text.trim_end_matches('/').to_owned()
    };
    plain(text) == plain(target)
}

/// The host of a target, and whether a user name stands before it that could be taken for one.
fn host(target: &str) -> Option<(String, bool)> {
    let target = target.to_lowercase();
    if let Some(address) = target.strip_prefix("mailto:") {
        let address = address.split('?').next()?;
        return Some((address.rsplit_once('@')?.1.to_owned(), false));
    }
    let rest = target.split_once("//")?.1;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    Some((host.split(':').next()?.to_owned(), !user.is_empty()))
}

/// The host that a word of a link's text names: of an address, or of its own, when it cannot be a file's name.
fn named_host(word: &str) -> Option<String> {
    let (rest, sure) = match word.split_once("//") {
        Some((_, rest)) => (rest, true),
        None => (word, word.starts_with("www.") || word.contains('@')),
    };
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?.split(':').next()?.trim_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last()?;
    let letters = last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    let named = labels.len() >= 2 && letters && labels.iter().all(|label| !label.is_empty());
    let file = Format::ALL.iter().any(|format| format.extension() == *last);
    (named && (sure || !file)).then(|| host.to_owned())
}

fn same_site(a: &str, b: &str) -> bool {
    a == b || a.ends_with(&format!(".{b}")) || b.ends_with(&format!(".{a}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_address_differs() {
        for (text, target) in [
            ("https://www.city.invalid/", "https://evil.invalid/"),
            ("手続きは www.city.invalid へ", "http://city.invalid.evil.invalid/"),
            ("市のページ", "https://www.city.invalid@evil.invalid/"),
            ("info@city.invalid", "mailto:info@evil.invalid"),
        ] {
            assert!(differs(text, target), "{text} {target}");
        }
        for (text, target) in [
            ("https://www.city.invalid/a", "https://www.city.invalid/a"),
            ("city.invalid", "https://www.city.invalid/a"),
            ("こちら", "https://evil.invalid/"),
            ("要領.pdf", "https://www.city.invalid/1.pdf"),
            ("10.5%", "https://www.city.invalid/"),
        ] {
            assert!(!differs(text, target), "{text} {target}");
        }
        assert!(same("https://a.invalid", "https://a.invalid/") && same("x@a.invalid", "mailto:x@a.invalid"));
    }
}
