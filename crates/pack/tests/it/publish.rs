//! The public edition holds what is public, and nothing else.

use pack::model::Text;
use pack::{Adoption, Page, Publication, Source, publish};

use crate::base::{base, with};

fn pages(source: &Source) -> Vec<Page> {
    publish(&pack::compile(source).pack.expect("no error"), &Publication::default())
}

/// What a city recorded of its adoption.
fn recorded(body: &str) -> Publication {
    let adoption = Adoption {
        body: body.to_owned(),
        how: "共同で".to_owned(),
        edition: "2026.1".to_owned(),
        adopted_on: "令和8年4月1日".to_owned(),
        published: vec![("令和8年4月2日".to_owned(), "https://www.invalid/<policy>".to_owned(), "0123abcd".to_owned())],
    };
    Publication {
        as_of: "令和8年11月22日".to_owned(),
        hash: "feedbeef".to_owned(),
        adoptions: vec![adoption],
        counts: vec![(Text { ja: "研修を受けた職員".to_owned(), en: None }, "9人（10人のうち、90.0％）".to_owned())],
    }
}

fn page(source: &Source, path: &str) -> String {
    pages(source).into_iter().find(|page| page.path == path).expect("a page").html
}

/// Puts a mark of its own behind every word of a file's strings and lines, wherever a word can stand. Gives the marks.
fn marked(path: &str, text: &str, marks: &mut Vec<(String, String)>) -> String {
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let mut line = line.to_owned();
        let mut mark = |place: &str| {
            let word = format!("ZQ{}Q{number}Q{}ZQ", path.len(), marks.len());
            marks.push((word.clone(), format!("{path}:{}: {place}", number + 1)));
            word
        };
        for key in ["{ ja = \"", ", en = \"", "because=\"", "because-en=\"", "column = \""] {
            let mut from = 0;
            while let Some(at) = line[from..].find(key) {
                let at = from + at + key.len();
                line.insert_str(at, &mark(key));
                from = at;
            }
        }
        // Comments, and the text of documents and help: no string of TOML, no heading's attributes.
        if path.ends_with(".toml") {
            line = format!("{line} # {}", mark("comment"));
        } else if line.starts_with('#') {
            let at = line.rfind('{').unwrap_or(line.len());
            line.insert_str(at, &mark("heading"));
        } else if !line.is_empty() && !line.starts_with("+++") && !line.contains(" = ") {
            line = format!("{line}{}", mark("text"));
        }
        out += &line;
        out.push('\n');
    }
    out
}

/// Marked words in every place where a word can stand: each of them that comes out has to be a public one.
#[test]
fn closed_text_never_gets_out() {
    let mut marks = Vec::new();
    let extra = [
        ("### ネットワーク図", "### 図の公開部分 {#open-part}\n\n誰でも読める。\n\n### ネットワーク図"),
        (
            "図は別に定める。",
            "図は別に定める。[公開](#assets)\n\n- 項目\n\n| 表 | 値 |\n|---|---|\n| 甲 | 乙 |\n\n#### 下の条項 {#below}\n\n下の本文。\n",
        ),
    ];
    let mut source = base();
    let mut policy = String::from_utf8(source.get("documents/policy.md").unwrap().to_vec()).unwrap();
    for (find, replace) in extra {
        policy = policy.replace(find, replace);
    }
    source.insert("documents/policy.md", policy);
    let files: Vec<_> = source.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    for (path, bytes) in files {
        let text = String::from_utf8(bytes).unwrap();
        source.insert(path.clone(), marked(&path, &text, &mut marks));
    }
    let checked = pack::compile(&source);
    assert_eq!(checked.count(pack::Severity::Error), 0, "{}", crate::base::said(&source));
    assert!(marks.len() > 250, "{} marks", marks.len());
    let pack = checked.pack.unwrap();
    let publication = recorded(&pack.bodies[0].id);
    let out: String = publish(&pack, &publication).into_iter().map(|page| page.html).collect();
    let found: Vec<&str> =
        marks.iter().filter(|(mark, _)| out.contains(mark)).map(|(_, place)| place.as_str()).collect();
    // Of pack.toml: the municipality, and the bodies that the sheet of publication names.
    insta::assert_snapshot!(found.join("\n"), @r#"
    documents/policy.md:2: { ja = "
    documents/policy.md:7: heading
    documents/policy.md:9: heading
    documents/policy.md:11: text
    documents/policy.md:13: heading
    documents/policy.md:15: text
    documents/policy.md:17: heading
    documents/policy.md:19: text
    documents/policy.md:21: because="
    documents/policy.md:21: heading
    documents/procedure.md:2: { ja = "
    documents/procedure.md:5: { ja = "
    pack.toml:6: { ja = "
    pack.toml:17: { ja = "
    pack.toml:23: { ja = "
    pack.toml:29: { ja = "
    "#);
}

#[test]
fn a_closed_clause_is_its_heading_and_the_reason() {
    let html = page(&base(), "policy.html");
    assert!(html.contains(
        "<h3 id=\"drawings\">ネットワーク図</h3>\n<p class=\"closed\">（非公開）攻撃の手掛かりとなるため</p>"
    ));
    assert!(!html.contains("図は別に定める"));
}

#[test]
fn a_closed_document_is_its_title_and_the_reason() {
    let html = page(&base(), "procedure.html");
    assert!(html.contains("<h1>実施手順</h1>\n<p class=\"closed\">（非公開）公にすると支障があるため</p>"));
    assert!(!html.contains("許可を得て") && !html.contains("持出し"));
}

#[test]
fn a_link_to_closed_text_is_plain_text() {
    let html = page(&base(), "policy.html");
    assert!(html.contains("持出しと<a href=\"policy.html#audit\">監査</a>を見よ"), "{html}");
}

#[test]
fn what_looks_like_html_is_text() {
    let source = with(&[
        ("pack.toml", "関守市", "<b>関守市&"),
        ("documents/policy.md", "監査する。", "1 < 2 & \\<script>"),
        ("documents/policy.md", "## 第１章", "## 1 & \\<i>第１章"),
    ]);
    let html = page(&source, "policy.html");
    assert!(html.contains("&lt;b&gt;関守市&amp;") && html.contains("1 &amp; \\&lt;i&gt;第１章"));
    assert!(html.contains("1 &lt; 2 &amp; &lt;script&gt;"));
}

#[test]
fn the_sheet_says_who_adopted_and_who_did_not() {
    let pack = pack::compile(&base()).pack.expect("no error");
    let adopting: Vec<_> = pack.bodies.iter().filter(|body| body.adopts).collect();
    let html = |publication: &Publication| {
        publish(&pack, publication).into_iter().find(|page| page.path == pack::SHEET).expect("the sheet").html
    };
    let alone = html(&Publication::default());
    assert_eq!(alone.matches("記録がありません").count(), adopting.len(), "{alone}");
    let with = html(&recorded(&adopting[0].id));
    assert_eq!(with.matches("記録がありません").count(), adopting.len() - 1, "{with}");
    for part in ["令和8年4月1日", "https://www.invalid/&lt;policy&gt;", "0123abcd", "feedbeef", "90.0％"] {
        assert!(with.contains(part), "{part}: {with}");
    }
    let mut unpublished = recorded(&adopting[0].id);
    unpublished.adoptions[0].published.clear();
    assert!(html(&unpublished).contains("公表の記録がありません"));
}
