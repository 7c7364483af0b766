//! documents/*.md: front matter, headings with attributes, the text under them.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::files::{Text as FileText, parse_part};
use super::heading::{self, Heading};
use super::ids::{Seen, Style, check_style};
use super::table::Word;
use crate::diagnostic::Diagnostic;
use crate::model::{Audience, Clause, ClauseId, Document, DocumentKind, Site, Text};
use crate::report::{Kind, Report};

const KINDS: &[(&str, DocumentKind)] = &[
    ("policy", DocumentKind::Policy),
    ("standard", DocumentKind::Standard),
    ("procedure", DocumentKind::Procedure),
    ("emergency_plan", DocumentKind::EmergencyPlan),
    ("continuity_plan", DocumentKind::ContinuityPlan),
];
const FENCE: &str = "+++";
/// Deepest nesting of lists and quotes.
const MAX_DEPTH: usize = 16;

pub(super) fn read(id: &str, file: &FileText<'_>, report: &Report) -> Option<Document> {
    let whole = Site { file: file.file.clone(), start: file.base, end: file.base };
    check_style(report, &Word { text: id.to_owned(), site: whole.clone() }, Style::Hyphens);
    let Some((front, front_at, body_at)) = split(file.text) else {
        report.file_unread();
        report.add(
            Diagnostic::error(
                "front-matter-missing",
                whole,
                "文書の先頭に +++ で囲んだ見出し情報がありません",
                "the document does not start with front matter between +++",
            )
            .expected("+++ の行、title と kind、+++ の行", "a line +++, title and kind, a line +++")
            .help("docs/pack.md の9節の例のように書いてください", "write it as in section 9 of docs/pack.md")
            .names([id]),
        );
        return None;
    };
    let toml = parse_part(&file.file, front, file.base + front_at, report)?;
    let table = toml.as_table(report);
    let audience =
        table.need_word("audience").and_then(|word| heading::audience(report, &word)).unwrap_or(Audience::Staff);
    let mut document = Document {
        id: id.to_owned(),
        title: table.need_text("title"),
        kind: table.need_one_of("kind", KINDS).unwrap_or(DocumentKind::Standard),
        audience,
        closed_because: table.text("closed_because"),
        clauses: Vec::new(),
        site: table.get("title").map_or(whole, |item| item.site()),
    };
    table.finish();
    let body = file.text.get(body_at..).unwrap_or_default();
    let reader = Reader { id, file, report, body, base: file.base + body_at };
    document.clauses = reader.clauses(&document);
    Some(document)
}

/// Front matter, where it starts, and where the rest starts.
fn split(text: &str) -> Option<(&str, usize, usize)> {
    let first = text.split_inclusive('\n').next()?;
    if first.trim_end() != FENCE {
        return None;
    }
    let mut at = first.len();
    for line in text.get(at..)?.split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return Some((text.get(first.len()..at)?, first.len(), at + line.len()));
        }
        at += line.len();
    }
    None
}

struct Reader<'a> {
    id: &'a str,
    file: &'a FileText<'a>,
    report: &'a Report,
    body: &'a str,
    base: usize,
}

/// A heading and where its text starts and ends.
struct Part {
    heading: Heading,
    depth: u8,
    start: usize,
    text_from: usize,
}

