//! The public edition: what everyone may read, as HTML; in the place of closed text its heading and the reason.
//!
//! Rebuilt from what is public, never cut down from the whole: a page is made only of the municipality's name, the pack's
//! version, titles of documents, headings and text of public clauses, and for what is closed its heading and reason; the sheet
//! of publication of the names of bodies and of what the caller hands in for it.

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

/// When and how a body adopted the policy, and where it was published (地方自治法第244条の6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adoption {
    /// The body's id in the pack.
    pub body: String,
    /// How: together with others, or alone.
    pub how: String,
    /// Edition.
    pub edition: String,
    /// The day of the adoption, as it is printed.
    pub adopted_on: String,
    /// Each publication: day as it is printed, where, and the value that tells the text from another.
    pub published: Vec<(String, String, String)>,
}

/// What the sheet of publication says beside the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// The day on which this is so, as it is printed; empty when the pack alone is published.
    pub as_of: String,
    /// SHA-256 of the text, in hexadecimal: of all pages of [`texts`], one after the other.
    pub hash: String,
    /// Adoptions that were recorded; none when the pack alone is published.
    pub adoptions: Vec<Adoption>,
    /// Counts: what, and the number as it is printed.
    pub counts: Vec<(Text, String)>,
}

/// The name of the sheet's page.
pub const SHEET: &str = "publication.html";

/// The pages of the text, one for each document.
pub fn texts(pack: &Pack) -> Vec<Page> {
    let text = |document: &Document| Page {
        path: format!("{}.html", document.id),
        html: page(&document.title.ja, &body(pack, document)),
    };
    pack.documents.iter().map(text).collect()
}

/// The pages of the public edition: an index, one for each document, and the sheet of publication.
pub fn publish(pack: &Pack, publication: &Publication) -> Vec<Page> {
    let mut pages = vec![index(pack)];
    pages.extend(texts(pack));
    pages.push(sheet(pack, publication));
    pages
}

fn index(pack: &Pack) -> Page {
    let name = &pack.municipality.name.ja;
    let title = format!("{name} 情報セキュリティポリシー");
    let mut index = format!("<h1>{}</h1>\n<p>第{}版</p>\n", escape(&title), escape(&pack.version));
    if let Some(notice) = &pack.municipality.notice {
        index.push_str(&format!("<p class=\"notice\">{}</p>\n", escape(&notice.ja)));
    }
    index.push_str("<ul>\n");
    for document in &pack.documents {
        let open = document.audience == Audience::Public;
        let mark = if open { "" } else { "（非公開）" };
        let path = escape(&format!("{}.html", document.id));
        index.push_str(&format!("<li><a href=\"{path}\">{}</a>{mark}</li>\n", escape(&document.title.ja)));
    }
    index.push_str(&format!("</ul>\n<p><a href=\"{SHEET}\">策定と公表の記録</a></p>\n"));
    Page { path: "index.html".to_owned(), html: page(&title, &index) }
}

/// The sheet of publication: every body that has to adopt, and what is recorded of it.
fn sheet(pack: &Pack, publication: &Publication) -> Page {
    let title = "策定と公表の記録";
    let name = escape(&pack.municipality.name.ja);
    let mut out = format!(
        "<nav><a href=\"index.html\">{name} 情報セキュリティポリシー</a></nav>\n<h1>{title}</h1>\n\
         <p>地方自治法第244条の6の方針を、各機関が定めて公表した記録です。{}</p>\n<p>第{}版</p>\n",
        if publication.as_of.is_empty() { String::new() } else { format!("{}現在。", escape(&publication.as_of)) },
        escape(&pack.version)
    );
    if !publication.hash.is_empty() {
        out.push_str(&format!(
            "<p>本文の照合値（SHA-256、文書のページを目次の順につないだもの）<br><code>{}</code></p>\n",
            escape(&publication.hash)
        ));
    }
    out.push_str(
        "<table>\n<thead><tr><th scope=\"col\">機関</th><th scope=\"col\">定め方</th><th scope=\"col\">版</th>\
         <th scope=\"col\">定めた日</th><th scope=\"col\">公表した日と場所</th></tr></thead>\n<tbody>\n",
    );
    for body in pack.bodies.iter().filter(|body| body.adopts) {
        let covered = pack.bodies.iter().filter(|other| other.adopted_by.as_deref() == Some(&body.id));
        let covered: Vec<&str> = covered.map(|other| other.name.ja.as_str()).collect();
        let mut who = escape(&body.name.ja);
        if !covered.is_empty() {
            who.push_str(&format!("<br>（{}を含む）", escape(&covered.join("、"))));
        }
        let recorded: Vec<&Adoption> = publication.adoptions.iter().filter(|a| a.body == body.id).collect();
        if recorded.is_empty() {
            out.push_str(&format!("<tr><th scope=\"row\">{who}</th><td colspan=\"4\">記録がありません</td></tr>\n"));
        }
        for adoption in recorded {
            out.push_str(&format!(
                "<tr><th scope=\"row\">{who}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escape(&adoption.how),
                escape(&adoption.edition),
                escape(&adoption.adopted_on),
                published(&adoption.published)
            ));
        }
    }
    out.push_str("</tbody>\n</table>\n");
    if !publication.counts.is_empty() {
        out.push_str("<h2>取組の状況</h2>\n<table>\n<tbody>\n");
        for (what, count) in &publication.counts {
            out.push_str(&format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(&what.ja), escape(count)));
        }
        out.push_str("</tbody>\n</table>\n");
    }
    Page { path: SHEET.to_owned(), html: page(title, &out) }
}

fn published(publications: &[(String, String, String)]) -> String {
    if publications.is_empty() {
        return "公表の記録がありません".to_owned();
    }
    let one = |(day, place, hash): &(String, String, String)| {
        format!("{}<br>{}<br><code>{}</code>", escape(day), escape(place), escape(hash))
    };
    publications.iter().map(one).collect::<Vec<_>>().join("<br>")
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
