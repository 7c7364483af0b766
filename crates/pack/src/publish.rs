//! The public edition: what everyone may read, as HTML; in the place of closed text its heading and the reason.
//!
//! Rebuilt from what is public, never cut down from the whole: a page is made only of the municipality's name, the pack's
//! version, titles of documents, headings and text of public clauses, and for what is closed its heading and reason.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

use crate::model::{Audience, Clause, Document, Pack, Text};

/// A file of the public edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name, such as `policy.html`.
    pub path: String,
    /// Its HTML.
    pub html: String,
}

const CLOSED: &str = "公にすると支障を及ぼすおそれがあるため、公開していません。";

/// The pages of the public edition: an index, and one for each document.
pub fn publish(pack: &Pack) -> Vec<Page> {
    let name = &pack.municipality.name.ja;
    let title = format!("{name} 情報セキュリティポリシー");
    let mut index = format!("<h1>{}</h1>\n<p>第{}版</p>\n", escape(&title), escape(&pack.version));
    if let Some(notice) = &pack.municipality.notice {
        index.push_str(&format!("<p class=\"notice\">{}</p>\n", escape(&notice.ja)));
    }
    index.push_str("<ul>\n");
    let mut pages = Vec::new();
    for document in &pack.documents {
        let path = format!("{}.html", document.id);
        let open = document.audience == Audience::Public;
        let mark = if open { "" } else { "（非公開）" };
        index.push_str(&format!("<li><a href=\"{}\">{}</a>{mark}</li>\n", escape(&path), escape(&document.title.ja)));
        pages.push(Page { path, html: page(&document.title.ja, &body(pack, document)) });
    }
    index.push_str("</ul>\n");
    pages.insert(0, Page { path: "index.html".to_owned(), html: page(&title, &index) });
    pages
}

fn body(pack: &Pack, document: &Document) -> String {
    let name = escape(&pack.municipality.name.ja);
    let mut out = format!(
        "<nav><a href=\"index.html\">{name} 情報セキュリティポリシー</a></nav>\n<h1>{}</h1>\n",
        escape(&document.title.ja)
    );
    if document.audience != Audience::Public {
        out.push_str(&closed(document.closed_because.as_ref()));
        return out;
    }
    for clause in &document.clauses {
        if clause.audience == Audience::Public {
            out.push_str(&heading(clause));
            push_text(pack, document, &clause.body, &mut out);
        } else if is_public(document, clause.parent.as_deref()) {
            // The first closed clause of a branch; those below it are not named at all.
            out.push_str(&heading(clause));
            out.push_str(&closed(clause.closed_because.as_ref()));
        }
    }
    out
}

/// Whether the clause of this slug is public; the document itself, without a slug.
fn is_public(document: &Document, slug: Option<&str>) -> bool {
    slug.is_none_or(|slug| {
        document.clauses.iter().any(|clause| clause.id.slug == slug && clause.audience == Audience::Public)
    })
}

fn closed(because: Option<&Text>) -> String {
    let reason = because.map_or(CLOSED, |text| &text.ja);
    format!("<p class=\"closed\">（非公開）{}</p>\n", escape(reason))
}

fn heading(clause: &Clause) -> String {
    let level = (clause.depth).clamp(2, 6);
    format!("<h{level} id=\"{}\">{}</h{level}>\n", escape(&clause.id.slug), escape(&clause.heading))
}

/// Appends Markdown as HTML. Links to clauses lead to their pages where they are named there, and are plain text elsewhere.
fn push_text(pack: &Pack, document: &Document, text: &str, out: &mut String) {
    let mut unlinked = 0_usize;
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. }) => None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => match target(pack, document, &dest_url) {
            Some(dest_url) => Some(Event::Start(Tag::Link { link_type, dest_url: dest_url.into(), title, id })),
            None => {
                unlinked += 1;
                None
            }
        },
        Event::End(pulldown_cmark::TagEnd::Link) if unlinked > 0 => {
            unlinked -= 1;
            None
        }
        Event::End(pulldown_cmark::TagEnd::Image) => None,
        other => Some(other),
    });
    html::push_html(out, events);
}

fn target(pack: &Pack, document: &Document, link: &CowStr<'_>) -> Option<String> {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
        return Some(link.to_string());
    }
    let (id, slug) = link.split_once('#')?;
    let to = if id.is_empty() { document } else { pack.document(id)? };
    let clause = to.clauses.iter().find(|clause| clause.id.slug == slug)?;
    (to.audience == Audience::Public && clause.audience == Audience::Public).then(|| format!("{}.html#{slug}", to.id))
}

/// Text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A whole page: nothing is fetched, nothing runs.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

const STYLE: &str = "\
body{font-family:'BIZ UDPGothic','Meiryo','Noto Sans CJK JP',sans-serif;line-height:1.8;color:#1a1a1a;background:#fff;margin:0}\n\
main{max-width:52rem;margin:0 auto;padding:1.5rem}\n\
h1{font-size:1.6rem;border-bottom:2px solid #0017c1}\nh2{font-size:1.35rem;margin-top:2.5rem}\nh3{font-size:1.15rem}\n\
.closed,.none{color:#4d4d4d;background:#f2f2f2;padding:.5rem 1rem}\n\
table{border-collapse:collapse}\nth,td{border:1px solid #767676;padding:.3rem .6rem;vertical-align:top;text-align:left}\n\
.sides{width:100%;table-layout:fixed}\n.sides td{overflow-wrap:anywhere}\n\
@media print{main{max-width:none;padding:0}}\n";