impl Reader<'_> {
    fn site(&self, start: usize, end: usize) -> Site {
        Site { file: self.file.file.clone(), start: start + self.base, end: end + self.base }
    }

    fn clauses(&self, document: &Document) -> Vec<Clause> {
        let parts = self.parts();
        let mut seen = Seen::default();
        let mut clauses: Vec<Clause> = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let end = parts.get(index + 1).map_or(self.body.len(), |next| next.start);
            let text = self.body.get(part.text_from..end).unwrap_or_default();
            let Some(slug) = &part.heading.slug else { continue };
            check_style(self.report, slug, Style::Hyphens);
            if !seen.once(self.report, slug) {
                continue;
            }
            let parent = clauses.iter().rev().find(|clause| clause.depth < part.depth);
            self.check_jump(part, parent.map(|clause| clause.depth), clauses.is_empty());
            let above = parent.map_or(&document.audience, |clause| &clause.audience);
            let because = part.heading.because.clone();
            let inherited = parent.map_or(&document.closed_because, |clause| &clause.closed_because);
            let audience = match &part.heading.audience {
                Some((audience, site)) => {
                    self.check_narrower(audience, above, site, slug);
                    audience.clone()
                }
                None => above.clone(),
            };
            let closed = (audience != Audience::Public).then(|| because.or_else(|| inherited.clone())).flatten();
            clauses.push(Clause {
                id: ClauseId { document: self.id.to_owned(), slug: slug.text.clone() },
                heading: part.heading.text.clone(),
                depth: part.depth,
                parent: parent.map(|clause| clause.id.slug.clone()),
                must: part.heading.must,
                audience,
                closed_because: closed,
                body: text.trim().replace("\r\n", "\n"),
                threats: part.heading.threats.clone(),
                was: part.heading.was.clone(),
                site: part.heading.site.clone(),
            });
        }
        clauses
    }

    fn check_jump(&self, part: &Part, above: Option<u8>, first: bool) {
        if !first && above.is_none_or(|above| part.depth <= above + 1) {
            return;
        }
        if first && part.depth <= 2 {
            return;
        }
        self.report.add(
            Diagnostic::warning(
                "heading-jumps",
                part.heading.site.clone(),
                "見出しの段が飛んでいます",
                "the heading skips a level",
            )
            .help("# の数を上の見出しより一つだけ多くしてください", "use one # more than the heading above"),
        );
    }

    fn check_narrower(&self, own: &Audience, above: &Audience, site: &Site, slug: &Word) {
        if !heading::narrower(own, above) {
            self.report.add(
                Diagnostic::error(
                    "audience-wider",
                    site.clone(),
                    format!("「{}」は、上の条項より広く公開されています", slug.text),
                    format!("'{}' is open to more readers than the clause above it", slug.text),
                )
                .expected("上の条項と同じか、より狭い範囲", "the same readers as above, or fewer")
                .help("公開範囲を狭めるか、上の条項を広げてください", "narrow it, or widen the clause above")
                .names([format!("{}#{}", self.id, slug.text)]),
            );
        }
    }

    /// Headings of the document, in order; everything that may not stand in a document is reported.
    fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut nesting = 0_usize;
        let mut lost: Option<(usize, usize)> = None;
        for (event, range) in Parser::new_ext(self.body, Options::ENABLE_TABLES).into_offset_iter() {
            self.check_event(&event, &range);
            match event {
                Event::Start(Tag::Heading { level, .. }) if nesting == 0 => {
                    let raw = self.body.get(range.clone()).unwrap_or_default().trim_end();
                    let heading = heading::read(self.report, raw, &self.site(range.start, range.start + raw.len()));
                    parts.push(Part { heading, depth: depth(level), start: range.start, text_from: range.end });
                    nesting += 1;
                }
                Event::Start(_) => {
                    if parts.is_empty() && lost.is_none() {
                        lost = Some((range.start, range.end));
                    }
                    nesting += 1;
                    if nesting == MAX_DEPTH {
                        self.too_deep(range.start);
                    }
                }
                Event::End(_) => nesting = nesting.saturating_sub(1),
                _ => {}
            }
        }
        if let Some((start, end)) = lost {
            self.report.add(
                Diagnostic::error(
                    "text-before-heading",
                    self.site(start, end),
                    "最初の見出しより前に文章があります",
                    "text stands before the first heading",
                )
                .help("見出しの下へ移してください", "move it under a heading"),
            );
        }
        parts
    }

    fn too_deep(&self, at: usize) {
        self.report.add(
            Diagnostic::error(
                "markdown-too-deep",
                self.site(at, at),
                format!("箇条書きや引用の入れ子が{MAX_DEPTH}段を超えています"),
                format!("lists and quotes are nested more than {MAX_DEPTH} deep"),
            )
            .help("入れ子を浅くしてください", "nest less"),
        );
    }

    fn check_event(&self, event: &Event<'_>, range: &std::ops::Range<usize>) {
        check_markdown(self.report, event, &self.site(range.start, range.end));
        if let Event::Start(Tag::Link { link_type, dest_url, .. }) = event {
            self.check_link(*link_type, dest_url, &self.site(range.start, range.end));
        }
    }

    fn check_link(&self, kind: LinkType, target: &str, site: &Site) {
        if let Some(slug) = target.strip_prefix('#') {
            self.report.refer(Kind::Clause, format!("{}#{slug}", self.id), site.clone());
        } else if matches!(kind, LinkType::Inline | LinkType::Autolink | LinkType::Email) {
            if is_outside(target) || kind == LinkType::Email {
                return;
            }
            if target.split_once('#').is_some_and(|(document, slug)| !document.contains([':', '/']) && !slug.is_empty())
            {
                self.report.refer(Kind::Clause, target, site.clone());
                return;
            }
            bad_link(self.report, target, site);
        } else {
            bad_link(self.report, target, site);
        }
    }
}

