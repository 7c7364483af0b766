//! Markdown of the pack as HTML: no raw HTML passes, and links lead to our pages or to https.

use std::fmt::Write;

use askama::filters::Escaper;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::escape::Visible;

/// The HTML of a text. `document` is the page that `#clause` links lead to.
pub(crate) fn html(text: &str, document: Option<&str>) -> String {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| safe(event, document));
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, events);
    out
}

fn safe<'a>(event: Event<'a>, document: Option<&str>) -> Event<'a> {
    match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Text(text) => Event::InlineHtml(escaped(&text).into()),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = address(&dest_url, link_type, document).into();
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
        other => other,
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _written = Visible.write_escaped_str(&mut out, text);
    out
}

/// `#slug` and `standard#slug` become pages of ours; anything but https and mail leads nowhere.
fn address(dest: &str, kind: LinkType, document: Option<&str>) -> String {
    let mut out = String::new();
    if kind == LinkType::Email || dest.starts_with("mailto:") || dest.starts_with("https://") {
        return dest.to_owned();
    }
    let (page, slug) = dest.split_once('#').unwrap_or((dest, ""));
    let page = page.trim_end_matches(".md");
    let page = if page.is_empty() { document.unwrap_or_default() } else { page };
    if !page.is_empty() && page.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        let _written = write!(out, "/documents/{page}#{}", super::link::encode(slug));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_is_shown_and_not_run() {
        let out = html("前<script>alert(1)</script>後\n\n<div onclick=x>枠</div>", None);
        assert!(!out.contains("<script") && !out.contains("<div"), "{out}");
    }

    #[test]
    fn links_lead_to_clauses_or_https_only() {
        assert!(html("[条](#assets)", Some("standard")).contains("href=\"/documents/standard#assets\""));
        assert!(html("[条](policy#duty)", Some("standard")).contains("href=\"/documents/policy#duty\""));
        assert!(!html("[x](javascript:alert(1))", None).contains("javascript"));
        assert!(html("[x](https://example.jp/)", None).contains("https://example.jp/"));
    }

    #[test]
    fn reordering_characters_are_seen() {
        assert!(html("a\u{202E}b", None).contains("[U+202E]"));
    }
}
