//! A heading's attributes: `### (2) 情報資産 {#assets .must threats="loss" audience="staff"}`.

use std::ops::Range;

use super::table::Word;
use crate::diagnostic::Diagnostic;
use crate::model::{Audience, Site, Text};
use crate::report::{Kind, Report};
use crate::suggest;

const KEYS: &[&str] = &["audience", "because", "because-en", "threats", "was"];

/// What a heading line says.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) text: String,
    pub(super) slug: Option<Word>,
    pub(super) must: bool,
    pub(super) audience: Option<(Audience, Site)>,
    pub(super) because: Option<Text>,
    pub(super) threats: Vec<String>,
    pub(super) was: Option<String>,
    pub(super) site: Site,
}

/// Reads a heading's line; `site` is where it stands.
pub(super) fn read(report: &Report, raw: &str, site: &Site) -> Heading {
    let (title, attributes) = match raw.strip_suffix('}').and_then(|rest| rest.rfind('{')) {
        Some(open) => (raw.get(..open).unwrap_or_default(), open + 1..raw.len() - 1),
        None => (raw, raw.len()..raw.len()),
    };
    let text = title.trim_start_matches(['#', ' ', '\u{3000}', '\t']).trim_end().to_owned();
    let mut heading = Heading {
        text,
        slug: None,
        must: false,
        audience: None,
        because: None,
        threats: Vec::new(),
        was: None,
        site: site.clone(),
    };
    let mut english = None;
    for span in words(raw, attributes) {
        let word = raw.get(span.clone()).unwrap_or_default();
        let at = |span: Range<usize>| Site {
            file: site.file.clone(),
            start: site.start + span.start,
            end: site.start + span.end,
        };
        if let Some(slug) = word.strip_prefix('#') {
            heading.slug = Some(Word { text: slug.to_owned(), site: at(span.start + 1..span.end) });
        } else if word == ".must" {
            heading.must = true;
        } else if let Some((key, value)) = word.split_once('=').filter(|(key, _)| KEYS.contains(key)) {
            let value = value.trim_matches('"');
            let word = Word { text: value.to_owned(), site: at(span) };
            match key {
                "audience" => heading.audience = audience(report, &word).map(|audience| (audience, word.site)),
                "because" => heading.because = Some(Text { ja: value.to_owned(), en: None }),
                "because-en" => english = Some(value.to_owned()),
                "was" => heading.was = Some(value.to_owned()),
                _ => {
                    for threat in value.split_whitespace() {
                        report.refer(Kind::Threat, threat, word.site.clone());
                        heading.threats.push(threat.to_owned());
                    }
                }
            }
        } else {
            unknown(report, word, at(span));
        }
    }
    if let Some(because) = &mut heading.because {
        because.en = english;
    }
    if heading.slug.is_none() {
        report.add(
            Diagnostic::error(
                "heading-without-slug",
                site.clone(),
                format!("見出し「{}」に {{#…}} がありません", heading.text),
                format!("the heading '{}' has no {{#…}}", heading.text),
            )
            .expected(
                "{#assets} のような、番号が変わっても変わらない名",
                "a name such as {#assets}, stable when numbers change",
            )
            .help("見出しの行末に {#名前} を付けてください", "add {#slug} at the end of the line"),
        );
    }
    heading
}

fn unknown(report: &Report, word: &str, site: Site) {
    let key = word.split('=').next().unwrap_or(word);
    let near = suggest::nearest(key, KEYS.iter().copied().chain([".must"]));
    let diagnostic = Diagnostic::error(
        "heading-attribute",
        site,
        format!("見出しに「{word}」は付けられません"),
        format!("'{word}' cannot stand in a heading"),
    )
    .expected(
        "#名前 .must audience=\"…\" because=\"…\" because-en=\"…\" threats=\"…\" was=\"…\"",
        "#slug .must audience=\"…\" because=\"…\" because-en=\"…\" threats=\"…\" was=\"…\"",
    )
    .names([word]);
    report.add(match near {
        Some(near) => diagnostic.help(format!("「{near}」ではありませんか"), format!("did you mean '{near}'?")),
        None => diagnostic.help("上のいずれかにしてください", "use one of these"),
    });
}

/// The words of a part of a line, split at spaces outside of quotes.
fn words(raw: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let (mut start, mut quoted) = (None, false);
    for (at, c) in raw.char_indices().filter(|(at, _)| part.contains(at)) {
        if c == '"' {
            quoted = !quoted;
        }
        if c.is_whitespace() && !quoted {
            if let Some(start) = start.take() {
                spans.push(start..at);
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(start) = start {
        spans.push(start..part.end);
    }
    spans
}

/// Reads who may read: `public`, `staff`, `contractor`, `restricted(role, role)`.
pub(super) fn audience(report: &Report, word: &Word) -> Option<Audience> {
    match word.text.as_str() {
        "public" => return Some(Audience::Public),
        "staff" => return Some(Audience::Staff),
        "contractor" => return Some(Audience::Contractor),
        _ => {}
    }
    let roles = word.text.strip_prefix("restricted(").and_then(|rest| rest.strip_suffix(')'));
    let roles: Vec<_> =
        roles.into_iter().flat_map(|list| list.split(',')).map(str::trim).filter(|r| !r.is_empty()).collect();
    if !roles.is_empty() {
        for role in &roles {
            report.refer(Kind::Role, *role, word.site.clone());
        }
        return Some(Audience::Restricted(roles.into_iter().map(str::to_owned).collect()));
    }
    report.add(
        Diagnostic::error(
            "audience-invalid",
            word.site.clone(),
            format!("「{}」では誰が読めるか決まりません", word.text),
            format!("'{}' does not say who may read", word.text),
        )
        .expected(
            "public, staff, contractor, restricted(役割, 役割)",
            "public, staff, contractor, restricted(role, role)",
        )
        .help("上のいずれかを書いてください", "write one of these"),
    );
    None
}

/// Whether everyone of `own` is also among `above`.
pub(super) fn narrower(own: &Audience, above: &Audience) -> bool {
    match (own, above) {
        (_, Audience::Public) => true,
        (Audience::Public, _) => false,
        (_, Audience::Contractor) => true,
        (Audience::Contractor, _) => false,
        (_, Audience::Staff) => true,
        (Audience::Staff, Audience::Restricted(_)) => false,
        (Audience::Restricted(own), Audience::Restricted(above)) => own.iter().all(|role| above.contains(role)),
    }
}