fn is_outside(target: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
}

fn bad_link(report: &Report, target: &str, site: &Site) {
    report.add(
        Diagnostic::error(
            "link-invalid",
            site.clone(),
            format!("「{target}」へのリンクは使えません"),
            format!("a link to '{target}' cannot stand here"),
        )
        .expected(
            "https:、http:、mailto:、#見出し、文書#見出し を ( ) に直接書いたもの",
            "https:, http:, mailto:, #slug or document#slug, written in ( )",
        )
        .help("リンク先を書き直してください", "write the target anew"),
    );
}

/// What may stand in no Markdown of a pack: HTML, pictures, controls.
fn check_markdown(report: &Report, event: &Event<'_>, site: &Site) {
    let (code, ja, en) = match event {
        Event::Html(_) | Event::InlineHtml(_) => ("markdown-html", "HTML は使えません", "HTML cannot stand here"),
        Event::Start(Tag::Image { .. }) => ("markdown-image", "画像は使えません", "pictures cannot stand here"),
        Event::Text(text) | Event::Code(text) if text.chars().any(super::item::forbidden) => (
            "control-character",
            "制御文字または書字方向の文字が含まれています",
            "a control or text-direction character stands here",
        ),
        _ => return,
    };
    report.add(
        Diagnostic::error(code, site.clone(), ja, en)
            .help("取り除くか、Markdown の書き方に改めてください", "take it out, or write it as Markdown"),
    );
}

/// Help for staff: Markdown without headings' attributes.
pub(super) fn help(file: &FileText<'_>, report: &Report) -> String {
    for (event, range) in Parser::new_ext(file.text, Options::ENABLE_TABLES).into_offset_iter() {
        let site = Site { file: file.file.clone(), start: range.start + file.base, end: range.end + file.base };
        check_markdown(report, &event, &site);
        if let Event::Start(Tag::Link { dest_url, .. }) = &event
            && !is_outside(dest_url)
        {
            if dest_url.split_once('#').is_some_and(|(document, slug)| !document.is_empty() && !slug.is_empty()) {
                report.refer(Kind::Clause, dest_url.to_string(), site);
            } else {
                bad_link(report, dest_url, &site);
            }
        }
        if matches!(event, Event::End(TagEnd::Heading(_))) && file.text.get(range).is_some_and(|raw| raw.contains("{#"))
        {
            // A slug here would read as text to the people who look for help.
            report.add(
                Diagnostic::error(
                    "help-heading-attribute",
                    Site { file: file.file.clone(), start: file.base, end: file.base },
                    "help.md の見出しに {#…} は付けられません",
                    "a heading of help.md takes no {#…}",
                )
                .help("{#…} を消してください", "take it out"),
            );
        }
    }
    file.text.trim().replace("\r\n", "\n")
}

/// The text of `help.md` with its English.
pub(super) fn help_text(ja: Option<&FileText<'_>>, en: Option<&FileText<'_>>, report: &Report) -> Text {
    Text { ja: ja.map(|file| help(file, report)).unwrap_or_default(), en: en.map(|file| help(file, report)) }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
